//! What a criterion says beside its reason: which series ended as the plan allows, and what was not measured. Must not decide.

use std::collections::BTreeMap;

use super::presence::Presence;
use super::question::KpiQuestion;
use super::series::Replies;
use crate::assessment::{Code, SeriesAssessment};
use crate::evaluate::context::Undecided;
use crate::plan::{Continuity, Kpi, Missing};
use crate::samples::{Observations, Reply};
use crate::units::Instant;

/// How many series or remarks a note names.
const NAMED: usize = 5;

/// Names the series that ended, if the plan says that they may.
pub(super) fn ended(kpi: &Kpi, ended: &BTreeMap<String, Instant>) -> Option<String> {
    let label = kpi.per.as_ref()?;
    if kpi.continuity == Continuity::Each || ended.is_empty() {
        return None;
    }
    let named = ended
        .iter()
        .take(NAMED)
        .map(|(value, newest)| format!("{label}={value} at {newest}"));
    let named = named.collect::<Vec<_>>().join(", ");
    let more = match ended.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Some(format!(
        "series that ended, as the plan allows: {named}{more}"
    ))
}

/// Of a ratio whose errors were never there: a misspelt query looks the same as no errors.
pub(super) fn without_part(case: &KpiQuestion, observations: &Observations) -> Option<String> {
    let of = case.ask.kpi.ratio?.of.word();
    let asked = case.whole.as_ref().unwrap_or(&case.samples);
    let replies = Replies::read(observations, &asked.question, asked.part.as_ref()).ok()?;
    let has_any = |reply: &Reply| reply.series.iter().any(|series| !series.points.is_empty());
    let is_gone = has_any(replies.values) && !has_any(replies.part?);
    (is_gone && case.ask.kpi.missing == Missing::Zero).then(|| {
        format!("`{of}` found no series in the whole span: counted as none (`missing: zero`)")
    })
}

/// Names the series that a guard shows and the query does not.
pub(super) fn only_guarded(label: &str, of: &[String]) -> Option<String> {
    (!of.is_empty()).then(|| {
        format!(
            "the guard holds for {label}={}, but the query has no such series",
            names(of)
        )
    })
}

/// M8: what was not measured of each series, also of those that are met or clear.
#[derive(Default)]
pub(super) struct Unmeasured {
    /// In words, and of which series, by the value of `per`'s label.
    found: Vec<(String, Vec<String>)>,
}

impl Unmeasured {
    /// Adds a series, unless its reason says it; `thin` is what makes its points too few, if anything does.
    pub fn add(
        &mut self,
        of_one: &SeriesAssessment,
        thin: Option<&Undecided>,
        presence: &Presence,
    ) {
        if says_it(of_one.code) || thin.is_some_and(|thin| says_it(thin.code)) {
            return;
        }
        let Some(words) = presence.unmeasured() else {
            return;
        };
        let per = of_one.per.clone();
        match self.found.iter_mut().find(|(same, _)| *same == words) {
            Some((_, of)) => of.extend(per),
            None => self.found.push((words, per.into_iter().collect())),
        }
    }

    /// The notes, at most five.
    pub fn notes(self, kpi: &Kpi) -> Vec<String> {
        let more = self.found.len().saturating_sub(NAMED);
        let notes = self.found.into_iter().take(NAMED);
        let notes = notes.map(|(words, of)| match &kpi.per {
            Some(label) => format!("{label}={}: {words}", names(&of)),
            None => words,
        });
        let more =
            (more > 0).then(|| format!("more series with points that were not measured: {more}"));
        notes.chain(more).collect()
    }
}

/// Whether the reason of such a code says what was not measured.
fn says_it(code: Code) -> bool {
    matches!(
        code,
        Code::LowCoverage
            | Code::NoData
            | Code::Quiet
            | Code::SeriesMissing
            | Code::BaselineUnknown
            | Code::UnseenWindow
    )
}

fn names(of: &[String]) -> String {
    let named = of
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match of.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
