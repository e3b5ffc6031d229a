//! Samples as they are decoded → series, and in passing the text of the recording.
//!
//! Must not sort, drop or repair anything: the samples stay as they were sent.

use super::exchange::{MAX_TEXT_BYTES, Times};
use super::text::BodyWriter;
use crate::samples::{Labels, Point, Series};
use crate::units::Instant;

/// Takes the samples of one answer.
pub(crate) struct Collector {
    times: Times,
    /// The points of the series that is being read; reused, so that each series is allocated once and exactly.
    scratch: Vec<Point>,
    series: Vec<Series>,
    record: Option<BodyWriter>,
    /// Roughly how much memory the finished series take, in bytes.
    held: u64,
    /// How many they may take.
    room: u64,
}

/// The samples of one answer.
pub(crate) struct Collected {
    pub(crate) series: Vec<Series>,
    /// `None` if no recording is wanted, or its text became too large.
    pub(super) record: Option<BodyWriter>,
}

impl Collector {
    /// `room` is in bytes of memory: whoever decodes an answer stops once it is [exceeded](Collector::exceeded).
    pub(crate) fn new(times: Times, record: bool, room: u64) -> Self {
        Self {
            times,
            scratch: Vec::new(),
            series: Vec::new(),
            record: record.then(|| BodyWriter::new(times)),
            held: 0,
            room,
        }
    }

    /// The room in bytes of memory, once the samples exceed it. They can take many times the memory of their text, and in
    /// a hostile answer they will.
    pub(crate) fn exceeded(&self) -> Option<u64> {
        (self.held + bytes_of(self.scratch.len()) > self.room).then_some(self.room)
    }

    /// One sample; `text` is its value as sent.
    pub(crate) fn point(&mut self, at: Instant, value: f64, text: &[u8]) {
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
    pub(crate) fn end_series(&mut self, labels: Labels) {
        if let Some(record) = &mut self.record {
            record.series(&labels);
            if record.text_bytes() > MAX_TEXT_BYTES {
                self.record = None;
            }
        }
        let points = if self.scratch.len() > MAX_RESERVED {
            // More than a server sends at once: too much to hold twice, even for a moment.
            let mut points = std::mem::take(&mut self.scratch);
            points.shrink_to_fit();
            points
        } else {
            let points = self.scratch.as_slice().to_vec();
            self.scratch.clear();
            points
        };
        let texts = labels.iter().map(|(name, value)| name.len() + value.len());
        self.held += SERIES_BYTES + bytes_of(points.len());
        self.held += texts.map(|text| LABEL_BYTES + 2 * text as u64).sum::<u64>();
        self.series.push(Series { labels, points });
    }

    pub(crate) fn finish(self) -> Collected {
        Collected {
            series: self.series,
            record: self.record,
        }
    }
}

/// A series without labels and points, including what is judged and recorded about it (measured: 100 000 series of one
/// point took 680 MiB).
const SERIES_BYTES: u64 = 4096;
/// A label without its text: its share of a half-filled map node, and of the allocator.
const LABEL_BYTES: u64 = 160;

fn bytes_of(points: usize) -> u64 {
    (points * size_of::<Point>()) as u64
}

/// A hostile grid must not reserve more than a server would send at once.
const MAX_RESERVED: usize = 11_000;
