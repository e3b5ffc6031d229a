//! How long to wait before another try: longer each time, and never as long as the others who wait (R1). Reads no clock.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// The pause before the first other try is at most this, in milliseconds.
const FIRST: u64 = 25;
/// No pause is longer, in milliseconds.
const LONGEST: u64 = 2_000;

/// A pause before the next try, where `tries` were made: at least a quarter of what it may be at most.
#[must_use]
pub fn pause(tries: u32) -> Duration {
    let most = FIRST.saturating_mul(1 << tries.min(10)).min(LONGEST);
    // The standard library's keys of hash maps are random, which is all that is needed here.
    let random = RandomState::new().hash_one(tries);
    Duration::from_millis(most / 4 + random % (most * 3 / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        for tries in [0, 1, 5, 30, u32::MAX] {
            let most = (25_u128 << tries.min(10)).min(2_000);
            let pauses: Vec<u128> = (0..50).map(|_| pause(tries).as_millis()).collect();
            assert!(
                pauses.iter().all(|pause| (most / 4..=most).contains(pause)),
                "{pauses:?}"
            );
            assert!(
                pauses.iter().any(|pause| Some(pause) != pauses.first()),
                "{pauses:?}"
            );
        }
    }
}
