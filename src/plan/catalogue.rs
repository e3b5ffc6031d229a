//! One plan for each code of the catalogue at least, with the exact place of the problem.

use std::collections::BTreeSet;

use super::tests::{FULL, RATIO, SMALL, no_environment, options};
use super::*;

/// Codes with the line and column where they stand, or `-` for none.
fn found(text: &[u8], options: &Options<'_>) -> Vec<String> {
    let problems = match load(text, options) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => problems,
    };
    let text = String::from_utf8_lossy(text);
    let drawn = render("p.yaml", &text, &problems, false, 120);
    problems
        .iter()
        .zip(drawn.split("\n\n"))
        .map(|(problem, drawn)| {
            let place = problem
                .span
                .as_ref()
                .map_or("-".to_owned(), |span| place(&text, span));
            let arrow = drawn.split_once("--> p.yaml").map_or("", |(_, rest)| rest);
            let arrow = arrow
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches(':');
            assert!(place == arrow || place == "-", "{place} {arrow}\n{drawn}");
            format!("{} {place}", problem.code)
        })
        .collect()
}

fn place(text: &str, span: &Span) -> String {
    let before = &text[..span.start];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    format!("{line}:{}", before[line_start..].chars().count() + 1)
}

/// The small plan with one thing changed.
fn small(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1)
}

fn full(from: &str, to: &str) -> String {
    assert!(FULL.contains(from), "{from}");
    FULL.replacen(from, to, 1)
}

fn end(more: &str) -> String {
    format!("{SMALL}{more}")
}

#[expect(clippy::too_many_lines, reason = "a table, one case a line")]
fn cases() -> Vec<(String, &'static [&'static str])> {
    let source = |config: &str| {
        small(
            "source: http://127.0.0.1:9090",
            &format!("source:\n  url: http://h\n  http_config: {config}"),
        )
    };
    let secure = |config: &str| source(config).replace("http://h", "https://h");
    let probe = |rest: &str| {
        small(
            "exit: {",
            &format!("exit: {{ probes: [{{ url: 'http://h/v', {rest} }}],"),
        )
    };
    let manager = |url: &str, config: &str| {
        let known = "alertmanager: \"http://127.0.0.1:9093\"";
        let config = match config {
            "" => String::new(),
            config => format!(", http_config: {config}"),
        };
        full(known, &format!("alertmanager: \"{url}\"{config}"))
    };
    let guarded = |key: &str| {
        let guard = "    guard: { query: up, is: '> 0' }";
        small("    unit", &format!("{guard}\n    {key}\n    unit"))
    };
    let setting = |setting: &str| {
        let source = format!("source: {{ url: http://h, {setting} }}");
        small("source: http://127.0.0.1:9090", &source)
    };
    let ratio = |from: &str, to: &str| {
        assert!(RATIO.contains(from), "{from}");
        RATIO.replacen(from, to, 1)
    };
    vec![
        (RATIO.to_owned(), &[]),
        (ratio("    ratio:", "    query: up\n    ratio:"), &["conflicting-keys 5:12"]),
        (ratio("errors: 'rate(e_total[5m])', ", ""), &["missing-key 5:12"]),
        (ratio("errors: 'rate(e_total[5m])'", "good: a, errors: b"), &["conflicting-keys 5:20"]),
        (ratio(", total: 'rate(n_total[5m])'", ""), &["missing-key 5:12"]),
        (ratio("    ratio: { errors: 'rate(e_total[5m])', total: 'rate(n_total[5m])' }", "    ratio: up"), &["wrong-shape 5:12"]),
        (ratio("    ratio: { errors: 'rate(e_total[5m])', total: 'rate(n_total[5m])' }\n", "    title: Errors\n"), &["missing-key 4:3", "needs-ratio 6:16"]),
        (ratio("total: 'rate", "totl: 'rate"), &["unknown-key 5:43"]),
        (ratio("    objective", "    unit: seconds\n    objective"), &["unit-mismatch 6:11"]),
        (ratio("errors: 'rate(", "errors: 'increase("), &["ratio-increase 5:22"]),
        (ratio("'rate(n_total[5m])'", "'increase(n_total[5m]) / 300'"), &[]),
        (ratio("e_total", "e_total{a=\"$v\"}") + "vars: { v: x }\n", &["one-sided-variable 5:58"]),
        (ratio("e_total", "e_total{a=\"$v\"}").replace("n_total", "n_total{a=\"$v\"}") + "vars: { v: x }\n", &[]),
        (ratio("budget < 2%", "budget > 2%"), &["limit-direction 11:34"]),
        (ratio("> 14.4x over", "< 14.4x over"), &["limit-direction 10:33"]),
        (
            ratio("errors: 'rate(e_total", "good: 'rate(g_total").replace("overall < 0.5%", "overall < 99%"),
            &["limit-direction 11:49"],
        ),
        (ratio("99.9%", "100%"), &["bad-share 6:16"]),
        (ratio("99.9%", "nearly all"), &["bad-share 6:16"]),
        (ratio("99.9%", "99.9%\n    period: 0d"), &["zero-duration 7:13"]),
        (ratio("99.9%", "99.9%\n    min_total: 0"), &["bad-number 7:16"]),
        (ratio("99.9%", "99.9%\n    min_total: 2k"), &["bad-number 7:16"]),
        (ratio("99.9%", "99.9%\n    min_total: 99999999999"), &["bad-number 7:16"]),
        (ratio("99.9%", "99.9%\n    accept: impossible-value"), &["idle-accept 7:13"]),
        (ratio("    objective: 99.9%", "    period: 7d"), &["no-objective 6:13"]),
        (ratio("    objective: 99.9%\n", ""), &["no-objective 9:36", "no-objective 10:35"]),
        (ratio("[5m]", "[$window]"), &["ratio-with-window 5:22"]),
        (
            RATIO.replace("[5m]", "[$window]"),
            &["ratio-with-window 10:33"],
        ),
        (
            RATIO.replace("[5m]", "[$window]").replace("> 14.4x over 1h and 5m", "overall > 2x"),
            &["lax-exit-limit 11:49"],
        ),
        (
            RATIO.replace("[5m]", "[$window]").replace("> 14.4x over 1h and 5m", "mean > 2%"),
            &["ratio-with-window 10:33"],
        ),
        (ratio("over 1h", "over 3h"), &["for-over-window 10:33"]),
        (ratio("over 1h and 5m", "over 1h10s and 5m10s"), &["over-off-grid 10:33"]),
        (ratio("over 1h and 5m", "over 1h and 1h"), &["bad-condition 10:42"]),
        (ratio("over 1h and 5m", "over an hour"), &["bad-duration 10:47"]),
        (ratio("over 1h and 5m", "over"), &["bad-condition 10:46"]),
        (ratio("over 1h and 5m", "over 1h and"), &["bad-condition 10:53"]),
        (ratio("over 1h and 5m", "over 1h, 5m"), &["bad-condition 10:49"]),
        (ratio("over 1h and 5m", "over 1h for 5m"), &["bad-condition 10:50"]),
        (ratio("over 1h and 5m", "over 0s"), &["zero-duration 10:47"]),
        (ratio("> 14.4x over", "overall > 14.4x over"), &["reducer-with-for 10:50"]),
        (ratio("14.4x", "14.4y"), &["bad-condition 10:36"]),
        (ratio("budget < 2%", "budget < 2"), &["unit-mismatch 11:44"]),
        (ratio("budget < 2%", "budget < 2x"), &["unit-mismatch 11:44"]),
        (ratio("budget < 2%", "budget < baseline + 1%"), &["unit-mismatch 11:44"]),
        (ratio("budget < 2%", "budget < 2% for 5m"), &["reducer-with-for 11:47"]),
        (small("< 0.1%", "overall < 0.1%"), &["needs-ratio 11:34"]),
        (small("< 0.1%", "budget < 1%"), &["needs-ratio 11:34"]),
        (small("< 0.1%", "< 2x"), &["needs-ratio 11:36"]),
        (small("for 5m", "over 5m"), &["needs-ratio 10:39"]),
        (
            small("    unit", "    min_total: 5\n    objective: 99%\n    period: 7d\n    unit"),
            &["needs-ratio 6:16", "needs-ratio 7:16", "needs-ratio 8:13"],
        ),
        (
            small("< 0.1%", "< baseline") + "baseline: { offset: 1d, as: overall }\n",
            &["bad-baseline 12:11"],
        ),
        (
            ratio("> 14.4x over 1h", "> baseline over 1h") + "baseline: { offset: 1d, as: points }\n",
            &["bad-baseline 12:11"],
        ),
        (
            end("baseline: { offset: 1d, as: budget }\n"),
            &["unknown-word 12:29"],
        ),
        (
            ratio("99.9%", "99.9%\n    guard: { query: 'rate(e_total[1m])', is: '< 5' }"),
            &["query-filter 7:46"],
        ),
        (
            ratio("errors: 'rate(e_total[5m])'", "errors: 'rate(e_total[5m]) or vector(0)'"),
            &["never-empty 5:41"],
        ),
        (ratio("budget < 2%", "< 3x over 1h and 5m"), &[]),
        (ratio("budget < 2%", "< 15x over 1h and 5m"), &["lax-exit-limit 11:34"]),
        (ratio("budget < 2%", "> 99%"), &["limit-direction 11:34"]),
        (
            ratio("errors:", "good:").replace("e_total", "ok_total").replace("budget < 2%", "> 99%").replace("overall < 0.5%", "overall > 99.5%"),
            &[],
        ),
        (String::new(), &["empty-plan 1:1"]),
        ("# nothing\n".into(), &["empty-plan 1:1"]),
        ("a: [\n".into(), &["yaml-syntax 1:4"]),
        (
            small("\"> 1% for 5m\"", "\"> 1% for 5m"),
            &["yaml-syntax 11:34"],
        ),
        (end("---\na: b\n"), &["several-documents 12:1"]),
        (small("2h", "&w 2h"), &[]),
        (small("2h", "*w"), &["bad-alias 9:13"]),
        (end("<<: a\n"), &["bad-alias 12:5"]),
        (end("<<: {a: b}\n"), &["unknown-key 12:6"]),
        (
            small("2h", "&w 2 hours") + "    settle: *w\n    deadline: *w\n",
            &["bad-duration 9:16"],
        ),
        (
            small("window: 2h", "window: &w 2h") + "    recovery: { kpis: *w }\n",
            &["wrong-shape 12:23"],
        ),
        (
            end("vars: {}\n<<: [{ vars: { a: b } }, x]\n"),
            &["empty-list 12:7", "bad-alias 13:26"],
        ),
        (
            "kind: Canary\n---\nkind: Service\n".into(),
            &["other-format 1:7"],
        ),
        (small("2h", "!!str 2h"), &["tag 9:19"]),
        (end("? [a]\n: b\n"), &["key-form 12:3"]),
        (end("source: http://x\n"), &["duplicate-key 12:1"]),
        (small("2h", ""), &["empty-value 9:5"]),
        (small("checkout v2.1.0", "''"), &["empty-value 1:10"]),
        (end("rollback: []\n"), &["empty-list 12:11"]),
        ("[".repeat(65) + "a" + &"]".repeat(65), &["too-deep 1:65"]),
        ("- a\n".repeat(200_001), &["too-large 200000:3"]),
        (small("    unit", "    unti"), &["unknown-key 6:5"]),
        (small("2h", "[2h]"), &["wrong-shape 9:13"]),
        (
            small("release: checkout v2.1.0\n", ""),
            &["missing-key 1:1"],
        ),
        (
            small("    query: sum", "    title: sum"),
            &["missing-key 4:3"],
        ),
        (
            small("exit: {", "exit: { window: 1h,"),
            &["misplaced-key 11:21"],
        ),
        (
            small("stop: {", "stop: { approvals: [a],"),
            &["misplaced-key 10:24"],
        ),
        (
            small("stop: {", "stop: { no_alerts: ['{a=\"b\"}'],"),
            &["misplaced-key 10:24"],
        ),
        (
            small("exit: {", "exit: { incidents: { open: [a] },"),
            &["misplaced-key 11:24"],
        ),
        (end("defaults: { name: x }\n"), &["misplaced-key 12:19"]),
        (
            end("sources: { a: http://x }\n"),
            &["missing-key 4:3", "conflicting-keys 12:10"],
        ),
        (
            source("{ basic_auth: { username: a }, bearer_token: b }"),
            &["conflicting-keys 4:61"],
        ),
        (
            source("{ basic_auth: { username_ref: x } }"),
            &["unsupported-key 4:46"],
        ),
        (
            source("{ http_headers: { Host: { values: [a] } } }"),
            &["reserved-header 4:34"],
        ),
        (
            source("{ tls_config: { min_version: TLS10 } }"),
            &["unsupported-key 4:45"],
        ),
        (
            source("{ tls_config: { cert_file: a } }"),
            &["conflicting-keys 4:30"],
        ),
        (small("ratio", "ration"), &["unknown-word 6:11"]),
        (small("canary-5", "a/b"), &["bad-name 8:11"]),
        (end("vars: { a-b: c }\n"), &["bad-name 12:9"]),
        (
            end("  - name: canary-5\n    entry: { confirmations: [a] }\n"),
            &["duplicate-name 12:11"],
        ),
        (
            small("exit: { kpis: { error_rate", "exit: { kpis: { eror_rate"),
            &["unknown-reference 11:21"],
        ),
        (
            small("exit: {", "exit: { checklists: [a],"),
            &["unknown-reference 11:26"],
        ),
        (
            small("exit: {", "exit: { outside: [a],"),
            &["unknown-reference 11:23"],
        ),
        (
            small("    unit", "    source: x\n    unit"),
            &["unknown-reference 6:13"],
        ),
        (
            small("    window", "    after: wave\n    window"),
            &["unknown-reference 9:12"],
        ),
        (small("2h", "2"), &["bad-duration 9:13"]),
        (small("for 5m", "for 5 minutes"), &["bad-duration 10:43"]),
        (small("2h", "0s"), &["zero-duration 9:13"]),
        (small("for 5m", "for 0s"), &["zero-duration 10:43"]),
        (small("for 5m", "for 0%"), &["bad-share 10:43"]),
        (
            small("    unit", "    coverage: 0%\n    unit"),
            &["bad-share 6:15"],
        ),
        (
            small(
                "http://127.0.0.1:9090",
                "{ url: 'http://h', concurrency: 0 }",
            ),
            &["bad-number 2:41"],
        ),
        (
            small(
                "http://127.0.0.1:9090",
                "{ url: 'http://h', max_answer: 5 }",
            ),
            &["bad-number 2:40"],
        ),
        (
            end("baseline: { from: 2026-11-20T00:00:00Z, to: 2026-11-19T00:00:00Z }\n"),
            &["bad-time 12:45"],
        ),
        (
            end("baseline: { from: yesterday, to: 2026-11-19T00:00:00Z }\n"),
            &["bad-time 12:19"],
        ),
        (
            small("http://127.0.0.1:9090", "ftp://127.0.0.1"),
            &["bad-url 2:9"],
        ),
        (
            full("9f86d081884c7d", "9f86d081884c7…"),
            &["bad-digest 6:61"],
        ),
        (
            full("Europe/Berlin", "Berlin time"),
            &["bad-calendar 57:21"],
        ),
        (
            full("Mon-Fri 08:00-18:00", "Mon-Fri 08:00-08:00"),
            &["bad-calendar 57:45"],
        ),
        (
            full("2026-11-27/2026-11-30", "2026-11-31"),
            &["bad-calendar 57:77"],
        ),
        (
            full("outside: [peak]", "outside: { calendars: [pek], for: 2h }"),
            &["unknown-reference 79:30"],
        ),
        (
            full("outside: [peak]", "outside: { calendars: peak, for: 0s }"),
            &["zero-duration 79:40"],
        ),
        (
            full("outside: [peak]", "outside: { for: 2h }"),
            &["missing-key 79:16"],
        ),
        (full("/version:", "version:"), &["bad-pointer 78:86"]),
        (
            full("firing: ['{severity=\"sev1\"}']", "firing: [sev1]"),
            &["bad-selector 86:26"],
        ),
        (
            full(
                "firing: ['{severity=\"sev1\"}']",
                "firing: ['{alertstate=\"firing\"}']",
            ),
            &["bad-selector 86:26"],
        ),
        (
            full(
                "firing: ['{severity=\"sev1\"}']",
                "firing: ['{severity=~\"(\"}']",
            ),
            &["bad-selector 86:26"],
        ),
        (
            full(
                "firing: ['{severity=\"sev1\"}']",
                "firing: ['{severity=\"$window\"}']",
            ),
            &["bad-selector 86:26"],
        ),
        (
            full(
                "firing: ['{severity=\"sev1\"}']",
                "firing: ['{severity=\"$level\"}']",
            ),
            &["undefined-variable 86:38"],
        ),
        (
            full(
                "alertmanager: \"http://127.0.0.1:9093\"",
                "alertmanager: \"http://127.0.0.1:9093\", rules: other",
            ),
            &["unknown-reference 93:113"],
        ),
        (
            manager("http://127.0.0.1:9093/?t=7", ""),
            &["bad-url 93:81"],
        ),
        (
            manager("http://${AM}:9093", ""),
            &["unset-environment 93:89"],
        ),
        (manager("http://${AM:9093", ""), &["bad-placeholder 93:89"]),
        (
            manager("http://a:b@127.0.0.1:9093", "{ bearer_token: t }"),
            &["conflicting-keys 93:123"],
        ),
        (
            manager("http://127.0.0.1:9093", "{ bearer_tokn: t }"),
            &["unknown-key 93:121"],
        ),
        (
            manager("http://127.0.0.1:9093", "token"),
            &["wrong-shape 93:119"],
        ),
        (
            manager("http://127.0.0.1:9093", "{ bearer_token: '${T}' }"),
            &["unset-environment 93:136"],
        ),
        (probe("http_config: { sigv4: {}, follow_redirects: true }"), &["conflicting-keys 11:56"]),
        (source("{ sigv4: { region: x } }"), &["conflicting-keys 4:16"]),
        (secure("{ sigv4: { region: eu-central-1, role_arn: 'arn:aws:iam::1:role/x', external_id: y } }"), &[]),
        (secure("{ sigv4: {} }"), &[]),
        (secure("{ sigv4: { region: 'eu central' } }"), &["bad-name 4:35"]),
        (secure("{ sigv4: { service: '' } }"), &["empty-value 4:36"]),
        (secure("{ sigv4: { service: aps, service_name: aps } }"), &["conflicting-keys 4:55"]),
        (secure("{ sigv4: { access_key: a } }"), &["conflicting-keys 4:25"]),
        (secure("{ sigv4: { secret_key_file: a } }"), &["conflicting-keys 4:25"]),
        (secure("{ sigv4: { access_key: a, secret_key: b, secret_key_file: c } }"), &["conflicting-keys 4:74"]),
        (secure("{ sigv4: { access_key: a, secret_key_file: b, profile: c } }"), &["conflicting-keys 4:71"]),
        (secure("{ sigv4: { role_arn: admin } }"), &["bad-name 4:37"]),
        (secure("{ sigv4: { external_id: x } }"), &["conflicting-keys 4:40"]),
        (secure("{ sigv4: { use_fips_sts_endpoint: maybe } }"), &["unknown-word 4:50"]),
        (secure("{ sigv4: { acces_key: a } }"), &["unknown-key 4:27"]),
        (secure("{ sigv4: {}, google_iam: {} }"), &["conflicting-keys 4:41"]),
        (secure("{ google_iam: { credentials_file: key.json } }"), &[]),
        (secure("{ google_iam: { credentials_file: '' } }"), &["empty-value 4:50"]),
        (secure("{ google_iam: true }"), &["wrong-shape 4:30"]),
        (secure("{ azuread: {} }"), &[]),
        (secure("{ azuread: { cloud: AzurePublik } }"), &["unknown-word 4:36"]),
        (secure("{ azuread: { scope: 'https://x' } }"), &["bad-name 4:36"]),
        (secure("{ azuread: { sdk: {}, managed_identity: {} } }"), &["conflicting-keys 4:34"]),
        (secure("{ azuread: { oauth: { client_id: a } } }"), &["missing-key 4:36"]),
        (secure("{ azuread: { oauth: { client_id: a, client_secret_file: b, tenant_id: 'c/d' } } }"), &["bad-name 4:86"]),
        (secure("{ azuread: { workload_identity: { token_file_path: t } } }"), &[]),
        (secure("{ azuread: {}, bearer_token_file: t }"), &["conflicting-keys 4:27"]),
        (
            probe("http_config: { bearer_token: a, basic_auth: { username: b } }"),
            &["conflicting-keys 11:72"],
        ),
        (
            probe("http_config: { bearer_token_file: '${T}' }"),
            &["unset-environment 11:78"],
        ),
        (probe("http_config: [a]"), &["wrong-shape 11:56"]),
        (probe("header: { 'api version': a }"), &["bad-name 11:53"]),
        (probe("header: { '': a }"), &["bad-name 11:53"]),
        (
            probe("header: { Api-Version: 1, api-version: 2 }"),
            &["duplicate-name 11:69"],
        ),
        (
            probe("header: { api-version: [1] }"),
            &["wrong-shape 11:66"],
        ),
        (probe("header: api-version"), &["wrong-shape 11:51"]),
        (probe("header: {}"), &["empty-list 11:51"]),
        (probe("headers: { api-version: 1 }"), &["unknown-key 11:43"]),
        (
            small(
                "exit: {",
                "exit: { probes: [{ url: 'http://a:b@h', http_config: { bearer_token: t } }],",
            ),
            &["conflicting-keys 11:58"],
        ),
        (
            small("exit: {", "exit: { probes: ['http://${HOST:-}/v'],"),
            &["bad-url 11:22"],
        ),
        (
            full(
                "firing: ['{severity=\"sev1\"}']",
                "firing: ['{severity=\"sev1\"}'], silenced: true",
            ),
            &["conflicting-keys 86:58"],
        ),
        (setting("lookback: 1"), &["bad-duration 2:36"]),
        (setting("lookback: 0s"), &["zero-duration 2:36"]),
        (setting("lookback: [1m]"), &["wrong-shape 2:36"]),
        (setting("delay: 5 minutes"), &["bad-duration 2:33"]),
        (setting("delay: 0"), &["zero-duration 2:33"]),
        (
            setting("params: { query: up }"),
            &["reserved-parameter 2:36"],
        ),
        (
            setting("params: { start: 0, end: 1, step: 15, time: 0, timeout: 1s, type: alert }"),
            &[
                "reserved-parameter 2:36",
                "reserved-parameter 2:46",
                "reserved-parameter 2:54",
                "reserved-parameter 2:64",
                "reserved-parameter 2:73",
                "reserved-parameter 2:86",
            ],
        ),
        (
            setting("params: { time_file: t }"),
            &["reserved-parameter 2:36"],
        ),
        (
            setting("params: { lookback_delta: 1m }"),
            &["reserved-parameter 2:36"],
        ),
        (setting("params: [tenant]"), &["wrong-shape 2:34"]),
        (setting("params: { tenant: [7] }"), &["wrong-shape 2:44"]),
        (
            setting("params: { tenant: 7, tenant_file: t }"),
            &["conflicting-keys 2:47"],
        ),
        (
            setting("params: { tenant: 'http://u:p@h' }"),
            &["written-credential 2:44"],
        ),
        (
            setting("params: { tenant: '${TENANT}' }"),
            &["unset-environment 2:45"],
        ),
        (setting("params: { ' a': b }"), &["bad-name 2:36"]),
        (setting("method: PUT"), &["unknown-word 2:34"]),
        (setting("partial: maybe"), &["unknown-word 2:35"]),
        (setting("warnings: allow"), &["unknown-key 2:26"]),
        (
            setting("basic_auth: { username: a }"),
            &["unknown-key 2:26"],
        ),
        (
            small("http://127.0.0.1:9090", "http://h/api/v1"),
            &["bad-url 2:9"],
        ),
        (
            small("http://127.0.0.1:9090", "http://h/prefix/graph/"),
            &["bad-url 2:9"],
        ),
        (
            small("http://127.0.0.1:9090", "http://h/?tenant=7"),
            &["bad-url 2:9"],
        ),
        (source("{ bearer_token: '' }"), &["empty-value 4:32"]),
        (small("127.0.0.1", "${HOST}"), &["unset-environment 2:16"]),
        (small("127.0.0.1", "${HOST"), &["bad-placeholder 2:16"]),
        (small("[5m]", "[${range]"), &["bad-placeholder 5:54"]),
        (small("5..", "$site"), &["undefined-variable 5:48"]),
        (end("vars: { window: 5m }\n"), &["reserved-variable 12:9"]),
        (
            end("vars: { a: 'x`y' }\n").replace("\"5..\"", "`$a`"),
            &["unquotable-value 5:48"],
        ),
        (
            small("source: http://127.0.0.1:9090\n", ""),
            &["source-missing 3:3"],
        ),
        (small("< 0.1%", "= 0.1%"), &["bad-condition 11:34"]),
        (small("< 0.1%", "< 200ms"), &["unit-mismatch 11:36"]),
        (small("< 0.1%", "< NaN"), &["non-finite-number 11:36"]),
        (small("> 1%", "mean > 1%"), &["reducer-with-for 10:44"]),
        (small("for 5m", "for 5h"), &["for-over-window 10:33"]),
        (small("for 5m", "for 480 points"), &[]),
        (small("for 5m", "for 481 points"), &["for-over-window 10:33"]),
        (small("< 0.1%", "< 0.1% but 479 points"), &[]),
        (small("< 0.1%", "< 0.1% but 480 points"), &["for-over-window 11:33"]),
        (small("for 5m", "but 3 points"), &["misplaced-points 10:33"]),
        (small("< 0.1%", "< 0.1% for 3 points"), &["misplaced-points 11:33"]),
        (small("for 5m", "for 0 points"), &["bad-number 10:43"]),
        (small("> 1%", "mean > 1%").replacen("for 5m", "for 3 points", 1), &["reducer-with-for 10:44"]),
        (small("[5m]", "[$window]"), &["for-with-window-query 10:33"]),
        (small("[5m]", "[5min]"), &["bad-range 5:54"]),
        (small("[5m]))", "[5m])"), &["query-syntax 5:15"]),
        (
            small("query: sum(rate(http", "query: up[5m] #"),
            &["bare-range-vector 5:14"],
        ),
        (
            small(
                "    unit",
                "    guard: { query: 'rate(x[$window])', is: '> 0' }\n    unit",
            ),
            &["guard-query 6:21"],
        ),
        (
            small(
                "sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m]))",
                "sum(increase(errors_total[$window]))",
            )
            .replace(
                "    unit: ratio",
                "    missing: zero\n    guard: { query: 'sum(increase(x_total[$window]))', is: '< 9' }",
            )
            .replace("> 1% for 5m", "> 9")
            .replace("< 0.1%", "< 5"),
            &["guard-query 7:21"],
        ),
        (
            small(
                "sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m]))",
                "sum(increase(errors_total[$window]))",
            )
            .replace(
                "    unit: ratio",
                "    quiet: met\n    guard: { query: 'sum(increase(x_total[$window]))', is: '> 9' }",
            )
            .replace("> 1% for 5m", "> 9")
            .replace("< 0.1%", "< 5"),
            &["guard-query 7:21"],
        ),
        (
            end("baseline: { offset: 7d, before: 1d }\n"),
            &["bad-baseline 12:11"],
        ),
        (
            small("< 0.1%", "< baseline") + "baseline: { vars: { a: b } }\n",
            &["bad-baseline 12:11"],
        ),
        (small("< 0.1%", "< baseline"), &["baseline-undefined 11:33"]),
        (
            small("< 0.1%", "< baseline") + "baseline: { offset: 9001s }\n",
            &["offset-off-grid 12:21"],
        ),
        (small("< 0.1%", "< 0.1% at 70%"), &["bad-confidence 11:41"]),
        (small("< 0.1%", "< 0.1% at 100%"), &["bad-confidence 11:41"]),
        (small("< 0.1%", "== 0.1% at 95 %"), &["bad-confidence 11:42"]),
        (
            small("< 0.1%", "< 0.1% for 5m at 95%"),
            &["at-with-for 11:48"],
        ),
        (
            small("< 0.1%", "p95 < 0.1% at 95%"),
            &["at-with-reducer 11:45"],
        ),
        (
            small("< 0.1%", "< baseline at 95%") + "baseline: { before: 24h }\n",
            &["at-needs-pairs 11:33"],
        ),
        (
            small("< 0.1%", "< baseline at 95%") + "baseline: { offset: 7d, as: median }\n",
            &["at-needs-pairs 11:33"],
        ),
        (
            small("< 0.1%", "< 0.1% at 95%").replace("window: 2h", "window: 11m"),
            &["at-needs-pairs 11:33"],
        ),
        (
            small("< 0.1%", "< baseline + 1pp at 99.9%").replace("> 1% for 5m", "> baseline + 2pp at 99%")
                + "baseline: { offset: 7d }\n",
            &["at-without-stop 11:33"],
        ),
        (
            end("baseline: { file: b.json, as: points }\n"),
            &["bad-baseline 12:31"],
        ),
        (
            end("baseline: { offset: 7d, as: last }\n"),
            &["unknown-word 12:29"],
        ),
        (
            end("baseline: { offset: 7d, as: p101 }\n"),
            &["unknown-word 12:29"],
        ),
        (
            end("baseline: { offset: 7d, as: [mean] }\n"),
            &["wrong-shape 12:29"],
        ),
        (
            end("baseline: { before: 24h, as: points }\n"),
            &["bad-baseline 12:30"],
        ),
        (
            end("baseline: { from: 2026-11-19T00:00:00Z, to: 2026-11-20T00:00:00Z, as: points }\n"),
            &["bad-baseline 12:71"],
        ),
        (
            small("    unit", "    missing: zero\n    unit"),
            &["zero-without-guard 6:14"],
        ),
        (
            small("    unit", "    series: any\n    unit"),
            &["series-without-per 6:13"],
        ),
        (
            small(
                "    unit",
                "    missing: zero\n    quiet: met\n    guard: { query: hour(), is: '> 6' }\n    unit",
            ),
            &["zero-without-guard 6:14", "quiet-without-guard 7:12"],
        ),
        (
            small("    unit", "    active: 50%\n    quiet: met\n    unit"),
            &["quiet-without-guard 6:13", "quiet-without-guard 7:12"],
        ),
        (
            small(
                "    unit",
                "    guard: { query: up, is: '> 0' }\n    active: 0%\n    quiet: good\n    unit",
            ),
            &["bad-share 7:13", "unknown-word 8:12"],
        ),
        (
            small("    unit", "    per: site\n    series: some\n    unit"),
            &["unknown-word 7:13"],
        ),
        (guarded("active: [50%]"), &["wrong-shape 7:13"]),
        (guarded("active: half"), &["bad-share 7:13"]),
        (guarded("active: 101%"), &["bad-share 7:13"]),
        (guarded("active: ''"), &["bad-share 7:13"]),
        (guarded("quiet: [met]"), &["wrong-shape 7:12"]),
        (guarded("quiet: { met: 1 }"), &["wrong-shape 7:12"]),
        (guarded("quiet:"), &["empty-value 7:5"]),
        (guarded("series: [any]"), &["wrong-shape 7:13"]),
        (guarded("series: { any: 1 }"), &["wrong-shape 7:13"]),
        (guarded("accept: []"), &["empty-list 7:13"]),
        (guarded("accept: ''"), &["empty-value 7:13"]),
        (guarded("accept: { irate: 1 }"), &["wrong-shape 7:13"]),
        (guarded("accept: [[irate]]"), &["wrong-shape 7:14"]),
        (end("  - name: x\n"), &["no-gate 12:11"]),
        (
            small("stop: { kpis: { error_rate: \"> 1% for 5m\" } }", "stop: none"),
            &["nothing-to-drop 10:5"],
        ),
        (
            end("  - name: x\n    entry: { window: 1h }\n"),
            &["no-criteria 13:12"],
        ),
        (
            small(
                "    exit: { kpis: { error_rate: \"< 0.1%\" } }\n",
                "    deadline: 4h\n",
            ),
            &["exit-needed 10:11", "exit-needed 11:15", "unused-kpi 4:3"],
        ),
        (small("    window: 2h\n", ""), &["window-needed 8:11"]),
        (
            end("    recovery: { kpis: { error_rate: '< 1%' } }\n"),
            &["window-needed 12:23"],
        ),
        (small("< 0.1%", "< 2%"), &["lax-exit-limit 11:33"]),
        (
            small("    unit", "    step: 3h\n    unit"),
            &[
                "short-range 5:54",
                "short-range 5:91",
                "step-over-window 11:33",
                "step-over-window 12:33",
            ],
        ),
        (small("[5m]", "[20s]"), &["short-range 5:54"]),
        (
            small("total[5m]))\n", "total[5m])) < 0.5\n"),
            &["query-filter 5:97"],
        ),
        (
            small("query: sum", "query: vector(0) or sum"),
            &["never-empty 5:12"],
        ),
        (
            small("total[5m]))\n", "total[5m])) or vector(0)\n"),
            &["never-empty 5:97"],
        ),
        (
            small(
                "    unit",
                "    guard: { query: 'sum(x) or vector(0)', is: '> 0' }\n    unit",
            ),
            &["guard-never-empty 6:29"],
        ),
        (
            small("\"5..\"}[5m]", "\"5..\"}[5m] offset 1h").replace("total[5m]", "total[5m] @ 0"),
            &["other-time 5:58"],
        ),
        (
            small("\"> 1% for 5m\"", "\"> 1%\"").replace("[5m]", "[$window] @ end()"),
            &["at-with-window 5:63"],
        ),
        (
            small(
                "    unit",
                "    guard: { query: 'sum(x)', is: '< 0.05' }\n    unit",
            )
            .replace("query: sum", "query: sum(x) #"),
            &["query-filter 6:35"],
        ),
        (
            small("\"> 1% for 5m\"", "\"> 1%\"")
                .replace("[5m]", "[$window]")
                .replace("< 0.1%", "< baseline")
                + "baseline: { before: 1h }\n",
            &["bad-baseline 12:11"],
        ),
        (
            small("query: sum", "query: vector(0) #"),
            &["constant-query 5:12"],
        ),
        (
            small("[5m]", "[$__rate_interval]"),
            &["unfilled-placeholder 5:54"],
        ),
        (
            small("exit: {", "exit: { probes: ['http://{{host}}/healthz'],"),
            &["unfilled-placeholder 11:22"],
        ),
        (
            small(
                "exit: {",
                "exit: { probes: [{ url: 'http://${HOST}/healthz' }],",
            ),
            &["unset-environment 11:37"],
        ),
        (
            small(
                "exit: {",
                "exit: { probes: [{ url: 'http://h/$${HOST}/healthz' }],",
            ),
            &["unfilled-placeholder 11:29"],
        ),
        (
            small("code=~\"5..\"", "code=\"$code\"") + "vars: { code: '' }\n",
            &["empty-variable 5:46"],
        ),
        (
            small("code=~\"5..\"", "code=~\"^${code}.*\"") + "vars: { code: '' }\n",
            &["empty-variable 5:47"],
        ),
        (
            small("{code=~\"5..\"}", "{ $code }") + "vars: { code: '' }\n",
            &["empty-variable 5:40"],
        ),
        (
            small("< 0.1%", "< 20%").replace("query: sum", "query: clamp_max(up, 0.1) # "),
            &["limit-always-holds 11:33", "lax-exit-limit 11:33"],
        ),
        (
            small(
                "exit: {",
                "exit: { probes: ['http://h/v?q=rate(x%5BDURATION%5D)'],",
            ),
            &["unfilled-placeholder 11:22"],
        ),
        (
            small("exit: {", "exit: { probes: ['http://h/v?last=[DURATION]'],"),
            &["unfilled-placeholder 11:22"],
        ),
        (small("unit: ratio", "unit: percent"), &["unit-factor 5:60"]),
        (
            small("query: sum", "query: x_bytes #").replace("2h", "1h"),
            &["unit-name 5:12"],
        ),
        (
            small("< 0.1%", "< 1"),
            &["bound-out-of-range 11:33", "lax-exit-limit 11:33"],
        ),
        (
            small("< 0.1%", "< 0.1% for 66.67%"),
            &["percent-of-points 11:33"],
        ),
        (small("< 0.1%", "> 0.1%"), &["limit-direction 11:33"]),
        (small("rate(http", "irate(http"), &["irate 5:16"]),
        (
            small("query: sum", "query: x_total #").replace("2h", "1h"),
            &["raw-counter 5:12"],
        ),
        (
            small("query: sum", "query: gauge #").replace("2h", "12h"),
            &["between-points 5:12"],
        ),
        (
            small("query: sum", "query: gauge #")
                .replace("2h", "1h")
                .replace("    unit", "    max_age: 1m\n    unit"),
            &["age-below-lookback 6:14"],
        ),
        (
            small("\"> 1% for 5m\"", "\"> 1%\"")
                .replace("[5m]", "[$window]")
                .replace("    unit", "    max_age: 1m\n    unit"),
            &["age-below-lookback 6:14"],
        ),
        (
            small(
                "    unit",
                "    guard: { query: 'rate(x_total[5m])', is: '>= 0' }\n    unit",
            ),
            &["guard-always-holds 6:46"],
        ),
        (
            small("    unit", "    coverage: 19%\n    unit"),
            &["lax-coverage 6:15"],
        ),
        (
            small("< 0.1%", "< baseline") + "baseline: { offset: 1h }\n",
            &["baseline-overlap 12:11"],
        ),
        (
            small("5..", "$site").replace("    unit", "    per: pod\n    unit")
                + "vars: { site: [a, b] }\n",
            &["cohort-not-per 6:10"],
        ),
        (
            small("    unit", "    accept: [query-filter]\n    unit"),
            &["idle-accept 6:14"],
        ),
        (
            small("    unit", "    accept: baseline-differs\n    unit"),
            &["idle-accept 6:13"],
        ),
        (
            small("    unit", "    accept: [query-filer]\n    unit"),
            &["unknown-word 6:14"],
        ),
        (
            small("    unit", "    accept: [query-syntax]\n    unit"),
            &["unknown-word 6:14"],
        ),
        (
            small("    unit", "    accept: [irate, irate]\n    unit"),
            &["duplicate-name 6:21"],
        ),
        (
            small("total[5m]))\n", "total[5m])) < 0.5\n").replace(
                "    unit",
                "    accept: [query-filter, impossible-value]\n    unit",
            ),
            &[],
        ),
        (
            small("< 0.1%", "< 1").replace("    unit", "    accept: impossible-value\n    unit"),
            &["lax-exit-limit 12:33"],
        ),
        (
            end("").replace("  error_rate:\n", "  other: { query: up }\n  error_rate:\n"),
            &["unused-kpi 4:3"],
        ),
    ]
}

#[test]
fn every_problem_is_found_where_it_stands() {
    let mut failed = Vec::new();
    for (text, expected) in cases() {
        let found = found(text.as_bytes(), &options());
        if found != expected {
            let head: String = text.chars().take(1500).collect();
            let problems = load(text.as_bytes(), &options())
                .map_or_else(|problems| problems, |loaded| loaded.warnings);
            failed.push(format!(
                "expected {expected:?}\n   found {found:?}\n{}",
                render("p", &head, &problems, false, 100)
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn problems_of_the_command_line_have_no_place() {
    let overrides = |name: &str| vec![(name.to_owned(), "x".to_owned())];
    let with = |text: &str, overrides: &[(String, String)], url: Option<&str>| {
        found(
            text.as_bytes(),
            &Options {
                overrides,
                source_url: url,
                environment: Some(&no_environment),
            },
        )
    };
    assert_eq!(with(SMALL, &overrides("envv"), None), ["unused-override -"]);
    assert_eq!(
        with(SMALL, &overrides("step"), None),
        ["reserved-variable -"]
    );
    assert_eq!(with(SMALL, &[], Some("nonsense")), ["bad-url -"]);
    assert_eq!(with(FULL, &[], Some("http://h")), ["source-override -"]);
    assert_eq!(found(b"a: \xff", &options()), ["not-utf8 -"]);
    assert_eq!(found(&vec![b' '; 11 << 20], &options()), ["too-large -"]);
}

#[test]
fn many_mistakes_are_cut_off() {
    let many: Vec<String> = (0..60).map(|n| format!("x{n}: y\n")).collect();
    let many = many.concat();
    let codes = found(many.as_bytes(), &options());
    assert_eq!(codes.len(), 26);
    assert!(
        codes
            .iter()
            .any(|code| code.starts_with("too-many-problems"))
    );
}

#[test]
fn every_code_has_a_case() {
    let mut words: BTreeSet<String> = cases()
        .iter()
        .flat_map(|(_, expected)| expected.iter())
        .filter_map(|found| found.split(' ').next().map(str::to_owned))
        .collect();
    let elsewhere = [
        "not-utf8",
        "unused-override",
        "source-override",
        "too-many-problems",
        "baseline-file",
    ];
    words.extend(elsewhere.map(str::to_owned));
    let missing: Vec<_> = ProblemCode::all()
        .filter(|code| !words.contains(code.word()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
