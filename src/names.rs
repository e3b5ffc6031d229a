//! Names of people, compared as readers see them (T12). Must not guess who somebody is.

use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _};

use crate::unicode_safety::is_hidden;

/// The name and the address of `Ada Lovelace <ada@example.com>`; the address is empty where there is none.
pub fn parts(name: &str) -> (&str, &str) {
    match name.trim().strip_suffix('>') {
        Some(inner) => inner.rsplit_once('<').unwrap_or((inner, "")),
        None => (name, ""),
    }
}

/// A name as it is compared: NFKC, case folded, without hidden characters, a leading `@` and superfluous blanks.
pub fn folded(name: &str) -> String {
    let seen = name.chars().filter(|character| !is_hidden(*character));
    let folded: String = seen.nfkc().default_case_fold().nfkc().collect();
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.join(" ").trim_start_matches('@').to_owned()
}

/// Whether readers can tell whose name it is: its letters are of one script, or of the usual mixtures of Latin with Han, Kana
/// or Hangul (Unicode's "highly restrictive" level, UTS 39). Name and address are looked at separately.
///
/// # Errors
/// Why not, in words that follow the name.
pub fn unmistakable(name: &str) -> Result<(), &'static str> {
    let (name, address) = parts(name);
    let is_plain = |part: &str| {
        let letters = part
            .chars()
            .filter(|c| c.is_alphanumeric() || is_combining_mark(*c));
        let letters: String = letters.nfkc().collect();
        letters
            .as_str()
            .check_restriction_level(RestrictionLevel::HighlyRestrictive)
    };
    if [name, address].into_iter().all(is_plain) {
        Ok(())
    } else {
        Err("mixes letters of several scripts, which look alike")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t12_names_are_one_however_they_are_written() {
        for (one, other) in [
            ("Ada Lovelace", " ADA  lovelace"),
            ("Straße", "STRASSE"),
            ("ﬁona", "Fiona"),
            ("ＡＤＡ", "ada"),
            ("Zoe\u{308}", "Zoë"),
            ("@ada", "a\u{200b}da"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert_ne!(folded("ada"), folded("adа"), "Cyrillic а");
    }

    #[test]
    fn t12_a_name_is_of_one_script() {
        for name in [
            "ada",
            "Jürgen O’Brien-Müller 2",
            "Алиса Иванова <alice@example.com>",
            "山田 Taro",
            "やまだ 太郎 yamada",
            "김 Kim",
            "ada+release@example.com",
            "@ada",
            "Ada 🚀",
            "",
        ] {
            assert_eq!(unmistakable(name), Ok(()), "{name}");
        }
        for name in [
            "adа",
            "Аda",
            "Αda Lovelace",
            "Ada <аda@example.com>",
            "Иван Ivanov",
        ] {
            assert!(unmistakable(name).is_err(), "{name}");
        }
    }
}
