//! The program on several machines: clones of one repository, each with a cache of its own, whose records are on a branch of the
//! remote (R1 to R5, R9).

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::git::remote::{Place, executable, files_of, git};
use crate::support::program::{Finished, finished};

const PLAN: &str = "
release: {name: checkout, version: '2.1'}
records: git
checklists: { ready: [{id: docs, text: Docs}, {id: runbook, text: Runbook}] }
stages:
  - name: pilot
    entry: { checklists: [ready] }
    stop: { incidents: { open: [sev1] } }
    exit: { confirmations: [lead] }
  - { name: wave-1, exit: { confirmations: [lead] } }
";

/// A remote with a plan, and machines.
pub(super) struct Team(Place);

/// A clone and a cache: what one machine has.
pub(super) struct Machine {
    pub(super) clone: PathBuf,
    cache: PathBuf,
    pub(super) by: &'static str,
}

impl Team {
    pub(super) fn with(plan: &str) -> Self {
        let place = Place::new();
        fs::write(place.user.join("plan.yaml"), plan).expect("a plan");
        git(
            &place.user,
            &["commit", "--quiet", "--all", "--message=plan"],
        );
        git(&place.user, &["push", "--quiet", "origin", "HEAD:main"]);
        Self(place)
    }

    /// A machine that has never seen the records.
    pub(super) fn machine(&self, by: &'static str) -> Machine {
        let cache = self.0.new_cache();
        let clone = cache.with_extension("clone");
        let (remote, into) = (
            self.0.remote.display().to_string(),
            clone.display().to_string(),
        );
        git(
            &self.0.folder(),
            &["clone", "--quiet", "--branch=main", &remote, &into],
        );
        Machine { clone, cache, by }
    }

    fn names(&self) -> Vec<String> {
        let tree = ["ls-tree", "-r", "--name-only", "gate-records"];
        git(&self.0.remote, &tree)
            .lines()
            .map(str::to_owned)
            .collect()
    }

    pub(super) fn ledger(&self) -> String {
        git(&self.0.remote, &["show", "gate-records:plan.ledger.jsonl"])
    }
}

impl Machine {
    #[expect(
        clippy::disallowed_methods,
        reason = "the program looks for git where this test does"
    )]
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gate"));
        command.args(words).current_dir(&self.clone).env_clear();
        command.env("PATH", path).env("HOME", &self.cache);
        command
            .env("XDG_CACHE_HOME", &self.cache)
            .env("USER", self.by);
        command
    }

    pub(super) fn gate(&self, words: &[&str]) -> Finished {
        finished(&self.command(words).output().expect("gate runs"))
    }

    pub(super) fn does(&self, words: &[&str]) -> Finished {
        let did = self.gate(&[words, &["--by", self.by]].concat());
        assert_eq!(did.code, 0, "{did:?}");
        did
    }
}

#[test]
fn r1_what_two_clones_confirm_is_one_ledger() {
    let team = Team::with(PLAN);
    let (ada, ben) = (team.machine("ada"), team.machine("ben"));
    ada.does(&["confirm", "plan.yaml", "ready/docs", "--stage", "pilot"]);
    ben.does(&["confirm", "plan.yaml", "ready/runbook", "--stage", "pilot"])
        .says(0, "recorded #2");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
    ben.does(&["start", "plan.yaml", "pilot"]);
    assert_eq!(team.ledger().lines().count(), 4);
    ada.gate(&["ledger", "plan.yaml", "verify"])
        .says(0, "4 entries, every line verified");
}

#[test]
fn r9_a_job_on_a_fresh_clone_knows_of_the_pause() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
    ada.does(&["start", "plan.yaml", "pilot"]);
    ada.does(&["confirm", "plan.yaml", "lead", "--stage", "pilot"]);
    ada.does(&["pause", "plan.yaml", "--why", "odd"]);
    let job = team.machine("ci");
    let judged = job.gate(&["check", "plan.yaml", "--by", "ci"]);
    assert_ne!(judged.code, 0, "{judged:?}");
    judged.says(judged.code, "paused");
    // Its workspace vanishes; the record does not.
    fs::remove_dir_all(&job.clone).expect("gone");
    fs::remove_dir_all(&job.cache).expect("gone");
    let next = team.machine("ben");
    next.gate(&["ledger", "plan.yaml"]).says(0, "ci");
    next.gate(&["verify", "plan.yaml"])
        .says(0, "2 of 2 verified, 0 not shown, 0 off");
    next.gate(&["report", "plan.yaml"]).says(0, "pilot/exit");
}

#[test]
fn r4_names_of_records_hold_digits_of_their_digest() {
    let team = Team::with(PLAN);
    team.machine("ada")
        .gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    let names = team.names();
    let record = names
        .iter()
        .find(|name| {
            std::path::Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "json")
        })
        .expect("a record");
    let stem = record.strip_suffix(".json").expect("a record");
    let digits = stem.rsplit('-').next().expect("digits");
    assert!(
        digits.len() == 8 && digits.bytes().all(|one| one.is_ascii_hexdigit()),
        "{record}"
    );
    assert!(names.contains(&format!("{stem}.plan.yaml")), "{names:?}");
}

#[test]
fn r1_checks_and_answers_of_many_machines_at_once_lose_nothing() {
    let team = Team::with(PLAN);
    let machines = [
        team.machine("ada"),
        team.machine("ben"),
        team.machine("ci"),
        team.machine("dan"),
    ];
    thread::scope(|scope| {
        for machine in &machines {
            scope.spawn(|| {
                for number in 0..3 {
                    machine.does(&["note", "plan.yaml", &format!("{number}")]);
                    machine
                        .gate(&["check", "plan.yaml", "--by", machine.by])
                        .says(3, "HOLD");
                }
            });
        }
    });
    assert_eq!(team.ledger().lines().count(), 24);
    let ada = &machines[0];
    ada.gate(&["ledger", "plan.yaml", "verify"])
        .says(0, "24 entries");
    ada.gate(&["verify", "plan.yaml"])
        .says(0, "12 of 12 verified");
}

#[test]
fn r2_neither_the_clone_nor_its_repository_is_touched() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    fs::write(ada.clone.join("plan.yaml"), format!("{PLAN}# mine\n")).expect("edited");
    let before = files_of(&ada.clone);
    ada.does(&["note", "plan.yaml", "seen"]);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    ada.gate(&["report", "plan.yaml"]).says(0, "pilot/entry");
    assert_eq!(files_of(&ada.clone), before);
}

/// The git that a killed `gate` leaves behind still writes into the cache: the next `gate` waits for it.
#[test]
fn r5_the_push_of_a_killed_command_ends_before_the_next_command_begins() {
    let team = Team::with(PLAN);
    let begun = team.0.remote.join("begun");
    let ended = team.0.remote.join("ended");
    executable(
        &team.0.remote.join("hooks/pre-receive"),
        "#!/bin/sh\n[ -e begun ] && exit 0\ntouch begun\nsleep 1.5\ntouch ended\n",
    );
    let ada = team.machine("ada");
    let mut killed = ada.command(&["note", "plan.yaml", "first", "--by", "ada"]);
    let mut killed = killed.stderr(Stdio::null()).spawn().expect("gate runs");
    let late = Instant::now() + Duration::from_secs(30);
    while !begun.exists() {
        assert!(Instant::now() < late, "the push has not begun");
        thread::sleep(Duration::from_millis(10));
    }
    killed.kill().expect("killed");
    killed.wait().expect("it ends");
    assert!(!ended.exists(), "the push ended too early to tell");
    ada.does(&["note", "plan.yaml", "second"]);
    assert!(ended.exists(), "it did not wait");
    let ledger = team.ledger();
    assert_eq!(ledger.lines().count(), 2, "{ledger}");
}

#[test]
fn r2_a_push_that_is_refused_records_nothing_and_says_so() {
    let team = Team::with(PLAN);
    let hook = team.0.remote.join("hooks/pre-receive");
    executable(
        &hook,
        "#!/bin/sh\necho 'records are frozen until Monday' >&2\nexit 1\n",
    );
    let ada = team.machine("ada");
    let refused = ada.gate(&["note", "plan.yaml", "seen", "--by", "ada"]);
    refused
        .says(5, "nothing was recorded")
        .says(5, "records are frozen until Monday");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(5, "the verdict could not be recorded");
    fs::remove_file(hook).expect("a hook");
    ada.gate(&["ledger", "plan.yaml"])
        .says(0, "nothing has been recorded");
    // What was judged in vain is not in the way.
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    ada.gate(&["verify", "plan.yaml"])
        .says(0, "1 of 1 verified");
}

#[test]
fn a_remote_that_is_away_is_said_and_nothing_is_judged() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["note", "plan.yaml", "seen"]);
    let aside = team.0.remote.with_extension("away");
    fs::rename(&team.0.remote, &aside).expect("away");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(5, "no verdict was reached");
    ada.gate(&["note", "plan.yaml", "more", "--by", "ada"])
        .says(5, "nothing was recorded");
    ada.gate(&["status", "plan.yaml"]).says(5, "remote.git");
    fs::rename(aside, &team.0.remote).expect("back");
    assert_eq!(team.ledger().lines().count(), 1);
}

/// A branch that was pushed back, or removed, is found out by whoever saw what is gone.
#[test]
fn t1_a_branch_that_was_pushed_back_is_found_out() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
    let before = git(&team.0.remote, &["rev-parse", "gate-records"]);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
    git(
        &team.0.remote,
        &["update-ref", "refs/heads/gate-records", before.trim()],
    );
    ada.gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(5, "nothing was recorded");
    git(
        &team.0.remote,
        &["update-ref", "-d", "refs/heads/gate-records"],
    );
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(5, "no verdict was reached")
        .says(5, "3 entries were seen here, 0 are there");
    ada.gate(&["ledger", "plan.yaml", "begin", "--by", "ada"])
        .says(2, "it needs a reason");
    ada.does(&["ledger", "plan.yaml", "begin", "--why", "looked"]);
    ada.gate(&["status", "plan.yaml"]).says(0, "pilot");
}

/// Where no record speaks of what is gone, the copy does; and the copy brings it back.
#[test]
fn t1_a_pause_that_was_pushed_away_is_known_where_it_was_seen() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
    ada.does(&["start", "plan.yaml", "pilot"]);
    let before = git(&team.0.remote, &["rev-parse", "gate-records"]);
    ada.does(&["pause", "plan.yaml", "--stage", "pilot", "--why", "DHL"]);
    let whole = team.ledger();
    git(
        &team.0.remote,
        &["update-ref", "refs/heads/gate-records", before.trim()],
    );
    let seen = whole.lines().count();
    let found = format!("{seen} entries were seen here, {} are there", seen - 1);
    for words in [
        &["check", "plan.yaml"][..],
        &["status", "plan.yaml"],
        &["ledger", "plan.yaml"],
        &["note", "plan.yaml", "x", "--by", "ada"],
        &["records", "plan.yaml"],
        &["check", "plan.yaml"],
    ] {
        let said = ada.gate(words);
        said.says(5, &found);
        said.says(5, "gate records plan.yaml import ");
    }
    // Whoever looks at the evidence is told the same.
    for (words, decided) in [
        (&["verify", "plan.yaml"][..], "nothing was verified: "),
        (&["report", "plan.yaml"], "no report was written: "),
    ] {
        let said = ada.gate(words);
        said.says(5, &found).says(5, decided);
        said.says(5, "gate records plan.yaml import ");
    }
    let said = ada.gate(&["status", "plan.yaml"]);
    let all = format!("{said:?}");
    let from = all.split("plan.yaml import ").nth(1).expect("a command");
    let from = from.split("\\n").next().expect("a folder");
    let from = from.trim_matches('\'').to_owned();
    ada.does(&["records", "plan.yaml", "import", &from]);
    assert_eq!(team.ledger(), whole);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "paused");
}

/// A ledger that was kept beside the plan is not forgotten where the plan names another place.
#[test]
fn t1_a_ledger_left_beside_the_plan_is_brought_or_given_up() {
    let team = Team::with(&PLAN.replace("records: git\n", ""));
    let (ada, grace) = (team.machine("ada"), team.machine("grace"));
    for machine in [&ada, &grace] {
        machine.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
        machine
            .gate(&["check", "plan.yaml", "--by", "ada"])
            .says(0, "GO");
        machine.does(&["start", "plan.yaml", "pilot"]);
        machine.does(&["pause", "plan.yaml", "--stage", "pilot", "--why", "DHL"]);
        fs::write(machine.clone.join("plan.yaml"), PLAN).expect("a plan");
        machine
            .gate(&["check", "plan.yaml", "--by", "ada"])
            .says(2, "plan.ledger.jsonl lies beside the plan")
            .says(2, "gate records plan.yaml import .");
        machine
            .gate(&["note", "plan.yaml", "x", "--by", "ada"])
            .says(2, "nothing was recorded");
    }
    ada.gate(&["ledger", "plan.yaml", "begin", "--by", "ada"])
        .says(2, "it needs a reason");
    ada.does(&["records", "plan.yaml", "import", "."]);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "paused");
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    fs::copy(
        grace.clone.join("plan.ledger.jsonl"),
        ada.clone.join("plan.ledger.jsonl"),
    )
    .expect("a ledger");
    ada.does(&["ledger", "plan.yaml", "begin", "--why", "another rollout"]);
    ada.gate(&["status", "plan.yaml"]).says(0, "pilot");
}

/// What is no file in the ledger's place is neither a missing ledger nor replaced.
#[test]
fn r2_a_folder_or_a_link_in_the_ledgers_place_is_refused_by_name() {
    for (mode, found) in [("040000", "a folder"), ("120000", "a symbolic link")] {
        let team = Team::with(PLAN);
        let ada = team.machine("ada");
        ada.does(&["note", "plan.yaml", "x"]);
        let place = ada.clone.join("work");
        let (remote, into) = (
            team.0.remote.display().to_string(),
            place.display().to_string(),
        );
        git(
            &ada.clone,
            &["clone", "--quiet", "--branch=gate-records", &remote, &into],
        );
        let ledger = place.join("plan.ledger.jsonl");
        fs::remove_file(&ledger).expect("gone");
        if mode == "040000" {
            fs::create_dir(&ledger).expect("a folder");
            fs::write(ledger.join("x"), "x").expect("a file");
        } else {
            std::os::unix::fs::symlink(".gate-records", &ledger).expect("a link");
        }
        git(&place, &["add", "--all"]);
        git(&place, &["commit", "--quiet", "--message=x"]);
        git(&place, &["push", "--quiet", "origin", "HEAD:gate-records"]);
        let tip = git(&team.0.remote, &["rev-parse", "gate-records"]);
        let grace = team.machine("grace");
        for words in [
            &["check", "plan.yaml"][..],
            &["note", "plan.yaml", "y", "--by", "grace"],
        ] {
            let said = grace.gate(words);
            said.says(5, "`plan.ledger.jsonl` on the branch gate-records");
            said.says(5, found);
        }
        assert_eq!(git(&team.0.remote, &["rev-parse", "gate-records"]), tip);
    }
}

/// What an address of records holds between `//` and the last `@`, or after a `?`, is never shown (T14).
#[test]
fn t14_credentials_in_the_address_of_records_are_refused_unseen() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    for place in [
        "s3://KEY:canarysecret@rec/gate",
        "gs://u:canarysecret@rec/gate",
        "az://canarysecret@acc/con",
        "https://canarysecret@h/x",
        "s3://rec/gate?secret=canarysecret",
        "s3://rec/a@canarysecret/@x#canarysecret",
    ] {
        let said = ada.gate(&["status", "plan.yaml", "--records", place]);
        said.says(2, "credentials do not belong there");
        said.never_says("canarysecret");
    }
}

#[test]
fn a_required_ledger_is_begun_by_somebody() {
    let team = Team::with(&format!("{PLAN}ledger: required\n"));
    let ada = team.machine("ada");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "the plan requires a ledger, and nobody has begun")
        .says(
            3,
            "nobody has begun plan.ledger.jsonl in the branch gate-records of origin yet",
        )
        .says(3, "  gate ledger plan.yaml begin\n");
    for words in ["records", "ledger", "status"] {
        ada.gate(&[words, "plan.yaml"])
            .says(5, "the plan requires a ledger")
            .never_says("the first command that records something");
    }
    ada.gate(&["note", "plan.yaml", "x", "--by", "ada"])
        .says(5, "nothing was recorded");
    // Nor is it passed over.
    ada.gate(&["check", "plan.yaml", "--no-ledger", "--by", "ada"])
        .says(
            2,
            "requires a ledger (`ledger: required`), and --no-ledger reads none",
        );
    ada.does(&["ledger", "plan.yaml", "begin"]);
    // Nobody is asked for a reason where there is one.
    ada.gate(&["ledger", "plan.yaml", "begin", "--by", "ada"])
        .says(1, "is there, with 1 entry");
    ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
}

/// A key of somebody's, in every clone's folder of the team, and the line that allows it.
fn key(team: &Team, file: &str, principal: &str) -> String {
    let folder = team.0.folder();
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-C", "", "-N", "", "-f", file]);
    assert!(
        keygen
            .current_dir(&folder)
            .status()
            .expect("ssh-keygen")
            .success()
    );
    let public = fs::read_to_string(folder.join(format!("{file}.pub"))).expect("a key");
    format!("{principal} {public}")
}

/// What is judged on one machine is signed on a second and a third, and rested on from a fourth.
#[test]
fn r9_an_approval_is_signed_from_a_second_clone() {
    let plan = "
release: {name: checkout, version: '2.1'}
records: git
signatures: {required: true, allowed: signers, roles: {product: [ada@example.com], security: [bob@example.com]}}
stages: [{name: pilot, entry: {approvals: {roles: [product, security], distinct: true}}}]
";
    let team = Team::with(plan);
    let signers = [
        key(&team, "ada", "ada@example.com"),
        key(&team, "bob", "bob@example.com"),
    ];
    let machine = |by: &'static str| {
        let machine = team.machine(by);
        fs::write(machine.clone.join("signers"), signers.concat()).expect("signers");
        machine
    };
    let of = |file: &str| team.0.folder().join(file).to_string_lossy().into_owned();
    let (ada, bob) = (of("ada"), of("bob"));
    let ci = machine("ci");
    ci.gate(&["check", "plan.yaml", "--by", "ci", "--sign", &ada])
        .says(3, "HOLD");
    let [first, second] = [machine("ada@example.com"), machine("bob@example.com")];
    first.does(&["approve", "plan.yaml", "product", "--sign", &ada]);
    // A key that is nobody's of that role signs nothing.
    second
        .gate(&[
            "approve",
            "plan.yaml",
            "security",
            "--by",
            second.by,
            "--sign",
            &ada,
        ])
        .says(1, "nothing was recorded");
    second.does(&["approve", "plan.yaml", "security", "--sign", &bob]);
    ci.gate(&["check", "plan.yaml", "--by", "ci", "--sign", &ada])
        .says(0, "GO");
    let last = machine("dan");
    last.does(&["start", "plan.yaml", "pilot"]);
    last.gate(&["verify", "plan.yaml", "--allowed-signers", "signers"])
        .says(0, "2 of 2 verified");
    assert!(
        team.names()
            .iter()
            .any(|name| name.ends_with(".approval.sig"))
    );
}

/// A link in another folder would have a ledger of its own, and a rollout that is paused would look like one that never began.
#[test]
fn t1_a_link_in_another_folder_is_not_another_rollout() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["note", "plan.yaml", "danger"]);
    fs::create_dir(ada.clone.join("k")).expect("a folder");
    std::os::unix::fs::symlink("../plan.yaml", ada.clone.join("k/plan.yaml")).expect("a link");
    for records in ["git", "kept"] {
        fs::create_dir_all(ada.clone.join("kept/k")).expect("a folder");
        let check = ["check", "k/plan.yaml", "--records", records, "--by", "ada"];
        ada.gate(&check)
            .says(2, "name the plan by that path")
            .never_says("GO ");
    }
    assert_eq!(team.ledger().lines().count(), 1);
}

/// A repair of the copy would be a line that nobody else has.
#[test]
fn a_shared_ledger_is_not_repaired_in_its_copy() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["note", "plan.yaml", "seen"]);
    ada.gate(&["ledger", "plan.yaml", "repair", "--by", "ada"])
        .says(2, "nothing was repaired");
    ada.does(&["note", "plan.yaml", "more"]);
    assert_eq!(team.ledger().lines().count(), 2);
}

/// What is answered for one plan does not count for another of its name that keeps its records in the same folder.
#[test]
fn two_plans_of_one_name_have_a_ledger_each_in_one_folder() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    let text = PLAN.replace("records: git", "records: {path: ../kept}");
    for folder in ["svc-a", "svc-b", "kept/svc-a", "kept/svc-b"] {
        fs::create_dir_all(ada.clone.join(folder)).expect("a folder");
    }
    for plan in ["svc-a/plan.yaml", "svc-b/plan.yaml"] {
        fs::write(ada.clone.join(plan), &text).expect("a plan");
    }
    ada.does(&[
        "confirm",
        "svc-a/plan.yaml",
        "ready",
        "--all",
        "--stage",
        "pilot",
    ]);
    ada.gate(&["check", "svc-b/plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    ada.gate(&["check", "svc-a/plan.yaml", "--by", "ada"])
        .says(0, "GO");
    ada.gate(&["verify", "svc-a/plan.yaml"])
        .says(0, "1 of 1 verified");
}

/// `path:` and `--records` keep ledger and evidence in another folder, so that the plan's may be read-only.
#[test]
fn another_folder_keeps_ledger_and_evidence() {
    let team = Team::with(&PLAN.replace("records: git", "records: {path: ../kept}"));
    let ada = team.machine("ada");
    let kept = ada.clone.join("../kept");
    ada.gate(&["note", "plan.yaml", "x", "--by", "ada"])
        .says(5, "kept");
    fs::create_dir(&kept).expect("a folder");
    ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
    ada.does(&["start", "plan.yaml", "pilot"]);
    assert!(kept.join("plan.ledger.jsonl").is_file() && kept.join("plan.evidence").is_dir());
    assert!(!ada.clone.join("plan.ledger.jsonl").exists());
    ada.gate(&["verify", "plan.yaml"])
        .says(0, "1 of 1 verified");
    let named = ["--records", kept.to_str().expect("text")];
    ada.gate(&[&["ledger", "plan.yaml"][..], &named].concat())
        .says(0, "started pilot");
    ada.gate(&["status", "plan.yaml", "--records", "s3:///x"])
        .says(2, "names no bucket");
}

/// A check that reads no ledger says so, also where only the place knows whether there is one.
#[test]
fn without_the_ledger_a_check_says_what_it_does_not_know() {
    let team = Team::with(PLAN);
    let job = team.machine("ci");
    let looked = job.gate(&["check", "plan.yaml", "--no-ledger", "--by", "ci"]);
    looked.says(
        3,
        "was not read: this check does not know about tripped stops",
    );
    looked.says(3, "gate-records of origin");
}

/// A plan that cannot be read does not send anybody to the wrong place.
#[test]
fn a_plan_that_does_not_say_where_its_records_are_is_no_plan_without_records() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["note", "plan.yaml", "seen"]);
    let wrong = PLAN.replace("records: git", "records: {git: {}, path: ../kept}");
    for text in ["a: [", &wrong] {
        fs::write(ada.clone.join("plan.yaml"), text).expect("edited");
        ada.gate(&["ledger", "plan.yaml"])
            .says(2, "does not say where its records are");
        ada.gate(&["ledger", "plan.yaml", "--records", "git"])
            .says(0, "seen");
        ada.gate(&["ledger", "plan.yaml", "begin", "--by", "ada"])
            .says(2, "does not say where its records are");
    }
}

/// A long ledger is not in the record again: whoever verifies on a fresh clone has it from the branch.
#[test]
fn r6_a_fresh_clone_judges_a_long_rollout_again() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    for number in 0..6 {
        let remark = format!("{number} {}", "quiet ".repeat(1200));
        ada.does(&["note", "plan.yaml", &remark]);
    }
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    let fresh = team.machine("ben");
    fresh
        .gate(&["verify", "plan.yaml"])
        .says(0, "recomputed from plan and answers");
    fresh
        .gate(&["report", "plan.yaml", "html"])
        .never_says("without samples");
    let answers = team
        .names()
        .into_iter()
        .find(|name| name.contains(".answers."));
    let answers = answers.expect("answers");
    let object = format!("gate-records:{answers}");
    let size = git(&team.0.remote, &["cat-file", "-s", &object]);
    let size: u64 = size.trim().parse().expect("a size");
    assert!(size < 2048, "{size} bytes of answers");
}

/// What `gate records` shows is what other commands go by (3.2, 3.3, 3.4, 3.5).
#[test]
fn what_records_and_status_show_is_what_other_commands_say() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.gate(&["status", "plan.yaml"]).says(
        0,
        "there is no plan.ledger.jsonl in the branch gate-records of origin yet",
    );
    ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
    ada.gate(&["records", "plan.yaml"])
        .says(0, "plan.ledger.jsonl in the branch");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
    git(
        &team.0.remote,
        &["update-ref", "-d", "refs/heads/gate-records"],
    );
    ada.gate(&["records", "plan.yaml"])
        .says(5, "nothing is shown")
        .says(5, "was set back: 3 entries were seen here, 0 are there");
    ada.gate(&["records", "nothing.yaml"])
        .says(2, "neither a plan nothing.yaml nor a ledger");
    let away = ["status", "plan.yaml", "--records", "nowhere"];
    ada.gate(&away)
        .says(5, "there is no folder `nowhere`; create it");
    ada.gate(&["records", "plan.yaml", "import", "nowhere"])
        .says(5, "cannot be read");
}

/// Git's author is a name and an address (3.7).
#[test]
fn r2_git_is_told_name_and_address_apart() {
    let team = Team::with(PLAN);
    let ada = team.machine("Mara Bright <mara@example.com>");
    ada.does(&["note", "plan.yaml", "seen"]);
    let log = git(
        &team.0.remote,
        &["log", "-1", "--format=%an|%ae|%cn|%ce", "gate-records"],
    );
    assert_eq!(
        log,
        "Mara Bright|mara@example.com|Mara Bright|mara@example.com\n"
    );
}

/// A plan that was renamed, or moved, does not look like one that never began (1.4).
#[test]
fn t1_a_renamed_or_moved_plan_does_not_begin_anew_by_itself() {
    for (folder, name) in [(".", "other.yaml"), ("sub", "sub/plan.yaml")] {
        let team = Team::with(PLAN);
        let ada = team.machine("ada");
        ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
        let job = team.machine("ci");
        fs::create_dir_all(job.clone.join(folder)).expect("a folder");
        fs::rename(job.clone.join("plan.yaml"), job.clone.join(name)).expect("moved");
        job.gate(&["check", name, "--by", "ci"])
            .says(2, "no verdict was reached: plan.ledger.jsonl in the branch gate-records of origin is a ledger of")
            .says(2, "its plan plan.yaml is not here");
        job.gate(&["note", name, "seen", "--by", "ci"])
            .says(2, "nothing was recorded");
        for words in [&["records", name][..], &["ledger", name]] {
            job.gate(words).says(2, "its plan plan.yaml is not here");
        }
        job.gate(&["ledger", name, "begin", "--by", "ci"])
            .says(2, "it needs a reason");
        fs::copy(job.clone.join(name), job.clone.join("plan.yaml")).expect("put back");
        job.gate(&["records", "plan.yaml", "export", "DIR"])
            .says(0, "2 entries");
        fs::remove_file(job.clone.join("plan.yaml")).expect("taken away");
        if folder == "." {
            let brought = job.clone.join("DIR");
            let ledger = brought.join("plan.ledger.jsonl");
            fs::rename(ledger, brought.join("other.ledger.jsonl")).expect("renamed");
            job.gate(&["records", name, "import", "DIR", "--by", "ci"])
                .says(0, "2 entries");
            job.gate(&["check", name, "--by", "ci"]).says(0, "GO");
            continue;
        }
        job.gate(&[
            "ledger",
            name,
            "begin",
            "--by",
            "ci",
            "--why",
            "another site",
        ])
        .says(0, "a ledger was begun");
        job.gate(&["note", name, "seen", "--by", "ci"])
            .says(0, "recorded #2");
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_told_where_else() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    let mut command = ada.command(&["note", "plan.yaml", "seen"]);
    command.env("XDG_CACHE_HOME", ada.clone.join("plan.yaml"));
    finished(&command.output().expect("gate runs")).says(5, "or set XDG_CACHE_HOME to a folder");
}

#[test]
fn without_git_it_is_git_that_is_missing() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    for words in [
        &["note", "plan.yaml", "seen"][..],
        &["status", "plan.yaml"],
        &["check", "plan.yaml"],
    ] {
        let mut command = ada.command(words);
        command.env("PATH", &ada.cache).env_remove("USER");
        let said = finished(&command.output().expect("gate runs"));
        said.says(said.code, "install");
    }
}

/// Writes over the ledger on the branch, as somebody with git might.
fn overwrite(team: &Team, ledger: &[u8]) {
    let user = &team.0.user;
    git(user, &["fetch", "--quiet", "origin", "gate-records"]);
    git(user, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    fs::write(user.join("plan.ledger.jsonl"), ledger).expect("written");
    git(user, &["commit", "--quiet", "--all", "--message=edited"]);
    git(user, &["push", "--quiet", "origin", "HEAD:gate-records"]);
}

/// What a broken ledger stopped is not known: a plan that was moved away from it does not begin another one.
#[test]
fn t1_a_moved_plan_begins_no_ledger_beside_a_broken_one() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["confirm", "plan.yaml", "ready", "--all", "--stage", "pilot"]);
    ada.does(&["note", "plan.yaml", "DHL"]);
    overwrite(&team, team.ledger().replace("DHL", "UPS").as_bytes());
    let job = team.machine("ci");
    fs::rename(job.clone.join("plan.yaml"), job.clone.join("other.yaml")).expect("moved");
    job.gate(&["check", "other.yaml", "--by", "ci"])
        .says(2, "no verdict was reached: plan.ledger.jsonl in the branch gate-records of origin is a ledger of")
        .says(2, "it is broken, and what it stopped is not known: line 3 was changed after it was written")
        .says(2, "put the version before the damage back there first");
    job.gate(&["note", "other.yaml", "seen", "--by", "ci"])
        .says(2, "nothing was recorded");
    // Another release has nothing to do with it.
    let other = PLAN.replace("'2.1'", "'2.2'");
    fs::write(job.clone.join("next.yaml"), other).expect("a plan");
    job.gate(&["check", "next.yaml", "--by", "ci"])
        .says(3, "HOLD");
}

/// Where the ledger of another release is in the place, moving the copy would not help.
#[test]
fn another_release_is_told_how_it_gets_a_ledger_of_its_own() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.does(&["note", "plan.yaml", "seen"]);
    fs::write(
        ada.clone.join("plan.yaml"),
        PLAN.replace("checkout", "cart"),
    )
    .expect("a plan");
    let refused = ada.gate(&["check", "plan.yaml", "--by", "ada"]);
    refused
        .says(2, "plan.ledger.jsonl in the branch gate-records of origin is the ledger of checkout 2.1, but the plan is for cart 2.1")
        .says(2, "name another branch or prefix for this one");
    refused.never_says("mv ");
    let plan = PLAN.replace("checkout", "cart").replace(
        "records: git",
        "records: {git: {branch: gate-records-cart}}",
    );
    fs::write(ada.clone.join("plan.yaml"), plan).expect("a plan");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
}

/// A record that speaks against a shared ledger is a copy: taken away, it comes back as it is there.
#[test]
fn a_copy_that_disputes_the_ledger_is_taken_away_and_copied_again() {
    let team = Team::with(PLAN);
    let ada = team.machine("ada");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    let shown = ada.gate(&["records", "plan.yaml"]);
    shown
        .says(0, "ledger: 1 entry")
        .says(0, "evidence: 4 files");
    let copies = shown.out.split("copies: ").nth(1).expect("a folder");
    let evidence = PathBuf::from(copies.lines().next().expect("a folder")).join("plan.evidence");
    let files = fs::read_dir(&evidence).expect("a folder");
    let record = files
        .map(|file| file.expect("a file").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "json"))
        .expect("a record");
    fs::write(evidence.join("left.txt"), "of a killed check").expect("written");
    ada.gate(&["records", "plan.yaml"])
        .says(0, "evidence: 4 files")
        .says(0, "1 file of evidence only on this machine");
    fs::remove_file(evidence.join("left.txt")).expect("removed");
    let whole = fs::read_to_string(&record).expect("a record");
    fs::write(&record, whole.replace("HOLD", "HALT")).expect("damaged");
    let refused = ada.gate(&["check", "plan.yaml", "--by", "ada"]);
    refused
        .says(5, "the record is a copy: take it away")
        .says(5, "gate ledger plan.yaml verify");
    let mv = format!("  mv '{}' .", record.display());
    refused.says(5, &mv);
    fs::rename(&record, ada.clone.join("aside.json")).expect("taken away");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    assert_eq!(fs::read_to_string(&record).expect("copied"), whole);
}

/// Artifacts lie beside the plan, and its records elsewhere (3.1).
#[test]
fn t2_verify_looks_for_artifacts_beside_the_plan() {
    let plan = "release: {name: checkout, version: '2.1'}\nrecords: git\nstages: [{name: pilot, entry: {artifacts: [{path: ok.txt}]}}]\n";
    let team = Team::with(plan);
    let ada = team.machine("ada");
    fs::write(ada.clone.join("ok.txt"), "ok").expect("an artifact");
    ada.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(0, "GO");
    let verified = ada.gate(&["verify", "plan.yaml"]);
    verified.says(verified.code, "ok.txt is sha256");
    verified.never_says("is missing");
}
