//! Tests the page's text. `tests/report.rs` tests the page in a browser.

use serde_json::json;

use super::*;
use frames::ShownType;

fn report(frames: u64) -> Report {
    let mut report = Report::new();
    for index in 0..frames {
        let kind = [ShownType::P, ShownType::B][index as usize % 2];
        report.frames.push(ReportFrame {
            index,
            seconds: index as f64 / 30.0,
            bytes: 1_000 + index * 7_919 % 5_000,
            kind: if index % 250 == 0 { ShownType::I } else { kind },
            qp: Some(20.0 + (index % 7) as f32),
            psnr: Some(40.0 + (index % 11) as f32 / 3.0),
            ssim: Some(0.98 + (index % 13) as f32 / 1e3),
        });
        report.rates.push(Some(1e6 + index as f64));
    }
    report
}

fn movie() -> Value {
    json!({"output": "</script><img src=x onerror=alert(1)>.mp4", "width": 640, "height": 480, "settings": "crf 23"})
}

#[test]
fn a_page_of_100_000_frames_stays_below_a_megabyte() {
    let run = json!({"frames": 100_000, "seconds": 3_333.3, "stream_bytes": 350_000_000_u64});
    let page = report(100_000).page(&movie(), &run, &Ok(vec![]));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    for name in ["bytes", "rate", "qp", "psnr", "ssim"] {
        assert!(page.contains(&format!("data-chart=\"{name}\"")), "{name}");
    }
}

#[test]
fn file_names_do_not_become_markup() {
    let run = json!({"encoder_report": "</pre><script>alert(1)</script>"});
    let page = report(3).page(&movie(), &run, &Ok(vec![]));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;.mp4"), "the escaped name is missing");
    for markup in ["<img src=x", "</pre><script>"] {
        assert!(!page.contains(markup), "{markup}");
    }
}

#[test]
fn missing_values_are_left_out() {
    let mut report = report(1);
    report.frames.iter_mut().for_each(|frame| *frame = ReportFrame { qp: None, psnr: None, ssim: None, ..*frame });
    let page =
        report.page(&movie(), &json!({"frames": 1, "mean_qp": null, "quality": null, "vbv": null}), &Ok(vec![]));
    for absent in ["data-chart", "Mean QP", "PSNR", "buffer", "id=\"data\"", "Worst frames", "How sizes are spread"]
    {
        assert!(!page.contains(absent), "{absent}");
    }
}

#[test]
fn the_largest_and_the_worst_frames_have_thumbnails() {
    let run = json!({"quality": {"worst": [{"index": 3, "psnr": 30.0}, {"index": 29, "psnr": 31.0}]}});
    let mut report = report(30);
    for (size, frame) in report.frames.iter_mut().enumerate() {
        frame.bytes = size as u64;
    }
    assert_eq!(report.pictured(&run), [3, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
}

#[test]
fn an_unfinished_run_is_marked() {
    let run = json!({"complete": false, "frames": 0});
    let page = Report::new().page(&movie(), &run, &Err("the movie was not finished".to_owned()));
    assert!(page.contains("This run was not finished.") && !page.contains("Largest frames"), "{page}");
}

#[test]
fn the_file_name_must_end_in_html() {
    for name in ["a.html", "b.HTM", "c/d.e.html"] {
        assert!(check_name(Path::new(name)).is_ok(), "{name}");
    }
    for name in ["a", "a.mp4", "-", ".html"] {
        let error = check_name(Path::new(name)).expect_err(name).to_string();
        assert!(error.contains("the name must end in .html"), "{error}");
    }
}

#[test]
fn rates_start_with_the_first_whole_second() {
    let tenths = |ticks: i64| json!({"ticks": ticks, "time_base": {"numerator": 1, "denominator": 10}});
    let nothing = json!({"secs": 0, "nanos": 0});
    let mut report = Report::new();
    for tick in 0..25_i64 {
        let packet = json!({
            "index": tick, "pts": tenths(tick), "dts": tenths(tick - 2), "duration": tenths(1), "bytes": 10,
            "second_bytes": 100 + tick, "keyframe": false, "picture_type": null, "qp": null, "quality": null,
            "times": {"converting": nothing, "waiting": nothing, "encoding": nothing, "muxing": nothing},
        });
        report.add(&serde_json::from_value(packet).expect("statistics of a packet"));
    }
    assert!(report.rates.iter().take(9).all(Option::is_none));
    assert_eq!(report.rates.get(9..12), Some(&[Some(109.0 * 8.0), Some(110.0 * 8.0), Some(111.0 * 8.0)][..]));
    assert_eq!(report.rates.len(), 25);
}
