//! `gate validate`: is a plan right? Without a server, or with every query tried on its source.
//! Must not reach a verdict or write evidence.

mod coming;
mod online;
mod selectors;
mod sparse;
mod told;
mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::diagnostics::{draw, say, say_where_explained};
use super::load::{LoadedPlan, Overrides, Unusable, read_plan};
use super::surroundings::Surroundings;
use crate::bounded;
use crate::cli::{ValidateArgs, ValidateFormat};
use crate::exit::Exit;
use crate::output::print_stdout;
use crate::plan::criteria::{Ask, KpiAsk};
use crate::plan::{self, Baseline, LineSpan, Problem};
use crate::report::{Finding, Validated, validated_github, validated_json, validated_sarif};
use crate::source::captured;
use online::look;
use told::Told;

#[cfg(test)]
pub use told::OnlineCode;

/// Checks plans; every error in every plan is reported.
pub async fn validate(arguments: &ValidateArgs, surroundings: &Surroundings) -> Exit {
    let mut worst = Exit::Go;
    let mut all = Vec::new();
    for path in &arguments.plans {
        let (exit, validated) = one(path, arguments, surroundings).await;
        worst = worst.max(exit);
        all.push(validated);
    }
    let document = match arguments.format {
        ValidateFormat::Text => {
            let found = all.iter().flat_map(|plan| &plan.findings);
            let codes: Vec<&str> = found.filter_map(|one| one.code).collect();
            say_where_explained(&codes);
            return worst;
        }
        ValidateFormat::Json => validated_json(&all, worst.code()),
        ValidateFormat::Github => validated_github(&all),
        ValidateFormat::Sarif => validated_sarif(&all),
    };
    match print_stdout(&document) {
        Ok(()) => worst,
        Err(error) => {
            say(&format!("the findings could not be printed: {error}"));
            Exit::Unrecorded
        }
    }
}

/// Checks one plan. For people each part is printed as soon as it is known.
async fn one(
    path: &Path,
    arguments: &ValidateArgs,
    surroundings: &Surroundings,
) -> (Exit, Validated) {
    let overrides = Overrides {
        vars: &arguments.vars,
        source: arguments.source.as_deref(),
        offline: false,
        read_before: None,
        otherwise: "nothing can be judged",
    };
    let mut seen = Seen::of(path, arguments, surroundings);
    let exit = match read_plan(path, &overrides, surroundings) {
        Ok((loaded, warnings)) => {
            seen.problems(&loaded.bytes, &warnings);
            valid(&loaded, arguments, surroundings, &mut seen).await
        }
        Err(unusable) => {
            let (bytes, problems) = unusable.problems();
            seen.problems(bytes, problems);
            let summary = unusable.summary(&path.to_string_lossy(), overrides.otherwise);
            match unusable {
                Unusable::Wrong(..) => seen.summary(summary),
                Unusable::Unread(_) | Unusable::Homeless(..) => seen.file(summary),
            }
            Exit::Usage
        }
    };
    seen.validated.exit_code = exit.code();
    (exit, seen.validated)
}

/// What was found in one plan: printed at once, or kept for a document.
struct Seen<'a> {
    is_text: bool,
    surroundings: &'a Surroundings,
    validated: Validated,
}

impl<'a> Seen<'a> {
    fn of(path: &Path, arguments: &ValidateArgs, surroundings: &'a Surroundings) -> Self {
        Self {
            is_text: arguments.format == ValidateFormat::Text,
            surroundings,
            validated: Validated {
                path: path.to_string_lossy().into_owned(),
                findings: Vec::new(),
                summary: String::new(),
                asked: false,
                exit_code: Exit::Go.code(),
            },
        }
    }

    fn problems(&mut self, bytes: &[u8], problems: &[Problem]) {
        if self.is_text {
            let path = &self.validated.path;
            draw(path, bytes, problems, self.surroundings.stderr);
        }
        let text = String::from_utf8_lossy(bytes);
        let found = problems.iter().map(|problem| Finding::of(problem, &text));
        self.validated.findings.extend(found);
    }

    fn summary(&mut self, summary: String) {
        if self.is_text {
            say(&summary);
        }
        self.validated.summary = summary;
    }

    /// That the file cannot be used at all.
    fn file(&mut self, summary: String) {
        let finding = Finding::of_file(summary.clone());
        self.validated.findings.push(finding);
        self.summary(summary);
    }

    /// What the sources answered.
    fn online(&mut self, told: Vec<Told>, places: &BTreeMap<String, LineSpan>) {
        for one in told {
            if self.is_text {
                for line in one.lines(&self.validated.path) {
                    say(&line);
                }
            }
            self.validated.findings.push(one.finding(places));
        }
    }
}

/// Says of a plan that was loaded what is wrong with its baselines and, with `--online`, with its queries.
pub(super) async fn validate_loaded(
    loaded: &LoadedPlan,
    arguments: &ValidateArgs,
    surroundings: &Surroundings,
) -> Exit {
    let mut seen = Seen::of(&loaded.path, arguments, surroundings);
    valid(loaded, arguments, surroundings, &mut seen).await
}

async fn valid(
    loaded: &LoadedPlan,
    arguments: &ValidateArgs,
    surroundings: &Surroundings,
    seen: &mut Seen<'_>,
) -> Exit {
    let now = surroundings.now;
    let at = arguments.at.map_or(now, |time| time.before(now));
    let mut worst = Exit::Go;
    if arguments.strict && !loaded.warnings.is_empty() {
        worst = Exit::Usage;
    }
    let shown = loaded.shown();
    let wrong = baselines_are_there(loaded);
    if !wrong.is_empty() {
        seen.problems(&loaded.bytes, &wrong);
        seen.summary(format!(
            "{shown}: its form is valid, but a captured baseline cannot be used"
        ));
        return Exit::Usage;
    }
    if arguments.online {
        let (exit, told) = look(loaded, at, surroundings).await;
        seen.online(told, &places(&loaded.bytes));
        seen.validated.asked = true;
        if exit != Exit::Go {
            seen.summary(format!("{shown}: {}", shortfall(exit)));
            return worst.max(exit);
        }
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
    seen.summary(format!("{shown}: {word} ({}){unasked}", contents(loaded)));
    worst
}

/// Where the KPIs ask.
fn places(bytes: &[u8]) -> BTreeMap<String, LineSpan> {
    let text = String::from_utf8_lossy(bytes);
    let places = plan::kpi_places(bytes).into_iter();
    places
        .map(|(name, span)| (name, LineSpan::of(&span, &text)))
        .collect()
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

/// The matchers of a selector in braces as they are written, but for those of the metric's name; `None` where that is not all of it.
pub(super) fn matchers_of(selector: &str) -> Option<Vec<String>> {
    let squeezed = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
    let found = selectors::of(&format!("metric{selector}"));
    let [selected] = found.as_slice() else {
        return None;
    };
    let all: Vec<&str> = (selected.matchers.iter())
        .map(|one| one.text.as_str())
        .collect();
    let inner = selector.trim().strip_prefix('{')?.strip_suffix('}')?;
    if squeezed(&all.join(",")) != squeezed(inner).trim_end_matches(',') {
        return None;
    }
    let named = selected
        .matchers
        .iter()
        .filter(|one| one.label != "__name__");
    Some(named.map(|one| one.text.clone()).collect())
}

/// Whether a source would be asked a query.
fn asks(loaded: &LoadedPlan) -> bool {
    kpis(loaded).next().is_some()
}

/// Every captured baseline that a plan compares with must exist and be readable; that needs no server.
fn baselines_are_there(loaded: &LoadedPlan) -> Vec<Problem> {
    let used: BTreeSet<&str> = kpis(loaded).filter_map(baseline_file).collect();
    let named = loaded.baseline_files.iter();
    named
        .filter(|file| used.contains(file.path.as_str()))
        .filter_map(|file| {
            let path = beside(&loaded.path, &file.path);
            let reason = unusable(&path)?;
            let command = format!("gate capture {} -o {}", loaded.shown(), path.display());
            Some(Problem::of_baseline_file(file, &reason, &command))
        })
        .collect()
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
