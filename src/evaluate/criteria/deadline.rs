//! `deadline`: counted from the start, not having passed the exit gate by then is a stop.

use crate::assessment::Code;
use crate::evaluate::context::Ruling;
use crate::evaluate::span::Moment;
use crate::kind::List;
use crate::plan::criteria::deadline_in_words;
use crate::units::Duration;

/// Judges a deadline. `exit_met` says whether all the exit's own criteria are met.
pub(in crate::evaluate) fn assess(deadline: Duration, moment: Moment, exit_met: bool) -> Ruling {
    let (at, ended) = (moment.end(List::Stop), moment.period.ended());
    let ruling = match moment.started().map(|started| started + deadline) {
        None => Ruling::open(
            Code::NotBegun,
            format!("{deadline} from a start that is not recorded: pass --started"),
        ),
        Some(due) if at > due && !exit_met => {
            let how = match ended {
                Some(ended) => format!("the next stage began at {ended}"),
                None => format!("{} ago", due.until(at)),
            };
            let reason = format!("the exit gate was not passed by {due}, {how}");
            Ruling::bad(Code::DeadlinePassed, reason)
        }
        Some(due) if at > due => Ruling::good(format!(
            "due at {due}, and everything that the exit asks for is met"
        )),
        Some(due) => Ruling::good(match ended {
            Some(ended) => format!("due at {due}, and the next stage began at {ended}"),
            None => format!("due at {due}, in {}", at.until(due)),
        }),
    };
    ruling.requires(deadline_in_words(deadline))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::context::Stand;
    use crate::units::Instant;

    fn stand(now: i64, started: Option<i64>, exit_met: bool) -> Stand {
        let moment = Moment::new(Instant::from_secs(now), started.map(Instant::from_secs));
        assess(Duration::from_secs(100), moment, exit_met).stand
    }

    #[test]
    fn a_deadline_trips_only_after_it_and_while_the_exit_is_not_met() {
        assert_eq!(stand(100, Some(0), false), Stand::Good);
        assert_eq!(stand(101, Some(0), false), Stand::Bad);
        assert_eq!(stand(101, Some(0), true), Stand::Good);
        assert_eq!(stand(101, None, false), Stand::Open);
    }
}
