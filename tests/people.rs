//! What people do, through the program: each command accepted, refused and misused; and `gate check` with the ledger.

use std::fs;
use std::process::Command;

use crate::support::program::{Finished, Workplace};
use serde_json::Value;

/// Only people are asked: no server is needed.
const PLAN: &str = r#"
release: R1.0
checklists: { readiness: [{ id: tested, text: Tested, owner: "@qa" }, { id: rehearsed, text: Rehearsed }] }
rollback: [{ do: Disable the flag, owner: "@operations" }, { do: Revert }]
stages:
  - name: pilot
    entry: { checklists: [readiness] }
    stop: { incidents: { open: [sev1] } }
    exit: { no_incidents: { open: [sev2] }, confirmations: [warehouse-lead] }
    recovery: { confirmations: [well-again] }
  - name: wave-1
    entry: { approvals: { roles: [operations, product], distinct: true } }
    exit: { confirmations: [warehouse-lead] }
"#;

struct Rollout(Workplace);

impl Rollout {
    fn new() -> Self {
        Self(Workplace::with_plan(PLAN))
    }

    /// Types `gate VERB plan.yaml …` as the tester, whose machine has no git user.
    fn gate(&self, verb: &str, words: &[&str]) -> Finished {
        self.gate_as(verb, words, &[])
    }

    fn gate_as(&self, verb: &str, words: &[&str], environment: &[(&str, &str)]) -> Finished {
        let arguments = [&[verb, "plan.yaml"], words].concat();
        let environment = [&[("GIT_CONFIG_NOSYSTEM", "1")], environment].concat();
        self.0.gate_with(&arguments, &environment)
    }

    fn checked(&self, gate: &str) -> Finished {
        self.gate("check", &["--gate", gate])
    }

    /// The entries of the ledger.
    fn entries(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.0.path().join("plan.ledger.jsonl"));
        let text = text.unwrap_or_default();
        let entry = |line: &str| serde_json::from_str(line).expect("an entry");
        text.lines().map(entry).collect()
    }

    fn last(&self) -> Value {
        self.entries().pop().expect("an entry")
    }

    /// With the pilot begun, its entry gate satisfied.
    fn in_the_pilot() -> Self {
        let rollout = Self::new();
        rollout
            .gate("confirm", &["tested", "rehearsed"])
            .says(0, "next: gate check plan.yaml --gate pilot/entry");
        rollout.checked("pilot/entry").says(0, "GO pilot/entry");
        rollout.gate("start", &["pilot"]).says(0, "pilot began");
        rollout
    }
}

#[test]
fn start() {
    let rollout = Rollout::new();
    rollout
        .gate("start", &["pilot"])
        .says(1, "nothing was recorded: pilot cannot begin");
    rollout
        .gate("start", &["pilto"])
        .says(2, "no stage `pilto`");
    assert!(rollout.entries().is_empty(), "a refusal is not recorded");
    let begun = Rollout::in_the_pilot();
    assert_eq!(begun.last()["kind"], "started");
    begun
        .gate("start", &["pilot"])
        .says(1, "pilot has already begun");
    begun
        .gate(
            "start",
            &["wave-1", "--override", "--why", "the date is fixed"],
        )
        .says(0, "OVERRIDDEN: no check of pilot/exit is recorded");
    assert_eq!(begun.last()["overridden"], true);
}

#[test]
fn confirm() {
    let rollout = Rollout::new();
    rollout.gate("confirm", &["readiness/tested"]).says(
        0,
        "recorded #1 by tester (login): readiness/tested of pilot confirmed",
    );
    rollout
        .gate("confirm", &["tested", "--no", "--why", "it crashed"])
        .says(0, "the gate that asks for it is NO-GO");
    rollout.checked("pilot/entry").says(1, "NO-GO pilot/entry");
    rollout
        .gate("confirm", &["tested", "--revoke"])
        .says(0, "taken back");
    rollout.checked("pilot/entry").says(3, "HOLD pilot/entry");
    rollout
        .gate("confirm", &["tested", "--revoke"])
        .says(1, "no answer to readiness/tested");
    rollout
        .gate("confirm", &["nonsense"])
        .says(2, "pilot asks for readiness/tested");
}

#[test]
fn approve() {
    let rollout = Rollout::in_the_pilot();
    let approve = |role: &str, by: &str| rollout.gate("approve", &[role, "--by", by]);
    // It is judged before it is signed: pilot was not left yet.
    approve("product", "Ada")
        .says(1, "wave-1/entry is judged before it is signed")
        .says(1, "apart from approvals in check #");
    approve("marketing", "Ada").says(2, "no gate asks for `marketing`");
    rollout
        .gate("confirm", &["warehouse-lead"])
        .says(0, "confirmed");
    rollout
        .gate("check", &[])
        .says(0, "GO pilot/exit")
        .says(0, "HOLD wave-1/entry");
    // So far its entry was an outlook, which nobody can sign: it is judged first.
    approve("product", "Ada")
        .says(0, "wave-1/entry is judged before it is signed")
        .says(0, "which is GO apart from approvals");
    let entries = rollout.entries().len();
    approve("product", "Ada").says(0, "product was signed for wave-1/entry already by Ada");
    assert_eq!(rollout.entries().len(), entries);
    approve("operations", "ada").says(1, "distinct people");
    approve("operations", "Lin").says(0, "next: gate check plan.yaml --gate wave-1/entry");
    rollout.checked("wave-1/entry").says(0, "GO wave-1/entry");
    rollout
        .gate("approve", &["product", "--revoke"])
        .says(0, "is taken back");
    rollout.checked("wave-1/entry").says(3, "HOLD wave-1/entry");
}

#[test]
fn an_approval_of_a_file_is_for_that_file() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("confirm", &["warehouse-lead"]);
    let before = ["--before", "wave-1"];
    rollout.gate("check", &before).says(3, "HOLD wave-1/entry");
    let evidence = rollout.last()["evidence_path"].clone();
    let evidence = evidence.as_str().expect("a path");
    let approve = |file: &str| rollout.gate("approve", &["product", "--evidence", file]);
    approve(evidence).says(0, "product signed for wave-1/entry");
    approve("plan.yaml").says(1, "not the evidence of a recorded check");
    approve("nowhere.json").says(2, "cannot be read");
}

#[test]
fn incidents() {
    let rollout = Rollout::in_the_pilot();
    let open = |severity: &str| {
        let words = [
            "open",
            "--severity",
            severity,
            "--description",
            "nothing prints",
        ];
        rollout.gate("incident", &words)
    };
    open("terrible").says(2, "the plan names sev1, sev2");
    open("sev2").says(0, "INC-1 is open: sev2: nothing prints");
    rollout.checked("pilot/exit").says(1, "INC-1 (sev2)");
    rollout
        .gate(
            "incident",
            &["update", "INC-1", "--severity", "sev1", "--owner", "@ops"],
        )
        .says(0, "INC-1 has changed: severity: sev1, owner: @ops");
    rollout.checked("pilot/exit").says(4, "STOP pilot/exit");
    rollout
        .gate("incident", &["list"])
        .says(0, "INC-1 sev1 (sev2 until ");
    rollout
        .gate("incident", &["close", "INC-2", "--why", "mended"])
        .says(1, "there are INC-1");
    rollout
        .gate("incident", &["close", "INC-1", "--why", "mended"])
        .says(0, "no incident is open");
    rollout
        .gate("incident", &["list"])
        .says(0, "no incident is open");
    rollout
        .gate("incident", &["list", "--all"])
        .says(0, "closed");
    rollout
        .checked("pilot/exit")
        .says(4, "STOP pilot/exit")
        .says(4, "tripped at");
    rollout
        .gate("resume", &["--why", "printer replaced"])
        .says(0, "is lifted: stops are judged again from now on")
        .never_says("still open");
    rollout.checked("pilot/exit").says(3, "HOLD pilot/exit");
}

#[test]
fn pause_and_resume() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("pause", &[]).says(2, "needs a reason");
    rollout
        .gate("resume", &["--why", "x"])
        .says(1, "nothing to resume");
    rollout
        .gate(
            "pause",
            &[
                "--why",
                "peak",
                "--link",
                "https://me:s3cret@chat.example.com/1",
            ],
        )
        .says(0, "pilot is paused");
    let links = rollout.last()["links"].to_string();
    assert_eq!(links, r#"["https://chat.example.com/1"]"#);
    rollout
        .gate("pause", &["--why", "x"])
        .says(0, "already paused");
    rollout.gate("confirm", &["warehouse-lead"]);
    rollout.checked("pilot/exit").says(3, "paused by tester");
    rollout
        .gate("resume", &["--why", "peak is over"])
        .says(0, "pilot goes on");
    rollout.checked("pilot/exit").says(0, "GO pilot/exit");
}

#[test]
fn rollback() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("rollback", &[]).says(2, "needs a reason");
    rollout
        .gate("rollback", &["--why", "broken", "--done", "9"])
        .says(2, "has no step 9");
    rollout
        .gate("rollback", &["--why", "broken", "--done", "1=@operations"])
        .says(0, "step 2: open: Revert")
        .says(0, "next: gate rollback plan.yaml --stage pilot --done 2");
    rollout
        .gate("rollback", &["--why", "again"])
        .says(0, "already rolled back");
    rollout
        .gate("check", &[])
        .says(3, "HOLD pilot/recovery")
        .says(3, "rolled back by tester");
    rollout
        .gate("rollback", &["--done", "2"])
        .says(0, "next: gate check plan.yaml --gate pilot/recovery");
    rollout
        .gate("confirm", &["well-again"])
        .says(0, "confirmed");
    rollout
        .checked("pilot/recovery")
        .says(0, "GO pilot/recovery");
    rollout
        .gate("resume", &["--why", "1.0.1"])
        .says(0, "its window restarts");
}

#[test]
fn l11_a_rollback_is_a_case() {
    let rollout = Rollout::in_the_pilot();
    rollout.0.write("lsn.txt", "0/16B3748\n");
    let refused = |words: &[&str], code: i32, reason: &str| {
        let entries = rollout.entries().len();
        rollout.gate("rollback", words).says(code, reason);
        assert_eq!(rollout.entries().len(), entries);
    };
    refused(&["--why", "x", "--done", "9"], 2, "has no step 9");
    refused(&["--why", "x", "--option", "flag"], 2, "has no options");
    refused(
        &["--why", "x", "--file", "none.txt"],
        2,
        "the file none.txt cannot be read",
    );
    refused(&["--why", "x", "--file", "."], 2, "it is a folder");
    refused(
        &["--why", "x", "--cause", "password=hunter22secret"],
        2,
        "--cause holds",
    );
    let words = [
        "--why",
        "no labels",
        "--done",
        "1",
        "--took",
        "12m",
        "--not-needed",
        "2",
        "--cause",
        "the font is missing",
        "--file",
        "lsn.txt",
    ];
    rollout
        .gate("rollback", &words)
        .says(0, "step 1: done: Disable the flag")
        .says(0, "step 2: not needed: Revert")
        .says(0, "next: gate check plan.yaml --gate pilot/recovery");
    let last = rollout.last();
    assert_eq!(last["files"][0]["path"], "lsn.txt");
    assert_eq!(last["files"][0]["bytes"], 10);
    assert_eq!(last["steps"][0]["took"], "12m");
    assert_eq!(last["steps"][1]["state"], "not-needed");
    rollout
        .gate("rollback", &["--fix", "fonts installed"])
        .says(0, "rollback of pilot, fix");
    assert_eq!(rollout.last()["kind"], "rollback-updated");
    rollout.checked("pilot/recovery").says(3, "HOLD");
    let case = ["report", "plan.evidence", "--format", "rollback"];
    rollout
        .0
        .gate(&case)
        .says(0, "Rollback 1: pilot")
        .says(0, "by hand: ")
        .says(0, "the font is missing")
        .says(0, "fonts installed")
        .says(0, "lsn.txt")
        .says(0, "NOT SHOWN");
    rollout
        .gate("confirm", &["well-again"])
        .says(0, "confirmed");
    rollout.checked("pilot/recovery").says(0, "GO");
    rollout
        .0
        .gate(&case)
        .says(0, "the conditions of pilot/recovery have held since");
    let page = ["report", "plan.evidence", "--format", "rollback-html"];
    rollout.0.gate(&page).says(0, "<h1>");
    rollout
        .gate("resume", &["--why", "fonts"])
        .says(0, "goes on");
    rollout
        .gate(
            "rollback",
            &["--update", "--cause", "the image lacked them"],
        )
        .says(0, "rollback of pilot, cause");
    let rolled_back = rollout.entries();
    let rolled_back = rolled_back
        .iter()
        .filter(|one| one["kind"] == "rolled-back");
    assert_eq!(rolled_back.count(), 1);
}

#[test]
fn l5_a_list_is_confirmed_in_one_go_and_what_does_not_apply_is_shown() {
    let rollout = Rollout::new();
    rollout
        .gate(
            "confirm",
            &[
                "rehearsed",
                "--not-applicable",
                "--why",
                "nothing to rehearse",
            ],
        )
        .says(0, "readiness/rehearsed of pilot answered as not applicable");
    rollout
        .gate("confirm", &["readiness", "--all"])
        .says(0, "readiness/tested of pilot confirmed");
    let entries = rollout.entries().len();
    rollout
        .gate("confirm", &["tested"])
        .says(0, "readiness/tested of pilot was confirmed by tester")
        .says(0, "already (#2)");
    assert_eq!(rollout.entries().len(), entries);
    let shown = "not applicable: nothing to rehearse (tester at";
    rollout.checked("pilot/entry").says(0, shown);
    for kind in ["html", "markdown", "junit", "github"] {
        let report = ["report", "plan.evidence", "--last", "--format", kind];
        rollout
            .0
            .gate(&report)
            .says(0, "not applicable: nothing to rehearse");
    }
    let handover = ["report", "plan.evidence", "--format", "handover"];
    rollout
        .0
        .gate(&handover)
        .says(0, "pilot: readiness/rehearsed (Rehearsed)");
    let ledger = rollout.0.gate(&["ledger", "plan.yaml"]);
    ledger.says(0, "answered that readiness/rehearsed does not");
}

#[test]
fn an_override_counts_only_if_overrides_are_accepted() {
    let rollout = Rollout::in_the_pilot();
    let overrule = |gate: &str| {
        rollout.gate(
            "override",
            &[gate, "--expires", "24h", "--why", "the lead is ill"],
        )
    };
    overrule("pilot/exit").says(1, "no check of pilot/exit is recorded");
    overrule("pilot/leave").says(2, "does not name a gate");
    rollout.checked("pilot/exit").says(3, "HOLD pilot/exit");
    overrule("pilot/exit").says(0, "is OVERRIDDEN until");
    rollout.checked("pilot/exit").says(3, "OVERRIDDEN");
    let accepting = ["--gate", "pilot/exit", "--accept-overrides"];
    rollout
        .gate("check", &accepting)
        .says(0, "HOLD")
        .says(0, "OVERRIDDEN");
    rollout
        .gate("check", &["--before", "wave-1", "--accept-overrides"])
        .says(3, "HOLD wave-1/entry");
    rollout.gate(
        "incident",
        &["open", "--severity", "sev1", "--description", "fire"],
    );
    rollout.gate("check", &accepting).says(4, "STOP");
    overrule("pilot/exit").says(1, "nobody can override");
}

#[test]
fn notes() {
    let rollout = Rollout::new();
    rollout
        .gate("note", &["all quiet"])
        .says(0, "a note: all quiet");
    rollout.gate("note", &[""]).says(2, "says nothing");
    rollout
        .gate("note", &["all quiet", "--checkpoint"])
        .says(1, "no stage has begun");
    let running = Rollout::in_the_pilot();
    running
        .gate("note", &["all quiet", "--checkpoint"])
        .says(0, "it is day 1 since the start");
}

#[test]
fn the_name_is_given_or_from_git_or_ci_or_the_login() {
    let rollout = Rollout::new();
    let by = |words: &[&str], environment: &[(&str, &str)]| {
        let words = [&["hello"], words].concat();
        let finished = rollout.gate_as("note", &words, environment);
        assert_eq!(finished.code, 0, "{}", finished.err);
        let by = rollout.last()["by"].clone();
        format!("{} {}", by["name"], by["identity_source"])
    };
    let ci = [("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", "octocat")];
    assert_eq!(by(&[], &[]), r#""tester" "login""#);
    assert_eq!(by(&[], &ci), r#""octocat" "ci""#);
    let git = |words: &[&str]| {
        let status = Command::new("git")
            .current_dir(rollout.0.path())
            .args(words)
            .status();
        assert!(status.expect("git runs").success());
    };
    git(&["init", "--quiet"]);
    git(&["config", "user.name", "Ada"]);
    git(&["config", "user.email", "ada@example.com"]);
    assert_eq!(by(&[], &ci), r#""Ada <ada@example.com>" "git""#);
    assert_eq!(by(&["--by", " @lin "], &ci), r#""@lin" "given""#);
    rollout
        .gate("note", &["hello", "--by", " "])
        .says(2, "nobody is named");
}

#[test]
fn a_check_records_itself_before_it_is_printed() {
    let rollout = Rollout::new();
    rollout.checked("pilot/entry").says(3, "HOLD");
    let entry = rollout.last();
    assert_eq!(
        (&entry["kind"], &entry["verdict"]),
        (&"checked".into(), &"HOLD".into())
    );
    let path = rollout
        .0
        .path()
        .join(entry["evidence_path"].as_str().expect("a path"));
    let digest = gate::digest::sha256_hex(&[fs::read(path).expect("evidence")]);
    assert_eq!(entry["evidence_sha256"], digest.as_str());
    let evidence = rollout.0.evidence();
    assert_eq!(evidence["ledger"]["entries"], 0);
    rollout.gate("check", &["--by", "Ada"]);
    assert_eq!(rollout.last()["by"]["name"], "Ada");
}

#[test]
fn without_the_ledger_nothing_is_read_or_written() {
    let rollout = Rollout::new();
    rollout
        .gate("check", &["--gate", "pilot/entry", "--no-ledger"])
        .says(3, "gate confirm plan.yaml");
    assert!(rollout.0.files(".", ".ledger.jsonl").is_empty());
    rollout.gate("confirm", &["tested", "rehearsed"]);
    rollout.checked("pilot/entry").says(0, "GO");
    let entries = rollout.entries();
    rollout
        .gate("check", &["--gate", "pilot/entry", "--no-ledger"])
        .says(3, "HOLD");
    assert_eq!(rollout.entries(), entries);
}

#[test]
fn a_broken_ledger_lets_nothing_be_judged_or_recorded() {
    let rollout = Rollout::in_the_pilot();
    let path = rollout.0.path().join("plan.ledger.jsonl");
    let whole = fs::read_to_string(&path).expect("a ledger");
    let flipped = whole.replacen("tested", "jested", 1);
    let torn = &whole[..whole.len() - 9];
    for (text, damage) in [(flipped.as_str(), "line 1 was changed"), (torn, "is torn")] {
        fs::write(&path, text).expect("a ledger");
        rollout
            .gate("check", &[])
            .says(5, "no verdict was reached: the ledger")
            .says(5, damage)
            .says(5, "--no-ledger");
        rollout
            .gate("note", &["hello"])
            .says(5, "nothing was recorded: the ledger")
            .says(5, damage);
        assert_eq!(fs::read_to_string(&path).expect("a ledger"), text);
    }
    assert!(
        rollout.0.files("plan.evidence", "hold.json").is_empty(),
        "no evidence is left"
    );
}

#[test]
fn evidence_that_lies_elsewhere_is_found_from_anywhere() {
    let rollout = Rollout::new();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let folder = elsewhere.path().to_string_lossy().into_owned();
    rollout.gate("check", &["--evidence", &folder]);
    let path = rollout.last()["evidence_path"].clone();
    let path = std::path::PathBuf::from(path.as_str().expect("a path"));
    assert!(path.is_absolute() && path.exists(), "{}", path.display());
}

#[test]
fn a_ledger_that_cannot_be_written_is_found_before_anything_is_judged() {
    let rollout = Rollout::new();
    fs::create_dir(rollout.0.path().join("plan.ledger.jsonl")).expect("a folder");
    rollout
        .gate("check", &[])
        .says(5, "no verdict was reached: the ledger")
        .says(5, "--no-ledger");
    rollout
        .gate("note", &["hello"])
        .says(5, "nothing was recorded");
    assert!(rollout.0.files("plan.evidence", "").is_empty());
}

#[test]
fn with_a_wrong_plan_nothing_is_recorded() {
    let rollout = Rollout::new();
    rollout.0.write("plan.yaml", "release: R1.0\n");
    rollout
        .gate("note", &["hello"])
        .says(2, "nothing was recorded: the plan plan.yaml has 1 error")
        .never_says("no verdict was reached");
}

#[test]
fn an_earlier_time_knows_nothing_of_what_was_recorded_later() {
    let rollout = Rollout::new();
    rollout.gate("confirm", &["tested", "rehearsed"]);
    rollout.checked("pilot/entry").says(0, "GO");
    rollout
        .gate("check", &["--gate", "pilot/entry", "--at", "1h"])
        .says(3, "HOLD pilot/entry");
}

#[test]
fn judging_again_takes_the_ledger_from_the_recording() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("check", &[]).says(3, "HOLD pilot/exit");
    let evidence = rollout.last()["evidence_path"]
        .as_str()
        .expect("a path")
        .to_owned();
    let answers = evidence.replace(".json", ".answers.json.gz");
    // Whatever happened to the ledger since, it is not looked at.
    rollout.gate("confirm", &["warehouse-lead", "--no", "--stage", "pilot"]);
    let ledger = rollout.0.path().join("plan.ledger.jsonl");
    let entries = fs::read(&ledger).expect("a ledger");
    fs::write(&ledger, "not a ledger").expect("a file");
    rollout
        .gate("check", &["--replay", &answers, "--evidence", "again"])
        .says(3, "HOLD pilot/exit");
    let read = |path: &std::path::Path| fs::read(path).expect("evidence");
    let again = rollout.0.files("again", "hold.json");
    assert_eq!(read(&again[0]), read(&rollout.0.path().join(&evidence)));
    assert_eq!(fs::read(&ledger).expect("a file"), b"not a ledger");
    fs::write(&ledger, entries).expect("a file");
    rollout
        .gate("check", &["--gate", "pilot/exit"])
        .says(1, "NO-GO pilot/exit");
}

#[test]
fn a_recording_whose_ledger_was_changed_is_not_judged() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("check", &[]);
    let evidence = rollout.last()["evidence_path"]
        .as_str()
        .expect("a path")
        .to_owned();
    let answers = rollout
        .0
        .path()
        .join(evidence.replace(".json", ".answers.json.gz"));
    let unpacked = Command::new("zcat")
        .arg(&answers)
        .output()
        .expect("zcat")
        .stdout;
    let text = String::from_utf8(unpacked).expect("UTF-8");
    rollout.0.write(
        "changed.json",
        text.replacen("\\\"answer\\\":\\\"yes\\\"", "\\\"answer\\\":\\\"no\\\"", 1),
    );
    rollout
        .gate("check", &["--replay", "changed.json"])
        .says(2, "the ledger in the recorded answers is broken");
}

#[test]
fn accepted_overrides_stay_accepted_when_judged_again() {
    let rollout = Rollout::in_the_pilot();
    rollout.checked("pilot/exit").says(3, "HOLD");
    rollout
        .gate("override", &["pilot/exit", "--expires", "1h", "--why", "x"])
        .says(0, "OVERRIDDEN");
    rollout
        .gate("check", &["--gate", "pilot/exit", "--accept-overrides"])
        .says(0, "OVERRIDDEN");
    let evidence = rollout.last()["evidence_path"]
        .as_str()
        .expect("a path")
        .to_owned();
    let answers = evidence.replace(".json", ".answers.json.gz");
    rollout
        .gate("check", &["--replay", &answers, "--evidence", "again"])
        .says(0, "OVERRIDDEN");
}

#[test]
fn a_look_ahead_and_an_unread_ledger_are_reported() {
    let rollout = Rollout::in_the_pilot();
    rollout
        .gate("check", &["--at", "2126-11-20T00:00:00Z"])
        .says(3, "is in the future: this is a look ahead");
    rollout
        .gate("check", &["--no-ledger"])
        .says(3, "plan.ledger.jsonl was not read");
}

#[test]
fn what_was_done_for_one_release_counts_for_no_other() {
    let rollout = Rollout::in_the_pilot();
    let plan = rollout.0.path().join("plan.yaml");
    fs::write(&plan, PLAN.replace("R1.0", "R1.1")).expect("a plan");
    rollout
        .checked("pilot/entry")
        .says(2, "is the ledger of R1.0, but the plan is for R1.1");
    rollout
        .gate("confirm", &["warehouse-lead", "--stage", "pilot"])
        .says(2, "move the ledger away to begin a new one");
    rollout.gate("status", &[]).says(2, "is the ledger of R1.0");
    rollout
        .gate("check", &["--gate", "pilot/entry", "--no-ledger"])
        .says(3, "HOLD pilot/entry");
    let ledger = rollout.0.path().join("plan.ledger.jsonl");
    fs::rename(&ledger, rollout.0.path().join("r1.0.jsonl")).expect("moved");
    rollout.checked("pilot/entry").says(3, "HOLD pilot/entry");
}

#[test]
fn what_an_accepted_override_leaves_open_is_named() {
    let rollout = Rollout::in_the_pilot();
    rollout.checked("pilot/exit").says(3, "HOLD pilot/exit");
    let why = ["--expires", "1h", "--why", "the customer waits"];
    rollout
        .gate("override", &[&["pilot/exit"][..], &why].concat())
        .says(0, "OVERRIDDEN");
    rollout
        .gate("check", &["--accept-overrides"])
        .says(3, "exit code 3: not overridden, and not GO: wave-1/entry");
}

/// Another plan, with what people do in it.
fn with_stages(stages: &str) -> Rollout {
    Rollout(Workplace::with_plan(&format!(
        "release: R1.0\nstages:\n{stages}"
    )))
}

#[test]
fn evidence_of_implied_criteria_reads_back() {
    let stages = "  - { name: pilot, window: 2h, exit: { confirmations: [b] }, recovery: { window: 1h, confirmations: [c] } }\n  \
         - { name: lab, after: none, exit: { confirmations: [d] } }\n";
    let rollout = with_stages(stages);
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
    let checked = |gate: &str, kind: &str| {
        rollout.checked(gate);
        let evidence = rollout.0.evidence();
        let criteria = evidence["gates"][0]["criteria"].as_array().expect("some");
        assert!(criteria.iter().any(|one| one["kind"] == kind), "{kind}");
        // Alone: the earlier ones are gone.
        let record = rollout.0.files("plan.evidence", ".json").remove(0);
        rollout
            .0
            .gate(&["verify", &record.to_string_lossy()])
            .says(0, "holds")
            .never_says("OFF");
        rollout
            .0
            .gate(&["report", "plan.evidence", "--format", "summary"])
            .says(0, "R1.0");
        fs::remove_dir_all(rollout.0.path().join("plan.evidence")).expect("removed");
    };
    checked("pilot/exit", "window");
    checked("lab/exit", "start");
    checked("pilot/recovery", "rollback");
}

#[test]
fn the_sign_off_table_shows_each_stages_own_answer() {
    let stages = "  - { name: pilot, exit: { confirmations: [lead] } }\n  \
                  - { name: pilot-2, after: none, exit: { confirmations: [lead] } }\n";
    let rollout = with_stages(stages);
    for stage in ["pilot", "pilot-2"] {
        rollout
            .gate("start", &[stage, "--at", "3h", "--why", "late"])
            .says(0, "began");
    }
    let confirm = |words: &[&str]| rollout.gate("confirm", &[&["lead"], words].concat()).code;
    assert_eq!(confirm(&["--stage", "pilot"]), 0);
    assert_eq!(
        confirm(&["--stage", "pilot-2", "--no", "--why", "broken"]),
        0
    );
    rollout.gate("check", &[]).says(1, "NO-GO pilot-2/exit");
    let summary = ["report", "plan.evidence", "--format", "summary"];
    let summary = rollout.0.gate(&summary).out;
    let row = |start: &str| {
        let mut lines = summary.lines();
        let row = lines.find(|line| line.starts_with(start)).expect(start);
        row.to_owned()
    };
    assert!(row("| pilot: lead").contains("| ✅ met"));
    assert!(row("| pilot-2: lead").contains("| ❌ unmet"));
}

#[test]
fn the_window_of_recovery_blocks_it_even_if_it_asks_only_people() {
    let rollout = with_stages(
        "  - { name: pilot, exit: { confirmations: [lead] }, recovery: { window: 4h, confirmations: [well] } }\n",
    );
    rollout
        .gate("start", &["pilot", "--at", "3h", "--why", "late"])
        .says(0, "began");
    rollout
        .gate("rollback", &["--stage", "pilot", "--why", "labels fail"])
        .says(0, "rolled back");
    rollout
        .gate("confirm", &["well", "--stage", "pilot"])
        .says(0, "confirmed");
    rollout
        .checked("pilot/recovery")
        .says(3, "of 4h observed since the rollback");
}

#[test]
fn l7_the_way_back_to_a_stage_is_one_answer() {
    let rollout = Rollout::in_the_pilot();
    rollout
        .gate("confirm", &["warehouse-lead"])
        .says(0, "confirmed");
    rollout.checked("pilot/exit").says(0, "GO pilot/exit");
    rollout.checked("wave-1/entry").says(3, "HOLD wave-1/entry");
    for (role, by) in [("operations", "ada"), ("product", "bob")] {
        let words = [role, "--gate", "wave-1/entry", "--by", by];
        rollout.gate("approve", &words).says(0, "signed");
    }
    rollout.checked("wave-1/entry").says(0, "GO wave-1/entry");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
    rollout
        .gate("rollback", &["--to", "wave-1-b", "--why", "labels"])
        .says(2, "the plan has no stage `wave-1-b`");
    let entries = rollout.entries().len();
    rollout
        .gate(
            "rollback",
            &["--to", "pilot", "--why", "labels", "--all-done"],
        )
        .says(0, "wave-1 is rolled back; back to pilot")
        .says(0, "no longer begun: pilot, wave-1")
        .says(0, "next: gate check plan.yaml --gate pilot/entry");
    assert_eq!(rollout.entries().len(), entries + 2);
    assert_eq!(
        rollout.last()["stages"],
        serde_json::json!(["pilot", "wave-1"])
    );
    rollout
        .gate("status", &[])
        .says(0, "pilot was reopened by tester")
        .says(0, "at entry");
    rollout
        .gate("start", &["pilot"])
        .says(1, "pilot cannot begin: pilot/entry was GO")
        .says(1, "was reopened since");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "pilot was reopened by tester");
    rollout
        .gate("check", &[])
        .says(3, "HOLD   pilot/entry")
        .says(3, "before pilot was reopened at");
    let summary = ["report", "plan.evidence", "--format", "summary"];
    rollout.0.gate(&summary).says(0, "ROLLED BACK to pilot");
    rollout
        .gate("confirm", &["tested", "rehearsed"])
        .says(0, "confirmed");
    rollout.checked("pilot/entry").says(0, "GO pilot/entry");
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "pilot/exit has not been checked since pilot began");
    rollout
        .0
        .gate(&["verify", "plan.evidence"])
        .says(0, "verified");
}
