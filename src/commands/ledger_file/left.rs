//! A ledger elsewhere that may be that of a plan which has none: beside the plan, in the folder or the place of its records. What it
//! stopped must not be forgotten. Must not say what follows.

use std::path::{Path, PathBuf};

use super::elsewhere::{self, Named};
use super::moved::{is_broken, is_left, moved, renamed};
use super::objection::{Dispute, Objection, Said};
use super::places::own_folder;
use super::{Home, folder, without_dot};
use crate::plan::release_id;
use crate::rollout::steps;

/// What speaks against beginning a ledger for a plan; without its release, only what lies beside it.
pub(super) fn left(plan: &Path, home: &Home, named: Option<&Named>) -> Option<Objection> {
    left_beside(plan, home).or_else(|| {
        let named = named?;
        left_behind(plan, home, named).or_else(|| left_there(plan, home, named))
    })
}

/// A ledger in the place that is of the same release, and whose own plan is not where it was: the plan was moved or renamed.
fn left_there(plan: &Path, home: &Home, named: &Named) -> Option<Objection> {
    let place = match (home.is_shared(), home.whole()) {
        (Some(shared), _) => shared.shown(),
        (None, Some(whole)) => without_dot(whole),
        (None, None) => return None,
    };
    let release = release_id(&named.0, named.1.as_deref());
    match elsewhere::left_there(home, named) {
        Ok(left) => left
            .map(|left| Objection::NotOfThisPlan(renamed(plan, home, (&release, &place), &left))),
        Err(error) => Some(Objection::Disputed {
            ledger: home.shown(),
            copied_from: None,
            folders: Vec::new(),
            dispute: Dispute {
                record: PathBuf::from(place),
                found: error.to_string(),
                is_read: false,
            },
        }),
    }
}

/// A ledger beside the plan that is of the same release, and whose own plan is gone: the plan was renamed without it.
fn left_behind(plan: &Path, home: &Home, named: &Named) -> Option<Objection> {
    if home.is_shared().is_some() {
        return None;
    }
    let release = release_id(&named.0, named.1.as_deref());
    let left = elsewhere::left_behind(plan, home, named)?;
    let (own, evidence) = (home.ledger(), own_folder(&left.ledger));
    let mut renamed = vec![(left.ledger.clone(), own.to_owned())];
    if evidence.is_dir() && own_folder(own).symlink_metadata().is_err() {
        renamed.push((evidence, own_folder(own)));
    }
    let moves = renamed.iter().map(|(from, to)| moved(from, to));
    let take = "if the plan was renamed, let its ledger and evidence follow";
    let leave = "if it was another plan's, move its ledger to another folder";
    Some(Objection::NotOfThisPlan(Said {
        found: is_left(&without_dot(&left.ledger), &release, &left, "is gone"),
        lines: (left.broken.iter().map(is_broken))
            .chain(std::iter::once(take.to_owned()).chain(moves))
            .chain([leave.to_owned()])
            .collect(),
    }))
}

/// A ledger beside the plan, whose records are kept elsewhere by now, and nobody has brought it there.
fn left_beside(plan: &Path, home: &Home) -> Option<Objection> {
    let left = home.left_beside(plan)?;
    let shown = without_dot(plan);
    let (quoted_plan, from) = (
        steps::quoted(&shown),
        steps::quoted(&folder(plan).to_string_lossy()),
    );
    Some(Objection::NotOfThisPlan(Said {
        found: format!(
            "{} lies beside the plan, and there is no {}",
            without_dot(&left),
            home.shown()
        ),
        lines: vec![
            "if it is of this rollout, bring it there; then remove it here".to_owned(),
            format!("  gate records {quoted_plan} import {from}"),
            "or begin a new one after a look, or move it away if it is of another release"
                .to_owned(),
            format!("  {}", steps::begin_anew(&[]).command(&shown)),
        ],
    }))
}
