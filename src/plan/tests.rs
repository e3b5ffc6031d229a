//! Whole plans through [`load`]: what they become, and each problem at its place.

use super::*;
use crate::kind::{GateKind, List};
use crate::plan::criteria::{Ask, KpiAsk};
use crate::units::Duration;

mod hypercare;
mod layers;
mod notify;
mod observe;
mod ordered;
mod record;

pub(super) const SMALL: &str = include_str!("testdata/small.yaml");
pub(super) const FULL: &str = include_str!("testdata/full.yaml");

pub(super) const RATIO: &str = include_str!("testdata/ratio.yaml");

/// Whole plans, for tests that must hold for all of them.
pub(crate) const EXAMPLES: [(&str, &str); 3] = [("small", SMALL), ("full", FULL), ("ratio", RATIO)];

pub(super) fn no_environment(_: &str) -> Option<String> {
    None
}

pub(super) fn options() -> Options<'static> {
    Options {
        overrides: &[],
        environment: Some(&no_environment),
        source_url: None,
    }
}

fn loaded(text: &str, options: &Options<'_>) -> Loaded {
    match load(text.as_bytes(), options) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{}", render("plan.yaml", text, &problems, false, 120)),
    }
}

fn shown(text: &str, problems: &[Problem]) {
    println!("{}", render("plan.yaml", text, problems, false, 100));
}

fn asks(gate: &Gate) -> Vec<&KpiAsk> {
    gate.criteria
        .iter()
        .filter_map(|criterion| match &criterion.ask {
            Ask::Kpi(ask) => Some(ask.as_ref()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_smallest_useful_plan_is_read() {
    let Loaded { plan, warnings, .. } = loaded(SMALL, &options());
    assert!(warnings.is_empty());
    assert_eq!(plan.release.name, "checkout v2.1.0");
    assert_eq!(plan.sources[0].shown_url, "http://127.0.0.1:9090");
    let gate = &plan.stages[0].gates[0];
    assert_eq!(gate.kind, GateKind::Exit);
    assert_eq!(gate.window, Some(Duration::from_secs(7200)));
    let asks = asks(gate);
    assert_eq!(asks[0].condition.text, "> 1% for 5m");
    assert_eq!(asks[0].step, Duration::from_secs(15));
    assert!(asks[0].query.pieces[0].contains("5.."));
}

#[test]
fn the_same_keys_fully_used_are_read() {
    let Loaded { plan, warnings, .. } = loaded(FULL, &options());
    shown(FULL, &warnings);
    assert_eq!(plan.release.version.as_deref(), Some("1.10"));
    assert_eq!(
        plan.sources[1].shown_url,
        "https://us.example.com/prometheus"
    );
    assert_eq!(
        plan.sources[1].url.expose(),
        "https://user:hunter2@us.example.com/prometheus"
    );
    let pilot = &plan.stages[0];
    let kinds: Vec<_> = pilot.gates.iter().map(|gate| gate.kind.word()).collect();
    assert_eq!(kinds, ["entry", "exit", "recovery"]);
    let lists: Vec<_> = pilot.gates[1]
        .criteria
        .iter()
        .map(|c| c.list.word())
        .collect();
    assert_eq!(lists.iter().filter(|list| **list == "stop").count(), 6);
    assert_eq!(lists.last(), Some(&"watch"));
    let ship = asks(&pilot.gates[1])[3];
    assert_eq!(ship.expected.as_deref(), Some(&["BER1".to_owned()][..]));
    assert!(ship.query.pieces[0].contains("site=~\"BER1\""));
    let conversion = asks(&pilot.gates[1])[2];
    assert!(
        matches!(&conversion.baseline, Some(Baseline::Vars { query, .. }) if query.pieces[0].contains("ups"))
    );
    let exceptions = asks(&pilot.gates[1])[4];
    assert!(exceptions.query.is_instant());
    assert_eq!(
        exceptions.query.text(Duration::from_secs(60)),
        "avg_over_time(exceptions[60s])"
    );
    assert!(matches!(exceptions.baseline, Some(Baseline::Offset(_))));
    assert_eq!(plan.stages[1].window, Some(Duration::from_secs(900)));
    assert_eq!(plan.stages[1].gates[0].window, None);
    assert_eq!(plan.rollback.len(), 3);
    assert!(!format!("{plan:?}").contains("hunter2"));
}

fn changed(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1)
}

/// A plan whose queries use `$env` and, by cohort, `$site`.
const VARIABLES: &str = "release: r
source: http://h
vars: { env: prod }
kpis:
  k: { query: 'x{env=\"$env\", site=~\"$site\"}', per: site }
stages:
  - name: a
    cohort: { site: [b.1, c] }
    window: 1h
    exit: { kpis: { k: '< 1' } }
";

fn overridden(pairs: &[(&str, &str)]) -> KpiAsk {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let options = Options {
        overrides: &pairs,
        ..options()
    };
    let plan = loaded(VARIABLES, &options).plan;
    asks(&plan.stages[0].gates[0])[0].clone()
}

#[test]
fn overrides_replace_variables_and_cohorts() {
    let ask = overridden(&[]);
    assert_eq!(ask.query.pieces, [r#"x{env="prod", site=~"b\\.1|c"}"#]);
    assert_eq!(ask.expected, Some(vec!["b.1".to_owned(), "c".to_owned()]));
    let ask = overridden(&[("env", "a\"b"), ("site", "d.2")]);
    assert_eq!(ask.query.pieces, [r#"x{env="a\"b", site=~"d\\.2"}"#]);
    assert_eq!(ask.expected, Some(vec!["d.2".to_owned()]));
    let ask = overridden(&[("site", "d"), ("site", "e")]);
    assert_eq!(ask.expected, Some(vec!["d".to_owned(), "e".to_owned()]));
}

#[test]
fn t7_overrides_that_say_what_the_plan_says_change_nothing() {
    let changing = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = (pairs.iter())
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let options = Options {
            overrides: &pairs,
            ..options()
        };
        let vars = loaded(VARIABLES, &options).vars.into_iter();
        vars.map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
    };
    assert!(changing(&[("env", "prod"), ("site", "c"), ("site", "b.1")]).is_empty());
    assert_eq!(changing(&[("env", "dev"), ("env", "dev")]), ["env=dev"]);
    assert_eq!(changing(&[("site", "c")]), ["site=c"]);
}

#[test]
fn a_source_option_replaces_the_address_and_keeps_the_rest() {
    let text = changed(
        "http://127.0.0.1:9090",
        "{ url: '${UNSET}', timeout: 5s, http_config: { bearer_token: t } }",
    );
    let options = Options {
        source_url: Some("http://u:p@other:1/prefix"),
        environment: Some(&no_environment),
        overrides: &[],
    };
    let problems = load(text.as_bytes(), &options).expect_err("two ways to authenticate");
    assert_eq!(problems[0].code, ProblemCode::ConflictingKeys);
    let options = Options {
        source_url: Some("http://other:1/prefix"),
        ..options
    };
    let source = loaded(&text, &options).plan.sources.remove(0);
    assert_eq!(source.url.expose(), "http://other:1/prefix");
    assert_eq!(source.timeout, Duration::from_secs(5));
    assert!(matches!(source.http.auth, Some(Auth::Header { .. })));
    let none = changed("source: http://127.0.0.1:9090\n", "");
    assert_eq!(loaded(&none, &options).plan.sources.len(), 1);
}

#[test]
fn without_an_environment_placeholders_stay_as_written() {
    let text = changed(
        "http://127.0.0.1:9090",
        "{ url: 'http://u:${P}@${HOST:-u:p@h}', timeout: '${T}', http_config: { no_proxy: x } }",
    );
    let options = Options {
        environment: None,
        ..options()
    };
    let source = loaded(&text, &options).plan.sources.remove(0);
    assert_eq!(source.timeout, Duration::from_secs(30));
    assert!(!source.shown_url.contains("u:"), "{}", source.shown_url);
    let problems = load(text.as_bytes(), &self::options()).expect_err("unset");
    assert!(
        problems
            .iter()
            .all(|p| p.code == ProblemCode::UnsetEnvironment)
    );
}

#[test]
fn what_the_environment_gives_is_never_repeated() {
    let text = changed(
        "http://127.0.0.1:9090",
        "{ url: 'http://${A}', timeout: '${A}', warnings: '${A}', concurrency: '${A}', http_config: { http_headers: { X: { values: ['${A}'] } } } }",
    );
    let environment = |_: &str| Some("s3cret \u{7}".to_owned());
    let options = Options {
        environment: Some(&environment),
        ..options()
    };
    let problems = load(text.as_bytes(), &options).expect_err("nothing fits");
    assert_eq!(problems.len(), 5);
    let drawn = render("p", &text, &problems, false, 200);
    assert!(!drawn.contains("s3cret"), "{drawn}");
}

#[test]
fn http_config_is_read_as_prometheus_reads_it() {
    let config = "{ oauth2: { client_id: i, client_secret_file: s, token_url: 'https://t/x', scopes: [a], endpoint_params: { aud: b }, tls_config: { ca_file: ca.pem } }, \
        tls_config: { cert_file: c, key_file: k, server_name: n, insecure_skip_verify: true, min_version: TLS12, max_version: TLS13 }, \
        proxy_url: 'http://u:p@proxy:3128', no_proxy: localhost, http_headers: { X-Scope-OrgID: { values: [a], secrets: [b], files: [f] } }, follow_redirects: false }";
    let text = changed(
        "http://127.0.0.1:9090",
        &format!(
            "{{ url: 'http://h', compression: none, partial: allow, max_answer: 1MiB, http_config: {config} }}"
        ),
    );
    let source = loaded(&text, &options()).plan.sources.remove(0);
    assert_eq!(source.compression, Compression::None);
    assert!(source.allow_partial && !source.http.follow_redirects);
    assert_eq!(source.max_answer_bytes, 1 << 20);
    assert_eq!(source.http.headers.len(), 3);
    assert_eq!(source.http.tls.min_version, Some(TlsVersion::Tls12));
    let Some(Auth::Oauth2(oauth2)) = source.http.auth else {
        panic!("no oauth2");
    };
    assert_eq!(oauth2.token_url.expose(), "https://t/x");
    assert!(matches!(oauth2.client_secret, SecretSource::File(path) if path.ends_with("s")));
}

#[test]
fn defaults_stand_below_what_a_stage_says() {
    let text = changed("    window: 2h\n", "")
        + "  - name: full\n    window: 6h\n    exit: { kpis: { error_rate: '< 1%' } }\n\
           defaults:\n  window: 15m\n  stop: { kpis: { error_rate: '> 9%' } }\n";
    let plan = loaded(&text, &options()).plan;
    let stops = |stage: usize| -> Vec<String> {
        let gate = &plan.stages[stage].gates[0];
        let of_stop = gate.criteria.iter().filter(|c| c.list == List::Stop);
        of_stop
            .count()
            .to_string()
            .chars()
            .map(String::from)
            .collect()
    };
    assert_eq!((stops(0), stops(1)), (vec!["1".into()], vec!["1".into()]));
    assert_eq!(
        asks(&plan.stages[0].gates[0])[0].condition.text,
        "> 1% for 5m"
    );
    assert_eq!(asks(&plan.stages[1].gates[0])[0].condition.text, "> 9%");
    assert_eq!(plan.stages[0].window, Some(Duration::from_secs(900)));
    assert_eq!(plan.stages[1].window, Some(Duration::from_secs(21_600)));
}

#[test]
fn m5_the_default_step_follows_the_window() {
    for (window, step) in [("1h", 15), ("6h", 15), ("7h", 30), ("48h", 30), ("49h", 60)] {
        let plan = loaded(&changed("2h", window), &options()).plan;
        let ask = asks(&plan.stages[0].gates[0])[0].clone();
        assert_eq!(ask.step, Duration::from_secs(step), "{window}");
    }
    let text = changed("[5m]", "[$step]").replace("    unit", "    step: 1500ms\n    unit");
    let plan = match load(text.as_bytes(), &options()) {
        Ok(loaded) => loaded.plan,
        Err(problems) => panic!("{problems:?}"),
    };
    assert!(asks(&plan.stages[0].gates[0])[0].query.pieces[0].contains("[1500ms]"));
}

#[test]
fn criteria_keep_the_order_of_the_file() {
    let text = changed(
        "exit: {",
        "exit: { confirmations: [b, a], no_incidents: { open: [x] },",
    );
    let plan = loaded(&text, &options()).plan;
    let exit = plan.stages[0].gates[0]
        .criteria
        .iter()
        .filter(|c| c.list == List::Exit);
    let names: Vec<_> = exit.map(|c| c.ask.name()).collect();
    assert_eq!(names, ["b", "a", "incidents", "error_rate"]);
}

#[test]
fn several_mistakes_of_all_sorts_come_together() {
    let text = changed("ratio", "furlongs")
        .replace("2h", "2")
        .replace("< 0.1%", "= 0.1%")
        .replace("release:", "relaese:");
    let problems = load(text.as_bytes(), &options()).expect_err("mistakes");
    let codes: Vec<_> = problems.iter().map(|p| p.code.word()).collect();
    assert_eq!(codes, ["unknown-key", "unknown-word", "bad-duration"]);
}

#[test]
fn large_hostile_plans_are_refused_within_seconds() {
    let mut keys = String::new();
    for n in 0..60_000 {
        keys.push_str(&format!("k{n}: [a, {{ b: c }}]\n"));
    }
    let started = std::time::Instant::now();
    assert!(load(keys.as_bytes(), &options()).is_err());
    // Far more than it takes on a busy machine, far less than work that grows with the square.
    assert!(started.elapsed().as_secs() < 180, "{:?}", started.elapsed());
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = load(&bytes, &options());
    }

    #[test]
    fn no_mutated_plan_panics(
        at in 0..FULL.len(),
        length in 0..40_usize,
        insert in "(\\$|\\{|\\}|\\[|\\]|:|,|\"|'|\\n| |-|&|\\*|a|0|%|é|\u{1b}){0,6}",
        small in proptest::prelude::any::<bool>(),
    ) {
        let text = if small { SMALL } else { FULL };
        let at = at % text.len();
        let mut bytes = text.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, insert.bytes());
        let mutated = String::from_utf8_lossy(&bytes).into_owned();
        if let Err(problems) = load(mutated.as_bytes(), &options()) {
            proptest::prop_assert!(!problems.is_empty());
            let drawn = render("plan.yaml", &mutated, &problems, false, 80);
            let steers = drawn.chars().any(|c| c.is_control() && c != '\n');
            proptest::prop_assert!(!steers, "{}", drawn);
            proptest::prop_assert!(!drawn.contains("hunter2") || !mutated.contains("//user:hunter2@"));
        }
    }
}

#[test]
fn all_mistakes_of_a_kpi_come_at_once() {
    let text = "release: r
source: http://h
kpis:
  a: { query: up, unit: ratios, coverage: 200%, step: 0s, max_age: 1 }
stages:
  - { name: s, window: 1h, exit: { kpis: { a: \"> 0\" } } }
";
    let problems = load(text.as_bytes(), &options()).map(|_| ()).unwrap_err();
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes.len(), 4, "{codes:?}");
}

#[test]
fn after_none_asks_for_no_stage_before() {
    let stages = "stages:\n  - { name: one, exit: { confirmations: [a] } }\n  - { name: two, after: none, exit: { confirmations: [a] } }\n  - { name: three, after: one, exit: { confirmations: [a] } }\n";
    let text = format!("release: r\n{stages}");
    let plan = loaded(&text, &options()).plan;
    let after: Vec<_> = plan.stages.iter().map(|stage| &stage.after).collect();
    let one = Some(vec!["one".to_owned()]);
    assert_eq!(after, [&None, &Some(Vec::new()), &one]);
}

/// Two stages that share what they ask, as people write it who know anchors.
const SHARED: &str = r#"release: checkout v2.1.0
source: http://127.0.0.1:9090
kpis:
  error_rate: &ratio { query: 'sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))', unit: ratio }
  timeout_rate: { <<: *ratio, query: 'sum(rate(timeouts_total[5m])) / sum(rate(requests_total[5m]))' }
stages:
  - &canary
    name: canary-5
    window: &window 2h
    stop: &stop { kpis: { error_rate: "> 1% for 5m", timeout_rate: "> 1%" } }
    exit: { kpis: { error_rate: "< 0.1%", timeout_rate: "< 0.1%" } }
  - <<: *canary
    name: canary-25
    settle: *window
  - name: wide
    window: *window
    stop: *stop
    exit: { kpis: { error_rate: "< 0.1%" } }
"#;

#[test]
fn m17_stages_that_share_by_anchors_ask_what_they_would_ask_written_out() {
    let shared = loaded(SHARED, &options());
    assert!(shared.warnings.is_empty());
    let written = SHARED
        .replace("&ratio ", "")
        .replace("<<: *ratio, ", "unit: ratio, ")
        .replace("- &canary\n    name", "- name")
        .replace(
            "<<: *canary\n    name: canary-25",
            "name: canary-25\n    window: 2h\n    stop: { kpis: { error_rate: \"> 1% for 5m\", timeout_rate: \"> 1%\" } }\n    exit: { kpis: { error_rate: \"< 0.1%\", timeout_rate: \"< 0.1%\" } }",
        )
        .replace("&window ", "")
        .replace("*window", "2h")
        .replace("&stop ", "")
        .replace("*stop", "{ kpis: { error_rate: \"> 1% for 5m\", timeout_rate: \"> 1%\" } }");
    assert!(!written.contains(['&', '*']), "{written}");
    let written = loaded(&written, &options());
    assert_eq!(format!("{:?}", shared.plan), format!("{:?}", written.plan));
}

#[test]
fn m17_problems_point_at_the_alias_and_name_the_anchors_line() {
    let drawn = |text: &str| {
        let problems = load(text.as_bytes(), &options()).expect_err("a mistake");
        render("plan.yaml", text, &problems, false, 100)
    };
    let misplaced = SHARED.replace(
        "    settle: *window\n",
        "    entry: *stop\n    settle: *window\n",
    );
    let shown = drawn(&misplaced.replace(
        "stop: &stop { kpis",
        "stop: &stop { no_incidents: { open: [sev1] }, kpis",
    ));
    assert!(shown.contains("--> plan.yaml:10:"), "{shown}");
    let unfit = SHARED.replace(
        "exit: { kpis: { error_rate: \"< 0.1%\" } }",
        "after: *window\n    exit: { kpis: { error_rate: \"< 0.1%\" } }",
    );
    let shown = drawn(&unfit);
    assert!(
        shown.contains("--> plan.yaml:18:12")
            && shown.contains("(`*window` is anchored on line 9)"),
        "{shown}"
    );
    // What is wrong at the anchor itself is said once, there.
    let wrong = SHARED.replace("&window 2h", "&window 2 hours");
    let shown = drawn(&wrong);
    assert!(
        shown.contains("plan.yaml:9:21") && shown.matches("error[").count() == 1,
        "{shown}"
    );
}

#[test]
fn m17_a_secret_that_an_anchor_names_is_never_shown() {
    let text = "release: { name: checkout, owner: &pass hunter2, versoin: x }\nsource: { url: 'http://h', http_config: { basic_auth: { username: u, password: *pass } } }\n";
    let problems = load(text.as_bytes(), &options()).expect_err("a mistake");
    let shown = render("plan.yaml", text, &problems, false, 200);
    assert!(
        shown.contains("versoin") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn t14_no_mistake_shows_the_value_of_a_key_that_holds_a_secret() {
    let settings = [
        "basic_auth: {username: u, password: VALUE}",
        "basic_auth: VALUE",
        "basic_auth: {usernam: u, password: VALUE}",
        "authorization: {credentials: VALUE}",
        "authorization: VALUE",
        "authorization: {tpye: Bearer, credentials: VALUE}",
        "bearer_token: VALUE",
        "oauth2: {client_id: i, client_secret: VALUE, token_url: 'http://t', scope: x}",
        "oauth2: {client_id: i, client_secret: s, token_url: 'http://t', endpoint_params: {p: VALUE}}",
        "http_headers: {X-Key: {values: VALUE}}",
        "http_headers: {X-Key: {secrets: [VALUE, x: y]}}",
        "http_headers: {X-Key: VALUE}",
        "headers: {X-Key: VALUE}",
        "tls_config: {cert: c, key: VALUE, key_file: f}",
        "sigv4: {access_key: VALUE, secret_key: VALUE}",
        "sigv4: {secret_key: VALUE}",
        "azuread: {oauth: {client_secret: VALUE}}",
        "bearer_tokens: VALUE",
        "dbPassword: VALUE",
        "proxy_url: \"u:VALUE@h\"",
        "proxy_url: \"http://u:VALUE/x@h\"",
    ];
    let values = [
        "hunter2",
        "[hunter2]",
        "{a: hunter2}",
        "'hunter2 x'",
        "!!binary hunter2",
        "*hunter2",
        "${hunter2",
    ];
    for setting in settings {
        for value in values {
            // An unknown key of a map is no credential, nor is the name of an anchor.
            let is_of_map = value.starts_with(['{', '*'])
                && matches!(setting, "basic_auth: VALUE" | "authorization: VALUE");
            if is_of_map {
                continue;
            }
            let config = setting.replace("VALUE", value);
            for text in [
                format!(
                    "release: r\nsource: {{ url: 'http://h', timeout: x, http_config: {{ {config} }} }}\n"
                ),
                format!(
                    "release: r\nsource:\n  url: 'http://h'\n  timeout: x\n  http_config:\n    {config}\n"
                ),
            ] {
                let problems = load(text.as_bytes(), &options()).expect_err("a mistake");
                let shown = render("plan.yaml", &text, &problems, false, 200);
                assert!(!shown.contains("hunter2"), "{shown}");
            }
        }
    }
}

/// The codes that the small plan gives with one thing changed.
fn codes(from: &str, to: &str) -> Vec<&'static str> {
    let text = changed(from, to);
    let found = match load(text.as_bytes(), &options()) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => problems,
    };
    found.iter().map(|problem| problem.code.word()).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn m6_a_guard_on_age_does_not_show_that_there_was_nothing_to_do() {
    let guard = "    guard: { query: 'time() - timestamp(x)', is: '< 60' }\n";
    let other = "    guard: { query: 'rate(x[5m])', is: '> 0' }\n";
    for key in ["quiet: met", "quiet: hold", "active: 20%"] {
        let with = |guard: &str| codes("    unit", &format!("{guard}    {key}\n    unit"));
        assert_eq!(with(guard), ["quiet-without-guard"], "{key}");
        assert_eq!(with(other), NOTHING, "{key}");
    }
}

#[test]
fn m12_a_guard_on_the_kpi_itself_must_not_leave_bad_values_out() {
    let guarded = |is: &str, accept: &str, condition: &str| {
        let text = changed("query: sum", "query: sum(x) #")
            .replace("\"> 1% for 5m\"", "\"> 5%\"")
            .replace("< 0.1%", condition)
            .replace(
                "    unit",
                &format!("    guard: {{ query: '(sum (x))', is: '{is}' }}\n{accept}    unit"),
            );
        let found = match load(text.as_bytes(), &options()) {
            Ok(loaded) => loaded.warnings,
            Err(problems) => problems,
        };
        let codes = found.iter().map(|problem| problem.code.word());
        codes
            .filter(|code| *code == "query-filter" || *code == "idle-accept")
            .collect::<Vec<_>>()
    };
    let accept = "    accept: [query-filter]\n";
    for is in ["< 0.5", "<= 0.01", "== 0"] {
        assert_eq!(guarded(is, "", "< 1%"), ["query-filter"], "{is}");
        assert_eq!(guarded(is, accept, "< 1%"), NOTHING, "{is}");
    }
    for is in ["> 0", ">= 0.001", "!= 0"] {
        assert_eq!(guarded(is, "", "< 1%"), NOTHING, "{is}");
        assert_eq!(guarded(is, accept, "< 1%"), ["idle-accept"], "{is}");
    }
    assert_eq!(guarded("!= 1", "", "< 1%"), ["query-filter"]);
    assert_eq!(guarded("> 0", "", "> 1%"), ["query-filter"]);
}

#[test]
fn m12_what_a_guard_is_accepted_for_is_not_accepted_of_the_query() {
    let both = |accept: &str| {
        codes(
            "total[5m]))\n    unit",
            &format!(
                "total[5m])) or vector(0)\n    guard: {{ query: 'sum(y) or vector(0)', is: '> 1' }}\n{accept}    unit"
            ),
        )
    };
    assert_eq!(both(""), ["never-empty", "guard-never-empty"]);
    assert_eq!(both("    accept: [guard-never-empty]\n"), ["never-empty"]);
    assert_eq!(both("    accept: [never-empty]\n"), ["guard-never-empty"]);
    let all = "    accept: [never-empty, guard-never-empty]\n";
    assert_eq!(both(all), NOTHING);
}

#[test]
fn m12_a_finding_can_be_accepted_and_nothing_else() {
    let filter = "total[5m])) < 0.5\n";
    let with = |accept: &str| {
        codes(
            "total[5m]))\n    unit",
            &format!("{filter}{accept}    unit"),
        )
    };
    assert_eq!(with(""), ["query-filter"]);
    assert_eq!(with("    accept: [query-filter]\n"), NOTHING);
    assert_eq!(with("    accept: query-filter\n"), NOTHING);
    assert_eq!(
        with("    accept: [query-filter, impossible-value]\n"),
        NOTHING
    );
    assert_eq!(with("    accept: [never-empty]\n"), ["query-filter"]);
    assert_eq!(
        with("    accept: [query-filter, never-empty]\n"),
        ["idle-accept"]
    );
    assert_eq!(
        with("    accept: [query-syntax]\n"),
        ["query-filter", "unknown-word"]
    );
    assert_eq!(
        with("    accept: [filter]\n"),
        ["query-filter", "unknown-word"]
    );
    assert_eq!(
        with("    accept: {query-filter: true}\n"),
        ["query-filter", "wrong-shape"]
    );
    let plan = changed(
        "total[5m]))\n    unit",
        &format!("{filter}    accept: query-filter\n    unit"),
    );
    let accept = &loaded(&plan, &options()).plan.kpis[0].accept;
    assert_eq!(accept, &[Accept::Lint(Lint::QueryFilter)]);
}

#[test]
fn m12_placeholders_of_probes_are_refused() {
    let probe = |url: &str| codes("exit: {", &format!("exit: {{ probes: ['{url}'],"));
    for url in [
        "http://{{host}}/healthz",
        "http://[[host]]/",
        "http://h/$${HOST}/",
        "http://h/?t=$__from",
    ] {
        assert_eq!(probe(url), ["unfilled-placeholder"], "{url}");
    }
    for url in [
        "http://h/healthz",
        "http://h/?$filter=a",
        "http://[::1]:9090/-/ready",
    ] {
        assert_eq!(probe(url), NOTHING, "{url}");
    }
}

#[test]
fn m12_all_undefined_variables_are_told_at_once_and_each_once() {
    let query = "sum(rate(a{x=\"$one\",y=\"$two\"}[$__range])) / sum(rate(a{x=\"$one\"}[5m])) #";
    assert_eq!(
        codes("sum(rate(http", &format!("{query}(")),
        [
            "undefined-variable",
            "undefined-variable",
            "unfilled-placeholder"
        ]
    );
    let text = changed("[5m]", "[$__range]");
    let problems = load(text.as_bytes(), &options()).expect_err("a placeholder");
    assert!(
        problems[0]
            .help
            .as_ref()
            .expect("help")
            .contains("`$window`")
    );
}

#[test]
fn m14b_a_baseline_must_not_overlap_what_is_judged() {
    let baseline = |offset: &str| {
        let text = changed("< 0.1%", "mean < baseline") + &format!("baseline: {{ {offset} }}\n");
        let problems = loaded(&text, &options()).warnings;
        problems
            .iter()
            .map(|problem| problem.code.word())
            .collect::<Vec<_>>()
    };
    assert_eq!(baseline("offset: 1h"), ["baseline-overlap"]);
    assert_eq!(baseline("offset: 2h"), NOTHING);
    assert_eq!(baseline("offset: 7d"), NOTHING);
    assert_eq!(baseline("before: 1h"), NOTHING);
}

#[test]
fn m4_one_number_for_a_window_needs_a_baseline_as_long() {
    let baseline = |key: &str, accept: &str| {
        let text = changed("[5m]", "[$window]")
            .replace("> 1% for 5m", "> 1%")
            .replace("< 0.1%", "< baseline")
            .replace("    unit", &format!("{accept}    unit"))
            + &format!("baseline: {{ {key} }}\n");
        let problems = match load(text.as_bytes(), &options()) {
            Ok(loaded) => loaded.warnings,
            Err(problems) => problems,
        };
        problems
            .iter()
            .map(|problem| problem.code.word())
            .collect::<Vec<_>>()
    };
    let accept = "    accept: [baseline-differs]\n";
    for short in [
        "before: 1h",
        "from: 2026-11-01T00:00:00Z, to: 2026-11-01T01:59:59Z",
    ] {
        assert_eq!(baseline(short, ""), ["bad-baseline"], "{short}");
        assert_eq!(baseline(short, accept), NOTHING, "{short}");
    }
    for long in [
        "before: 2h",
        "before: 24h",
        "from: 2026-11-01T00:00:00Z, to: 2026-11-01T02:00:00Z",
    ] {
        assert_eq!(baseline(long, ""), NOTHING, "{long}");
        assert_eq!(baseline(long, accept), NOTHING, "{long}");
    }
    assert_eq!(baseline("offset: 7d", accept), ["idle-accept"]);
}

#[test]
fn m14b_a_guard_has_to_be_able_to_fail() {
    let guard = |query: &str, is: &str| {
        codes(
            "    unit",
            &format!("    guard: {{ query: '{query}', is: '{is}' }}\n    unit"),
        )
    };
    for is in [">= 0", "> -1", ">= -5", "!= -1"] {
        assert_eq!(
            guard("sum(rate(x_total[5m]))", is),
            ["guard-always-holds"],
            "{is}"
        );
    }
    assert_eq!(guard("sum(rate(x_total[5m]))", "> 0"), NOTHING);
    assert_eq!(guard("sum(rate(x_total[5m]))", "!= 0"), NOTHING);
    assert_eq!(guard("a - b", ">= 0"), NOTHING);
    assert_eq!(guard("delta(x[5m])", ">= 0"), NOTHING);
}

#[test]
fn m14b_a_coverage_has_to_ask_for_something() {
    let coverage = |share: &str| codes("    unit", &format!("    coverage: {share}\n    unit"));
    assert_eq!(coverage("19.99%"), ["lax-coverage"]);
    assert_eq!(coverage("20%"), NOTHING);
    assert_eq!(coverage("100%"), NOTHING);
}

#[test]
fn m14b_what_is_listed_has_to_be_what_is_told_apart() {
    let stage = |per: &str, cohort: &str| {
        let text = changed("5..", "$site")
            .replace("    unit", &format!("{per}    unit"))
            .replace(
                "    window",
                &format!("    cohort: {{ {cohort} }}\n    window"),
            );
        let problems = loaded(&text, &options()).warnings;
        problems
            .iter()
            .map(|problem| problem.code.word())
            .collect::<Vec<_>>()
    };
    assert_eq!(stage("    per: pod\n", "site: [a, b]"), ["cohort-not-per"]);
    assert_eq!(stage("    per: site\n", "site: [a, b]"), NOTHING);
    assert_eq!(stage("    per: pod\n", "site: [a, b], pod: [c]"), NOTHING);
    assert_eq!(stage("    per: pod\n", "site: a"), NOTHING);
    assert_eq!(stage("", "site: [a, b]"), NOTHING);
}

#[test]
fn m6_a_max_age_below_the_lookback_sees_nothing() {
    let age = |query: &str, more: &str| {
        let text = changed("sum(rate(http", &format!("{query} #("))
            .replace("2h", "1h")
            .replace("    unit", &format!("{more}    unit"));
        let problems = loaded(&text, &options()).warnings;
        problems
            .iter()
            .map(|problem| problem.code.word())
            .collect::<Vec<_>>()
    };
    assert_eq!(age("gauge", "    max_age: 1m\n"), ["age-below-lookback"]);
    assert_eq!(
        age("rate(x[10m])", "    max_age: 1m\n"),
        ["age-below-lookback"]
    );
    assert_eq!(age("gauge", "    max_age: 5m\n"), NOTHING);
    assert_eq!(age("gauge", ""), NOTHING);
    assert_eq!(age("rate(x[1m])", "    max_age: 1m\n"), NOTHING);
    let guard = "    guard: { query: 'time() - timestamp(gauge)', is: '< 60' }\n";
    assert_eq!(age("gauge", &format!("    max_age: 1m\n{guard}")), NOTHING);
    assert_eq!(
        age(
            "gauge and time() - timestamp(gauge) < 60",
            "    max_age: 1m\n"
        ),
        NOTHING
    );
}

#[test]
fn l10_without_a_recovery_what_exit_asks_with_at_is_asked_over_enough_points() {
    let text = SMALL
        .replace("    unit: ratio", "    unit: ratio\n    step: 1m")
        .replace("< 0.1%", "< 0.1% at 95%");
    let plan = loaded(&text, &options()).plan;
    let window = |kind| {
        let gates = plan.stages[0].gates.iter();
        gates
            .filter(|gate| gate.kind == kind)
            .find_map(|gate| gate.window)
    };
    assert_eq!(
        window(GateKind::Recovery),
        Some(Duration::from_secs(48 * 60))
    );
}
