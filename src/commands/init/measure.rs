//! What a candidate measures (I4, I7): how often samples come, how far back they go, and whether each candidate answers as a KPI has to.
//! Must not decide what a plan says.

use super::Unwritten;
use super::setting::Setting;
use crate::commands::interrupt::Interrupt;
use crate::commands::surroundings::Surroundings;
use crate::http::Pool;
use crate::init::{Candidate, Comparison, Measure, Scope, equals};
use crate::samples::{Asked, Grid, Observations, Origin, Question, Reply};
use crate::source;
use crate::units::{Duration, Instant};

/// Over which time each candidate has to answer.
const LOOKED_AT: Duration = Duration::from_secs(3600);
/// Over how long samples are counted; a second short, because older servers count both ends of a range.
const COUNTED_FIRST: Duration = Duration::from_secs(599);
/// The same where samples come too seldom for that.
const COUNTED: [Duration; 2] = [COUNTED_FIRST, Duration::from_secs(3599)];
/// So many scrapes lie in a step: one that is late or lost leaves no gap.
const SCRAPES: i64 = 4;
/// Steps that people read easily, in seconds.
const STEPS: [i64; 7] = [60, 120, 300, 600, 900, 1800, 3600];
/// The share of the points that have to be measured.
const COVERAGE: f64 = 0.9;
/// The share of the points at which a percentile may lie beyond the last bucket.
const BEYOND: f64 = 0.1;
/// How much more of the past is looked at than limits are taken from: a week before and the longest window that is tried.
const BEFORE: Duration = Duration::from_secs(7 * 86_400 + 6 * 3600);
/// How exactly the first sample is found.
const EXACTLY: Duration = Duration::from_secs(900);

/// What is asked of whom.
pub(super) struct Asking<'a> {
    pub setting: &'a Setting,
    pub matchers: &'a [String],
    pub sites: Option<&'a (String, Vec<String>)>,
    pub surroundings: &'a Surroundings,
}

/// A metric that is looked at.
pub(super) struct Looked {
    pub candidate: Candidate,
    /// Whether its series have the label that tells sites apart.
    pub has_sites: bool,
    /// The highest bound of a histogram's buckets.
    pub top: Option<f64>,
}

/// How often samples come, and since when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rhythm {
    pub scrape: Duration,
    pub step: Duration,
    /// How much of the past there is, as far as was looked.
    pub past: Duration,
    /// Whether there may be more.
    pub is_longer: bool,
}

/// A candidate that answers.
pub(super) struct Kept {
    pub candidate: Candidate,
    /// Whether its series are told apart by site.
    pub by_site: bool,
    /// Of all series the highest.
    pub now: Option<f64>,
    pub series: usize,
}

/// Measures candidates. Those that do not answer as they should are added to what was left out.
pub(super) async fn measure(
    asking: &Asking<'_>,
    looked: Vec<Looked>,
    left: &mut Vec<(String, String)>,
) -> Result<(Rhythm, Vec<Kept>), Unwritten> {
    let Some(first) = looked.first() else {
        return Err(Unwritten::Source("nothing was found to ask".to_owned()));
    };
    let scrape = asking.scrape(first).await?;
    let step = step(scrape);
    let mut questions = vec![asking.history(first)];
    for one in &looked {
        questions.extend(asking.of(one, step).all());
    }
    let seen = asking.ask(&questions).await?;
    let (past, is_longer) = asking.past(first, &seen)?;
    let mut kept = Vec::new();
    for one in looked {
        match asking.judged(&one, step, &seen) {
            Ok((now, series)) => kept.push(Kept {
                by_site: one.has_sites,
                candidate: one.candidate,
                now,
                series,
            }),
            Err(why) => left.push((one.candidate.name, why)),
        }
    }
    let rhythm = Rhythm {
        scrape,
        step,
        past,
        is_longer,
    };
    Ok((rhythm, kept))
}

/// The step of KPIs whose samples come so far apart.
fn step(scrape: Duration) -> Duration {
    let least = (scrape.millis() * SCRAPES / 1000).max(60);
    let found = STEPS.into_iter().find(|step| *step >= least);
    Duration::from_secs(found.unwrap_or(least))
}

/// What is asked of one candidate.
struct Questions {
    now: Question,
    range: Question,
}

impl Questions {
    fn all(self) -> [Question; 2] {
        [self.now, self.range]
    }
}

impl Asking<'_> {
    fn question(&self, query: String, asked: Asked) -> Question {
        let name = self
            .setting
            .sources
            .first()
            .map(|source| source.name.clone());
        Question {
            origin: Origin::Source(name.unwrap_or_default()),
            query,
            asked,
        }
    }

    async fn ask(&self, questions: &[Question]) -> Result<Observations, Unwritten> {
        let pool = Pool::default();
        let request = self
            .setting
            .request(&pool, questions, self.surroundings.now);
        let interrupt = Interrupt::listen();
        let answered = source::ask(request, &|_| {}, interrupt.wait()).await;
        if interrupt.is_set() {
            return Err(Unwritten::Source("interrupted".to_owned()));
        }
        // Where the source itself fails, nothing is known of any candidate.
        let failed = answered
            .observations
            .values()
            .find_map(|seen| seen.as_ref().err());
        match failed.filter(|failure| failure.code.is_of_the_source()) {
            Some(failure) => Err(Unwritten::Source(failure.message.clone())),
            None => Ok(answered.observations),
        }
    }

    /// Which series are judged: of canary and control the canary's.
    fn scope(&self, by_site: bool, step: Duration) -> Scope {
        let mut matchers = self.matchers.to_vec();
        if let Some(Comparison::Control { label, canary, .. }) = &self.setting.versions {
            matchers.push(equals(&label.0, canary));
        }
        Scope {
            matchers,
            by: self
                .sites
                .filter(|_| by_site)
                .map(|(label, _)| label.clone()),
            range: step.to_string(),
        }
    }

    /// How far apart samples come: the median of the series.
    async fn scrape(&self, first: &Looked) -> Result<Duration, Unwritten> {
        let selector = self
            .scope(false, COUNTED_FIRST)
            .selector(&first.candidate.claimed.metric, &[]);
        for over in COUNTED {
            let seconds = over.millis() / 1000;
            let query = format!("quantile(0.5, count_over_time({selector}[{seconds}s]))");
            let question = self.question(query, Asked::At(self.setting.at));
            let seen = self.ask(std::slice::from_ref(&question)).await?;
            let samples = newest(answer(&question, &seen)).unwrap_or_default();
            if samples >= 2.0 {
                return Ok(apart(over, samples));
            }
        }
        Err(Unwritten::Source(format!(
            "samples of {} come less than twice an hour: a rollout cannot be judged by them",
            first.candidate.claimed.metric
        )))
    }

    /// The versions that have traffic now, where both have.
    pub async fn running(
        &self,
        first: &Candidate,
        versions: Option<(String, Vec<String>)>,
    ) -> Result<Vec<(String, Vec<String>)>, Unwritten> {
        let Some((label, values)) = versions else {
            return Ok(Vec::new());
        };
        let scope = Scope {
            matchers: self.matchers.to_vec(),
            by: Some(label.clone()),
            range: COUNTED_FIRST.to_string(),
        };
        let query = scope.aggregated("sum", &[], &scope.rate(&first.claimed.metric, &[]));
        let question = self.question(query, Asked::At(self.setting.at));
        let seen = self.ask(std::slice::from_ref(&question)).await?;
        let runs = |value: &&String| {
            let reply = answer(&question, &seen).ok();
            let series = reply.into_iter().flat_map(|reply| &reply.series);
            let mut own = series.filter(|series| series.labels.get(&label) == Some(value.as_str()));
            own.any(|series| series.points.last().is_some_and(|point| point.value > 0.0))
        };
        let both = values.iter().filter(runs).count() == values.len();
        Ok(if both {
            vec![(label, values)]
        } else {
            Vec::new()
        })
    }

    fn history(&self, first: &Looked) -> Question {
        let selector = Scope {
            matchers: self.matchers.to_vec(),
            ..Scope::default()
        }
        .selector(&first.candidate.claimed.metric, &[]);
        let from = self.setting.at - self.setting.since.max(BEFORE);
        let grid = Grid::inside(from, self.setting.at, EXACTLY);
        let asked = grid.map_or(Asked::At(self.setting.at), Asked::Range);
        self.question(format!("count({selector})"), asked)
    }

    /// How much of the past there is, and whether there may be more.
    fn past(&self, first: &Looked, seen: &Observations) -> Result<(Duration, bool), Unwritten> {
        let question = self.history(first);
        let reply = seen.get(&question).and_then(|seen| seen.as_ref().ok());
        let series = reply.and_then(|reply| reply.series.first());
        let oldest = series.and_then(|series| series.points.first());
        let oldest = oldest.map(|point| point.at).ok_or_else(|| {
            Unwritten::Source(format!(
                "the source does not say since when it has {}",
                first.candidate.claimed.metric
            ))
        })?;
        let Asked::Range(grid) = question.asked else {
            return Ok((Duration::ZERO, false));
        };
        Ok((oldest.until(self.setting.at), oldest == grid.first()))
    }

    fn of(&self, looked: &Looked, step: Duration) -> Questions {
        let (now, range) = match looked
            .candidate
            .measure(&self.scope(looked.has_sites, step))
        {
            Measure::Ratio { errors, total } => (format!("{errors} / {total}"), total),
            Measure::Query(query) => (query.clone(), query),
        };
        let grid = Grid::inside(self.setting.at - LOOKED_AT, self.setting.at, step);
        let asked = grid.map_or(Asked::At(self.setting.at), Asked::Range);
        Questions {
            now: self.question(now, Asked::At(self.setting.at)),
            range: self.question(range, asked),
        }
    }

    /// The highest value by now and the number of series, or why it is left out.
    fn judged(
        &self,
        looked: &Looked,
        step: Duration,
        seen: &Observations,
    ) -> Result<(Option<f64>, usize), String> {
        let asked = self.of(looked, step);
        let reply = answer(&asked.range, seen)?;
        let wanted = self
            .sites
            .filter(|_| looked.has_sites)
            .map_or(1, |(_, all)| all.len());
        match reply.series.len() {
            0 => return Err("it finds nothing in the last hour".to_owned()),
            count if count != wanted => {
                return Err(format!("{count} of {wanted} sites have it"));
            }
            _ => {}
        }
        let Asked::Range(grid) = &asked.range.asked else {
            return Err("the last hour holds no point of its step".to_owned());
        };
        if let Some(why) = too_thin(reply, grid.count()) {
            return Err(why);
        }
        if let Some(why) = looked.top.and_then(|top| beyond(reply, top)) {
            return Err(why);
        }
        let now = answer(&asked.now, seen);
        let now = now.ok().map(|reply| newest(Ok(reply)).unwrap_or_default());
        Ok((now, reply.series.len()))
    }
}

fn answer<'s>(question: &Question, seen: &'s Observations) -> Result<&'s Reply, String> {
    match seen.get(question) {
        Some(Ok(reply)) => Ok(reply),
        Some(Err(failure)) => Err(failure.message.clone()),
        None => Err("it was not asked".to_owned()),
    }
}

/// The highest of the last values of all series.
fn newest(reply: Result<&Reply, String>) -> Option<f64> {
    let reply = reply.ok()?;
    let last = reply
        .series
        .iter()
        .filter_map(|series| series.points.last());
    last.map(|point| point.value)
        .filter(|value| !value.is_nan())
        .reduce(f64::max)
}

/// That too few of the points of a series are measured.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52 points")]
fn too_thin(reply: &Reply, all: usize) -> Option<String> {
    let measured = |points: &[crate::samples::Point]| {
        points.iter().filter(|point| !point.value.is_nan()).count()
    };
    let least = reply
        .series
        .iter()
        .map(|series| measured(&series.points))
        .min()?;
    let share = least as f64 / all as f64;
    (share < COVERAGE).then(|| {
        let percent = (share * 100.0).floor();
        format!("measured at only {percent}% of the points of the last hour: too little traffic, or it comes too seldom")
    })
}

/// That a percentile lies beyond the last bucket: then it is said to be at that bucket's bound, whatever it is.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52 points")]
fn beyond(reply: &Reply, top: f64) -> Option<String> {
    let points = reply.series.iter().flat_map(|series| &series.points);
    let measured: Vec<f64> = points
        .map(|point| point.value)
        .filter(|value| !value.is_nan())
        .collect();
    let at_top = measured.iter().filter(|value| **value >= top).count();
    let share = at_top as f64 / measured.len().max(1) as f64;
    (share > BEYOND).then(|| {
        let percent = (share * 100.0).round();
        format!("its p95 lies in the last bucket (+Inf) at {percent}% of the points: its limits say nothing")
    })
}

/// How far apart samples come of which there are so many in so long, to the second.
fn apart(over: Duration, samples: f64) -> Duration {
    #[expect(clippy::cast_possible_truncation, reason = "at most an hour")]
    let seconds = (over.seconds() / samples).round().max(1.0) as i64;
    Duration::from_secs(seconds)
}

impl Rhythm {
    /// When the first sample is known to be.
    pub fn since(self, at: Instant) -> Instant {
        at - self.past
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i7_a_step_holds_four_scrapes_and_is_easy_to_read() {
        for (scrape, expected) in [
            (5, 60),
            (15, 60),
            (30, 120),
            (31, 300),
            (60, 300),
            (300, 1800),
            (1200, 4800),
        ] {
            let step = step(Duration::from_secs(scrape));
            assert_eq!(step, Duration::from_secs(expected), "{scrape}s");
        }
    }

    #[test]
    fn i1_samples_are_as_far_apart_as_their_number_says() {
        let over = Duration::from_secs(599);
        for (samples, expected) in [(40.0, 15), (39.0, 15), (20.0, 30), (10.0, 60), (2.0, 300)] {
            assert_eq!(
                apart(over, samples),
                Duration::from_secs(expected),
                "{samples}"
            );
        }
    }
}
