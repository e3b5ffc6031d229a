//! Answers for a backtest: asked in pieces and maybe kept, or kept ones. Must not judge them.

use anyhow::anyhow;

use super::Failure;
use super::setting::Setting;
use crate::backtest::{Incidents, Material};
use crate::cli::BacktestArgs;
use crate::commands::bounded;
use crate::commands::diagnostics::say;
use crate::commands::identity::identity;
use crate::commands::interrupt::Interrupt;
use crate::commands::progress::ProgressLine;
use crate::commands::surroundings::{Surroundings, environment};
use crate::digest::sha256_hex;
use crate::evaluate::History;
use crate::exit::Exit;
use crate::http::Pool;
use crate::kind::GateName;
use crate::output::{OutputError, write_new};
use crate::samples::SourceSeen;
use crate::source::recorded::{self, Header, Recorded, RecordedPlan};
use crate::source::{self, Recording};

/// What came back.
pub(super) struct Answers {
    pub history: History,
    pub incidents: Incidents,
    pub sources: Vec<SourceSeen>,
    pub sha256: Option<String>,
}

/// Asks, or takes kept answers.
pub(super) async fn get(
    arguments: &BacktestArgs,
    (setting, material, recorded): (&Setting, &Material, Option<Recorded>),
    words: &[String],
    surroundings: &Surroundings,
) -> Result<Answers, Failure> {
    if let (Some(recorded), Some(path)) = (recorded, &arguments.replay) {
        let bytes = bounded::read(path, bounded::MAX_BYTES).map_err(anyhow::Error::from)?;
        let history = History::of(recorded.observations);
        return Ok(Answers {
            incidents: setting.incidents_with(&history)?,
            history,
            sources: recorded.sources,
            sha256: Some(sha256_hex(&[&bytes])),
        });
    }
    if let Some(path) = arguments
        .save
        .as_ref()
        .filter(|path| path.symlink_metadata().is_ok())
    {
        return Err(OutputError::Exists(path.clone()).into());
    }
    let questions = &material.questions;
    let line = ProgressLine::start(
        surroundings.stderr,
        &setting.loaded.shown(),
        questions.len(),
    );
    let request = source::Request {
        sources: &setting.loaded.plan.sources,
        folder: setting.loaded.folder(),
        questions,
        inquiries: &[],
        keep_answers: arguments.save.is_some(),
        pool: &Pool::default(),
        environment: &environment,
        now: surroundings.now,
        clock: None,
    };
    let interrupt = Interrupt::listen();
    let answered = source::ask(request, &|seen| line.show(seen.done), interrupt.wait()).await;
    drop(line);
    // Answers that nothing can be judged by are not kept: the same command can be run again.
    if interrupt.is_set() {
        say("interrupted: nothing was judged");
        return Err(Exit::Hold.into());
    }
    let history = History::of(answered.observations);
    let incidents = setting.incidents_with(&history)?;
    let mut sha256 = None;
    if let Some(path) = &arguments.save {
        let bytes = kept(setting, words, &answered.sources, &answered.recording)?;
        sha256 = Some(sha256_hex(&[&bytes]));
        write_new(path, &bytes)?;
    }
    Ok(Answers {
        history,
        incidents,
        sources: answered.sources,
        sha256,
    })
}

/// The answers in the format of those of a check: as of the end of what was asked for, begun where that begins.
fn kept(
    setting: &Setting,
    words: &[String],
    sources: &[SourceSeen],
    recording: &Recording,
) -> Result<Vec<u8>, Failure> {
    let entries = match recording {
        Recording::Kept(entries) => entries,
        Recording::LeftOut(why) => {
            return Err(Failure::Unwritten(anyhow!(
                "the answers were not kept: {why}"
            )));
        }
    };
    let gates = setting.trials.iter().filter_map(|trials| {
        let (stage, gate) = trials.gate.of(&setting.loaded.plan)?;
        Some(gate.kind.of(&stage.name))
    });
    let header = Header {
        tool_version: crate::version::NUMBER.to_owned(),
        plan: RecordedPlan {
            path: setting.loaded.shown(),
            sha256: setting.loaded.sha256.clone(),
        },
        at: Some(setting.to),
        started: Some(setting.from),
        vars: setting.vars.clone(),
        addresses: setting.loaded.addresses.clone(),
        gates: gates.collect::<Vec<GateName>>(),
        run: identity(words),
        ..Header::default()
    };
    Ok(recorded::write(&header, sources, entries).concat())
}
