//! `stages:`, with `defaults`: the gates of each stage. Must not know how a single criterion is read.

mod recovery;

use super::super::criteria::definitions::Definitions;
use super::super::criteria::{self, Built, Criteria};
use super::super::document::{Document, Stage as Written};
use super::super::layers::NONE;
use super::super::parts::baselines;
use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Spanned, Text, pairs, text, texts};
use super::super::{Gate, Observe, Stage, StageDetails, StageKind};

use super::super::parts::queries::Place;
use super::super::parts::variables::{self, Definition, Scope};
use super::warnings;
use crate::kind::{GateKind, List};
use crate::plan::criteria::{Ask, Criterion};
use crate::units::Duration;

const ENTRY_WINDOW: Duration = Duration::from_secs(3_600);

/// A GO is good for at least this, unless the plan says less.
const SHORTEST_VALID: Duration = Duration::from_secs(15 * 60);

/// A GO is good for at most this, unless the plan says more.
const LONGEST_VALID: Duration = Duration::from_secs(24 * 3_600);

/// The stage's own keys over those of `defaults`, taken whole. Its lists have been joined with those of `defaults` before.
fn with_defaults(stage: &Written, defaults: Option<&Written>) -> Written {
    let own = stage.clone();
    let Some(defaults) = defaults.cloned() else {
        return own;
    };
    Written {
        name: own.name,
        title: own.title.or(defaults.title),
        kind: own.kind.or(defaults.kind),
        traffic: own.traffic.or(defaults.traffic),
        cohort: own.cohort.or(defaults.cohort),
        window: unless_dropped(own.window, defaults.window),
        settle: unless_dropped(own.settle, defaults.settle),
        observe: own.observe.or(defaults.observe),
        deadline: unless_dropped(own.deadline, defaults.deadline),
        after: own.after.or(defaults.after),
        baseline: own.baseline.or(defaults.baseline),
        entry: own.entry,
        stop: own.stop,
        exit: own.exit,
        recovery: own.recovery,
        watch: own.watch,
        description: own.description.or(defaults.description),
        owner: own.owner.or(defaults.owner),
        notes: own.notes.or(defaults.notes),
        links: own.links.or(defaults.links),
    }
}

/// `none` drops what `defaults` says; where it says nothing, it is no duration.
fn unless_dropped(own: Option<Text>, default: Option<Text>) -> Option<Text> {
    match own {
        Some(own) if own.value == NONE && default.is_some() => None,
        own => own.or(default),
    }
}

/// Reads all stages.
pub(super) fn read(
    checker: &mut Checker<'_>,
    document: &Document,
    plan: &Definitions<'_>,
    vars: &[Definition],
) -> Vec<Stage> {
    let Some(stages) = checker.required(document.stages.as_ref(), "stages", &(0..0), "a plan")
    else {
        return Vec::new();
    };
    let defaults = document.defaults.as_ref().map(|defaults| &defaults.value);
    if let Some(name) = defaults.and_then(|defaults| defaults.name.as_ref()) {
        let message = "`defaults` cannot name a stage";
        checker.misplaced(Some(&name.span), message, "give each stage its own `name`");
    }
    let names = names(checker, &stages.value);
    let mut read = Vec::new();
    for stage in &stages.value {
        let merged = with_defaults(&stage.value, defaults);
        let reader = Reader {
            span: &stage.span,
            name: merged.name.as_ref().map_or("", |name| name.value.as_str()),
            written: &merged,
            plan,
        };
        read.push(reader.read(checker, &names, vars));
    }
    read
}

/// The stages' names, checked.
fn names(checker: &mut Checker<'_>, stages: &[Spanned<Written>]) -> Vec<Text> {
    let mut names: Vec<Text> = Vec::new();
    for stage in stages {
        let name = checker.required(stage.value.name.as_ref(), "name", &stage.span, "a stage");
        if let Some(name) = name
            && checker.name(name, "the stage's name").is_some()
        {
            names.push(name.clone());
            if name.value.contains('/') {
                let message = format!("`{}` has a `/`, which separates stage and gate", name.value);
                checker.error(ProblemCode::BadName, &name.span, message);
            }
        }
    }
    checker.names(&names, "the stage")
}

/// One stage, with defaults.
struct Reader<'r, 'p> {
    span: &'r Span,
    name: &'r str,
    written: &'r Written,
    plan: &'r Definitions<'p>,
}

impl Reader<'_, '_> {
    fn read(&self, checker: &mut Checker<'_>, names: &[Text], vars: &[Definition]) -> Stage {
        let cohort = variables::written(checker, self.written.cohort.as_ref());
        let cohort = variables::overridden(checker, cohort, false);
        let scope = Scope {
            definitions: cohort.iter().chain(vars).cloned().collect(),
        };
        let window = self.written.window.as_ref();
        let window = window.and_then(|window| checker.positive(window, "window"));
        let own = self.written.baseline.as_ref();
        let own = own.and_then(|baseline| baselines::read(checker, baseline));
        let baseline = own.as_ref().or(self.plan.baseline);
        let deadline = self.written.deadline.as_ref();
        let deadline = deadline.and_then(|text| checker.positive(text, "deadline"));
        let gates = self.gates(checker, &scope, baseline, window, deadline);
        let settle = self.written.settle.as_ref();
        let observe = self.written.observe.as_ref();
        let kind = self.written.kind.as_ref();
        let kinds = StageKind::ALL.map(|kind| (kind.word(), kind));
        let observed = Observe::ALL.map(|way| (way.word(), way));
        Stage {
            name: self.name.to_owned(),
            title: text(self.written.title.as_ref()),
            kind: kind.and_then(|text| checker.word(text, "a kind of stage", &kinds)),
            traffic: text(self.written.traffic.as_ref()),
            cohort: cohort.iter().map(Definition::variable).collect(),
            window,
            settle: settle
                .and_then(|text| checker.duration(text))
                .unwrap_or_default(),
            observe: observe
                .and_then(|text| checker.word(text, "a way to observe a stage", &observed))
                .unwrap_or_default(),
            deadline,
            after: self.after(checker, names),
            gates,
            details: self.details(),
        }
    }

    fn details(&self) -> StageDetails {
        StageDetails {
            description: text(self.written.description.as_ref()),
            owner: text(self.written.owner.as_ref()),
            notes: texts(self.written.notes.as_ref()),
            links: pairs(self.written.links.as_ref()),
        }
    }

    /// The stages that must be left first, which must also come first in the plan; `none` means no stage.
    fn after(&self, checker: &mut Checker<'_>, names: &[Text]) -> Option<Vec<String>> {
        let written = self.written.after.as_ref()?;
        if matches!(&written.value, OneOrMany::One(word) if word == "none") {
            return Some(Vec::new());
        }
        let after = checker.names_of(written, "the stage");
        let earlier = names.iter().take_while(|name| name.value != self.name);
        let earlier: Vec<&str> = earlier.map(|name| name.value.as_str()).collect();
        for name in &after {
            if !earlier.contains(&name.value.as_str()) {
                checker.unknown_reference(name, "earlier stage", earlier.iter().copied());
            }
        }
        Some(after.into_iter().map(|name| name.value).collect())
    }

    fn gates(
        &self,
        checker: &mut Checker<'_>,
        scope: &Scope,
        baseline: Option<&baselines::Definitions>,
        window: Option<Duration>,
        deadline: Option<Duration>,
    ) -> Vec<Gate> {
        let place = |window: Option<Duration>| Place {
            stage: self.name,
            window,
            scope,
            baseline,
        };
        let written = self.written;
        let mut gates = Vec::new();
        gates.extend(
            written
                .entry
                .as_ref()
                .map(|entry| self.entry(checker, &place, entry)),
        );
        self.exit_needed(checker);
        gates.extend(
            written
                .exit
                .as_ref()
                .map(|exit| self.exit(checker, &place(window), exit, deadline)),
        );
        let exit = gates.iter().find(|gate| gate.kind == GateKind::Exit);
        let recovery = self.recovery(checker, &place, exit);
        gates.extend(recovery);
        if gates.is_empty() && written.stop.is_none() && written.watch.is_none() {
            let message = format!(
                "the stage `{}` has no gate: nothing about it would ever be decided",
                self.name
            );
            checker.report(
                Problem::error(ProblemCode::NoGate, self.place(), message)
                    .help("add `entry`, `exit` or `recovery`, here or in `defaults`"),
            );
        }
        gates
    }

    /// The stage's name, or the whole stage.
    fn place(&self) -> Span {
        let name = self.written.name.as_ref();
        name.map_or_else(|| self.span.clone(), |name| name.span.clone())
    }

    /// `stop`, `watch` and `deadline` belong to the exit gate.
    fn exit_needed(&self, checker: &mut Checker<'_>) {
        if self.written.exit.is_some() {
            return;
        }
        let written = self.written;
        for (key, span) in [
            ("stop", written.stop.as_ref().map(|list| &list.span)),
            ("watch", written.watch.as_ref().map(|list| &list.span)),
            ("deadline", written.deadline.as_ref().map(|text| &text.span)),
        ] {
            if let Some(span) = span {
                let message = format!(
                    "`{key}` without `exit`: it belongs to the exit gate of `{}`",
                    self.name
                );
                checker.report(
                    Problem::error(ProblemCode::ExitNeeded, span.clone(), message)
                        .help("add `exit` with what must hold before the rollout moves on"),
                );
            }
        }
    }

    fn entry<'d>(
        &self,
        checker: &mut Checker<'_>,
        place: &dyn Fn(Option<Duration>) -> Place<'d>,
        entry: &Spanned<Criteria>,
    ) -> Gate {
        let window = match &entry.value.window {
            None => Some(ENTRY_WINDOW),
            Some(text) => checker.positive(text, "window"),
        };
        let built = criteria::read(checker, self.plan, &place(window), List::Entry, entry);
        warnings::gate(checker, self.plan, &place(window), &built);
        let valid = valid(checker, entry);
        gate(GateKind::Entry, window, valid, built)
    }

    fn exit(
        &self,
        checker: &mut Checker<'_>,
        place: &Place<'_>,
        exit: &Spanned<Criteria>,
        deadline: Option<Duration>,
    ) -> Gate {
        let written = self.written;
        self.window_needed(checker, exit);
        let lists = [
            (List::Stop, written.stop.as_ref()),
            (List::Exit, Some(exit)),
            (List::Watch, written.watch.as_ref()),
        ];
        let mut built: Vec<Built> = Vec::new();
        for (list, criteria) in lists {
            if let Some(criteria) = criteria {
                built.extend(criteria::read(checker, self.plan, place, list, criteria));
            }
            if let (List::Stop, Some(deadline)) = (list, deadline) {
                built.push(self.deadline(deadline));
            }
        }
        warnings::gate(checker, self.plan, place, &built);
        warnings::lax_limits(checker, &built);
        warnings::at_without_stop(checker, &built);
        let valid = valid(checker, exit);
        gate(GateKind::Exit, place.window, valid, built)
    }

    fn deadline(&self, deadline: Duration) -> Built {
        let span = self
            .written
            .deadline
            .as_ref()
            .map_or(0..0, |text| text.span.clone());
        Built {
            criterion: Criterion {
                list: List::Stop,
                ask: Ask::Deadline(deadline),
            },
            span,
        }
    }

    fn window_needed(&self, checker: &mut Checker<'_>, exit: &Spanned<Criteria>) {
        if self.written.window.is_some() {
            return;
        }
        let lists = [
            self.written.stop.as_ref(),
            Some(exit),
            self.written.watch.as_ref(),
        ];
        let kpis = lists
            .into_iter()
            .flatten()
            .find_map(|list| list.value.kpis.as_ref());
        if kpis.is_some() {
            let message = format!(
                "the stage `{}` asks about KPIs but has no `window`",
                self.name
            );
            checker.report(
                Problem::error(ProblemCode::WindowNeeded, self.place(), message)
                    .help("add `window: 2h`, here or in `defaults`"),
            );
        }
    }
}

/// How long a GO is good for, where the plan says so.
fn valid(checker: &mut Checker<'_>, list: &Spanned<Criteria>) -> Option<Duration> {
    checker.positive(list.value.valid.as_ref()?, "valid")
}

/// How long a GO is good for where the plan does not say so (T7): a day if only people decide; else the window, but no less
/// than a quarter of an hour, in which somebody can act on it, and no more than a day.
fn usual(window: Option<Duration>, criteria: &[Criterion]) -> Duration {
    let mut decisive = criteria.iter().filter(|one| one.list != List::Watch);
    if decisive.all(|one| one.ask.is_up_to_people()) {
        return LONGEST_VALID;
    }
    window
        .unwrap_or_default()
        .clamp(SHORTEST_VALID, LONGEST_VALID)
}

/// A gate. The window of `recovery` applies whatever it asks (rule 17); any other is kept only if something is judged
/// over it.
fn gate(
    kind: GateKind,
    window: Option<Duration>,
    valid: Option<Duration>,
    built: Vec<Built>,
) -> Gate {
    let criteria: Vec<Criterion> = built.into_iter().map(|built| built.criterion).collect();
    let looks_back = criteria.iter().any(|criterion| criterion.ask.looks_back());
    let keeps_window = match kind {
        GateKind::Entry | GateKind::Exit => looks_back,
        GateKind::Recovery => true,
    };
    let window = window.filter(|_| keeps_window);
    Gate {
        kind,
        window,
        valid: valid.unwrap_or_else(|| usual(window, &criteria)),
        criteria,
    }
}
