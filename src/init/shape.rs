//! Stages, and what people do in them, of each shape: those of the worked plans, without what belongs to their releases alone.

use super::template::Template;
use crate::units::Duration;

/// Stages, and what people do in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Which.
    pub template: Template,
    /// How long each stage is watched.
    pub window: Duration,
    /// How long a stage is not judged after its start.
    pub settle: Option<Duration>,
    /// In order.
    pub stages: Vec<StageShape>,
    /// Lists of what is confirmed: lines below `checklists`.
    pub checklists: &'static str,
    /// What people are asked in each stage: lines below `entry`, `stop` and `exit` of `defaults`.
    pub each: [&'static str; 3],
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageShape {
    /// Its name.
    pub name: String,
    /// What kind of stage it is.
    pub kind: &'static str,
    /// The share of the traffic.
    pub traffic: Option<String>,
    /// How long it is watched, if not as long as the others.
    pub window: Option<Duration>,
    /// What else it says: lines below it.
    pub more: &'static str,
    /// Whether metrics are not looked at.
    pub without_kpis: bool,
}

const HOUR: Duration = Duration::from_secs(3600);
const HOURS: Duration = Duration::from_secs(2 * 3600);

/// The shares of traffic that a shape has, where nobody says others.
fn shares(template: Template) -> &'static [&'static str] {
    match template {
        Template::Canary => &["1", "5", "25", "50", "100"],
        Template::Batch => &["5", "25", "100"],
        Template::Staged => &["1", "5", "25", "50", "100"],
        Template::Pilot | Template::Minimal => &[],
    }
}

impl Shape {
    /// A shape; `stages` are the shares of traffic in percent, where they were given.
    ///
    /// # Errors
    /// Shares of a shape whose stages are no shares of traffic.
    pub fn of(template: Template, stages: Option<&[String]>) -> Result<Self, String> {
        let own = shares(template);
        if own.is_empty() && stages.is_some() {
            return Err(format!(
                "the stages of the template {template} are no shares of traffic: leave --stages out, or choose canary, batch or staged"
            ));
        }
        let own: Vec<String> = own.iter().map(|one| (*one).to_owned()).collect();
        Ok(of(template, stages.unwrap_or(&own)))
    }
}

impl Shape {
    /// A shape with its first stage alone, in which nobody is asked anything.
    #[must_use]
    pub fn only_stage(template: Template) -> Self {
        let mut shape = of(template, &[]);
        shape.stages.truncate(1);
        shape
    }
}

fn of(template: Template, shares: &[String]) -> Shape {
    let plain = Shape {
        template,
        window: HOURS,
        settle: None,
        stages: Vec::new(),
        checklists: "",
        each: ["", "", ""],
    };
    match template {
        Template::Canary => Shape {
            window: HOUR,
            stages: by_share(
                shares,
                "canary",
                ("    entry: { approvals: [release-manager] }\n", CANARY_LAST),
            ),
            checklists: CANARY_LISTS,
            ..plain
        },
        Template::Pilot => Shape {
            window: Duration::from_secs(48 * 3600),
            settle: Some(Duration::from_secs(600)),
            stages: vec![
                stage("pilot", "pilot", PILOT_FIRST),
                stage("wave-1", "wave", ""),
                stage("wider", "full", "    exit: { checklists: [handover] }\n"),
            ],
            checklists: PILOT_LISTS,
            each: PILOT_EACH,
            ..plain
        },
        Template::Batch => {
            let mut stages = vec![StageShape {
                window: Some(HOUR),
                ..stage("migration", "staging", BATCH_FIRST)
            }];
            stages.extend(by_share(
                shares,
                "phase",
                ("    entry: { checklists: [during-release] }\n", BATCH_LAST),
            ));
            Shape {
                stages,
                checklists: BATCH_LISTS,
                ..plain
            }
        }
        Template::Staged => {
            let mut stages = vec![StageShape {
                without_kpis: true,
                ..stage("staging", "staging", STAGED_FIRST)
            }];
            stages.extend(by_share(
                shares,
                "ramp",
                ("    entry: { checklists: [preparations] }\n", STAGED_LAST),
            ));
            Shape {
                window: HOUR,
                stages,
                checklists: STAGED_LISTS,
                each: STAGED_EACH,
                ..plain
            }
        }
        Template::Minimal => Shape {
            stages: vec![stage("canary", "canary", "")],
            ..plain
        },
    }
}

fn stage(name: &str, kind: &'static str, more: &'static str) -> StageShape {
    StageShape {
        name: name.to_owned(),
        kind,
        traffic: None,
        window: None,
        more,
        without_kpis: false,
    }
}

/// A stage for each share; what the first and the last one say.
fn by_share(
    shares: &[String],
    prefix: &str,
    (first, last): (&'static str, &'static str),
) -> Vec<StageShape> {
    let count = shares.len();
    let of = |(place, share): (usize, &String)| {
        let is_full = share == "100";
        let name = format!("{prefix}-{}", share.replace('.', "_"));
        let more = if place + 1 == count {
            last
        } else if place == 0 {
            first
        } else {
            ""
        };
        StageShape {
            name: if is_full { "full".to_owned() } else { name },
            kind: if is_full { "full" } else { "canary" },
            traffic: Some(format!("{share}%")),
            ..stage("", "", more)
        }
    };
    shares.iter().enumerate().map(of).collect()
}

const CANARY_LISTS: &str = "  verification:                  # owner of each: TODO
    - { id: features, text: New features work as described }
    - { id: replicas, text: All replicas are ready }
    - { id: schema, text: The schema of the database is up to date }
";
const CANARY_LAST: &str = "    exit: { checklists: [verification], approvals: { roles: [release-manager, approver], distinct: true } }\n";

const PILOT_LISTS: &str = "  readiness:                     # owner of each: TODO
    - { id: end-to-end, text: The main flows were run through on staging }
    - { id: integrations, text: What the site is connected with was tested }
    - { id: dashboards, text: Dashboards of the site are there }
    - { id: rollback, text: The way back was tried }
  handover:
    - { id: status, text: Everybody concerned has the summary }
    - { id: backlog, text: What was learned is in the backlog }
";
const PILOT_FIRST: &str = "    entry: { checklists: [readiness] }\n";
const PILOT_EACH: [&str; 3] = [
    "    approvals: { roles: [operations, product-owner], distinct: true }\n",
    "    incidents: { open: [sev1] }\n",
    "    no_incidents: { open: [sev1, sev2] }\n    checkpoints: { every: 1d, roles: [operations] }   # the template's: one each day of hypercare\n",
];

const BATCH_LISTS: &str = "  pre-release:                   # owner of each: TODO
    - { id: merged, text: All changes are merged and approved }
    - { id: migration-scripts, text: Migration scripts were tested }
    - { id: rollback-validated, text: The way back was tried }
    - { id: dashboards, text: Dashboards are up to date }
  migrations:
    - { id: done, text: All migrations ran }
    - { id: data, text: The data are as they should be }
  during-release:
    - { id: standby, text: The team stands by }
  post-release:
    - { id: notes, text: Release notes are published }
    - { id: feedback, text: Feedback was collected and reviewed }
";
const BATCH_FIRST: &str = "    entry: { checklists: [pre-release], approvals: [release-owner] }\n    exit: { checklists: [migrations] }\n";
const BATCH_LAST: &str = "    entry: { approvals: { roles: [release-owner, engineering-manager], distinct: true } }\n    exit: { checklists: [post-release] }\n";

const STAGED_LISTS: &str = "  pre-release:                   # owner of each: TODO
    - { id: tests, text: All tests pass }
    - { id: migrations, text: Migrations were reviewed and tried and there is a backup }
    - { id: notes, text: Release notes are written and reviewed }
  preparations:
    - { id: snapshot, text: A recent snapshot of the database was tested }
    - { id: reversible, text: Deployments and migrations can be rolled back }
  staging:
    - { id: smoke, text: Smoke tests ran on staging }
  post-release:
    - { id: announced, text: The release is announced }
    - { id: follow-ups, text: What is left to do has tickets }
";
const STAGED_FIRST: &str = "    entry: { checklists: [pre-release], approvals: { roles: [product, security, infrastructure], distinct: true } }\n    exit: { kpis: none, no_incidents: none, checklists: [staging] }\n";
const STAGED_LAST: &str = "    exit: { checklists: [post-release] }\n";
const STAGED_EACH: [&str; 3] = [
    "",
    "    incidents: { open: [sev1] }\n",
    "    no_incidents: { open: [sev1, sev2] }\n",
];
