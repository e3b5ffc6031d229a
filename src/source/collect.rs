//! Samples as they are decoded → series, and on the way the text of the recording.
//!
//! Must not sort, drop or repair anything: the samples stay as they were sent.

use super::entry::{Body, BodyWriter, MAX_TEXT_BYTES, Times};
use crate::samples::{Labels, Point, Series};
use crate::units::Instant;

/// Takes the samples of one answer.
pub(super) struct Collector {
    times: Times,
    /// The points of the series that is being read; reused, so that each series is allocated once and exactly.
    scratch: Vec<Point>,
    series: Vec<Series>,
    record: Option<BodyWriter>,
}

/// The samples of one answer.
pub(super) struct Collected {
    pub(super) series: Vec<Series>,
    /// `None` where no recording is wanted, or its text became too large.
    pub(super) record: Option<BodyWriter>,
}

impl Collector {
    pub(super) fn new(times: Times, record: bool) -> Self {
        Self {
            times,
            scratch: Vec::new(),
            series: Vec::new(),
            record: record.then(|| BodyWriter::new(times)),
        }
    }

    /// One sample; `text` is its value as sent.
    pub(super) fn point(&mut self, at: Instant, value: f64, text: &[u8]) {
        if self.scratch.capacity() == 0 {
            self.reserve();
        }
        self.scratch.push(Point { at, value });
        if let Some(record) = &mut self.record {
            record.point(at, text);
        }
    }

    fn reserve(&mut self) {
        if let Times::Grid(grid) = self.times {
            self.scratch.reserve_exact(grid.count().min(MAX_RESERVED));
        }
    }

    /// Ends the series that is being read.
    pub(super) fn end_series(&mut self, labels: Labels) {
        if let Some(record) = &mut self.record {
            record.series(&labels);
            if record.text_bytes() > MAX_TEXT_BYTES {
                self.record = None;
            }
        }
        let points = self.scratch.as_slice().to_vec();
        self.scratch.clear();
        self.series.push(Series { labels, points });
    }

    pub(super) fn finish(self) -> Collected {
        Collected {
            series: self.series,
            record: self.record,
        }
    }
}

/// A hostile grid must not reserve more than a server would send at a time.
const MAX_RESERVED: usize = 11_000;

/// Ends a recording with what was said beside the samples.
pub(super) fn finish_record(
    record: Option<BodyWriter>,
    warnings: &[String],
    notes: &[String],
) -> Option<Body> {
    record.map(|record| record.finish(warnings, notes))
}
