//! `gate supersede`: another version of the release takes the place of the one before (L6), and the ledger goes on. Must not carry
//! a verdict, an approval or an answer over to it, nor end a stop or a pause.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{Signed, SupersedeArgs};
use crate::kind::{Action, GateKind};
use crate::ledger::{Event, LetGo};
use crate::plan::is_same_version;
use crate::rollout::Hold;

impl Deed for SupersedeArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn supersedes(&self) -> bool {
        true
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        context.reason_for("superseding a version")?;
        let from = from(self, context)?;
        let stages = context.rollout.to_be_taken_over();
        if self.keep_window && stages.is_empty() {
            return Err(Refusal::standing(
                "no stage runs, so there is no window to keep: leave out --keep-window",
            ));
        }
        let known = context.rollout.plan.stages.iter();
        let holds = known.flat_map(|stage| context.rollout.holds(&stage.name));
        // Taking a stage out of the plan ends none.
        let holds = holds.chain(context.rollout.held_elsewhere());
        let holds: Vec<Hold<'_>> = holds.collect();
        let shown = from.as_deref().unwrap_or("one without a version");
        let version = version(self, context);
        let done = format!("version {version} takes the place of {shown}");
        let let_go = let_go(context, &stages, self.keep_window);
        let event = Event::Superseded {
            from: from.clone(),
            stages: stages.iter().map(|&stage| stage.to_owned()).collect(),
            left: context.rollout.moved_on_from(),
            keep_window: self.keep_window,
            let_go: let_go.clone(),
        };
        let decision = Decision::of(event, done)
            .meaning(
                "void: what was found, confirmed, approved and overridden for the version before",
            )
            .meaning("incidents, pauses, stops and history stay");
        let decision = match stages.join(", ") {
            none if none.is_empty() => decision,
            kept if self.keep_window => decision.meaning(format!(
                "kept: the window of {kept}, though part of it was observed with the version before"
            )),
            anew => decision.meaning(format!("begins anew now: {anew}")),
        };
        let told = let_go
            .iter()
            .map(|LetGo { stage, what }| format!("let go in {stage}, it counts no more: {what}"));
        let told = told
            .chain(asked_again(self, context, &stages))
            .chain(order_again(self, context))
            .chain(unsigned(context));
        let decision = told.fold(decision, Decision::meaning);
        Ok(with_holds(decision, context, &holds))
    }
}

/// What spoke against the stages that are taken over, and counts no more: as the ledger has it, and stops that were on their way in
/// the record of the last check. Where the window is kept, these go on.
fn let_go(context: &DecisionContext<'_>, stages: &[&str], keep_window: bool) -> Vec<LetGo> {
    let known = stages
        .iter()
        .filter_map(|name| context.rollout.stage(name))
        .flat_map(|stage| context.rollout.would_let_go(stage, keep_window));
    let on_its_way = context.on_its_way.iter().filter(|_| !keep_window);
    known.chain(on_its_way.cloned()).collect()
}

/// The version that takes over, as the plan writes it.
fn version<'a>(arguments: &'a SupersedeArgs, context: &DecisionContext<'a>) -> &'a str {
    let written = context.rollout.plan.release.version.as_deref();
    written.unwrap_or(&arguments.version)
}

/// The entries that have to be passed again before the stages can be left.
fn asked_again(
    arguments: &SupersedeArgs,
    context: &DecisionContext<'_>,
    stages: &[&str],
) -> Option<String> {
    let known = stages.iter().filter_map(|name| context.rollout.stage(name));
    let entries = known.filter_map(|stage| Some(stage.gate(GateKind::Entry)?.kind.of(&stage.name)));
    let entries: Vec<String> = entries.map(|gate| gate.to_string()).collect();
    (!entries.is_empty()).then(|| {
        let (entries, version) = (entries.join(", "), version(arguments, context));
        format!("asked again, since the exit needs its GO for {version}: {entries}")
    })
}

/// Whoever began a stage in spite of another decided that for the version that ran then.
fn order_again(arguments: &SupersedeArgs, context: &DecisionContext<'_>) -> Vec<String> {
    let version = version(arguments, context);
    let in_spite = context.rollout.begun_in_spite().into_iter();
    let told = in_spite.map(|(stage, before)| {
        format!("{stage} began although {before} was not left: that is asked again for {version}")
    });
    told.collect()
}

/// Where approvals are signed, nobody should think that this was.
fn unsigned(context: &DecisionContext<'_>) -> Option<String> {
    context.rollout.requires_signatures().then(|| {
        "nobody has signed for this: it is recorded in the name of whoever typed it".to_owned()
    })
}

/// What holds the stages as before, and what comes next.
fn with_holds<'a>(
    decision: Decision,
    context: &DecisionContext<'a>,
    holds: &[Hold<'a>],
) -> Decision {
    let mut events = decision.events.iter();
    let due = events.find_map(|event| context.next_after(event));
    let due = due.filter(|_| !holds.is_empty());
    let next = due.unwrap_or_else(|| context.command(Action::Check, &[]));
    let told = holds.iter().map(|hold| context.held(hold).0);
    let decision = told.fold(decision, |decision, said| {
        decision.meaning(format!("as before: {said}"))
    });
    decision.next(next)
}

/// What people type where they mean that there is none.
const NONE: [&str; 3] = ["none", "(none)", ""];

/// The version before.
fn from(
    arguments: &SupersedeArgs,
    context: &DecisionContext<'_>,
) -> Result<Option<String>, Refusal> {
    let (release, version) = (&context.rollout.plan.release, &arguments.version);
    if NONE.contains(&version.trim().to_lowercase().as_str()) {
        return Err(Refusal::usage(format!(
            "`{version}` is not a version: give the plan's `release` one, such as `{{ name: {}, version: \"2.1\" }}`, and name it",
            release.name
        )));
    }
    let Some((name, _)) = context.history().release_then() else {
        return Err(Refusal::standing(format!(
            "nothing is recorded beside {} for any version, so there is none to supersede: a plan that was copied or renamed leaves its ledger behind",
            context.path
        )));
    };
    let Some(then) = context.history().version_then(&release.name) else {
        let other = format!(
            "the ledger is that of {name}, and the plan is for {}",
            release.name
        );
        let alike = context
            .history()
            .alike_in_text(&release.name, release.version.as_deref());
        return Err(Refusal::standing(match alike {
            Some((name, version)) => format!(
                "{other}, each as one text: write name and version apart first, `release: {{ name: {name}, version: \"{version}\" }}`"
            ),
            None => format!("{other}: another release has a ledger of its own"),
        }));
    };
    let shown = release.version.as_deref().unwrap_or("(none)");
    if is_same_version(then, Some(version)) {
        let then = then.unwrap_or("(none)");
        let back = format!(
            ", and the plan names {shown}: put {then} back into its `release: {{version}}`"
        );
        let already = format!("the ledger is that of version {then} already");
        return Err(if shown == then {
            Refusal::given(already)
        } else {
            Refusal::standing(format!("{already}{back}"))
        });
    }
    if let Some(entry) = context.history().superseded_from(Some(version)) {
        return Err(Refusal::standing(format!(
            "version {version} was superseded at {} (#{}), and what was decided for it is void: give what is deployed now a version of its own, such as {version}-2",
            entry.at, entry.number
        )));
    }
    if !is_same_version(release.version.as_deref(), Some(version)) {
        return Err(Refusal::usage(format!(
            "the plan names version {shown}, not {version}: change its `release: {{version}}` first"
        )));
    }
    Ok(then.map(str::to_owned))
}
