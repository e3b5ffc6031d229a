//! What becomes of an entry when the place does what places do on bad days: recorded once, or not at all, and said so.

use std::thread;

use super::desk::is_begun_anew;
use super::*;
use crate::ledger::{Event, IdentitySource, Person};
use crate::records::Cause;
use crate::records::scripted::{Scripted, Step};
use crate::units;

fn occasion(by: &str) -> Occasion {
    Occasion {
        at: units::Instant::from_secs(1_795_132_800),
        by: Person {
            name: by.to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: String::new(),
        links: Vec::new(),
        nonce: None,
    }
}

fn note(text: &str) -> Event {
    Event::Noted {
        stage: None,
        text: text.to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// A machine with copies of its own.
struct Machine {
    shared: Shared,
    _copies: tempfile::TempDir,
}

impl Machine {
    fn of(engine: &Arc<Scripted>) -> Self {
        let copies = tempfile::tempdir().expect("a folder");
        let (ledger, evidence) = (name("plan.ledger.jsonl"), name("plan.evidence"));
        let engine: Arc<dyn Engine> = Arc::clone(engine) as Arc<dyn Engine>;
        let shared = Shared::of(engine, ledger, evidence, copies.path().to_owned());
        Self {
            shared,
            _copies: copies,
        }
    }

    /// Notes a text, and says how often that was decided.
    fn notes(&self, text: &str) -> (Result<usize, RecordError<()>>, usize) {
        let mut decided = 0;
        let appended = self.shared.append(&occasion("ada"), |_| {
            decided += 1;
            Ok(vec![note(text)])
        });
        (appended.map(|(chain, _)| chain.lines().len()), decided)
    }

    fn texts(&self) -> Vec<String> {
        self.shared.pull().expect("read");
        let bytes = fs::read(self.shared.path()).unwrap_or_default();
        let chain = line::read(&bytes).expect("a ledger");
        let entries = chain.ledger().entries().iter();
        let texts = entries.map(|entry| match &entry.event {
            Event::Noted { text, .. } => text.clone(),
            other => format!("{other:?}"),
        });
        texts.collect()
    }
}

fn engine(steps: &[Step]) -> Arc<Scripted> {
    Arc::new(Scripted::then(steps))
}

#[test]
fn r1_what_was_stale_is_decided_again() {
    let machine = Machine::of(&engine(&[Step::Stale, Step::Stale]));
    let (recorded, decided) = machine.notes("one");
    assert_eq!((recorded.expect("recorded"), decided), (1, 3));
    assert_eq!(machine.texts(), ["one"]);
}

#[test]
fn r5_an_answer_that_was_lost_after_the_write_is_recorded_once() {
    let machine = Machine::of(&engine(&[Step::Lost]));
    let (recorded, decided) = machine.notes("one");
    assert_eq!((recorded.expect("recorded"), decided), (1, 1));
    assert_eq!(machine.texts(), ["one"]);
}

#[test]
fn r5_no_answer_and_no_write_is_decided_again() {
    let machine = Machine::of(&engine(&[Step::Gone]));
    let (recorded, decided) = machine.notes("one");
    assert_eq!((recorded.expect("recorded"), decided), (1, 2));
    assert_eq!(machine.texts(), ["one"]);
}

#[test]
fn a_place_that_says_no_records_nothing_and_is_named() {
    for cause in [
        Cause::Away,
        Cause::Refused,
        Cause::Misplaced,
        Cause::TooLarge,
    ] {
        let machine = Machine::of(&engine(&[Step::Trouble(cause)]));
        let (recorded, decided) = machine.notes("one");
        let Err(RecordError::Journal(JournalError::Shared { advice, .. })) = recorded else {
            panic!("{cause:?}: {recorded:?}");
        };
        assert!(!advice.is_empty() && decided == 1, "{cause:?}");
        assert!(machine.texts().is_empty(), "{cause:?}");
    }
}

#[test]
fn what_is_refused_records_nothing() {
    let machine = Machine::of(&engine(&[]));
    let refused = machine
        .shared
        .append(&occasion("ada"), |_| Err::<Vec<Event>, _>("no"));
    assert!(matches!(refused, Err(RecordError::Refused("no"))));
    assert!(machine.texts().is_empty());
}

#[test]
fn r1_eight_machines_with_25_entries_each_lose_none() {
    let engine = engine(&[]);
    let machines: Vec<Machine> = (0..8).map(|_| Machine::of(&engine)).collect();
    thread::scope(|scope| {
        for (number, machine) in machines.iter().enumerate() {
            scope.spawn(move || {
                for entry in 0..25 {
                    let (recorded, _) = machine.notes(&format!("{number}/{entry}"));
                    recorded.expect("recorded");
                }
            });
        }
    });
    let mut texts = machines[0].texts();
    assert_eq!(texts.len(), 200);
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 200, "one was recorded twice");
}

#[test]
fn r5_two_writers_of_one_name_in_one_second_write_different_lines() {
    let engine = engine(&[]);
    let machine = Machine::of(&engine);
    machine.notes("same").0.expect("recorded");
    machine.notes("same").0.expect("recorded");
    let bytes = fs::read(machine.shared.path()).expect("a ledger");
    let chain = line::read(&bytes).expect("a ledger");
    let nonces: Vec<&Option<String>> = chain
        .ledger()
        .entries()
        .iter()
        .map(|one| &one.nonce)
        .collect();
    assert!(nonces[0].is_some() && nonces[0] != nonces[1], "{nonces:?}");
}

fn set_back<T>(result: Result<T, JournalError>) -> (usize, usize, bool) {
    match result {
        Err(JournalError::SetBack {
            seen,
            there,
            is_beginning,
            ..
        }) => (seen, there, is_beginning),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not noticed"),
    }
}

#[test]
fn t1_what_was_seen_here_bears_witness_and_is_the_way_back() {
    let engine = engine(&[]);
    let machine = Machine::of(&engine);
    machine.notes("one").0.expect("recorded");
    let earlier = fs::read(machine.shared.path()).expect("a ledger");
    machine.notes("two").0.expect("recorded");
    let later = fs::read(machine.shared.path()).expect("a ledger");
    let ledger = &machine.shared.ledger;
    engine.set(ledger, &earlier);
    for _ in 0..2 {
        assert_eq!(set_back(machine.shared.pull()), (2, 1, true));
        let Err(RecordError::Journal(error)) = machine.notes("three").0 else {
            panic!("recorded");
        };
        assert_eq!(set_back::<()>(Err(error)), (2, 1, true));
        assert_eq!(fs::read(machine.shared.path()).expect("kept"), later);
    }
    machine.shared.extend(&later, &[], "ada").expect("back");
    assert_eq!(machine.texts(), ["one", "two"]);
    engine.remove(ledger);
    assert_eq!(set_back(machine.shared.pull()), (2, 0, true));
    let shorter = machine.shared.extend(&earlier, &[], "ada");
    assert!(matches!(
        shorter,
        Err(RecordError::Journal(JournalError::SetBack { .. }))
    ));
    // Another machine, which saw nothing, goes on from there.
    Machine::of(&engine).notes("other").0.expect("recorded");
    assert_eq!(set_back(machine.shared.pull()), (2, 1, false));
    assert_eq!(fs::read(machine.shared.path()).expect("kept"), later);
}

#[test]
fn t1_a_ledger_begun_anew_after_a_look_is_taken_and_an_earlier_one_is_not() {
    let engine = engine(&[]);
    let (machine, other) = (Machine::of(&engine), Machine::of(&engine));
    let begin = |machine: &Machine| {
        let set_aside = Vec::new();
        let shared = machine.shared.clone().anew();
        let begun = shared.append(&occasion("ada"), |_| {
            Ok::<_, ()>(vec![Event::LedgerBegun {
                set_aside: set_aside.clone(),
            }])
        });
        begun.expect("begun");
        fs::read(machine.shared.path()).expect("a ledger")
    };
    let ledger = &machine.shared.ledger;
    machine.notes("one").0.expect("recorded");
    other.shared.pull().expect("read");
    let first = fs::read(machine.shared.path()).expect("a ledger");
    engine.remove(ledger);
    begin(&machine);
    assert_eq!(machine.texts().len(), 1);
    other.shared.pull().expect("the other follows");
    let kept = fs::read_dir(&machine.shared.copies).expect("a folder");
    let kept = kept.flatten().map(|file| fs::read(file.path()).ok());
    assert!(kept.flatten().any(|bytes| bytes == first), "not kept");
    engine.set(ledger, &first);
    assert_eq!(set_back(machine.shared.pull()), (1, 1, false));
}

#[test]
fn t1_a_beginning_from_before_the_last_entry_is_no_new_one() {
    let at = |at: i64, event: Event| {
        let mut chain = Chain::default();
        let occasion = Occasion {
            at: units::Instant::from_secs(at),
            ..occasion("ada")
        };
        chain
            .append(&occasion, event)
            .map(|line| format!("{line}\n"))
            .expect("a line")
            .into_bytes()
    };
    let begun = || Event::LedgerBegun {
        set_aside: Vec::new(),
    };
    assert!(is_begun_anew(&at(10, begun()), &at(11, begun())));
    assert!(!is_begun_anew(&at(11, begun()), &at(10, begun())));
    assert!(!is_begun_anew(&at(10, begun()), &at(10, begun())));
    assert!(!is_begun_anew(&at(10, begun()), &at(11, note("x"))));
}
