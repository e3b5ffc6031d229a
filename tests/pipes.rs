//! Pipes, devices and huge files in the place of whatever a command reads are refused at once: a pipe would be waited for without
//! end, and a device has none.

use std::fs;
use std::process::Command;

use crate::support::program::Workplace;

const PLAN: &str = "release: r
stages:
  - {name: pilot, entry: {confirmations: [lead]}}
";

fn asking(source: &str) -> String {
    format!(
        "release: r\nsource: {{url: 'https://127.0.0.1:9', timeout: 2s, {source}}}\nkpis: {{e: {{query: up}}}}\nstages:\n  - {{name: pilot, window: 5m, entry: {{kpis: {{e: '< 1'}}}}}}\n"
    )
}

/// A pipe, a link to a device, and a file that is larger than anything that is read whole, none of which takes room.
fn with(plan: &str) -> Workplace {
    let workplace = Workplace::with_plan(plan);
    let path = |name: &str| workplace.path().join(name);
    let made = Command::new("mkfifo").arg(path("pipe")).status();
    assert!(made.expect("mkfifo").success());
    std::os::unix::fs::symlink("/dev/zero", path("device")).expect("a link");
    let huge = fs::File::create(path("huge")).expect("a file");
    huge.set_len(1 << 40).expect("a sparse file");
    workplace
}

const UNFIT: [(&str, &str); 3] = [
    ("pipe", "it is not a regular file"),
    ("device", "it is not a regular file"),
    ("huge", "it exceeds the"),
];

#[test]
fn t3_keys_are_read_within_bounds() {
    for (file, why) in UNFIT {
        let workplace = with(PLAN);
        let says = format!("the key {file} cannot be read: {why}");
        workplace
            .gate(&["check", "plan.yaml", "--sign", file])
            .says(5, &says);
        let attest = [
            "check",
            "plan.yaml",
            "--attest",
            "made.json",
            "--attest-key",
            file,
        ];
        workplace.gate(&attest).says(2, &says);
        let asked = PLAN.replace("[lead]", "[lead], approvals: [product]");
        workplace.write("plan.yaml", asked);
        workplace.gate(&["check", "plan.yaml"]).says(3, "HOLD");
        let approve = ["approve", "plan.yaml", "product", "--sign", file];
        workplace.gate(&approve).says(5, &says);
    }
}

#[test]
fn t3_files_that_a_plan_names_are_read_within_bounds() {
    for (file, why) in UNFIT {
        for setting in [
            format!("http_config: {{basic_auth: {{username: u, password_file: {file}}}}}"),
            format!("http_config: {{authorization: {{credentials_file: {file}}}}}"),
            format!("http_config: {{tls_config: {{ca_file: {file}}}}}"),
        ] {
            let workplace = with(&asking(&setting));
            let check = ["check", "plan.yaml", "--gate", "pilot/entry"];
            workplace.gate(&check).says(3, why);
        }
        let baseline = asking("method: auto")
            .replace("\nkpis:", &format!("\nbaseline: {{file: {file}}}\nkpis:"));
        let baseline = baseline.replace("'< 1'", "'<= baseline + 10%'");
        let workplace = with(&baseline);
        workplace.gate(&["validate", "plan.yaml"]).says(2, why);
    }
}

#[test]
fn t3_plans_are_read_within_bounds() {
    let workplace = with(PLAN);
    for file in ["pipe", "device", "huge"] {
        let finished = workplace.gate(&["validate", file]);
        assert_eq!(finished.code, 2, "{finished:?}");
    }
}
