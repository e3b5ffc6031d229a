//! The chain: what is written reads back, and no change to a file goes undetected.

use super::*;
use crate::ledger::IdentitySource;

fn occasion(second: i64) -> Occasion {
    Occasion {
        nonce: None,
        at: Instant::from_secs(1_795_132_800 + second),
        by: Person {
            name: "Ada Lovelace <ada@example.com>".into(),
            identity_source: IdentitySource::Git,
        },
        plan: "plan.yaml".into(),
        why: "as agreed".into(),
        links: vec!["https://example.com/1".into()],
    }
}

fn note(text: &str) -> Event {
    Event::Noted {
        stage: Some("pilot".into()),
        text: text.into(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    }
}

pub(super) fn chain(texts: &[&str]) -> Chain {
    let mut chain = Chain::default();
    for (second, text) in (0..).zip(texts) {
        chain.append(&occasion(second), note(text)).expect("added");
    }
    chain
}

pub(super) fn file(chain: &Chain) -> String {
    chain
        .lines()
        .fold(String::new(), |text, line| text + line + "\n")
}

fn damage(text: &str) -> (usize, Damage) {
    let error = read(text.as_bytes()).expect_err("damage");
    (error.line, error.damage)
}

#[test]
fn what_was_appended_reads_back() {
    let written = chain(&["one", "two", "three"]);
    assert_eq!(read(file(&written).as_bytes()), Ok(written));
    assert_eq!(read(b""), Ok(Chain::default()));
}

#[test]
fn a_line_says_what_it_is_in_a_fixed_order() {
    let line = sealed(
        &Entry {
            nonce: None,
            number: 1,
            at: occasion(0).at,
            by: occasion(0).by,
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event: note("\u{1b}[31m it\u{2019}s \u{202e}done"),
        },
        NO_LINE,
    );
    let begin = format!(
        r#"{{"schema":"gate.ledger/v1","n":1,"prev":"{NO_LINE}","at":"2026-11-20T00:00:00Z","by":{{"name":"Ada Lovelace <ada@example.com>","identity_source":"git"}},"plan":{{"file":"plan.yaml","sha256":null,"release":null,"version":null}},"kind":"noted","stage":"pilot","text":"\u001b[31m it’s \u202edone","checkpoint":false,"role":null,"reviewed_issues":false,"lesson":false,"why":"","links":[]"#
    );
    let digest = sha256_hex(&[&begin]);
    assert_eq!(line, format!(r#"{begin},"sha256":"{digest}"}}"#));
}

#[test]
fn a_flipped_byte_is_detected_anywhere() {
    let text = file(&chain(&["one", "two \u{1b} \u{e9}", "three"]));
    for place in 0..text.len() {
        let odd = u8::try_from(place * 37 % 255).expect("a byte") + 1;
        for mask in (0..8).map(|bit| 1 << bit).chain([odd, 0xff]) {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= mask;
            assert!(read(&bytes).is_err(), "byte {place} xor {mask}");
        }
    }
}

#[test]
fn a_removed_byte_and_an_added_one_are_detected() {
    let text = file(&chain(&["one", "two"]));
    for place in 0..text.len() {
        let mut less = text.clone().into_bytes();
        less.remove(place);
        assert!(read(&less).is_err(), "without byte {place}");
        for extra in [b' ', b'\n', b'0', 0] {
            let mut more = text.clone().into_bytes();
            more.insert(place, extra);
            assert!(read(&more).is_err(), "byte {extra} at {place}");
        }
    }
}

#[test]
fn removed_moved_and_repeated_lines_are_detected() {
    let text = file(&chain(&["one", "two", "three", "four"]));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let made = |order: &[usize]| order.iter().map(|line| lines[*line]).collect::<String>();
    let number = |expected, found| Damage::Number { expected, found };
    for (order, line, expected) in [
        (&[1, 2, 3][..], 1, number(1, 2)),
        (&[0, 2, 3], 2, number(2, 3)),
        (&[0, 2, 1, 3], 2, number(2, 3)),
        (&[0, 1, 1, 2, 3], 3, number(3, 2)),
        (&[0, 0, 1, 2, 3], 2, number(2, 1)),
        (&[3, 2, 1, 0], 1, number(1, 4)),
    ] {
        assert_eq!(damage(&made(order)), (line, expected), "{order:?}");
    }
}

#[test]
fn a_line_replaced_by_a_sealed_one_is_detected_at_the_next() {
    let text = file(&chain(&["one", "two", "three"]));
    let other = file(&chain(&["one", "forged", "three"]));
    let (lines, forged): (Vec<&str>, Vec<&str>) = (
        text.split_inclusive('\n').collect(),
        other.split_inclusive('\n').collect(),
    );
    let replaced = [lines[0], forged[1], lines[2]].concat();
    assert_eq!(damage(&replaced), (3, Damage::Unchained));
}

#[test]
fn whole_lines_removed_from_the_end_cannot_be_detected() {
    let whole = chain(&["one", "two", "three"]);
    let shorter = file(&whole)
        .lines()
        .take(2)
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(read(shorter.as_bytes()), Ok(chain(&["one", "two"])));
    assert_ne!(chain(&["one", "two"]).head(), whole.head());
}

#[test]
fn a_last_line_is_torn_wherever_it_was_cut() {
    let text = file(&chain(&["one", "two"]));
    let second = text.find('\n').expect("a line") + 1;
    for end in second + 1..text.len() {
        assert_eq!(damage(&text[..end]), (2, Damage::Torn), "cut at {end}");
    }
    assert_eq!(read(&text.as_bytes()[..second]), Ok(chain(&["one"])));
}

fn resealed(line: &str, old: &str, new: &str) -> String {
    let changed = line.replacen(old, new, 1);
    assert_ne!(changed, line);
    let (body, _) = changed.rsplit_once(SEAL).expect("a seal");
    format!("{body}{SEAL}{}\"}}\n", sha256_hex(&[body]))
}

#[test]
fn an_unknown_form_is_refused_even_if_it_is_sealed() {
    let written = chain(&["one"]);
    let line = written.lines().next().expect("a line");
    for (old, new, says) in [
        (
            "ledger/v1",
            "ledger/v2",
            "its schema is `gate.ledger/v2`, but this version of gate reads `gate.ledger/v1`",
        ),
        ("noted", "danced", "unknown kind of entry `danced`"),
        (
            "\"why\":\"as agreed\",",
            "",
            "found `links` where `why` belongs",
        ),
        (
            "\"n\":1",
            "\"n\":1,\"n\":1",
            "found `n` where `prev` belongs",
        ),
        (
            "\"checkpoint\":false",
            "\"checkpoint\":false,\"extra\":1",
            "found `extra` where `role` belongs",
        ),
        (
            "\"checkpoint\":false",
            "\"checkpoint\":\"no\"",
            "`checkpoint` is a string",
        ),
        ("00:00:00Z", "00:00:00+00:00", "is not a time such as"),
        ("\"git\"", "\"guess\"", "unknown identity source `guess`"),
        ("\"links\":[", "\"links\":[1,", "a link is not text"),
        ("\"n\":1", "\"n\":1.0", "floating point"),
        ("{\"schema\"", "[\"schema\"", "expected"),
    ] {
        let (_, damage) = damage(&resealed(line, old, new));
        assert!(
            matches!(&damage, Damage::Form(wrong) if wrong.contains(says)),
            "{damage}"
        );
    }
}

#[test]
fn converted_line_ends_are_named() {
    let (line, damage) = damage(&file(&chain(&["one"])).replace('\n', "\r\n"));
    assert_eq!(line, 1);
    assert!(damage.to_string().contains("carriage return"), "{damage}");
    assert!(read(b"\n").is_err());
}

#[test]
fn what_would_not_read_back_is_not_appended() {
    let mut chain = chain(&["one"]);
    let before = chain.clone();
    let mut late = occasion(0);
    // The year 14645: its spelling would have a sign.
    late.at = Instant::from_secs(400_000_000_000);
    assert!(chain.append(&late, note("two")).is_err());
    assert_eq!(chain, before);
}

#[test]
fn what_was_known_at_a_time_ends_with_the_last_entry_by_then() {
    let mut whole = chain(&["one", "two", "three"]);
    // A machine whose clock is behind: what precedes its entry was known as well.
    whole.append(&occasion(1), note("four")).expect("added");
    let known = |second| whole.until(occasion(second).at).lines().len();
    assert_eq!([known(-1), known(0), known(1), known(9)], [0, 1, 4, 4]);
    assert_eq!(whole.until(occasion(0).at), chain(&["one"]));
}

/// A check and a signature whose record was set aside come back, sealed again (T1): they are read no more than before.
#[test]
fn t1_nothing_after_a_new_ledger_names_a_record_that_it_set_aside() {
    let sha256 = "a".repeat(64);
    let mut chain = chain(&[]);
    let begun = Event::LedgerBegun {
        set_aside: vec![crate::ledger::SetAside {
            path: "plan.evidence/1.json".into(),
            sha256: sha256.clone(),
        }],
    };
    chain.append(&occasion(0), begun).expect("begun");
    let approved = |evidence_sha256: String| Event::Approved {
        gate: "pilot/entry".parse().expect("a gate"),
        role: "product".into(),
        evidence_path: "plan.evidence/2.json".into(),
        evidence_sha256,
        verdict_without_approvals: crate::verdict::Verdict::Go,
        expires: None,
        revoked: false,
    };
    let other = chain.append(&occasion(1), approved("b".repeat(64)));
    assert!(other.is_ok(), "{other:?}");
    let before = file(&chain);
    let entry = occasion(2).entry(3, approved(sha256));
    let again = before + &sealed(&entry, chain.head()) + "\n";
    assert_eq!(damage(&again), (3, Damage::SetAside(1)));
    assert!(chain.append(&occasion(2), entry.event).is_err());
}

#[test]
fn t1_a_line_of_an_earlier_gate_is_named_as_such() {
    let now = file(&chain(&["one"]));
    let object =
        "\"plan\":{\"file\":\"plan.yaml\",\"sha256\":null,\"release\":null,\"version\":null},";
    assert!(now.contains(object), "{now}");
    for then in ["\"plan\":\"plan.yaml\",", ""] {
        let line = now.trim_end().replace(object, then);
        let (body, _) = line.rsplit_once(SEAL).expect("a seal");
        let line = format!("{body}{SEAL}{}\"}}\n", sha256_hex(&[body]));
        assert_eq!(damage(&line), (1, Damage::Older));
    }
}

#[test]
fn r8_what_two_clones_recorded_in_one_file_is_recognised() {
    let (ours, theirs) = (chain(&["one", "two"]), chain(&["one", "other"]));
    let (ours, theirs) = (file(&ours), file(&theirs));
    let their = theirs.lines().last().expect("a line");
    assert_eq!(damage(&format!("{ours}{their}\n")), (3, Damage::Merged(2)));
    let (first, our) = ours.split_once('\n').expect("two lines");
    let marked = format!("{first}\n<<<<<<< HEAD\n{our}=======\n{their}\n>>>>>>> theirs\n");
    assert_eq!(damage(&marked), (2, Damage::Conflict));
}
