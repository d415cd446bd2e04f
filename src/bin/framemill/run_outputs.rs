//! The additional files of a run: statistics, during the run and at its end, and a page about it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use framemill::{EncodeStats, MovieRecord, PacketRecord, PacketStats, RunRecord, Settings, VideoWriter};
use tempfile::NamedTempFile;

use crate::args::EncodeArguments;
use crate::report::{self, Report};
use crate::stats_file::{self, StatsFile};

/// Checks that the requested files can be written, before anything is made.
pub(crate) fn check(arguments: &EncodeArguments) -> anyhow::Result<()> {
    let options = &arguments.report_options;
    if let Some(path) = &options.stats {
        stats_file::check_name(path)?;
    }
    if let Some(path) = &options.report {
        report::check_name(path)?;
    }
    Ok(())
}

/// Checks that the file does not exist, if `no_clobber` is set.
pub(crate) fn check_absent(path: &Path, no_clobber: bool) -> anyhow::Result<()> {
    if no_clobber && path.exists() {
        anyhow::bail!("{} already exists, and --no-clobber forbids replacing it", path.display());
    }
    Ok(())
}

/// The files that are being written.
pub(crate) struct RunOutputs {
    files: Arc<Mutex<Files>>,
    page: Option<Page>,
}

/// The report, which is written at the end.
struct Page {
    path: PathBuf,
    /// The temporary file beside it, until the page is complete.
    file: NamedTempFile,
    movie: MovieRecord,
    /// The file of the movie.
    output: PathBuf,
}

struct Files {
    stats: Option<StatsFile>,
    report: Option<Report>,
    /// Why nothing more is written. The movie continues.
    failure: Option<anyhow::Error>,
}

impl RunOutputs {
    /// Makes the requested files, and registers for the packets of `video`.
    pub(crate) fn start(
        arguments: &EncodeArguments,
        settings: &Settings,
        video: &mut VideoWriter,
    ) -> anyhow::Result<Self> {
        let options = &arguments.report_options;
        let output = arguments.output.display().to_string();
        let movie = MovieRecord::new(&output, video.container(), settings, video.time_base())?;
        let no_clobber = !arguments.movie_options.replaces();
        options.stats.iter().chain(&options.report).try_for_each(|path| check_absent(path, no_clobber))?;
        let page = match &options.report {
            Some(path) => Some(Page::open(path, movie.clone(), arguments.output.clone())?),
            None => None,
        };
        let stats = options.stats.as_ref().map(|path| StatsFile::create(path, &movie)).transpose()?;
        let report = page.as_ref().map(|_| Report::new());
        let wanted = stats.is_some() || report.is_some();
        let files = Arc::new(Mutex::new(Files { stats, report, failure: None }));
        if wanted {
            let files = Arc::clone(&files);
            video.on_packet(move |packet| lock(&files).packet(packet))?;
        }
        Ok(Self { files, page })
    }

    /// Writes the totals of the movie, which is `complete` or not; returns all errors.
    pub(crate) fn end(self, stats: &EncodeStats, complete: bool) -> Vec<anyhow::Error> {
        let mut files = lock(&self.files);
        let run = RunRecord::new(stats, complete);
        let file = files.stats.take().map_or(Ok(()), |file| file.end(&run));
        let page = self.page.zip(files.report.take());
        let page = page.map_or(Ok(()), |(page, report)| page.write(report, &run, complete));
        files.failure.take().into_iter().chain(file.err()).chain(page.err()).collect()
    }
}

/// Makes a new file beside `path`, which will replace it when complete.
pub(crate) fn new_beside(path: &Path) -> anyhow::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    // It gets the permissions of a normal new file.
    let create = |path: &Path| {
        let file = File::create_new(path)?;
        // It is locked, as the library's own working files are: the next run removes it if this one is killed.
        let _ = file.try_lock();
        Ok(file)
    };
    let file = tempfile::Builder::new().prefix(".framemill-").rand_bytes(8).suffix(".tmp").make_in(folder, create);
    file.with_context(|| format!("cannot write {}", path.display()))
}

impl Page {
    fn open(path: &Path, movie: MovieRecord, output: PathBuf) -> anyhow::Result<Self> {
        Ok(Self { path: path.to_owned(), file: new_beside(path)?, movie, output })
    }

    fn write(mut self, report: Report, run: &RunRecord, complete: bool) -> anyhow::Result<()> {
        let (movie, run) = (serde_json::to_value(&self.movie)?, serde_json::to_value(run)?);
        let is_file = std::fs::metadata(&self.output).is_ok_and(|data| data.is_file());
        let pictures = match (complete, self.output.as_os_str() == "-") {
            (_, true) => Err("the movie went to standard output".to_owned()),
            (false, _) => Err("the movie was not finished".to_owned()),
            (true, false) if !is_file => Err("the movie went to an output that cannot be read again".to_owned()),
            (true, false) => framemill::thumbnails(&self.output, &report.pictured(&run), report::THUMBNAIL_WIDTH)
                .map_err(|error| error.to_string()),
        };
        let page = report.page(&movie, &run, &pictures);
        let written = self.file.write_all(page.as_bytes());
        let published = written.and_then(|()| Ok(self.file.persist(&self.path).map(drop)?));
        published.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn lock(files: &Mutex<Files>) -> std::sync::MutexGuard<'_, Files> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    fn packet(&mut self, packet: &PacketStats) {
        if let Some(report) = &mut self.report {
            report.add(packet);
        }
        let Some(file) = &mut self.stats else { return };
        if let Err(error) = file.packet(&PacketRecord::from(packet)) {
            // The movie is worth more than its statistics.
            self.stats = None;
            self.failure = Some(error);
        }
    }
}
