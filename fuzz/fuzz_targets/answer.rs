//! The body of a server's answer: refused or read, and the same however it is cut into pieces on its way.
#![no_main]

use gate::samples::{Asked, Grid};
use gate::source::read_answer;
use gate::units::{Duration, Instant};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, body)) = bytes.split_first() else {
        return;
    };
    let asked = if *choice & 1 == 0 {
        Asked::At(Instant::from_secs(1_795_132_800))
    } else {
        let (first, last) = (
            Instant::from_secs(1_795_129_200),
            Instant::from_secs(1_795_132_800),
        );
        match Grid::inside(first, last, Duration::from_secs(15)) {
            Some(grid) => Asked::Range(grid),
            None => return,
        }
    };
    let whole = read_answer(body, usize::MAX, &asked);
    let pieces = read_answer(body, usize::from(*choice >> 1) + 1, &asked);
    // NaN is not equal to itself: the printed form is.
    assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
    if let Ok(series) = whole {
        // Every point is there in the text: a pair takes at least six bytes.
        let points: usize = series.iter().map(|series| series.points.len()).sum();
        assert!(points <= body.len() / 6, "points that nobody sent");
    }
});
