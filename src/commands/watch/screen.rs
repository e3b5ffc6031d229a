//! What is shown while a watch lasts, on standard error: lasting lines, and on a terminal one block below them that is redrawn in
//! place. Must not compose words.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::WatchArgs;
use crate::commands::diagnostics::say;
use crate::commands::surroundings::Surroundings;
use crate::evidence::Evidence;
use crate::report::{Style, watching};
use crate::units::{Duration, Instant};

/// Lines, and the block.
pub struct Screen {
    block: Option<ProgressBar>,
    shown: String,
    style: Style,
}

impl Screen {
    /// A live block only where somebody looks.
    pub fn of(arguments: &WatchArgs, surroundings: &Surroundings) -> Self {
        let is_live = surroundings.stderr.terminal && !arguments.plain && !surroundings.in_ci;
        let block = is_live.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self {
            block,
            shown: String::new(),
            style: surroundings.stderr.style(),
        }
    }

    /// Whether there is a block.
    pub fn is_live(&self) -> bool {
        self.block.is_some()
    }

    /// A lasting line, with the time of day.
    pub fn line(&self, at: Instant, words: &str) {
        let line = watching::at_time(at, words);
        match &self.block {
            Some(bar) => bar.suspend(|| say(&line)),
            None => say(&line),
        }
    }

    /// How it stands by the last round.
    pub fn show(&mut self, evidence: &Evidence) {
        if self.block.is_some() {
            let size = terminal_size::terminal_size_of(std::io::stderr());
            let (columns, rows) = size.map_or((80, 24), |(width, height)| {
                (usize::from(width.0), usize::from(height.0))
            });
            self.style.width = columns;
            // Two lines are left free: the one below the block, and the prompt's.
            self.shown = watching::block(evidence, &self.style, rows.saturating_sub(3));
        }
    }

    /// The clock moves on.
    pub fn tick(&self, now: Instant, next: Instant) {
        if let Some(bar) = &self.block {
            let left = now.until(next).max(Duration::ZERO);
            bar.set_message(format!("{}\nnext round in {left}", self.shown));
        }
    }

    /// The block goes.
    pub fn clear(&self) {
        if let Some(bar) = &self.block {
            bar.finish_and_clear();
        }
    }
}
