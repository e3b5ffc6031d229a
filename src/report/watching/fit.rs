//! Words in the columns that there are. Must not know what they say.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ELLIPSIS: char = '…';

/// At most so many columns; what is left out at the end is an ellipsis.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = beginning(text, width.saturating_sub(1));
    kept.push(ELLIPSIS);
    kept
}

/// At most so many columns of a name; what is left out in its middle is an ellipsis, since names often begin alike.
pub(super) fn squeezed(name: &str, width: usize) -> String {
    if name.width() <= width {
        return name.to_owned();
    }
    let room = width.saturating_sub(1);
    let backwards: String = name.chars().rev().collect();
    let end: String = beginning(&backwards, room / 2).chars().rev().collect();
    let begin = beginning(name, room - room / 2);
    format!("{begin}{ELLIPSIS}{end}")
}

/// At most so many columns, filled up with spaces.
pub(super) fn padded(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let rest = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(rest))
}

/// As much as fits.
fn beginning(text: &str, width: usize) -> String {
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used <= width
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w19_names_that_begin_alike_stay_apart_and_nothing_is_wider_than_it_may_be() {
        let (one, other) = ("indicator_of_a_long_name_1", "indicator_of_a_long_name_2");
        for width in 3..30 {
            assert_ne!(squeezed(one, width), squeezed(other, width), "{width}");
            for text in [one, "東京の注文", "", "x"] {
                assert!(cut(text, width).width() <= width, "{text}: {width}");
                assert_eq!(padded(text, width).width(), width, "{text}");
            }
        }
        assert_eq!(squeezed(one, 12), "indica…ame_1");
        assert_eq!(cut(one, 12), "indicator_o…");
    }
}
