//! `calendars:`: time zones, weekly hours and dates → types. Must not ask what day it is.

use chrono::{NaiveDate, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::super::document;
use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode, did_you_mean};
use super::super::spanned::{OneOrMany, Pairs, Spanned, Text};
use super::super::{Calendar, WeeklyHours};

const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Mon),
    ("Tue", Weekday::Tue),
    ("Wed", Weekday::Wed),
    ("Thu", Weekday::Thu),
    ("Fri", Weekday::Fri),
    ("Sat", Weekday::Sat),
    ("Sun", Weekday::Sun),
];
const WHOLE_DAY: u32 = 24 * 60;

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
    let what = "a calendar";
    let timezone = checker.required(written.timezone.as_ref(), "timezone", &name.span, what);
    let timezone = timezone.and_then(|text| zone(checker, text));
    if written.weekly.is_none() && written.dates.is_none() {
        let message = "a calendar needs `weekly` or `dates`";
        checker.error(ProblemCode::MissingKey, &name.span, message);
    }
    let weekly = entries(
        checker,
        written.weekly.as_ref(),
        weekly,
        "such as `Mon-Fri 08:00-18:00`, or `Fri 22:00-02:00` past midnight",
    );
    let dates = entries(
        checker,
        written.dates.as_ref(),
        dates,
        "such as `2026-11-27`, or first and last day as in `2026-11-27/2026-11-30`",
    );
    Some(Calendar {
        name: checker.name(name, "the calendar")?,
        timezone: timezone?,
        weekly,
        dates,
    })
}

fn wrong(checker: &mut Checker<'_>, text: &Text, message: String, help: String) {
    checker.report(Problem::error(ProblemCode::BadCalendar, text.span.clone(), message).help(help));
}

/// An IANA time zone name.
fn zone(checker: &mut Checker<'_>, text: &Text) -> Option<Tz> {
    if let Ok(zone) = text.value.parse() {
        return Some(zone);
    }
    let message = format!("`{}` is not a time zone", text.value);
    let help = similar(&text.value)
        .unwrap_or_else(|| "use an IANA name such as `Europe/Berlin` or `UTC`".to_owned());
    wrong(checker, text, message, help);
    None
}

/// A zone with a similar name, or for the same city.
fn similar(text: &str) -> Option<String> {
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let city = text.trim().replace(' ', "_").to_lowercase();
    let of_city = names().find(|name| {
        let name = name.to_lowercase();
        name == city || name.rsplit('/').next() == Some(&city)
    });
    of_city
        .map(|name| format!("did you mean `{name}`?"))
        .or_else(|| did_you_mean(text, names()))
}

fn entries<T>(
    checker: &mut Checker<'_>,
    list: Option<&Spanned<OneOrMany>>,
    read: fn(&str) -> Option<T>,
    help: &str,
) -> Vec<T> {
    let mut entries = Vec::new();
    for text in list.map(Spanned::texts).unwrap_or_default() {
        if let Some(entry) = read(&text.value) {
            entries.push(entry);
        } else {
            let message = format!("`{}` is not valid in a calendar", text.value);
            wrong(checker, &text, message, help.to_owned());
        }
    }
    entries
}

/// `Mon-Fri 08:00-18:00`, `Sat,Sun 00:00-24:00`, `Fri 22:00-02:00`.
fn weekly(text: &str) -> Option<WeeklyHours> {
    let (on, hours) = text.split_once(' ')?;
    let mut days = Vec::new();
    for part in on.split(',') {
        days.extend(days_of(part)?);
    }
    let (from, to) = hours.trim().split_once('-')?;
    let (from, to) = (minutes(from)?, minutes(to)?);
    (from < WHOLE_DAY && from != to).then(|| WeeklyHours {
        text: text.to_owned(),
        days,
        from,
        to,
    })
}

/// One day, or the days from one to another, across the end of the week if necessary.
fn days_of(text: &str) -> Option<Vec<Weekday>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (mut next, last) = (day(first)?, day(last)?);
    let mut days = vec![next];
    while next != last {
        next = next.succ();
        days.push(next);
    }
    Some(days)
}

fn day(text: &str) -> Option<Weekday> {
    let named = DAYS.iter().find(|(name, _)| *name == text);
    named.map(|(_, day)| *day)
}

/// `HH:MM` as minutes from midnight, up to 24:00.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= WHOLE_DAY).then_some(total)
}

fn two_digits(text: &str) -> Option<u32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A date, or the first and the last.
fn dates(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let (first, last) = (date(first)?, date(last)?);
    (first <= last).then_some((first, last))
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
            "Fri 22:00-02:00",
        ] {
            assert!(weekly(good).is_some(), "{good}");
        }
        for bad in [
            "Mon-Fri",
            "Mon 08:00-08:00",
            "Mon 24:00-08:00",
            "Moon 08:00-09:00",
            "Mon 8-9",
            "Mon 08:00-24:01",
        ] {
            assert!(weekly(bad).is_none(), "{bad}");
        }
        assert!(dates("2026-11-27/2026-11-30").is_some() && dates("2026-02-28").is_some());
        assert!(dates("2026-11-30/2026-11-27").is_none() && dates("2026-02-30").is_none());
    }

    #[test]
    fn days_may_cross_the_end_of_the_week() {
        use Weekday::{Fri, Mon, Sat, Sun};
        assert_eq!(days_of("Fri-Mon"), Some(vec![Fri, Sat, Sun, Mon]));
        assert_eq!(days_of("Sun"), Some(vec![Sun]));
    }

    #[test]
    fn zones_are_suggested_by_city_and_by_likeness() {
        let meant = |text: &str| similar(text).unwrap_or_default();
        assert!(meant("Berlin").contains("`Europe/Berlin`"));
        assert!(meant("europe/berlin").contains("`Europe/Berlin`"));
        assert!(meant("Europe/Berln").contains("`Europe/Berlin`"));
        assert!(meant("new york").contains("`America/New_York`"));
        assert_eq!(similar("+01:00"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parsers(text in "\\PC{0,30}") {
            let _ = (weekly(&text), dates(&text));
        }
    }
}
