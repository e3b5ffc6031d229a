//! `baseline:` of the plan, a stage or a KPI. Must not decide which of them a condition takes.

use super::super::maps::maps;
use super::super::problem::{NamedFile, Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Pairs, Spanned, Text};
use super::super::{BaselineAs, Condition, Hold, Reducer};
use super::checker::Checker;
use super::variables::{self, Definition};
use crate::units::{Duration, Instant};

maps! {
    /// Exactly one of the five kinds, and what becomes of its points.
    Baseline {
        offset: Text,
        before: Text,
        from: Text,
        to: Text,
        file: Text,
        vars: Spanned<Pairs<OneOrMany>>,
        r#as: Text,
    }
}

/// A baseline before its variables are filled in.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Definitions {
    pub(in crate::plan) span: Span,
    pub(in crate::plan) kind: Kind,
    /// `as`, where it is written.
    compared: Option<BaselineAs>,
}

impl Definitions {
    /// What becomes of the points beside a condition (M4): of a span as long as the judged one each has its partner.
    pub(in crate::plan) fn compared(&self, condition: &Condition) -> BaselineAs {
        let looks_back = matches!(condition.hold, Some(Hold::Over(..)));
        let unwritten = match (condition.reducer, &self.kind) {
            (Some(reducer), _) => BaselineAs::One(reducer),
            (None, _) if looks_back => BaselineAs::One(Reducer::Overall),
            (None, Kind::Offset(..) | Kind::Vars(_)) => BaselineAs::Points,
            (None, Kind::Before(_) | Kind::Between(..) | Kind::File(_)) => {
                BaselineAs::One(Reducer::Median)
            }
        };
        self.compared.unwrap_or(unwritten)
    }
}

impl Definitions {
    /// Whether each judged point has its partner there, and nothing says otherwise.
    pub(in crate::plan) fn has_partners(&self) -> bool {
        let is_parallel = matches!(self.kind, Kind::Offset(..) | Kind::Vars(_));
        is_parallel && self.compared.is_none_or(|read| read == BaselineAs::Points)
    }
}

#[derive(Debug, Clone)]
pub(in crate::plan) enum Kind {
    /// Its length, and where it is written.
    Offset(Duration, Span),
    Before(Duration),
    Between(Instant, Instant),
    File(String),
    Vars(Vec<Definition>),
}

/// Reads a baseline.
pub(in crate::plan) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<Baseline>,
) -> Option<Definitions> {
    let kinds = kinds(&written.value);
    if kinds != 1 {
        let message = match kinds {
            0 => "this baseline names nothing to compare with",
            _ => "this baseline names several things to compare with",
        };
        checker.report(
            Problem::error(ProblemCode::BadBaseline, written.span.clone(), message)
                .help("write exactly one of `offset`, `before`, `from` with `to`, `file`, `vars`"),
        );
        return None;
    }
    let kind = kind(checker, written)?;
    let compared = match &written.value.r#as {
        Some(text) => Some(compared(checker, text, &kind)?),
        None => None,
    };
    Some(Definitions {
        span: written.span.clone(),
        kind,
        compared,
    })
}

/// Reads `as`.
fn compared(checker: &mut Checker<'_>, text: &Text, kind: &Kind) -> Option<BaselineAs> {
    // The last of a baseline's points is as good as any other: nobody means it; a budget is that of what is judged.
    let unmeant = [Reducer::Last, Reducer::Budget].map(BaselineAs::One);
    let known = |read: &BaselineAs| !unmeant.contains(read);
    let Some(read) = BaselineAs::from_word(&text.value).filter(known) else {
        let message = format!("unknown way to compare with a baseline `{}`", text.value);
        let help = "one of points, median, mean, min, max, p0 to p100, and of a `ratio` overall";
        checker.report(
            Problem::error(ProblemCode::UnknownWord, text.span.clone(), message).help(help),
        );
        return None;
    };
    let has_partners = matches!(kind, Kind::Offset(..) | Kind::Vars(_));
    if read == BaselineAs::Points && !has_partners {
        let message = "`as: points` with a baseline of another span: its points have no partners";
        checker.report(
            Problem::error(ProblemCode::BadBaseline, text.span.clone(), message)
                .help("omit it, or compare with `offset` or `vars`"),
        );
        return None;
    }
    Some(read)
}

fn kinds(written: &Baseline) -> usize {
    [
        written.offset.is_some(),
        written.before.is_some(),
        written.from.is_some() || written.to.is_some(),
        written.file.is_some(),
        written.vars.is_some(),
    ]
    .into_iter()
    .filter(|there| *there)
    .count()
}

fn kind(checker: &mut Checker<'_>, written: &Spanned<Baseline>) -> Option<Kind> {
    let baseline = &written.value;
    if let Some(offset) = &baseline.offset {
        let length = checker.positive(offset, "offset")?;
        return Some(Kind::Offset(length, offset.span.clone()));
    }
    if let Some(before) = &baseline.before {
        return checker.positive(before, "before").map(Kind::Before);
    }
    if let Some(file) = &baseline.file {
        let path = checker.filled(file)?;
        checker.baseline_files.push(NamedFile {
            path: path.clone(),
            span: file.span.clone(),
        });
        return Some(Kind::File(path));
    }
    if let Some(vars) = &baseline.vars {
        return Some(Kind::Vars(variables::written(checker, Some(&vars.value))));
    }
    let what = "a baseline between two instants";
    let from = checker.required(baseline.from.as_ref(), "from", &written.span, what)?;
    let to = checker.required(baseline.to.as_ref(), "to", &written.span, what)?;
    let (start, end) = (checker.instant(from)?, checker.instant(to)?);
    if start >= end {
        checker.error(ProblemCode::BadTime, &to.span, "`to` is not after `from`");
        return None;
    }
    Some(Kind::Between(start, end))
}
