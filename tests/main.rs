//! Every test of the whole program, in one binary: linking only once makes building the tests fast.
//!
//! Each file is a module; `architecture` finds any that is missing here. Tests run as threads of one process, so none may
//! change the environment, the working directory or anything else that they share.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that lacks what it rests on fails"
)]

mod age;
mod agreement;
mod alterations;
mod architecture;
mod asking;
mod attest;
mod backtest;
mod bad_input;
mod bound;
mod build_script;
mod check;
mod clouds;
mod compare;
mod conditions;
mod crashes;
mod criteria_pages;
mod displaced;
mod documents;
mod earned;
mod explain;
mod faults;
mod glossary;
mod import_files;
mod imports;
mod init;
mod integrations;
mod itself;
mod joints;
mod kept;
mod ledger;
mod left_behind;
mod load;
mod long_ledgers;
mod lookup_faults;
mod lookup_settings;
mod lookups;
mod meanwhile;
mod now;
mod offered;
mod older;
mod online;
mod oracle;
mod pages;
mod passed_over;
mod past;
mod people;
mod pipes;
mod places;
mod plan_changes;
mod plan_documents;
mod plan_tests;
mod queries;
mod ratios;
mod readme;
mod records;
mod refused;
mod reports;
mod rollout_plans;
mod said;
mod scenarios;
mod secrets;
mod secrets_kept;
mod servers;
mod signers;
mod since;
mod source_fake;
mod source_http;
mod source_limits;
mod source_recorded;
mod source_tls;
mod sources;
mod status;
mod superseded;
mod support;
mod support_itself;
mod together;
mod trust;
mod validated;
mod verify;
mod walk;
mod walks;
mod watch;
mod watch_listen;
mod watch_notices;
