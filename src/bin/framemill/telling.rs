//! What a run tells beside its movie: files of statistics, while it goes and at its end.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use framemill::{EncodeStats, MovieRecord, PacketRecord, PacketStats, RunRecord, Settings, VideoWriter};

use crate::args::EncodeArguments;
use crate::stats_file::{self, StatsFile};
use crate::usage::WrongUsage;

/// Checks that what was asked to be told can be, before anything is made.
pub(crate) fn check(arguments: &EncodeArguments) -> anyhow::Result<()> {
    let options = &arguments.telling_options;
    if let Some(path) = &options.stats {
        stats_file::check_name(path)?;
    }
    let files = [("--output", Some(&arguments.output)), ("--stats", options.stats.as_ref())];
    for (place, (option, path)) in files.iter().enumerate() {
        for (other_option, other_path) in &files[..place] {
            if let (Some(path), Some(other_path)) = (path, other_path)
                && is_same(path, other_path)
            {
                let path = path.display();
                return Err(WrongUsage(format!("{other_option} and {option} are the same file: {path}")).into());
            }
        }
    }
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> bool {
    let absolute = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    one == other || absolute(one).ok().zip(absolute(other).ok()).is_some_and(|(one, other)| one == other)
}

/// The files that are being written.
pub(crate) struct Telling {
    files: Arc<Mutex<Files>>,
}

struct Files {
    stats: Option<StatsFile>,
    /// Why nothing more is written. The movie goes on.
    failure: Option<anyhow::Error>,
}

impl Telling {
    /// Makes the files that were asked for, and listens to `video`.
    pub(crate) fn start(
        arguments: &EncodeArguments,
        settings: &Settings,
        video: &mut VideoWriter,
    ) -> anyhow::Result<Self> {
        let options = &arguments.telling_options;
        let output = arguments.output.display().to_string();
        let movie = MovieRecord::new(&output, video.container(), settings, video.time_base())?;
        let stats = options.stats.as_ref().map(|path| StatsFile::create(path, &movie)).transpose()?;
        let wanted = stats.is_some();
        let files = Arc::new(Mutex::new(Files { stats, failure: None }));
        if wanted {
            let files = Arc::clone(&files);
            video.on_packet(move |packet| lock(&files).packet(packet))?;
        }
        Ok(Self { files })
    }

    /// Writes what came of the movie, which was finished or not.
    pub(crate) fn end(self, stats: &EncodeStats, complete: bool) -> anyhow::Result<()> {
        let mut files = lock(&self.files);
        if let Some(failure) = files.failure.take() {
            return Err(failure);
        }
        let run = RunRecord::new(stats, complete);
        files.stats.take().map_or(Ok(()), |file| file.end(&run))
    }
}

fn lock(files: &Mutex<Files>) -> std::sync::MutexGuard<'_, Files> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    fn packet(&mut self, packet: &PacketStats) {
        let Some(file) = &mut self.stats else { return };
        if let Err(error) = file.packet(&PacketRecord::from(packet)) {
            // The movie is worth more than what is told of it.
            self.stats = None;
            self.failure = Some(error);
        }
    }
}
