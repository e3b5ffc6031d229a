//! Keeps times, identifiers, versions, names and digests in one piece: a browser breaks a line inside them, at hyphens and slashes.
//! Works on a whole page, so that no part of a report has to think of it. Must not change what is read or copied.

/// Longer words may break, between their parts if they have some.
const LONGEST: usize = 34;
/// Where text is not laid out as lines of a page.
const APART: [&str; 6] = ["script", "style", "title", "svg", "time", "textarea"];

/// The page, with each word that could be broken marked as whole.
pub(super) fn whole(page: &str) -> String {
    let mut shown = String::with_capacity(page.len() + page.len() / 8);
    let (mut rest, mut apart) = (page, None);
    while let Some(tag) = rest.find('<') {
        let (text, from_tag) = rest.split_at(tag);
        write(&mut shown, text, apart.is_none());
        let end = from_tag.find('>').map_or(from_tag.len(), |end| end + 1);
        let (tag, after) = from_tag.split_at(end);
        apart = inside(apart, tag);
        shown.push_str(tag);
        rest = after;
    }
    write(&mut shown, rest, apart.is_none());
    shown
}

/// The element around what follows a tag in which nothing is marked, and how deep it is in others of its kind: a drawing may hold
/// another.
type Apart = Option<(&'static str, usize)>;

fn inside(apart: Apart, tag: &str) -> Apart {
    let name = |tag: &str| {
        let mut known = APART.into_iter();
        let end = |after: &str| after.starts_with(|sign: char| !sign.is_ascii_alphanumeric());
        known.find(|name| tag.strip_prefix(name).is_some_and(end))
    };
    let tag = tag.trim_start_matches('<');
    match (apart, tag.strip_prefix('/')) {
        (Some((open, 0)), Some(closing)) if name(closing) == Some(open) => None,
        (Some((open, depth)), Some(closing)) if name(closing) == Some(open) => {
            Some((open, depth - 1))
        }
        (Some((open, depth)), None) if name(tag) == Some(open) && !tag.ends_with("/>") => {
            Some((open, depth + 1))
        }
        (None, None) => name(tag).map(|open| (open, 0)),
        (apart, _) => apart,
    }
}

fn write(shown: &mut String, text: &str, is_marked: bool) {
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if is_marked && fits(word) {
            write_word(shown, word);
        } else if is_marked {
            write_parts(shown, word);
        } else {
            shown.push_str(word);
        }
        shown.push_str(piece.strip_prefix(word).unwrap_or_default());
    }
}

/// Of a long word each part in one piece, so that it breaks between them: a path, an address, a query.
fn write_parts(shown: &mut String, word: &str) {
    let mut begun = false;
    for part in word.split_inclusive(['/', ',', '(', '{', '=']) {
        // Not between the slashes of an address.
        if begun && part != "/" {
            shown.push_str("<wbr>");
        }
        write_word(shown, part);
        begun = !part.ends_with(":/");
    }
}

/// In one piece, where a browser could break it and it fits on a line.
fn write_word(shown: &mut String, word: &str) {
    let is_sign = |sign: char| matches!(sign, '-' | '/' | '?' | '|' | '–');
    if fits(word) && word.trim_matches(is_sign).contains(is_sign) {
        shown.push_str("<span class=\"whole\">");
        shown.push_str(word);
        shown.push_str("</span>");
    } else {
        shown.push_str(word);
    }
}

fn fits(word: &str) -> bool {
    word.chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn l15_names_and_times_stay_in_one_piece() {
        let page = "<title>a-b</title><p title=\"c-d\">x 2026-11-03T08:05:00Z, wave-1/entry - <b>v1-rc &amp;</b>\n</p><svg><text>e-f</text></svg>";
        let kept = "<title>a-b</title><p title=\"c-d\">x <span class=\"whole\">2026-11-03T08:05:00Z,</span> <span class=\"whole\">wave-1/entry</span> - <b><span class=\"whole\">v1-rc</span> &amp;</b>\n</p><svg><text>e-f</text></svg>";
        assert_eq!(whole(page), kept);
    }

    #[test]
    fn l17_nothing_is_marked_in_a_drawing_behind_another_inside_it() {
        let drawn = "<svg><svg><g/></svg><text>limit 0.5/min</text></svg>";
        assert_eq!(whole(drawn), drawn);
        let after = whole("<svg><svg></svg></svg><p>wave-1/entry</p>");
        assert!(
            after.ends_with("<span class=\"whole\">wave-1/entry</span></p>"),
            "{after}"
        );
    }

    #[test]
    fn what_fits_on_no_line_may_break() {
        let long = format!("<p>{}</p>", "ab-".repeat(20));
        assert_eq!(whole(&long), long);
        let path = whole("<p>site-rollout.evidence/20261103T085000Z-stop.json</p>");
        let parts = "<p><span class=\"whole\">site-rollout.evidence/</span><wbr><span class=\"whole\">20261103T085000Z-stop.json</span></p>";
        assert_eq!(path, parts);
    }
}
