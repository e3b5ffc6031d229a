//! `gate tune --diff`: the plan with suggested limits. A limit is put where it stands in the file, and the plan that results is read
//! again: it must differ in that condition alone. Must not edit a file.

use super::setting::Setting;
use crate::backtest::{Backtest, Suggestion};
use crate::commands::diagnostics::say;
use crate::evaluate::GateRef;
use crate::kind::GateKind;
use crate::plan::{self, Options, Plan};
use crate::report::backtest;

/// A condition of a plan, by its place.
type Conditions = Vec<((usize, usize, usize), String)>;

/// The diff; what cannot be placed is said.
pub(super) fn diff(
    setting: &Setting,
    whole: &Backtest,
    suggested: &[Vec<Suggestion>],
) -> anyhow::Result<String> {
    let text = String::from_utf8(setting.loaded.bytes.clone())?;
    let mut wanted = Vec::new();
    for ((tried, _), suggestions) in whole.gates.iter().zip(suggested) {
        for suggestion in suggestions {
            let (Some(criterion), Ok(then)) =
                (tried.criteria.get(suggestion.criterion), &suggestion.then)
            else {
                continue;
            };
            if then.condition == suggestion.now.condition {
                continue;
            }
            for name in &suggestion.loses {
                say(&format!(
                    "{} {} LOSES incident {name}",
                    criterion.name, then.condition
                ));
            }
            let gate = tried.trials.gate;
            let place = (gate.stage, gate.gate, criterion.place);
            wanted.push((
                place,
                criterion.name.clone(),
                suggestion.now.condition.clone(),
                then.condition.clone(),
            ));
        }
    }
    let mut changed: Vec<backtest::ChangedLine> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let before = conditions(&setting.loaded.plan);
    let mut placed: Vec<(usize, usize, usize)> = Vec::new();
    for (place, name, was, is) in &wanted {
        if placed.contains(place) {
            continue;
        }
        let found = (lines.iter().enumerate()).find_map(|(number, line)| {
            let is_taken = changed.iter().any(|(taken, ..)| *taken == number + 1);
            if is_taken || !line.contains(was.as_str()) {
                return None;
            }
            let new = line.replacen(was.as_str(), is, 1);
            let touched = touched(setting, &lines, (number, &new), &before)?;
            let as_wanted = |(touched, now): &((usize, usize, usize), String)| {
                let asked = wanted
                    .iter()
                    .any(|(place, _, _, is)| place == touched && is == now);
                asked || (is_recovery(&setting.loaded.plan, *touched) && now == is)
            };
            let is_it = touched.iter().any(|(touched, _)| touched == place);
            (is_it && touched.iter().all(as_wanted)).then_some((number, line, new, touched))
        });
        match found {
            Some((number, line, new, touched)) => {
                placed.extend(touched.into_iter().map(|(place, _)| place));
                changed.push((number + 1, (*line).to_owned(), new));
            }
            None => say(&format!(
                "{name}: `{was}` could not be changed to `{is}` in one line of its own: edit it by hand"
            )),
        }
    }
    changed.sort();
    Ok(backtest::diff(&setting.loaded.shown(), &text, &changed))
}

/// What recovers is asked what the exit asks, where the plan does not say otherwise.
fn is_recovery(plan: &Plan, (stage, gate, _): (usize, usize, usize)) -> bool {
    let place = GateRef { stage, gate }.of(plan);
    place.is_some_and(|(_, gate)| gate.kind == GateKind::Recovery)
}

/// The conditions that a changed line changes; `None` if that is no valid plan, or changes more than conditions.
fn touched(
    setting: &Setting,
    lines: &[&str],
    (number, new): (usize, &str),
    before: &Conditions,
) -> Option<Conditions> {
    let changed: Vec<&str> = (lines.iter().enumerate())
        .map(|(place, line)| if place == number { new } else { line })
        .collect();
    let options = Options {
        overrides: &setting.loaded.vars,
        environment: None,
        source_url: None,
    };
    let loaded = plan::load((changed.join("\n") + "\n").as_bytes(), &options).ok()?;
    let after = conditions(&loaded.plan);
    if after.len() != before.len() {
        return None;
    }
    let differs = after
        .into_iter()
        .zip(before)
        .filter(|(after, before)| after != *before);
    Some(differs.map(|(after, _)| after).collect())
}

fn conditions(plan: &Plan) -> Conditions {
    let mut all = Vec::new();
    for (stage, of_stage) in plan.stages.iter().enumerate() {
        for (gate, of_gate) in of_stage.gates.iter().enumerate() {
            for (place, criterion) in of_gate.criteria.iter().enumerate() {
                let text = criterion
                    .ask
                    .kpi()
                    .map_or_else(String::new, |ask| ask.condition.text.clone());
                all.push(((stage, gate, place), text));
            }
        }
    }
    all
}
