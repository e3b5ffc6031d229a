//! What the README shows is what the program prints.

use std::fs;
use std::path::Path;

#[test]
fn the_worked_example_is_the_recorded_output() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(repository.join("README.md")).expect("README.md");
    let printed =
        fs::read_to_string(repository.join("fixtures/logistics-stop-carrier/expected.txt"))
            .expect("expected.txt");
    assert!(
        readme.contains(&printed),
        "README.md shows something else than:\n{printed}"
    );
}

#[test]
fn the_smallest_plan_of_the_readme_is_valid() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(repository.join("README.md")).expect("README.md");
    let plan = readme
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let loaded = gate::plan::load(
        plan.expect("a plan").as_bytes(),
        &gate::plan::Options::default(),
    );
    assert_eq!(loaded.expect("a valid plan").plan.stages.len(), 1);
}
