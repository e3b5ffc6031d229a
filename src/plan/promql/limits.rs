//! Limits that cannot mean what they say, given the query whose values they limit: `bound-out-of-range`,
//! `limit-always-holds`, `percent-of-points`, `limit-direction`.
//!
//! Must not judge any value. Places are bytes of the condition's text.

use super::dimension::{factor, quotient};
use super::emptiness::is_constant;
use super::interval::{Interval, interval};
use super::shape::{Matcher, Part, Selector, selectors};
use super::tokens::{Kind, Token};
use super::{Finding, Limits};
use crate::plan::{Bound, Comparison, Counted, Hold, Lint, Reducer};
use crate::units::Unit;

/// A condition, and the query whose values it limits.
pub(super) struct Limit<'a> {
    pub(super) limits: Limits<'a>,
    pub(super) query: Part<'a>,
}

/// Words of labels that say how a request ended.
const ENDINGS: [&str; 5] = ["code", "status", "result", "outcome", "class"];
/// Words that stand for something that went wrong, in metrics and labels.
const ERRORS: [&str; 8] = [
    "error",
    "errors",
    "failed",
    "failure",
    "failures",
    "fail",
    "exceptions",
    "timeouts",
];

impl Limit<'_> {
    pub(super) fn findings(&self) -> Vec<Finding> {
        if self.limits.condition.reducer == Some(Reducer::Budget) {
            // More than all of it can be used up.
            return self.direction().into_iter().collect();
        }
        [
            self.bound(),
            self.always_holds(),
            self.points(),
            self.direction(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn finding(&self, code: Lint, message: String, help: String) -> Finding {
        Finding::lint(code, 0..self.limits.condition.text.len(), message, help)
    }

    /// What has to hold for the good state.
    fn wanted(&self) -> Comparison {
        self.limits.condition.wanted(self.limits.in_stop)
    }

    /// What the query keeps on the right side of the limit shows nothing.
    fn always_holds(&self) -> Option<Finding> {
        let Bound::Fixed(bound) = &self.limits.condition.bound else {
            return None;
        };
        let (bound, Interval { least, most }) = (bound.get(), interval(self.query));
        let always = match self.wanted() {
            Comparison::Less => most < bound,
            Comparison::LessOrEqual => most <= bound,
            Comparison::Greater => least > bound,
            Comparison::GreaterOrEqual => least >= bound,
            Comparison::NotEqual => most < bound || bound < least,
            // A constant is refused as such.
            Comparison::Equal => false,
        };
        if !always || is_constant(self.query) {
            return None;
        }
        let text = &self.limits.condition.text;
        let kept = match (least.is_finite(), most.is_finite()) {
            (true, true) => format!("between {least} and {most}"),
            (true, false) => format!("at {least} or more"),
            (false, _) => format!("at {most} or less"),
        };
        let message = if self.limits.in_stop {
            format!("`{text}` never stops: the query keeps its value {kept}")
        } else {
            format!("`{text}` always holds: the query keeps its value {kept}")
        };
        let help = "remove the `clamp`, or let it leave room beyond the limit".to_owned();
        Some(self.finding(Lint::LimitAlwaysHolds, message, help))
    }

    fn bound(&self) -> Option<Finding> {
        const OF_ONE: &str = "in a `ratio`, one percent is `1%` or `0.01`";
        const OF_HUNDRED: &str = "in a `percent`, one percent is `1%` or `1`";
        let Bound::Fixed(bound) = &self.limits.condition.bound else {
            return None;
        };
        let (what, most, help) = match self.limits.unit {
            Unit::Ratio => ("a ratio", 1.0, OF_ONE),
            Unit::Percent => ("a percentage", 100.0, OF_HUNDRED),
            Unit::None if is_share(self.query) => ("a share of the same metric", 1.0, OF_ONE),
            Unit::None
            | Unit::Seconds
            | Unit::Milliseconds
            | Unit::Bytes
            | Unit::Count
            | Unit::PerSecond
            | Unit::PerMinute => return None,
        };
        // All of them can be asked for: `>= 100%`.
        let asks_for_all = matches!(
            self.wanted(),
            Comparison::GreaterOrEqual | Comparison::Equal
        );
        let inside = bound.get() < most
            || bound.get() == most && (asks_for_all || self.limits.unit == Unit::Percent);
        if inside || compares_with_earlier(self.query) {
            return None;
        }
        let text = &self.limits.condition.text;
        let message = format!("`{text}` cannot limit {what}, which lies between 0 and {most}");
        let help =
            format!("{help}; if the value can exceed {most}, add `accept: [impossible-value]`");
        Some(self.finding(Lint::BoundOutOfRange, message, help))
    }

    fn points(&self) -> Option<Finding> {
        let Some(Hold::Share(share)) = self.limits.condition.hold else {
            return None;
        };
        let (part, whole, below) = share.rounded_up_from()?;
        let all = part + 1;
        let message = format!(
            "`for {share}` is just above {part} of {whole} points: of {whole} points it needs {all}"
        );
        let help = format!("{part} of {whole} points reach `for {below}`");
        Some(self.finding(Lint::PercentOfPoints, message, help))
    }

    fn direction(&self) -> Option<Finding> {
        let wants_more = match self.wanted() {
            Comparison::Greater | Comparison::GreaterOrEqual => true,
            Comparison::Less | Comparison::LessOrEqual => false,
            Comparison::Equal | Comparison::NotEqual => return None,
        };
        let counted = self.speaks_of()?;
        if wants_more != (counted == Counted::Errors) {
            return None;
        }
        let (found, example) = match (counted, self.limits.in_stop) {
            (Counted::Errors, false) => ("many errors", "< 1%"),
            (Counted::Errors, true) => ("few errors", "> 1%"),
            (Counted::Good, false) => ("few good events", "> 99%"),
            (Counted::Good, true) => ("many good events", "< 99%"),
        };
        let text = &self.limits.condition.text;
        let (message, state) = if self.limits.in_stop {
            let message = format!("`{text}` stops when there are {found}");
            (message, "a stop describes the bad state")
        } else {
            let message = format!("`{text}` is met only when there are {found}");
            (message, "it describes the good state")
        };
        let help = format!("{state}, such as `{example}`");
        Some(self.finding(Lint::LimitDirection, message, help))
    }

    /// Whether the condition is about the share of errors or of good events, if it is about either.
    fn speaks_of(&self) -> Option<Counted> {
        let condition = self.limits.condition;
        match self.limits.counted {
            Some(Counted::Good) if condition.of_errors => Some(Counted::Errors),
            Some(counted) => Some(counted),
            None => counts_errors(self.query).then_some(Counted::Errors),
        }
    }
}

/// Whether a value is a share of one metric: the sum of some of its series over that of all of them.
fn is_share(query: Part<'_>) -> bool {
    let calls = query.windows(2).filter_map(|pair| match pair {
        [name, open] if open.is(Kind::Open, "(") => Some(name),
        _ => None,
    });
    let Some(quotient) = quotient(query).filter(|_| calls.clone().all(adds_up)) else {
        return false;
    };
    let (over, under) = (selectors(quotient.over), selectors(quotient.under));
    let ([over], [under]) = (over.as_slice(), under.as_slice()) else {
        return false;
    };
    let narrower = |matcher: &Matcher<'_>| over.matchers.iter().any(|own| own.is_like(matcher));
    let one_metric = !over.name.is_empty() && over.name == under.name;
    one_metric && under.matchers.iter().all(narrower) && (0.5..2.0).contains(&factor(query))
}

/// Whether a function keeps the sum of parts the sum of the whole.
fn adds_up(function: &Token<'_>) -> bool {
    let sums = ["sum", "count", "rate", "increase", "round"];
    function.kind != Kind::Word || sums.iter().any(|word| function.is_word(word))
}

/// `x / x offset 7d` may well be above 1.
fn compares_with_earlier(query: Part<'_>) -> bool {
    selectors(query).iter().any(|selector| selector.has_offset)
}

/// Whether a value is the share of what went wrong.
fn counts_errors(query: Part<'_>) -> bool {
    if query.iter().any(takes_away) {
        return false;
    }
    let Some(quotient) = quotient(query) else {
        return false;
    };
    let over = selectors(quotient.over);
    !over.is_empty() && over.iter().all(is_error)
}

fn takes_away(operator: &Token<'_>) -> bool {
    operator.kind == Kind::Operator && operator.text == "-" || operator.is_word("unless")
}

fn is_error(selector: &Selector<'_>) -> bool {
    let words = || selector.name.split(['_', ':', '.']);
    let named = words().any(|word| ERRORS.contains(&word));
    let spared = words().any(|word| matches!(word, "budget" | "free" | "success"));
    !spared && (named || selector.matchers.iter().any(ends_badly))
}

fn ends_badly(matcher: &Matcher<'_>) -> bool {
    let ending = matcher.label.split('_').any(|word| ENDINGS.contains(&word));
    let text = matcher.text();
    ending
        && matches!(matcher.operator, "=" | "=~")
        && (text.starts_with('5') || ERRORS.contains(&text))
}
