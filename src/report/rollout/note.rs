//! The status note for stakeholders at a gate (L19): five lines without a command: where, verdict, why, what next and when, who
//! decides. Markdown in a file, plain text on a terminal. Must not leave out what counts against a verdict.

use super::RolloutFacts;
use super::deed;
use crate::assessment::{CriterionAssessment, GateAssessment};
use crate::evidence::Evidence;
use crate::kind::{Action, CriterionKind};
use crate::ledger::{EventKind, Ledger};
use crate::report::Style;
use crate::report::markdown::inline;
use crate::report::page::{Cell as Words, Page};
use crate::report::{decided, entry, gate, standing, times, words};
use crate::rollout::{History, Rollout, StageStatus, State, Status};
use crate::verdict::Verdict;

/// At most this many open incidents are named; the others are counted.
const MAX_NAMED: usize = 3;

/// A line: what it tells, and the text.
type Line = (&'static str, String);

/// The note on a check, as Markdown. With the rollout as it stands when the note is made, it says where that is, and what comes next
/// from there.
#[must_use]
pub fn note(evidence: &Evidence, ledger: Option<&Ledger>, rollout: Option<&Rollout<'_>>) -> String {
    let lines = lines(evidence, ledger, rollout).into_iter();
    let shown = lines.map(|(label, text)| format!("- {label}: {}\n", inline(&text)));
    shown.collect()
}

fn lines(evidence: &Evidence, ledger: Option<&Ledger>, rollout: Option<&Rollout<'_>>) -> [Line; 5] {
    let status = rollout.map(|rollout| rollout.status(&evidence.plan.path));
    let since = since(evidence, ledger);
    let kept = rollout.map(|known| {
        let stages = known.plan.stages.iter();
        let of_versions = stages.flat_map(|stage| {
            let let_go = known.history().let_go_for_now(&stage.name);
            known.kept_windows(stage).into_iter().chain(let_go)
        });
        of_versions.collect()
    });
    let kept: Vec<String> = kept.unwrap_or_default();
    let is_past =
        is_later(evidence, ledger) || status.as_ref().is_some_and(|now| is_over(evidence, now));
    [
        (
            "Where",
            place(evidence, status.as_ref(), since.as_deref(), kept),
        ),
        ("Verdict", verdict(evidence)),
        ("Why", why(evidence, ledger, status.as_ref())),
        ("Next", next(evidence, status.as_ref(), is_past)),
        ("Decides", decides(evidence)),
    ]
}

impl RolloutFacts<'_> {
    /// The note on the newest check.
    #[must_use]
    pub fn note(&self) -> String {
        self.newest().map_or_else(String::new, |check| {
            note(&check.evidence, self.ledger, self.rollout.as_ref())
        })
    }

    /// The same on a terminal: plain text.
    #[must_use]
    pub fn note_on_a_terminal(&self, style: &Style) -> String {
        let mut page = Page::new(style);
        let newest = self.newest().map(|check| &check.evidence);
        let lines = newest.map(|one| lines(one, self.ledger, self.rollout.as_ref()));
        for (label, text) in lines.into_iter().flatten() {
            let said = Words::plain(&format!("{label}: {text}"));
            page.labelled(0, &[(1, Words::plain("-"))], said);
        }
        page.finish()
    }
}

/// `R1.0 1.0.0: pilot (Pilot site), stage 2 of 4, PAUSED since …; pilot was paused by …`.
fn place(
    evidence: &Evidence,
    status: Option<&Status>,
    since: Option<&str>,
    kept: Vec<String>,
) -> String {
    let release = status.map_or_else(|| words::release(evidence), Status::named);
    let mut parts: Vec<String> = if let Some(status) = status {
        let flags = status.stages.iter().flat_map(|stage| stage.flags.clone());
        let now = format!("{release}: {}, as of {}", reached(status), status.now);
        std::iter::once(now)
            .chain(status.held_elsewhere.iter().cloned())
            .chain(flags)
            .chain(kept)
            .collect()
    } else {
        let mut parts = vec![format!("{release}: {}", judged(evidence))];
        parts.extend(standing::flags(evidence));
        parts.extend(since.map(str::to_owned));
        parts
    };
    parts.dedup();
    parts.join("; ")
}

/// The stages that a check decided on.
fn judged(evidence: &Evidence) -> String {
    let mut stages: Vec<String> = Vec::new();
    for gate in evidence.deciding() {
        let named = named(&gate.stage, gate.title.as_deref());
        if !stages.contains(&named) {
            stages.push(named);
        }
    }
    stages.join(", ")
}

/// `pilot (Pilot site)`.
fn named(stage: &str, title: Option<&str>) -> String {
    title.map_or_else(|| stage.to_owned(), |title| format!("{stage} ({title})"))
}

/// The stages that are under way; if none is, the one that comes next.
fn reached(status: &Status) -> String {
    let all = status.stages.len();
    let numbered = || (1..).zip(&status.stages);
    let told = |(number, stage): (usize, &StageStatus)| {
        let since = stage.started.map(|at| format!(" since {at}"));
        let since = since.filter(|_| stage.state == State::Running);
        format!(
            "{}, stage {number} of {all}, {}{}",
            named(&stage.name, stage.title.as_deref()),
            stage.state.word(),
            since.unwrap_or_default()
        )
    };
    let of_note = numbered().filter(|(_, stage)| match stage.state {
        State::Running | State::Paused | State::Stopped | State::RolledBack | State::Overridden => {
            true
        }
        State::NotStarted | State::AtEntry | State::Left => false,
    });
    let of_note: Vec<String> = of_note.map(told).collect();
    let begun = status.stages.iter().any(|stage| stage.started.is_some());
    let ahead = numbered().find(|(_, stage)| match stage.state {
        State::AtEntry | State::NotStarted => true,
        State::Running
        | State::Paused
        | State::Stopped
        | State::RolledBack
        | State::Left
        | State::Overridden => false,
    });
    let ahead = ahead.map(|(number, stage)| {
        let named = named(&stage.name, stage.title.as_deref());
        if begun {
            format!("{named}, stage {number} of {all}, comes next")
        } else {
            format!("nothing has begun, {named}, stage 1 of {all}, comes first")
        }
    });
    match (of_note.as_slice(), ahead) {
        ([], None) => format!("every stage was left, {all} of {all}"),
        ([], Some(ahead)) => ahead,
        (told, _) => told.join("; "),
    }
}

/// What people did to a stage after the check.
fn since(evidence: &Evidence, ledger: Option<&Ledger>) -> Option<String> {
    let entries = ledger.map_or(&[][..], Ledger::entries);
    let later = entries.iter().filter(|one| {
        let kinds = [
            EventKind::Started,
            EventKind::Paused,
            EventKind::Resumed,
            EventKind::RolledBack,
            EventKind::Overridden,
        ];
        one.at > evidence.evaluated_at && kinds.contains(&one.event.kind())
    });
    let words: Vec<String> = later
        .map(|one| format!("{} at {}", entry::what(one), one.at))
        .collect();
    (!words.is_empty()).then(|| format!("SINCE THEN {}", words.join(", ")))
}

/// Whether anything but a check was recorded since: what the check said to do next may be done.
fn is_later(evidence: &Evidence, ledger: Option<&Ledger>) -> bool {
    let mut entries = ledger.map_or(&[][..], Ledger::entries).iter();
    entries.any(|one| one.at > evidence.evaluated_at && one.event.checked().is_none())
}

/// Whether the start that a check led to may no longer be made: its GO counts no more.
fn is_over(evidence: &Evidence, status: &Status) -> bool {
    let led_to = evidence.next.as_ref().map(|next| &next.command);
    let start = led_to.filter(|step| step.action == Action::Start);
    start.is_some_and(|start| status.next.as_ref().is_none_or(|now| now.command != *start))
}

/// `STOP: pilot/exit STOP, 1/8 met, stops 3/4 clear, checked at …`; overrides with their reasons.
fn verdict(evidence: &Evidence) -> String {
    let gates = evidence.deciding().map(|gate| {
        format!(
            "{} {}, {}",
            gate.name(),
            gate.verdict.word(),
            gate::counts(gate)
        )
    });
    let gates: Vec<String> = gates.collect();
    let overridden = standing::overrides_in_force(evidence);
    let mark = if overridden.is_empty() {
        String::new()
    } else {
        format!(" {}", standing::OVERRIDDEN)
    };
    let about = format!(
        "{}{mark}: {}, checked at {}",
        evidence.verdict.word(),
        gates.join("; "),
        evidence.evaluated_at
    );
    let warnings = match evidence.warnings.len() {
        0 => None,
        1 => Some("the plan has 1 warning".to_owned()),
        count => Some(format!("the plan has {count} warnings")),
    };
    std::iter::once(about)
        .chain(overridden)
        .chain(warnings)
        .collect::<Vec<_>>()
        .join("; ")
}

/// What decided, and the incidents. How long a window still runs is told from the same moment as everywhere in the note.
fn why(evidence: &Evidence, ledger: Option<&Ledger>, status: Option<&Status>) -> String {
    let now = status.map_or(evidence.evaluated_at, |status| status.now);
    let mut worst = evidence
        .deciding()
        .filter(|gate| gate.verdict == evidence.verdict);
    let not_begun = worst
        .next()
        .filter(|gate| decided::not_begun(gate).is_some())
        .map(|gate| format!("{} has not begun", gate.stage));
    let decided =
        not_begun.unwrap_or_else(|| deed::without_commands(&words::decided_by_at(evidence, now)));
    format!("{decided}; incidents: {}", incidents(ledger))
}

fn incidents(ledger: Option<&Ledger>) -> String {
    let Some(ledger) = ledger else {
        return "not known, no ledger is available".to_owned();
    };
    if !History::of(Some(ledger)).is_kept() {
        return "not known, people record nothing in the ledger".to_owned();
    }
    let open: Vec<_> = ledger
        .incidents()
        .into_iter()
        .filter(|one| one.closed.is_none())
        .collect();
    if open.is_empty() {
        return "none open".to_owned();
    }
    let named = open.iter().take(MAX_NAMED).map(|one| {
        let known = [one.severity_in_words(), one.details.description.clone()];
        let known = known.into_iter().flatten();
        std::iter::once(one.id.clone())
            .chain(known)
            .collect::<Vec<_>>()
            .join(" ")
    });
    let named: Vec<String> = named.collect();
    let more = open.len() - named.len();
    let more = (more > 0).then(|| format!(", and {more} more"));
    format!(
        "{} open: {}{}",
        open.len(),
        named.join(", "),
        more.unwrap_or_default()
    )
}

/// What comes next and when: from where the rollout stands, if the check is past; otherwise from the check.
fn next(evidence: &Evidence, status: Option<&Status>, is_past: bool) -> String {
    if status.is_some_and(|status| status.next.is_none()) {
        let open = status.map_or(0, |status| status.incidents.len());
        return match open {
            0 => "nothing, every stage was left".to_owned(),
            1 => "every stage was left; 1 incident is open".to_owned(),
            open => format!("every stage was left; {open} incidents are open"),
        };
    }
    let deeds: Vec<String> = match status.filter(|_| is_past) {
        Some(status) => (status.next.iter())
            .map(|next| deed::in_words(evidence, &next.command))
            .collect(),
        None => after(evidence),
    };
    let deeds = match deeds.as_slice() {
        [] => "nothing follows from this check".to_owned(),
        deeds => deeds.join(", then "),
    };
    match when(evidence, status) {
        Some(when) => format!("{deeds}; {when}"),
        None => deeds,
    }
}

/// What a check leads to: after a stop all that is due.
fn after(evidence: &Evidence) -> Vec<String> {
    let stops = evidence
        .gates
        .iter()
        .filter_map(|gate| gate.after_stop.as_ref());
    let commands: Vec<_> = stops.flat_map(|stop| &stop.commands).collect();
    if evidence.verdict == Verdict::Stop {
        let told = commands.iter().map(|step| deed::in_words(evidence, step));
        let told: Vec<String> = told.collect();
        return if told.is_empty() {
            vec!["the rollout is paused now".to_owned()]
        } else {
            told
        };
    }
    let after = evidence.next.iter().flat_map(|next| {
        let first = next.first.clone().into_iter();
        let commands = std::iter::once(&next.command).chain(&next.then);
        first.chain(commands.map(|step| deed::in_words(evidence, step)))
    });
    after.collect()
}

/// When: at once after a stop; when the window is over; by when the stage should be left.
fn when(evidence: &Evidence, status: Option<&Status>) -> Option<String> {
    if evidence.verdict == Verdict::Stop {
        return Some("now".to_owned());
    }
    let now = status.map_or(evidence.evaluated_at, |status| status.now);
    let ends = evidence.deciding().filter_map(|gate| {
        let window = gate.window.as_ref().filter(|window| !window.complete)?;
        Some((gate, window.completes_at.filter(|at| *at > now)?))
    });
    let windows = ends.map(|(gate, at)| {
        format!(
            "the window of {} is complete {}",
            gate.name(),
            times::beside(at, now)
        )
    });
    let deadlines = status.into_iter().flat_map(|status| &status.stages);
    let deadlines = deadlines.filter_map(|stage| {
        let due = stage.deadline?;
        Some(format!("{} should be left by {due}", stage.name))
    });
    let all: Vec<String> = windows.chain(deadlines).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Who is responsible for the release, and whose answers the gates ask for that are judged, and that come next.
fn decides(evidence: &Evidence) -> String {
    let release = &evidence.plan.release;
    let role = |who: &Option<String>, role: &str| who.as_ref().map(|who| format!("{who} ({role})"));
    let manager = role(&release.owner, "release manager");
    let on_call = role(&release.on_call, "on call");
    let asked = evidence
        .gates
        .iter()
        .filter(|gate| !gate.look && gate.verdict != Verdict::Go)
        .filter_map(asked_of);
    if evidence.verdict == Verdict::Stop {
        let who: Vec<String> = manager.into_iter().chain(on_call).collect();
        return to_stop(evidence, &who);
    }
    let all: Vec<String> = manager.into_iter().chain(on_call).chain(asked).collect();
    if all.is_empty() {
        return "the plan names nobody".to_owned();
    }
    all.join("; ")
}

/// Whether to roll back: nobody is asked to sign or to confirm meanwhile. With those who do the steps.
fn to_stop(evidence: &Evidence, who: &[String]) -> String {
    let mut owners: Vec<&str> = Vec::new();
    for owner in evidence
        .rollback
        .iter()
        .filter_map(|step| step.owner.as_deref())
    {
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    let decides = match who {
        [] => "the plan names nobody who decides whether to roll back".to_owned(),
        who => format!("{} whether to roll back", who.join(", ")),
    };
    if owners.is_empty() {
        return decides;
    }
    format!("{decides}; the steps are of {}", owners.join(", "))
}

/// `operations, product-owner sign wave-1/entry`.
fn asked_of(gate: &GateAssessment) -> Option<String> {
    let of = |kind: CriterionKind| {
        let asked = gate.criteria.iter().filter(move |one| one.kind == kind);
        asked.collect::<Vec<&CriterionAssessment>>()
    };
    let (sign, confirm) = (
        of(CriterionKind::Approvals),
        of(CriterionKind::Confirmations),
    );
    let sign = (!sign.is_empty()).then(|| format!("{} to sign", decided::names(&sign)));
    let confirm = (!confirm.is_empty()).then(|| format!("{} to confirm", decided::names(&confirm)));
    let all: Vec<String> = sign.into_iter().chain(confirm).collect();
    (!all.is_empty()).then(|| format!("for {}: {}", gate.name(), all.join(", ")))
}
