//! Rule 6: the span of a baseline whose length the plan fixes (`before`, `from` and `to`). One number for a whole window is only
//! like another one over as long a span, so `$window` is as long there as what is judged. Must not look at values.

use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::evaluate::span::Span;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Accept, Baseline};
use crate::units::Instant;

/// The part of such a span that is compared with what is judged; `None` for any other baseline. `untouched` is when the release
/// first touched the stage.
pub(super) fn compared(
    ask: &KpiAsk,
    baseline: &Baseline,
    judged: Span,
    untouched: Option<Instant>,
) -> Option<Result<Span, Undecided>> {
    let written = match baseline {
        Baseline::Before(length) => untouched.map(|start| Span {
            start: start - *length,
            end: start,
        }),
        Baseline::Between(from, to) => Some(Span {
            start: *from,
            end: *to,
        }),
        Baseline::Offset(_) | Baseline::File(_) | Baseline::Vars { .. } => return None,
    };
    let no_start = || {
        let reason =
            "the baseline is unknown: the start of the stage is not recorded: pass --started";
        Undecided::new(Code::BaselineUnknown, reason)
    };
    let written = written.ok_or_else(no_start);
    Some(written.and_then(|written| as_long(ask, written, judged)))
}

/// All of it, or the last part that is as long as what is judged, where the query gives one number for all of it.
fn as_long(ask: &KpiAsk, written: Span, judged: Span) -> Result<Span, Undecided> {
    if !ask.query.is_instant() || ask.kpi.accepts(Accept::BaselineDiffers) {
        return Ok(written);
    }
    let (length, needed) = (written.length(), judged.length());
    if length >= needed {
        return Ok(Span {
            start: written.end - needed,
            ..written
        });
    }
    let code = Accept::BaselineDiffers;
    let reason = format!(
        "the baseline is unknown: its span of {length} is shorter than the {needed} that `$window` covers; use a longer one, or say `accept: [{code}]` if values over spans of any length can be compared"
    );
    Err(Undecided::new(Code::BaselineDiffers, reason))
}

/// The difference of lengths that the plan accepts. `compared` is what [`compared()`] gave.
pub(super) fn accepted_note(ask: &KpiAsk, compared: Option<Span>, judged: Span) -> Option<String> {
    let (then, now) = (compared?.length(), judged.length());
    let differs = ask.query.is_instant() && then != now;
    differs
        .then(|| format!("as the plan accepts: `$window` covers {then} of the baseline, not {now}"))
}
