//! What is reported about text that cannot be a plan. Makes problems; reads no tree.

use super::super::problem::{Problem, ProblemCode, Span};
use super::{Content, MAX_DEPTH, MAX_PROBLEMS};

pub(super) fn not_utf8(bytes: &[u8], offset: usize) -> Problem {
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let before = bytes.get(..offset).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    let message = format!("byte {offset} (0x{byte:02x}, on line {line}) is not UTF-8");
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let help = if utf16 {
        "the file looks like UTF-16: save it as UTF-8"
    } else {
        "save the file as UTF-8"
    };
    Problem::placeless(ProblemCode::NotUtf8, message).help(help)
}

pub(super) fn syntax_error(body: &str, at: usize, info: &str, base: usize) -> Problem {
    let width = body
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .filter(|character| *character != '\n')
        .map_or(0, char::len_utf8);
    let mut message: String = info.chars().take(300).collect();
    if let Some(first) = message.get(..1).map(str::to_lowercase) {
        message.replace_range(..1, &first);
    }
    let (at, width) = match tab_line(body, at, info) {
        Some(tab) => (tab, 1),
        None => (at, width),
    };
    let problem = Problem::error(
        ProblemCode::YamlSyntax,
        base + at..base + at + width,
        format!("not YAML: {message}"),
    );
    match advice(body, at, info) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// The line that a tab indents, if the parser complains about a tab further up.
fn tab_line(body: &str, at: usize, info: &str) -> Option<usize> {
    if !info.contains("tab") || body.get(at..)?.starts_with('\t') {
        return None;
    }
    let tab = body.get(at..)?.find("\n\t")?;
    Some(at + tab + 1)
}

/// What to do about the mistakes that people make most.
fn advice(body: &str, at: usize, info: &str) -> Option<String> {
    let start = body.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = body.get(start..)?.lines().next()?;
    if line.starts_with('\t') {
        return Some("indent with spaces, not with tabs".to_owned());
    }
    let value = line.split_once(": ").map_or(line, |(_, value)| value);
    let block = value.trim_start_matches(['-', ' ']).starts_with('>');
    let example = match body.get(at..)?.chars().next() {
        Some('@') => ("@", "\"@ops\""),
        Some('>') => (">", "\"> 1%\""),
        _ if block => (">", "\"> 1%\""),
        _ if info.contains("flow") => {
            let help = "inside `{…}`, a string with brackets, braces or commas must be quoted";
            return Some(help.to_owned());
        }
        _ => return None,
    };
    let (sign, quoted) = example;
    Some(format!(
        "a value that begins with `{sign}` must be quoted: `{quoted}`"
    ))
}

pub(super) fn too_deep(span: Span) -> Problem {
    let message = format!("lists and maps are nested more than {MAX_DEPTH} deep");
    Problem::error(ProblemCode::TooDeep, span, message)
}

pub(super) fn too_many(span: Span) -> Problem {
    let message = format!("more than {MAX_PROBLEMS} errors of form: the others are not listed");
    Problem::error(ProblemCode::TooManyProblems, span, message)
}

pub(super) fn empty_list(span: Span, content: &Content) -> Problem {
    let word = match content {
        Content::Mapping(_) => "map",
        Content::Scalar(_) | Content::Sequence(_) => "list",
    };
    let message = format!("this {word} is empty");
    Problem::error(ProblemCode::EmptyList, span, message)
        .help("write at least one entry, or omit the key")
}

#[cfg(test)]
mod tests {
    fn shown(text: &str) -> String {
        let tree = super::super::read(text);
        crate::plan::render("plan.yaml", text, &tree.problems, false, 100)
    }

    #[test]
    fn likely_mistakes_come_with_what_to_do() {
        for (text, help) in [
            ("a: { b: > 5% for 5m }\n", "begins with `>`"),
            ("a:\n  b: > 5%\n", "begins with `>`"),
            ("owner: @ops\n", "begins with `@`"),
            (
                "a: { query: rate(x[5m]), unit: s }\n",
                "brackets, braces or commas",
            ),
            ("a:\n  b: c\n\td: e\n", "plan.yaml:3:1"),
        ] {
            assert!(shown(text).contains(help), "{}", shown(text));
        }
    }
}
