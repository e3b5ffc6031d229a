//! `gate explain`: what a code means, an example, the cure. Must not say what the page of codes does not.

use super::diagnostics::say;
use super::surroundings::Surroundings;
use crate::cli::ExplainArgs;
use crate::codes::{self, Explanation};
use crate::exit::Exit;
use crate::output::print_stdout;
use crate::plan::nearest;
use crate::report::{explained, listed};

/// Explains codes, or lists them all.
pub fn explain(arguments: &ExplainArgs, surroundings: &Surroundings) -> Exit {
    let style = surroundings.stdout.style();
    if arguments.codes.is_empty() {
        let all: Vec<Explanation> = codes::all().collect();
        return print(&listed(&all, &style));
    }
    let mut exit = Exit::Go;
    let mut texts = Vec::new();
    for word in &arguments.codes {
        if let Some(code) = codes::find(word) {
            texts.push(explained(&code, &style));
        } else {
            say(&unknown(word));
            exit = Exit::Usage;
        }
    }
    exit.max(print(&texts.join("\n")))
}

fn print(text: &str) -> Exit {
    match print_stdout(text) {
        Ok(()) => Exit::Go,
        Err(error) => {
            say(&format!("the explanation could not be printed: {error}"));
            Exit::Unrecorded
        }
    }
}

/// What to try instead.
fn unknown(word: &str) -> String {
    let plain = codes::plain(word);
    let lower: Vec<String> = codes::all().map(|one| one.code.to_lowercase()).collect();
    let near = nearest(&plain, lower.iter().map(String::as_str)).into_iter();
    let near: Vec<String> = near
        .filter_map(codes::find)
        .map(|one| format!("`{}`", one.code))
        .collect();
    format!(
        "unknown code `{word}`: the nearest are {}; `gate explain` lists all",
        near.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::assessment::{Code, Outcome};
    use crate::codes::Example;
    use crate::commands::validate::OnlineCode;
    use crate::plan::{self, Accept, Options, ProblemCode};
    use crate::verdict::Verdict;

    /// Every code that there is.
    fn words() -> BTreeSet<&'static str> {
        let verdicts = Verdict::all().map(Verdict::word);
        let reasons = Outcome::all()
            .map(Outcome::word)
            .chain(Code::all().map(Code::word));
        let plans = ProblemCode::all().map(ProblemCode::word);
        let accepted = Accept::all().map(Accept::word);
        let online = OnlineCode::all().map(OnlineCode::word);
        verdicts
            .chain(reasons)
            .chain(plans)
            .chain(accepted)
            .chain(online)
            .collect()
    }

    #[test]
    fn every_code_is_explained_and_nothing_else_is() {
        let mut explained = BTreeSet::new();
        for one in codes::all() {
            assert!(explained.insert(one.code), "`{}` twice", one.code);
        }
        let missing: Vec<_> = words().difference(&explained).copied().collect();
        let idle: Vec<_> = explained.difference(&words()).copied().collect();
        assert!(missing.is_empty(), "docs/codes.md lacks {missing:?}");
        assert!(
            idle.is_empty(),
            "docs/codes.md has {idle:?}, which no code is"
        );
    }

    #[test]
    fn each_has_a_meaning_an_example_and_a_cure() {
        for one in codes::all() {
            let example = match one.example {
                Example::Words(text) | Example::Keys(text) | Example::File(text) => text,
            };
            for (what, text) in [
                ("group", one.group),
                ("meaning", one.meaning),
                ("example", example),
                ("cure", one.cure),
            ] {
                assert!(text.len() > 2, "`{}` has no {what}", one.code);
                assert!(!text.contains("Cure:"), "`{}`: {what}", one.code);
            }
        }
    }

    const SMALL: &str = include_str!("../plan/testdata/small.yaml");

    /// The small plan with these keys instead of its own.
    fn with(keys: &str) -> String {
        let mut blocks: Vec<String> = Vec::new();
        for line in SMALL.lines() {
            match blocks.last_mut() {
                Some(block) if line.starts_with(' ') => block.push_str(&format!("{line}\n")),
                _ => blocks.push(format!("{line}\n")),
            }
        }
        let replaced = |block: &String| {
            let key = block.split_inclusive(':').next().unwrap_or_default();
            keys.lines().any(|line| line.starts_with(key))
        };
        blocks.retain(|block| !replaced(block));
        blocks.concat() + keys
    }

    fn found(text: &str) -> Vec<&'static str> {
        let unset = |_: &str| None;
        let options = Options {
            environment: Some(&unset),
            ..Options::default()
        };
        let problems = match plan::load(text.as_bytes(), &options) {
            Ok(loaded) => loaded.warnings,
            Err(problems) => problems,
        };
        problems.iter().map(|problem| problem.code.word()).collect()
    }

    #[test]
    fn each_example_of_a_plan_shows_its_code() {
        let mut wrong = Vec::new();
        let mut shown = 0;
        for one in codes::all() {
            let text = match one.example {
                Example::Words(_) => continue,
                Example::Keys(keys) => with(keys),
                Example::File(text) => text.to_owned(),
            };
            shown += 1;
            let found = found(&text);
            if !found.contains(&one.code) {
                wrong.push(format!("`{}`: {found:?} in\n{text}", one.code));
            }
        }
        assert!(shown > 90, "{shown}");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(
            found(&with("vars: { a: b }\n")),
            [""; 0],
            "the rest is right"
        );
    }

    /// A code of a plan has an example that is one, where a plan can have it.
    #[test]
    fn what_a_plan_can_have_is_shown_in_a_plan() {
        let elsewhere = [
            "not-utf8",
            "too-large",
            "too-many-problems",
            "unused-override",
            "source-override",
            "baseline-file",
        ];
        let examples: BTreeMap<&str, Example> =
            codes::all().map(|one| (one.code, one.example)).collect();
        for code in ProblemCode::all().map(ProblemCode::word) {
            let in_words = matches!(examples.get(code), Some(Example::Words(_)));
            assert_eq!(in_words, elsewhere.contains(&code), "`{code}`");
        }
    }

    #[test]
    fn an_unknown_code_names_the_nearest() {
        let said = unknown("low-covrage");
        assert!(
            said.starts_with("unknown code `low-covrage`: the nearest are `low-coverage`, "),
            "{said}"
        );
    }
}
