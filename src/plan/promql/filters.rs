//! `query-filter`: comparisons that drop points of the KPI's value, so that a bad value looks like no value.
//!
//! Follows the value from the whole query inwards. Must not look where a comparison only selects: on the right of
//! `and`, `unless` and `or`, in a divisor, in what is counted.

use super::dimension::number;
use super::emptiness::is_constant;
use super::shape::{Call, Chain, Level, Part, Shape, Step, shape};
use super::tokens::Token;

/// The operators of comparisons that filter the value. `zero_counts` says whether 0 is a value like any other, as it is
/// of a ratio, rather than how exporters say that there is none.
pub(super) fn filters(query: Part<'_>, zero_counts: bool) -> Vec<&Token<'_>> {
    let mut found = Vec::new();
    let usage = Use {
        then: Then::Missing,
        selects: false,
        zero_counts,
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
    zero_counts: bool,
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

fn follow<'t>(part: Part<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    match shape(part) {
        Shape::Chain(chain) => follow_chain(&chain, usage, found),
        Shape::Inner(part) => follow(part, usage, found),
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
        Level::And => follow(chain.first, usage, found),
        Level::Compare => compare(chain, usage, found),
        Level::Sum | Level::Product | Level::Power => calculate(chain, usage, found),
    }
}

/// The fallback of an `or` replaces points only if it drops none itself.
fn replaced(chain: &Chain<'_>, usage: Use) -> Then {
    let last = chain.steps.last();
    let stays = |step: &Step<'_>| filters(step.right, usage.zero_counts).is_empty();
    if last.is_some_and(stays) {
        Then::Replaced
    } else {
        usage.then
    }
}

fn compare<'t>(chain: &Chain<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    let mut filters = chain.steps.iter().filter(|step| !step.with_bool);
    match filters.find(|step| !is_harmless(step, usage)) {
        Some(step) => found.push(step.token),
        None => follow(chain.first, usage, found),
    }
}

/// Both sides of a calculation are the value, but for divisors.
fn calculate<'t>(chain: &Chain<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    let usage = Use {
        selects: usage.selects || is_join(chain),
        zero_counts: usage.zero_counts && !chain.has("/"),
        ..usage
    };
    follow(chain.first, usage, found);
    for step in &chain.steps {
        if !step.is("/") && !step.is("%") {
            follow(step.right, usage, found);
        }
    }
}

/// Whether series are multiplied with one another, rather than with a number.
fn is_join(chain: &Chain<'_>) -> bool {
    let factors = chain.steps.iter().filter(|step| step.is("*"));
    let factors = factors.map(|step| step.right).chain([chain.first]);
    chain.has("*") && factors.filter(|factor| !is_constant(factor)).count() > 1
}

fn follow_call<'t>(call: &Call<'t>, usage: Use, found: &mut Vec<&'t Token<'t>>) {
    let aggregation = match call.name.trim_end_matches("_over_time") {
        // What is counted, or looked at without its value.
        "count" | "count_values" | "group" | "absent" | "present" | "timestamp" | "changes"
        | "resets" => return,
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
fn is_harmless(step: &Step<'_>, usage: Use) -> bool {
    let bound = number(step.right);
    let operator = step.token.text;
    let drops_zero = bound == Some(0.0) && matches!(operator, ">" | ">=" | "!=");
    let equal = operator == "==";
    if usage.selects && equal {
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
        Then::Aggregated(Aggregation::Smallest) => {
            matches!(operator, "<" | "<=") || drops_zero && !usage.zero_counts
        }
        Then::Aggregated(Aggregation::Sum) => drops_zero || equal && bound != Some(0.0),
        Then::Aggregated(Aggregation::Other) => drops_zero && !usage.zero_counts,
    }
}
