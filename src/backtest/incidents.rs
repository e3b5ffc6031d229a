//! B7: what should have been caught, and when it is quiet. Must not look at what was judged.

use crate::units::{Duration, Instant};

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// For people.
    pub name: String,
    /// When it began.
    pub start: Instant,
    /// When it was over.
    pub end: Instant,
    /// The stage that it was about; `None` if about all.
    pub stage: Option<String>,
}

/// All of them, and for how long after each nothing is quiet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incidents {
    /// By their starts.
    pub all: Vec<Incident>,
    /// `--quiet-after`.
    pub quiet_after: Duration,
}

impl Incidents {
    /// In order.
    #[must_use]
    pub fn new(mut all: Vec<Incident>, quiet_after: Duration) -> Self {
        all.sort_by(|one, other| {
            (one.start, one.end, &one.name).cmp(&(other.start, other.end, &other.name))
        });
        Self { all, quiet_after }
    }

    /// Those that are about a stage.
    #[must_use]
    pub fn of_stage(&self, stage: &str) -> Self {
        let about = |one: &&Incident| one.stage.as_deref().is_none_or(|name| name == stage);
        Self {
            all: self.all.iter().filter(about).cloned().collect(),
            quiet_after: self.quiet_after,
        }
    }

    /// Whether what is watched from one time to another meets one.
    #[must_use]
    pub fn meets(&self, from: Instant, to: Instant) -> bool {
        self.all
            .iter()
            .any(|one| one.start <= to && from <= one.end)
    }

    /// Whether what begins at a time begins soon after one.
    #[must_use]
    pub fn is_soon_after(&self, at: Instant) -> bool {
        let soon = |one: &Incident| one.end < at && at <= one.end + self.quiet_after;
        self.all.iter().any(soon)
    }

    /// Joins what fires with gaps of at most 5 minutes into one.
    #[must_use]
    pub fn joined(mut spans: Vec<(Instant, Instant)>, name: &str) -> Vec<Incident> {
        const GAP: Duration = Duration::from_secs(300);
        spans.sort_unstable();
        let mut joined: Vec<(Instant, Instant)> = Vec::new();
        for (start, end) in spans {
            match joined.last_mut() {
                Some((_, last)) if start <= *last + GAP => *last = (*last).max(end),
                _ => joined.push((start, end)),
            }
        }
        let incident = |(start, end)| Incident {
            name: name.to_owned(),
            start,
            end,
            stage: None,
        };
        joined.into_iter().map(incident).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Instant {
        Instant::from_secs(minutes * 60)
    }

    #[test]
    fn b7_nothing_is_quiet_at_an_incident_and_soon_after_it() {
        let incident = |start, end| Incident {
            name: String::new(),
            start: at(start),
            end: at(end),
            stage: None,
        };
        let all = vec![incident(50, 60), incident(10, 20), incident(65, 70)];
        let incidents = Incidents::new(all, Duration::from_secs(600));
        assert!(incidents.meets(at(0), at(10)) && !incidents.meets(at(21), at(49)));
        assert!(incidents.is_soon_after(at(30)) && !incidents.is_soon_after(at(31)));
    }

    #[test]
    fn alerts_with_short_gaps_are_one_incident() {
        let joined = Incidents::joined(
            vec![(at(20), at(25)), (at(0), at(3)), (at(8), at(9))],
            "sev1",
        );
        let spans: Vec<_> = joined.iter().map(|one| (one.start, one.end)).collect();
        assert_eq!(spans, [(at(0), at(9)), (at(20), at(25))]);
    }
}
