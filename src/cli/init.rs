//! `gate init`. Types only.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::{Time, assignment};
use crate::init::Template;
use crate::units::Duration;

/// `gate init`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub struct InitArgs {
    /// The file to write; an existing one is never overwritten; `-` prints the plan
    #[arg(short, long, value_name = "FILE", default_value = "plan.yaml")]
    pub output: PathBuf,
    /// The server whose metrics the plan is to ask about
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
    /// Write the worked example of the template instead, without asking a server
    #[arg(long, requires = "template", conflicts_with_all = [
        "source", "matching", "service", "release", "stages", "sites", "control", "canary", "since", "at", "http_config",
        "no_history", "list",
    ])]
    pub no_source: bool,
    /// Which series: a selector such as `{job="shop-api"}`
    #[arg(long = "match", value_name = "SELECTOR", conflicts_with = "service")]
    pub matching: Option<String>,
    /// Which service, by the value of a label such as `service`, `job` or `app`
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// The shape of the rollout: canary, pilot, batch, staged or minimal
    #[arg(long, value_name = "NAME")]
    pub template: Option<Template>,
    /// The release's name [default: what --service or --match says]
    #[arg(long, value_name = "NAME")]
    pub release: Option<String>,
    /// The share of the traffic of each stage, in percent: `1,5,25,50,100`
    #[arg(long, value_name = "PERCENT,...", conflicts_with = "sites")]
    pub stages: Option<Shares>,
    /// The label that tells sites apart, each of which is judged
    #[arg(long, value_name = "LABEL")]
    pub sites: Option<String>,
    /// What the canary is compared with: `track=stable`
    #[arg(long, value_name = "LABEL=VALUE", value_parser = assignment, requires = "canary")]
    pub control: Option<(String, String)>,
    /// What is rolled out: `track=canary`
    #[arg(long, value_name = "LABEL=VALUE", value_parser = assignment, requires = "control")]
    pub canary: Option<(String, String)>,
    /// How much of the past limits are taken from
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = Duration::parse)]
    pub since: Duration,
    /// As of when: RFC 3339, Unix seconds, or how long ago (`2h`) [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<Time>,
    /// A YAML file with Prometheus' `http_config`; credentials by `*_file` only, relative to the plan
    #[arg(long, value_name = "FILE")]
    pub http_config: Option<PathBuf>,
    /// Take no limits from the past: conditions compare with a baseline
    #[arg(long)]
    pub no_history: bool,
    /// Ask nothing: take the defaults
    #[arg(long)]
    pub yes: bool,
    /// Print what was found, and write nothing
    #[arg(long, conflicts_with = "no_source")]
    pub list: bool,
}

/// Shares of the traffic in percent, rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares(pub Vec<String>);

/// More stages no rollout has.
const MOST: usize = 20;

impl FromStr for Shares {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shares: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
        let mut last = 0.0;
        for share in &shares {
            let is_number =
                !share.is_empty() && share.chars().all(|c| c.is_ascii_digit() || c == '.');
            let number: Option<f64> = share.parse().ok().filter(|_| is_number);
            let number = number.ok_or_else(|| {
                format!("`{share}` is no share of the traffic: write percentages such as `1,5,25,50,100`")
            })?;
            if number > 100.0 {
                return Err(format!(
                    "`{share}` is more than all of the traffic: shares go up to 100"
                ));
            }
            if number <= last {
                return Err(format!(
                    "`{share}` does not rise: each share is larger than the one before it"
                ));
            }
            last = number;
        }
        if shares.len() > MOST {
            return Err(format!(
                "{} stages are too many: at most {MOST}",
                shares.len()
            ));
        }
        Ok(Self(shares))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_rise_up_to_all_of_the_traffic() {
        let shares = |text: &str| text.parse::<Shares>();
        let numbers = ["1", "5", "12.5", "100"].map(str::to_owned).to_vec();
        assert_eq!(shares("1, 5,12.5,100"), Ok(Shares(numbers)));
        for (text, why) in [
            ("5,1", "`1` does not rise"),
            ("5,5", "`5` does not rise"),
            ("0,5", "`0` does not rise"),
            ("50,101", "more than all"),
            ("1,,5", "`` is no share"),
            ("1,x", "`x` is no share"),
            ("-1", "`-1` is no share"),
            ("nan", "`nan` is no share"),
        ] {
            let error = shares(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
