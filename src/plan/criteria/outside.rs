//! `outside`: one criterion for each calendar that is to be avoided, and for how long. Must not ask what time it is.

use super::super::Calendar;
use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{ManyOr, OneOrMany, Spanned, Text};
use super::definitions::Definitions;
use crate::units::Duration;

maps! {
    Outside { calendars: Spanned<OneOrMany>, r#for: Text, }
}

/// A calendar to be avoided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideAsk {
    /// The calendar.
    pub calendar: Calendar,
    /// How long the change takes; `None` means the stage's window.
    pub length: Option<Duration>,
}

impl OutsideAsk {
    /// What is avoided, and for how long, in the words of the format.
    pub(super) fn in_words(&self) -> String {
        let calendar = &self.calendar;
        let weekly = calendar.weekly.iter().map(|hours| hours.text.clone());
        let dates = calendar.dates.iter();
        let dates = dates.map(|(first, last)| format!("{first} to {last}"));
        let length = self.length.map(|length| format!("for {length}"));
        let all = weekly.chain(dates).chain(length);
        let all: Vec<String> = all.chain([calendar.timezone.to_string()]).collect();
        all.join(", ")
    }
}

/// One criterion for each calendar.
pub(super) fn read(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    written: &Spanned<ManyOr<Outside>>,
) -> Vec<(OutsideAsk, Span)> {
    match &written.value {
        ManyOr::Texts(texts) => named(checker, plan, &written.with(texts.clone()), None),
        ManyOr::Map(map) => {
            let calendars = map.calendars.as_ref();
            let calendars = checker.required(calendars, "calendars", &written.span, "`outside`");
            let length = map.r#for.as_ref();
            let length = length.map(|text| checker.positive(text, "for"));
            let asks = calendars.map(|list| named(checker, plan, list, length.flatten()));
            asks.unwrap_or_default()
        }
    }
}

fn named(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    written: &Spanned<OneOrMany>,
    length: Option<Duration>,
) -> Vec<(OutsideAsk, Span)> {
    let mut asks = Vec::new();
    for name in checker.names_of(written, "the calendar") {
        let known = plan.calendars.iter();
        match known.into_iter().find(|one| one.name == name.value) {
            Some(calendar) => {
                let calendar = calendar.clone();
                asks.push((OutsideAsk { calendar, length }, name.span));
            }
            None if plan.calendar_names.contains(&name.value) => {}
            None => checker.unknown_reference(
                &name,
                "calendar",
                plan.calendar_names.iter().map(String::as_str),
            ),
        }
    }
    asks
}
