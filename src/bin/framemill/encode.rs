//! `framemill encode`: encodes the frames of a source to a movie, until the source ends or a signal arrives.

use std::process::ExitCode;

use anyhow::Context;
use crossbeam_channel::{Receiver, select};
use framemill::{
    Container, Error, FrameLayout, FrameSource, FrameView, InvalidInput, InvalidSettings, OptionId, PixelFormat,
    Plan, Result, Settings, StopToken, Strips, VideoWriter, VideoWriterBuilder,
};

use crate::args::EncodeArguments;
use crate::holds::Holds;
use crate::messages::print_line;
use crate::progress::Progress;
use crate::read_ahead::{ReadAhead, ReadFrame};
use crate::repeat::Repeat;
use crate::run_outputs::{self, RunOutputs};
use crate::signals::Signals;
use crate::trim::Trim;
use crate::usage::WrongUsage;
use crate::{FAILED, described, overlap, raw, resolve, signals};

/// Why there are no more frames.
enum End {
    Source,
    Signal(i32),
    /// The input failed.
    Broken(Error),
    /// The movie failed.
    Failed(anyhow::Error),
}

pub(crate) fn run(arguments: &EncodeArguments) -> anyhow::Result<ExitCode> {
    let codec = arguments.movie_options.codec()?;
    overlap::check(arguments)?;
    run_outputs::check(arguments)?;
    let (start, frames) = resolve::part(arguments)?;
    let input_stop = StopToken::default();
    let input = Repeat::open(arguments, &input_stop)?;
    let input_frames = input.exact_frame_count();
    // The first frame of the input sets the format of all segments.
    let first_layout = arguments.input_options.segment.map(|_| input.layout());
    // The input may grow while it is read.
    let frames = frames.map(|most| input_frames.map_or(most, |count| most.min(count.saturating_sub(start))));
    let mut source = Trim::new(input, start, frames)?;
    let layout = first_layout.unwrap_or(source.layout());
    let frame_rate = arguments
        .movie_options
        .frame_rate()
        .or(source.frame_rate())
        .ok_or_else(|| WrongUsage("the input has no frame rate: give -r, as in -r 30".to_owned()))?;
    let holds = Holds::of(&source, arguments);
    let mut settings = resolve::settings(&arguments.movie_options, layout, frame_rate)?;
    // If there is no container, making the writer reports it.
    let container = arguments.movie_options.container().or_else(|| Container::from_path(&arguments.output).ok());
    settings.chroma_location = container.and_then(|container| raw::chroma_location(&settings, layout, container));
    let keeps = |format| resolve::keeps(arguments, &codec, layout.format, format);
    let signals = Signals::listen().context("cannot listen to signals")?;
    signals.stop_input(input_stop);
    let special = arguments.output.as_os_str() != "-"
        && std::fs::metadata(&arguments.output).is_ok_and(|data| !data.is_file());
    // The other end of a pipe may never be opened.
    if !special {
        signals.keep_movie();
    }
    let builder = builder(arguments, &settings, source.frame_count())?;
    let mut video = match arguments.input_options.segment {
        None => builder.create()?,
        Some(segment) if input_frames.is_some_and(|count| count <= start) => return Err(ends_before(segment)),
        Some(segment) => planned(builder, input_frames)?.segment(segment, resolve::output(arguments)?)?,
    };
    holds.check(video.container(), arguments)?;
    signals.keep_movie();
    signals.stop(video.stop_token());
    let outputs = RunOutputs::start(arguments, &settings, &mut video)?;
    let mut progress = Progress::new(&arguments.report_options, source.frame_count());
    if arguments.input_options.resume {
        progress.resume(video.frames(), arguments.report_options.quiet);
        source.resume(video.frames(), &arguments.output);
    }
    if source.gives_strips() {
        let end = pump_strips(&mut source, &signals.heard, &mut video, &mut progress);
        let skipped = source.skipped_frames();
        let run = Run { arguments, signals: &signals, progress: &progress, outputs, skipped };
        return run.conclude(video, end);
    }
    let ahead = ReadAhead::start(Box::new(source)).context("cannot start a thread")?;
    let end = pump(&ahead, &signals.heard, &mut video, &mut progress, holds, layout.format, keeps)
        .unwrap_or_else(End::Failed);
    let run = Run { arguments, signals: &signals, progress: &progress, outputs, skipped: ahead.skipped() };
    run.conclude(video, end)
}

/// Returns the builder of the movie of a run with this number of frames, if it is known.
fn builder(
    arguments: &EncodeArguments,
    settings: &Settings,
    frames: Option<u64>,
) -> anyhow::Result<VideoWriterBuilder> {
    let Settings { width, height, frame_rate, .. } = *settings;
    let output = resolve::output(arguments)?;
    let mut builder = VideoWriter::builder(output, width, height, frame_rate).settings(settings.clone());
    if let Some(audio) = arguments.movie_options.audio() {
        builder = builder.audio(audio);
    }
    if arguments.input_options.resume {
        builder = builder.resume();
    }
    Ok(match frames {
        Some(frames) => builder.expected_frames(frames),
        None => builder,
    })
}

/// Returns the plan of a movie of all frames of the input, with their number if it is known.
fn planned(builder: VideoWriterBuilder, input_frames: Option<u64>) -> anyhow::Result<Plan> {
    let plan = match builder.plan() {
        Err(Error::Settings(InvalidSettings::Conflict { option: OptionId::Audio, .. })) => {
            let why = "sound is made once, for the whole movie: give it to framemill join";
            return Err(WrongUsage(format!("--segment cannot be combined with --audio: {why}")).into());
        }
        // `--segment` sets the number of jobs to 1, so an error about jobs is about `--segment`.
        Err(Error::Settings(InvalidSettings::Conflict { option: OptionId::Jobs, with, hint })) => {
            return Err(WrongUsage(format!("--segment cannot be combined with {with}: {hint}")).into());
        }
        plan => plan?,
    };
    Ok(match input_frames {
        Some(frames) => plan.with_frames(frames),
        None => plan,
    })
}

fn ends_before(segment: u64) -> anyhow::Error {
    anyhow::anyhow!("no frame was written, so there is no segment: the input ends before --segment {segment}")
}

/// Writes frames whose rows are read while they are converted, until there are no more. All have one format.
fn pump_strips(
    source: &mut dyn FrameSource,
    signals: &Receiver<i32>,
    video: &mut VideoWriter,
    progress: &mut Progress,
) -> End {
    loop {
        if let Ok(signal) = signals.try_recv() {
            return End::Signal(signal);
        }
        let mut frame = match source.next_strips() {
            Ok(Some(strips)) => Reading { strips, failed: false },
            Ok(None) => return signal_or(End::Source, signals),
            Err(error) => return signal_or(End::Broken(error), signals),
        };
        match video.write_strips(&mut frame) {
            Ok(()) => {
                progress.update(video);
                if video.is_full() {
                    return End::Source;
                }
            }
            Err(error) if frame.failed => return signal_or(End::Broken(error), signals),
            Err(error) => return End::Failed(error.into()),
        }
    }
}

/// Returns why there are no more frames: a signal, if one came, and otherwise `end`. A signal stops the input, and Ctrl-C
/// may end the program that writes the frames, too.
fn signal_or(end: End, signals: &Receiver<i32>) -> End {
    signals.try_recv().map_or(end, End::Signal)
}

/// A frame that is being read, and whether reading failed.
struct Reading<'a> {
    strips: Box<dyn Strips + 'a>,
    failed: bool,
}

impl Strips for Reading<'_> {
    fn layout(&self) -> FrameLayout {
        self.strips.layout()
    }

    fn next_strip(&mut self, rows: u32) -> Result<FrameView<'_>> {
        self.strips.next_strip(rows).inspect_err(|_| self.failed = true)
    }
}

/// Writes frames until there are no more.
fn pump(
    ahead: &ReadAhead,
    signals: &Receiver<i32>,
    video: &mut VideoWriter,
    progress: &mut Progress,
    holds: Holds,
    first: PixelFormat,
    keeps: impl Fn(PixelFormat) -> bool,
) -> anyhow::Result<End> {
    loop {
        if let Ok(signal) = signals.try_recv() {
            return Ok(End::Signal(signal));
        }
        let frame = select! {
            recv(ahead.frames) -> frame => frame,
            recv(signals) -> signal => match signal {
                Ok(signal) => return Ok(End::Signal(signal)),
                // The listener has ended, so signals have their default effect.
                Err(_) => ahead.frames.recv(),
            },
        };
        match frame {
            Ok(Ok(ReadFrame { layout, pixels, periods })) => {
                if !keeps(layout.format) {
                    return Ok(End::Broken(lost(video, first, layout.format)));
                }
                video.write(&layout.view(&pixels).map_err(Error::from)?)?;
                holds.hold(video, periods)?;
                ahead.recycle(pixels);
                progress.update(video);
                if video.is_full() {
                    return Ok(End::Source);
                }
            }
            Ok(Err(error)) => return Ok(End::Broken(error)),
            Err(_) => return Ok(End::Source),
        }
    }
}

/// Makes the error for a frame that the movie would not keep completely.
fn lost(video: &VideoWriter, first: PixelFormat, format: PixelFormat) -> Error {
    let index = video.stats().frames;
    let problem = InvalidInput::OtherPixelFormat { index, format: format.name(), first: first.name() };
    Error::Input { name: "the input".to_owned(), problem }
}

/// What the end of a run needs besides its movie.
struct Run<'a> {
    arguments: &'a EncodeArguments,
    signals: &'a Signals,
    progress: &'a Progress,
    outputs: RunOutputs,
    /// The number of frames of the input that were left out.
    skipped: u64,
}

impl Run<'_> {
    /// Ends the movie and reports how the run ended.
    fn conclude(self, video: VideoWriter, end: End) -> anyhow::Result<ExitCode> {
        // A segment's name is only given to a complete segment, and a run to be resumed is not a movie yet.
        let input_options = &self.arguments.input_options;
        let is_whole_only = input_options.segment.is_some() || input_options.resume;
        let is_cut = is_whole_only && !matches!(end, End::Source);
        if video.stats().frames == 0 || is_cut || matches!(end, End::Failed(_)) {
            self.give_up(video, end)
        } else {
            self.finish(video, end)
        }
    }

    /// Ends a run that makes no movie.
    fn give_up(self, video: VideoWriter, end: End) -> anyhow::Result<ExitCode> {
        let monitor = video.monitor();
        self.progress.end();
        match &end {
            // Nothing was added to the frames of the interrupted run, whose part file stays.
            End::Broken(Error::Input { problem: InvalidInput::NotResumable { .. }, .. }) => video.abort(),
            _ => drop(video),
        }
        let complaints = self.outputs.end(&monitor.stats(), false);
        let input_options = &self.arguments.input_options;
        let start = input_options.start;
        let ended = match (end, input_options.segment) {
            (End::Source, Some(segment)) => Err(ends_before(segment)),
            (End::Source, None) if start > 0 => Err(anyhow::anyhow!(
                "no frame was written, so there is no movie: the input ends before --start {start}"
            )),
            (End::Source, None) => {
                Err(anyhow::anyhow!("no frame was written, so there is no movie: the input has no frames"))
            }
            (End::Signal(signal), _) => Ok(ExitCode::from(signals::exit_code(signal))),
            (End::Broken(error), _) => Err(error.into()),
            (End::Failed(error), _) => stopped_or(error, self.signals),
        };
        with_complaints(ended, complaints)
    }

    /// Publishes the movie.
    fn finish(self, video: VideoWriter, end: End) -> anyhow::Result<ExitCode> {
        let Self { arguments, signals, progress, outputs, skipped } = self;
        let monitor = video.monitor();
        if let Some(max_bytes) = arguments.movie_options.max_bytes() {
            progress.fit(max_bytes);
        }
        let finished = video.finish();
        progress.end();
        let end = match (end, signals.came()) {
            (End::Source, Some(signal)) => End::Signal(signal),
            (end, _) => end,
        };
        let complaints = outputs.end(&monitor.stats(), finished.is_ok());
        let ended = match (finished, end) {
            (Ok(stats), end) => {
                progress.sum_up(&stats, skipped, arguments);
                match end {
                    End::Source => Ok(ExitCode::SUCCESS),
                    End::Signal(signal) => Ok(ExitCode::from(signals::exit_code(signal))),
                    // Despite the error, the frames became a movie.
                    End::Broken(error) => {
                        print_line(format_args!("framemill: {}", described(&error.into())));
                        Ok(ExitCode::from(FAILED))
                    }
                    End::Failed(error) => Err(error),
                }
            }
            (Err(error), End::Signal(signal)) if error.is_stopped() => {
                print_line(format_args!("framemill: {}", described(&error.into())));
                Ok(ExitCode::from(signals::exit_code(signal)))
            }
            (Err(error), End::Broken(cause)) => {
                // The broken input is the most important message.
                print_line(format_args!("framemill: {}", described(&cause.into())));
                Err(error.into())
            }
            (Err(error), _) => Err(error.into()),
        };
        with_complaints(ended, complaints)
    }
}

/// Returns how a run ends that failed with `error`. If the second signal stopped it, prints the error and returns the exit
/// code of the first signal.
fn stopped_or(error: anyhow::Error, signals: &Signals) -> anyhow::Result<ExitCode> {
    let is_stopped = error.downcast_ref::<Error>().is_some_and(Error::is_stopped);
    match signals.came().filter(|_| is_stopped) {
        Some(signal) => {
            print_line(format_args!("framemill: {}", described(&error)));
            Ok(ExitCode::from(signals::exit_code(signal)))
        }
        None => Err(error),
    }
}

/// Prints the `complaints` about the files of statistics, and returns how the run ends. If the run succeeded otherwise,
/// it fails with the first complaint.
fn with_complaints(ended: anyhow::Result<ExitCode>, complaints: Vec<anyhow::Error>) -> anyhow::Result<ExitCode> {
    let went_well = matches!(&ended, Ok(code) if *code == ExitCode::SUCCESS);
    let mut complaints = complaints.into_iter();
    let failure = if went_well { complaints.next() } else { None };
    for complaint in complaints {
        print_line(format_args!("framemill: {}", described(&complaint)));
    }
    failure.map_or(ended, Err)
}
