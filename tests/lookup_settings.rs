//! M19: probes and Alertmanagers are reached as sources are, with `http_config` and `${NAME}`, and a probe asks for headers.

use crate::lookups::{Judged, found, plan, until, with_rules, with_rules_said};
use crate::sources::{authority, issue};
use crate::support::faulty::{Faulty, answer, json};
use crate::support::program::Workplace;
use crate::support::servers::{self, Options, PASSWORD, Version};

const NOBODY: &str = "http://127.0.0.1:9";

/// Checks a plan with this source and entry, in this environment.
fn judged(workplace: Workplace, source: &str, entry: &str, environment: &[(&str, &str)]) -> Judged {
    workplace.write("plan.yaml", plan(source, entry));
    let finished = workplace.gate_with(&["check", "plan.yaml"], environment);
    assert_ne!(finished.code, 2, "{}", finished.err);
    let criterion = found(&workplace.evidence());
    Judged {
        finished,
        criterion,
        workplace,
    }
}

fn probes(rest: &str) -> String {
    format!("{{probes: [{{{rest}}}]}}")
}

/// No alert at this Alertmanager, whose address is in the environment.
fn alerts(severity: &str, address: &str, config: &str) -> String {
    let selector = format!("{{severity=\"{severity}\"}}");
    format!(
        "{{no_alerts: {{firing: ['{selector}'], source: {{alertmanager: '{address}'{config}}}}}}}"
    )
}

#[test]
fn m19_a_probe_takes_user_info_and_hosts_from_the_environment_and_replays_in_another() {
    let server = Faulty::answering(|asked| {
        if !asked.head.contains("Basic YW5uOmh1bnRlcjJzZWNyZXQ=") {
            return answer("401 Unauthorized", "text/plain", "who are you?");
        }
        answer("200 OK", "text/plain", "fine")
    });
    let host = server.url().trim_start_matches("http://");
    let environment = [("WHO", "ann"), ("PASS", "hunter2secret"), ("HOST", host)];
    let probe = |url: &str| {
        let entry = probes(&format!("url: '{url}'"));
        let judged = judged(Workplace::new(), NOBODY, &entry, &environment);
        judged.finished.never_says("hunter2secret");
        judged
    };
    let known = probe("http://${WHO}:${PASS}@${HOST}/v?q=${PASS}");
    assert_eq!(known.criterion["name"], "http://${HOST}/v");
    known.is("met", "met", "status 200").replays();
    // The default is not used; that it looks like the end of the address must not bring it to light.
    let shown = probe("http://${WHO}:${PASS:-a/b?c}@${HOST}/v");
    assert_eq!(shown.criterion["name"], "http://${HOST}/v");
    shown.is("met", "met", "status 200");
    probe("http://${HOST}/v").is("unmet", "probe-unfit", "status 401");
}

#[test]
fn m19_a_probe_takes_http_config_and_follows_redirects_only_if_it_says_so() {
    let server = Faulty::answering(|asked| {
        if !asked.head.contains("Bearer t0ken") {
            return answer("401 Unauthorized", "text/plain", "who are you?");
        }
        if asked.head.starts_with("GET /old") {
            return answer("302 Found\r\nLocation: /new", "text/plain", "");
        }
        answer("200 OK", "text/plain", "fine")
    });
    let url = server.url();
    let probe = |path: &str, config: &str| {
        let workplace = Workplace::new();
        workplace.write("token", "t0ken\n");
        let entry = probes(&format!("url: '{url}{path}', http_config: {{{config}}}"));
        let judged = judged(workplace, NOBODY, &entry, &[("T", "t0ken")]);
        judged.finished.never_says("t0ken");
        judged
    };
    let (inline, file) = ("bearer_token: '${T}'", "bearer_token_file: token");
    probe("/v", inline).is("met", "met", "status 200").replays();
    probe("/v", file).is("met", "met", "status 200").replays();
    probe("/old", file).is("unmet", "probe-unfit", "status 302");
    let follows = format!("{file}, follow_redirects: true");
    probe("/old", &follows).is("met", "met", "status 200");
    probe("/v", "bearer_token_file: nowhere").is("unknown", "source-misconfigured", "nowhere");
}

#[test]
fn m19_a_probe_asks_for_headers_of_the_answer() {
    let server = Faulty::answering(|asked| {
        let word = asked.head.split("Bearer ").nth(1).unwrap_or_default();
        let said = word.lines().next().unwrap_or_default();
        let head = format!("200 OK\r\nAPI-Version: 1\r\nX-Zone: a\r\nX-Zone: b\r\nX-Said: {said}");
        answer(&head, "text/plain", "fine")
    });
    let url = server.url();
    let probe = |header: &str| {
        let entry = probes(&format!(
            "url: {url}, header: {header}, http_config: {{bearer_token: t0ken}}"
        ));
        let judged = judged(Workplace::new(), NOBODY, &entry, &[]);
        judged.finished.never_says("t0ken");
        judged
    };
    let right = probe("{Api-Version: \"1\", x-zone: 'a, b'}");
    assert_eq!(
        right.criterion["condition"],
        "status 200, header api-version is 1, header x-zone is a, b"
    );
    right.is("met", "met", "header api-version is 1").replays();
    let other = |header: &str, reason: &str| {
        let judged = probe(header).is("unmet", "content-unfit", reason);
        judged.replays();
    };
    other("{api-version: '2'}", "its header api-version is 1");
    other("{api-version: '10'}", "its header api-version is 1");
    other("{x-zone: a}", "its header x-zone is a, b");
    other("{x-build: '1'}", "its answer has no header x-build");
    // A server that repeats what it was sent gives nothing away.
    other("{x-said: none}", "its header x-said is ***");
}

#[test]
fn m19_a_credential_in_their_settings_keeps_the_plan_out_of_evidence() {
    let server = Faulty::answering(|_| answer("403 Forbidden", "text/plain", "no"));
    let url = server.url();
    let kept = |entry: &str| {
        // It refuses at once, where nobody would be asked again and again.
        let judged = judged(Workplace::new(), url, entry, &[("T", "t0ken")]);
        judged.workplace.files("plan.evidence", ".plan.yaml").len()
    };
    for (token, copies) in [("${T}", 1), ("t0ken", 0)] {
        let config = format!(", http_config: {{authorization: {{credentials: '{token}'}}}}");
        assert_eq!(kept(&probes(&format!("url: '{url}'{config}"))), copies);
        assert_eq!(kept(&alerts("sev1", url, &config)), copies);
        let user = url.replace("://", &format!("://{token}:{token}@"));
        assert_eq!(kept(&alerts("sev1", &user, "")), copies);
    }
}

/// An Alertmanager of many tenants: nothing fires for `shop`, something for `bank`, and others may not look.
fn tenants() -> Faulty {
    Faulty::answering(|asked| {
        let head = asked.head.to_lowercase();
        let bank = head.contains("x-scope-orgid: bank");
        if !bank && !head.contains("x-scope-orgid: shop") {
            return answer("401 Unauthorized", "text/plain", "no tenant");
        }
        if head.contains("/api/v2/status") {
            return json(r#"{"cluster":{"status":"ready"}}"#);
        }
        let firing = r#"[{"labels":{"alertname":"Down","severity":"sev1"},"startsAt":"2026-01-01T00:00:00Z","endsAt":"2100-01-01T00:00:00Z","status":{"state":"active","silencedBy":[],"inhibitedBy":[]}}]"#;
        json(if bank { firing } else { "[]" })
    })
}

#[test]
fn m19_an_alertmanager_takes_settings_and_the_environment_as_sources_do() {
    let (manager, rules) = (tenants(), with_rules_said(0, |rules| rules));
    let of = |tenant: &str| {
        let config = match tenant {
            "" => String::new(),
            tenant => format!(
                ", http_config: {{http_headers: {{X-Scope-OrgID: {{values: ['{tenant}']}}}}}}"
            ),
        };
        let entry = alerts("sev1", "${AM}", &config);
        let environment = [("AM", manager.url()), ("TENANT", "shop")];
        judged(Workplace::new(), rules.url(), &entry, &environment)
    };
    of("shop").is("met", "met", "nothing fires").replays();
    of("${TENANT}").is("met", "met", "nothing fires").replays();
    of("bank").is("unmet", "alert", "Down").replays();
    of("").is("unknown", "source-unauthorized", "401");
}

#[test]
fn m19_each_list_is_told_the_alerts_of_its_own_tenant() {
    let (manager, rules) = (tenants(), with_rules_said(0, |rules| rules));
    let asked = |tenant: &str| {
        let url = manager.url();
        format!(
            "{{firing: ['{{severity=\"sev1\"}}'], source: {{alertmanager: '{url}', http_config: {{http_headers: {{X-Scope-OrgID: {{values: [{tenant}]}}}}}}}}}}"
        )
    };
    let judged = |stop: &str, exit: &str| {
        let (stop, exit) = (asked(stop), asked(exit));
        let text = format!(
            "release: test\nsource: {}\nstages:\n  - name: pilot\n    observe: trailing\n    stop: {{alerts: {stop}}}\n    exit: {{no_alerts: {exit}}}\n",
            rules.url()
        );
        let workplace = Workplace::with_plan(&text);
        let finished = workplace.gate(&["check", "plan.yaml"]);
        let criteria = workplace.evidence()["gates"][0]["criteria"].clone();
        let outcome = |kind: &str| {
            let criteria = criteria.as_array().expect("criteria");
            let one = criteria.iter().find(|one| one["kind"] == kind).expect(kind);
            one["outcome"].as_str().expect("an outcome").to_owned()
        };
        (finished.code, outcome("alerts"), outcome("no_alerts"))
    };
    let is = |outcome: (i32, &str, &str)| (outcome.0, outcome.1.to_owned(), outcome.2.to_owned());
    assert_eq!(judged("shop", "shop"), is((0, "clear", "met")));
    assert_eq!(judged("bank", "shop"), is((4, "tripped", "met")));
    assert_eq!(judged("shop", "bank"), is((1, "clear", "unmet")));
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m19_a_probe_of_a_real_server_with_passwords_and_certificates() {
    let authority = authority();
    let (certificate, key) = issue(&authority, "127.0.0.1");
    let (client, client_key) = issue(&authority, "gate");
    let mut options = Options::tls(&certificate, &key, Some(&authority.pem()));
    let basic = Options::basic_auth("reader").web_config;
    options.web_config = options
        .web_config
        .zip(basic)
        .map(|(tls, basic)| tls + &basic);
    for version in Version::ALL {
        let server = servers::prometheus_with(version, &[], &options);
        let host = server.url().trim_start_matches("https://");
        let probe = |user: &str, rest: &str| {
            let workplace = Workplace::new();
            workplace.write("ca.pem", authority.pem());
            workplace.write("client.pem", &client);
            workplace.write("client.key", &client_key);
            let password = PASSWORD.replace(' ', "%20");
            let entry = probes(&format!(
                "url: 'https://{user}${{HOST}}/api/v1/status/buildinfo'{rest}"
            ));
            let environment = [
                ("HOST", host),
                ("PASS", password.as_str()),
                ("PLAIN", PASSWORD),
            ];
            let judged = judged(workplace, NOBODY, &entry, &environment);
            judged.finished.never_says(PASSWORD).never_says(&password);
            judged
        };
        let tls = |more: &str| {
            format!(
                ", http_config: {{tls_config: {{ca_file: ca.pem, cert_file: client.pem, key_file: client.key}}{more}}}"
            )
        };
        let said = ", header: {Content-Type: application/json}, json: {/status: success}";
        let whole = said.to_owned() + &tls("");
        probe("reader:${PASS}@", &whole)
            .is("met", "met", "/status is success")
            .replays();
        let beside = tls(", basic_auth: {username: reader, password: '${PLAIN}'}");
        probe("", &beside).is("met", "met", "status 200").replays();
        probe("", &tls("")).is("unmet", "probe-unfit", "status 401");
        probe("reader:wrong@", &tls("")).is("unmet", "probe-unfit", "status 401");
        let other = ", header: {Content-Type: text/html}".to_owned() + &tls("");
        probe("reader:${PASS}@", &other).is(
            "unmet",
            "content-unfit",
            "content-type is application/json",
        );
        probe("reader:${PASS}@", "").is("unknown", "source-tls", "UnknownIssuer");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m19_a_real_alertmanager_with_a_password() {
    let options = Options {
        config: "route: {receiver: none}\nreceivers: [{name: none}]\n".to_owned(),
        ..Options::basic_auth("reader")
    };
    let manager = servers::alertmanager_with(&options);
    let port = manager.port();
    let target = format!(
        "alerting: {{alertmanagers: [{{basic_auth: {{username: reader, password: {PASSWORD}}}, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]}}\n"
    );
    let server = with_rules(Version::V3_5, &target);
    let password = PASSWORD.replace(' ', "%20");
    let host = manager.url().trim_start_matches("http://");
    let environment = [("HOST", host), ("PASS", password.as_str())];
    let asked = |severity: &str, address: &str, config: &str| {
        let workplace = Workplace::new();
        workplace.write("password", PASSWORD);
        let entry = alerts(severity, address, config);
        let judged = judged(workplace, server.url(), &entry, &environment);
        judged.finished.never_says(PASSWORD).never_says(&password);
        judged
    };
    let beside = ", http_config: {basic_auth: {username: reader, password_file: password}}";
    until(|| asked("sev1", "http://${HOST}", beside).criterion["outcome"] == "unmet");
    asked("sev1", "http://${HOST}", beside)
        .is("unmet", "alert", "CheckoutDown")
        .replays();
    asked("sev2", "http://${HOST}", beside)
        .is("met", "met", "nothing fires")
        .replays();
    asked("sev2", "http://reader:${PASS}@${HOST}", "")
        .is("met", "met", "nothing fires")
        .replays();
    asked("sev2", "http://${HOST}", "").is("unknown", "source-unauthorized", "401");
    asked("sev2", "http://reader:wrong@${HOST}", "").is("unknown", "source-unauthorized", "401");
}
