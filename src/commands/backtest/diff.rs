//! `gate tune --diff`: the plan with suggested limits. A limit is put where it stands in the file, and the plan that results is read
//! again: it must differ in that condition alone. Must not edit a file.

use super::setting::Setting;
use crate::backtest::{Backtest, Suggestion};
use crate::commands::diagnostics::say;
use crate::evaluate::GateRef;
use crate::kind::GateKind;
use crate::plan::{self, Options, Plan};
use crate::report::backtest;

/// Where a condition is: its stage, its gate, its place in that.
type Place = (usize, usize, usize);

/// The conditions of a plan, by their places.
type Conditions = Vec<(Place, String)>;

/// A limit that is wanted.
struct Wanted {
    place: Place,
    name: String,
    was: String,
    is: String,
}

/// The diff; what cannot be placed is said, and where else a limit is changed.
pub(super) fn diff(
    setting: &Setting,
    whole: &Backtest,
    suggested: &[Vec<Suggestion>],
) -> anyhow::Result<String> {
    for said in backtest::beside_diff(whole, suggested) {
        say(&said);
    }
    let text = String::from_utf8(setting.loaded.bytes.clone())?;
    let mut edit = Edit {
        setting,
        lines: text.lines().map(str::to_owned).collect(),
        conditions: conditions(&setting.loaded.plan),
        suggested: all(whole, suggested),
    };
    let mut placed: Vec<Place> = Vec::new();
    let wanted = edit.suggested.iter().filter(|one| one.was != one.is);
    let wanted: Vec<(Place, String)> = wanted.map(|one| (one.place, one.is.clone())).collect();
    for (place, is) in wanted {
        if !placed.contains(&place) {
            placed.extend(edit.put(place, &is));
        }
    }
    let pairs = text.lines().zip(&edit.lines).enumerate();
    let changed: Vec<backtest::ChangedLine> = pairs
        .filter(|(_, (was, is))| was != is)
        .map(|(number, (was, is))| (number + 1, was.to_owned(), is.clone()))
        .collect();
    Ok(backtest::diff(&setting.loaded.shown(), &text, &changed))
}

/// What is suggested, the same limits included.
fn all(whole: &Backtest, suggested: &[Vec<Suggestion>]) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for ((tried, _), suggestions) in whole.gates.iter().zip(suggested) {
        for suggestion in suggestions {
            let (Some(criterion), Ok(then)) =
                (tried.criteria.get(suggestion.criterion), &suggestion.then)
            else {
                continue;
            };
            let gate = tried.trials.gate;
            wanted.push(Wanted {
                place: (gate.stage, gate.gate, criterion.place),
                name: criterion.name.clone(),
                was: suggestion.now.condition.clone(),
                is: then.condition.clone(),
            });
        }
    }
    wanted
}

/// A plan whose limits are changed, one after another.
struct Edit<'s> {
    setting: &'s Setting,
    lines: Vec<String>,
    /// As the lines are now.
    conditions: Conditions,
    suggested: Vec<Wanted>,
}

impl Edit<'_> {
    /// Puts a limit where it stands, and returns which conditions that changed.
    fn put(&mut self, place: Place, is: &str) -> Vec<Place> {
        let found = self.suggested.iter().find(|one| one.place == place);
        let Some(Wanted { name, was, .. }) = found else {
            return Vec::new();
        };
        for number in 0..self.lines.len() {
            let Some(line) = self.lines.get(number).cloned() else {
                continue;
            };
            for (at, _) in line.match_indices(was.as_str()) {
                let mut new = line.clone();
                new.replace_range(at..at + was.len(), is);
                let Some((touched, after)) = self.touched((number, &new)) else {
                    continue;
                };
                let is_it = touched.iter().any(|(touched, _)| *touched == place);
                if is_it && touched.iter().all(|one| self.may_be(one, was, is)) {
                    self.say_where_else(&touched, name, is);
                    if let Some(line) = self.lines.get_mut(number) {
                        *line = new;
                    }
                    self.conditions = after;
                    return touched.into_iter().map(|(place, _)| place).collect();
                }
            }
        }
        say(&format!(
            "{name}: `{was}` could not be changed to `{is}` where it stands: edit it by hand"
        ));
        Vec::new()
    }

    /// Whether a condition may become what it becomes: it is suggested, or nothing is, and it was the same.
    fn may_be(&self, (place, now): &(Place, String), was: &str, is: &str) -> bool {
        if is_recovery(&self.setting.loaded.plan, *place) {
            return now == is;
        }
        let suggested = self.suggested.iter().find(|one| one.place == *place);
        let before = self.conditions.iter().find(|(one, _)| one == place);
        match suggested {
            Some(suggested) => now == &suggested.is,
            None => now == is && before.is_some_and(|(_, before)| before == was),
        }
    }

    /// A limit that several stages share changes in all of them.
    fn say_where_else(&self, touched: &Conditions, name: &str, is: &str) {
        let plan = &self.setting.loaded.plan;
        let mut others: Vec<&str> = Vec::new();
        for (place, _) in touched {
            let is_suggested = self.suggested.iter().any(|one| one.place == *place);
            let stage = plan.stages.get(place.0).map(|stage| stage.name.as_str());
            if !is_suggested && !is_recovery(plan, *place) {
                others.extend(stage.filter(|stage| !others.contains(stage)));
            }
        }
        if !others.is_empty() {
            say(&format!(
                "{name} {is}: also the limit of {}, whose past was not judged",
                others.join(", ")
            ));
        }
    }

    /// The conditions that a changed line changes, and all as they are then; `None` if that is no valid plan, or another one.
    fn touched(&self, (number, new): (usize, &str)) -> Option<(Conditions, Conditions)> {
        let lines = self.lines.iter().enumerate();
        let changed: Vec<&str> = lines
            .map(|(place, line)| if place == number { new } else { line.as_str() })
            .collect();
        let options = Options {
            overrides: &self.setting.loaded.vars,
            environment: None,
            source_url: None,
        };
        let loaded = plan::load((changed.join("\n") + "\n").as_bytes(), &options).ok()?;
        let after = conditions(&loaded.plan);
        if after.len() != self.conditions.len() {
            return None;
        }
        let pairs = after.iter().zip(&self.conditions);
        let differs = pairs.filter(|(after, before)| after != before);
        let differs: Conditions = differs.map(|(after, _)| after.clone()).collect();
        Some((differs, after))
    }
}

/// What recovers is asked what the exit asks, where the plan does not say otherwise.
fn is_recovery(plan: &Plan, (stage, gate, _): Place) -> bool {
    let place = GateRef { stage, gate }.of(plan);
    place.is_some_and(|(_, gate)| gate.kind == GateKind::Recovery)
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
