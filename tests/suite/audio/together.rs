//! Tests that flashes and clicks stay in sync for ten minutes.

use framemill::{Audio, AudioCodec, Container, FrameRate, FrameView, H264, Preset, VideoWriter};
use tempfile::tempdir;

use super::{RATE, heard, number, probe};

const FPS: u32 = 10;
const SECONDS: u32 = 600;

#[test]
fn flash_and_click_stay_together_for_ten_minutes() {
    let directory = tempdir().expect("a directory");
    let flashes = [0, 3_000, SECONDS * FPS - 5];
    let mut samples = vec![0_i16; (SECONDS * RATE) as usize];
    for frame in flashes {
        samples[(frame * RATE / FPS) as usize] = i16::MAX;
    }
    for (container, codec) in
        [(Container::Mp4, AudioCodec::Aac), (Container::Mkv, AudioCodec::Opus), (Container::Avi, AudioCodec::Pcm)]
    {
        let path = directory.path().join(format!("a.{}", container.name()));
        let mut video = VideoWriter::builder(&path, 16, 16, FrameRate::new(FPS, 1))
            .codec(H264::crf(30.0).preset(Preset::Ultrafast))
            .audio(Audio::samples(samples.clone(), RATE, 1))
            .audio_codec(codec)
            .create()
            .expect("opens");
        for frame in 0..SECONDS * FPS {
            let shade = if flashes.contains(&frame) { 255 } else { 0 };
            video.write(&FrameView::gray(&[shade; 256], 16, 16).expect("a picture")).expect("written");
        }
        let stats = video.finish().expect("a movie");
        assert_eq!(stats.audio.expect("sound").warnings.len(), 0);
        let sound = heard(&path);
        let answer = probe(&path);
        let mut times: Vec<f64> = answer["packets"]
            .as_array()
            .expect("packets")
            .iter()
            .filter(|packet| packet["codec_type"] == "video")
            .map(|packet| {
                number(if packet["pts_time"].is_null() { &packet["dts_time"] } else { &packet["pts_time"] })
            })
            .collect();
        times.sort_by(f64::total_cmp);
        for frame in flashes {
            let expected = (frame * RATE / FPS) as usize;
            let around = expected.saturating_sub(2_000)..(expected + 2_000).min(sound.len());
            let found = around.clone().max_by(|a, b| sound[*a].abs().total_cmp(&sound[*b].abs())).expect("samples");
            let (click, flash) = (found as f64 / f64::from(RATE), times[frame as usize]);
            assert!((click - flash).abs() < 1e-3, "{container:?}: click {click} s, flash {flash} s");
        }
    }
}
