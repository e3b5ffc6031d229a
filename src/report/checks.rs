//! The checks of a rollout, a line for each gate: when, what was found, and what decided it. Must not judge again, nor pass over
//! an override or a look.

use super::page::{Cell, Page};
use super::{Style, words};
use crate::assessment::GateAssessment;
use crate::evidence::Evidence;
use crate::verdict::Verdict;

/// Of a time in seconds.
const TIME: usize = 20;

/// The list, in the given order.
#[must_use]
pub fn checks<'e>(checks: impl IntoIterator<Item = &'e Evidence> + Clone, style: &Style) -> String {
    let mut page = Page::new(style);
    let gates = checks.clone().into_iter().flat_map(|check| &check.gates);
    let width = gates.map(|gate| Cell::plain(&gate.name().to_string()).width());
    let width = width.max().unwrap_or(0);
    let verdict = Verdict::NoGo.word().len();
    for check in checks {
        for gate in &check.gates {
            let labels = [
                (TIME, Cell::plain(&check.evaluated_at.to_string())),
                (verdict, Cell::verdict(gate.verdict)),
                (width, Cell::plain(&gate.name().to_string())),
            ];
            page.labelled(0, &labels, Cell::plain(&decided(gate)));
        }
    }
    page.finish()
}

/// What decided it, after what limits how much it says.
fn decided(gate: &GateAssessment) -> String {
    let decided = words::gate_in_words(gate);
    if gate.look {
        format!("LOOKED ONLY, nothing rests on it; {decided}")
    } else {
        decided
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn l16_a_list_names_time_verdict_gate_and_what_decided() {
        let mut looked = scenarios::go();
        looked.gates[0].look = true;
        let all = [scenarios::no_go(), scenarios::overridden(), looked];
        let shown = checks(&all, &Style::FILE);
        let lines: Vec<&str> = shown
            .lines()
            .filter(|line| line.starts_with("2026-"))
            .collect();
        let gates: usize = all.iter().map(|check| check.gates.len()).sum();
        assert_eq!(lines.len(), gates, "{shown}");
        assert!(
            lines[0].starts_with("2026-11-20T14:00:00Z  NO-GO  pilot/exit"),
            "{shown}"
        );
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("OVERRIDDEN by"), "{shown}");
        assert!(
            words.contains("GO pilot/exit LOOKED ONLY, nothing rests on it; "),
            "{shown}"
        );
    }
}
