//! Well-known files that are not rollout plans: one sentence each, instead of a list of unknown keys.
//!
//! Goes by the few keys that tell a format apart. Must not translate anything.

use crate::kind::words;

use super::problem::{Problem, ProblemCode, Span};
use super::yaml::{Content, KeyValue, Node};

words! {
    /// What of other tools can be translated into a plan, by the word that its files call it.
    pub enum ForeignKind: "kind of a file that can be translated" {
        /// Argo Rollouts: metrics, how often they are measured, what they have to be.
        AnalysisTemplate = "AnalysisTemplate",
        /// The same for every namespace.
        ClusterAnalysisTemplate = "ClusterAnalysisTemplate",
        /// The same with the values of its arguments.
        AnalysisRun = "AnalysisRun",
        /// Argo Rollouts: the steps of a release.
        Rollout = "Rollout",
        /// Flagger: a release with its metrics and their limits.
        Canary = "Canary",
        /// Flagger: a query.
        MetricTemplate = "MetricTemplate",
        /// Sloth: objectives, as a custom resource.
        PrometheusServiceLevel = "PrometheusServiceLevel",
        /// Sloth: objectives, as a file of its own.
        Sloth = "prometheus/v1",
        /// OpenSLO: objectives and what belongs to them.
        OpenSlo = "openslo",
    }
}

impl ForeignKind {
    /// What a document is, by its `kind`, its `apiVersion` and its `version`.
    #[must_use]
    pub fn of(kind: Option<&str>, api: Option<&str>, version: Option<&str>) -> Option<Self> {
        if api.is_some_and(|api| api.starts_with(Self::OpenSlo.group())) {
            return Some(Self::OpenSlo);
        }
        if kind.is_none() {
            return (version == Some(Self::Sloth.word())).then_some(Self::Sloth);
        }
        let kind = Self::from_word(kind?)?;
        let is_its = api.is_none_or(|api| api.starts_with(kind.group()));
        is_its.then_some(kind)
    }

    /// What its `apiVersion` begins with.
    fn group(self) -> &'static str {
        match self {
            Self::AnalysisTemplate
            | Self::ClusterAnalysisTemplate
            | Self::AnalysisRun
            | Self::Rollout => "argoproj.io/",
            Self::Canary | Self::MetricTemplate => "flagger.app/",
            Self::PrometheusServiceLevel => "sloth.slok.dev/",
            Self::Sloth => "",
            Self::OpenSlo => "openslo/",
        }
    }

    /// Whose it is.
    fn tool(self) -> &'static str {
        match self {
            Self::AnalysisTemplate
            | Self::ClusterAnalysisTemplate
            | Self::AnalysisRun
            | Self::Rollout => "Argo Rollouts",
            Self::Canary | Self::MetricTemplate => "Flagger",
            Self::PrometheusServiceLevel | Self::Sloth => "Sloth",
            Self::OpenSlo => "OpenSLO",
        }
    }

    /// How it is called in a sentence.
    fn words(self) -> String {
        match self {
            Self::AnalysisTemplate
            | Self::ClusterAnalysisTemplate
            | Self::AnalysisRun
            | Self::Rollout
            | Self::Canary
            | Self::MetricTemplate
            | Self::PrometheusServiceLevel => format!("the `{self}`"),
            Self::Sloth | Self::OpenSlo => "a file".to_owned(),
        }
    }
}

/// What is done with a file that can be translated.
const IMPORT: &str = "`gate import FILE` translates it into a plan";

/// What is written of the kinds of other tools' files that cannot: kind, whose it is, where its parts belong in a plan.
const KINDS: [(&str, &str, &str); 4] = [
    ("AnalysisDefinition", KEPTN, KEPTN_PARTS),
    ("KeptnEvaluationDefinition", KEPTN, KEPTN_PARTS),
    ("KeptnMetric", KEPTN, KEPTN_PARTS),
    ("PrometheusRule", PROMETHEUS, RULES_PARTS),
];

const KEPTN: &str = "Keptn";
const KEPTN_PARTS: &str = "write a plan: each SLI's query becomes a KPI, the `pass` criteria of its objective limits in a stage's `exit`";
const PROMETHEUS: &str = "Prometheus";
const RULES_PARTS: &str = "write a plan: an alert is named by a selector in `no_alerts` or in a stage's `stop`, a query becomes a KPI";

/// What the files of `gate` itself hold, by the beginning of their schema, and what is done with them.
const OWN: [(&str, &str, &str); 4] = [
    (
        "gate.evidence/",
        "evidence of a check",
        "`gate report` prints it, `gate verify` checks it; its `plan.path` names the plan",
    ),
    (
        "gate.ledger/",
        "a ledger",
        "name the plan that it belongs to: the ledger is found beside it",
    ),
    (
        "gate.answers/",
        "the recorded answers of a check",
        "give the plan, and these answers with `--replay`",
    ),
    (
        "gate.baseline/",
        "a captured baseline",
        "give the plan, and name this file in its `baseline: {file: …}`",
    ),
];

/// The beginning of the files of `gate` that are compressed.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Bytes that are not text, or text that begins like one of the files that `gate` writes.
pub(super) fn of_gate(bytes: &[u8]) -> Option<Problem> {
    if bytes.starts_with(GZIP) {
        let message = "this is a compressed file, such as the recorded answers of a check, not a rollout plan";
        let help = "name the plan; pass recorded answers with `--replay`";
        return Some(Problem::placeless(ProblemCode::OtherFormat, message).help(help));
    }
    let head = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    let head: String = String::from_utf8_lossy(head).split_whitespace().collect();
    let schema = head.strip_prefix("{\"schema\":\"")?;
    let (_, what, help) = OWN.iter().find(|(known, ..)| schema.starts_with(known))?;
    let message = format!("this is {what}, not a rollout plan");
    Some(Problem::error(ProblemCode::OtherFormat, 0..1, message).help(*help))
}

/// A file of another tool.
pub(super) fn of_another_tool(root: &Node) -> Option<Problem> {
    let Content::Mapping(entries) = &root.content else {
        return None;
    };
    // Whoever says what is released has begun a plan.
    if find(entries, "release").is_some() {
        return None;
    }
    let text =
        |key: &str| find(entries, key).and_then(|entry| Some((scalar(entry)?, &entry.value.span)));
    let (kind, version) = (text("kind"), text("apiVersion"));
    let of_sloth = text("version");
    if let Some(known) = ForeignKind::of(kind.map(first), version.map(first), of_sloth.map(first)) {
        let (_, span) = version.or(kind).or(of_sloth)?;
        return Some(other(&known.words(), known.tool(), IMPORT, span));
    }
    if let Some((kind, span)) = kind {
        let (kind, tool, help) = KINDS.iter().find(|(known, ..)| *known == kind)?;
        return Some(other(&format!("the `{kind}`"), tool, help, span));
    }
    if let Some(entry) = find(entries, "spec_version") {
        return Some(other("a file", KEPTN, KEPTN_PARTS, &entry.key_span));
    }
    let groups = find(entries, "groups").filter(|_| entries.len() == 1)?;
    Some(other(
        "a file of rules",
        PROMETHEUS,
        RULES_PARTS,
        &groups.key_span,
    ))
}

fn first<'n>((word, _): (&'n str, &Span)) -> &'n str {
    word
}

fn other(what: &str, tool: &str, help: &str, span: &Span) -> Problem {
    let message = format!("this is {what} of {tool}, not a rollout plan");
    Problem::error(ProblemCode::OtherFormat, span.clone(), message).help(help)
}

fn find<'n>(entries: &'n [KeyValue], key: &str) -> Option<&'n KeyValue> {
    entries.iter().find(|entry| entry.key == key)
}

fn scalar(entry: &KeyValue) -> Option<&str> {
    match &entry.value.content {
        Content::Scalar(text) => Some(text),
        Content::Sequence(_) | Content::Mapping(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::{Options, load};

    fn refused(bytes: &[u8]) -> Vec<(&'static str, String)> {
        let problems = load(bytes, &Options::default()).expect_err("no plan");
        problems
            .into_iter()
            .map(|problem| (problem.code.word(), problem.message))
            .collect()
    }

    #[test]
    fn m21_files_of_other_tools_are_recognised_in_one_sentence() {
        for (text, message) in [
            (
                "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {name: success-rate}\nspec:\n  args: []\n  metrics:\n    - name: success-rate\n      successCondition: result[0] >= 0.95\n",
                "this is the `AnalysisTemplate` of Argo Rollouts, not a rollout plan",
            ),
            (
                "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: podinfo}\nspec: {analysis: {interval: 1m, metrics: [{name: request-success-rate}]}}\n---\nkind: Service\n",
                "this is the `Canary` of Flagger, not a rollout plan",
            ),
            (
                "---\nspec_version: '1.0'\ncomparison: {compare_with: single_result}\nobjectives:\n  - {sli: response_time_p95, pass: [{criteria: ['<=+10%']}]}\n",
                "this is a file of Keptn, not a rollout plan",
            ),
            (
                "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: x}\nspec: {service: web}\n",
                "this is a file of OpenSLO, not a rollout plan",
            ),
            (
                "groups:\n  - name: checkout\n    rules: [{alert: Down, expr: up == 0}]\n",
                "this is a file of rules of Prometheus, not a rollout plan",
            ),
            (
                "{\n  \"schema\": \"gate.evidence/v1\",\n  \"verdict\": \"go\"\n}\n",
                "this is evidence of a check, not a rollout plan",
            ),
            (
                "{\"schema\":\"gate.ledger/v1\",\"seq\":1}\n{\"schema\":\"gate.ledger/v1\",\"seq\":2}\n",
                "this is a ledger, not a rollout plan",
            ),
        ] {
            assert_eq!(
                refused(text.as_bytes()),
                [("other-format", message.to_owned())],
                "{text}"
            );
        }
        assert_eq!(refused(&[0x1f, 0x8b, 8, 0])[0].0, "other-format");
    }

    #[test]
    fn m21_a_plan_with_a_wrong_key_is_still_a_plan() {
        let plan = "release: checkout\nkind: Canary\nsource: http://h\n";
        let codes: Vec<&str> = refused(plan.as_bytes())
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        assert!(
            codes.contains(&"unknown-key") && !codes.contains(&"other-format"),
            "{codes:?}"
        );
        let service = refused(b"apiVersion: v1\nkind: Service\n");
        assert!(
            service.iter().all(|(code, _)| *code != "other-format"),
            "{service:?}"
        );
    }
}
