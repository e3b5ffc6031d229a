//! Recorded answers, compressed or not: refused, or rewritten and read back as the same.
#![no_main]

use gate::source::Recording;
use gate::source::recorded::{read, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(first) = read(bytes, true) else {
        return;
    };
    let Recording::Kept(entries) = &first.recording else {
        return;
    };
    let text = write(&first.header, &first.sources, entries).concat();
    let second = read(&text, true).expect("what was written is read");
    assert_eq!(first.header, second.header);
    assert_eq!(first.sources, second.sources);
    // NaN is not equal to itself: the printed form is.
    assert_eq!(
        format!("{:?}", first.observations),
        format!("{:?}", second.observations)
    );
    let Recording::Kept(again) = &second.recording else {
        panic!("a recording that was kept");
    };
    assert_eq!(
        text,
        write(&second.header, &second.sources, again).concat(),
        "same answers, other bytes"
    );
});
