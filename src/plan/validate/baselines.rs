//! `baseline:` of the plan, a stage or a KPI. Must not decide which of them a condition takes.

use super::super::maps::maps;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Pairs, Spanned, Text};
use super::checker::Checker;
use super::variables::{self, Definition};
use crate::units::{Duration, Instant};

maps! {
    /// Exactly one of the five kinds.
    Baseline {
        offset: Text,
        before: Text,
        from: Text,
        to: Text,
        file: Text,
        vars: Spanned<Pairs<OneOrMany>>,
    }
}

/// A baseline before its variables are filled in.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Definitions {
    pub(in crate::plan) span: Span,
    pub(in crate::plan) kind: Kind,
}

#[derive(Debug, Clone)]
pub(in crate::plan) enum Kind {
    Offset(Duration),
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
    Some(Definitions {
        span: written.span.clone(),
        kind,
    })
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
        return checker.positive(offset, "offset").map(Kind::Offset);
    }
    if let Some(before) = &baseline.before {
        return checker.positive(before, "before").map(Kind::Before);
    }
    if let Some(file) = &baseline.file {
        return checker.filled(file).map(Kind::File);
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
