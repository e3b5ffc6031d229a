//! What is shown while a watch lasts, on standard error: lasting lines, and on a terminal one block below them that is redrawn in
//! place. Must not compose words.

use std::io::Write;

use crate::cli::WatchArgs;
use crate::commands::diagnostics::say;
use crate::commands::surroundings::Surroundings;
use crate::evidence::Evidence;
use crate::report::{
    Style,
    watching::{self, AwayNow},
};
use crate::units::{Duration, Instant};

/// So often the clock is looked at while nothing is due.
pub const GLANCE: std::time::Duration = std::time::Duration::from_secs(1);

/// Lines, and the block.
pub struct Screen {
    /// How the block is laid out; `None` where there is none.
    style: Option<Style>,
    block: String,
    /// The sources that are away.
    away: Vec<AwayNow>,
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
            away: Vec::new(),
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

    /// How it stands by the last round, and which sources are away.
    pub fn show(&mut self, evidence: &Evidence, away: Vec<AwayNow>) {
        self.away = away;
        if let Some(style) = &mut self.style {
            let size = terminal_size::terminal_size_of(std::io::stderr());
            let (columns, rows) = size.map_or((80, 24), |(width, height)| {
                (usize::from(width.0), usize::from(height.0))
            });
            style.width = columns;
            // The line of the next round, the one below it, and one that was there before; and one for what is away.
            let others = 3 + usize::from(!self.away.is_empty());
            self.block = watching::block(evidence, style, rows.saturating_sub(others));
        }
    }

    /// The clock moves on: the block is drawn again.
    pub fn tick(&mut self, now: Instant, next: Instant) {
        let left = now.until(next).max(Duration::ZERO);
        self.draw(&format!("next round in {left}"));
    }

    /// Waits for the answers of a round, while the clock moves on; says who is asked.
    pub async fn beside<T>(&mut self, whom: &str, asking: impl Future<Output = T>) -> T {
        let began = std::time::Instant::now();
        let mut asking = std::pin::pin!(asking);
        loop {
            tokio::select! {
                answered = &mut asking => return answered,
                () = tokio::time::sleep(GLANCE) => {
                    self.draw(&format!("asking for {}s: {whom}", began.elapsed().as_secs()));
                }
            }
        }
    }

    /// The block, and what goes on below it.
    fn draw(&mut self, words: &str) {
        let Some(style) = &self.style else {
            return;
        };
        let below = watching::below(words, &self.away, style).join("\n");
        let lines = [self.block.as_str(), &below].into_iter();
        let lines = lines.filter(|one| !one.is_empty()).collect::<Vec<_>>();
        let text = format!("{}\n", lines.join("\n"));
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
