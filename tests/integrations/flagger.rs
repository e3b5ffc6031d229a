//! Flagger's webhooks, as its load tester runs their commands: `bash -c`, 200 if that succeeds, otherwise 500.

use serde_yaml::Value;

use super::block::{at, documents, word};
use super::rollout::{Rollout, Situation};
use super::runner::Block;
use crate::support::program::Finished;

fn webhook(name: &str) -> Value {
    let canary = documents("flagger/canary.yaml").remove(0);
    let webhooks = at(&canary, "spec.analysis.webhooks")
        .as_sequence()
        .expect("a list")
        .clone();
    let found = webhooks
        .into_iter()
        .find(|webhook| word(at(webhook, "name")) == name);
    found.expect("the webhook")
}

/// What the load tester does when Flagger calls the webhook of this name and type.
fn call(rollout: &Rollout, name: &str, kind: &str) -> Finished {
    let webhook = webhook(name);
    assert_eq!(word(at(&webhook, "type")), kind);
    // With `cmd` it would answer 202 before the command has run.
    assert_eq!(word(at(&webhook, "metadata.type")), "bash");
    let folder = rollout.place.path().display().to_string();
    let command = word(at(&webhook, "metadata.cmd")).replace("/rollout", &folder);
    // `gate` is found on the PATH there.
    let program = std::path::Path::new(rollout.program());
    let programs = program.parent().expect("a folder").display();
    let words = ["bash", "-c", &command].map(str::to_owned);
    Block::of_command(rollout, &words)
        .with("PATH", format!("{programs}:/usr/bin:/bin"))
        .run()
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn go_alone_promotes_and_no_go_and_stop_alone_roll_back() {
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let promoted = call(&rollout, "gate-go", "confirm-promotion");
        assert_eq!(
            promoted.code == 0,
            situation == Situation::Go,
            "{promoted:?}"
        );
        let rolled_back = call(&rollout, "gate-no-go", "rollback");
        let is_expected = [Situation::NoGo, Situation::Stop].contains(&situation);
        assert_eq!(rolled_back.code == 0, is_expected, "{rolled_back:?}");
        rollout.is_kept();
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_stage_begins_before_traffic_is_moved() {
    let rollout = Rollout::new(Situation::Go);
    // It has begun already.
    assert_eq!(call(&rollout, "gate-start", "pre-rollout").code, 1);
    std::fs::remove_file(rollout.place.path().join("plan.ledger.jsonl")).expect("a new rollout");
    assert_eq!(call(&rollout, "gate-start", "pre-rollout").code, 0);
}
