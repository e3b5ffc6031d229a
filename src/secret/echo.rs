//! A secret found again in a text from outside, however it is written there: as it is, in a URL or a form, in JSON, in HTML,
//! in Base64 (T15). Servers repeat what they were sent. Must not keep a secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::Secret;

/// What stands in place of a secret.
const BLOT: &str = "***";

/// A text with each of these secrets blotted out. Give the longest first: a secret may hold another.
pub(crate) fn blot(text: &str, secrets: &[Secret]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| {
        let text = blotted(&text, secret.expose());
        base64_forms(secret.expose())
            .iter()
            .filter(|form| !form.is_empty())
            .fold(text, |text, form| text.replace(form, BLOT))
    })
}

/// With padding first, so that none is left behind.
fn base64_forms(secret: &str) -> [String; 4] {
    let engines = [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD];
    engines.map(|engine| engine.encode(secret))
}

fn blotted(text: &str, secret: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(end) = written(rest, secret) {
            shown.push_str(BLOT);
            rest = rest.get(end..).unwrap_or_default();
        } else {
            shown.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    shown
}

/// How many bytes at the beginning of a text are the secret, each of its characters written in any way; `None` if it does not
/// stand there.
fn written(text: &str, secret: &str) -> Option<usize> {
    // What may follow what has been found so far: `%25` is a percent sign, or one and `25`.
    let mut rests = vec![text];
    for letter in secret.chars() {
        rests = rests
            .into_iter()
            .flat_map(|rest| after(rest, letter))
            .collect();
        rests.sort_unstable_by_key(|rest| rest.len());
        rests.dedup_by_key(|rest| rest.len());
    }
    let longest = rests.iter().map(|rest| text.len() - rest.len()).max()?;
    (!secret.is_empty()).then_some(longest)
}

/// What follows a character, for each way in which it may be written there.
fn after(text: &str, letter: char) -> impl Iterator<Item = &str> {
    let ways = [
        text.strip_prefix(letter),
        text.strip_prefix('+').filter(|_| letter == ' '),
        after_html(text, letter),
    ];
    let percent = PERCENT_SIGNS.into_iter().flat_map(move |sign| {
        let plus = (letter == ' ').then(|| after_percent(text, '+', sign));
        [after_percent(text, letter, sign), plus.flatten()]
    });
    let json = ESCAPES
        .into_iter()
        .map(move |signs| after_json(text, letter, signs));
    ways.into_iter().chain(percent).chain(json).flatten()
}

/// A percent sign as it is, and as it is once a text was encoded again.
const PERCENT_SIGNS: [&str; 3] = ["%", "%25", "%2525"];

/// `%2B` or `%2b`, one for each byte.
fn after_percent<'t>(text: &'t str, letter: char, sign: &str) -> Option<&'t str> {
    let mut bytes = [0; 4];
    let mut rest = text;
    for byte in letter.encode_utf8(&mut bytes).bytes() {
        let hex = rest.strip_prefix(sign)?;
        rest = hex.get(2..)?;
        let found = u8::from_str_radix(hex.get(..2)?, 16).ok();
        found.filter(|found| *found == byte)?;
    }
    Some(rest)
}

/// What stands before an escaped character in JSON, in JSON within JSON, and once more.
const ESCAPES: [&str; 5] = [r"\", r"\\", r"\\\", r"\\\\", r"\\\\\\\"];

/// `\"`, `\/`, `\n`, `\u0026`.
fn after_json<'t>(text: &'t str, letter: char, signs: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(signs)?;
    let short = match letter {
        '"' | '\\' | '/' | '\'' => Some(letter),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    if let Some(after) = short.and_then(|short| rest.strip_prefix(short)) {
        return Some(after);
    }
    let mut units = [0; 2];
    let mut rest = text;
    for unit in letter.encode_utf16(&mut units) {
        let hex = rest.strip_prefix(signs)?.strip_prefix('u')?;
        rest = hex.get(4..)?;
        let found = u16::from_str_radix(hex.get(..4)?, 16).ok();
        found.filter(|found| *found == *unit)?;
    }
    Some(rest)
}

/// `&amp;`, `&#38;`, `&#x26;`.
fn after_html(text: &str, letter: char) -> Option<&str> {
    let (reference, rest) = text.strip_prefix('&')?.split_once(';')?;
    let named = match letter {
        '&' => "amp",
        '<' => "lt",
        '>' => "gt",
        '"' => "quot",
        '\'' => "apos",
        _ => "",
    };
    let number =
        reference
            .strip_prefix('#')
            .and_then(|number| match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            });
    let is_it = !named.is_empty() && reference == named || number == Some(u32::from(letter));
    is_it.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What people's passwords hold, and what each encoder changes.
    const SECRET: &str = "a+b&c=\"d\" <é>/$'\\ %z";

    fn blotted(text: &str) -> String {
        blot(text, &[Secret::new(SECRET.to_owned())])
    }

    fn in_json(text: &str) -> String {
        let quoted = serde_json::to_string(text).expect("JSON");
        quoted[1..quoted.len() - 1].to_owned()
    }

    #[test]
    fn t15_a_secret_is_found_however_it_is_written() {
        let form = "a%2Bb%26c%3D%22d%22+%3C%C3%A9%3E%2F%24%27%5C+%25z";
        for echoed in [
            SECRET.to_owned(),
            form.to_owned(),
            form.to_ascii_lowercase(),
            form.replace('+', "%20"),
            form.replace('%', "%25"),
            form.replace('+', "%20").replace('%', "%2525"),
            form.replace('%', "%25").replace('+', "%2B"),
            serde_json::to_string(SECRET)
                .expect("JSON")
                .trim_matches('"')
                .to_owned(),
            r#"a+b\u0026c=\"d\" \u003c\u00e9\u003E\/$'\\ %z"#.to_owned(),
            "a+b&amp;c=&quot;d&quot; &lt;é&gt;/$&#39;\\ %z".to_owned(),
            "a&#43;b&amp;c=&#34;d&#x22; &lt;&#233;&gt;&#x2F;$&apos;\\ %z".to_owned(),
            in_json(&in_json(SECRET)),
            in_json(&in_json(&in_json(SECRET))),
            in_json(r#"a+b\u0026c=\"d\" \u003c\u00e9\u003E\/$'\\ %z"#),
            STANDARD_NO_PAD.encode(SECRET),
            URL_SAFE_NO_PAD.encode(SECRET),
        ] {
            let shown = blotted(&format!("client_secret={echoed}&x=1; {echoed}"));
            assert_eq!(shown, "client_secret=***&x=1; ***", "{echoed}");
        }
    }

    #[test]
    fn nothing_else_is_blotted_out() {
        for text in ["", "%", "%2", "&", "&amp", "\\u00", "a+b&c", "é%é"] {
            assert_eq!(blotted(text), text);
        }
        assert_eq!(blot("text", &[Secret::default()]), "text");
    }

    #[test]
    fn the_longest_comes_first() {
        let secrets = ["user:pass", "pass"].map(|text| Secret::new(text.to_owned()));
        assert_eq!(blot("user:pass pass", &secrets), "*** ***");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_no_secret_stays(secret in "[a-z%&+\\\\é ]{1,6}", text in "[a-z%&+\\\\é;# u0-9]{0,30}") {
            let shown = blot(&format!("{text}{secret}"), &[Secret::new(secret.clone())]);
            proptest::prop_assert!(shown.contains(BLOT));
        }
    }
}
