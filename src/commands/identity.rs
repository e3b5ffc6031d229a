//! Who runs a check, where, with which command line: secrets removed. Must not pass on what may hold a credential.

use super::surroundings::environment;
use super::who::{CI_ACTORS, LOGINS};
use crate::provenance::RunIdentity;
use crate::secret::address::{replace_user_info, without_queries};

/// Where CI services say which run this is: an address, or the parts of one.
const CI_ADDRESSES: [&[&str]; 5] = [
    &[
        "GITHUB_SERVER_URL",
        "/",
        "GITHUB_REPOSITORY",
        "/actions/runs/",
        "GITHUB_RUN_ID",
    ],
    &["CI_JOB_URL"],
    &["BUILD_URL"],
    &["BUILDKITE_BUILD_URL"],
    &["CIRCLE_BUILD_URL"],
];
/// Where CI services say which commit this is.
const CI_COMMITS: [&str; 5] = [
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "GIT_COMMIT",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
];
const UNKNOWN: &str = "unknown";

/// Reads who runs this.
#[must_use]
pub fn identity(command: &[String]) -> RunIdentity {
    RunIdentity {
        user: first(&CI_ACTORS)
            .or_else(|| first(&LOGINS))
            .unwrap_or_else(|| UNKNOWN.to_owned()),
        host: first(&["HOSTNAME", "COMPUTERNAME"])
            .or_else(host_file)
            .unwrap_or_else(|| UNKNOWN.to_owned()),
        ci: CI_ADDRESSES
            .iter()
            .find_map(|parts| address(parts))
            .map(|address| marked(&address)),
        commit: first(&CI_COMMITS),
        command: without_secrets(command),
    }
}

fn first(names: &[&str]) -> Option<String> {
    names
        .iter()
        .filter_map(|name| environment(name))
        .find(|value| !value.is_empty())
}

fn host_file() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Variables (in capitals) and the text between them; `None` where one is unset.
fn address(parts: &[&str]) -> Option<String> {
    parts.iter().map(|part| address_part(part)).collect()
}

fn address_part(part: &str) -> Option<String> {
    let is_name = part.starts_with(|c: char| c.is_ascii_uppercase());
    if is_name {
        environment(part).filter(|value| !value.is_empty())
    } else {
        Some(part.to_owned())
    }
}

/// The command line without the user info and the queries of addresses.
fn without_secrets(command: &[String]) -> Vec<String> {
    command.iter().map(|argument| marked(argument)).collect()
}

/// `https://user:password@host/` becomes `https://…@host/`, anywhere in a text.
fn marked(text: &str) -> String {
    without_queries(&replace_user_info(text, "…@"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_info_does_not_reach_the_recorded_command() {
        let shown = |text: &str| marked(text);
        assert_eq!(
            shown("--source=https://me:s3cret@host:9090/p?x=1"),
            "--source=https://…@host:9090/p?…"
        );
        assert_eq!(shown("https://me:s3cr@t@host"), "https://…@host");
        assert_eq!(shown("plan@v1.yaml"), "plan@v1.yaml");
        assert_eq!(shown("http://me:s3c/ret@host"), "http://…@host");
    }
}
