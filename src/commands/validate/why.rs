//! Why a query finds nothing: what its selectors find, asked of the same source. Must not decide whether that is a mistake.

use super::coming::Coming;
use super::selectors::{self, Matcher, Selected};
use crate::plan::nearest;
use crate::samples::{Asked, Observations, Question};
use crate::units::{Duration, Instant};

/// How far back before the span to look for data that are not in it.
const BEFORE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How far back errors are looked for where `missing: zero` takes none for zero.
const ERRORS: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How long a sample counts.
const LOOKBACK: Duration = Duration::from_secs(300);
/// How the names of a classic histogram's series end.
const CLASSIC: [&str; 3] = ["_bucket", "_count", "_sum"];

/// A question that found nothing, and what is asked to say why.
pub(super) struct Empty<'q> {
    question: &'q Question,
    pub(super) from: Instant,
    pub(super) to: Instant,
    now: Instant,
    selected: Vec<Selected>,
    /// What comes only with the stage that asks it.
    coming: Option<&'q Coming<'q>>,
    /// Whether there may well be none: the part of a ratio that the plan takes for zero where it is absent.
    may_be_none: bool,
}

/// Why a question found nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// In words.
    Missing(String),
    /// All else is there: what it asks for comes with the stage. In words.
    NotYet(String),
    /// There was some within a week, so that it is spelt as it should be. In words.
    NoneNow(String),
}

impl<'q> Empty<'q> {
    /// `None` for a question to a file.
    pub(super) fn new(
        question: &'q Question,
        now: Instant,
        coming: Option<&'q Coming<'q>>,
        may_be_none: bool,
    ) -> Option<Self> {
        let (from, to) = match &question.asked {
            Asked::Range(grid) => (grid.first(), grid.last()),
            Asked::At(at) => (*at, *at),
            Asked::Captured(_) => return None,
        };
        Some(Self {
            question,
            from: from - LOOKBACK,
            to,
            now,
            selected: selectors::of(&question.query),
            coming,
            may_be_none,
        })
    }

    /// Everything that is asked.
    pub(super) fn questions(&self) -> Vec<Question> {
        self.selected
            .iter()
            .flat_map(|one| self.asked(one))
            .collect()
    }

    fn asked(&self, one: &Selected) -> Vec<Question> {
        let mut asked = vec![
            self.in_span(&one.text()),
            self.in_span(&one.metric),
            self.before(&one.metric),
            self.at_present(&one.metric),
        ];
        asked.extend(self.as_native(one));
        asked.extend(self.may_be_none.then(|| self.within_a_week(one)));
        let without = self.coming.and_then(|coming| coming.without(one));
        asked.extend(without.map(|without| self.in_span(&without.text())));
        for matcher in &one.matchers {
            asked.push(self.in_span(&one.with(std::slice::from_ref(matcher))));
            asked.push(self.values(one, matcher));
        }
        asked
    }

    fn question(&self, query: String, at: Instant) -> Question {
        Question {
            origin: self.question.origin.clone(),
            query,
            asked: Asked::At(at),
        }
    }

    fn seconds(&self) -> i64 {
        (self.from.until(self.to).millis() / 1000).max(1)
    }

    fn in_span(&self, selector: &str) -> Question {
        let query = format!("count(last_over_time({selector}[{}s]))", self.seconds());
        self.question(query, self.to)
    }

    fn within_a_week(&self, one: &Selected) -> Question {
        let seconds = ERRORS.millis() / 1000;
        let query = format!("count(last_over_time({}[{seconds}s]))", one.text());
        self.question(query, self.to)
    }

    fn before(&self, selector: &str) -> Question {
        let seconds = BEFORE.millis() / 1000;
        let query = format!("count(last_over_time({selector}[{seconds}s]))");
        self.question(query, self.to)
    }

    fn at_present(&self, selector: &str) -> Question {
        self.question(format!("count({selector})"), self.now)
    }

    fn values(&self, one: &Selected, matcher: &Matcher) -> Question {
        let (label, metric) = (&matcher.label, &one.metric);
        let query = format!(
            "group by ({label}) (last_over_time({metric}[{}s]))",
            self.seconds()
        );
        self.question(query, self.to)
    }

    /// Whether what is asked as a classic histogram is a native one.
    fn as_native(&self, one: &Selected) -> Option<Question> {
        let base = native(&one.metric)?;
        // Older servers know the last value over a range of floats only.
        let query = format!("count(histogram_count({base}))");
        Some(self.question(query, self.to))
    }

    /// Why, in words; `held` says whether the source holds anything at all in the span, if known, `is_short` whether a range of the
    /// query is too short, which is told beside it.
    pub(super) fn reason(&self, seen: &Observations, held: Option<bool>, is_short: bool) -> Why {
        if held == Some(false) {
            let (from, to) = (self.from, self.to);
            return Why::Missing(format!(
                "the source holds no data at all from {from} to {to}: that is before its oldest data"
            ));
        }
        let was_there = |one: &Selected| finds(seen, &self.within_a_week(one));
        if self.may_be_none && !self.selected.is_empty() && self.selected.iter().all(was_there) {
            return Why::NoneNow(format!("there were some within {ERRORS}"));
        }
        let reasons = self.selected.iter().filter_map(|one| self.of(one, seen));
        let (mut missing, mut not_yet) = (Vec::new(), Vec::new());
        for reason in reasons {
            match reason {
                Why::Missing(words) => missing.push(words),
                Why::NotYet(words) => not_yet.push(words),
                // Said of the whole question alone.
                Why::NoneNow(_) => {}
            }
        }
        if missing.is_empty() && !not_yet.is_empty() {
            not_yet.dedup();
            return Why::NotYet(not_yet.join("; "));
        }
        if !missing.is_empty() {
            return Why::Missing(missing.join("; "));
        }
        Why::Missing(match self.selected.as_slice() {
            [] => "it names no metric to look up".to_owned(),
            _ if is_short => "each of its metrics has data, but too few samples for a range of the query".to_owned(),
            _ => "each of its metrics has data, but combining them leaves nothing: do the labels of both sides match?".to_owned(),
        })
    }

    /// Why one selector finds nothing; `None` where it finds something.
    fn of(&self, one: &Selected, seen: &Observations) -> Option<Why> {
        if finds(seen, &self.in_span(&one.text())) {
            return None;
        }
        if !finds(seen, &self.in_span(&one.metric)) {
            return Some(Why::Missing(self.nowhere(one, seen)));
        }
        let both = self
            .coming
            .and_then(|coming| Some((coming, coming.without(one)?)));
        Some(match both {
            Some((coming, without)) if finds(seen, &self.in_span(&without.text())) => {
                Why::NotYet(self.comes(coming, one, seen))
            }
            // Something else is wrong, and that is told.
            Some((_, without)) => Why::Missing(self.unmatched(&without, seen)),
            None => Why::Missing(self.unmatched(one, seen)),
        })
    }

    /// That the cohort of a stage is not there yet.
    fn comes(&self, coming: &Coming<'_>, one: &Selected, seen: &Observations) -> String {
        let stage = coming.stage;
        let own = coming.own(one);
        let texts: Vec<String> = own.iter().map(|one| format!("`{}`", one.text)).collect();
        let near: Vec<String> = (own.iter())
            .map(|matcher| self.nearest(one, matcher, seen))
            .filter(|words| !words.is_empty())
            .collect();
        let near = if near.is_empty() {
            String::new()
        } else {
            format!("; until then {}", near.join("; "))
        };
        format!(
            "{} selects what comes with {stage}, so this is expected before {stage} begins{near}",
            texts.join(", ")
        )
    }

    /// That a metric has no data in the span, or none at all.
    fn nowhere(&self, one: &Selected, seen: &Observations) -> String {
        let (metric, from, to) = (&one.metric, self.from, self.to);
        if let (Some(base), Some(question)) = (native(metric), self.as_native(one))
            && finds(seen, &question)
        {
            return format!(
                "`{base}` is a native histogram, queried as a classic one: there is no `{metric}`; write `histogram_quantile(0.95, sum(rate({base}[5m])))`, `histogram_count` or `histogram_sum`"
            );
        }
        if finds(seen, &self.before(metric)) || finds(seen, &self.at_present(metric)) {
            return format!("`{metric}` has data, but none from {from} to {to}");
        }
        format!("no such metric: `{metric}`")
    }

    /// Which matcher excludes everything.
    fn unmatched(&self, one: &Selected, seen: &Observations) -> String {
        let metric = &one.metric;
        let outside = one.matchers.iter().find(|matcher| {
            let alone = one.with(std::slice::from_ref(*matcher));
            !finds(seen, &self.in_span(&alone))
        });
        let Some(matcher) = outside else {
            return format!(
                "no series of `{metric}` matches all of {} at once",
                one.text()
            );
        };
        let (text, label) = (&matcher.text, &matcher.label);
        match self.nearest(one, matcher, seen).as_str() {
            "" => {
                format!("`{text}` matches nothing: no series of `{metric}` has the label `{label}`")
            }
            near => format!("`{text}` matches nothing in `{metric}`; {near}"),
        }
    }

    /// The nearest values that a label has in the metric, in words; nothing where no series has it.
    fn nearest(&self, one: &Selected, matcher: &Matcher, seen: &Observations) -> String {
        let values = seen.get(&self.values(one, matcher));
        let series = values.iter().flat_map(|seen| seen.iter());
        let values: Vec<&str> = series
            .flat_map(|reply| &reply.series)
            .filter_map(|series| series.labels.get(&matcher.label))
            .collect();
        let near: Vec<String> = nearest(&matcher.value, values)
            .iter()
            .map(|value| format!("{value:?}"))
            .collect();
        let label = &matcher.label;
        match near.as_slice() {
            [] => String::new(),
            _ => format!("the nearest values of `{label}` are {}", near.join(", ")),
        }
    }
}

/// Whether a question found something; one that was refused did not.
fn finds(seen: &Observations, question: &Question) -> bool {
    let reply = seen.get(question).and_then(|seen| seen.as_ref().ok());
    reply.is_some_and(|reply| !reply.series.is_empty())
}

/// The name that a classic histogram's series would have as a native one.
fn native(metric: &str) -> Option<&str> {
    CLASSIC
        .iter()
        .find_map(|ending| metric.strip_suffix(ending))
}
