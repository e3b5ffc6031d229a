//! Alerts in an Alertmanager: which of them count, and whether it receives what fires.
//!
//! It knows only what fires when it is asked. Must not take one that receives nothing for one without alerts.

use super::{Times, able, conclude, fires, found, names, rules, shown, unfit};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::evaluate::context::{CriterionContext, PlacedCriterion, Ruling};
use crate::findings::{Access, Alert, Found, Inquiry, Rule};
use crate::kind::List;
use crate::plan::criteria::{AlertmanagerAsk, AlertsAsk};

/// What has to be looked up. With its own settings, a list may see what others do not: another tenant's alerts.
pub(super) fn inquiry(manager: &AlertmanagerAsk, placed: &PlacedCriterion<'_>) -> Inquiry {
    let own = manager.own_settings;
    Inquiry::Alerts {
        gate: own.then(|| placed.gate_name()),
        stop: own && placed.list() == List::Stop,
        access: Access {
            url: manager.url.clone(),
            http: manager.http.clone(),
            ..Access::default()
        },
        alertmanager: manager.shown_url.clone(),
    }
}

/// Judges what an Alertmanager holds.
pub(super) fn assess(
    ask: &AlertsAsk,
    manager: &AlertmanagerAsk,
    placed: &PlacedCriterion<'_>,
    context: &CriterionContext<'_>,
) -> Result<Ruling, Undecided> {
    let inquiry = inquiry(manager, placed);
    // An Alertmanager is not asked over a span, but the criterion still depends on whether there is one yet.
    Times::new(placed)?;
    let Found::Alerts(alerts) = found(context, &inquiry)? else {
        return Err(unfit());
    };
    let named = alerts.iter().filter(|alert| names(ask, &alert.labels));
    let (counted, silenced): (Vec<&Alert>, Vec<&Alert>) =
        named.partition(|alert| !alert.suppressed || ask.silenced != Some(false));
    if !counted.is_empty() {
        let said: Vec<String> = counted.iter().map(|alert| held(alert)).collect();
        return Ok(fires(&said));
    }
    let mut shown = shown(ask, context)?;
    if shown.after {
        let at = context.moment.at;
        let reason = format!(
            "an Alertmanager only knows what fires when it is asked, and that was after {at}"
        );
        return Err(Undecided::new(Code::NoData, reason));
    }
    received(ask, rules(ask, context)?, alerts)?;
    shown
        .notes
        .push("as of when the Alertmanager was asked: it keeps no history".to_owned());
    let silenced_note =
        |alert: &&Alert| format!("not counted, silenced or inhibited: {}", held(alert));
    shown.notes.extend(silenced.iter().map(silenced_note));
    let reason = format!("nothing fires, {}", able(&shown));
    conclude(placed, reason, shown)
}

fn held(alert: &Alert) -> String {
    let since = alert
        .since
        .map_or(String::new(), |since| format!(" since {since}"));
    let suppressed = if alert.suppressed {
        ", silenced or inhibited"
    } else {
        ""
    };
    format!("{} fires{since}{suppressed}", alert.labels)
}

/// What the rules raise must have reached the Alertmanager: otherwise the line between them may be cut.
fn received(ask: &AlertsAsk, rules: &[Rule], alerts: &[Alert]) -> Result<(), Undecided> {
    for rule in rules {
        for labels in rule.firing.iter().filter(|labels| names(ask, labels)) {
            let mut names = alerts.iter().map(|alert| alert.labels.get("alertname"));
            if !names.any(|name| name == Some(&rule.name)) {
                let reason =
                    format!("{labels} fires at the source, but the Alertmanager does not have it");
                return Err(Undecided::new(Code::AlertRuleBroken, reason));
            }
        }
    }
    Ok(())
}
