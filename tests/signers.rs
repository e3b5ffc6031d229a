//! Whose word counts where the plan requires signatures (T12, T13): on every check, with real keys.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::program::{Finished, Workplace};
use crate::support::sealed::{resealed, rewritten};

const PLAN: &str = "release: r
signatures:
  required: true
  allowed: signers
  roles: {product: [ada@example.com], security: [bob@example.com]}
stages:
  - name: pilot
    entry: {approvals: {roles: [product, security], distinct: true}}
";

fn keygen(workplace: &Workplace, arguments: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    let status = command.args(arguments).current_dir(workplace.path());
    assert!(status.status().expect("ssh-keygen").success());
}

/// A new key, and its public half.
fn key(workplace: &Workplace, file: &str) -> String {
    keygen(
        workplace,
        &["-q", "-t", "ed25519", "-C", "", "-N", "", "-f", file],
    );
    let public = workplace.path().join(format!("{file}.pub"));
    fs::read_to_string(public).expect("a key")
}

/// Keys of Ada, Bob and Eve; `signers` allows the first two.
fn with_keys(plan: &str) -> Workplace {
    let workplace = Workplace::with_plan(plan);
    let (ada, bob) = (key(&workplace, "ada"), key(&workplace, "bob"));
    key(&workplace, "eve");
    let signers = [
        format!("ada@example.com {ada}"),
        format!("bob@example.com {bob}"),
    ];
    workplace.write("signers", signers.concat());
    workplace
}

fn check(workplace: &Workplace, more: &[&str]) -> Finished {
    workplace.gate(&[&["check", "plan.yaml", "--sign", "ada"], more].concat())
}

fn approve(workplace: &Workplace, role: &str, by: &str, key: &str) -> Finished {
    let approve = ["approve", "plan.yaml", role, "--by", by, "--sign", key];
    let approved = workplace.gate(&approve);
    assert_eq!(approved.code, 0, "{}", approved.err);
    approved
}

/// Adds a line to `signers`.
fn allow(workplace: &Workplace, principals: &str, file: &str) {
    let read = |name: &str| fs::read_to_string(workplace.path().join(name)).expect("a file");
    let line = format!("{principals} {}", read(&format!("{file}.pub")));
    workplace.write("signers", read("signers") + &line);
}

/// The ledger with its last line again, or with other text, chained as `gate` would.
fn append(workplace: &Workplace, line: usize, changes: &[(&str, &str)]) {
    let path = workplace.path().join("plan.ledger.jsonl");
    let ledger = fs::read_to_string(&path).expect("a ledger");
    let lines: Vec<&str> = ledger.lines().collect();
    let mut again = lines[line - 1].to_owned();
    let number = format!("\"n\":{},", lines.len() + 1);
    again = again.replace(&format!("\"n\":{line},"), &number);
    for (from, to) in changes {
        assert!(again.contains(from), "{from} in {again}");
        again = again.replace(from, to);
    }
    fs::write(
        &path,
        resealed(&format!("{ledger}{again}\n"), lines.len() - 1),
    )
    .expect("written");
}

/// Both roles have signed, each with a key of its own.
fn signed() -> Workplace {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]).says(3, "nobody has answered");
    both_approve(&workplace);
    check(&workplace, &[])
        .says(0, "GO")
        .says(0, "signed with SHA256:");
    workplace
}

fn both_approve(workplace: &Workplace) {
    approve(workplace, "product", "Ada <ada@example.com>", "ada");
    approve(workplace, "security", "bob@example.com", "bob");
}

fn signature_of(workplace: &Workplace, role: &str) -> PathBuf {
    let found = workplace.files("plan.evidence", ".approval.sig");
    let role = format!(".json.{role}.");
    let mut of_role = found
        .into_iter()
        .filter(|path| path.to_string_lossy().contains(&role));
    of_role.next_back().expect("a signature")
}

#[test]
fn t13_an_approval_without_its_signature_counts_as_absent_until_it_is_signed() {
    let workplace = signed();
    fs::remove_file(signature_of(&workplace, "product")).expect("removed");
    // The recorded GO rests on it.
    workplace
        .gate(&["start", "plan.yaml", "pilot"])
        .says(1, "the approval as product does not count");
    check(&workplace, &[])
        .says(
            3,
            "the plan requires a signature, and that does not count: there is no",
        )
        .says(
            3,
            "gate approve plan.yaml product --gate pilot/entry --sign <key>",
        );
    workplace.gate(&["status", "plan.yaml"]).says(
        0,
        "gate approve plan.yaml product --gate pilot/entry --sign <key>",
    );
    workplace.gate(&["start", "plan.yaml", "pilot"]).says(1, "");
    // Within one second, the same statement would be signed again.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    approve(&workplace, "product", "Ada <ada@example.com>", "ada");
    check(&workplace, &[]).says(0, "GO");
}

#[test]
fn t13_without_a_key_nothing_is_judged_where_signatures_are_required() {
    let workplace = with_keys(PLAN);
    let unsigned = ["check", "plan.yaml"];
    workplace
        .gate(&unsigned)
        .says(2, "no verdict was reached: plan.yaml requires signatures")
        .says(2, "give --sign KEY")
        .says(2, "to look without a key: --trailing, or --no-ledger");
    assert!(!workplace.path().join("plan.ledger.jsonl").exists());
    assert!(workplace.files("plan.evidence", "").is_empty());
    // The way on; and what was signed is judged again without a key.
    check(&workplace, &[]).says(
        3,
        "gate approve plan.yaml product --gate pilot/entry --sign <key>",
    );
    let answers = workplace
        .files("plan.evidence", ".answers.json.gz")
        .remove(0);
    let answers = answers.to_string_lossy().into_owned();
    let again = [
        "check",
        "plan.yaml",
        "--replay",
        &answers,
        "--evidence",
        "again",
    ];
    workplace.gate(&again).says(3, "nobody has answered");
}

#[test]
fn t13_a_list_of_signers_that_was_gone_counts_again_once_it_is_restored() {
    let workplace = signed();
    let at = |name: &str| workplace.path().join(name);
    fs::rename(at("signers"), at("elsewhere")).expect("moved");
    let start = ["start", "plan.yaml", "pilot"];
    workplace
        .gate(&start)
        .says(1, "the plan requires signatures, and");
    check(&workplace, &[]).says(3, "the plan requires signatures, and");
    fs::rename(at("elsewhere"), at("signers")).expect("moved back");
    check(&workplace, &[]).says(0, "GO");
    workplace.gate(&start).says(0, "pilot began");
}

/// Nothing is recorded, nothing is left behind, and the next check finds nobody.
fn refused(workplace: &Workplace, role: &str, by: &str, key: &str, says: &str) {
    let before = workplace.files("plan.evidence", "");
    let approve = ["approve", "plan.yaml", role, "--by", by, "--sign", key];
    workplace
        .gate(&approve)
        .says(1, "nothing was recorded: the signature would not count: ")
        .says(1, says)
        .says(
            1,
            "sign with a key that the plan's list of signers has for the one who approves",
        );
    assert_eq!(workplace.files("plan.evidence", ""), before);
}

#[test]
fn t13_a_key_of_somebody_who_may_not_sign_is_refused_before_anything_is_recorded() {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]);
    let refused = |role, by, key, says| refused(&workplace, role, by, key, says);
    refused(
        "product",
        "ada@example.com",
        "eve",
        "nobody in ./signers has the key SHA256:",
    );
    let of_bob = "it was made with the key of bob@example.com, and the plan lets ada@example.com sign as product";
    refused("product", "bob@example.com", "bob", of_bob);
    let not_eve = "it was made with the key of ada@example.com, and `Eve` is said to have signed: both have to be one person";
    refused("product", "Eve", "ada", not_eve);
    // The key of the check's signature only.
    allow(&workplace, "ada@example.com namespaces=\"gate\"", "eve");
    let elsewhere = "; write namespaces=\"gate,gate-approval\" there";
    refused("product", "ada@example.com", "eve", elsewhere);
    check(&workplace, &[]).says(3, "nobody has answered these yet");
    both_approve(&workplace);
    check(&workplace, &[]).says(0, "GO");
}

#[test]
fn t13_a_signer_who_is_struck_off_no_longer_counts() {
    let workplace = signed();
    let signers = fs::read_to_string(workplace.path().join("signers")).expect("signers");
    let bob = signers.lines().nth(1).expect("two lines");
    workplace.write("signers", format!("{bob}\n"));
    workplace
        .gate(&["start", "plan.yaml", "pilot"])
        .says(1, "the approval as product does not count");
    let by_bob = ["check", "plan.yaml", "--sign", "bob"];
    let struck = "does not count: nobody in ./signers has the key SHA256:";
    workplace.gate(&by_bob).says(3, struck);
    workplace.write("signers", signers);
    check(&workplace, &[]).says(0, "GO");
}

#[test]
fn t13_whoever_the_list_has_as_a_pattern_signs_in_their_own_name() {
    let plan = PLAN.replace("ada@example.com", "\"*@ops.example.com\"");
    let workplace = with_keys(&plan);
    allow(&workplace, "*@ops.example.com", "eve");
    check(&workplace, &[]);
    refused(
        &workplace,
        "product",
        "eve@example.com",
        "eve",
        "but does not let it sign this (eve@example.com: ",
    );
    approve(&workplace, "product", "Eve <eve@ops.example.com>", "eve");
    approve(&workplace, "security", "bob@example.com", "bob");
    check(&workplace, &[]).says(0, "GO");
}

#[test]
fn t13_without_a_list_of_signers_no_signature_counts() {
    let plan = PLAN.replace("  allowed: signers\n", "");
    let workplace = with_keys(&plan);
    check(&workplace, &[]);
    let approved = approve(&workplace, "product", "ada@example.com", "ada");
    approved.says(
        0,
        "the plan names no list of signers, so whose key it is was not looked at",
    );
    approve(&workplace, "security", "bob@example.com", "bob");
    check(&workplace, &[])
        .says(3, "nothing says whose keys count")
        .says(3, "--allowed-signers FILE");
    check(&workplace, &["--allowed-signers", "signers"]).says(0, "GO");
    check(&workplace, &["--allowed-signers", "nowhere"])
        .says(3, "the plan requires signatures, and nowhere cannot be read (No such file")
        .says(3, "name the file of allowed signers with --allowed-signers FILE, or in the plan as `signatures: {allowed: FILE}`")
        .never_says("--sign <key>");
}

#[test]
fn t13_a_list_of_signers_that_cannot_be_read_is_named() {
    let workplace = signed();
    fs::remove_file(workplace.path().join("signers")).expect("removed");
    check(&workplace, &[])
        .says(3, "./signers cannot be read (No such file")
        .says(3, "signatures: {allowed: FILE}");
    // A pipe would be waited for.
    let made = Command::new("mkfifo")
        .arg("signers")
        .current_dir(workplace.path())
        .status();
    assert!(made.expect("mkfifo").success());
    check(&workplace, &[]).says(3, "./signers cannot be read (it is not a regular file)");
}

#[test]
fn t13_no_signature_but_its_own_approves() {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]);
    both_approve(&workplace);
    let product = signature_of(&workplace, "product");
    let own = workplace.files("plan.evidence", ".json.sig").remove(0);
    let others = [own, signature_of(&workplace, "security")];
    let kept = fs::read(&product).expect("a signature");
    for other in &others {
        // Of the check itself, by the same key; and of the other role.
        fs::copy(other, &product).expect("copied");
        check(&workplace, &[])
            .says(3, "does not count: ")
            .never_says("GO     pilot");
    }
    fs::write(&product, kept).expect("written");
    check(&workplace, &[]).says(0, "GO");
}

#[test]
fn t13_a_signature_of_the_evidence_alone_approves_nothing() {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]);
    both_approve(&workplace);
    let statements = workplace.files("plan.evidence", ".approval");
    for statement in statements {
        let signature = format!("{}.sig", statement.display());
        fs::remove_file(&statement).expect("removed");
        fs::remove_file(signature).expect("removed");
    }
    let own = workplace.files("plan.evidence", ".json.sig").remove(0);
    for role in ["product", "security"] {
        let place = own
            .to_string_lossy()
            .replace(".json.sig", &format!(".json.{role}.sig"));
        fs::copy(&own, place).expect("copied");
    }
    check(&workplace, &[])
        .says(
            3,
            "signs the evidence alone, as gate 0.1 did, and not what is approved",
        )
        .says(
            3,
            "gate approve plan.yaml ROLE --gate pilot/entry --sign <key>",
        );
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(1, "OFF signature")
        .says(
            1,
            "was made by gate 0.1, of the evidence alone: it approves nothing; approve again",
        );
}

#[test]
fn t13_an_approval_that_was_taken_back_does_not_come_back_with_its_signature() {
    let workplace = signed();
    let revoke = [
        "approve",
        "plan.yaml",
        "product",
        "--by",
        "ada@example.com",
        "--revoke",
    ];
    workplace.gate(&revoke).says(0, "is taken back");
    check(&workplace, &[]).says(3, "the signature was taken back");
    // As it was: the same statement, and so the same signature.
    append(&workplace, 2, &[]);
    check(&workplace, &[])
        .says(3, "but that repeats the signature of #2, which counts once")
        .says(
            3,
            "gate approve plan.yaml product --gate pilot/entry --sign <key>",
        );
    workplace.gate(&["start", "plan.yaml", "pilot"]).says(1, "");
    // In other words: no statement says that.
    append(&workplace, 2, &[("\"why\":\"\"", "\"why\":\"as before\"")]);
    check(&workplace, &[]).says(3, ") differs from the entry in `why`");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    approve(&workplace, "product", "ada@example.com", "ada");
    check(&workplace, &[]).says(0, "GO");
}

#[test]
fn t13_what_the_entry_says_is_what_was_signed() {
    for (from, to) in [
        ("Ada <ada@example.com>", "ada@example.com"),
        ("\"expires\":null", "\"expires\":\"2036-11-20T00:00:00Z\""),
        ("\"links\":[]", "\"links\":[\"https://example.com\"]"),
    ] {
        let workplace = with_keys(PLAN);
        check(&workplace, &[]);
        both_approve(&workplace);
        let path = workplace.path().join("plan.ledger.jsonl");
        let ledger = fs::read_to_string(&path).expect("a ledger");
        let changed = rewritten(&ledger, 1, from, to);
        fs::write(&path, changed).expect("written");
        check(&workplace, &[]).says(3, "differs from the entry in `");
    }
}

#[test]
fn t13_plain_ssh_keygen_verifies_what_was_approved() {
    let workplace = signed();
    let signature = signature_of(&workplace, "security");
    let statement = signature.with_extension("");
    let text = fs::read_to_string(&statement).expect("a statement");
    for part in [
        "gate.approval/v1",
        "\"gate\": \"pilot/entry\"",
        "\"role\": \"security\"",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "verify", "-n", "gate-approval", "-f", "signers"]);
    command
        .args(["-I", "bob@example.com", "-s"])
        .arg(&signature);
    command.current_dir(workplace.path());
    command.stdin(fs::File::open(&statement).expect("a statement"));
    assert!(command.output().expect("ssh-keygen").status.success());
}

#[test]
fn t13_what_was_found_about_signatures_is_judged_again_alike() {
    let workplace = signed();
    let verify = ["verify", "plan.evidence", "--allowed-signers", "signers"];
    workplace.gate(&verify).says(0, "2 of 2 verified");
    // The verdict stands as it was judged; that its signature is gone is said beside it.
    fs::remove_file(signature_of(&workplace, "product")).expect("removed");
    workplace
        .gate(&verify)
        .says(
            1,
            "the approval as product has none that counts: there is no",
        )
        .says(1, "holds verdict GO recomputed");
}

#[test]
fn t12_one_key_for_two_roles_is_refused_and_unmet_whoever_is_said_to_sign() {
    let workplace = with_keys(PLAN);
    allow(&workplace, "bob@example.com", "ada");
    check(&workplace, &[]);
    approve(&workplace, "product", "ada@example.com", "ada");
    let same = "the same key has signed as product, and two people have to sign";
    refused(&workplace, "security", "bob@example.com", "ada", same);
    // Without a list in the plan, only the check knows.
    let workplace = with_keys(&PLAN.replace("  allowed: signers\n", ""));
    allow(&workplace, "bob@example.com", "ada");
    check(&workplace, &[]);
    approve(&workplace, "product", "ada@example.com", "ada");
    approve(&workplace, "security", "bob@example.com", "ada");
    check(&workplace, &["--allowed-signers", "signers"])
        .says(1, "with the key that signed as security too")
        .says(1, "with the key that signed as product too");
    // The way on: the key is one person's again, and somebody else signs with their own.
    let signers = workplace.path().join("signers");
    let listed = fs::read_to_string(&signers).expect("signers");
    let own: Vec<&str> = listed.lines().take(2).collect();
    fs::write(&signers, own.join("\n") + "\n").expect("written");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    approve(&workplace, "security", "bob@example.com", "bob");
    let allowed = ["--allowed-signers", "signers"];
    check(&workplace, &allowed).says(0, "GO");
    let start = ["start", "plan.yaml", "pilot"];
    workplace
        .gate(&[&start[..], &allowed].concat())
        .says(0, "pilot began");
}

#[test]
fn t12_two_keys_of_one_principal_are_one_person() {
    let workplace = with_keys(PLAN);
    allow(&workplace, "bob@example.com", "ada");
    check(&workplace, &[]);
    approve(&workplace, "product", "ada@example.com", "ada");
    let same = "bob@example.com has signed as product with another key";
    refused(&workplace, "security", "bob@example.com", "bob", same);
    let workplace = signed();
    allow(&workplace, "BOB@example.com", "ada");
    check(&workplace, &[]).says(1, "who signed as product too, and two people have to sign");
    workplace.gate(&["start", "plan.yaml", "pilot"]).says(1, "");
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(1, "OFF signature signed as security with another key of")
        .says(1, "holds verdict GO recomputed");
}

#[test]
fn t12_a_name_of_mixed_scripts_signs_nothing() {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]);
    workplace
        .gate(&[
            "approve",
            "plan.yaml",
            "product",
            "--by",
            "Аda",
            "--sign",
            "ada",
        ])
        .says(2, "mixes letters of several scripts");
    assert!(workplace.files("plan.evidence", ".approval").is_empty());
    workplace.write("plan.yaml", PLAN.replace("ada@", "аda@"));
    workplace
        .gate(&["validate", "plan.yaml"])
        .says(2, "mixes letters of several scripts")
        .says(2, "plan.yaml:5:");
}

const LEFT: &str = "release: r
signatures: {required: true, allowed: signers, roles: {product: [ada@example.com]}}
stages:
  - {name: pilot, exit: {approvals: [product]}}
  - {name: wave-1, exit: {approvals: [product]}}
";

/// Whose exit is GO, by these signers.
fn exit_is_go(plan: &str, key: &str, signers: &[&str]) -> Workplace {
    let workplace = with_keys(plan);
    let start = ["start", "plan.yaml", "pilot", "--why", "new"];
    workplace.gate(&start).says(0, "pilot began");
    let exit = [&["--gate", "pilot/exit"], signers].concat();
    check(&workplace, &exit).says(3, "HOLD");
    approve(&workplace, "product", "ada@example.com", key);
    check(&workplace, &exit).says(0, "GO");
    workplace
}

fn state(workplace: &Workplace) -> String {
    let status = workplace.gate(&["status", "plan.yaml", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status.out).expect("JSON");
    let state = status["stages"][0]["state"].as_str();
    state.expect("a state").to_owned()
}

const WAVE: [&str; 3] = ["start", "plan.yaml", "wave-1"];

#[test]
fn t13_a_start_rests_on_an_exit_only_while_its_signatures_count() {
    let workplace = exit_is_go(LEFT, "ada", &[]);
    assert_eq!(state(&workplace), "left");
    // Struck off the list.
    let path = workplace.path().join("signers");
    let all = fs::read_to_string(&path).expect("a list");
    let (_, bob) = all.split_once('\n').expect("two lines");
    fs::write(&path, bob).expect("written");
    assert_eq!(state(&workplace), "running");
    let said = "the approval as product does not count";
    workplace.gate(&WAVE).says(1, said);
    fs::write(&path, all).expect("written");
    workplace.gate(&WAVE).says(0, "wave-1 began");
}

#[test]
fn t13_a_list_that_the_check_was_given_does_not_count_for_a_start() {
    let workplace = with_keys(LEFT);
    let eve = fs::read_to_string(workplace.path().join("eve.pub")).expect("a key");
    workplace.write("evil", format!("ada@example.com {eve}"));
    let own = fs::read(workplace.path().join("signers")).expect("a list");
    let start = ["start", "plan.yaml", "pilot", "--why", "new"];
    workplace.gate(&start).says(0, "pilot began");
    let exit = ["check", "plan.yaml", "--sign", "eve", "--gate"];
    let exit = [&exit[..], &["pilot/exit", "--allowed-signers", "evil"]].concat();
    workplace.gate(&exit).says(3, "HOLD");
    workplace.write("signers", format!("ada@example.com {eve}"));
    approve(&workplace, "product", "ada@example.com", "eve");
    workplace.write("signers", own);
    workplace.gate(&exit).says(0, "GO");
    workplace
        .gate(&WAVE)
        .says(1, "the approval as product does not count");
}

#[test]
fn t13_a_start_without_a_list_of_signers_is_refused_and_takes_one() {
    let plan = LEFT.replace(" allowed: signers,", "");
    let workplace = exit_is_go(&plan, "ada", &["--allowed-signers", "signers"]);
    workplace
        .gate(&WAVE)
        .says(1, "nothing says whose keys count");
    let named = [&WAVE[..], &["--allowed-signers", "signers"]].concat();
    workplace.gate(&named).says(0, "wave-1 began");
}

#[test]
fn t13_a_check_with_a_key_that_is_not_listed_is_refused_before_anything_is_judged() {
    let workplace = with_keys(ANSWERED);
    let by = |key| workplace.gate(&["check", "plan.yaml", "--gate", "pilot/entry", "--sign", key]);
    by("eve")
        .says(2, "no verdict was reached: the signature would not count: nobody in ./signers has the key SHA256:")
        .says(2, "sign with a key that the list of signers has for checks");
    // Listed, and not for this.
    allow(
        &workplace,
        "eve@example.com namespaces=\"gate-approval\"",
        "eve",
    );
    by("eve").says(2, "; write namespaces=\"gate,gate-approval\" there");
    assert!(!workplace.path().join("plan.ledger.jsonl").exists());
    assert!(workplace.files("plan.evidence", "").is_empty());
    by("bob").says(3, "HOLD");
    // As the one who checks, where the list has a pattern; and so says `verify`.
    allow(&workplace, "*@ops.example.com", "eve");
    let named = ["check", "plan.yaml", "--sign", "eve", "--by"];
    let by_name = |name| workplace.gate(&[&named[..], &[name]].concat());
    by_name("eve@example.com").says(2, "the signature would not count");
    by_name("eve@ops.example.com").says(3, "HOLD");
    let verify = ["verify", "plan.evidence", "--allowed-signers", "signers"];
    workplace.gate(&verify).says(0, "2 of 2 verified");
}

const ANSWERED: &str = "release: r
signatures: {required: true, allowed: signers}
stages:
  - {name: pilot, entry: {confirmations: [lead]}, exit: {confirmations: [well]}}
  - {name: wave-1, entry: {confirmations: [lead]}}
";

fn confirm(workplace: &Workplace, item: &str, stage: &str) {
    let confirm = [
        "confirm",
        "plan.yaml",
        item,
        "--stage",
        stage,
        "--by",
        "Ada",
    ];
    workplace.gate(&confirm).says(0, "recorded");
}

/// What a check in a moment says of a gate: a new record, signed by Ada.
fn check_of(workplace: &Workplace, gate: &str) -> Finished {
    check(workplace, &["--gate", gate])
}

/// The signature of the last check.
fn own_signature(workplace: &Workplace) -> PathBuf {
    let mut all = workplace.files("plan.evidence", ".json.sig");
    all.sort_by_key(|path| {
        fs::metadata(path)
            .and_then(|known| known.modified())
            .expect("a time")
    });
    all.pop().expect("a signature")
}

fn note(workplace: &Workplace) -> Finished {
    workplace.gate(&["report", "plan.evidence", "--format", "status"])
}

#[test]
fn t13_nothing_rests_on_a_check_whose_own_signature_is_gone() {
    let workplace = with_keys(ANSWERED);
    confirm(&workplace, "lead", "pilot");
    check_of(&workplace, "pilot/entry").says(0, "GO");
    note(&workplace).says(0, "Next: pilot begins");
    let gone = own_signature(&workplace);
    let kept = fs::read(&gone).expect("a signature");
    fs::remove_file(&gone).expect("removed");
    let start = ["start", "plan.yaml", "pilot"];
    let said = "the plan requires signatures, and that of this check does not count: there is no ";
    workplace
        .gate(&start)
        .says(1, said)
        .says(1, "gate check plan.yaml --gate pilot/entry");
    workplace.gate(&["status", "plan.yaml"]).says(0, said);
    note(&workplace)
        .says(0, "Next: pilot/entry is checked")
        .never_says("begins");
    // Nor on one for something else, or by somebody whom the list no longer has.
    fs::write(&gone, "no signature").expect("written");
    workplace
        .gate(&start)
        .says(1, "that of this check does not count");
    fs::write(&gone, kept).expect("written");
    let signers = fs::read_to_string(workplace.path().join("signers")).expect("signers");
    let (_, bob) = signers.split_once('\n').expect("two lines");
    workplace.write("signers", bob);
    workplace
        .gate(&start)
        .says(1, "nobody in ./signers has the key");
    workplace.write("signers", signers);
    workplace.gate(&start).says(0, "pilot began");
    confirm(&workplace, "well", "pilot");
    check_of(&workplace, "pilot/exit").says(0, "GO");
    fs::remove_file(own_signature(&workplace)).expect("removed");
    // Nor does the next entry.
    confirm(&workplace, "lead", "wave-1");
    check_of(&workplace, "wave-1/entry").says(3, said);
    // The way on.
    check_of(&workplace, "pilot/exit").says(0, "GO");
    check_of(&workplace, "wave-1/entry").says(0, "GO");
    workplace.gate(&WAVE).says(0, "wave-1 began");
}

const OVERRIDE: [&str; 7] = [
    "override",
    "plan.yaml",
    "pilot/exit",
    "--why",
    "x",
    "--expires",
    "4h",
];

/// The pilot runs, and the signed check of its exit is HOLD; with where its signature is, and what that says.
fn on_hold() -> (Workplace, PathBuf, Vec<u8>) {
    let workplace = with_keys(LEFT);
    let start = ["start", "plan.yaml", "pilot", "--why", "new"];
    workplace.gate(&start).says(0, "pilot began");
    check_of(&workplace, "pilot/exit").says(3, "HOLD");
    let signature = own_signature(&workplace);
    let kept = fs::read(&signature).expect("a signature");
    (workplace, signature, kept)
}

#[test]
fn t13_a_check_without_its_signature_is_not_overridden_and_is_judged_again_before_it_is_approved() {
    let (workplace, gone, _) = on_hold();
    fs::remove_file(&gone).expect("removed");
    let said = "nothing may rest on check #2: the plan requires signatures";
    workplace.gate(&OVERRIDE).says(1, said);
    let of_ada = ["approve", "plan.yaml", "product", "--by", "ada@example.com"];
    let of_ada = [&of_ada[..], &["--gate", "pilot/exit", "--sign", "ada"]].concat();
    // Whoever is named by --evidence is not judged again.
    let record = gone.with_extension("");
    let this = [
        &of_ada[..],
        &["--evidence", record.to_str().expect("UTF-8")],
    ]
    .concat();
    let bare = "the signature would not count: the plan requires signatures, and check #2 has none of its own that counts";
    workplace
        .gate(&this)
        .says(1, bare)
        .says(1, "gate check plan.yaml --gate pilot/exit");
    assert!(workplace.files("plan.evidence", ".approval").is_empty());
    let again = "pilot/exit is judged before it is signed: check #2 does not count: the plan requires signatures";
    let approved = workplace.gate(&of_ada);
    approved.says(0, again).says(0, "recorded #4");
    let gone = own_signature(&workplace);
    let kept = fs::read(&gone).expect("a signature");
    fs::remove_file(&gone).expect("removed");
    check_of(&workplace, "pilot/exit").says(3, "check #3 has none of its own that counts");
    fs::write(&gone, kept).expect("written");
    check_of(&workplace, "pilot/exit").says(0, "GO");
    workplace.gate(&WAVE).says(0, "wave-1 began");
}

#[test]
fn t13_an_override_is_void_while_its_check_lacks_its_signature() {
    let (workplace, gone, kept) = on_hold();
    workplace.gate(&OVERRIDE).says(0, "is OVERRIDDEN until");
    fs::remove_file(&gone).expect("removed");
    workplace.gate(&WAVE).says(1, "wave-1 cannot begin");
    fs::write(&gone, kept).expect("written");
    workplace.gate(&WAVE).says(0, "wave-1 began");
}

#[test]
fn t13_a_report_looks_at_signatures_as_status_and_start_do() {
    let workplace = exit_is_go(LEFT, "ada", &[]);
    note(&workplace).says(0, "Next: wave-1 begins");
    fs::remove_file(signature_of(&workplace, "product")).expect("removed");
    workplace
        .gate(&WAVE)
        .says(1, "the approval as product does not count");
    note(&workplace)
        .says(0, "pilot, stage 1 of 2, running")
        .never_says("begins");
    let summary = ["report", "plan.evidence", "--format", "summary"];
    workplace.gate(&summary).never_says("gate start");
}

#[test]
fn t8_the_note_for_others_holds_the_plan_as_it_is_now() {
    let workplace = exit_is_go(LEFT, "ada", &[]);
    workplace.write("plan.yaml", format!("{LEFT}# edited\n"));
    workplace.gate(&WAVE).says(1, "the plan has changed since");
    note(&workplace)
        .says(0, "Next: pilot/exit is checked")
        .never_says("begins");
}

#[test]
fn t13_whoever_has_no_key_can_look() {
    let workplace = with_keys(ANSWERED);
    confirm(&workplace, "lead", "pilot");
    let bare =
        "plan.yaml requires signatures: this check is not signed, and nothing may rest on it";
    let look = ["check", "plan.yaml", "--gate", "pilot/exit", "--trailing"];
    workplace.gate(&look).says(3, bare);
    let verify = ["verify", "plan.evidence", "--allowed-signers", "signers"];
    workplace
        .gate(&verify)
        .says(0, "it is not signed: a look, on which nothing rests");
    let unread = ["check", "plan.yaml", "--gate", "pilot/entry", "--no-ledger"];
    workplace.gate(&unread).says(3, bare);
    workplace.gate(&verify).says(
        3,
        "it is not signed, though the plan requires it: nothing may rest on it",
    );
    // Nor does anything rest on the entry of such a run.
    let entry = ["check", "plan.yaml", "--gate", "pilot/entry", "--trailing"];
    workplace.gate(&entry).says(0, bare);
    workplace
        .gate(&["start", "plan.yaml", "pilot"])
        .says(1, "pilot cannot begin");
}
