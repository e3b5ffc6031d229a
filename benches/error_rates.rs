//! How often `at 95%` is wrong, and how often it finds what is there, by the judge of every check: canaries whose truth is known, from
//! kept seeds. Prints the tables of docs/statistics.md and fails where a promise is broken.
//!
//! ```text
//! cargo bench --bench error_rates               # 1000 runs of 2 hours, 500 of a day
//! cargo bench --bench error_rates -- 200 50     # 200 and 50
//! cargo bench --bench error_rates -- A D        # only these scenarios
//! ```
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that cannot run fails"
)]

#[path = "../tests/compare/simulate.rs"]
#[allow(dead_code, reason = "tests use the rest")]
mod simulate;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant as Clock;

use simulate::{Ends, SCENARIOS, Scenario, ends};

/// What a scenario has to keep to.
struct Promise {
    letter: &'static str,
    /// Runs with a canary that is no worse which are unmet at any look, in percent.
    false_alarms: f64,
    /// Runs with a canary that is worse by twice the margin which are found at the end: as the rules were designed, give or take 5.
    found: f64,
}

/// Of canaries at the margin, as many may be met: 5% are promised, and chance has its share in so many runs.
const MOST_MET: f64 = 7.0;
const PROMISES: [Promise; 6] = [
    of("A", 1.0, 98.0),
    of("C", 2.0, 69.0),
    of("D", 1.0, 55.0),
    // 69 were expected where every minute counts. One in which a side has no request is no pair (C2), which costs E a seventh of its
    // events: otherwise the errors of an incident that the canary slept through would speak for the canary.
    of("E", 1.0, 64.0),
    of("F", 1.0, 99.0),
    of("H", 1.0, 99.0),
];

const fn of(letter: &'static str, false_alarms: f64, found: f64) -> Promise {
    Promise {
        letter,
        false_alarms,
        found,
    }
}

/// A scenario's runs, with a canary as good as the control, at the margin, and worse by twice and four times the margin.
struct Row {
    same: Ends,
    at_margin: Ends,
    twice: Ends,
    four_times: Ends,
}

fn main() {
    // `cargo test --benches` only checks that this builds.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let words: Vec<String> = std::env::args().collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let short = numbers.first().copied().unwrap_or(1000);
    let long = numbers.get(1).copied().unwrap_or(short / 2);
    let named = |scenario: &&Scenario| words.iter().any(|word| word == scenario.letter);
    let some: Vec<&Scenario> = SCENARIOS.iter().filter(named).collect();
    let chosen = if some.is_empty() {
        SCENARIOS.iter().collect()
    } else {
        some
    };
    println!(
        "{short} runs of 2 hours, looked at every 5 minutes, and {long} of a day, every hour\n"
    );
    println!(
        "| in % of runs | at the margin: passed | failed | failed at some look | the same: passed | failed at some look | twice: passed | found | four times: found, ever, after |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let (mut broken, begin) = (Vec::new(), Clock::now());
    for scenario in chosen {
        let runs = if scenario.is_long() { long } else { short };
        let row = row(scenario, runs);
        println!("{}", row.line(scenario));
        let promise = PROMISES.iter().find(|one| one.letter == scenario.letter);
        broken.extend(promise.map_or_else(Vec::new, |promise| row.breaks(promise)));
    }
    println!("\nin {:.0} s", begin.elapsed().as_secs_f64());
    assert!(broken.is_empty(), "{broken:#?}");
}

fn row(scenario: &Scenario, runs: usize) -> Row {
    Row {
        same: ends(scenario, 0.0, runs, true),
        at_margin: ends(scenario, 1.0, runs, true),
        twice: ends(scenario, 2.0, runs, false),
        four_times: ends(scenario, 4.0, runs, true),
    }
}

impl Row {
    fn line(&self, scenario: &Scenario) -> String {
        let Self {
            same,
            at_margin,
            twice,
            four_times,
        } = self;
        let after = four_times
            .median()
            .map_or_else(String::new, |minutes| format!(", {minutes}m"));
        format!(
            "| {}: {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0}, {:.0}{after} |",
            scenario.letter,
            scenario.words,
            at_margin.met(),
            at_margin.unmet(),
            at_margin.ever(),
            same.met(),
            same.ever(),
            twice.met(),
            twice.unmet(),
            four_times.unmet(),
            four_times.ever(),
        )
    }

    fn breaks(&self, promise: &Promise) -> Vec<String> {
        let found = self.twice.unmet();
        let kept = [
            ("passed at the margin", self.at_margin.met(), MOST_MET),
            (
                "the same, failed at some look",
                self.same.ever(),
                promise.false_alarms,
            ),
            ("twice, found: off by", (found - promise.found).abs(), 5.0),
        ];
        let broken = kept.iter().filter(|(_, seen, most)| seen > most);
        broken
            .map(|(what, seen, most)| {
                format!("{}: {what} {seen:.1}, at most {most}", promise.letter)
            })
            .collect()
    }
}
