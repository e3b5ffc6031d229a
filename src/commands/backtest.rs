//! `gate backtest` and `gate tune`: a plan, a long time, and what the plan would have said in it. Reads and writes no ledger; writes
//! nothing but what is asked for.

mod answers;
mod diff;
mod lists;
mod report;
mod setting;

use anyhow::anyhow;

use self::answers::Answers;
use self::setting::Setting;
use super::diagnostics::say;
use super::load::LoadedPlan;
use super::surroundings::Surroundings;
use crate::backtest::{
    Allowed, Backtest, Coarse, Counted, Material, Suggestion, Trials, Unanswered, asked, coarse,
    suggestions, tried,
};
use crate::cli::{BacktestArgs, Format, TuneArgs};
use crate::evaluate::History;
use crate::exit::Exit;
use crate::output::{OutputError, print_stdout};
use crate::report::backtest::{json, text, tuned, tuned_json};
use crate::samples::{Asked, Question};
use crate::units::Instant;

/// So many questions about one instant are asked at most.
const MOST_INSTANTS: usize = 2_000;

/// Why nothing came of it.
enum Failure {
    /// It has been said.
    Said(Exit),
    /// The command line, the plan or a list is wrong.
    Usage(anyhow::Error),
    /// A source did not answer what nothing can be judged without.
    Unanswered(anyhow::Error),
    /// What was asked for could not be written.
    Unwritten(anyhow::Error),
}

impl From<Exit> for Failure {
    fn from(exit: Exit) -> Self {
        Self::Said(exit)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Usage(error)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::Unwritten(report::unwritten(error))
    }
}

/// Says what a plan would have said.
pub async fn backtest(
    arguments: &BacktestArgs,
    words: &[String],
    surroundings: &Surroundings,
) -> Exit {
    ended(judge(arguments, words, surroundings, |done| Ok(shown(done))).await)
}

/// Suggests limits.
pub async fn tune(arguments: &TuneArgs, words: &[String], surroundings: &Surroundings) -> Exit {
    if !arguments.backtest.reports.is_empty() {
        return ended(Err(Failure::Usage(anyhow!(
            "`gate tune` writes no report: ask `gate backtest --report`, or `--format json`"
        ))));
    }
    let show = |done: &Done<'_>| tune_shown(arguments, done);
    ended(judge(&arguments.backtest, words, surroundings, show).await)
}

/// What a past suggests for a plan that is not written yet.
///
/// # Errors
/// The exit code, after it was said what is wrong.
pub(super) async fn suggested(
    loaded: LoadedPlan,
    arguments: &TuneArgs,
    surroundings: &Surroundings,
) -> Result<(Backtest, Vec<Vec<Suggestion>>), Exit> {
    let looked = look_back(loaded, arguments, surroundings).await;
    looked.map_err(|failure| ended(Err(failure)))
}

async fn look_back(
    loaded: LoadedPlan,
    arguments: &TuneArgs,
    surroundings: &Surroundings,
) -> Result<(Backtest, Vec<Vec<Suggestion>>), Failure> {
    let of = &arguments.backtest;
    let setting = Setting::with(loaded, &of.vars, of, (None, surroundings))?;
    let material = material(&setting)?;
    let answers = answers::get(of, (&setting, &material, None), &[], surroundings).await?;
    let whole = judged(&setting, &material, &answers);
    let done = Done {
        arguments: of,
        surroundings,
        setting: &setting,
        whole: &whole,
        history: &answers.history,
    };
    let suggested = suggestions_of(arguments, &done);
    Ok((whole, suggested))
}

fn ended(ended: Result<Exit, Failure>) -> Exit {
    match ended {
        Ok(exit) | Err(Failure::Said(exit)) => exit,
        Err(Failure::Usage(error)) => {
            say(&format!("nothing was judged: {error:#}"));
            Exit::Usage
        }
        Err(Failure::Unanswered(error)) => {
            say(&format!("nothing was judged: {error:#}"));
            Exit::Hold
        }
        Err(Failure::Unwritten(error)) => {
            say(&format!("{error:#}"));
            Exit::Unrecorded
        }
    }
}

/// What is shown at the end.
struct Done<'a> {
    arguments: &'a BacktestArgs,
    surroundings: &'a Surroundings,
    setting: &'a Setting,
    whole: &'a Backtest,
    history: &'a History,
}

async fn judge(
    arguments: &BacktestArgs,
    words: &[String],
    surroundings: &Surroundings,
    show: impl Fn(&Done<'_>) -> Result<String, Failure>,
) -> Result<Exit, Failure> {
    let (setting, recorded) = Setting::of(arguments, surroundings)?;
    let reports = report::prove(arguments, surroundings)?;
    let material = material(&setting)?;
    let answers = answers::get(
        arguments,
        (&setting, &material, recorded),
        words,
        surroundings,
    )
    .await?;
    let whole = judged(&setting, &material, &answers);
    let done = Done {
        arguments,
        surroundings,
        setting: &setting,
        whole: &whole,
        history: &answers.history,
    };
    let shown = show(&done)?;
    report::write(&reports, &whole)?;
    print_stdout(&shown)?;
    Ok(exit(&whole))
}

fn shown(done: &Done<'_>) -> String {
    match done.arguments.format {
        Format::Text => text(done.whole, &done.surroundings.stdout.style()),
        Format::Json => json(done.whole),
    }
}

fn allowed(arguments: &TuneArgs) -> Allowed {
    Allowed {
        false_stops: arguments.false_stops.number,
        per: arguments.false_stops.per,
        false_no_go: arguments.false_no_go,
        headroom: arguments.headroom,
    }
}

/// What is suggested for each gate.
fn suggestions_of(arguments: &TuneArgs, done: &Done<'_>) -> Vec<Vec<Suggestion>> {
    let plan = &done.setting.loaded.plan;
    let gates = done.whole.gates.iter();
    let of = gates.map(|(tried, counted)| {
        let (allowed, each) = (allowed(arguments), arguments.per_site);
        suggestions(plan, (tried, counted), done.history, allowed, each)
    });
    of.collect()
}

fn tune_shown(arguments: &TuneArgs, done: &Done<'_>) -> Result<String, Failure> {
    let suggested = suggestions_of(arguments, done);
    if arguments.diff {
        return diff::diff(done.setting, done.whole, &suggested).map_err(Failure::Usage);
    }
    Ok(match done.arguments.format {
        Format::Text => tuned(done.whole, &suggested, &done.surroundings.stdout.style()),
        Format::Json => tuned_json(done.whole, &suggested, &allowed(arguments)),
    })
}

/// What has to be asked; too many questions about single instants are refused.
fn material(setting: &Setting) -> anyhow::Result<Material> {
    let mut material = asked(
        &setting.loaded.plan,
        &all(setting),
        (setting.from, setting.to),
    );
    material.questions.extend(setting.selectors());
    if material.instants > MOST_INSTANTS {
        return Err(anyhow!(
            "queries with `$window` need {} questions, one for each start, at most {MOST_INSTANTS} are asked: choose a larger --every",
            material.instants
        ));
    }
    Ok(material)
}

/// All that is pretended, and releases that were.
fn all(setting: &Setting) -> Vec<&Trials> {
    setting.trials.iter().chain(&setting.real).collect()
}

/// Judges all of it.
fn judged(setting: &Setting, material: &Material, answers: &Answers) -> Backtest {
    let (plan, history) = (&setting.loaded.plan, &answers.history);
    let incidents = answers.incidents.clone();
    let samples_from = setting.samples_from(history);
    let span = (samples_from.unwrap_or(setting.from), setting.to);
    let gates = setting.trials.iter().map(|trials| {
        let tried = tried(plan, trials.clone(), history);
        let counted = Counted::of(&tried, &incidents, span);
        (tried, counted)
    });
    let gates: Vec<_> = gates.collect();
    let releases = setting.real.iter().map(|trials| {
        let tried = tried(plan, trials.clone(), history);
        let all = setting.releases_of(&tried);
        (tried, all)
    });
    let mut whole = Backtest {
        tool_version: crate::version::NUMBER.to_owned(),
        release: plan.release.id(),
        plan: (setting.loaded.shown(), setting.loaded.sha256.clone()),
        vars: setting.vars.clone(),
        span: (setting.from, setting.to),
        samples_from,
        every: setting.every,
        moments: setting.moments,
        sources: answers.sources.clone(),
        answers_sha256: answers.sha256.clone(),
        asked: (material.questions.len(), material.instants),
        incidents_from: setting.incidents_from.clone(),
        incidents,
        releases: releases.collect(),
        gates,
        unanswered: unanswered(material, history),
        notes: notes(setting, material, history),
        fail_on: Vec::new(),
    };
    whole.fail_on = setting
        .fail_on
        .iter()
        .map(|condition| {
            let mut figures = whole.gates.iter().map(|(_, counted)| counted.figures());
            let holds = figures.any(|figures| condition.holds(&figures));
            (condition.clone(), holds)
        })
        .collect();
    whole
}

/// What has no answer, each query's stretches joined.
fn unanswered(material: &Material, history: &History) -> Vec<Unanswered> {
    let mut all: Vec<Unanswered> = Vec::new();
    for question in &material.questions {
        if history.first_unanswered(question).is_none() {
            continue;
        }
        let (Err(failure), Some((from, to))) = (history.cut(question), ends(question)) else {
            continue;
        };
        let (query, code) = (question.query.clone(), failure.code.word());
        match all.last_mut() {
            Some(last) if last.query == query && last.code == code => last.to = to,
            _ => all.push(Unanswered {
                query,
                from,
                to,
                code: code.to_owned(),
                message: failure.message,
            }),
        }
    }
    all
}

fn ends(question: &Question) -> Option<(Instant, Instant)> {
    match question.asked {
        Asked::Range(grid) => Some((grid.first(), grid.last())),
        Asked::At(at) => Some((at, at)),
        Asked::Captured(_) => None,
    }
}

fn notes(setting: &Setting, material: &Material, history: &History) -> Vec<String> {
    let mut notes = setting.notes.clone();
    if material.instants > 0 {
        notes.push(format!(
            "{} questions about one instant: one for each start and query with `$window`",
            material.instants
        ));
    }
    for kpi in &material.at_end {
        notes.push(format!(
            "stops on {kpi} use `$window`: they are judged at the end of each window, so that nobody knows when they would have tripped"
        ));
    }
    if setting.asks_alerts() {
        notes.push("alerts are judged by what the source keeps of them: whether a rule could have raised one then is not asked, nor what fired between two points".to_owned());
    }
    for one in coarse(&setting.loaded.plan, &all(setting), history) {
        let note = further_apart(&one);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn further_apart(one: &Coarse) -> String {
    let Coarse {
        kpi, apart, step, ..
    } = one;
    let baseline = if one.of_baseline { " (baseline)" } else { "" };
    format!(
        "{kpi}{baseline}: samples come every {apart}, the plan asks for one every {step}: coverage and `for` are judged on what is there, and take the points between for missing. Sources that keep less of older samples (downsampling) answer like this; with `step: {apart}` the plan asks for what they have"
    )
}

/// 1 where a condition holds; 3 where nothing could be judged, or a part could not and conditions depend on it.
fn exit(whole: &Backtest) -> Exit {
    if whole.fail_on.iter().any(|(_, holds)| *holds) {
        return Exit::NoGo;
    }
    let is_partly = !whole.unanswered.is_empty() || whole.decided() < whole.gates.len();
    if whole.decided() == 0 || (is_partly && !whole.fail_on.is_empty()) {
        return Exit::Hold;
    }
    Exit::Go
}

/// A time in a message.
fn from_to(from: Instant, to: Instant) -> String {
    format!("from {from} to {to}")
}
