//! Stub.
use super::entry::{Body, Times};
use crate::samples::{Observation, Question};
use std::path::Path;
pub(super) fn answer_all(
    _: &Path,
    _: Vec<(usize, Question)>,
    _: bool,
) -> Vec<(usize, Observation, Option<Vec<(Times, Option<Body>)>>)> {
    Vec::new()
}
