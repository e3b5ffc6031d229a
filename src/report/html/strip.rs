//! Where the rollout stands: its stages side by side, each with its state. Judges none of them.

use maud::{Markup, html};

use crate::assessment::GateAssessment;
use crate::evaluate::Samples;
use crate::evidence::Evidence;
use crate::rollout::State;
use crate::verdict::Verdict;

/// The strip; nothing where no ledger says how the stages stand.
pub(super) fn strip(evidence: &Evidence, samples: Option<&Samples>) -> Markup {
    let stages = samples.map(Samples::stages).unwrap_or_default();
    html! {
        @if stages.len() > 1 {
            nav.strip aria-label="Stages of the rollout" {
                ol {
                    @for (stage, state) in stages {
                        @let judged = judged(evidence, &stage.name);
                        li class=(judged.map_or(class(state), |gate| worse(class(state), gate.verdict))) aria-current=[judged.map(|_| "step")] {
                            strong { (stage.title.as_ref().unwrap_or(&stage.name)) }
                            @if let Some(share) = &stage.traffic { span { (share) " of traffic" } }
                            span.state { (state.word()) @if let Some(gate) = judged { ", " (gate.kind.word()) " " (gate.verdict.word()) } }
                        }
                    }
                }
            }
        }
    }
}

/// The gate of a stage that this check decided on; of several the worst.
fn judged<'e>(evidence: &'e Evidence, stage: &str) -> Option<&'e GateAssessment> {
    let gates = evidence.gates.iter();
    let decided = gates.filter(|gate| gate.stage == stage && !gate.outlook && !gate.look);
    decided.max_by_key(|gate| gate.verdict)
}

/// The ledger knew the stages before this check, which may have found worse.
fn worse(class: &'static str, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NoGo | Verdict::Stop => "bad",
        Verdict::Go | Verdict::Hold => class,
    }
}

fn class(state: State) -> &'static str {
    match state {
        State::NotStarted | State::AtEntry => "ahead",
        State::Running => "open",
        State::Left => "good",
        State::Paused | State::Stopped | State::RolledBack | State::Overridden => "bad",
    }
}
