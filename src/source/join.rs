//! The pieces of a split range → one answer, without a seam or a double point of its own making (rule 2).
//!
//! Must not sort or drop points: what a server sent twice stays twice.

use std::collections::HashMap;

use super::entry::{Body, Times};
use crate::samples::{Labels, Reply, Series};

/// What one question gave.
pub(super) struct Outcome {
    pub(super) reply: Reply,
    /// One for each piece; `None` where its text became too large.
    pub(super) records: Vec<(Times, Option<Body>)>,
}

/// What one request gave.
pub(super) struct Piece {
    pub(super) series: Vec<Series>,
    pub(super) warnings: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) record: Option<Body>,
}

/// Pieces of one answer, put together by labels.
pub(super) struct Join {
    /// Points to expect of each series; 0 where there is a single piece.
    expected: usize,
    reply: Reply,
    places: HashMap<Labels, usize>,
    records: Vec<(Times, Option<Body>)>,
}

impl Join {
    pub(super) fn new(expected: usize) -> Self {
        Self {
            expected,
            reply: Reply::default(),
            places: HashMap::new(),
            records: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, times: Times, piece: Piece) {
        self.records.push((times, piece.record));
        append_new(&mut self.reply.warnings, piece.warnings);
        append_new(&mut self.reply.notes, piece.notes);
        if self.expected == 0 {
            self.reply.series = piece.series;
            return;
        }
        for series in piece.series {
            self.add_series(series);
        }
    }

    fn add_series(&mut self, mut series: Series) {
        let place = self.places.get(&series.labels);
        if let Some(known) = place.and_then(|place| self.reply.series.get_mut(*place)) {
            known.points.append(&mut series.points);
            return;
        }
        series
            .points
            .reserve_exact(self.expected.saturating_sub(series.points.len()));
        self.places
            .insert(series.labels.clone(), self.reply.series.len());
        self.reply.series.push(series);
    }

    pub(super) fn finish(mut self) -> Outcome {
        for series in &mut self.reply.series {
            series.points.shrink_to_fit();
        }
        Outcome {
            reply: self.reply,
            records: self.records,
        }
    }
}

/// Pieces of an answer repeat their remarks.
fn append_new(list: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}
