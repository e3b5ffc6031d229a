//! What stays of a gate whose source is away (W7): what was measured before speaks against it, and never for it. Must not ask a
//! source, nor judge.

use crate::assessment::{Counts, CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::Evidence;
use crate::units::Instant;

/// Takes over the criteria that are unmet or tripped by what was measured up to a time, where they are unknown because their source does
/// not answer. `known` is judged with that in the place of the answers that failed. Returns whether there are any.
pub fn stays(evidence: &mut Evidence, known: Evidence, up_to: Instant) -> bool {
    let mut is_any = false;
    for (gate, known) in evidence.gates.iter_mut().zip(known.gates) {
        is_any |= stays_of(gate, known, up_to);
    }
    if is_any {
        let deciding = evidence.deciding().map(|gate| gate.verdict);
        evidence.verdict = deciding.max().unwrap_or(evidence.verdict);
        evidence.next = known.next;
    }
    is_any
}

fn stays_of(gate: &mut GateAssessment, mut known: GateAssessment, up_to: Instant) -> bool {
    if gate.name() != known.name() || gate.criteria.len() != known.criteria.len() {
        return false;
    }
    let mut is_any = false;
    for (now, before) in gate.criteria.iter().zip(&mut known.criteria) {
        if !is_without_source(now) {
            continue;
        }
        if is_bad(before) {
            is_any = true;
            let reason = &before.reason;
            before.reason = format!("{reason}; judged up to {up_to}, since then: {}", now.reason);
        } else {
            before.clone_from(now);
        }
    }
    if is_any {
        known.counts = Counts::of(&known.criteria);
        *gate = known;
    }
    is_any
}

fn is_without_source(criterion: &CriterionAssessment) -> bool {
    criterion.outcome == Outcome::Unknown && criterion.code.source().is_some()
}

fn is_bad(criterion: &CriterionAssessment) -> bool {
    matches!(criterion.outcome, Outcome::Unmet | Outcome::Tripped)
}
