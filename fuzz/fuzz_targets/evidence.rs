//! Evidence of any text: refused, or rewritten and read back as the same, and every report can be made from it.
#![no_main]

use gate::evidence::v1::{from_json, to_json, unread};
use gate::report::{Kind, Style, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(evidence) = from_json(document) else {
        return;
    };
    let again = to_json(&evidence);
    let read = from_json(&again).expect("what was written is read");
    assert_eq!(to_json(&read), again, "same record, other bytes");
    assert!(
        unread(&again, &read).is_empty(),
        "a form of its own is not known"
    );
    if again != document {
        assert!(
            !unread(document, &evidence).is_empty(),
            "shown less than what is there"
        );
    }
    let _ = text(&evidence, &Style::FILE);
    for kind in Kind::ALL {
        let _ = kind.render(&evidence, None, None, usize::MAX);
    }
});
