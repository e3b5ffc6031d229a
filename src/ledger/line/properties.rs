//! What holds for every ledger: any entry reads back as it was appended, no bytes panic, no change is missed.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample;

use super::tests::{chain, file};
use super::*;
use crate::digest::sha256_hex;
use crate::kind::{CriterionKind, GateKind, GateName, List};
use crate::ledger::{
    Answer, Checked, EventKind, FileKept, GateChecked, IdentitySource, IncidentDetails, LetGo,
    NotMet, Notified, RollbackTold, SetAside, StageLeft, StepState, StepTold, Trip, Watch,
    WatchEnd,
};
use crate::units::Duration;
use crate::verdict::Verdict;

fn instant() -> impl Strategy<Value = Instant> {
    (0..100_000_000_000_i64).prop_map(Instant::from_secs)
}

fn verdict() -> impl Strategy<Value = Verdict> {
    (0..4_usize).prop_map(|which| Verdict::ALL[which])
}

fn details() -> impl Strategy<Value = IncidentDetails> {
    let text = || option::of(any::<String>());
    (text(), text(), text(), text(), option::of(instant())).prop_map(
        |(severity, description, workaround, owner, target)| IncidentDetails {
            severity,
            description,
            workaround,
            owner,
            target,
        },
    )
}

fn step() -> impl Strategy<Value = StepTold> {
    let took = option::of((0..1_000_000_000_i64).prop_map(Duration::from_millis));
    let maybe = || option::of(any::<String>());
    let state = sample::select(&StepState::ALL[..]);
    let about = (any::<u32>(), maybe(), any::<String>());
    (about, state, maybe(), took).prop_map(|((number, option, action), state, by, took)| StepTold {
        number: number as usize,
        option,
        action,
        state,
        by,
        took,
    })
}

fn told() -> impl Strategy<Value = RollbackTold> {
    let maybe = || option::of(any::<String>());
    let file =
        (any::<String>(), any::<String>(), any::<u32>()).prop_map(|(path, sha256, bytes)| {
            FileKept {
                path,
                sha256,
                bytes: bytes.into(),
            }
        });
    let options = vec(any::<String>(), 0..3);
    (
        options,
        vec(step(), 0..3),
        maybe(),
        maybe(),
        vec(file, 0..2),
    )
        .prop_map(|(options, steps, cause, fix, files)| RollbackTold {
            options,
            steps,
            cause,
            fix,
            files,
        })
}

/// A gate of any stage that has a name.
fn gate() -> impl Strategy<Value = GateName> {
    let kind = sample::select(&GateKind::ALL[..]);
    ("(?s).{1,8}", kind).prop_map(|(stage, kind)| kind.of(&stage))
}

fn watch() -> impl Strategy<Value = Watch> {
    let began =
        (vec(gate(), 0..3), 1..100_000_i64, any::<String>()).prop_map(|(gates, every, host)| {
            Watch::Started {
                gates,
                every: Duration::from_secs(every),
                host,
            }
        });
    let reason = sample::select(&WatchEnd::ALL[..]);
    let last = (option::of(verdict()), option::of(any::<String>()));
    let counts = (any::<u64>(), any::<u64>());
    let ended = (
        reason,
        last,
        counts,
        0..1_000_000_000_i64,
        vec(notified(), 0..3),
    )
        .prop_map(
            |(reason, (verdict, evidence_sha256), (began, rounds), watched, notices)| {
                Watch::Ended {
                    began,
                    reason,
                    verdict,
                    rounds,
                    watched: Duration::from_secs(watched),
                    evidence_sha256,
                    notices,
                }
            },
        );
    prop_oneof![began, ended]
}

fn notified() -> impl Strategy<Value = Notified> {
    let texts = (any::<String>(), any::<String>(), any::<String>());
    (texts, any::<u64>()).prop_map(|((to, event, result), attempts)| Notified {
        to,
        event,
        result,
        attempts,
    })
}

fn trip() -> impl Strategy<Value = Trip> {
    let condition = option::of(any::<String>());
    (
        sample::select(&CriterionKind::ALL[..]),
        any::<String>(),
        condition,
        any::<String>(),
    )
        .prop_map(|(kind, name, condition, reason)| Trip {
            kind,
            name,
            condition,
            reason,
        })
}

fn not_met() -> impl Strategy<Value = NotMet> {
    (trip(), any::<bool>(), option::of(any::<String>())).prop_map(|(trip, unmet, measured)| {
        NotMet {
            list: List::ALL[trip.reason.len() % List::ALL.len()],
            kind: trip.kind,
            name: trip.name,
            condition: trip.condition,
            unmet,
            measured,
        }
    })
}

fn checked() -> impl Strategy<Value = Checked> {
    let found = (vec(trip(), 0..3), vec(not_met(), 0..3));
    let gate = (gate(), verdict(), verdict(), found).prop_map(
        |(gate, verdict, verdict_without_approvals, (tripped, not_met))| GateChecked {
            look: tripped.len() == 1,
            outlook: not_met.len() == 1,
            not_met,
            start_disputed: tripped.len() == 2,
            gate,
            verdict,
            verdict_without_approvals,
            tripped,
        },
    );
    let evidence = (any::<String>(), any::<String>());
    let plan = (any::<String>(), any::<String>(), vec(any::<String>(), 0..3));
    (instant(), plan, evidence, verdict(), vec(gate, 0..3)).prop_map(
        |(
            evaluated_at,
            (release, plan_sha256, vars),
            (evidence_path, evidence_sha256),
            verdict,
            gates,
        )| Checked {
            evaluated_at,
            release,
            plan_sha256,
            sources: vars.clone(),
            vars,
            evidence_path,
            evidence_sha256,
            verdict,
            gates,
        },
    )
}

fn approved() -> impl Strategy<Value = Event> {
    let texts = (gate(), any::<String>(), any::<String>());
    let rest = (
        any::<String>(),
        verdict(),
        option::of(instant()),
        any::<bool>(),
    );
    (texts, rest).prop_map(
        |(
            (gate, role, evidence_sha256),
            (evidence_path, verdict_without_approvals, expires, revoked),
        )| {
            Event::Approved {
                gate,
                role,
                evidence_sha256,
                evidence_path,
                verdict_without_approvals,
                expires,
                revoked,
            }
        },
    )
}

fn superseded() -> impl Strategy<Value = Event> {
    let text = any::<String>;
    let left = (text(), vec(text(), 0..3));
    let left = left.prop_map(|(stage, followed_by)| StageLeft { stage, followed_by });
    let let_go = (text(), text()).prop_map(|(stage, what)| LetGo { stage, what });
    let all = (
        option::of(text()),
        vec(text(), 0..3),
        vec(left, 0..3),
        any::<bool>(),
        vec(let_go, 0..3),
    );
    all.prop_map(
        |(from, stages, left, keep_window, let_go)| Event::Superseded {
            from,
            stages,
            left,
            keep_window,
            let_go,
        },
    )
}

/// Every kind of event, with any texts.
fn event() -> impl Strategy<Value = Event> {
    let text = any::<String>;
    let maybe = || option::of(any::<String>());
    let started =
        (text(), instant(), any::<bool>()).prop_map(|(stage, at, overridden)| Event::Started {
            stage,
            at,
            vars: Vec::from([format!("env={overridden}")]),
            sources: Vec::new(),
            overridden,
        });
    let confirmed = (text(), text(), 0..3_usize, text()).prop_map(|(stage, id, which, asked)| {
        Event::Confirmed {
            stage,
            id,
            answer: Answer::ALL[which],
            text_sha256: sha256_hex(&[asked]),
        }
    });
    let overridden = (gate(), verdict(), text(), instant()).prop_map(
        |(gate, verdict, evidence_sha256, expires)| Event::Overridden {
            gate,
            verdict,
            evidence_sha256,
            expires,
        },
    );
    let noted = (
        maybe(),
        text(),
        any::<bool>(),
        maybe(),
        any::<bool>(),
        any::<bool>(),
        option::of(1_u64..1_000),
    )
        .prop_map(
            |(stage, text, checkpoint, role, reviewed_issues, lesson, takes_back)| Event::Noted {
                stage,
                text,
                checkpoint,
                role,
                reviewed_issues,
                lesson,
                takes_back,
            },
        );
    prop_oneof![
        started,
        checked().prop_map(Event::Checked),
        confirmed,
        approved(),
        (text(), maybe(), option::of(0..1_000_000_000_i64), details()).prop_map(
            |(id, stage, opened_at, details)| Event::IncidentOpened {
                id,
                stage,
                opened_at: opened_at.map(Instant::from_secs),
                details,
            }
        ),
        (text(), details()).prop_map(|(id, details)| Event::IncidentUpdated { id, details }),
        text().prop_map(|id| Event::IncidentClosed { id }),
        text().prop_map(|stage| Event::Paused { stage }),
        text().prop_map(|stage| Event::Resumed { stage }),
        (text(), told()).prop_map(|(stage, told)| Event::RolledBack { stage, told }),
        (text(), told()).prop_map(|(stage, told)| Event::RollbackUpdated { stage, told }),
        (text(), vec(text(), 0..3)).prop_map(|(stage, stages)| Event::Reopened { stage, stages }),
        superseded(),
        overridden,
        noted,
        text().prop_map(|torn| Event::Repaired { torn }),
        vec((text(), text()), 0..3).prop_map(|records| Event::LedgerBegun {
            set_aside: (records.into_iter())
                .map(|(path, sha256)| SetAside { path, sha256 })
                .collect()
        }),
        watch().prop_map(Event::Watch),
        (text(), text(), vec(text(), 0..3)).prop_map(|(file, head_sha256, lines)| {
            Event::Imported {
                file,
                head_sha256,
                lines,
            }
        }),
    ]
}

fn plan() -> impl Strategy<Value = PlanThen> {
    let maybe = || option::of(any::<String>());
    (any::<String>(), maybe(), maybe(), maybe()).prop_map(|(file, sha256, release, version)| {
        PlanThen {
            file,
            sha256,
            release,
            version,
        }
    })
}

fn when_and_who() -> impl Strategy<Value = Occasion> {
    let links = vec(any::<String>(), 0..3);
    (
        instant(),
        any::<String>(),
        0..4_usize,
        plan(),
        any::<String>(),
        links,
    )
        .prop_map(|(at, name, which, plan, why, links)| Occasion {
            nonce: None,
            at,
            by: Person {
                name,
                identity_source: IdentitySource::ALL[which],
            },
            plan,
            why,
            links,
        })
}

proptest! {
    #[test]
    fn every_entry_reads_back_as_it_was_appended(
        entries in vec((when_and_who(), event()), 0..4),
    ) {
        let mut chain = Chain::default();
        for (occasion, event) in entries {
            prop_assert!(EventKind::ALL.contains(&event.kind()));
            chain.append(&occasion, event).expect("added");
        }
        let text = file(&chain);
        prop_assert!(text.lines().count() == chain.lines().len());
        prop_assert!(!text.chars().any(|c| c != '\n' && crate::unicode_safety::is_hidden(c)));
        prop_assert_eq!(read(text.as_bytes()), Ok(chain));
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_change_of_a_ledger_panics_or_is_missed(
        place in any::<prop::sample::Index>(),
        length in 0..200_usize,
        instead in vec(any::<u8>(), 0..200),
    ) {
        let text = file(&chain(&["one", "two", "three"])).into_bytes();
        let start = place.index(text.len());
        let end = (start + length).min(text.len());
        let mut changed = text.clone();
        changed.splice(start..end, instead);
        prop_assume!(changed != text);
        // Whatever can still be read is a prefix of what was written.
        if let Ok(chain) = read(&changed) {
            prop_assert!(text.starts_with(file(&chain).as_bytes()));
        }
    }
}
