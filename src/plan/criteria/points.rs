//! `for N points` belongs to a stop and `but N points` to what describes the good state, and N is a number that a window can hold.
//! Must not read conditions, nor count any points.

use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::Text;
use super::super::{Condition, Hold};
use crate::kind::List;
use crate::units::Duration;

/// Reports a number of points that stands in the wrong list, or that no window holds.
pub(super) fn check(
    checker: &mut Checker<'_>,
    (text, condition): (&Text, &Condition),
    list: List,
    (window, step): (Option<Duration>, Duration),
) {
    let Some(hold) = condition.hold else { return };
    let Some(decisive) = hold.decisive_points() else {
        return;
    };
    if let Some((message, help)) = misplaced(hold, list) {
        let problem = Problem::error(ProblemCode::MisplacedPoints, text.span.clone(), message);
        checker.report(problem.help(help));
        return;
    }
    let Some(window) = window else { return };
    let most = usize::try_from(window.millis() / step.millis().max(1)).unwrap_or(usize::MAX);
    if decisive > most {
        let what = if list == List::Stop {
            "never trips"
        } else {
            "is always met"
        };
        let message = format!(
            "`{}` {what}: the window of {window} holds {most} points at a step of {step}",
            hold.words()
        );
        let problem = Problem::error(ProblemCode::ForOverWindow, text.span.clone(), message);
        checker.report(problem.help("use fewer points, a longer window or a shorter `step`"));
    }
}

/// What is wrong with the list that it stands in, and what to write there.
fn misplaced(hold: Hold, list: List) -> Option<(String, &'static str)> {
    let words = hold.words();
    match (hold, list) {
        (Hold::Points(_), List::Stop)
        | (Hold::But(_), List::Entry | List::Exit | List::Recovery | List::Watch)
        | (Hold::For(_) | Hold::Share(_) | Hold::Over(..), _) => None,
        (Hold::But(_), List::Stop) => Some((
            format!("`{words}` does not belong in `stop`, which describes the bad state"),
            "say at how many bad points it trips, such as `> 5% for 3 points`",
        )),
        (Hold::Points(_), List::Entry | List::Exit | List::Recovery | List::Watch) => Some((
            format!(
                "`{words}` belongs in `stop`; `{}` describes the good state",
                list.word()
            ),
            "say how many points may be bad, such as `< 1% but 3 points`",
        )),
    }
}
