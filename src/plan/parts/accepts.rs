//! `accept:` of a KPI: findings that its author has seen and means. Must not find anything, nor take a code on trust.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::super::problem::{Problem, ProblemCode, did_you_mean};
use super::super::promql::Finding;
use super::super::spanned::{OneOrMany, Spanned, Text};
use super::super::{Accept, Lint};
use super::checker::Checker;

/// `accept:` of a KPI, and which of it was needed.
#[derive(Default)]
pub(in crate::plan) struct Accepts {
    written: Vec<(Accept, Text)>,
    needed: RefCell<BTreeSet<Accept>>,
}

impl Accepts {
    /// Reads the key; codes that cannot be accepted are errors.
    pub(in crate::plan) fn read(
        checker: &mut Checker<'_>,
        list: Option<&Spanned<OneOrMany>>,
    ) -> Self {
        let mut written = Vec::new();
        let texts = list.map(|list| checker.names_of(list, "the code"));
        for text in texts.into_iter().flatten() {
            match Accept::from_word(&text.value) {
                Some(code) => written.push((code, text)),
                None => unknown(checker, &text),
            }
        }
        Self {
            written,
            needed: RefCell::default(),
        }
    }

    /// The codes, in the order of the plan.
    pub(in crate::plan) fn codes(&self) -> Vec<Accept> {
        self.written.iter().map(|(code, _)| *code).collect()
    }

    /// Whether a finding is accepted.
    pub(in crate::plan) fn take(&self, finding: &Finding) -> bool {
        let ProblemCode::Lint(lint) = finding.code else {
            return false;
        };
        // A ratio that may be above 1 may have a limit there.
        let implied = lint == Lint::BoundOutOfRange && self.takes(Accept::ImpossibleValue);
        self.takes(Accept::Lint(lint)) || implied
    }

    /// The codes that nothing needed, each with its place.
    pub(in crate::plan) fn idle(&self) -> Vec<(Accept, Text)> {
        let needed = self.needed.borrow();
        let idle = self
            .written
            .iter()
            .filter(|(code, _)| !needed.contains(code));
        idle.cloned().collect()
    }

    /// Whether a code is accepted; if so, it was needed.
    pub(in crate::plan) fn takes(&self, code: Accept) -> bool {
        let accepted = self.written.iter().any(|(written, _)| *written == code);
        if accepted {
            self.needed.borrow_mut().insert(code);
        }
        accepted
    }
}

fn unknown(checker: &mut Checker<'_>, text: &Text) {
    let words = || Accept::all().map(Accept::word);
    let known = ProblemCode::from_word(&text.value).is_some();
    let message = if known {
        format!(
            "`{}` cannot be accepted: no server understands such a query",
            text.value
        )
    } else {
        format!("unknown code `{}`", text.value)
    };
    let list = || format!("one of {}", words().collect::<Vec<_>>().join(", "));
    let help = did_you_mean(&text.value, words()).unwrap_or_else(list);
    checker.report(Problem::error(ProblemCode::UnknownWord, text.span.clone(), message).help(help));
}
