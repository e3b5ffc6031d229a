//! What comes next, when, and who decides: from where the rollout stands; without that, as the check said it. Must not work out
//! by itself what comes next.

use super::super::deed;
use super::Known;
use crate::assessment::GateAssessment;
use crate::evidence::Evidence;
use crate::kind::{Action, CriterionKind, GateName};
use crate::report::{decided, times};
use crate::rollout::{Next, State, Status};
use crate::verdict::Verdict;

/// What comes next, from where a rollout stands or from its check, where the two say it alike.
fn told(evidence: &Evidence, next: &Next) -> Vec<String> {
    let first = next.first.clone().into_iter();
    let commands = std::iter::once(&next.command).chain(&next.then);
    first
        .chain(commands.map(|step| deed::in_words(evidence, step)))
        .collect()
}

impl Known<'_> {
    /// What comes next and when.
    pub(super) fn next(&self) -> String {
        let (deeds, when) = match self.status {
            Some(Status { next: None, .. }) => return self.nothing(),
            Some(status) => (self.due(status), when(status)),
            None => (self.led_to(), self.then()),
        };
        std::iter::once(deeds)
            .chain(when)
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn nothing(&self) -> String {
        let open = self.status.map_or(0, |status| status.incidents.len());
        match open {
            0 => "nothing, every stage was left".to_owned(),
            1 => "every stage was left; 1 incident is open".to_owned(),
            open => format!("every stage was left; {open} incidents are open"),
        }
    }

    /// What the rollout waits for; what nobody can begin without their own name, with why.
    fn due(&self, status: &Status) -> String {
        let Some(next) = &status.next else {
            return String::new();
        };
        let deeds = told(self.evidence, next).join(", then ");
        let is_forced = next.command.action == Action::Start && deed::is_anyway(&next.command);
        let why = deed::without_commands(&next.why);
        let why = Some(why).filter(|_| is_forced);
        let hold = status.to_hold.as_ref().map(|hold| {
            let stage = deed::stage_of(&hold.command);
            format!("{}: pausing {stage} holds it", hold.why)
        });
        std::iter::once(deeds)
            .chain(why)
            .chain(hold)
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// What the check led to: after a stop all that is due.
    fn led_to(&self) -> String {
        let evidence = self.evidence;
        let deeds: Vec<String> = if evidence.verdict == Verdict::Stop {
            let gates = evidence.gates.iter();
            let stops = gates.filter_map(|gate| gate.after_stop.as_ref());
            let commands = stops.flat_map(|stop| &stop.commands);
            commands
                .map(|step| deed::in_words(evidence, step))
                .collect()
        } else {
            let next = evidence.next.iter();
            next.flat_map(|next| told(evidence, next)).collect()
        };
        match deeds.as_slice() {
            [] if evidence.verdict == Verdict::Stop => "the rollout is paused now".to_owned(),
            [] => "nothing follows from this check".to_owned(),
            deeds => deeds.join(", then "),
        }
    }

    /// When, as the check knew it: at once after a stop; when a window is over.
    fn then(&self) -> Option<String> {
        let (evidence, now) = (self.evidence, self.evidence.evaluated_at);
        if evidence.verdict == Verdict::Stop {
            return Some("now".to_owned());
        }
        let ends = evidence.deciding().filter_map(|gate| {
            let window = gate.window.as_ref().filter(|window| !window.complete)?;
            let at = window.completes_at.filter(|at| *at > now)?;
            Some(completes(&gate.name(), &times::beside(at, now)))
        });
        let all: Vec<String> = ends.collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Who is responsible for the release, and whose answers the gates ask for that are judged, and that come next.
    pub(super) fn decides(&self) -> String {
        let release = &self.evidence.plan.release;
        let role =
            |who: &Option<String>, role: &str| who.as_ref().map(|who| format!("{who} ({role})"));
        let manager = role(&release.owner, "release manager");
        let on_call = role(&release.on_call, "on call");
        let is_stop = match self.status {
            Some(status) => is_to_stop(status),
            None => self.evidence.verdict == Verdict::Stop,
        };
        let who = manager.into_iter().chain(on_call);
        if is_stop {
            return to_stop(self.evidence, &who.collect::<Vec<_>>());
        }
        let all: Vec<String> = who.chain(self.asked()).collect();
        if all.is_empty() {
            return "the plan names nobody".to_owned();
        }
        all.join("; ")
    }

    /// `for wave-1/entry: operations, product-owner to sign`, by gate.
    fn asked(&self) -> Vec<String> {
        let Some(status) = self.status else {
            let gates = self.evidence.gates.iter();
            let open = gates.filter(|gate| !gate.look && gate.verdict != Verdict::Go);
            return open.filter_map(asked_of).collect();
        };
        let mut gates: Vec<&GateName> = Vec::new();
        for owed in &status.outstanding {
            if !gates.contains(&&owed.gate) {
                gates.push(&owed.gate);
            }
        }
        let told = gates.into_iter().filter_map(|gate| {
            let owed = status.outstanding.iter().filter(|one| one.gate == *gate);
            let owed: Vec<_> = owed.map(|one| (one.kind, one.name.as_str())).collect();
            asked_for(gate, &owed)
        });
        told.collect()
    }
}

fn completes(gate: &GateName, when: &str) -> String {
    format!("the window of {gate} is complete {when}")
}

/// When: at once after a stop; when the windows are over that run; by when each stage should be left.
fn when(status: &Status) -> Option<String> {
    if is_to_stop(status) {
        return Some("now".to_owned());
    }
    let now = status.now;
    let mut all: Vec<String> = Vec::new();
    for stage in &status.stages {
        let waits = stage.windows.iter().filter_map(|one| one.waits.clone());
        all.extend(waits);
        let running = stage.windows.iter().filter(|one| one.completes_at > now);
        let running = running.filter(|one| one.waits.is_none());
        all.extend(running.map(|one| {
            let gate = one.kind.of(&stage.name);
            completes(&gate, &times::beside(one.completes_at, now))
        }));
        all.extend(stage.deadline.map(|due| {
            if due < now {
                format!(
                    "the deadline of {} PASSED {}",
                    stage.name,
                    times::beside(due, now)
                )
            } else {
                format!("{} should be left by {due}", stage.name)
            }
        }));
    }
    (!all.is_empty()).then(|| all.join("; "))
}

/// Whether a stop is to be dealt with, and nobody has decided yet whether to roll back.
fn is_to_stop(status: &Status) -> bool {
    let mut stages = status.stages.iter();
    stages.any(|stage| stage.state == State::Stopped)
        || (status.next.as_ref()).is_some_and(|next| deed::is_rollback(&next.command))
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

fn asked_of(gate: &GateAssessment) -> Option<String> {
    let asked = gate.criteria.iter();
    let asked: Vec<_> = asked.map(|one| (one.kind, one.name.as_str())).collect();
    asked_for(&gate.name(), &asked)
}

/// `for wave-1/entry: operations, product-owner to sign`.
fn asked_for(gate: &GateName, asked: &[(CriterionKind, &str)]) -> Option<String> {
    let of = |kind: CriterionKind, what: &str| {
        let asked = asked.iter().filter(|(of, _)| *of == kind).copied();
        let asked: Vec<_> = asked.collect();
        (!asked.is_empty()).then(|| format!("{} to {what}", decided::named(asked)))
    };
    let sign = of(CriterionKind::Approvals, "sign");
    let confirm = of(CriterionKind::Confirmations, "confirm");
    let all: Vec<String> = sign.into_iter().chain(confirm).collect();
    (!all.is_empty()).then(|| format!("for {gate}: {}", all.join(", ")))
}
