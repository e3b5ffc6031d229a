//! The rules of judgement (design 5), each by number, on whole gates: only what a reader of the contract would ask.

mod answers;
mod asking;
mod baselines;
mod behind;
mod beside;
mod captured;
mod conditions;
mod counted;
mod decades;
mod ended;
mod fixed;
mod grid;
mod impossible;
mod lasting;
mod missing;
mod pairs;
mod people;
mod properties;
mod quiet;
mod ratio;
mod scene;
mod series;
mod shown;
mod so_far;
mod sweep;
mod traced;
mod verdicts;
mod window;

use super::*;
use crate::assessment::{Code, Outcome};
use crate::kind::List;
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::*;
use crate::samples::*;
use crate::units::{Duration, Instant, Share, Unit};
use crate::verdict::Verdict;
