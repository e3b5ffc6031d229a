//! Masks credentials in a plan's text before any line of it is shown. Lengths stay, so that positions do.
//!
//! Works on any text, YAML or not; if in doubt, it masks.

use super::{MAP_KEYS, SECRET_KEYS, user_info};

/// The text with every credential as `*`, byte for byte.
pub fn conceal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // The indentation of a secret key whose value goes on below it.
    let mut below: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let blank = line.trim().is_empty();
        let item_of_key = line.trim_start().starts_with('-');
        below = below.filter(|key| blank || indent > *key || (indent == *key && item_of_key));
        let masked = if below.is_some() && !blank {
            mask(line, indent)
        } else {
            mask_line(line, &mut below)
        };
        shown.push_str(&masked);
    }
    shown
}

/// Masks what follows a secret key, and user info.
fn mask_line(line: &str, below: &mut Option<usize>) -> String {
    let masked = match secret_value(line) {
        Some((column, value)) => {
            *below = Some(column);
            mask(line, value)
        }
        None => line.to_owned(),
    };
    mask_bare_pairs(&mask_user_info(&masked))
}

/// Where a secret key is in a line, and where its value begins.
fn secret_value(line: &str) -> Option<(usize, usize)> {
    line.match_indices(':')
        .filter_map(|(colon, _)| {
            let before = line.get(..colon)?.trim_end().trim_end_matches(['"', '\'']);
            let start = before
                .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(0, |at| at + 1);
            let key = before.get(start..)?;
            // Inside braces, what follows may be anywhere to the right of the line's own beginning.
            let head = line.get(..start)?.trim_end_matches(['"', '\'']);
            let first = head.trim_matches([' ', '-']).is_empty();
            let column = if first {
                head.len()
            } else {
                head.len() - head.trim_start().len()
            };
            let is_text = || {
                let value = line.get(colon + 1..).unwrap_or_default().trim_start();
                !value.is_empty() && !value.starts_with(['{', '&', '*', '!'])
            };
            let secret = SECRET_KEYS.contains(&key) || (MAP_KEYS.contains(&key) && is_text());
            secret.then_some((column, colon + 1))
        })
        .min()
}

/// Everything from a byte on becomes stars, byte for byte; the line end stays.
fn mask(line: &str, from: usize) -> String {
    let (head, tail) = line.split_at_checked(from).unwrap_or((line, ""));
    let body = tail.trim_end_matches(['\n', '\r']);
    let end = tail.get(body.len()..).unwrap_or_default();
    let stars: String = body
        .chars()
        .map(|character| match character {
            ' ' | '{' | '}' | '[' | ']' | ',' => character.to_string(),
            _ => "*".repeat(character.len_utf8()),
        })
        .collect();
    format!("{head}{stars}{end}")
}

/// `user:password@` of an address without a scheme becomes stars.
fn mask_bare_pairs(line: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || "\"'{}[],".contains(c);
    let mut shown = String::with_capacity(line.len());
    for piece in line.split_inclusive(is_edge) {
        let info = piece.rfind('@').and_then(|at| piece.split_at_checked(at));
        match info.filter(|(info, _)| info.contains(':') && !info.contains("//")) {
            Some((info, rest)) => {
                shown.push_str(&"*".repeat(info.len()));
                shown.push_str(rest);
            }
            None => shown.push_str(piece),
        }
    }
    shown
}

/// `//user:password@` becomes stars.
pub fn mask_user_info(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("//") {
        let (head, tail) = rest.split_at(at + 2);
        let info = user_info(tail).len();
        shown.push_str(head);
        shown.push_str(&"*".repeat(info));
        rest = tail.get(info..).unwrap_or_default();
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_stars_of_the_same_length() {
        for (text, shown) in [
            ("password: hunter2\n", "password: *******\n"),
            ("{ password: 'a b', x: y }", "{ password: ** **, ** * }"),
            (
                "secrets:\n  - abc\nother: x\n",
                "secrets:\n  * ***\nother: x\n",
            ),
            (
                "key: |\n  -----BEGIN\n  MIIE\nurl: http://h\n",
                "key: *\n  **********\n  ****\nurl: http://h\n",
            ),
            ("url: http://u:p@h/x", "url: http://***@h/x"),
            (
                "{ password:\n  abc }\nx: y\n",
                "{ password:\n  *** }\nx: y\n",
            ),
            ("- password: a\n  x: y\n", "- password: *\n  x: y\n"),
            ("password_file: /etc/x\n", "password_file: /etc/x\n"),
            ("${P:-http://u:p@h}", "${P:-http://***@h}"),
        ] {
            assert_eq!(conceal(text), shown);
        }
    }

    proptest::proptest! {
        #[test]
        fn lengths_stay(text in "(password: |key:|é|://|@|\\n| |-|a|\"){0,40}") {
            let shown = conceal(&text);
            proptest::prop_assert_eq!(shown.len(), text.len());
        }
    }
}
