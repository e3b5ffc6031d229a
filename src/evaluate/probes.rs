//! `probes`: an address answers as it should. Must not take no answer for a good one.

use super::Code;
use super::gates::Place;
use super::setting::{Ruling, Setting};
use crate::findings::Inquiry;
use crate::plan::{Ask, Criterion, Gate, ProbeAsk};

/// What has to be looked up.
pub(super) fn inquiry(ask: &ProbeAsk, place: &Place<'_>) -> Inquiry {
    let gate = format!("{}/{}", place.stage.name, place.gate.kind.word());
    inquiry_of(ask, place.criterion, place.gate, gate)
}

fn inquiry_of(ask: &ProbeAsk, criterion: &Criterion, gate: &Gate, name: String) -> Inquiry {
    let probes = gate
        .criteria
        .iter()
        .filter(|one| matches!(one.ask, Ask::Probe(_)));
    let before = probes
        .take_while(|one| !std::ptr::eq(*one, criterion))
        .count();
    let mut pointers: Vec<String> = ask
        .json
        .iter()
        .map(|(pointer, _)| pointer.clone())
        .collect();
    pointers.sort();
    pointers.dedup();
    Inquiry::Probe {
        gate: name,
        number: before + 1,
        url: ask.shown_url.clone(),
        pointers,
    }
}

/// Judges one address.
pub(super) fn assess(ask: &ProbeAsk, criterion: &Criterion, setting: &Setting<'_>) -> Ruling {
    let inquiry = inquiry_of(ask, criterion, setting.gate, setting.gate_name());
    match setting.found(&inquiry) {
        Err(failure) => Ruling::failed(&failure),
        Ok(_) => Ruling::open(Code::NotAnswered, "nobody has answered yet"),
    }
}
