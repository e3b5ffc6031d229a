//! From names to metrics that are recognised: the first row of the table that fits a name claims it. Must not know labels or samples.

use std::collections::BTreeSet;

use super::recognisers::{
    ALL_EVENTS, BUCKET, COUNT, FAILED, Named, RECOGNISERS, Recogniser, SUM, Sign,
};

/// A metric that is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// By which row.
    pub by: &'static Recogniser,
    /// The name by which it was recognised.
    pub metric: String,
    /// The metric that counts all events, where the claimed one counts the failed.
    pub all_events: Option<String>,
    /// The label that holds the status, where that was looked for.
    pub code: Option<&'static str>,
}

impl Claimed {
    /// The metric without the end that tells a histogram's series apart, for people.
    #[must_use]
    pub fn base(&self) -> &str {
        let ends = [BUCKET, COUNT, SUM];
        let found = ends.iter().find_map(|end| self.metric.strip_suffix(end));
        found.unwrap_or(&self.metric)
    }

    /// The metric whose series tell which labels there are: of a histogram not its buckets, which are many.
    #[must_use]
    pub fn labelled(&self) -> String {
        match self.by.sign {
            Sign::Times { .. } | Sign::MeanTimes => format!("{}{COUNT}", self.base()),
            Sign::Errors { .. }
            | Sign::Coded
            | Sign::Failed
            | Sign::LastSeen
            | Sign::Rises
            | Sign::RisesEachSecond
            | Sign::Amount
            | Sign::Largest => self.metric.clone(),
        }
    }

    /// The other metrics that are asked with it.
    fn beside(&self) -> Vec<String> {
        match self.by.sign {
            Sign::Times { .. } | Sign::MeanTimes => {
                vec![format!("{}{SUM}", self.base()), self.labelled()]
            }
            Sign::Errors { .. }
            | Sign::Coded
            | Sign::Failed
            | Sign::LastSeen
            | Sign::Rises
            | Sign::RisesEachSecond
            | Sign::Amount
            | Sign::Largest => Vec::new(),
        }
    }
}

/// What is recognised among names, in the order of the table, and what is left. `coded` are the names of those metrics that have one
/// of the labels for a status, and which.
#[must_use]
pub fn claims(
    names: &BTreeSet<String>,
    coded: &[(&'static str, BTreeSet<String>)],
) -> (Vec<Claimed>, Vec<String>) {
    let mut left = names.clone();
    let mut all = Vec::new();
    for by in &RECOGNISERS {
        let fitting: Vec<String> = (left.iter())
            .filter(|name| by.name.fits(name))
            .cloned()
            .collect();
        for metric in fitting {
            if let Some(claimed) = claim(by, metric, names, coded) {
                left.remove(&claimed.metric);
                all.push(claimed);
            }
        }
    }
    let said: BTreeSet<String> = all.iter().flat_map(Claimed::beside).collect();
    left.retain(|name| !said.contains(name));
    (all, left.into_iter().collect())
}

fn claim(
    by: &'static Recogniser,
    metric: String,
    names: &BTreeSet<String>,
    coded: &[(&'static str, BTreeSet<String>)],
) -> Option<Claimed> {
    let mut claimed = Claimed {
        by,
        metric,
        all_events: None,
        code: None,
    };
    match by.sign {
        Sign::Coded => {
            let label = coded.iter().find(|(_, of)| of.contains(&claimed.metric))?;
            claimed.code = Some(label.0);
        }
        Sign::Failed => claimed.all_events = Some(all_events(&claimed.metric, names)?),
        Sign::MeanTimes => {
            let base = claimed.base();
            let has = |end: &str| names.contains(&format!("{base}{end}"));
            if has(BUCKET) || !has(COUNT) {
                return None;
            }
        }
        Sign::Errors { .. }
        | Sign::Times { .. }
        | Sign::LastSeen
        | Sign::Rises
        | Sign::RisesEachSecond
        | Sign::Amount
        | Sign::Largest => {}
    }
    Some(claimed)
}

/// The metric that counts all events of which another one counts the failed.
fn all_events(failed: &str, names: &BTreeSet<String>) -> Option<String> {
    let stem = FAILED.iter().find_map(|end| failed.strip_suffix(end))?;
    let all = ALL_EVENTS.iter().map(|end| format!("{stem}{end}"));
    all.into_iter().find(|name| names.contains(name))
}

/// Whether a name could be claimed by a row that has to know which label holds a status.
#[must_use]
pub fn coded_labels(names: &BTreeSet<String>) -> bool {
    let coded = RECOGNISERS.iter().position(|row| row.sign == Sign::Coded);
    let before = RECOGNISERS.iter().take(coded.unwrap_or_default());
    let earlier: Vec<Named> = before.map(|row| row.name).collect();
    let coded = coded.and_then(|place| RECOGNISERS.get(place));
    let is_free = |name: &String| !earlier.iter().any(|one| one.fits(name));
    let fits = |name: &&String| coded.is_some_and(|row| row.name.fits(name));
    names.iter().filter(fits).any(is_free)
}
