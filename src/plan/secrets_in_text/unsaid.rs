//! Takes credentials out of what problems say: a message may quote the value that is wrong. Must not decide what a credential
//! is.

use super::conceal;
use crate::plan::problem::{Problem, ProblemCode, Span};
use crate::secret::prose::assigns;

/// Shorter pieces are left: they give nothing away, and taking them out would riddle the message with gaps.
const MIN_PIECE_BYTES: usize = 3;

/// The problems, without what is masked in the plan at their places.
pub fn unsaid(text: &str, problems: Vec<Problem>) -> Vec<Problem> {
    if problems.is_empty() {
        return problems;
    }
    let shown = conceal(text);
    let tidy = |problem: Problem| {
        // A key is no credential unless it assigns one, and the message is of no use without it.
        let is_about_key = matches!(
            problem.code,
            ProblemCode::UnknownKey | ProblemCode::DuplicateKey
        );
        if is_about_key && !assigns(&problem.message) {
            return problem;
        }
        let places = problem.span.iter();
        let places = places.chain(problem.related.iter().map(|(span, _)| span));
        let mut pieces: Vec<&str> = places.flat_map(|span| hidden(text, &shown, span)).collect();
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        without(problem, &pieces)
    };
    problems.into_iter().map(tidy).collect()
}

fn without(problem: Problem, pieces: &[&str]) -> Problem {
    let tidy = |said: String| {
        let pieces = pieces.iter();
        pieces.fold(said, |said, piece| said.replace(piece, "…"))
    };
    Problem {
        message: tidy(problem.message),
        help: problem.help.map(tidy),
        related: (problem.related.into_iter())
            .map(|(span, label)| (span, tidy(label)))
            .collect(),
        ..problem
    }
}

/// What is masked within a span: as a whole, and piece by piece.
fn hidden<'t>(text: &'t str, shown: &str, span: &Span) -> Vec<&'t str> {
    let is_hidden = |at: usize| text.as_bytes().get(at) != shown.as_bytes().get(at);
    let places: Vec<usize> = span.clone().filter(|at| is_hidden(*at)).collect();
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return Vec::new();
    };
    let runs = places.chunk_by(|one, next| one + 1 == *next);
    let runs = runs.filter_map(|run| text.get(*run.first()?..=*run.last()?));
    let whole = text.get(*first..=*last);
    whole
        .into_iter()
        .chain(runs)
        .filter(|piece| piece.len() >= MIN_PIECE_BYTES)
        .collect()
}
