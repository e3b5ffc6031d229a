//! Killed at any moment, and begun again: the ledger holds, no file is half, the verdict is the same.

use std::time::Duration;

use super::{Watching, begun, kinds, verified};
use crate::support::random::Random;

/// How often it is killed.
fn kills() -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no other way to be asked for more"
    )]
    let asked = std::env::var("GATE_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

#[test]
#[ignore = "takes as long as its kills: tests/all.sh"]
fn w15_killed_at_random_moments_it_ends_with_the_same_verdict() {
    let kills = kills();
    let window = u32::try_from(kills).expect("few kills") * 2 + 10;
    let (_live, workplace) = begun(window, 3);
    let mut random = Random::named("kills of a watch");
    for _ in 0..kills {
        let watching = Watching::begin(&workplace, &[]);
        let pause = 50 + random.below(1500);
        std::thread::sleep(Duration::from_millis(
            u64::try_from(pause).expect("a pause"),
        ));
        watching.signal("-KILL");
        assert_eq!(watching.end().code, -1);
        verified(&workplace);
    }
    Watching::begin(&workplace, &[]).end().says(0, "GO");
    verified(&workplace);
    let ended = kinds(&workplace)
        .iter()
        .filter(|kind| *kind == "watch-ended")
        .count();
    assert_eq!(ended, 1);
    let left = workplace.files("plan.evidence", ".tmp");
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn w14_a_signal_ends_it_in_good_order_and_never_with_0() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let (_live, workplace) = begun(40, 3);
        let watching = Watching::begin(&workplace, &[]);
        watching.until("recorded  HOLD");
        watching.signal(signal);
        watching.end().says(3, "the watch ended: interrupted");
        assert_eq!(
            kinds(&workplace).last().map(String::as_str),
            Some("watch-ended")
        );
        verified(&workplace);
    }
}
