//! Whether the quotes of a table are as RFC 4180 wants them. Must not read its cells.
//!
//! A lenient reader takes a quote that is never closed for one long cell: the rows after it vanish.

/// That each quote opens a cell, closes one, or is doubled inside one.
///
/// # Errors
/// The line of the first that does not.
pub(super) fn are_closed(text: &str, delimiter: u8) -> Result<(), String> {
    let mut line = 1_usize;
    let mut opened = None;
    // At the start of a cell; behind a quote that closed one, or that is the first of two.
    let (mut at_start, mut behind) = (true, false);
    for byte in text.bytes() {
        let ends_cell = byte == delimiter || byte == b'\n' || byte == b'\r';
        match (opened, byte) {
            (Some(_), b'"') => behind = !behind,
            (Some(_), _) if !behind => {}
            (Some(line), _) if !ends_cell => {
                return Err(misplaced(line, "a quote is closed before its cell ends"));
            }
            (None, b'"') if at_start => opened = Some(line),
            (None, b'"') => {
                return Err(misplaced(line, "a quote inside an unquoted cell"));
            }
            (Some(_) | None, _) => {
                (opened, behind, at_start) = (None, false, ends_cell);
            }
        }
        line += usize::from(byte == b'\n');
    }
    match opened {
        Some(line) if !behind => Err(misplaced(line, "a quote is never closed")),
        Some(_) | None => Ok(()),
    }
}

fn misplaced(line: usize, what: &str) -> String {
    format!("line {line}: {what}; quotes inside a quoted cell must be doubled")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m14c_quotes_that_are_in_order_pass() {
        for text in [
            "",
            "a,b\n1,2\n",
            "a,b\r\n\"1\",\"2\"\r\n",
            "a,b\n\"1, and \"\"2\"\"\n3\",\"\"\n\"\"\"\",x",
        ] {
            assert_eq!(are_closed(text, b','), Ok(()), "{text}");
        }
        assert_eq!(are_closed("a;b\n\"1;2\";3\n", b';'), Ok(()));
    }

    #[test]
    fn m14c_a_quote_that_is_out_of_order_is_named_with_its_line() {
        for (text, line, what) in [
            ("a,b\n\"1,2\n3,4\n", 2, "never closed"),
            ("a,b\n1,2\n\"3\"x,4\n", 3, "before its cell ends"),
            ("a,b\n1,5\" disk\n", 2, "inside an unquoted cell"),
            ("a,b\n1, \"2\"\n", 2, "inside an unquoted cell"),
            ("a,b\n\"1\" ,2\n", 2, "before its cell ends"),
            ("\"", 1, "never closed"),
            ("\"\"\"", 1, "never closed"),
        ] {
            let reason = are_closed(text, b',').expect_err(text);
            let right = reason.starts_with(&format!("line {line}: ")) && reason.contains(what);
            assert!(right, "{text} {reason}");
        }
    }

    proptest::proptest! {
        #[test]
        fn m14c_what_a_spreadsheet_writes_passes(cells in proptest::collection::vec("[\"a,;\\n ]{0,6}", 1..12)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for row in cells.chunks(3).filter(|row| row.len() == 3) {
                writer.write_record(row).expect("written");
            }
            let text = String::from_utf8(writer.into_inner().expect("written")).expect("text");
            proptest::prop_assert_eq!(are_closed(&text, b','), Ok(()));
        }
    }
}
