//! What a plan will say: the model between the files of other tools and the text of a plan. Must not know any tool's words.

use std::collections::BTreeSet;

use crate::plan::Comparison;
use crate::units::Duration;

/// A plan in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub release: String,
    /// What it was made of, for its head.
    pub made_of: Vec<String>,
    /// Addresses of servers; a KPI names its own by place.
    pub sources: Vec<Server>,
    /// Variables that each command has to be given.
    pub needed: BTreeSet<String>,
    pub kpis: Vec<DraftKpi>,
    pub stages: Vec<DraftStage>,
    pub remarks: Remarks,
}

/// A server that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub url: String,
    /// Whether its certificate is not looked at.
    pub insecure: bool,
}

/// What is not the same in the plan, and what is not in it, each with the construct that it is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Remarks {
    pub notes: Vec<String>,
    pub left_out: Vec<String>,
}

impl Remarks {
    /// Something means something else in the plan; the same is said once.
    pub fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// Something is not in the plan.
    pub fn leave_out(&mut self, text: String) {
        if !self.left_out.contains(&text) {
            self.left_out.push(text);
        }
    }
}

/// A KPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftKpi {
    pub name: String,
    pub title: Option<String>,
    pub asked: Asked,
    pub unit: Option<&'static str>,
    pub step: Option<Duration>,
    /// The place of its server.
    pub source: usize,
    /// A query that says by being above zero where there is something to measure; elsewhere there need not be.
    pub guard: Option<String>,
}

/// The queries of a KPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    One(String),
    Ratio {
        /// `errors` or `good`.
        counted: &'static str,
        part: String,
        total: String,
        objective: Option<(String, Duration)>,
    },
}

/// A stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DraftStage {
    pub name: String,
    pub traffic: Option<String>,
    pub window: Option<Duration>,
    pub settle: Option<Duration>,
    pub stop: Vec<DraftAsk>,
    pub exit: Vec<DraftAsk>,
    pub watch: Vec<DraftAsk>,
    pub confirmations: Vec<String>,
    pub probes: Vec<DraftProbe>,
}

impl DraftStage {
    /// Whether something decides whether it may be left.
    pub fn decides(&self) -> bool {
        let asks = [self.stop.len(), self.exit.len()];
        let others = [self.confirmations.len(), self.probes.len()];
        asks.into_iter().chain(others).any(|count| count > 0)
    }

    /// Its conditions, list by list.
    pub fn asks(&self) -> impl Iterator<Item = &DraftAsk> {
        [&self.stop, &self.exit, &self.watch].into_iter().flatten()
    }
}

/// A condition on a KPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftAsk {
    pub kpi: String,
    pub condition: String,
}

/// An address that has to answer, with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftProbe {
    pub url: String,
    /// A JSON pointer, and what has to stand there.
    pub json: Option<(String, String)>,
}

/// A comparison with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limit {
    pub comparison: Comparison,
    /// As a plan writes it.
    pub number: String,
}

impl Limit {
    /// What holds where this does not.
    pub fn negated(&self) -> Self {
        Self {
            comparison: self.comparison.negated(),
            number: self.number.clone(),
        }
    }

    pub fn words(&self) -> String {
        format!("{} {}", self.comparison.symbol(), self.number)
    }
}

/// What one measurement has to be, how many are made, and how many may fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measured {
    pub good: Vec<Limit>,
    pub bad: Vec<Limit>,
    pub tolerated: u32,
    /// Beside those, how many may be neither good nor bad.
    pub undecided: u32,
    pub interval: Duration,
    /// Whether it is asked once only.
    pub once: bool,
}

impl Measured {
    /// Whether so many points could ever be too many.
    pub fn can_fail(&self, window: Duration) -> bool {
        if self.once {
            return self.tolerated == 0;
        }
        let points = window.millis() / self.interval.millis().max(1);
        i64::from(self.tolerated) + i64::from(self.undecided) < points
    }

    /// Adds its conditions to a stage.
    pub fn ask(&self, kpi: &str, stage: &mut DraftStage) {
        let ask = |condition: String| DraftAsk {
            kpi: kpi.to_owned(),
            condition,
        };
        let reducer = if self.once { "last " } else { "" };
        let hold = |word: &str, count: u32, omitted: u32| match count {
            count if self.once || count == omitted => String::new(),
            1 => format!(" {word} 1 point"),
            count => format!(" {word} {count} points"),
        };
        let tripping = hold("for", self.tolerated.saturating_add(1), 1);
        for limit in &self.bad {
            stage
                .stop
                .push(ask(format!("{reducer}{}{tripping}", limit.words())));
        }
        let allowed = hold("but", self.tolerated.saturating_add(self.undecided), 0);
        for limit in &self.good {
            stage
                .exit
                .push(ask(format!("{reducer}{}{allowed}", limit.words())));
        }
    }

    /// Shows its values without deciding anything.
    pub fn watch(&self, kpi: &str, stage: &mut DraftStage) {
        let bad = self.bad.iter().map(Limit::negated);
        let good = if self.good.is_empty() {
            bad.collect()
        } else {
            self.good.clone()
        };
        stage.watch.extend(good.iter().map(|limit| DraftAsk {
            kpi: kpi.to_owned(),
            condition: limit.words(),
        }));
    }
}

impl Draft {
    /// The place of a server, which is added if it is new.
    pub fn server(&mut self, server: Server) -> usize {
        let known = self.sources.iter().position(|one| *one == server);
        known.unwrap_or_else(|| {
            self.sources.push(server);
            self.sources.len() - 1
        })
    }

    /// Adds a KPI; the same one once. Its name may get what it belongs to before it, and a number behind it.
    pub fn add(&mut self, mut kpi: DraftKpi, of: &str) -> String {
        let own = kpi.name.clone();
        let longer = format!("{of}-{own}");
        let numbered = (2..).map(|number| format!("{longer}-{number}"));
        for name in [own, longer.clone()].into_iter().chain(numbered) {
            kpi.name.clone_from(&name);
            match self.kpis.iter().find(|one| one.name == name) {
                Some(same) if *same == kpi => return name,
                Some(_) => {}
                None => {
                    self.kpis.push(kpi);
                    return name;
                }
            }
        }
        kpi.name
    }
}
