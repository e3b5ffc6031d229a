//! The worked example of each shape, as it lies in `rollout-plans/`. Must not change what a plan says.

use super::template::Template;

/// The line by which an editor finds the schema beside the examples; elsewhere it leads nowhere.
const MODELINE: &str = "# yaml-language-server:";

/// A worked plan, and under which path it names itself.
fn shipped(template: Template) -> (&'static str, &'static str) {
    match template {
        Template::Canary => (
            "rollout-plans/canary.yaml",
            include_str!("../../rollout-plans/canary.yaml"),
        ),
        Template::Pilot => (
            "rollout-plans/logistics-r1.0.yaml",
            include_str!("../../rollout-plans/logistics-r1.0.yaml"),
        ),
        Template::Batch => (
            "rollout-plans/batch-release-v2.1.0.yaml",
            include_str!("../../rollout-plans/batch-release-v2.1.0.yaml"),
        ),
        Template::Staged => (
            "rollout-plans/staged-checklist-v1.0.0.yaml",
            include_str!("../../rollout-plans/staged-checklist-v1.0.0.yaml"),
        ),
        Template::Minimal => ("plan.yaml", include_str!("minimal.yaml")),
    }
}

/// The worked example of a shape. The commands in its comments name the file that it is written to.
#[must_use]
pub fn example(template: Template, path: &str) -> String {
    let (own, text) = shipped(template);
    let lines = text.lines().filter(|line| !line.starts_with(MODELINE));
    let mut example = String::new();
    for line in lines {
        let is_comment = line.starts_with('#');
        let line = if is_comment {
            line.replace(own, path)
        } else {
            line.to_owned()
        };
        example.push_str(&line);
        example.push('\n');
    }
    example
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{self, Options};

    #[test]
    fn f5_each_example_is_the_worked_plan_but_for_the_way_to_it() {
        for template in Template::ALL {
            let (own, shipped) = shipped(template);
            let example = example(template, own);
            let kept: Vec<&str> = shipped
                .lines()
                .filter(|line| !line.starts_with(MODELINE))
                .collect();
            assert_eq!(example.lines().collect::<Vec<_>>(), kept, "{template}");
            let options = Options {
                overrides: &[],
                environment: None,
                source_url: None,
            };
            let loaded = plan::load(example.as_bytes(), &options).expect("a valid plan");
            assert!(loaded.warnings.is_empty(), "{template}");
        }
    }

    #[test]
    fn f5_commands_in_an_example_name_the_file_that_is_written() {
        let example = example(Template::Canary, "release/plan.yaml");
        assert!(example.contains("gate check release/plan.yaml --gate stage_1/exit"));
        assert!(!example.contains("rollout-plans/"), "{example}");
    }

    #[test]
    fn f5_the_minimal_example_is_the_smallest_useful_plan_of_the_documentation() {
        let page = include_str!("../../docs/plan.md");
        let (_, rest) = page
            .split_once("## The smallest useful plan\n\n```yaml\n")
            .expect("the section");
        let (block, _) = rest.split_once("```").expect("its end");
        assert_eq!(shipped(Template::Minimal).1, block);
    }
}
