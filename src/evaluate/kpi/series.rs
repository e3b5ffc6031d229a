//! Rule 3: which series there are to judge, and what distinguishes them. Must not judge them.

use std::collections::BTreeMap;

use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::samples::{Labels, Observations, Question, Reply, Series};

/// One series to judge: one that came back, or one that should have.
#[derive(Debug, Clone)]
pub(super) struct JudgedSeries<'a> {
    /// The value of `per`'s label, if the KPI has one.
    pub per: Option<String>,
    pub labels: Labels,
    /// What came back; `None` if one that is listed, or that its guard shows, did not.
    pub series: Option<&'a Series>,
    /// The errors or the good events beside it, if the KPI is a ratio and they came back.
    pub part: Option<&'a Series>,
}

/// The answers for a KPI's values.
#[derive(Clone, Copy)]
pub(super) struct Replies<'a> {
    /// Its values, or all events of a ratio.
    pub values: &'a Reply,
    /// The errors or the good events of a ratio.
    pub part: Option<&'a Reply>,
}

impl<'a> Replies<'a> {
    /// Takes the answers to these questions.
    ///
    /// # Errors
    /// Failed or partial answers.
    pub fn read(
        observations: &'a Observations,
        values: &Question,
        part: Option<&Question>,
    ) -> Result<Self, Undecided> {
        let part = part.map(|part| whole(observations, part)).transpose();
        Ok(Self {
            values: whole(observations, values)?,
            part: part?,
        })
    }
}

/// The complete answer to a question.
///
/// # Errors
/// A question that was not answered, or only partly.
pub(in crate::evaluate) fn whole<'o>(
    observations: &'o Observations,
    question: &Question,
) -> Result<&'o Reply, Undecided> {
    let missing = || {
        let code = Code::Source(crate::samples::FailureCode::NotRecorded);
        Undecided::new(code, "the query was not sent")
    };
    let reply = match observations.get(question).ok_or_else(missing)? {
        Ok(reply) => reply,
        Err(failure) => {
            return Err(Undecided::new(
                Code::Source(failure.code),
                failure.message.clone(),
            ));
        }
    };
    match reply.warnings.first() {
        Some(warning) => {
            let reason = format!("the answer may be incomplete: the source warned: {warning}");
            Err(Undecided::new(Code::AnswerPartial, reason))
        }
        None => Ok(reply),
    }
}

/// The series that a KPI is judged on, in the order of `per`'s values: those that came back, those that are listed, and those
/// that its guard shows.
///
/// # Errors
/// Several series where one belongs, series that cannot be told apart, no series if nothing lists them.
pub(super) fn subjects<'a>(
    ask: &KpiAsk,
    replies: Replies<'a>,
    guarded: &[String],
) -> Result<Vec<JudgedSeries<'a>>, Undecided> {
    let Some(label) = &ask.kpi.per else {
        return single(ask, replies).map(|subject| vec![subject]);
    };
    let mut found = by_label(label, &replies.values.series)?;
    if let Some(part) = replies.part {
        for (value, of_part) in by_label(label, &part.series)? {
            let beside = |subject: &mut JudgedSeries<'a>| subject.part = of_part.series;
            // Without events beside them they are no evidence, but they are there.
            found
                .entry(value)
                .and_modify(beside)
                .or_insert_with(|| JudgedSeries {
                    part: of_part.series,
                    series: None,
                    ..of_part.clone()
                });
        }
    }
    for value in ask.expected.iter().flatten().chain(guarded) {
        found.entry(value.clone()).or_insert_with(|| JudgedSeries {
            per: Some(value.clone()),
            labels: [(label.clone(), value.clone())].into_iter().collect(),
            series: None,
            part: None,
        });
    }
    if found.is_empty() {
        return Err(no_series(ask));
    }
    Ok(found.into_values().collect())
}

/// Says that nothing came back, and for which query: usually a label in it is wrong, which its author sees at once.
pub(super) fn no_series(ask: &KpiAsk) -> Undecided {
    const MOST: usize = 200;
    let words = ask.query.pieces.join("$window");
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut query: String = words.join(" ");
    if let Some((end, _)) = query.char_indices().nth(MOST) {
        query.truncate(end);
        query.push('…');
    }
    let reason = format!("the query found no series: `{query}`; `gate validate --online` says why");
    Undecided::new(Code::NoData, reason)
}

/// Without `per`, exactly one series.
fn single<'a>(ask: &KpiAsk, replies: Replies<'a>) -> Result<JudgedSeries<'a>, Undecided> {
    let series = at_most_one(replies.values)?;
    let part = replies.part.map(at_most_one).transpose()?.flatten();
    // What its guard says decides whether that is missing, zero or quiet.
    if series.is_none() && !ask.zero_by_guard() && ask.guard.is_none() {
        return Err(no_series(ask));
    }
    Ok(JudgedSeries {
        per: None,
        labels: series
            .map(|series| series.labels.clone())
            .unwrap_or_default(),
        series,
        part,
    })
}

fn at_most_one(reply: &Reply) -> Result<Option<&Series>, Undecided> {
    match reply.series.as_slice() {
        [] => Ok(None),
        [series] => Ok(Some(series)),
        [first, second, ..] => {
            let reason = format!(
                "{} series came back where one belongs, such as {} and {}: aggregate the query, or write `per: LABEL`",
                reply.series.len(),
                first.labels,
                second.labels
            );
            Err(Undecided::new(Code::SeveralSeries, reason))
        }
    }
}

/// The series by the value of a label.
///
/// # Errors
/// A series without the label, two with the same value.
fn by_label<'a>(
    label: &str,
    series: &'a [Series],
) -> Result<BTreeMap<String, JudgedSeries<'a>>, Undecided> {
    let mut found = BTreeMap::new();
    let ambiguous = |reason: String| Undecided::new(Code::AmbiguousSeries, reason);
    for series in series {
        let value = series.labels.get(label).ok_or_else(|| {
            ambiguous(format!(
                "{} has no label `{label}` to tell it from the others",
                series.labels.as_series()
            ))
        })?;
        let subject = JudgedSeries {
            per: Some(value.to_owned()),
            labels: series.labels.clone(),
            series: Some(series),
            part: None,
        };
        if found.insert(value.to_owned(), subject).is_some() {
            return Err(ambiguous(format!(
                "two series have {label}={value:?}, and nothing tells them apart"
            )));
        }
    }
    Ok(found)
}

/// The guard's series: by label, or one that holds for all.
pub(super) enum GuardSeries<'a> {
    /// One series without the `per` label.
    ForAll(Option<&'a Series>),
    /// By the value of `per`'s label.
    By(BTreeMap<String, &'a Series>),
}

impl<'a> GuardSeries<'a> {
    /// Matches up the guard's series.
    ///
    /// # Errors
    /// Several series where one belongs, or series that cannot be told apart.
    pub fn read(per: Option<&str>, reply: &'a Reply) -> Result<Self, Undecided> {
        let unlabelled = |label: &str| {
            reply
                .series
                .iter()
                .all(|series| series.labels.get(label).is_none())
        };
        let per = per.filter(|label| !unlabelled(label));
        let as_guard = |undecided: Undecided| {
            Undecided::new(
                Code::GuardUnknown,
                format!("the guard cannot be used: {}", undecided.reason),
            )
        };
        match (per, reply.series.as_slice()) {
            (Some(label), series) => {
                let found = by_label(label, series).map_err(as_guard)?;
                let series = found
                    .into_iter()
                    .filter_map(|(value, subject)| Some((value, subject.series?)));
                Ok(Self::By(series.collect()))
            }
            (None, [] | [_]) => Ok(Self::ForAll(reply.series.first())),
            (None, series) => Err(as_guard(Undecided::new(
                Code::GuardUnknown,
                format!("{} series came back where one belongs", series.len()),
            ))),
        }
    }

    /// Its series that guard none of those to judge; whatever invalidates them still invalidates the answer.
    pub fn beside(&self, is_used: impl Fn(&str) -> bool) -> impl Iterator<Item = &'a Series> {
        let by = match self {
            Self::ForAll(_) => None,
            Self::By(series) => Some(series),
        };
        by.into_iter()
            .flatten()
            .filter(move |(per, _)| !is_used(per))
            .map(|(_, series)| *series)
    }

    /// The guard of a series; `None` if the guard is missing.
    pub fn of(&self, per: Option<&str>) -> Option<&'a Series> {
        match self {
            Self::ForAll(series) => *series,
            Self::By(series) => series.get(per?).copied(),
        }
    }
}
