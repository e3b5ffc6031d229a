//! `gate incident`: the rollout's incidents. Must not accept an unknown severity, nor close what is not open.

use std::collections::BTreeSet;
mod list;

use std::path::Path;

use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use super::deeds::{Deed, record};
use super::surroundings::Surroundings;
use crate::cli::{IncidentAction, IncidentArgs, Signed, Time, Until};
use crate::exit::Exit;
use crate::kind::{Action, List};
use crate::ledger::{Event, Incident, IncidentDetails, is_worse, recorded_apart};
use crate::plan::Plan;
use crate::plan::criteria::IncidentsAsk;
use crate::rollout::steps;
use crate::units::Instant;

/// Lists them, or records what happened to one.
pub fn incident(arguments: &IncidentArgs, surroundings: &Surroundings) -> Exit {
    match arguments.action {
        IncidentAction::List { all } => list::list(&arguments.plan, all, surroundings),
        IncidentAction::Open { .. }
        | IncidentAction::Update { .. }
        | IncidentAction::Close { .. } => record(arguments, surroundings),
    }
}

impl Deed for IncidentArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        match &self.action {
            IncidentAction::Open {
                severity,
                description,
                workaround,
                owner,
                target,
                opened,
                stage,
            } => {
                let told = Told {
                    severity: Some(severity),
                    description: Some(description),
                    workaround: workaround.as_ref(),
                    owner: owner.as_ref(),
                    target: *target,
                };
                open(context, &told, *opened, stage.as_deref())
            }
            IncidentAction::Update {
                id,
                severity,
                description,
                workaround,
                owner,
                target,
            } => {
                let told = Told {
                    severity: severity.as_ref(),
                    description: description.as_ref(),
                    workaround: workaround.as_ref(),
                    owner: owner.as_ref(),
                    target: *target,
                };
                update(context, id, &told)
            }
            IncidentAction::Close { id } => close(context, id),
            IncidentAction::List { .. } => Err(Refusal::usage("listing incidents records nothing")),
        }
    }
}

/// What the command line says about an incident.
struct Told<'a> {
    severity: Option<&'a String>,
    description: Option<&'a String>,
    workaround: Option<&'a String>,
    owner: Option<&'a String>,
    target: Option<Until>,
}

impl Told<'_> {
    /// Trimmed strings; severities as the plan spells them.
    fn details(&self, context: &DecisionContext) -> Result<IncidentDetails, Refusal> {
        let severity = self.severity.map(|text| severity(context, text));
        let target = self.target.map(|until| until.after(context.rollout.now));
        Ok(IncidentDetails {
            severity: severity.transpose()?,
            description: said("--description", self.description)?,
            workaround: said("--workaround", self.workaround)?,
            owner: said("--owner", self.owner)?,
            target: target
                .map(|time| context.ahead(time, "--target"))
                .transpose()?,
        })
    }
}

fn said(option: &str, text: Option<&String>) -> Result<Option<String>, Refusal> {
    match text.map(|text| text.trim()) {
        Some("") => Err(Refusal::usage(format!("{option} is empty"))),
        text => Ok(text.map(str::to_owned)),
    }
}

/// The severity as the plan spells it, or else one of a common form: where the plan names others, with a reason, since no gate
/// counts it.
fn severity(context: &DecisionContext, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let known = named_severities(context.rollout.plan);
    let same = known.iter().find(|name| name.eq_ignore_ascii_case(text));
    if let Some(name) = same {
        return Ok((*name).to_owned());
    }
    let lower = text.to_ascii_lowercase();
    let number = ["sev", "p", "s"]
        .into_iter()
        .find_map(|word| lower.strip_prefix(word));
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let has_form = number.is_some_and(is_number);
    if has_form && (known.is_empty() || !context.why.is_empty()) {
        return Ok(lower);
    }
    let known: Vec<&str> = known.into_iter().collect();
    if has_form {
        return Err(Refusal::usage(format!(
            "`{text}` needs a reason, since no gate of the plan asks about it: they ask about {}; if it is meant, say why with --why",
            known.join(", ")
        )));
    }
    let which = if known.is_empty() {
        "the plan names none".to_owned()
    } else {
        format!("the plan names {}", known.join(", "))
    };
    Err(Refusal::usage(format!(
        "unknown severity `{text}`: {which}; others have the form sev1, p1 or s1"
    )))
}

fn named_severities(plan: &Plan) -> BTreeSet<&str> {
    let gates = plan.stages.iter().flat_map(|stage| &stage.gates);
    let criteria = gates.flat_map(|gate| &gate.criteria);
    let asked = criteria.filter_map(|criterion| criterion.ask.incidents());
    asked.flat_map(IncidentsAsk::severities).collect()
}

/// The gates that an incident of this severity decides, for people.
fn matters_to(context: &DecisionContext, severity: &str) -> Vec<String> {
    let mut found = Vec::new();
    for stage in &context.rollout.plan.stages {
        for criterion in stage.gates.iter().flat_map(|gate| &gate.criteria) {
            let asked = criterion.ask.incidents().into_iter();
            let mut severities = asked.flat_map(IncidentsAsk::severities);
            if severities.any(|one| one.eq_ignore_ascii_case(severity)) {
                let is_stop = criterion.list == List::Stop;
                let gate = criterion.list.gate().of(&stage.name);
                found.push(format!("{gate}{}", if is_stop { " (a stop)" } else { "" }));
            }
        }
    }
    found.dedup();
    found
}

fn open(
    context: &DecisionContext,
    told: &Told,
    opened: Option<Time>,
    stage: Option<&str>,
) -> Result<Decision, Refusal> {
    let details = told.details(context)?;
    let opened_at = opened.map(|time| in_the_past(context, time)).transpose()?;
    let stage = match stage {
        Some(name) => Some(context.stage(name)?.name.clone()),
        None => context.running_alone(),
    };
    let opened = context.history().entries().iter();
    let opened = opened.filter(|entry| matches!(entry.event, Event::IncidentOpened { .. }));
    let id = format!("INC-{}", opened.count() + 1);
    let severity = details.severity.clone().unwrap_or_default();
    let description = details.description.clone().unwrap_or_default();
    let apart = opened_at.and_then(|at| recorded_apart(context.rollout.now, at));
    let done = match apart {
        None => format!("{id} is open: {severity}: {description}"),
        Some(apart) => format!("{id} {apart}: {severity}: {description}"),
    };
    let event = Event::IncidentOpened {
        id: id.clone(),
        stage,
        opened_at,
        details,
    };
    let next = after_opening(context, &severity, &id);
    Ok(Decision::of(event, done)
        .meaning(meaning(context, &severity))
        .next(next))
}

/// When it came up, in whole seconds.
fn in_the_past(context: &DecisionContext, time: Time) -> Result<Instant, Refusal> {
    let now = context.rollout.now;
    let at = time.before(now);
    if at > now {
        return Err(Refusal::usage(format!(
            "--opened {at} is in the future, it is {now} now: record an incident once it has come up"
        )));
    }
    Ok(Instant::from_secs(at.millis().div_euclid(1000)))
}

/// An incident that stops a running stage asks for what every stop asks for; any other has to be closed.
fn after_opening(context: &DecisionContext<'_>, severity: &str, id: &str) -> String {
    let running = context.rollout.running().into_iter();
    let mut stopped = running.filter(|stage| {
        let criteria = stage.gates.iter().flat_map(|gate| &gate.criteria);
        let mut stops = criteria.filter(|criterion| criterion.list == List::Stop);
        stops.any(|criterion| {
            criterion
                .ask
                .incidents()
                .is_some_and(|ask| asks_about(ask, severity))
        })
    });
    let step = stopped.find_map(|stage| {
        let commands = context.rollout.after_stop(&stage.name).commands;
        commands.into_iter().next()
    });
    step.map_or_else(
        || context.typed(&steps::close(id, None)),
        |step| context.typed(&step),
    )
}

fn asks_about(ask: &IncidentsAsk, severity: &str) -> bool {
    ask.severities()
        .any(|one| one.eq_ignore_ascii_case(severity))
}

fn meaning(context: &DecisionContext, severity: &str) -> String {
    let gates = matters_to(context, severity);
    if gates.is_empty() {
        let known = severities(context);
        let known = match known.as_slice() {
            [] => String::new(),
            known => format!(": they ask about {}", known.join(", ")),
        };
        return format!("no gate of the plan asks about {severity}{known}");
    }
    format!("{severity} counts in {}", gates.join(", "))
}

/// The severities that the plan asks about, each once.
fn severities<'a>(context: &DecisionContext<'a>) -> Vec<&'a str> {
    let gates = context
        .rollout
        .plan
        .stages
        .iter()
        .flat_map(|one| &one.gates);
    let asks = gates.flat_map(|gate| &gate.criteria);
    let asks = asks.filter_map(|criterion| criterion.ask.incidents());
    let mut known: Vec<&str> = Vec::new();
    for severity in asks.flat_map(IncidentsAsk::severities) {
        if !known.contains(&severity) {
            known.push(severity);
        }
    }
    known
}

/// An update to a closed incident reopens it.
fn update(context: &DecisionContext, id: &str, told: &Told) -> Result<Decision, Refusal> {
    let incident = known(context, id)?;
    let details = told.details(context)?;
    if details == IncidentDetails::default() {
        return Err(Refusal::usage(
            "this update changes nothing: give --severity, --description, --workaround, --owner or --target",
        ));
    }
    reasoned(context, &incident, &details)?;
    let again = if incident.closed.is_some() {
        "is open again"
    } else {
        "has changed"
    };
    let done = format!("{} {again}: {}", incident.id, changes(&details));
    let severity = details.severity.clone().or(incident.details.severity);
    let event = Event::IncidentUpdated {
        id: incident.id.clone(),
        details,
    };
    let updated =
        Decision::of(event, done).meaning(meaning(context, &severity.unwrap_or_default()));
    Ok(updated.next(context.typed(&steps::close(&incident.id, None))))
}

/// A severity that is not known to be worse takes away from what an incident counts for, and so does a later target once the one
/// before was missed: in a person's name, with a reason.
fn reasoned(
    context: &DecisionContext,
    incident: &Incident,
    given: &IncidentDetails,
) -> Result<(), Refusal> {
    let (from, to) = (&incident.details.severity, &given.severity);
    if let Some((from, to)) = from.as_ref().zip(to.as_ref())
        && from != to
        && !is_worse(to, from)
    {
        context.reason_for(&format!("changing {} from {from} to {to}", incident.id))?;
    }
    let missed = incident.late(context.rollout.now);
    if let Some(missed) = missed.filter(|_| given.target.is_some()) {
        let what = format!("another target for {}, which missed {missed},", incident.id);
        context.reason_for(&what)?;
    }
    Ok(())
}

fn changes(details: &IncidentDetails) -> String {
    let target = details.target.map(|time| time.to_string());
    let named = [
        ("severity", details.severity.as_ref()),
        ("description", details.description.as_ref()),
        ("workaround", details.workaround.as_ref()),
        ("owner", details.owner.as_ref()),
        ("target", target.as_ref()),
    ];
    let said: Vec<String> = named
        .into_iter()
        .filter_map(|(name, text)| Some(format!("{name}: {}", text?)))
        .collect();
    said.join(", ")
}

/// An incident is closed with how it was solved, which may be said again, or better, later on.
fn close(context: &DecisionContext, id: &str) -> Result<Decision, Refusal> {
    let incident = known(context, id)?;
    let close = steps::close(&incident.id, None);
    if let (Some(closed), true) = (incident.closed, context.why.is_empty()) {
        return Err(Refusal::given(format!(
            "{} is already closed, since {closed}: say with --why how it was solved, if that is not recorded yet",
            incident.id
        ))
        .command(&context.typed(&close)));
    }
    context.reason_for(&format!("closing {} (how it was solved)", incident.id))?;
    let event = Event::IncidentClosed {
        id: incident.id.clone(),
    };
    if let Some(closed) = incident.closed {
        let done = format!("{}, closed since {closed}: how it was solved", incident.id);
        return Ok(Decision::of(event, done).next(context.command(Action::Check, &[])));
    }
    let closed = Decision::of(event, format!("{} is closed", incident.id));
    let others = context.rollout.incidents().into_iter();
    let others: Vec<String> = others
        .filter(|other| other.closed.is_none() && other.id != incident.id)
        .map(|other| other.id)
        .collect();
    Ok(match others.as_slice() {
        [] => closed
            .meaning("no incident is open")
            .next(context.command(Action::Check, &[])),
        open @ [first, ..] => closed
            .meaning(format!("still open: {}", open.join(", ")))
            .next(context.typed(&steps::close(first, None))),
    })
}

fn known(context: &DecisionContext, id: &str) -> Result<Incident, Refusal> {
    let all = context.rollout.incidents();
    let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    let ids = match ids.as_slice() {
        [] => "none is recorded".to_owned(),
        ids => format!("there are {}", ids.join(", ")),
    };
    let found = all.into_iter().find(|one| one.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| Refusal::standing(format!("there is no incident `{id}`: {ids}")))
}
