//! What people type where a plan and its ledger were moved, renamed or linked apart, in words. Must not decide whether they were, nor open a
//! file.

use std::path::Path;

use super::elsewhere::Left;
use super::objection::{Objection, Said};
use super::places::{LEDGER, own_folder};
use super::{Home, folder, without_dot};
use crate::ledger::file_name;
use crate::rollout::steps;

/// A plan that was renamed, or moved, away from its ledger in a place that plans of several folders have in common.
pub(super) fn renamed(
    plan: &Path,
    home: &Home,
    (release, place): (&str, &str),
    left: &Left<String>,
) -> Said {
    let now = without_dot(plan);
    let Left { ledger, broken, .. } = left;
    let mend = broken.iter().flat_map(|error| {
        let first = "put the version before the damage back there first".to_owned();
        [is_broken(error), first]
    });
    let follow = if home.lacks_repository() && ledger.contains('/') {
        vec!["this checkout has no repository (.git), and records are kept by the path of a plan in its repository: use a checkout that has one".to_owned()]
    } else if home.is_shared().is_some() {
        follow_in_place(&now, &home.name(), left)
    } else {
        follow_in_folder(Path::new(place), home, ledger)
    };
    Said {
        found: is_left(
            &format!("{ledger} in {place}"),
            release,
            left,
            "is not here",
        ),
        lines: mend
            .chain(follow)
            .chain([
                "if that is another plan's, begin a new ledger knowingly".to_owned(),
                format!("  {}", steps::begin_anew(&[]).command(&now)),
            ])
            .collect(),
    }
}

/// In a folder, ledger and evidence are moved.
fn follow_in_folder(whole: &Path, home: &Home, ledger: &str) -> Vec<String> {
    let (from, to) = (whole.join(ledger), home.ledger());
    let make = (!folder(to).is_dir()).then(|| {
        let made = steps::quoted(&without_dot(folder(to)));
        format!("  mkdir -p {made}")
    });
    let evidence = own_folder(&from);
    let evidence = evidence.is_dir().then(|| moved(&evidence, &own_folder(to)));
    let take = "if the plan was renamed or moved, let its ledger and evidence follow";
    (std::iter::once(take.to_owned()).chain(make))
        .chain(std::iter::once(moved(&from, to)).chain(evidence))
        .collect()
}

/// In a place that several machines share, they are copied to a folder, and brought to where they belong.
fn follow_in_place(now: &str, own: &str, left: &Left<String>) -> Vec<String> {
    let now = steps::quoted(now);
    let Left { ledger, of, .. } = left;
    let old = file_name(ledger);
    let stem = |ledger: &str| ledger.strip_suffix(LEDGER).unwrap_or(ledger).to_owned();
    let follow = [
        (old.to_owned(), own.to_owned()),
        (
            format!("{}.evidence", stem(old)),
            format!("{}.evidence", stem(own)),
        ),
    ];
    let moves = follow.iter().filter(|(from, to)| from != to);
    let moves =
        moves.map(|(from, to)| moved(&Path::new("DIR").join(from), &Path::new("DIR").join(to)));
    // The name that the ledger has is the one under which it is found.
    let of = of
        .clone()
        .filter(|of| Home::beside(Path::new(of)).name() == old);
    let of = of.unwrap_or_else(|| format!("{}.yaml", stem(ledger)));
    let exported = steps::quoted(&of);
    let take = format!(
        "if the plan was renamed or moved, put it back as {of} for a moment, and bring its ledger along"
    );
    std::iter::once(take)
        .chain([format!("  gate records {exported} export DIR")])
        .chain(moves)
        .chain([format!("  gate records {now} import DIR")])
        .collect()
}

/// What a ledger is that the plan of a release may have left behind.
pub(super) fn is_left<L>(ledger: &str, release: &str, left: &Left<L>, away: &str) -> String {
    match (&left.of, &left.release) {
        (Some(of), Some(then)) if then == release => {
            format!("{ledger} is a ledger of {then}, too, and its plan {of} {away}")
        }
        (Some(of), Some(then)) => {
            format!("{ledger} is a ledger of {then}, and its plan {of} {away}")
        }
        (Some(_) | None, _) => format!("nobody can say of which plan {ledger} is the ledger"),
    }
}

pub(super) fn is_broken(error: &String) -> String {
    format!("it is broken, and what it stopped is not known: {error}")
}

/// The command that renames a file or a folder, as people copy it.
pub(super) fn moved(from: &Path, to: &Path) -> String {
    let words = [without_dot(from), without_dot(to)].map(|path| steps::quoted(&path));
    format!("  mv {}", words.join(" "))
}

/// Records that are kept elsewhere have the path of the plan's folder: by a link the same plan would have a ledger of its own.
pub(super) fn kept_apart(plan: &Path, target: &Path) -> Objection {
    let shown = without_dot(target);
    Objection::NotOfThisPlan(Said {
        found: format!(
            "{} is a link to {shown}, and records are kept by the path of a plan in its repository",
            without_dot(plan)
        ),
        lines: vec![format!(
            "name the plan by that path: {}",
            steps::quoted(&shown)
        )],
    })
}
