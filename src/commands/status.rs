//! `gate status`: reads the plan and its ledger, and prints where the rollout stands. Asks no source, writes nothing.

use super::deeds::on_its_way::{self, Near};
use super::diagnostics::say;
use super::judging::job::assigned;
use super::ledger_file::agreement::{self, Witnesses};
use super::load::{LoadedPlan, Overrides, UNDECIDED, load};
use super::signatures_of;
use super::surroundings::Surroundings;
use crate::cli::{Format, StatusArgs};
use crate::evaluate::waits_for_past;
use crate::exit::Exit;
use crate::kind::GateKind;
use crate::ledger::Chain;
use crate::output::print_stdout;
use crate::report::{status_json, status_text};
use crate::rollout::{Next, Rollout, State, Status, steps};
use crate::verdict::Verdict;

/// Prints the status of one plan.
pub fn status(arguments: &StatusArgs, surroundings: &Surroundings) -> Exit {
    let overrides = Overrides {
        vars: &arguments.vars,
        source: arguments.source.as_deref(),
        // No source is asked, so their environment is not needed.
        offline: true,
        read_before: None,
        decided: UNDECIDED,
    };
    let plans = match load(
        std::slice::from_ref(&arguments.plan),
        &overrides,
        surroundings,
    ) {
        Ok(plans) => plans,
        Err(exit) => return exit,
    };
    let exits = plans
        .iter()
        .map(|loaded| one(loaded, arguments, surroundings));
    exits.max().unwrap_or(Exit::Go)
}

fn one(loaded: &LoadedPlan, arguments: &StatusArgs, surroundings: &Surroundings) -> Exit {
    let chain = match agreement::read(loaded, "the rollout's status cannot be shown") {
        Ok(chain) => chain,
        Err(exit) => return exit,
    };
    let chain = chain.map(|chain| signatures_of::status(loaded.into(), chain));
    let vars = assigned(&loaded.vars);
    let status = Status {
        elsewhere: loaded.home.elsewhere(),
        ..taken(loaded, &vars, chain.as_ref(), surroundings)
    };
    let text = match arguments.format {
        Format::Text => status_text(&status, &surroundings.stdout.style()),
        Format::Json => status_json(&status),
    };
    match print_stdout(&text) {
        Ok(()) => Exit::Go,
        Err(error) => {
            say(&error.to_string());
            Exit::Unrecorded
        }
    }
}

fn taken(
    loaded: &LoadedPlan,
    vars: &[String],
    chain: Option<&Chain>,
    surroundings: &Surroundings,
) -> Status {
    let rollout = Rollout {
        plan: &loaded.plan,
        plan_sha256: Some(&loaded.sha256),
        vars,
        addresses: &loaded.addresses,
        ledger: chain.map(Chain::ledger),
        now: surroundings.now,
    };
    let mut status = rollout.status(&loaded.shown());
    let witnesses = Witnesses::beside(loaded, None);
    let near = chain.map(|chain| on_its_way::of_running(&rollout, &witnesses, chain));
    if let Some(chain) = chain {
        wait_for_past(&mut status, &rollout, &witnesses, chain);
    }
    for near in near.into_iter().flatten() {
        tell_near(&mut status, &rollout, &near);
    }
    status
}

/// Says of a stop that was on its way in the last check what holds its stage before it trips; once it may have tripped, that a check
/// comes next. Only the record of that check knows of it (L3).
fn tell_near(status: &mut Status, rollout: &Rollout<'_>, near: &Near) {
    let own = status.stages.iter_mut().find(|one| one.name == near.stage);
    let Some(own) = own else {
        return;
    };
    own.flags.push(near.in_words(rollout.now));
    let runs = own.state == State::Running;
    let Some(approach) = near.approach.filter(|_| runs) else {
        return;
    };
    let outcome = format!("{} {}", near.stop, approach.outcome_at(rollout.now));
    if approach.may_have_tripped(rollout.now) {
        let exit = GateKind::Exit.of(&near.stage);
        let next = Next::new(steps::check(&exit), &format!("{outcome}: check now"));
        status.next = Some(next.asked(rollout));
    } else if status.to_hold.is_none() {
        status.to_hold = Some(Next::new(steps::pause(&near.stage), &outcome));
    }
}

/// Says of each window until when it waits for points that have passed, as the last check of its gate did.
fn wait_for_past(status: &mut Status, rollout: &Rollout<'_>, witnesses: &Witnesses, chain: &Chain) {
    for stage in &mut status.stages {
        for window in &mut stage.windows {
            let name = window.kind.of(&stage.name);
            let last = rollout.history().judged(&name);
            let last = last.filter(|last| last.gate.verdict == Verdict::NoGo);
            let record = last.and_then(|last| witnesses.record(chain, last.check));
            window.waits = record.and_then(|record| {
                let mut gates = record.gates.iter();
                let gate = gates.find(|gate| gate.name() == name)?;
                let waits = waits_for_past(gate, record.evaluated_at)?;
                (waits.at > rollout.now).then_some(waits.words)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Approach;
    use crate::rollout::scenarios::{NOW, ledger, paused, plan, rollout, started};
    use crate::units::Duration;

    fn told(entries: Vec<crate::ledger::Entry>, trips_in: i64) -> Status {
        let (plan, ledger) = (plan(), ledger(entries));
        let rollout = rollout(&plan, &ledger);
        let mut status = rollout.status("plan.yaml");
        let near = Near {
            stage: "pilot".to_owned(),
            stop: "exception_rate".to_owned(),
            approach: Some(Approach {
                lasted: Duration::from_secs(600),
                needed: Duration::from_secs(1800),
                last_seen: NOW - Duration::from_secs(60),
                trips_at: Some(NOW + Duration::from_secs(trips_in)),
            }),
            check: 3,
        };
        tell_near(&mut status, &rollout, &near);
        status
    }

    #[test]
    fn l3_status_says_what_holds_a_stage_and_once_that_is_too_late_to_check() {
        let running = || vec![started(90, "ring-0", false), started(20, "pilot", true)];
        let soon = told(running(), 60);
        let hold = soon.to_hold.expect("a command");
        assert_eq!(
            hold.command.command("plan.yaml"),
            "gate pause plan.yaml --stage pilot --why <reason>"
        );
        assert!(hold.why.ends_with("if it goes on"), "{}", hold.why);
        let late = told(running(), -60);
        assert_eq!(late.to_hold, None);
        let next = late.next.expect("a command");
        assert_eq!(
            next.command.command("plan.yaml"),
            "gate check plan.yaml --gate pilot/exit"
        );
        assert!(
            next.why.ends_with("if it went on: check now"),
            "{}",
            next.why
        );
        let while_paused = told(paused(), 60);
        assert_eq!(while_paused.to_hold, None);
    }
}
