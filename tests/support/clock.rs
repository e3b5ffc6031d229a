//! Another clock for the program under test, from a preloaded library. The program knows nothing of it.

use super::servers::clock_library;

/// The environment in which a program's time passes faster by this factor from now on, that of its timeouts, too.
pub fn faster(factor: u64) -> Vec<(String, String)> {
    let variables = [
        ("LD_PRELOAD", clock_library().display().to_string()),
        ("FAKETIME", format!("+0 x{factor}")),
        ("NO_FAKE_STAT", "1".to_owned()),
    ];
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    variables.into_iter().map(owned).collect()
}

/// The environment in which a program's clock is stopped at this time, such as `2026-11-20T14:00:00Z`.
pub fn at(time: &str) -> Vec<(String, String)> {
    let plain = time.replace('T', " ").replace('Z', "");
    let variables = [
        ("LD_PRELOAD", clock_library().display().to_string()),
        ("FAKETIME", plain),
        ("TZ", "UTC".to_owned()),
        // Timeouts and file times stay real.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("NO_FAKE_STAT", "1".to_owned()),
    ];
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    variables.into_iter().map(owned).collect()
}
