//! How messages mention a server: by its name, never with its secrets, and with words from outside only once they are fit
//! to print: bounded and without control characters.

use std::error::Error;

use crate::secret::{Secret, echo};

/// How much of a server's message is kept, in characters.
const MAX_CHARS: usize = 300;
/// Shorter values are not secrets; masking them would riddle messages with gaps, which would give them away.
const MIN_SECRET_BYTES: usize = 4;
/// What the HTTP client says about its own layers, ahead of the cause that a reader needs.
const PLUMBING: [&str; 2] = ["error sending request", "client error (Connect)"];

/// How messages mention a server.
#[derive(Debug, Clone)]
pub(crate) struct Wording {
    /// What it is called, such as `the source`.
    pub(crate) subject: &'static str,
    /// What must never be printed, the longest first: a secret may hold another.
    secrets: Vec<Secret>,
}

impl Wording {
    pub(crate) fn new(subject: &'static str) -> Self {
        Self {
            subject,
            secrets: Vec::new(),
        }
    }

    /// The same secrets, another server.
    pub(super) fn about(&self, subject: &'static str) -> Self {
        Self {
            subject,
            secrets: self.secrets.clone(),
        }
    }

    /// Adds a secret.
    pub(crate) fn hide(&mut self, secret: &str) {
        if secret.len() < MIN_SECRET_BYTES {
            return;
        }
        self.secrets.push(Secret::new(secret.to_owned()));
        self.secrets
            .sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    }

    /// A text with every secret blotted out, however it is written there.
    pub(crate) fn blot(&self, text: &str) -> String {
        echo::blot(text, &self.secrets)
    }

    /// A text from outside as it may be printed.
    pub(crate) fn clean(&self, text: &str) -> String {
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

    /// `: ` and a text from outside, or nothing where it says nothing.
    pub(super) fn said(&self, text: &str) -> String {
        match self.clean(text).as_str() {
            "" => String::new(),
            words => format!(": {words}"),
        }
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

/// Characters that reverse the direction of text or are invisible.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The title of an HTML page, otherwise the text as it is.
pub(super) fn page_words(page: &str) -> &str {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let start = start + "<title>".len();
        let end = lower.get(start..)?.find("</title>")? + start;
        page.get(start..end)
    });
    title.unwrap_or(page)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;

    #[test]
    fn control_characters_are_shown_not_sent() {
        let clean = Wording::new("it").clean("a\u{1b}[31mred\u{7}\n\u{202e}x");
        assert_eq!(clean, "a\\u{1b}[31mred\\u{7}\\u{a}\\u{202e}x");
    }

    #[test]
    fn messages_are_bounded() {
        let clean = Wording::new("it").clean(&"x".repeat(5000));
        assert_eq!(clean.chars().count(), 301);
    }

    #[test]
    fn secrets_are_blotted_out_in_every_form() {
        let mut wording = Wording::new("it");
        wording.hide("hunter two");
        wording.hide("user:hunter two");
        let text = format!(
            "hunter two; {}; hunter%20two",
            STANDARD_NO_PAD.encode("user:hunter two")
        );
        assert_eq!(wording.clean(&text), "***; ***; ***");
    }

    #[test]
    fn a_page_is_called_by_its_title() {
        assert_eq!(page_words("<html><TITLE>Sign in</title>"), "Sign in");
        assert_eq!(page_words("Unauthorized\n"), "Unauthorized\n");
    }
}
