//! The files of `integrations/` as data.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_yaml::Value;

/// A file's path.
pub fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("integrations")
        .join(file)
}

/// A file's text.
pub fn text(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The documents of a YAML file.
pub fn documents(file: &str) -> Vec<Value> {
    let text = text(file);
    let read = serde_yaml::Deserializer::from_str(&text).map(Value::deserialize);
    read.map(|document| document.unwrap_or_else(|error| panic!("{file}: {error}")))
        .collect()
}

/// What is at a path such as `spec.steps.0.args`.
#[track_caller]
pub fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    let step = |value: &'v Value, key: &str| match key.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(key),
    };
    path.split('.')
        .try_fold(value, step)
        .unwrap_or_else(|| panic!("{path} is not there"))
}

/// A text.
#[track_caller]
pub fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null => String::new(),
        other => panic!("no text: {other:?}"),
    }
}

/// A list of texts.
#[track_caller]
pub fn words(value: &Value) -> Vec<String> {
    let list = value.as_sequence().expect("a list");
    list.iter().map(word).collect()
}

/// No file says that a failure may be passed over.
#[test]
fn no_recipe_passes_over_a_failure() {
    let lenient = [
        "|| true",
        "continue-on-error",
        "continueOnError",
        "continueOn:",
        "allow_failure: true",
        "set -x",
        "catchError",
        "failureLimit:",
    ];
    let files = [
        "argo-rollouts/analysis-template.yaml",
        "argo-workflows/workflow-template.yaml",
        "azure/gate.yml",
        "flagger/canary.yaml",
        "github/action.yml",
        "gitlab/templates/gate.yml",
        "jenkins/Jenkinsfile",
        "tekton/task.yaml",
    ];
    for file in files {
        for words in lenient {
            assert!(!text(file).contains(words), "{file} has `{words}`");
        }
    }
}
