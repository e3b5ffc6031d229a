//! Text from outside as Markdown that shows it and nothing else: no markup, no HTML, no link, no mention, no second line.

use crate::report::escape;

/// The text inside a paragraph, a list item or the cell of a table.
pub(in crate::report) fn inline(text: &str) -> String {
    let shown = escape(text);
    let mut safe = String::with_capacity(shown.len() + shown.len() / 4);
    let mut rest = shown.chars().peekable();
    while let Some(character) = rest.next() {
        let next = rest.peek().copied();
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '^' => safe.extend(['\\', character]),
            '&' | '<' | '>' | '|' | '$' => safe.push_str(&entity(character)),
            // GitHub looks for accounts and issues in the text as shown, so only a character in between helps.
            '@' | '#' if next.is_some_and(joins) => {
                safe.push_str(&format!("{}&#8203;", entity(character)));
            }
            // At the end of a heading it would be taken for part of the markup.
            '#' => safe.push_str(&entity(character)),
            // Addresses become links, `:words:` become pictures.
            ':' if next.is_some_and(|next| next == '/' || joins(next)) && !is_digit(next) => {
                safe.push_str(&format!("{}&#8203;", entity(character)));
            }
            '.' if next.is_some_and(char::is_alphanumeric) && safe.ends_with("www") => {
                safe.push_str("&#46;&#8203;");
            }
            plain => safe.push(plain),
        }
    }
    safe
}

/// The same as code. Empty text stays empty.
pub(in crate::report) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<code>{}</code>", inline(text))
}

/// The same in bold, whatever it begins and ends with: the meaning of two asterisks depends on their neighbours.
pub(in crate::report) fn strong(text: &str) -> String {
    format!("<strong>{}</strong>", inline(text))
}

fn entity(character: char) -> String {
    format!("&#{};", u32::from(character))
}

/// Whether a character continues a name.
fn joins(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '+')
}

fn is_digit(character: Option<char>) -> bool {
    character.is_some_and(|character| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_not_obeyed() {
        let cases = [
            ("a|b", "a&#124;b"),
            ("<script>", "&#60;script&#62;"),
            ("**x** `y` [l](u)", "\\*\\*x\\*\\* \\`y\\` \\[l\\](u)"),
            ("@ops", "&#64;&#8203;ops"),
            ("#12", "&#35;&#8203;12"),
            ("https://x", "https&#58;&#8203;//x"),
            ("www.example.com", "www&#46;&#8203;example.com"),
            ("a\nb", "a b"),
            ("14:00:00Z", "14:00:00Z"),
        ];
        for (text, shown) in cases {
            assert_eq!(inline(text), shown);
        }
    }

    proptest::proptest! {
        #[test]
        fn markdown_shows_any_text_unchanged(text in "\\PC{0,60}") {
            let wanted = escape(&text);
            let page = format!("before {} after\n", inline(&text));
            let mut shown = String::new();
            let options = pulldown_cmark::Options::all() - pulldown_cmark::Options::ENABLE_SMART_PUNCTUATION;
            for event in pulldown_cmark::Parser::new_ext(&page, options) {
                match event {
                    pulldown_cmark::Event::Text(part) => shown.push_str(&part),
                    pulldown_cmark::Event::Start(pulldown_cmark::Tag::Paragraph)
                    | pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Paragraph) => {}
                    other => proptest::prop_assert!(false, "{other:?} in {page}"),
                }
            }
            proptest::prop_assert_eq!(shown.replace('\u{200b}', ""), format!("before {wanted} after"));
        }
    }
}
