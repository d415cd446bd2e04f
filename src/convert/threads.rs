//! The threads that convert the rows of a picture in parallel.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};
use crate::settings::{Jobs, Settings};

/// The number of processors per thread. Encoding takes several times as long as the conversion.
const PROCESSORS_PER_THREAD: usize = 4;

/// The largest number of threads. With more, the speed of the memory is the limit.
const MAX_THREADS: usize = 8;

/// The largest picture that is converted on the caller's thread: waking other threads takes as long.
const FEW_BYTES: usize = 128 * 1024;

/// The threads that convert the rows of a picture; none if the caller's thread converts.
pub(super) struct Threads(Option<ThreadPool>);

impl Threads {
    /// Starts one thread for every four processors that this process may use; none if frames are small, or if one thread
    /// encodes the movie.
    pub(super) fn for_movie(settings: &Settings) -> Result<Self> {
        let one_job = settings.jobs == Some(Jobs::Count(1));
        let one_thread = settings.jobs.is_none() && settings.threads == Some(1);
        let is_small = u64::from(settings.width) * u64::from(settings.height) * 4 <= FEW_BYTES as u64;
        if one_job || one_thread || is_small {
            return Ok(Self(None));
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new((processors / PROCESSORS_PER_THREAD).min(MAX_THREADS))
    }

    /// Starts `count` threads, or none if `count` is less than two.
    pub(super) fn new(count: usize) -> Result<Self> {
        if count < 2 {
            return Ok(Self(None));
        }
        let threads = ThreadPoolBuilder::new().num_threads(count);
        let pool = threads.thread_name(|_| "framemill-convert".to_owned()).build();
        let pool = pool.map_err(|error| Error::io("start a thread", None, std::io::Error::other(error)))?;
        Ok(Self(Some(pool)))
    }

    /// Returns the number of threads that convert.
    pub(super) fn count(&self) -> usize {
        self.0.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Returns the threads for this many bytes of a picture; `None` if the caller's thread converts them.
    pub(super) fn for_bytes(&self, bytes: usize) -> Option<&ThreadPool> {
        self.0.as_ref().filter(|_| bytes > FEW_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::av::{FramePool, SharedFrame};
    use crate::convert::Converter;
    use crate::frame::{FrameView, PixelFormat, ViewStrips};
    use crate::measure::are_equal;
    use crate::time::FrameRate;

    fn converted(settings: &Settings, view: &FrameView<'_>, threads: usize) -> SharedFrame {
        let geometry = settings.geometry().expect("a size");
        let (width, height) = geometry.coded;
        let pool =
            FramePool::new(settings.encoder_pixel_format(), settings.color(), width, height).expect("memory");
        let mut converter = Converter::on(Threads::new(threads).expect("threads"), settings, geometry);
        let mut frame = pool.frame().expect("memory");
        converter.convert(&mut ViewStrips::new(*view), &mut frame).expect("converted");
        frame.share()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Tests frames of one strip and of several, with rows that divide evenly among the threads or not.
        #[test]
        fn several_threads_make_the_same_frame_as_one(
            width in 200_u32..900,
            height in 1_u32..700,
            format in prop::sample::select(vec![PixelFormat::Rgb24, PixelFormat::Bgra, PixelFormat::Xrgb]),
            target in prop::sample::select(vec![PixelFormat::Yuv420p, PixelFormat::Yuv444p]),
            threads in 2_usize..6,
            seed in any::<u32>(),
        ) {
            let bytes = format.plane_layout(0, width, height).row_bytes * height as usize;
            let pixels: Vec<u8> = (0..bytes as u32).map(|byte| (byte ^ seed).wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
            let view = FrameView::contiguous(format, &pixels, width, height).expect("a picture");
            let settings = Settings { pixel_format: Some(target), ..Settings::new(width, height, FrameRate::new(30, 1)) };
            prop_assert!(are_equal(&converted(&settings, &view, threads), &converted(&settings, &view, 1)));
        }
    }
}
