//! What is shown while a watch lasts, on standard error: lasting lines, and on a terminal one block below them that is redrawn in
//! place. Must not compose words.

use std::io::Write;

use crate::cli::WatchArgs;
use crate::commands::diagnostics::say;
use crate::commands::surroundings::Surroundings;
use crate::evidence::Evidence;
use crate::report::{Style, watching};
use crate::units::{Duration, Instant};

/// Lines, and the block.
pub struct Screen {
    /// How the block is laid out; `None` where there is none.
    style: Option<Style>,
    block: String,
    /// The lines on the screen that belong to the block.
    drawn: usize,
}

impl Screen {
    /// A live block only where somebody looks.
    pub fn of(arguments: &WatchArgs, surroundings: &Surroundings) -> Self {
        let is_live = surroundings.stderr.terminal && !arguments.plain && !surroundings.in_ci;
        Self {
            style: is_live.then(|| surroundings.stderr.style()),
            block: String::new(),
            drawn: 0,
        }
    }

    /// Whether there is a block.
    pub fn is_live(&self) -> bool {
        self.style.is_some()
    }

    /// A lasting line, with the time of day.
    pub fn line(&mut self, at: Instant, words: &str) {
        self.clear();
        say(&watching::at_time(at, words));
    }

    /// A report, which stays.
    pub fn report(&mut self, text: &str) {
        self.clear();
        write(&format!("{}\n", text.trim_end()));
    }

    /// How it stands by the last round.
    pub fn show(&mut self, evidence: &Evidence) {
        if let Some(style) = &mut self.style {
            let size = terminal_size::terminal_size_of(std::io::stderr());
            let (columns, rows) = size.map_or((80, 24), |(width, height)| {
                (usize::from(width.0), usize::from(height.0))
            });
            style.width = columns;
            // The line of the next round, the one below it, and one that was there before.
            self.block = watching::block(evidence, style, rows.saturating_sub(3));
        }
    }

    /// The clock moves on: the block is drawn again.
    pub fn tick(&mut self, now: Instant, next: Instant) {
        if self.style.is_none() || self.block.is_empty() {
            return;
        }
        let left = now.until(next).max(Duration::ZERO);
        let text = format!("{}\nnext round in {left}\n", self.block);
        // In one piece, so that nothing flickers.
        write(&format!("{}{text}", erase(self.drawn)));
        self.drawn = text.lines().count();
    }

    /// The block goes: what is printed then stays above the next one.
    pub fn clear(&mut self) {
        if self.drawn > 0 {
            write(&erase(self.drawn));
            self.drawn = 0;
        }
    }
}

/// Up to the first of so many lines, and everything below it erased (ECMA-48: CPL, ED).
fn erase(lines: usize) -> String {
    match lines {
        0 => String::new(),
        lines => format!("\x1b[{lines}F\x1b[J"),
    }
}

/// If standard error is closed, nobody misses it.
fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}
