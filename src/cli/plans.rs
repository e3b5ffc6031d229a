//! Arguments of the commands that look at plans and codes, and judge no rollout.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Time, assignment};

/// `gate validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The rollout plans
    #[arg(required = true, value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// Ask each source what `gate check` would ask, over the same ranges, and say what is wrong with the answers
    #[arg(long)]
    pub online: bool,
    /// Fail on warnings, too
    #[arg(long)]
    pub strict: bool,
    /// With --online: ask as of this time: RFC 3339, Unix seconds, or how long ago (`2h`)
    #[arg(long, value_name = "TIME", requires = "online")]
    pub at: Option<Time>,
    /// Set a variable of the plan; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub vars: Vec<(String, String)>,
    /// Ask this server instead of the plan's source
    #[arg(long, value_name = "URL")]
    pub source: Option<String>,
    /// How the findings are written; all but text go to standard output, as one document for all plans
    #[arg(long, value_enum, default_value_t)]
    pub format: ValidateFormat,
}

/// How the findings of `gate validate` are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ValidateFormat {
    /// For people, on standard error
    #[default]
    Text,
    /// The document for programs: `gate schema validate`
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// `gate explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The codes, such as `low-coverage` [default: list all of them]
    #[arg(value_name = "CODE")]
    pub codes: Vec<String>,
}

/// `gate test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The rollout plans; the tests of each are in PLAN-STEM.tests beside it
    #[arg(required = true, value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: TestFormat,
}

/// How the results of `gate test` are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// A table for people
    #[default]
    Text,
    /// For tools that collect test results
    Junit,
}
