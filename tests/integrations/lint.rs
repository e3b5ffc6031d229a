//! The programs of other people that read the files, from `tests/integrations/fetch.sh`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the fetched programs.
pub fn tools() -> PathBuf {
    let output = Command::new("bash")
        .arg(script("fetch.sh"))
        .output()
        .expect("bash runs tests/integrations/fetch.sh");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

/// A file beside this one.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/integrations")
        .join(name)
}

#[test]
#[ignore = "needs linters from PyPI and npm: tests/all.sh"]
fn each_file_passes_the_linter_of_its_system() {
    let output = Command::new("bash").arg(script("lint.sh")).output();
    let output = output.expect("bash runs tests/integrations/lint.sh");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaints}");
}
