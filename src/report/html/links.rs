//! Where a KPI is looked at and what to do about it, one click away. Must not change where an address leads, but for the times
//! that a dashboard shows.

use maud::{Markup, html};
use url::Url;

use super::facts::link_as;
use crate::assessment::KpiAssessment;
use crate::plan::Kpi;

/// The dashboard as of the judged span, the runbook, and who is responsible.
pub(super) fn links(asked: &Kpi, judged: &KpiAssessment) -> Markup {
    let details = &asked.details;
    let dashboard = details.dashboard.as_ref();
    let dashboard = dashboard.map(|address| as_of(address, judged));
    html! {
        @if let Some(text) = &details.description { p.title { (text) } }
        @if dashboard.is_some() || details.runbook.is_some() || details.owner.is_some() {
            p.links {
                @if let Some(address) = &dashboard { (link_as("Dashboard", address)) " " }
                @if let Some(address) = &details.runbook { (link_as("Runbook", address)) " " }
                @if let Some(owner) = &details.owner { span { "Owner: " (owner) } }
            }
        }
    }
}

/// With `from` and `to` in milliseconds, as Grafana takes them, unless the address has times of its own.
fn as_of(address: &str, judged: &KpiAssessment) -> String {
    let Some(mut url) = Url::parse(address).ok().filter(Url::has_host) else {
        return address.to_owned();
    };
    let has_times = url
        .query_pairs()
        .any(|(name, _)| name == "from" || name == "to");
    if has_times {
        return address.to_owned();
    }
    let [from, to] = [judged.start, judged.end].map(|at| at.millis().to_string());
    url.query_pairs_mut()
        .append_pair("from", &from)
        .append_pair("to", &to);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn l17_a_dashboard_shows_the_judged_span() {
        let evidence = scenarios::go();
        let kpi = evidence.gates[0].criteria[0].kpi.clone().expect("a KPI");
        let (from, to) = (kpi.start.millis(), kpi.end.millis());
        for (address, shown) in [
            (
                "https://g.example/d/x",
                format!("https://g.example/d/x?from={from}&to={to}"),
            ),
            (
                "https://g.example/d/x?var=a#p",
                format!("https://g.example/d/x?var=a&from={from}&to={to}#p"),
            ),
            (
                "https://g.example/d/x?from=now-1h",
                "https://g.example/d/x?from=now-1h".to_owned(),
            ),
            ("javascript:alert(1)", "javascript:alert(1)".to_owned()),
            ("docs/board.md", "docs/board.md".to_owned()),
        ] {
            assert_eq!(as_of(address, &kpi), shown);
        }
    }
}
