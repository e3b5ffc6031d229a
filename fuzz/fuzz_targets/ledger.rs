//! A ledger of any bytes: refused, or read as entries that are rewritten to the same bytes and can be appended to. Each line of
//! the input is chained and sealed first, since no fuzzer can guess a digest; then the bytes are read as they came.
#![no_main]

use std::sync::OnceLock;

use gate::digest::sha256_hex;
use gate::evaluate::{GateRef, Request, assess};
use gate::ledger::{Answer, Chain, Event, IdentitySource, Ledger, Occasion, Person, line};
use gate::plan::{Options, Plan, load};
use gate::samples::Observations;
use gate::units::Instant;
use gate::verdict::Verdict;
use libfuzzer_sys::fuzz_target;

const TEXT: &str = include_str!("ledger.yaml");
/// Stands for the digest of the line before.
const BEFORE: &str = "BEFORE";

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| match load(TEXT.as_bytes(), &Options::default()) {
        Ok(loaded) => loaded.plan,
        Err(problems) => panic!("{problems:?}"),
    })
}

/// The lines that are entries, as a file.
fn sealed(input: &str) -> (Chain, Vec<u8>) {
    let (mut chain, mut file) = (Chain::default(), Vec::new());
    for body in input.lines() {
        let body = body.replace(BEFORE, chain.head());
        let line = format!("{body},\"sha256\":\"{}\"}}", sha256_hex(&[&body]));
        if chain.accept(line.as_bytes()).is_ok() {
            file.extend_from_slice(line.as_bytes());
            file.push(b'\n');
        }
    }
    (chain, file)
}

fn written_again(chain: &Chain) {
    let mut again = Chain::default();
    for entry in chain.ledger().entries() {
        let occasion = Occasion {
            at: entry.at,
            by: entry.by.clone(),
            plan: entry.plan.clone(),
            why: entry.why.clone(),
            links: entry.links.clone(),
        };
        let line = again.append(&occasion, entry.event.clone());
        line.expect("what was read can be written");
    }
    assert_eq!(
        again.ledger(),
        chain.ledger(),
        "read differently from its own words"
    );
}

/// Whatever can be read can be appended to, and a cut file is read as no more than its beginning.
fn added_to(mut chain: Chain, mut file: Vec<u8>, text: &str, cut: usize) {
    let occasion = Occasion {
        at: Instant::from_secs(1_795_132_800),
        by: Person {
            name: text.to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: text.into(),
        why: text.to_owned(),
        links: vec![text.to_owned()],
    };
    let event = Event::Noted {
        stage: None,
        text: text.to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    if let Ok(line) = chain.append(&occasion, event) {
        file.extend_from_slice(line.as_bytes());
        file.push(b'\n');
    }
    assert_eq!(line::read(&file).as_ref(), Ok(&chain));
    let cut = cut % (file.len() + 1);
    match line::read(&file[..cut]) {
        Ok(begin) => {
            assert!(cut == 0 || file[cut - 1] == b'\n', "half a line was taken");
            assert!(
                chain
                    .ledger()
                    .entries()
                    .starts_with(begin.ledger().entries())
            );
        }
        Err(error) => assert_eq!(error.damage, gate::ledger::Damage::Torn),
    }
}

/// GO needs the last answer to be yes.
fn judged(ledger: &Ledger) {
    let stages = plan().stages.iter().enumerate();
    let gates =
        stages.flat_map(|(stage, of)| (0..of.gates.len()).map(move |gate| GateRef { stage, gate }));
    let request = Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: Instant::from_secs(1_795_132_800),
        started: None,
        gates: gates.collect(),
        ledger: Some(ledger.clone()),
        plan_sha256: None,
        vars: Vec::new(),
        addresses: Vec::new(),
    };
    let assessment = assess(plan(), &request, &Observations::new());
    for gate in assessment.gates {
        let is_ours = |event: &Event| match event {
            Event::Confirmed { stage, answer, .. } => {
                *stage == gate.stage && *answer == Answer::Yes
            }
            _ => false,
        };
        let answered = ledger.entries().iter().any(|entry| is_ours(&entry.event));
        assert!(
            answered || gate.verdict != Verdict::Go,
            "GO without an answer"
        );
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(chain) = line::read(bytes) {
        written_again(&chain);
    }
    let Some((cut, input)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let Ok(input) = std::str::from_utf8(input) else {
        return;
    };
    let (chain, file) = sealed(input);
    written_again(&chain);
    judged(chain.ledger());
    added_to(chain, file, input, usize::from(u16::from_le_bytes(*cut)));
});
