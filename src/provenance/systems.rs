//! Where CI systems say who triggered a run, where it is shown, and of which commit it is: one row per system, and nothing else is
//! read. Must not pass on a credential: of an address neither user info nor what follows its `?` or `#`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::secret::address::{replace_user_info, without_queries};

/// The environment, as data.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A run of a CI system, as far as its environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CiRun {
    /// Who triggered it, as the system names them.
    pub actor: Option<String>,
    /// Where it is shown.
    pub address: Option<String>,
    /// The commit that is built.
    pub commit: Option<String>,
}

/// A CI system and its variables.
struct System {
    /// For people.
    #[cfg_attr(not(test), expect(dead_code, reason = "the documents name it"))]
    name: &'static str,
    mark: Mark,
    /// Who triggered the run: the first that is set.
    actors: &'static [&'static str],
    /// Where it is shown: the first whose variables are all set.
    addresses: &'static [&'static [Part]],
    commit: &'static str,
}

/// How a system is recognised.
enum Mark {
    /// A variable that is set.
    Set(&'static str),
    /// A variable with this value.
    Is(&'static str, &'static str),
}

/// A part of an address.
enum Part {
    Text(&'static str),
    /// An address, or parts of its path: as they are, without credentials.
    Address(&'static str),
    /// One segment of a path, or a value: encoded.
    Segment(&'static str),
}

use Mark::{Is, Set};
use Part::{Address, Segment, Text};

/// What a path shows as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// All that are known. Woodpecker comes before Drone, whose variables old versions of it set as well.
const SYSTEMS: &[System] = &[
    System {
        name: "GitHub Actions",
        mark: Set("GITHUB_ACTIONS"),
        // Of a run that somebody starts again, the first is who did.
        actors: &["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
        addresses: &[&[
            Address("GITHUB_SERVER_URL"),
            Text("/"),
            Address("GITHUB_REPOSITORY"),
            Text("/actions/runs/"),
            Segment("GITHUB_RUN_ID"),
        ]],
        commit: "GITHUB_SHA",
    },
    System {
        name: "GitLab CI/CD",
        mark: Set("GITLAB_CI"),
        actors: &["GITLAB_USER_LOGIN"],
        addresses: &[&[Address("CI_JOB_URL")]],
        commit: "CI_COMMIT_SHA",
    },
    System {
        name: "Jenkins",
        mark: Set("JENKINS_URL"),
        // Of the plugin Build User Vars; Jenkins itself does not say.
        actors: &["BUILD_USER_ID"],
        addresses: &[&[Address("BUILD_URL")]],
        commit: "GIT_COMMIT",
    },
    System {
        name: "Azure Pipelines",
        mark: Set("TF_BUILD"),
        actors: &["BUILD_REQUESTEDFOR"],
        // Both name the organisation, with a slash behind it.
        addresses: &[&AZURE, &AZURE_OF_OLD],
        commit: "BUILD_SOURCEVERSION",
    },
    System {
        name: "Bitbucket Pipelines",
        mark: Set("BITBUCKET_BUILD_NUMBER"),
        // There is no name: an account's UUID.
        actors: &["BITBUCKET_STEP_TRIGGERER_UUID"],
        addresses: &[&[
            Text("https://bitbucket.org/"),
            Address("BITBUCKET_REPO_FULL_NAME"),
            Text("/pipelines/results/"),
            Segment("BITBUCKET_BUILD_NUMBER"),
        ]],
        commit: "BITBUCKET_COMMIT",
    },
    System {
        name: "TeamCity",
        mark: Set("TEAMCITY_VERSION"),
        // Who triggered a build is a parameter that no variable holds.
        actors: &[],
        addresses: &[&[Address("BUILD_URL")]],
        commit: "BUILD_VCS_NUMBER",
    },
    System {
        name: "CircleCI",
        mark: Set("CIRCLECI"),
        actors: &["CIRCLE_USERNAME"],
        addresses: &[&[Address("CIRCLE_BUILD_URL")]],
        commit: "CIRCLE_SHA1",
    },
    System {
        name: "Buildkite",
        mark: Set("BUILDKITE"),
        actors: &["BUILDKITE_BUILD_CREATOR"],
        addresses: &[&[Address("BUILDKITE_BUILD_URL")]],
        commit: "BUILDKITE_COMMIT",
    },
    System {
        name: "Woodpecker",
        mark: Is("CI", "woodpecker"),
        actors: &["CI_PIPELINE_AUTHOR", "CI_COMMIT_AUTHOR"],
        addresses: &[&[Address("CI_PIPELINE_URL")]],
        commit: "CI_COMMIT_SHA",
    },
    System {
        name: "Drone",
        mark: Set("DRONE"),
        // `@hook` where no person did.
        actors: &["DRONE_BUILD_TRIGGER"],
        addresses: &[&[Address("DRONE_BUILD_LINK")]],
        commit: "DRONE_COMMIT_SHA",
    },
];

const AZURE: [Part; 4] = azure("SYSTEM_COLLECTIONURI");
const AZURE_OF_OLD: [Part; 4] = azure("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI");

const fn azure(organisation: &'static str) -> [Part; 4] {
    [
        Address(organisation),
        Segment("SYSTEM_TEAMPROJECT"),
        Text("/_build/results?buildId="),
        Segment("BUILD_BUILDID"),
    ]
}

/// What the CI system says that this runs in; `None` outside of those that are known.
#[must_use]
pub fn ci_run(environment: Environment<'_>) -> Option<CiRun> {
    let environment: Environment<'_> = &|name| {
        let value = environment(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let system = SYSTEMS.iter().find(|one| one.mark.is_in(environment))?;
    let mut addresses = system.addresses.iter();
    Some(CiRun {
        actor: system.actors.iter().find_map(|name| environment(name)),
        address: addresses.find_map(|parts| address(parts, environment)),
        // Buildkite says HEAD until it has looked which commit that is.
        commit: environment(system.commit).filter(|commit| commit != "HEAD"),
    })
}

impl Mark {
    fn is_in(&self, environment: Environment<'_>) -> bool {
        match self {
            Self::Set(name) => environment(name).is_some(),
            Self::Is(name, value) => environment(name).as_deref() == Some(value),
        }
    }
}

/// `None` where a variable is not set.
fn address(parts: &[Part], environment: Environment<'_>) -> Option<String> {
    parts.iter().map(|part| part.of(environment)).collect()
}

impl Part {
    fn of(&self, environment: Environment<'_>) -> Option<String> {
        match self {
            Self::Text(text) => Some((*text).to_owned()),
            Self::Address(name) => environment(name).map(|value| cleaned(&value)),
            Self::Segment(name) => {
                let value = environment(name)?;
                Some(utf8_percent_encode(&value, PLAIN).to_string())
            }
        }
    }
}

/// `https://user:password@host/?token=x` becomes `https://…@host/?…`, anywhere in a text.
#[must_use]
pub fn cleaned(text: &str) -> String {
    without_queries(&replace_user_info(text, "…@"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// An environment given as lines.
    fn run(lines: &str) -> Option<CiRun> {
        let pairs: Vec<(&str, &str)> = (lines.lines())
            .filter_map(|line| line.trim().split_once('='))
            .collect();
        let value = |name: &str| {
            let found = pairs.iter().find(|(one, _)| *one == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        ci_run(&value)
    }

    #[expect(clippy::unnecessary_wraps, reason = "as what is tested takes it")]
    fn expected(actor: Option<&str>, address: &str, commit: &str) -> Option<CiRun> {
        Some(CiRun {
            actor: actor.map(str::to_owned),
            address: Some(address.to_owned()),
            commit: Some(commit.to_owned()),
        })
    }

    /// Each system's variables as its documentation shows them.
    const CASES: &[(&str, &str, Option<&str>, &str, &str)] = &[
        (
            "GitHub Actions",
            "CI=true
             GITHUB_ACTIONS=true
             GITHUB_ACTOR=octocat
             GITHUB_TRIGGERING_ACTOR=hubot
             GITHUB_SERVER_URL=https://github.com
             GITHUB_REPOSITORY=octocat/hello
             GITHUB_RUN_ID=1658821493
             GITHUB_SHA=ffac537e6cbbf934b08745a378932722df287a53",
            Some("hubot"),
            "https://github.com/octocat/hello/actions/runs/1658821493",
            "ffac537e6cbbf934b08745a378932722df287a53",
        ),
        (
            "GitLab CI/CD",
            "CI=true
             GITLAB_CI=true
             GITLAB_USER_LOGIN=ada
             CI_JOB_URL=https://gitlab.example.com/shop/api/-/jobs/379424655
             CI_COMMIT_SHA=1ecfd275763eff1d6b4844ea3168962458c9f27a",
            Some("ada"),
            "https://gitlab.example.com/shop/api/-/jobs/379424655",
            "1ecfd275763eff1d6b4844ea3168962458c9f27a",
        ),
        (
            "Jenkins",
            "JENKINS_URL=https://ci.example.com/jenkins/
             BUILD_USER_ID=ada
             BUILD_URL=https://ci.example.com/jenkins/job/shop/15/
             GIT_COMMIT=a3f9c12e8b7d4f5a6c1b2d3e4f5a6b7c8d9e0f1a",
            Some("ada"),
            "https://ci.example.com/jenkins/job/shop/15/",
            "a3f9c12e8b7d4f5a6c1b2d3e4f5a6b7c8d9e0f1a",
        ),
        (
            "Azure Pipelines",
            "TF_BUILD=True
             BUILD_REQUESTEDFOR=Ada Lovelace
             SYSTEM_COLLECTIONURI=https://dev.azure.com/fabrikamfiber/
             SYSTEM_TEAMFOUNDATIONCOLLECTIONURI=https://fabrikamfiber.visualstudio.com/
             SYSTEM_TEAMPROJECT=Web Shop
             BUILD_BUILDID=4821
             BUILD_SOURCEVERSION=ffac537e6cbbf934b08745a378932722df287a53",
            Some("Ada Lovelace"),
            "https://dev.azure.com/fabrikamfiber/Web%20Shop/_build/results?buildId=4821",
            "ffac537e6cbbf934b08745a378932722df287a53",
        ),
        (
            "Bitbucket Pipelines",
            "CI=true
             BITBUCKET_BUILD_NUMBER=42
             BITBUCKET_STEP_TRIGGERER_UUID={deadbeef-cafe-1234-5678-abcdef012345}
             BITBUCKET_REPO_FULL_NAME=shop/api
             BITBUCKET_COMMIT=7f777ed95a19224294949e1b4ce56bbffcb1fe9f",
            Some("{deadbeef-cafe-1234-5678-abcdef012345}"),
            "https://bitbucket.org/shop/api/pipelines/results/42",
            "7f777ed95a19224294949e1b4ce56bbffcb1fe9f",
        ),
        (
            "TeamCity",
            "TEAMCITY_VERSION=2023.11 (build 147412)
             BUILD_URL=https://teamcity.example.com/build/1234
             BUILD_VCS_NUMBER=d13ea82bb9f1be5a8e9ed2f4c2b8b4a1c5ed4b21",
            None,
            "https://teamcity.example.com/build/1234",
            "d13ea82bb9f1be5a8e9ed2f4c2b8b4a1c5ed4b21",
        ),
        (
            "CircleCI",
            "CI=true
             CIRCLECI=true
             CIRCLE_USERNAME=ada
             CIRCLE_BUILD_URL=https://circleci.com/gh/shop/api/5
             CIRCLE_SHA1=3c8ac2ecec5fa547650488ea7c94f2a92c2d9c43",
            Some("ada"),
            "https://circleci.com/gh/shop/api/5",
            "3c8ac2ecec5fa547650488ea7c94f2a92c2d9c43",
        ),
        (
            "Buildkite",
            "CI=true
             BUILDKITE=true
             BUILDKITE_BUILD_CREATOR=Ada Lovelace
             BUILDKITE_BUILD_URL=https://buildkite.com/shop/api/builds/1514
             BUILDKITE_COMMIT=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d",
            Some("Ada Lovelace"),
            "https://buildkite.com/shop/api/builds/1514",
            "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d",
        ),
        (
            "Woodpecker",
            "CI=woodpecker
             DRONE=true
             CI_PIPELINE_AUTHOR=octocat
             CI_COMMIT_AUTHOR=john-doe
             CI_PIPELINE_URL=https://ci.example.com/repos/7/pipeline/8
             CI_COMMIT_SHA=eba09b46064473a1d345da7abf28b477468e8dbd",
            Some("octocat"),
            "https://ci.example.com/repos/7/pipeline/8",
            "eba09b46064473a1d345da7abf28b477468e8dbd",
        ),
        (
            "Drone",
            "CI=true
             DRONE=true
             DRONE_BUILD_TRIGGER=root
             DRONE_BUILD_LINK=https://drone.example.com/octocat/hello/42
             DRONE_COMMIT_SHA=bcdd4bf0245c82c060407b3b24b9b87301d15ac1",
            Some("root"),
            "https://drone.example.com/octocat/hello/42",
            "bcdd4bf0245c82c060407b3b24b9b87301d15ac1",
        ),
    ];

    #[test]
    fn each_system_says_who_where_and_what() {
        for (name, lines, actor, address, commit) in CASES {
            assert_eq!(run(lines), expected(*actor, address, commit), "{name}");
        }
        let cases: BTreeSet<&str> = CASES.iter().map(|(name, ..)| *name).collect();
        let rows: BTreeSet<&str> = SYSTEMS.iter().map(|system| system.name).collect();
        assert_eq!(cases, rows, "each row has a case");
        assert_eq!(rows.len(), SYSTEMS.len(), "no row is there twice");
    }

    #[test]
    fn without_its_mark_no_variable_counts() {
        assert_eq!(run("GITHUB_ACTOR=octocat\nBUILD_URL=https://x/1"), None);
        assert_eq!(run("GITHUB_ACTIONS=\nGITHUB_ACTOR=octocat"), None);
        assert_eq!(run("CI=true\nCI_PIPELINE_AUTHOR=octocat"), None);
    }

    #[test]
    fn what_is_not_set_is_not_made_up() {
        assert_eq!(run("TF_BUILD=True"), Some(CiRun::default()));
        let part = "GITHUB_ACTIONS=true\nGITHUB_ACTOR=octocat\nGITHUB_REPOSITORY=a/b";
        let run_of = run(part).expect("a run");
        assert_eq!(run_of.actor.as_deref(), Some("octocat"));
        assert_eq!(run_of.address, None);
        let head = run("BUILDKITE=true\nBUILDKITE_COMMIT=HEAD").expect("a run");
        assert_eq!(head.commit, None);
    }

    #[test]
    fn no_address_keeps_a_credential() {
        const SECRET: &str = "s3cr3t";
        let of = |lines: &str| run(lines).and_then(|run| run.address).expect("an address");
        let addresses = [
            of("JENKINS_URL=x\nBUILD_URL=https://ada:s3cr3t@ci.example.com/job/15/?token=s3cr3t"),
            of("TEAMCITY_VERSION=1\nBUILD_URL=https://s3cr3t@ci.example.com/build/1#s3cr3t"),
            of(
                "TF_BUILD=True\nSYSTEM_COLLECTIONURI=https://pat:s3cr3t@dev.azure.com/shop/\nSYSTEM_TEAMPROJECT=api\nBUILD_BUILDID=7",
            ),
            of(
                "GITHUB_ACTIONS=1\nGITHUB_SERVER_URL=https://s3cr3t@github.com\nGITHUB_REPOSITORY=a/b\nGITHUB_RUN_ID=1",
            ),
        ];
        for address in &addresses {
            assert!(!address.contains(SECRET), "{address}");
            assert!(address.starts_with("https://"), "{address}");
        }
        assert_eq!(
            addresses.get(2).map(String::as_str),
            Some("https://…@dev.azure.com/shop/api/_build/results?buildId=7")
        );
    }

    #[test]
    fn the_documents_name_every_variable() {
        let page = include_str!("../../docs/evidence.md");
        let mut missing = Vec::new();
        for system in SYSTEMS {
            let mark = match system.mark {
                Set(name) | Is(name, _) => name,
            };
            let parts = system.addresses.iter().copied().flatten();
            let names = parts.filter_map(|part| match part {
                Text(_) => None,
                Address(name) | Segment(name) => Some(*name),
            });
            let names = names.chain(system.actors.iter().copied());
            let row = page
                .lines()
                .find(|line| line.contains(&format!("| {} |", system.name)));
            let row = row.unwrap_or_default();
            for name in names.chain([mark, system.commit]) {
                if !row.contains(&format!("`{name}")) {
                    missing.push(format!("{}: {name}", system.name));
                }
            }
        }
        assert!(missing.is_empty(), "docs/evidence.md: {missing:?}");
    }

    #[test]
    fn user_info_does_not_reach_a_recorded_command() {
        assert_eq!(
            cleaned("--source=https://me:s3cret@host:9090/p?x=1"),
            "--source=https://…@host:9090/p?…"
        );
        assert_eq!(cleaned("https://me:s3cr@t@host"), "https://…@host");
        assert_eq!(cleaned("plan@v1.yaml"), "plan@v1.yaml");
        assert_eq!(cleaned("http://me:s3c/ret@host"), "http://…@host");
    }
}
