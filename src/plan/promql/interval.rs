//! Between which numbers the values of a query lie, as far as `clamp` and its like tell: `limit-always-holds`.
//!
//! Says too much rather than too little: every value lies inside. Must not know any condition.

use super::dimension::number;
use super::emptiness::is_constant;
use super::shape::{Call, Chain, Level, Part, Shape, shape};

/// From the least to the greatest possible value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Interval {
    const ANY: Self = Self {
        least: f64::NEG_INFINITY,
        most: f64::INFINITY,
    };

    fn negative(self) -> Self {
        Self {
            least: -self.most,
            most: -self.least,
        }
    }

    fn with(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    /// What a calculation makes of both ends.
    fn mapped(self, calculate: impl Fn(f64) -> f64) -> Self {
        let (one, other) = (calculate(self.least), calculate(self.most));
        if one.is_nan() || other.is_nan() {
            return Self::ANY;
        }
        Self {
            least: one.min(other),
            most: one.max(other),
        }
    }
}

/// The values of a query.
pub(super) fn interval(part: Part<'_>) -> Interval {
    match shape(part) {
        Shape::Number(number) => Interval {
            least: number,
            most: number,
        },
        Shape::Inner(inner) => {
            let is_negative = part.first().is_some_and(|sign| sign.text == "-");
            let inner = interval(inner);
            if is_negative { inner.negative() } else { inner }
        }
        Shape::Call(call) => of_call(&call),
        Shape::Chain(chain) => of_chain(&chain),
        Shape::Selector(_) | Shape::Other => Interval::ANY,
    }
}

fn of_call(call: &Call<'_>) -> Interval {
    let measured = call.arguments.iter().find(|part| !is_constant(part));
    let values = || measured.map_or(Interval::ANY, |part| interval(part));
    let argument = |place: usize| {
        let found = call.arguments.get(place);
        found.and_then(|part| number(part))
    };
    let least = |values: Interval, bound: Option<f64>| Interval {
        least: values.least.max(bound.unwrap_or(f64::NEG_INFINITY)),
        ..values
    };
    let most = |values: Interval, bound: Option<f64>| Interval {
        most: values.most.min(bound.unwrap_or(f64::INFINITY)),
        ..values
    };
    match call.name.as_str() {
        "clamp" => most(least(values(), argument(1)), argument(2)),
        "clamp_max" => most(values(), argument(1)),
        "clamp_min" => least(values(), argument(1)),
        "max" | "min" | "avg" | "quantile" | "topk" | "bottomk" | "limitk" | "sort"
        | "sort_desc" | "label_replace" | "label_join" | "scalar" | "vector" | "max_over_time"
        | "min_over_time" | "avg_over_time" | "quantile_over_time" | "last_over_time"
        | "first_over_time" => values(),
        _ => Interval::ANY,
    }
}

fn of_chain(chain: &Chain<'_>) -> Interval {
    let first = interval(chain.first);
    match chain.level {
        Level::And => first,
        Level::Compare if chain.steps.iter().any(|step| step.with_bool) => Interval::ANY,
        Level::Compare => chain.operands().map(interval).fold(first, Interval::with),
        Level::Or => chain.operands().map(interval).fold(first, Interval::with),
        Level::Sum | Level::Product => calculated(chain).unwrap_or(Interval::ANY),
        Level::Power => Interval::ANY,
    }
}

/// A calculation in which all but one operand are numbers.
fn calculated(chain: &Chain<'_>) -> Option<Interval> {
    let mut result = interval(chain.first);
    let mut is_number = number(chain.first).is_some();
    for step in &chain.steps {
        let right = interval(step.right);
        let by = number(step.right);
        result = match (step.token.text, by, is_number) {
            ("+", Some(by), _) => result.mapped(|value| value + by),
            ("-", Some(by), _) => result.mapped(|value| value - by),
            ("*", Some(by), _) => result.mapped(|value| value * by),
            ("/", Some(by), _) if by != 0.0 => result.mapped(|value| value / by),
            ("+", None, true) => right.mapped(|value| result.least + value),
            ("-", None, true) => right.mapped(|value| result.least - value),
            ("*", None, true) => right.mapped(|value| result.least * value),
            _ => return None,
        };
        is_number &= by.is_some();
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    fn of(text: &str) -> (f64, f64) {
        let tokens = tokens::read(text);
        let found = interval(&tokens.all);
        (found.least, found.most)
    }

    #[test]
    fn m12_values_lie_where_a_clamp_keeps_them() {
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (query, expected) in [
            ("x", (low, high)),
            ("clamp_max(x, 5)", (low, 5.0)),
            ("clamp_min(x, 5)", (5.0, high)),
            ("clamp(sum(x) / sum(y), 0, 1)", (0.0, 1.0)),
            ("100 * clamp(x, 0, 0.5)", (0.0, 50.0)),
            ("1 - clamp(x, 0, 0.25)", (0.75, 1.0)),
            ("clamp(x, 0, 1) * -2 + 1", (-1.0, 1.0)),
            ("-(clamp(x, 0, 1))", (-1.0, 0.0)),
            ("max by (a) (clamp_max(x, 5)) / 10", (low, 0.5)),
            ("clamp_max(x, 5) or vector(7)", (low, high)),
            ("clamp_max(x, 5) or clamp_max(y, 7)", (low, 7.0)),
            ("clamp_max(x, 5) and y", (low, 5.0)),
            ("sum(clamp_max(x, 5))", (low, high)),
            ("clamp_max(x, 5) + y", (low, high)),
            ("clamp_max(x, 5) / 0", (low, high)),
            ("clamp_max(x, limit)", (low, high)),
            ("clamp(x, 0, 1) * Inf", (low, high)),
        ] {
            assert_eq!(of(query), expected, "{query}");
        }
    }
}
