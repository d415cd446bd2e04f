//! Invalid command lines, and those that were meant for the ffmpeg program.

use std::ffi::OsString;

/// Arguments that are valid individually but not together.
#[derive(Debug)]
pub(crate) struct WrongUsage(pub(crate) String);

impl std::fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUsage {}

/// Options of the ffmpeg program, and their counterparts here.
const FFMPEG_OPTIONS: [(&[&str], &str); 13] = [
    (&["-i"], "the input needs no option: framemill encode INPUT -o OUTPUT"),
    (&["-y"], "an existing file is replaced by default, unless --no-clobber is given"),
    (&["-n"], "--no-clobber"),
    (&["-pix_fmt"], "--format for the input's pixels, --pixel-format for the movie's"),
    (&["-framerate", "-r:v"], "--fps"),
    (&["-video_size", "-s:v"], "--size"),
    (&["-vcodec", "-c:v", "-codec:v"], "--codec: libx264 is h264 here, libx264rgb is h264-rgb, libxvid is xvid"),
    (&["-b:v", "-b"], "--bitrate"),
    (&["-q:v", "-qscale", "-qscale:v"], "--qp"),
    (&["-crf", "-preset", "-tune", "-threads", "-maxrate", "-bufsize", "-x264-params"], "the same with two dashes"),
    (&["-profile:v"], "--profile"),
    (&["-vtag", "-tag:v"], "--fourcc"),
    (&["-vf", "-filter:v"], "--scale for scaling; apply other filters before you pass the frames"),
];

/// Returns an error for the first argument that is an option of the ffmpeg program but not of framemill, with the
/// option to use instead.
pub(crate) fn ffmpeg_option(arguments: impl IntoIterator<Item = OsString>) -> Option<WrongUsage> {
    let mut is_file_name = false;
    let arguments = arguments.into_iter().take_while(|argument| argument != "--");
    arguments.into_iter().find_map(|argument| {
        if std::mem::replace(&mut is_file_name, argument == "-o" || argument == "--output") {
            return None;
        }
        let name = argument.to_str()?;
        let (_, hint) = FFMPEG_OPTIONS.iter().find(|(names, _)| names.contains(&name))?;
        Some(WrongUsage(format!("{name} is an option of the ffmpeg program; in framemill: {hint}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_ffmpeg_get_a_hint() {
        let answer = |arguments: &[&str]| ffmpeg_option(arguments.iter().map(OsString::from)).map(|usage| usage.0);
        assert_eq!(
            answer(&["encode", "-pix_fmt", "rgba"]).as_deref(),
            Some(
                "-pix_fmt is an option of the ffmpeg program; in framemill: --format for the input's pixels, --pixel-format for the movie's"
            )
        );
        assert_eq!(answer(&["encode", "-r", "30", "-s", "8x8", "-f", "rgb24", "-c", "h264", "-o", "a.mp4"]), None);
        assert_eq!(answer(&["encode", "-o", "a.mp4", "--", "-i"]), None);
        assert_eq!(answer(&["encode", "-o", "-y"]), None);
    }
}
