//! Natural order of file names: `frame2` before `frame10`.

use std::cmp::Ordering;
use std::path::Path;

/// Compares paths by their parts, and in each part numbers by their value and all else by its bytes.
pub(super) fn natural(a: &Path, b: &Path) -> Ordering {
    let parts = |path: &Path| -> Vec<Vec<u8>> {
        path.components().map(|part| part.as_os_str().as_encoded_bytes().to_vec()).collect()
    };
    let (a, b) = (parts(a), parts(b));
    let by_value = a.iter().zip(&b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
    by_value.unwrap_or_else(|| a.len().cmp(&b.len())).then_with(|| a.cmp(&b))
}

fn compare(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) {
        let order = if first_a.is_ascii_digit() && first_b.is_ascii_digit() {
            let (number_a, number_b);
            (number_a, a) = split_number(a);
            (number_b, b) = split_number(b);
            number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b))
        } else {
            (a, b) = (rest_a, rest_b);
            first_a.cmp(first_b)
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// Returns the digits at the start, without leading zeros, and the rest.
fn split_number(text: &[u8]) -> (&[u8], &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let zeros = text[..digits].iter().take_while(|byte| **byte == b'0').count();
    (&text[zeros..digits], &text[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_by_their_value() {
        let ordered = [
            "a/b10.png",
            "a2",
            "a10/b1.png",
            "frame",
            "frame.png",
            "frame0.png",
            "frame2.png",
            "frame002b.png",
            "frame10.png",
            "frame99999999999999999999.png",
            "frame100000000000000000000.png",
            "frameé.png",
        ];
        let mut paths: Vec<&Path> = ordered.iter().map(Path::new).collect();
        paths.reverse();
        paths.sort_by(|a, b| natural(a, b));
        assert_eq!(paths, ordered.map(Path::new));
    }

    #[test]
    fn equal_numbers_with_leading_zeros_are_ordered() {
        let (short, long) = (Path::new("f1.png"), Path::new("f01.png"));
        assert_eq!(natural(short, long), natural(long, short).reverse());
        assert_ne!(natural(short, long), Ordering::Equal);
    }
}
