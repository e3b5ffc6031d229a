//! What a code means, and the list of codes, as a terminal shows them. Must not write of a code what its page does not say.

use super::Style;
use super::page::{Cell, Page};
use crate::codes::{Example, Explanation, without_links};

/// What is said of one code.
#[must_use]
pub fn explained(code: &Explanation, style: &Style) -> String {
    let mut page = Page::new(style);
    page.line(0, Cell::heading(code.code));
    page.line(2, Cell::plain(code.group));
    page.blank();
    page.line(0, Cell::plain(&without_links(&paragraph(code.meaning))));
    page.blank();
    let mut text = match code.example {
        Example::Words(words) => {
            page.line(
                0,
                Cell::plain(&format!("Example: {}", without_links(words))),
            );
            page.blank();
            page.finish()
        }
        // What is copied is not wrapped.
        Example::Keys(yaml) | Example::File(yaml) => {
            page.line(0, Cell::plain("Example:"));
            page.blank();
            let lines = yaml.lines().map(|line| format!("    {line}\n"));
            page.finish() + &lines.collect::<String>() + "\n"
        }
    };
    let mut page = Page::new(style);
    page.line(
        0,
        Cell::plain(&format!("Cure: {}", without_links(&paragraph(code.cure)))),
    );
    text.push_str(&page.finish());
    text
}

/// All codes by group, each with its first sentence.
#[must_use]
pub fn listed(codes: &[Explanation], style: &Style) -> String {
    let mut page = Page::new(style);
    let mut group = "";
    let width = codes.iter().map(|one| one.code.len()).max().unwrap_or(0);
    for code in codes {
        if code.group != group {
            group = code.group;
            page.blank();
            page.line(0, Cell::heading(&group.replace('`', "")));
        }
        let short = without_links(&paragraph(code.in_short()));
        page.labelled(2, &[(width, Cell::plain(code.code))], Cell::plain(&short));
    }
    page.blank();
    page.line(
        0,
        Cell::plain("next: gate explain CODE shows an example and the cure"),
    );
    page.finish()
}

/// Lines of a paragraph as one.
fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
