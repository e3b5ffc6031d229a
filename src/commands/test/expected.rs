//! What a test expects, held against what was judged. Nothing passes by default: an expectation that names nothing is an error.

use anyhow::{Context, bail, ensure};
use serde_yaml::{Mapping, Value};

use super::written::scalar;
use crate::assessment::{Code, CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::Evidence;
use crate::kind::GateName;
use crate::plan::nearest;
use crate::report::{Difference, Found, differs};
use crate::verdict::Verdict;

/// The key that is no gate.
const CRITERIA: &str = "criteria";

/// The gates that are expected to have a verdict; those of the answers, if none is named.
///
/// # Errors
/// Keys that are no gates, verdicts that are none, and a test that expects nothing.
pub fn gates(expect: &Mapping) -> anyhow::Result<Vec<GateName>> {
    let verdicts = verdicts(expect)?;
    let criteria = criteria(expect)?;
    ensure!(
        !verdicts.is_empty() || !criteria.is_empty(),
        "it expects nothing: write `expect: {{ STAGE/exit: GO }}`"
    );
    Ok(verdicts.into_iter().map(|(gate, _)| gate).collect())
}

fn verdicts(expect: &Mapping) -> anyhow::Result<Vec<(GateName, Verdict)>> {
    let mut verdicts = Vec::new();
    for (key, value) in expect {
        let key = scalar(key).context("`expect` has a key that is no text")?;
        if key == CRITERIA {
            continue;
        }
        let gate: GateName = key
            .parse()
            .with_context(|| format!("`expect` takes gates and `{CRITERIA}`"))?;
        let word = scalar(value).unwrap_or_default();
        let Some(verdict) = Verdict::from_word(&word) else {
            bail!("`expect`: {key}: `{word}` is no verdict: GO, NO-GO, HOLD or STOP");
        };
        verdicts.push((gate, verdict));
    }
    Ok(verdicts)
}

/// What a criterion is expected to be.
#[derive(Clone, Copy)]
enum Expected {
    Outcome(Outcome),
    Reason(Code),
}

impl Expected {
    /// `met` and `clear` are both; the outcome says as much.
    fn of(word: &str) -> Option<Self> {
        let outcome = Outcome::from_word(word).map(Self::Outcome);
        outcome.or_else(|| Code::from_word(word).map(Self::Reason))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Outcome(outcome) => outcome.word(),
            Self::Reason(code) => code.word(),
        }
    }

    /// What the criterion is, in the same kind of word; `None` if it is as expected.
    fn otherwise(self, criterion: &CriterionAssessment) -> Option<&'static str> {
        match self {
            Self::Outcome(outcome) => {
                (criterion.outcome != outcome).then(|| criterion.outcome.word())
            }
            Self::Reason(code) => (criterion.code != code).then(|| criterion.code.word()),
        }
    }
}

fn criteria(expect: &Mapping) -> anyhow::Result<Vec<(String, Expected)>> {
    let written = match expect.get(CRITERIA) {
        None => return Ok(Vec::new()),
        Some(Value::Mapping(written)) if !written.is_empty() => written,
        Some(_) => bail!(
            "`expect.{CRITERIA}` is not a map with entries: write `STAGE/LIST/NAME: OUTCOME`, such as `pilot/exit/error_rate: met`"
        ),
    };
    let mut criteria = Vec::new();
    for (key, value) in written {
        let key = scalar(key).context("`expect.criteria` has a key that is no text")?;
        let word = scalar(value).unwrap_or_default();
        let Some(expected) = Expected::of(&word) else {
            bail!(
                "`expect.{CRITERIA}`: {key}: `{word}` is neither an outcome (met, unmet, unknown, clear, tripped) nor a reason code"
            );
        };
        criteria.push((key, expected));
    }
    Ok(criteria)
}

/// Whether everything is as expected.
///
/// # Errors
/// Expectations that name nothing that was judged, or several criteria.
pub fn held(expect: &Mapping, evidence: &Evidence) -> anyhow::Result<Found> {
    let mut passed = Vec::new();
    let mut differences = Vec::new();
    for (name, verdict) in verdicts(expect)? {
        let gate = evidence.gates.iter().find(|gate| gate.name() == name);
        let gate = gate.with_context(|| format!("`expect`: {name} was not judged"))?;
        if gate.verdict == verdict {
            passed.push(format!("{name} {verdict}"));
        } else {
            differences.push(differs(gate, verdict));
        }
    }
    for (key, expected) in criteria(expect)? {
        let criterion = named(&key, evidence)?;
        match expected.otherwise(criterion) {
            None => passed.push(format!("{key} {}", expected.word())),
            Some(got) => differences.push(Difference::of_criterion(
                &key,
                expected.word(),
                got,
                criterion,
            )),
        }
    }
    Ok(if differences.is_empty() {
        Found::Passed(passed)
    } else {
        Found::Failed(differences)
    })
}

/// The one criterion that a key names: `STAGE/LIST/NAME`, with its condition behind it where there are several.
fn named<'e>(key: &str, evidence: &'e Evidence) -> anyhow::Result<&'e CriterionAssessment> {
    let all = evidence.gates.iter().flat_map(|gate| {
        let each = gate.criteria.iter();
        each.map(move |criterion| (short(gate, criterion), criterion))
    });
    let all: Vec<(String, &CriterionAssessment)> = all.collect();
    let of = |(short, criterion): &(String, &CriterionAssessment)| {
        *short == key || long(short, criterion) == key
    };
    let found: Vec<_> = all.iter().filter(|one| of(one)).collect();
    match found.as_slice() {
        [(_, criterion)] => Ok(criterion),
        [] => {
            let known = all.iter().map(|(short, _)| short.as_str());
            let near = nearest(key, known).join(", ");
            bail!(
                "`expect.{CRITERIA}`: `{key}` names no criterion that was judged; the nearest are {near}"
            )
        }
        several => {
            let keys = several
                .iter()
                .map(|(short, one)| format!("`{}`", long(short, one)));
            bail!(
                "`expect.{CRITERIA}`: `{key}` names {} criteria: write {}",
                several.len(),
                keys.collect::<Vec<_>>().join(" or ")
            )
        }
    }
}

fn short(gate: &GateAssessment, criterion: &CriterionAssessment) -> String {
    format!("{}/{}/{}", gate.stage, criterion.list, criterion.name)
}

fn long(short: &str, criterion: &CriterionAssessment) -> String {
    match &criterion.condition {
        Some(condition) => format!("{short} {condition}"),
        None => short.to_owned(),
    }
}
