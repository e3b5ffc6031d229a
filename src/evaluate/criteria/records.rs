//! What is recorded about incidents: in the ledger, if people use it, and in an issue log, if the plan names one.
//! Must not judge a severity.

use crate::assessment::{BasedOn, Code};
use crate::evaluate::context::Undecided;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::findings::{Found, Inquiry, Issue};
use crate::ledger::{Became, Ledger};
use crate::plan::criteria::IncidentsAsk;
use crate::rollout::steps;
use crate::units::{Duration, Instant};

/// An incident, wherever it is recorded.
pub(super) struct Record {
    pub id: String,
    pub severity: Option<String>,
    /// Until when, of a severity that it had before.
    pub until: Option<Instant>,
    /// `None` if unknown.
    pub open: Option<bool>,
    /// When it became what it is.
    pub since: Option<Instant>,
    /// When the ledger recorded that, if it was since its stage began.
    pub recorded: Option<Instant>,
    /// When it was recorded and opened, where these are told apart.
    pub apart: Option<String>,
    /// Whether the ledger shows that this was since its stage began, whatever the date says.
    pub came_up: bool,
    pub description: String,
    pub owner: Option<String>,
    /// When it should be solved; `None` if unknown.
    pub target: Option<Instant>,
    /// The target that it missed while it had this severity, and it is still open.
    pub late: Option<Instant>,
    /// The log that it is in; `None` for the ledger.
    pub log: Option<String>,
    pub entry: Option<BasedOn>,
}

impl Record {
    /// Its id, and where it is recorded.
    pub fn name(&self) -> String {
        match &self.log {
            Some(log) => format!("{} in {log}", self.id),
            None => self.id.clone(),
        }
    }

    /// `INC-1 (sev1), open since 2026-11-20T14:00:00Z: labels fail, owner @ops`. Also true once it is closed: the record of a
    /// stop repeats it.
    pub fn told(&self, what: &str) -> String {
        let what = match (&self.apart, self.since, self.open) {
            (Some(apart), _, Some(true)) => format!(", open, {apart}"),
            (Some(apart), ..) => format!(" {what}, {apart}"),
            (None, Some(since), Some(true)) => format!(", open since {since}"),
            (None, None, Some(true)) => " is open".to_owned(),
            (None, Some(since), _) => format!(" {what}, at {since}"),
            (None, None, _) => format!(" {what}"),
        };
        let description: Vec<&str> = self.description.split_whitespace().collect();
        let description = match description.as_slice() {
            [] => String::new(),
            words => format!(": {}", words.join(" ")),
        };
        let owner = self.owner.as_ref().map(|owner| format!(", owner {owner}"));
        let until = self.until.map(|until| format!(" until {until}"));
        format!(
            "{} ({}{}){what}{description}{}",
            self.name(),
            self.severity.as_deref().unwrap_or("no severity"),
            until.unwrap_or_default(),
            owner.unwrap_or_default()
        )
    }
}

/// Why what is recorded shows nothing.
pub(super) enum Missing {
    /// Nothing is being recorded.
    Nobody,
    /// The start of the stage is not recorded.
    Start,
    /// An open incident has no target, so whether it is late is unknown: its id in the ledger, if it is there.
    Target(String, Option<String>),
    /// The time from the start in which none may come up is not over.
    Early(Instant, Duration),
    /// For a reason that no command fixes.
    Said(Undecided),
}

impl Missing {
    pub fn ruling(self, context: &CriterionContext<'_>) -> Ruling {
        let stage = &context.stage.name;
        match self {
            Self::Said(undecided) => Ruling::open(undecided.code, undecided.reason),
            Self::Start => {
                let reason = format!(
                    "the start of {stage} is not recorded, so what came up since is unknown"
                );
                Ruling::open(Code::NotRecorded, reason).settled_by(steps::start(stage))
            }
            Self::Target(name, id) => {
                let reason = format!("{name} has no target, so whether it is late is unknown");
                let ruling = Ruling::open(Code::ContentUnreadable, reason);
                match id {
                    Some(id) => ruling.settled_by(steps::target(&id)),
                    None => ruling,
                }
            }
            Self::Early(started, length) => {
                let so_far = started.until(context.moment.at);
                let reason = format!(
                    "{so_far} of the {length} from the start at {started} are over, complete at {}; nothing came up so far",
                    started + length
                );
                Ruling::open(Code::WindowIncomplete, reason)
            }
            Self::Nobody => {
                let kind = context.gate.kind;
                // Nothing that is recorded counts for a check that reads no ledger.
                let (reason, step) = match context.rollout.ledger {
                    None => (
                        "no ledger was read, so nothing shows whether one is open",
                        steps::check(&kind.of(stage)),
                    ),
                    Some(_) => (
                        "no incident is recorded, but people record nothing in the ledger, so that proves nothing",
                        steps::keep(kind, stage),
                    ),
                };
                Ruling::open(Code::NotRecorded, reason).settled_by(step)
            }
        }
    }
}

/// What is recorded, and what keeps it from being everything.
pub(super) fn of(
    ask: &IncidentsAsk,
    context: &CriterionContext<'_>,
) -> (Vec<Record>, Option<Missing>) {
    let rollout = context.rollout;
    let kept = rollout.ledger.filter(|_| rollout.history().is_kept());
    let mut records = kept.map_or_else(Vec::new, |ledger| in_ledger(ledger, context));
    let Some(path) = &ask.issue_log else {
        return (records, kept.is_none().then_some(Missing::Nobody));
    };
    match in_log(path, context) {
        Ok(issues) => {
            records.extend(issues);
            (records, None)
        }
        Err(undecided) => (records, Some(Missing::Said(undecided))),
    }
}

fn in_ledger(ledger: &Ledger, context: &CriterionContext<'_>) -> Vec<Record> {
    let mut records = Vec::new();
    for incident in ledger.incidents() {
        let mut entries = ledger.entries().iter();
        let opened = entries.find(|entry| entry.number == incident.entry);
        let is_open = incident.closed.is_none();
        let of = |became: &Became| Record {
            id: incident.id.clone(),
            severity: incident.details.severity.clone(),
            until: None,
            open: Some(is_open),
            since: Some(became.at),
            recorded: context.rollout.recorded_since(became, &context.stage.name),
            apart: incident.apart().filter(|_| became.is_dated),
            came_up: context.rollout.came_up(became, &context.stage.name),
            description: incident.details.description.clone().unwrap_or_default(),
            owner: incident.details.owner.clone(),
            target: incident.details.target,
            late: incident.late(context.moment.at),
            log: None,
            entry: opened.map(BasedOn::from),
        };
        records.push(of(&incident.became));
        records.extend(incident.earlier.iter().map(|one| Record {
            severity: Some(one.severity.clone()),
            until: Some(one.until),
            open: Some(false),
            late: one.missed.filter(|_| is_open),
            ..of(&one.became)
        }));
    }
    records
}

fn in_log(path: &str, context: &CriterionContext<'_>) -> Result<Vec<Record>, Undecided> {
    let inquiry = Inquiry::IssueLog {
        path: path.to_owned(),
    };
    let found = context.found(&inquiry);
    let found =
        found.map_err(|failure| Undecided::new(Code::Source(failure.code), failure.message))?;
    let Found::Issues(issues) = found else {
        let reason = format!("what was found for {path} is not an issue log");
        return Err(Undecided::new(Code::ContentUnreadable, reason));
    };
    let record = |issue: &Issue| Record {
        id: issue.id.clone(),
        severity: Some(issue.severity.clone()).filter(|severity| !severity.trim().is_empty()),
        until: None,
        open: issue.open,
        since: issue.opened,
        recorded: None,
        apart: None,
        came_up: false,
        description: issue.description.clone(),
        owner: None,
        target: None,
        late: None,
        log: Some(path.to_owned()),
        entry: None,
    };
    Ok(issues.iter().map(record).collect())
}
