//! Answers over a long time, from which the answer to any question within it is cut: what a source would have answered then.
//! Must not judge them, nor fill in what they do not hold.

use std::collections::BTreeMap;

use crate::samples::{
    Asked, Failure, FailureCode, Grid, Observation, Observations, Origin, Point, Question, Reply,
    Series,
};
use crate::units::{Duration, Instant};

/// What was asked in pieces, put together.
#[derive(Debug, Default)]
pub struct History {
    lanes: BTreeMap<Lane, Answers>,
    /// Answers about one instant, and captured baselines.
    single: Observations,
}

/// Fewer distances between points do not tell how far apart they usually are.
const LEAST_DISTANCES: usize = 4;

/// A query over a grid.
type Lane = (Origin, String, i64);

/// What came back over time.
#[derive(Debug, Default)]
struct Answers {
    series: Vec<Series>,
    /// Which of them have their points in order, as nearly all do.
    sorted: Vec<bool>,
    /// What was asked, oldest first; what touches is one stretch.
    covered: Vec<(Instant, Instant)>,
    failed: Vec<(Grid, Failure)>,
    /// Remarks: those that make an answer doubtful, and the others.
    remarks: Vec<(Grid, Vec<String>, Vec<String>)>,
}

impl History {
    /// Puts answers together. Of pieces that overlap, the earlier one counts.
    #[must_use]
    pub fn of(observations: Observations) -> Self {
        let mut history = Self::default();
        for (question, observation) in observations {
            let Asked::Range(grid) = question.asked else {
                history.single.insert(question, observation);
                continue;
            };
            let lane = (question.origin, question.query, grid.step().millis());
            let answers = history.lanes.entry(lane).or_default();
            answers.add(grid, observation);
        }
        history
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// What failed within it; [`FailureCode::NotRecorded`] if it lies outside of what was asked.
    pub fn cut(&self, question: &Question) -> Observation {
        let Asked::Range(grid) = question.asked else {
            let found = self.single.get(question).cloned();
            return found.unwrap_or_else(|| Err(not_recorded(question, None)));
        };
        let answers = self.lane(question, grid);
        let answers = answers.ok_or_else(|| not_recorded(question, None))?;
        answers.cut(question, grid)
    }

    /// The first point of a question that has no whole answer; `None` if each has one. What is not about points has one or none.
    #[must_use]
    pub fn first_unanswered(&self, question: &Question) -> Option<Instant> {
        match question.asked {
            Asked::Range(grid) => match self.lane(question, grid) {
                Some(answers) => answers.first_unanswered(grid),
                None => Some(grid.first()),
            },
            Asked::At(at) => self.cut(question).is_err().then_some(at),
            Asked::Captured(_) => None,
        }
    }

    /// The earliest and the latest sample of anything that was asked over time.
    #[must_use]
    pub fn span(&self) -> Option<(Instant, Instant)> {
        let series = self.lanes.values().flat_map(|answers| &answers.series);
        let ends = series.filter_map(|one| Some((one.points.first()?.at, one.points.last()?.at)));
        ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    /// How many samples there are.
    #[must_use]
    pub fn points(&self) -> usize {
        let series = self.lanes.values().flat_map(|answers| &answers.series);
        series.map(|one| one.points.len()).sum()
    }

    /// How far apart the points of a query usually are, the median of its series with the most points; `None` where those are too
    /// few to tell. The question's step counts, and not its span.
    #[must_use]
    pub fn apart(&self, question: &Question) -> Option<Duration> {
        let Asked::Range(grid) = question.asked else {
            return None;
        };
        let series = &self.lane(question, grid)?.series;
        let densest = series.iter().max_by_key(|one| one.points.len())?;
        let mut times: Vec<i64> = densest.points.iter().map(|one| one.at.millis()).collect();
        times.sort_unstable();
        times.dedup();
        let following = times.iter().zip(times.iter().skip(1));
        let mut distances: Vec<i64> = following.map(|(one, next)| next - one).collect();
        if distances.len() < LEAST_DISTANCES {
            return None;
        }
        let middle = (distances.len() - 1) / 2;
        let (_, median, _) = distances.select_nth_unstable(middle);
        Some(Duration::from_millis(*median))
    }

    /// All that came back for a query over a grid, whatever of it is missing or doubtful.
    pub(super) fn all(&self, question: &Question, grid: Grid) -> Option<Reply> {
        let answers = self.lane(question, grid)?;
        Some(Reply {
            series: answers.series_within(grid),
            ..Reply::default()
        })
    }

    fn lane(&self, question: &Question, grid: Grid) -> Option<&Answers> {
        let step = grid.step().millis();
        let lane = (question.origin.clone(), question.query.clone(), step);
        self.lanes.get(&lane)
    }
}

fn not_recorded(question: &Question, at: Option<Instant>) -> Failure {
    let query = &question.query;
    let place = at.map_or_else(String::new, |at| format!(" at {at}"));
    Failure {
        code: FailureCode::NotRecorded,
        message: format!("the answers do not hold `{query}`{place}"),
    }
}

impl Answers {
    fn add(&mut self, grid: Grid, observation: Observation) {
        let step = grid.step();
        let after = self.covered.last().map(|(_, last)| *last);
        if after.is_some_and(|after| grid.last() <= after) {
            return;
        }
        match self.covered.last_mut() {
            Some((_, last)) if grid.first() <= *last + step => *last = grid.last(),
            _ => self.covered.push((grid.first(), grid.last())),
        }
        let reply = match observation {
            Err(failure) => return self.failed.push((grid, failure)),
            Ok(reply) => reply,
        };
        if !reply.warnings.is_empty() || !reply.notes.is_empty() {
            self.remarks.push((grid, reply.warnings, reply.notes));
        }
        let mut taken = vec![false; self.series.len()];
        for mut series in reply.series {
            let is_new = |point: &Point| after.is_none_or(|after| point.at > after);
            series.points.retain(is_new);
            let known = self.series.iter().zip(&taken);
            let place = known
                .into_iter()
                .position(|(known, taken)| !taken && known.labels == series.labels);
            if let Some(place) = place {
                if let Some(taken) = taken.get_mut(place) {
                    *taken = true;
                }
                self.append(place, series);
            } else {
                self.sorted.push(is_sorted(&series.points));
                self.series.push(series);
                taken.push(true);
            }
        }
    }

    /// Puts later points behind those that are there.
    fn append(&mut self, place: usize, mut later: Series) {
        let (Some(known), Some(sorted)) = (self.series.get_mut(place), self.sorted.get_mut(place))
        else {
            return;
        };
        let last = known.points.last().map(|point| point.at);
        let first = later.points.first().map(|point| point.at);
        let follows = last.zip(first).is_none_or(|(last, first)| last <= first);
        *sorted &= follows && is_sorted(&later.points);
        known.points.append(&mut later.points);
    }

    fn cut(&self, question: &Question, grid: Grid) -> Observation {
        let meets = |piece: &Grid| piece.first() <= grid.last() && grid.first() <= piece.last();
        if let Some((_, failure)) = self.failed.iter().find(|(piece, _)| meets(piece)) {
            return Err(failure.clone());
        }
        if let Some(at) = self.first_uncovered(grid) {
            return Err(not_recorded(question, Some(at)));
        }
        let mut reply = Reply {
            series: self.series_within(grid),
            ..Reply::default()
        };
        for (_, warnings, notes) in self.remarks.iter().filter(|(piece, ..)| meets(piece)) {
            append_new(&mut reply.warnings, warnings);
            append_new(&mut reply.notes, notes);
        }
        Ok(reply)
    }

    fn series_within(&self, grid: Grid) -> Vec<Series> {
        let all = self.series.iter().zip(&self.sorted);
        let cut = all.map(|(series, sorted)| Series {
            labels: series.labels.clone(),
            points: within(&series.points, *sorted, grid.first(), grid.last()),
        });
        cut.filter(|series| !series.points.is_empty()).collect()
    }

    fn first_uncovered(&self, grid: Grid) -> Option<Instant> {
        let mut next = grid.first();
        for (first, last) in &self.covered {
            if *first <= next && next <= *last {
                next = *last + grid.step();
            }
        }
        (next <= grid.last()).then_some(next)
    }

    fn first_unanswered(&self, grid: Grid) -> Option<Instant> {
        let doubtful = self
            .remarks
            .iter()
            .filter(|(_, warnings, _)| !warnings.is_empty());
        let doubtful = doubtful.map(|(piece, ..)| piece);
        let pieces = self.failed.iter().map(|(piece, _)| piece).chain(doubtful);
        let meets = |piece: &&Grid| piece.first() <= grid.last() && grid.first() <= piece.last();
        let first = pieces
            .filter(meets)
            .map(|piece| piece.first().max(grid.first()));
        first.chain(self.first_uncovered(grid)).min()
    }
}

/// The points of a span; a search where they are in order.
fn within(points: &[Point], sorted: bool, first: Instant, last: Instant) -> Vec<Point> {
    if !sorted {
        let inside = |point: &&Point| (first..=last).contains(&point.at);
        return points.iter().filter(inside).copied().collect();
    }
    let from = points.partition_point(|point| point.at < first);
    let to = points.partition_point(|point| point.at <= last);
    points.get(from..to).unwrap_or_default().to_vec()
}

fn is_sorted(points: &[Point]) -> bool {
    points.is_sorted_by_key(|point| point.at)
}

fn append_new(list: &mut Vec<String>, more: &[String]) {
    for text in more {
        if !list.contains(text) {
            list.push(text.clone());
        }
    }
}

/// The pieces, of at most a day each, in which a grid is asked for (B13): those of the calendar's days, so that another span asks
/// for the same ones.
#[must_use]
pub fn pieces(grid: Grid) -> Vec<Grid> {
    const DAY: i64 = 86_400_000;
    let (first, last, step) = (grid.first(), grid.last(), grid.step());
    let mut pieces = Vec::new();
    let mut from = first;
    while from <= last {
        let day_ends = Instant::from_millis((from.millis().div_euclid(DAY) + 1) * DAY - 1);
        let piece = Grid::inside(from, day_ends.min(last), step);
        let Some(piece) = piece.or_else(|| Grid::inside(from, from, step)) else {
            break;
        };
        pieces.push(piece);
        from = piece.last() + step.max(Duration::from_millis(1));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Labels;

    fn grid(from: i64, to: i64) -> Grid {
        let at = |minute: i64| Instant::from_secs(minute * 60);
        Grid::inside(at(from), at(to), Duration::from_secs(60)).expect("points")
    }

    fn question(from: i64, to: i64) -> Question {
        Question {
            origin: Origin::Source("default".to_owned()),
            query: "x".to_owned(),
            asked: Asked::Range(grid(from, to)),
        }
    }

    fn reply(of: &[(&str, i64, i64)]) -> Reply {
        let series = of.iter().map(|(site, from, to)| Series {
            labels: Labels::from_iter([("site".to_owned(), (*site).to_owned())]),
            points: (*from..=*to)
                .map(|minute| Point {
                    at: Instant::from_secs(minute * 60),
                    value: 1.0,
                })
                .collect(),
        });
        Reply {
            series: series.collect(),
            ..Reply::default()
        }
    }

    fn failed() -> Observation {
        Err(Failure {
            code: FailureCode::SourceTimeout,
            message: "too slow".to_owned(),
        })
    }

    #[test]
    fn b13_a_question_is_cut_from_pieces_as_a_source_would_answer_it() {
        let observations = [
            (question(0, 9), Ok(reply(&[("a", 0, 9)]))),
            (question(10, 19), Ok(reply(&[("b", 12, 19), ("a", 10, 15)]))),
            (question(20, 29), failed()),
        ];
        let history = History::of(observations.into_iter().collect());
        let cut = history.cut(&question(5, 12)).expect("an answer");
        let shown: Vec<_> = cut
            .series
            .iter()
            .map(|series| {
                (
                    series.labels.get("site").expect("site"),
                    series.points.len(),
                )
            })
            .collect();
        assert_eq!(shown, [("a", 8), ("b", 1)]);
        assert_eq!(history.cut(&question(3, 8)).expect("a").series.len(), 1);
        let failure = |from, to| {
            history
                .cut(&question(from, to))
                .expect_err("a failure")
                .code
        };
        assert_eq!(failure(15, 20), FailureCode::SourceTimeout);
        assert_eq!(failure(25, 35), FailureCode::SourceTimeout);
        assert_eq!(failure(30, 35), FailureCode::NotRecorded);
        assert_eq!(
            history.first_unanswered(&question(5, 25)),
            Some(Instant::from_secs(20 * 60))
        );
        assert_eq!(history.first_unanswered(&question(5, 19)), None);
    }

    #[test]
    fn b13_pieces_are_the_days_of_the_calendar() {
        let all = grid(1430, 1430 + 3000);
        let pieces = pieces(all);
        assert_eq!(pieces.len(), 4);
        assert_eq!(pieces.iter().map(Grid::count).sum::<usize>(), all.count());
        assert_eq!(pieces[0].count(), 10);
        assert_eq!(pieces[1].first(), Instant::from_secs(86_400));
    }

    #[test]
    fn b13_points_are_as_far_apart_as_the_median_of_the_densest_series() {
        let points = |site: &str, minutes: &[i64]| Series {
            labels: Labels::from_iter([("site".to_owned(), site.to_owned())]),
            points: (minutes.iter())
                .map(|minute| Point {
                    at: Instant::from_secs(minute * 60),
                    value: 1.0,
                })
                .collect(),
        };
        let apart = |series: Vec<Series>| {
            let reply = Reply {
                series,
                ..Reply::default()
            };
            let history = History::of(Observations::from_iter([(question(0, 99), Ok(reply))]));
            history.apart(&question(20, 30))
        };
        let minutes = |count: i64| Some(Duration::from_secs(count * 60));
        // Nights and gaps do not count, nor does a series of a few points.
        assert_eq!(
            apart(vec![
                points("a", &[0, 1, 2]),
                points("b", &[0, 5, 10, 40, 45, 50])
            ]),
            minutes(5)
        );
        assert_eq!(apart(vec![points("a", &[0, 1, 2, 3, 60, 99])]), minutes(1));
        assert_eq!(apart(vec![points("a", &[0, 5, 10, 15])]), None);
        assert_eq!(apart(Vec::new()), None);
        assert_eq!(History::default().apart(&question(0, 9)), None);
    }
}
