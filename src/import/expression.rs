//! Conditions as Argo Rollouts writes them (the language of `expr`): what of them a plan can say. Must not know metrics.

use super::draft::Limit;
use crate::plan::Comparison;

/// What a condition asks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Limit(Limit),
    /// Whether there is no result.
    Empty(bool),
    /// Whether it is no number.
    Nan(bool),
    /// A field of an answer, by JSON pointer, is that.
    Is(String, String),
}

/// Something that is compared.
#[derive(Debug, Clone, PartialEq)]
enum Operand {
    /// A field of the result, by JSON pointer; the result itself under the empty one.
    Result(String),
    Number(String),
    Text(String),
    Length,
    Nothing,
    Finding(Expression),
}

/// Reads a condition.
///
/// # Errors
/// What of it a plan cannot say.
pub(super) fn parse(text: &str) -> Result<Expression, String> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
    };
    let found = reader.any()?;
    match reader.peek() {
        None => Ok(found),
        Some(token) => Err(format!("`{token}` is not understood")),
    }
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Result<String, String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token.ok_or_else(|| "it ends too early".to_owned())
    }

    fn any(&mut self) -> Result<Expression, String> {
        let mut all = vec![self.all()?];
        while self.take("||") || self.take("or") {
            all.push(self.all()?);
        }
        Ok(joined(all, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, String> {
        let mut all = vec![self.one()?];
        while self.take("&&") || self.take("and") {
            all.push(self.one()?);
        }
        Ok(joined(all, Expression::All))
    }

    fn one(&mut self) -> Result<Expression, String> {
        if self.take("!") || self.take("not") {
            return negated(self.one()?);
        }
        if self.take("(") {
            let inside = self.any()?;
            return if self.take(")") {
                Ok(inside)
            } else {
                Err("a bracket is not closed".to_owned())
            };
        }
        let left = self.operand()?;
        let comparison = self.peek().and_then(comparison);
        match (comparison, left) {
            (Some(comparison), left) => {
                self.at += 1;
                let right = self.operand()?;
                compared(left, comparison, right)
            }
            (None, Operand::Finding(found)) => Ok(found),
            (None, Operand::Result(field)) => Ok(Expression::Is(field, "true".to_owned())),
            (None, Operand::Number(_) | Operand::Text(_) | Operand::Length | Operand::Nothing) => {
                Err("it compares nothing".to_owned())
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let token = self.next()?;
        let first = token.chars().next().unwrap_or(' ');
        if first == '"' || first == '\'' {
            return Ok(Operand::Text(token.trim_matches(first).to_owned()));
        }
        if let Some(number) = number(&token) {
            return Ok(Operand::Number(number));
        }
        if token == "-" {
            let number = self.next().ok().and_then(|token| number(&token));
            let number = number.ok_or("`-` is not before a number")?;
            return Ok(Operand::Number(format!("-{number}")));
        }
        match token.as_str() {
            "nil" => Ok(Operand::Nothing),
            "true" | "false" => Ok(Operand::Text(token)),
            "len" => self.of_the_result("len").map(|()| Operand::Length),
            "isNaN" => {
                self.of_the_result("isNaN")?;
                Ok(Operand::Finding(Expression::Nan(true)))
            }
            "asFloat" | "asInt" | "float" | "int" | "default" => self.called(&token),
            "all" | "any" | "none" | "one" | "filter" | "map" | "count" | "sum" | "mean"
            | "max" | "min" => Err(format!(
                "`{token}(…)` looks at several series: name the label that tells them apart as the KPI's `per`"
            )),
            _ => self.result(&token),
        }
    }

    /// `result`, `result[0]`, `result.field`.
    fn result(&mut self, token: &str) -> Result<Operand, String> {
        let (name, fields) = token.split_once('.').unwrap_or((token, ""));
        if name != "result" {
            return Err(format!("`{token}` is not understood"));
        }
        let mut field = match fields {
            "" => String::new(),
            fields => format!("/{}", fields.replace('.', "/")),
        };
        while self.take("[") {
            let inside = self.next()?;
            let quoted = inside.trim_matches(['"', '\'']);
            if inside != "0" && quoted == inside {
                return Err(format!(
                    "`[{inside}]` is not the first series of the result"
                ));
            }
            if quoted != inside {
                field = format!("{field}/{quoted}");
            }
            if !self.take("]") {
                return Err("a bracket is not closed".to_owned());
            }
        }
        Ok(Operand::Result(field))
    }

    /// What a function is called with first; what `default` falls back to is left out.
    fn called(&mut self, name: &str) -> Result<Operand, String> {
        if !self.take("(") {
            return Err(format!("`{name}` is not called"));
        }
        let inside = self.operand()?;
        if self.take(",") {
            self.operand()?;
        }
        if self.take(")") {
            Ok(inside)
        } else {
            Err(format!("`{name}(…)` is not understood"))
        }
    }

    fn of_the_result(&mut self, name: &str) -> Result<(), String> {
        let is_result = matches!(self.called(name)?, Operand::Result(_));
        let other = || format!("`{name}` of something else than the result");
        is_result.then_some(()).ok_or_else(other)
    }
}

fn joined(mut all: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    match (all.len(), all.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            all.extend(last);
            several(all)
        }
    }
}

fn negated(expression: Expression) -> Result<Expression, String> {
    match expression {
        Expression::Empty(is_so) => Ok(Expression::Empty(!is_so)),
        Expression::Nan(is_so) => Ok(Expression::Nan(!is_so)),
        Expression::Limit(limit) => Ok(Expression::Limit(limit.negated())),
        Expression::Any(_) | Expression::All(_) | Expression::Is(..) => {
            Err("`!` before several conditions is not understood".to_owned())
        }
    }
}

fn comparison(token: &str) -> Option<Comparison> {
    match token {
        "<" => Some(Comparison::Less),
        "<=" => Some(Comparison::LessOrEqual),
        ">" => Some(Comparison::Greater),
        ">=" => Some(Comparison::GreaterOrEqual),
        "==" => Some(Comparison::Equal),
        "!=" => Some(Comparison::NotEqual),
        _ => None,
    }
}

fn compared(left: Operand, comparison: Comparison, right: Operand) -> Result<Expression, String> {
    let is_equal = comparison == Comparison::Equal;
    if let (Operand::Result(field), Operand::Number(number)) = (&left, &right)
        && field.is_empty()
    {
        let number = number.clone();
        return Ok(Expression::Limit(Limit { comparison, number }));
    }
    if let (Operand::Number(_), Operand::Result(_)) = (&left, &right) {
        return compared(right, turned(comparison), left);
    }
    if let (Operand::Length, Operand::Number(number)) = (&left, &right) {
        let found = length_is(comparison, number);
        return found.ok_or_else(|| "`len(result)` can only be asked whether it is 0".to_owned());
    }
    if let (Operand::Result(_), Operand::Nothing) = (&left, &right) {
        return match comparison {
            Comparison::Equal => Ok(Expression::Empty(true)),
            Comparison::NotEqual => Ok(Expression::Empty(false)),
            Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Greater
            | Comparison::GreaterOrEqual => Err("`nil` is neither more nor less".to_owned()),
        };
    }
    if let (Operand::Result(field), Operand::Text(text) | Operand::Number(text)) = (left, right)
        && is_equal
    {
        return Ok(Expression::Is(field, text));
    }
    Err("it compares what a plan cannot compare".to_owned())
}

fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual => comparison,
    }
}

fn length_is(comparison: Comparison, number: &str) -> Option<Expression> {
    let (zero, one) = (number == "0", number == "1");
    let is_empty = match comparison {
        Comparison::Equal | Comparison::LessOrEqual => zero.then_some(true),
        Comparison::NotEqual | Comparison::Greater => zero.then_some(false),
        Comparison::Less => one.then_some(true),
        Comparison::GreaterOrEqual => one.then_some(false),
    };
    is_empty.map(Expression::Empty)
}

/// A number as a plan writes it.
pub(super) fn number(text: &str) -> Option<String> {
    let digits = text.trim();
    let starts = digits
        .trim_start_matches('-')
        .starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let value = digits
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite() && starts)?;
    let whole = digits.replacen("-.", "-0.", 1);
    let whole = if whole.starts_with('.') {
        format!("0{whole}")
    } else {
        whole
    };
    Some(if whole.ends_with('.') || whole.contains(".e") {
        value.to_string()
    } else {
        whole
    })
}

/// Words, numbers, strings and signs.
fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => {
                let inside = rest.get(1..).unwrap_or_default();
                let end = inside.find(first).ok_or("a string is not closed")?;
                end + 2
            }
            _ if first.is_ascii_alphanumeric() || matches!(first, '_' | '.') => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
                rest.find(|c| !is_part(c)).unwrap_or(rest.len())
            }
            _ => {
                let two = ["||", "&&", "==", "!=", "<=", ">="];
                let is_long = two.iter().any(|sign| rest.starts_with(sign));
                if is_long { 2 } else { first.len_utf8() }
            }
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    Ok(tokens)
}
