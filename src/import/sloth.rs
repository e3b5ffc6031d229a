//! Sloth: objectives in its own files and in its custom resource. Must not write a plan's text.

use serde_yaml::Value;

use super::arguments::plain;
use super::documents::Document;
use super::draft::Draft;
use super::fields::{at, list, text};
use super::objective::{self, Objective, PERIOD, rest_of};
use super::server::{UNKNOWN_SERVER, server};
use crate::plan::ForeignKind;

/// Where Sloth fills in the length that a query looks back.
const WINDOW: &str = "{{.window}}";
/// Over how long a ratio that comes ready is asked.
const RATIO_RANGE: &str = "5m";

/// Adds what these documents ask to a draft.
pub(super) fn add(documents: &[Document], draft: &mut Draft) {
    for document in documents {
        let body = match document.kind {
            ForeignKind::Sloth => Some(&document.body),
            ForeignKind::PrometheusServiceLevel => at(&document.body, &["spec"]),
            ForeignKind::AnalysisTemplate
            | ForeignKind::ClusterAnalysisTemplate
            | ForeignKind::AnalysisRun
            | ForeignKind::Rollout
            | ForeignKind::Canary
            | ForeignKind::MetricTemplate
            | ForeignKind::OpenSlo => None,
        };
        let Some(body) = body else { continue };
        draft.release = text(body, &["service"]).unwrap_or_else(|| document.name.clone());
        for slo in list(body, &["slos"]) {
            let name = text(slo, &["name"]).unwrap_or_else(|| "unnamed".to_owned());
            if let Err(why) = one(&name, slo, draft) {
                draft.remarks.leave_out(format!("`{name}`: {why}"));
            }
        }
    }
}

/// One of several spellings: of the file, and of the custom resource.
fn either(value: &Value, path: &[&str], [own, resource]: [&str; 2]) -> Option<String> {
    let spelt = |last| text(value, &[path, &[last]].concat());
    spelt(own).or_else(|| spelt(resource))
}

fn one(name: &str, slo: &Value, draft: &mut Draft) -> Result<(), String> {
    let percent = text(slo, &["objective"]).ok_or("it has no `objective`")?;
    let rest = rest_of(&percent)
        .ok_or_else(|| format!("`objective: {percent}` leaves no error budget"))?;
    let title = text(slo, &["description"]);
    if at(slo, &["sli", "plugin"]).is_some() {
        return Err("`plugin`: its queries are made by Sloth; write them as `events`".to_owned());
    }
    let events = ["sli", "events"];
    let errors = either(slo, &events, ["error_query", "errorQuery"]);
    let total = either(slo, &events, ["total_query", "totalQuery"]);
    let unknown = |draft: &mut Draft| {
        draft
            .remarks
            .note(format!("the address of the server: {UNKNOWN_SERVER}"));
        server(None, false, &mut draft.remarks)
    };
    if let (Some(errors), Some(total)) = (errors, total) {
        let pages = !is_switched_off(slo, ["page_alert", "pageAlert"]);
        let server = unknown(draft);
        let tickets = !is_switched_off(slo, ["ticket_alert", "ticketAlert"]);
        if tickets {
            draft.remarks.note(format!("`ticket_alert` of `{name}`: it looks back for days, longer than a stage lasts, and stays with Sloth"));
        }
        objective::add(
            Objective {
                name: name.to_owned(),
                title,
                counted: "errors",
                part: filled(&errors, "$step"),
                total: filled(&total, "$step"),
                percent: format!("{percent}%"),
                period: PERIOD,
                server,
                pages,
            },
            draft,
        );
        return Ok(());
    }
    let ratio = either(
        slo,
        &["sli", "raw"],
        ["error_ratio_query", "errorRatioQuery"],
    );
    let ratio = ratio.ok_or("it has neither `events` nor `raw`")?;
    let from = unknown(draft);
    let source = draft.server(from);
    draft.remarks.note(format!(
        "`error_ratio_query` of `{name}`: a ratio that comes ready forgets how many events there were; here the mean of its points has to be within the objective, and nothing trips on its burning"
    ));
    let kpi = objective::value(
        name.to_owned(),
        title,
        filled(&ratio, RATIO_RANGE),
        source,
        Some("ratio"),
    );
    objective::add_value(kpi, format!("mean <= {rest}%"), draft);
    Ok(())
}

fn is_switched_off(slo: &Value, names: [&str; 2]) -> bool {
    let off = |name: &str| text(slo, &["alerting", name, "disable"]);
    names.into_iter().filter_map(off).any(|off| off == "true")
}

/// A query over a length; dollars of its own stay as they are.
fn filled(query: &str, length: &str) -> String {
    let mut bare = plain(query.trim());
    for spelt in [WINDOW, "{{ .window }}", "{{ .window}}", "{{.window }}"] {
        bare = bare.replace(spelt, length);
    }
    bare
}
