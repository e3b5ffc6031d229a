//! What is said after a stop was lifted (L11): what was seen last, when it can trip again, and that a pause then leads back rather than on.

use super::*;

const PAUSE: [&str; 4] = ["pause", "plan.yaml", "--why", "x"];
const RESUME: [&str; 4] = ["resume", "plan.yaml", "--why", "x"];
const BACK: &str = "gate rollback plan.yaml --stage pilot --why <reason>";
const ON: &str = "gate resume plan.yaml --stage pilot --why <reason>";

/// Pilot began at minute 0, and its exit was judged in the second entry.
fn stopped(condition: &str) -> Vec<Event> {
    let mut stop = judged("pilot/exit", Verdict::Stop);
    if let Event::Checked(checked) = &mut stop {
        checked.gates[0].tripped[0].condition = Some(condition.to_owned());
    }
    vec![started("pilot"), stop]
}

fn on_plan(events: Vec<Event>, stop: &str) -> Rollout {
    let stops = format!("errors: \"{stop}\"");
    Rollout {
        plan: plan(&PLAN.replace("errors: \"> 1%\"", &stops)),
        ..after(events)
    }
}

#[test]
fn l11_a_resume_says_what_the_last_check_saw_and_when_it_can_trip_again() {
    let rollout = Rollout {
        waited: 20,
        ..on_plan(stopped("> 1% for 5m"), "> 1% for 5m")
    };
    let means = rollout.decide(&RESUME).expect("resumed").means;
    let said = format!(
        "errors in the last check, at {} (#2): 9% at noon; it can trip again at {} at the earliest",
        minute(2),
        minute(23 + 5)
    );
    assert_eq!(means[1], said, "{means:?}");
    // While the stage settles, nothing is judged.
    let settles = on_plan(stopped("> 1% for 5m"), "> 1% for 5m");
    let means = settles.decide(&RESUME).expect("resumed").means;
    let at = minute(10 + 5).to_string();
    assert!(means[1].contains(&at), "{means:?}");
    // Of a stop that the plan has no more, nobody knows when it would trip.
    let gone = on_plan(stopped("> 1% for 5m"), "> 2%");
    let means = gone.decide(&RESUME).expect("resumed").means;
    assert!(means[1].ends_with("9% at noon"), "{means:?}");
}

#[test]
fn l11_whoever_pauses_a_stage_that_is_still_bad_is_led_back() {
    let next = |more: &[Event]| {
        let events = [stopped("> 1%"), more.to_vec()].concat();
        let paused = after(events.clone()).decide(&PAUSE).expect("paused");
        let status = after([events, vec![super::paused("pilot")]].concat());
        let then = status.standing().status("plan.yaml").next.expect("next");
        (
            paused.next.expect("a command"),
            then.command.command("plan.yaml"),
        )
    };
    let both = |command: &str| (command.to_owned(), command.to_owned());
    let (resumed, exit) = (resumed("pilot"), |verdict| judged("pilot/exit", verdict));
    assert_eq!(next(std::slice::from_ref(&resumed)), both(BACK));
    assert_eq!(next(&[resumed.clone(), exit(Verdict::NoGo)]), both(BACK));
    assert_eq!(next(&[resumed.clone(), exit(Verdict::Hold)]), both(ON));
    assert_eq!(next(&[resumed.clone(), exit(Verdict::Go)]), both(ON));
    let good = [resumed.clone(), exit(Verdict::Go), exit(Verdict::NoGo)];
    assert_eq!(next(&good), both(ON), "that is another matter");
    let again = [resumed.clone(), rolled_back("pilot"), resumed];
    assert_eq!(next(&again), both(ON), "what tripped was rolled back");
}

#[test]
fn l11_whoever_goes_on_after_a_rollback_lifts_no_stop() {
    let lifted = |more: Vec<Event>| {
        let rollout = after([stopped("> 1%"), more].concat());
        let lifted = rollout.standing().history().lifted("pilot").into_iter();
        let numbers = lifted.map(|one| (one.check.entry.number, one.resumed.number));
        numbers.collect::<Vec<_>>()
    };
    let (on, stop) = (resumed("pilot"), judged("pilot/exit", Verdict::Stop));
    assert_eq!(lifted(vec![on.clone()]), [(2, 3)]);
    assert_eq!(lifted(vec![on.clone(), stop.clone()]), [(2, 3)]);
    let twice = vec![on.clone(), stop.clone(), on.clone()];
    assert_eq!(lifted(twice), [(2, 3), (4, 5)]);
    // The stop sticks while the stage is rolled back.
    let back = vec![rolled_back("pilot"), stop.clone(), on.clone()];
    assert_eq!(lifted(back.clone()), []);
    let again = [back, vec![stop, on]].concat();
    assert_eq!(lifted(again), [(6, 7)]);
}
