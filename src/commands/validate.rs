//! `gate validate`: is a plan right? Without a server, or with each source looking at each query.
//! Must not reach a verdict or write evidence.

mod online;

use super::diagnostics::say;
use super::load::{LoadedPlan, Overrides, load};
use super::surroundings::Surroundings;
use crate::cli::ValidateArgs;
use crate::exit::Exit;
use online::look;

/// Checks plans; every error in every plan is reported.
pub async fn validate(arguments: &ValidateArgs, surroundings: &Surroundings) -> Exit {
    let overrides = Overrides {
        vars: &arguments.vars,
        source: arguments.source.as_deref(),
        offline: false,
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
    let mut worst = Exit::Go;
    for loaded in plans {
        if arguments.strict && !loaded.warnings.is_empty() {
            worst = worst.max(Exit::Usage);
        }
        let looked = if arguments.online {
            look(loaded, surroundings).await
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
        say(&format!(
            "{}: {word} ({})",
            loaded.shown(),
            contents(loaded)
        ));
    }
    worst
}

/// A plan whose form is right is not called valid while its queries are wrong or were not looked at.
fn shortfall(looked: Exit) -> &'static str {
    match looked {
        Exit::Hold => "its form is valid, but not every query could be looked at: run it again",
        _ => "its form is valid, but its queries have errors: fix those above",
    }
}

/// What a plan holds, so that readers see whether that is what they meant.
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
