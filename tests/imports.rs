//! Two clones recorded in one ledger, as on a train (R7, R8): what one of them did is imported into the other, whole or not at all, and where
//! git left both in one file, the commands that are named mend it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{Finished, Workplace};

const LEDGER: &str = "plan.ledger.jsonl";
const PLAN: &str = r#"
release: { name: checkout, version: "2.1.0", owner: mara }
stages:
  - name: pilot
    exit: { no_incidents: { open: [sev1] }, confirmations: [lead, ops] }
"#;

fn git(folder: &Path, words: &str) -> bool {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=ada", "-c", "user.email=ada@example.com"]);
    git.args(["-c", "init.defaultBranch=main"]);
    let words = words.split(' ').filter(|word| !word.is_empty());
    let done = git.args(words).current_dir(folder).output();
    done.expect("git").status.success()
}

fn gate(workplace: &Workplace, words: &str) -> Finished {
    let words: Vec<&str> = words.split(' ').collect();
    workplace.gate(&words)
}

/// A rollout that has begun, and a clone of it; both have gone on with a commit of their own.
fn parted(ours: &str, theirs: &str) -> (Workplace, Workplace) {
    parted_after(Some("start plan.yaml pilot --by ada"), ours, theirs)
}

/// The same; without a first command, each of the two makes the first entry of its ledger.
fn parted_after(first: Option<&str>, ours: &str, theirs: &str) -> (Workplace, Workplace) {
    let (here, there) = (Workplace::with_plan(PLAN), Workplace::new());
    if let Some(first) = first {
        gate(&here, first).says(0, "recorded #1");
    }
    assert!(git(here.path(), "init --quiet"));
    assert!(git(here.path(), "add -A") && git(here.path(), "commit -qm begun"));
    let from = format!("clone --quiet {} .", here.path().display());
    assert!(git(there.path(), &from));
    for (workplace, words) in [(&here, ours), (&there, theirs)] {
        assert_eq!(gate(workplace, words).code, 0, "{words}");
        assert!(git(workplace.path(), "add -A") && git(workplace.path(), "commit -qm more"));
    }
    (here, there)
}

#[test]
fn r7_what_another_machine_recorded_is_imported_and_the_gate_rests_on_it() {
    let (here, there) = parted(
        "confirm plan.yaml lead --stage pilot --by ada",
        "confirm plan.yaml ops --stage pilot --by bob",
    );
    let other = there.path().join(LEDGER);
    let other = other.to_string_lossy();
    here.gate(&["ledger", "plan.yaml", "import", &other, "--by", "ada"])
        .says(0, "1 entry from")
        .says(0, "imported as #3");
    here.gate(&["ledger", "plan.yaml"])
        .says(0, "bob (given) confirmed ops for pilot")
        .says(
            0,
            "ada (given) imported the entry before this one from plan.ledger.jsonl",
        );
    gate(&here, "check plan.yaml --by ci").says(0, "GO");
    gate(&here, "verify plan.evidence").says(0, "1 of 1 verified");
    here.gate(&["ledger", "plan.yaml", "import", &other, "--by", "ada"])
        .says(0, "has every entry of");
}

#[test]
fn r7_what_does_not_fit_is_named_and_nothing_is_imported() {
    let (here, there) = parted(
        "confirm plan.yaml lead --stage pilot --no --by ada",
        "note plan.yaml offline --by bob",
    );
    gate(&there, "confirm plan.yaml lead --stage pilot --by bob").says(0, "recorded #3");
    let before = fs::read(here.path().join(LEDGER)).expect("a ledger");
    let other = there.path().join(LEDGER);
    fs::copy(&other, here.path().join("other.jsonl")).expect("copied");
    gate(&here, "ledger plan.yaml import other.jsonl --by ada")
        .says(
            1,
            "nothing was imported: entry 3 of other.jsonl does not fit",
        )
        .says(1, "#2 here speaks of lead of pilot, too");
    gate(&there, "check plan.yaml --by ci");
    fs::copy(&other, here.path().join("other.jsonl")).expect("copied");
    gate(&here, "ledger plan.yaml import other.jsonl --by ada").says(1, "does not fit");
    assert_eq!(
        fs::read(here.path().join(LEDGER)).expect("a ledger"),
        before
    );
    gate(&here, "ledger plan.yaml import nowhere.jsonl --by ada").says(2, "cannot be read");
    gate(&here, "ledger plan.yaml verify other.jsonl").says(2, "only for `import`");
}

/// Both clones have checks: what people said is imported, the checks of the other one are not taken over, and nothing is forgotten.
#[test]
fn r7_where_both_have_checks_what_people_did_is_imported_without_them() {
    let (here, there) = parted(
        "confirm plan.yaml lead --stage pilot --by ada",
        "confirm plan.yaml ops --stage pilot --by bob",
    );
    gate(&there, "check plan.yaml --by ci").says(3, "HOLD");
    gate(&there, "note plan.yaml offline --by bob").says(0, "recorded #4");
    let other = there.path().join(LEDGER);
    let import = |says: &str, code| {
        fs::copy(&other, here.path().join("other.jsonl")).expect("copied");
        gate(&here, "ledger plan.yaml import other.jsonl --by ada").says(code, says);
    };
    import("import the other way round; or check again here", 1);
    let later = || std::thread::sleep(std::time::Duration::from_millis(1100));
    later();
    gate(&here, "check plan.yaml --by ci").says(3, "HOLD");
    import(
        "2 entries from other.jsonl imported as #4 to #5; its check since the ledgers parted is not taken over: check again\nnext: gate check plan.yaml",
        0,
    );
    gate(&here, "check plan.yaml --by ci").says(0, "GO");
    gate(&here, "verify plan.evidence").says(0, "2 of 2 verified");
    import("has every other entry of other.jsonl already", 0);
    // A later finding that is not GO has to be known here.
    gate(
        &there,
        "incident plan.yaml open --severity sev1 --description fire --stage pilot --by bob",
    );
    later();
    gate(&there, "check plan.yaml --by ci").says(1, "NO-GO");
    import("it is a check that found NO-GO for pilot/exit", 1);
    later();
    gate(&here, "check plan.yaml --by ci").says(0, "GO");
    import("which must not be forgotten: import the other way round", 1);
}

/// Does what the lines of a message say, and expects each to succeed.
fn follow(workplace: &Workplace, said: &str) {
    let commands = said.lines().filter_map(|line| line.strip_prefix("  "));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 3, "{said}");
    for command in commands {
        if let Some(words) = command.strip_prefix("gate ") {
            gate(workplace, &format!("{words} --by ada")).says(0, "imported as");
            continue;
        }
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", command]).current_dir(workplace.path());
        let done = shell.status().expect("a shell");
        assert!(done.success(), "{command}");
    }
}

#[test]
fn r8_a_ledger_that_git_merged_is_named_and_the_commands_that_are_named_mend_it() {
    for driver in ["", "*.ledger.jsonl merge=union\n"] {
        let (here, there) = parted(
            "confirm plan.yaml lead --stage pilot --by ada",
            "confirm plan.yaml ops --stage pilot --by bob",
        );
        fs::create_dir_all(here.path().join(".git/info")).expect("a folder");
        fs::write(here.path().join(".git/info/attributes"), driver).expect("written");
        let pull = format!(
            "pull --quiet --no-rebase --no-edit {} HEAD",
            there.path().display()
        );
        assert_eq!(git(here.path(), &pull), !driver.is_empty());
        let broken = gate(&here, "note plan.yaml merged --by ada");
        broken
            .says(5, "two clones recorded in the same file")
            .says(5, "keep one side, import the other");
        follow(&here, &broken.err);
        gate(&here, "ledger plan.yaml verify").says(0, "4 entries, every line verified");
        gate(&here, "check plan.yaml --by ci").says(0, "GO");
    }
}

/// The pause of the one is not forgotten because both made the first entry.
#[test]
fn r8_two_clones_that_each_made_the_first_entry_are_brought_together() {
    for driver in ["", "*.ledger.jsonl merge=union\n"] {
        let (here, there) = parted_after(
            None,
            "note plan.yaml reading --by ada",
            "start plan.yaml pilot --by bob",
        );
        gate(&there, "pause plan.yaml --why odd --by bob").says(0, "recorded #2");
        assert!(git(there.path(), "commit -qam paused"));
        fs::create_dir_all(here.path().join(".git/info")).expect("a folder");
        fs::write(here.path().join(".git/info/attributes"), driver).expect("written");
        let pull = format!(
            "pull --quiet --no-rebase --no-edit {} HEAD",
            there.path().display()
        );
        assert_eq!(git(here.path(), &pull), !driver.is_empty());
        let broken = gate(&here, "note plan.yaml merged --by ada");
        broken.never_says("git -C");
        follow(&here, &broken.err);
        gate(&here, "ledger plan.yaml verify").says(0, "4 entries, every line verified");
        gate(&here, "check plan.yaml --by ci").says(3, "paused");
    }
}

/// What cannot be imported is not lost: it is named as commands, what holds the rollout first.
#[test]
fn r8_what_is_refused_is_named_as_commands_a_pause_first() {
    let (here, there) = parted_after(
        None,
        "start plan.yaml pilot --by ada",
        "start plan.yaml pilot --by bob",
    );
    gate(&there, "pause plan.yaml --why odd --by bob").says(0, "recorded #2");
    let other = there.path().join(LEDGER);
    fs::copy(&other, here.path().join("other.jsonl")).expect("copied");
    let refused = gate(&here, "ledger plan.yaml import other.jsonl --by ada");
    refused
        .says(1, "#1 here speaks of where pilot stands, too")
        .says(
            1,
            "  gate pause plan.yaml --stage pilot --why odd\n  gate start plan.yaml pilot\n",
        );
    gate(&here, "pause plan.yaml --stage pilot --why odd --by ada").says(0, "recorded #2");
}

/// A signature is for all that is there: one that was given without knowing what was taken back here does not come alive.
#[test]
fn r7_no_signature_is_imported_past_what_was_taken_back() {
    const SIGNED: &str = r#"
release: { name: checkout, version: "2.1.0", owner: mara }
stages:
  - name: pilot
    exit: { confirmations: [lead], approvals: [product, ops] }
"#;
    for (takes_back, said) in [
        (
            "approve plan.yaml ops --revoke --by ada",
            "who recorded it did not know of #7 here (approved)",
        ),
        (
            "approve plan.yaml product --revoke --by ada",
            "#7 here speaks of product for pilot/exit, too",
        ),
        (
            "note plan.yaml early --take-back 2 --by ada",
            "who recorded it did not know of #7 here (noted)",
        ),
    ] {
        let (here, there) = (Workplace::with_plan(SIGNED), Workplace::with_plan(SIGNED));
        for words in [
            "start plan.yaml pilot --by ada",
            "note plan.yaml calm --checkpoint --stage pilot --by ada",
            "confirm plan.yaml lead --stage pilot --by ada",
        ] {
            gate(&here, words).says(0, "recorded");
        }
        gate(&here, "check plan.yaml --by ci").says(3, "HOLD");
        for role in ["ops", "product"] {
            let signs = format!("approve plan.yaml {role} --by ada");
            gate(&here, &signs).says(0, "recorded");
        }
        let from = here.path().join(LEDGER);
        fs::copy(&from, there.path().join(LEDGER)).expect("copied");
        gate(&here, takes_back).says(0, "recorded #7");
        gate(&there, "approve plan.yaml product --by bob").says(0, "recorded #7");
        let other = there.path().join(LEDGER);
        let other = other.to_string_lossy();
        here.gate(&["ledger", "plan.yaml", "import", &other, "--by", "ada"])
            .says(1, said);
    }
}
