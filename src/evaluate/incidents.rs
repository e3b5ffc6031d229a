//! `no_incidents`, and `incidents` in stop: none of these severities is open, or was opened since the start. Must not take an empty record that nobody keeps for an answer.

use super::Code;
use super::setting::{Ruling, Setting};
use crate::findings::Inquiry;
use crate::plan::{IncidentsAsk, List};

/// The team's issue log, where the plan names one.
pub(super) fn inquiries(ask: &IncidentsAsk) -> Vec<Inquiry> {
    let log = |path: &String| Inquiry::IssueLog { path: path.clone() };
    ask.issue_log.iter().map(log).collect()
}

/// Judges the severities together.
pub(super) fn assess(_ask: &IncidentsAsk, _list: List, _setting: &Setting<'_>) -> Ruling {
    Ruling::open(Code::NotAnswered, "nobody has answered yet")
}
