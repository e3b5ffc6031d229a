//! Rule 2: the grid of points, inside the judged span.

use super::scene::*;
use super::*;

#[test]
fn rule_2_questions_lie_on_multiples_of_the_step_inside_the_span() {
    let scene = exit(below_5(), flat(1.0));
    let request = Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: Instant::from_secs(T + 17),
        ..scene.request()
    };
    let asked = questions(&scene.plan(), &request).remove(0).asked;
    let Asked::Range(grid) = asked else {
        panic!("a range")
    };
    assert_eq!(
        (grid.first(), grid.last()),
        (Instant::from_secs(T - W + MIN), Instant::from_secs(T))
    );
}

#[test]
fn rule_2_points_off_the_grid_are_not_measured() {
    let scene = exit(below_5(), flat(1.0));
    let mut observations = scene.observations();
    for reply in observations.values_mut().flatten() {
        for point in reply
            .series
            .iter_mut()
            .flat_map(|series| &mut series.points)
        {
            point.at = point.at + Duration::from_millis(500);
        }
    }
    let criterion = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0)
        .criteria
        .remove(0);
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Unknown, Code::NoData)
    );
}

#[test]
fn a_query_that_uses_the_window_is_sent_once_for_its_end() {
    let scene = Scene {
        instant: true,
        ..exit(below_5(), vec![Some(1.0)])
    };
    let question = questions(&scene.plan(), &scene.request()).remove(0);
    assert_eq!(question.query, "max_over_time(x[600s])");
    assert_eq!(question.asked, Asked::At(Instant::from_secs(T)));
    assert_eq!(scene.outcome().0, Outcome::Met);
}
