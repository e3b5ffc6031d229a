//! `gate verify` and what it relies on: any change to evidence is found out, merely moving it does no harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{Finished, Workplace};
use crate::support::scenario;

const PLAN: &str = "release: r
signatures: {required: true, allowed: signers, roles: {product: [ada@example.com]}}
stages:
  - name: pilot
    entry: {confirmations: [lead], approvals: [product]}
";

/// The same without any word on signatures.
fn unsigned() -> String {
    let lines = PLAN.split_inclusive('\n');
    lines
        .filter(|line| !line.starts_with("signatures"))
        .collect()
}

/// One check of a plan without signatures, with a ledger.
fn checked() -> Workplace {
    let workplace = Workplace::with_plan(&unsigned());
    let check = ["check", "plan.yaml", "--at", "2026-11-20T14:00:00Z"];
    assert_eq!(workplace.gate(&check).code, 3);
    workplace
}

const STEM: &str = "plan.evidence/20261120T140000Z-hold";

fn verified(workplace: &Workplace) -> Finished {
    workplace.gate(&["verify", "plan.evidence"])
}

/// The signature of the first approval.
fn approval(workplace: &Workplace) -> PathBuf {
    let statement = workplace.files("plan.evidence", ".approval").remove(0);
    PathBuf::from(format!("{}.sig", statement.display()))
}

fn change(workplace: &Workplace, file: &str, from: &str, to: &str) {
    let path = workplace.path().join(file);
    let text = fs::read_to_string(&path).expect("a text");
    assert!(text.contains(from), "{from} in {text}");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

fn keygen(workplace: &Workplace, arguments: &[&str]) {
    let status = Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(workplace.path())
        .status();
    assert!(
        status
            .expect("ssh-keygen, of OpenSSH, has to be installed")
            .success()
    );
}

/// A new key, and a line of a file of allowed signers for it.
fn key(workplace: &Workplace, file: &str, principal: &str, passphrase: &str) -> String {
    let new = [
        "-q", "-t", "ed25519", "-C", "", "-N", passphrase, "-f", file,
    ];
    keygen(workplace, &new);
    let public = workplace.path().join(format!("{file}.pub"));
    let public = fs::read_to_string(public).expect("a key");
    format!("{principal} namespaces=\"gate,gate-approval\" {public}")
}

/// Ada's key `ada`, Eve's key `eve`, and `signers` that allows only Ada.
fn with_keys(plan: &str) -> Workplace {
    let workplace = Workplace::with_plan(plan);
    let ada = key(&workplace, "ada", "ada@example.com", "");
    key(&workplace, "eve", "eve@example.com", "");
    workplace.write("signers", ada);
    workplace
}

#[test]
fn evidence_of_every_fixture_is_recomputed_to_the_byte() {
    for scenario in scenario::all() {
        let folder = tempfile::tempdir().expect("a folder");
        let gate = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_gate"));
            command.current_dir(scenario::repository()).env_clear();
            command.args(arguments).output().expect("gate runs")
        };
        let evidence = folder.path().to_string_lossy().into_owned();
        let (plan, answers) = (scenario.plan(), scenario.answers());
        gate(&[
            "check",
            &plan,
            "--replay",
            &answers,
            "--evidence",
            &evidence,
        ]);
        let written = scenario::written(folder.path(), ".json");
        let text = fs::read_to_string(&written).expect("evidence");
        let read = gate::evidence::v1::from_json(&text).expect("evidence");
        assert_eq!(
            gate::evidence::v1::to_json(&read),
            text,
            "{}",
            scenario.name()
        );
        let output = gate(&["verify", &evidence]);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{printed}");
        assert!(printed.contains("the same to the byte"), "{printed}");
    }
}

#[test]
fn whole_evidence_holds_point_by_point() {
    let workplace = checked();
    verified(&workplace)
        .says(0, "holds schema gate.evidence/v1, written by gate")
        .says(0, "holds plan 20261120T140000Z-hold.plan.yaml is sha256")
        .says(
            0,
            "holds answers 20261120T140000Z-hold.answers.json.gz is sha256",
        )
        .says(
            0,
            "holds report 20261120T140000Z-hold.txt says what the evidence says",
        )
        .says(
            0,
            "holds ledger entry 1 of ./plan.ledger.jsonl names this evidence",
        )
        .says(0, "absent signature it is not signed")
        .says(
            0,
            "holds verdict HOLD recomputed from plan and answers (1 gate, 2 criteria)",
        )
        .says(0, "1 of 1 verified, 0 not shown, 0 off");
}

#[test]
fn evidence_that_was_moved_verifies_just_the_same() {
    let workplace = checked();
    let elsewhere = Workplace::new();
    let to = elsewhere.path().join("audit");
    fs::create_dir(&to).expect("a folder");
    for file in workplace.files("plan.evidence", "") {
        fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("copied");
    }
    elsewhere
        .gate(&["verify", "audit"])
        .says(3, "not shown ledger plan.ledger.jsonl ought to be beside")
        .says(3, "0 of 1 verified, 1 not shown, 0 off");
    let ledger = workplace.path().join("plan.ledger.jsonl");
    fs::copy(ledger, to.join("plan.ledger.jsonl")).expect("copied");
    elsewhere
        .gate(&["verify", "audit/20261120T140000Z-hold.json"])
        .says(0, "holds ledger entry 1 of audit/plan.ledger.jsonl");
}

#[test]
fn a_changed_verdict_is_recomputed_and_named() {
    let workplace = checked();
    let json = format!("{STEM}.json");
    change(
        &workplace,
        &json,
        "\"verdict\": \"HOLD\"",
        "\"verdict\": \"GO\"",
    );
    verified(&workplace)
        .says(
            1,
            "OFF verdict recomputing gives something else: the verdict is written as GO, but is HOLD",
        )
        .says(
            1,
            "OFF name 20261120T140000Z-hold.json is not named as it was written",
        )
        .says(
            1,
            "OFF ledger ./plan.ledger.jsonl: entry 1 is not the one that records the check for 2026-11-20T14:00:00Z",
        )
        .says(1, "OFF report")
        .says(1, "0 of 1 verified, 0 not shown, 1 off");
}

#[test]
fn a_changed_criterion_is_named_with_its_gate() {
    let workplace = checked();
    let json = format!("{STEM}.json");
    change(
        &workplace,
        &json,
        "\"outcome\": \"unknown\"",
        "\"outcome\": \"met\"",
    );
    verified(&workplace).says(
        1,
        "pilot/entry entry lead is written as met, but is unknown",
    );
}

#[test]
fn every_changed_file_is_named() {
    for (file, from, to, named) in [
        (
            "plan.evidence/20261120T140000Z-hold.plan.yaml",
            "[lead]",
            "[leader]",
            "OFF plan",
        ),
        (
            "plan.evidence/20261120T140000Z-hold.txt",
            "HOLD",
            "GO",
            "OFF report",
        ),
        (
            "plan.evidence/20261120T140000Z-hold.json",
            "\"notes\": []",
            "\"notes\": [\"fine\"]",
            "recomputing gives something else: /",
        ),
        (
            "plan.evidence/20261120T140000Z-hold.json",
            "\"schema\"",
            "\"mood\": 1, \"schema\"",
            "OFF schema",
        ),
        (
            "plan.ledger.jsonl",
            "tester",
            "nobody",
            "OFF ledger ./plan.ledger.jsonl: line 1 was changed",
        ),
    ] {
        let workplace = checked();
        change(&workplace, file, from, to);
        verified(&workplace).says(1, named);
    }
    let workplace = checked();
    workplace.write(&format!("{STEM}.answers.json.gz"), b"other");
    verified(&workplace).says(1, "OFF answers");
}

#[test]
fn a_ledger_whose_last_lines_were_removed_is_off() {
    let workplace = checked();
    workplace.gate(&["confirm", "plan.yaml", "lead", "--by", "Lee"]);
    let check = ["check", "plan.yaml", "--at", "2126-11-20T14:00:00Z"];
    workplace.gate(&check);
    let ledger = workplace.path().join("plan.ledger.jsonl");
    let text = fs::read_to_string(&ledger).expect("a ledger");
    let first = text.lines().next().expect("a line");
    fs::write(&ledger, format!("{first}\n")).expect("written");
    verified(&workplace)
        .says(
            1,
            "the ledger was set back: 3 entries were seen at 2126-11-20T14:00:00Z, 1 is left",
        )
        .says(1, "1 of 2 verified, 0 not shown, 1 off");
}

#[test]
fn what_was_left_out_is_not_shown() {
    let workplace = Workplace::with_plan(&unsigned());
    workplace.gate(&["check", "plan.yaml", "--no-answers"]);
    verified(&workplace)
        .says(3, "not shown answers left out: --no-answers was given")
        .says(
            3,
            "not shown verdict cannot be recomputed: the answers were left out",
        );
    let secret = unsigned().replace("release: r", "release: r # http://u:hunter2@h");
    let workplace = Workplace::with_plan(&secret);
    workplace
        .gate(&["check", "plan.yaml"])
        .says(3, "plan not kept: line 1 holds the user info of an address");
    assert!(workplace.files("plan.evidence", ".plan.yaml").is_empty());
    verified(&workplace)
        .says(3, "not shown plan left out: line 1 holds the user info")
        .never_says("hunter2");
}

#[test]
fn answers_that_are_gone_are_not_shown() {
    let workplace = checked();
    fs::remove_file(workplace.path().join(format!("{STEM}.answers.json.gz"))).expect("removed");
    verified(&workplace)
        .says(3, "not shown answers")
        .says(3, "not shown verdict cannot be recomputed");
}

#[test]
fn a_changed_artifact_is_off_and_a_missing_one_is_reported() {
    let plan = unsigned().replace("approvals: [product]", "artifacts: [sbom.json]");
    let workplace = Workplace::with_plan(&plan);
    workplace.write("sbom.json", "{}");
    workplace.gate(&["check", "plan.yaml"]);
    verified(&workplace).says(0, "holds artifact sbom.json is sha256");
    workplace.write("sbom.json", "[]");
    verified(&workplace).says(1, "OFF artifact sbom.json is sha256");
    fs::remove_file(workplace.path().join("sbom.json")).expect("removed");
    verified(&workplace).says(0, "absent artifact sbom.json is missing; it was sha256");
}

#[test]
fn names_that_lead_elsewhere_are_not_followed() {
    let workplace = checked();
    let json = format!("{STEM}.json");
    change(
        &workplace,
        &json,
        "\"copy\": \"",
        "\"copy\": \"../plan.evidence/",
    );
    verified(&workplace)
        .says(1, "OFF plan")
        .says(1, "is not the name of a file beside it");
}

#[test]
fn what_is_not_evidence_is_wrong_usage_or_off() {
    let workplace = Workplace::new();
    workplace
        .gate(&["verify", "nowhere"])
        .says(2, "nothing was verified: nowhere");
    workplace
        .gate(&["verify", "."])
        .says(2, "nothing was verified: the folder . holds no evidence");
    workplace.write("x.json", "{}");
    workplace
        .gate(&["verify", "x.json"])
        .says(1, "OFF schema this is not evidence: its schema is missing");
}

#[test]
fn a_signature_is_one_that_plain_ssh_keygen_accepts() {
    let workplace = with_keys(PLAN);
    let check = [
        "check",
        "plan.yaml",
        "--at",
        "2026-11-20T14:00:00Z",
        "--sign",
        "ada",
    ];
    assert_eq!(workplace.gate(&check).code, 3);
    let signed = fs::File::open(workplace.path().join(format!("{STEM}.json"))).expect("evidence");
    let signature = format!("{STEM}.json.sig");
    let output = Command::new("ssh-keygen")
        .args([
            "-Y",
            "verify",
            "-n",
            "gate",
            "-f",
            "signers",
            "-I",
            "ada@example.com",
            "-s",
        ])
        .arg(signature)
        .stdin(signed)
        .current_dir(workplace.path())
        .output()
        .expect("ssh-keygen");
    assert!(output.status.success(), "{output:?}");
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(0, "holds signature signed by ada@example.com with SHA256:");
    workplace.gate(&["verify", "plan.evidence"]).says(
        3,
        "without --allowed-signers nobody knows whose key that is",
    );
}

/// A check whose signature is gone.
fn checked_and_unsigned(workplace: &Workplace) {
    let check = ["check", "plan.yaml", "--at", "2026-11-20T14:00:00Z"];
    workplace.gate(&[&check[..], &["--sign", "ada"]].concat());
    let signature = workplace.path().join(format!("{STEM}.json.sig"));
    fs::remove_file(signature).expect("a signature");
}

#[test]
fn a_signature_of_plain_ssh_keygen_is_accepted() {
    let workplace = with_keys(PLAN);
    checked_and_unsigned(&workplace);
    workplace.gate(&["verify", "plan.evidence"]).says(
        1,
        "OFF signature the plan requires signatures, but there is no 20261120T140000Z-hold.json.sig",
    );
    let json = format!("{STEM}.json");
    keygen(
        &workplace,
        &["-q", "-Y", "sign", "-n", "gate", "-f", "ada", &json],
    );
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(0, "signed by ada@example.com");
}

#[test]
fn a_signature_by_somebody_else_or_for_something_else_is_off() {
    for arguments in [["-n", "gate", "-f", "eve"], ["-n", "file", "-f", "ada"]] {
        let workplace = with_keys(PLAN);
        checked_and_unsigned(&workplace);
        let json = format!("{STEM}.json");
        let mut sign = vec!["-q", "-Y", "sign"];
        sign.extend(arguments);
        sign.push(&json);
        keygen(&workplace, &sign);
        workplace
            .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
            .says(1, "OFF signature");
    }
    let workplace = with_keys(PLAN);
    workplace.gate(&[
        "check",
        "plan.yaml",
        "--at",
        "2026-11-20T14:00:00Z",
        "--sign",
        "ada",
    ]);
    let json = format!("{STEM}.json");
    change(&workplace, &json, "\"met\": 0", "\"met\": 1");
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(1, "OFF signature");
}

#[test]
fn unsigned_evidence_does_not_pass_if_signers_are_named() {
    let workplace = checked();
    workplace.write("signers", "");
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(3, "not shown signature it is not signed");
}

#[test]
fn an_encrypted_key_asks_for_its_passphrase() {
    let workplace = Workplace::with_plan(PLAN);
    workplace.write(
        "signers",
        key(&workplace, "ada", "ada@example.com", "open sesame"),
    );
    workplace.write("ask", "#!/bin/sh\necho open sesame\n");
    let ask = workplace.path().join("ask");
    let mode = Command::new("chmod").arg("+x").arg(&ask).status();
    assert!(mode.expect("chmod").success());
    let ask = ask.to_string_lossy().into_owned();
    let asking = [
        ("SSH_ASKPASS", ask.as_str()),
        ("SSH_ASKPASS_REQUIRE", "force"),
    ];
    let check = [
        "check",
        "plan.yaml",
        "--at",
        "2026-11-20T14:00:00Z",
        "--sign",
        "ada",
    ];
    assert_eq!(workplace.gate_with(&check, &asking).code, 3);
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(0, "signed by ada@example.com");
    // With nobody to ask there is no signature, and so no verdict.
    let wrong = [
        ("SSH_ASKPASS", "/bin/false"),
        ("SSH_ASKPASS_REQUIRE", "force"),
    ];
    workplace.gate_with(&check, &wrong).says(
        5,
        "no verdict was reached: `ssh-keygen` made no signature with the key ada",
    );
}

#[test]
fn an_agent_signs_with_a_key_that_has_no_file() {
    let workplace = with_keys(PLAN);
    let gate = env!("CARGO_BIN_EXE_gate");
    let script = format!(
        "ssh-add -q ada && rm ada && '{gate}' check plan.yaml --at 2026-11-20T14:00:00Z --sign ada.pub"
    );
    let output = Command::new("ssh-agent")
        .args(["sh", "-c", &script])
        .current_dir(workplace.path())
        .output()
        .expect("ssh-agent, of OpenSSH, has to be installed");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(0, "signed by ada@example.com");
}

#[test]
fn without_the_key_nothing_is_judged() {
    let workplace = with_keys(PLAN);
    workplace
        .gate(&["check", "plan.yaml", "--sign", "nobody"])
        .says(5, "no verdict was reached: the key nobody cannot be read");
    assert!(workplace.files("plan.evidence", "").is_empty());
    workplace
        .gate_with(
            &["check", "plan.yaml", "--sign", "ada"],
            &[("PATH", "/nonexistent")],
        )
        .says(5, "no verdict was reached: `ssh-keygen` cannot be run");
}

#[test]
fn an_approval_is_signed_in_its_role() {
    // Nobody signs for what lacks more than approvals.
    let workplace = with_keys(&PLAN.replace("confirmations: [lead], ", ""));
    workplace.gate(&["check", "plan.yaml", "--sign", "ada"]);
    let approve = [
        "approve",
        "plan.yaml",
        "product",
        "--by",
        "ada@example.com",
        "--sign",
    ];
    let approved = workplace.gate(&[&approve[..], &["ada"]].concat());
    approved
        .says(0, "signature: ./plan.evidence/")
        .says(0, "-hold.json.product.");
    let verify = ["verify", "plan.evidence", "--allowed-signers", "signers"];
    workplace
        .gate(&verify)
        .says(0, "in the role product: signed by ada@example.com");
    // Somebody whom the plan does not name for the role.
    fs::remove_file(approval(&workplace)).expect("removed");
    let eve = fs::read_to_string(workplace.path().join("eve.pub")).expect("a key");
    let ada = fs::read_to_string(workplace.path().join("signers")).expect("signers");
    workplace.write("signers", format!("{ada}eve@example.com {eve}"));
    let statement = approval(&workplace).with_extension("");
    let statement = statement.to_string_lossy();
    let sign = [
        "-q",
        "-Y",
        "sign",
        "-n",
        "gate-approval",
        "-f",
        "eve",
        &statement,
    ];
    keygen(&workplace, &sign);
    workplace.gate(&verify).says(
        1,
        "OFF signature in the role product: it was made with the key of eve@example.com",
    );
}

#[test]
fn an_approval_without_a_signature_is_not_recorded_if_one_is_required() {
    let workplace = Workplace::with_plan(PLAN);
    workplace.gate(&["check", "plan.yaml", "--at", "2026-11-20T14:00:00Z"]);
    workplace
        .gate(&["approve", "plan.yaml", "product", "--by", "Ada"])
        .says(
            2,
            "nothing was recorded: the plan requires signed approvals",
        );
}

#[test]
fn an_approval_that_counts_must_be_signed() {
    let plan = PLAN.replace("confirmations: [lead], ", "");
    let workplace = with_keys(&plan);
    let sign = ["--sign", "ada"];
    workplace.gate(&[&["check", "plan.yaml"][..], &sign].concat());
    let approve = ["approve", "plan.yaml", "product", "--by", "ada@example.com"];
    assert_eq!(workplace.gate(&[&approve[..], &sign].concat()).code, 0);
    assert_eq!(
        workplace
            .gate(&[&["check", "plan.yaml"][..], &sign].concat())
            .code,
        0
    );
    let verify = ["verify", "plan.evidence", "--allowed-signers", "signers"];
    workplace.gate(&verify).says(0, "2 of 2 verified");
    // The GO rests on the approval of the earlier evidence: without its signature it is off, with another one too.
    let signature = approval(&workplace);
    let kept = fs::read(&signature).expect("a signature");
    fs::remove_file(&signature).expect("removed");
    workplace
        .gate(&verify)
        .says(
            1,
            "the plan requires signatures, but the approval as product has none that counts: there is no",
        )
        .says(1, "0 of 2 verified, 0 not shown, 2 off");
    fs::write(&signature, kept).expect("written");
    fs::rename(
        workplace.path().join("plan.ledger.jsonl"),
        workplace.path().join("gone"),
    )
    .expect("moved");
    workplace.gate(&verify).says(
        3,
        "the approval as product is in the ledger, which is not available",
    );
}

#[test]
fn a_refused_approval_leaves_no_signature() {
    let workplace = with_keys(PLAN);
    checked_and_unsigned(&workplace);
    change(
        &workplace,
        &format!("{STEM}.json"),
        "\"met\": 0",
        "\"met\": 1",
    );
    workplace
        .gate(&[
            "approve",
            "plan.yaml",
            "product",
            "--by",
            "Ada",
            "--sign",
            "ada",
        ])
        .says(5, "entry 1 names another record of that name");
    assert!(workplace.files("plan.evidence", ".sig").is_empty());
    assert!(workplace.files("plan.evidence", ".approval").is_empty());
}

#[test]
fn a_replay_writes_the_same_bytes_and_the_plan_too() {
    let workplace = checked();
    let answers = format!("{STEM}.answers.json.gz");
    workplace.gate(&[
        "check",
        "plan.yaml",
        "--replay",
        &answers,
        "--evidence",
        "again",
    ]);
    let names = |folder: &str| -> Vec<PathBuf> { workplace.files(folder, "") };
    let (first, second) = (names("plan.evidence"), names("again"));
    assert_eq!(first.len(), 4);
    for (first, second) in first.iter().zip(&second) {
        let read = |path: &Path| fs::read(path).expect("a file");
        assert_eq!(first.file_name(), second.file_name());
        assert_eq!(read(first), read(second), "{}", first.display());
    }
}
