//! `kpis`: one criterion for each condition of a KPI, its variables filled in, step and baseline worked out.
//!
//! Must not know which gate of a stage it is for, beyond what its place says.

use super::super::parts::baselines::{self, Kind};
use super::super::parts::checker::Checker;
use super::super::parts::kpis::KpiDefinition;
use super::super::parts::queries::{Filler, Place, step};
use super::super::parts::variables::Scope;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::promql::{self, Limited};
use super::super::spanned::{OneOrMany, Pairs, Text};
use super::super::{
    Accept, Baseline, BaselineAs, Comparison, Condition, Counted, Guard, Hold, Kpi, Missing, Query,
    Ratio, Reducer, condition,
};
use super::definitions::Definitions;
use super::{pairs, points};
use crate::kind::List;
use crate::units::Duration;

/// One condition on one KPI at one gate, with everything from the stage filled in.
#[derive(Debug, Clone)]
pub struct KpiAsk {
    /// The KPI.
    pub kpi: Kpi,
    /// Its query, the stage's variables filled in; of a ratio that of the total.
    pub query: Query,
    /// Of a ratio, the query of the errors or the good events.
    pub part: Option<Query>,
    /// Points where the guard does not hold are not evidence.
    pub guard: Option<Guard>,
    /// What the KPI must satisfy (in stop: what it must not).
    pub condition: Condition,
    /// The values of `per`'s label that must be there, if the cohort or a variable lists them.
    pub expected: Option<Vec<String>>,
    /// What a relative condition compares with; always there if the condition says `baseline`.
    pub baseline: Option<Baseline>,
    /// What becomes of that baseline's points.
    pub baseline_as: BaselineAs,
    /// The interval between the grid's points, the default resolved.
    pub step: Duration,
}

impl KpiAsk {
    /// The query of its guard.
    #[must_use]
    pub fn guard_query(&self) -> Option<&Query> {
        self.guard.as_ref().map(|guard| &guard.query)
    }

    /// What gives its values, as one query: of a ratio the quotient of its two.
    #[must_use]
    pub fn value_query(&self) -> Query {
        let Some(part) = &self.part else {
            return self.query.clone();
        };
        part.divided_by(&self.query)
    }

    /// Whether what is absent means zero, without more to show it than a guard.
    #[must_use]
    pub fn zero_by_guard(&self) -> bool {
        self.kpi.missing == Missing::Zero && self.part.is_none()
    }

    /// Whether the KPI counts good events, and its condition speaks of the errors (R6).
    #[must_use]
    pub fn turns_good_into_errors(&self) -> bool {
        let counts_good = |ratio: &Ratio| ratio.of == Counted::Good;
        self.condition.of_errors && self.kpi.ratio.as_ref().is_some_and(counts_good)
    }
}

/// One criterion for each condition of each KPI.
pub(super) fn read(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    place: &Place<'_>,
    pairs: &Pairs<OneOrMany>,
    list: List,
) -> Vec<(KpiAsk, Span)> {
    let mut asks = Vec::new();
    for (name, conditions) in &pairs.0 {
        let Some(definition) = definition(checker, plan, name) else {
            continue;
        };
        definition.used.set(true);
        for text in conditions.texts() {
            if let Some(ask) = ask(checker, place, definition, &text, list) {
                asks.push((ask, text.span));
            }
        }
    }
    asks
}

fn definition<'d>(
    checker: &mut Checker<'_>,
    plan: &Definitions<'d>,
    name: &Text,
) -> Option<&'d KpiDefinition> {
    let found = plan.kpis.iter().find(|kpi| kpi.name.value == name.value);
    if found.is_none() && !plan.kpi_names.contains(&name.value) {
        checker.unknown_reference(name, "KPI", plan.kpi_names.iter().map(String::as_str));
    }
    found
}

/// What is asked about a KPI under a condition.
fn ask(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    text: &Text,
    list: List,
) -> Option<KpiAsk> {
    let step = step(definition, place);
    let filler = Filler {
        scope: place.scope,
        step,
        stage: place.stage,
    };
    let condition = read_condition(checker, definition, text);
    let limited = condition.as_ref().map(|one| limited(one, list));
    let query = filler.value(checker, definition, limited.unwrap_or_default());
    let part = filler.part(checker, definition);
    let guard = filler.guard(checker, definition);
    let condition = condition?;
    check_hold(checker, place, definition, text, &condition);
    check_lookbacks(checker, definition, text, &condition, step);
    points::check(checker, (text, &condition), list, (place.window, step));
    pairs::check(checker, place, definition, (text, &condition), step);
    let (query, part) = (query?, part?);
    let guard = match (guard?, &definition.guard) {
        (Some(query), Some((written, is))) => Some(Guard {
            query,
            is: *is,
            tells_age: promql::tells_age(&written.text.value),
        }),
        _ => None,
    };
    let found = definition.baseline.as_ref().or(place.baseline);
    let baseline = if condition.is_relative() {
        let found = found.or_else(|| undefined(checker, text))?;
        check_compared(checker, definition, text, &condition, found)?;
        let own = (&query, part.as_ref());
        let baseline = baseline(checker, definition, &filler, text, own, found)?;
        check_length(checker, place, definition, &baseline, &found.span);
        Some(baseline)
    } else {
        None
    };
    let baseline_as = match (condition.at, found) {
        (Some(_), _) | (_, None) => BaselineAs::Points,
        (None, Some(found)) => found.compared(&condition),
    };
    Some(KpiAsk {
        kpi: definition.kpi.clone(),
        query,
        part,
        guard,
        condition,
        expected: expected(checker, place.scope, definition),
        baseline,
        baseline_as,
        step,
    })
}

/// What a condition makes of its query's values.
fn limited(condition: &Condition, list: List) -> Limited {
    let wanted = condition.wanted(list == List::Stop);
    let one_makes_a_difference = match condition.hold {
        Some(Hold::Share(_) | Hold::Points(_) | Hold::But(_)) => false,
        Some(Hold::For(_) | Hold::Over(..)) | None => true,
    };
    Limited {
        each: condition.reducer.is_none() && one_makes_a_difference,
        low_is_bad: !matches!(wanted, Comparison::Less | Comparison::LessOrEqual),
    }
}

fn read_condition(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    text: &Text,
) -> Option<Condition> {
    let kpi = &definition.kpi;
    match condition::parse(&text.value, kpi.unit, kpi.ratio.as_ref()) {
        Ok(condition) => Some(condition),
        Err(error) => {
            checker.condition_error(text, error);
            None
        }
    }
}

fn check_hold(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    text: &Text,
    condition: &Condition,
) {
    check_window(checker, definition, text, condition);
    let (lengths, word) = match condition.hold {
        Some(Hold::For(length)) => (vec![length], "for"),
        Some(hold @ Hold::Over(..)) => (hold.lookbacks(), "over"),
        Some(Hold::Share(_) | Hold::Points(_) | Hold::But(_)) | None => return,
    };
    let Some(window) = place.window else { return };
    for length in lengths.into_iter().filter(|length| *length > window) {
        let message = format!("`{word} {length}` is longer than the window of {window}");
        checker.error(ProblemCode::ForOverWindow, &text.span, message);
    }
}

/// What one number for the whole window cannot be asked.
fn check_window(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    text: &Text,
    condition: &Condition,
) {
    let is_of_all = condition.reducer.is_some_and(Reducer::needs_events);
    if !definition.query.is_instant() || (definition.part.is_some() && is_of_all) {
        return;
    }
    let name = &definition.kpi.name;
    if definition.part.is_some() {
        let message = format!(
            "the queries of `{name}` use `$window`, so that it has one value: only `overall` and `budget` can be asked of it"
        );
        checker.report(
            Problem::error(ProblemCode::RatioWithWindow, text.span.clone(), message).help(
                "write `overall …`, or `[$step]` in the place of `[$window]` in both queries",
            ),
        );
    } else if let Some(hold) = condition.hold {
        let word = condition::hold_word(hold);
        let message = format!(
            "`{word}` with a query that uses `$window`: `{name}` gives one value for the whole window"
        );
        checker.report(
            Problem::error(ProblemCode::ForWithWindowQuery, text.span.clone(), message).help(
                format!("omit `{word} …`, or write a duration into the query"),
            ),
        );
    }
}

/// R5: a look-back holds whole steps.
fn check_lookbacks(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    text: &Text,
    condition: &Condition,
    step: Duration,
) {
    let lengths = condition.hold.map(Hold::lookbacks).unwrap_or_default();
    let off = |length: &Duration| length.millis() % step.millis().max(1) != 0;
    for length in lengths.into_iter().filter(off) {
        let message = format!(
            "`over {length}` is not a multiple of the step of {step} of `{}`",
            definition.kpi.name
        );
        checker.report(
            Problem::error(ProblemCode::OverOffGrid, text.span.clone(), message)
                .help("use a multiple, or set the KPI's `step`"),
        );
    }
}

/// What a baseline becomes: only a ratio has an overall value, and a look-back has no partner.
fn check_compared(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    text: &Text,
    condition: &Condition,
    found: &baselines::Definitions,
) -> Option<()> {
    let looks_back = matches!(condition.hold, Some(Hold::Over(..)));
    let message = match found.compared(condition) {
        BaselineAs::One(Reducer::Overall) if definition.part.is_none() => {
            "`as: overall` counts events, and this KPI is not a ratio of events"
        }
        BaselineAs::Points if looks_back => {
            "`as: points` beside `over`: a look-back is compared with one value of the baseline"
        }
        BaselineAs::Points | BaselineAs::One(_) => return Some(()),
    };
    checker.report(
        Problem::error(ProblemCode::BadBaseline, found.span.clone(), message)
            .related(text.span.clone(), "compared here")
            .help("omit `as`, or write another word, such as `median`"),
    );
    None
}

/// The values of the `per` label that must be there.
fn expected(
    checker: &mut Checker<'_>,
    scope: &Scope,
    definition: &KpiDefinition,
) -> Option<Vec<String>> {
    let found = scope.find(definition.kpi.per.as_deref()?)?;
    checker.used_overrides.insert(found.name.clone());
    Some(found.values.clone())
}

/// A condition on a baseline that nobody defined.
fn undefined<T>(checker: &mut Checker<'_>, text: &Text) -> Option<T> {
    let message = "this condition says `baseline`, but nothing defines one";
    checker.report(
        Problem::error(ProblemCode::BaselineUndefined, text.span.clone(), message).help(
            "add `baseline: { offset: 7d }` or another kind to the plan, the stage or the KPI",
        ),
    );
    None
}

/// An offset that is not a multiple of the step leads to places between the points.
fn check_offset(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    offset: Duration,
    written: &Span,
    step: Duration,
) {
    if definition.query.is_instant() || offset.millis() % step.millis().max(1) == 0 {
        return;
    }
    let message = format!(
        "`offset: {offset}` is not a multiple of the step of {step} of `{}`",
        definition.name.value
    );
    checker.report(
        Problem::error(ProblemCode::OffsetOffGrid, written.clone(), message)
            .help("each point is compared with the point that much earlier: use a multiple, or set the KPI's `step`"),
    );
}

/// M4: a baseline that is shorter than the window can never be compared with one number for all of it.
fn check_length(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    baseline: &Baseline,
    written: &Span,
) {
    let length = match baseline {
        Baseline::Before(length) => *length,
        Baseline::Between(from, to) => from.until(*to),
        Baseline::Offset(_) | Baseline::File(_) | Baseline::Vars { .. } => return,
    };
    let accepted = || definition.accepts.takes(Accept::BaselineDiffers);
    let Some(window) = place.window.filter(|window| length < *window) else {
        return;
    };
    if !definition.query.is_instant() || accepted() {
        return;
    }
    let message = format!(
        "this baseline of {length} is shorter than the {window} that `$window` covers in `{}`",
        definition.name.value
    );
    checker.report(
        Problem::error(ProblemCode::BadBaseline, written.clone(), message)
            .help("use one at least as long as the window, or add `accept: [baseline-differs]` if values over spans of any length can be compared"),
    );
}

/// Why a baseline that changes one query of a ratio alone cannot be meant: the errors of one side would be divided by the events of
/// both, so that a canary with little traffic looks good whatever it does.
fn half(
    definition: &KpiDefinition,
    (total, part): (&Query, Option<&Query>),
    (own_total, own_part): (&Query, Option<&Query>),
) -> Option<String> {
    let of = definition.kpi.ratio?.of.word();
    let (changed, kept) = match (total == own_total, part == own_part) {
        (true, false) => (of, "total"),
        (false, true) => ("total", of),
        (true, true) | (false, false) => return None,
    };
    Some(format!(
        "this baseline changes `{changed}` of `{}` and not `{kept}`: the two count different events",
        definition.kpi.name
    ))
}

fn baseline(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    filler: &Filler<'_>,
    text: &Text,
    own: (&Query, Option<&Query>),
    found: &baselines::Definitions,
) -> Option<Baseline> {
    let variables = match &found.kind {
        Kind::Offset(offset, written) => {
            check_offset(checker, definition, *offset, written, filler.step);
            return Some(Baseline::Offset(*offset));
        }
        Kind::Before(length) => return Some(Baseline::Before(*length)),
        Kind::Between(from, to) => return Some(Baseline::Between(*from, *to)),
        Kind::File(path) => return Some(Baseline::File(path.clone())),
        Kind::Vars(variables) => variables,
    };
    let filler = Filler {
        scope: &filler.scope.under(variables),
        ..*filler
    };
    let parallel = filler.value(checker, definition, Limited::default())?;
    let part = filler.part(checker, definition)?;
    if (&parallel, part.as_ref()) == own {
        let message = format!(
            "this baseline sends the same query for `{}` as the condition",
            definition.kpi.name
        );
        checker.report(
            Problem::error(ProblemCode::BadBaseline, found.span.clone(), message)
                .related(text.span.clone(), "compared with itself")
                .help("its `vars` must change a variable that the query uses"),
        );
        return None;
    }
    if let Some(message) = half(definition, (&parallel, part.as_ref()), own) {
        checker.report(
            Problem::error(ProblemCode::BadBaseline, found.span.clone(), message)
                .related(text.span.clone(), "compared with it")
                .help("use the variables that the baseline's `vars` change in both queries"),
        );
        return None;
    }
    Some(Baseline::Vars {
        query: parallel,
        part,
        guard: filler.guard(checker, definition)?,
    })
}
