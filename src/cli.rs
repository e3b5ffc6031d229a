//! The command line as types. Reads no clock: a relative time stays a length here.

mod backtest;
mod init;
mod itself;
mod ledger;
mod people;
mod plans;
mod records;
mod watch;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::kind::GateName;
use crate::ledger::Chain;
use crate::plan::Subject;
use crate::report::{Kind, RolloutKind};
use crate::units::{Duration, Instant};
use crate::version;

pub use backtest::{BacktestArgs, BacktestKind, BacktestReport, PerTime, TuneArgs};
pub use init::{InitArgs, Shares};
pub use itself::{CompletionsArgs, ManArgs};
pub use ledger::{EntriesFormat, LedgerAction, LedgerArgs};
pub use people::{
    ApproveArgs, ConfirmArgs, IncidentAction, IncidentArgs, NoteArgs, OverrideArgs, PauseArgs,
    QuestionArgs, RollbackArgs, Signed, StartArgs, SupersedeArgs, Until,
};
pub use plans::{ExplainArgs, TestArgs, TestFormat, ValidateArgs, ValidateFormat};
pub use records::{RecordsAction, RecordsArgs};
pub use watch::WatchArgs;

/// Go or no-go between the stages of a release, from a rollout plan and Prometheus, with evidence.
#[derive(Debug, Parser)]
#[command(name = "gate", version = version::told(), about, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// Where ledger and evidence are, whatever the plan says.
    #[arg(long, global = true, value_name = "PLACE", help = RECORDS)]
    pub records: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const RECORDS: &str = "Where ledger and evidence are, whatever the plan says: git, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://ACCOUNT/CONTAINER/PREFIX or a folder [default: GATE_RECORDS, or what the plan says, or beside the plan]";

const EXIT_CODES: &str = "\
Exit codes:
  0  GO: every criterion is met and every stop criterion is clear
  1  NO-GO: at least one criterion is unmet
  2  the command line or the plan is wrong: nothing was judged
  3  HOLD: something cannot be decided
  4  STOP: a stop criterion tripped: pause the rollout now
  5  the verdict could not be recorded, or an internal failure
`gate backtest`, `gate tune`:
  0  it was judged
  1  a condition of --fail-on holds
  2  the command line or the plan is wrong: nothing was judged
  3  nothing could be judged, or a part could not and --fail-on was asked
  5  what was asked for could not be written
`gate test`:
  0  everything is as expected
  1  something is not
  2  a plan or a test is wrong, or there are no tests

`gate init`:
  0  the plan was written, or printed
  2  the command line is wrong, or the name or selector finds nothing
  3  the source did not answer, or measures nothing that is recognised
  5  the file is there already, or could not be written
`gate verify`:
  0  everything that was found holds
  1  something is off
  2  the command line is wrong
  3  something cannot be shown
Commands that record what people did:
  0  it was recorded, or had been before and still holds
  1  it was refused because of where the rollout stands
  2  the command line or the plan is wrong
  5  it could not be recorded";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge the gates of a plan, print the verdict and write the evidence
    Check(CheckArgs),
    /// Stay with the running stage: judge it again and again, stop the minute a stop trips, end with the verdict
    Watch(WatchArgs),
    /// Draft a plan from what a server measures: metrics that are recognised, limits from its past
    Init(InitArgs),
    /// Check plans, without contacting any server unless `--online` is given
    Validate(ValidateArgs),
    /// Run the tests of plans: recorded answers with the verdicts that are expected, from PLAN-STEM.tests
    Test(TestArgs),
    /// Explain a code of an error, a warning or an outcome: what it means, an example, the cure
    Explain(ExplainArgs),
    /// Translate files of Argo Rollouts, Flagger, Sloth and OpenSLO into a plan
    Import(ImportArgs),
    /// Write a report on recorded checks: on one, or on a whole rollout (status, summary, handover, rollback)
    Report(ReportArgs),
    /// Check evidence: digests, ledger, signatures, and the verdict recomputed from plan and answers
    Verify(VerifyArgs),
    /// Print the JSON Schema of plans, evidence, ledgers or the status of a watch
    Schema(SchemaArgs),
    /// Say what a plan would have said over a long time: pretend releases, false stops, incidents caught
    Backtest(BacktestArgs),
    /// Suggest limits that would have cost few false stops, and say which incidents they catch
    Tune(TuneArgs),
    /// Freeze the KPIs of a plan as a baseline: `baseline: {file: FILE}`
    Capture(CaptureArgs),
    /// Record that a stage begins, once its entry gate was GO in the last recorded check
    Start(StartArgs),
    /// Answer a confirmation or an item of a checklist
    Confirm(ConfirmArgs),
    /// Sign for a gate, in a role, bound to the evidence of a recorded check
    Approve(ApproveArgs),
    /// Open, update, close or list incidents
    Incident(IncidentArgs),
    /// Pause the running stage; needs --why
    Pause(PauseArgs),
    /// Go on after a pause, a stop or a rollback; needs --why
    Resume(PauseArgs),
    /// Record that a stage is rolled back, and which steps of the plan's `rollback:` were done
    Rollback(RollbackArgs),
    /// Go on with another version of the release, in the same ledger; needs --why
    Supersede(SupersedeArgs),
    /// Proceed on a NO-GO or HOLD in a person's own name; needs --why
    Override(OverrideArgs),
    /// Record a remark; with --checkpoint, a checkpoint of hypercare
    Note(NoteArgs),
    /// Show, verify or repair what was recorded, begin a ledger, or import what another machine recorded
    Ledger(LedgerArgs),
    /// Show where ledger and evidence are kept, copy them from there, or bring them there
    Records(RecordsArgs),
    /// Print what a shell needs to complete the command line
    Completions(CompletionsArgs),
    /// Print the manual page, or write a page for each command to a folder
    Man(ManArgs),
    /// Show where a rollout stands: stages, windows, what is outstanding and from whom, open incidents
    Status(StatusArgs),
}

/// `gate check`.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub struct CheckArgs {
    /// The rollout plans
    #[arg(required = true, value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// Judge only this gate; may be given several times [default: what is in play: the first entry; then the exit of what
    /// runs, with the next entry as an outlook; once that was left, the next entry]
    #[arg(
        long = "gate",
        value_name = "STAGE/entry|STAGE/exit|STAGE/recovery",
        conflicts_with_all = ["before", "all"]
    )]
    pub gates: Vec<GateName>,
    /// Judge what has to be GO before a stage: the exit of each stage before it, and its own entry
    #[arg(long, value_name = "STAGE", conflicts_with = "all")]
    pub before: Option<String>,
    /// Judge every gate of the plan
    #[arg(long)]
    pub all: bool,
    /// Judge as of this time: RFC 3339, Unix seconds, or how long ago (`2h`)
    #[arg(long, value_name = "TIME")]
    pub at: Option<Time>,
    /// When the stage began: RFC 3339, Unix seconds, or how long before the judged time (`2h`)
    #[arg(long, value_name = "TIME")]
    pub started: Option<Time>,
    /// Look at the last window of exit gates, begun or not: shown and recorded, but nothing rests on it. Permanently:
    /// `observe: trailing` in the plan
    #[arg(long)]
    pub trailing: bool,
    /// Set a variable of the plan; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub vars: Vec<(String, String)>,
    /// Ask this server instead of the plan's source
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
    /// Judge again from recorded answers, for their time, without any server; nothing is recorded, and nothing rests on it
    #[arg(long, value_name = "ANSWERS", conflicts_with_all = ["at", "started", "trailing", "vars", "source"])]
    pub replay: Option<PathBuf>,
    /// Write the evidence to this folder [default: PLAN-STEM.evidence beside the ledger; of a replay PLAN-STEM.replayed]
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// Leave the answers out of the evidence
    #[arg(long)]
    pub no_answers: bool,
    /// Neither read the ledger nor record this check in it
    #[arg(long, conflicts_with = "replay")]
    pub no_ledger: bool,
    /// Exit with 0 if every gate that is not GO is overridden by a named person
    #[arg(long)]
    pub accept_overrides: bool,
    /// Who checks, for the ledger [default: git's user, or CI's, or the login]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Also write a report: html, markdown, junit, github, csv or status; may be given several times.
    /// `{plan}` in PATH is the plan's name. Nothing is overwritten without `--force`; `markdown=$GITHUB_STEP_SUMMARY` is
    /// appended to, `github=-` is printed
    #[arg(long = "report", value_name = "KIND=PATH")]
    pub reports: Vec<ReportAsked>,
    /// Overwrite reports that are there [default: only inside a CI job]; evidence is never overwritten
    #[arg(long, requires = "reports")]
    pub force: bool,
    /// Judge again while it is HOLD, at most for so long; the first, each changed and the last verdict are recorded
    #[arg(long, value_name = "DURATION", value_parser = Duration::parse, conflicts_with_all = ["at", "replay", "trailing", "accept_overrides"])]
    pub wait: Option<Duration>,
    /// With --wait: how often to judge, 1s to 1h
    #[arg(long, value_name = "DURATION", default_value = "1m", requires = "wait", value_parser = Duration::parse)]
    pub every: Duration,
    /// With --wait: `go` waits on NO-GO, too
    #[arg(long, value_enum, default_value_t, requires = "wait")]
    pub until: WaitUntil,
    /// Tell those whom the plan's `notify` names of this check's verdict, if it is another than the one recorded before
    #[arg(long, conflicts_with_all = ["at", "replay", "trailing"])]
    pub notify: bool,
    /// With --notify: run the programs that it names
    #[arg(long, requires = "notify")]
    pub allow_exec: bool,
    /// How the evidence is signed and attested.
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Of a watch, which judges one plan again and again: the plan as it was read.
    #[arg(skip)]
    pub read_before: Option<Vec<u8>>,
    /// Of a watch: the ledger as it was read before, where it cannot be read now, or was just read.
    #[arg(skip)]
    pub ledger_before: Option<Chain>,
    /// Of a watch: what follows from a plan that cannot be used.
    #[arg(skip)]
    pub otherwise: Option<&'static str>,
}

impl CheckArgs {
    /// Whether the gates are named, instead of those in play.
    #[must_use]
    pub fn asks_for_gates(&self) -> bool {
        !self.gates.is_empty() || self.before.is_some() || self.all
    }
}

/// How evidence is signed and attested.
#[derive(Debug, Clone, Default, Args)]
pub struct TrustArgs {
    /// Sign the evidence with this SSH key, as `.json.sig` beside it; a public key is enough if an agent holds the private one
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// Whose signatures count where the plan requires them, as `ssh-keygen` reads it [default: the plan's `signatures.allowed`]
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub allowed_signers: Option<PathBuf>,
    /// Write an in-toto Statement (test result) to this new file, with its predicate and, if the plan names a policy, a SLSA
    /// verification summary beside it
    #[arg(long, value_name = "FILE")]
    pub attest: Option<PathBuf>,
    /// Sign the statements with this key: Ed25519 or P-256, PKCS#8 in PEM
    #[arg(long, value_name = "PEM", requires = "attest")]
    pub attest_key: Option<PathBuf>,
    /// What is released, besides the plan's `subjects`; may be given several times
    #[arg(long = "subject", value_name = "NAME@sha256:DIGEST", value_parser = subject, requires = "attest")]
    pub subjects: Vec<Subject>,
}

/// `NAME@sha256:DIGEST`.
fn subject(text: &str) -> Result<Subject, &'static str> {
    const FORM: &str = "a subject is NAME@sha256: and 64 hexadecimal digits";
    let (name, sha256) = text.rsplit_once("@sha256:").ok_or(FORM)?;
    let digits = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    if name.is_empty() || name.chars().any(char::is_control) || !digits {
        return Err(FORM);
    }
    Ok(Subject {
        name: name.to_owned(),
        sha256: sha256.to_ascii_lowercase(),
    })
}

/// `gate verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Plans, whose evidence is meant; evidence documents, or folders of them
    #[arg(required = true, value_name = "PLAN|EVIDENCE")]
    pub evidence: Vec<PathBuf>,
    /// Who may sign, as `ssh-keygen` reads it: principals and their keys
    #[arg(long, value_name = "FILE")]
    pub allowed_signers: Option<PathBuf>,
    /// The ledger that remembers the checks [default: the plan's, or the one beside the evidence]
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
}

/// `gate report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Plans, whose evidence is meant; evidence documents, or folders of them
    #[arg(required = true, value_name = "PLAN|EVIDENCE")]
    pub evidence: Vec<PathBuf>,
    /// What to write: on one check, html, markdown, junit, github or csv; on a whole rollout, status (five lines for
    /// stakeholders), summary, summary-html, handover, handover-html, rollback or rollback-html [default: a list of the
    /// checks; of one check its text]
    #[arg(long, value_name = "KIND")]
    pub format: Option<ReportFormat>,
    /// Only the last check
    #[arg(long)]
    pub last: bool,
    /// Only checks of this stage
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// Write to this new file [default: standard output]; `{check}` in it is the evidence's name
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Overwrite a file that is there [default: only inside a CI job]
    #[arg(long)]
    pub force: bool,
    /// The ledger of the rollout [default: the plan's, or the one beside the evidence]
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
}

/// What `gate report` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// A report of one check, or the note on the last one.
    Check(Kind),
    /// A report on a whole rollout.
    Rollout(RolloutKind),
}

impl FromStr for ReportFormat {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Kind::from_word(word)
            .map(Self::Check)
            .or_else(|| RolloutKind::from_word(word).map(Self::Rollout))
            .ok_or_else(|| {
                let of_rollouts = RolloutKind::ALL.map(RolloutKind::word).join(", ");
                unknown_kind(word, &format!("{}, {of_rollouts}", check_kinds()))
            })
    }
}

/// The kinds of reports on one check.
fn check_kinds() -> String {
    Kind::ALL.map(Kind::word).join(", ")
}

fn unknown_kind(word: &str, kinds: &str) -> String {
    format!("unknown report kind `{word}`: choose one of {kinds}")
}

const MODELINE: &str = "Editors with the YAML language server complete a plan whose first line is
  # yaml-language-server: $schema=plan.schema.json
where that file is what `gate schema plan` prints.";
/// `gate import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// AnalysisTemplate, ClusterAnalysisTemplate, AnalysisRun and Rollout; Canary and MetricTemplate; Sloth's and OpenSLO's files:
    /// what belongs to one release
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The plan to write [default: standard output]; an existing file is never overwritten
    #[arg(short, long, value_name = "PLAN")]
    pub output: Option<PathBuf>,
    /// Write the plan although something cannot be translated; its head says what
    #[arg(long)]
    pub partial: bool,
    /// Give an argument of the files a value: in limits and counts it needs one; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub vars: Vec<(String, String)>,
}

/// `gate schema`.
#[derive(Debug, Args)]
#[command(after_help = MODELINE)]
pub struct SchemaArgs {
    /// Which schema
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What has a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A rollout plan
    Plan,
    /// A rollout plan, in draft-07 for the catalogues of editors
    #[value(name = "plan-draft-07")]
    PlanDraft07,
    /// An evidence document
    Evidence,
    /// A line of a ledger
    Ledger,
    /// How a watch stands: its /status.json
    Watch,
    /// What `gate backtest` writes for programs
    Backtest,
    /// What `gate tune` writes for programs
    Tune,
    /// What `gate validate --format json` writes
    Validate,
}

/// What ends `gate check --wait`, besides a stop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum WaitUntil {
    /// GO or NO-GO
    #[default]
    Decided,
    /// GO alone
    Go,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The report for people
    #[default]
    Text,
    /// The document for programs
    Json,
}

/// `gate capture`.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Where the baseline begins [default: the plan's longest window before its end]
    #[arg(long, value_name = "TIME")]
    pub from: Option<Time>,
    /// Where the baseline ends [default: now]
    #[arg(long, value_name = "TIME")]
    pub to: Option<Time>,
    /// The file to write; an existing one is never overwritten
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Set a variable of the plan; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub vars: Vec<(String, String)>,
    /// Ask this server instead of the plan's source
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
}

/// `gate status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Set a variable of the plan; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub vars: Vec<(String, String)>,
    /// The server that was asked instead of the plan's source, as in `gate check`
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// A moment, or a length of time to count back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// RFC 3339 or Unix seconds.
    At(Instant),
    /// `2h`.
    Ago(Duration),
}

impl Time {
    /// The moment, with lengths counted back from `reference`.
    #[must_use]
    pub fn before(self, reference: Instant) -> Instant {
        match self {
            Self::At(instant) => instant,
            Self::Ago(length) => reference - length,
        }
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        match Duration::parse(text) {
            Ok(length) if !is_number => Ok(Self::Ago(length)),
            _ => Instant::parse(text)
                .map(Self::At)
                .map_err(|error| format!("{error}, or a length of time such as `2h`")),
        }
    }
}

/// `KIND=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportAsked {
    /// What is written.
    pub kind: Kind,
    /// Where: a file, or `-` for standard output.
    pub path: PathBuf,
}

impl FromStr for ReportAsked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, path) = text.split_once('=').ok_or_else(|| {
            format!(
                "a report is KIND=PATH, such as `html=gate.html`; the kinds are {}",
                check_kinds()
            )
        })?;
        let kind = Kind::from_word(word).ok_or_else(|| not_of_a_check(word))?;
        if path.is_empty() {
            return Err(format!("`{word}=` names no file"));
        }
        Ok(Self {
            kind,
            path: PathBuf::from(path),
        })
    }
}

/// What to do about a word that does not name a report on one check.
fn not_of_a_check(word: &str) -> String {
    if RolloutKind::from_word(word).is_some() {
        return format!(
            "`{word}` looks at all checks of a rollout: write it afterwards with `gate report EVIDENCE... --format {word}`"
        );
    }
    unknown_kind(word, &check_kinds())
}

/// `NAME=VALUE`.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a variable is set as NAME=VALUE, such as `env=staging`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_time_is_a_moment_or_ago() {
        assert_eq!("2h".parse(), Ok(Time::Ago(Duration::from_secs(7200))));
        assert_eq!(
            "1795132800".parse(),
            Ok(Time::At(Instant::from_secs(1_795_132_800)))
        );
        assert_eq!("0".parse(), Ok(Time::At(Instant::from_secs(0))));
        assert!("yesterday".parse::<Time>().is_err());
    }

    #[test]
    fn a_subject_is_a_name_and_a_digest() {
        let digest = "AB".repeat(32);
        let found = subject(&format!("r.example.com/a@v1@sha256:{digest}")).expect("a subject");
        assert_eq!(found.name, "r.example.com/a@v1");
        assert_eq!(found.sha256, digest.to_lowercase());
        for text in [
            "a",
            "a@sha256:12",
            &format!("@sha256:{digest}"),
            &format!("a@sha512:{digest}"),
        ] {
            assert!(subject(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_report_is_asked_for_by_kind_and_path() {
        let asked = |text: &str| text.parse::<ReportAsked>();
        let report = asked("html=a=b.html").expect("a report");
        assert_eq!(
            (report.kind, report.path),
            (Kind::Html, PathBuf::from("a=b.html"))
        );
        let error = asked("pdf=x").expect_err("no kind");
        assert_eq!(
            error,
            "unknown report kind `pdf`: choose one of html, markdown, junit, github, csv, status"
        );
        assert!(asked("html").is_err() && asked("html=").is_err());
        let error = asked("summary=x").expect_err("of a rollout");
        assert!(error.contains("gate report EVIDENCE... --format summary"));
    }
}
