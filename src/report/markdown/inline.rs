//! Text from outside as Markdown that shows it and nothing else: no markup, no HTML, no mention, no second line, and a link
//! only where an address was asked for. Must not add a character that a reader cannot see: what is copied is what was written.

use crate::report::escape;

/// The text inside a paragraph, a list item or the cell of a table. What GitHub would turn into something else (accounts,
/// issues, addresses, pictures, formulas) is shown as code.
pub(in crate::report) fn inline(text: &str) -> String {
    inline_with(text, &[])
}

/// The same; words that are one of these addresses are links.
pub(in crate::report) fn inline_with(text: &str, addresses: &[String]) -> String {
    let shown = escape(text);
    let words = shown.split(' ').map(|word| word_of(word, addresses));
    words.collect::<Vec<_>>().join(" ")
}

/// The same at the beginning of a paragraph or a list item, where it could begin a list or a quotation of its own.
pub(in crate::report) fn opening(text: &str) -> String {
    let shown = inline(text.trim_start());
    let rest = shown.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = shown.len() - rest.len();
    let marker = |sign: &[char]| {
        let after = rest.strip_prefix(sign);
        after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '-']))
    };
    let begins_a_block = match digits {
        0 => marker(&['-', '+']) || rest.starts_with('>'),
        _ => marker(&['.', ')']),
    };
    if begins_a_block {
        let (before, after) = shown.split_at_checked(digits).unwrap_or(("", &shown));
        return format!("{before}\\{after}");
    }
    shown
}

/// The text as code. Empty text stays empty.
pub(in crate::report) fn code(text: &str) -> String {
    let shown = escape(text);
    let pieces = shown.split('|').map(|piece| span(piece.trim_matches(' ')));
    let pieces: Vec<String> = pieces.collect();
    // A bar would end the cell of a table, even inside code.
    pieces.join(if shown.contains(" |") || shown.contains("| ") {
        " \\| "
    } else {
        "\\|"
    })
}

/// The text in bold. Has to follow a space, and be followed by one, a colon or the end of the line.
pub(in crate::report) fn strong(text: &str) -> String {
    let shown = inline(text.trim());
    if shown.is_empty() {
        return shown;
    }
    format!("**{shown}**")
}

/// An address of the web as a link that shows it; any other text as text, since a plan may hold any scheme.
pub(in crate::report) fn link(address: &str) -> String {
    match web(address) {
        Some(address) => format!("<{address}>"),
        None => inline(address),
    }
}

/// A code span, whatever it holds.
fn span(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let runs = text.split(|character| character != '`').map(str::len);
    match runs.max().unwrap_or(0) {
        0 => format!("`{text}`"),
        longest => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// A word, its brackets and commas apart.
fn word_of(word: &str, addresses: &[String]) -> String {
    const OPENING: [char; 4] = ['(', '[', '"', '\''];
    const CLOSING: [char; 9] = [')', ']', '"', '\'', ',', '.', ';', '!', '?'];
    let inner = word.trim_start_matches(OPENING);
    let spoken = if is_picture(word) {
        inner
    } else {
        inner.trim_end_matches(':')
    };
    let core = spoken.trim_end_matches(CLOSING);
    let before = word.strip_suffix(inner).unwrap_or_default();
    let after = inner.strip_prefix(core).unwrap_or_default();
    let is_asked = |address: &&String| [core, inner, word].contains(&address.as_str());
    let shown = match addresses.iter().find(is_asked) {
        Some(address) => link(address),
        None if is_obeyed(core) => code(core),
        None => return escaped(word),
    };
    format!("{}{shown}{}", escaped(before), escaped(after))
}

/// Whether GitHub would make something else of a word.
fn is_obeyed(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let joined = |sign: char| {
        let mut parts = word.split(sign).skip(1);
        parts.any(|after| after.starts_with(joins))
    };
    word.contains('$')
        || word.contains("://")
        || lower.contains("www.")
        || lower.starts_with("gh-")
        || joined('@')
        || joined('#')
        || is_picture(word)
}

/// Whether a character continues a name.
fn joins(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '+')
}

/// Whether it holds a `:word:`; `14:00:00Z` does not.
fn is_picture(word: &str) -> bool {
    let mut parts = word.split(':').skip(1).peekable();
    while let Some(name) = parts.next() {
        let is_name = !name.is_empty() && name.chars().all(joins);
        let digits = name.strip_suffix('Z').unwrap_or(name);
        let is_time = digits.len() == 2 && digits.chars().all(|sign| sign.is_ascii_digit());
        if is_name && !is_time && parts.peek().is_some() {
            return true;
        }
    }
    false
}

/// With a backslash before everything that is markup where it stands.
fn escaped(word: &str) -> String {
    let mut safe = String::with_capacity(word.len() + 4);
    let mut rest = word.chars().peekable();
    let mut before = ' ';
    while let Some(character) = rest.next() {
        let is_markup = match character {
            '\\' | '`' | '*' | '[' | ']' | '~' | '^' | '&' | '|' | '$' | '#' => true,
            '<' => rest.peek().is_some_and(|next| begins_a_tag(*next)),
            // Between letters it is a letter.
            '_' => {
                !before.is_alphanumeric() || !rest.peek().is_some_and(|next| next.is_alphanumeric())
            }
            _ => false,
        };
        if is_markup {
            safe.push('\\');
        }
        safe.push(character);
        before = character;
    }
    safe
}

fn begins_a_tag(character: char) -> bool {
    character.is_ascii_alphabetic() || matches!(character, '/' | '!' | '?')
}

/// The address if it is one of the web, with everything that could end it or mean something else in percent form.
fn web(address: &str) -> Option<String> {
    let schemes = ["https://", "http://"];
    let rest = schemes
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))?;
    let is_one_word = !address.contains(char::is_whitespace);
    if rest.is_empty() || !is_one_word {
        return None;
    }
    let mut safe = String::with_capacity(address.len());
    for character in address.chars() {
        if character.is_ascii_alphanumeric() || "-._~:/?#[]@!()+,=%&*".contains(character) {
            safe.push(character);
            continue;
        }
        let mut bytes = [0; 4];
        let bytes = character.encode_utf8(&mut bytes).bytes();
        safe.extend(bytes.map(|byte| format!("%{byte:02X}")));
    }
    Some(safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    fn events(page: &str) -> Vec<Event<'_>> {
        let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        Parser::new_ext(page, options).collect()
    }

    #[test]
    fn l15_markup_is_shown_not_obeyed() {
        let cases = [
            ("a|b", "a\\|b"),
            ("<script>", "\\<script>"),
            ("**x** `y` [l](u)", "\\*\\*x\\*\\* \\`y\\` \\[l\\](u)"),
            ("api_p95 _x_", "api_p95 \\_x\\_"),
            ("(@ops, 2m)", "(`@ops`, 2m)"),
            ("see #12.", "see `#12`."),
            ("a@b.example", "`a@b.example`"),
            ("https://x|y", "`https://x`\\|`y`"),
            ("www.example.com", "`www.example.com`"),
            ("a :tada: b", "a `:tada:` b"),
            ("$x$", "`$x$`"),
            ("a\nb", "a b"),
            ("14:00:00Z < 5", "14:00:00Z < 5"),
            ("at 14:00:00Z: a :100: b", "at 14:00:00Z: a `:100:` b"),
        ];
        for (text, shown) in cases {
            assert_eq!(inline(text), shown);
        }
    }

    #[test]
    fn l15_only_an_address_of_the_web_is_a_link_and_it_cannot_be_left() {
        assert_eq!(
            link("https://x.example/d?a=1&b=2"),
            "<https://x.example/d?a=1&b=2>"
        );
        assert_eq!(link("http://x/> [a](b)"), "`http://x/>` \\[a\\](b)");
        assert_eq!(link("https://x/>|`&lt;"), "<https://x/%3E%7C%60&lt%3B>");
        for address in ["javascript:alert(1)", "data:text/html,x", "//x", "https://"] {
            assert!(!link(address).starts_with('<'), "{address}");
        }
        let addresses = ["https://x/1".to_owned()];
        assert_eq!(
            inline_with("done, https://x/1, https://x/2", &addresses),
            "done, <https://x/1>, `https://x/2`"
        );
    }

    #[test]
    fn l15_a_text_begins_no_list() {
        for text in [
            "- a", "+ a", "1. a", "12) a", "-", "---", "  - a", "# a", "> a",
        ] {
            let page = format!("- {}\n", opening(text));
            let tags = events(&page).into_iter();
            let tags = tags.filter(|event| matches!(event, Event::Start(_) | Event::Rule));
            assert_eq!(tags.count(), 2, "{text}: {page}");
        }
        assert_eq!(opening("-5% and 1.2%"), "-5% and 1.2%");
    }

    /// What a reader sees of a page of one paragraph; `None` if there is more than text.
    fn seen(page: &str) -> Option<String> {
        let mut shown = String::new();
        for event in events(page) {
            match event {
                Event::Text(part) | Event::Code(part) => shown.push_str(&part),
                Event::Start(Tag::Paragraph | Tag::Strong)
                | Event::End(TagEnd::Paragraph | TagEnd::Strong) => {}
                _ => return None,
            }
        }
        Some(shown)
    }

    proptest::proptest! {
        #[test]
        fn l15_markdown_shows_any_text_unchanged(text in "(\\PC|[-@#$`|\\\\_*:<>&\\[\\]. ]){0,60}") {
            let wanted = escape(&text);
            let page = format!("before {} after\n", inline(&text));
            proptest::prop_assert_eq!(seen(&page), Some(format!("before {wanted} after")), "{}", page);
        }

        #[test]
        fn l15_code_and_bold_show_any_text(text in "(\\PC|[-@#$`|\\\\_*:<>&. ]){0,40}") {
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            for shown in [code(&text), strong(&text)] {
                let page = format!("before {shown}: after\n");
                let seen = seen(&page).map(|seen| squeezed(&seen));
                let wanted = squeezed(&format!("before{}:after", escape(&text)));
                proptest::prop_assert_eq!(seen, Some(wanted), "{}", page);
            }
        }

        #[test]
        fn l15_a_link_holds_its_address(rest in "[a-z](\\PC|[`|<>&;\\\\]){0,40}") {
            let page = format!("| a |\n| --- |\n| {} |\n", link(&format!("https://{rest}")));
            let cells = events(&page).into_iter().filter(|event| matches!(event, Event::Start(Tag::TableCell)));
            proptest::prop_assert_eq!(cells.count(), 2, "{}", page);
        }
    }
}
