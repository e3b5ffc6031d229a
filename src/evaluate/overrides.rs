//! Somebody proceeds on a NO-GO or HOLD in their own name. Must not touch the verdict, and knows no way past a STOP.

use super::Overridden;
use super::context::CriterionContext;
use crate::kind::GateName;
use crate::ledger::{Ledger, Override};
use crate::units::Instant;
use crate::verdict::Verdict;

/// The override that holds for this gate now.
pub(super) fn of(verdict: Verdict, context: &CriterionContext<'_>) -> Option<Overridden> {
    in_force(
        verdict,
        &context.gate_name(),
        context.ledger?,
        context.moment.at,
    )
}

/// The override that holds for a gate with this verdict.
///
/// It is for the verdict that its author saw, not for a worse one, be it now or in a check since; and for the stage as it
/// was, not for what follows a rollback.
#[must_use]
pub fn in_force(
    verdict: Verdict,
    gate: &GateName,
    ledger: &Ledger,
    at: Instant,
) -> Option<Overridden> {
    let found = ledger.overriding(gate)?;
    let can_be = |verdict| matches!(verdict, Verdict::Hold | Verdict::NoGo);
    let rolled_back = ledger.rolled_back(&gate.stage);
    let is_of_this_attempt = rolled_back.is_none_or(|entry| entry.number < found.entry.number);
    let holds = can_be(verdict)
        && can_be(found.verdict)
        && verdict <= found.verdict
        && at < found.expires
        && is_of_this_attempt
        && was_seen(&found, gate, ledger);
    holds.then(|| Overridden {
        by: found.entry.by.name.clone(),
        at: found.entry.at,
        why: found.entry.why.clone(),
        expires: found.expires,
        entry: found.entry.number,
    })
}

/// Whether a recorded check left what was overridden, and none after it found worse.
fn was_seen(found: &Override<'_>, gate: &GateName, ledger: &Ledger) -> bool {
    let Some(seen) = ledger.check_with(gate, found.evidence_sha256) else {
        return false;
    };
    seen.gate.verdict == found.verdict
        && !ledger
            .checks_after(gate, seen)
            .any(|later| later.gate.verdict > found.verdict)
}
