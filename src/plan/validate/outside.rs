//! `outside`: calendars that are to be avoided, and for how long. Must not ask what time it is.

use super::super::document;
use super::super::spanned::{ManyOr, OneOrMany, Spanned};
use super::super::{Ask, OutsideAsk};
use super::asks::Asks;
use super::checker::Checker;
use super::criteria::Plan;
use crate::units::Duration;

/// One criterion for each calendar.
pub(super) fn read(
    checker: &mut Checker<'_>,
    plan: &Plan<'_>,
    written: &Spanned<ManyOr<document::Outside>>,
) -> Asks {
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
    plan: &Plan<'_>,
    written: &Spanned<OneOrMany>,
    length: Option<Duration>,
) -> Asks {
    let mut asks = Vec::new();
    for name in checker.names_of(written, "the calendar") {
        let known = plan.calendars.iter();
        match known.into_iter().find(|one| one.name == name.value) {
            Some(calendar) => {
                let calendar = calendar.clone();
                asks.push((Ask::Outside(OutsideAsk { calendar, length }), name.span));
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
