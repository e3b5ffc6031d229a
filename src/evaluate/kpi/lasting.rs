//! Rule 5: whether a stop's bad state lasted. Points that nobody measured may have been bad, too; must not look at what a
//! reducer or a share makes of the points.

use std::ops::Range;

use super::bad::{Expected, SeriesJudge};
use super::presence::{Known, has_value, is_quiet};
use super::ruling::{SeriesRuling, found};
use super::stretches::{Stretch, longest, stretches_of};
use crate::assessment::{Approach, Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::kind::List;
use crate::plan::Hold;
use crate::units::Duration;

impl SeriesJudge<'_> {
    /// A stop trips on a stretch of bad points, like a Prometheus alert with `for`; without `for`, on any one.
    pub(super) fn lasted(&self, length: Option<Duration>) -> SeriesRuling {
        let bad = self.bad();
        let Some(worst) = self.worst_point() else {
            return self.undecided();
        };
        let (value, bound) = self.show(worst.value, worst.bound);
        let bounds = self.bounds(&bound, "its limits");
        let lasted = |stretch: &Stretch| {
            self.grid
                .at(stretch.first)
                .until(self.grid.at(stretch.last))
        };
        let stretch = longest(bad);
        if let Some(stretch) =
            stretch.filter(|stretch| length.is_none_or(|length| lasted(stretch) >= length))
        {
            let (stretch, thin) = (self.stretch_words(stretch), self.thinness());
            let reason = match length {
                Some(length) => format!(
                    "{bounds} for {stretch}, {length} is enough; the worst is {value}{at}{thin}",
                    at = self.place(&worst, ""),
                ),
                None => format!(
                    "{value}{at} is {bound}: {stretch}{thin}",
                    at = self.place(&worst, ",")
                ),
            };
            return found(Outcome::Tripped, Code::Breach, reason, Some(worst.value));
        }
        let beside = self.beside(&worst);
        let reason = match (stretch, length) {
            _ if self.approach().is_some() => {
                let nearing = self.approach().map(|approach| approach.to_string());
                format!(
                    "{}; the worst is {value}{beside}",
                    nearing.unwrap_or_default()
                )
            }
            (Some(stretch), Some(length)) => format!(
                "never {bounds} for {length}: the longest stretch is {}, the worst value {value}{beside}",
                self.stretch_words(stretch)
            ),
            _ => format!(
                "no point is {}, the worst is {value}{beside}",
                self.bounds(&bound, "its limit")
            ),
        };
        let open = length.and_then(|length| self.may_have_lasted(length, &bounds));
        if let (None, Some(Undecided { code, reason })) = (self.thin, open) {
            return found(Outcome::Unknown, code, reason, Some(worst.value));
        }
        self.unless_thin(Outcome::Clear, Code::Clear, reason, Some(worst.value))
    }

    /// How far a stop is on its way: the bad state has lasted up to the newest measured point, but not yet long enough.
    pub(super) fn approach(&self) -> Option<Approach> {
        let Some(Hold::For(needed)) = self.condition.hold.filter(|_| self.list == List::Stop)
        else {
            return None;
        };
        let stretch = *self.bad().last()?;
        let mut later = stretch.last + 1..self.values.len();
        let is_over = later.any(|position| self.at(position).is_some());
        let first = self.grid.at(stretch.first);
        let lasted = first.until(self.grid.at(stretch.last));
        let step = self.grid.at(0).until(self.grid.at(1));
        if is_over || lasted >= needed || step <= Duration::ZERO {
            return None;
        }
        let steps = (needed.millis() + step.millis() - 1) / step.millis();
        let steps = usize::try_from(steps).ok()?;
        let unseen = self.values.len().saturating_sub(stretch.last + 1);
        let trips_at = self.grid.at(stretch.first + steps) + self.delay;
        let newest = self.grid.at(self.values.len().saturating_sub(1)) + self.delay;
        Some(Approach {
            lasted,
            needed,
            last_seen: self.grid.at(stretch.last),
            trips_at: (unseen <= 1 && trips_at > newest).then_some(trips_at),
        })
    }

    /// Why the bad state may have lasted long enough, although not each point of the time shows it; `None` if it cannot have.
    fn may_have_lasted(&self, length: Duration, bounds: &str) -> Option<Undecided> {
        let open = self.unbroken().into_iter().find(|run| {
            // As long as if they stood side by side.
            let steps = (run.bad + run.missing).saturating_sub(1);
            let lasted = self.grid.first().until(self.grid.at(steps));
            run.bad > 0 && lasted >= length
        })?;
        let missing = self.missing_words(&open);
        let quiet = (open.quiet > 0).then(|| format!("{} quiet", open.quiet));
        let others: Vec<String> = missing.into_iter().chain(quiet).collect();
        let reason = format!(
            "may have been {bounds} for {length}: {bad} of {all} points from {from} to {to} are, and the rest do not show that it ended: {others}",
            bad = open.bad,
            all = open.bad + open.missing + open.quiet,
            from = self.grid.at(open.first),
            to = self.grid.at(open.last),
            others = others.join(", "),
        );
        let code = if open.missing == 0 {
            Code::Quiet
        } else {
            Code::LowCoverage
        };
        Some(Undecided::new(code, reason))
    }

    /// The runs of points that no good one breaks. A quiet point neither breaks a run nor makes it longer: its guard says that
    /// it counts for nothing, not that it was good.
    fn unbroken(&self) -> Vec<Run> {
        let there = self.there();
        let mut runs: Vec<Run> = Vec::new();
        let mut is_broken = true;
        for position in 0..self.values.len() {
            let shown = self.shown(position, &there);
            if shown == Shown::Good {
                is_broken = true;
                continue;
            }
            if std::mem::take(&mut is_broken) {
                runs.push(Run::starting(position));
            }
            if let Some(run) = runs.last_mut() {
                run.extend(position, shown);
            }
        }
        runs
    }

    pub(super) fn shown(&self, position: usize, there: &Range<usize>) -> Shown {
        let quiet = self.points.get(position).copied().is_some_and(is_quiet);
        match self.at(position) {
            Some(value) if self.is_bad(position, value) => Shown::Bad,
            Some(_) => Shown::Good,
            None if quiet => Shown::Quiet,
            None if there.contains(&position) => Shown::Missing,
            None => Shown::Good,
        }
    }

    /// The positions at which a series is expected.
    pub(super) fn there(&self) -> Range<usize> {
        let is_there =
            |known: &Known| has_value(*known) || is_quiet(*known) || *known == Known::Unjudged;
        let first = self.points.iter().position(is_there);
        let last = self.points.iter().rposition(is_there);
        let all = 0..self.values.len();
        match (self.expected, first.zip(last)) {
            (Expected::Throughout, _) | (_, None) => all,
            (Expected::OnceThere, Some((first, _))) => first..all.end,
            (Expected::WhileThere, Some((first, last))) => first..last + 1,
        }
    }

    /// `2 not measured (2026-11-19T23:53:00Z to 2026-11-19T23:54:00Z)`, with the longest gap; `None` if nothing is missing.
    fn missing_words(&self, run: &Run) -> Option<String> {
        let place = self.longest_gap(run.first..run.last + 1)?;
        Some(format!("{} not measured ({place})", run.missing))
    }

    /// Where points are missing among these, if any is.
    pub(super) fn longest_gap(&self, among: Range<usize>) -> Option<String> {
        let there = self.there();
        let gaps = stretches_of(self.values.len(), |position| {
            among.contains(&position) && self.shown(position, &there) == Shown::Missing
        });
        let gap = longest(&gaps)?;
        let (first, last) = (self.grid.at(gap.first), self.grid.at(gap.last));
        Some(match (gaps.len(), first == last) {
            (_, true) => format!("at {first}"),
            (1, false) => format!("{first} to {last}"),
            (_, false) => format!("the longest gap is {first} to {last}"),
        })
    }
}

/// What a point shows of a bad state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Bad,
    /// Or the series need not be there.
    Good,
    Quiet,
    Missing,
}

/// Points that no good one breaks: from one position to another, and how many of each sort.
struct Run {
    first: usize,
    last: usize,
    bad: usize,
    missing: usize,
    quiet: usize,
}

impl Run {
    fn starting(first: usize) -> Self {
        Self {
            first,
            last: first,
            bad: 0,
            missing: 0,
            quiet: 0,
        }
    }

    fn extend(&mut self, position: usize, shown: Shown) {
        self.last = position;
        match shown {
            Shown::Bad => self.bad += 1,
            Shown::Missing => self.missing += 1,
            Shown::Quiet => self.quiet += 1,
            Shown::Good => {}
        }
    }
}
