//! `checkpoints`: each full day since the start has one by this role, or one at which the issue log was gone through. Must not
//! take a day that is not over for missed.

use crate::assessment::{BasedOn, Code};
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::evaluate::span;
use crate::kind::List;
use crate::plan::criteria::CheckpointAsk;
use crate::rollout::{Day, Held, Today, steps};

/// How many missed days a reason names.
const NAMED: usize = 3;

/// Judges one role, or the review.
pub(super) fn assess(ask: &CheckpointAsk, context: &CriterionContext<'_>) -> Ruling {
    ruling(ask, context).requires(ask.in_words())
}

fn ruling(ask: &CheckpointAsk, context: &CriterionContext<'_>) -> Ruling {
    let stage = &context.stage.name;
    let Some(start) = context.moment.started() else {
        let reason = format!("the start of {stage} is not recorded, so no day of it is known");
        return Ruling::open(Code::NotRecorded, reason).settled_by(steps::start(stage));
    };
    if context.rollout.ledger.is_none() {
        let reason = "no ledger was read, so nothing shows whether checkpoints were held";
        return Ruling::open(Code::NotRecorded, reason)
            .settled_by(steps::check(&context.gate_name()));
    }
    let until = context.moment.end(List::Exit);
    let held = context.rollout.checkpoints(stage, ask, start, until);
    let ruling = if held.missed.is_empty() {
        by_now(ask, context, &held)
    } else {
        Ruling::bad(Code::CheckpointMissed, missed(ask, &held))
    };
    match held.last {
        Some(entry) => ruling.based_on(BasedOn::from(entry)),
        None => ruling,
    }
}

/// Of days that all have one.
fn by_now(ask: &CheckpointAsk, context: &CriterionContext<'_>, held: &Held<'_>) -> Ruling {
    if let Some((today, code)) = open(context, held) {
        return Ruling::open(code, today.due(ask))
            .settled_by(steps::checkpoint(&context.stage.name, ask));
    }
    Ruling::good(match held.days {
        0 => format!("the first day has its {}", ask.noun()),
        1 => format!("the day that is over has its {}", ask.noun()),
        days => format!(
            "each of the {days} days that are over has its {}",
            ask.noun()
        ),
    })
}

/// The day that is not over and has none, where that counts, and as what.
fn open<'h>(context: &CriterionContext<'_>, held: &'h Held<'_>) -> Option<(&'h Day, Code)> {
    let is_over = context.moment.period.ended().is_some();
    let window = span::window(context.stage, context.gate, context.moment);
    let runs = window.is_some_and(|window| !window.complete);
    match held.today(runs).filter(|_| !is_over)? {
        Today::Owed(today) => Some((today, Code::NotAnswered)),
        Today::HasTime(today) => Some((today, Code::WindowIncomplete)),
    }
}

fn missed(ask: &CheckpointAsk, held: &Held<'_>) -> String {
    let named = held.missed.iter().take(NAMED);
    let named = named.map(|day| format!("day {} ({} to {})", day.number, day.start, day.end));
    let named: Vec<String> = named.collect();
    let more = match held.missed.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("no {} on {}{more}", ask.noun(), named.join(", "))
}
