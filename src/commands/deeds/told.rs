//! What a command says when it has recorded something. Must not decide or record.

use super::context::Decision;
use crate::commands::diagnostics::shown;
use crate::ledger::{Entry, IdentitySource};
use crate::output::Appended;
use crate::rollout::History;

/// What was recorded, by whom; what it means; what comes next. Wrapped to so many columns, if it is for a terminal.
pub fn told(entries: &[Entry], decision: Option<&Decision>, columns: Option<usize>) -> String {
    let numbers: Vec<String> = (entries.iter())
        .map(|entry| format!("#{}", entry.number))
        .collect();
    let by = entries.first().map(|entry| &entry.by);
    let by = by.map_or_else(String::new, |by| {
        format!(" by {} ({})", by.called(), known(by.identity_source))
    });
    let done = decision.map_or("", |decision| &decision.done);
    let mut lines = vec![format!("recorded {}{by}: {done}", numbers.join(", "))];
    if let Some(decision) = decision {
        lines.extend(decision.means.iter().map(|line| format!("  {line}")));
        let next = decision.next.iter();
        lines.extend(next.map(|next| format!("  next: {next}")));
    }
    lines
        .iter()
        .map(|line| shown(line, columns) + "\n")
        .collect::<String>()
}

/// That what was recorded is dated before what was recorded before it; empty if it is not.
pub fn backwards(appended: &Appended, columns: Option<usize>) -> String {
    let added = appended.entries().first().map(|entry| entry.number);
    let history = History::of(Some(appended.chain.ledger()));
    let found = history
        .backwards()
        .filter(|one| Some(one.entry.number) == added);
    found
        .map(|one| format!("  note: {one}: one of the clocks is wrong"))
        .map(|note| shown(&note, columns) + "\n")
        .collect()
}

/// How the name was found, for people.
fn known(by: IdentitySource) -> &'static str {
    match by {
        IdentitySource::Given => "given",
        IdentitySource::Git => "git",
        IdentitySource::Ci => "CI",
        IdentitySource::Login => "login",
    }
}
