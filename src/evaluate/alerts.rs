//! `no_alerts`, and `alerts` in stop: nothing that the selectors name fires, shown by rules that could raise it. Must not take silence for peace.

use super::Code;
use super::gates::Place;
use super::setting::{Ruling, Setting};
use crate::findings::Inquiry;
use crate::plan::{AlertsAsk, List, Plan};
use crate::samples::Question;

/// What has to be asked over the window.
pub(super) fn questions(_ask: &AlertsAsk, _place: &Place<'_>) -> Vec<Question> {
    Vec::new()
}

/// What has to be looked up.
pub(super) fn inquiries(_ask: &AlertsAsk, _plan: &Plan) -> Vec<Inquiry> {
    Vec::new()
}

/// Judges the selectors together.
pub(super) fn assess(_ask: &AlertsAsk, _list: List, _setting: &Setting<'_>) -> Ruling {
    Ruling::open(Code::NotAnswered, "nobody has answered yet")
}
