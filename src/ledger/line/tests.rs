//! The chain: what is written is read again, and no change to a file goes unseen.

use super::*;
use crate::ledger::Who;

fn occasion(second: i64) -> Occasion {
    Occasion {
        at: Instant::from_secs(1_795_132_800 + second),
        by: Person {
            name: "Ada Lovelace <ada@example.com>".into(),
            known_by: Who::Git,
        },
        why: "as agreed".into(),
        links: vec!["https://example.com/1".into()],
    }
}

fn note(text: &str) -> Event {
    Event::Noted {
        stage: Some("pilot".into()),
        text: text.into(),
        checkpoint: false,
    }
}

fn chain(texts: &[&str]) -> Chain {
    let mut chain = Chain::default();
    for (second, text) in (0..).zip(texts) {
        chain.append(&occasion(second), note(text)).expect("added");
    }
    chain
}

fn file(chain: &Chain) -> String {
    chain.lines().map(|line| format!("{line}\n")).collect()
}

fn damage(text: &str) -> (usize, Damage) {
    let error = read(text.as_bytes()).expect_err("damage");
    (error.line, error.damage)
}

#[test]
fn what_was_added_is_read_again() {
    let written = chain(&["one", "two", "three"]);
    assert_eq!(read(file(&written).as_bytes()), Ok(written));
    assert_eq!(read(b""), Ok(Chain::default()));
}
