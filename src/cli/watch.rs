//! `gate watch`. Types only.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::{CheckArgs, Format, ReportAsked, Time, TrustArgs, assignment};
use crate::units::{Duration, Instant};

/// What is another time, or recorded, is judged once.
fn of_a_check(_: &str) -> Result<String, String> {
    Err("a watch judges what is measured now; `gate check` has --at and --replay".to_owned())
}

/// `gate watch`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub struct WatchArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The stage, where several run
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// How often to judge, 1s to 1h [default: the smallest step of the gate, at least 15s]
    #[arg(long, value_name = "DURATION", value_parser = Duration::parse)]
    pub every: Option<Duration>,
    /// Stop watching after this time, with the verdict of then; never 0 while the window runs
    #[arg(long = "for", value_name = "DURATION", value_parser = Duration::parse, conflicts_with = "until")]
    pub lasts: Option<Duration>,
    /// The same at a time: RFC 3339 or Unix seconds
    #[arg(long, value_name = "TIME")]
    pub until: Option<Time>,
    /// How long to go on once the window is complete and something cannot be decided
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = Duration::parse)]
    pub grace: Duration,
    /// Stop watching at a NO-GO that is recorded
    #[arg(long)]
    pub fail_fast: bool,
    /// Record the verdict at least this often, from the stage's start on
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = Duration::parse)]
    pub checkpoint: Duration,
    /// Where standard error is no terminal: a line at least this often
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = Duration::parse)]
    pub heartbeat: Duration,
    /// Lines instead of a live view
    #[arg(long)]
    pub plain: bool,
    /// Answer there over HTTP while the watch lasts: /metrics, /healthz, /status.json, and the report of the last round at /
    #[arg(long, value_name = "ADDR:PORT", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// Write the same metrics to this file after each round, for a textfile collector
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// What goes to standard output: the report at the end, or an object for each round and the evidence at the end
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Of a check alone: said so, in place of an option that is spelt alike
    #[arg(long, hide = true, value_name = "TIME", value_parser = of_a_check)]
    pub at: Option<String>,
    /// The same
    #[arg(long, hide = true, value_name = "ANSWERS", value_parser = of_a_check)]
    pub replay: Option<String>,
    /// When the stage began: RFC 3339, Unix seconds, or how long ago (`2h`)
    #[arg(long, value_name = "TIME")]
    pub started: Option<Time>,
    /// Set a variable of the plan; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub vars: Vec<(String, String)>,
    /// Ask this server instead of the plan's source
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
    /// Write the evidence to this folder [default: PLAN-STEM.evidence beside the ledger]
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// Leave the answers out of the evidence
    #[arg(long)]
    pub no_answers: bool,
    /// Neither read the ledger nor record in it
    #[arg(long)]
    pub no_ledger: bool,
    /// Who watches, for the ledger [default: git's user, or CI's, or the login]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Also write a report at the end, as `gate check` does; may be given several times
    #[arg(long = "report", value_name = "KIND=PATH")]
    pub reports: Vec<ReportAsked>,
    /// Overwrite reports that are there [default: only inside a CI job]
    #[arg(long, requires = "reports")]
    pub force: bool,
    /// Tell nobody, whatever the plan's `notify` says
    #[arg(long)]
    pub no_notify: bool,
    /// Run the programs of the plan's `notify`
    #[arg(long, conflicts_with = "no_notify")]
    pub allow_exec: bool,
    /// Sign the evidence with this SSH key, as `.json.sig` beside it; a public key is enough if an agent holds the private one
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
}

impl WatchArgs {
    /// The check that each whole round is; `now` is the clock: a start that is given as a length of time is the same for all rounds.
    #[must_use]
    pub fn check(&self, now: Instant) -> CheckArgs {
        CheckArgs {
            plans: vec![self.plan.clone()],
            started: self.started.map(|time| Time::At(time.before(now))),
            vars: self.vars.clone(),
            source: self.source.clone(),
            evidence: self.evidence.clone(),
            no_answers: self.no_answers,
            no_ledger: self.no_ledger,
            by: self.by.clone(),
            format: self.format,
            reports: self.reports.clone(),
            force: self.force,
            trust: TrustArgs {
                sign: self.sign.clone(),
                ..TrustArgs::default()
            },
            ..CheckArgs::default()
        }
    }
}

/// An address of this machine with a port. Names are not looked up, but for the one that everybody types.
fn address(text: &str) -> Result<SocketAddr, String> {
    let of_localhost =
        |port: &str| Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?)));
    let local = text.strip_prefix("localhost:").and_then(of_localhost);
    local.or_else(|| text.parse().ok()).ok_or_else(|| {
        "write an IP address and a port, such as 127.0.0.1:9100; 0.0.0.0:9100 for every address of this machine".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w21_an_address_is_an_ip_and_a_port() {
        for (text, read) in [
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("localhost:9100", "127.0.0.1:9100"),
            ("[::1]:80", "[::1]:80"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(
                address(text).map(|one| one.to_string()),
                Ok(read.to_owned())
            );
        }
        for text in [
            ":9100",
            "9100",
            "127.0.0.1",
            "localhost",
            "ops.example.com:80",
            "127.0.0.1:99999",
        ] {
            let error = address(text).expect_err(text);
            assert!(error.contains("127.0.0.1:9100"), "{error}");
        }
    }
}
