//! Who runs a check, where, with which command line: secrets removed. Must not pass on what may hold a credential.

use super::surroundings::environment;
use super::who::LOGINS;
use crate::provenance::{RunIdentity, ci_run, cleaned};

const UNKNOWN: &str = "unknown";

/// Reads who runs this.
#[must_use]
pub fn identity(command: &[String]) -> RunIdentity {
    let ci = ci_run(&environment).unwrap_or_default();
    let of_system = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| environment(name));
        values.find(|value| !value.is_empty())
    };
    RunIdentity {
        user: (ci.actor)
            .or_else(|| of_system(&LOGINS))
            .unwrap_or_else(|| UNKNOWN.to_owned()),
        host: of_system(&["HOSTNAME", "COMPUTERNAME"])
            .or_else(host_file)
            .unwrap_or_else(|| UNKNOWN.to_owned()),
        ci: ci.address,
        commit: ci.commit,
        // The command line without the user info and the queries of addresses.
        command: command.iter().map(|argument| cleaned(argument)).collect(),
    }
}

fn host_file() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
