//! What of an address may be shown, one answer for everybody: nothing between `//` and the last `@` (T14), even where the
//! text is no address, since a password may hold any character. Must not rely on a parser: what it refuses is shown too.

use std::ops::Range;

use url::{Host, Url};

/// Where user info stands in a text, in bytes and without the `@`: from each `//` to the last `@` of that address.
pub(crate) fn user_infos(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(slashes) = text.get(from..).and_then(|rest| rest.find("//")) {
        let start = from + slashes + 2;
        let end = end_of_address(text, start);
        let at = text.get(start..end).and_then(|address| address.rfind('@'));
        if let Some(at) = at {
            found.push(start..start + at);
        }
        from = end.max(start);
    }
    found
}

/// Whether an address is of this machine: what goes there passes nobody.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The text with this in place of each user info and its `@`.
pub(crate) fn replace_user_info(text: &str, by: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for info in user_infos(text) {
        shown.push_str(text.get(from..info.start).unwrap_or_default());
        shown.push_str(by);
        from = info.end + 1;
    }
    shown + text.get(from..).unwrap_or_default()
}

/// The text without user info.
pub(crate) fn without_user_info(text: &str) -> String {
    replace_user_info(text, "")
}

/// The name in an address's user info, without the password; `None` if it has no user info.
pub(crate) fn user_name(text: &str) -> Option<String> {
    let info = user_infos(text).into_iter().next()?;
    let info = text.get(info)?;
    Some(info.split(':').next().unwrap_or(info).to_owned())
}

/// A link that somebody gives, without user info. An `@` in its path is encoded, which leads to the same page; where it may be
/// part of a password, what stands before it goes.
pub(crate) fn link(text: &str) -> String {
    let address = Url::parse(text).ok();
    let plain = address.filter(|url| {
        url.host_str().is_some()
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    match plain {
        Some(_) if has_at_behind_host(text) => text.replace('@', "%40"),
        Some(_) => text.to_owned(),
        None => without_user_info(text),
    }
}

/// The text with stars for each user info and for what follows the `?` or `#` of an address, byte for byte, so that positions stay.
pub(crate) fn mask(text: &str) -> String {
    let mut hidden = user_infos(text);
    hidden.extend(queries(text));
    let stars = |(at, letter): (usize, char)| {
        if hidden.iter().any(|one| one.contains(&at)) {
            "*".repeat(letter.len_utf8())
        } else {
            letter.to_string()
        }
    };
    text.char_indices().map(stars).collect()
}

/// What follows the `?` or `#` of each address, without that.
pub(crate) fn queries(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(slashes) = text.get(from..).and_then(|rest| rest.find("//")) {
        let start = from + slashes + 2;
        let end = end_of_address(text, start);
        let mark = text
            .get(start..end)
            .and_then(|address| address.find(['?', '#']));
        if let Some(mark) = mark {
            found.push(start + mark + 1..end);
        }
        from = end.max(start);
    }
    found
}

/// The text with `…` in place of what follows the `?` or `#` of each address.
pub(crate) fn without_queries(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for query in queries(text) {
        shown.push_str(text.get(from..query.start).unwrap_or_default());
        shown.push('…');
        from = query.end;
    }
    shown + text.get(from..).unwrap_or_default()
}

/// Whether an `@` stands behind the host of an address: a password that is not encoded ends the host early, and the rest of
/// it would be shown as a path.
pub(crate) fn has_at_behind_host(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("//") else {
        return false;
    };
    let host = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    rest.get(host..).is_some_and(|behind| behind.contains('@'))
}

/// Where the address ends whose `//` ends at `start`: at the quote that encloses it, or else at a space outside of `${…}`.
fn end_of_address(text: &str, start: usize) -> usize {
    let (before, rest) = text.split_at_checked(start).unwrap_or((text, ""));
    let quote = opening_quote(before);
    let mut in_placeholder = false;
    let mut last = ' ';
    for (at, letter) in rest.char_indices() {
        match letter {
            '\n' => return start + at,
            '{' if last == '$' => in_placeholder = true,
            '}' => in_placeholder = false,
            letter if Some(letter) == quote && last != '\\' => return start + at,
            letter if quote.is_none() && letter.is_whitespace() && !in_placeholder => {
                return start + at;
            }
            _ => {}
        }
        last = letter;
    }
    text.len()
}

/// The quote right before the scheme, if there is one.
fn opening_quote(before: &str) -> Option<char> {
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.:/${}_".contains(c);
    let quote = before.trim_end_matches(is_of_scheme).chars().next_back();
    quote.filter(|quote| ['"', '\'', '`'].contains(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t14_nothing_between_the_slashes_and_the_last_at_is_shown() {
        for (text, shown) in [
            ("http://u:p@h:1", "http://h:1"),
            ("http://u:S3CRET/x@h:9090", "http://h:9090"),
            ("http://u:S3CRET#x@h", "http://h"),
            ("http://u:S3CRET?x@h", "http://h"),
            ("http://u:S3C//RET@h", "http://h"),
            ("https://me:s3cr@t@host", "https://host"),
            ("${U:-http://u:p@h}", "${U:-http://h}"),
            ("http://${U}:${P:-a/b?c d}@h", "http://h"),
            ("http://u:${/p@h", "http://h"),
            ("'http://u:S3 CRET@h' x@y", "'http://h' x@y"),
            (
                "see `http://u:p@h` and `http://v:q@i`",
                "see `http://h` and `http://i`",
            ),
            ("//u:p@h and a@b", "//h and a@b"),
            ("plan@v1.yaml", "plan@v1.yaml"),
        ] {
            assert_eq!(without_user_info(text), shown, "{text}");
        }
        assert_eq!(replace_user_info("http://u:p@h", "…@"), "http://…@h");
    }

    #[test]
    fn t14_what_is_masked_keeps_its_place() {
        for (text, shown) in [
            ("url: http://u:p@h/x", "url: http://***@h/x"),
            (
                "url: 'http://h/x?token=ab' # y",
                "url: 'http://h/x?********' # y",
            ),
            ("a? b: http://h c?d", "a? b: http://h c?d"),
            ("http://ü:é@h", "http://*****@h"),
        ] {
            assert_eq!(mask(text), shown, "{text}");
        }
    }

    #[test]
    fn t14_a_link_leads_where_it_led() {
        for (given, kept) in [
            ("https://h/orgs/@me/1", "https://h/orgs/%40me/1"),
            ("https://u:p@h/1", "https://h/1"),
            ("https://u:12/x@h/1", "https://h/1"),
            ("https://h/1?id=7", "https://h/1?id=7"),
            ("OPS-17", "OPS-17"),
        ] {
            assert_eq!(link(given), kept, "{given}");
        }
    }

    #[test]
    fn t14_an_at_behind_the_host_is_noticed() {
        for (address, is_noticed) in [
            ("http://u:12/x@h", true),
            ("http://u:12?x@h", true),
            ("http://h/users/@me", true),
            ("http://u:p@h:1/x", false),
            ("h/x@y", false),
        ] {
            assert_eq!(has_at_behind_host(address), is_noticed, "{address}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_lengths_stay(text in "(\\$|\\{|\\}|A|:-|//|@|é|/|\"|'| |\\?|\n){0,20}") {
            let _ = without_user_info(&text);
            proptest::prop_assert_eq!(mask(&text).len(), text.len());
        }
    }

    #[test]
    fn this_machine_is_recognised_by_name_and_address() {
        let is_here = |host: &str| is_loopback(&Url::parse(host).expect("an address"));
        for host in ["localhost", "a.localhost", "127.1.2.3", "[::1]"] {
            assert!(is_here(&format!("http://{host}:9090/x")), "{host}");
        }
        for host in ["localhost.example", "128.0.0.1", "[::2]", "notlocalhost"] {
            assert!(!is_here(&format!("http://{host}:9090/x")), "{host}");
        }
    }
}
