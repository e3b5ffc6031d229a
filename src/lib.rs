//! `gate`: go or no-go between the stages of a release, from a rollout plan and Prometheus, with evidence.
//!
//! Data flows one way:
//!
//! ```text
//! plan.yaml ─▶ plan ─▶ source ─▶ evaluate ─▶ evidence ─▶ report
//!                └────────────────▲             └─▶ file (v1)
//! ```
//!
//! | module | its job |
//! | --- | --- |
//! | [`kind`] | the words of the formats, and the names of gates |
//! | [`units`] | durations, instants, shares, quantities: newtypes that parse, print and compare |
//! | [`samples`] | questions, series, points, observations; no Prometheus word in them |
//! | [`verdict`] | the four verdicts |
//! | [`codes`] | what each code means, an example, the cure: the page of codes taken apart |
//! | [`version`] | which `gate` this is: number, commit, date |
//! | [`digest`] | SHA-256 |
//! | `bounded` | files that must not be waited for |
//! | `unicode_safety` | which characters a reader would not see |
//! | `names` | names of people, compared as readers see them |
//! | [`secret`] | values that cannot be printed |
//! | [`plan`] | YAML → a plan that is valid by construction |
//! | [`findings`] | what is looked up besides samples: alerts, probes, files, issue logs |
//! | [`ledger`] | what people did: entries, their chain, its format |
//! | [`rollout`] | plan + ledger + now → where a rollout stands: left, running, blocked, outstanding; asked by all below |
//! | [`http`] | connections, credentials (those of cloud vendors included), redirects, retries, limits: everything that is asked over HTTP |
//! | [`source`] | questions → observations, inquiries → findings |
//! | [`assessment`] | what was judged: verdicts, outcomes, reasons; data only |
//! | [`evaluate`] | plan + observations + findings + ledger + T → assessment; pure |
//! | [`backtest`] | what a plan would have said over a long time: pretend releases, counted; other limits; pure |
//! | [`init`] | a plan to start from: metrics that are recognised, conditions with what they rest on, the text; pure |
//! | [`provenance`] | who ran a check, where; whose signatures were found |
//! | [`records`] | records that several machines share: bytes under names, by compare-and-swap |
//! | [`evidence`] | assessment → record, and the frozen file format |
//! | [`import`] | files of Argo Rollouts, Flagger, Sloth and OpenSLO → the text of a plan |
//! | `attest` | evidence → in-toto statements and their envelopes |
//! | [`schema`] | JSON Schema of plan, evidence, ledger and the status of a watch |
//! | [`watch`] | the course of a watch: when it judges, what it asks again, what it records, when it ends; pure |
//! | [`report`] | evidence → text |
//! | [`notices`] | who is told: webhooks, Slack, programs; beside everything else |
//! | [`cli`], [`commands`], `exit` | arguments, where the stages meet, the exit codes |
//! | [`output`] | the one place that writes files: atomic, synced, never over an earlier one |

pub mod assessment;
mod attest;
pub mod backtest;
mod bounded;
pub mod cli;
pub mod codes;
pub mod commands;
pub mod digest;
pub mod evaluate;
pub mod evidence;
mod exit;
pub mod findings;
pub mod http;
pub mod import;
pub mod init;
pub mod kind;
pub mod ledger;
mod names;
pub mod notices;
pub mod output;
pub mod plan;
pub mod provenance;
pub mod records;
pub mod report;
pub mod rollout;

pub mod samples;
pub mod schema;
pub mod secret;
pub mod source;
mod unicode_safety;
pub mod units;
pub mod verdict;
pub mod version;
pub mod watch;
