//! `gate status`: where a rollout stands, stage by stage, for people and for programs. Repeats recorded verdicts with
//! their age; reaches none, so that nothing here can be taken for a GO.

pub(super) mod bar;
mod json;
mod past;
#[cfg(test)]
mod tests;

use super::outstanding::{self, Work};
use super::page::{Cell, GAP, Page};
use super::times::{beside, part_of, roughly};
use super::{Style, standing};
use crate::kind::GateKind;
use crate::ledger::{EventKind, recorded_apart};
use crate::rollout::{
    Day, GateStatus, LastCheck, OpenIncident, OpenWatch, Progress, StageStatus, Status, Superseded,
    Tripped, WatchedStage, not_in_plan,
};
use crate::units::Instant;

pub use json::status_json;

/// Wide enough for `ROLLED BACK` and `not started`.
const STATE_WIDTH: usize = 11;
/// Below this a gate's name has no column of its own.
const TABLE_FROM: usize = 64;
/// Where the lines of a stage begin.
const BELOW: usize = STATE_WIDTH + GAP;

/// The status as people read it, with a final newline.
#[must_use]
pub fn status_text(status: &Status, style: &Style) -> String {
    let mut page = Page::new(style);
    headline(&mut page, status);
    page.blank();
    for stage in &status.stages {
        write_stage(&mut page, stage, status.now);
    }
    incidents(&mut page, status);
    past::write(&mut page, status);
    outstanding::write(&mut page, &works(status), &status.plan);
    next(&mut page, status);
    page.finish()
}

fn headline(page: &mut Page, status: &Status) {
    let release = &status.release;
    let version = release.version.iter().map(|version| format!(" {version}"));
    let named: String = std::iter::once(release.name.clone())
        .chain(version)
        .collect();
    let line = format!("{named} {} {}", page.sign("·", "-"), status.plan);
    page.line(0, Cell::heading(&line));
    let ledger = match &status.kept {
        None => {
            let place = status.elsewhere.as_ref();
            let missing = place.map_or_else(
                || "there is no ledger beside this plan".to_owned(),
                |place| format!("there is no {place} yet"),
            );
            format!("{missing}: nothing that people did is recorded")
        }
        Some(kept) => match kept.last {
            None => "the ledger is empty".to_owned(),
            Some(last) => format!(
                "ledger of {}, the last {}",
                counted(kept.entries, "entry", "entries"),
                beside(last, status.now)
            ),
        },
    };
    page.line(0, Cell::plain(&format!("as of {}; {ledger}", status.now)));
    if let Some(superseded) = status.superseded.last() {
        page.line(0, Cell::plain(&superseded_in_words(superseded, status.now)));
    }
    for hold in &status.held_elsewhere {
        page.line(0, Cell::warning(hold));
    }
    for stage in &status.unknown_stages {
        page.line(0, Cell::warning(&not_in_plan(stage)));
    }
}

/// `version 2.1 took the place of 2.0 (entry 7) 2h ago (…): what was found, confirmed and approved before is void; pilot began anew`.
fn superseded_in_words(superseded: &Superseded, now: Instant) -> String {
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "(none)".to_owned());
    let did = match (superseded.keep_window, superseded.stages.len()) {
        (true, 1) => "kept its window",
        (true, _) => "kept their windows",
        (false, _) => "began anew",
    };
    let stages = match superseded.stages.join(", ") {
        none if none.is_empty() => none,
        stages => format!("; {stages} {did}"),
    };
    format!(
        "version {} took the place of {} (entry {}) {}: what was found, confirmed and approved before is void{stages}",
        version(&superseded.to),
        version(&superseded.from),
        superseded.entry,
        beside(superseded.at, now)
    )
}

fn write_stage(page: &mut Page, stage: &StageStatus, now: Instant) {
    let title = stage.title.iter().map(|title| format!(": {title}"));
    let name: String = std::iter::once(stage.name.clone()).chain(title).collect();
    let label = [(STATE_WIDTH, Cell::state(stage.state))];
    page.labelled(0, &label, Cell::heading(&name));
    for flag in &stage.flags {
        page.line(BELOW, Cell::warning(flag));
    }
    for trip in &stage.tripped {
        page.line(BELOW, Cell::warning(&trip_in_words(trip)));
    }
    if let Some(line) = started(stage, now) {
        page.line(BELOW, Cell::plain(&line));
    }
    if let Some(due) = stage.deadline {
        page.line(BELOW, deadline(due, now));
    }
    for window in &stage.windows {
        write_window(page, window, now);
    }
    write_gates(page, stage, now);
    for line in &stage.let_go {
        page.line(BELOW, Cell::warning(line));
    }
    for line in missed(&stage.missed) {
        page.line(BELOW, Cell::warning(&line));
    }
    if let Some(watched) = &stage.watched {
        page.line(BELOW, Cell::plain(&watched_in_words(watched, now)));
    }
}

/// `watched 47h52m of 48h; not watched from … to …; a watch by ada on ci-7 has not ended (began …)`.
fn watched_in_words(stage: &WatchedStage, now: Instant) -> String {
    /// So many stretches are told.
    const TOLD: usize = 3;
    let known = stage
        .open
        .as_ref()
        .map_or("", |_| ", as far as is recorded");
    let mut words = format!("watched {}{known}", part_of(stage.watched, stage.of));
    let stretches = stage
        .not_watched
        .iter()
        .filter(|one| one.to < now || stage.open.is_none());
    let stretches: Vec<String> = stretches
        .map(|one| format!("from {} to {}", one.from, one.to))
        .collect();
    if !stretches.is_empty() {
        let told = stretches.get(..TOLD).unwrap_or(&stretches);
        words.push_str(&format!("; not watched {}", told.join(" and ")));
    }
    if stretches.len() > TOLD {
        words.push_str(&format!(" and {} more times", stretches.len() - TOLD));
    }
    if let Some(OpenWatch {
        since, by, host, ..
    }) = &stage.open
    {
        let began = beside(*since, now);
        words.push_str(&format!(
            "; a watch by {by} on {host} began {began} and has not ended"
        ));
    }
    words
}

/// `tripped at …: integration_5xx_rate, above 5% for 12m (entry 19)`.
fn trip_in_words(trip: &Tripped) -> String {
    let Tripped {
        name,
        reason,
        at,
        entry,
    } = trip;
    format!("stop tripped, recorded at {at} (entry {entry}): {name}, {reason}")
}

/// When the stage began, and whether by override.
fn started(stage: &StageStatus, now: Instant) -> Option<String> {
    let mut line = format!("started {}", beside(stage.started?, now));
    if let Some(ended) = stage.ended {
        line.push_str(&format!(", ended {}", beside(ended, now)));
    }
    if stage.begun_by_override {
        let overridden = standing::OVERRIDDEN;
        let mut gates = stage.gates.iter();
        let has_entry = gates.any(|one| one.gate.kind == GateKind::Entry);
        let what = if has_entry {
            "its entry gate was not GO"
        } else {
            "begun out of turn"
        };
        line.push_str(&format!(", {overridden}: {what}"));
    }
    Some(line)
}

/// By when the stage should be left.
fn deadline(deadline: Instant, now: Instant) -> Cell {
    if deadline < now {
        Cell::warning(&format!("deadline PASSED {}", beside(deadline, now)))
    } else {
        Cell::plain(&format!("deadline {}", beside(deadline, now)))
    }
}

/// `window ████████░░░░ 31h of 48h, complete at …`.
fn write_window(page: &mut Page, window: &Progress, now: Instant) {
    let Progress {
        kind,
        observed,
        length,
        completes_at,
        waits,
    } = window;
    let what = match kind {
        GateKind::Recovery => "recovery",
        GateKind::Entry | GateKind::Exit => "window",
    };
    let when = if *completes_at > now {
        "complete at"
    } else {
        "complete since"
    };
    let bar = bar::of(*observed, *length, page.unicode());
    let part = part_of(*observed, *length);
    let line = match waits {
        Some(waits) => format!("{what} {bar} {part}; {waits}"),
        None => format!("{what} {bar} {part}, {when} {completes_at}"),
    };
    page.line(BELOW, Cell::plain(&line));
}

/// The gates that were judged, and those to judge now. Side by side if there is room.
fn write_gates(page: &mut Page, stage: &StageStatus, now: Instant) {
    let shown: Vec<(&GateStatus, String)> = stage
        .gates
        .iter()
        .filter(|gate| !is_ahead_of_its_stage(stage, gate))
        .filter_map(|gate| Some((gate, gate_in_words(gate, now)?)))
        .collect();
    let name = |gate: &GateStatus| Cell::plain(&gate.gate.to_string());
    let widest = shown.iter().map(|(gate, _)| name(gate).width()).max();
    let width = widest.unwrap_or(0).min(page.width() / 3);
    for (gate, line) in &shown {
        let labels = [(width, name(gate))];
        // A name is never cut.
        if page.width() < TABLE_FROM || name(gate).width() > width {
            page.line(BELOW, Cell::plain(&format!("{} {line}", gate.gate)));
        } else {
            page.labelled(BELOW, &labels, Cell::plain(line));
        }
        if let Some(overridden) = &gate.overridden {
            page.line(BELOW + GAP, Cell::warning(&standing::in_full(overridden)));
        }
    }
}

/// Whether it was judged though its stage has not begun, nor ever had: that says nothing about it.
fn is_ahead_of_its_stage(stage: &StageStatus, gate: &GateStatus) -> bool {
    let is_new = gate.last.as_ref().is_none_or(|last| last.turned.is_none());
    stage.started.is_none() && is_new && !gate.in_play && gate.gate.kind != GateKind::Entry
}

fn gate_in_words(gate: &GateStatus, now: Instant) -> Option<String> {
    match &gate.last {
        Some(last) => Some(check_in_words(last, now)),
        None => gate.in_play.then(|| "not judged yet".to_owned()),
    }
}

/// `was HOLD 20m ago (2026-11-20T13:40:00Z), entry 21`.
fn check_in_words(check: &LastCheck, now: Instant) -> String {
    let LastCheck {
        verdict, at, entry, ..
    } = check;
    let mut words = format!("was {} {}, entry {entry}", verdict.word(), beside(*at, now));
    words.push_str(&lacking_in_words(check));
    let turned = check.turned.filter(|_| check.before_start);
    if let Some(superseded) = &check.superseded {
        words.push_str(&format!(", before {superseded}"));
    } else {
        words.push_str(if turned == Some(EventKind::RolledBack) {
            ", before the rollback"
        } else if turned == Some(EventKind::Reopened) {
            ", before it was reopened"
        } else if check.before_start {
            ", before the stage began"
        } else {
            ""
        });
    }
    // What counts against it is then just that.
    let is_told = check.superseded.is_some();
    let contradicted = check.contradicted.as_ref();
    let contradicted = contradicted.filter(|_| !check.is_moot && !is_told);
    if check.other_plan && contradicted.is_none() && !is_told {
        words.push_str(", on another version of the plan");
    }
    if let Some(question) = &check.other_vars {
        words.push_str(&format!(", {question}: that is another question"));
    }
    if let Some(contradicted) = contradicted {
        words.push_str(&format!(", but {contradicted}"));
    }
    words
}

/// `: unmet: exception_rate (5.2%), a.xml and 4 more`; nothing of a check that the stage has left behind.
fn lacking_in_words(check: &LastCheck) -> String {
    let lacking = check.lacking.in_words();
    let lacking = lacking.filter(|_| !check.before_start && check.turned.is_none());
    lacking.map_or_else(String::new, |lacking| format!(": {lacking}"))
}

/// The days without a checkpoint, in words; consecutive days of one role share a line.
pub(super) fn missed(days: &[Day]) -> Vec<String> {
    let mut runs: Vec<(&Day, &Day)> = Vec::new();
    for day in days {
        let goes_on = |last: &Day| last.by == day.by && last.number + 1 == day.number;
        match runs.iter_mut().find(|(_, last)| goes_on(last)) {
            Some((_, last)) => *last = day,
            None => runs.push((day, day)),
        }
    }
    let in_words = |(first, last): &(&Day, &Day)| {
        let days = if first == last {
            format!("day {}", first.number)
        } else {
            format!("days {} to {}", first.number, last.number)
        };
        format!(
            "{} on {days}, {} to {}",
            first.missing(),
            first.start,
            last.end
        )
    };
    runs.iter().map(in_words).collect()
}

/// `INC-1 sev2, 3h ago: printer jams; owner @ops, target …, OVERDUE by 1h`.
fn incidents(page: &mut Page, status: &Status) {
    if status.incidents.is_empty() {
        return;
    }
    page.blank();
    page.line(0, Cell::heading("open incidents"));
    let ids = || status.incidents.iter().map(|one| Cell::plain(&one.id));
    let widest = ids().map(|id| id.width()).max().unwrap_or(0);
    for (incident, id) in status.incidents.iter().zip(ids()) {
        let label = [(widest.min(page.width() / 3), id)];
        let line = incident_in_words(incident, status.now);
        let cell = if incident.overdue.is_some() {
            Cell::warning(&line)
        } else {
            Cell::plain(&line)
        };
        page.labelled(2, &label, cell);
    }
}

fn incident_in_words(incident: &OpenIncident, now: Instant) -> String {
    let details = &incident.details;
    let said =
        |text: &Option<String>, absent: &str| text.clone().unwrap_or_else(|| absent.to_owned());
    let mut words = format!(
        "{}: {}",
        said(&incident.severity, "severity unknown"),
        said(&details.description, "no description")
    );
    let opened = || format!("opened {}", beside(incident.opened, now));
    let apart = recorded_apart(incident.recorded, incident.opened);
    words.push_str(&format!("; {}", apart.unwrap_or_else(opened)));
    if let Some(stage) = &incident.stage {
        words.push_str(&format!(" in {stage}"));
    }
    words.push_str(&match &details.owner {
        Some(owner) => format!("; owner {owner}"),
        None => "; no owner".to_owned(),
    });
    if let Some(target) = details.target {
        words.push_str(&format!("; target {target}"));
    }
    if let Some(late) = incident.overdue {
        words.push_str(&format!(", OVERDUE by {}", roughly(late)));
    }
    if let Some(workaround) = &details.workaround {
        words.push_str(&format!("; workaround: {workaround}"));
    }
    words
}

fn works(status: &Status) -> Vec<Work<'_>> {
    let works = status.outstanding.iter().map(|owed| Work {
        gate: &owed.gate,
        kind: owed.kind,
        name: &owed.name,
        title: owed.title.as_deref(),
        link: owed.link.as_deref(),
        note: (owed.was_answered || outstanding::has_its_time(owed.kind)).then_some(&*owed.reason),
        first: outstanding::first_of(status.next.as_ref(), owed.kind, &owed.next_step),
        next_step: &owed.next_step,
    });
    works.collect()
}

fn next(page: &mut Page, status: &Status) {
    let (next, plan) = (status.next.as_ref(), &status.plan);
    page.blank();
    let Some(next) = next else {
        let open: Vec<&str> = status.incidents.iter().map(|one| one.id.as_str()).collect();
        let open = match open.as_slice() {
            [] => String::new(),
            open => format!("; open: {}", open.join(", ")),
        };
        page.line(0, Cell::heading(&format!("every stage was left{open}")));
        return;
    };
    page.line(0, Cell::heading(&format!("next: {}", next.why)));
    // Where the reason does not say it already.
    if let Some(first) = next
        .first
        .as_ref()
        .filter(|first| !next.why.contains(*first))
    {
        page.line(2, Cell::heading(&format!("{first}, then")));
    }
    page.line(2, Cell::heading(&next.command.command(plan)));
    if let Some(hold) = &status.to_hold {
        page.line(0, Cell::warning(&format!("{}, to hold it:", hold.why)));
        page.line(2, Cell::heading(&hold.command.command(plan)));
    }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
