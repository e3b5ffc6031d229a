//! `gate validate`: is a plan right? Without a server, or with every query tried on its source.
//! Must not reach a verdict or write evidence.

mod coming;
mod online;
mod selectors;
mod sparse;
mod why;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::diagnostics::{draw, say};
use super::load::{LoadedPlan, Overrides, load};
use super::surroundings::Surroundings;
use crate::bounded;
use crate::cli::ValidateArgs;
use crate::exit::Exit;
use crate::plan::criteria::{Ask, KpiAsk};
use crate::plan::{Baseline, Problem};
use crate::source::captured;
use online::look;

/// Checks plans; every error in every plan is reported.
pub async fn validate(arguments: &ValidateArgs, surroundings: &Surroundings) -> Exit {
    let overrides = Overrides {
        vars: &arguments.vars,
        source: arguments.source.as_deref(),
        offline: false,
        read_before: None,
        otherwise: "nothing can be judged",
    };
    let mut worst = Exit::Go;
    for path in &arguments.plans {
        let exit = match load(std::slice::from_ref(path), &overrides, surroundings) {
            Ok(plans) => valid(&plans, arguments, surroundings).await,
            Err(exit) => exit,
        };
        worst = worst.max(exit);
    }
    worst
}

async fn valid(
    plans: &[LoadedPlan],
    arguments: &ValidateArgs,
    surroundings: &Surroundings,
) -> Exit {
    let now = surroundings.now;
    let at = arguments.at.map_or(now, |time| time.before(now));
    let mut worst = Exit::Go;
    for loaded in plans {
        if arguments.strict && !loaded.warnings.is_empty() {
            worst = worst.max(Exit::Usage);
        }
        if let Err(exit) = baselines_are_there(loaded, surroundings) {
            worst = worst.max(exit);
            continue;
        }
        let looked = if arguments.online {
            look(loaded, at, surroundings).await
        } else {
            Exit::Go
        };
        worst = worst.max(looked);
        if looked != Exit::Go {
            say(&format!("{}: {}", loaded.shown(), shortfall(looked)));
            continue;
        }
        let word = match loaded.warnings.len() {
            0 => "valid".to_owned(),
            1 => "valid, with 1 warning".to_owned(),
            count => format!("valid, with {count} warnings"),
        };
        let unasked = if arguments.online || !asks(loaded) {
            ""
        } else {
            "; queries not asked (--online)"
        };
        say(&format!(
            "{}: {word} ({}){unasked}",
            loaded.shown(),
            contents(loaded)
        ));
    }
    worst
}

fn kpis(loaded: &LoadedPlan) -> impl Iterator<Item = &KpiAsk> {
    let gates = loaded.plan.stages.iter().flat_map(|stage| &stage.gates);
    let criteria = gates.flat_map(|gate| &gate.criteria);
    criteria.filter_map(|criterion| {
        let Ask::Kpi(ask) = &criterion.ask else {
            return None;
        };
        Some(ask.as_ref())
    })
}

/// Whether a source would be asked a query.
fn asks(loaded: &LoadedPlan) -> bool {
    kpis(loaded).next().is_some()
}

/// Every captured baseline that a plan compares with must exist and be readable; that needs no server.
fn baselines_are_there(loaded: &LoadedPlan, surroundings: &Surroundings) -> Result<(), Exit> {
    let used: BTreeSet<&str> = kpis(loaded).filter_map(baseline_file).collect();
    let named = loaded.baseline_files.iter();
    let problems: Vec<Problem> = named
        .filter(|file| used.contains(file.path.as_str()))
        .filter_map(|file| {
            let path = beside(&loaded.path, &file.path);
            let reason = unusable(&path)?;
            let command = format!("gate capture {} -o {}", loaded.shown(), path.display());
            Some(Problem::of_baseline_file(file, &reason, &command))
        })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    let shown = loaded.shown();
    draw(&shown, &loaded.bytes, &problems, surroundings.stderr);
    say(&format!(
        "{shown}: its form is valid, but a captured baseline cannot be used"
    ));
    Err(Exit::Usage)
}

/// The file that a condition compares with.
fn baseline_file(ask: &KpiAsk) -> Option<&str> {
    match &ask.baseline {
        Some(Baseline::File(path)) => Some(path),
        Some(
            Baseline::Offset(_)
            | Baseline::Before(_)
            | Baseline::Between(..)
            | Baseline::Vars { .. },
        )
        | None => None,
    }
}

/// A file that a plan names, relative to where the command runs.
fn beside(plan: &Path, file: &str) -> PathBuf {
    plan.parent().unwrap_or(Path::new("")).join(file)
}

/// Why a file cannot be used as a baseline.
fn unusable(path: &Path) -> Option<String> {
    let bytes = match bounded::read(path, bounded::MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => return Some(error.to_string()),
    };
    let header = captured::read_header(&bytes);
    header.err().map(|error| error.to_string())
}

/// A well-formed plan is not called valid while its queries are wrong or were not tried.
fn shortfall(looked: Exit) -> &'static str {
    match looked {
        Exit::Hold => "its form is valid, but not every query could be tried: run it again",
        Exit::Go | Exit::NoGo | Exit::Refused | Exit::Stop | Exit::Usage | Exit::Unrecorded => {
            "its form is valid, but its queries have errors: fix those above"
        }
    }
}

/// What a plan contains, so that its author sees whether that is what was meant.
fn contents(loaded: &LoadedPlan) -> String {
    let plan = &loaded.plan;
    let gates = plan.stages.iter().flat_map(|stage| &stage.gates);
    let criteria = gates.clone().map(|gate| gate.criteria.len()).sum();
    let counted = |count: usize, word: &str, plural: &str| {
        format!("{count} {}", if count == 1 { word } else { plural })
    };
    [
        counted(plan.stages.len(), "stage", "stages"),
        counted(gates.count(), "gate", "gates"),
        counted(criteria, "criterion", "criteria"),
        counted(plan.kpis.len(), "KPI", "KPIs"),
    ]
    .join(", ")
}
