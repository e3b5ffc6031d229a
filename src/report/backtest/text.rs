//! A backtest for a terminal. Must not print text from outside unescaped: `Page` does not let it.

use super::strip::{Day, days, weekday};
use super::words;
use crate::backtest::{Backtest, Counted, CriterionTried, Period, StopCount, Tried};
use crate::kind::List;
use crate::report::Style;
use crate::report::page::{Cell, GAP, Page};
use crate::verdict::Verdict;

/// All of it, with a final newline.
#[must_use]
pub fn text(whole: &Backtest, style: &Style) -> String {
    let mut page = Page::new(style);
    for (tried, counted) in &whole.gates {
        page.blank();
        gate(&mut page, whole, tried, counted);
    }
    releases(&mut page, whole);
    page.blank();
    remarks(&mut page, whole);
    page.finish()
}

fn gate(page: &mut Page, whole: &Backtest, tried: &Tried, counted: &Counted) {
    let (from, to) = whole.span;
    let title = format!(
        "backtest of {}, {}: {} to {}, {}, {} quiet",
        whole.release,
        words::gate(whole, tried),
        words::day(from),
        words::day(to),
        words::trials(whole, tried.outcomes.len()),
        words::days(counted.quiet_time),
    );
    page.line(0, Cell::heading(&title));
    if let Some(said) = words::late_samples(whole) {
        page.line(0, Cell::warning(&said));
    }
    page.blank();
    outcomes(page, tried, counted);
    if let Some(said) = words::after(whole, counted) {
        page.line(2, Cell::plain(&said));
    }
    stops(page, tried, counted);
    strip(page, tried, counted);
    incidents(page, whole, tried, counted);
    for said in words::left(tried) {
        page.blank();
        page.line(2, Cell::plain(&said));
    }
}

fn outcomes(page: &mut Page, tried: &Tried, counted: &Counted) {
    const WIDTHS: [usize; 4] = [8, 6, 6, 16];
    let row = |page: &mut Page, cells: [Cell; 4]| {
        let columns: Vec<(usize, Cell)> = WIDTHS.into_iter().zip(cells).collect();
        page.row(2, &columns);
    };
    let heading = ["outcome", "all", "quiet", "with an incident"];
    row(page, heading.map(Cell::heading));
    for count in &counted.outcomes {
        let number = |number: usize| Cell::plain(&number.to_string());
        let cells = [
            Cell::verdict(count.verdict),
            number(count.all),
            number(count.quiet),
            number(count.incident),
        ];
        row(page, cells);
    }
    let unknown = words::unknown(tried);
    if counted.count(Verdict::Hold).all > 0 || !unknown.is_empty() {
        page.blank();
    }
    for said in unknown {
        page.line(2, Cell::plain(&said));
    }
    let quiet = counted.number(Period::Quiet);
    let no_go = counted.count(Verdict::NoGo).quiet;
    if no_go > 0 {
        let percent = percent(no_go, quiet);
        let said = format!("false NO-GO: {no_go} of {quiet} quiet ones ({percent})");
        page.blank();
        page.line(2, Cell::plain(&said));
        for failing in tried
            .criteria
            .iter()
            .filter(|one| one.list == List::Exit || one.list == List::Entry)
        {
            let count = failing.failing(&counted.periods);
            if count > 0 {
                let said = format!("{}: {count}", words::criterion(failing));
                page.line(4, Cell::plain(&said));
            }
        }
    }
}

/// A share, in words.
#[expect(clippy::cast_precision_loss, reason = "counts of releases")]
pub(super) fn percent(part: usize, of: usize) -> String {
    if of == 0 {
        return "-".to_owned();
    }
    format!(
        "{}%",
        crate::units::show_number(part as f64 / of as f64 * 100.0, 2)
    )
}

/// The columns of a stop.
const HEADINGS: [&str; 6] = [
    "stop",
    "false a week",
    "caught",
    "in",
    "closest call",
    "only it",
];

fn stops(page: &mut Page, tried: &Tried, counted: &Counted) {
    if counted.stops.is_empty() {
        return;
    }
    page.blank();
    let rows: Vec<[String; 6]> = (counted.stops.iter())
        .filter_map(|stop| Some(stop_row(tried.criteria.get(stop.criterion)?, stop, counted)))
        .chain((counted.stops.len() > 1).then(|| all_row(counted)))
        .collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(crate::report::escape(cell).chars().count());
        }
    }
    let taken: usize = widths.iter().sum::<usize>() + GAP * (widths.len() - 1) + 2;
    if let Some(first) = widths.first_mut() {
        let over = taken.saturating_sub(page.width());
        *first = first.saturating_sub(over).max(16);
    }
    let columns = |cells: Vec<Cell>| widths.into_iter().zip(cells).collect::<Vec<_>>();
    page.row(2, &columns(HEADINGS.map(Cell::heading).to_vec()));
    for row in &rows {
        page.row(
            2,
            &columns(row.iter().map(|cell| Cell::plain(cell)).collect()),
        );
    }
}

fn stop_row(criterion: &CriterionTried, stop: &StopCount, counted: &Counted) -> [String; 6] {
    let closest = stop.closest.map_or_else(
        || "-".to_owned(),
        |closest| words::closest(criterion, closest.value, closest.limit.0),
    );
    [
        words::criterion(criterion),
        words::rate(counted, stop.false_stops),
        words::caught(&stop.caught),
        words::detection(&stop.caught),
        closest,
        stop.only.to_string(),
    ]
}

fn all_row(counted: &Counted) -> [String; 6] {
    [
        "all together".to_owned(),
        words::rate(counted, counted.false_stops),
        words::caught(&counted.caught),
        words::detection(&counted.caught),
        String::new(),
        String::new(),
    ]
}

fn strip(page: &mut Page, tried: &Tried, counted: &Counted) {
    page.blank();
    // Six hours are twelve columns.
    let hours = [0, 6, 12, 18].map(|hour| (12 - GAP, Cell::plain(&format!("{hour:02}"))));
    let mut columns = vec![(14, Cell::heading("by start (UTC)"))];
    columns.extend(hours);
    page.row(2, &columns);
    let mut good: Vec<Day> = Vec::new();
    for day in days(tried, counted) {
        if day.incidents.is_empty() && is_good(&day) {
            good.push(day);
            continue;
        }
        good_days(page, &mut good);
        show_day(page, &day);
    }
    good_days(page, &mut good);
    page.line(
        2,
        Cell::plain(". GO, S STOP, N NO-GO, H HOLD, - nothing began"),
    );
}

fn is_good(day: &Day) -> bool {
    day.hours
        .iter()
        .flatten()
        .all(|verdict| *verdict == Verdict::Go)
}

/// Days without anything to see, in one line from three on.
fn good_days(page: &mut Page, good: &mut Vec<Day>) {
    if good.len() < 3 {
        for day in good.drain(..) {
            show_day(page, &day);
        }
    }
    if let (Some(first), Some(last)) = (good.first(), good.last()) {
        let said = format!("{} days, all GO, to {}", good.len(), words::day(last.at));
        page.row(2, &[(14, label(first)), (48, Cell::plain(&said))]);
    }
    good.clear();
}

fn label(day: &Day) -> Cell {
    Cell::plain(&format!("{} {}", words::day(day.at), weekday(day.at)))
}

fn show_day(page: &mut Page, day: &Day) {
    let mut signs = String::new();
    for hour in &day.hours {
        signs.push(hour.map_or('-', words::sign));
        signs.push(' ');
    }
    page.row(2, &[(14, label(day)), (48, Cell::plain(signs.trim_end()))]);
    for incident in &day.incidents {
        let shown =
            |at: crate::units::Instant| at.to_string().get(11..16).unwrap_or_default().to_owned();
        let said = format!(
            "^ {} {}-{}",
            incident.name,
            shown(incident.start),
            shown(incident.end)
        );
        page.row(2, &[(14, Cell::plain("")), (48, Cell::plain(&said))]);
    }
}

fn incidents(page: &mut Page, whole: &Backtest, tried: &Tried, counted: &Counted) {
    page.blank();
    if let Some(said) = words::no_incidents(whole, tried, counted) {
        page.line(2, Cell::plain(&said));
        return;
    }
    page.line(
        2,
        Cell::plain("quiet by the list of incidents that was given:"),
    );
    for (incident, caught) in counted.incidents.all.iter().zip(&counted.caught) {
        let how = words::how(*caught);
        let said = format!(
            "{} {} to {}: {how}",
            incident.name, incident.start, incident.end
        );
        page.line(4, Cell::plain(&said));
    }
}

fn releases(page: &mut Page, whole: &Backtest) {
    let all = words::releases(whole);
    if all.is_empty() {
        return;
    }
    page.blank();
    page.line(0, Cell::heading("releases that were begun"));
    for (release, said) in all {
        page.line(2, Cell::plain(&format!("{release}: {said}")));
    }
}

/// What was not answered, notes, conditions.
pub(super) fn remarks(page: &mut Page, whole: &Backtest) {
    for remark in words::remarks(whole) {
        let cell = if remark.is_warning {
            Cell::warning(&remark.text)
        } else {
            Cell::plain(&remark.text)
        };
        page.line(0, cell);
    }
}
