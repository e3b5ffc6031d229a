//! A checklist that one person may confirm as a whole (L5). Must not offer that where an item was answered with no, or where its
//! items belong to several people: nobody is asked to confirm what is somebody else's.

use super::{Answered, NextStep, Rollout, steps};
use crate::kind::Action;
use crate::plan::criteria::{Ask, ChecklistItem};

/// All that is open of a list, to be confirmed by one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtOnce {
    /// The list.
    pub list: String,
    /// `gate confirm PLAN LIST --all --stage STAGE`.
    pub step: NextStep,
}

impl AtOnce {
    /// What has to be done before.
    #[must_use]
    pub fn first(&self) -> String {
        format!("read each item of {}", self.list)
    }
}

impl Rollout<'_> {
    /// In the place of a command that confirms one item of a list: the one that confirms all that is open of it, if that is more
    /// than one, and if one person may confirm them together. What is in `now` is being answered.
    #[must_use]
    pub fn at_once(&self, step: &NextStep, now: &[&str]) -> Option<AtOnce> {
        let [id, flag, stage] = step.arguments.as_slice() else {
            return None;
        };
        if step.action != Action::Confirm || flag != "--stage" {
            return None;
        }
        let (list, _) = id.split_once('/')?;
        if self.asked_of_what_began(stage, id) && !self.history().has_begun(stage) {
            return None;
        }
        let items = self.items_of(stage, list);
        let is_no = |id: &str| matches!(self.answered(stage, id), Answered::No(_));
        if items.iter().any(|(id, _)| is_no(id)) {
            return None;
        }
        let is_open = |id: &str| !now.contains(&id) && !self.answered(stage, id).is_settled();
        let mut open = items.iter().filter(|(id, _)| is_open(id));
        let (_, first) = open.next()?;
        let mut others = open.peekable();
        others.peek()?;
        if others.any(|(_, item)| item.owner != first.owner) {
            return None;
        }
        Some(AtOnce {
            list: list.to_owned(),
            step: steps::confirm_all(list, stage, first.owner.as_deref()),
        })
    }

    /// The items of a list that a stage asks for, each once.
    fn items_of(&self, stage: &str, list: &str) -> Vec<(String, &ChecklistItem)> {
        let gates = self.stage(stage).into_iter().flat_map(|one| &one.gates);
        let mut items: Vec<(String, &ChecklistItem)> = Vec::new();
        for criterion in gates.flat_map(|gate| &gate.criteria) {
            let Ask::Checklist { list: of, item } = &criterion.ask else {
                continue;
            };
            let id = criterion.ask.name();
            if of == list && !items.iter().any(|(known, _)| *known == id) {
                items.push((id, item));
            }
        }
        items
    }
}
