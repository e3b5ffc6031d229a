//! Which characters a reader would not see, or a terminal would obey, and how JSON text makes them visible.
//! Knows no other way of escaping them: the writers do.

/// Whether a character acts on a terminal or on the order of its neighbours, or takes up no space:
/// control characters (C0, DEL, C1), line and paragraph separators, bidirectional marks and overrides,
/// zero-width and filler characters, tags. Combining marks and emoji selectors are text.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// JSON text with every hidden character except line ends as `\uXXXX`. JSON has non-ASCII characters in
/// strings only, so this never touches the structure, and readers get the same strings.
#[must_use]
pub fn escape_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\u{7f}' || !is_hidden(character) {
            text.push(character);
            continue;
        }
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_or_cannot_be_seen_is_hidden() {
        for character in [
            '\0',
            '\u{7}',
            '\u{1b}',
            '\r',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{200d}',
            '\u{feff}',
            '\u{2028}',
            '\u{e0041}',
        ] {
            assert!(is_hidden(character), "{character:?}");
        }
    }

    #[test]
    fn text_is_not_hidden() {
        for character in " aZ09ä日é\u{301}→…▁█é✓\u{fe0f}".chars() {
            assert!(!is_hidden(character), "{character:?}");
        }
    }
}
