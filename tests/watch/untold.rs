//! What was recorded, and not told before the watch was killed, is told by the next one, under the same id (W15, W16).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::{Watching, plan, rounds};
use crate::support::faulty::Faulty;
use crate::support::faulty::answer;
use crate::support::live::Live;
use crate::support::program::Workplace;

/// A receiver that hangs while it is told to, and the ids that it has seen, each with whether it answered.
struct Receiver {
    server: Faulty,
    hangs: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<(String, bool)>>>,
}

impl Receiver {
    fn new() -> Self {
        let (hangs, seen) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Mutex::new(Vec::new())),
        );
        let (hung, log) = (Arc::clone(&hangs), Arc::clone(&seen));
        let server = Faulty::answering(move |asked| {
            let event: Value = serde_json::from_str(&asked.body).expect("JSON");
            let id = event["id"].as_str().expect("an id").to_owned();
            let hangs = hung.load(Ordering::SeqCst);
            log.lock().expect("the log").push((id, !hangs));
            if hangs {
                std::thread::sleep(Duration::from_secs(40));
            }
            answer("200 OK", "text/plain", "")
        });
        Self {
            server,
            hangs,
            seen,
        }
    }

    fn hangs(&self, hangs: bool) {
        self.hangs.store(hangs, Ordering::SeqCst);
    }

    fn seen(&self) -> Vec<(String, bool)> {
        self.seen.lock().expect("the log").clone()
    }

    #[track_caller]
    fn until(&self, count: usize, watching: &Watching) {
        for _ in 0..600 {
            if self.seen().len() >= count {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{:?}\n{}", self.seen(), watching.said());
    }
}

/// A stage that is NO-GO, and has been since it began.
fn no_go(receiver: &Receiver) -> (Live, Workplace) {
    let live = Live::new();
    live.has(-5.0, 600.0, 2.0);
    let url = receiver.server.url();
    let plan = plan(live.url(), 120, 30);
    let notify = format!("notify: [{{ webhook: '{url}/h', timeout: 60s }}]\n");
    let workplace = Workplace::with_plan(&format!("{plan}{notify}"));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    (live, workplace)
}

fn kill(watching: Watching) {
    watching.signal("-KILL");
    assert_eq!(watching.end().code, -1);
}

#[test]
fn w16_a_change_that_was_recorded_and_not_told_is_told_after_the_restart_once() {
    let receiver = Receiver::new();
    let (_live, workplace) = no_go(&receiver);
    receiver.hangs(true);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  NO-GO");
    receiver.until(1, &watching);
    kill(watching);
    receiver.hangs(false);
    let watching = Watching::begin(&workplace, &[]);
    receiver.until(2, &watching);
    // The round that follows says that it is through.
    let is_through = || {
        rounds(&workplace)
            .iter()
            .any(|one| one.get("told").is_some())
    };
    for _ in 0..200 {
        if is_through() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(is_through(), "{}", watching.said());
    kill(watching);
    let seen = receiver.seen();
    let ((first, answered), (second, again)) = (&seen[0], &seen[1]);
    assert_eq!((first, answered, again), (second, &false, &true));
    // It is known to be told: nobody hears of it again.
    let watching = Watching::begin(&workplace, &["--for", "3s"]);
    watching.end().says(1, "its time is over");
    assert_eq!(receiver.seen().len(), 2, "{:?}", receiver.seen());
    // A watch that ended as it should has told all.
    let watching = Watching::begin(&workplace, &["--for", "2s"]);
    watching.end().says(1, "its time is over");
    assert_eq!(receiver.seen().len(), 2, "{:?}", receiver.seen());
}

#[test]
fn w16_where_nothing_says_what_was_told_the_last_change_is_told_again_with_its_id() {
    let receiver = Receiver::new();
    let (_live, workplace) = no_go(&receiver);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  NO-GO");
    receiver.until(1, &watching);
    std::thread::sleep(Duration::from_millis(2500));
    kill(watching);
    // As on another machine, where the file of rounds is not.
    for file in workplace.files("plan.evidence", ".rounds.jsonl") {
        std::fs::remove_file(file).expect("a file");
    }
    let watching = Watching::begin(&workplace, &["--for", "3s"]);
    watching.end().says(1, "its time is over");
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[0].0, seen[1].0);
}
