//! What git's words mean: a refusal, a remote that is away, a place that is another, or an answer that was lost (R1, R2, R5).
//! Git has one exit code for most of it, so that its messages (in the C locale) decide. What is not known is never a refusal:
//! while writing, it is unknown.

use std::path::Path;

use super::super::{Cause, PATIENCE, Trouble};
use super::process::Mute;
use crate::http::Wording;
use crate::secret::address;

/// What must not be shown of git's words.
#[derive(Debug)]
pub(super) struct Hidden(Wording);

impl Default for Hidden {
    fn default() -> Self {
        Self(Wording::new("git"))
    }
}

impl Hidden {
    pub(super) fn hide(&mut self, secret: &str) {
        self.0.hide(secret);
    }

    /// User info of an address, and its password alone.
    pub(super) fn hide_address(&mut self, text: &str) {
        for range in address::user_infos(text) {
            let info = text.get(range).unwrap_or_default();
            if let Some((_, password)) = info.split_once(':') {
                self.hide(info);
                self.hide(password);
            } else if info != "git" {
                // Some forges take a token as the user.
                self.hide(info);
            }
        }
    }
}

/// What git and the remote said, on one line, as it may be shown.
pub(super) fn said(err: &str, hidden: &Hidden) -> String {
    let lines = err
        .lines()
        .map(|line| line.strip_prefix("remote:").unwrap_or(line).trim());
    let is_news = |line: &&str| {
        !line.is_empty()
            && !line.starts_with("hint:")
            && !line.starts_with("Please make sure")
            && !line.starts_with("and the repository exists")
    };
    let text = lines.filter(is_news).collect::<Vec<_>>().join(" / ");
    hidden.0.clean(&address::without_user_info(&text))
}

/// A git that said nothing.
pub(super) fn mute(mute: Mute, program: &Path) -> Trouble {
    match mute {
        Mute::NotStarted(error) => {
            let found = format!("`{}` cannot be started: {error}", program.display());
            Trouble::misplaced(found, "install git, or choose another place for `records`")
        }
        Mute::Late => Trouble::away(format!("git did not end within {} s", PATIENCE.as_secs())),
        Mute::TooMuch => Trouble::too_large("what was asked of git", super::super::MAX_BYTES),
    }
}

/// The same while something was being pushed.
pub(super) fn mute_push(mute: Mute, program: &Path) -> Trouble {
    match mute {
        Mute::NotStarted(_) => self::mute(mute, program),
        Mute::Late => Trouble::unknown(format!("git did not end within {} s", PATIENCE.as_secs())),
        Mute::TooMuch => Trouble::unknown("git said too much".to_owned()),
    }
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// The branch is what was pushed.
    Yes,
    /// Somebody else was there first, for certain.
    Stale,
    /// The remote says no.
    Refused,
    /// The remote said nothing about the branch.
    Unsaid,
}

/// What a refusal says if the branch is another one by now, or is just being written.
const STALE: &[&str] = &[
    "stale info",
    "fetch first",
    "non-fast-forward",
    "already exists",
    "cannot lock ref",
    "failed to update ref",
    "failed to lock",
    "incorrect old value",
    "remote ref updated since checkout",
];

/// Reads `push --porcelain`: `FLAG\tFROM:TO\tSUMMARY (REASON)`.
pub(super) fn pushed(porcelain: &str, branch: &str) -> Pushed {
    for line in porcelain.lines() {
        let mut parts = line.splitn(3, '\t');
        let (Some(flag), Some(refs), Some(summary)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if refs.rsplit_once(':').map(|(_, to)| to) != Some(branch) {
            continue;
        }
        return match flag {
            " " | "*" | "=" | "+" => Pushed::Yes,
            "!" if STALE.iter().any(|words| summary.contains(words)) => Pushed::Stale,
            // The connection ended before the remote said what it did.
            "!" if summary.contains("remote failed to report status") => Pushed::Unsaid,
            "!" => Pushed::Refused,
            _ => Pushed::Unsaid,
        };
    }
    Pushed::Unsaid
}

/// The branch for which there can be none of this name: `'refs/heads/a/b' exists; cannot create 'refs/heads/a'`.
pub(super) fn in_the_way(err: &str) -> Option<&str> {
    let (before, _) = err.split_once("' exists; cannot create '")?;
    let (_, name) = before.rsplit_once('\'')?;
    name.strip_prefix("refs/heads/")
}

/// The reason in brackets that `push --porcelain` gives, such as `pre-receive hook declined`.
pub(super) fn reason(porcelain: &str) -> &str {
    let line = porcelain.lines().find(|line| line.starts_with("!\t"));
    let reason = line.and_then(|line| line.strip_suffix(')')?.rsplit_once('('));
    reason.map_or("", |(_, reason)| reason)
}

/// While writing, whatever else is said: the connection ended after it had begun.
const LOST: &[&str] = &[
    "rpc failed",
    "unexpected disconnect",
    "hung up unexpectedly",
    "early eof",
    "failed to report status",
];
const MISPLACED: &[&str] = &[
    "does not appear to be a git repository",
    "not a git repository",
    "repository not exported",
    "repository not found",
    "' not found",
    "could not be found",
    "no such file or directory",
    "does not exist",
    "mismatched algorithms",
    "not valid: is this a git repository",
    "not found or is not supported",
    "dumb http transport",
    "dubious ownership",
];
const REFUSED: &[&str] = &[
    "permission denied",
    "permission to",
    "authentication failed",
    "could not read username",
    "could not read password",
    "returned error: 401",
    "returned error: 403",
    "http 401",
    "http 403",
    "access denied",
    "host key verification failed",
    "service not enabled",
    "not allowed",
    "expired",
];

/// What git says of objects and refs of its own that a crash or a full disk has left half written.
const DAMAGE: &[&str] = &[
    "bad object",
    "bad ref",
    "object file",
    "loose object",
    "corrupt",
    "unable to read tree",
    "did not send all necessary objects",
    "bad shallow",
];

/// Whether the copy here is the trouble.
pub(super) fn is_damage(err: &str) -> bool {
    let lower = err.to_ascii_lowercase();
    let mut lines = lower.lines().filter(|line| !line.starts_with("remote:"));
    lines.any(|line| DAMAGE.iter().any(|words| line.contains(words)))
}

/// Why a remote could not be read from.
pub(super) fn unread(err: &str, place: &str, hidden: &Hidden) -> Trouble {
    let words = said(err, hidden);
    match cause(&err.to_ascii_lowercase()) {
        Some(Cause::Misplaced) => Trouble::misplaced(
            format!("{place} is not there: {words}"),
            "check the remote's address and whether you may read it",
        ),
        Some(Cause::Refused) if words.contains("transport '") => untransported(place, &words),
        Some(Cause::Refused) => no(format!("{place} may not be read: {words}")),
        Some(Cause::Unknown | Cause::Away | Cause::TooLarge) | None => {
            Trouble::away(format!("{place} cannot be reached: {words}"))
        }
    }
}

/// Why nothing was said about a push.
pub(super) fn unwritten(err: &str, place: &str, hidden: &Hidden) -> Trouble {
    let words = said(err, hidden);
    let lower = err.to_ascii_lowercase();
    // Said by the remote before it changed anything.
    if lower.contains("ref updates aborted by hook") {
        return Trouble::refused(
            format!("a hook of {place} refused the push: {words}"),
            "allow it there, or name another branch under `records`",
        );
    }
    // A request that was answered with these was not carried out.
    let was_refused = ["rpc failed; http 401", "rpc failed; http 403"]
        .iter()
        .any(|words| lower.contains(words));
    if !was_refused && LOST.iter().any(|words| lower.contains(words)) {
        return Trouble::unknown(format!(
            "the connection to {place} broke off while it was written: {words}"
        ));
    }
    match cause(&lower) {
        Some(Cause::Misplaced) => Trouble::misplaced(
            format!("{place} is not there: {words}"),
            "check the remote's address and whether you may write there",
        ),
        Some(Cause::Refused) if words.contains("transport '") => untransported(place, &words),
        Some(Cause::Refused) => no(format!("{place} may not be written: {words}")),
        Some(Cause::Away) => Trouble::away(format!("{place} cannot be reached: {words}")),
        Some(Cause::Unknown | Cause::TooLarge) | None => Trouble::unknown(format!(
            "the push to {place} ended without an answer: {words}"
        )),
    }
}

/// Git's own settings forbid the protocol.
fn untransported(place: &str, words: &str) -> Trouble {
    let advice = "allow that protocol in git's settings (`protocol.NAME.allow`, GIT_ALLOW_PROTOCOL), or give the remote an address of another one";
    Trouble::refused(format!("git does not go to {place}: {words}"), advice)
}

fn no(found: String) -> Trouble {
    Trouble::refused(
        found,
        "give whoever runs this the right to write there, or a token that has not expired",
    )
}

/// What is said before anything is sent.
const AWAY: &[&str] = &[
    "could not resolve",
    "name or service not known",
    "temporary failure in name resolution",
    "failed to connect",
    "couldn't connect",
    "unable to connect",
    "connection refused",
    "no route to host",
    "network is unreachable",
    "ssh: connect to host",
    "could not read from remote repository",
    "hung up upon initial contact",
];

fn cause(lower: &str) -> Option<Cause> {
    let table = [
        (MISPLACED, Cause::Misplaced),
        (REFUSED, Cause::Refused),
        (AWAY, Cause::Away),
    ];
    let found = table
        .into_iter()
        .find(|(list, _)| list.iter().any(|words| lower.contains(words)));
    found.map(|(_, cause)| cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRANCH: &str = "refs/heads/gate-records";

    fn line(flag: &str, summary: &str) -> String {
        format!("To /r.git\n{flag}\tabc:{BRANCH}\t{summary}\nDone\n")
    }

    #[test]
    fn r2_a_push_is_what_the_remote_says_of_the_branch() {
        for (flag, summary, expected) in [
            (" ", "1..2", Pushed::Yes),
            ("*", "[new branch]", Pushed::Yes),
            ("=", "[up to date]", Pushed::Yes),
            ("!", "[rejected] (stale info)", Pushed::Stale),
            ("!", "[rejected] (fetch first)", Pushed::Stale),
            (
                "!",
                "[remote rejected] (cannot lock ref 'refs/heads/gate-records': is at 1 but expected 2)",
                Pushed::Stale,
            ),
            (
                "!",
                "[remote rejected] (reference already exists)",
                Pushed::Stale,
            ),
            (
                "!",
                "[remote rejected] (failed to update ref)",
                Pushed::Stale,
            ),
            (
                "!",
                "[remote rejected] (incorrect old value provided)",
                Pushed::Stale,
            ),
            (
                "!",
                "[remote rejected] (pre-receive hook declined)",
                Pushed::Refused,
            ),
            (
                "!",
                "[remote rejected] (protected branch hook declined)",
                Pushed::Refused,
            ),
            (
                "!",
                "[remote rejected] (shallow update not allowed)",
                Pushed::Refused,
            ),
            (
                "!",
                "[remote failure] (remote failed to report status)",
                Pushed::Unsaid,
            ),
            ("?", "who knows", Pushed::Unsaid),
        ] {
            assert_eq!(pushed(&line(flag, summary), BRANCH), expected, "{summary}");
        }
        assert_eq!(pushed("", BRANCH), Pushed::Unsaid);
        assert_eq!(
            pushed(" \tabc:refs/heads/other\t1..2\n", BRANCH),
            Pushed::Unsaid
        );
        assert_eq!(
            reason(&line("!", "[remote rejected] (hook (x) declined)")),
            "x) declined"
        );
        assert_eq!(
            reason(&line("!", "[remote rejected] (pre-receive hook declined)")),
            "pre-receive hook declined"
        );
    }

    #[test]
    fn r5_what_is_not_known_is_unknown_while_writing_and_away_while_reading() {
        for (err, written, read) in [
            (
                "fatal: unable to access 'https://h/': Could not resolve host: h",
                Cause::Away,
                Cause::Away,
            ),
            (
                "fatal: unable to connect to h:\nh[0: ::1]: errno=Connection refused",
                Cause::Away,
                Cause::Away,
            ),
            (
                "ssh: connect to host h port 22: Connection timed out\nfatal: Could not read from remote repository.",
                Cause::Away,
                Cause::Away,
            ),
            (
                "error: RPC failed; curl 56 Recv failure: Connection timed out\nfatal: the remote end hung up unexpectedly",
                Cause::Unknown,
                Cause::Away,
            ),
            (
                "error: RPC failed; HTTP 502 curl 22\nfatal: the remote end hung up unexpectedly",
                Cause::Unknown,
                Cause::Away,
            ),
            (
                "error: RPC failed; HTTP 403 curl 22\nfatal: the remote end hung up unexpectedly",
                Cause::Refused,
                Cause::Refused,
            ),
            (
                "client_loop: send disconnect: Broken pipe\nfatal: the remote end hung up unexpectedly",
                Cause::Unknown,
                Cause::Away,
            ),
            ("something new", Cause::Unknown, Cause::Away),
            (
                "fatal: ref updates aborted by hook\nfatal: the remote end hung up unexpectedly",
                Cause::Refused,
                Cause::Away,
            ),
            (
                "fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
                Cause::Misplaced,
                Cause::Misplaced,
            ),
            (
                "remote: Repository not found.\nfatal: repository 'https://h/r/' not found",
                Cause::Misplaced,
                Cause::Misplaced,
            ),
            (
                "fatal: remote error: access denied or repository not exported: /x",
                Cause::Misplaced,
                Cause::Misplaced,
            ),
            (
                "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
                Cause::Refused,
                Cause::Refused,
            ),
            (
                "fatal: could not read Username for 'https://h': terminal prompts disabled",
                Cause::Refused,
                Cause::Refused,
            ),
            (
                "remote: Permission to o/r.git denied to bot.\nfatal: unable to access 'https://h/': The requested URL returned error: 403",
                Cause::Refused,
                Cause::Refused,
            ),
            (
                "fatal: remote error: service not enabled: /r.git",
                Cause::Refused,
                Cause::Refused,
            ),
        ] {
            assert_eq!(
                unwritten(err, "it", &Hidden::default()).cause,
                written,
                "{err}"
            );
            assert_eq!(unread(err, "it", &Hidden::default()).cause, read, "{err}");
        }
    }

    #[test]
    fn nothing_secret_and_nothing_that_acts_is_shown() {
        let mut hidden = Hidden::default();
        hidden.hide_address("https://bot:tokentoken@h/r.git");
        let err = "remote: \u{1b}[31mno\u{1b}[0m\nfatal: 'https://bot:tokentoken@h/r.git' tokentoken\nhint: x\n\nPlease make sure";
        assert_eq!(
            said(err, &hidden),
            "\\u{1b}[31mno\\u{1b}[0m / fatal: 'https://h/r.git' ***"
        );
        assert_eq!(
            said(&"x".repeat(1000), &Hidden::default()).chars().count(),
            301
        );
    }
}
