//! The pieces of a long range → one answer, with no gap and no doubled point where they meet (rule 2).
//!
//! Must not sort or drop points: what a server sent twice stays there twice.

use std::collections::{HashMap, HashSet};

use super::collect::Collected;
use super::exchange::{Body, Times};
use crate::samples::{Labels, Reply, Series};

/// The result of one question.
pub(crate) struct Outcome {
    pub(crate) reply: Reply,
    /// One for each piece; `None` if its text became too large.
    pub(crate) records: Vec<(Times, Option<Body>)>,
}

/// The result of one request.
pub(crate) struct Piece {
    series: Vec<Series>,
    warnings: Vec<String>,
    notes: Vec<String>,
    record: Option<Body>,
}

impl Piece {
    /// Samples, with the remarks that came with them.
    pub(crate) fn new(collected: Collected, warnings: Vec<String>, notes: Vec<String>) -> Self {
        let record = collected.record;
        Self {
            record: record.map(|record| record.finish(&warnings, &notes)),
            series: collected.series,
            warnings,
            notes,
        }
    }
}

/// Pieces of one answer, joined by labels.
pub(crate) struct Join {
    /// Points to expect in each series; 0 if there is a single piece.
    expected: usize,
    reply: Reply,
    places: HashMap<Labels, usize>,
    records: Vec<(Times, Option<Body>)>,
}

impl Join {
    pub(crate) fn new(expected: usize) -> Self {
        Self {
            expected,
            reply: Reply::default(),
            places: HashMap::new(),
            records: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, times: Times, piece: Piece) {
        self.records.push((times, piece.record));
        append_new(&mut self.reply.warnings, piece.warnings);
        append_new(&mut self.reply.notes, piece.notes);
        if self.expected == 0 {
            self.reply.series = piece.series;
            return;
        }
        let mut in_piece = HashSet::new();
        for series in piece.series {
            let place = self.places.get(&series.labels).copied();
            if place.is_some_and(|place| in_piece.contains(&place)) {
                // Nothing distinguishes it from its twin in the same piece: both stay, for the judge to see.
                self.reply.series.push(series);
            } else {
                in_piece.insert(self.add_series(place, series));
            }
        }
    }

    /// Appends a series to its earlier piece, or adds it last; returns its place.
    fn add_series(&mut self, place: Option<usize>, mut series: Series) -> usize {
        if let Some(place) = place
            && let Some(known) = self.reply.series.get_mut(place)
        {
            known.points.append(&mut series.points);
            return place;
        }
        series
            .points
            .reserve_exact(self.expected.saturating_sub(series.points.len()));
        let place = self.reply.series.len();
        self.places.insert(series.labels.clone(), place);
        self.reply.series.push(series);
        place
    }

    pub(crate) fn finish(mut self) -> Outcome {
        for series in &mut self.reply.series {
            series.points.shrink_to_fit();
        }
        Outcome {
            reply: self.reply,
            records: self.records,
        }
    }
}

/// The pieces of an answer repeat its remarks.
fn append_new(list: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Point;
    use crate::units::Instant;

    fn piece(series: &[(&str, i64)]) -> Piece {
        let one = |(site, at): &(&str, i64)| Series {
            labels: [("site".to_owned(), (*site).to_owned())]
                .into_iter()
                .collect(),
            points: vec![Point {
                at: Instant::from_secs(*at),
                value: 1.0,
            }],
        };
        Piece {
            series: series.iter().map(one).collect(),
            warnings: Vec::new(),
            notes: Vec::new(),
            record: None,
        }
    }

    fn joined(pieces: &[&[(&str, i64)]]) -> Vec<usize> {
        let mut join = Join::new(10);
        for series in pieces {
            join.add(Times::Own, piece(series));
        }
        let series = join.finish().reply.series;
        series.iter().map(|series| series.points.len()).collect()
    }

    #[test]
    fn rule_2_pieces_of_a_series_become_one() {
        assert_eq!(
            joined(&[&[("a", 0), ("b", 0)], &[("b", 1), ("a", 1)]]),
            [2, 2]
        );
    }

    #[test]
    fn twins_in_one_piece_stay_two_series() {
        assert_eq!(joined(&[&[("a", 0), ("a", 1)], &[("a", 2)]]), [2, 1]);
        assert_eq!(joined(&[&[("a", 0)], &[("a", 1), ("a", 2)]]), [2, 1]);
    }
}
