//! The samples of a walk: a line for each series, `a|b` in a label for several, indented lines for other levels.
//!
//! `counter KEY RATE` per second, `gauge KEY LEVEL`, `age KEY SECONDS` (a timestamp that long ago),
//! `histogram KEY RATE MEDIAN`. Must not know what the samples mean.

use gate::units::Instant;

use crate::support::exposition::Series;
use crate::support::kpis::END;
use crate::support::kpis::recorder::Recorder;

/// Bounds of a histogram's buckets, in medians.
const BOUNDS: [f64; 8] = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 8.0];

/// A moment such as `2026-11-20 10:00`, in seconds since the epoch.
pub fn moment(text: &str) -> i64 {
    let whole = format!("{}:00Z", text.trim().replace(' ', "T"));
    let instant = Instant::parse(&whole).unwrap_or_else(|error| panic!("{text}: {error}"));
    instant.millis() / 1000
}

/// A level that changes for some time.
struct Level {
    usual: f64,
    /// From, to, and the level meanwhile.
    other: Vec<(i64, i64, f64)>,
}

impl Level {
    fn at(&self, ago: i64) -> f64 {
        let at = END - ago;
        let other = self
            .other
            .iter()
            .find(|(from, to, _)| (*from..*to).contains(&at));
        other.map_or(self.usual, |(_, _, level)| *level)
    }
}

/// The series that the text describes.
pub fn read(text: &str) -> Vec<Series> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut lines = lines
        .by_ref()
        .skip_while(|line| line.starts_with('#'))
        .peekable();
    let mut recorder = recorder(lines.next().expect("every … from … to …"));
    while let Some(line) = lines.next() {
        let mut level = Level {
            usual: 0.0,
            other: Vec::new(),
        };
        while let Some(other) = lines.next_if(|line| line.starts_with(' ')) {
            level.other.push(other_level(other));
        }
        record(&mut recorder, line, level);
    }
    recorder.finish()
}

fn recorder(line: &str) -> Recorder {
    let (step, span) = line.split_once("s from ").expect("every …s from …");
    let step = step
        .strip_prefix("every ")
        .and_then(|step| step.parse().ok());
    let (from, to) = span.split_once(" to ").expect("… to …");
    Recorder::new(
        step.expect("seconds"),
        &[(END - moment(from), END - moment(to))],
    )
}

fn other_level(line: &str) -> (i64, i64, f64) {
    let (span, level) = line.rsplit_once(": ").expect("…: level");
    let (from, to) = span.split_once(" to ").expect("… to …");
    (moment(from), moment(to), number(level))
}

fn number(text: &str) -> f64 {
    text.trim()
        .parse()
        .unwrap_or_else(|_| panic!("{text} is a number"))
}

fn record(recorder: &mut Recorder, line: &str, mut level: Level) {
    let mut words = line.split_whitespace();
    let (kind, key) = words.next().zip(words.next()).expect("a kind and a key");
    let numbers: Vec<f64> = words.map(number).collect();
    level.usual = *numbers.last().expect("a level");
    for key in each(key) {
        match kind {
            "counter" => recorder.counter(&key, |ago| level.at(ago)),
            "gauge" => recorder.gauge(&key, |ago| level.at(ago)),
            "age" => recorder.gauge(&key, |ago| seconds(END - ago) - level.at(ago)),
            "histogram" => {
                let (name, labels) = key.split_once('{').expect("labels");
                let labels = labels.trim_end_matches('}');
                let bounds = BOUNDS.map(|bound| bound * level.usual);
                recorder.histogram(name, labels, &bounds, numbers[0], |ago| level.at(ago));
            }
            _ => panic!("{line}"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a Unix time in seconds")]
fn seconds(at: i64) -> f64 {
    at as f64
}

/// `x{a="1|2"}` as `x{a="1"}` and `x{a="2"}`.
fn each(key: &str) -> Vec<String> {
    let several = |value: &&str| value.contains('|');
    let Some(values) = key.split('"').find(several) else {
        return vec![key.to_owned()];
    };
    let one = |value: &str| each(&key.replacen(values, value, 1));
    values.split('|').flat_map(one).collect()
}
