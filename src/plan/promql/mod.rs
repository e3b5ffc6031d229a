//! What is known of a query without a server: what no server accepts, and what cannot mean what it says (M12, M13).
//!
//! A query is read with the plan's variables filled in. What is in doubt passes: must not become a parser of
//! PromQL, whose dialects differ, and must not know the plan beyond what it is given.

mod dimension;
mod emptiness;
mod filters;
mod hints;
mod interval;
mod limits;
mod placeholders;
mod shape;
mod syntax;
#[cfg(test)]
mod tests;
mod times;
mod tokens;
mod variables;

use std::ops::Range;

use self::dimension::{factor, named, quotient};
use self::filters::Values;
use self::limits::Limit;
use self::shape::Part;
use self::tokens::Tokens;
use super::lint::Severity;
use super::problem::ProblemCode;
use super::template::Segment;
use super::{Accept, Condition, Counted, Lint};
use crate::units::{Duration, Unit};

/// How deep brackets may be nested: reading them takes a call for each.
const MAX_DEPTH: usize = 100;

/// What is wrong with a query, or with a limit on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: ProblemCode,
    pub(super) severity: Severity,
    /// Bytes of the text that was looked at.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    /// What to do.
    pub(super) help: String,
}

impl Finding {
    pub(super) fn is_accepted(&self, accept: &[Accept]) -> bool {
        let lint = |code: &Accept| matches!((code, self.code), (Accept::Lint(one), ProblemCode::Lint(own)) if *one == own);
        accept.iter().any(lint)
    }
}

impl Finding {
    fn error(code: ProblemCode, range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            range,
            message: message.into(),
            help: String::new(),
        }
    }

    fn lint(
        lint: Lint,
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            severity: lint.severity(),
            help: help.into(),
            ..Self::error(ProblemCode::Lint(lint), range, message)
        }
    }
}

/// What a query is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It gives the KPI's value.
    Value,
    /// It says which points count.
    Guard,
    /// It selects alerts, and is not a query.
    Alerts,
}

/// A query and what the plan says about it.
pub(super) struct ReadQuery<'a> {
    /// With the variables filled in; `$window` as it is written.
    pub(super) text: &'a str,
    /// Which parts of it were filled in.
    pub(super) segments: &'a [Segment],
    pub(super) standing: Standing,
    pub(super) unit: Unit,
    /// The step between its points; `None` for a query that is asked once.
    pub(super) step: Option<Duration>,
    pub(super) limited: Limited,
}

/// What a condition makes of a query's values.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limited {
    /// Whether it looks at each point.
    pub(super) each: bool,
    /// Whether values may be too low, rather than too high.
    pub(super) low_is_bad: bool,
}

/// Looks at a query. `accept` is what the plan's author has seen and means: only what is not accepted makes it pointless
/// to look further.
pub(super) fn read(asked: &ReadQuery<'_>, accept: &[Accept]) -> Vec<Finding> {
    let tokens = tokens::read(asked.text);
    let query = tokens.all.as_slice();
    let mut found = placeholders::in_query(query);
    if is_left(&found, accept) {
        return found;
    }
    if let Some(fault) = unreadable(&tokens) {
        found.push(fault);
        return found;
    }
    found.extend(syntax::spans(query));
    if is_left(&found, accept) {
        return found;
    }
    found.extend(variables::empty(query, asked.segments));
    match body(query) {
        Some(body) => found.extend(of_value(asked, body)),
        None => found.extend(lints(asked, query)),
    }
    found
}

/// What follows the templates of `WITH (…)`, which only `VictoriaMetrics` reads: a language of its own, whose names are not
/// looked up.
fn body(query: Part<'_>) -> Option<Part<'_>> {
    query.first().filter(|first| first.is_word("with"))?;
    let open = query
        .get(1)
        .filter(|open| open.is(tokens::Kind::Open, "("))?;
    query.get(open.partner + 2..)
}

fn is_left(found: &[Finding], accept: &[Accept]) -> bool {
    found.iter().any(|finding| !finding.is_accepted(accept))
}

fn unreadable(tokens: &Tokens<'_>) -> Option<Finding> {
    if let Some(fault) = &tokens.fault {
        let (range, message) = (fault.range.clone(), fault.message.clone());
        return Some(Finding::error(ProblemCode::QuerySyntax, range, message));
    }
    let too_deep = tokens.depth > MAX_DEPTH;
    too_deep.then(|| {
        let message = format!("brackets are nested more than {MAX_DEPTH} deep");
        let range = tokens.all.first().map_or(0..0, tokens::Token::range);
        Finding::error(ProblemCode::TooDeep, range, message)
    })
}

fn lints(asked: &ReadQuery<'_>, query: Part<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    match asked.standing {
        Standing::Value => {
            found.extend(constant(query));
            found.extend(of_value(asked, query));
            found.extend(unit_factor(query, asked.unit));
            found.extend(unit_name(query, asked.unit));
            let step = asked.step.filter(|_| asked.limited.each);
            found.extend(step.and_then(|step| hints::between_points(query, step)));
        }
        Standing::Guard => {
            found.extend(of_value(asked, query));
            if !emptiness::reads_clock(query) {
                found.extend(constant(query));
            }
        }
        Standing::Alerts => return found,
    }
    found.extend(hints::irate(query));
    found.extend(hints::raw_counters(query));
    let short = |step: Duration| hints::short_ranges(query, step, asked.segments);
    found.extend(asked.step.into_iter().flat_map(short));
    found
}

/// What drops points of a value, or makes them up.
fn of_value(asked: &ReadQuery<'_>, query: Part<'_>) -> Vec<Finding> {
    match asked.standing {
        Standing::Value => {
            let mut found = filter(query, asked);
            found.extend(never_empty(query));
            found.extend(times::findings(query));
            found
        }
        Standing::Guard => {
            let mut found = times::findings(query);
            found.extend(guard_never_empty(query));
            found
        }
        Standing::Alerts => Vec::new(),
    }
}

/// How long a query keeps a value after its samples end; `None` where that is not certain. `lookback` is what a selector
/// without a range looks back.
pub(super) fn horizon(text: &str, lookback: Duration) -> Option<Duration> {
    let tokens = tokens::read(text);
    let readable = unreadable(&tokens).is_none();
    readable.then(|| hints::horizon(&tokens.all, lookback))?
}

/// Whether a query certainly reads no metric: the clock, or a constant.
pub(super) fn reads_no_metric(text: &str) -> bool {
    let tokens = tokens::read(text);
    unreadable(&tokens).is_none() && !tokens.all.is_empty() && emptiness::is_constant(&tokens.all)
}

/// Whether a query tells how old a sample is, or what a metric's time was: it calls `timestamp`, or compares with `time()`.
pub(super) fn tells_age(text: &str) -> bool {
    let tokens = tokens::read(text);
    let calls = |name: &str| {
        let mut pairs = tokens.all.windows(2);
        pairs.any(|pair| matches!(pair, [word, open] if word.is_word(name) && open.text == "("))
    };
    calls("timestamp") || calls("time") && !reads_no_metric(text)
}

/// Whether two queries are the same but for blanks, comments, outer parentheses and the lengths of their ranges.
pub(super) fn ask_the_same(one: &str, other: &str) -> bool {
    let (one, other) = (tokens::read(one), tokens::read(other));
    let readable = unreadable(&one).is_none() && unreadable(&other).is_none();
    let (one, other) = (bare(&one.all), bare(&other.all));
    let is_like = |(one, other): (&tokens::Token<'_>, &tokens::Token<'_>)| {
        let ranges = one.kind == tokens::Kind::Range && other.kind == one.kind;
        ranges || (one.kind, one.text) == (other.kind, other.text)
    };
    readable && one.len() == other.len() && one.iter().zip(other).all(is_like)
}

/// A query without parentheses around all of it.
fn bare(query: Part<'_>) -> Part<'_> {
    let mut inner = query;
    while let Some(open) = inner.first().filter(|open| open.text == "(") {
        if open.partner + 1 != inner.len() {
            break;
        }
        inner = inner.get(1..open.partner).unwrap_or_default();
    }
    inner
}

/// The shortest range that a query looks over, as far as it is written out; a subquery's own step is none.
pub(super) fn shortest_range(text: &str) -> Option<Duration> {
    let tokens = tokens::read(text);
    let ranges = tokens
        .all
        .iter()
        .filter(|token| token.kind == tokens::Kind::Range);
    let lengths = ranges.filter_map(|range| Duration::parse(range.range_and_step().0.trim()).ok());
    lengths.filter(|length| *length > Duration::ZERO).min()
}

/// Whether a query can give a value below zero, as far as its operators and functions tell.
pub(super) fn may_be_negative(text: &str) -> bool {
    let signed = ["delta", "idelta", "deriv", "predict_linear"];
    tokens::read(text)
        .all
        .iter()
        .any(|token| token.text == "-" || signed.contains(&token.text))
}

/// What another tool would have filled into an address.
pub(super) fn placeholders(address: &str) -> Vec<String> {
    placeholders::in_address(address)
}

/// What a limit is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits<'a> {
    pub(super) condition: &'a Condition,
    /// Whether it describes the bad state.
    pub(super) in_stop: bool,
    pub(super) unit: Unit,
    /// Which events the KPI counts, if it is a ratio of events.
    pub(super) counted: Option<Counted>,
}

/// Looks at a condition beside the query whose values it is for; ranges are bytes of the condition's text.
pub(super) fn limit(text: &str, limits: Limits<'_>) -> Vec<Finding> {
    let tokens = tokens::read(text);
    if unreadable(&tokens).is_some() {
        return Vec::new();
    }
    let limit = Limit {
        limits,
        query: &tokens.all,
    };
    limit.findings()
}

/// The function with which a query counts the events of a range, and not those of a second; what divides may well make a rate of them.
pub(super) fn sums_a_range(text: &str) -> Option<&'static str> {
    const SUMS: [&str; 3] = ["increase", "increase_pure", "increase_prometheus"];
    let tokens = tokens::read(text);
    let divides =
        |token: &tokens::Token<'_>| token.kind == tokens::Kind::Operator && token.text == "/";
    if tokens.all.iter().any(divides) {
        return None;
    }
    let is_called = |name: &&str| {
        tokens.all.windows(2).any(|pair| {
            matches!(pair, [function, open] if function.is_word(name) && open.is(tokens::Kind::Open, "("))
        })
    };
    SUMS.into_iter().find(is_called)
}

fn whole(query: Part<'_>) -> Range<usize> {
    let start = query.first().map_or(0, |token| token.at);
    start..query.last().map_or(0, |token| token.range().end)
}

fn constant(query: Part<'_>) -> Option<Finding> {
    emptiness::is_constant(query).then(|| {
        Finding::lint(
            Lint::ConstantQuery,
            whole(query),
            "this query reads no metric: its value says nothing about the service",
            "query a metric that the service exports",
        )
    })
}

fn filter(query: Part<'_>, asked: &ReadQuery<'_>) -> Vec<Finding> {
    let values = Values {
        zero_counts: matches!(asked.unit, Unit::Ratio | Unit::Percent),
        low_is_bad: asked.limited.low_is_bad,
    };
    filters::filters(query, values)
        .into_iter()
        .map(|operator| {
            let message = format!(
                "this `{}` drops every point where it does not hold, so a bad value looks like no value",
                operator.text
            );
            let help = "remove the comparison and make it the KPI's condition; `bool` yields 0 or 1";
            Finding::lint(Lint::QueryFilter, operator.range(), message, help)
        })
        .collect()
}

fn never_empty(query: Part<'_>) -> Option<Finding> {
    emptiness::never_empty(query).map(|range| {
        Finding::lint(Lint::NeverEmpty,
            range,
            "this query returns a value even if nothing is measured",
            "remove the fallback; `missing: zero` with a `guard` makes an absent point 0 while the service is known to run",
        )
    })
}

/// A guard that has a value although nothing is measured shows nothing: what is dead looks quiet, or alive.
fn guard_never_empty(query: Part<'_>) -> Option<Finding> {
    emptiness::never_empty(query).map(|range| {
        Finding::lint(
            Lint::GuardNeverEmpty,
            range,
            "this guard has a value even if nothing is measured, so a dead source looks quiet or alive",
            "remove the fallback: where a guard is not measured, the point is missing",
        )
    })
}

fn unit_factor(query: Part<'_>, unit: Unit) -> Option<Finding> {
    let times = factor(query);
    if unit == Unit::Percent && (0.5..2.0).contains(&times) {
        let selectors = shape::selectors(query);
        let named = (selectors.iter()).any(|one| says_percent(one.name));
        let fraction = || {
            let mut fractions = query.iter().filter(|one| one.is_word("histogram_fraction"));
            fractions.next().map(tokens::Token::range)
        };
        let range = quotient(query)
            .map(|quotient| quotient.range)
            .or_else(fraction);
        return range.filter(|_| !named).map(|range| {
            Finding::lint(
                Lint::UnitFactor,
                range,
                "this quotient is a ratio, but the unit is `percent`: a half would show as 0.5%",
                "multiply by 100, or use `unit: ratio`; limits such as `< 1%` work with both",
            )
        });
    }
    if unit == Unit::Ratio && (50.0..200.0).contains(&times) {
        return Some(Finding::lint(
            Lint::UnitFactor,
            whole(query),
            "this is multiplied by 100, but the unit is `ratio`: a half would show as 5000%",
            "remove the factor, or use `unit: percent`; limits such as `< 1%` work with both",
        ));
    }
    None
}

fn says_percent(name: &str) -> bool {
    name.contains("percent") || name.contains("pct")
}

fn unit_name(query: Part<'_>, unit: Unit) -> Option<Finding> {
    let named = named(query)?;
    if unit == Unit::None || unit == named.unit {
        return None;
    }
    let word = named.unit.word();
    let message = format!(
        "this metric's name says {word}, but the unit is `{}`",
        unit.word()
    );
    let help = format!("use `unit: {word}`, or convert the value in the query");
    Some(Finding::lint(Lint::UnitName, named.range, message, help))
}
