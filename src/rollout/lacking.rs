//! What the last check of a gate found missing, in a few names with who has to see to it. Must not judge it again.

use super::RecordedCheck;
use crate::kind::GateKind;
use crate::ledger::NotMet;
use crate::plan::Gate;

/// So many criteria are named.
const FEW: usize = 3;

/// What a check found missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lacking {
    /// The stops that had tripped.
    pub tripped: Vec<String>,
    /// What did not hold.
    pub unmet: Vec<String>,
    /// What was unknown: of an entry gate. What an exit does not know yet is told by its window, and by what is outstanding.
    pub unknown: Vec<String>,
}

impl Lacking {
    /// What a check found of a gate.
    #[must_use]
    pub fn of(gate: &Gate, check: RecordedCheck<'_>) -> Self {
        let with = |unmet: bool| {
            let not_met = check.gate.not_met.iter();
            let those = not_met.filter(move |one| one.unmet == unmet);
            those.map(|one| named(gate, one)).collect()
        };
        let tripped = check.gate.tripped.iter();
        Self {
            tripped: tripped.map(|trip| trip.name.clone()).collect(),
            unmet: with(true),
            unknown: match gate.kind {
                GateKind::Entry => with(false),
                GateKind::Exit | GateKind::Recovery => Vec::new(),
            },
        }
    }

    /// The same but for what is called like that: it is told elsewhere.
    #[must_use]
    pub fn without(mut self, told: &[String]) -> Self {
        let is_told = |name: &String| {
            told.iter().any(|told| {
                let rest = name.strip_prefix(told.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
            })
        };
        for names in [&mut self.unmet, &mut self.unknown] {
            names.retain(|name| !is_told(name));
        }
        self
    }

    /// `tripped: error_rate; unmet: exception_rate (5.2%); unknown: readiness/dock (@wh) and 4 more`; `None` if it is nothing.
    #[must_use]
    pub fn in_words(&self) -> Option<String> {
        let lists = [
            ("tripped", &self.tripped),
            ("unmet", &self.unmet),
            ("unknown", &self.unknown),
        ];
        let mut room = FEW;
        let mut words = Vec::new();
        for (word, names) in lists {
            let told = names.get(..room).unwrap_or(names);
            room -= told.len();
            words.extend((!told.is_empty()).then(|| format!("{word}: {}", told.join(", "))));
        }
        let all: usize = lists.iter().map(|(_, names)| names.len()).sum();
        let more = match all.saturating_sub(FEW) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (!words.is_empty()).then(|| format!("{}{more}", words.join("; ")))
    }
}

/// `exception_rate (5.2%)`, `readiness/dock (@wh)`, `exit of pilot`.
pub(super) fn named(gate: &Gate, one: &NotMet) -> String {
    let name = match one.kind.of_stage() {
        Some(what) => format!("{what} of {}", one.name),
        None => one.name.clone(),
    };
    let mut criteria = gate.criteria.iter();
    let asked = criteria.find(|asked| {
        asked.list == one.list
            && asked.ask.kind(asked.list) == one.kind
            && asked.ask.name() == one.name
    });
    let owner = asked.and_then(|asked| asked.ask.owner());
    match one.measured.as_deref().or(owner) {
        Some(about) => format!("{name} ({about})"),
        None => name,
    }
}
