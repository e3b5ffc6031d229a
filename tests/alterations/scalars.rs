//! The values of a JSON text where they stand, and other values for them that look as likely: what an attacker would write.
//! Must not use the crate under test, and must not change anything but the value.

use std::ops::Range;

/// Words that would turn a verdict around.
const TURNED: &[(&str, &str)] = &[
    ("GO", "STOP"),
    ("STOP", "GO"),
    ("HOLD", "GO"),
    ("NO-GO", "GO"),
    ("met", "unmet"),
    ("unmet", "met"),
    ("unknown", "met"),
    ("clear", "tripped"),
    ("tripped", "clear"),
    ("yes", "no"),
    ("given", "git"),
    ("exit", "entry"),
];

/// Where each value stands that is no object and no list; keys are none.
pub fn values(text: &str) -> Vec<Range<usize>> {
    let (bytes, mut found, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'"' => {
                at = end_of_string(bytes, at);
                let next = bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                if next != Some(&b':') {
                    found.push(start..at);
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                while at < bytes.len() && !b",]} \n\r\t".contains(&bytes[at]) {
                    at += 1;
                }
                found.push(start..at);
            }
            _ => at += 1,
        }
    }
    found
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The text with another value in this place, each way of it.
pub fn changed(text: &str, place: &Range<usize>) -> Vec<String> {
    let values = others(&text[place.clone()]).into_iter();
    values
        .map(|value| format!("{}{value}{}", &text[..place.start], &text[place.end..]))
        .collect()
}

fn others(value: &str) -> Vec<String> {
    match value {
        "true" => vec!["false".to_owned()],
        "false" => vec!["true".to_owned()],
        "null" => vec!["\"x\"".to_owned()],
        _ => match value.strip_prefix('"') {
            Some(string) => {
                let strings = other_strings(&string[..string.len() - 1]).into_iter();
                strings.map(|string| format!("\"{string}\"")).collect()
            }
            None => vec![with_another(value, value.rfind(is_letter))],
        },
    }
}

fn other_strings(string: &str) -> Vec<String> {
    if let Some((_, turned)) = TURNED.iter().find(|(word, _)| *word == string) {
        return vec![(*turned).to_owned()];
    }
    let (first, last) = (string.find(is_letter), string.rfind(is_letter));
    if first == last || string.contains('\\') || !string.is_ascii() {
        return vec![format!("x{string}")];
    }
    vec![with_another(string, first), with_another(string, last)]
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphanumeric()
}

/// With another letter or digit in this place.
fn with_another(text: &str, at: Option<usize>) -> String {
    let Some(at) = at else {
        return format!("{text}0");
    };
    let next = match text.as_bytes()[at] {
        b'9' => '8',
        b'f' => 'e',
        b'z' | b'Z' => 'y',
        other => char::from(other + 1),
    };
    format!("{}{next}{}", &text[..at], &text[at + 1..])
}
