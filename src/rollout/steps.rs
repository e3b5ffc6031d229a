//! The commands with which people move a rollout on. Must not decide which of them is due.

use super::{
    Answered, Approval, Contradiction, Displaced, NotLeft, NotYet, Objection, PassedOver, Rollout,
    StepAsked, Unlike, Voided,
};
use crate::kind::{Action, GateKind, GateName};
use crate::ledger::LostLedger;
use crate::plan::criteria::{Attendance, CheckpointAsk};
use crate::verdict::Verdict;

/// The command that settles an open criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// The command, such as `confirm`; the plan follows it.
    pub action: Action,
    /// What follows the plan.
    pub arguments: Vec<String>,
    /// Who has to run it, if the plan says.
    pub owner: Option<String>,
}

impl NextStep {
    /// For nobody in particular.
    #[must_use]
    pub fn new(action: Action, arguments: &[&str]) -> Self {
        Self {
            action,
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            owner: None,
        }
    }

    /// The same with an owner, if the plan or the record names one.
    #[must_use]
    fn owned_by(mut self, who: Option<&str>) -> Self {
        self.owner = who.map(str::to_owned);
        self
    }

    /// The same for the question that these variables ask, where the command takes them.
    #[must_use]
    pub fn asking(mut self, vars: &[String]) -> Self {
        // It names its question.
        if self.says("--var") {
            return self;
        }
        for var in vars.iter().filter(|_| self.action.asks()) {
            self.arguments.extend(["--var".to_owned(), var.clone()]);
        }
        self
    }

    /// The same on the source at this address, where the command takes one.
    #[must_use]
    pub(super) fn on(mut self, address: &str) -> Self {
        if self.action.asks() && !self.says("--source") {
            let words = ["--source", address].map(str::to_owned);
            self.arguments.extend(words);
        }
        self
    }

    /// The same with a key to sign with, where the command takes one.
    #[must_use]
    fn signed(mut self) -> Self {
        let takes_key = matches!(self.action, Action::Check | Action::Approve);
        if takes_key && !self.says("--sign") {
            let words = ["--sign", "<key>"].map(str::to_owned);
            self.arguments.extend(words);
        }
        self
    }

    pub(super) fn says(&self, word: &str) -> bool {
        self.arguments.iter().any(|one| one == word)
    }

    /// What it does about a stage, for people: `let pilot go on`; `None` where it is about something else.
    #[must_use]
    pub fn deed(&self) -> Option<String> {
        let first = self.arguments.first()?;
        let stage = self.value("--stage");
        match self.action {
            Action::Resume => Some(format!("let {} go on", stage?)),
            Action::Pause => Some(format!("pause {}", stage?)),
            Action::Start => Some(format!("begin {first}")),
            Action::Check => Some(format!("check {}", self.gate()?)),
            Action::Rollback => Some(match self.value("--done") {
                Some(number) => format!("do step {number} of the rollback of {}", stage?),
                None if self.says("--option") => format!("say how {} is rolled back", stage?),
                None => format!("roll {} back", stage?),
            }),
            Action::Approve
            | Action::Confirm
            | Action::Incident
            | Action::Ledger
            | Action::Note
            | Action::Override
            | Action::Supersede => None,
        }
    }

    /// What follows an option.
    fn value(&self, option: &str) -> Option<&str> {
        let mut words = self.arguments.iter().skip_while(|one| *one != option);
        words.nth(1).map(String::as_str)
    }

    /// The stage that it names, by itself or with a gate.
    pub(super) fn stage(&self) -> Option<String> {
        let of_gate = || self.gate().map(|gate| gate.stage);
        self.value("--stage").map(str::to_owned).or_else(of_gate)
    }

    /// The gate that it asks about, if it names one.
    pub(crate) fn gate(&self) -> Option<GateName> {
        self.value("--gate")?.parse().ok()
    }

    /// The whole command, quoted for a POSIX shell where needed: `gate confirm PLAN warehouse-lead --stage pilot`.
    #[must_use]
    pub fn command(&self, plan: &str) -> String {
        let mut words = vec![
            "gate".to_owned(),
            self.action.word().to_owned(),
            quoted(plan),
        ];
        words.extend(self.arguments.iter().map(|argument| quoted(argument)));
        words.join(" ")
    }
}

/// One word of a POSIX shell. Plain words in angle brackets stand for what a person has to fill in, and stay unquoted.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@,+%".contains(c);
    let placeholder = word
        .strip_prefix('<')
        .and_then(|word| word.strip_suffix('>'));
    let inner = placeholder.unwrap_or(word);
    // One of several: `<flag|release>`.
    let fits = |c: char| plain(c) || placeholder.is_some() && c == '|';
    if !inner.is_empty() && inner.chars().all(fits) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// `gate check PLAN --gate STAGE/KIND`.
#[must_use]
pub fn check(gate: &GateName) -> NextStep {
    NextStep::new(Action::Check, &["--gate", &gate.to_string()])
}

/// `gate check PLAN --gate STAGE/KIND --source ADDRESS`.
#[must_use]
pub fn check_on(gate: &GateName, address: &str) -> NextStep {
    check(gate).on(address)
}

/// `gate check PLAN`: every gate in play, such as the exit and the recovery of a stage that goes on.
#[must_use]
pub fn check_in_play() -> NextStep {
    NextStep::new(Action::Check, &[])
}

/// `gate override PLAN STAGE/KIND --why <reason> --expires 4h`.
#[must_use]
pub fn accept(gate: &GateName) -> NextStep {
    let words = [&gate.to_string(), "--why", "<reason>", "--expires", "4h"];
    NextStep::new(Action::Override, &words)
}

/// `gate check PLAN --before STAGE`.
fn check_before(stage: &str) -> NextStep {
    NextStep::new(Action::Check, &["--before", stage])
}

/// `gate start PLAN STAGE`.
#[must_use]
pub fn start(stage: &str) -> NextStep {
    NextStep::new(Action::Start, &[stage])
}

/// `gate start PLAN STAGE --override --why <reason>`.
#[must_use]
pub fn start_anyway(stage: &str) -> NextStep {
    NextStep::new(Action::Start, &[stage, "--override", "--why", "<reason>"])
}

/// The command with which a named person lets a stage go on.
#[must_use]
pub fn resume(stage: &str) -> NextStep {
    NextStep::new(Action::Resume, &["--stage", stage, "--why", "<reason>"])
}

/// `gate pause PLAN --stage STAGE --why <reason>`.
#[must_use]
pub fn pause(stage: &str) -> NextStep {
    NextStep::new(Action::Pause, &["--stage", stage, "--why", "<reason>"])
}

/// `gate rollback PLAN --stage STAGE --done N`, or with `--option <flag|release>`.
#[must_use]
pub fn step_asked(stage: &str, asked: &StepAsked) -> NextStep {
    let [option, value] = asked.said();
    NextStep::new(Action::Rollback, &["--stage", stage, &option, &value])
}

/// `gate rollback PLAN --stage STAGE --why <reason>`.
#[must_use]
pub fn roll_back(stage: &str) -> NextStep {
    NextStep::new(Action::Rollback, &["--stage", stage, "--why", "<reason>"])
}

/// `gate rollback PLAN --stage STAGE --update …`: what is said, about a rollback that is over.
#[must_use]
pub fn update(stage: &str, said: &[String]) -> NextStep {
    let mut step = NextStep::new(Action::Rollback, &["--stage", stage, "--update"]);
    step.arguments.extend_from_slice(said);
    step
}

/// `gate supersede PLAN --version VERSION --why <reason>`.
#[must_use]
pub fn supersede(version: &str) -> NextStep {
    NextStep::new(
        Action::Supersede,
        &["--version", version, "--why", "<reason>"],
    )
}

/// `gate confirm PLAN ID --stage STAGE`.
#[must_use]
pub fn confirm(id: &str, stage: &str, owner: Option<&str>) -> NextStep {
    NextStep::new(Action::Confirm, &[id, "--stage", stage]).owned_by(owner)
}

/// `gate confirm PLAN LIST --all --stage STAGE`.
#[must_use]
pub fn confirm_all(list: &str, stage: &str, owner: Option<&str>) -> NextStep {
    NextStep::new(Action::Confirm, &[list, "--all", "--stage", stage]).owned_by(owner)
}

/// `gate approve PLAN ROLE --gate STAGE/KIND`, with the role as owner.
#[must_use]
pub fn approve(role: &str, gate: &GateName) -> NextStep {
    NextStep::new(Action::Approve, &[role, "--gate", &gate.to_string()]).owned_by(Some(role))
}

/// The same with `--sign <key>`, where the plan requires signatures.
fn approve_signed(role: &str, gate: &GateName) -> NextStep {
    approve(role, gate).signed()
}

/// `gate note PLAN <text> --checkpoint --role ROLE --stage STAGE`, with the role as owner.
#[must_use]
pub fn checkpoint(stage: &str, ask: &CheckpointAsk) -> NextStep {
    let role = match &ask.shows {
        Attendance::Role(role) => Some(role.as_str()),
        Attendance::IssueLog => None,
    };
    let shows = role.map_or_else(|| vec!["--reviewed-issues"], |role| vec!["--role", role]);
    let words = [
        &["<what was seen>", "--checkpoint"],
        &shows[..],
        &["--stage", stage],
    ]
    .concat();
    NextStep::new(Action::Note, &words).owned_by(role)
}

/// `gate incident PLAN close ID --why <reason>`.
#[must_use]
pub fn close(incident: &str, owner: Option<&str>) -> NextStep {
    let words = ["close", incident, "--why", "<reason>"];
    NextStep::new(Action::Incident, &words).owned_by(owner)
}

/// `gate incident PLAN update ID --target <time>`.
#[must_use]
pub fn target(incident: &str) -> NextStep {
    NextStep::new(
        Action::Incident,
        &["update", incident, "--target", "<time>"],
    )
}

/// `gate ledger PLAN begin`, where nothing was recorded before: that needs no reason.
#[must_use]
fn begin_ledger(folders: &[String]) -> NextStep {
    looking_in(folders, NextStep::new(Action::Ledger, &["begin"]))
}

/// `gate ledger PLAN begin --why <reason>`, in the place of one that is gone, with the folders of evidence that are not the plan's own.
#[must_use]
pub fn begin_anew(folders: &[String]) -> NextStep {
    looking_in(
        folders,
        NextStep::new(Action::Ledger, &["begin", "--why", "<reason>"]),
    )
}

/// How a ledger begins that is not there.
#[must_use]
pub fn begin_missing(lost: &LostLedger) -> NextStep {
    match lost.records {
        0 => begin_ledger(&lost.folders),
        _ => begin_anew(&lost.folders),
    }
}

/// `gate ledger PLAN verify`, with the folders of evidence that are not the plan's own.
#[must_use]
pub fn verify_ledger(folders: &[String]) -> NextStep {
    looking_in(folders, NextStep::new(Action::Ledger, &["verify"]))
}

fn looking_in(folders: &[String], mut step: NextStep) -> NextStep {
    for folder in folders {
        step.arguments
            .extend(["--evidence".to_owned(), folder.clone()]);
    }
    step
}

/// What shows that people use the ledger: the start of the stage; before it begins, any word of a person.
#[must_use]
pub fn keep(kind: GateKind, stage: &str) -> NextStep {
    match kind {
        GateKind::Entry => NextStep::new(Action::Note, &["<remark>"]),
        GateKind::Exit | GateKind::Recovery => start(stage),
    }
}

impl Action {
    /// Whether it answers a question: with `--var` and `--source`, another one.
    fn asks(self) -> bool {
        match self {
            Self::Check | Self::Start | Self::Approve | Self::Override => true,
            Self::Confirm
            | Self::Incident
            | Self::Ledger
            | Self::Note
            | Self::Pause
            | Self::Resume
            | Self::Rollback
            | Self::Supersede => false,
        }
    }
}

impl Rollout<'_> {
    /// A command as somebody can type it: for the question that is asked here, with `--var` and `--source`, or for that which a
    /// stage was started with; with a key where the plan requires signatures.
    #[must_use]
    pub fn asked(&self, step: NextStep) -> NextStep {
        let gate = step.gate().filter(|gate| gate.kind != GateKind::Entry);
        let vars = match gate.and_then(|gate| self.unlike_start(&gate.stage)) {
            Some(Unlike::Question(_, vars)) => vars,
            Some(Unlike::Source(..)) | None => self.vars,
        };
        let step = step.asking(vars);
        let step = match self.given_source() {
            Some(address) => step.on(address),
            None => step,
        };
        if self.requires_signatures() {
            step.signed()
        } else {
            step
        }
    }
}

impl<'a> NotLeft<'a> {
    /// What has to be done first.
    #[must_use]
    pub fn next_step(&self, rollout: &Rollout<'a>) -> NextStep {
        let exit = |stage: &str| check(&GateKind::Exit.of(stage));
        match self {
            Self::Held(hold) => rollout.settles(hold),
            Self::NotBegun(stage) => start(stage),
            Self::Unread(stage) | Self::Unchecked(stage) | Self::TurnedSince(stage, ..) => {
                exit(stage)
            }
            Self::EntryUnchecked(stage, _) => check(&GateKind::Entry.of(stage)),
            Self::Contradicted(_, Contradiction::EntryOwed(entry, _)) => check(entry),
            Self::PassedOver(found) | Self::Contradicted(_, Contradiction::PassedOver(found)) => {
                found.next_step(rollout)
            }
            Self::OtherQuestion(found)
            | Self::NotGo(found)
            | Self::GateGone(found)
            | Self::Contradicted(found, _) => check(&found.gate.gate),
        }
    }
}

impl<'a> PassedOver<'a> {
    /// What has to be done first: what the stage before it lacks.
    #[must_use]
    pub fn next_step(&self, rollout: &Rollout<'a>) -> NextStep {
        let step = self.not_left(rollout).map(|why| why.next_step(rollout));
        step.unwrap_or_else(|| check(&GateKind::Exit.of(self.before)))
    }
}

impl Displaced<'_> {
    /// What shows that it was left, or may begin; one that the plan no longer has is put back first. Where it waits for the other
    /// itself, that begins in somebody's own name.
    #[must_use]
    pub fn next_step(&self) -> NextStep {
        if self.waits {
            return start_anyway(self.for_stage);
        }
        let asked = if self.has_begun {
            GateKind::Exit
        } else {
            GateKind::Entry
        };
        check(&asked.of(self.stage))
    }
}

impl<'a> NotYet<'a> {
    /// What has to be done first.
    #[must_use]
    pub fn next_step(&self, rollout: &Rollout<'a>) -> NextStep {
        match self {
            Self::NotLeft { for_stage, why } if why.waits_for_a_clock() => start_anyway(for_stage),
            Self::Check(found, Objection::Contradicted(why)) if why.waits_for_a_clock(found) => {
                start_anyway(&found.gate.gate.stage)
            }
            // The stage before runs for another question: so does this one.
            Self::NotLeft {
                for_stage,
                why: NotLeft::OtherQuestion(found),
            } => match rollout.started_with(&found.gate.gate.stage) {
                Some(vars) => start(for_stage).asking(vars),
                None => check(&found.gate.gate),
            },
            // What was good once is asked again together with the entry, which rests on it.
            Self::NotLeft {
                for_stage,
                why: NotLeft::Contradicted(_, found),
            } if found.is_of_its_age() => check_before(for_stage),
            Self::NotLeft { why, .. } => why.next_step(rollout),
            Self::BeforeLeft { for_stage, .. } => start(for_stage),
            // A stage that is gone cannot be checked: whoever does not put it back goes past it in their own name.
            Self::Displaced(found) if !found.in_plan => start_anyway(found.for_stage),
            Self::Displaced(found) => found.next_step(),
            Self::Unchecked(gate, _) => check(gate),
            // A later check judges a later time still: only the start can be later.
            Self::Check(found, Objection::Later(Some(_))) => start(&found.gate.gate.stage),
            Self::GateGone(found) | Self::Check(found, _) => check(&found.gate.gate),
        }
    }
}

impl Answered<'_> {
    /// How it is answered, or answered again: a no becomes a yes with the same command.
    #[must_use]
    pub fn next_step(self, id: &str, stage: &str, owner: Option<&str>) -> Option<NextStep> {
        match self {
            Self::Yes(_) | Self::NotApplicable(_) => None,
            Self::Nobody
            | Self::TakenBack(_)
            | Self::Reworded(..)
            | Self::BeforeRollback(..)
            | Self::BeforeStart(..)
            | Self::OutOfTurn(..)
            | Self::No(_) => Some(confirm(id, stage, owner)),
        }
    }
}

impl Approval<'_> {
    /// How it is given, or given again, once the gate is GO without approvals: a signature for anything else lets nothing
    /// proceed. `verdict` is the gate's without approvals; `None` if it was not judged. `is_signed`: whether the plan requires signatures.
    #[must_use]
    pub fn next_step(
        self,
        role: &str,
        gate: &GateName,
        verdict: Option<Verdict>,
        is_signed: bool,
    ) -> Option<NextStep> {
        match (self, verdict) {
            // Nobody has to sign again: the list of signers is missing.
            (Self::Void(_, Voided::NoSigners | Voided::ListUnread(_)), _) => None,
            (
                Self::Void(
                    _,
                    Voided::Unsigned(_)
                    | Voided::Replayed(_)
                    | Voided::SameKey(_)
                    | Voided::SamePrincipal(..),
                ),
                Some(Verdict::Go),
            ) => Some(approve_signed(role, gate)),
            (Self::Nobody | Self::TakenBack(_) | Self::Void(..), Some(Verdict::Go)) => {
                let step = if is_signed { approve_signed } else { approve };
                Some(step(role, gate))
            }
            (Self::Holds(_), _)
            | (_, None | Some(Verdict::Hold | Verdict::NoGo | Verdict::Stop)) => None,
        }
    }
}
