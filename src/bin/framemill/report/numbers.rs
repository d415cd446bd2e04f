//! Formats numbers for people: three digits, with a unit.

/// `100,000`.
pub(super) fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `18.7 kB`.
pub(super) fn bytes(value: f64) -> String {
    scaled(value, "B")
}

/// `147 kbit/s`.
pub(super) fn bit_rate(value: f64) -> String {
    scaled(value, "bit/s")
}

/// `2.00 Mbit`.
pub(super) fn bits(value: f64) -> String {
    scaled(value, "bit")
}

/// Formats three digits with a prefix, in steps of 1,000.
fn scaled(value: f64, unit: &str) -> String {
    if value.abs() < 999.5 {
        let decimals = usize::from(value.fract() != 0.0 && value.abs() < 99.95);
        return format!("{value:.decimals$} {unit}");
    }
    let prefixes = [(1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
    let fitting = prefixes.into_iter().find(|(scale, _)| value.abs() < 999.5 * scale);
    let (scale, prefix) = fitting.unwrap_or((1e12, "T"));
    let value = value / scale;
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$} {prefix}{unit}")
}

/// `12.34 s`, `55 min 33 s`, `2 h 05 min`.
pub(super) fn seconds(value: f64) -> String {
    let whole = value.round() as u64;
    match value {
        value if value < 1e-3 && value > 0.0 => format!("{:.0} µs", value * 1e6),
        value if value < 1.0 && value > 0.0 => format!("{} ms", digits(value * 1e3)),
        value if value < 59.995 => format!("{} s", digits(value)),
        _ if whole < 3_600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60),
    }
}

/// A time in the movie: `0:04.100`.
pub(super) fn moment(value: f64) -> String {
    let milliseconds = (value.max(0.0) * 1e3).round() as u64;
    let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
    match seconds / 3_600 {
        0 => format!("{}:{:02}.{rest:03}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}.{rest:03}", seconds / 60 % 60, seconds % 60),
    }
}

/// Formats three digits if the number has decimals: `1.24`, `12.4`, `124`.
pub(super) fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    count_or_decimals(value, decimals)
}

fn count_or_decimals(value: f64, decimals: usize) -> String {
    if decimals == 0 { count(value) } else { format!("{value:.decimals$}") }
}

/// A quantizer: `21.4`.
pub(super) fn quantizer(value: f64) -> String {
    format!("{value:.1}")
}

/// `44.80 dB`.
pub(super) fn decibels(value: f64) -> String {
    format!("{value:.2} dB")
}

/// `0.9910`.
pub(super) fn similarity(value: f64) -> String {
    format!("{value:.4}")
}

/// A fraction: `41.2 %`.
pub(super) fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_units() {
        assert_eq!(
            [count(0.0), count(999.0), count(1_000.0), count(1_234_567.0)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!([bytes(0.0), bytes(873.0), bytes(999.7)], ["0 B", "873 B", "1.00 kB"]);
        assert_eq!([bytes(18_700.0), bytes(999_600.0), bytes(3.21e9)], ["18.7 kB", "1.00 MB", "3.21 GB"]);
        assert_eq!([bit_rate(146_736.8), bits(2e6)], ["147 kbit/s", "2.00 Mbit"]);
        assert_eq!([seconds(0.0), seconds(0.0124), seconds(1.236)], ["0.00 s", "12.4 ms", "1.24 s"]);
        assert_eq!([seconds(10.0), seconds(59.999), seconds(7_505.0)], ["10.0 s", "1 min 00 s", "2 h 05 min"]);
        assert_eq!([moment(4.1), moment(3_333.3), moment(7_200.0)], ["0:04.100", "55:33.300", "2:00:00.000"]);
        assert_eq!([digits(241.94), digits(1_241.9), digits(9.999)], ["242", "1,242", "10.0"]);
    }
}
