//! What has to be there before a gate that is not GO is worth asking again, in words: a file, an answer, samples (L4). Names only
//! what no command of this program provides; must not decide anything.

use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::kind::CriterionKind;
use crate::samples::FailureCode;

/// The first thing to do about a criterion that decided; `None` where a command settles it, or only time does.
pub(super) fn first(criterion: &CriterionAssessment) -> Option<String> {
    if criterion.next_step.is_some() || only_time_helps(criterion.code) {
        return None;
    }
    let name = &criterion.name;
    match criterion.kind {
        CriterionKind::Kpis => of_samples(criterion),
        CriterionKind::Artifacts => Some(format!("provide {name}")),
        CriterionKind::Probes => Some(format!("see that {name} answers as required")),
        CriterionKind::Outside => Some(format!("wait until {name} is over")),
        CriterionKind::Alerts | CriterionKind::NoAlerts => Some(of_alerts(criterion)),
        CriterionKind::Incidents | CriterionKind::NoIncidents => {
            let source = criterion.code.source();
            source.map(|_| "make the issue log readable".to_owned())
        }
        CriterionKind::Deadline
        | CriterionKind::Checklists
        | CriterionKind::Confirmations
        | CriterionKind::Approvals
        | CriterionKind::Checkpoints
        | CriterionKind::After
        | CriterionKind::Start
        | CriterionKind::Window
        | CriterionKind::Rollback
        | CriterionKind::Ledger
        | CriterionKind::Paused
        | CriterionKind::Newer => None,
        CriterionKind::Plan => Some("correct the plan, or put it back".to_owned()),
    }
}

/// Whether nobody can do anything but wait, or ask again.
fn only_time_helps(code: Code) -> bool {
    use FailureCode::{Interrupted, NotRecorded};
    matches!(
        code,
        Code::NotBegun
            | Code::WindowIncomplete
            | Code::EmptySpan
            | Code::CutShort
            | Code::Undecided
            | Code::TooFewSamples
            | Code::Source(Interrupted | NotRecorded)
    )
}

fn of_samples(criterion: &CriterionAssessment) -> Option<String> {
    let name = &criterion.name;
    let source = criterion.kpi.as_ref().map(|kpi| kpi.source.as_str());
    if let Some(code) = criterion.code.source() {
        return of_a_failure(code, source.unwrap_or_default(), name);
    }
    Some(match criterion.outcome {
        Outcome::Unmet | Outcome::Tripped => format!("deal with {name}"),
        Outcome::Unknown | Outcome::Met | Outcome::Clear => of_what_is_unknown(criterion),
    })
}

/// What makes samples decide: more of them, a baseline, traffic, another query.
fn of_what_is_unknown(criterion: &CriterionAssessment) -> String {
    use Code::{
        AmbiguousSeries, AnswerPartial, BaselineDiffers, BaselineUnknown, DuplicatePoints,
        GuardUnknown, ImpossibleValue, LowCoverage, LowTraffic, NoData, NotANumber, Quiet,
        RatioImpossible, SeriesEnded, SeriesMissing, SeveralSeries, Stale, UnseenWindow,
    };
    let (name, code) = (&criterion.name, criterion.code);
    let source = criterion.kpi.as_ref().map(|kpi| kpi.source.as_str());
    let source = source.unwrap_or_default();
    let lacks = [
        NoData,
        SeriesMissing,
        SeriesEnded,
        LowCoverage,
        Stale,
        UnseenWindow,
    ];
    let misreads = [
        NotANumber,
        ImpossibleValue,
        RatioImpossible,
        SeveralSeries,
        AmbiguousSeries,
        DuplicatePoints,
        AnswerPartial,
    ];
    if lacks.contains(&code) {
        format!("see that the source {source} has samples of {name}")
    } else if misreads.contains(&code) {
        format!("correct the query of {name}")
    } else if [BaselineUnknown, BaselineDiffers].contains(&code) {
        format!("provide the baseline of {name}")
    } else if [Quiet, LowTraffic].contains(&code) {
        format!("wait for traffic, without which {name} is not judged")
    } else if code == GuardUnknown {
        format!("see that the guard of {name} is measured")
    } else {
        format!("see why {name} cannot be decided")
    }
}

/// So many files are named.
const FEW: usize = 3;

/// Every file that is missing or unfit, of the criteria that decided: `provide 7 files: a.xml, b.xml, c.xml and 4 more`.
pub(super) fn files(decided: &[&CriterionAssessment]) -> String {
    let missing = decided
        .iter()
        .filter(|one| one.kind == CriterionKind::Artifacts);
    let missing = missing.filter(|one| first(one).is_some());
    let mut names: Vec<&str> = Vec::new();
    for one in missing {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    let count = names.len();
    if let [only] = names.as_slice() {
        return format!("provide {only}");
    }
    let few = names.get(..FEW).unwrap_or(&names).join(", ");
    match count.saturating_sub(FEW) {
        0 => format!("provide {count} files: {few}"),
        more => format!("provide {count} files: {few} and {more} more"),
    }
}

fn of_alerts(criterion: &CriterionAssessment) -> String {
    match (criterion.code.source(), criterion.outcome) {
        (Some(_), _) => "make the source of the alerts answer".to_owned(),
        (None, Outcome::Unmet | Outcome::Tripped) => "deal with the alerts".to_owned(),
        (None, Outcome::Unknown | Outcome::Met | Outcome::Clear) => {
            let said = if criterion.code == Code::NoAlertRule {
                "load a rule that raises such an alert"
            } else if criterion.code == Code::AlertRuleBroken {
                "see that the alert's rule is evaluated"
            } else {
                "see why the alerts cannot be decided"
            };
            said.to_owned()
        }
    }
}

/// What a failed question asks for.
fn of_a_failure(code: FailureCode, source: &str, name: &str) -> Option<String> {
    match code {
        FailureCode::SourceUnreachable
        | FailureCode::SourceTls
        | FailureCode::SourceTimeout
        | FailureCode::SourceNotFound
        | FailureCode::SourceRateLimited
        | FailureCode::SourceError
        | FailureCode::SourceNotApi => Some(format!("make the source {source} answer")),
        FailureCode::SourceMisconfigured
        | FailureCode::SourceUnauthorized
        | FailureCode::SourceForbidden => Some(format!("correct how the source {source} is asked")),
        FailureCode::AnswerGarbled
        | FailureCode::AnswerTooLarge
        | FailureCode::QueryRejected
        | FailureCode::QueryTimeout
        | FailureCode::NativeHistogram => Some(format!("correct the query of {name}")),
        FailureCode::BaselineFile => Some(format!("provide the baseline of {name}")),
        FailureCode::FileMissing | FailureCode::FileUnreadable => {
            Some(format!("provide what {name} reads"))
        }
        FailureCode::NotRecorded | FailureCode::Interrupted => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    fn of(kind: CriterionKind, outcome: Outcome, code: Code) -> Option<String> {
        let gate = scenarios::no_go().gates.remove(0);
        let mut one = gate.criteria.into_iter().find(|one| one.kpi.is_some())?;
        one.name = "x".to_owned();
        (one.kind, one.outcome, one.code) = (kind, outcome, code);
        first(&one)
    }

    #[test]
    fn l4_what_has_to_be_there_is_said_by_what_is_missing() {
        use FailureCode::{QueryRejected, SourceUnreachable};
        use Outcome::{Unknown, Unmet};
        let expected = [
            (
                CriterionKind::Artifacts,
                Unmet,
                Code::ArtifactUnfit,
                "provide x",
            ),
            (
                CriterionKind::Kpis,
                Unknown,
                Code::Source(SourceUnreachable),
                "make the source default answer",
            ),
            (
                CriterionKind::Kpis,
                Unknown,
                Code::Source(QueryRejected),
                "correct the query of x",
            ),
            (
                CriterionKind::Kpis,
                Unknown,
                Code::NoData,
                "see that the source default has samples of x",
            ),
            (CriterionKind::Kpis, Unmet, Code::Breach, "deal with x"),
            (
                CriterionKind::Outside,
                Unmet,
                Code::InCalendar,
                "wait until x is over",
            ),
            (
                CriterionKind::NoAlerts,
                Unknown,
                Code::AlertRuleBroken,
                "see that the alert's rule is evaluated",
            ),
            (
                CriterionKind::NoAlerts,
                Unmet,
                Code::Alert,
                "deal with the alerts",
            ),
        ];
        for (kind, outcome, code, said) in expected {
            assert_eq!(of(kind, outcome, code).as_deref(), Some(said));
        }
        assert_eq!(
            of(CriterionKind::Kpis, Unknown, Code::WindowIncomplete),
            None
        );
        assert_eq!(
            of(CriterionKind::Approvals, Unknown, Code::NotAnswered),
            None
        );
    }
}
