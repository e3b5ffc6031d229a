//! What changed in a gate between two versions of a plan: its criteria, their queries, its window. Must not judge a sample, nor
//! say that nothing changed where a version is not available. `asked`: whom a gate asks, and how; `said`: all of it, in words.

mod asked;
mod said;

use serde::{Deserialize, Serialize};

use super::criteria::{Criterion, KpiAsk};
use super::{
    Baseline, BaselineAs, Bound, Comparison, Condition, Continuity, Delta, Gate, Hold, Missing,
    Observe, Plan, Query, Quiet, Ratio, Source, Stage,
};
use crate::kind::{CriterionKind, GateName, List, words};
use crate::units::show_number;

pub use asked::baseline_files;
pub use said::{Said, said};

words! {
    /// Whether a gate became easier to pass.
    pub enum Effect: "effect" {
        /// Easier.
        Loosened = "loosened",
        /// Harder.
        Tightened = "tightened",
        /// Which of the two is unclear.
        Changed = "changed",
        /// The earlier version is not available, so that what changed is not known.
        Unknown = "unknown",
    }
}

/// One thing that changed in a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanChange {
    /// Its gate.
    pub gate: GateName,
    /// Number of the ledger entry from the earlier version.
    pub since: u64,
    /// SHA-256 of the earlier version, 64 lower-case hex digits.
    pub plan_sha256: String,
    /// In which list; `None` for the gate's window, what it asks (a source, a captured baseline), and where the earlier version
    /// is not available.
    pub list: Option<List>,
    /// The kind of the criterion; `None` for what the gate asks, and where the earlier version is not available.
    pub kind: Option<CriterionKind>,
    /// What the criterion is called; empty where the earlier version is not available.
    pub name: String,
    /// The part of it that changed, such as `condition` or `query`; empty where the earlier version is not available.
    pub part: String,
    /// As it was written; `None` where it was not there.
    pub was: Option<String>,
    /// As it is written; `None` where it is gone.
    pub now: Option<String>,
    /// Whether that makes the gate easier to pass.
    pub effect: Effect,
}

impl PlanChange {
    /// What can be said of a gate whose earlier version is not available.
    #[must_use]
    pub fn unknown(gate: &GateName, since: u64, plan_sha256: &str) -> Self {
        Self {
            gate: gate.clone(),
            since,
            plan_sha256: plan_sha256.to_owned(),
            list: None,
            kind: None,
            name: String::new(),
            part: String::new(),
            was: None,
            now: None,
            effect: Effect::Unknown,
        }
    }
}

/// What changed in a gate between an earlier version of the plan, from which a ledger entry dates, and this one.
#[must_use]
pub fn changes(
    was: &Plan,
    now: &Plan,
    gate: &GateName,
    since: u64,
    sha256: &str,
) -> Vec<PlanChange> {
    let (was, now) = (parts(was, gate), parts(now, gate));
    let mut gone: Vec<&Part> = was.iter().filter(|part| !now.contains(part)).collect();
    let added = now.iter().filter(|part| !was.contains(part));
    let mut pairs = Vec::new();
    for part in added {
        let earlier = gone.iter().position(|one| one.is_of(part));
        pairs.push((earlier.map(|position| gone.remove(position)), Some(part)));
    }
    let gone = gone.into_iter().map(|part| (Some(part), None));
    let stays = |part: &Part| part.is_in(&was) && part.is_in(&now);
    let all = gone.chain(pairs).filter_map(|(was, now)| {
        let both = was.is_some() && now.is_some();
        now.or(was)
            .filter(|part| both || part.is_whole() || stays(part))?;
        let part = now.or(was)?;
        Some(PlanChange {
            gate: gate.clone(),
            since,
            plan_sha256: sha256.to_owned(),
            list: part.list,
            kind: part.kind,
            name: part.name.clone(),
            part: part.what.clone(),
            was: was.map(|part| part.text.clone()),
            now: now.map(|part| part.text.clone()),
            effect: effect(was, now),
        })
    });
    all.collect()
}

/// One part of a gate, as written.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    list: Option<List>,
    /// `None` for what is asked.
    kind: Option<CriterionKind>,
    name: String,
    what: String,
    text: String,
    /// What it is compared by beside its text: it may be secret.
    compared: String,
    /// Of parts of the same shape, the higher the easier to pass; `None` where that is unclear.
    looseness: Option<(String, f64)>,
}

impl Part {
    /// Whether it is a criterion that decides.
    fn decides(&self) -> bool {
        self.is_whole() && self.kind.is_some() && self.list != Some(List::Watch)
    }

    fn is_of(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.list, one.kind);
        key(self) == key(other) && self.name == other.name && self.what == other.what
    }

    /// Whether a version has the criterion that it belongs to, or one of that name.
    fn is_in(&self, parts: &[Self]) -> bool {
        let whole = |one: &&Self| one.is_whole() && one.list == self.list && one.kind == self.kind;
        parts.iter().filter(whole).any(|one| one.name == self.name)
    }

    /// Whether it alone makes a criterion or a source, so that adding or removing it says something.
    fn is_whole(&self) -> bool {
        let of_window = self.list.is_none() && self.kind.is_some();
        of_window || self.what == CONDITION || (self.kind.is_none() && self.what == asked::ADDRESS)
    }
}

const CONDITION: &str = "condition";

/// A part before it is known whose it is.
struct Described {
    what: String,
    text: String,
    compared: String,
    looseness: Option<(String, f64)>,
}

impl Described {
    fn plain(what: &str, text: String) -> Self {
        Self::hidden(what, text, String::new())
    }

    /// One that is not shown as a whole: what it is compared by, and what of it may be shown.
    fn hidden(what: &str, text: String, compared: String) -> Self {
        Self {
            what: what.to_owned(),
            text,
            compared,
            looseness: None,
        }
    }

    fn of_kpi((what, text, looseness): OfKpi) -> Self {
        Self {
            looseness,
            ..Self::plain(what, text)
        }
    }

    fn scaled(what: &'static str, text: String, looseness: f64) -> Self {
        Self::of_kpi((what, text, Some((String::new(), looseness))))
    }

    fn part(self, list: Option<List>, kind: Option<CriterionKind>, name: String) -> Part {
        let Self {
            what,
            text,
            compared,
            looseness,
        } = self;
        Part {
            list,
            kind,
            name,
            what,
            text,
            compared,
            looseness,
        }
    }
}

fn effect(was: Option<&Part>, now: Option<&Part>) -> Effect {
    match (was, now) {
        (Some(was), Some(now)) => match (&was.looseness, &now.looseness) {
            (Some((shape, before)), Some((same, after))) if shape == same && after > before => {
                Effect::Loosened
            }
            (Some((shape, before)), Some((same, after))) if shape == same && after < before => {
                Effect::Tightened
            }
            _ => Effect::Changed,
        },
        (Some(was), None) if was.decides() => Effect::Loosened,
        (None, Some(now)) if now.decides() => Effect::Tightened,
        _ => Effect::Changed,
    }
}

/// Everything that decides on a gate, in its order; nothing where the plan does not have it.
fn parts(plan: &Plan, gate: &GateName) -> Vec<Part> {
    let stage = plan.stages.iter().find(|stage| stage.name == gate.stage);
    let Some((stage, gate)) = stage.and_then(|stage| Some((stage, stage.gate(gate.kind)?))) else {
        return Vec::new();
    };
    let criteria = gate.criteria.iter().flat_map(of_criterion);
    let sources = asked::sources(plan, gate).flat_map(|(source, parts)| of_source(source, parts));
    of_window(stage, gate)
        .into_iter()
        .chain(criteria)
        .chain(sources)
        .collect()
}

fn of_source(source: &Source, parts: Vec<Described>) -> impl Iterator<Item = Part> {
    let part = |described: Described| described.part(None, None, format!("source {}", source.name));
    parts.into_iter().map(part)
}

/// The window and what belongs to it.
fn of_window(stage: &Stage, gate: &Gate) -> Vec<Part> {
    let part = |what, text: String, looseness: f64| {
        let kind = Some(CriterionKind::Window);
        Described::scaled(what, text, looseness).part(None, kind, stage.name.clone())
    };
    let window = gate.window.or(stage.window);
    let mut parts: Vec<Part> = window
        .map(|window| part("window", window.to_string(), -millis(window)))
        .into_iter()
        .collect();
    parts.push(part("valid", gate.valid.to_string(), millis(gate.valid)));
    if gate.kind == crate::kind::GateKind::Exit {
        let trailing = f64::from(u8::from(stage.observe == Observe::Trailing));
        // Longer, it hides a bad beginning, and has the stage run on for longer.
        let settle = Described::plain("settle", stage.settle.to_string());
        parts.push(settle.part(None, Some(CriterionKind::Window), stage.name.clone()));
        parts.push(part("observe", stage.observe.to_string(), trailing));
    }
    parts
}

fn of_criterion(criterion: &Criterion) -> Vec<Part> {
    let list = criterion.list;
    let mut parts: Vec<Described> = Vec::new();
    if let Some(ask) = criterion.ask.kpi() {
        parts.extend(of_kpi(ask, list).into_iter().map(Described::of_kpi));
    } else {
        let (text, looseness) = criterion.ask.required();
        let looseness = looseness.map(|looseness| (String::new(), looseness));
        parts.push(Described::of_kpi((CONDITION, text, looseness)));
        parts.extend(asked::settings(&criterion.ask));
    }
    let (kind, name) = (criterion.ask.kind(list), criterion.ask.name());
    let part = |described: Described| described.part(Some(list), Some(kind), name.clone());
    parts.into_iter().map(part).collect()
}

fn of_baseline(baseline: &Baseline, compared: BaselineAs) -> String {
    let kind = match baseline {
        Baseline::Offset(length) => format!("offset {length}"),
        Baseline::Before(length) => format!("before {length}"),
        Baseline::Between(from, to) => format!("{from} to {to}"),
        Baseline::File(path) => format!("file {path}"),
        Baseline::Vars { query, part, .. } => match part {
            Some(part) => written(&part.divided_by(query)),
            None => written(query),
        },
    };
    format!("{kind} as {}", compared.word())
}

type OfKpi = (&'static str, String, Option<(String, f64)>);

/// What decides on a KPI's criterion: its condition first, then its query, then how both are measured.
fn of_kpi(ask: &KpiAsk, list: List) -> Vec<OfKpi> {
    let kpi = &ask.kpi;
    let scaled = |value: f64| Some((String::new(), value));
    let mut parts: Vec<OfKpi> = vec![
        (
            CONDITION,
            ask.condition.text.clone(),
            looseness(&ask.condition, list),
        ),
        ("query", written(&ask.value_query()), None),
        ("unit", kpi.unit.to_string(), None),
        ("source", kpi.source.clone(), None),
        (
            "coverage",
            kpi.coverage.to_string(),
            percent(&kpi.coverage.to_string()).and_then(|share| scaled(-share)),
        ),
        (
            "missing",
            match kpi.missing {
                Missing::Hold => "hold".to_owned(),
                Missing::Zero => "zero".to_owned(),
            },
            scaled(f64::from(u8::from(kpi.missing == Missing::Zero))),
        ),
        ("step", ask.step.to_string(), None),
    ];
    if ask.guard.is_some() {
        parts.push((
            "active",
            kpi.active.to_string(),
            percent(&kpi.active.to_string()).and_then(|share| scaled(-share)),
        ));
        let is_met = kpi.quiet == Quiet::Met;
        let word = if is_met { "met" } else { "hold" };
        parts.push((
            "quiet",
            word.to_owned(),
            scaled(f64::from(u8::from(is_met))),
        ));
    }
    parts.extend(kpi.ratio.iter().flat_map(of_ratio));
    if kpi.per.is_some() && ask.expected.is_none() {
        let is_any = kpi.continuity == Continuity::Any;
        let word = if is_any { "any" } else { "each" };
        parts.push((
            "series",
            word.to_owned(),
            scaled(f64::from(u8::from(is_any))),
        ));
    }
    let max_age = kpi.max_age;
    parts.extend(max_age.map(|age| ("max_age", age.to_string(), scaled(millis(age)))));
    parts.extend(kpi.per.clone().map(|per| ("per", per, None)));
    parts.extend(
        ask.expected
            .as_ref()
            .map(|all| ("cohort", all.join(", "), None)),
    );
    parts.extend(ask.guard.as_ref().map(|guard| {
        let (query, is) = (written(&guard.query), guard.is);
        let text = format!("{query} {} {}", is.comparison.symbol(), is.bound.get());
        ("guard", text, None)
    }));
    if !kpi.accept.is_empty() {
        let codes: Vec<&str> = kpi.accept.iter().map(|code| code.word()).collect();
        parts.push(("accept", codes.join(", "), None));
    }
    parts.extend(
        ask.baseline
            .as_ref()
            .map(|one| ("baseline", of_baseline(one, ask.baseline_as), None)),
    );
    parts
}

/// What decides on a ratio besides its queries: what is enough, and what the error budget is.
fn of_ratio(ratio: &Ratio) -> Vec<OfKpi> {
    let scaled = |value: f64| Some((String::new(), value));
    // The same two queries with the part taken for the other one mean the opposite.
    let mut parts: Vec<OfKpi> = vec![("ratio", ratio.of.word().to_owned(), None)];
    if let Some(least) = ratio.min_total {
        let text = show_number(least.get(), 3);
        parts.push(("min_total", text, scaled(-least.get())));
    }
    if let Some(objective) = ratio.objective {
        let (share, budget) = (objective.share.to_string(), objective.budget.get());
        parts.push(("objective", share, scaled(budget)));
        let period = objective.period;
        parts.push(("period", period.to_string(), scaled(millis(period))));
    }
    parts
}

fn written(query: &Query) -> String {
    query.pieces.join("$window")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "compared with another length, not added up"
)]
fn millis(length: crate::units::Duration) -> f64 {
    length.millis() as f64
}

fn percent(text: &str) -> Option<f64> {
    text.trim_end_matches('%').trim().parse().ok()
}

/// How loose a condition is among those of the same shape. A stop describes the bad state: what makes it rarer makes the
/// gate easier to pass.
fn looseness(condition: &Condition, list: List) -> Option<(String, f64)> {
    let rising = match condition.comparison {
        Comparison::Less | Comparison::LessOrEqual => 1.0,
        Comparison::Greater | Comparison::GreaterOrEqual => -1.0,
        Comparison::Equal | Comparison::NotEqual => return None,
    };
    let sign = if list == List::Stop { -rising } else { rising };
    let (kind, value) = match &condition.bound {
        Bound::Fixed(bound) => ("", bound.get()),
        Bound::Times(factor) => ("times", factor.get()),
        Bound::Above(Delta::Absolute(delta)) => ("above", delta.get()),
        Bound::Above(Delta::Relative(delta)) => ("above by share", delta.get()),
        Bound::Below(Delta::Absolute(delta)) => ("below", -delta.get()),
        Bound::Below(Delta::Relative(delta)) => ("below by share", -delta.get()),
        Bound::Baseline | Bound::Above(_) | Bound::Below(_) => return None,
    };
    let hold = match condition.hold {
        None => String::new(),
        Some(Hold::For(length)) => length.to_string(),
        Some(Hold::Share(share)) => share.to_string(),
        Some(hold @ (Hold::Points(_) | Hold::But(_) | Hold::Over(..))) => hold.words(),
    };
    let reducer = condition
        .reducer
        .map(super::Reducer::word)
        .unwrap_or_default();
    let symbol = condition.comparison.symbol();
    let at = condition.at.map(|at| format!("at {}", at.share()));
    let at = at.unwrap_or_default();
    Some((
        format!("{reducer} {symbol} {kind} {hold} {at}"),
        sign * value,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::criteria::Ask;
    use crate::plan::{Options, load};

    fn plan(condition: &str, rest: &str) -> Plan {
        let text = format!(
            "release: shop\nsource: http://prometheus.example.com:9090\n\
kpis: {{p95: {{query: 'latency{{env=\"prod\"}}', unit: seconds{rest}}}}}\n\
stages:\n  - name: pilot\n    window: 4h\n    stop: {{kpis: {{p95: '> 90s'}}}}\n    exit: {{kpis: {{p95: '{condition}'}}}}\n"
        );
        let options = Options::default();
        match load(text.as_bytes(), &options) {
            Ok(loaded) => loaded.plan,
            Err(problems) => panic!("{text}\n{problems:#?}"),
        }
    }

    fn between(was: &Plan, now: &Plan) -> Vec<(String, Effect)> {
        let exit = "pilot/exit".parse().expect("a gate");
        let changed = changes(was, now, &exit, 15, "sha").into_iter();
        let said = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let shown = changed.map(|one| {
            let text = format!("{} {} -> {}", one.part, said(one.was), said(one.now));
            (text, one.effect)
        });
        shown.collect()
    }

    #[test]
    fn m16_the_same_plan_has_no_changes() {
        let same = plan("< 4s", "");
        assert_eq!(between(&same, &same), []);
    }

    #[test]
    fn m16_a_limit_that_is_easier_to_keep_is_loosened() {
        let (strict, loose) = (plan("p95 < 4s", ""), plan("p95 < 72s", ""));
        let was = "condition p95 < 4s -> p95 < 72s".to_owned();
        assert_eq!(between(&strict, &loose), [(was, Effect::Loosened)]);
        let back = "condition p95 < 72s -> p95 < 4s".to_owned();
        assert_eq!(between(&loose, &strict), [(back, Effect::Tightened)]);
    }

    #[test]
    fn m16_what_cannot_be_compared_is_changed() {
        for condition in ["mean < 4s", "p95 <= 4s", "p95 > 4s", "p95 == 4s"] {
            let changed = between(&plan("p95 < 4s", ""), &plan(condition, ""));
            assert_eq!(changed.len(), 1, "{condition}");
            assert_eq!(changed[0].1, Effect::Changed, "{condition}");
        }
    }

    /// The exit's criteria beside KPIs.
    fn asking(criteria: &str) -> Plan {
        let text = format!(
            "release: shop\nsource: http://prometheus.example.com:9090\n\
stages:\n  - {{name: pilot, window: 4h, exit: {criteria}}}\n"
        );
        load(text.as_bytes(), &Options::default())
            .expect("a plan")
            .plan
    }

    #[test]
    fn m16_who_is_asked_about_alerts_and_which_count_are_part_of_the_criterion() {
        let alerts = |rest: &str| {
            let firing = "firing: ['{severity=\"sev1\"}']";
            asking(&format!("{{no_alerts: {{{firing}{rest}}}}}"))
        };
        let all = [
            alerts(""),
            alerts(", source: {alertmanager: 'http://a.example.com'}"),
            alerts(", source: {alertmanager: 'http://a.example.com'}, silenced: false"),
            alerts(", source: {alertmanager: 'http://b.example.com'}"),
        ];
        for (at, was) in all.iter().enumerate() {
            for (other, now) in all.iter().enumerate() {
                assert_eq!(between(was, now).len(), usize::from(at != other));
            }
        }
    }

    #[test]
    fn m16_a_query_and_what_is_measured_of_it_are_part_of_the_criterion() {
        let strict = plan("< 4s", ", coverage: 95%");
        let changed = between(&strict, &plan("< 4s", ", coverage: 50%"));
        // Of the stop and of the exit.
        let loosened = ("coverage 95% -> 50%".to_owned(), Effect::Loosened);
        assert_eq!(changed, [loosened.clone(), loosened]);
        let mut other = plan("< 4s", "");
        for criterion in &mut other.stages[0].gates[0].criteria {
            if let Ask::Kpi(ask) = &mut criterion.ask {
                ask.query = Query::plain("latency");
            }
        }
        let changed = between(&plan("< 4s", ""), &other);
        let query = (
            "query latency{env=\"prod\"} -> latency".to_owned(),
            Effect::Changed,
        );
        assert_eq!(changed, [query.clone(), query]);
    }

    #[test]
    fn m16_what_decides_on_a_ratio_of_events_leaves_a_trace() {
        let ratio = |part: &str, keys: &str| {
            let text = format!(
                "release: shop\nsource: http://prometheus.example.com:9090\n\
kpis: {{e: {{ratio: {{{part}: 'a', total: 'b'}}, {keys}}}}}\n\
stages:\n  - {{name: pilot, window: 4h, exit: {{kpis: {{e: '< 2x'}}}}}}\n"
            );
            match load(text.as_bytes(), &Options::default()) {
                Ok(loaded) => loaded.plan,
                Err(problems) => panic!("{text}\n{problems:#?}"),
            }
        };
        let was = ratio("errors", "objective: 99%, period: 7d, min_total: 2000");
        for (now, said, effect) in [
            (
                ratio("good", "objective: 99%, period: 7d, min_total: 2000"),
                "ratio errors -> good",
                Effect::Changed,
            ),
            (
                ratio("errors", "objective: 99%, period: 30d, min_total: 2000"),
                "period 7d -> 30d",
                Effect::Loosened,
            ),
            (
                ratio("errors", "objective: 99%, period: 7d, min_total: 20"),
                "min_total 2000 -> 20",
                Effect::Loosened,
            ),
        ] {
            assert_eq!(between(&was, &now), [(said.to_owned(), effect)]);
        }
    }

    #[test]
    fn m16_a_stop_that_trips_later_or_is_gone_is_loosened() {
        let was = plan("< 4s", "");
        let mut now = was.clone();
        let stop = now.stages[0].gates[0].criteria.remove(0);
        let changed = between(&was, &now);
        let gone = ("condition > 90s -> none".to_owned(), Effect::Loosened);
        assert_eq!(changed, [gone]);
        let mut later = was.clone();
        if let Ask::Kpi(ask) = &mut later.stages[0].gates[0].criteria[0].ask {
            ask.condition.text = "> 900s".into();
            ask.condition.bound = Bound::Fixed(crate::units::Finite::new(900.0).expect("finite"));
        }
        let expected = ("condition > 90s -> > 900s".to_owned(), Effect::Loosened);
        assert_eq!(between(&was, &later), [expected]);
        assert_eq!(stop.list, List::Stop);
    }

    #[test]
    fn m16_a_shorter_window_is_loosened_and_a_new_criterion_tightened() {
        let was = plan("< 4s", "");
        let mut now = was.clone();
        now.stages[0].gates[0].window = Some(crate::units::Duration::from_secs(60));
        assert_eq!(
            between(&was, &now),
            [("window 4h -> 1m".to_owned(), Effect::Loosened)]
        );
        let mut more = was.clone();
        let ask = Ask::Confirmation(crate::plan::criteria::ConfirmationAsk {
            id: "lead".into(),
            link: None,
        });
        let list = List::Exit;
        more.stages[0].gates[0]
            .criteria
            .push(Criterion { list, ask });
        let added = ("condition none -> lead".to_owned(), Effect::Tightened);
        assert_eq!(between(&was, &more), [added]);
    }
}
