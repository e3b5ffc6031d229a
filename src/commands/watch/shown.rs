//! A round as it is sent to those who ask over HTTP. Data alone: made by `board`, read by `listen`.

use std::sync::{Arc, OnceLock};

use hyper::body::Bytes;

use crate::report::Kind;
use crate::report::watching::{self, Now};

/// What is put up.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// When the last round began, by the clock that nobody sets.
    pub began: Option<std::time::Instant>,
    /// The last round that is through.
    pub shown: Option<Arc<Shown>>,
}

/// A round, ready to be sent.
#[derive(Debug)]
pub struct Shown {
    pub metrics: Bytes,
    pub status: Bytes,
    now: Now,
    page: OnceLock<Bytes>,
}

impl Shown {
    /// With the metrics, which are also written to the file.
    pub fn of(now: Now, metrics: String) -> Self {
        Self {
            metrics: metrics.into(),
            status: watching::status(&now).into(),
            now,
            page: OnceLock::new(),
        }
    }

    /// The HTML report, made when it is first asked for.
    pub fn page(&self) -> Bytes {
        let render = || Kind::Html.render(&self.now.evidence, None, None, usize::MAX);
        self.page.get_or_init(|| render().into()).clone()
    }
}
