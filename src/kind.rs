//! The words of the formats and the names of gates: each word written once, beside the variant that it stands for.
//!
//! Define any other closed list of words with `words!`. Must not know what they mean: an exhaustive `match` decides that
//! where it matters, so that a new variant does not compile until it is handled.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An unknown word, and what it should have been.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown {what} `{word}`")]
pub struct UnknownWord {
    what: &'static str,
    word: String,
}

impl UnknownWord {
    /// `what` is what the word should have been, such as `verdict`.
    #[must_use]
    pub fn new(what: &'static str, word: &str) -> Self {
        Self {
            what,
            word: word.to_owned(),
        }
    }
}

/// Defines enums whose variants each have a word: `enum Name: "what it is" { Variant = "word", … }`, where the last variant
/// may take the words of another enum: `; Variant(Other)`.
///
/// Each has `word`, `Display` and `Serialize`, `from_word`, `FromStr` and `Deserialize` (whose error says what was expected),
/// and all variants in source order: `ALL` and `all()`, or only `all()` if it includes another enum.
macro_rules! words {
    ($($(#[$meta:meta])* $vis:vis enum $name:ident: $what:literal {
        $($(#[$doc:meta])* $variant:ident = $word:literal,)+
        $(; $(#[$outer_doc:meta])* $outer:ident($inner:ty))?
    })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$doc])* $variant,)+
            $($(#[$outer_doc])* $outer($inner),)?
        }

        impl $name {
            $crate::kind::words!(@all [$($variant)+] $($outer $inner)?);

            /// The word of the formats and of everything that is printed.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                    $(Self::$outer(inner) => <$inner>::word(inner),)?
                }
            }

            /// What a word stands for.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::all().find(|one| one.word() == word)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::kind::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or_else(|| $crate::kind::UnknownWord::new($what, word))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                word.parse().map_err(::serde::de::Error::custom)
            }
        }
    )+};
    (@all [$($variant:ident)+]) => {
        /// Every one, in the order in which they are declared.
        pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

        /// Every one, in the order in which they are declared.
        pub fn all() -> impl Iterator<Item = Self> {
            Self::ALL.into_iter()
        }
    };
    (@all [$($variant:ident)+] $outer:ident $inner:ty) => {
        /// Every one, in the order in which they are declared.
        pub fn all() -> impl Iterator<Item = Self> {
            [$(Self::$variant),+].into_iter().chain(<$inner>::all().map(Self::$outer))
        }
    };
}
pub(crate) use words;

words! {
    /// What a criterion asks: the YAML keys, and what a gate asks without the plan saying so.
    pub enum CriterionKind: "kind of criterion" {
        /// One condition on one KPI.
        Kpis = "kpis",
        /// The exit gate is passed within some time from the start.
        Deadline = "deadline",
        /// An item of a checklist.
        Checklists = "checklists",
        /// A confirmation by a person.
        Confirmations = "confirmations",
        /// A signature in a role.
        Approvals = "approvals",
        /// Regular meetings while the stage runs.
        Checkpoints = "checkpoints",
        /// In `stop`: such incidents trip it.
        Incidents = "incidents",
        /// No such incident.
        NoIncidents = "no_incidents",
        /// In `stop`: such alerts trip it.
        Alerts = "alerts",
        /// No such alert.
        NoAlerts = "no_alerts",
        /// A file.
        Artifacts = "artifacts",
        /// What an address answers.
        Probes = "probes",
        /// A calendar to be avoided.
        Outside = "outside",
        /// Implied: an earlier stage was left; in `exit`: the entry was GO for the version that took the stage over.
        After = "after",
        /// Implied: the stage has begun.
        Start = "start",
        /// Implied: the window is over.
        Window = "window",
        /// Implied: the stage is not rolled back (in recovery: it was).
        Rollback = "rollback",
        /// The ledger is there, though it is gone while records speak of it.
        Ledger = "ledger",
        /// Implied: nobody has paused the stage.
        Paused = "paused",
        /// Implied: no check for a later time found the gate unmet.
        Newer = "newer",
        /// Implied: the plan that is there can be used, while a watch judges it as it was before.
        Plan = "plan",
    }

    /// Which decision on a stage; in the order in which a stage meets them.
    pub enum GateKind: "kind of gate" {
        /// May it begin?
        Entry = "entry",
        /// May the rollout move on?
        Exit = "exit",
        /// After a rollback: has it recovered?
        Recovery = "recovery",
    }

    /// Which list of the stage a criterion is in.
    pub enum List: "list" {
        /// The entry gate's.
        Entry = "entry",
        /// Describes the bad state; belongs to the exit gate.
        Stop = "stop",
        /// The exit gate's.
        Exit = "exit",
        /// The recovery gate's.
        Recovery = "recovery",
        /// Measured and shown, never decides.
        Watch = "watch",
    }

    /// A command that moves a rollout on: what somebody can do next.
    pub enum Action: "command" {
        /// Signs for a gate.
        Approve = "approve",
        /// Judges gates.
        Check = "check",
        /// Answers a confirmation or an item of a checklist.
        Confirm = "confirm",
        /// Opens, updates, closes or lists incidents.
        Incident = "incident",
        /// Shows, verifies or repairs what was recorded.
        Ledger = "ledger",
        /// Records a remark.
        Note = "note",
        /// Proceeds on a NO-GO or HOLD.
        Override = "override",
        /// Pauses a stage.
        Pause = "pause",
        /// Goes on.
        Resume = "resume",
        /// Records a rollback.
        Rollback = "rollback",
        /// Begins a stage.
        Start = "start",
        /// Goes on with another version of the release.
        Supersede = "supersede",
    }
}

impl CriterionKind {
    /// What of a stage it is about, where a gate asks it without the plan saying so: its name is then the stage's, or a gate's.
    #[must_use]
    pub fn of_stage(self) -> Option<&'static str> {
        match self {
            Self::After => Some("exit"),
            Self::Start => Some("start"),
            Self::Window => Some("window"),
            Self::Rollback => Some("rollback"),
            Self::Paused => Some("pause"),
            Self::Newer => Some("newer check"),
            Self::Kpis
            | Self::Deadline
            | Self::Checklists
            | Self::Confirmations
            | Self::Approvals
            | Self::Checkpoints
            | Self::Incidents
            | Self::NoIncidents
            | Self::Alerts
            | Self::NoAlerts
            | Self::Artifacts
            | Self::Probes
            | Self::Outside
            | Self::Ledger
            | Self::Plan => None,
        }
    }
}

impl GateKind {
    /// The list of what decides on such a gate.
    #[must_use]
    pub fn list(self) -> List {
        match self {
            Self::Entry => List::Entry,
            Self::Exit => List::Exit,
            Self::Recovery => List::Recovery,
        }
    }

    /// The gate of this kind of a stage.
    #[must_use]
    pub fn of(self, stage: &str) -> GateName {
        GateName {
            stage: stage.to_owned(),
            kind: self,
        }
    }
}

impl List {
    /// The gate that its criteria belong to.
    #[must_use]
    pub fn gate(self) -> GateKind {
        match self {
            Self::Entry => GateKind::Entry,
            Self::Stop | Self::Exit | Self::Watch => GateKind::Exit,
            Self::Recovery => GateKind::Recovery,
        }
    }
}

/// A gate: `STAGE/entry`, `STAGE/exit` or `STAGE/recovery`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct GateName {
    /// The stage's name.
    pub stage: String,
    /// Which decision.
    pub kind: GateKind,
}

impl fmt::Display for GateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.stage, self.kind)
    }
}

impl From<GateName> for String {
    fn from(name: GateName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for GateName {
    type Error = NotAGate;

    fn try_from(text: String) -> Result<Self, NotAGate> {
        text.parse()
    }
}

/// A text that does not name a gate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` does not name a gate: write STAGE/entry, STAGE/exit or STAGE/recovery, such as `pilot/exit`"
)]
pub struct NotAGate(String);

impl FromStr for GateName {
    type Err = NotAGate;

    fn from_str(text: &str) -> Result<Self, NotAGate> {
        let named = text.rsplit_once('/').and_then(|(stage, word)| {
            let kind = GateKind::from_word(word)?;
            (!stage.is_empty()).then(|| kind.of(stage))
        });
        named.ok_or_else(|| NotAGate(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        /// What the tests below read and write.
        enum Colour: "colour" { Red = "red", Green = "dark green", }

        /// One that includes another.
        enum Look: "look" { Plain = "plain", ; In(Colour) }
    }

    #[test]
    fn every_word_stands_for_its_variant() {
        assert_eq!(Colour::ALL.map(Colour::word), ["red", "dark green"]);
        assert_eq!(Colour::from_word("dark green"), Some(Colour::Green));
        assert_eq!(format!("{:>5}", Colour::Red), "  red");
        let error = "Red".parse::<Colour>().expect_err("another word");
        assert_eq!(error.to_string(), "unknown colour `Red`");
    }

    #[test]
    fn an_enum_may_include_the_words_of_another() {
        let all: Vec<&str> = Look::all().map(Look::word).collect();
        assert_eq!(all, ["plain", "red", "dark green"]);
        assert_eq!(Look::from_word("red"), Some(Look::In(Colour::Red)));
    }

    #[test]
    fn no_word_stands_for_two_kinds() {
        for kind in CriterionKind::ALL {
            assert_eq!(CriterionKind::from_word(kind.word()), Some(kind));
        }
    }

    #[test]
    fn a_gate_is_named_by_stage_and_kind() {
        let name = |text: &str| text.parse::<GateName>().ok();
        assert_eq!(name("pilot/exit"), Some(GateKind::Exit.of("pilot")));
        assert_eq!(name("a/b/entry"), Some(GateKind::Entry.of("a/b")));
        for text in ["pilot", "/exit", "pilot/leave", "pilot/", "pilot/Exit", ""] {
            assert_eq!(name(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_name_reads_back_as_it_was_printed(stage in ".{1,12}", kind in 0_usize..3) {
            let name = GateKind::ALL[kind].of(&stage);
            proptest::prop_assert_eq!(name.to_string().parse(), Ok(name));
        }
    }
}
