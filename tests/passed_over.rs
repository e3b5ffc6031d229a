//! Whoever begins a stage in spite of one before it decides that for the version of the release that runs then (L6): for another one
//! check, start, status and the reports ask for it again. And nobody is offered that as the first way on.

use crate::support::program::{Finished, Workplace};

const PILOT: &str = "  - { name: pilot, exit: { confirmations: [lead] } }\n";
const ENTERED: &str =
    "  - { name: wave-1, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }\n";
const WAVE: &str = "  - { name: wave-1, exit: { confirmations: [lead] } }\n";
const NEXT: &str = "  - { name: wave-2, exit: { confirmations: [lead] } }\n";
const LAST: &str =
    "  - { name: wave-3, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }\n";

const SPITE: &str = "wave-1 began though pilot was not left with GO (#3 by mara)";

struct Rollout(Workplace);

impl Rollout {
    fn of(stages: &[&str]) -> Self {
        let rollout = Self(Workplace::new());
        rollout.edit("2.0", stages);
        rollout
    }

    fn edit(&self, version: &str, stages: &[&str]) {
        let head = format!("release: {{ name: R1, version: \"{version}\" }}\nstages:\n");
        self.0.write("plan.yaml", head + &stages.concat());
    }

    /// Runs `gate VERB plan.yaml REST`.
    fn gate(&self, line: &str) -> Finished {
        let (verb, words) = line.split_once(' ').unwrap_or((line, ""));
        let words = words.split_whitespace();
        let typed: Vec<&str> = [verb, "plan.yaml"].into_iter().chain(words).collect();
        let by = ["--by", "mara"];
        let by = if verb == "status" { &[][..] } else { &by };
        self.0.gate(&[&typed[..], by].concat())
    }

    fn did(&self, line: &str, code: i32, said: &str) {
        self.gate(line).says(code, said);
    }

    /// The pilot was not left when somebody began wave 1, and another version took over since.
    fn superseded(stages: &[&str]) -> Self {
        let rollout = Self::of(stages);
        rollout.did("start pilot", 0, "began");
        rollout.did("check --gate pilot/exit", 3, "HOLD");
        let anyway = "start wave-1 --override --why hurry";
        rollout.did(anyway, 0, "OVERRIDDEN");
        rollout.supersedes("2.1", stages);
        rollout
    }

    fn supersedes(&self, version: &str, stages: &[&str]) -> Finished {
        self.edit(version, stages);
        self.gate(&format!("supersede --version {version} --why fix"))
    }

    fn reports_say(&self, said: &str) {
        for format in ["summary", "handover"] {
            let report = ["report", "plan.evidence", "--format", format];
            self.0.gate(&report).says(0, said);
        }
    }
}

#[test]
fn l6_an_entry_that_is_asked_again_asks_for_the_stage_that_was_passed_over() {
    let rollout = Rollout::superseded(&[PILOT, ENTERED, NEXT]);
    rollout.did("confirm ready --stage wave-1", 0, "confirmed");
    rollout.did("confirm lead --stage wave-1", 0, "confirmed");
    rollout
        .gate("check")
        .says(3, "wave-1/entry is HOLD in this check")
        .says(3, SPITE)
        .says(3, "next: gate check plan.yaml --gate pilot/exit");
    rollout.did("status", 0, "pilot/exit was HOLD");
    rollout.did("start wave-2", 1, "wave-1/exit was HOLD");
    rollout.reports_say("wave-1 cannot be left: wave-1/entry was HOLD");
    // Somebody decides it for this version.
    let anyway = "override wave-1/entry --expires 2h --why again";
    rollout.did(anyway, 0, "next: gate check plan.yaml\n");
    rollout.did("check", 0, "OVERRIDDEN by mara");
    rollout.did("start wave-2", 0, "began");
}

#[test]
fn l6_an_exit_asks_for_the_stage_that_was_passed_over_where_there_is_no_entry() {
    let stages = [PILOT, WAVE, NEXT];
    let rollout = Rollout::superseded(&stages);
    rollout.did("confirm lead --stage wave-1", 0, "confirmed");
    rollout
        .gate("check --gate wave-1/exit")
        .says(3, SPITE)
        .says(3, "pilot/exit was HOLD");
    rollout.did("status", 0, SPITE);
    rollout.did("status", 0, "gate check plan.yaml --gate pilot/exit");
    rollout.did("start wave-2", 1, "wave-1/exit was HOLD");
    rollout.reports_say("wave-1 began though pilot was not left with GO");
    let anyway = "override wave-1/exit --expires 2h --why again";
    rollout.did(anyway, 0, "OVERRIDDEN");
    rollout.did("start wave-2", 0, "began");
    // That was for 2.1: for 2.2 neither counts.
    rollout
        .supersedes("2.2", &stages)
        .says(0, "wave-1 began although pilot was not left")
        .says(0, "wave-2 began although wave-1 was not left");
    rollout.did("confirm lead --stage wave-2", 0, "confirmed");
    rollout.did(
        "check --gate wave-2/exit",
        3,
        "wave-2 began though wave-1 was not left with GO",
    );
}

#[test]
fn l6_every_later_stage_asks_for_the_stage_that_was_passed_over() {
    for last in [NEXT, LAST] {
        let name = if last == NEXT { "wave-2" } else { "wave-3" };
        let stages = [PILOT, WAVE, last];
        let rollout = Rollout::of(&stages);
        rollout.did("start pilot", 0, "began");
        rollout.did("check --gate pilot/exit", 3, "HOLD");
        rollout.did("start wave-1 --override --why hurry", 0, "OVERRIDDEN");
        rollout.did("confirm lead --stage wave-1", 0, "confirmed");
        rollout.did("check --gate wave-1/exit", 0, "GO");
        if last == LAST {
            rollout.did("confirm ready --stage wave-3", 0, "confirmed");
            rollout.did("check --gate wave-3/entry", 0, "GO");
        }
        rollout.did(&format!("start {name}"), 0, "began");
        let begun = rollout.supersedes("2.1", &stages);
        begun.says(
            0,
            "wave-1 began although pilot was not left: that is asked again for 2.1",
        );
        if last == LAST {
            rollout.did("confirm ready --stage wave-3", 0, "confirmed");
        }
        rollout.did(&format!("confirm lead --stage {name}"), 0, "confirmed");
        rollout.did("check", 3, SPITE);
        // Left with GO is left for every version.
        rollout.did("confirm lead --stage pilot", 0, "confirmed");
        rollout.did("check --gate pilot/exit", 0, "GO");
        rollout.did("check", 0, "GO");
    }
}

#[test]
fn l6_a_stage_that_was_left_is_not_asked_again_though_another_thing_was_overridden() {
    let stages = [PILOT, ENTERED, NEXT];
    let rollout = Rollout::of(&stages);
    rollout.did("start pilot", 0, "began");
    rollout.did("confirm lead --stage pilot", 0, "confirmed");
    rollout.did("check --gate pilot/exit", 0, "GO");
    rollout.did("confirm ready --stage wave-1 --no --why jam", 0, "no");
    rollout.did("check --gate wave-1/entry", 1, "NO-GO");
    rollout.did("start wave-1 --override --why hurry", 0, "OVERRIDDEN");
    let superseded = rollout.supersedes("2.1", &stages);
    superseded.says(0, "2.1").never_says("although");
    rollout.did("confirm ready --stage wave-1", 0, "confirmed");
    rollout.did("check --gate wave-1/entry", 0, "GO");
}

#[test]
fn l6_a_stage_that_left_the_plan_is_passed_over_for_one_version_only() {
    let rollout = Rollout::of(&[PILOT, WAVE, NEXT]);
    rollout.did("start pilot", 0, "began");
    rollout.did("check --gate pilot/exit", 3, "HOLD");
    rollout.edit("2.0", &[ENTERED, NEXT]);
    rollout.did("start wave-1", 1, "the plan no longer has that stage");
    rollout.did("start wave-1 --override --why hurry", 0, "OVERRIDDEN");
    rollout.supersedes("2.1", &[ENTERED, NEXT]);
    rollout.did("confirm ready --stage wave-1", 0, "confirmed");
    rollout.did("confirm lead --stage wave-1", 0, "confirmed");
    rollout.did("check", 3, "the plan no longer has that stage");
    rollout.did("start wave-2", 1, "cannot begin");
    let anyway = "override wave-1/entry --expires 2h --why again";
    rollout.did(anyway, 0, "OVERRIDDEN");
    rollout.did("check", 0, "OVERRIDDEN by mara");
    rollout.did("check", 0, "GO");
    rollout.did("start wave-2", 0, "began");
}

#[test]
fn l4_what_comes_before_a_stage_is_named_first_and_an_override_last() {
    let rollout = Rollout::of(&[PILOT, WAVE, NEXT]);
    rollout.did("start pilot", 0, "began");
    let refused = rollout.gate("start wave-2");
    let before = "its turn has not come; before it: pilot (running), wave-1 (not started)\n";
    let way = "\n  gate check plan.yaml --gate pilot/exit\nonly as a last resort, past what comes before it and in your own name\n  gate start plan.yaml wave-2 --override";
    refused.says(1, before).says(1, way);
}

#[test]
fn l5_nobody_signs_for_a_hold_whether_or_not_it_is_judged_first() {
    let rollout =
        Rollout::of(&["  - { name: pilot, exit: { confirmations: [lead], approvals: [ops] } }\n"]);
    rollout.did("start pilot", 0, "began");
    let said = "pilot/exit is HOLD apart from approvals in check #2, and a signature for that would not hold";
    for _ in 0..2 {
        rollout.did("approve ops", 1, said);
    }
    let evidence = rollout.0.files("plan.evidence", "hold.json").remove(0);
    let evidence = evidence.to_string_lossy().into_owned();
    rollout.did(&format!("approve ops --evidence {evidence}"), 1, said);
}

#[test]
fn l6_what_goes_on_waits_for_a_stage_before_it_that_began_anew() {
    let stages = [PILOT, WAVE, NEXT];
    let rollout = Rollout::of(&stages);
    rollout.did("start pilot", 0, "began");
    rollout.did("confirm lead --stage pilot", 0, "confirmed");
    rollout.did("check --gate pilot/exit", 0, "GO");
    rollout.did("start wave-1", 0, "began");
    rollout.did("rollback --stage wave-1 --why bad", 0, "rolled back");
    let superseded = rollout.supersedes("2.1", &stages);
    superseded.says(0, "begins anew now: pilot");
    rollout.did("resume --stage wave-1 --why good", 0, "goes on");
    rollout.did("confirm lead --stage wave-1", 0, "confirmed");
    let said = "pilot was not left with GO since version 2.1 took the place of 2.0 (#6), and wave-1 goes on behind it";
    rollout.did("check --gate wave-1/exit", 3, said);
    rollout.did("start wave-2", 1, "wave-1/exit was HOLD");
    rollout.did("confirm lead --stage pilot", 0, "confirmed");
    rollout.did("check --gate pilot/exit", 0, "GO");
    rollout.did("check --gate wave-1/exit", 0, "GO");
    rollout.did("start wave-2", 0, "began");
}

#[test]
fn l4_no_check_offers_the_start_of_a_stage_that_a_displaced_one_holds() {
    let beside = "  - { name: wave-1, after: none, exit: { confirmations: [lead] } }\n";
    let rollout = Rollout::superseded(&[PILOT, WAVE, NEXT]);
    rollout.edit("2.1", &[PILOT, beside, NEXT]);
    rollout.did("confirm lead --stage wave-1", 0, "confirmed");
    let held = "next: gate check plan.yaml --gate pilot/exit";
    rollout.did("check --gate wave-1/exit", 0, held);
    rollout.did("start wave-2", 1, "pilot/exit was HOLD");
}

/// A plan that was turned round under another version: what is asked again and what would begin do not send each other round.
#[test]
fn l6_a_stage_that_waits_for_the_one_that_it_was_put_behind_lets_that_begin_in_somebodys_name() {
    const FIRST: &str =
        "  - { name: first, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }\n";
    let rollout = Rollout::of(&[FIRST, ENTERED, LAST]);
    rollout.did("confirm ready --stage first", 0, "confirmed");
    rollout.did("check", 0, "next: gate start plan.yaml first");
    rollout.did("start first", 0, "began");
    rollout.supersedes("2.1", &[ENTERED, LAST, FIRST]);
    rollout.did("check", 3, "first/entry");
    let anyway = "gate start plan.yaml wave-1 --override --why <reason>";
    rollout.did("check", 3, &format!("next: {anyway}"));
    rollout.did("status", 0, anyway);
    let refused = rollout.gate("start wave-1");
    refused.says(
        1,
        "put that back if it had, or begin wave-1 in your own name",
    );
    rollout.did("start wave-1 --override --why order", 0, "OVERRIDDEN");
    rollout.did("check", 3, "confirm");
    let status = rollout.gate("status");
    assert!(!status.out.contains("--override"), "{}", status.out);
}
