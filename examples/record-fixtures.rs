//! Records the answers of the fixtures again, from a real Prometheus with the generated histories:
//!
//! ```text
//! cargo run --example record-fixtures -- [NAME…]
//! ```
//!
//! Writes `answers.json.gz`, `expected.txt` and `exit`: look at the difference before you commit it.
//! Must not judge anything itself.
#![expect(clippy::print_stdout, reason = "says what was recorded")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, ensure};

#[path = "../tests/support"]
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "as in tests/support/mod.rs"
)]
mod support {
    pub mod exposition;
    pub mod kpis;
    pub mod random;
    pub mod scenario;
    pub mod servers;
}

use support::kpis;
use support::scenario::{self, Scenario};
use support::servers;

/// The plans' own default, so that recorded addresses do not change from run to run.
const PORT: u16 = 9090;

fn main() -> anyhow::Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let programs = build()?;
    for scenario in scenario::all() {
        if names.is_empty() || names.contains(&scenario.name()) {
            record(&scenario, &programs).with_context(|| scenario.name())?;
        }
    }
    Ok(())
}

/// Builds `gate`; the folder that it is in.
fn build() -> anyhow::Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--bin", "gate"])
        .current_dir(scenario::repository())
        .status()?;
    ensure!(status.success(), "gate does not build");
    let own = std::env::current_exe()?;
    let folder = own
        .ancestors()
        .nth(2)
        .context("an example lies two folders deep")?;
    Ok(folder.to_owned())
}

fn record(scenario: &Scenario, programs: &Path) -> anyhow::Result<()> {
    let history = scenario.read("samples");
    let samples = kpis::history(history.trim())
        .with_context(|| format!("there is no history `{}`", history.trim()))?;
    let server = servers::prometheus_with_rules(&samples, kpis::RULES, Some(PORT));
    let mut words = scenario.arguments();
    words.push("--no-ledger".to_owned());
    let files = write_files(scenario)?;
    let recorded = check(programs, &words, |evidence| {
        let answers = scenario::written(evidence, ".answers.json.gz");
        fs::copy(answers, scenario.folder.join("answers.json.gz"))
    });
    for file in files {
        fs::remove_file(&file)?;
        // The last one leaves an empty folder.
        let _ = file.parent().map(fs::remove_dir);
    }
    let recorded = recorded?;
    drop(server);

    let words = [scenario.plan(), "--replay".to_owned(), scenario.answers()];
    let replayed = check(programs, &words, |_| Ok(0))?;
    ensure!(
        recorded.stdout == replayed.stdout,
        "the replay prints something else"
    );
    fs::write(scenario.folder.join("expected.txt"), &replayed.stdout)?;
    let exit = replayed.status.code().context("gate was killed")?;
    fs::write(scenario.folder.join("exit"), format!("{exit}\n"))?;
    println!("{}: exit {exit}", scenario.name());
    Ok(())
}

/// Writes the files that the plan asks for, as of a minute before the history ends.
fn write_files(scenario: &Scenario) -> anyhow::Result<Vec<PathBuf>> {
    if !scenario.folder.join("files").exists() {
        return Ok(Vec::new());
    }
    let plan = scenario::repository().join(scenario.plan());
    let beside = plan.parent().context("a plan lies in a folder")?;
    let written = UNIX_EPOCH + Duration::from_secs(kpis::END.unsigned_abs() - 60);
    let files = scenario.read("files");
    let write = |name: &str| {
        let path = beside.join(name);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        fs::write(&path, "healthy\n")?;
        File::options()
            .append(true)
            .open(&path)?
            .set_modified(written)?;
        Ok(path)
    };
    files.lines().map(write).collect()
}

/// Runs `gate check` and shows its evidence folder; whatever the verdict, it must have judged.
fn check(
    programs: &Path,
    words: &[String],
    keep: impl Fn(&Path) -> std::io::Result<u64>,
) -> anyhow::Result<Output> {
    // A fixed name: the command line becomes part of the record.
    let evidence = "target/recording.evidence";
    let output = Command::new("gate")
        .arg("check")
        .args(words)
        .args(["--evidence", evidence])
        .current_dir(scenario::repository())
        .env_clear()
        .envs([("USER", "release-manager"), ("HOSTNAME", "example")])
        .env("PATH", programs)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        matches!(output.status.code(), Some(0 | 1 | 3 | 4)),
        "gate did not judge: {errors}"
    );
    let folder = scenario::repository().join(evidence);
    keep(&folder)?;
    fs::remove_dir_all(folder)?;
    Ok(output)
}
