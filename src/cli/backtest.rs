//! `gate backtest` and `gate tune`. Types only.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::{Format, Time, assignment};
use crate::backtest::FailOn;
use crate::units::Duration;

/// `gate backtest`.
#[derive(Debug, Args)]
pub struct BacktestArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Where the past begins: RFC 3339, Unix seconds, or how long ago (`28d`) [default with --replay: as recorded]
    #[arg(long, value_name = "TIME", required_unless_present = "replay")]
    pub from: Option<Time>,
    /// Where it ends [default: now; with --replay: as recorded]
    #[arg(long, value_name = "TIME")]
    pub to: Option<Time>,
    /// Only this stage; may be given several times
    #[arg(long = "stage", value_name = "STAGE")]
    pub stages: Vec<String>,
    /// How far apart pretend releases begin: a multiple of each KPI's step
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = Duration::parse)]
    pub every: Duration,
    /// Look at the last window at each of these times, without a start, of entry gates too
    #[arg(long, conflicts_with_all = ["releases", "ledger"])]
    pub moments: bool,
    /// What should have been caught: a CSV or YAML file with start, end, name and maybe stage, or a PromQL selector that finds
    /// something while it lasts; may be given several times
    #[arg(long, value_name = "FILE|SELECTOR")]
    pub incidents: Vec<String>,
    /// Releases that were begun, to be judged and shown apart: a CSV or YAML file with stage, started and maybe name and outcome
    #[arg(long, value_name = "FILE")]
    pub releases: Option<PathBuf>,
    /// The same from the starts in a ledger; may be given several times
    #[arg(long, value_name = "FILE")]
    pub ledger: Vec<PathBuf>,
    /// For how long after an incident nothing is quiet
    #[arg(long, value_name = "DURATION", default_value = "2h", value_parser = Duration::parse)]
    pub quiet_after: Duration,
    /// Ask this server instead of the plan's source
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
    /// Set a variable of the plan; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub vars: Vec<(String, String)>,
    /// Keep the answers in this new file, for --replay
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub save: Option<PathBuf>,
    /// Judge kept answers, without any server
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "vars"])]
    pub replay: Option<PathBuf>,
    /// Also write a report: html, csv or json; may be given several times. Nothing is overwritten without `--force`. `gate tune`
    /// writes none
    #[arg(long = "report", value_name = "KIND=PATH")]
    pub reports: Vec<BacktestReport>,
    /// Overwrite reports that are there [default: only inside a CI job]
    #[arg(long, requires = "reports")]
    pub force: bool,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Exit with 1 where this holds: `false-stops > 1/week`, `false-no-go > 5%`, `hold > 5%`, `missed > 0`, `caught < 2`; may be
    /// given several times
    #[arg(long, value_name = "CONDITION")]
    pub fail_on: Vec<FailOn>,
}

/// `gate tune`.
#[derive(Debug, Args)]
pub struct TuneArgs {
    /// What is looked at.
    #[command(flatten)]
    pub backtest: BacktestArgs,
    /// How many false stops a limit may cost, in how much quiet time: `1/4w`
    #[arg(long, value_name = "NUMBER/TIME", default_value = "1/4w")]
    pub false_stops: PerTime,
    /// Which share of quiet releases a limit may fail: `1%`
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = share)]
    pub false_no_go: f64,
    /// By how much of its distance from the median a limit is moved outwards: `10%`
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share)]
    pub headroom: f64,
    /// Say which series drives a limit that all share
    #[arg(long)]
    pub per_site: bool,
    /// Print the plan with the suggested limits as a unified diff; nothing is edited
    #[arg(long)]
    pub diff: bool,
}

/// So many in a length of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerTime {
    /// How many.
    pub number: f64,
    /// In how long.
    pub per: Duration,
}

impl FromStr for PerTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "write how many in how long, such as `1/4w` or `2/week`";
        let (number, per) = text.split_once('/').ok_or(FORM)?;
        let number: f64 = number.trim().parse().map_err(|_| FORM)?;
        let per = match per.trim() {
            "week" => Duration::from_secs(7 * 86_400),
            "day" => Duration::from_secs(86_400),
            length => Duration::parse(length).map_err(|error| error.to_string())?,
        };
        if !number.is_finite() || number < 0.0 || per <= Duration::ZERO {
            return Err(FORM.to_owned());
        }
        Ok(Self { number, per })
    }
}

/// `10%`, as a fraction.
fn share(text: &str) -> Result<f64, String> {
    let number = text
        .strip_suffix('%')
        .and_then(|number| number.trim().parse().ok());
    let number: f64 = number.ok_or_else(|| "write a share such as `10%`".to_owned())?;
    if number.is_finite() && number >= 0.0 {
        Ok(number / 100.0)
    } else {
        Err("a share is not negative".to_owned())
    }
}

/// `KIND=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacktestReport {
    /// What is written.
    pub kind: BacktestKind,
    /// To which file.
    pub path: PathBuf,
}

/// The kinds of reports on a backtest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BacktestKind {
    /// A page.
    Html,
    /// A row for each start and criterion.
    Csv,
    /// For programs.
    Json,
}

impl FromStr for BacktestReport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "a report is html=PATH, csv=PATH or json=PATH";
        let (word, path) = text.split_once('=').ok_or(FORM)?;
        let kind = match word {
            "html" => BacktestKind::Html,
            "csv" => BacktestKind::Csv,
            "json" => BacktestKind::Json,
            _ => return Err(FORM.to_owned()),
        };
        if path.is_empty() {
            return Err(format!("`{word}=` names no file"));
        }
        Ok(Self {
            kind,
            path: PathBuf::from(path),
        })
    }
}
