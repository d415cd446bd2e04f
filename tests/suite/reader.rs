//! Reads movies with independent programs and parsers.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What ffprobe reports about a movie's container and its only stream.
pub(crate) struct Probe {
    pub(crate) format: Value,
    pub(crate) stream: Value,
    /// In decoding order.
    pub(crate) packets: Vec<Value>,
}

impl Probe {
    /// Returns a field of the stream as text.
    pub(crate) fn stream_text(&self, field: &str) -> &str {
        self.stream[field].as_str().unwrap_or("none")
    }

    /// Returns the container's duration in seconds.
    pub(crate) fn duration(&self) -> f64 {
        self.format["duration"].as_str().and_then(|text| text.parse().ok()).expect("a duration")
    }

    /// Returns the frames' times in seconds, in presentation order.
    pub(crate) fn times(&self) -> Vec<f64> {
        let time = |packet: &Value| packet["pts_time"].as_str().or(packet["dts_time"].as_str())?.parse().ok();
        let mut times: Vec<f64> = self.packets.iter().map(|packet| time(packet).expect("a time")).collect();
        times.sort_by(f64::total_cmp);
        times
    }
}

/// Reads a movie with ffprobe, which must report no problem.
pub(crate) fn probe(path: &Path) -> Probe {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_format", "-show_streams", "-show_packets", "-of", "json"])
        .arg(path)
        .output()
        .expect("ffprobe runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "ffprobe {}: {complaints}", path.display());
    let mut answer: Value = serde_json::from_slice(&output.stdout).expect("ffprobe writes JSON");
    let packets = answer["packets"].as_array().cloned().expect("packets");
    let streams = answer["streams"].as_array_mut().expect("streams");
    assert_eq!(streams.len(), 1, "{}", path.display());
    Probe { stream: streams.remove(0), format: answer["format"].take(), packets }
}

/// Decodes all frames of a movie with the ffmpeg program to `pixel_format`, `frame_bytes` per frame. RGB follows the
/// movie's color tags, with full precision.
pub(crate) fn decode(path: &Path, pixel_format: &str, frame_bytes: usize) -> Vec<Vec<u8>> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-fps_mode", "passthrough", "-sws_flags", "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"])
        .args(["-f", "rawvideo", "-pix_fmt", pixel_format, "-"])
        .output()
        .expect("ffmpeg runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "ffmpeg {}: {complaints}", path.display());
    assert_eq!(output.stdout.len() % frame_bytes, 0, "{}", path.display());
    output.stdout.chunks_exact(frame_bytes).map(<[u8]>::to_vec).collect()
}

/// Returns the peak signal-to-noise ratio of two 8-bit pictures in dB, which is infinite for equal pictures.
pub(crate) fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0_f64.powi(2) / (squares / a.len() as f64)).log10()
}

/// Returns the names of an MP4's top-level boxes, in order.
pub(crate) fn top_level_boxes(movie: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = movie;
    while let [a, b, c, d, name @ ..] = rest {
        let mut bytes = u64::from(u32::from_be_bytes([*a, *b, *c, *d]));
        names.push(String::from_utf8_lossy(&name[..4]).into_owned());
        if bytes == 1 {
            bytes = u64::from_be_bytes(name[4..12].try_into().expect("8 bytes"));
        }
        assert!(bytes >= 8 && bytes <= rest.len() as u64, "box {:?} has {bytes} bytes", names.last());
        rest = &rest[bytes as usize..];
    }
    names
}

/// What the index of an MP4 contains about its only track.
pub(crate) struct SampleIndex {
    pub(crate) samples: usize,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

/// Reads the index of an MP4 with Mozilla's parser.
pub(crate) fn sample_index(movie: &[u8]) -> SampleIndex {
    let context = mp4parse::read_mp4(&mut &movie[..]).expect("an MP4");
    let [track] = &context.tracks[..] else { panic!("{} tracks", context.tracks.len()) };
    let sizes = track.stsz.as_ref().expect("sizes");
    let times = &track.stts.as_ref().expect("times").samples;
    let ticks: u64 = times.iter().map(|run| u64::from(run.sample_count) * u64::from(run.sample_delta)).sum();
    let samples: usize = times.iter().map(|run| run.sample_count as usize).sum();
    // If all sizes are equal, the index has a single size.
    let bytes = match sizes.sample_size {
        0 => sizes.sample_sizes.iter().map(|size| u64::from(*size)).sum(),
        size => u64::from(size) * samples as u64,
    };
    SampleIndex { samples, bytes, seconds: ticks as f64 / track.timescale.expect("a time scale").0 as f64 }
}
