//! How the tokens of a query belong together: operators by how tightly they bind, calls and their arguments, selectors.
//!
//! Refuses nothing and knows no types: what does not fit comes out as [`Shape::Other`]. Must not become a parser.

use super::tokens::{Kind, Token};

/// Some neighbouring tokens, no bracket cut in two.
pub(super) type Part<'t> = &'t [Token<'t>];

/// What a part is.
pub(super) enum Shape<'t> {
    /// Operands between operators that bind equally tightly.
    Chain(Chain<'t>),
    /// What follows a sign, or what is in parentheses, with all that follows them.
    Inner(Part<'t>),
    Call(Call<'t>),
    Selector(Selector<'t>),
    Number(f64),
    /// A string, a placeholder, or what is not PromQL.
    Other,
}

/// `first op right op right …`.
pub(super) struct Chain<'t> {
    pub(super) level: Level,
    pub(super) first: Part<'t>,
    pub(super) steps: Vec<Step<'t>>,
}

/// An operator and its right operand.
pub(super) struct Step<'t> {
    pub(super) token: &'t Token<'t>,
    pub(super) with_bool: bool,
    pub(super) right: Part<'t>,
}

/// Operators that bind equally tightly, the loosest first; `VictoriaMetrics`' own are with those that they resemble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// `or`, `default`.
    Or,
    /// `and`, `unless`, `if`, `ifnot`.
    And,
    Compare,
    /// `+`, `-`.
    Sum,
    /// `*`, `/`, `%`, `atan2`.
    Product,
    Power,
}

impl Chain<'_> {
    /// Whether one of its operators is written so.
    pub(super) fn has(&self, operator: &str) -> bool {
        self.steps.iter().any(|step| step.is(operator))
    }
}

impl<'t> Chain<'t> {
    /// All operands, in order.
    pub(super) fn operands(&self) -> impl Iterator<Item = Part<'t>> {
        let rights = self.steps.iter().map(|step| step.right);
        std::iter::once(self.first).chain(rights)
    }
}

impl Step<'_> {
    pub(super) fn is(&self, operator: &str) -> bool {
        self.token.text.eq_ignore_ascii_case(operator)
    }
}

/// A function or an aggregation.
pub(super) struct Call<'t> {
    /// In lower case.
    pub(super) name: String,
    pub(super) arguments: Vec<Part<'t>>,
}

/// `name{label="value"}[5m]`.
pub(super) struct Selector<'t> {
    /// Without quotes; empty where nothing names the metric.
    pub(super) name: &'t str,
    /// Where the metric is written.
    pub(super) token: &'t Token<'t>,
    pub(super) matchers: Vec<Matcher<'t>>,
    /// Its `[…]`.
    pub(super) window: Option<&'t Token<'t>>,
    pub(super) has_offset: bool,
}

impl Selector<'_> {
    /// Whether two select the same, over the same range.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let window = |one: &Self| one.window.map(|token| token.text.to_owned());
        let within = |one: &Self, other: &Self| {
            let of_other = |matcher| other.matchers.iter().any(|own| own.is_like(matcher));
            one.matchers.iter().all(of_other)
        };
        self.name == other.name
            && self.has_offset == other.has_offset
            && window(self) == window(other)
            && within(self, other)
            && within(other, self)
    }
}

/// `label="value"`.
pub(super) struct Matcher<'t> {
    pub(super) label: &'t str,
    pub(super) operator: &'t str,
    /// The string with its quotes.
    pub(super) value: &'t Token<'t>,
}

impl Matcher<'_> {
    /// Whether two select the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let key = |matcher: &Self| {
            (
                matcher.label.to_owned(),
                matcher.operator.to_owned(),
                matcher.text().to_owned(),
            )
        };
        key(self) == key(other)
    }

    /// What is between the quotes, as written.
    pub(super) fn text(&self) -> &str {
        unquoted(self.value.text)
    }
}

impl Level {
    /// How tightly an operator binds; `None` for what does not combine two operands.
    fn of(token: &Token<'_>) -> Option<Self> {
        match (token.kind, token.text.to_ascii_lowercase().as_str()) {
            (Kind::Word, "or" | "default") => Some(Self::Or),
            (Kind::Word, "and" | "unless" | "if" | "ifnot") => Some(Self::And),
            (Kind::Operator, "==" | "!=" | "<" | "<=" | ">" | ">=") => Some(Self::Compare),
            (Kind::Operator, "+" | "-") => Some(Self::Sum),
            (Kind::Word, "atan2") | (Kind::Operator, "*" | "/" | "%") => Some(Self::Product),
            (Kind::Operator, "^") => Some(Self::Power),
            _ => None,
        }
    }
}

/// What a part is, one level deep.
pub(super) fn shape(part: Part<'_>) -> Shape<'_> {
    if let Some(chain) = chain(part) {
        return Shape::Chain(chain);
    }
    let Some((first, rest)) = part.split_first() else {
        return Shape::Other;
    };
    match first.kind {
        Kind::Operator if matches!(first.text, "+" | "-") => Shape::Inner(rest),
        Kind::Open if first.text == "(" => Shape::Inner(inside(part)),
        Kind::Open => selector(first, part),
        Kind::Number => number(first.text),
        Kind::Word => word(first, part),
        Kind::Text | Kind::Close | Kind::Range | Kind::Template | Kind::Comma | Kind::Operator => {
            Shape::Other
        }
    }
}

/// Numbers as PromQL writes them; durations, which Prometheus 3 reads as seconds, are not numbers here.
fn number<'t>(text: &str) -> Shape<'t> {
    let plain = text.replace('_', "");
    plain.parse().map_or(Shape::Other, Shape::Number)
}

fn word<'t>(first: &'t Token<'t>, part: Part<'t>) -> Shape<'t> {
    if first.is_word("inf") || first.is_word("nan") {
        return number(first.text);
    }
    let mut at = 1;
    if part.get(1).is_some_and(is_grouping) {
        at = 2 + part.get(2).map_or(0, |open| open.partner + 1);
    }
    match part.get(at) {
        Some(open) if open.is(Kind::Open, "(") => Shape::Call(Call {
            name: first.text.to_ascii_lowercase(),
            arguments: arguments(inside(part.get(at..).unwrap_or_default())),
        }),
        _ => selector(first, part),
    }
}

fn is_grouping(token: &Token<'_>) -> bool {
    token.is_word("by") || token.is_word("without")
}

/// What is between the bracket that a part begins with and its partner.
fn inside(part: Part<'_>) -> Part<'_> {
    let end = part.first().map_or(0, |open| open.partner);
    part.get(1..end).unwrap_or_default()
}

/// Parts between commas, those inside brackets left alone.
fn arguments(part: Part<'_>) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(token) = part.get(at) {
        if token.kind == Kind::Comma {
            found.push(part.get(start..at).unwrap_or_default());
            start = at + 1;
        }
        at += token.partner + 1;
    }
    found.push(part.get(start..).unwrap_or_default());
    found.retain(|argument| !argument.is_empty());
    found
}

fn selector<'t>(first: &'t Token<'t>, part: Part<'t>) -> Shape<'t> {
    let named = first.kind == Kind::Word;
    let braces = part.get(usize::from(named)..).unwrap_or_default();
    let has_braces = braces.first().is_some_and(|open| open.is(Kind::Open, "{"));
    let body = if has_braces { inside(braces) } else { &[] };
    let items = arguments(body);
    let matchers: Vec<Matcher<'t>> = items.iter().filter_map(|item| matcher(item)).collect();
    let quoted = items.iter().find_map(|item| match item {
        [name] if name.kind == Kind::Text => Some(name),
        _ => None,
    });
    let by_label = matchers
        .iter()
        .find(|matcher| matcher.label == "__name__" && matcher.operator == "=");
    let (name, token) = match (quoted, by_label) {
        _ if named => (first.text, first),
        (Some(name), _) => (unquoted(name.text), name),
        (None, Some(matcher)) => (unquoted(matcher.value.text), matcher.value),
        (None, None) => ("", first),
    };
    Shape::Selector(Selector {
        name,
        token,
        window: part.iter().find(|token| token.kind == Kind::Range),
        has_offset: has_offset(part),
        matchers,
    })
}

/// Whether `offset` moves a selector; one of nothing does not.
fn has_offset(part: Part<'_>) -> bool {
    let mut rest = part.split(|token| token.is_word("offset")).skip(1);
    rest.any(|amount| !is_zero(amount))
}

/// Whether what follows `offset` is no time at all.
pub(super) fn is_zero(amount: Part<'_>) -> bool {
    let mut amount = amount
        .iter()
        .skip_while(|token| token.kind == Kind::Operator);
    amount.next().is_some_and(|length| {
        let digits = |c: char| c.is_ascii_digit();
        length.text.starts_with(digits)
            && length.text.split(char::is_alphabetic).all(|number| {
                number
                    .parse::<f64>()
                    .map_or(number.is_empty(), |number| number == 0.0)
            })
    })
}

fn matcher<'t>(item: &Part<'t>) -> Option<Matcher<'t>> {
    match item {
        [label, operator, value] if operator.kind == Kind::Operator && value.kind == Kind::Text => {
            Some(Matcher {
                label: unquoted(label.text),
                operator: operator.text,
                value,
            })
        }
        _ => None,
    }
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    ['"', '\'', '`'].into_iter().find_map(inner).unwrap_or(text)
}

/// The operators that bind least tightly, where a part has any outside brackets.
fn chain(part: Part<'_>) -> Option<Chain<'_>> {
    let operators = operators(part);
    let level = operators.iter().map(|(_, level)| *level).min()?;
    let loosest = operators.iter().filter(|(_, one)| *one == level);
    let places: Vec<usize> = loosest.map(|(at, _)| *at).collect();
    let ends = places.iter().skip(1).copied().chain([part.len()]);
    let steps = places.iter().zip(ends);
    Some(Chain {
        level,
        first: part.get(..*places.first()?).unwrap_or_default(),
        steps: steps.filter_map(|(at, end)| step(part, *at, end)).collect(),
    })
}

fn step(part: Part<'_>, at: usize, end: usize) -> Option<Step<'_>> {
    let start = modifiers_end(part, at + 1);
    let modifiers = part.get(at + 1..start).unwrap_or_default();
    Some(Step {
        token: part.get(at)?,
        with_bool: modifiers.iter().any(|token| token.is_word("bool")),
        right: part.get(start..end).unwrap_or_default(),
    })
}

/// The place of every operator between two operands, outside brackets.
fn operators(part: Part<'_>) -> Vec<(usize, Level)> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut behind_operand = false;
    while let Some(token) = part.get(at) {
        if let Some(level) = Level::of(token).filter(|_| behind_operand) {
            found.push((at, level));
            at = modifiers_end(part, at + 1);
            behind_operand = false;
        } else if behind_operand && (token.is_word("offset") || token.text == "@") {
            at = amount_end(part, at + 1);
        } else {
            behind_operand |= token.kind != Kind::Operator;
            at += token.partner + 1;
        }
    }
    found
}

/// After `bool`, `on(…)`, `group_left(…)` and the like.
fn modifiers_end(part: Part<'_>, mut at: usize) -> usize {
    const MATCHING: [&str; 7] = [
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "fill",
        "fill_left",
        "fill_right",
    ];
    while let Some(token) = part.get(at) {
        if MATCHING.iter().any(|word| token.is_word(word)) {
            let list = part.get(at + 1).filter(|open| open.is(Kind::Open, "("));
            at += 1 + list.map_or(0, |open| open.partner + 1);
        } else if token.is_word("bool") {
            at += 1;
        } else {
            break;
        }
    }
    at
}

/// After the duration or time that follows `offset` or `@`.
fn amount_end(part: Part<'_>, mut at: usize) -> usize {
    if part
        .get(at)
        .is_some_and(|token| matches!(token.text, "-" | "+"))
    {
        at += 1;
    }
    at + part.get(at).map_or(0, |token| token.partner + 1)
}

/// Every selector of a part, in order.
pub(super) fn selectors(part: Part<'_>) -> Vec<Selector<'_>> {
    match shape(part) {
        Shape::Chain(chain) => chain.operands().flat_map(selectors).collect(),
        Shape::Inner(part) => selectors(part),
        Shape::Call(call) => call.arguments.into_iter().flat_map(selectors).collect(),
        Shape::Selector(selector) => vec![selector],
        Shape::Number(_) | Shape::Other => Vec::new(),
    }
}
