//! The samples of earlier rounds (W4): what has to be asked besides, and what is known then. Must not ask.
//!
//! Only the newest points are asked again, as far back as samples may still change; what comes back replaces what it covers, in both
//! directions: a point that is gone is gone. What this makes of a question differs from a whole answer only where older samples
//! changed, and whole rounds find that.

use std::collections::{BTreeMap, BTreeSet};

use crate::samples::{
    Asked, Failure, FailureCode, Grid, Labels, Observation, Observations, Point, Question, Reply,
    Series,
};
use crate::units::{Duration, Instant};

/// In a query, these make a value depend on the range that is asked, so that its points cannot be asked one after the other.
const OF_THE_RANGE: [&str; 2] = ["start()", "end()"];

/// The answers of the round before, each to its question.
#[derive(Debug, Default)]
pub struct Memory {
    replies: BTreeMap<Question, Reply>,
}

/// What has to be asked for a question.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Missing {
    /// All of it.
    All,
    /// The points from there on; the rest is in the answer to an earlier question.
    Since(Grid, Question),
    /// Nothing: it was asked before, and nothing about it changes any more.
    Nothing,
}

/// How a whole answer differs from what was put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// The question.
    pub question: Question,
    /// How many points.
    pub points: usize,
    /// The first of them.
    pub from: Instant,
    /// The last.
    pub to: Instant,
}

impl Memory {
    /// What is to be asked at a round as of `at`, so that with what is known all questions are answered. `overlap` is how far back
    /// samples may still change.
    #[must_use]
    pub fn to_ask(&self, questions: &[Question], at: Instant, overlap: Duration) -> Vec<Question> {
        let asked =
            questions
                .iter()
                .filter_map(|question| match self.missing(question, at, overlap) {
                    Missing::All => Some(question.clone()),
                    Missing::Since(grid, _) => Some(Question {
                        asked: Asked::Range(grid),
                        ..question.clone()
                    }),
                    Missing::Nothing => None,
                });
        // Two windows of one query may end with the same points.
        let asked: BTreeSet<Question> = asked.collect();
        asked.into_iter().collect()
    }

    fn missing(&self, question: &Question, at: Instant, overlap: Duration) -> Missing {
        let overlap = overlap_of(question, overlap);
        if let Some(known) = self.replies.get(question)
            && ends(question, known).is_some_and(|end| end + overlap < at)
        {
            return Missing::Nothing;
        }
        let Asked::Range(grid) = question.asked else {
            return Missing::All;
        };
        if OF_THE_RANGE
            .iter()
            .any(|word| question.query.contains(word))
        {
            return Missing::All;
        }
        let Some((earlier, newest)) = self.earlier(question, grid) else {
            return Missing::All;
        };
        match Grid::inside(
            (newest - overlap).max(grid.first()),
            grid.last(),
            grid.step(),
        ) {
            Some(rest) => Missing::Since(rest, earlier.clone()),
            None => Missing::All,
        }
    }

    /// The answered question about the same whose points reach furthest into a grid without a gap before them, and its newest
    /// measured point.
    fn earlier(&self, question: &Question, grid: Grid) -> Option<(&Question, Instant)> {
        let known = self.replies.iter().filter_map(|(known, reply)| {
            let Asked::Range(of) = known.asked else {
                return None;
            };
            let is_same = known.origin == question.origin
                && known.query == question.query
                && of.step() == grid.step();
            let is_beginning = of.first() <= grid.first() && of.last() <= grid.last();
            let newest = newest(reply)?;
            (is_same && is_beginning && newest >= grid.first()).then_some((known, newest))
        });
        known.max_by_key(|(_, newest)| *newest)
    }

    /// Answers all questions of a round from what came back, and keeps what later rounds need of it. Of a question that was not
    /// answered, what is known stays.
    pub fn join(
        &mut self,
        questions: &[Question],
        answers: &Observations,
        at: Instant,
        overlap: Duration,
    ) -> Observations {
        let mut kept = BTreeMap::new();
        let mut joined = Observations::new();
        for question in questions {
            let missing = self.missing(question, at, overlap);
            let (observation, keep) = self.answer(question, &missing, answers);
            kept.extend(keep);
            joined.insert(question.clone(), observation);
        }
        self.replies = kept;
        joined
    }

    fn answer(
        &self,
        question: &Question,
        missing: &Missing,
        answers: &Observations,
    ) -> (Observation, Option<(Question, Reply)>) {
        let unanswered = || {
            let known = self.replies.get(question)?;
            Some((question.clone(), known.clone()))
        };
        match missing {
            Missing::Nothing => match unanswered() {
                Some((question, reply)) => (Ok(reply.clone()), Some((question, reply))),
                None => (Err(unasked()), None),
            },
            Missing::All => match answers.get(question) {
                Some(Ok(reply)) => (Ok(reply.clone()), Some((question.clone(), reply.clone()))),
                Some(Err(failure)) => (Err(failure.clone()), unanswered()),
                None => (Err(unasked()), None),
            },
            Missing::Since(grid, earlier) => {
                let before = self.replies.get(earlier);
                let asked = Question {
                    asked: Asked::Range(*grid),
                    ..question.clone()
                };
                match (before, answers.get(&asked)) {
                    (Some(before), Some(Ok(rest))) => {
                        let reply = joined(before, rest, question, *grid);
                        (Ok(reply.clone()), Some((question.clone(), reply)))
                    }
                    (Some(before), Some(Err(failure))) => (
                        Err(failure.clone()),
                        Some((earlier.clone(), before.clone())),
                    ),
                    (None, _) | (_, None) => (Err(unasked()), None),
                }
            }
        }
    }

    /// Takes whole answers as they are, and says where they differ from what is known of points that are too old to be asked again.
    pub fn replace(&mut self, whole: &Observations, overlap: Duration) -> Vec<Differs> {
        let answered = whole.iter().filter_map(|(question, observation)| {
            let reply = observation.as_ref().ok()?;
            Some((question.clone(), reply.clone()))
        });
        let mut replies: BTreeMap<Question, Reply> = answered.collect();
        for (question, known) in &self.replies {
            // Of a source that is away, what is known stays.
            if whole.get(question).is_some_and(Result::is_err) {
                replies.insert(question.clone(), known.clone());
            }
        }
        let before = std::mem::replace(&mut self.replies, replies);
        let pairs = before.iter().filter_map(|(question, known)| {
            let now = self.about_the_same(question)?;
            differs(question, known, now, overlap_of(question, overlap))
        });
        pairs.collect()
    }

    /// The answer to the question, or to one of which it is the beginning.
    fn about_the_same(&self, question: &Question) -> Option<&Reply> {
        if let Some(reply) = self.replies.get(question) {
            return Some(reply);
        }
        let Asked::Range(grid) = question.asked else {
            return None;
        };
        let mut same = self.replies.iter().filter(|(now, _)| {
            let is_longer = matches!(now.asked, Asked::Range(of)
                if of.step() == grid.step() && of.first() >= grid.first() && of.last() >= grid.last());
            now.origin == question.origin && now.query == question.query && is_longer
        });
        same.next().map(|(_, reply)| reply)
    }

    /// How many samples it holds.
    #[must_use]
    pub fn samples(&self) -> usize {
        let series = self.replies.values().flat_map(|reply| &reply.series);
        series.map(|series| series.points.len()).sum()
    }
}

/// What was never asked is not an empty answer.
fn unasked() -> Failure {
    Failure {
        code: FailureCode::NotRecorded,
        message: "it was not asked in this round".to_owned(),
    }
}

/// Samples of ten steps may still change, whatever the overlap.
fn overlap_of(question: &Question, overlap: Duration) -> Duration {
    match question.asked {
        Asked::Range(grid) => overlap.max(Duration::from_millis(
            grid.step().millis().saturating_mul(10),
        )),
        Asked::At(_) | Asked::Captured(_) => overlap,
    }
}

/// The last time that a question is about; `None` if its answer may change at any time.
fn ends(question: &Question, known: &Reply) -> Option<Instant> {
    match (&question.asked, known.grid) {
        (Asked::Range(grid), None) => Some(grid.last()),
        (Asked::At(at), _) => Some(*at),
        (Asked::Range(_) | Asked::Captured(_), _) => None,
    }
}

fn newest(reply: &Reply) -> Option<Instant> {
    let last = reply
        .series
        .iter()
        .filter_map(|series| series.points.last());
    last.map(|point| point.at).max()
}

/// An earlier answer with its points from `rest` on replaced, cut to what the question asks.
fn joined(before: &Reply, answer: &Reply, question: &Question, rest: Grid) -> Reply {
    let Asked::Range(grid) = question.asked else {
        return answer.clone();
    };
    let mut series: Vec<Series> = Vec::with_capacity(before.series.len());
    let of = |labels: &Labels| answer.series.iter().find(|one| one.labels == *labels);
    for one in &before.series {
        let from = one.points.partition_point(|point| point.at < grid.first());
        let to = one.points.partition_point(|point| point.at < rest.first());
        let new = of(&one.labels).map_or(&[][..], |one| one.points.as_slice());
        let old = one.points.get(from..to).unwrap_or_default();
        let points: Vec<Point> = old.iter().chain(new).copied().collect();
        if !points.is_empty() {
            series.push(Series {
                labels: one.labels.clone(),
                points,
            });
        }
    }
    let is_new = |one: &&Series| before.series.iter().all(|known| known.labels != one.labels);
    series.extend(answer.series.iter().filter(is_new).cloned());
    Reply {
        grid: None,
        series,
        warnings: both(&before.warnings, &answer.warnings),
        notes: both(&before.notes, &answer.notes),
        captured: None,
    }
}

/// What is doubtful about the points before stays doubtful until all is asked again.
fn both(before: &[String], now: &[String]) -> Vec<String> {
    let mut all = before.to_vec();
    all.extend(now.iter().filter(|one| !before.contains(one)).cloned());
    all
}

/// In the time that both are about, up to where points were asked again anyway: what was measured since, and what has left the
/// window, is no difference.
fn differs(
    question: &Question,
    known: &Reply,
    whole: &Reply,
    overlap: Duration,
) -> Option<Differs> {
    let (mut here, mut whole) = (points(known), points(whole));
    let newest = here.keys().map(|(_, at)| *at).max()? - overlap;
    let oldest = whole.keys().map(|(_, at)| *at).min()?;
    here.retain(|(_, at), _| *at >= oldest && *at < newest);
    whole.retain(|(_, at), _| *at < newest);
    let all: BTreeSet<&(&Labels, Instant)> = here.keys().chain(whole.keys()).collect();
    let mut apart = all.into_iter().filter(|at| here.get(at) != whole.get(at));
    let (_, first) = apart.next()?;
    let (mut from, mut to, mut points) = (*first, *first, 1);
    for (_, at) in apart {
        (from, to, points) = (from.min(*at), to.max(*at), points + 1);
    }
    Some(Differs {
        question: question.clone(),
        points,
        from,
        to,
    })
}

/// By series and time; a value by its bits, since NaN is a value, too.
fn points(reply: &Reply) -> BTreeMap<(&Labels, Instant), u64> {
    let series = reply.series.iter();
    let points = series.flat_map(|one| {
        let points = one.points.iter();
        points.map(move |point| ((&one.labels, point.at), point.value.to_bits()))
    });
    points.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Origin;

    #[test]
    fn w4_what_has_no_answer_is_no_empty_answer() {
        let at = Instant::from_secs(600);
        let grid = Grid::inside(Instant::from_secs(0), at, Duration::from_secs(60));
        let question = Question {
            origin: Origin::Source("main".to_owned()),
            query: "errors".to_owned(),
            asked: Asked::Range(grid.expect("a grid")),
        };
        let questions = [question.clone()];
        let joined = Memory::default().join(&questions, &Observations::new(), at, Duration::ZERO);
        assert!(joined[&question].is_err(), "{joined:?}");
    }
}
