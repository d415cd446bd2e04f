//! `join --stats FILE`: the statistics of a joined movie.

use std::path::{Path, PathBuf};

use anyhow::Context;
use framemill::{MovieRecord, PacketRecord, RunRecord};
use tempfile::NamedTempFile;

use crate::args::JoinArguments;
use crate::overlap::is_same;
use crate::run_outputs::{check_absent, new_beside};
use crate::stats_file::{self, StatsFile};
use crate::usage::WrongUsage;

/// A statistics file that is written after the movie is finished.
pub(crate) struct JoinedStats {
    path: PathBuf,
    /// The temporary file beside it, until it is complete.
    file: NamedTempFile,
}

impl JoinedStats {
    /// Makes the requested file, if any.
    pub(crate) fn open(arguments: &JoinArguments) -> anyhow::Result<Option<Self>> {
        let Some(path) = &arguments.stats else { return Ok(None) };
        stats_file::check_name(path)?;
        if arguments.output.as_os_str() == "-" {
            let why = "they are read from the movie, and standard output cannot be read again";
            return Err(WrongUsage(format!("--stats cannot be combined with -o -: {why}")).into());
        }
        let read_or_written = arguments.segments.iter().chain([&arguments.output]);
        if let Some(other) = read_or_written.into_iter().find(|other| is_same(path, other)) {
            let (path, other) = (path.display(), other.display());
            return Err(WrongUsage(format!("--stats {path} would replace {other}: choose another name")).into());
        }
        check_absent(path, arguments.no_clobber)?;
        Ok(Some(Self { path: path.clone(), file: new_beside(path)? }))
    }

    /// Writes the statistics of the finished movie.
    pub(crate) fn write(self, movie: &Path) -> anyhow::Result<()> {
        let inspection = framemill::inspect(movie)?;
        let record = MovieRecord::of_inspection(&movie.display().to_string(), &inspection);
        let mut stats = StatsFile::start_in(self.file.reopen()?, &self.path, &record)?;
        for packet in &inspection.packets {
            stats.packet(&PacketRecord::from(packet))?;
        }
        stats.end(&RunRecord::of_inspection(&inspection))?;
        self.file.persist(&self.path).with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(())
    }
}
