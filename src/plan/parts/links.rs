//! `link`: where people read more. It is printed, recorded and clicked on, so that only a web address counts, and every character
//! of it can be seen (L12), whether the plan or a person gives it. That it holds no credential is checked where all texts are. Must not contact anything.

use url::Url;

use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::Text;
use super::checker::Checker;
use crate::unicode_safety::is_hidden;

/// The link, if there is one; `None`, with a problem noted, for what is no web address.
pub(in crate::plan) fn link(checker: &mut Checker<'_>, written: Option<&Text>) -> Option<String> {
    let text = written?;
    match check(&text.value) {
        Ok(()) => Some(text.value.clone()),
        Err(reason) => {
            let message = format!("not a link: {reason}");
            let problem = Problem::error(ProblemCode::BadUrl, text.span.clone(), message);
            checker.report(problem.help("such as `https://wiki.example.com/runbook`"));
            None
        }
    }
}

/// Why a text is no link; never repeats the text.
pub(crate) fn check(text: &str) -> Result<(), &'static str> {
    if text.chars().any(|c| c.is_whitespace() || is_hidden(c)) {
        return Err("it contains spaces or characters that cannot be seen");
    }
    if !(text.starts_with("https://") || text.starts_with("http://")) {
        return Err("it begins with neither `http://` nor `https://`");
    }
    let url = Url::parse(text).map_err(|_| "it does not have the form of a URL")?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it names no host");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l12_only_what_can_be_clicked_and_seen_is_a_link() {
        for good in [
            "https://ci.example.com/77?tab=log#end",
            "http://wiki/keys",
            "https://wiki.example.com/schlüssel",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("javascript:alert(1)", "begins with neither"),
            ("file:///etc/passwd", "begins with neither"),
            ("wiki.example.com", "begins with neither"),
            ("HTTPS://wiki", "begins with neither"),
            ("https://", "form of a URL"),
            ("https://wiki.example.com/a b", "cannot be seen"),
            ("https://wiki.example.com/\u{202e}gnp", "cannot be seen"),
            ("https://wiki\u{200b}.example.com", "cannot be seen"),
            ("", "begins with neither"),
        ] {
            assert!(check(bad).is_err_and(|told| told.contains(why)), "{bad}");
        }
    }
}
