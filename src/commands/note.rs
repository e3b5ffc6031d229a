//! `gate note`: a dated remark, a lesson learned, or a checkpoint of hypercare (L8). Must not change where the rollout stands, nor record a
//! checkpoint of another day than today.

use std::cmp::Ordering;
use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{NoteArgs, Signed};
use crate::kind::Action;
use crate::ledger::{Entry, Event};
use crate::plan::Stage;
use crate::plan::criteria::{Attendance, CheckpointAsk};
use crate::rollout::{MISSED, NextStep, Rollout, number_of, steps};
use crate::units::Duration;

/// How long a day is where the plan does not say.
const A_DAY: Duration = Duration::from_secs(86_400);

impl Deed for NoteArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let text = self.text.trim();
        if text.is_empty() {
            return Err(Refusal::usage("a note without text says nothing"));
        }
        if let Some(number) = self.take_back {
            return self.taken_back(context, number, text);
        }
        let stage = match (&self.stage, self.checkpoint) {
            (named, true) => Some(context.begun(named.as_deref())?.name.clone()),
            (Some(name), false) => Some(context.stage(name)?.name.clone()),
            (None, false) => context.running_alone(),
        };
        let begun = stage.as_deref().filter(|_| self.checkpoint);
        let begun = begun.and_then(|name| context.rollout.stage(name));
        let (meanings, next) = match begun {
            Some(stage) => self.checkpoint_of(context, stage)?,
            None => (Vec::new(), None),
        };
        let event = Event::Noted {
            stage: stage.clone(),
            text: text.to_owned(),
            checkpoint: self.checkpoint,
            role: self.role.clone(),
            reviewed_issues: self.reviewed_issues,
            lesson: self.lesson,
            takes_back: None,
        };
        let by = self.role.iter().map(|role| format!(" by {role}"));
        let by: String = by.collect();
        let kind = if self.lesson { "a lesson" } else { "a note" };
        let done = match (&stage, self.checkpoint) {
            (Some(stage), true) => format!("checkpoint of {stage}{by}: {text}"),
            (Some(stage), false) => format!("{kind} on {stage}: {text}"),
            (None, _) => format!("{kind}: {text}"),
        };
        let mut noted = Decision::of(event, done);
        noted.means = meanings;
        noted.next = next.map(|step| context.typed(&step));
        Ok(noted)
    }
}

impl NoteArgs {
    /// Takes a checkpoint back, which stays in the ledger: its day counts as one without it.
    fn taken_back(
        &self,
        context: &DecisionContext<'_>,
        number: u64,
        text: &str,
    ) -> Result<Decision, Refusal> {
        let mut entries = context.history().entries().iter();
        let entry = entries.find(|entry| entry.number == number);
        let Some((entry, Event::Noted { stage, role, .. })) = entry
            .filter(|entry| {
                matches!(
                    entry.event,
                    Event::Noted {
                        checkpoint: true,
                        ..
                    }
                )
            })
            .map(|entry| (entry, &entry.event))
        else {
            let why = format!("#{number} is no checkpoint: gate ledger shows which entries are");
            return Err(Refusal::usage(why));
        };
        if let Some(other) = self
            .stage
            .as_ref()
            .filter(|named| stage.as_ref() != Some(named))
        {
            let of = stage.as_deref().unwrap_or("no stage");
            let why = format!("#{number} is a checkpoint of {of}, not of {other}");
            return Err(Refusal::usage(why));
        }
        if let Some(by) = context.history().takes_back(number) {
            return Err(Refusal::given(format!(
                "checkpoint #{number} is already taken back, since {} by {} (#{})",
                by.at,
                by.by.called(),
                by.number
            )));
        }
        let event = Event::Noted {
            stage: stage.clone(),
            text: text.to_owned(),
            checkpoint: false,
            role: None,
            reviewed_issues: false,
            lesson: false,
            takes_back: Some(number),
        };
        let of = stage
            .as_ref()
            .map_or_else(String::new, |of| format!(" of {of}"));
        let asked_role = role.as_deref();
        let role = asked_role.map_or_else(String::new, |role| format!(" as {role}"));
        let done = format!("checkpoint #{number}{of} is taken back: {text}");
        let again = again(context, stage.as_deref(), asked_role, entry);
        let meaning = format!(
            "what {} recorded{role} at {} counts no more: {}",
            entry.by.called(),
            entry.at,
            again.words
        );
        let next = again.step.unwrap_or_else(steps::check_in_play);
        Ok(Decision::of(event, done)
            .meaning(meaning)
            .next(context.typed(&next)))
    }

    /// What it means to hold today's checkpoint of a stage, and the next one to hold; or why it cannot be held like this.
    fn checkpoint_of(
        &self,
        context: &DecisionContext,
        stage: &Stage,
    ) -> Result<(Vec<String>, Option<NextStep>), Refusal> {
        let asks: Vec<&CheckpointAsk> = Rollout::checkpoint_asks(stage).collect();
        let every = asks.first().map_or(A_DAY, |ask| ask.every);
        let day = day_of(context, stage, every);
        self.is_today(context, stage, day.as_ref().map(|(number, _)| *number))?;
        self.is_a_role(context, stage, &asks)?;
        let mut meanings: Vec<String> = day.map(|(_, told)| told).into_iter().collect();
        let owed = self.still_owed(context, stage, &asks);
        let nouns: Vec<String> = owed.iter().map(|ask| ask.noun()).collect();
        meanings
            .extend((!nouns.is_empty()).then(|| format!("still open today: {}", nouns.join(", "))));
        let next = owed.first().map(|ask| steps::checkpoint(&stage.name, ask));
        Ok((meanings, next))
    }

    /// A checkpoint is held on its day: neither before nor after it.
    fn is_today(
        &self,
        context: &DecisionContext,
        stage: &Stage,
        today: Option<usize>,
    ) -> Result<(), Refusal> {
        let (Some(given), Some(today)) = (self.day, today) else {
            return Ok(());
        };
        let name = &stage.name;
        let why = match given.cmp(&today) {
            Ordering::Equal => return Ok(()),
            Ordering::Greater => {
                format!(
                    "day {given} of {name} has not begun, it is day {today}: hold its checkpoint then"
                )
            }
            Ordering::Less => format!(
                "day {given} of {name} is over, it is day {today}: {MISSED}; record what is known of it as a note"
            ),
        };
        let command = context.command(Action::Note, &["<remark>", "--stage", name]);
        let refusal = Refusal::standing(why);
        Err(if given < today {
            refusal.command(&command)
        } else {
            refusal
        })
    }

    /// The roles are those of the plan; where it asks for distinct people, nobody speaks for two of them on one day.
    fn is_a_role(
        &self,
        context: &DecisionContext,
        stage: &Stage,
        asks: &[&CheckpointAsk],
    ) -> Result<(), Refusal> {
        let name = &stage.name;
        let roles: Vec<&str> = asks.iter().filter_map(|ask| role_of(ask)).collect();
        let Some(role) = self.role.as_deref() else {
            if roles.is_empty() || self.reviewed_issues {
                return Ok(());
            }
            let why = format!(
                "the exit of {name} asks for checkpoints by {}: say in which role",
                roles.join(", ")
            );
            return Err(commands(context, name, &roles, Refusal::usage(why)));
        };
        if roles.is_empty() {
            let why = format!(
                "nobody holds checkpoints of {name} in a role: its exit has no `checkpoints: {{roles: …}}`"
            );
            return Err(Refusal::usage(why));
        }
        if !roles.contains(&role) {
            let why = format!(
                "nobody holds checkpoints of {name} as `{role}`: its exit asks for {}",
                roles.join(", ")
            );
            return Err(commands(context, name, &roles, Refusal::usage(why)));
        }
        let distinct = asks.iter().find(|ask| ask.distinct);
        let other =
            distinct.and_then(|ask| context.rollout.held_today(name, ask.every, context.by));
        match other.filter(|other| *other != role) {
            Some(other) => Err(Refusal::standing(format!(
                "{} has held today's checkpoint of {name} as {other}, and one person can hold only one role a day: have another person hold it as {role}",
                context.by.name
            ))),
            None => Ok(()),
        }
    }

    /// What nobody has held today yet.
    fn still_owed<'a>(
        &self,
        context: &DecisionContext,
        stage: &Stage,
        asks: &[&'a CheckpointAsk],
    ) -> Vec<&'a CheckpointAsk> {
        let Some(start) = context.history().start_of(&stage.name) else {
            return Vec::new();
        };
        let open = asks.iter().filter(|ask| {
            let now = match &ask.shows {
                Attendance::Role(role) => self.role.as_ref() == Some(role),
                Attendance::IssueLog => self.reviewed_issues,
            };
            // The end of the day: what is open today is owed by then.
            let end = context.rollout.present() + ask.every;
            let held = context.rollout.checkpoints(&stage.name, ask, start, end);
            let today = number_of(start, context.rollout.present(), ask.every);
            !now && held.missed.iter().any(|day| Some(day.number) == today)
        });
        open.copied().collect()
    }
}

/// What becomes of the day of a checkpoint that is taken back.
struct Again {
    words: String,
    /// How it is held again, while its day is not over.
    step: Option<NextStep>,
}

/// Of a checkpoint in a role: whether its day is over, of which nobody can hold another one.
fn again(
    context: &DecisionContext<'_>,
    stage: Option<&str>,
    role: Option<&str>,
    entry: &Entry,
) -> Again {
    let stage = stage.and_then(|name| context.rollout.stage(name));
    let asks = stage.into_iter().flat_map(Rollout::checkpoint_asks);
    let ask = asks.into_iter().find(|ask| role_of(ask) == role);
    let known = stage.zip(ask).and_then(|(stage, ask)| {
        let start = context.history().start_of(&stage.name)?;
        let today = number_of(start, context.rollout.present(), ask.every)?;
        let day = context.rollout.day_without(&stage.name, ask, entry)?;
        Some((day, today, steps::checkpoint(&stage.name, ask)))
    });
    let words = match &known {
        Some(((day, true), ..)) => format!("day {day} has another one"),
        Some(((day, false), today, _)) if day < today => {
            format!("day {day} is over, and has none; {MISSED}")
        }
        Some(((day, false), ..)) => format!("day {day} is open until it is over, and missed then"),
        None => "its day is open until it is over, and missed then".to_owned(),
    };
    let open = known.filter(|((day, is_held), today, _)| !is_held && day == today);
    Again {
        words,
        step: open.map(|(.., step)| step),
    }
}

fn role_of(ask: &CheckpointAsk) -> Option<&str> {
    match &ask.shows {
        Attendance::Role(role) => Some(role),
        Attendance::IssueLog => None,
    }
}

fn commands(context: &DecisionContext, stage: &str, roles: &[&str], refusal: Refusal) -> Refusal {
    roles.iter().fold(refusal, |refusal, role| {
        let words = [
            "<what was seen>",
            "--checkpoint",
            "--role",
            role,
            "--stage",
            stage,
        ];
        refusal.command(&context.command(Action::Note, &words))
    })
}

/// The number of today, and `it is day 2 since the start at …`: days are counted from 1.
fn day_of(context: &DecisionContext, stage: &Stage, every: Duration) -> Option<(usize, String)> {
    let start = context.history().start_of(&stage.name)?;
    let number = number_of(start, context.rollout.present(), every)?;
    Some((
        number,
        format!("it is day {number} since the start at {start}"),
    ))
}
