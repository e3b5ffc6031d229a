//! What is asked, and what comes back. Data only.

use std::path::Path;

use super::recording::Recording;
use crate::findings::{Findings, Inquiry};
use crate::http::{Clock, Pool};
use crate::plan;
use crate::samples::{Observations, Question, SourceSeen};
use crate::units::Instant;

/// What to ask, and whom.
pub struct Request<'a> {
    /// The plan's sources, in plan order.
    pub sources: &'a [plan::Source],
    /// The plan's folder, to which `*_file` settings and captured baselines are relative.
    pub folder: &'a Path,
    /// Each question once, in plan order.
    pub questions: &'a [Question],
    /// What to look up besides samples, each once, in plan order.
    pub inquiries: &'a [Inquiry],
    /// Whether the answers are kept for a recording.
    pub keep_answers: bool,
    /// What is shared with the other plans of this run.
    pub pool: &'a Pool,
    /// Reads an environment variable; used only for proxies, if the plan says `proxy_from_environment`, and for the variables of
    /// a cloud vendor whose credentials it asks for.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// When it is asked, by the clock of whoever asks: what claims to be of long after that is not believed.
    pub now: Instant,
    /// The clock that T was read from, which those of the sources are held against; `None` where T is another time.
    pub clock: Option<Clock>,
}

/// How far asking has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Questions and inquiries that have been answered.
    pub done: usize,
    /// All of them.
    pub total: usize,
}

/// What came back.
#[derive(Debug)]
pub struct Answered {
    /// One observation for each question.
    pub observations: Observations,
    /// One finding for each inquiry.
    pub findings: Findings,
    /// Every source of the plan, in plan order.
    pub sources: Vec<SourceSeen>,
    /// What the sources answered, as they sent it.
    pub recording: Recording,
}
