//! What is allowed and rarely meant: `irate`, raw counters, gauges that are sampled too rarely.
//!
//! Must not make any query an error.

use std::ops::Range;

use super::Finding;
use super::shape::{Chain, Level, Part, Selector, Shape, Step, selectors, shape};
use super::tokens::{Kind, Token};
use crate::plan::Lint;
use crate::plan::template::Segment;
use crate::units::Duration;

/// Functions over a range that need at least two samples in it.
const NEEDS_TWO_SAMPLES: [&str; 5] = ["rate", "increase", "irate", "delta", "idelta"];
/// The longest step that loses nothing worth a warning.
const CLOSE: Duration = Duration::from_secs(15);

/// Every call of `irate`.
pub(super) fn irate(tokens: &[Token<'_>]) -> Vec<Finding> {
    let calls = tokens.windows(2).filter_map(|pair| match pair {
        [name, open] if name.is_word("irate") && open.is(Kind::Open, "(") => Some(name),
        _ => None,
    });
    calls.map(irate_at).collect()
}

fn irate_at(name: &Token<'_>) -> Finding {
    Finding::lint(
        Lint::Irate,
        name.range(),
        "`irate` only sees the last two samples before each point",
        "use `rate`, which covers the whole range",
    )
}

/// Counters without a function that makes a rate of them.
pub(super) fn raw_counters(query: Part<'_>) -> Vec<Finding> {
    let mut raw = Vec::new();
    collect(query, &mut raw);
    let stems: Vec<&str> = raw
        .iter()
        .filter_map(|selector| selector.name.strip_suffix("_count"))
        .collect();
    let is_counter = |name: &str| {
        let sum = name.strip_suffix("_sum");
        !name.contains(':')
            && (name.ends_with("_total")
                || name.ends_with("_bucket")
                || sum.is_some_and(|stem| stems.contains(&stem)))
    };
    raw.iter()
        .filter(|selector| is_counter(selector.name))
        .map(|selector| {
            let message = format!(
                "`{}` looks like a counter: its value counts from the start of its process",
                selector.name
            );
            let help = "use `rate(…[5m])` or `increase(…[$window])`";
            Finding::lint(Lint::RawCounter, selector.token.range(), message, help)
        })
        .collect()
}

fn is_total(selector: &Selector<'_>) -> bool {
    ["_total", "_bucket", "_sum"]
        .iter()
        .any(|word| selector.name.ends_with(word))
}

/// The selectors whose values reach the result as they are.
fn collect<'t>(part: Part<'t>, raw: &mut Vec<Selector<'t>>) {
    match shape(part) {
        Shape::Selector(selector) => raw.push(selector),
        Shape::Inner(part) => collect(part, raw),
        Shape::Call(call) => {
            let takes_counters = [
                "rate",
                "increase",
                "delta",
                "changes",
                "resets",
                "deriv",
                "count",
                "absent",
                "present",
                "group",
                "timestamp",
                "predict",
            ];
            if !takes_counters.iter().any(|word| call.name.contains(word)) {
                for argument in call.arguments {
                    collect(argument, raw);
                }
            }
        }
        Shape::Chain(chain) => collect_chain(&chain, raw),
        Shape::Number(_) | Shape::Other => {}
    }
}

fn collect_chain<'t>(chain: &Chain<'t>, raw: &mut Vec<Selector<'t>>) {
    if chain.steps.iter().any(is_growth) {
        return;
    }
    collect(chain.first, raw);
    // `used / total`: what there is, rather than what came in.
    let has_total = raw.iter().any(is_total);
    for step in &chain.steps {
        if chain.level != Level::And && (has_total || !step.is("/")) {
            collect(step.right, raw);
        }
    }
}

/// `x - x offset 1h` is an increase.
fn is_growth(step: &Step<'_>) -> bool {
    step.is("-") && selectors(step.right).iter().any(|one| one.has_offset)
}

/// A gauge without a range, at points further apart than samples usually are (M5).
pub(super) fn between_points(query: Part<'_>, step: Duration) -> Option<Finding> {
    if step <= CLOSE || query.iter().any(|token| token.kind == Kind::Range) {
        return None;
    }
    let selectors = selectors(query);
    let gauge = selectors
        .first()
        .filter(|_| selectors.iter().all(is_bare))?;
    let message = format!("sampled every {step}: what happens in between is missed");
    let seen = match shape(query) {
        Shape::Selector(selector) if !selector.name.is_empty() => {
            format!("max_over_time({}[$step])", selector.name)
        }
        Shape::Selector(_)
        | Shape::Chain(_)
        | Shape::Inner(_)
        | Shape::Call(_)
        | Shape::Number(_)
        | Shape::Other => "max_over_time((…)[$step:15s])".to_owned(),
    };
    let help =
        format!("`{seen}` sees it (`min_over_time` where low is bad), and so does `step: 15s`");
    Some(Finding::lint(
        Lint::BetweenPoints,
        gauge.token.range(),
        message,
        help,
    ))
}

/// Recording rules, recognized by their colons, cover a range already.
fn is_bare(selector: &Selector<'_>) -> bool {
    !selector.name.contains(':')
}

/// A rate over less than twice the distance of the points.
pub(super) fn short_ranges(query: Part<'_>, step: Duration, segments: &[Segment]) -> Vec<Finding> {
    let mut rates = Vec::new();
    collect_rates(query, &mut rates);
    // Ranges of `[$step]` lie end to end.
    let follows_step = |range: &Range<usize>| {
        let step = segments
            .iter()
            .filter(|one| one.variable.as_deref() == Some("step"));
        let mut step =
            step.filter(|one| one.range.start < range.end && range.start < one.range.end);
        step.next().is_some()
    };
    rates
        .into_iter()
        .filter(|(_, range)| !follows_step(&range.range()))
        .filter_map(|(function, token)| short_range(&function, token, step))
        .collect()
}

fn short_range(function: &str, token: &Token<'_>, step: Duration) -> Option<Finding> {
    let (range, subquery) = token.range_and_step();
    let duration = range.trim();
    let length = Duration::parse(duration)
        .ok()
        .filter(|_| subquery.is_empty())?;
    (length < step.doubled()).then(|| {
        let start = token.at + 1 + range.len() - range.trim_start().len();
        let message = format!("`{function}` over {duration} is less than twice the step of {step}");
        let help =
            "what happens between two ranges is missed: use a longer range or a shorter `step`";
        Finding::lint(
            Lint::ShortRange,
            start..start + duration.len(),
            message,
            help,
        )
    })
}

/// Each function that makes a rate, and its range.
fn collect_rates<'t>(part: Part<'t>, rates: &mut Vec<(String, &'t Token<'t>)>) {
    match shape(part) {
        Shape::Inner(part) => collect_rates(part, rates),
        Shape::Chain(chain) => {
            for operand in chain.operands() {
                collect_rates(operand, rates);
            }
        }
        Shape::Call(call) => {
            for argument in call.arguments {
                let range = argument.iter().find(|token| token.kind == Kind::Range);
                match range.filter(|_| NEEDS_TWO_SAMPLES.contains(&call.name.as_str())) {
                    Some(range) => rates.push((call.name.clone(), range)),
                    None => collect_rates(argument, rates),
                }
            }
        }
        Shape::Selector(_) | Shape::Number(_) | Shape::Other => {}
    }
}

/// How long a value stays after its samples end: the shortest look-back of its selectors.
pub(super) fn horizon(query: Part<'_>, lookback: Duration) -> Option<Duration> {
    if query.iter().any(is_subquery) {
        return None;
    }
    let back = |selector: Selector<'_>| match selector.window {
        Some(range) => Duration::parse(range.range_and_step().0.trim()).ok(),
        None => Some(lookback),
    };
    let all: Option<Vec<Duration>> = selectors(query).into_iter().map(back).collect();
    all?.into_iter().min()
}

/// `[1h:1m]`.
fn is_subquery(token: &Token<'_>) -> bool {
    token.kind == Kind::Range && token.text.contains(':')
}
