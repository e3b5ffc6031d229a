//! Masks credentials in a plan's text before any line of it is shown. Lengths stay, so that positions do.
//!
//! Works on any text, YAML or not; if in doubt, it masks.

use super::{HOOK_KEYS, MAP_KEYS, comment, is_secret_key};
use crate::secret::address;
use crate::secret::prose::{assigns, credential_in, is_unmistakable};

/// The text with every credential as `*`, byte for byte; also where an anchor stands for one.
pub fn conceal(text: &str) -> String {
    let mut anchors: Vec<&str> = Vec::new();
    loop {
        let shown = concealed(text, &anchors);
        let more = hidden_aliases(text, &shown);
        if more.iter().all(|name| anchors.contains(name)) {
            return shown;
        }
        anchors.extend(more);
    }
}

/// The names of aliases used where a credential is masked.
fn hidden_aliases<'t>(text: &'t str, shown: &str) -> Vec<&'t str> {
    let hidden = text.match_indices('*').filter_map(|(star, _)| {
        let name = name_at(text, star + 1);
        let masked = shown.get(star + 1..star + 1 + name.len())?;
        (!name.is_empty() && masked != name).then_some(name)
    });
    hidden.collect()
}

/// The name of an anchor or alias that begins at a byte.
fn name_at(text: &str, from: usize) -> &str {
    let rest = text.get(from..).unwrap_or_default();
    let is_end = |c: char| c.is_whitespace() || "[]{},*".contains(c);
    rest.split(is_end).next().unwrap_or_default()
}

/// Masks what follows secret keys and these anchors.
fn concealed(text: &str, anchors: &[&str]) -> String {
    let mut shown = String::with_capacity(text.len());
    // The indentation of a secret key whose value goes on below it.
    let mut below: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let blank = line.trim().is_empty();
        let item_of_key = line.trim_start().starts_with(['-', ':']);
        below = below.filter(|key| blank || indent > *key || (indent == *key && item_of_key));
        let masked = if below.is_some() && !blank {
            mask(line, indent)
        } else {
            mask_line(line, anchors, &mut below)
        };
        shown.push_str(&masked);
    }
    shown
}

/// Masks what follows a secret key or anchor, and user info.
fn mask_line(line: &str, anchors: &[&str], below: &mut Option<usize>) -> String {
    if is_unmistakable(line) {
        return mask(line, line.len() - line.trim_start().len());
    }
    if let Some(said) = comment(line).filter(|said| credential_in(said).is_some()) {
        let (head, tail) = line
            .split_at_checked(line.len() - said.len())
            .unwrap_or((line, ""));
        return mask_line(head, anchors, below) + &mask(tail, 0);
    }
    if let Some(indent) = complex_key(line) {
        *below = Some(indent);
        return line.to_owned();
    }
    let keyed = secret_value(line).into_iter();
    let masked = match keyed
        .chain(secret_anchor(line, anchors))
        .min_by_key(|found| found.1)
    {
        Some((column, value)) => {
            *below = Some(column);
            mask(line, value)
        }
        None => mask_assignments(line),
    };
    mask_bare_pairs(&address::mask(&mask_hooks(&masked)))
}

/// What follows the host of an address after which a notice is posted becomes stars.
fn mask_hooks(line: &str) -> String {
    let mut shown = line.to_owned();
    for key in HOOK_KEYS {
        for (at, _) in line.match_indices(key) {
            let is_key = !line.get(..at).unwrap_or_default().ends_with(is_of_a_word);
            let value = at + key.len();
            let (head, rest) = line.split_at_checked(value).unwrap_or((line, ""));
            if let Some(path) = path_of_value(rest).filter(|_| is_key) {
                let path = head.len() + path.start..head.len() + path.end;
                shown.replace_range(path.clone(), &"*".repeat(path.len()));
            }
        }
    }
    shown
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'
}

/// What follows the host, up to where the value ends.
fn path_of_value(rest: &str) -> Option<std::ops::Range<usize>> {
    let text = rest.trim_start();
    let begin = rest.len() - text.len();
    let is_end = |letter: char| letter.is_whitespace() || [',', '}', ']'].contains(&letter);
    let end = text.find(is_end).unwrap_or(text.len());
    let value = text.get(..end)?;
    let (host, marks): (usize, &[char]) = match value.find("//") {
        Some(slashes) => (slashes + 2, &['/', '?', '#']),
        None => (0, &['/']),
    };
    let mark = value.get(host..)?.find(marks)?;
    let path = begin + host + mark + 1..begin + end;
    (!path.is_empty() && rest.is_char_boundary(path.start)).then_some(path)
}

/// Masks what follows the key of a line, or all of it, where a credential is assigned there.
fn mask_assignments(line: &str) -> String {
    let (key, said) = match line.split_once(": ") {
        Some((key, _)) => line.split_at(key.len() + 1),
        None => ("", line),
    };
    if assigns(key.trim_end_matches(':')) {
        return mask(line, line.len() - line.trim_start().len());
    }
    if assigns(said) {
        return mask(line, key.len());
    }
    line.to_owned()
}

/// The indentation of `? password`, whose value follows on a line of its own.
fn complex_key(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let key = line.trim_start().strip_prefix("? ")?.trim();
    let key = key.trim_matches(['"', '\'']);
    let is_alone = !key.contains(':');
    let is_secret = is_secret_key(key) || MAP_KEYS.contains(&key) || key.contains('\\');
    (is_alone && is_secret).then_some(indent)
}

/// Whether a key in double quotes is written with escapes: nobody can tell at a glance what it is.
fn is_escaped(head: &str) -> bool {
    let quoted = head.trim_end().strip_suffix('"');
    let key = quoted.and_then(|quoted| quoted.rsplit_once('"'));
    key.is_some_and(|(_, key)| key.contains('\\'))
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
                let value = line.get(colon + 1..).unwrap_or_default();
                let mut words = value.split_whitespace();
                let value = words.find(|word| !word.starts_with(['&', '!']));
                value.is_some_and(|value| !value.starts_with(['{', '*']))
            };
            let secret = is_secret_key(key)
                || is_escaped(line.get(..colon)?)
                || (MAP_KEYS.contains(&key) && is_text());
            secret.then_some((column, colon + 1))
        })
        .min()
}

/// The indentation of a line, and where the value of a secret anchor in it begins.
fn secret_anchor(line: &str, anchors: &[&str]) -> Option<(usize, usize)> {
    let indent = line.len() - line.trim_start_matches([' ', '-']).len();
    let mut signs = line.match_indices('&').map(|(sign, _)| sign + 1);
    let start = signs.find(|start| anchors.contains(&name_at(line, *start)))?;
    Some((indent, start + name_at(line, start).len()))
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

/// `user:password@` of an address without a scheme becomes stars. Between quotes it may hold spaces.
fn mask_bare_pairs(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let (mut from, mut quote) = (0, None);
    for (at, letter) in line.char_indices() {
        let is_end = match quote {
            Some(open) => letter == open,
            None => letter.is_whitespace() || matches!(letter, '"' | '\''),
        };
        if is_end {
            quote = (quote.is_none() && !letter.is_whitespace()).then_some(letter);
            shown.push_str(&mask_bare_pair(line.get(from..at).unwrap_or_default()));
            from = at;
        }
    }
    shown + &mask_bare_pair(line.get(from..).unwrap_or_default())
}

fn mask_bare_pair(piece: &str) -> String {
    let info = piece.rfind('@').and_then(|at| piece.split_at_checked(at));
    match info.filter(|(info, _)| info.contains(':') && !info.contains("//")) {
        Some((info, rest)) => format!("{}{rest}", "*".repeat(info.len())),
        None => piece.to_owned(),
    }
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
                "- { slack: 'https://h/a/b?c', on: [STOP] }",
                "- { slack: 'https://h/******, on: [STOP] }",
            ),
            (
                "  webhook: h.example.com/x/y\n",
                "  webhook: h.example.com/***\n",
            ),
            ("slack: ${SLACK_WEBHOOK} # x", "slack: ${SLACK_WEBHOOK} # x"),
            ("slack: https://h\n", "slack: https://h\n"),
            ("no_slack: https://h/x\n", "no_slack: https://h/x\n"),
            (
                "{ password:\n  abc }\nx: y\n",
                "{ password:\n  *** }\nx: y\n",
            ),
            ("- password: a\n  x: y\n", "- password: *\n  x: y\n"),
            ("password_file: /etc/x\n", "password_file: /etc/x\n"),
            ("secret_key: abc\n", "secret_key: ***\n"),
            ("  dbPassword: 'abc'\n", "  dbPassword: *****\n"),
            ("http://u:S3C/RET@h # x\n", "http://*********@h # x\n"),
            ("${P:-http://u:p@h}", "${P:-http://***@h}"),
            (
                "? password\n: hunter2\nx: y\n",
                "? password\n* *******\nx: y\n",
            ),
            (
                "{\"pass\\u0077ord\": hunter2}\n",
                "{\"pass\\u0077ord\": *******}\n",
            ),
            (
                "http_header: {X: {vals: [abc]}}\n",
                "http_header: {** {***** [***]}}\n",
            ),
            ("foo: a password=hunter2\n", "foo: * ****************\n"),
            ("password=hunter2\n", "****************\n"),
            ("query: x{job=\"y\"}\n", "query: x{job=\"y\"}\n"),
            ("x: y # pw: hunter2\n", "x: y # *** *******\n"),
            ("x: ghp_0123456789abcdef\n", "** ********************\n"),
            ("pasword: hunter2\n", "pasword: *******\n"),
            (
                "owner: &p hunter2\nnotes: &q ok\npassword: *p\n",
                "owner: &p *******\nnotes: &q ok\npassword: **\n",
            ),
            (
                "a: &h\n  b: [c, &p d]\nx: &p e\nhttp_headers: *h\nkey: *p\n",
                "a: &h\n  ** [*, ** *]\nx: &p *\nhttp_headers: **\nkey: **\n",
            ),
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
