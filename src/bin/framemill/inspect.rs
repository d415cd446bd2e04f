//! `framemill inspect`.

use std::io::{self, Write};
use std::process::ExitCode;

use framemill::{AudioInfo, Damage, InspectedPacket, Inspection, Timestamp};
use indicatif::DecimalBytes;
use serde_json::{Value, json};

use crate::args::InspectArguments;
use crate::plural::plural;

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
    let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let seconds = movie.duration.as_secs_f64();
    writeln!(out, "container      {}, {}", movie.container.name(), DecimalBytes(movie.file_bytes))?;
    writeln!(out, "codec          {} ({}), profile {}", stream.codec, stream.fourcc, or_unknown(&stream.profile))?;
    writeln!(out, "picture        {}x{} {}", stream.width, stream.height, or_unknown(&stream.pixel_format))?;
    writeln!(
        out,
        "color          range {}, matrix {}, transfer {}, primaries {}, chroma {}",
        or_unknown(&stream.color_range),
        or_unknown(&stream.color_matrix),
        or_unknown(&stream.color_transfer),
        or_unknown(&stream.color_primaries),
        or_unknown(&stream.chroma_location),
    )?;
    writeln!(out, "frames         {}, {}", movie.packets.len(), plural(movie.keyframes() as u64, "keyframe"))?;
    if let Some(audio) = &movie.audio {
        let AudioInfo { codec, sample_rate, channels, layout, packets, bytes, .. } = audio;
        writeln!(
            out,
            "sound          {codec} at {sample_rate} Hz, {} ({layout}), {}, {}",
            plural((*channels).into(), "channel"),
            plural(*packets, "packet"),
            DecimalBytes(*bytes)
        )?;
    }
    let rate = movie.frame_rate.map(|rate| format!(" at {rate} frames a second")).unwrap_or_default();
    writeln!(out, "time           {seconds:.3} s{rate}")?;
    if let Some(damage) = movie.damage {
        let Damage { unread_bytes, missing_bytes, packets, .. } = damage;
        writeln!(
            out,
            "damage         {} incomplete, {} at the end cannot be read, and {} after them are missing; \
             `framemill recover` keeps the rest",
            plural(packets, "frame"),
            DecimalBytes(unread_bytes),
            DecimalBytes(missing_bytes),
        )?;
    }
    if seconds > 0.0 {
        writeln!(out, "bit rate       {:.0} kbit/s", movie.stream_bytes() as f64 * 8.0 / seconds / 1e3)?;
    }
    Ok(())
}

fn print_packets(packets: &[InspectedPacket], out: &mut impl Write) -> io::Result<()> {
    let columns = ["index", "shown (s)", "decoded (s)", "lasts (s)"];
    let [index, shown, decoded, lasts] = columns;
    writeln!(out, "\n{index:>7} {shown:>12} {decoded:>12} {lasts:>10} {:>9}  type  key", "bytes")?;
    let seconds =
        |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| format!("{:.6}", time.as_secs_f64()));
    for packet in packets {
        let InspectedPacket { index, bytes, .. } = packet;
        let (shown, decoded, lasts) = (seconds(Some(packet.pts)), seconds(packet.dts), seconds(packet.duration));
        let kind = packet.picture_type.map_or_else(|| "-".to_owned(), |kind| kind.to_string());
        let key = if packet.keyframe { "key" } else { "" };
        let line = format!("{index:>7} {shown:>12} {decoded:>12} {lasts:>10} {bytes:>9}  {kind:<4}  {key}");
        writeln!(out, "{}", line.trim_end())?;
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
                "index": packet.index,
                "pts": packet.pts.ticks,
                "dts": packet.dts.map(|dts| dts.ticks),
                "duration": packet.duration.map(|duration| duration.ticks),
                "seconds": packet.pts.as_secs_f64(),
                "bytes": packet.bytes,
                "picture_type": packet.picture_type.map(|kind| kind.to_string()),
                "keyframe": packet.keyframe,
            })
        })
        .collect();
    json!({
        "container": movie.container.name(),
        "file_bytes": movie.file_bytes,
        "damage": movie.damage.map(|damage| json!({
            "unread_bytes": damage.unread_bytes,
            "missing_bytes": damage.missing_bytes,
            "packets": damage.packets,
        })),
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
        "audio": movie.audio.as_ref().map(|audio| json!({
            "codec": audio.codec,
            "sample_rate": audio.sample_rate,
            "channels": audio.channels,
            "layout": audio.layout,
            "packets": audio.packets,
            "bytes": audio.bytes,
        })),
        "time_base": movie.time_base.to_string(),
        "packets": packets,
    })
}
