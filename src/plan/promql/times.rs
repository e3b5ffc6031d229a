//! `other-time` and `at-with-window`: values that are not of the times at which they are asked for.
//!
//! Must not look at what only selects: on the right of `and`, `unless` and comparisons.

use super::Finding;
use super::shape::{Chain, Level, Part, Shape, Step, is_zero, selectors, shape};
use super::tokens::{Kind, Token};
use crate::plan::{Lint, ProblemCode};

/// `offset` or `@` behind a selector, or behind what it is in.
#[derive(Clone, Copy)]
struct Moved<'t> {
    token: &'t Token<'t>,
    /// One time for all points: `@`.
    is_fixed: bool,
}

/// How a selector is looked at.
#[derive(Clone, Copy, Default)]
struct Seen<'t> {
    moved: Option<Moved<'t>>,
    /// Whether it is read over `$window`.
    over_window: bool,
    /// Whether it only divides.
    divides: bool,
}

/// What is found in a query.
pub(super) fn findings(query: Part<'_>) -> Vec<Finding> {
    let mut seen = Vec::new();
    follow(query, Seen::default(), &mut seen);
    let in_window = seen.iter().filter(|one| one.over_window);
    let fixed = |one: &Seen<'_>| one.moved.is_some_and(|moved| moved.is_fixed);
    if let Some(moved) = in_window.filter(|one| fixed(one)).find_map(|one| one.moved) {
        return vec![with_window(&moved)];
    }
    let mut values = seen.iter().filter(|one| !one.divides);
    let all_fixed = values.all(fixed) && seen.iter().any(fixed);
    let all_moved = seen.iter().all(|one| one.moved.is_some());
    let first = seen.first().filter(|_| all_fixed || all_moved);
    first
        .and_then(|first| first.moved)
        .map(|moved| elsewhere(&moved))
        .into_iter()
        .collect()
}

fn with_window(moved: &Moved<'_>) -> Finding {
    let message = "this `@` beside `$window` hides which points the window holds";
    Finding {
        help: "remove it: a query with `$window` is asked at the end of the window".to_owned(),
        ..Finding::error(ProblemCode::AtWithWindow, moved.token.range(), message)
    }
}

fn elsewhere(moved: &Moved<'_>) -> Finding {
    let (message, help) = if moved.is_fixed {
        (
            "this `@` takes every value from one time, so the points that are judged are not seen",
            "remove it: a query is asked at each point that is judged",
        )
    } else {
        (
            "this `offset` moves all of the query to other times than those that are judged",
            "remove it: the source's `delay` is for samples that come late, `baseline: { offset: … }` for comparing",
        )
    };
    Finding::lint(Lint::OtherTime, moved.token.range(), message, help)
}

fn follow<'t>(part: Part<'t>, outer: Seen<'t>, found: &mut Vec<Seen<'t>>) {
    match shape(part) {
        Shape::Chain(chain) => follow_chain(&chain, outer, found),
        Shape::Inner(inner) => follow(inner, behind(part, outer), found),
        Shape::Call(call) => {
            for argument in call.arguments {
                follow(argument, behind(part, outer), found);
            }
        }
        Shape::Selector(_) => found.push(behind(part, outer)),
        Shape::Number(_) | Shape::Other => {}
    }
}

fn follow_chain<'t>(chain: &Chain<'t>, outer: Seen<'t>, found: &mut Vec<Seen<'t>>) {
    follow(chain.first, outer, found);
    // `5 < x` is about `x`.
    let only_selects = match chain.level {
        Level::And => true,
        Level::Compare => !selectors(chain.first).is_empty(),
        Level::Or | Level::Sum | Level::Product | Level::Power => false,
    };
    for step in chain.steps.iter().filter(|_| !only_selects) {
        let divides = outer.divides || divides(step);
        follow(step.right, Seen { divides, ..outer }, found);
    }
}

fn divides(step: &Step<'_>) -> bool {
    step.is("/") || step.is("%")
}

/// What stands behind an operand, outside its brackets, added to what stands behind what it is in.
fn behind<'t>(part: Part<'t>, outer: Seen<'t>) -> Seen<'t> {
    let mut seen = outer;
    let mut at = 0;
    while let Some(token) = part.get(at) {
        let is_fixed = token.is(Kind::Operator, "@");
        let rest = part.get(at + 1..).unwrap_or_default();
        let moves = is_fixed || at > 0 && token.is_word("offset") && !is_zero(rest);
        // One fixed time stays one, however it is moved.
        let was_fixed = seen.moved.is_some_and(|moved| moved.is_fixed);
        if moves && (is_fixed || !was_fixed) {
            seen.moved = Some(Moved { token, is_fixed });
        }
        seen.over_window |= token.kind == Kind::Range && names_window(token.text);
        at += token.partner + 1;
    }
    seen
}

fn names_window(range: &str) -> bool {
    range.contains("$window") || range.contains("${window}")
}
