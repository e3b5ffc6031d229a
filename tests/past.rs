//! Ledgers whose entries lie in the past: a rollout that has been going on for a while, without another clock.

use gate::ledger::{Answer, Chain, Event, IdentitySource, Occasion, Person, RollbackTold, line};
use gate::units::{Duration, Instant};

/// The ledger of `plan.yaml`.
pub const LEDGER: &str = "plan.ledger.jsonl";

/// Of entries that were made this many minutes ago; a start begins when it is recorded.
pub fn ledger(events: Vec<(i64, Event)>) -> String {
    let mut chain = Chain::default();
    let now = std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs();
    let now = Instant::from_secs(i64::try_from(now).expect("a time"));
    for (minutes, event) in events {
        let by = Person {
            name: "ada".to_owned(),
            identity_source: IdentitySource::Given,
        };
        let occasion = Occasion {
            nonce: None,
            at: now - Duration::from_secs(60 * minutes),
            by,
            plan: "plan.yaml".into(),
            why: "because".to_owned(),
            links: Vec::new(),
        };
        let event = match event {
            Event::Started { stage, .. } => Event::Started {
                stage,
                at: occasion.at,
                overridden: false,
                vars: Vec::new(),
                sources: Vec::new(),
            },
            other => other,
        };
        chain.append(&occasion, event).expect("an entry");
    }
    let lines: Vec<&str> = chain.lines().collect();
    format!("{}\n", lines.join("\n"))
}

/// A ledger to which a machine appended whose clock differs from this one by so many seconds.
pub fn appended(ledger: &[u8], seconds: i64, event: Event) -> String {
    let mut chain = line::read(ledger).expect("a ledger");
    let now = std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs();
    let now = Instant::from_secs(i64::try_from(now).expect("a time"));
    let occasion = Occasion {
        nonce: None,
        at: now + Duration::from_secs(seconds),
        by: Person {
            name: "bob".to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: "because".to_owned(),
        links: Vec::new(),
    };
    chain.append(&occasion, event).expect("an entry");
    let lines: Vec<&str> = chain.lines().collect();
    format!("{}\n", lines.join("\n"))
}

/// A start.
pub fn started(stage: &str) -> Event {
    Event::Started {
        stage: stage.to_owned(),
        at: Instant::from_secs(0),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    }
}

/// A rollback without steps.
pub fn rolled_back(stage: &str) -> Event {
    Event::RolledBack {
        stage: stage.to_owned(),
        told: RollbackTold::default(),
    }
}

/// A resume.
pub fn resumed(stage: &str) -> Event {
    Event::Resumed {
        stage: stage.to_owned(),
    }
}

/// An answer to a confirmation.
pub fn confirmed(stage: &str, id: &str, answer: Answer) -> Event {
    Event::Confirmed {
        stage: stage.to_owned(),
        id: id.to_owned(),
        answer,
        text_sha256: gate::digest::sha256_hex(&[id]),
    }
}
