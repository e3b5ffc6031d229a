//! Words from outside, made fit to print: bounded, without control characters, without secrets.

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::secret::Secret;

/// As much of a server's message as is kept, in characters.
const MAX_CHARS: usize = 300;
/// Shorter values are no secrets, and blotting them out would tear every message apart and betray them by the holes.
const MIN_SECRET_BYTES: usize = 4;

/// What must never be printed.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets(Vec<Secret>);

impl Secrets {
    /// Adds a secret, also as it looks in a URL and in a basic authorization.
    pub(super) fn add(&mut self, secret: &str) {
        let encoded: String = url_encoded(secret);
        for text in [secret.to_owned(), STANDARD.encode(secret), encoded] {
            if text.len() >= MIN_SECRET_BYTES {
                self.0.push(Secret::new(text));
            }
        }
        // The longest first: a secret may hold another.
        self.0
            .sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    }

    /// A text with every secret in it blotted out.
    pub(super) fn blot(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose(), "***")
        })
    }

    /// A text from outside as it may be printed.
    pub(super) fn clean(&self, text: &str) -> String {
        let text = self.blot(text.trim());
        let mut clean = String::new();
        for (count, letter) in text.chars().enumerate() {
            if count >= MAX_CHARS {
                clean.push('…');
                break;
            }
            if letter.is_control() || is_invisible(letter) {
                clean.extend(letter.escape_unicode());
            } else {
                clean.push(letter);
            }
        }
        clean
    }

    /// The causes of an error, outermost first, without repetitions.
    pub(super) fn chain(&self, error: &(dyn Error + 'static)) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            let text = error.to_string();
            next = error.source();
            let plumbing = next.is_some() && PLUMBING.contains(&text.as_str());
            if !plumbing && words.last().is_none_or(|last| !last.contains(&text)) {
                words.push(text);
            }
        }
        self.clean(&words.join(": "))
    }
}

/// What the HTTP client says of its own layers, ahead of the cause that a reader needs.
const PLUMBING: [&str; 2] = ["error sending request", "client error (Connect)"];

/// Characters that turn the direction of text or do not show.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn url_encoded(text: &str) -> String {
    let mut url = reqwest::Url::parse("http://x/").ok();
    if let Some(url) = &mut url {
        // Ignored where it fails: an address that takes no password holds none.
        let _ = url.set_password(Some(text));
    }
    url.and_then(|url| url.password().map(str::to_owned))
        .unwrap_or_default()
}

/// The title of an HTML page, else its beginning without tags.
pub(super) fn page_words(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let start = start + "<title>".len();
        let end = lower.get(start..)?.find("</title>")? + start;
        page.get(start..end)
    });
    title.map_or_else(|| page.to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_not_sent() {
        let clean = Secrets::default().clean("a\u{1b}[31mred\u{7}\n\u{202e}x");
        assert_eq!(clean, "a\\u{1b}[31mred\\u{7}\\u{a}\\u{202e}x");
    }

    #[test]
    fn messages_are_bounded() {
        assert_eq!(
            Secrets::default().clean(&"x".repeat(5000)).chars().count(),
            301
        );
    }

    #[test]
    fn secrets_are_blotted_out_in_every_form() {
        let mut secrets = Secrets::default();
        secrets.add("hunter two");
        secrets.add("user:hunter two");
        let text = format!(
            "hunter two; {}; hunter%20two",
            STANDARD.encode("user:hunter two")
        );
        assert_eq!(secrets.clean(&text), "***; ***; ***");
    }

    #[test]
    fn a_page_is_called_by_its_title() {
        assert_eq!(page_words("<html><TITLE>Sign in</title>"), "Sign in");
        assert_eq!(page_words("Unauthorized\n"), "Unauthorized\n");
    }
}
