//! Prints the statistics of a movie as a table.

use std::fmt;
use std::time::Duration;

use super::{EncodeStats, TypeStats};
use crate::error::plural;

/// Writes a few lines, each with a name and values. There is no line break at the end.
impl fmt::Display for EncodeStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.duration.as_secs_f64();
        let keyframes = plural(self.keyframes, "keyframe");
        write!(f, "frames    {} in {seconds:.3} s of movie, {keyframes}", self.packets)?;
        if self.duplicates > 0 {
            write!(f, ", {} equal to the previous frame", self.duplicates)?;
        }
        self.write_size(f)?;
        self.write_audio(f)?;
        for (name, kind) in [("I", self.i), ("P", self.p), ("B", self.b)] {
            write_type(f, name, kind)?;
        }
        if let Some((shortest, longest)) = self.gops.range() {
            let mean = self.packets as f64 / self.gops.count.max(1) as f64;
            write!(f, "\nGOPs      {}, of {shortest} to {longest} frames, {mean:.1} on average", self.gops.count)?;
        }
        self.write_quality(f)?;
        self.write_time(f)
    }
}

impl EncodeStats {
    fn write_size(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.overhead_bytes() {
            Some(overhead) => {
                let (whole, overhead) = (bytes(self.file_bytes), bytes(overhead));
                write!(f, "\nsize      {whole}, including {overhead} for the container")?;
            }
            None => write!(f, "\nsize      {} so far", bytes(self.stream_bytes))?,
        }
        if let (Some(average), Some(peak)) = (self.bits_per_second(), self.peak_bits_per_second()) {
            let (average, peak) = (average / 1e3, peak / 1e3);
            write!(f, "\nbit rate  {average:.1} kbit/s on average, {peak:.1} in the largest second")?;
        }
        let Some(vbv) = &self.vbv else { return Ok(()) };
        let lowest = 100.0 * vbv.lowest_fullness();
        write!(f, "\nbuffer    at least {lowest:.0} % full, ")?;
        match vbv.underflows {
            0 => write!(f, "never empty"),
            underflows => write!(f, "{} too late", plural(underflows, "frame")),
        }
    }

    fn write_audio(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(audio) = &self.audio else { return Ok(()) };
        let rate = f64::from(audio.sample_rate) / 1e3;
        write!(f, "\nsound     {} {} at {rate} kHz, {}", audio.codec, audio.layout, bytes(audio.bytes))?;
        if audio.silence > Duration::ZERO {
            write!(f, ", the last {:.3} s silent", audio.silence.as_secs_f64())?;
        }
        if audio.cut > Duration::ZERO {
            write!(f, ", {:.3} s cut", audio.cut.as_secs_f64())?;
        }
        Ok(())
    }

    fn write_quality(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(quality) = &self.quality else { return Ok(()) };
        if let (Some(mean), Some(global)) = (quality.mean_psnr(), quality.global_psnr()) {
            write!(f, "\nPSNR      {mean:.2} dB on average, {global:.2} dB over all")?;
        }
        if let Some((psnr, index)) = quality.worst.first().and_then(|worst| Some((worst.psnr?, worst.index))) {
            write!(f, ", {psnr:.2} dB at worst (frame {index})")?;
        }
        match quality.mean_ssim() {
            Some(ssim) => write!(f, "\nSSIM      {ssim:.4} on average"),
            None => Ok(()),
        }
    }

    fn write_time(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wall, cpu) = (self.wall.as_secs_f64(), self.cpu.as_secs_f64());
        let fps = self.encoding_fps().unwrap_or(0.0);
        write!(f, "\ntime      {wall:.2} s, {fps:.1} frames per second, {cpu:.2} s of CPU time")?;
        let stages = &self.stages;
        let [converting, waiting, encoding, muxing] =
            [stages.converting, stages.waiting, stages.encoding, stages.muxing + stages.finishing]
                .map(|time| time.as_secs_f64());
        write!(f, "\n          caller: {converting:.2} s converting, {waiting:.2} s waiting")?;
        write!(f, "\n          encoder: {encoding:.2} s, file: {muxing:.2} s")?;
        if stages.measuring > Duration::ZERO {
            write!(f, ", measuring: {:.2} s", stages.measuring.as_secs_f64())?;
        }
        match self.peak_memory_bytes {
            0 => Ok(()),
            peak => write!(f, "\nmemory    {} at most", bytes(peak)),
        }
    }
}

fn write_type(f: &mut fmt::Formatter<'_>, name: &str, kind: TypeStats) -> fmt::Result {
    let Some(mean) = kind.mean_bytes() else { return Ok(()) };
    write!(f, "\n{name:>6}    {:>6} of {:>9} on average", kind.packets, bytes(mean.round() as u64))?;
    match kind.mean_qp() {
        Some(qp) => write!(f, ", QP {qp:.1}"),
        None => Ok(()),
    }
}

/// Formats a number of bytes in decimal units, as for disks and mail.
fn bytes(count: u64) -> String {
    let (mut value, mut unit) = (count as f64, "B");
    for larger in ["kB", "MB", "GB", "TB"] {
        if value < 999.95 {
            break;
        }
        (value, unit) = (value / 1e3, larger);
    }
    if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units() {
        let texts = [0, 999, 1000, 999_949, 999_950, 12_345_678].map(bytes);
        assert_eq!(texts, ["0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "12.3 MB"]);
    }
}
