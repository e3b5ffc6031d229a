//! Incidents: which count for a gate, and which are open. Must not say that there are none if people record nothing.

use super::Rollout;
use crate::kind::{GateKind, List};
use crate::ledger::{Became, Incident, IncidentDetails, Ledger};
use crate::plan::Stage;
use crate::plan::criteria::IncidentsAsk;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// Why an incident counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// It is open.
    Open,
    /// It is open past its target.
    Overdue(Instant),
    /// It came up within this time from the start of the stage, open or not.
    Within(Duration),
    /// It came up since the start of the stage, open or not.
    SinceStart,
}

/// What is known of an incident, wherever it is recorded; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentSeen<'a> {
    /// How bad it is.
    pub severity: Option<&'a str>,
    /// Whether it is open.
    pub open: Option<bool>,
    /// Whether it became what it is since the start of the stage.
    pub came_up: bool,
    /// When it became what it is, as somebody says or as it was recorded.
    pub since: Option<Instant>,
    /// When that was recorded, if it was since the start of the stage.
    pub recorded: Option<Instant>,
    /// The target that it missed: it is open, and was of this severity past it.
    pub late: Option<Instant>,
}

impl IncidentSeen<'_> {
    /// Why it counts for a gate of a stage that began at `started`; `None` if it is not known to.
    #[must_use]
    pub fn counts(self, ask: &IncidentsAsk, started: Option<Instant>) -> Option<Counts> {
        let severity = self.severity?;
        let is_open = self.open == Some(true);
        if is_open && is_one_of(&ask.open, severity) {
            return Some(Counts::Open);
        }
        let asked = is_one_of(&ask.overdue, severity);
        if let Some(target) = self.late.filter(|_| asked) {
            return Some(Counts::Overdue(target));
        }
        if !self.came_up {
            return None;
        }
        let is_early =
            |length: Duration| started.is_some_and(|start| self.is_within(start, length));
        let within = ask.within.as_ref();
        let within = within.filter(|(of, length)| is_early(*length) && is_one_of(of, severity));
        if let Some((_, length)) = within {
            return Some(Counts::Within(*length));
        }
        is_one_of(&ask.since_start, severity).then_some(Counts::SinceStart)
    }

    /// Whether it came up, or was recorded, within this time from the start.
    fn is_within(self, start: Instant, length: Duration) -> bool {
        let since = self.since.filter(|since| *since >= start);
        let mut moments = since.into_iter().chain(self.recorded);
        moments.any(|at| start.until(at) < length)
    }
}

/// Whether a severity is one of those that are asked about, ignoring case.
#[must_use]
pub fn is_one_of(severities: &[String], severity: &str) -> bool {
    let severity = severity.trim().to_lowercase();
    severities
        .iter()
        .any(|asked| asked.trim().to_lowercase() == severity)
}

/// What is asked, in words; a stop describes the bad state. The words distinguish stops from each other.
#[must_use]
pub fn required(ask: &IncidentsAsk, list: List) -> String {
    let good = if list == List::Stop { "" } else { "no " };
    let mut said = Vec::new();
    if !ask.open.is_empty() {
        said.push(format!("{good}{} open", ask.open.join(", ")));
    }
    if !ask.since_start.is_empty() {
        said.push(format!(
            "{good}{} since the start",
            ask.since_start.join(", ")
        ));
    }
    if !ask.overdue.is_empty() {
        said.push(format!("{good}{} past its target", ask.overdue.join(", ")));
    }
    if let Some((severities, length)) = &ask.within {
        let severities = severities.join(", ");
        said.push(format!("{good}{severities} within {length} of the start"));
    }
    said.join("; ")
}

/// An incident that nobody has closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIncident {
    /// Such as `INC-1`.
    pub id: String,
    /// The stage it happened in.
    pub stage: Option<String>,
    /// When it was opened.
    pub opened: Instant,
    /// When it was recorded.
    pub recorded: Instant,
    /// What is known about it.
    pub details: IncidentDetails,
    /// Its severity, with those that it had before; `None` if none was ever given.
    pub severity: Option<String>,
    /// How long ago it should have been solved.
    pub overdue: Option<Duration>,
}

/// An incident that somebody has closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedIncident {
    /// Such as `INC-1`.
    pub id: String,
    /// Its severity, with those that it had before; `None` if none was ever given.
    pub severity: Option<String>,
    /// What happened.
    pub description: Option<String>,
    /// When it was opened.
    pub opened: Instant,
    /// When it was closed.
    pub closed: Instant,
    /// How it was solved, if somebody said.
    pub solution: Option<String>,
    /// Addresses that people gave, such as its ticket.
    pub links: Vec<String>,
}

impl Rollout<'_> {
    /// Those that were closed, in the order in which they were.
    pub(super) fn closed_incidents(&self) -> Vec<ClosedIncident> {
        let Some(ledger) = self.ledger else {
            return Vec::new();
        };
        let incidents = ledger.incidents().into_iter();
        let closed = incidents.filter_map(|one| {
            Some(ClosedIncident {
                closed: one.closed?,
                solution: ledger.solution(&one).map(str::to_owned),
                links: (ledger.links_of(&one).into_iter())
                    .map(str::to_owned)
                    .collect(),
                severity: one.severity_in_words(),
                opened: one.opened,
                description: one.details.description,
                id: one.id,
            })
        });
        let mut closed: Vec<ClosedIncident> = closed.collect();
        closed.sort_by_key(|one| one.closed);
        closed
    }

    /// The incidents of the ledger, in the order in which they were opened.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        self.ledger.map(Ledger::incidents).unwrap_or_default()
    }

    /// Those that trip a stop of a stage at its next check, as far as the ledger says.
    pub(super) fn incidents_that_stop(&self, stage: &Stage) -> Vec<Incident> {
        let asks: Vec<&IncidentsAsk> = (stage.gates.iter())
            .flat_map(|gate| &gate.criteria)
            .filter(|criterion| criterion.list == List::Stop)
            .filter_map(|criterion| criterion.ask.incidents())
            .collect();
        let mut incidents = self.incidents();
        incidents.retain(|one| {
            asks.iter()
                .any(|ask| self.counts_for(ask, one, &stage.name).is_some())
        });
        incidents
    }

    /// The open incidents of a stage that runs, and of none in particular, that its exit does not ask about, in words: no verdict
    /// hides them.
    #[must_use]
    pub fn not_asked(&self, stage: &Stage, kind: GateKind) -> Vec<String> {
        let gate = stage.gate(kind).filter(|_| kind == GateKind::Exit);
        let Some(gate) = gate.filter(|_| self.history().has_begun(&stage.name)) else {
            return Vec::new();
        };
        let criteria = gate.criteria.iter();
        let asks: Vec<&IncidentsAsk> = criteria.filter_map(|one| one.ask.incidents()).collect();
        let incidents = self.incidents().into_iter();
        let open = incidents.filter(|one| {
            let is_here = one.stage.as_ref().is_none_or(|of| *of == stage.name);
            let is_asked = asks
                .iter()
                .any(|ask| self.counts_for(ask, one, &stage.name).is_some());
            one.closed.is_none() && is_here && !is_asked
        });
        let exit = kind.of(&stage.name);
        let words = open.map(|one| {
            let severity = one.severity_in_words();
            let severity = severity.map_or_else(String::new, |word| format!(" {word}"));
            format!(
                "{}{severity} is open, and {exit} does not ask about it",
                one.id
            )
        });
        words.collect()
    }

    /// Why an incident of the ledger counts for a gate of a stage; of one that is rolled back, as if it went on now.
    pub(super) fn counts_for(
        &self,
        ask: &IncidentsAsk,
        incident: &Incident,
        stage: &str,
    ) -> Option<Counts> {
        let waits = self.history().taken_back(stage).is_some();
        let is_open = incident.closed.is_none();
        let came_up = |became| !waits && self.came_up(became, stage);
        let now = IncidentSeen {
            severity: incident.details.severity.as_deref(),
            open: Some(is_open),
            came_up: came_up(&incident.became),
            since: Some(incident.became.at),
            recorded: self.recorded_since(&incident.became, stage),
            late: incident.late(self.now),
        };
        let earlier = incident.earlier.iter().map(|one| IncidentSeen {
            severity: Some(&one.severity),
            open: Some(false),
            came_up: came_up(&one.became),
            since: Some(one.became.at),
            recorded: self.recorded_since(&one.became, stage),
            late: one.missed.filter(|_| is_open),
        });
        let started = self.history().start_of(stage);
        let mut seen = std::iter::once(now).chain(earlier);
        seen.find_map(|seen| seen.counts(ask, started))
    }

    /// Whether an incident of the ledger became what it is, or was, since its stage began: recorded since, or dated after it (L18).
    #[must_use]
    pub fn came_up(&self, became: &Became, stage: &str) -> bool {
        let started = self.history().start_of(stage);
        let is_dated_since = started.is_some_and(|started| became.at >= started);
        is_dated_since || self.recorded_since(became, stage).is_some()
    }

    /// When that was recorded, if it was since its stage began: after its start, whatever the clocks say (T6), or dated after it.
    #[must_use]
    pub fn recorded_since(&self, became: &Became, stage: &str) -> Option<Instant> {
        let (entry, started) = self.history().beginning(stage)?;
        let is_since = became.by > entry.number || became.recorded >= started;
        is_since.then_some(became.recorded)
    }

    /// When the deadline of a stage passed, if a stop asks about it and the last check of the exit gate is not GO.
    pub(super) fn deadline_passed(&self, stage: &Stage) -> Option<Instant> {
        let due = self.start_from_now(stage)? + stage.deadline?;
        let exit = self.history().judged(&GateKind::Exit.of(&stage.name));
        let is_go = exit.is_some_and(|check| check.gate.verdict == Verdict::Go);
        (due < self.now && !is_go).then_some(due)
    }

    /// S; of a stage that is rolled back, as if it went on now.
    fn start_from_now(&self, stage: &Stage) -> Option<Instant> {
        match self.history().taken_back(&stage.name) {
            Some(_) => Some(self.now),
            None => self.history().start_of(&stage.name),
        }
    }

    /// Those that are open.
    #[must_use]
    pub fn open_incidents(&self) -> Vec<OpenIncident> {
        let incidents = self.incidents().into_iter();
        incidents
            .filter(|incident| incident.closed.is_none())
            .map(|incident| still_open(incident, self.now))
            .collect()
    }
}

fn still_open(incident: Incident, now: Instant) -> OpenIncident {
    let late = incident.late(now);
    OpenIncident {
        severity: incident.severity_in_words(),
        id: incident.id,
        stage: incident.stage,
        opened: incident.opened,
        recorded: incident.recorded,
        details: incident.details,
        overdue: late.map(|target| target.until(now)),
    }
}
