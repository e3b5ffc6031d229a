//! Whom a watch asks, and who does not answer: for the line below the live view, and for lasting lines. A time is never cut.

use unicode_width::UnicodeWidthStr;

use super::fit::{cut, squeezed};
use super::now::AwayNow;
use super::time_of_day;
use crate::report::{Style, escape};
use crate::samples::Failure;
use crate::units::Instant;

/// So many names are written out.
const FEW: usize = 3;
/// From this width on a source is called one.
const ROOMY: usize = 72;

/// `main, eu`, or `everything of main, eu`: who is being asked.
#[must_use]
pub fn asking(sources: &[&str], is_whole: bool) -> String {
    let names = match sources.len() {
        0 => "no source".to_owned(),
        1..=FEW => sources.join(", "),
        many => format!("{many} sources"),
    };
    if is_whole && !sources.is_empty() {
        format!("everything of {names}")
    } else {
        names
    }
}

/// `source eu answered 503; retried until the timeout of 1s`.
#[must_use]
pub fn failed(source: &str, failure: &Failure) -> String {
    match failure.message.strip_prefix("the source ") {
        Some(did) => format!("source {source} {did}"),
        None => format!("source {source}: {}", failure.message),
    }
}

/// That a source is no longer tried in each round; `None` if it is.
#[must_use]
pub fn rarely_tried(away: &AwayNow) -> Option<String> {
    let next = time_of_day(away.next_try?);
    Some(format!(
        "source {} stays away: next try at {next}, then once a minute",
        away.source
    ))
}

/// What goes on, and which sources are away, below the live view: in one line where there is room, otherwise in two.
#[must_use]
pub fn below(words: &str, away: &[AwayNow], style: &Style) -> Vec<String> {
    let width = style.width.saturating_sub(1);
    let Some(away) = in_one(away, style.width >= ROOMY, width) else {
        return vec![cut(&escape(words), width)];
    };
    let both = format!("{}; {away}", escape(words));
    if both.width() <= width {
        return vec![both];
    }
    vec![cut(&escape(words), width), away]
}

/// All that are away; of several that have no room together, how many, and since when.
fn in_one(away: &[AwayNow], is_roomy: bool, width: usize) -> Option<String> {
    let all: Vec<String> = away.iter().map(|one| named(one, is_roomy, width)).collect();
    let together = all.join(", ");
    let first = away.iter().map(|one| one.since).min()?;
    match all.as_slice() {
        [_] => Some(together),
        _ if together.width() <= width => Some(together),
        several => Some(format!(
            "{} sources away since {}",
            several.len(),
            time_of_day(first)
        )),
    }
}

/// `source eu away since 12:41:00Z, next try 13:02:00Z`, or `eu away since 12:41Z, next 13:02Z`.
fn named(away: &AwayNow, is_roomy: bool, width: usize) -> String {
    let (source, next) = if is_roomy {
        ("source ", ", next try ")
    } else {
        ("", ", next ")
    };
    let shown = |at| {
        if is_roomy {
            time_of_day(at)
        } else {
            minute(at)
        }
    };
    let since = format!(" away since {}", shown(away.since));
    let next = away.next_try.map(|at| format!("{next}{}", shown(at)));
    let times = since + &next.unwrap_or_default();
    let room = width.saturating_sub(source.len() + times.len());
    format!("{source}{}{times}", squeezed(&escape(&away.source), room))
}

/// `12:41Z`.
fn minute(at: Instant) -> String {
    let time = time_of_day(at);
    let minutes = time
        .rsplit_once(':')
        .map_or(time.as_str(), |(minutes, _)| minutes);
    format!("{minutes}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::FailureCode;

    fn away(source: &str, next_try: Option<i64>) -> AwayNow {
        AwayNow {
            source: source.to_owned(),
            since: Instant::from_secs(45_660),
            next_try: next_try.map(Instant::from_secs),
        }
    }

    fn lines(words: &str, away: &[AwayNow], width: usize) -> Vec<String> {
        let style = Style {
            width,
            ..Style::FILE
        };
        below(words, away, &style)
    }

    #[test]
    fn w19_times_are_never_cut_below_the_view() {
        let (eu, rare) = (away("eu", None), away("eu", Some(46_920)));
        assert_eq!(
            lines("next round in 41s", std::slice::from_ref(&rare), 80),
            ["next round in 41s; source eu away since 12:41:00Z, next try 13:02:00Z"]
        );
        assert_eq!(
            lines("asking for 12s: everything of main, eu", &[rare], 40),
            [
                "asking for 12s: everything of main, eu",
                "eu away since 12:41Z, next 13:02Z"
            ]
        );
        assert_eq!(lines("next round in 41s", &[], 40), ["next round in 41s"]);
        let long = away("prometheus-of-the-european-region", Some(46_920));
        let cut = lines("next round in 41s", std::slice::from_ref(&long), 40);
        assert!(cut[1].ends_with("12:41Z, next 13:02Z"), "{cut:?}");
        assert!(cut.iter().all(|line| line.width() < 40), "{cut:?}");
        let both = lines("next round in 41s", &[eu, long], 40);
        assert_eq!(both[1], "2 sources away since 12:41:00Z");
    }

    #[test]
    fn w3_what_held_a_round_up_is_said_as_it_failed() {
        let failure = |message: &str| Failure {
            code: FailureCode::SourceError,
            message: message.to_owned(),
        };
        let busy = failure("the source answered 503; retried until the timeout of 1s");
        let said = "source main answered 503; retried until the timeout of 1s";
        assert_eq!(failed("main", &busy), said);
        let silent = failure("no complete answer within 1s");
        assert_eq!(
            failed("main", &silent),
            "source main: no complete answer within 1s"
        );
    }

    #[test]
    fn w20_who_is_asked_is_said() {
        assert_eq!(asking(&["main"], false), "main");
        assert_eq!(asking(&["main", "eu"], true), "everything of main, eu");
        assert_eq!(asking(&["a", "b", "c", "d"], false), "4 sources");
        assert_eq!(asking(&[], true), "no source");
    }
}
