//! The progress line on standard error while queries run; only in a terminal.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::surroundings::Look;
use crate::source::Progress;

/// A line that shows how far a run of several plans has come; dropping it removes the line.
pub struct PlansLine {
    bar: Option<ProgressBar>,
    answered: AtomicUsize,
}

impl PlansLine {
    /// Starts it; shows nothing if nobody is looking or there is only one plan.
    #[must_use]
    pub fn start(look: Look, plans: usize) -> Self {
        let line = (look.terminal && plans > 1).then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(plans as u64), ProgressDrawTarget::stderr());
            let style = "{pos} of {len} plans judged, {msg} queries answered {elapsed}";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.with_message("0")
        });
        Self {
            bar: line,
            answered: AtomicUsize::new(0),
        }
    }

    /// Whether it shows nothing.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.bar.is_none()
    }

    /// Adds the progress of one plan, which comes one question at a time.
    pub fn answered(&self, seen: Progress) {
        if let Some(bar) = self.bar.as_ref().filter(|_| seen.done > 0) {
            let answered = self.answered.fetch_add(1, Relaxed) + 1;
            bar.set_message(answered.to_string());
        }
    }

    /// One more plan is judged and recorded.
    pub fn judged(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Prints without tearing the line.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for PlansLine {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A line that shows how many queries are answered; dropping it removes the line.
pub struct ProgressLine(Option<ProgressBar>);

impl ProgressLine {
    /// Starts it; shows nothing if nobody is looking or nothing is asked.
    #[must_use]
    pub fn start(look: Look, plan: &str, total: usize) -> Self {
        if !look.terminal || total == 0 {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{prefix}: {pos} of {len} questions answered {elapsed}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(crate::report::escape(plan));
        Self(Some(bar))
    }

    /// Shows how far asking has come.
    pub fn show(&self, done: usize) {
        if let Self(Some(bar)) = self {
            bar.set_position(done as u64);
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Self(Some(bar)) = self {
            bar.finish_and_clear();
        }
    }
}
