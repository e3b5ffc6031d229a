//! One round of a watch: the plan and the ledger as they are, the sources asked, the gates judged. Must not record, print or decide
//! what follows.

use std::collections::BTreeSet;

use crate::cli::CheckArgs;
use crate::commands::interrupt::Interrupt;
use crate::commands::judging::ask::{Asked, ask};
use crate::commands::judging::evidence::judged;
use crate::commands::judging::job::Job;
use crate::commands::judging::known_part;
use crate::evaluate;
use crate::evidence::Evidence;
use crate::findings::Findings;
use crate::http::Pool;
use crate::samples::{FailureCode, Observations, Origin, Question, SourceSeen};
use crate::source::{Answered, Progress, recorded};
use crate::units::{Duration, Instant};
use crate::watch::{Differs, Memory, Pace, Verdicts};

/// What a round found.
pub struct Seen {
    /// As a check would have it.
    pub evidence: Evidence,
    /// What came back; of a round that asked for everything, so that it can be recorded.
    pub answered: Option<Answered>,
    /// How many questions and inquiries were sent.
    pub asked: usize,
    /// How many points came back.
    pub points: usize,
    /// The sources that did not answer.
    pub away: BTreeSet<String>,
    /// Where a whole answer differs from what was known.
    pub differs: Vec<Differs>,
    /// Up to when what was measured before still speaks against a gate, where its source is away: nothing is recorded for that.
    pub known_up_to: Option<Instant>,
    /// Whether it ended before everything was answered.
    pub was_cut: bool,
}

impl Seen {
    /// The verdict of each gate that is watched.
    pub fn verdicts(&self) -> Verdicts {
        verdicts(&self.evidence)
    }
}

/// The verdict of each gate that decides.
pub fn verdicts(evidence: &Evidence) -> Verdicts {
    let gates = evidence.deciding();
    gates.map(|gate| (gate.name(), gate.verdict)).collect()
}

/// Asks, with what earlier rounds know.
pub struct Asker<'a> {
    pub memory: &'a mut Memory,
    pub pace: &'a mut Pace,
    pub overlap: Duration,
    /// What asking ends with; `None` where it has to be seen through.
    pub interrupt: Option<&'a Interrupt>,
    /// Until when answers are waited for at most.
    pub until: Option<std::time::Instant>,
    /// The clock.
    pub now: Instant,
}

impl Asker<'_> {
    /// Asks for what is new, and judges.
    pub async fn newest(&mut self, job: &Job) -> Seen {
        let questions = evaluate::questions(&job.loaded.plan, &job.request);
        let at = job.request.at;
        let mut to_ask = self.memory.to_ask(&questions, at, self.overlap);
        let spared = self.pace.spare(&mut to_ask, at);
        let mut answered = self.ask(job, &to_ask, false).await;
        self.pace.tried(&answered.observations, at);
        answered.observations.extend(spared);
        let (points, away) = (points(&answered.observations), away(&answered));
        let (asked, was_cut) = (to_ask.len() + answered.findings.len(), was_cut(&answered));
        let Answered {
            observations,
            findings,
            sources,
            ..
        } = answered;
        let mut observations = self.memory.join(&questions, observations, at, self.overlap);
        let mut evidence = Self::judged(job, &observations, &findings, sources.clone());
        let known_up_to = match self.stand_in(&mut observations) {
            Some((up_to, failed)) => {
                let known = Self::judged(job, &observations, &findings, sources);
                observations.extend(failed);
                known_part::stays(&mut evidence, known, up_to).then_some(up_to)
            }
            None => None,
        };
        self.memory.keep(observations);
        Seen {
            evidence,
            answered: None,
            asked,
            points,
            away,
            differs: Vec::new(),
            known_up_to,
            was_cut,
        }
    }

    /// Puts what is known in the place of what sources that are away did not answer. Returns the newest time of it, and the failures.
    fn stand_in(&self, observations: &mut Observations) -> Option<(Instant, Observations)> {
        let mut failed = Observations::new();
        let mut up_to: Option<Instant> = None;
        for (question, answer) in observations {
            let is_away = answer
                .as_ref()
                .is_err_and(|failure| failure.code.is_of_the_source());
            if is_away && let Some((known, newest)) = self.memory.known(question) {
                failed.insert(question.clone(), std::mem::replace(answer, Ok(known)));
                up_to = up_to.max(Some(newest));
            }
        }
        Some((up_to?, failed))
    }

    /// Asks for everything, as a check does, and judges; no round before or after it matters.
    pub async fn all(&mut self, job: &Job) -> (Evidence, Answered) {
        let questions = evaluate::questions(&job.loaded.plan, &job.request);
        let mut answered = self.ask(job, &questions, job.keep_answers).await;
        recorded::complete(&mut answered.observations, &questions);
        let sources = answered.sources.clone();
        let evidence = Self::judged(job, &answered.observations, &answered.findings, sources);
        (evidence, answered)
    }

    /// Asks for everything, as a check does, and judges. The memory has to be given what was answered, recorded or not.
    pub async fn whole(&mut self, job: &Job) -> Seen {
        let (evidence, answered) = self.all(job).await;
        self.pace.tried(&answered.observations, job.request.at);
        let differs = self.memory.replace(&answered.observations, self.overlap);
        Seen {
            evidence,
            asked: answered.observations.len() + answered.findings.len(),
            points: points(&answered.observations),
            away: away(&answered),
            was_cut: was_cut(&answered),
            differs,
            answered: Some(answered),
            known_up_to: None,
        }
    }

    fn judged(
        job: &Job,
        observations: &Observations,
        findings: &Findings,
        sources: Vec<SourceSeen>,
    ) -> Evidence {
        let recorded_at = job.occasion.as_ref().map(|occasion| occasion.at);
        judged(job, recorded_at, observations, findings, sources)
    }

    /// A pool of its own: what was lost in an earlier round is tried again.
    async fn ask(&self, job: &Job, questions: &[Question], keep_answers: bool) -> Answered {
        let inquiries = evaluate::inquiries(&job.loaded.plan, &job.request);
        let asked = Asked {
            questions,
            inquiries: &inquiries,
            keep_answers,
        };
        let silent = |_: Progress| ();
        let pool = Pool::default();
        let interrupted = async {
            match self.interrupt {
                Some(interrupt) => interrupt.wait().await,
                None => std::future::pending().await,
            }
        };
        let over = async {
            match self.until {
                Some(until) => tokio::time::sleep_until(until.into()).await,
                None => std::future::pending().await,
            }
        };
        let stop = async {
            tokio::select! {
                () = interrupted => {}
                () = over => {}
            }
        };
        ask(job, asked, (&pool, self.now), &silent, stop).await
    }
}

fn points(observations: &Observations) -> usize {
    let replies = observations.values().filter_map(|one| one.as_ref().ok());
    let series = replies.flat_map(|reply| &reply.series);
    series.map(|series| series.points.len()).sum()
}

/// Whether something was not waited for.
pub fn was_cut(answered: &Answered) -> bool {
    let observed = answered.observations.values().map(|one| one.as_ref().err());
    let found = answered.findings.values().map(|one| one.as_ref().err());
    let mut failures = observed.chain(found).flatten();
    failures.any(|failure| failure.code == FailureCode::Interrupted)
}

/// The sources that left a question unanswered for a reason of their own.
fn away(answered: &Answered) -> BTreeSet<String> {
    let failed = answered.observations.iter().filter_map(|(question, one)| {
        let failure = one.as_ref().err()?;
        match (&question.origin, failure.code.is_of_the_source()) {
            (Origin::Source(name), true) => Some(name.clone()),
            (Origin::Source(_) | Origin::File(_), _) => None,
        }
    });
    failed.collect()
}

/// The arguments of the check that a round is.
pub fn arguments(
    of_watch: &CheckArgs,
    gates: Vec<crate::kind::GateName>,
    plan: Option<&[u8]>,
) -> CheckArgs {
    CheckArgs {
        gates,
        read_before: plan.map(<[u8]>::to_vec),
        ledger_before: None,
        otherwise: of_watch.otherwise,
        plans: of_watch.plans.clone(),
        started: of_watch.started,
        vars: of_watch.vars.clone(),
        source: of_watch.source.clone(),
        evidence: of_watch.evidence.clone(),
        by: of_watch.by.clone(),
        reports: of_watch.reports.clone(),
        trust: of_watch.trust.clone(),
        no_answers: of_watch.no_answers,
        no_ledger: of_watch.no_ledger,
        format: of_watch.format,
        force: of_watch.force,
        ..CheckArgs::default()
    }
}
