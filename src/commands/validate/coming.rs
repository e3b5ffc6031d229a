//! Series that come with a stage, and are not there before it begins: those of its own cohort. Must not excuse anything else for
//! which a query finds nothing.

use super::selectors::{Matcher, Selected};
use crate::kind::List;
use crate::ledger::Ledger;
use crate::plan::{Plan, Stage, Variable};
use crate::rollout::History;

/// The cohort of a stage that has not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coming<'p> {
    /// The stage.
    pub(super) stage: &'p str,
    /// What its variables stand for, as a matcher has it.
    values: Vec<String>,
}

impl<'p> Coming<'p> {
    /// Of what is asked once a stage has begun. `None` if nothing comes with it: it has no cohort, or a stage with the same one has
    /// begun. `ledger` is that of the plan; without one, nobody has recorded a start.
    pub(super) fn with(
        plan: &'p Plan,
        ledger: Option<&Ledger>,
        stage: &'p Stage,
        list: List,
    ) -> Option<Self> {
        match list {
            List::Entry => return None,
            List::Exit | List::Stop | List::Watch | List::Recovery => {}
        }
        let history = History::of(ledger);
        let begun = plan
            .stages
            .iter()
            .filter(|one| history.has_begun(&one.name));
        let begun: Vec<&Variable> = begun.flat_map(|one| &one.cohort).collect();
        let own = stage.cohort.iter().filter(|one| !begun.contains(one));
        let values: Vec<String> = own.map(|one| one.values.join("|")).collect();
        let has_begun = history.has_begun(&stage.name);
        (!has_begun && !values.is_empty()).then(|| Self {
            stage: &stage.name,
            values,
        })
    }

    /// Whether a matcher asks for its cohort.
    fn is_own(&self, matcher: &Matcher) -> bool {
        self.values.contains(&matcher.value)
    }

    /// The matchers of a selector that ask for its cohort.
    pub(super) fn own(&self, of: &Selected) -> Vec<Matcher> {
        let matchers = of.matchers.iter().filter(|one| self.is_own(one));
        matchers.cloned().collect()
    }

    /// A selector without them, if it has any.
    pub(super) fn without(&self, of: &Selected) -> Option<Selected> {
        let (own, matchers): (Vec<Matcher>, Vec<Matcher>) = of
            .matchers
            .iter()
            .cloned()
            .partition(|one| self.is_own(one));
        let metric = of.metric.clone();
        (!own.is_empty()).then_some(Selected { metric, matchers })
    }
}
