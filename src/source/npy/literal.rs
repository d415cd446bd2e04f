//! Parses the Python literal of a header: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 480, 640), }`.
//!
//! It supports only what NumPy writes: a dictionary of strings, `True` or `False`, and a tuple of whole numbers. A
//! structured `descr`, a list of tuples, is skipped and kept as text, so that an error can show it.

/// The contents of the dictionary.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// The type of a sample: a string without its quotes, or a list with its brackets.
    pub(super) descr: String,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<u64>,
}

impl Literal {
    /// Parses all of `text`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        let mut cursor = Cursor { rest: text };
        cursor.expect('{')?;
        while !cursor.takes('}') {
            let key = cursor.string()?;
            cursor.expect(':')?;
            match key {
                "descr" => descr = Some(cursor.descr()?.to_owned()),
                "fortran_order" => fortran_order = Some(cursor.boolean()?),
                "shape" => shape = Some(cursor.tuple()?),
                _ => return Err(format!("its header has the unknown key {key:?}")),
            }
            if !cursor.takes(',') {
                cursor.expect('}')?;
                break;
            }
        }
        if !cursor.skip_spaces().is_empty() {
            return Err(cursor.unexpected("the header's end"));
        }
        let missing = |key: &str| format!("its header has no {key}");
        Ok(Self {
            descr: descr.ok_or_else(|| missing("descr"))?,
            fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }
}

/// The text that is not parsed yet.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn skip_spaces(&mut self) -> &'a str {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        self.rest
    }

    /// Skips `mark` if it is next; returns whether it was.
    fn takes(&mut self, mark: char) -> bool {
        match self.skip_spaces().strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.takes(mark) { Ok(()) } else { Err(self.unexpected(&format!("'{mark}'"))) }
    }

    fn unexpected(&self, expected: &str) -> String {
        let seen: String = self.rest.chars().take(20).collect();
        if seen.is_empty() {
            format!("its header ends where {expected} should be")
        } else {
            format!("its header has {seen:?} where {expected} should be")
        }
    }

    /// Splits the rest of the text after `bytes`.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Parses a string without unescaping it: no relevant name has an escape.
    fn string(&mut self) -> Result<&'a str, String> {
        let text = self.skip_spaces();
        match string_bytes(text) {
            Some(bytes) => Ok(&self.take(bytes)[1..bytes - 1]),
            None => Err(self.unexpected("a string")),
        }
    }

    fn boolean(&mut self) -> Result<bool, String> {
        let text = self.skip_spaces();
        for (word, value) in [("True", true), ("False", false)] {
            if text.starts_with(word) {
                self.take(word.len());
                return Ok(value);
            }
        }
        Err(self.unexpected("True or False"))
    }

    fn tuple(&mut self) -> Result<Vec<u64>, String> {
        let mut numbers = Vec::new();
        self.expect('(')?;
        while !self.takes(')') {
            numbers.push(self.number()?);
            if !self.takes(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(numbers)
    }

    /// Parses a whole number. Python 2 wrote some with an `L` after it.
    fn number(&mut self) -> Result<u64, String> {
        let text = self.skip_spaces();
        let bytes = text.bytes().take_while(u8::is_ascii_digit).count();
        let number = text[..bytes].parse().map_err(|_| self.unexpected("a length of 0 to 2^64 - 1"))?;
        self.take(bytes);
        self.rest = self.rest.strip_prefix('L').unwrap_or(self.rest);
        Ok(number)
    }

    fn descr(&mut self) -> Result<&'a str, String> {
        if !self.skip_spaces().starts_with(['[', '(', '{']) {
            return self.string();
        }
        match balanced_bytes(self.rest) {
            Some(bytes) => Ok(self.take(bytes)),
            None => Err("a bracket of its header is not closed".to_owned()),
        }
    }
}

/// Returns the length of the quoted string at the start of `text`.
fn string_bytes(text: &str) -> Option<usize> {
    let quote = text.bytes().next().filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Returns the length of the bracketed literal at the start of `text`. It counts brackets instead of recursing, because
/// a header may nest them as deeply as it is long.
fn balanced_bytes(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'\'' | b'"' => {
                at += string_bytes(&text[at..])?;
                continue;
            }
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn literal(descr: &str, fortran_order: bool, shape: &[u64]) -> Literal {
        Literal { descr: descr.to_owned(), fortran_order, shape: shape.to_vec() }
    }

    #[test]
    fn literals_of_numpy_are_parsed() {
        for (text, expected) in [
            (
                "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4), }   \n",
                literal("|u1", false, &[2, 3, 4]),
            ),
            ("{\"shape\":(5,),\"fortran_order\":True,\"descr\":\">f8\"}", literal(">f8", true, &[5])),
            ("{'descr': '<u2', 'fortran_order': False, 'shape': (10L, 20L)}\n", literal("<u2", false, &[10, 20])),
            ("\n{ 'shape' : ( ) , 'fortran_order' :False,\t'descr': '<f2' }", literal("<f2", false, &[])),
            (
                "{'descr': [('a', '<f4'), ('b]', '<i4', (2,))], 'fortran_order': False, 'shape': (3,), }",
                literal("[('a', '<f4'), ('b]', '<i4', (2,))]", false, &[3]),
            ),
        ] {
            assert_eq!(Literal::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors_are_described() {
        for (text, message) in [
            ("", "its header ends where '{' should be"),
            ("{'descr': '|u1', 'fortran_order': False}", "its header has no shape"),
            ("{'descr': '|u1', 'order': 'C'}", "its header has the unknown key \"order\""),
            ("{'shape': (-1,)}", "its header has \"-1,)}\" where a length of 0 to 2^64 - 1 should be"),
            ("{'shape': (18446744073709551616,)}", "where a length of 0 to 2^64 - 1 should be"),
            ("{'shape': 5}", "its header has \"5}\" where '(' should be"),
            ("{'fortran_order': 1}", "its header has \"1}\" where True or False should be"),
            ("{'descr': [('a', '<f4')", "a bracket of its header is not closed"),
            ("{'descr': '|u1", "its header has \"'|u1\" where a string should be"),
            ("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} + x", "\"+ x\" where the header's end"),
        ] {
            let error = Literal::parse(text).expect_err(text);
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn printed_literals_are_parsed_back(
            descr in "[<>|=]?[a-zA-Z][0-9]{0,3}",
            fortran_order: bool,
            shape in prop::collection::vec(any::<u64>(), 0..6),
            space in "[ \n\t]{0,3}",
            suffix in "L?",
        ) {
            let lengths: String = shape.iter().map(|length| format!("{space}{length}{suffix},")).collect();
            let order = if fortran_order { "True" } else { "False" };
            let text = format!(
                "{{{space}'descr':{space}'{descr}',{space}'fortran_order':{order},'shape':({lengths}){space}}}{space}"
            );
            prop_assert_eq!(Literal::parse(&text), Ok(literal(&descr, fortran_order, &shape)));
        }

        #[test]
        fn no_text_causes_a_panic(text in "\\PC*|[{}()\\[\\]'\"\\\\:, L0-9a-z]*|\\{'descr': [{}()\\[\\]'\"\\\\é]*") {
            let _ = Literal::parse(&text);
        }
    }
}
