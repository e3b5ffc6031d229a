//! What people type where a plan and its ledger were moved, renamed or linked apart, in words. Must not decide whether they were, nor open a
//! file.

use std::path::Path;

use super::elsewhere::Left;
use super::objection::{Objection, Said};
use super::places::LEDGER;
use super::{Home, without_dot};
use crate::ledger::file_name;
use crate::rollout::steps;

/// A plan that was renamed, or moved, away from its ledger in a place that several machines share.
pub(super) fn renamed(
    plan: &Path,
    own: &str,
    (release, place): (&str, &str),
    left: &Left<String>,
) -> Said {
    let now = steps::quoted(&without_dot(plan));
    let Left {
        ledger, of, broken, ..
    } = left;
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
    let mend = broken.iter().flat_map(|error| {
        let first = "put the version before the damage back there first".to_owned();
        [is_broken(error), first]
    });
    let take = format!(
        "if the plan was renamed or moved, put it back as {of} for a moment, and bring its ledger along"
    );
    let leave = "if that is another plan's, begin a new ledger knowingly";
    Said {
        found: is_left(
            &format!("{ledger} in {place}"),
            release,
            left,
            "is not here",
        ),
        lines: mend
            .chain([take, format!("  gate records {exported} export DIR")])
            .chain(moves)
            .chain([
                format!("  gate records {now} import DIR"),
                leave.to_owned(),
                format!("  gate ledger {now} begin --why REASON"),
            ])
            .collect(),
    }
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
