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

    /// Answers all questions of a round from what came back. What is known moves into the answers, so that samples are held once:
    /// give them back with [`Memory::keep`]. Of a question that was not answered, what is known stays here.
    pub fn join(
        &mut self,
        questions: &[Question],
        mut answers: Observations,
        at: Instant,
        overlap: Duration,
    ) -> Observations {
        let missing: Vec<(&Question, Missing)> = questions
            .iter()
            .map(|question| (question, self.missing(question, at, overlap)))
            .collect();
        let mut known = Known::of(std::mem::take(&mut self.replies), &missing);
        let mut joined = Observations::new();
        for (question, missing) in missing {
            let observation = known.answer(question, missing, &mut answers);
            joined.insert(question.clone(), observation);
        }
        self.replies = known.kept;
        joined
    }

    /// Keeps the answers of a round for those after it.
    pub fn keep(&mut self, answered: Observations) {
        for (question, observation) in answered {
            if let Ok(reply) = observation {
                self.replies.insert(question, reply);
            }
        }
    }

    /// Gives up what is known for whole answers, and says where they differ from it in points that are too old to be asked again.
    /// Of a source that is away, what is known stays. [`Memory::keep`] takes the answers.
    pub fn replace(&mut self, whole: &Observations, overlap: Duration) -> Vec<Differs> {
        let mut before = std::mem::take(&mut self.replies);
        let pairs = before.iter().filter_map(|(question, known)| {
            let now = about_the_same(whole, question)?;
            differs(question, known, now, overlap_of(question, overlap))
        });
        let differs = pairs.collect();
        before.retain(|question, _| asked_on(whole, question).any(|(_, answer)| answer.is_err()));
        self.replies = before;
        differs
    }

    /// What is known of a question that was not answered: the points of its span that came before, and when the newest was measured.
    #[must_use]
    pub fn known(&self, question: &Question) -> Option<(Reply, Instant)> {
        let Asked::Range(grid) = question.asked else {
            return None;
        };
        let (earlier, newest) = self.earlier(question, grid)?;
        let mut known = self.replies.get(earlier)?.clone();
        for one in &mut known.series {
            one.points.retain(|point| point.at >= grid.first());
        }
        known.series.retain(|one| !one.points.is_empty());
        known.grid = None;
        Some((known, newest))
    }

    /// How many samples it holds.
    #[must_use]
    pub fn samples(&self) -> usize {
        let series = self.replies.values().flat_map(|reply| &reply.series);
        series.map(|series| series.points.len()).sum()
    }
}

/// What is known while a round is put together.
struct Known {
    replies: BTreeMap<Question, Reply>,
    /// How many questions still need each of them: the last one takes it.
    needed: BTreeMap<Question, usize>,
    /// What stays, since it was not added to.
    kept: BTreeMap<Question, Reply>,
}

impl Known {
    fn of(replies: BTreeMap<Question, Reply>, missing: &[(&Question, Missing)]) -> Self {
        let mut needed = BTreeMap::new();
        for (question, missing) in missing {
            let known = match missing {
                Missing::Since(_, earlier) => earlier,
                Missing::All | Missing::Nothing => question,
            };
            *needed.entry(known.clone()).or_default() += 1;
        }
        Self {
            replies,
            needed,
            kept: BTreeMap::new(),
        }
    }

    fn take(&mut self, question: &Question) -> Option<Reply> {
        let needed = self.needed.get_mut(question)?;
        *needed = needed.saturating_sub(1);
        match needed {
            0 => self.replies.remove(question),
            _ => self.replies.get(question).cloned(),
        }
    }

    fn answer(
        &mut self,
        question: &Question,
        missing: Missing,
        answers: &mut Observations,
    ) -> Observation {
        match missing {
            Missing::Nothing => self.take(question).ok_or_else(unasked),
            Missing::All => {
                let known = self.take(question);
                let answer = answers.remove(question).unwrap_or_else(|| Err(unasked()));
                answer.inspect_err(|_| self.stays(question, known))
            }
            Missing::Since(grid, earlier) => {
                let before = self.take(&earlier);
                let asked = Question {
                    asked: Asked::Range(grid),
                    ..question.clone()
                };
                match (before, answers.get(&asked)) {
                    (Some(before), Some(Ok(rest))) => Ok(joined(before, rest, question, grid)),
                    (before, Some(Err(failure))) => {
                        self.stays(&earlier, before);
                        Err(failure.clone())
                    }
                    (before, None) => {
                        self.stays(&earlier, before);
                        Err(unasked())
                    }
                    (None, Some(Ok(_))) => Err(unasked()),
                }
            }
        }
    }

    fn stays(&mut self, question: &Question, known: Option<Reply>) {
        self.kept
            .extend(known.map(|known| (question.clone(), known)));
    }
}

/// The answer to the question, or to one of which it is the beginning.
fn about_the_same<'a>(whole: &'a Observations, question: &'a Question) -> Option<&'a Reply> {
    if let Some(observation) = whole.get(question) {
        return observation.as_ref().ok();
    }
    asked_on(whole, question).find_map(|(_, observation)| observation.as_ref().ok())
}

/// The question, and those of which it is the beginning, as they were answered.
fn asked_on<'a>(
    whole: &'a Observations,
    question: &'a Question,
) -> impl Iterator<Item = (&'a Question, &'a Observation)> {
    whole.iter().filter(move |(now, _)| {
        let is_longer = match (&now.asked, &question.asked) {
            (Asked::Range(of), Asked::Range(grid)) => {
                of.step() == grid.step() && of.first() >= grid.first() && of.last() >= grid.last()
            }
            (Asked::Range(_) | Asked::At(_) | Asked::Captured(_), _) => now.asked == question.asked,
        };
        now.origin == question.origin && now.query == question.query && is_longer
    })
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
fn joined(before: Reply, answer: &Reply, question: &Question, rest: Grid) -> Reply {
    let Asked::Range(grid) = question.asked else {
        return answer.clone();
    };
    let mut new: BTreeMap<&Labels, &Series> =
        answer.series.iter().map(|one| (&one.labels, one)).collect();
    let mut series = before.series;
    for one in &mut series {
        let newest = new.remove(&one.labels);
        let to = one.points.partition_point(|point| point.at < rest.first());
        one.points.truncate(to);
        let from = one.points.partition_point(|point| point.at < grid.first());
        one.points.drain(..from);
        if let Some(newest) = newest {
            // Not a sample more than there are.
            one.points.reserve_exact(newest.points.len());
            one.points.extend_from_slice(&newest.points);
        }
    }
    series.retain(|one| !one.points.is_empty());
    let is_new = |one: &&Series| new.contains_key(&one.labels);
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
    let until = newest(known)? - overlap;
    let firsts = whole.series.iter().filter_map(|one| one.points.first());
    let since = firsts.map(|point| point.at).min()?;
    let (here, there) = (spans(known, since, until), spans(whole, since, until));
    let all: BTreeSet<&Labels> = here.keys().chain(there.keys()).copied().collect();
    let mut apart = all.into_iter().flat_map(|labels| {
        let (here, there) = (here.get(labels).copied(), there.get(labels).copied());
        apart(here.unwrap_or_default(), there.unwrap_or_default())
    });
    let first = apart.next()?;
    let (mut from, mut to, mut points) = (first, first, 1);
    for at in apart {
        (from, to, points) = (from.min(at), to.max(at), points + 1);
    }
    Some(Differs {
        question: question.clone(),
        points,
        from,
        to,
    })
}

/// The points of each series in `[since, until)`.
fn spans(reply: &Reply, since: Instant, until: Instant) -> BTreeMap<&Labels, &[Point]> {
    let spans = reply.series.iter().map(|one| {
        let from = one.points.partition_point(|point| point.at < since);
        let to = one.points.partition_point(|point| point.at < until);
        (&one.labels, one.points.get(from..to).unwrap_or_default())
    });
    spans.collect()
}

/// The times of points that are in one list alone, or with another value in both: by its bits, since NaN is a value, too.
fn apart(mut here: &[Point], mut there: &[Point]) -> Vec<Instant> {
    let mut apart = Vec::new();
    loop {
        let at = match (here.first(), there.first()) {
            (None, None) => return apart,
            (Some(one), None) | (None, Some(one)) => one.at,
            (Some(one), Some(other)) => one.at.min(other.at),
        };
        let (one, other) = (taken(&mut here, at), taken(&mut there, at));
        if one != other {
            apart.push(at);
        }
    }
}

/// The bits of the first value, which is taken off, if it is of that time.
fn taken(points: &mut &[Point], at: Instant) -> Option<u64> {
    let (first, rest) = points.split_first()?;
    if first.at != at {
        return None;
    }
    *points = rest;
    Some(first.value.to_bits())
}

#[cfg(test)]
mod tests;
