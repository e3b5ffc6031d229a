//! `calendars:`: the form of time zones, weekly hours and dates. Must not ask what day it is.

use chrono::NaiveDate;

use super::super::Calendar;
use super::super::document;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::{OneOrMany, Pairs, Spanned, Text};
use super::checker::Checker;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Reads all calendars.
pub(super) fn read(
    checker: &mut Checker<'_>,
    pairs: Option<&Pairs<document::Calendar>>,
) -> Vec<Calendar> {
    let pairs = pairs.map_or(&[][..], |pairs| pairs.0.as_slice());
    pairs
        .iter()
        .filter_map(|(name, calendar)| one(checker, name, &calendar.value))
        .collect()
}

fn one(checker: &mut Checker<'_>, name: &Text, written: &document::Calendar) -> Option<Calendar> {
    let timezone = checker.required(
        written.timezone.as_ref(),
        "timezone",
        &name.span,
        "a calendar",
    );
    if let Some(timezone) = timezone.filter(|zone| !is_zone(&zone.value)) {
        let message = format!("`{}` is not a time zone", timezone.value);
        wrong(
            checker,
            timezone,
            message,
            "a name of the IANA list such as `Europe/Berlin` or `UTC`",
        );
    }
    if written.weekly.is_none() && written.dates.is_none() {
        let message = "a calendar needs `weekly` or `dates`";
        checker.error(ProblemCode::MissingKey, &name.span, message);
    }
    let weekly = entries(
        checker,
        written.weekly.as_ref(),
        is_weekly,
        "such as `Mon-Fri 08:00-18:00`",
    );
    let dates = entries(
        checker,
        written.dates.as_ref(),
        is_dates,
        "such as `2026-11-27`, or first and last day as in `2026-11-27/2026-11-30`",
    );
    Some(Calendar {
        name: checker.name(name, "the calendar")?,
        timezone: timezone?.value.clone(),
        weekly,
        dates,
    })
}

fn wrong(checker: &mut Checker<'_>, text: &Text, message: String, help: &str) {
    checker.report(Problem::error(ProblemCode::BadCalendar, text.span.clone(), message).help(help));
}

fn entries(
    checker: &mut Checker<'_>,
    list: Option<&Spanned<OneOrMany>>,
    is_valid: fn(&str) -> bool,
    help: &str,
) -> Vec<String> {
    let texts = list.map(Spanned::texts).unwrap_or_default();
    for text in texts.iter().filter(|text| !is_valid(&text.value)) {
        let message = format!("`{}` is not of the form of a calendar", text.value);
        wrong(checker, text, message, help);
    }
    texts.into_iter().map(|text| text.value).collect()
}

/// The form of an IANA name; which names there are changes too often to be kept here.
fn is_zone(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c))
    };
    matches!(text, "UTC" | "GMT") || (text.contains('/') && text.split('/').all(part))
}

/// `Mon-Fri 08:00-18:00`, `Sat,Sun 00:00-24:00`.
fn is_weekly(text: &str) -> bool {
    let day = |day: &str| DAYS.contains(&day);
    let days = |days: &str| match days.split_once('-') {
        Some((first, last)) => day(first) && day(last),
        None => day(days),
    };
    text.split_once(' ').is_some_and(|(on, hours)| {
        on.split(',').all(days)
            && hours.trim().split_once('-').is_some_and(|(from, to)| {
                minutes(from)
                    .zip(minutes(to))
                    .is_some_and(|(from, to)| from < to)
            })
    })
}

/// Minutes from midnight of `HH:MM`, up to 24:00.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 24 * 60).then_some(total)
}

/// A date, or the first and the last.
fn is_dates(text: &str) -> bool {
    let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    match text.split_once('/') {
        Some((first, last)) => date(first)
            .zip(date(last))
            .is_some_and(|(first, last)| first <= last),
        None => date(text).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_calendars() {
        for good in [
            "Mon-Fri 08:00-18:00",
            "Sat,Sun 00:00-24:00",
            "Wed 09:30-10:00",
        ] {
            assert!(is_weekly(good), "{good}");
        }
        for bad in [
            "Mon-Fri",
            "Mon 18:00-08:00",
            "Moon 08:00-09:00",
            "Mon 8-9",
            "Mon 08:00-24:01",
        ] {
            assert!(!is_weekly(bad), "{bad}");
        }
        assert!(is_dates("2026-11-27/2026-11-30") && is_dates("2026-02-28"));
        assert!(!is_dates("2026-11-30/2026-11-27") && !is_dates("2026-02-30"));
        assert!(is_zone("Europe/Berlin") && is_zone("UTC") && is_zone("America/Argentina/Ushuaia"));
        assert!(!is_zone("Berlin time") && !is_zone("+01:00") && !is_zone("/x"));
    }
}
