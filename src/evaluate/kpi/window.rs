//! M8b: what the span of a `$window` query holds, from the answer to its companion. Coverage and freshness are seen from that.
//!
//! Must not decide: a number that breaches stays, and one that is good stands only where the span was seen.

use std::collections::{BTreeMap, BTreeSet};

use super::age::Ended;
use super::companion::{Companion, Shows, not_captured, unseen};
use super::guard::guarded;
use super::placed::place;
use super::presence::{Extent, Guarded, Known, Presence, Shared, counts_together, join};
use super::question::GuardedQuestion;
use super::ratio;
use super::ruling::SeriesRuling;
use super::series::{GuardSeries, JudgedSeries, Replies, subjects, whole};
use crate::assessment::{Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Continuity, Guard};
use crate::samples::{Grid, Observations, Origin, Series};
use crate::units::Instant;

/// The points of a span, series by series.
pub(super) struct Window<'a> {
    ask: &'a KpiAsk,
    companion: &'a Companion,
    grid: Grid,
    /// The time from which their age counts; `None` if they cannot be too old (baselines).
    at: Option<Instant>,
    /// By the value of `per`'s label: of each series that came back, whether as a number or behind one.
    points: BTreeMap<Option<String>, Vec<Known>>,
    /// Of any other.
    nothing: Vec<Known>,
    /// How all series together are thin, if nothing lists them.
    shared: Option<Shared>,
    /// The series that came back behind the number, if there is a number for each.
    behind: Vec<JudgedSeries<'a>>,
}

impl<'a> Window<'a> {
    /// What came back behind these numbers; `None` where there is no number for a whole span. `at` is the time from which the
    /// age of points counts.
    pub fn of(
        ask: &'a KpiAsk,
        at: Option<Instant>,
        asking: &'a GuardedQuestion,
        numbers: &[JudgedSeries],
        observations: &'a Observations,
    ) -> Option<Result<Self, Undecided>> {
        let companion = match asking.companion.as_ref()? {
            Ok(companion) => companion,
            Err(undecided) => return Some(Err(undecided.clone())),
        };
        let behind = Behind::read(ask, asking, companion, observations);
        let window = behind.and_then(|behind| Self::read(ask, at, companion, behind, numbers));
        Some(window.map_err(|why| match &companion.question.origin {
            Origin::File(path) => not_captured(path),
            Origin::Source(_) => unseen(&why.reason),
        }))
    }

    fn read(
        ask: &'a KpiAsk,
        at: Option<Instant>,
        companion: &'a Companion,
        behind: Behind<'a>,
        numbers: &[JudgedSeries],
    ) -> Result<Self, Undecided> {
        let own = numbers.iter().map(|series| series.per.clone());
        let named: BTreeSet<_> = own.chain(behind.names()).collect();
        let points = named.into_iter().map(|per| {
            let points = behind.points(per.as_deref())?;
            Ok((per, points))
        });
        let mut window = Self {
            ask,
            companion,
            grid: behind.grid,
            at,
            points: points.collect::<Result<_, Undecided>>()?,
            nothing: vec![Known::Unguarded; behind.grid.count()],
            shared: None,
            behind: behind.values,
        };
        if counts_together(ask, at) {
            let mut anywhere = window.nothing.clone();
            for points in window.points.values() {
                join(&mut anywhere, points);
            }
            window.shared = Some(Shared(window.over(&anywhere).thin_together()));
        }
        Ok(window)
    }

    fn over<'p>(&'p self, points: &'p [Known]) -> Presence<'p> {
        Presence {
            ask: self.ask,
            grid: &self.grid,
            points,
            fresh_at: self.at,
        }
    }

    /// The points of a series.
    pub fn presence(&self, subject: &JudgedSeries) -> Presence<'_> {
        let own = self.points.get(&subject.per);
        self.over(own.unwrap_or(&self.nothing))
    }

    fn extent(&self, subject: &JudgedSeries) -> Extent {
        self.presence(subject).extent(self.shared.as_ref())
    }

    /// Why what the span holds of a series is not enough; `None` where it is.
    pub fn thin(&self, subject: &JudgedSeries) -> Option<Undecided> {
        let thin = self.extent(subject).thin?;
        let length = (self.companion.length).filter(|_| thin.code != Code::Quiet);
        let seen = length.map_or_else(String::new, |length| {
            let quiet = if self.tells_quiet() {
                ""
            } else {
                "; a guard without `$window` would tell quiet points from missing ones"
            };
            format!(
                " (seen with {length} in the place of `$window`; if samples are normally further apart than that, use a fixed range{quiet})"
            )
        });
        let reason = format!("{}{seen}", thin.reason);
        Some(Undecided { reason, ..thin })
    }

    /// Why a span that its guard calls quiet was not seen to be so at each point; `None` where it was.
    fn not_seen_quiet(&self, subject: &JudgedSeries) -> Option<Undecided> {
        if !self.tells_quiet() {
            return Some(unseen(
                "the guard is one number for all of it, and may not have been measured throughout: write it without `$window`",
            ));
        }
        let presence = self.presence(subject);
        (!presence.is_known_throughout()).then(|| {
            let points = presence.unmeasured().unwrap_or_default();
            let reason = format!("the guard was not measured throughout: {points}");
            Undecided::new(Code::LowCoverage, reason)
        })
    }

    /// Whether quiet points are told from missing ones.
    fn tells_quiet(&self) -> bool {
        let guard = self.ask.guard.as_ref();
        let one_for_all = guard.is_some_and(|guard| guard.query.is_instant());
        !one_for_all || self.companion.shows != Shows::Value
    }

    /// Where a series ended, where nothing lists the series.
    pub fn ended(&self, subject: &JudgedSeries) -> Option<Ended> {
        self.extent(subject).ended
    }

    /// M7: the series that came back behind the number and have none, where nothing lists the series and each must be there.
    pub fn without_number(&self, numbers: &[JudgedSeries]) -> Vec<JudgedSeries<'a>> {
        if self.shared.is_none() || self.ask.kpi.continuity == Continuity::Any {
            return Vec::new();
        }
        let is_new = |of: &&JudgedSeries| numbers.iter().all(|number| number.per != of.per);
        let new = self.behind.iter().filter(is_new);
        new.map(|of| JudgedSeries {
            series: None,
            ..of.clone()
        })
        .collect()
    }
}

/// The answers that show the points of a span.
struct Behind<'a> {
    ask: &'a KpiAsk,
    shows: Shows,
    grid: Grid,
    /// The KPI's own series, where they are asked for.
    values: Vec<JudgedSeries<'a>>,
    /// The guard's, where it has points.
    guard: Option<(GuardSeries<'a>, &'a Guard)>,
}

impl<'a> Behind<'a> {
    fn read(
        ask: &'a KpiAsk,
        asking: &'a GuardedQuestion,
        companion: &Companion,
        observations: &'a Observations,
    ) -> Result<Self, Undecided> {
        let part = companion.part.as_ref();
        let replies = Replies::read(observations, &companion.question, part)?;
        let reply = replies.values;
        let grid = companion.grid.or(reply.grid);
        let grid = grid.ok_or_else(|| unseen("the answer does not say which points it is for"))?;
        let of_guard = match (companion.shows, &asking.guard) {
            (Shows::Value, Some(guard)) if guard.is_behind => {
                Some(whole(observations, &guard.question)?)
            }
            (Shows::Value, _) => None,
            (Shows::Guard | Shows::Activity, _) => Some(reply),
        };
        let guard = match (&ask.guard, of_guard) {
            (Some(guard), Some(reply)) => {
                let series = GuardSeries::read(ask.kpi.per.as_deref(), reply)?;
                Some((series, guard))
            }
            (None, _) | (_, None) => None,
        };
        let values = match companion.shows {
            Shows::Value if !reply.series.is_empty() => subjects(ask, replies, &[])?,
            Shows::Value | Shows::Guard | Shows::Activity => Vec::new(),
        };
        Ok(Self {
            ask,
            shows: companion.shows,
            grid,
            values: values
                .into_iter()
                .filter(|one| one.series.is_some())
                .collect(),
            guard,
        })
    }

    /// The series that came back, by `per`.
    fn names(&self) -> impl Iterator<Item = Option<String>> {
        let values = self.values.iter().map(|of| of.per.clone());
        let guard = match (self.shows, &self.guard) {
            (Shows::Guard | Shows::Activity, Some((GuardSeries::By(series), _))) => Some(series),
            (Shows::Value, _) | (_, None | Some((GuardSeries::ForAll(_), _))) => None,
        };
        values.chain(
            guard
                .into_iter()
                .flatten()
                .map(|(per, _)| Some(per.clone())),
        )
    }

    /// What is known of each point of a series.
    fn points(&self, per: Option<&str>) -> Result<Vec<Known>, Undecided> {
        let grid = &self.grid;
        let guard = match &self.guard {
            None => vec![Guarded::Holds; grid.count()],
            Some((series, guard)) => self.guarded(series.of(per), guard, grid)?,
        };
        let subject = self.values.iter().find(|of| of.per.as_deref() == per);
        let is_there = match (self.shows, subject) {
            (Shows::Guard | Shows::Activity, _) => vec![true; grid.count()],
            (Shows::Value, Some(subject)) if self.ask.kpi.ratio.is_some() => {
                ratio::is_measured(self.ask, &ratio::sent(subject, grid)?)
            }
            (Shows::Value, None | Some(JudgedSeries { series: None, .. })) => {
                vec![false; grid.count()]
            }
            (
                Shows::Value,
                Some(JudgedSeries {
                    series: Some(series),
                    ..
                }),
            ) => {
                let values = place(series, grid)?.into_iter();
                values
                    .map(|value| value.is_some_and(|value| !value.is_nan()))
                    .collect()
            }
        };
        // A guard alone does not show that samples go on without it.
        let shows_samples = self.shows == Shows::Value;
        let points = guard.into_iter().zip(is_there);
        Ok(points
            .map(|(guard, is_there)| guard.known(is_there, is_there && shows_samples))
            .collect())
    }

    fn guarded(
        &self,
        series: Option<&Series>,
        guard: &Guard,
        grid: &Grid,
    ) -> Result<Vec<Guarded>, Undecided> {
        let (Shows::Activity, Some(series)) = (self.shows, series) else {
            return guarded(series, guard, grid);
        };
        let active = |value: Option<f64>| match value {
            Some(value) if value > 0.0 => Guarded::Holds,
            Some(value) if !value.is_nan() => Guarded::Fails(value),
            Some(_) | None => Guarded::Unknown,
        };
        Ok(place(series, grid)?.into_iter().map(active).collect())
    }
}

/// Why what lies behind the number of a series is not enough; `None` where it is, or where there is no such number.
pub(super) fn unseen_behind(
    window: Option<&Result<Window<'_>, Undecided>>,
    subject: &JudgedSeries,
) -> Option<Undecided> {
    match window? {
        Ok(window) => window.thin(subject),
        Err(undecided) => Some(undecided.clone()),
    }
}

/// A finding of a number for the whole span, as far as the span was seen.
pub(super) fn as_seen(
    finding: SeriesRuling,
    window: Option<&Result<Window<'_>, Undecided>>,
    subject: &JudgedSeries,
) -> SeriesRuling {
    let thin = match window {
        Some(Ok(window)) if is_good(finding.outcome) && finding.code == Code::Quiet => {
            window.not_seen_quiet(subject)
        }
        Some(Ok(_) | Err(_)) | None => unseen_behind(window, subject),
    };
    let Some(thin) = thin else { return finding };
    match finding.outcome {
        Outcome::Met | Outcome::Clear => SeriesRuling {
            outcome: Outcome::Unknown,
            code: thin.code,
            reason: format!(
                "{}; the one number is good: {}",
                thin.reason, finding.reason
            ),
            ..finding
        },
        Outcome::Unmet | Outcome::Tripped => SeriesRuling {
            reason: format!("{} (though {})", finding.reason, thin.reason),
            ..finding
        },
        // That the window still runs is not all there is to say.
        Outcome::Unknown if finding.code == Code::WindowIncomplete => SeriesRuling {
            code: thin.code,
            reason: format!("{}; also, {}", thin.reason, finding.reason),
            ..finding
        },
        Outcome::Unknown if is_told_better(finding.code, thin.code) => SeriesRuling {
            code: thin.code,
            reason: thin.reason,
            ..finding
        },
        Outcome::Unknown => finding,
    }
}

fn is_good(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Met | Outcome::Clear => true,
        Outcome::Unmet | Outcome::Tripped | Outcome::Unknown => false,
    }
}

/// Whether the points say better why a number is missing than that it is.
fn is_told_better(number: Code, points: Code) -> bool {
    let is_missing = matches!(number, Code::NoData | Code::LowCoverage);
    (is_missing && points != Code::UnseenWindow) || (number == Code::Quiet && points == number)
}
