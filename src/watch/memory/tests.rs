//! Rounds that ask for the newest points alone know what a round that asks for everything would, wherever samples older than the overlap
//! stay as they are.

use proptest::prelude::*;

use super::*;
use crate::samples::Origin;

const STEP: i64 = 60;
const OVERLAP: Duration = Duration::from_secs(600);

fn secs(seconds: i64) -> Instant {
    Instant::from_secs(seconds)
}

fn labels(name: &str) -> Labels {
    let pair = ("site".to_owned(), name.to_owned());
    Labels::from_iter([pair])
}

fn question(from: i64, to: i64) -> Question {
    let grid = Grid::inside(secs(from), secs(to), Duration::from_secs(STEP));
    Question {
        origin: Origin::Source("main".to_owned()),
        query: "errors".to_owned(),
        asked: Asked::Range(grid.expect("a grid")),
    }
}

/// What a source has: points by series and time.
#[derive(Debug, Clone, Default, PartialEq)]
struct Source(BTreeMap<(String, i64), f64>);

impl Source {
    fn has(&mut self, series: &str, times: impl IntoIterator<Item = i64>, value: f64) {
        for at in times {
            self.0.insert((series.to_owned(), at), value);
        }
    }

    fn loses(&mut self, series: &str, times: impl IntoIterator<Item = i64>) {
        for at in times {
            self.0.remove(&(series.to_owned(), at));
        }
    }

    /// What it answers: the points on the grid, a series with none left out.
    fn answer(&self, question: &Question) -> Reply {
        let Asked::Range(grid) = question.asked else {
            panic!("{question:?}")
        };
        let mut series: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
        for ((name, at), value) in &self.0 {
            let at = secs(*at);
            if grid.position(at).is_some() {
                let value = *value;
                series.entry(name).or_default().push(Point { at, value });
            }
        }
        let series = series.into_iter().map(|(name, points)| Series {
            labels: labels(name),
            points,
        });
        Reply {
            series: series.collect(),
            ..Reply::default()
        }
    }

    fn answers(&self, questions: &[Question]) -> Observations {
        let one = |question: &Question| (question.clone(), Ok(self.answer(question)));
        questions.iter().map(one).collect()
    }
}

/// A watch that asks a source.
#[derive(Default)]
struct Watch {
    memory: Memory,
    source: Source,
}

impl Watch {
    fn whole(&mut self, questions: &[Question]) -> Vec<Differs> {
        let whole = self.source.answers(questions);
        let differs = self.memory.replace(&whole, OVERLAP);
        self.memory.keep(whole);
        differs
    }

    /// The questions that were sent, and what was known then.
    fn newest(&mut self, questions: &[Question], at: i64) -> (Vec<Question>, Observations) {
        let asked = self.memory.to_ask(questions, secs(at), OVERLAP);
        let answers = self.source.answers(&asked);
        let joined = self.memory.join(questions, answers, secs(at), OVERLAP);
        self.memory.keep(joined.clone());
        (asked, joined)
    }

    /// Asserts that a round that asks for the newest points knows what is there.
    #[track_caller]
    fn knows(&mut self, questions: &[Question], at: i64) -> Vec<Question> {
        let (asked, joined) = self.newest(questions, at);
        assert_eq!(sorted(&joined), sorted(&self.source.answers(questions)));
        asked
    }
}

/// The order of series says nothing.
fn sorted(observations: &Observations) -> Observations {
    let mut sorted = observations.clone();
    for reply in sorted.values_mut().flatten() {
        reply
            .series
            .sort_by(|one, other| one.labels.cmp(&other.labels));
    }
    sorted
}

/// A watch that has asked for everything until two hours, and has seen a series there.
fn begun() -> Watch {
    let mut watch = Watch::default();
    watch.source.has("BER1", (0..=7200).step_by(60), 0.5);
    assert_eq!(watch.whole(&[question(0, 7200)]), []);
    watch
}

#[test]
fn w4_what_has_no_answer_is_no_empty_answer() {
    let (at, question) = (secs(600), question(0, 600));
    let questions = [question.clone()];
    let joined = Memory::default().join(&questions, Observations::new(), at, Duration::ZERO);
    assert!(joined[&question].is_err(), "{joined:?}");
}

#[test]
fn w4_only_the_newest_points_are_asked_again() {
    let mut watch = begun();
    watch.source.has("BER1", [7260], 0.6);
    let asked = watch.knows(&[question(0, 7260)], 7260);
    assert_eq!(asked, [question(7200 - 600, 7260)]);
}

#[test]
fn w4_late_points_and_points_that_are_gone_or_changed_within_the_overlap_are_seen() {
    let mut watch = begun();
    watch.source.loses("BER1", [7200, 7140, 7080]);
    watch.knows(&[question(0, 7260)], 7260);
    // Late: the newest that is known lies further back by now, and so does what is asked.
    watch.source.has("BER1", (7080..=7260).step_by(60), 0.7);
    watch.knows(&[question(0, 7320)], 7320);
    watch.source.has("BER1", [6720, 6780], 9.0);
    watch.knows(&[question(0, 7320)], 7320);
}

#[test]
fn w4_series_appear_and_vanish() {
    let mut watch = begun();
    watch.source.has("HAM1", (7200..=7260).step_by(60), 2.0);
    watch.source.has("BER1", [7260], 0.5);
    watch.knows(&[question(0, 7260)], 7260);
    watch.source.loses("HAM1", (7200..=7260).step_by(60));
    watch.knows(&[question(0, 7320)], 7320);
    // Of a series that ended the old points stay, without a further one.
    let mut watch = begun();
    watch.source.has("MUC1", (6000..=6600).step_by(60), 1.0);
    assert_eq!(watch.whole(&[question(0, 7200)]).len(), 1);
    watch.source.has("BER1", (7260..=9000).step_by(60), 0.5);
    watch.knows(&[question(0, 9000)], 9000);
}

#[test]
fn w4_a_window_or_a_baseline_that_moves_lets_go_of_what_it_leaves() {
    let mut watch = begun();
    let moved = |by: i64| [question(by, 3600 + by), question(3600 + by, 7200 + by)];
    assert_eq!(watch.whole(&moved(0)), []);
    watch.source.has("BER1", (7260..=7560).step_by(60), 0.5);
    let asked = watch.knows(&moved(60), 7260);
    let covered: i64 = asked.iter().map(count).sum();
    assert!(covered <= 2 * 13, "{asked:?}");
    watch.knows(&moved(360), 7560);
    assert_eq!(watch.memory.samples(), 2 * 61);
    // It has gone on by more than it is long.
    watch.source.has("BER1", (7620..=30_000).step_by(60), 0.5);
    let far = [question(20_000, 23_600), question(26_000, 30_000)];
    assert_eq!(watch.knows(&far, 30_000), far);
}

fn count(question: &Question) -> i64 {
    let Asked::Range(grid) = question.asked else {
        return 0;
    };
    i64::try_from(grid.count()).expect("few points")
}

#[test]
fn w4_a_window_that_begins_later_after_a_resume_lets_go_of_what_was_before() {
    let mut watch = begun();
    watch.source.has("BER1", [7260], 0.5);
    let asked = watch.knows(&[question(5000, 7260)], 7260);
    assert_eq!(asked, [question(7200 - 600, 7260)]);
    assert_eq!(watch.memory.samples(), 38);
    // One that reaches further back than what is known is asked for as a whole.
    let further = question(0, 7260);
    assert_eq!(watch.knows(std::slice::from_ref(&further), 7260), [further]);
}

#[test]
fn w4_a_fixed_range_is_asked_once() {
    let mut watch = begun();
    let fixed = question(0, 3600);
    let both = |to: i64| [fixed.clone(), question(0, to)];
    watch.whole(&both(7200));
    watch.source.has("BER1", [7260], 0.5);
    let asked = watch.knows(&both(7260), 7260);
    assert!(!asked.contains(&fixed) && asked.len() == 1, "{asked:?}");
    // What two windows have in common is known to both.
    let two = [question(0, 7320), question(6000, 7320), fixed.clone()];
    watch.source.has("BER1", [7320], 0.5);
    assert_eq!(watch.knows(&two, 7320), [question(7260 - 600, 7320)]);
}

#[test]
fn w4_a_query_that_depends_on_its_range_is_asked_as_a_whole() {
    let of = |to: i64| Question {
        query: "errors @ start()".to_owned(),
        ..question(0, to)
    };
    let mut watch = begun();
    watch.whole(&[of(7200)]);
    assert_eq!(watch.knows(&[of(7260)], 7260), [of(7260)]);
}

#[test]
fn w7_of_a_source_that_is_away_what_is_known_stays() {
    let mut watch = begun();
    let known = watch.memory.samples();
    let questions = [question(0, 7260)];
    let asked = watch.memory.to_ask(&questions, secs(7260), OVERLAP);
    let away = |asked: &Question| (asked.clone(), Err(unasked()));
    let answers: Observations = asked.iter().map(away).collect();
    let joined = watch.memory.join(&questions, answers, secs(7260), OVERLAP);
    assert!(joined[&questions[0]].is_err());
    watch.memory.keep(joined);
    assert_eq!(watch.memory.samples(), known);
    let whole: Observations = questions.iter().map(away).collect();
    assert_eq!(watch.memory.replace(&whole, OVERLAP), []);
    watch.memory.keep(whole);
    watch.source.has("BER1", (7260..=7380).step_by(60), 0.5);
    watch.knows(&[question(0, 7380)], 7380);
}

#[test]
fn w7_what_is_known_of_a_source_that_is_away_outlasts_whole_rounds() {
    let mut watch = begun();
    let known = watch.memory.samples();
    for to in [7260, 7320, 7380] {
        let longer = question(0, to);
        let whole = Observations::from([(longer.clone(), Err(unasked()))]);
        assert_eq!(watch.memory.replace(&whole, OVERLAP), []);
        watch.memory.keep(whole);
        assert_eq!(watch.memory.samples(), known, "{to}");
        let (reply, newest) = watch.memory.known(&longer).expect("what was measured");
        assert_eq!((reply.series[0].points.len(), newest), (known, secs(7200)));
    }
    // Once it is back, the newest points are enough.
    watch.source.has("BER1", (7260..=7440).step_by(60), 0.5);
    let asked = watch.knows(&[question(0, 7440)], 7440);
    assert_eq!(asked, [question(7200 - 600, 7440)]);
    // A whole answer takes the place of what was known, and so does a question that is asked instead.
    watch.whole(&[question(0, 7440)]);
    assert_eq!(watch.memory.samples(), 7440 / 60 + 1);
    let other = Question {
        query: "others".to_owned(),
        ..question(7140, 7440)
    };
    watch.whole(&[other]);
    assert_eq!(watch.memory.samples(), 6);
}

#[test]
fn w5_a_whole_answer_says_where_older_points_have_changed_and_nowhere_else() {
    let differs = |change: &dyn Fn(&mut Source)| {
        let mut watch = begun();
        watch.source.has("BER1", [7260], 0.5);
        change(&mut watch.source);
        let mut found = watch.whole(&[question(120, 7260)]);
        assert!(found.len() <= 1, "{found:?}");
        let found = found.pop()?;
        assert_eq!(found.question, question(0, 7200));
        Some((found.points, found.from, found.to))
    };
    // What was measured since, what has left the window, and what is asked again anyway.
    assert_eq!(differs(&|_| ()), None);
    assert_eq!(differs(&|source| source.has("BER1", [60], 9.0)), None);
    assert_eq!(
        differs(&|source| source.has("BER1", [6600, 7200], 9.0)),
        None
    );
    let changed = |source: &mut Source| source.has("BER1", [1200, 1260, 6540], 9.0);
    assert_eq!(differs(&changed), Some((3, secs(1200), secs(6540))));
    let gone = |source: &mut Source| source.loses("BER1", [1200]);
    assert_eq!(differs(&gone), Some((1, secs(1200), secs(1200))));
    let another = |source: &mut Source| source.has("HAM1", [1200, 1500, 7000], 9.0);
    assert_eq!(differs(&another), Some((2, secs(1200), secs(1500))));
    let not_a_number = |source: &mut Source| source.has("BER1", [1200], f64::NAN);
    assert_eq!(differs(&not_a_number), Some((1, secs(1200), secs(1200))));
}

/// What happens to samples between two rounds: a series, from how long ago to how long ago, and the value; `None` if they vanish.
type Change = (usize, i64, i64, Option<u8>);

const NAMES: [&str; 3] = ["BER1", "HAM1", "MUC1"];

fn apply(source: &mut Source, now: i64, changes: &[Change]) {
    for (series, from, to, value) in changes {
        let times = (now - from.max(to) * STEP..=now - from.min(to) * STEP).step_by(60);
        match value {
            Some(value) => source.has(NAMES[*series], times, f64::from(*value)),
            None => source.loses(NAMES[*series], times),
        }
    }
}

fn change(furthest: i64) -> impl Strategy<Value = Change> {
    (0..3_usize, 0..=furthest, 0..=furthest, any::<Option<u8>>())
}

/// Rounds: so many minutes after the one before, what changed meanwhile, and whether the source is away.
fn history(furthest: i64) -> impl Strategy<Value = Vec<(i64, Vec<Change>, bool)>> {
    let round = (
        0..5_i64,
        prop::collection::vec(change(furthest), 0..4),
        prop::bool::weighted(0.1),
    );
    prop::collection::vec(round, 1..12)
}

/// A window that grows and one that moves, beside each other.
fn asked(now: i64) -> [Question; 2] {
    let start = 60_000;
    [question(start, now), question(now - 3600, now)]
}

impl Watch {
    fn round(&mut self, now: i64, is_away: bool) -> Observations {
        let questions = asked(now);
        let to_ask = self.memory.to_ask(&questions, secs(now), OVERLAP);
        let answers = if is_away {
            let failed = to_ask.iter().map(|one| (one.clone(), Err(unasked())));
            failed.collect()
        } else {
            self.source.answers(&to_ask)
        };
        let joined = self.memory.join(&questions, answers, secs(now), OVERLAP);
        self.memory.keep(joined.clone());
        joined
    }
}

proptest! {
    /// Whatever happens, a whole round at the end is what a whole round alone would be.
    #[test]
    fn w5_any_history_ends_with_what_a_whole_round_says(rounds in history(90)) {
        let (mut watch, mut now) = (Watch::default(), 63_600);
        watch.source.has("BER1", (now - 3600..=now).step_by(60), 1.0);
        watch.whole(&asked(now));
        for (minutes, changes, is_away) in rounds {
            now += minutes * STEP;
            apply(&mut watch.source, now, &changes);
            watch.round(now, is_away);
        }
        watch.whole(&asked(now));
        let mut alone = Watch { source: watch.source.clone(), ..Watch::default() };
        alone.whole(&asked(now));
        prop_assert_eq!(&watch.memory.replies, &alone.memory.replies);
        // And nothing has changed since.
        prop_assert_eq!(watch.whole(&asked(now)), []);
    }

    /// Where samples change no further back than the overlap, every round knows what a whole one would, but while the source is away.
    #[test]
    fn w4_what_changes_within_the_overlap_is_seen_in_each_round(rounds in history(5)) {
        let (mut watch, mut now) = (Watch::default(), 63_600);
        watch.source.has("BER1", (now - 3600..=now).step_by(60), 1.0);
        watch.whole(&asked(now));
        for (minutes, changes, _) in rounds {
            now += minutes * STEP;
            apply(&mut watch.source, now, &changes);
            let joined = watch.round(now, false);
            prop_assert_eq!(sorted(&joined), sorted(&watch.source.answers(&asked(now))));
        }
    }
}
