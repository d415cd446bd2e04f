//! Numbers of bytes as people write them.

/// `25MB` and `25M` are 25 000 000 bytes, `25MiB` is 25 × 1024².
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let end_of_number = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end_of_number);
    let unit = unit.trim_start().to_ascii_lowercase();
    let factor = match unit.strip_suffix('b').unwrap_or(&unit) {
        "" => Some(1.0),
        "k" => Some(1e3),
        "m" => Some(1e6),
        "g" => Some(1e9),
        "ki" => Some(1024.0),
        "mi" => Some(1024.0 * 1024.0),
        "gi" => Some(1024.0 * 1024.0 * 1024.0),
        _ => None,
    };
    let bytes = number.parse::<f64>().ok().zip(factor).map(|(number, factor)| (number * factor).floor());
    match bytes {
        Some(bytes) if (1.0..=1e15).contains(&bytes) => Ok(bytes as u64),
        _ => Err("write bytes as 25MB, 800k, 1.5GB, 24MiB or 25000000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read() {
        for (text, bytes) in [
            ("25MB", 25_000_000),
            ("25M", 25_000_000),
            ("25 mb", 25_000_000),
            ("800k", 800_000),
            ("1.5GB", 1_500_000_000),
            ("24MiB", 25_165_824),
            ("2Ki", 2_048),
            ("123456", 123_456),
            ("10B", 10),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "-1", "0", "0.1", "1e6", "25 TB", "25MBit", "nan", "1.2.3k", "25 M B"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
