//! Checklists that are gone through in order (L13): whose turn it is, and whether an item was confirmed in its turn.
//! Must not order lists of which the plan does not say so.

use super::{NextStep, Rollout, steps};
use crate::ledger::{Answer, Entry};
use crate::plan::Stage;
use crate::plan::criteria::{Ask, ChecklistItem};

/// An item of a list that is gone through in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<'a> {
    /// As in the ledger: `LIST/ITEM`.
    pub id: String,
    /// The item.
    pub item: &'a ChecklistItem,
}

impl Stage {
    /// The items that come before one of a list that is gone through in order, in that order; none for any other question.
    fn earlier(&self, id: &str) -> Vec<Turn<'_>> {
        let asks = |ask: &Ask| ask.name() == id;
        let asking = |gate: &&crate::plan::Gate| gate.criteria.iter().any(|one| asks(&one.ask));
        let Some(gate) = self.gates.iter().find(asking) else {
            return Vec::new();
        };
        let numbered: Vec<(&str, Turn)> = (gate.criteria.iter())
            .filter_map(|criterion| match &criterion.ask {
                Ask::Checklist { list, item } if item.number.is_some() => {
                    let id = criterion.ask.name();
                    Some((list.as_str(), Turn { id, item }))
                }
                Ask::Checklist { .. }
                | Ask::Kpi(_)
                | Ask::Deadline(_)
                | Ask::Confirmation(_)
                | Ask::Approval(_)
                | Ask::Checkpoint(_)
                | Ask::Incidents(_)
                | Ask::Alerts(_)
                | Ask::Artifact(_)
                | Ask::Probe(_)
                | Ask::Outside(_) => None,
            })
            .collect();
        let Some((list, own)) = numbered.iter().find(|(_, turn)| turn.id == id) else {
            return Vec::new();
        };
        let (list, number) = (*list, own.item.number);
        let before = |(of, turn): &(&str, Turn)| *of == list && turn.item.number < number;
        numbered
            .into_iter()
            .filter(before)
            .map(|(_, turn)| turn)
            .collect()
    }
}

impl<'a> Rollout<'a> {
    /// The item that has to be confirmed first, before this one may be: the first of those before it that is not, or not in
    /// its own turn. Those in `now`, in their order, are being confirmed.
    #[must_use]
    pub fn waits_for(&self, stage: &str, id: &str, now: &[&str]) -> Option<Turn<'a>> {
        let mut last = 0;
        let mut before = self.stage(stage)?.earlier(id).into_iter();
        before.find(|turn| {
            let confirmed = self.confirmed_after(stage, &turn.id, last);
            match confirmed {
                Some(entry) => last = entry.number,
                None => last = u64::MAX,
            }
            confirmed.is_none() && !now.contains(&turn.id.as_str())
        })
    }

    /// How a question is answered, or answered again: where items come before it, the first of these that is open.
    #[must_use]
    pub fn step_to_answer(&self, stage: &str, id: &str, owner: Option<&str>) -> Option<NextStep> {
        let own = self.answered(stage, id).next_step(id, stage, owner)?;
        let first = self.waits_for(stage, id, &[]);
        let first = first.map(|turn| steps::confirm(&turn.id, stage, turn.item.owner.as_deref()));
        Some(first.unwrap_or(own))
    }

    /// The item before which this one was confirmed, though it comes after it; the answer is its own last one, a yes.
    pub(super) fn confirmed_before(&self, stage: &str, id: &str) -> Option<&'a ChecklistItem> {
        let mut last = 0;
        let before = self.stage(stage)?.earlier(id);
        for turn in &before {
            match self.confirmed_after(stage, &turn.id, last) {
                Some(entry) => last = entry.number,
                None => return Some(turn.item),
            }
        }
        let in_turn = self.confirmed_after(stage, id, last).is_some();
        before.last().filter(|_| !in_turn).map(|turn| turn.item)
    }

    /// The first entry behind a number since which a question has been confirmed, without a break.
    fn confirmed_after(&self, stage: &str, id: &str, number: u64) -> Option<&'a Entry> {
        let answers = self.history().answers(stage, id);
        let holds = |(entry, answer): &(&'a Entry, Answer)| {
            self.by_itself(stage, id, entry, *answer).is_settled()
        };
        let unbroken = answers.take_while(holds).map(|(entry, _)| entry);
        unbroken.filter(|entry| entry.number > number).last()
    }
}
