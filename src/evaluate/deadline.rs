//! `deadline`: not through the exit gate by then, counted from the start, is a stop.

use super::span::Moment;
use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::kind::{CriterionKind, List};
use crate::units::Duration;

/// Judges a deadline. `exit_met` says whether all the exit's own criteria are met.
pub(super) fn assess(deadline: Duration, moment: Moment, exit_met: bool) -> CriterionAssessment {
    let mut notes = Vec::new();
    let (outcome, code, reason) = match moment.started.map(|started| started + deadline) {
        None => {
            notes.push("the start of the stage is not recorded, so the deadline is not counted: pass --started".to_owned());
            (
                Outcome::Clear,
                Code::Clear,
                format!("{deadline} from a start that is not recorded"),
            )
        }
        Some(due) if moment.at > due && !exit_met => {
            let late = due.until(moment.at);
            (
                Outcome::Tripped,
                Code::DeadlinePassed,
                format!("not through the exit gate by {due}, {late} ago"),
            )
        }
        Some(due) if moment.at > due => (
            Outcome::Clear,
            Code::Clear,
            format!("due at {due}, and everything the exit asks for is met"),
        ),
        Some(due) => (
            Outcome::Clear,
            Code::Clear,
            format!("due at {due}, in {}", moment.at.until(due)),
        ),
    };
    CriterionAssessment {
        list: List::Stop,
        kind: CriterionKind::Deadline,
        name: "deadline".to_owned(),
        title: None,
        condition: Some(format!("through the exit gate within {deadline}")),
        outcome,
        code,
        reason,
        notes,
        based_on: Vec::new(),
        next_step: None,
        kpi: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;

    fn outcome(now: i64, started: Option<i64>, exit_met: bool) -> Outcome {
        let moment = Moment::new(Instant::from_secs(now), started.map(Instant::from_secs));
        assess(Duration::from_secs(100), moment, exit_met).outcome
    }

    #[test]
    fn a_deadline_trips_only_after_it_and_while_the_exit_is_not_met() {
        assert_eq!(outcome(100, Some(0), false), Outcome::Clear);
        assert_eq!(outcome(101, Some(0), false), Outcome::Tripped);
        assert_eq!(outcome(101, Some(0), true), Outcome::Clear);
        assert_eq!(outcome(101, None, false), Outcome::Clear);
    }
}
