//! Asking the sources what the gates of a job need. Must not judge what came back.

use crate::commands::surroundings::environment;
use crate::findings::Inquiry;
use crate::http::Pool;
use crate::samples::Question;
use crate::source::{self, Answered, Progress};
use crate::units::Instant;

use super::job::Job;

/// What is asked.
pub struct Asked<'a> {
    /// Each question once.
    pub questions: &'a [Question],
    /// What is looked up besides, each once.
    pub inquiries: &'a [Inquiry],
    /// Whether the answers are kept for a recording.
    pub keep_answers: bool,
}

/// Asks; once `stop` is ready, what has no answer was interrupted. `now` is the clock.
pub async fn ask(
    job: &Job,
    asked: Asked<'_>,
    (pool, now): (&Pool, Instant),
    show: &(dyn Fn(Progress) + Sync),
    stop: impl Future<Output = ()>,
) -> Answered {
    let request = source::Request {
        sources: &job.loaded.plan.sources,
        folder: job.loaded.folder(),
        questions: asked.questions,
        inquiries: asked.inquiries,
        keep_answers: asked.keep_answers,
        pool,
        environment: &environment,
        now,
        clock: job.clock,
    };
    source::ask(request, show, stop).await
}
