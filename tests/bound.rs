//! What a start and a GO are bound to can be met again: nothing is bound to what nobody knows, every refusal names a way on that is
//! there (T11), and nothing of it gives a credential away (T14).

use crate::source_fake::{Fake, ranged};
use crate::support::program::{Finished, Workplace};

const PLAN: &str = "
release: R1.0
source: { url: 'SERVER', timeout: 5sCONFIG }
kpis: { err: { query: x, unit: ratio } }
stages:
  - { name: pilot, entry: { window: 5m, kpis: { err: \"< 1%\" } }, exit: { confirmations: [lead] } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";
/// Its first stage begins without a word from anybody.
const OPEN: &str = "
release: R1.0
source: { url: '${PROMETHEUS}'CONFIG }
kpis: { err: { query: x, unit: ratio } }
stages:
  - { name: pilot, window: 5m, exit: { kpis: { err: \"< 1%\" } } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";
const LEDGER: &str = "plan.ledger.jsonl";
const START: [&str; 3] = ["start", "plan.yaml", "pilot"];
const ENTRY: [&str; 4] = ["check", "plan.yaml", "--gate", "pilot/entry"];
const EXIT: [&str; 4] = ["check", "plan.yaml", "--gate", "pilot/exit"];

fn gate(place: &Workplace, words: &[&str], environment: &[(&str, &str)]) -> Finished {
    place.gate_with(&[words, &["--by", "mara"]].concat(), environment)
}

async fn fake() -> Fake {
    Fake::start(|request| ranged(request, "0.005")).await
}

#[test]
fn t11_a_start_is_bound_to_no_variable_that_is_not_set() {
    let place = Workplace::with_plan(&OPEN.replace("CONFIG", ""));
    let refused = gate(&place, &START, &[]);
    refused.says(
        2,
        "nothing was recorded: the environment has no `PROMETHEUS`",
    );
    refused.says(
        2,
        "(default): set it as it is set for them, or pass --source",
    );
    assert!(
        !place.path().join(LEDGER).exists(),
        "something was recorded"
    );
    let with_source = [&START[..], &["--source", "http://127.0.0.1:9"]].concat();
    gate(&place, &with_source, &[]).says(0, "pilot began");

    let header = ", http_config: { http_headers: { X-Scope-OrgID: { values: ['${TENANT}'] } } }";
    let place = Workplace::with_plan(&OPEN.replace("CONFIG", header));
    let known = ("PROMETHEUS", "http://127.0.0.1:9");
    gate(&place, &START, &[known]).says(2, "the environment has no `TENANT`");
    gate(&place, &START, &[known, ("TENANT", "prod")]).says(0, "pilot began");
}

/// Prometheus moves while a stage runs, and the old one is gone.
#[tokio::test(flavor = "multi_thread")]
async fn t11_a_stage_goes_on_after_its_source_has_moved_for_good() {
    let (here, moved) = (fake().await, fake().await);
    let place = Workplace::with_plan(&OPEN.replace("CONFIG", ""));
    let (then, now) = (here.url(), moved.url());
    let before = [("PROMETHEUS", then.as_str())];
    let after = [("PROMETHEUS", now.as_str())];
    let back = ["--at", "10m", "--why", "recorded late"];
    gate(&place, &[&START[..], &back].concat(), &before).says(0, "pilot began");
    let held = gate(&place, &EXIT, &after);
    let said =
        format!("pilot was started on the source default at {then} (#1), and here that is {now}");
    held.says(3, &said);
    // Either way on that it names is one.
    held.says(
        3,
        &format!("check with --source {then}; if that is gone for good"),
    );
    gate(&place, &[&EXIT[..], &["--source", &then]].concat(), &after).says(0, "GO");
    held.says(3, "accept this check with `gate override`");
    gate(&place, &EXIT, &after).says(3, &said);
    let accept = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--why",
        "it moved",
        "--expires",
        "1h",
    ];
    gate(&place, &accept, &after).says(0, "OVERRIDDEN");
    gate(&place, &["start", "plan.yaml", "wave-1"], &after).says(0, "wave-1 began");
}

/// Another tenant of the same server is another source.
#[tokio::test(flavor = "multi_thread")]
async fn t11_whoever_asks_decides_what_is_asked() {
    let server = fake().await;
    let url = server.url();
    let with_user = url.replace("http://", "http://${T}:x@");
    for (url, config, said) in [
        (
            &url,
            "basic_auth: { username: '${T}', password: x }",
            "with the user of default, digest ",
        ),
        (
            &url,
            "http_headers: { X-Scope-OrgID: { values: ['${T}'] } }",
            "with the header X-Scope-OrgID of default, digest ",
        ),
        (
            &with_user,
            "follow_redirects: true",
            "with the user of default, digest ",
        ),
    ] {
        let config = format!(", http_config: {{ {config} }}");
        let plan = PLAN.replace("SERVER", url).replace("CONFIG", &config);
        let place = Workplace::with_plan(&plan);
        gate(&place, &ENTRY, &[("T", "staging")]).says(0, "GO");
        gate(&place, &START, &[("T", "prod")]).says(1, said);
        gate(&place, &START, &[("T", "staging")]).says(0, "pilot began");
    }
    let params = PLAN
        .replace("SERVER", &url)
        .replace("CONFIG", ", params: { tenant: '${T}' }");
    let place = Workplace::with_plan(&params);
    gate(&place, &ENTRY, &[("T", "staging")]).says(0, "GO");
    gate(&place, &START, &[("T", "prod")]).says(1, "with the parameter tenant of default, digest ");
    let probe = format!(
        "
release: R1.0
stages: [ {{ name: pilot, entry: {{ probes: [ '{url}/up?e=${{T}}' ] }} }} ]
"
    );
    let place = Workplace::with_plan(&probe);
    gate(&place, &ENTRY, &[("T", "staging")]).says(0, "GO");
    gate(&place, &START, &[("T", "prod")])
        .says(1, "with the query of probe 1 of pilot/entry, digest ");
    // A proxy is where it is shown to be.
    let through = ", http_config: { proxy_url: '${T}' }";
    let place = Workplace::with_plan(&PLAN.replace("SERVER", &url).replace("CONFIG", through));
    gate(&place, &ENTRY, &[("T", &url)]).says(0, "GO");
    gate(&place, &START, &[("T", "http://127.0.0.1:9")])
        .says(1, "through the proxy of default, digest ");
}

/// A short key is found from its digest by whoever has a list of words.
#[tokio::test(flavor = "multi_thread")]
async fn t14_no_digest_gives_a_credential_away() {
    let server = fake().await;
    for header in ["X-Api-Key", "Private-Token", "X-Auth", "X-Session-Cookie"] {
        let config = format!(
            ", http_config: {{ http_headers: {{ {header}: {{ values: ['${{K}}'] }}, X-Scope-OrgID: {{ values: ['${{K}}'] }} }} }}"
        );
        let plan = PLAN
            .replace("SERVER", &server.url())
            .replace("CONFIG", &config);
        let place = Workplace::with_plan(&plan);
        gate(&place, &ENTRY, &[("K", "hunter2")]).says(0, "GO");
        let kept = std::fs::read_to_string(place.path().join(LEDGER)).expect("a ledger");
        assert!(
            kept.contains("header X-Scope-OrgID of default=digest "),
            "{kept}"
        );
        assert!(!kept.contains(header), "{kept}");
        // `printf hunter2 | sha256sum`.
        assert!(!kept.contains("f52fbd32b2b3"), "{kept}");
    }
}

#[test]
fn t11_a_source_is_replaced_by_an_address_without_a_name() {
    let place = Workplace::with_plan(&OPEN.replace("CONFIG", ""));
    let named = [&EXIT[..], &["--source", "default=http://127.0.0.1:9"]].concat();
    gate(&place, &named, &[]).says(2, "`--source` takes an address without a name before it");
}

/// The line of a ledger as gate 0.1 wrote it.
const OLDER: &str = r#"{"schema":"gate.ledger/v1","n":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","at":"2026-11-20T00:00:00Z","by":{"name":"mara","identity_source":"given"},"plan":"plan.yaml","kind":"paused","stage":"pilot","why":"x","links":[]"#;

#[test]
fn t1_a_ledger_of_an_earlier_gate_is_named_with_the_way_out() {
    let place = Workplace::with_plan(
        &OPEN
            .replace("CONFIG", "")
            .replace("${PROMETHEUS}", "http://127.0.0.1:9"),
    );
    let seal = gate::digest::sha256_hex(&[OLDER]);
    place.write(LEDGER, format!("{OLDER},\"sha256\":\"{seal}\"}}\n"));
    let said = "line 1 is of gate 0.1, which is no longer read; look at what it stopped or signed, then move it away with its evidence";
    gate(&place, &EXIT, &[]).says(5, said);
    gate(&place, &START, &[]).says(5, said);
    place.gate(&["status", "plan.yaml"]).says(5, said);
    gate(&place, &["ledger", "plan.yaml", "repair"], &[]).says(1, said);
    // Its records speak on where they are left.
    std::fs::rename(place.path().join(LEDGER), place.path().join("old")).expect("moved");
    std::fs::create_dir(place.path().join("plan.evidence")).expect("a folder");
    let record = "plan.evidence/20261120T000000Z-stop.json";
    place.write(record, r#"{"schema":"gate.evidence/v1","verdict":"STOP"}"#);
    let unread = "it was written by another version of gate, which this one does not read";
    gate(&place, &EXIT, &[]).says(5, unread);
    gate(&place, &START, &[]).says(5, unread);
    std::fs::remove_file(place.path().join(record)).expect("moved");
    gate(&place, &START, &[]).says(0, "pilot began");
}
