//! What a value is measured in, as far as names and factors tell: `unit-factor` and `unit-name`.
//!
//! Says nothing where it is not certain. Must not know what the plan says the unit is.

use std::ops::Range;

use super::emptiness::is_constant;
use super::shape::{Call, Chain, Level, Part, Selector, Shape, selectors, shape};
use crate::units::Unit;

/// A value whose unit a metric's name tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) unit: Unit,
    /// The metric.
    pub(super) range: Range<usize>,
    role: Role,
}

/// What a value is to its metric.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    /// A quantity in the metric's unit.
    Quantity,
    /// A counter of such quantities: `_total`, `_sum`.
    Total,
    /// The same, per second.
    TotalRate,
    /// How many there were: `_count`.
    Number,
    /// A histogram, classic or native.
    Histogram,
}

/// One measured thing divided by another.
pub(super) struct Quotient<'t> {
    pub(super) over: Part<'t>,
    pub(super) under: Part<'t>,
    /// Where the division is written.
    pub(super) range: Range<usize>,
}

/// Words at the end of a metric's name and the units that they stand for.
const SUFFIXES: [(&str, Unit); 6] = [
    ("_seconds", Unit::Seconds),
    ("_milliseconds", Unit::Milliseconds),
    ("_ms", Unit::Milliseconds),
    ("_bytes", Unit::Bytes),
    ("_ratio", Unit::Ratio),
    ("_percent", Unit::Percent),
];

/// The unit that the metric's name tells, where the value still has it.
pub(super) fn named(part: Part<'_>) -> Option<Named> {
    quantity(part).filter(|named| named.role == Role::Quantity)
}

fn quantity(part: Part<'_>) -> Option<Named> {
    match shape(part) {
        Shape::Chain(chain) => of_chain(&chain),
        Shape::Inner(part) => quantity(part),
        Shape::Call(call) => of_call(&call),
        Shape::Selector(selector) => of_selector(&selector),
        Shape::Number(_) | Shape::Other => None,
    }
}

fn of_selector(selector: &Selector<'_>) -> Option<Named> {
    let (unit, role) = match recorded(selector.name) {
        Some(("", _)) => return None,
        Some((_, operations)) if is_ratio(operations) => (Unit::Ratio, Role::Quantity),
        Some((metric, operations)) if keeps_unit(operations) => (unit(metric)?, Role::Quantity),
        Some(_) => return None,
        None => {
            let (stem, role) = role(selector.name);
            (unit(stem)?, role)
        }
    };
    Some(Named {
        unit,
        range: selector.token.range(),
        role,
    })
}

/// The unit that a name ends with.
fn unit(stem: &str) -> Option<Unit> {
    let known = SUFFIXES.iter().find(|(suffix, _)| stem.ends_with(suffix));
    known.map(|(_, unit)| *unit)
}

/// Of a recording rule, `level:metric:operations`: its metric and its operations.
fn recorded(name: &str) -> Option<(&str, &str)> {
    let (rest, operations) = name.rsplit_once(':')?;
    let metric = rest.rsplit_once(':').map_or(rest, |(_, metric)| metric);
    Some((metric, operations))
}

fn is_ratio(operations: &str) -> bool {
    (operations.split('_')).any(|word| word.trim_end_matches(is_length) == "ratio")
}

/// `5m` at the end of `rate5m`.
fn is_length(character: char) -> bool {
    character.is_ascii_digit() || "smhdw".contains(character)
}

/// Whether what was recorded is still in the unit of its metric: a quantile, a mean, an extreme.
fn keeps_unit(operations: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_quantile = |word: &str| {
        let percentile = word.strip_prefix('p').or(word.strip_suffix("th"));
        let quantile = word
            .strip_suffix("quantile")
            .or(word.strip_suffix("percentile"));
        percentile.or(quantile).is_some_and(digits)
    };
    operations.split('_').next().is_some_and(|word| {
        is_quantile(word) || ["avg", "mean", "median", "max", "min", "quantile"].contains(&word)
    })
}

/// The name without the suffix that says what it is to the metric.
fn role(name: &str) -> (&str, Role) {
    let roles = [
        ("_bucket", Role::Histogram),
        ("_sum", Role::Total),
        ("_total", Role::Total),
        ("_count", Role::Number),
        ("_max", Role::Quantity),
        ("_min", Role::Quantity),
    ];
    roles
        .into_iter()
        .find_map(|(word, role)| Some((name.strip_suffix(word)?, role)))
        .unwrap_or((name, Role::Quantity))
}

fn of_call(call: &Call<'_>) -> Option<Named> {
    let measured = || call.arguments.iter().find(|part| !is_constant(part));
    let inner = || measured().and_then(|part| quantity(part));
    let as_role = |role: Role| inner().map(|named| Named { role, ..named });
    match call.name.as_str() {
        "rate" | "irate" => match inner()?.role {
            Role::Total => as_role(Role::TotalRate),
            // Of a native histogram it is a histogram again; of a gauge it means nothing.
            Role::Quantity | Role::Histogram => as_role(Role::Histogram),
            Role::Number => inner(),
            Role::TotalRate => None,
        },
        "increase" | "delta" => match inner()?.role {
            Role::Total | Role::Quantity => as_role(Role::Quantity),
            Role::Histogram | Role::Number => inner(),
            Role::TotalRate => None,
        },
        "histogram_quantile" | "histogram_avg" => match inner()?.role {
            Role::Quantity | Role::Histogram => as_role(Role::Quantity),
            Role::Total | Role::TotalRate | Role::Number => None,
        },
        "histogram_sum" => as_role(Role::TotalRate),
        "histogram_count" => as_role(Role::Number),
        "sum" | "avg" | "min" | "max" | "quantile" | "topk" | "bottomk" | "limitk" | "abs"
        | "ceil" | "floor" | "round" | "clamp" | "clamp_min" | "clamp_max" | "sort"
        | "sort_desc" | "label_replace" | "label_join" | "scalar" | "vector" | "avg_over_time"
        | "min_over_time" | "max_over_time" | "quantile_over_time" | "last_over_time" => inner(),
        _ => None,
    }
}

fn of_chain(chain: &Chain<'_>) -> Option<Named> {
    match (chain.level, chain.steps.as_slice()) {
        (Level::Product, _) => of_product(chain),
        (Level::Sum, _) => of_sum(chain),
        (Level::Or | Level::And, _) => quantity(chain.first),
        (Level::Compare, steps) if steps.iter().all(|step| !step.with_bool) => {
            quantity(chain.first)
        }
        (Level::Compare | Level::Power, _) => None,
    }
}

/// An average, or what a factor of 1 leaves as it is.
fn of_product(chain: &Chain<'_>) -> Option<Named> {
    if let [step] = chain.steps.as_slice()
        && step.is("/")
        && !is_constant(step.right)
    {
        return average(chain.first, step.right);
    }
    let factors = chain.steps.iter().filter(|step| step.is("*"));
    let factors = factors.map(|step| step.right).chain([chain.first]);
    let mut measured = factors.filter(|factor| !is_constant(factor));
    let (only, more) = (measured.next()?, measured.next());
    let divisors = chain.steps.iter().filter(|step| !step.is("*"));
    let all_numbers = divisors
        .into_iter()
        .all(|step| number(step.right).is_some());
    let changes = factor_of_chain(chain) / factor(only);
    let is_kept = (changes - 1.0).abs() < f64::EPSILON;
    (more.is_none() && all_numbers && is_kept).then(|| quantity(only))?
}

/// A total divided by its number is in the total's unit.
fn average(over: Part<'_>, under: Part<'_>) -> Option<Named> {
    let (over, under) = (quantity(over)?, quantity(under)?);
    let is_average = matches!(over.role, Role::Total | Role::TotalRate | Role::Quantity)
        && under.role == Role::Number;
    is_average.then_some(Named {
        role: Role::Quantity,
        ..over
    })
}

/// What is added up has one unit, constants aside.
fn of_sum(chain: &Chain<'_>) -> Option<Named> {
    let mut parts = chain.operands().filter(|part| !is_constant(part));
    let first = quantity(parts.next()?)?;
    let same = |part| quantity(part).is_some_and(|n| n.unit == first.unit && n.role == first.role);
    parts.all(same).then_some(first)
}

/// The factor that a value is multiplied with, as far as it is written out.
pub(super) fn factor(part: Part<'_>) -> f64 {
    match shape(part) {
        Shape::Chain(chain) => factor_of_chain(&chain),
        Shape::Inner(part) => factor(part),
        Shape::Call(call) => {
            let measured = call.arguments.iter().find(|part| !is_constant(part));
            measured.map_or(1.0, |part| factor(part))
        }
        Shape::Selector(_) | Shape::Number(_) | Shape::Other => 1.0,
    }
}

fn factor_of_chain(chain: &Chain<'_>) -> f64 {
    let of = |part| number(part).unwrap_or_else(|| factor(part));
    match chain.level {
        Level::Product => chain.steps.iter().fold(of(chain.first), |product, step| {
            if step.is("/") {
                product / of(step.right)
            } else {
                product * of(step.right)
            }
        }),
        // `100 - 100 * x`: the one that is measured.
        Level::Or | Level::And | Level::Compare | Level::Sum | Level::Power => {
            let mut measured = chain.operands().filter(|part| !is_constant(part));
            measured.next().map_or(1.0, factor)
        }
    }
}

/// A number that is written out, calculations with numbers included.
pub(super) fn number(part: Part<'_>) -> Option<f64> {
    match shape(part) {
        Shape::Number(number) => Some(number),
        Shape::Inner(inner) => {
            let is_negative = part.first().is_some_and(|sign| sign.text == "-");
            number(inner).map(|number| if is_negative { -number } else { number })
        }
        Shape::Chain(chain) => {
            let mut result = number(chain.first)?;
            for step in &chain.steps {
                let right = number(step.right)?;
                result = match step.token.text {
                    "+" => result + right,
                    "-" => result - right,
                    "*" => result * right,
                    "/" => result / right,
                    _ => return None,
                };
            }
            Some(result)
        }
        Shape::Call(_) | Shape::Selector(_) | Shape::Other => None,
    }
}

/// The division that the value is made of, averages aside; `None` where not both sides are measured.
pub(super) fn quotient(part: Part<'_>) -> Option<Quotient<'_>> {
    match shape(part) {
        Shape::Inner(part) => quotient(part),
        Shape::Call(call) => match call.name.as_str() {
            "sum" | "avg" | "min" | "max" | "quantile" | "clamp" | "clamp_min" | "clamp_max"
            | "round" | "abs" | "avg_over_time" | "max_over_time" | "min_over_time"
            | "last_over_time" | "quantile_over_time" | "scalar" | "vector" | "topk"
            | "bottomk" | "sort" | "sort_desc" | "label_replace" => {
                let measured = call.arguments.into_iter().find(|part| !is_constant(part));
                measured.and_then(quotient)
            }
            _ => None,
        },
        Shape::Chain(chain) => quotient_of_chain(&chain),
        Shape::Selector(_) | Shape::Number(_) | Shape::Other => None,
    }
}

fn quotient_of_chain<'t>(chain: &Chain<'t>) -> Option<Quotient<'t>> {
    if matches!(chain.level, Level::Or | Level::And | Level::Compare) {
        let stays = chain.steps.iter().all(|step| !step.with_bool);
        return quotient(chain.first).filter(|_| stays);
    }
    let division = chain
        .steps
        .iter()
        .find(|step| step.is("/") && !is_constant(step.right));
    let measured: Vec<Part<'t>> = chain.operands().filter(|part| !is_constant(part)).collect();
    if chain.level == Level::Sum && measured.iter().all(|part| quotient(part).is_some()) {
        return measured.first().and_then(|part| quotient(part));
    }
    match (division, measured.as_slice()) {
        (None, [only]) => quotient(only),
        (Some(step), [over, under]) if std::ptr::eq(*under, step.right) => {
            let range = step.token.range();
            let quotient = Quotient { over, under, range };
            (average(over, under).is_none() && !is_mean(&quotient)).then_some(quotient)
        }
        _ => None,
    }
}

/// `sum(x) / count(x)`, `x_sum / x_count`: a mean of whatever `x` is.
fn is_mean(quotient: &Quotient<'_>) -> bool {
    let over = selectors(quotient.over);
    let under = selectors(quotient.under);
    let (Some(over), Some(under)) = (over.first(), under.first()) else {
        return false;
    };
    let sum = over.name.strip_suffix("_sum");
    let is_count = |part| matches!(shape(part), Shape::Call(call) if call.name == "count");
    // The count of some of them is a share.
    let counts = is_count(quotient.under) && !is_count(quotient.over);
    sum.is_some() && sum == under.name.strip_suffix("_count") || counts && over.name == under.name
}
