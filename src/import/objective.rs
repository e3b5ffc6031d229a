//! A service level objective as a plan asks about it, whichever tool it comes from. Must not read any tool's file.

use super::draft::{Asked, Draft, DraftAsk, DraftKpi, DraftStage, Server};
use crate::units::{Decimal, Duration};

/// The stage in which objectives are judged.
const STAGE: &str = "release";
const HOUR: i64 = 3_600_000;
const STEP: Duration = Duration::from_secs(60);
/// As long as the slower of the two alerts that page looks back.
const WINDOW: Duration = Duration::from_secs(6 * 3600);
/// For how long an objective is, where nothing says it.
pub(super) const PERIOD: Duration = Duration::from_secs(30 * 86_400);

/// An objective on events.
pub(super) struct Objective {
    pub name: String,
    pub title: Option<String>,
    /// `errors` or `good`.
    pub counted: &'static str,
    pub part: String,
    pub total: String,
    /// In percent, as written.
    pub percent: String,
    pub period: Duration,
    pub server: Server,
    /// Whether the error budget's burning trips a stop.
    pub pages: bool,
}

/// Changes the stage in which objectives are judged, which is added if there is none.
fn judged_in(draft: &mut Draft, change: impl Fn(&mut DraftStage)) {
    draft.remarks.note(format!(
        "an objective is for its whole period: here each window of {WINDOW} has to keep it, from the start of the stage on"
    ));
    let is_it = |stage: &DraftStage| stage.name == STAGE;
    if !draft.stages.iter().any(is_it) {
        draft.stages.push(DraftStage {
            name: STAGE.to_owned(),
            window: Some(WINDOW),
            ..DraftStage::default()
        });
    }
    let own = draft.stages.iter_mut().filter(|stage| is_it(stage));
    own.for_each(change);
}

/// Adds an objective on events: a ratio that has to stay within its error budget.
pub(super) fn add(objective: Objective, draft: &mut Draft) {
    let Objective {
        name,
        title,
        counted,
        part,
        total,
        percent,
        period,
        server,
        pages,
    } = objective;
    let kpi = DraftKpi {
        name,
        title,
        asked: Asked::Ratio {
            counted,
            part,
            total,
            objective: Some((percent, period)),
        },
        unit: None,
        step: Some(STEP),
        source: draft.server(server),
        guard: None,
    };
    let kpi = draft.add(kpi, "objective");
    let ask = |condition: String| DraftAsk {
        kpi: kpi.clone(),
        condition,
    };
    judged_in(draft, |stage| {
        if pages {
            // 2% of the budget in an hour, 5% in six.
            let fast = hundredths(2 * period.millis() / HOUR);
            let slow = hundredths(5 * period.millis() / HOUR / 6);
            stage.stop.push(ask(format!("> {fast}x over 1h and 5m")));
            stage.stop.push(ask(format!("> {slow}x over 6h and 30m")));
        }
        stage.exit.push(ask("overall <= 1x".to_owned()));
    });
}

/// Adds an objective on a value at each point.
pub(super) fn add_value(kpi: DraftKpi, condition: String, draft: &mut Draft) {
    let kpi = draft.add(kpi, "objective");
    let ask = DraftAsk { kpi, condition };
    judged_in(draft, |stage| stage.exit.push(ask.clone()));
}

/// A KPI of one query.
pub(super) fn value(
    name: String,
    title: Option<String>,
    query: String,
    source: usize,
    unit: Option<&'static str>,
) -> DraftKpi {
    DraftKpi {
        name,
        title,
        asked: Asked::One(query),
        unit,
        step: Some(STEP),
        source,
        guard: None,
    }
}

/// So many hundredths as a number.
fn hundredths(count: i64) -> String {
    let text = format!("{}.{:02}", count / 100, count % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A share of one in percent: `0.999` is `99.9`.
pub(super) fn percent_of(share: &str) -> Option<String> {
    let percent = Decimal::parse(share).ok()?.scaled(1, 1, 2);
    (percent > 0.0 && percent < 100.0).then(|| percent.to_string())
}

/// What an objective in percent leaves for errors, in percent.
pub(super) fn rest_of(percent: &str) -> Option<String> {
    let (whole, fraction) = percent.split_once('.').unwrap_or((percent, ""));
    let digits = u32::try_from(fraction.len()).ok()?;
    let scale = 10_i64.checked_pow(digits)?;
    let written: i64 = format!("{whole}{fraction}").parse().ok()?;
    let rest = scale.checked_mul(100)?.checked_sub(written)?;
    let (one, part) = (rest / scale, rest % scale);
    let width = fraction.len();
    let text = if width == 0 {
        one.to_string()
    } else {
        format!("{one}.{part:0width$}")
    };
    (rest > 0).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_objective_leaves_is_exact() {
        for (percent, rest) in [
            ("99.9", Some("0.1")),
            ("99", Some("1")),
            ("95.25", Some("4.75")),
            ("100", None),
            ("x", None),
        ] {
            assert_eq!(rest_of(percent).as_deref(), rest, "{percent}");
        }
        assert_eq!(percent_of("0.999").as_deref(), Some("99.9"));
        assert_eq!(percent_of("1"), None);
        assert_eq!(hundredths(1440), "14.4");
        assert_eq!(hundredths(600), "6");
    }
}
