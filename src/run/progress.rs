//! The progress line on standard error while queries run; only in a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::surroundings::Look;

/// A line that shows how many queries are answered, and that vanishes when it is dropped.
pub struct ProgressLine(Option<ProgressBar>);

impl ProgressLine {
    /// Starts it; nothing where nobody looks or nothing is asked.
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

    /// Shows how far the asking has come.
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
