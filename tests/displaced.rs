//! No edit of the plan gets past what was recorded of a stage, nor past a way back, and no word from before counts for what is
//! asked again (T6, T8, T9, L7).

use crate::support::program::Workplace;

const HEAD: &str = "release: R1.0\nstages:\n";
const PILOT: &str = "  - { name: pilot, exit: { confirmations: [lead] } }\n";
const CANARY: &str = "  - { name: canary, exit: { confirmations: [lead] } }\n";
const WAVE: &str = "  - { name: wave-1, exit: { confirmations: [lead] } }\n";
const NEXT: &str = "  - { name: wave-2, exit: { confirmations: [lead] } }\n";

const GONE: &str = "the plan no longer has that stage";

struct Rollout(Workplace);

impl Rollout {
    fn of(stages: &[&str]) -> Self {
        let rollout = Self(Workplace::new());
        rollout.edit(stages);
        rollout
    }

    fn edit(&self, stages: &[&str]) {
        self.0
            .write("plan.yaml", HEAD.to_owned() + &stages.concat());
    }

    /// Runs `gate VERB plan.yaml REST`; its exit code, and something that it says.
    fn did(&self, line: &str, code: i32, said: &str) {
        let (verb, words) = line.split_once(' ').unwrap_or((line, ""));
        let words = words.split_whitespace();
        let typed: Vec<&str> = [verb, "plan.yaml"].into_iter().chain(words).collect();
        let finished = self.0.gate(&[&typed[..], &["--by", "mara"]].concat());
        finished.says(code, said);
    }

    /// A stage begins, and is left.
    fn passes(&self, stage: &str) {
        self.did(&format!("start {stage}"), 0, "began");
        self.did(&format!("confirm lead --stage {stage}"), 0, "confirmed");
        self.did(&format!("check --gate {stage}/exit"), 0, "GO");
    }

    /// A stage begins, and its exit is NO-GO.
    fn fails(&self, stage: &str) {
        self.did(&format!("start {stage}"), 0, "began");
        let no = format!("confirm lead --stage {stage} --no");
        self.did(&no, 0, "answered with no");
        self.did(&format!("check --gate {stage}/exit"), 1, "NO-GO");
    }
}

#[test]
fn t9_a_stage_that_leaves_the_plan_was_left_only_while_nothing_speaks_against_its_go() {
    for said in [
        "incident open --severity sev1 --description jam",
        "confirm lead --stage pilot --no",
    ] {
        let rollout = Rollout::of(&[PILOT, WAVE]);
        rollout.passes("pilot");
        rollout.did(said, 0, "recorded");
        rollout.edit(&[WAVE]);
        rollout.did("start wave-1", 1, GONE);
        rollout.did("start wave-1 --override --why known", 0, "OVERRIDDEN");
    }
    let rollout = Rollout::of(&[PILOT, WAVE]);
    rollout.passes("pilot");
    rollout.edit(&[WAVE]);
    rollout.did("start wave-1", 0, "began");
}

#[test]
fn t6_a_rolled_back_stage_that_leaves_the_plan_is_put_back_whoever_is_asked() {
    let said = "pilot is no longer in the plan: put it back and resume it";
    let rollout = Rollout::of(&[PILOT, WAVE, NEXT]);
    rollout.did("start pilot", 0, "began");
    rollout.did("start wave-1 --override --why known", 0, "OVERRIDDEN");
    rollout.did("rollback --stage pilot --why fire", 0, "rolled back");
    rollout.edit(&[WAVE, NEXT]);
    rollout.did("confirm lead --stage wave-1", 0, "confirmed");
    // Nor is the exit of what runs on it GO.
    let first = "put pilot back into the plan, then gate resume plan.yaml --stage pilot";
    rollout.did("check", 3, first);
    rollout.did("start wave-2", 1, said);
    rollout.did("start wave-2 --override --why known", 1, said);
    let status = rollout.0.gate(&["status", "plan.yaml"]);
    status
        .says(0, said)
        .says(0, "gate resume plan.yaml --stage pilot");
    rollout.edit(&[WAVE, PILOT, NEXT]);
    rollout.did("check --gate wave-1/exit", 3, "pilot was rolled back");
    rollout.edit(&[WAVE, NEXT]);
    let resume = "resume --stage pilot --why mended";
    rollout.did(resume, 2, "the plan has no stage `pilot`");
    rollout.edit(&[PILOT, WAVE, NEXT]);
    rollout.did(resume, 0, "pilot goes on");
}

#[test]
fn t9_a_rollout_does_not_end_without_a_stage_that_was_taken_out_of_the_plan() {
    let deeds = [
        ("confirm lead --stage wave-1 --no", 3),
        ("pause --stage wave-1 --why fire", 3),
        ("rollback --stage wave-1 --why fire", 1),
    ];
    for (deed, code) in deeds {
        let rollout = Rollout::of(&[PILOT, WAVE]);
        rollout.passes("pilot");
        rollout.did("start wave-1", 0, "began");
        rollout.did(deed, 0, "recorded");
        rollout.edit(&[PILOT]);
        let back = "put wave-1 back into the plan";
        rollout.0.gate(&["status", "plan.yaml"]).says(0, back);
        rollout.did("check", code, back);
        rollout.0.gate(&["status", "plan.yaml"]).says(0, back);
    }
    let rollout = Rollout::of(&[PILOT, WAVE]);
    rollout.passes("pilot");
    rollout.passes("wave-1");
    rollout.edit(&[PILOT]);
    rollout.did("check", 0, "nothing comes after it");
}

/// A wave behind it that has no entry would begin on the exit in front alone (L4).
#[test]
fn t9_the_exit_in_front_asks_for_a_stage_that_was_taken_out_behind_it() {
    for (answer, code) in [(" --no", 1), ("", 3)] {
        let rollout = Rollout::of(&[PILOT, WAVE, NEXT]);
        rollout.passes("pilot");
        rollout.did("start wave-1", 0, "began");
        if code == 1 {
            let no = format!("confirm lead --stage wave-1{answer}");
            rollout.did(&no, 0, "answered with no");
        }
        rollout.did("check", code, "wave-1/exit");
        rollout.edit(&[PILOT, NEXT]);
        let back = "put wave-1 back into the plan";
        rollout.did("check", code, back);
        let owed = "pilot/exit: put wave-1 back into the plan, then check wave-1/exit";
        rollout.did("check", code, owed);
        rollout.0.gate(&["status", "plan.yaml"]).says(0, back);
        rollout.did("start wave-2", 1, "wave-1");
        rollout.edit(&[PILOT, WAVE, NEXT]);
        let shown = rollout.0.gate(&["status", "plan.yaml"]);
        shown.never_says("back into the plan");
        rollout.did("confirm lead --stage wave-1", 0, "confirmed");
        rollout.did("check --gate wave-1/exit", 0, "GO");
        rollout.did("check --gate pilot/exit", 0, "GO");
        rollout.did("start wave-2", 0, "began");
    }
}

/// It does so also where another stage that the plan still has was moved behind the next one.
#[test]
fn t9_the_exit_in_front_asks_for_what_was_taken_out_whatever_was_moved_besides() {
    let rollout = Rollout::of(&[PILOT, CANARY, WAVE, NEXT]);
    rollout.passes("pilot");
    rollout.did("start canary", 0, "began");
    rollout.did("check", 3, "canary/exit");
    rollout.did("start wave-1 --override --why haste", 0, "OVERRIDDEN");
    rollout.did("check --gate wave-1/exit", 3, "wave-1/exit");
    rollout.edit(&[PILOT, NEXT, CANARY]);
    rollout.did(
        "check --gate pilot/exit",
        3,
        "put wave-1 back into the plan",
    );
    rollout.did("start wave-2", 1, "canary");
}

/// The exit in front asks what the next stage's entry would ask, where that has none: nobody begins on a GO that start refuses.
#[test]
fn l4_the_exit_in_front_asks_for_a_pause_that_would_keep_the_next_stage_from_beginning() {
    let rollout = Rollout::of(&[PILOT, WAVE, NEXT]);
    rollout.passes("pilot");
    rollout.passes("wave-1");
    rollout.did("pause --stage pilot --why fire", 0, "paused");
    let resume = "gate resume plan.yaml --stage pilot --why <reason>";
    rollout.did("check", 3, &format!("next: {resume}"));
    rollout.0.gate(&["status", "plan.yaml"]).says(0, resume);
    rollout.did("start wave-2", 1, "pilot was paused");
    rollout.did("resume --stage pilot --why out", 0, "pilot goes on");
    rollout.did("check", 0, "next: gate start plan.yaml wave-2");
    rollout.did("start wave-2", 0, "began");
    // Where it has begun, nothing rests on that exit any more; but the rollout does not end while a stage is paused.
    rollout.did("pause --stage pilot --why fire", 0, "paused");
    rollout.did("check --gate wave-1/exit", 0, "GO");
    rollout.did("confirm lead --stage wave-2", 0, "confirmed");
    rollout.did("check --gate wave-2/exit", 3, &format!("next: {resume}"));
    rollout.did("resume --stage pilot --why out", 0, "pilot goes on");
    rollout.did("check --gate wave-2/exit", 0, "nothing comes after it");
}

/// A stage that was only judged at its entry is asked there again once it is back.
#[test]
fn t9_a_stage_that_never_began_is_asked_at_its_entry_once_it_is_back() {
    const ENTERED: &str = "  - { name: canary, entry: { confirmations: [ready] } }\n";
    let rollout = Rollout::of(&[PILOT, ENTERED, WAVE]);
    rollout.passes("pilot");
    rollout.did("confirm ready --stage canary --no", 0, "answered with no");
    rollout.did("check --gate canary/entry", 1, "NO-GO");
    rollout.edit(&[PILOT, WAVE]);
    let back = "put canary back into the plan, then check canary/entry";
    rollout.did("check", 1, back);
    let status = rollout.0.gate(&["status", "plan.yaml"]);
    status.says(0, "gate check plan.yaml --gate canary/entry");
}

/// Where a plan was put into another order and two stages may begin, check and status name the same one (L4).
#[test]
fn l4_the_next_start_is_the_same_in_check_and_status_in_a_plan_that_was_reordered() {
    const FIRST: &str = "  - { name: first, entry: { confirmations: [ready] } }\n";
    const LAST: &str = "  - { name: last, entry: { confirmations: [ready] } }\n";
    let rollout = Rollout::of(&[PILOT, FIRST, LAST]);
    rollout.passes("pilot");
    rollout.edit(&[FIRST, PILOT, LAST]);
    for stage in ["first", "last"] {
        let answer = format!("confirm ready --stage {stage}");
        rollout.did(&answer, 0, "confirmed");
    }
    rollout.did("check", 3, "gate check plan.yaml --gate pilot/exit");
    rollout.did("check", 0, "next: gate start plan.yaml first");
    let status = rollout.0.gate(&["status", "plan.yaml"]);
    status.says(0, "\n  gate start plan.yaml first");
}

#[test]
fn t9_the_exit_of_what_would_begin_names_what_was_renamed() {
    let rollout = Rollout::of(&[PILOT, WAVE]);
    rollout.did("start pilot", 0, "began");
    rollout.did("pause --stage pilot --why fire", 0, "paused");
    rollout.edit(&[CANARY, WAVE]);
    let first = "put pilot back into the plan, then gate resume plan.yaml --stage pilot";
    rollout.did("check", 3, first);
    let status = ["status", "plan.yaml", "--format", "json"];
    let status = rollout.0.gate(&status);
    status.says(0, "\"first\": \"put pilot back into the plan\"");
}

#[test]
fn l4_where_no_gate_is_in_play_a_check_says_what_the_status_says() {
    let stage = |name| format!("  - {{ name: {name}, recovery: {{ confirmations: [well] }} }}\n");
    let rollout = Rollout::of(&[&stage("pilot"), &stage("wave-1")]);
    let next = "gate start plan.yaml wave-1";
    rollout.did("start pilot", 0, next);
    rollout.did("check", 2, next);
    rollout.0.gate(&["status", "plan.yaml"]).says(0, next);
    rollout.did("start wave-1", 0, "nothing comes after it");
}

#[test]
fn l7_a_stage_to_which_the_rollout_went_back_holds_also_once_it_leaves_the_plan() {
    let rollout = Rollout::of(&[PILOT, WAVE]);
    rollout.passes("pilot");
    rollout.did("start wave-1", 0, "began");
    let back = "rollback --stage wave-1 --to pilot --why fire";
    rollout.did(back, 0, "back to pilot");
    rollout.edit(&[WAVE]);
    rollout.did("start wave-1", 1, GONE);
}

#[test]
fn l7_what_a_way_back_ended_does_not_come_back_with_its_stage() {
    let rollout = Rollout::of(&[PILOT, WAVE, NEXT]);
    rollout.passes("pilot");
    rollout.passes("wave-1");
    rollout.edit(&[PILOT, NEXT]);
    let back = "rollback --stage pilot --to pilot --why fire";
    rollout.did(back, 0, "no longer begun: pilot, wave-1");
    rollout.edit(&[PILOT, WAVE, NEXT]);
    rollout.passes("pilot");
    rollout.did("check --gate wave-1/exit", 3, "wave-1 has not begun");
    rollout.did("start wave-2", 1, "wave-1 has not begun");
}

#[test]
fn t8_a_stage_put_before_a_reopened_one_does_not_come_behind_it() {
    let rollout = Rollout::of(&[PILOT, WAVE]);
    rollout.passes("pilot");
    rollout.did("start wave-1", 0, "began");
    let back = "rollback --stage wave-1 --to wave-1 --why fire";
    rollout.did(back, 0, "back to wave-1");
    rollout.edit(&[PILOT, CANARY, WAVE]);
    rollout.did("check --gate pilot/exit", 0, "GO");
    rollout.fails("canary");
    rollout.edit(&[PILOT, WAVE]);
    let back = "put canary back into the plan";
    rollout.did("check --gate pilot/exit", 1, back);
    rollout.did("start wave-1", 1, "canary/exit was NO-GO");
}

#[test]
fn t8_a_start_in_ones_own_name_answers_only_for_what_it_passed_and_while_it_stands() {
    let rollout = Rollout::of(&[PILOT, WAVE]);
    rollout.fails("pilot");
    rollout.edit(&[WAVE]);
    let anyway = "start wave-1 --override --why known";
    rollout.did(anyway, 0, "OVERRIDDEN");
    let back = "rollback --stage wave-1 --to wave-1 --why fire";
    rollout.did(back, 0, "back to wave-1");
    rollout.did("start wave-1", 1, GONE);
}

const LANES: [&str; 3] = [
    "  - { name: eu, after: none, exit: { confirmations: [lead] } }\n",
    "  - { name: us, after: none, exit: { confirmations: [lead] } }\n",
    "  - { name: x, after: none, exit: { confirmations: [lead] } }\n",
];
const ALL: &str = "  - { name: all, after: [eu, us], exit: { confirmations: [lead] } }\n";
const ALONE: &str = "  - { name: all, after: [us], exit: { confirmations: [lead] } }\n";

#[test]
fn t8_a_start_in_another_lane_answers_for_nothing() {
    let [eu, us, x] = LANES;
    let rollout = Rollout::of(&[eu, us, x, ALL]);
    rollout.passes("us");
    rollout.fails("eu");
    rollout.edit(&[eu, us, x, ALONE]);
    rollout.did("start x --override --why known", 0, "x began");
    rollout.did("start all", 1, "does not have eu before all");
}

#[test]
fn t8_a_version_that_was_put_back_does_not_leave_what_another_one_judged() {
    let [eu, us, _] = LANES;
    let rollout = Rollout::of(&[eu, us, ALONE]);
    rollout.passes("us");
    rollout.did("start eu", 0, "began");
    rollout.edit(&[eu, us, ALL]);
    let no = "confirm lead --stage eu --no";
    rollout.did(no, 0, "answered with no");
    rollout.did("check --gate eu/exit", 1, "NO-GO");
    rollout.edit(&[eu, us, ALONE]);
    rollout.did("start all", 1, "eu/exit was NO-GO");
}

const ENTERED: &str =
    "  - { name: wave-1, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }\n";

#[test]
fn t9_a_no_after_the_go_of_an_entry_gate_outlives_the_gate() {
    let rollout = Rollout::of(&[PILOT, ENTERED]);
    rollout.passes("pilot");
    let yes = "confirm ready --stage wave-1";
    rollout.did(yes, 0, "confirmed");
    rollout.did("check --gate wave-1/entry", 0, "GO");
    rollout.did(&format!("{yes} --no"), 0, "answered with no");
    rollout.edit(&[PILOT, WAVE]);
    rollout.did("check --gate pilot/exit", 0, "GO");
    rollout.did("start wave-1", 1, "the plan no longer has that gate");
}

#[test]
fn l7_a_check_from_before_a_way_back_is_not_overridden() {
    let rollout = Rollout::of(&[ENTERED]);
    rollout.did("check --gate wave-1/entry", 3, "HOLD");
    let anyway = "start wave-1 --override --why known";
    rollout.did(anyway, 0, "began");
    let back = "rollback --stage wave-1 --to wave-1 --why fire";
    rollout.did(back, 0, "back to wave-1");
    let over = "override wave-1/entry --why known --expires 5h";
    rollout.did(over, 1, "there is no verdict to override");
    rollout.did("check --gate wave-1/entry", 3, "HOLD");
    rollout.did(over, 0, "is OVERRIDDEN");
    rollout.did("start wave-1", 0, "began");
}

#[test]
fn t7_a_look_at_an_entry_knows_that_the_stage_before_was_not_left_since() {
    let rollout = Rollout::of(&[PILOT, ENTERED]);
    rollout.passes("pilot");
    rollout.did("confirm ready --stage wave-1", 0, "confirmed");
    rollout.did("check --gate wave-1/entry", 0, "GO");
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let no = "confirm lead --stage pilot --no";
    rollout.did(no, 0, "answered with no");
    rollout.did("check --gate pilot/exit", 1, "NO-GO");
    let earlier = "check --gate wave-1/entry --at 2s";
    rollout.did(earlier, 3, "pilot/exit was NO-GO");
    rollout.did("start wave-1", 1, "pilot/exit was NO-GO");
}

#[test]
fn t11_a_stage_whose_entry_is_overridden_is_at_its_entry_everywhere() {
    let rollout = Rollout::of(&[PILOT, ENTERED]);
    rollout.did("start pilot", 0, "began");
    rollout.did("check --gate wave-1/entry", 3, "HOLD");
    let over = "override wave-1/entry --why known --expires 5h";
    rollout.did(over, 0, "is OVERRIDDEN");
    let status = rollout.0.gate(&["status", "plan.yaml", "--format", "json"]);
    status.says(0, "\"at-entry\"");
    rollout.did("start wave-1", 0, "began");
}

#[test]
fn t9_an_entry_found_bad_after_the_go_of_an_exit_outlives_its_stage() {
    let pilot =
        "  - { name: pilot, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }\n";
    for stages in [&[WAVE][..], &[CANARY, WAVE]] {
        let rollout = Rollout::of(&[pilot, WAVE]);
        rollout.did("confirm ready --stage pilot", 0, "confirmed");
        rollout.did("check --gate pilot/entry", 0, "GO");
        rollout.passes("pilot");
        rollout.did("check --gate pilot/entry", 0, "GO");
        rollout.edit(stages);
        rollout.edit(&[&pilot.replace("[ready]", "[ready, steady]"), WAVE]);
        rollout.did("check --gate pilot/entry", 3, "HOLD");
        // Taken out, or under another name.
        rollout.edit(stages);
        rollout.did("check --gate wave-1/exit", 3, "HOLD");
        rollout.did("start wave-1", 1, "cannot begin");
        let said = if stages.len() == 1 { GONE } else { "canary" };
        rollout.did("start wave-1", 1, said);
    }
    let rollout = Rollout::of(&[pilot, WAVE]);
    rollout.did("confirm ready --stage pilot", 0, "confirmed");
    rollout.did("check --gate pilot/entry", 0, "GO");
    rollout.passes("pilot");
    rollout.edit(&[WAVE]);
    rollout.did("start wave-1", 0, "began");
}
