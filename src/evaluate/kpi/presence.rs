//! Rules 3 and 4: what is known of each point of a span, and whether that is enough to decide on. Takes the points, whoever
//! asked for them; must not look at the values that were measured.

use super::age::{Ended, TooOld};
pub(super) use super::known::{
    Guarded, Known, Presence, has_value, is_quiet, is_there, is_unguarded, join,
};
use super::stretches::{longest, stretches_of};
use crate::assessment::{Code, PointCount};
use crate::evaluate::context::Undecided;
use crate::plan::Continuity;
use crate::plan::criteria::KpiAsk;
use crate::units::{Instant, Unit};

/// How all series together are thin: only if nothing lists them.
pub(super) struct Shared(pub Option<Undecided>);

/// Whether coverage counts the points of all series together: where nothing lists them. `fresh_at` is the time from which their
/// age counts; a baseline has none, and each of its series needs points of its own (M4).
pub(super) fn counts_together(ask: &KpiAsk, fresh_at: Option<Instant>) -> bool {
    ask.kpi.per.is_some() && ask.expected.is_none() && fresh_at.is_some()
}

/// How far the points of one series go.
pub(super) struct Extent {
    /// Why they are not enough for a decision that needs all of them.
    pub thin: Option<Undecided>,
    /// Where the series ended, if nothing lists the series, its newest point is too old, and nothing came later.
    pub ended: Option<Ended>,
}

impl Presence<'_> {
    /// How many points there are of each sort.
    pub fn count(&self) -> PointCount {
        PointCount {
            expected: self.points.len(),
            measured: self.number(|known| known == Known::Measured),
            quiet: self.number(is_quiet),
        }
    }

    fn number(&self, counts: impl Fn(Known) -> bool) -> usize {
        self.points.iter().filter(|known| counts(**known)).count()
    }

    /// How many points are not quiet: those that should be measured.
    fn asked_for(&self) -> usize {
        self.points.len() - self.number(is_quiet)
    }

    /// Whether no point is anything but quiet, each measured as quiet.
    pub fn is_quiet_throughout(&self) -> bool {
        self.points.iter().copied().all(is_quiet)
    }

    /// Whether something was measured at each point: a value, or that it is quiet.
    pub fn is_known_throughout(&self) -> bool {
        self.points.iter().copied().all(is_there)
    }

    /// How far the points of one series go: its own count, or those of all series together if nothing lists them (`shared`).
    pub fn extent(&self, shared: Option<&Shared>) -> Extent {
        let measured = self.number(has_value) > 0;
        let (Some(Shared(together)), true) = (shared, measured) else {
            return Extent {
                thin: self.thin(),
                ended: None,
            };
        };
        let unguarded = self.lost_its_guard();
        let ended = self.too_old().filter(|_| unguarded.is_none());
        let ended = ended.map(TooOld::ended);
        let of_its_own = (ended.as_ref())
            .filter(|_| self.ask.kpi.continuity == Continuity::Each)
            .map(Ended::undecided)
            .or(unguarded);
        let quiet = self.too_quiet();
        Extent {
            thin: quiet
                .or_else(|| together.clone())
                .or_else(|| self.hardly_active())
                .or(of_its_own),
            ended,
        }
    }

    /// Why the points are not enough; `None` if they are.
    pub fn thin(&self) -> Option<Undecided> {
        self.too_quiet()
            .or_else(|| self.too_few())
            .or_else(|| self.hardly_active())
            .or_else(|| self.stale())
    }

    /// Why those of all series together are not enough. How many of them are quiet is asked of each series by itself.
    pub fn thin_together(&self) -> Option<Undecided> {
        self.too_few().or_else(|| self.stale())
    }

    /// M9: so many points are quiet that the rest says too little.
    pub fn too_quiet(&self) -> Option<Undecided> {
        let (active, expected) = (self.ask.kpi.active, self.points.len());
        let words = self.quiet_words()?;
        (!active.reached_by(self.asked_for(), expected)).then(|| {
            let reason = if expected == 1 {
                words
            } else {
                format!("{words}; at least {active} must not be")
            };
            Undecided::new(Code::Quiet, reason)
        })
    }

    /// The points that nothing is known of may all be quiet: at least the active share is known not to be.
    fn hardly_active(&self) -> Option<Undecided> {
        let (active, expected) = (self.ask.kpi.active, self.points.len());
        let known = self.number(|known| !is_unguarded(known) && !is_quiet(known));
        (!active.reached_by(known, expected)).then(|| {
            let reason = format!(
                "the guard holds at {known} of {expected} points, {active} needed; it was not measured at {}{}",
                self.number(is_unguarded),
                self.age(),
            );
            Undecided::new(Code::LowCoverage, reason)
        })
    }

    /// Fewer points were measured than the coverage asks for.
    fn too_few(&self) -> Option<Undecided> {
        let (grid, measured, asked_for) = (self.grid, self.number(has_value), self.asked_for());
        let beside = self
            .quiet_words()
            .map_or_else(String::new, |words| format!("; {words}"));
        if measured == 0 {
            let between = format!("between {} and {}", grid.first(), grid.last());
            return Some(Undecided::new(
                Code::NoData,
                format!("none of {asked_for} points was measured {between}{beside}"),
            ));
        }
        let coverage = self.ask.kpi.coverage;
        (!coverage.reached_by(measured, asked_for)).then(|| {
            let way_out = self.too_old().map_or("", |old| old.way_out);
            let reason = format!(
                "{measured} of {asked_for} points measured, {coverage} needed; {}{beside}{}{way_out}",
                self.gaps(),
                self.age(),
            );
            Undecided::new(Code::LowCoverage, reason)
        })
    }

    /// M4: of points that are enough by themselves, too few have a partner.
    pub fn too_few_pairs(&self) -> Option<Undecided> {
        self.few_pairs(self.asked_for())
    }

    /// M4: of the points with a value, too few have a partner.
    pub fn too_few_of_its_own(&self) -> Option<Undecided> {
        self.few_pairs(self.number(has_value))
    }

    fn few_pairs(&self, asked_for: usize) -> Option<Undecided> {
        let paired = self.count().measured;
        let coverage = self.ask.kpi.coverage;
        (paired == 0 || !coverage.reached_by(paired, asked_for)).then(|| {
            let reason = format!(
                "the baseline is unknown: {paired} of {asked_for} points have a partner in it, {coverage} needed{}",
                self.age()
            );
            Undecided::new(Code::BaselineUnknown, reason)
        })
    }

    /// M8: what was not measured, and what was quiet; `None` if each point was measured.
    pub fn unmeasured(&self) -> Option<String> {
        let (count, asked_for) = (self.count(), self.asked_for());
        let unpaired = self.number(|known| known == Known::Unpaired);
        let partners = match unpaired {
            0 => String::new(),
            some => format!(", {some} without a partner in the baseline"),
        };
        let missing = (count.measured < asked_for).then(|| {
            let (measured, gaps) = (count.measured + unpaired, self.gaps());
            format!(
                "{measured} of {asked_for} points measured{partners}{gaps}",
                gaps = and(&gaps)
            )
        });
        let words: Vec<String> = missing.into_iter().chain(self.quiet_words()).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }

    /// `824 of 2881 points quiet: guard 0.02 is not > 0.1`, with the guard's newest value; `None` if no point is quiet.
    pub fn quiet_words(&self) -> Option<String> {
        let value = |known: &Known| match known {
            Known::Quiet(value) => Some(*value),
            Known::Measured
            | Known::Unpaired
            | Known::Absent
            | Known::Unjudged
            | Known::Unguarded => None,
        };
        let (quiet, expected) = (self.number(is_quiet), self.points.len());
        let newest = self.points.iter().rev().find_map(value)?;
        let is = self.ask.guard.as_ref()?.is;
        let (guard, bound) = Unit::None.show_beside(newest, is.bound.get());
        let count = match (quiet, expected) {
            (_, 1) => "quiet".to_owned(),
            (quiet, expected) if quiet == expected => format!("all {expected} points quiet"),
            _ => format!("{quiet} of {expected} points quiet"),
        };
        let symbol = is.comparison.symbol();
        Some(format!("{count}: guard {guard} is not {symbol} {bound}"))
    }

    /// Whether a point is neither measured, beside its partner, nor quiet.
    pub fn is_missing(&self, position: usize) -> bool {
        let known = self.points.get(position);
        known.is_none_or(|known| *known != Known::Measured && !is_quiet(*known))
    }

    /// The two longest gaps, in words; empty if there is none.
    fn gaps(&self) -> String {
        let is_missing = |position| {
            self.points
                .get(position)
                .is_some_and(|known| !is_there(*known))
        };
        let mut gaps = stretches_of(self.points.len(), is_missing);
        let mut named = Vec::new();
        while let (Some(gap), true) = (longest(&gaps), named.len() < 2) {
            gaps.retain(|other| *other != gap);
            let (first, last) = (self.grid.at(gap.first), self.grid.at(gap.last));
            named.push(if first == last {
                format!("at {first}")
            } else {
                format!("{first} to {last}")
            });
        }
        match named.as_slice() {
            [] => String::new(),
            [only] => format!("the only gap is {only}"),
            several => format!("the longest gaps are {}", several.join(" and ")),
        }
    }
}

fn and(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!("; {words}")
    }
}
