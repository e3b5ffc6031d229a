//! A plan that was renamed and has left its ledger behind forgets nothing (T1): not where it was renamed twice, nor where its version is
//! another, nor where nobody can read that ledger.

use std::fs;

use crate::support::program::{Finished, Workplace};

const PLAN: &str = "release: { name: R1, version: \"2.0\" }
stages:
  - { name: pilot, stop: { incidents: { open: [sev1] } }, exit: { confirmations: [lead] } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";

struct Folder(Workplace);

impl Folder {
    /// The pilot was stopped.
    fn stopped() -> Self {
        let folder = Self(Workplace::with_plan(PLAN));
        folder.gate("start plan.yaml pilot").says(0, "began");
        let open = "incident plan.yaml open --severity sev1 --description fire";
        folder.gate(open).says(0, "open");
        folder.gate("check plan.yaml").says(4, "STOP");
        folder
    }

    fn gate(&self, line: &str) -> Finished {
        let words: Vec<&str> = line.split_whitespace().collect();
        let by = ["--by", "mara"];
        let by = if words[0] == "status" { &[][..] } else { &by };
        self.0.gate(&[&words[..], by].concat())
    }

    fn moved(&self, from: &str, to: &str) {
        let [from, to] = [from, to].map(|name| self.0.path().join(name));
        fs::rename(from, to).expect("renamed");
    }

    /// The plan with its ledger; the evidence is kept elsewhere.
    fn renamed(&self, from: &str, to: &str) {
        let _ = fs::remove_dir_all(self.0.path().join("plan.evidence"));
        self.moved(&format!("{from}.yaml"), &format!("{to}.yaml"));
        let ledgers = [from, to].map(|name| format!("{name}.ledger.jsonl"));
        self.moved(&ledgers[0], &ledgers[1]);
    }

    fn refuses(&self, plan: &str, said: &str) {
        for line in [
            format!("start {plan} pilot"),
            format!("check {plan}"),
            format!("confirm {plan} lead --stage pilot"),
            format!("status {plan}"),
        ] {
            self.gate(&line).says(2, said);
        }
    }
}

#[test]
fn t1_a_plan_that_was_renamed_twice_forgets_no_stop() {
    let folder = Folder::stopped();
    folder.renamed("plan", "second");
    folder.moved("second.yaml", "third.yaml");
    let said = "second.ledger.jsonl is a ledger of R1 2.0, too, and its plan plan.yaml is gone";
    folder.refuses("third.yaml", said);
    folder.refuses(
        "third.yaml",
        "  mv second.ledger.jsonl third.ledger.jsonl\n",
    );
    folder.moved("second.ledger.jsonl", "third.ledger.jsonl");
    folder
        .gate("start third.yaml wave-1 --override --why x")
        .says(1, "tripped");
    // And back to its first name.
    folder.moved("third.yaml", "plan.yaml");
    folder.refuses("plan.yaml", "third.ledger.jsonl is a ledger of R1 2.0");
}

#[test]
fn t1_a_plan_that_was_renamed_with_another_version_forgets_no_stop() {
    let folder = Folder::stopped();
    let version = |name: &str, version: &str| {
        folder.0.write(name, PLAN.replace("2.0", version));
    };
    version("plan.yaml", "2.1");
    folder
        .gate("supersede plan.yaml --version 2.1 --why fix")
        .says(0, "recorded");
    let _ = fs::remove_dir_all(folder.0.path().join("plan.evidence"));
    fs::remove_file(folder.0.path().join("plan.yaml")).expect("removed");
    let said = "plan.ledger.jsonl is a ledger of R1 2.1, and its plan plan.yaml is gone";
    for other in ["2.0", "2.2"] {
        version("other.yaml", other);
        folder.refuses("other.yaml", said);
    }
    // It is over where it was moved away for the next release, or elsewhere.
    folder.moved("plan.ledger.jsonl", "plan.R1-2.1.ledger.jsonl");
    folder.gate("start other.yaml pilot").says(0, "began");
}

#[test]
fn t1_plans_of_different_releases_do_without_each_other() {
    let folder = Folder::stopped();
    folder.0.write("shop.yaml", PLAN.replace("R1", "shop"));
    folder.gate("start shop.yaml pilot").says(0, "began");
    fs::remove_file(folder.0.path().join("plan.yaml")).expect("removed");
    folder.0.write("tills.yaml", PLAN.replace("R1", "tills"));
    folder.gate("start tills.yaml pilot").says(0, "began");
    // Two sites of one release, each with its plan.
    folder.0.write("till-2.yaml", PLAN.replace("R1", "tills"));
    folder.gate("start till-2.yaml pilot").says(0, "began");
}

#[test]
fn t1_a_ledger_that_was_saved_in_another_encoding_is_still_one() {
    let whole = |folder: &Folder| {
        let path = folder.0.path().join("plan.ledger.jsonl");
        fs::read_to_string(path).expect("a ledger")
    };
    let wide = |text: &str, of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect();
    let encodings: [fn(&str, &dyn Fn(&str, fn(u16) -> [u8; 2]) -> Vec<u8>) -> Vec<u8>; 4] = [
        |text, _| format!("\u{feff}{text}").into_bytes(),
        |text, wide| wide(&format!("\u{feff}{text}"), u16::to_le_bytes),
        |text, wide| wide(&format!("\u{feff}{text}"), u16::to_be_bytes),
        |text, wide| wide(text, u16::to_le_bytes),
    ];
    for encoded in encodings {
        let folder = Folder::stopped();
        let text = whole(&folder);
        let first = text.lines().next().expect("an entry").to_owned() + "\n";
        let _ = fs::remove_dir_all(folder.0.path().join("plan.evidence"));
        folder.0.write("plan.ledger.jsonl", encoded(&first, &wide));
        folder.gate("start plan.yaml wave-1").says(5, "ledger");
        folder.moved("plan.yaml", "other.yaml");
        let said = "plan.ledger.jsonl is a ledger of R1 2.0, too, and its plan plan.yaml is gone";
        folder.refuses("other.yaml", said);
        folder.refuses(
            "other.yaml",
            "it is broken, and what it stopped is not known",
        );
    }
}

#[test]
fn t1_a_ledger_that_nobody_can_read_is_named_unless_its_plan_is_there() {
    let folder = Folder(Workplace::with_plan(PLAN));
    folder.0.write("other.ledger.jsonl", [0x80, 0x81, 0xff]);
    let said = "nobody can say of which plan other.ledger.jsonl is the ledger";
    folder.refuses("plan.yaml", said);
    folder.0.write("other.yaml", PLAN);
    folder.gate("start plan.yaml pilot").says(0, "began");
}
