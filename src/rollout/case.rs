//! What is known of a rollback (L11): the ways that are taken, each step as it stands, cause, fix and files, from the entry that
//! recorded it and from those that added to it. Must not decide what to do about it.

use super::{History, StepAsked};
use crate::ledger::{Entry, Event, EventKind, FileKept, RollbackTold, StepState, StepTold};

/// A rollback, and what became known of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case<'a> {
    /// The stage that was rolled back.
    pub stage: &'a str,
    /// The entry that says so.
    pub entry: &'a Entry,
    /// The entries that say what is known; the first is that of the rollback.
    pub said_by: Vec<&'a Entry>,
    /// What they say, in the same order.
    pub known: KnownOfRollback<'a>,
    /// The entries after the rollback, up to the next one of the stage.
    pub after: &'a [Entry],
}

/// What is known of a rollback, as it was said one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownOfRollback<'t>(Vec<&'t RollbackTold>);

/// How a step of a rollback stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was done.
    Done,
    /// Somebody said that it does not have to be done.
    NotNeeded,
    /// Another way is taken.
    OtherWay,
    /// It is the step of another way that is taken, too, and asked or done there: the step of this number.
    As(usize),
    /// It is due, and was not done.
    Open,
}

impl Standing {
    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Done => "done".to_owned(),
            Self::NotNeeded | Self::OtherWay => "not needed".to_owned(),
            Self::Open => "open".to_owned(),
            Self::As(number) => format!("as step {number}"),
        }
    }
}

/// A step, and what was said last about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepOfCase<'a> {
    /// The place of what said it in all that was said, from 0.
    said_in: usize,
    /// What was said.
    pub told: &'a StepTold,
    /// How the step stands.
    pub standing: Standing,
}

impl<'a> History<'a> {
    /// The rollbacks of all stages, oldest first.
    #[must_use]
    pub fn cases(self) -> Vec<Case<'a>> {
        let entries = self.entries().iter();
        entries.filter_map(|entry| self.case_of(entry)).collect()
    }

    /// The last rollback of a stage.
    #[must_use]
    pub fn last_case(self, stage: &str) -> Option<Case<'a>> {
        self.case_of(self.rolled_back(stage)?)
    }

    /// The last rollback of a stage, while its steps and its recovery are still asked about.
    #[must_use]
    pub fn open_case(self, stage: &str) -> Option<Case<'a>> {
        self.case_of(self.open_rollback(stage)?)
    }

    fn case_of(self, entry: &'a Entry) -> Option<Case<'a>> {
        let Event::RolledBack { stage, told } = &entry.event else {
            return None;
        };
        let first = self
            .entries()
            .partition_point(|one| one.number <= entry.number);
        let later = self.entries().get(first..).unwrap_or_default();
        let is_next = |one: &Entry| {
            one.event.kind() == EventKind::RolledBack && one.event.stage() == Some(stage)
        };
        let next = later.iter().position(is_next).unwrap_or(later.len());
        let after = later.get(..next).unwrap_or_default();
        let added = after.iter().filter_map(|one| {
            let Event::RollbackUpdated { stage: of, told } = &one.event else {
                return None;
            };
            (of == stage).then_some((one, told))
        });
        let (said_by, told) = std::iter::once((entry, told)).chain(added).unzip();
        Some(Case {
            stage,
            entry,
            said_by,
            known: KnownOfRollback(told),
            after,
        })
    }
}

impl<'a> Case<'a> {
    /// The numbers of the steps that are open.
    #[must_use]
    pub fn open_steps(&self) -> Vec<usize> {
        self.known.open_steps()
    }

    /// The entry that said something last about a step.
    #[must_use]
    pub fn said(&self, step: &StepOfCase<'a>) -> Option<&'a Entry> {
        self.said_by.get(step.said_in).copied()
    }

    /// What was said of the cause, the fix or the like, oldest first.
    pub fn each<T>(
        &self,
        what: impl Fn(&'a RollbackTold) -> Option<T>,
    ) -> impl Iterator<Item = (&'a Entry, T)> {
        let both = self.said_by.iter().zip(&self.known.0);
        both.filter_map(move |(entry, told)| Some((*entry, what(told)?)))
    }

    /// The files, oldest first.
    #[must_use]
    pub fn files(&self) -> Vec<(&'a Entry, &'a FileKept)> {
        let both = self.said_by.iter().zip(&self.known.0);
        both.flat_map(|(entry, told)| told.files.iter().map(|file| (*entry, file)))
            .collect()
    }
}

impl<'t> KnownOfRollback<'t> {
    /// Said one after the other.
    #[must_use]
    pub fn of(told: Vec<&'t RollbackTold>) -> Self {
        Self(told)
    }

    /// The same, once something else had been said.
    #[must_use]
    pub fn after<'f>(&self, first: &'f RollbackTold) -> KnownOfRollback<'f>
    where
        't: 'f,
    {
        KnownOfRollback(
            std::iter::once(first)
                .chain(self.0.iter().copied())
                .collect(),
        )
    }

    /// The same, and something more.
    #[must_use]
    pub fn and<'l>(&self, more: &'l RollbackTold) -> KnownOfRollback<'l>
    where
        't: 'l,
    {
        KnownOfRollback(self.0.iter().copied().chain([more]).collect())
    }

    /// The ways that are taken: those that somebody named, and those of which a step was done that no other way has; each once.
    #[must_use]
    pub fn options(&self) -> Vec<&'t str> {
        let named = self.0.iter().flat_map(|told| &told.options);
        let steps = self.last_words();
        let done = steps.iter().filter(|one| {
            let is_shared = steps.iter().any(|other| other.is_elsewhere(one));
            one.told.state == StepState::Done && !is_shared
        });
        let done = done.filter_map(|one| one.told.option.as_ref());
        each_once(named.chain(done))
    }

    /// The ways that the steps belong to, by number.
    #[must_use]
    pub fn ways(&self) -> Vec<&'t str> {
        let steps = self.last_words().into_iter();
        each_once(steps.filter_map(|one| one.told.option.as_ref()))
    }

    /// What people are asked for first: which way is taken, as long as nobody has said so and several may be; then the first step
    /// that is open. Nothing once no step is.
    #[must_use]
    pub fn asked(&self) -> Option<StepAsked> {
        let first = *self.open_steps().first()?;
        let needed = self.last_words().into_iter().map(|one| one.told);
        let needed = needed.filter(|step| step.state != StepState::NotNeeded);
        let ways = each_once(needed.filter_map(|step| step.option.as_ref()));
        Some(if self.options().is_empty() && ways.len() > 1 {
            StepAsked::Way(ways.into_iter().map(str::to_owned).collect())
        } else {
            StepAsked::Done(first)
        })
    }

    /// Each step as it stands, by number. What several of the ways ask for that are taken is asked for once, and done once.
    #[must_use]
    pub fn steps(&self) -> Vec<StepOfCase<'t>> {
        let options = self.options();
        let is_due = |step: &StepTold| {
            let option = step.option.as_deref();
            options.is_empty() || option.is_none_or(|option| options.contains(&option))
        };
        let steps = self.last_words();
        // What was done before anybody said which way is taken counts in each.
        let counts = |step: &StepTold| is_due(step) || step.state == StepState::Done;
        let due: Vec<&LastWord<'t>> = steps.iter().filter(|one| counts(one.told)).collect();
        let standing = |one: &LastWord<'t>| match (one.told.state, counting(one, &due)) {
            (StepState::NotNeeded, _) => Standing::NotNeeded,
            (StepState::Open, _) if !is_due(one.told) => Standing::OtherWay,
            // As long as no way is taken, each is a way of its own.
            (StepState::Open, Some(other))
                if other.told.state == StepState::Done || !options.is_empty() =>
            {
                Standing::As(other.told.number)
            }
            (StepState::Done, Some(other)) => Standing::As(other.told.number),
            (StepState::Open, _) => Standing::Open,
            (StepState::Done, None) => Standing::Done,
        };
        let told = steps.iter().map(|one| StepOfCase {
            said_in: one.place,
            told: one.told,
            standing: standing(one),
        });
        told.collect()
    }

    /// The numbers of the same step in other ways.
    #[must_use]
    pub fn same_elsewhere(&self, number: usize) -> Vec<usize> {
        let steps = self.last_words();
        let Some(of) = steps.iter().find(|one| one.told.number == number) else {
            return Vec::new();
        };
        let same = steps.iter().filter(|one| one.is_elsewhere(of));
        same.map(|one| one.told.number).collect()
    }

    /// Whether every step of a way that has to be done was done, as parts of several other ways that are taken: none of them alone is
    /// as much.
    #[must_use]
    pub fn is_done_elsewhere(&self, way: &str) -> bool {
        let steps = self.last_words();
        let of_way = |one: &&LastWord<'_>| one.told.option.as_deref() == Some(way);
        let own: Vec<&LastWord<'_>> = (steps.iter().filter(of_way))
            .filter(|one| one.told.state != StepState::NotNeeded)
            .collect();
        let is_done = |of: &&LastWord<'_>| {
            let mut done = steps.iter().filter(|one| one.told.state == StepState::Done);
            done.any(|one| one.told.number == of.told.number || one.is_elsewhere(of))
        };
        let has_all = |other: &&str| {
            own.iter().all(|of| {
                let mut others = steps.iter().filter(|one| one.is_elsewhere(of));
                others.any(|one| one.told.option.as_deref() == Some(other))
            })
        };
        !own.is_empty() && own.iter().all(is_done) && !self.options().iter().any(has_all)
    }

    /// The numbers of those that are open.
    #[must_use]
    pub fn open_steps(&self) -> Vec<usize> {
        self.numbers(Standing::Open)
    }

    /// The numbers of those that stand like this.
    pub(super) fn numbers(&self, standing: Standing) -> Vec<usize> {
        let steps = self.steps().into_iter();
        let those = steps.filter(|step| step.standing == standing);
        those.map(|step| step.told.number).collect()
    }

    /// The steps that this has, and others have not: by way and text, each as often as a way asks for it.
    pub(super) fn besides(&self, others: &KnownOfRollback<'_>) -> Vec<&'t StepTold> {
        let (own, others) = (self.last_words(), others.last_words());
        let is_new = |one: &LastWord<'t>| !others.iter().any(|other| other.is_same(one));
        let new = own.into_iter().filter(is_new);
        new.map(|one| one.told).collect()
    }

    /// The highest number of a step; 0 if there is none.
    pub(super) fn last_number(&self) -> usize {
        let steps = self.0.iter().flat_map(|told| &told.steps);
        steps.map(|step| step.number).max().unwrap_or(0)
    }

    /// A step as it was told last.
    #[must_use]
    pub fn step(&self, number: usize) -> Option<&'t StepTold> {
        let steps = self.last_words().into_iter().map(|one| one.told);
        steps.into_iter().find(|step| step.number == number)
    }

    /// How many steps were or are to be done.
    pub(super) fn due(&self) -> usize {
        let steps = self.steps().into_iter();
        let due = steps.filter(|step| match step.standing {
            Standing::Done | Standing::Open => true,
            Standing::NotNeeded | Standing::OtherWay | Standing::As(_) => false,
        });
        due.count()
    }

    /// Who did a step, as somebody said when it was done.
    #[must_use]
    pub fn done_by(&self, number: usize) -> Option<&'t str> {
        let words = self.last_words();
        let mut done = words.iter().filter(|one| one.told.state == StepState::Done);
        let step = done.find(|one| one.told.number == number)?;
        step.told.by.as_deref()
    }

    /// What was said last about each step, by number.
    fn last_words(&self) -> Vec<LastWord<'t>> {
        let mut steps: Vec<LastWord<'_>> = Vec::new();
        for (place, told) in self.0.iter().enumerate() {
            for step in &told.steps {
                let said = LastWord {
                    place,
                    told: step,
                    repeats: 0,
                };
                match steps.iter_mut().find(|one| one.told.number == step.number) {
                    Some(known) => *known = said,
                    None => steps.push(said),
                }
            }
        }
        steps.sort_by_key(|one| one.told.number);
        repeats(&mut steps);
        steps
    }
}

/// What was said last about a step.
struct LastWord<'t> {
    /// Where it was said, in the order of all that was.
    place: usize,
    told: &'t StepTold,
    /// How many steps before it in its own way have the same text: what a way asks for twice is done twice.
    repeats: usize,
}

impl LastWord<'_> {
    /// Whether it is the same step in another way.
    fn is_elsewhere(&self, other: &LastWord<'_>) -> bool {
        self.told.option != other.told.option && self.is_alike(other)
    }

    /// Whether it is the same step of the same way.
    fn is_same(&self, other: &LastWord<'_>) -> bool {
        self.told.option == other.told.option && self.is_alike(other)
    }

    fn is_alike(&self, other: &LastWord<'_>) -> bool {
        self.told.action == other.told.action && self.repeats == other.repeats
    }
}

fn each_once<'t>(names: impl Iterator<Item = &'t String>) -> Vec<&'t str> {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(&name.as_str()) {
            once.push(name);
        }
    }
    once
}

fn repeats(steps: &mut [LastWord<'_>]) {
    let texts: Vec<(Option<String>, String)> = (steps.iter())
        .map(|one| (one.told.option.clone(), one.told.action.clone()))
        .collect();
    for (before, one) in steps.iter_mut().enumerate() {
        let before = texts.iter().take(before);
        let same = before
            .filter(|(option, action)| *option == one.told.option && *action == one.told.action);
        one.repeats = same.count();
    }
}

/// The step that counts in its place, if that is another one: the one that was done first or, if none was, the first one that is
/// open.
fn counting<'s, 't>(of: &LastWord<'t>, due: &[&'s LastWord<'t>]) -> Option<&'s LastWord<'t>> {
    let same = |state: StepState| {
        let same = due.iter().copied().filter(move |one| {
            let is_it = one.told.number == of.told.number;
            one.told.state == state && (is_it || one.is_elsewhere(of))
        });
        same.min_by_key(|one| (one.place, one.told.number))
    };
    let counts = same(StepState::Done).or_else(|| same(StepState::Open))?;
    (counts.told.number != of.told.number).then_some(counts)
}
