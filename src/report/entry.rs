//! An entry of the ledger in words. Must not leave out anything that the entry holds, except digests.

use crate::ledger::{
    Answer, Checked, Entry, Event, GateChecked, IncidentDetails, LetGo, Person, RollbackTold,
    SetAside, StepState, StepTold, Trip, Watch, recorded_apart,
};
use crate::rollout::took_the_place;
use crate::verdict::Verdict;

/// Who did it, and how the name was found.
pub(super) fn who(person: &Person) -> String {
    format!("{} ({})", person.name, person.identity_source.word())
}

/// What was done.
pub(super) fn what(entry: &Entry) -> String {
    match &entry.event {
        Event::Started {
            stage,
            at,
            overridden,
            vars,
            // The checks that it rests on name theirs.
            sources: _,
        } => {
            let begun = part(*at != entry.at, || format!(", which began at {at}"));
            let overridden = part(*overridden, || {
                ", OVERRIDDEN: begun out of turn, or before its entry gate was GO".to_owned()
            });
            let vars = part(!vars.is_empty(), || format!(" with {}", vars.join(", ")));
            format!("started {stage}{vars}{begun}{overridden}")
        }
        Event::Checked(checked) => checked_in_words(entry, checked),
        Event::Confirmed {
            stage, id, answer, ..
        } => match answer {
            Answer::Yes => format!("confirmed {id} for {stage}"),
            Answer::NotApplicable => format!("answered that {id} does not apply for {stage}"),
            Answer::No => format!("answered no to {id} for {stage}"),
            Answer::Revoked => format!("took back the answer to {id} for {stage}"),
        },
        Event::Approved { .. } => signed_in_words(&entry.event),
        Event::IncidentOpened {
            id,
            stage,
            opened_at,
            details,
        } => {
            let stage = stage
                .as_ref()
                .map_or(String::new(), |stage| format!(" in {stage}"));
            let apart = opened_at.and_then(|at| recorded_apart(entry.at, at));
            let opened = match (apart, opened_at) {
                (Some(apart), _) => format!("{id}{stage} {apart}"),
                (None, Some(at)) => format!("{id}{stage} opened at {at}"),
                (None, None) => format!("opened {id}{stage}"),
            };
            format!("{opened}: {}", details_in_words(details))
        }
        Event::IncidentUpdated { id, details } => {
            format!("updated {id}: {}", details_in_words(details))
        }
        Event::IncidentClosed { id } => format!("closed {id}"),
        Event::Paused { stage } => format!("paused {stage}"),
        Event::Resumed { stage } => format!("resumed {stage}"),
        Event::RolledBack { stage, told } => {
            let said = rollback_in_words(told);
            let listed = part(!said.is_empty(), || format!(": {said}"));
            format!("rolled {stage} back{listed}")
        }
        Event::RollbackUpdated { stage, told } => {
            format!("rollback of {stage}: {}", rollback_in_words(told))
        }
        Event::Superseded { .. } => superseded_in_words(entry),
        Event::Reopened { stage, stages } => {
            format!("reopened {stage}; no longer begun: {}", stages.join(", "))
        }
        Event::Overridden {
            gate,
            verdict,
            expires,
            evidence_sha256: _,
        } => format!("OVERRIDDEN: {gate} is {}, until {expires}", verdict.word()),
        Event::Noted {
            stage,
            text,
            checkpoint,
            role,
            reviewed_issues,
            lesson,
            takes_back,
        } => {
            if let Some(number) = takes_back {
                let stage = part(stage.is_some(), || {
                    format!(" of {}", stage.as_deref().unwrap_or_default())
                });
                return format!("took back checkpoint #{number}{stage}: {text}");
            }
            let role = role.as_deref().filter(|_| *checkpoint);
            let word = note_word(*checkpoint, *lesson);
            let about = [(" by ", role), (" in ", stage.as_deref())];
            format!(
                "{}: {text}{}",
                named(word, about),
                reviewed(*reviewed_issues)
            )
        }
        Event::Repaired { torn } if torn.is_empty() => {
            "repaired the ledger: the entry before had no line end".to_owned()
        }
        Event::Repaired { torn } => format!("repaired the ledger: took out the torn line {torn}"),
        Event::LedgerBegun { set_aside } => begun(set_aside),
        Event::Imported { file, lines, .. } => imported(file, lines.len()),
        Event::Watch(watch) => watch_in_words(watch),
    }
}

fn begun(set_aside: &[SetAside]) -> String {
    if set_aside.is_empty() {
        return "began the ledger knowingly: no record of an earlier one was there".to_owned();
    }
    let paths: Vec<&str> = set_aside.iter().map(|one| one.path.as_str()).collect();
    format!(
        "began a new ledger in the place of one that is gone; set aside {}",
        paths.join(", ")
    )
}

fn watch_in_words(watch: &Watch) -> String {
    match watch {
        Watch::Started { gates, every, host } => {
            let gates: Vec<String> = gates.iter().map(ToString::to_string).collect();
            format!(
                "began to watch {} every {every}, on {host}",
                gates.join(" and ")
            )
        }
        Watch::Ended {
            began: _,
            reason,
            verdict,
            rounds,
            watched,
            evidence_sha256: _,
            notices,
        } => {
            let last = verdict.map_or_else(
                || "no verdict was recorded".to_owned(),
                |verdict| format!("last recorded: {}", verdict.word()),
            );
            let rounds = match rounds {
                1 => "1 round".to_owned(),
                rounds => format!("{rounds} rounds"),
            };
            let failed = notices.iter().filter(|one| !one.is_delivered()).count();
            let untold = match failed {
                0 => String::new(),
                failed => format!("; notices not delivered: {failed} of {}", notices.len()),
            };
            format!(
                "stopped watching after {watched} ({}): {rounds}, {last}{untold}",
                reason.word()
            )
        }
    }
}

fn imported(file: &str, entries: usize) -> String {
    match entries {
        1 => format!("imported the entry before this one from {file}"),
        count => format!("imported the {count} entries before this one from {file}"),
    }
}

/// Of any other event it has nothing to say.
fn superseded_in_words(entry: &Entry) -> String {
    let Event::Superseded {
        stages,
        keep_window,
        let_go,
        ..
    } = &entry.event
    else {
        return String::new();
    };
    let did = match (*keep_window, stages.len()) {
        (false, 1) => "begins anew",
        (false, _) => "begin anew",
        (true, 1) => "keeps its window",
        (true, _) => "keep their windows",
    };
    let stages = part(!stages.is_empty(), || {
        format!("; {did}: {}", stages.join(", "))
    });
    let let_go = let_go.iter().map(|one| {
        let LetGo { stage, what } = one;
        format!("; let go in {stage}: {what}")
    });
    let let_go: String = let_go.collect();
    format!("{}{stages}{let_go}", took_the_place(entry))
}

/// Of any other event it has nothing to say.
fn signed_in_words(event: &Event) -> String {
    let Event::Approved {
        gate,
        role,
        evidence_path,
        verdict_without_approvals,
        expires,
        revoked,
        evidence_sha256: _,
    } = event
    else {
        return String::new();
    };
    if *revoked {
        return format!("took back the signature as {role} for {gate}");
    }
    let until = expires.map_or(String::new(), |expires| format!(", until {expires}"));
    format!(
        "signed as {role} for {gate}, {} apart from approvals{until}; evidence {evidence_path}",
        verdict_without_approvals.word()
    )
}

fn part(is_there: bool, text: impl Fn() -> String) -> String {
    if is_there { text() } else { String::new() }
}

fn checked_in_words(entry: &Entry, checked: &Checked) -> String {
    let gates: Vec<String> = checked.gates.iter().map(gate_in_words).collect();
    let as_of = part(checked.evaluated_at != entry.at, || {
        format!(" as of {}", checked.evaluated_at)
    });
    let vars = part(!checked.vars.is_empty(), || {
        format!(" with {}", checked.vars.join(", "))
    });
    format!(
        "checked{as_of}{vars}: {}; evidence {}",
        gates.join(", "),
        checked.evidence_path
    )
}

fn gate_in_words(gate: &GateChecked) -> String {
    let waits_for_signatures =
        gate.verdict == Verdict::Hold && gate.verdict_without_approvals == Verdict::Go;
    let apart = part(waits_for_signatures, || {
        " (GO apart from approvals)".to_owned()
    });
    let trips: Vec<String> = gate.tripped.iter().map(trip_in_words).collect();
    let tripped = part(!trips.is_empty(), || format!(" ({})", trips.join("; ")));
    let ahead = part(gate.outlook, || " (outlook)".to_owned());
    format!(
        "{} {}{ahead}{apart}{tripped}",
        gate.gate,
        gate.verdict.word()
    )
}

fn trip_in_words(trip: &Trip) -> String {
    let condition = trip.condition.as_ref();
    let condition = condition.map_or(String::new(), |condition| format!(" {condition}"));
    format!("tripped: {}{condition}, {}", trip.name, trip.reason)
}

fn details_in_words(details: &IncidentDetails) -> String {
    let target = details.target.map(|target| target.to_string());
    let known = [
        ("", details.severity.as_ref()),
        ("", details.description.as_ref()),
        ("workaround: ", details.workaround.as_ref()),
        ("owner ", details.owner.as_ref()),
        ("to be solved by ", target.as_ref()),
    ];
    let known = known.into_iter();
    let words = known.filter_map(|(word, value)| value.map(|value| format!("{word}{value}")));
    words.collect::<Vec<_>>().join(", ")
}

fn rollback_in_words(told: &RollbackTold) -> String {
    let options = told.options.iter().map(|option| format!("by {option}"));
    let steps = told.steps.iter().map(step_in_words);
    let said = [("cause: ", &told.cause), ("fix: ", &told.fix)];
    let said = said.into_iter();
    let said = said.filter_map(|(word, text)| Some(format!("{word}{}", text.as_ref()?)));
    let files = told.files.iter().map(|file| format!("file {}", file.path));
    let all = options.chain(steps).chain(said).chain(files);
    all.collect::<Vec<_>>().join("; ")
}

fn step_in_words(step: &StepTold) -> String {
    let state = match step.state {
        StepState::Done => "done",
        StepState::NotNeeded => "not needed",
        StepState::Open => "open",
    };
    let by = step
        .by
        .as_ref()
        .map_or(String::new(), |by| format!(" by {by}"));
    let took = step
        .took
        .map_or(String::new(), |took| format!(" in {took}"));
    format!("{}. {}: {state}{by}{took}", step.number, step.action)
}

/// What a note is called.
pub(super) fn note_word(is_checkpoint: bool, is_lesson: bool) -> &'static str {
    match (is_checkpoint, is_lesson) {
        (true, _) => "checkpoint",
        (false, true) => "lesson",
        (false, false) => "note",
    }
}

/// A word with what is known about it.
fn named<const N: usize>(word: &str, about: [(&str, Option<&str>); N]) -> String {
    let known = about.into_iter();
    let known = known.filter_map(|(before, what)| Some(format!("{before}{}", what?)));
    std::iter::once(word.to_owned()).chain(known).collect()
}

fn reviewed(issues: bool) -> &'static str {
    if issues { ", issue log reviewed" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::GateKind;
    use crate::ledger::IdentitySource;
    use crate::units::{Duration, Instant};

    const NOW: Instant = Instant::from_secs(1_795_132_800);

    fn said(event: Event) -> String {
        what(&Entry {
            nonce: None,
            number: 1,
            at: NOW,
            by: Person {
                name: "@ada".into(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event,
        })
    }

    fn started(at: Instant, overridden: bool) -> Event {
        Event::Started {
            stage: "pilot".into(),
            at,
            overridden,
            vars: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn approved(revoked: bool, expires: Option<Instant>) -> Event {
        Event::Approved {
            gate: GateKind::Exit.of("pilot"),
            role: "product".into(),
            evidence_sha256: "1".into(),
            evidence_path: "e.json".into(),
            verdict_without_approvals: Verdict::Go,
            expires,
            revoked,
        }
    }

    fn checked(
        verdict: Verdict,
        verdict_without_approvals: Verdict,
        evaluated_at: Instant,
    ) -> Event {
        Event::Checked(Checked {
            evaluated_at,
            release: String::new(),
            plan_sha256: String::new(),
            vars: Vec::new(),
            sources: Vec::new(),
            evidence_path: "e.json".into(),
            evidence_sha256: String::new(),
            verdict,
            gates: vec![GateChecked {
                look: false,
                outlook: false,
                not_met: Vec::new(),
                start_disputed: false,
                gate: GateKind::Exit.of("pilot"),
                verdict,
                verdict_without_approvals,
                tripped: Vec::new(),
            }],
        })
    }

    fn noted(stage: Option<&str>, checkpoint: bool) -> Event {
        Event::Noted {
            stage: stage.map(str::to_owned),
            text: "all quiet".into(),
            checkpoint,
            role: None,
            reviewed_issues: false,
            lesson: false,
            takes_back: None,
        }
    }

    fn step(number: usize, state: StepState, by: Option<&str>) -> StepTold {
        StepTold {
            number,
            option: None,
            action: "Disable flag".into(),
            state,
            by: by.map(str::to_owned),
            took: by.map(|_| Duration::from_secs(120)),
        }
    }

    #[test]
    fn a_start_says_when_and_whether_it_overrode() {
        assert_eq!(said(started(NOW, false)), "started pilot");
        assert_eq!(
            said(started(NOW - Duration::from_secs(60), true)),
            "started pilot, which began at 2026-11-19T23:59:00Z, OVERRIDDEN: begun out of turn, or before its entry gate was GO"
        );
    }

    #[test]
    fn a_check_says_if_only_signatures_are_missing() {
        assert_eq!(
            said(checked(Verdict::Hold, Verdict::Go, NOW)),
            "checked: pilot/exit HOLD (GO apart from approvals); evidence e.json"
        );
        assert_eq!(
            said(checked(Verdict::NoGo, Verdict::NoGo, Instant::from_secs(0))),
            "checked as of 1970-01-01T00:00:00Z: pilot/exit NO-GO; evidence e.json"
        );
    }

    #[test]
    fn a_ledger_that_is_begun_takes_the_place_of_one_only_where_there_was_one() {
        let begun = |set_aside| said(Event::LedgerBegun { set_aside });
        assert_eq!(
            begun(Vec::new()),
            "began the ledger knowingly: no record of an earlier one was there"
        );
        let record = SetAside {
            path: "plan.evidence/a.json".to_owned(),
            sha256: String::new(),
        };
        assert_eq!(
            begun(vec![record]),
            "began a new ledger in the place of one that is gone; set aside plan.evidence/a.json"
        );
    }

    #[test]
    fn signatures_and_overrides_say_until_when() {
        assert_eq!(
            said(approved(false, Some(NOW))),
            "signed as product for pilot/exit, GO apart from approvals, until 2026-11-20T00:00:00Z; evidence e.json"
        );
        assert_eq!(
            said(approved(true, None)),
            "took back the signature as product for pilot/exit"
        );
        let overridden = Event::Overridden {
            gate: GateKind::Exit.of("pilot"),
            verdict: Verdict::NoGo,
            evidence_sha256: String::new(),
            expires: NOW,
        };
        assert_eq!(
            said(overridden),
            "OVERRIDDEN: pilot/exit is NO-GO, until 2026-11-20T00:00:00Z"
        );
    }

    #[test]
    fn l11_a_rollback_says_what_was_done_what_is_not_needed_and_what_is_open() {
        let told = RollbackTold {
            options: vec!["flag".into()],
            steps: vec![
                step(1, StepState::Done, Some("@ops")),
                step(2, StepState::NotNeeded, None),
                step(3, StepState::Open, None),
            ],
            ..RollbackTold::default()
        };
        let stage = || "pilot".to_owned();
        let rolled_back = Event::RolledBack {
            stage: stage(),
            told,
        };
        assert_eq!(
            said(rolled_back),
            "rolled pilot back: by flag; 1. Disable flag: done by @ops in 2m; 2. Disable flag: not needed; 3. Disable flag: open"
        );
        let told = RollbackTold {
            cause: Some("labels".into()),
            fix: Some("new font".into()),
            files: vec![crate::ledger::FileKept {
                path: "lsn.txt".into(),
                sha256: String::new(),
                bytes: 3,
            }],
            ..RollbackTold::default()
        };
        let updated = Event::RollbackUpdated {
            stage: stage(),
            told,
        };
        assert_eq!(
            said(updated),
            "rollback of pilot: cause: labels; fix: new font; file lsn.txt"
        );
    }

    #[test]
    fn answers_and_remarks_read_differently() {
        let answered = |answer| {
            said(Event::Confirmed {
                stage: "pilot".into(),
                id: "runbook".into(),
                answer,
                text_sha256: String::new(),
            })
        };
        assert_eq!(answered(Answer::Yes), "confirmed runbook for pilot");
        assert_eq!(answered(Answer::No), "answered no to runbook for pilot");
        assert_eq!(
            answered(Answer::Revoked),
            "took back the answer to runbook for pilot"
        );
        assert_eq!(said(noted(None, false)), "note: all quiet");
        assert_eq!(
            said(noted(Some("pilot"), true)),
            "checkpoint in pilot: all quiet"
        );
    }
}
