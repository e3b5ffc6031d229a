//! Problems → text as rustc shows it: the line, a caret, what to do. Must not add to what a problem says.
//!
//! Credentials on the drawn lines are masked, and characters that could steer a terminal are made visible.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::lint::Severity;
use super::problem::{Problem, ProblemCode, Span};
use super::secrets_in_text::conceal;
use crate::secret::address;

const BOM: &str = "\u{feff}";
/// Where a problem is that does not stand in the plan.
const COMMAND_LINE: &str = "the command line";
/// At most this much of a message is shown, in characters.
const MAX_CHARS: usize = 1000;

/// Renders all problems, one after the other. `width` is in columns.
#[must_use]
pub fn render(path: &str, text: &str, problems: &[Problem], colour: bool, width: usize) -> String {
    let text = tame(&conceal(&without_found(text, problems)));
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer
        .term_width(width.max(40))
        .decor_style(DecorStyle::Ascii);
    let path = visible(path);
    problems
        .iter()
        .map(|problem| draw(&renderer, &path, &text, problem))
        .collect::<Vec<_>>()
        .join("\n\n")
        + if problems.is_empty() { "" } else { "\n" }
}

/// The text with stars for each credential that a problem is about.
fn without_found(text: &str, problems: &[Problem]) -> String {
    let is_about = |problem: &&Problem| problem.code == ProblemCode::WrittenCredential;
    let found = problems.iter().filter(is_about);
    let found: Vec<&Span> = found.filter_map(|problem| problem.span.as_ref()).collect();
    let stars = |(at, letter): (usize, char)| {
        if found.iter().any(|span| span.contains(&at)) && !letter.is_whitespace() {
            "*".repeat(letter.len_utf8())
        } else {
            letter.to_string()
        }
    };
    text.char_indices().map(stars).collect()
}

fn draw(renderer: &Renderer, path: &str, text: &str, problem: &Problem) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(visible(&shortened(address::mask(&problem.message))))
        .id(problem.code.word());
    let mut group: Group<'_> = match &problem.span {
        None if problem.of_command_line => title.element(Origin::path(COMMAND_LINE)),
        None => title.element(Origin::path(path)),
        Some(span) => title.element(snippet(path, text, span, &problem.related)),
    };
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(visible(&shortened(address::mask(help)))));
    }
    renderer.render(&[group])
}

/// A message quotes the plan, which may hold anything of any length.
fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        None => text,
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
    }
}

/// The lines from the first to the last place, with carets.
fn snippet<'a>(
    path: &'a str,
    text: &'a str,
    span: &Span,
    related: &[(Span, String)],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let bom = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let first = related
        .iter()
        .map(|(span, _)| span.start)
        .fold(span.start, usize::min);
    let last = related
        .iter()
        .map(|(span, _)| span.end)
        .fold(span.start, usize::max);
    let start = text.get(..first).and_then(|before| before.rfind('\n'));
    let start = start.map_or(bom, |newline| newline + 1);
    let rest = text.get(last..).unwrap_or_default();
    let end = last + rest.find('\n').unwrap_or(rest.len());
    let source = text.get(start..end).unwrap_or_default();
    let line = 1 + text.get(..start).unwrap_or_default().matches('\n').count();
    let place = |span: &Span| {
        on_one_line(
            source,
            span.start.saturating_sub(start),
            span.end.saturating_sub(start),
        )
    };
    let mut snippet = Snippet::source(source)
        .path(path)
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(place(span)));
    for (span, label) in related {
        snippet = snippet.annotation(
            AnnotationKind::Context
                .span(place(span))
                .label(visible(label)),
        );
    }
    snippet
}

/// Cuts a span at the end of its first line, and to the text.
fn on_one_line(source: &str, start: usize, end: usize) -> Span {
    let start = start.min(source.len());
    let end = end.clamp(start, source.len());
    let part = source.get(start..end).unwrap_or_default();
    let line = part.find('\n').unwrap_or(part.len());
    let kept = part.get(..line).unwrap_or_default().trim_end();
    start..start + kept.len()
}

/// Control characters, bidirectional overrides and invisible ones as their escapes.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if steers(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The text with a substitute of the same length for each control character that the renderer would let through.
fn tame(text: &str) -> String {
    text.char_indices()
        .map(|(at, character)| match character.len_utf8() {
            2 if steers(character) => '\u{bf}',
            3 if steers(character) && at > 0 => char::REPLACEMENT_CHARACTER,
            _ => character,
        })
        .collect()
}

/// Whether a character changes how others are shown, or is invisible.
pub(super) fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::super::problem::ProblemCode;
    use super::*;

    #[test]
    fn a_problem_shows_its_line_with_a_caret() {
        let text = "release: x\nkpis:\n  ä: { unit: furlongs }\n";
        let at = text.find("furlongs").expect("there");
        let problem = Problem::error(
            ProblemCode::UnknownWord,
            at..at + 8,
            "`furlongs` is not a unit",
        )
        .help("one of ratio, percent");
        assert_eq!(
            render("plan.yaml", text, &[problem], false, 100),
            "error[unknown-word]: `furlongs` is not a unit\n \
             --> plan.yaml:3:14\n  |\n3 |   ä: { unit: furlongs }\n  |              ^^^^^^^^\n  |\n  = help: one of ratio, percent\n"
        );
    }

    #[test]
    fn two_places_are_shown_together() {
        let text = "a: 1\nb: 2\na: 3\n";
        let problem = Problem::error(
            ProblemCode::DuplicateKey,
            10..11,
            "the key `a` occurs twice",
        )
        .related(0..1, "first here");
        let drawn = render("p", text, &[problem], false, 100);
        assert!(drawn.contains("p:3:1"), "{drawn}");
        assert!(drawn.contains("first here"), "{drawn}");
    }

    #[test]
    fn nothing_in_a_plan_controls_the_terminal() {
        let text = "\u{feff}a: \u{1b}[31mred \u{202e} \u{9b}x \u{200b}y\n";
        let problem = Problem::error(ProblemCode::UnknownWord, 3..4, "bad \u{1b}[2J").help("\u{7}");
        let drawn = render("pl\u{1b}an", text, &[problem], false, 100);
        assert!(drawn.chars().all(|c| c == '\n' || !steers(c)), "{drawn:?}");
    }

    #[test]
    fn credentials_are_masked() {
        let text = "source: { url: 'http://u:hunter2@h', http_config: { bearer_token: tok3n } }\n";
        let problem = Problem::error(ProblemCode::BadUrl, 0..6, "no");
        let drawn = render("p", text, &[problem], false, 200);
        assert!(
            !drawn.contains("hunter2") && !drawn.contains("tok3n"),
            "{drawn}"
        );
    }

    #[test]
    fn places_outside_the_text_do_no_harm() {
        let problem = Problem::error(ProblemCode::BadUrl, 50..90, "no").related(200..201, "x");
        assert!(render("p", "a: é\n", &[problem], true, 10).contains("no"));
    }
}
