//! No credential in the words of a plan (T14): titles, queries, variables, steps, links and names are printed, recorded and
//! reported, so that a plan with one there is refused. Must not judge what may hold one (addresses that are asked, `http_config`,
//! `params`), nor repeat what it finds.

use super::environment::without_placeholders;
use super::problem::{Problem, ProblemCode, Span};
use super::yaml::{Content, Node};
use crate::kind::List;
use crate::secret::prose::{
    credential_in_plan, credential_in_query, is_credential_name, is_named_credential,
};

const ADVICE: &str =
    "leave it out, or say where it is kept: what a plan says is printed and recorded";

/// Reports every text of a plan that holds a credential and is shown.
pub(super) fn without_credentials(root: &Node, problems: &mut Vec<Problem>) {
    below(root, &mut Vec::new(), problems);
}

/// The same for a `--var`.
pub(super) fn of_override(name: &str, value: &str) -> Option<Problem> {
    let what = in_value(name, value)?;
    let message = format!("`--var {name}=…` holds {what}, or what looks like one");
    let help = "leave it out of the value: variables are printed and recorded";
    let problem = Problem::of_command_line(ProblemCode::WrittenCredential, message);
    Some(problem.help(help))
}

fn below<'n>(node: &'n Node, keys: &mut Vec<&'n str>, problems: &mut Vec<Problem>) {
    match &node.content {
        Content::Scalar(text) => {
            let what = in_scalar(keys, text);
            problems.extend(what.map(|what| problem(&node.span, keys, what)));
        }
        Content::Sequence(items) => {
            for item in items {
                below(item, keys, problems);
            }
        }
        Content::Mapping(entries) => {
            for entry in entries {
                let what = credential_in_query(&entry.key);
                problems.extend(what.map(|what| problem(&entry.key_span, keys, what)));
                keys.push(&entry.key);
                below(&entry.value, keys, problems);
                keys.pop();
            }
        }
    }
}

fn problem(span: &Span, keys: &[&str], what: &str) -> Problem {
    let plain = keys.iter().filter(|key| credential_in_query(key).is_none());
    let key = plain.copied().next_back().unwrap_or("plan");
    let message = format!("`{key}` holds {what}, or what looks like one");
    Problem::error(ProblemCode::WrittenCredential, span.clone(), message).help(advice(keys, what))
}

fn advice(keys: &[&str], what: &str) -> String {
    if keys.contains(&"params") {
        return "write `${NAME}` for it: it is then read from the environment, and not shown"
            .to_owned();
    }
    if what.contains("user info") {
        return format!("{ADVICE}. An `@` in a path is `%40`");
    }
    ADVICE.to_owned()
}

/// What a text holds, by the keys that lead to it.
fn in_scalar(keys: &[&str], text: &str) -> Option<&'static str> {
    if is_hidden(keys) {
        return None;
    }
    if is_query(keys) {
        return credential_in_query(text);
    }
    let key = keys.last().copied().unwrap_or_default();
    in_value(key, &without_placeholders(text))
}

/// Whether what stands there is never shown whole: an address that is asked, a setting of the connection, a parameter that is
/// named like a credential.
fn is_hidden(keys: &[&str]) -> bool {
    match keys {
        ["source", rest @ ..] | ["sources", _, rest @ ..] => match rest {
            [] | ["url"] | ["http_config", ..] => true,
            ["params", name] => is_credential_name(name),
            _ => false,
        },
        ["notify", rest @ ..] => matches!(rest, ["slack" | "webhook"] | ["http_config", ..]),
        [_, list, "probes", rest @ ..] | [_, list, "alerts" | "no_alerts", "source", rest @ ..] => {
            is_list(list) && matches!(rest, [] | ["url" | "alertmanager"] | ["http_config", ..])
        }
        _ => false,
    }
}

/// Whether it is a query, a selector or a condition, where `token="x"` is a label.
fn is_query(keys: &[&str]) -> bool {
    match keys {
        ["kpis", _, "query" | "ratio" | "per" | "guard", ..] => true,
        [_, list, "kpis" | "alerts" | "no_alerts", ..] => is_list(list),
        _ => false,
    }
}

fn is_list(key: &str) -> bool {
    List::from_word(key).is_some()
}

fn in_value(name: &str, value: &str) -> Option<&'static str> {
    let named = is_named_credential(name, value).then_some("a credential");
    named.or_else(|| credential_in_plan(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Loaded, Options, load, render};

    const PLAN: &str = "release: {name: r, NAMED}
source: {url: 'http://h:9090', SOURCE}
vars: {VAR}
kpis: {e: {query: 'QUERY{i=\"$v\"}', unit: ratio, KPI}}
rollback: [{do: 'STEP'}]
stages:
  - {name: s, window: 1h, links: {LINK}, entry: {probes: ['http://u:S3CRETx9@h/?token=S3CRETx9']}, exit: {kpis: {e: '< 1%'}}}
";
    const DEFAULTS: [(&str, &str); 7] = [
        ("NAMED", "owner: ada"),
        ("SOURCE", "timeout: 5s"),
        ("VAR", "v: x"),
        ("QUERY", "up"),
        ("KPI", "title: up"),
        ("STEP", "undo"),
        ("LINK", "a: 'https://h/a'"),
    ];

    fn with(place: &str, text: &str) -> (String, Result<Loaded, Vec<Problem>>) {
        let mut plan = PLAN.replace(place, text);
        for (place, text) in DEFAULTS {
            plan = plan.replace(place, text);
        }
        let loaded = load(plan.as_bytes(), &Options::default());
        (plan, loaded)
    }

    #[test]
    fn t14_a_credential_in_what_a_plan_says_is_refused_and_not_repeated() {
        for (place, text) in [
            ("NAMED", "description: 'https://u:S3CRETx9@h'"),
            ("NAMED", "details: {password: S3CRETx9}"),
            ("NAMED", "details: {url: 'http://u:S3CRETx9@h'}"),
            (
                "NAMED",
                "channels: {x: 'https://hooks.slack.com/services/T000/B000/S3CRETS3CRET'}",
            ),
            ("SOURCE", "params: {tenant: 'http://u:S3CRETx9@h'}"),
            ("SOURCE", "params: {tenant: '${T:-http://u:S3CRETx9@h}'}"),
            ("VAR", "v: 'http://u:S3CRETx9@h'"),
            ("VAR", "v: [a, 'u:S3CRETx9@h']"),
            ("VAR", "v: x, url: 'http://u:S3CRETx9@h'"),
            ("VAR", "v: x, password: S3CRETx9"),
            ("VAR", "v: x, 'http://u:S3CRETx9@h': x"),
            (
                "QUERY",
                "probe_success{instance=\"http://u:S3CRETx9@h/x\"} + up",
            ),
            (
                "QUERY",
                "probe_success{instance=\"http://h/x?token=S3CRETx9\"} + up",
            ),
            ("QUERY", "# ghp_S3CRETx9S3CRETx9\n up"),
            ("KPI", "title: 'https://u:S3CRETx9@h'"),
            ("KPI", "title: 'https://u:S3CRETx9/x@h'"),
            ("KPI", "runbook: 'https://u:S3CRETx9@h/'"),
            ("KPI", "runbook: 'https://h/?token=S3CRETx9'"),
            ("STEP", "curl -u admin:S3CRETx9 https://h"),
            ("STEP", "mysql -pS3CRETx9 -u root"),
            ("STEP", "PASSWORD=S3CRETx9 ./undo"),
            ("STEP", "the password is S3CRETx9"),
            ("LINK", "source: 'https://u:S3CRETx9@h'"),
        ] {
            let (plan, loaded) = with(place, text);
            let problems = loaded.expect_err(text);
            let codes: Vec<ProblemCode> = problems.iter().map(|problem| problem.code).collect();
            assert!(
                codes.contains(&ProblemCode::WrittenCredential),
                "{text}: {problems:?}"
            );
            let said = render("plan.yaml", &plan, &problems, false, 120);
            assert!(!said.contains("S3CRET"), "{said}");
        }
    }

    #[test]
    fn t14_what_a_plan_says_of_credentials_is_not_refused() {
        for (place, text) in [
            (
                "NAMED",
                "owner: 'Ada Lovelace <ada@example.com>, see https://h/x'",
            ),
            ("NAMED", "links: {team: 'https://h/@team/1'}"),
            ("NAMED", "links: {source: 'git+https://h/o/r@refs/tags/v1'}"),
            (
                "NAMED",
                "links: {image: 'oci://h:5000/shipping@sha256:9f86d081'}",
            ),
            (
                "NAMED",
                "details: {password: in the vault, secret: shipping-tls}",
            ),
            ("NAMED", "details: {package: 'pkg:npm/foo1@1.2.3'}"),
            ("SOURCE", "params: {token: '${TOKEN}', tenant: '7'}"),
            ("SOURCE", "params: {token: S3CRETx9}"),
            ("SOURCE", "params: {token_file: token}"),
            ("VAR", "v: 'https?://h/.*'"),
            ("VAR", "v: 'shipping:1.2.0'"),
            (
                "QUERY",
                "rate(token_requests_total{token_type=\"access1x\"}[5m]) # // ask ada@example.com\n + up",
            ),
            (
                "QUERY",
                "npm_registry_requests_total_p99 + up{x=\"http://h:9090/y\"} @ end() + up",
            ),
            ("QUERY", "sum(up) -user:latency:p99 -up"),
            ("KPI", "title: 'Password: reset flow, token: refresh'"),
            ("KPI", "title: 'user:password is not asked for'"),
            (
                "STEP",
                "curl -u admin:$PW https://h, then ask ada@example.com // not on Friday",
            ),
            (
                "STEP",
                "curl -u \"admin:${PW}\" https://h; export PASSWORD=$(pass show x1)",
            ),
            (
                "STEP",
                "curl -u user:<password> https://h; mysql -p -u root",
            ),
            ("STEP", "kubectl create secret --token=$TOKEN --dry-run"),
            ("LINK", "a: 'https://h/d/x?orgId=1&from=now'"),
        ] {
            let (_, loaded) = with(place, text);
            loaded.expect(text);
        }
    }

    #[test]
    fn t14_a_variable_on_the_command_line_is_held_to_the_same() {
        for (value, is_refused) in [
            ("http://u:S3CRETx9@h", true),
            ("https://h/?token=S3CRETx9", true),
            ("u:S3CRETx9@h", true),
            ("h:9090", false),
            ("https://h/x", false),
        ] {
            let plan = PLAN.replace("VAR", "v: x");
            let plan = DEFAULTS
                .iter()
                .fold(plan, |plan, (place, text)| plan.replace(place, text));
            let overrides = [("v".to_owned(), value.to_owned())];
            let options = Options {
                overrides: &overrides,
                ..Options::default()
            };
            let loaded = load(plan.as_bytes(), &options);
            assert_eq!(loaded.is_err(), is_refused, "{value}");
            for problem in loaded.err().unwrap_or_default() {
                assert_eq!(problem.code, ProblemCode::WrittenCredential);
                assert!(problem.of_command_line, "{problem:?}");
                assert!(!format!("{problem:?}").contains("S3CRET"), "{problem:?}");
            }
        }
    }
}
