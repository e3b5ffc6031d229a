//! Where the lines of the file break: what fits on one line has one, so that a record is short, and each criterion is seen at a glance.
//! Must not change anything but line ends, and the blanks beside them.

/// So long may a line be, in bytes: a criterion without samples, with its reason and the next command.
const WIDTH: usize = 400;

/// Puts every list and object of a JSON text on one line that fits there, and each trend: a wide check has thousands of them, and nobody
/// reads them number by number. A string cannot look like the beginning or the end of one, since line ends inside strings are escaped.
pub(super) fn joined(json: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for line in json.strip_suffix('\n').unwrap_or(json).split('\n') {
        let content = line.trim_start();
        lines.push(line.to_owned());
        if content.starts_with([']', '}'])
            && let Some(start) = open.pop()
            && let Some(line) = lines.get(start..).and_then(on_one_line)
        {
            lines.truncate(start);
            lines.push(line);
        } else if content.ends_with(['[', '{']) {
            open.push(lines.len() - 1);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// A list or an object on one line, if it fits there.
fn on_one_line(lines: &[String]) -> Option<String> {
    let (first, rest) = lines.split_first()?;
    let is_trend = first.trim_start() == "\"trend\": [";
    let mut line = first.clone();
    for (index, next) in rest.iter().enumerate() {
        if index > 0 && index + 1 < rest.len() {
            line.push(' ');
        }
        line.push_str(next.trim_start());
        if line.len() > WIDTH && !is_trend {
            return None;
        }
    }
    Some(line)
}

/// Whether a text is one that was written, also with line ends as earlier versions had them.
#[must_use]
pub fn is_written(text: &str, written: &str) -> bool {
    text == written || joined(text) == written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_has_one_line_and_everything_is_there() {
        let long = format!(
            "{{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {{\n    \"c\": \"{}\",\n    \"d\": []\n  }}\n}}\n",
            "x {".repeat(200)
        );
        let expected = long.replace("[\n    1,\n    2\n  ]", "[1, 2]");
        assert_eq!(joined(&long), expected);
        assert_eq!(joined(&joined(&long)), expected);
        assert_eq!(
            joined("{\n  \"a\": {\n    \"b\": [\n      \"}\"\n    ]\n  }\n}\n"),
            "{\"a\": {\"b\": [\"}\"]}}\n"
        );
        let trend = format!(
            "{{\n  \"trend\": [\n{}    1\n  ],\n  \"e\": 1\n}}\n",
            "    0.25,\n".repeat(200)
        );
        assert_eq!(joined(&trend).lines().count(), 4);
    }

    #[test]
    fn a_text_as_it_was_written_before_is_the_same_and_another_is_not() {
        let before = "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n";
        let now = joined(before);
        assert!(is_written(before, &now) && is_written(&now, &now));
        assert!(!is_written(&before.replace('2', "3"), &now));
        assert!(!is_written(&now.replace(", ", ","), &now));
        assert!(!is_written(&before.replace('\n', "\r\n"), &now));
    }
}
