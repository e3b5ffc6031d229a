//! The commands with which people answer: who did what in a rollout, and why. Types only; decides nothing.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

use super::{GateName, Time};
use crate::units::{Duration, Instant};

/// Who does it, why, and where to read more.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "For the record")]
pub struct Signed {
    /// Who does it [default: git's user, or CI's, or the login]
    #[arg(long, value_name = "NAME", global = true)]
    pub by: Option<String>,
    /// Why
    #[arg(long, value_name = "REASON", global = true)]
    pub why: Option<String>,
    /// An address that says more; may be given several times
    #[arg(long = "link", value_name = "URL", global = true)]
    pub links: Vec<String>,
}

/// The question that a recorded check answered: what somebody does on it is for the same one.
#[derive(Debug, Clone, Default, Args)]
pub struct QuestionArgs {
    /// Set a variable of the plan, as in `gate check`; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = super::assignment)]
    pub vars: Vec<(String, String)>,
    /// The server that was asked instead of the plan's source, as in `gate check`
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
}

/// `gate start`.
#[derive(Debug, Clone, Args)]
pub struct StartArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The stage that begins
    #[arg(value_name = "STAGE")]
    pub stage: String,
    /// When it began, if earlier: RFC 3339, Unix seconds, or how long ago (`2h`) [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<Time>,
    /// Begin although its entry gate is not GO, or its turn has not come; needs --why
    #[arg(long = "override")]
    pub overriding: bool,
    /// Whose signatures count, where the plan requires signatures [default: the plan's list]
    #[arg(long, value_name = "FILE")]
    pub allowed_signers: Option<PathBuf>,
    /// Which question the check answered.
    #[command(flatten)]
    pub question: QuestionArgs,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// `gate confirm`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub struct ConfirmArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// A confirmation, or an item of a checklist: LIST/ITEM, or ITEM if only one list has it; with --all, a checklist
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// For which stage [default: the one in play that asks for it]
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// Answer no: somebody looked, and it does not hold
    #[arg(long, conflicts_with = "revoke")]
    pub no: bool,
    /// Answer that it does not apply: counts as answered, and is always shown as that; needs --why
    #[arg(long, conflicts_with_all = ["no", "revoke"])]
    pub not_applicable: bool,
    /// Confirm every item of these checklists, in order: ID is the name of a list
    #[arg(long, conflicts_with_all = ["no", "revoke", "not_applicable"])]
    pub all: bool,
    /// Take the last answer back
    #[arg(long)]
    pub revoke: bool,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// `gate approve`.
#[derive(Debug, Clone, Args)]
pub struct ApproveArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The role in which somebody signs
    #[arg(value_name = "ROLE")]
    pub role: String,
    /// For which gate [default: the one in play that asks for this role]
    #[arg(long, value_name = "STAGE/entry|STAGE/exit|STAGE/recovery")]
    pub gate: Option<GateName>,
    /// The evidence that is approved [default: that of the gate's latest recorded check]
    #[arg(long, value_name = "FILE", conflicts_with = "revoke")]
    pub evidence: Option<PathBuf>,
    /// Until when the signature holds: a length from now (`24h`), RFC 3339 or Unix seconds [default: forever]
    #[arg(long, value_name = "TIME", conflicts_with = "revoke")]
    pub expires: Option<Until>,
    /// Take the signature back
    #[arg(long)]
    pub revoke: bool,
    /// Sign what is approved with this SSH key: `.json.ROLE.DIGEST.approval`, beside the evidence, and its `.sig`
    #[arg(long, value_name = "KEY", conflicts_with = "revoke")]
    pub sign: Option<PathBuf>,
    /// Which question the check answered.
    #[command(flatten)]
    pub question: QuestionArgs,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// `gate incident`.
#[derive(Debug, Clone, Args)]
pub struct IncidentArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub action: IncidentAction,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// What to do about incidents.
#[derive(Debug, Clone, Subcommand)]
pub enum IncidentAction {
    /// Record a new incident
    Open {
        /// As in the plan, or of the form sev1, p1, s1
        #[arg(long, value_name = "SEVERITY")]
        severity: String,
        /// What happened
        #[arg(long, value_name = "TEXT")]
        description: String,
        /// What to do until it is solved
        #[arg(long, value_name = "TEXT")]
        workaround: Option<String>,
        /// Who solves it
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// When it should be solved: a length from now (`24h`), RFC 3339 or Unix seconds
        #[arg(long, value_name = "TIME")]
        target: Option<Until>,
        /// When it came up, if earlier than now: RFC 3339, Unix seconds, or how long ago (`20m`)
        #[arg(long, value_name = "TIME")]
        opened: Option<Time>,
        /// The stage in which it happened [default: the running one]
        #[arg(long, value_name = "STAGE")]
        stage: Option<String>,
    },
    /// Change what is known about an incident
    Update {
        /// Which, such as INC-1
        #[arg(value_name = "ID")]
        id: String,
        /// As in the plan, or of the form sev1, p1, s1
        #[arg(long, value_name = "SEVERITY")]
        severity: Option<String>,
        /// What happened
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// What to do until it is solved
        #[arg(long, value_name = "TEXT")]
        workaround: Option<String>,
        /// Who solves it
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// When it should be solved: a length from now (`24h`), RFC 3339 or Unix seconds
        #[arg(long, value_name = "TIME")]
        target: Option<Until>,
    },
    /// Record that an incident is over
    Close {
        /// Which, such as INC-1
        #[arg(value_name = "ID")]
        id: String,
    },
    /// List incidents; records nothing
    List {
        /// Include closed ones
        #[arg(long)]
        all: bool,
    },
}

/// `gate pause` and `gate resume`.
#[derive(Debug, Clone, Args)]
pub struct PauseArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Which stage [default: the running one]
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// `gate rollback`.
#[derive(Debug, Clone, Args)]
pub struct RollbackArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Which stage [default: the running one]
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// Go back to this stage: its entry is asked again, and the stages after it have not begun any more
    #[arg(long, value_name = "STAGE")]
    pub to: Option<String>,
    /// A way of the plan's `rollback:` that is taken, where it has several; may be given several times
    #[arg(long = "option", value_name = "NAME")]
    pub options: Vec<String>,
    /// A step of the plan's `rollback:` that was done, by its number from 1, and by whom; may be given several times
    #[arg(long, value_name = "N[=WHO]", value_parser = step)]
    pub done: Vec<(usize, Option<String>)>,
    /// A step that was not done, and is open; may be given several times
    #[arg(long, value_name = "N")]
    pub not_done: Vec<usize>,
    /// A step that does not have to be done; may be given several times
    #[arg(long, value_name = "N")]
    pub not_needed: Vec<usize>,
    /// Every step was done; where the plan has several ways, of the one that is taken
    #[arg(long, conflicts_with_all = ["done", "not_done"])]
    pub all_done: bool,
    /// How long a step took that was done (`12m`, `2=12m`)
    #[arg(long, value_name = "[N=]LENGTH", value_parser = took)]
    pub took: Vec<(Option<usize>, Duration)>,
    /// What caused it
    #[arg(long, value_name = "TEXT")]
    pub cause: Option<String>,
    /// How that was solved
    #[arg(long, value_name = "TEXT")]
    pub fix: Option<String>,
    /// A file that shows what was done, kept by its digest; may be given several times
    #[arg(long = "file", value_name = "PATH")]
    pub files: Vec<PathBuf>,
    /// Add to the last rollback of the stage, though it has gone on since
    #[arg(long, conflicts_with = "to")]
    pub update: bool,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// `gate supersede`.
#[derive(Debug, Clone, Args)]
pub struct SupersedeArgs {
    /// The rollout plan, which names the new version already
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The version that takes the place of the one before
    #[arg(long, value_name = "VERSION")]
    pub version: String,
    /// Let the stages that run keep their windows: what was observed of the version before counts
    #[arg(long)]
    pub keep_window: bool,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// `gate override`.
#[derive(Debug, Clone, Args)]
pub struct OverrideArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The gate whose last recorded verdict is NO-GO or HOLD
    #[arg(value_name = "STAGE/entry|STAGE/exit|STAGE/recovery")]
    pub gate: GateName,
    /// Until when it holds: a length from now (`24h`), RFC 3339 or Unix seconds
    #[arg(long, value_name = "TIME")]
    pub expires: Until,
    /// Which question the check answered.
    #[command(flatten)]
    pub question: QuestionArgs,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// `gate note`.
#[derive(Debug, Clone, Args)]
pub struct NoteArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The remark
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// Make it a checkpoint of hypercare
    #[arg(long)]
    pub checkpoint: bool,
    /// Make it a lesson learned: what went well, what could be better, what was a surprise; the summary tells it
    #[arg(long, conflicts_with = "checkpoint")]
    pub lesson: bool,
    /// Take back the checkpoint with this number in the ledger: it stays there, and its day counts as one without it; TEXT says why
    #[arg(long, value_name = "N", conflicts_with_all = ["checkpoint", "lesson"])]
    pub take_back: Option<u64>,
    /// Of a checkpoint, in which role it is held
    #[arg(long, value_name = "ROLE", requires = "checkpoint")]
    pub role: Option<String>,
    /// Of a checkpoint: the issue log was gone through
    #[arg(long, requires = "checkpoint")]
    pub reviewed_issues: bool,
    /// Of a checkpoint: on which day since the start, from 1; only today's can be recorded
    #[arg(long, value_name = "N", requires = "checkpoint", value_parser = day)]
    pub day: Option<usize>,
    /// Which stage [default: the running one, if any]
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// Who and why.
    #[command(flatten)]
    pub signed: Signed,
}

/// A moment, or a length of time from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// RFC 3339 or Unix seconds.
    At(Instant),
    /// `24h`.
    In(Duration),
}

impl Until {
    /// The moment, with lengths counted from `reference`.
    #[must_use]
    pub fn after(self, reference: Instant) -> Instant {
        match self {
            Self::At(instant) => instant,
            Self::In(length) => reference + length,
        }
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.parse()? {
            Time::At(instant) => Self::At(instant),
            Time::Ago(length) => Self::In(length),
        })
    }
}

/// `LENGTH` or `N=LENGTH`.
fn took(text: &str) -> Result<(Option<usize>, Duration), String> {
    let (number, length) = match text.split_once('=') {
        Some((number, length)) => (Some(number), length),
        None => (None, text),
    };
    let number = number.map(|number| number.parse().ok().filter(|number: &usize| *number > 0));
    match (number, Duration::parse(length)) {
        (Some(None), _) | (_, Err(_)) => Err(
            "how long a step took is a length of time such as `12m`, or `2=12m` for step 2"
                .to_owned(),
        ),
        (number, Ok(length)) => Ok((number.flatten(), length)),
    }
}

/// `N` or `N=WHO`.
fn step(text: &str) -> Result<(usize, Option<String>), String> {
    let (number, who) = match text.split_once('=') {
        Some((number, who)) => (number, Some(who.trim())),
        None => (text, None),
    };
    let number = number.parse().ok().filter(|number| *number > 0);
    match (number, who) {
        (Some(number), None) => Ok((number, None)),
        (Some(number), Some(who)) if !who.is_empty() => Ok((number, Some(who.to_owned()))),
        _ => Err(
            "a step is given by its number from 1, such as `2`, or `2=@integrations`".to_owned(),
        ),
    }
}

/// Reads the number of a day.
fn day(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "days are counted from 1, the day of the start".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_number_and_perhaps_who_did_it() {
        assert_eq!(step("2"), Ok((2, None)));
        assert_eq!(step("2=@ops"), Ok((2, Some("@ops".to_owned()))));
        for wrong in ["0", "", "two", "2=", "-1"] {
            assert!(step(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_expiry_counts_forward() {
        let noon = Instant::from_secs(1_795_132_800);
        let day = Duration::from_secs(86_400);
        let until = |text: &str| text.parse::<Until>().map(|until| until.after(noon));
        assert_eq!(until("24h"), Ok(noon + day));
        assert_eq!(until("2026-11-21T00:00:00Z"), Ok(noon + day));
        assert!(until("tomorrow").is_err());
    }
}
