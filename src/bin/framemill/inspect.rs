//! `framemill inspect`.

use std::io::{self, Write};
use std::process::ExitCode;

use framemill::{InspectedPacket, Inspection};
use indicatif::HumanBytes;
use serde_json::{Value, json};

use crate::args::InspectArguments;

pub(crate) fn run(arguments: &InspectArguments) -> anyhow::Result<ExitCode> {
    let movie = framemill::inspect(&arguments.file)?;
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{:#}", as_json(&movie))?;
    } else {
        print(&movie, &mut out)?;
        if arguments.packets {
            print_packets(&movie.packets, &mut out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(movie: &Inspection, out: &mut impl Write) -> io::Result<()> {
    let stream = &movie.stream;
    let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "not told".to_owned());
    let seconds = movie.duration.as_secs_f64();
    writeln!(out, "container      {}, {}", movie.container.name(), HumanBytes(movie.file_bytes))?;
    writeln!(out, "codec          {} ({}), profile {}", stream.codec, stream.fourcc, told(&stream.profile))?;
    writeln!(out, "picture        {}x{} {}", stream.width, stream.height, told(&stream.pixel_format))?;
    writeln!(
        out,
        "colour         range {}, matrix {}, transfer {}, primaries {}, chroma {}",
        told(&stream.color_range),
        told(&stream.color_matrix),
        told(&stream.color_transfer),
        told(&stream.color_primaries),
        told(&stream.chroma_location),
    )?;
    writeln!(out, "frames         {}, {} of them keyframes", movie.packets.len(), movie.keyframes())?;
    let rate = movie.frame_rate.map(|rate| format!(" at {rate} frames a second")).unwrap_or_default();
    writeln!(out, "time           {seconds:.3} s{rate}")?;
    if seconds > 0.0 {
        writeln!(out, "bit rate       {:.0} kbit/s", movie.stream_bytes() as f64 * 8.0 / seconds / 1e3)?;
    }
    Ok(())
}

fn print_packets(packets: &[InspectedPacket], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{:>7} {:>12} {:>12} {:>9}  key", "packet", "shown (s)", "decoded (s)", "bytes")?;
    for (index, packet) in packets.iter().enumerate() {
        let decoded = packet.dts.map_or_else(|| "-".to_owned(), |dts| format!("{:.6}", dts.as_secs_f64()));
        let key = if packet.keyframe { "key" } else { "" };
        writeln!(out, "{index:>7} {:>12.6} {decoded:>12} {:>9}  {key}", packet.pts.as_secs_f64(), packet.bytes)?;
    }
    Ok(())
}

fn as_json(movie: &Inspection) -> Value {
    let stream = &movie.stream;
    let packets: Vec<Value> = movie
        .packets
        .iter()
        .map(|packet| {
            json!({
                "pts": packet.pts.ticks,
                "dts": packet.dts.map(|dts| dts.ticks),
                "bytes": packet.bytes,
                "keyframe": packet.keyframe,
            })
        })
        .collect();
    json!({
        "container": movie.container.name(),
        "file_bytes": movie.file_bytes,
        "codec": stream.codec,
        "fourcc": stream.fourcc,
        "profile": stream.profile,
        "pixel_format": stream.pixel_format,
        "width": stream.width,
        "height": stream.height,
        "color_range": stream.color_range,
        "color_matrix": stream.color_matrix,
        "color_transfer": stream.color_transfer,
        "color_primaries": stream.color_primaries,
        "chroma_location": stream.chroma_location,
        "frames": movie.packets.len(),
        "keyframes": movie.keyframes(),
        "seconds": movie.duration.as_secs_f64(),
        "frame_rate": movie.frame_rate.map(|rate| rate.to_string()),
        "stream_bytes": movie.stream_bytes(),
        "time_base": movie.time_base.to_string(),
        "packets": packets,
    })
}
