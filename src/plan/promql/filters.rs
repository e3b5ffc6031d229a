//! `query-filter`: comparisons that drop points of the KPI's value, so that a bad value looks like no value.
//!
//! Follows the value from the whole query inwards. Must not look where a comparison only selects: on the right of
//! `and`, `unless` and `or`, in a divisor, in what is counted.

use super::dimension::number;
use super::emptiness::{is_constant, reads_clock};
use super::shape::{Call, Chain, Level, Part, Selector, Shape, Step, selectors, shape};
use super::tokens::{Kind, Token};

/// What is known of the values that a query gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values {
    /// Whether 0 is a value like any other, as it is of a ratio, rather than how exporters say that there is none.
    pub(super) zero_counts: bool,
    /// Whether the condition is on values that are too low, so that dropping zeros hides the worst.
    pub(super) low_is_bad: bool,
}

/// The operators of comparisons that filter the value.
pub(super) fn filters(query: Part<'_>, values: Values) -> Vec<&Token<'_>> {
    let mut found = Vec::new();
    let usage = Use {
        then: Then::Missing,
        selects: false,
        values,
    };
    follow(query, usage, &mut found);
    found
}

/// What a part of the query is for.
#[derive(Debug, Clone, Copy)]
struct Use {
    then: Then,
    /// Whether other series are multiplied with it: one that is 1 selects.
    selects: bool,
    values: Values,
}

/// What becomes of the points that a comparison drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// They are missing from the value.
    Missing,
    /// Something else replaces them: the right of an `or`.
    Replaced,
    /// An aggregation goes on without them.
    Aggregated(Aggregation),
}

/// Which points an aggregation can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aggregation {
    /// The largest: small points make no difference.
    Largest,
    /// The smallest.
    Smallest,
    /// The sum: zeros make no difference.
    Sum,
    /// Any other.
    Other,
}

impl Use {
    /// Where nobody can tell which values are bad.
    fn without_direction(self) -> Self {
        let low_is_bad = false;
        let values = Values {
            low_is_bad,
            ..self.values
        };
        Self { values, ..self }
    }

    /// For what is subtracted: its low values are the high ones of the result.
    fn turned(self) -> Self {
        let low_is_bad = !self.values.low_is_bad;
        let values = Values {
            low_is_bad,
            ..self.values
        };
        Self { values, ..self }
    }
}

fn follow<'t>(part: Part<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    match shape(part) {
        Shape::Chain(chain) => follow_chain(&chain, usage, found),
        Shape::Inner(inner) => {
            let is_negative = part.first().is_some_and(|sign| sign.text == "-");
            let usage = if is_negative { usage.turned() } else { usage };
            follow(inner, usage, found);
        }
        Shape::Call(call) => follow_call(&call, usage, found),
        Shape::Selector(_) | Shape::Number(_) | Shape::Other => {}
    }
}

fn follow_chain<'t>(chain: &Chain<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    match chain.level {
        Level::Or => {
            let then = replaced(chain, usage);
            follow(chain.first, Use { then, ..usage }, found);
        }
        Level::And => {
            follow(chain.first, usage, found);
            let by_itself = chain.steps.iter();
            found.extend(by_itself.flat_map(|step| filters_by_itself(chain.first, step, usage)));
        }
        Level::Compare => compare(chain, usage, found),
        Level::Sum | Level::Product | Level::Power => calculate(chain, usage, found),
    }
}

/// The fallback of an `or` replaces points only if it drops none itself.
fn replaced(chain: &Chain<'_>, usage: Use) -> Then {
    let last = chain.steps.last();
    let stays = |step: &Step<'_>| filters(step.right, usage.values).is_empty();
    if last.is_some_and(stays) {
        Then::Replaced
    } else {
        usage.then
    }
}

/// A comparison that drops points, seen from what it compares: `5 > x` as `x < 5`.
struct Filter<'t> {
    token: &'t Token<'t>,
    value: Part<'t>,
    operator: &'t str,
    /// The number that it is compared with, if it is one.
    bound: Option<f64>,
}

/// What the comparisons of a chain drop points by, and the value that is left.
fn compared<'t>(chain: &Chain<'t>) -> (Vec<Filter<'t>>, Part<'t>) {
    let mut value = chain.first;
    let mut found = Vec::new();
    for step in &chain.steps {
        let mut operator = step.token.text;
        let mut with = step.right;
        // The value is that of the series, on whichever side it stands.
        if is_scalar(value) && !is_scalar(with) {
            (value, with) = (with, value);
            operator = mirrored(operator);
        }
        if !step.with_bool {
            found.push(Filter {
                token: step.token,
                value,
                operator,
                bound: number(with),
            });
        }
    }
    (found, value)
}

/// Whether a part is PromQL's scalar: a number, rather than series.
fn is_scalar(part: Part<'_>) -> bool {
    match shape(part) {
        Shape::Number(_) => true,
        Shape::Inner(part) => is_scalar(part),
        Shape::Call(call) => matches!(call.name.as_str(), "scalar" | "time" | "pi" | "now"),
        Shape::Chain(chain) => chain.level >= Level::Sum && chain.operands().all(is_scalar),
        Shape::Selector(_) => false,
        // A duration, which Prometheus 3 reads as seconds.
        Shape::Other => part.first().is_some_and(|token| token.kind == Kind::Number),
    }
}

/// The operator as it reads from right to left.
fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    }
}

/// The operator that holds where this one does not.
fn negated(operator: &str) -> &str {
    match operator {
        "<" => ">=",
        "<=" => ">",
        ">" => "<=",
        ">=" => "<",
        "==" => "!=",
        "!=" => "==",
        same => same,
    }
}

fn compare<'t>(chain: &Chain<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    let (filters, value) = compared(chain);
    let mut filters = filters.into_iter();
    match filters.find(|filter| !is_harmless(filter, usage)) {
        Some(filter) => found.push(filter.token),
        None => follow(value, usage, found),
    }
}

/// `x and x < 5`, `x unless x > 5`: what selects is the value itself, so that it filters like `x < 5`.
fn filters_by_itself<'t>(value: Part<'t>, step: &Step<'t>, usage: Use) -> Vec<&'t Token<'t>> {
    let excludes = step.is("unless") || step.is("ifnot");
    let mut all = Vec::new();
    comparisons(step.right, &mut all);
    let own = all
        .into_iter()
        .filter(|filter| is_about(filter.value, value));
    let seen = own.map(|filter| Filter {
        operator: if excludes {
            negated(filter.operator)
        } else {
            filter.operator
        },
        ..filter
    });
    let harmful = seen.filter(|filter| !is_harmless(filter, usage));
    harmful.map(|filter| filter.token).collect()
}

/// Every comparison that drops points, except in what is counted.
fn comparisons<'t>(part: Part<'t>, found: &mut Vec<Filter<'t>>) {
    match shape(part) {
        Shape::Chain(chain) => {
            if chain.level == Level::Compare {
                found.extend(compared(&chain).0);
            }
            for operand in chain.operands() {
                comparisons(operand, found);
            }
        }
        Shape::Inner(part) => comparisons(part, found),
        Shape::Call(call) if !is_counted(&call) => {
            for argument in call.arguments {
                comparisons(argument, found);
            }
        }
        Shape::Call(_) | Shape::Selector(_) | Shape::Number(_) | Shape::Other => {}
    }
}

/// Whether what is compared is what the value is made of, divisors apart: they only say whether there is enough of it,
/// unless all of it is compared.
fn is_about(compared: Part<'_>, value: Part<'_>) -> bool {
    let is_quantile = |part: Part<'_>| part.iter().any(|token| token.is_word("histogram_quantile"));
    let (own, over) = (measured(compared, false), measured(value, false));
    let (all_own, all) = (measured(compared, true), measured(value, true));
    is_quantile(compared) == is_quantile(value)
        && !own.is_empty()
        && (are_among(&own, &over) || are_among(&all_own, &all) && are_among(&all, &all_own))
}

fn are_among(some: &[Selector<'_>], all: &[Selector<'_>]) -> bool {
    some.iter()
        .all(|one| all.iter().any(|other| other.is_like(one)))
}

/// The selectors of a value, except what is counted, and divisors unless they are asked for.
fn measured(part: Part<'_>, with_divisors: bool) -> Vec<Selector<'_>> {
    let mut found = Vec::new();
    collect(part, with_divisors, &mut found);
    found
}

fn collect<'t>(part: Part<'t>, with_divisors: bool, found: &mut Vec<Selector<'t>>) {
    match shape(part) {
        Shape::Chain(chain) => {
            collect(chain.first, with_divisors, found);
            let steps = chain
                .steps
                .iter()
                .filter(|step| with_divisors || !divides(step));
            for step in steps.filter(|_| !matches!(chain.level, Level::And | Level::Compare)) {
                collect(step.right, with_divisors, found);
            }
        }
        Shape::Inner(part) => collect(part, with_divisors, found),
        Shape::Call(call) if !is_counted(&call) => {
            for argument in call.arguments {
                collect(argument, with_divisors, found);
            }
        }
        Shape::Selector(selector) => found.push(selector),
        Shape::Call(_) | Shape::Number(_) | Shape::Other => {}
    }
}

fn divides(step: &Step<'_>) -> bool {
    step.is("/") || step.is("%")
}

/// Both sides of a calculation are the value, but for divisors.
fn calculate<'t>(chain: &Chain<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    // The zero of a timestamp says that it is not set.
    let of_time = chain.level == Level::Sum && chain.operands().any(reads_clock);
    let values = Values {
        zero_counts: usage.values.zero_counts && !chain.has("/"),
        low_is_bad: usage.values.low_is_bad && !of_time,
    };
    let usage = Use { values, ..usage };
    follow(chain.first, joined(chain, chain.first, usage), found);
    for step in chain.steps.iter().filter(|step| !divides(step)) {
        let usage = joined(chain, step.right, usage);
        let usage = match step.is("-") {
            true if is_constant(chain.first) && !of_time => usage.turned(),
            true => usage.without_direction(),
            false => usage,
        };
        follow(step.right, usage, found);
    }
}

/// What a factor is for: beside another one that has the value, it may only select.
fn joined(chain: &Chain<'_>, factor: Part<'_>, usage: Use) -> Use {
    let factors = chain.steps.iter().filter(|step| step.is("*"));
    let mut factors = factors.map(|step| step.right).chain([chain.first]);
    let has_value = |other: Part<'_>| !std::ptr::eq(other, factor) && !only_labels(other);
    let selects = usage.selects || chain.has("*") && factors.any(has_value);
    Use { selects, ..usage }
}

/// Whether a factor is a number, or series that are there for their labels.
fn only_labels(factor: Part<'_>) -> bool {
    is_constant(factor)
        || selectors(factor)
            .iter()
            .all(|one| one.name.ends_with("_info"))
}

/// What is counted, or looked at without its value.
fn is_counted(call: &Call<'_>) -> bool {
    matches!(
        call.name.trim_end_matches("_over_time"),
        "count"
            | "count_values"
            | "group"
            | "absent"
            | "present"
            | "timestamp"
            | "changes"
            | "resets"
            | "histogram_count"
    )
}

fn follow_call<'t>(call: &Call<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    if is_counted(call) {
        return;
    }
    let aggregation = match call.name.trim_end_matches("_over_time") {
        "max" | "topk" => Some(Aggregation::Largest),
        "min" | "bottomk" => Some(Aggregation::Smallest),
        "sum" => Some(Aggregation::Sum),
        "avg" | "quantile" | "stddev" | "stdvar" | "limitk" | "limit_ratio"
        | "histogram_quantile" | "median" | "mad" | "last" | "first" => Some(Aggregation::Other),
        _ => None,
    };
    let then = aggregation.map_or(usage.then, Then::Aggregated);
    for argument in &call.arguments {
        follow(argument, Use { then, ..usage }, found);
    }
}

/// Whether nothing bad can be among the points that this comparison drops.
fn is_harmless(filter: &Filter<'_>, usage: Use) -> bool {
    let (operator, bound) = (filter.operator, filter.bound);
    let drops_zero = bound == Some(0.0) && matches!(operator, ">" | ">=" | "!=");
    let zero_is_none = drops_zero && !usage.values.zero_counts && !usage.values.low_is_bad;
    let equal = operator == "==";
    if usage.selects && equal && bound == Some(1.0) {
        return true;
    }
    match usage.then {
        Then::Missing => false,
        Then::Replaced => drops_zero,
        // Which series equals another one selects; a number would be all that is left.
        Then::Aggregated(_) if equal && bound.is_none() => true,
        // -1 says that there is no limit, or no value.
        Then::Aggregated(_) if operator == "!=" && bound == Some(-1.0) => true,
        Then::Aggregated(Aggregation::Largest) => matches!(operator, ">" | ">="),
        Then::Aggregated(Aggregation::Smallest) => matches!(operator, "<" | "<=") || zero_is_none,
        Then::Aggregated(Aggregation::Sum) => drops_zero || equal && bound != Some(0.0),
        Then::Aggregated(Aggregation::Other) => zero_is_none,
    }
}
