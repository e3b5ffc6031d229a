//! Rules 3 and 4 for any window of a long time: whether what is known of its points is enough, in a few steps each. The rules are
//! those of `presence` and `age`, which say it in words for one window. Must not look at values.

use super::slides::Counts;
use crate::assessment::Code;
use crate::evaluate::kpi::age::max_age;
use crate::evaluate::kpi::known::{Known, has_value, is_quiet, is_unguarded};
use crate::plan::criteria::KpiAsk;
use crate::samples::Grid;
use crate::units::{Duration, Instant, Share};

/// A window, by its first and last position.
pub(super) type Window = (usize, usize);

/// That a window has to be handed to the judge of a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unusual;

const NONE: u32 = u32::MAX;

/// What is known of the points of a long time.
pub(super) struct Extents {
    coverage: Share,
    active: Share,
    max_age: Duration,
    grid: Grid,
    value: Counts,
    paired: Counts,
    quiet: Counts,
    unguarded: Counts,
    unjudged: Counts,
    /// The last position with a value, up to each.
    newest: Vec<u32>,
    silence: Option<Silence>,
}

/// What quiet points say of the time after the newest measured one.
struct Silence {
    last_quiet: Vec<u32>,
    next_quiet: Vec<u32>,
    last_absent: Vec<u32>,
    next_absent: Vec<u32>,
    /// At each quiet position: the steps that are not quiet between quiet ones, up to it.
    open: Vec<u32>,
}

impl Extents {
    pub fn of(ask: &KpiAsk, grid: Grid, points: &[Known]) -> Self {
        let counts = |has: fn(Known) -> bool| Counts::of(points.iter().map(|known| has(*known)));
        let any_quiet = points.iter().copied().any(is_quiet);
        Self {
            coverage: ask.kpi.coverage,
            active: ask.kpi.active,
            max_age: max_age(ask),
            grid,
            value: counts(has_value),
            paired: counts(|known| known == Known::Measured),
            quiet: counts(is_quiet),
            unguarded: counts(is_unguarded),
            unjudged: counts(|known| known == Known::Unjudged),
            newest: last(points, has_value),
            silence: any_quiet.then(|| Silence::of(points)),
        }
    }

    pub fn is_quiet_throughout(&self, window: Window) -> bool {
        self.quiet.within(window) == length(window)
    }

    pub fn has_value(&self, window: Window) -> bool {
        self.value.within(window) > 0
    }

    fn asked_for(&self, window: Window) -> usize {
        length(window) - self.quiet.within(window)
    }

    pub fn too_quiet(&self, window: Window) -> Option<Code> {
        let quiet = self.quiet.within(window) > 0;
        let active = self
            .active
            .reached_by(self.asked_for(window), length(window));
        (quiet && !active).then_some(Code::Quiet)
    }

    fn too_few(&self, window: Window) -> Option<Code> {
        let measured = self.value.within(window);
        if measured == 0 {
            return Some(Code::NoData);
        }
        let enough = self.coverage.reached_by(measured, self.asked_for(window));
        (!enough).then_some(Code::LowCoverage)
    }

    fn hardly_active(&self, window: Window) -> Option<Code> {
        let known = self.asked_for(window) - self.unguarded.within(window);
        let active = self.active.reached_by(known, length(window));
        (!active).then_some(Code::LowCoverage)
    }

    /// Whether the newest point is too old at a time; `false` if there is none.
    fn too_old(&self, window: Window, at: Instant) -> bool {
        let newest = get(&self.newest, window.1);
        newest.is_some_and(|newest| {
            newest >= window.0 && self.silence(newest, window, at) > self.max_age
        })
    }

    fn silence(&self, newest: usize, window: Window, at: Instant) -> Duration {
        let age = self.grid.at(newest).until(at);
        match &self.silence {
            Some(silence) => silence.after(newest, window, at, &self.grid),
            None => age,
        }
    }

    /// Why the points of one series by itself are not enough.
    pub fn thin(&self, window: Window, at: Instant) -> Option<Code> {
        self.too_quiet(window)
            .or_else(|| self.too_few(window))
            .or_else(|| self.hardly_active(window))
            .or_else(|| self.too_old(window, at).then_some(Code::Stale))
    }

    /// Why those of all series together are not enough.
    pub fn thin_together(&self, window: Window, at: Instant) -> Option<Code> {
        self.too_few(window)
            .or_else(|| self.too_old(window, at).then_some(Code::Stale))
    }

    /// The same of one series among all; `ends` says whether one that ended is thin.
    pub fn thin_among(
        &self,
        together: Option<Code>,
        window: Window,
        (at, ends): (Instant, bool),
    ) -> Result<Option<Code>, Unusual> {
        if self.value.within(window) == 0 {
            return Ok(self.thin(window, at));
        }
        let too_old = self.too_old(window, at);
        if too_old && self.unjudged.within(window) > 0 {
            // Whether it ended or lost its guard.
            return Err(Unusual);
        }
        let ended = (too_old && ends).then_some(Code::SeriesEnded);
        let quiet = self.too_quiet(window);
        Ok(quiet
            .or(together)
            .or_else(|| self.hardly_active(window))
            .or(ended))
    }

    /// M4: why too few points have a partner: of those that are not quiet, or of those with a value.
    pub fn few_pairs(&self, window: Window, of_its_own: bool) -> Option<Code> {
        let paired = self.paired.within(window);
        let asked_for = if of_its_own {
            self.value.within(window)
        } else {
            self.asked_for(window)
        };
        let enough = paired > 0 && self.coverage.reached_by(paired, asked_for);
        (!enough).then_some(Code::BaselineUnknown)
    }
}

impl Silence {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a grid has at most 2^24 points"
    )]
    fn of(points: &[Known]) -> Self {
        let is_absent = |known: Known| known == Known::Absent;
        let mut open = Vec::with_capacity(points.len());
        let (mut sum, mut before) = (0, None);
        for (position, known) in points.iter().enumerate() {
            if is_quiet(*known) {
                if let Some(before) = before.filter(|before| before + 1 < position) {
                    sum += (position - before) as u32;
                }
                before = Some(position);
            }
            open.push(sum);
        }
        Self {
            last_quiet: last(points, is_quiet),
            next_quiet: next(points, is_quiet),
            last_absent: last(points, is_absent),
            next_absent: next(points, is_absent),
            open,
        }
    }

    /// For how long nothing was seen after the newest point of a window.
    fn after(&self, newest: usize, window: Window, at: Instant, grid: &Grid) -> Duration {
        let later = |position: &usize| *position > newest;
        let quiet = get(&self.last_quiet, window.1).filter(later);
        let (mut silence, mut seen) = (Duration::ZERO, newest);
        if let Some(quiet) = quiet {
            let first = get(&self.next_quiet, newest + 1).unwrap_or(quiet);
            if first > newest + 1 {
                silence = grid.at(newest).until(grid.at(first));
            }
            let open = |position| self.open.get(position).copied().unwrap_or_default() as usize;
            let steps = open(quiet) - open(first);
            silence = silence + grid.first().until(grid.at(steps));
            seen = quiet;
        }
        let silence = silence + grid.at(seen).until(at);
        let absent = get(&self.last_absent, window.1).filter(later);
        let unanswered = absent.map_or(Duration::ZERO, |absent| {
            let first = get(&self.next_absent, newest + 1).unwrap_or(absent);
            grid.at(first).until(grid.at(absent))
        });
        silence.max(unanswered)
    }
}

fn length((first, last): Window) -> usize {
    last + 1 - first
}

fn get(positions: &[u32], at: usize) -> Option<usize> {
    let found = positions.get(at).copied().filter(|found| *found != NONE);
    found.map(|found| found as usize)
}

/// The last position up to each with a property.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a grid has at most 2^24 points"
)]
fn last(points: &[Known], is_one: fn(Known) -> bool) -> Vec<u32> {
    let mut found = NONE;
    let each = points.iter().enumerate().map(|(position, known)| {
        if is_one(*known) {
            found = position as u32;
        }
        found
    });
    each.collect()
}

/// The first position from each on with a property.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a grid has at most 2^24 points"
)]
fn next(points: &[Known], is_one: fn(Known) -> bool) -> Vec<u32> {
    let mut found = NONE;
    let mut all: Vec<u32> = (points.iter().enumerate().rev())
        .map(|(position, known)| {
            if is_one(*known) {
                found = position as u32;
            }
            found
        })
        .collect();
    all.reverse();
    all
}
