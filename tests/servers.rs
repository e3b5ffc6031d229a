//! The servers that other tests rely on answer from the samples that they were given.

use std::fs;
use std::path::Path;

use crate::support::exposition::Series;
use crate::support::servers::{self, Options, Version};

const AT: i64 = 1_795_132_800;

fn samples() -> Vec<Series> {
    vec![Series::new(
        "answer{job=\"test\"}",
        (0..=40).map(|index| (AT - 600 + index * 15, 42.5)),
    )]
}

const QUERY: &str = "/api/v1/query?query=answer&time=1795132800";

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn prometheus_of_each_version_answers_from_its_samples() {
    for (version, word) in [(Version::V2_42, "\"2.42."), (Version::V3_5, "\"3.")] {
        let server = servers::prometheus(version, &samples());
        let (status, body) = server.get(QUERY);
        assert_eq!(status, 200);
        assert!(body.contains("[1795132800,\"42.5\"]"), "{body}");
        let (_, body) = server.get("/api/v1/status/buildinfo");
        assert!(body.contains(word), "{version:?}: {body}");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn victoria_metrics_answers_from_its_samples() {
    let server = servers::victoria_metrics(&samples());
    let (status, body) = server.get(QUERY);
    assert_eq!(status, 200);
    assert!(body.contains("\"42.5\""), "{body}");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn alertmanager_takes_alerts() {
    let server = servers::alertmanager("route: {receiver: none}\nreceivers: [{name: none}]\n");
    let (status, body) = server.get("/api/v2/status");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"version\":\"0.25"), "{body}");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_server_with_basic_auth_refuses_strangers() {
    let server = servers::prometheus_with(Version::V2_42, &[], &Options::basic_auth("gate"));
    assert_eq!(server.get(QUERY).0, 401);
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn rules_of_the_servers_folder_are_loaded() {
    let options = Options {
        config: "rule_files: [rules.yml]\n".to_owned(),
        files: vec![(
            "rules.yml".to_owned(),
            "groups: [{name: g, rules: [{alert: Always, expr: vector(1)}]}]\n".to_owned(),
        )],
        ..Options::default()
    };
    let server = servers::prometheus_with(Version::V3_5, &[], &options);
    let (_, body) = server.get("/api/v1/rules");
    assert!(body.contains("Always"), "{body}");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_dropped_server_is_gone() {
    let server = servers::prometheus(Version::V2_42, &[]);
    let folder = server.folder().to_owned();
    assert!(runs_in(&folder));
    drop(server);
    assert!(!runs_in(&folder));
    assert!(!folder.exists());
}

/// Whether a Prometheus is running in this folder. Its port would not tell: another test may have taken it by now.
fn runs_in(folder: &Path) -> bool {
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    processes.into_iter().any(|process| {
        let link = |name: &str| fs::read_link(process.path().join(name)).unwrap_or_default();
        // The kernel appends ` (deleted)` to a folder that is gone.
        let cwd = link("cwd").to_string_lossy().into_owned();
        link("exe").ends_with("prometheus") && cwd.starts_with(&*folder.to_string_lossy())
    })
}

#[test]
fn without_the_packages_fetching_fails_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let stub = folder.path().join("apt-get");
    std::fs::write(&stub, "#!/bin/sh\nexit 0\n").expect("an apt-get that knows no archive");
    let output = std::process::Command::new("bash")
        .arg("-c")
        .arg("chmod +x \"$0/apt-get\" && PATH=$0:$PATH exec bash tests/servers/fetch.sh \"$0/servers\"")
        .arg(folder.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("bash runs tests/servers/fetch.sh");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.starts_with("the test servers are missing: no archive"),
        "{errors}"
    );
}
