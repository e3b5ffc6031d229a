//! The one place that reads the clock, the environment and the terminal; everything else gets them from here.

use std::io::IsTerminal;

use crate::http::Clock;
use crate::provenance::ci_run;
use crate::report::Style;
use crate::units::Instant;

/// Width of a report without a terminal.
const PLAIN_WIDTH: usize = 100;

/// What a run knows about the world around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The clock, read once, in whole seconds: a T that people can type.
    pub now: Instant,
    /// The same clock, going on: what the dates of answers are held against.
    pub clock: Clock,
    /// How to print to standard output.
    pub stdout: Look,
    /// How to print to standard error.
    pub stderr: Look,
    /// Whether this is a job of a CI service, which begins with nothing that anybody would miss.
    pub in_ci: bool,
    /// Whether a person can be asked: standard input and standard error are a terminal.
    pub can_ask: bool,
    /// `--records`, or `GATE_RECORDS`: where records are, whatever the plan says.
    pub records: Option<String>,
}

/// How a stream is viewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether it is a terminal.
    pub terminal: bool,
    /// Whether colour is wanted (`NO_COLOR`, `CLICOLOR_FORCE`, a pipe).
    pub colour: bool,
    /// Whether lines may be drawn: on a terminal that shows Unicode.
    pub drawing: bool,
    /// In columns.
    pub width: usize,
}

impl Look {
    /// How wide messages may be where a person reads them on a terminal.
    #[must_use]
    pub fn columns(self) -> Option<usize> {
        self.terminal.then_some(self.width)
    }

    /// For the report.
    #[must_use]
    pub fn style(self) -> Style {
        Style {
            width: self.width,
            colour: self.colour,
            unicode: self.drawing,
            whole: false,
        }
    }
}

impl Surroundings {
    /// Reads them; `records` is `--records`.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn read(records: Option<&str>) -> Self {
        let colour = |choice| choice != anstream::ColorChoice::Never;
        let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
        let out_width = terminal_size::terminal_size_of(&stdout);
        let err_width = terminal_size::terminal_size_of(&stderr);
        let now = chrono::Utc::now();
        Self {
            now: Instant::from_secs(now.timestamp()),
            clock: Clock::showing(Instant::from_millis(now.timestamp_millis())),
            stdout: look(
                stdout.is_terminal(),
                colour(anstream::AutoStream::choice(&stdout)),
                out_width,
            ),
            stderr: look(
                stderr.is_terminal(),
                colour(anstream::AutoStream::choice(&stderr)),
                err_width,
            ),
            in_ci: in_ci(),
            can_ask: std::io::stdin().is_terminal() && stderr.is_terminal(),
            records: records.map(str::to_owned).or_else(|| {
                let named = environment("GATE_RECORDS");
                named.filter(|named| !named.is_empty())
            }),
        }
    }
}

impl Surroundings {
    /// The same world some time later: the clock is read again.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn later(&self) -> Self {
        let now = chrono::Utc::now();
        Self {
            now: Instant::from_secs(now.timestamp()),
            clock: Clock::showing(Instant::from_millis(now.timestamp_millis())),
            ..self.clone()
        }
    }
}

/// The columns of the terminal that shows standard error; `None` if none does.
pub fn stderr_width() -> Option<usize> {
    let stderr = std::io::stderr();
    let width = terminal_size::terminal_size_of(&stderr);
    look(stderr.is_terminal(), false, width).columns()
}

/// Most systems set `CI`; those that do not have marks of their own.
fn in_ci() -> bool {
    let is_said =
        environment("CI").is_some_and(|value| !["", "0", "false"].contains(&value.as_str()));
    is_said || ci_run(&environment).is_some()
}

fn look(
    terminal: bool,
    colour: bool,
    size: Option<(terminal_size::Width, terminal_size::Height)>,
) -> Look {
    let width = size.map_or(PLAIN_WIDTH, |(width, _)| usize::from(width.0));
    Look {
        terminal,
        colour,
        drawing: (terminal || colour) && shows_unicode(),
        width,
    }
}

/// A locale that is set and is not UTF-8 cannot show a trend line.
fn shows_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(environment)
        .find(|value| !value.is_empty());
    locale.is_none_or(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

/// An environment variable; `None` if it is unset or not Unicode.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
