//! What is recorded: one entry for each thing that somebody did. Data only.

use serde::{Deserialize, Serialize};

use super::Watch;
use crate::kind::{CriterionKind, GateName, List, words};
use crate::names::{folded, parts};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Position in the ledger, from 1.
    pub number: u64,
    /// When it was recorded, in whole seconds.
    pub at: Instant,
    /// Who did it.
    pub by: Person,
    /// The plan that it was done with, as it was then.
    pub plan: PlanThen,
    /// Why; empty if nobody said.
    pub why: String,
    /// Addresses that say more.
    pub links: Vec<String>,
    /// What tells its line from any other that was written elsewhere at the same time; `None` where the ledger was locked.
    pub nonce: Option<String>,
    /// What was done.
    pub event: Event,
}

/// The plan as it was when an entry was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanThen {
    /// Its file name.
    pub file: String,
    /// SHA-256 of its bytes, 64 lower-case hex digits; `None` where the command does not read the plan.
    pub sha256: Option<String>,
    /// The release's name; `None` where the command does not read the plan.
    pub release: Option<String>,
    /// The release's version, if the plan gives one.
    pub version: Option<String>,
}

/// A plan of which only the file name is known.
impl From<&str> for PlanThen {
    fn from(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }
}

/// A person's name without an address; the whole of what is nothing but one.
#[must_use]
pub fn without_address(name: &str) -> &str {
    match name.split_once(" <") {
        Some((called, address)) if address.ends_with('>') && !called.is_empty() => called,
        _ => name,
    }
}

/// What people call somebody: the name without an address, of nothing but an address what is before its `@`. The record has all.
#[must_use]
pub fn known_as(name: &str) -> &str {
    let name = without_address(name);
    mailbox(name).unwrap_or(name)
}

/// `ada` of `ada@example.com` or `<ada@example.com>`; `None` of anything else, such as `@ada`.
fn mailbox(name: &str) -> Option<&str> {
    let bare = name
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    let (mailbox, host) = bare.unwrap_or(name).split_once('@')?;
    let is_host = host.contains('.') && !host.contains('@');
    let is_address = is_host && !mailbox.is_empty() && !name.contains(char::is_whitespace);
    is_address.then_some(mailbox)
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// As people write it: `Ada Lovelace <ada@example.com>`, `@ada`, `ada`.
    pub name: String,
    /// Where the name is from.
    pub identity_source: IdentitySource,
}

impl Person {
    /// The name without an address: `Ada Lovelace` of `Ada Lovelace <ada@example.com>`, `ada` of `ada@example.com`.
    #[must_use]
    pub fn called(&self) -> &str {
        known_as(&self.name)
    }

    /// Whether both are the same person, however the name is written: after NFKC and case folding, ignoring blanks, invisible
    /// characters and a leading `@`, and whether by name, by address or both. If in doubt, they are one person.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let others = other.names();
        self.names().iter().any(|name| others.contains(name))
    }

    /// Whether that is this person's name or address, compared in the same way.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.names().contains(&folded(name))
    }

    /// Whether two names are the same name, compared in the same way.
    #[must_use]
    pub fn is_same_name(one: &str, other: &str) -> bool {
        folded(one) == folded(other)
    }

    /// Name and address as written, without a leading `@`; at least one.
    #[must_use]
    pub fn written_names(&self) -> Vec<String> {
        let (name, address) = parts(&self.name);
        let names = [name, address].map(|name| name.trim().trim_start_matches('@').to_owned());
        names.into_iter().filter(|name| !name.is_empty()).collect()
    }

    /// `Ada Lovelace <ada@example.com>` is known by the name and by the address.
    fn names(&self) -> Vec<String> {
        let (name, address) = parts(&self.name);
        let names = [folded(name), folded(address)].into_iter();
        names.filter(|name| !name.is_empty()).collect()
    }
}

words! {
    /// Where the name of a person is from.
    pub enum IdentitySource: "identity source" {
        /// `--by`.
        Given = "given",
        /// The user in git's configuration.
        Git = "git",
        /// The user that the CI service names.
        Ci = "ci",
        /// The login.
        Login = "login",
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A stage began.
    Started {
        /// The stage.
        stage: String,
        /// S: when it began; at or before the entry's own time.
        at: Instant,
        /// Whether its entry gate was not GO, and somebody began it anyway; `why` then says why.
        overridden: bool,
        /// Variables that `--var` changed, as `NAME=VALUE`, sorted: its later gates answer this question and no other.
        vars: Vec<String>,
        /// Where the plan's sources were, as `NAME=ADDRESS`, with `--source` and the environment.
        sources: Vec<String>,
    },
    /// Gates were judged.
    Checked(Checked),
    /// A confirmation or an item of a checklist was answered.
    Confirmed {
        /// The stage it was answered for.
        stage: String,
        /// `ID` of a confirmation, `LIST/ITEM` of a checklist.
        id: String,
        /// The answer.
        answer: Answer,
        /// SHA-256 of the text that was answered: of the item, or of the id of a confirmation, which has no other.
        text_sha256: String,
    },
    /// Somebody signed for a gate.
    Approved {
        /// Which gate.
        gate: GateName,
        /// In which role.
        role: String,
        /// SHA-256 of the evidence that was approved.
        evidence_sha256: String,
        /// Its path, relative to the ledger's folder if it is below it.
        evidence_path: String,
        /// The gate's verdict without approvals in that evidence.
        verdict_without_approvals: Verdict,
        /// Until when it holds; `None` means forever.
        expires: Option<Instant>,
        /// Whether the signature is taken back.
        revoked: bool,
    },
    /// An incident was opened.
    IncidentOpened {
        /// Unique in the ledger, such as `INC-1`.
        id: String,
        /// The stage it happened in, if one is running.
        stage: Option<String>,
        /// When it came up, if somebody says that this was earlier than it is recorded.
        opened_at: Option<Instant>,
        /// What is known about it: at least severity and description.
        details: IncidentDetails,
    },
    /// An incident has changed: what is given replaces what was known.
    IncidentUpdated {
        /// Which.
        id: String,
        /// What has changed.
        details: IncidentDetails,
    },
    /// An incident is over.
    IncidentClosed {
        /// Which.
        id: String,
    },
    /// The rollout was paused.
    Paused {
        /// The stage that was running.
        stage: String,
    },
    /// The rollout goes on.
    Resumed {
        /// The stage that goes on.
        stage: String,
    },
    /// A stage was rolled back.
    RolledBack {
        /// The stage.
        stage: String,
        /// What is known of it: every step of the plan's `rollback:`.
        told: RollbackTold,
    },
    /// More became known of the last rollback of a stage.
    RollbackUpdated {
        /// The stage that was rolled back.
        stage: String,
        /// What is new; what was known before stays where nothing is said about it.
        told: RollbackTold,
    },
    /// The rollout went back to a stage (L7): it, and those that come after it, have not begun any more.
    Reopened {
        /// The stage whose entry is asked again.
        stage: String,
        /// The stages that have not begun any more, in plan order; that stage is one of them.
        stages: Vec<String>,
    },
    /// Another version of the release took the place of the one before (L6): the entry's plan names it.
    Superseded {
        /// The version before, if the plan gave one.
        from: Option<String>,
        /// The stages that ran then, and that it takes over.
        stages: Vec<String>,
        /// The stages that the rollout had moved on from.
        left: Vec<StageLeft>,
        /// Whether their windows go on; otherwise they begin anew.
        keep_window: bool,
        /// What spoke against those stages then, and counts no more.
        let_go: Vec<LetGo>,
    },
    /// Somebody proceeds on a NO-GO or HOLD in their own name.
    Overridden {
        /// Which gate.
        gate: GateName,
        /// The verdict that is overridden; never STOP.
        verdict: Verdict,
        /// SHA-256 of the evidence of that verdict.
        evidence_sha256: String,
        /// Until when it holds.
        expires: Instant,
    },
    /// A remark.
    Noted {
        /// The stage that was running, if any.
        stage: Option<String>,
        /// What was remarked.
        text: String,
        /// Whether it is a checkpoint of hypercare.
        checkpoint: bool,
        /// Of a checkpoint, in which role.
        role: Option<String>,
        /// Whether the issue log was gone through.
        reviewed_issues: bool,
        /// Whether it is a lesson learned.
        lesson: bool,
        /// The number of the checkpoint that it takes back: recorded in a wrong role, or of a day that had none.
        takes_back: Option<u64>,
    },
    /// A torn last line was taken out.
    Repaired {
        /// The text that was there; empty if only its line end was missing and the entry was kept.
        torn: String,
    },
    /// A new ledger in the place of one that is gone.
    LedgerBegun {
        /// The records that were in the one that is gone: they count neither for this ledger nor against it.
        set_aside: Vec<SetAside>,
    },
    /// What another machine recorded was imported: the entries before this one, as many as there are lines.
    Imported {
        /// The file name of the ledger that they are from.
        file: String,
        /// SHA-256 of the last line of that ledger, 64 lower-case hex digits.
        head_sha256: String,
        /// SHA-256 of the line of each entry where it was recorded first, in order.
        lines: Vec<String>,
    },
    /// Somebody began to watch, or ended.
    Watch(Watch),
}

words! {
    /// What was done, as a word of the file and of filters.
    pub enum EventKind: "kind of entry" {
        /// A stage began.
        Started = "started",
        /// Gates were judged.
        Checked = "checked",
        /// A confirmation or an item of a checklist was answered.
        Confirmed = "confirmed",
        /// Somebody signed for a gate.
        Approved = "approved",
        /// An incident was opened.
        IncidentOpened = "incident-opened",
        /// An incident has changed: what is given replaces what was known.
        IncidentUpdated = "incident-updated",
        /// An incident is over.
        IncidentClosed = "incident-closed",
        /// The rollout was paused.
        Paused = "paused",
        /// The rollout goes on.
        Resumed = "resumed",
        /// A stage was rolled back.
        RolledBack = "rolled-back",
        /// More became known of the last rollback of a stage.
        RollbackUpdated = "rollback-updated",
        /// The rollout went back to a stage.
        Reopened = "reopened",
        /// Another version of the release took the place of the one before.
        Superseded = "superseded",
        /// Somebody proceeds on a NO-GO or HOLD in their own name.
        Overridden = "overridden",
        /// A remark.
        Noted = "noted",
        /// A torn last line was taken out.
        Repaired = "repaired",
        /// A new ledger in the place of one that is gone.
        LedgerBegun = "ledger-begun",
        /// What another machine recorded was imported.
        Imported = "imported",
        /// A watch began.
        WatchStarted = "watch-started",
        /// A watch ended.
        WatchEnded = "watch-ended",
    }
}

impl Event {
    /// The stage that it names, itself or by its gate; `None` for a check, which may be of several.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        match self {
            Self::Started { stage, .. }
            | Self::Confirmed { stage, .. }
            | Self::Paused { stage }
            | Self::Resumed { stage }
            | Self::RolledBack { stage, .. }
            | Self::RollbackUpdated { stage, .. }
            | Self::Reopened { stage, .. } => Some(stage),
            Self::IncidentOpened { stage, .. } | Self::Noted { stage, .. } => stage.as_deref(),
            Self::Approved { gate, .. } | Self::Overridden { gate, .. } => Some(&gate.stage),
            Self::Checked(_)
            | Self::IncidentUpdated { .. }
            | Self::IncidentClosed { .. }
            | Self::Superseded { .. }
            | Self::Repaired { .. }
            | Self::LedgerBegun { .. }
            | Self::Imported { .. }
            | Self::Watch(_) => None,
        }
    }

    /// Whether a stage has not begun any more because of it.
    #[must_use]
    pub fn reopens(&self, stage: &str) -> bool {
        matches!(self, Self::Reopened { stages, .. } if stages.iter().any(|one| one == stage))
    }

    /// Whether another version took over a stage that ran.
    #[must_use]
    pub fn takes_over(&self, stage: &str) -> bool {
        matches!(self, Self::Superseded { stages, .. } if stages.iter().any(|one| one == stage))
    }

    /// The stages after this one that stood when another version took the place of the one before, if the rollout had moved on
    /// from it.
    #[must_use]
    pub fn followed_by(&self, stage: &str) -> &[String] {
        let Self::Superseded { left, .. } = self else {
            return &[];
        };
        let left = left.iter().find(|one| one.stage == stage);
        left.map_or(&[], |one| &one.followed_by)
    }

    /// Whether another version took over a stage whose window goes on all the same.
    #[must_use]
    pub fn keeps_window(&self, stage: &str) -> bool {
        self.takes_over(stage)
            && matches!(
                self,
                Self::Superseded {
                    keep_window: true,
                    ..
                }
            )
    }

    /// Whether it is about a stage: names it, or judged one of its gates.
    #[must_use]
    pub fn concerns(&self, stage: &str) -> bool {
        self.stage() == Some(stage)
            || self.reopens(stage)
            || self.takes_over(stage)
            || (self.checked())
                .is_some_and(|check| check.gates.iter().any(|one| one.gate.stage == stage))
    }

    /// The check that it records.
    #[must_use]
    pub fn checked(&self) -> Option<&Checked> {
        match self {
            Self::Checked(check) => Some(check),
            Self::Started { .. }
            | Self::Confirmed { .. }
            | Self::Approved { .. }
            | Self::IncidentOpened { .. }
            | Self::IncidentUpdated { .. }
            | Self::IncidentClosed { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::RolledBack { .. }
            | Self::RollbackUpdated { .. }
            | Self::Reopened { .. }
            | Self::Superseded { .. }
            | Self::Overridden { .. }
            | Self::Noted { .. }
            | Self::Repaired { .. }
            | Self::LedgerBegun { .. }
            | Self::Imported { .. }
            | Self::Watch(_) => None,
        }
    }

    /// The stage that it begins, and since when.
    #[must_use]
    pub fn started(&self) -> Option<(&str, Instant)> {
        match self {
            Self::Started { stage, at, .. } => Some((stage, *at)),
            Self::Checked(_)
            | Self::Confirmed { .. }
            | Self::Approved { .. }
            | Self::IncidentOpened { .. }
            | Self::IncidentUpdated { .. }
            | Self::IncidentClosed { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::RolledBack { .. }
            | Self::RollbackUpdated { .. }
            | Self::Reopened { .. }
            | Self::Superseded { .. }
            | Self::Overridden { .. }
            | Self::Noted { .. }
            | Self::Repaired { .. }
            | Self::LedgerBegun { .. }
            | Self::Imported { .. }
            | Self::Watch(_) => None,
        }
    }

    /// The incident that it is about, by its id.
    #[must_use]
    pub fn incident(&self) -> Option<&str> {
        match self {
            Self::IncidentOpened { id, .. }
            | Self::IncidentUpdated { id, .. }
            | Self::IncidentClosed { id } => Some(id),
            Self::Started { .. }
            | Self::Checked(_)
            | Self::Confirmed { .. }
            | Self::Approved { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::RolledBack { .. }
            | Self::RollbackUpdated { .. }
            | Self::Reopened { .. }
            | Self::Superseded { .. }
            | Self::Overridden { .. }
            | Self::Noted { .. }
            | Self::Repaired { .. }
            | Self::LedgerBegun { .. }
            | Self::Imported { .. }
            | Self::Watch(_) => None,
        }
    }

    /// The evidence that it signs for or takes a signature back from: its path and its SHA-256.
    #[must_use]
    pub fn signed_evidence(&self) -> Option<(&str, &str)> {
        match self {
            Self::Approved {
                evidence_path,
                evidence_sha256,
                ..
            } => Some((evidence_path, evidence_sha256)),
            Self::Started { .. }
            | Self::Checked(_)
            | Self::Confirmed { .. }
            | Self::IncidentOpened { .. }
            | Self::IncidentUpdated { .. }
            | Self::IncidentClosed { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::RolledBack { .. }
            | Self::RollbackUpdated { .. }
            | Self::Reopened { .. }
            | Self::Superseded { .. }
            | Self::Overridden { .. }
            | Self::Noted { .. }
            | Self::Repaired { .. }
            | Self::LedgerBegun { .. }
            | Self::Imported { .. }
            | Self::Watch(_) => None,
        }
    }

    /// The records that it sets aside.
    #[must_use]
    pub fn set_aside(&self) -> &[SetAside] {
        match self {
            Self::LedgerBegun { set_aside } => set_aside,
            Self::Started { .. }
            | Self::Checked(_)
            | Self::Confirmed { .. }
            | Self::Approved { .. }
            | Self::IncidentOpened { .. }
            | Self::IncidentUpdated { .. }
            | Self::IncidentClosed { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::RolledBack { .. }
            | Self::RollbackUpdated { .. }
            | Self::Reopened { .. }
            | Self::Superseded { .. }
            | Self::Overridden { .. }
            | Self::Noted { .. }
            | Self::Repaired { .. }
            | Self::Imported { .. }
            | Self::Watch(_) => &[],
        }
    }

    /// Its word.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Started { .. } => EventKind::Started,
            Self::Checked(_) => EventKind::Checked,
            Self::Confirmed { .. } => EventKind::Confirmed,
            Self::Approved { .. } => EventKind::Approved,
            Self::IncidentOpened { .. } => EventKind::IncidentOpened,
            Self::IncidentUpdated { .. } => EventKind::IncidentUpdated,
            Self::IncidentClosed { .. } => EventKind::IncidentClosed,
            Self::Paused { .. } => EventKind::Paused,
            Self::Resumed { .. } => EventKind::Resumed,
            Self::RolledBack { .. } => EventKind::RolledBack,
            Self::RollbackUpdated { .. } => EventKind::RollbackUpdated,
            Self::Reopened { .. } => EventKind::Reopened,
            Self::Superseded { .. } => EventKind::Superseded,
            Self::Overridden { .. } => EventKind::Overridden,
            Self::Noted { .. } => EventKind::Noted,
            Self::Repaired { .. } => EventKind::Repaired,
            Self::LedgerBegun { .. } => EventKind::LedgerBegun,
            Self::Imported { .. } => EventKind::Imported,
            Self::Watch(Watch::Started { .. }) => EventKind::WatchStarted,
            Self::Watch(Watch::Ended { .. }) => EventKind::WatchEnded,
        }
    }
}

/// Something that spoke against a stage when another version took it over, and that counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetGo {
    /// The stage.
    pub stage: String,
    /// What, and since when, for people.
    pub what: String,
}

/// A stage that the rollout had moved on from when another version took the place of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageLeft {
    /// Its name.
    pub stage: String,
    /// The stages after it that had begun and were not rolled back: what was found and said of it stands as long as one of them does.
    pub followed_by: Vec<String>,
}

/// A check, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// T.
    pub evaluated_at: Instant,
    /// The release, with its version if the plan gives one.
    pub release: String,
    /// SHA-256 of the plan that was judged.
    pub plan_sha256: String,
    /// Variables that `--var` changed, as `NAME=VALUE`.
    pub vars: Vec<String>,
    /// Where it asked, as `NAME=ADDRESS`, free of user info.
    pub sources: Vec<String>,
    /// The evidence's path, relative to the ledger's folder if it is below it.
    pub evidence_path: String,
    /// SHA-256 of the evidence.
    pub evidence_sha256: String,
    /// The worst of all gates.
    pub verdict: Verdict,
    /// Gate by gate.
    pub gates: Vec<GateChecked>,
}

/// A gate in a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateChecked {
    /// Which gate.
    pub gate: GateName,
    /// Its verdict.
    pub verdict: Verdict,
    /// What its verdict would be without approvals: what somebody signs.
    pub verdict_without_approvals: Verdict,
    /// Whether it was a look at the last window, begun or not: no start, signature, override or later gate rests on it.
    pub look: bool,
    /// Whether it was judged ahead of its turn: no part of the check's verdict, and nothing rests on it.
    pub outlook: bool,
    /// Whether it was made with a `--started` that contradicts the ledger: no override rests on it.
    pub start_disputed: bool,
    /// The stop criteria that had tripped.
    pub tripped: Vec<Trip>,
    /// The criteria and stops that were unmet or unknown: what an override of this verdict is for.
    pub not_met: Vec<NotMet>,
}

/// A criterion that was not met, or a stop that was not clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotMet {
    /// Where it stands in the plan.
    pub list: List,
    /// What it asks.
    pub kind: CriterionKind,
    /// What the criterion is called.
    pub name: String,
    /// What it requires, as written.
    pub condition: Option<String>,
    /// Whether it was shown not to hold; otherwise it was unknown.
    pub unmet: bool,
    /// What was measured, with its unit; `None` if nothing was.
    pub measured: Option<String>,
}

impl NotMet {
    /// Whether both are the same criterion, whatever was found.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        (self.list, self.kind, &self.name, &self.condition)
            == (other.list, other.kind, &other.name, &other.condition)
    }

    /// Whether somebody who accepted this one has accepted the other one, too: the same criterion, found no worse than unmet
    /// or unknown as it was.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.is(other) && (self.unmet || !other.unmet)
    }
}

/// A stop criterion that tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// What it asks.
    pub kind: CriterionKind,
    /// What the criterion is called.
    pub name: String,
    /// What it trips at, as written.
    pub condition: Option<String>,
    /// Why it tripped.
    pub reason: String,
}

impl Trip {
    /// Whether both are the same criterion, whatever the reason.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        (&self.kind, &self.name, &self.condition) == (&other.kind, &other.name, &other.condition)
    }
}

words! {
    /// The answer to a confirmation.
    pub enum Answer: "answer" {
        /// It holds.
        Yes = "yes",
        /// It does not.
        No = "no",
        /// It does not apply: what was asked does not have to hold, and `why` says why.
        NotApplicable = "not-applicable",
        /// An earlier answer is taken back.
        Revoked = "revoked",
    }
}

/// What is known about an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentDetails {
    /// Such as `sev1`.
    pub severity: Option<String>,
    /// What happened.
    pub description: Option<String>,
    /// What to do until it is solved.
    pub workaround: Option<String>,
    /// Who solves it.
    pub owner: Option<String>,
    /// When it should be solved.
    pub target: Option<Instant>,
}

/// A record of a check that is in no ledger that is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its path, relative to the ledger's folder if it is below it.
    pub path: String,
    /// Its SHA-256.
    pub sha256: String,
}

/// What is known of a rollback (L11), in one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollbackTold {
    /// The ways of the plan's `rollback:` that are taken, by name.
    pub options: Vec<String>,
    /// The steps that something is said about, by number.
    pub steps: Vec<StepTold>,
    /// What caused what the rollback was for.
    pub cause: Option<String>,
    /// How that was solved.
    pub fix: Option<String>,
    /// Files that show what was done.
    pub files: Vec<FileKept>,
}

/// A step of a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTold {
    /// Position in the plan's `rollback:` when the rollback was recorded, from 1; what the plan asks for since comes after.
    pub number: usize,
    /// The way that it belongs to, if the plan has several.
    pub option: Option<String>,
    /// What was to be done.
    pub action: String,
    /// Whether it was.
    pub state: StepState,
    /// Who did it, if not the person who records it.
    pub by: Option<String>,
    /// How long it took, if somebody says.
    pub took: Option<Duration>,
}

words! {
    /// Whether a step of a rollback was done.
    pub enum StepState: "state of a step" {
        /// Nobody has done it yet.
        Open = "open",
        /// It was done.
        Done = "done",
        /// It does not have to be done.
        NotNeeded = "not-needed",
    }
}

/// A file as it was when somebody named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileKept {
    /// As given.
    pub path: String,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// How many bytes it had.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_one(one: &str, other: &str) -> bool {
        let person = |name: &str| Person {
            name: name.to_owned(),
            identity_source: IdentitySource::Given,
        };
        let (one, other) = (person(one), person(other));
        assert_eq!(one.is(&other), other.is(&one));
        one.is(&other)
    }

    #[test]
    fn l18_people_are_shown_without_their_addresses() {
        for (name, shown) in [
            ("Ada Lovelace <ada@example.com>", "Ada Lovelace"),
            ("ada@example.com", "ada"),
            ("<ada@example.com>", "ada"),
            ("@ada", "@ada"),
            ("ada@desk", "ada@desk"),
            ("on call @ada.b", "on call @ada.b"),
        ] {
            assert_eq!(known_as(name), shown);
        }
    }

    #[test]
    fn a_person_is_one_person_however_the_name_is_written() {
        let full = "Ada Lovelace <ada@example.com>";
        for other in [
            "ada lovelace",
            "Ada  Lovelace ",
            "Ada\u{200b} Lovelace",
            "ADA@example.com",
            "<ada@example.com>",
            "A. Lovelace <ada@example.com>",
        ] {
            assert!(are_one(full, other), "{other}");
        }
        assert!(are_one("@ada", "Ada"));
        assert!(!are_one(full, "Charles Babbage <charles@example.com>"));
        assert!(!are_one("ada", "adam"));
        assert!(!are_one(" ", ""));
    }
}
