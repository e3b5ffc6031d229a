//! What a system may find when it asks `gate`: a rollout in each state that has an exit code of its own, and those in which
//! nothing is judged.

use std::fs;
use std::sync::OnceLock;

use crate::support::exposition::Series;
use crate::support::live::now;
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{Options, PASSWORD, Server, Version, prometheus_with};

/// What there is to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// The window is complete, and all is well.
    Go,
    /// The exit's limit is exceeded.
    NoGo,
    /// The window runs.
    Hold,
    /// A stop tripped.
    Stop,
    /// The source does not answer.
    Away,
    /// There is no plan.
    NoPlan,
    /// There is no program.
    NoProgram,
    /// Evidence cannot be written.
    Unwritable,
}

impl Situation {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Go,
        Self::NoGo,
        Self::Hold,
        Self::Stop,
        Self::Away,
        Self::NoPlan,
        Self::NoProgram,
        Self::Unwritable,
    ];

    /// The exit code that belongs to it.
    pub fn code(self) -> i32 {
        match self {
            Self::Go => 0,
            Self::NoGo => 1,
            Self::NoPlan => 2,
            Self::Hold | Self::Away => 3,
            Self::Stop => 4,
            Self::Unwritable => 5,
            Self::NoProgram => 127,
        }
    }

    /// The verdict as the recipes tell it.
    pub fn verdict(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::NoGo => "NO-GO",
            Self::Hold | Self::Away => "HOLD",
            Self::Stop => "STOP",
            Self::NoPlan | Self::NoProgram | Self::Unwritable => "none",
        }
    }

    fn series(self) -> &'static str {
        match self {
            Self::NoGo => "bad",
            Self::Stop => "worst",
            Self::Go
            | Self::Hold
            | Self::Away
            | Self::NoPlan
            | Self::NoProgram
            | Self::Unwritable => "good",
        }
    }
}

/// Four hours of three error ratios, the last of which has not come yet. It asks for a password.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
        let here = now() as i64;
        let series = |case: &str, value: f64| {
            let times = (here - 3 * 3600..here + 3600).step_by(15);
            Series::new(
                format!("errors{{case=\"{case}\"}}"),
                times.map(move |at| (at, value)),
            )
        };
        let samples = [
            series("good", 0.001),
            series("bad", 0.05),
            series("worst", 0.2),
        ];
        prometheus_with(Version::V3_5, &samples, &Options::basic_auth("gate"))
    })
}

/// A rollout in a situation: a folder with its plan, whose first stage began half an hour ago.
pub struct Rollout {
    /// The folder.
    pub place: Workplace,
    situation: Situation,
}

impl Rollout {
    /// In this situation.
    pub fn new(situation: Situation) -> Self {
        let rollout = Self {
            place: Workplace::with_plan(&plan(situation)),
            situation,
        };
        let begun = match situation {
            Situation::Hold => "5m",
            Situation::Go
            | Situation::NoGo
            | Situation::Stop
            | Situation::Away
            | Situation::NoPlan
            | Situation::NoProgram
            | Situation::Unwritable => "30m",
        };
        rollout.begin(begun);
        rollout.arrange();
        rollout
    }

    fn begin(&self, ago: &str) {
        let start = ["start", "plan.yaml", "canary", "--at", ago];
        // Somebody records later that it began then.
        self.gate(&[&start[..], &["--why", "deployed"]].concat())
            .says(0, "canary began");
    }

    /// Runs `gate` by hand, in the environment that the plan needs.
    pub fn gate(&self, arguments: &[&str]) -> Finished {
        let environment = self.environment();
        let pairs = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let pairs: Vec<(&str, &str)> = pairs.collect();
        self.place.gate_with(arguments, &pairs)
    }

    fn arrange(&self) {
        let path = |name: &str| self.place.path().join(name);
        match self.situation {
            Situation::NoPlan => fs::remove_file(path("plan.yaml")).expect("no plan"),
            Situation::Unwritable => self.becomes_unwritable(),
            Situation::Go
            | Situation::NoGo
            | Situation::Hold
            | Situation::Stop
            | Situation::Away
            | Situation::NoProgram => {}
        }
    }

    /// From now on nothing can be recorded: a file is in the folder's place.
    pub fn becomes_unwritable(&self) {
        let folder = self.place.path().join("plan.evidence");
        if folder.is_dir() {
            fs::rename(&folder, self.place.path().join("kept.evidence")).expect("moved");
        }
        self.place.write("plan.evidence", "in the way");
    }

    /// From now on it can be again.
    pub fn becomes_writable(&self) {
        fs::remove_file(self.place.path().join("plan.evidence")).expect("out of the way");
    }

    /// Where the program is.
    pub fn program(&self) -> &'static str {
        match self.situation {
            Situation::NoProgram => "/nowhere/gate",
            Situation::Go
            | Situation::NoGo
            | Situation::Hold
            | Situation::Stop
            | Situation::Away
            | Situation::NoPlan
            | Situation::Unwritable => env!("CARGO_BIN_EXE_gate"),
        }
    }

    /// What the plan takes from the environment.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        let address = match self.situation {
            Situation::Away => "http://127.0.0.1:9".to_owned(),
            Situation::Go
            | Situation::NoGo
            | Situation::Hold
            | Situation::Stop
            | Situation::NoPlan
            | Situation::NoProgram
            | Situation::Unwritable => server().url().to_owned(),
        };
        [
            ("PROMETHEUS_URL", address),
            ("PROMETHEUS_PASSWORD", PASSWORD.to_owned()),
        ]
    }

    /// The evidence is there if something was judged, and for each a report.
    #[track_caller]
    pub fn is_kept(&self) {
        let found = self.place.files("plan.evidence", ".json");
        let is_judged = self.situation.verdict() != "none";
        assert_eq!(!found.is_empty(), is_judged, "{found:?}");
    }
}

fn plan(situation: Situation) -> String {
    format!(
        r#"release: {{name: checkout, version: 2.1.0}}
source:
  url: ${{PROMETHEUS_URL}}
  http_config: {{basic_auth: {{username: gate, password: "${{PROMETHEUS_PASSWORD}}"}}}}
kpis:
  error_rate: {{query: 'errors{{case="{}"}}', unit: ratio}}
stages:
  - name: canary
    window: 20m
    stop: {{kpis: {{error_rate: "> 10% for 5m"}}}}
    exit: {{kpis: {{error_rate: "< 1%"}}}}
  - name: production
    window: 20m
    exit: {{kpis: {{error_rate: "< 1%"}}}}
"#,
        situation.series()
    )
}
