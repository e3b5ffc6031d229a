//! Findings as they stand in the recorded answers. A frozen form: what is read here was written by another run.
//!
//! Must refuse what it does not know: a finding that is read wrongly would be judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::findings::{
    Alert, Content, File, Findings, Found, Inquiry, Issue, JunitCounts, Response, Rule,
};
use crate::samples::{Failure, FailureCode, Labels};
use crate::units::{Duration, Instant};

/// What was looked up, and what came of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindingText {
    asked: InquiryText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<FoundText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<FailureText>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum InquiryText {
    Rules {
        source: String,
    },
    Alerts {
        alertmanager: String,
    },
    Probe {
        gate: String,
        number: usize,
        url: String,
        pointers: Vec<String>,
    },
    Artifact {
        path: String,
        junit: bool,
        sarif: bool,
        pointers: Vec<String>,
    },
    IssueLog {
        path: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum FoundText {
    Rules(Vec<RuleText>),
    Alerts(Vec<AlertText>),
    Response { status: u16, values: Values },
    File(FileText),
    Issues(Vec<IssueText>),
}

type Values = BTreeMap<String, Option<String>>;
type Pairs = BTreeMap<String, String>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FailureText {
    code: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    name: String,
    labels: Pairs,
    health: String,
    error: Option<String>,
    evaluated: Option<String>,
    interval_ms: i64,
    firing: Vec<Pairs>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertText {
    labels: Pairs,
    since: Option<String>,
    suppressed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    bytes: u64,
    modified: String,
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    junit: Option<ReadText<JunitText>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sarif: Option<ReadText<BTreeMap<String, u64>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<ReadText<Values>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ReadText<T> {
    Read(T),
    Unreadable(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JunitText {
    tests: u64,
    failures: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueText {
    id: String,
    severity: String,
    open: Option<bool>,
    opened: Option<String>,
    description: String,
}

/// Findings → text, in the order of the inquiries.
pub(super) fn written(findings: &Findings) -> Vec<FindingText> {
    let one = |(inquiry, finding): (&Inquiry, &Result<Found, Failure>)| FindingText {
        asked: asked(inquiry),
        found: finding.as_ref().ok().map(found),
        failure: finding.as_ref().err().map(|failure| FailureText {
            code: failure.code.word().to_owned(),
            message: failure.message.clone(),
        }),
    };
    findings.iter().map(one).collect()
}

/// Text → findings.
///
/// # Errors
/// What does not fit, in words.
pub(super) fn read(texts: Vec<FindingText>) -> Result<Findings, String> {
    let mut findings = Findings::new();
    for text in texts {
        let finding = match (text.found, text.failure) {
            (Some(found), None) => Ok(neutral(found)?),
            (None, Some(failure)) => Err(self::failure(failure)?),
            _ => return Err("a finding is either found or a failure".to_owned()),
        };
        if findings.insert(inquiry(text.asked), finding).is_some() {
            return Err("the same finding stands in it twice".to_owned());
        }
    }
    Ok(findings)
}

fn asked(inquiry: &Inquiry) -> InquiryText {
    match inquiry.clone() {
        Inquiry::Rules { source } => InquiryText::Rules { source },
        Inquiry::Alerts { alertmanager } => InquiryText::Alerts { alertmanager },
        Inquiry::Probe {
            gate,
            number,
            url,
            pointers,
        } => InquiryText::Probe {
            gate,
            number,
            url,
            pointers,
        },
        Inquiry::Artifact { path, content } => InquiryText::Artifact {
            path,
            junit: content.junit,
            sarif: content.sarif,
            pointers: content.pointers,
        },
        Inquiry::IssueLog { path } => InquiryText::IssueLog { path },
    }
}

fn inquiry(text: InquiryText) -> Inquiry {
    match text {
        InquiryText::Rules { source } => Inquiry::Rules { source },
        InquiryText::Alerts { alertmanager } => Inquiry::Alerts { alertmanager },
        InquiryText::Probe {
            gate,
            number,
            url,
            pointers,
        } => Inquiry::Probe {
            gate,
            number,
            url,
            pointers,
        },
        InquiryText::Artifact {
            path,
            junit,
            sarif,
            pointers,
        } => Inquiry::Artifact {
            path,
            content: Content {
                junit,
                sarif,
                pointers,
            },
        },
        InquiryText::IssueLog { path } => Inquiry::IssueLog { path },
    }
}

fn found(found: &Found) -> FoundText {
    match found {
        Found::Rules(rules) => FoundText::Rules(rules.iter().map(rule).collect()),
        Found::Alerts(alerts) => FoundText::Alerts(alerts.iter().map(alert).collect()),
        Found::Response(Response { status, values }) => FoundText::Response {
            status: *status,
            values: values.clone(),
        },
        Found::File(one) => FoundText::File(file(one)),
        Found::Issues(issues) => FoundText::Issues(issues.iter().map(issue).collect()),
    }
}

fn neutral(text: FoundText) -> Result<Found, String> {
    Ok(match text {
        FoundText::Rules(rules) => Found::Rules(all(rules, neutral_rule)?),
        FoundText::Alerts(alerts) => Found::Alerts(all(alerts, neutral_alert)?),
        FoundText::Response { status, values } => Found::Response(Response { status, values }),
        FoundText::File(file) => Found::File(neutral_file(file)?),
        FoundText::Issues(issues) => Found::Issues(all(issues, neutral_issue)?),
    })
}

fn all<T, U>(texts: Vec<T>, neutral: fn(T) -> Result<U, String>) -> Result<Vec<U>, String> {
    texts.into_iter().map(neutral).collect()
}

fn failure(text: FailureText) -> Result<Failure, String> {
    let code = FailureCode::ALL
        .into_iter()
        .find(|code| code.word() == text.code);
    let code = code.ok_or_else(|| format!("`{}` is no code of a failure", text.code))?;
    let message = text.message;
    Ok(Failure { code, message })
}

fn pairs(labels: &Labels) -> Pairs {
    labels
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn time(text: Option<String>) -> Result<Option<Instant>, String> {
    let read = text.map(|text| Instant::parse(&text));
    read.transpose().map_err(|error| error.to_string())
}

fn shown(time: Option<Instant>) -> Option<String> {
    time.map(|time| time.to_string())
}

fn rule(rule: &Rule) -> RuleText {
    RuleText {
        name: rule.name.clone(),
        labels: pairs(&rule.labels),
        health: rule.health.clone(),
        error: rule.error.clone(),
        evaluated: shown(rule.evaluated),
        interval_ms: rule.interval.millis(),
        firing: rule.firing.iter().map(pairs).collect(),
    }
}

fn neutral_rule(text: RuleText) -> Result<Rule, String> {
    Ok(Rule {
        name: text.name,
        labels: text.labels.into_iter().collect(),
        health: text.health,
        error: text.error,
        evaluated: time(text.evaluated)?,
        interval: Duration::from_millis(text.interval_ms),
        firing: text
            .firing
            .into_iter()
            .map(|pairs| pairs.into_iter().collect())
            .collect(),
    })
}

fn alert(alert: &Alert) -> AlertText {
    AlertText {
        labels: pairs(&alert.labels),
        since: shown(alert.since),
        suppressed: alert.suppressed,
    }
}

fn neutral_alert(text: AlertText) -> Result<Alert, String> {
    Ok(Alert {
        labels: text.labels.into_iter().collect(),
        since: time(text.since)?,
        suppressed: text.suppressed,
    })
}

impl<T> ReadText<T> {
    fn of<U>(read: &Result<U, String>, text: impl FnOnce(&U) -> T) -> Self {
        match read {
            Ok(read) => Self::Read(text(read)),
            Err(reason) => Self::Unreadable(reason.clone()),
        }
    }

    fn neutral(self) -> Result<T, String> {
        match self {
            Self::Read(read) => Ok(read),
            Self::Unreadable(reason) => Err(reason),
        }
    }
}

fn file(file: &File) -> FileText {
    let junit = |counts: &JunitCounts| JunitText {
        tests: counts.tests,
        failures: counts.failures,
    };
    FileText {
        bytes: file.bytes,
        modified: file.modified.to_string(),
        sha256: file.sha256.clone(),
        junit: file.junit.as_ref().map(|read| ReadText::of(read, junit)),
        sarif: file
            .sarif
            .as_ref()
            .map(|read| ReadText::of(read, Clone::clone)),
        json: file
            .json
            .as_ref()
            .map(|read| ReadText::of(read, Clone::clone)),
    }
}

fn neutral_file(text: FileText) -> Result<File, String> {
    let junit = |JunitText { tests, failures }| JunitCounts { tests, failures };
    Ok(File {
        bytes: text.bytes,
        modified: Instant::parse(&text.modified).map_err(|error| error.to_string())?,
        sha256: text.sha256,
        junit: text.junit.map(|read| read.neutral().map(junit)),
        sarif: text.sarif.map(ReadText::neutral),
        json: text.json.map(ReadText::neutral),
    })
}

fn issue(issue: &Issue) -> IssueText {
    IssueText {
        id: issue.id.clone(),
        severity: issue.severity.clone(),
        open: issue.open,
        opened: shown(issue.opened),
        description: issue.description.clone(),
    }
}

fn neutral_issue(text: IssueText) -> Result<Issue, String> {
    Ok(Issue {
        id: text.id,
        severity: text.severity,
        open: text.open,
        opened: time(text.opened)?,
        description: text.description,
    })
}

#[cfg(test)]
mod tests;
