//! The user's repository, as far as it says how to reach a remote: addresses, credentials, ssh. Must not change anything
//! there, and takes nothing else from it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::super::Trouble;
use super::one_place;
use super::process::{Call, Said, Settings};
use super::words::{self, Hidden};
use crate::secret::address;

/// The oldest git that takes settings from its environment.
const OLDEST: (u32, u32) = (2, 31);
/// Settings that say how to reach a remote, by how their names begin.
const CARRIED: &[&str] = &["credential.", "http.", "url.", "ssh.", "protocol."];
/// The same, by their names.
const CARRIED_CORE: &[&str] = &["core.sshcommand", "core.askpass", "core.gitproxy"];
/// What is taken of a remote: not what it would fetch, and not where to.
const OF_REMOTE: &[&str] = &[
    "url",
    "pushurl",
    "proxy",
    "proxyauthmethod",
    "receivepack",
    "uploadpack",
    "vcs",
];

/// Asks git for all addresses to which it pushes.
const PUSHED: &[&str] = &["--push", "--all"];

/// What was found in the user's repository.
#[derive(Debug)]
pub(super) struct Found {
    /// Where its work tree begins: what relative addresses are relative to.
    pub(super) folder: PathBuf,
    /// `sha1` or `sha256`.
    pub(super) format: String,
    /// All settings that hold there.
    settings: Settings,
}

/// Looks at the repository that a folder is in.
pub(super) fn look(program: &Path, folder: &Path, until: Instant) -> Result<Found, Trouble> {
    is_new_enough(program, folder, until)?;
    let about = ask(
        program,
        folder,
        &["rev-parse", "--show-object-format", "--show-cdup"],
        until,
    )?;
    if !about.success {
        return Err(no_repository(folder, &about));
    }
    let text = String::from_utf8_lossy(&about.out).into_owned();
    let mut lines = text.lines();
    let format = lines.next().unwrap_or_default().to_owned();
    let up = lines.next().unwrap_or_default();
    let listed = ask(program, folder, &["config", "--list", "-z"], until)?;
    if !listed.success {
        let found = format!(
            "the settings of git cannot be read: {}",
            words::said(&listed.err, &words::Hidden::default())
        );
        return Err(Trouble::misplaced(found, "mend the file that it names"));
    }
    Ok(Found {
        folder: folder.join(up),
        format,
        settings: parse(&listed.out),
    })
}

impl Found {
    /// The settings that lead to a remote, without those that hold everywhere, since git reads these anyway.
    pub(super) fn carried(&self, remote: &str, everywhere: &[u8]) -> Settings {
        let mut everywhere = parse(everywhere).0;
        let mut carried = Vec::new();
        for setting in self
            .settings
            .0
            .iter()
            .filter(|(key, _)| is_carried(key, remote))
        {
            match everywhere.iter().position(|one| one == setting) {
                // Settings can be lists: what is said twice there is carried once.
                Some(at) => drop(everywhere.swap_remove(at)),
                None => carried.push(setting.clone()),
            }
        }
        Settings(carried)
    }

    /// Whether there is such a remote, or it is an address of its own.
    pub(super) fn knows(&self, remote: &str) -> Result<(), Trouble> {
        if self.has(remote) || remote.contains(['/', ':']) {
            return Ok(());
        }
        let remotes = self
            .settings
            .0
            .iter()
            .filter_map(|(key, _)| key.strip_prefix("remote.")?.strip_suffix(".url"));
        let remotes: Vec<String> = remotes.map(|name| format!("`{name}`")).collect();
        let folder = self.folder.display();
        let (found, advice) = if remotes.is_empty() {
            let advice = format!(
                "add one (`git remote add {remote} ADDRESS`), or choose another place for `records`"
            );
            (format!("the repository in {folder} has no remote"), advice)
        } else {
            let found = format!(
                "the repository in {folder} has no remote `{remote}`, but {}",
                remotes.join(", ")
            );
            (
                found,
                "name one of them under `records: {git: {remote: …}}`".to_owned(),
            )
        };
        Err(Trouble::misplaced(found, advice))
    }

    /// Whether what is pushed to a remote is what is fetched from it: a place that is read at one address and written at another
    /// never shows what was recorded.
    pub(super) fn is_one_place(
        &self,
        program: &Path,
        remote: &str,
        until: Instant,
    ) -> Result<(), Trouble> {
        let fetched = self.addresses(program, remote, &["--all"], until)?;
        let pushed = self.addresses(program, remote, PUSHED, until)?;
        match (fetched.first(), pushed.as_slice()) {
            (Some(from), [to]) if one_place::is_same(from, to) => Ok(()),
            (from, to) => Err(apart(remote, from.map_or("", String::as_str), to)),
        }
    }

    /// The addresses of a remote, as git itself makes them of `url`, `pushurl`, `insteadOf` and `pushInsteadOf`.
    fn addresses(
        &self,
        program: &Path,
        remote: &str,
        which: &[&str],
        until: Instant,
    ) -> Result<Vec<String>, Trouble> {
        let words = if self.has(remote) {
            [&["remote", "get-url"], which, &["--", remote]].concat()
        } else if let Some(pushed) = self.pushed_instead(remote).filter(|_| which == PUSHED) {
            return Ok(vec![pushed]);
        } else {
            vec!["ls-remote", "--get-url", "--", remote]
        };
        let said = ask(program, &self.folder, &words, until)?;
        if !said.success {
            let found = format!(
                "the addresses of {} cannot be read: {}",
                address::without_user_info(remote),
                words::said(&said.err, &self.hidden())
            );
            return Err(Trouble::misplaced(found, "mend its settings in git"));
        }
        let text = String::from_utf8_lossy(&said.out).into_owned();
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Where git pushes to instead of an address, by the longest `pushInsteadOf` that it begins with.
    fn pushed_instead(&self, address: &str) -> Option<String> {
        let bases = self.settings.0.iter().filter_map(|(key, start)| {
            let base = key.strip_prefix("url.")?.strip_suffix(".pushinsteadof")?;
            Some((base, start, address.strip_prefix(start.as_str())?))
        });
        let (base, _, rest) = bases.max_by_key(|(_, start, _)| start.len())?;
        Some(format!("{base}{rest}"))
    }

    fn has(&self, remote: &str) -> bool {
        let key = format!("remote.{remote}.url");
        self.settings.0.iter().any(|(name, _)| *name == key)
    }

    /// What must never be shown: what authorizes requests, and user info of addresses.
    pub(super) fn hidden(&self) -> Hidden {
        let mut hidden = Hidden::default();
        for (key, value) in &self.settings.0 {
            hidden.hide_address(value);
            hidden.hide_address(key);
            if key.ends_with(".extraheader") {
                value
                    .split_whitespace()
                    .skip(1)
                    .for_each(|word| hidden.hide(word));
            }
        }
        hidden
    }
}

/// A remote that is not one place, with its addresses.
fn apart(remote: &str, from: &str, to: &[String]) -> Trouble {
    let shown = |text: &str| address::without_user_info(text);
    let to: Vec<String> = to.iter().map(|one| shown(one)).collect();
    let found = format!(
        "{} is read at {}, but written at {}: what is recorded would not be what is read",
        shown(remote),
        shown(from),
        to.join(" and ")
    );
    let advice = "name a remote, or an address, that is fetched from and pushed to at one place: `records: {git: {remote: …}}`";
    Trouble::misplaced(found, advice)
}

fn is_carried(key: &str, remote: &str) -> bool {
    let of_remote = || {
        let rest = key
            .strip_prefix("remote.")?
            .strip_prefix(remote)?
            .strip_prefix('.')?;
        OF_REMOTE.contains(&rest).then_some(())
    };
    CARRIED.iter().any(|start| key.starts_with(start))
        || CARRIED_CORE.contains(&key)
        || of_remote().is_some()
}

/// `KEY\nVALUE\0…`; a setting without a value is true.
fn parse(listed: &[u8]) -> Settings {
    let text = String::from_utf8_lossy(listed);
    let pair = |one: &str| {
        let (key, value) = one.split_once('\n').unwrap_or((one, "true"));
        (key.to_owned(), value.to_owned())
    };
    let settings = text.split('\0').filter(|one| !one.is_empty());
    Settings(settings.map(pair).collect())
}

fn ask(program: &Path, folder: &Path, words: &[&str], until: Instant) -> Result<Said, Trouble> {
    let call = Call::new(program, folder).words(words.iter().copied());
    call.run(until).map_err(|mute| words::mute(mute, program))
}

fn is_new_enough(program: &Path, folder: &Path, until: Instant) -> Result<(), Trouble> {
    if !folder.is_dir() {
        let found = format!("{} is not a folder", folder.display());
        return Err(Trouble::misplaced(found, "name a plan in a git repository"));
    }
    let said = ask(program, folder, &["version"], until)?;
    let text = String::from_utf8_lossy(&said.out).trim().to_owned();
    match version(&text) {
        Some(version) if version < OLDEST => {
            let (major, minor) = OLDEST;
            let found = format!("this is {text}, and records need git {major}.{minor} or newer");
            Err(Trouble::misplaced(
                found,
                "install it, or choose another place for `records`",
            ))
        }
        // Who builds git under a name of his own knows what he does.
        Some(_) | None => Ok(()),
    }
}

/// `git version 2.47.3 (Apple Git-154)`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("git version ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn no_repository(folder: &Path, said: &Said) -> Trouble {
    let (shown, words) = (
        folder.display(),
        words::said(&said.err, &words::Hidden::default()),
    );
    if words.contains("dubious ownership") {
        let found =
            format!("git does not trust the repository of {shown}, which belongs to another user");
        let advice = format!("`git config --global --add safe.directory {shown}`, if it is yours");
        return Trouble::misplaced(found, advice);
    }
    let found = format!("{shown} is in no git repository ({words})");
    Trouble::misplaced(found, "clone one, or choose another place for `records`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(settings: &str) -> Found {
        Found {
            folder: PathBuf::from("/r"),
            format: "sha1".to_owned(),
            settings: parse(settings.replace('|', "\0").as_bytes()),
        }
    }

    #[test]
    fn what_leads_to_the_remote_is_carried_and_nothing_else() {
        let found = found(
            "core.bare\nfalse|core.hookspath\n/x|remote.origin.url\n/a|remote.origin.fetch\n+refs/*:refs/*|remote.o.url\n/b|\
             user.name\nA|http.https://h/.extraheader\nAuthorization: basic Zm9v|credential.helper\nstore|credential.helper\nstore|\
             url.ssh://h/.insteadof\nh:|core.sshcommand\nssh -i k|fetch.prune|",
        );
        let keys = |everywhere: &str| {
            let carried = found.carried("origin", everywhere.replace('|', "\0").as_bytes());
            carried
                .0
                .into_iter()
                .map(|(key, _)| key)
                .collect::<Vec<_>>()
        };
        let all = [
            "remote.origin.url",
            "http.https://h/.extraheader",
            "credential.helper",
            "credential.helper",
            "url.ssh://h/.insteadof",
            "core.sshcommand",
        ];
        assert_eq!(keys(""), all);
        let rest = keys(
            "credential.helper\nstore|http.https://h/.extraheader\nAuthorization: basic Zm9v|",
        );
        assert_eq!(
            rest,
            [
                "remote.origin.url",
                "credential.helper",
                "url.ssh://h/.insteadof",
                "core.sshcommand"
            ]
        );
    }

    #[test]
    fn a_remote_that_is_not_there_is_said_with_those_that_are() {
        let found = found("remote.upstream.url\n/a|remote.fork.url\n/b|");
        assert_eq!(found.knows("fork"), Ok(()));
        assert_eq!(found.knows("ssh://h/r"), Ok(()));
        let trouble = found
            .knows("origin")
            .expect_err("no such remote")
            .to_string();
        assert!(
            trouble.contains("no remote `origin`, but `upstream`, `fork`"),
            "{trouble}"
        );
        let trouble = self::found("")
            .knows("origin")
            .expect_err("none")
            .to_string();
        assert!(trouble.contains("has no remote;"), "{trouble}");
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(version("git version 2.47.3"), Some((2, 47)));
        assert_eq!(version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(version("hub"), None);
    }
}
