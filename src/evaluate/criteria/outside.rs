//! `outside`: T, and what is planned from T on, lies outside a calendar. Must not ask the clock.
//!
//! Hours and days are those of the calendar's own time zone: when its clocks go forward, hours in the gap begin and end
//! where the gap ends; when they go back, hours that occur twice count both times.

use chrono::{
    DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
};
use chrono_tz::Tz;

use crate::assessment::Code;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::evaluate::span::Span;
use crate::plan::criteria::OutsideAsk;
use crate::plan::{Calendar, Stage, WeeklyHours};
use crate::units::{Duration, Instant};

/// Judges one calendar.
pub(in crate::evaluate) fn assess(ask: &OutsideAsk, context: &CriterionContext<'_>) -> Ruling {
    let (from, length) = (context.moment.at, length(ask, context.stage));
    let span = Span {
        start: from,
        end: from + length,
    };
    let planned = match length {
        Duration::ZERO => format!("{from}"),
        length => format!("{length} from {from} on"),
    };
    let name = &ask.calendar.name;
    let ruling = match first_overlap(&ask.calendar, span) {
        Err(Beyond) => Ruling::open(
            Code::ContentUnreadable,
            format!("{planned}: beyond what a calendar can say"),
        ),
        Ok(None) => Ruling::good(format!("{planned}: outside `{name}`")),
        Ok(Some(hit)) => Ruling::bad(
            Code::InCalendar,
            format!(
                "{planned}: `{name}` ({}) lasts from {} to {}",
                hit.entry, hit.from, hit.to
            ),
        ),
    };
    ruling.requires(match length {
        Duration::ZERO => format!("not in `{name}`"),
        length => format!("{length} without `{name}`"),
    })
}

/// When the period is over into which what begins at T falls; `None` if it falls into none.
pub(in crate::evaluate) fn over(ask: &OutsideAsk, stage: &Stage, at: Instant) -> Option<Instant> {
    let planned = Span {
        start: at,
        end: at + length(ask, stage),
    };
    first_overlap(&ask.calendar, planned)
        .ok()?
        .map(|hit| hit.to)
}

/// How long what begins at T takes; no time at all if nothing says so.
fn length(ask: &OutsideAsk, stage: &Stage) -> Duration {
    ask.length.or(stage.window).unwrap_or_default()
}

/// A period of a calendar; `to` is not part of it.
struct Stretch {
    from: Instant,
    to: Instant,
    entry: String,
}

impl Stretch {
    /// Whether it shares an instant with a span; a span of no length is a single instant. Hours that lie entirely in a gap
    /// of the clock share none.
    fn overlaps(&self, span: Span) -> bool {
        let end = span.end.max(span.start + Duration::from_millis(1));
        self.from < self.to && self.from < end && span.start < self.to
    }
}

/// A date that cannot be computed.
struct Beyond;

/// The earliest period of the calendar that the span overlaps.
fn first_overlap(calendar: &Calendar, span: Span) -> Result<Option<Stretch>, Beyond> {
    let hits = weekly(calendar, span)?.into_iter().chain(dates(calendar)?);
    let hits = hits.filter(|stretch| stretch.overlaps(span));
    Ok(hits.min_by_key(|stretch| stretch.from))
}

/// Weekly hours that begin from the day before the span to its last day.
fn weekly(calendar: &Calendar, span: Span) -> Result<Vec<Stretch>, Beyond> {
    let zone = calendar.timezone;
    let mut day = local_day(zone, span.start)?.pred_opt().ok_or(Beyond)?;
    let last = local_day(zone, span.end)?;
    let mut stretches = Vec::new();
    while day <= last {
        for hours in &calendar.weekly {
            if hours.days.contains(&chrono::Datelike::weekday(&day)) {
                stretches.push(on_day(zone, hours, day)?);
            }
        }
        // The first hit is enough, and later days come later.
        if stretches.iter().any(|stretch| stretch.overlaps(span)) {
            break;
        }
        stretches.clear();
        day = day.succ_opt().ok_or(Beyond)?;
    }
    Ok(stretches)
}

fn on_day(zone: Tz, hours: &WeeklyHours, day: NaiveDate) -> Result<Stretch, Beyond> {
    let at = |day: NaiveDate, minutes: u32| {
        let midnight = day.and_time(NaiveTime::MIN);
        midnight.checked_add_signed(TimeDelta::minutes(i64::from(minutes)))
    };
    let ends_on = if hours.to > hours.from {
        day
    } else {
        day.succ_opt().ok_or(Beyond)?
    };
    Ok(Stretch {
        from: begin(zone, at(day, hours.from).ok_or(Beyond)?)?,
        to: end(zone, at(ends_on, hours.to).ok_or(Beyond)?)?,
        entry: hours.text.clone(),
    })
}

fn dates(calendar: &Calendar) -> Result<Vec<Stretch>, Beyond> {
    let zone = calendar.timezone;
    let stretch = |&(first, last): &(NaiveDate, NaiveDate)| {
        let after = last.checked_add_days(Days::new(1)).ok_or(Beyond)?;
        Ok(Stretch {
            from: begin(zone, first.and_time(NaiveTime::MIN))?,
            to: end(zone, after.and_time(NaiveTime::MIN))?,
            entry: if first == last {
                first.to_string()
            } else {
                format!("{first}/{last}")
            },
        })
    };
    calendar.dates.iter().map(stretch).collect()
}

fn local_day(zone: Tz, instant: Instant) -> Result<NaiveDate, Beyond> {
    let time = DateTime::from_timestamp_millis(instant.millis()).ok_or(Beyond)?;
    Ok(time.with_timezone(&zone).date_naive())
}

/// The first instant at which a clock of the zone shows this time.
fn begin(zone: Tz, local: NaiveDateTime) -> Result<Instant, Beyond> {
    resolved(zone, local).map(|(first, _)| first)
}

/// The last one.
fn end(zone: Tz, local: NaiveDateTime) -> Result<Instant, Beyond> {
    resolved(zone, local).map(|(_, last)| last)
}

/// Both; if the clock goes forward over it, the instant at which that happens.
fn resolved(zone: Tz, local: NaiveDateTime) -> Result<(Instant, Instant), Beyond> {
    let instant = |time: DateTime<Tz>| Instant::from_millis(time.timestamp_millis());
    // Zones have skipped up to a whole day.
    for minutes in 0..=2 * 24 * 60 {
        let shown = local.checked_add_signed(TimeDelta::minutes(minutes));
        match zone.from_local_datetime(&shown.ok_or(Beyond)?) {
            LocalResult::Single(time) => return Ok((instant(time), instant(time))),
            LocalResult::Ambiguous(first, last) => return Ok((instant(first), instant(last))),
            LocalResult::None => {}
        }
    }
    Err(Beyond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;

    fn hours(days: &[Weekday], from: u32, to: u32) -> WeeklyHours {
        WeeklyHours {
            text: "hours".into(),
            days: days.to_vec(),
            from: from * 60,
            to: to * 60,
        }
    }

    fn berlin(weekly: Vec<WeeklyHours>, dates: &[(&str, &str)]) -> Calendar {
        let date = |text: &str| text.parse().expect("a date");
        let dates = dates.iter().map(|(first, last)| (date(first), date(last)));
        Calendar {
            name: "peak".into(),
            timezone: chrono_tz::Europe::Berlin,
            weekly,
            dates: dates.collect(),
        }
    }

    /// Whether the span from this instant on overlaps.
    fn hit(calendar: &Calendar, at: &str, length: i64) -> bool {
        let start = Instant::parse(at).expect("an instant");
        let end = start + Duration::from_secs(length);
        let found = first_overlap(calendar, Span { start, end });
        found.unwrap_or_else(|Beyond| panic!("{at}")).is_some()
    }

    const WORK: [Weekday; 5] = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
    ];
    const H: i64 = 3_600;

    #[test]
    fn hours_begin_at_their_first_instant_and_end_before_their_last() {
        // Friday, 2026-11-20; Berlin is at +01:00.
        let peak = berlin(vec![hours(&WORK, 8, 18)], &[]);
        assert!(!hit(&peak, "2026-11-20T06:59:59Z", 0));
        assert!(hit(&peak, "2026-11-20T07:00:00Z", 0));
        assert!(hit(&peak, "2026-11-20T16:59:59Z", 0));
        assert!(!hit(&peak, "2026-11-20T17:00:00Z", 0));
        assert!(!hit(&peak, "2026-11-21T10:00:00Z", 0));
    }

    #[test]
    fn what_begins_must_end_before_the_hours_begin() {
        let peak = berlin(vec![hours(&WORK, 8, 18)], &[]);
        assert!(!hit(&peak, "2026-11-20T05:00:00Z", 2 * H));
        assert!(hit(&peak, "2026-11-20T05:00:00Z", 2 * H + 1));
        assert!(!hit(&peak, "2026-11-20T17:00:00Z", 62 * H));
        assert!(hit(&peak, "2026-11-20T17:00:00Z", 62 * H + 1));
    }

    #[test]
    fn hours_past_midnight_belong_to_the_day_on_which_they_begin() {
        let night = berlin(vec![hours(&[Weekday::Fri], 22, 2)], &[]);
        assert!(!hit(&night, "2026-11-20T00:30:00Z", 0));
        assert!(hit(&night, "2026-11-20T21:00:00Z", 0));
        assert!(hit(&night, "2026-11-21T00:59:59Z", 0));
        assert!(!hit(&night, "2026-11-21T01:00:00Z", 0));
    }

    #[test]
    fn dates_include_their_last_day_in_the_zone_of_the_calendar() {
        let freeze = berlin(vec![], &[("2026-11-27", "2026-11-30")]);
        assert!(!hit(&freeze, "2026-11-26T22:59:59Z", 0));
        assert!(hit(&freeze, "2026-11-26T23:00:00Z", 0));
        assert!(hit(&freeze, "2026-11-30T22:59:59Z", 0));
        assert!(!hit(&freeze, "2026-11-30T23:00:00Z", 0));
    }

    #[test]
    fn summer_time_moves_the_hours() {
        let peak = berlin(vec![hours(&WORK, 8, 18)], &[]);
        // The Fridays before and after 2026-03-29, then around 2026-10-25.
        assert!(!hit(&peak, "2026-03-27T06:30:00Z", 0));
        assert!(hit(&peak, "2026-04-03T06:30:00Z", 0));
        assert!(hit(&peak, "2026-10-23T06:30:00Z", 0));
        assert!(!hit(&peak, "2026-10-30T06:30:00Z", 0));
    }

    #[test]
    fn hours_that_do_not_exist_begin_where_the_gap_ends() {
        // 02:00 to 03:00 on 2026-03-29 is skipped, at 01:00 UTC.
        let sunday = [Weekday::Sun];
        let inside = berlin(vec![hours(&sunday, 2, 3)], &[]);
        assert!(!hit(&inside, "2026-03-29T00:00:00Z", 3 * H));
        let into = berlin(vec![hours(&sunday, 1, 2)], &[]);
        assert!(hit(&into, "2026-03-29T00:59:59Z", 0) && !hit(&into, "2026-03-29T01:00:00Z", 0));
        let out = berlin(vec![hours(&sunday, 2, 4)], &[]);
        assert!(!hit(&out, "2026-03-29T00:59:59Z", 0) && hit(&out, "2026-03-29T01:00:00Z", 0));
    }

    #[test]
    fn hours_that_occur_twice_count_both_times() {
        // 02:00 to 03:00 on 2026-10-25 occurs at 00:00 and at 01:00 UTC.
        let twice = berlin(vec![hours(&[Weekday::Sun], 2, 3)], &[]);
        for (at, expected) in [
            ("2026-10-24T23:59:59Z", false),
            ("2026-10-25T00:00:00Z", true),
            ("2026-10-25T01:00:00Z", true),
            ("2026-10-25T01:59:59Z", true),
            ("2026-10-25T02:00:00Z", false),
        ] {
            assert_eq!(hit(&twice, at, 0), expected, "{at}");
        }
    }

    #[test]
    fn hours_that_end_in_the_repeated_hour_end_the_second_time() {
        let half_past = WeeklyHours {
            to: 2 * 60 + 30,
            ..hours(&[Weekday::Sun], 1, 2)
        };
        let into = berlin(vec![half_past], &[]);
        assert!(hit(&into, "2026-10-25T01:29:59Z", 0));
        assert!(!hit(&into, "2026-10-25T01:30:00Z", 0));
    }

    proptest::proptest! {
        #[test]
        fn a_longer_span_never_avoids_what_a_shorter_one_hits(at in 1_700_000_000_i64..1_900_000_000, short in 0_i64..400_000, more in 0_i64..400_000) {
            let peak = berlin(vec![hours(&WORK, 8, 18), hours(&[Weekday::Sat], 22, 3)], &[("2026-11-27", "2026-11-30")]);
            let at = Instant::from_secs(at).to_string();
            if hit(&peak, &at, short) {
                proptest::prop_assert!(hit(&peak, &at, short + more));
            }
        }
    }
}
