//! `probes`: an address answers as it should.
//!
//! Another answer is unmet; none within the timeout is unknown. Must not take no answer for a good one.

use serde_json::Value;

use crate::assessment::Code;
use crate::evaluate::context::PlacedCriterion;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::findings::{Access, Found, Inquiry, Response};
use crate::plan::criteria::{Ask, ProbeAsk};
use crate::plan::leads_to;

/// What has to be looked up.
pub(super) fn inquiry(ask: &ProbeAsk, placed: &PlacedCriterion<'_>) -> Inquiry {
    let all = placed.gate.criteria.iter();
    let before = all.take_while(|one| !std::ptr::eq(*one, placed.criterion));
    let before = before.filter(|one| one.ask.address().is_some());
    let mut pointers: Vec<String> = ask
        .json
        .iter()
        .map(|(pointer, _)| pointer.clone())
        .collect();
    pointers.sort();
    pointers.dedup();
    let mut headers: Vec<String> = ask.headers.iter().map(|(name, _)| name.clone()).collect();
    headers.sort();
    Inquiry::Probe {
        headers,
        gate: placed.gate_name(),
        number: before.count() + 1,
        url: ask.shown_url.clone(),
        pointers,
        access: Access {
            url: ask.url.clone(),
            http: ask.http.clone(),
            timeout: ask.timeout,
        },
    }
}

/// Judges one address.
pub(super) fn assess(
    ask: &ProbeAsk,
    placed: &PlacedCriterion<'_>,
    context: &CriterionContext<'_>,
) -> Ruling {
    let ruling = match context.found(&inquiry(ask, placed)) {
        Ok(Found::Response(response)) => judge(ask, response),
        Ok(Found::Rules(_) | Found::Alerts(_) | Found::File(_) | Found::Issues(_)) => Ruling::open(
            Code::ContentUnreadable,
            "what was found does not answer what was asked",
        ),
        Err(failure) => Ruling::failed(&failure),
    };
    ruling.requires(where_asked(ask, placed, context))
}

/// What is asked of the answer, and who was asked where the environment says that: the name is as the plan has it.
fn where_asked(
    ask: &ProbeAsk,
    placed: &PlacedCriterion<'_>,
    context: &CriterionContext<'_>,
) -> String {
    let before = placed.gate.criteria.iter();
    let before = before.take_while(|one| !std::ptr::eq(*one, placed.criterion));
    let before = before.filter(|one| matches!(one.ask, Ask::Probe(_)));
    let (gate, number) = (placed.gate_name(), before.count() + 1);
    match leads_to(context.rollout.addresses, &gate, number) {
        Some(led) => format!("{}; asked at {led}", required(ask)),
        None => required(ask),
    }
}

/// What the plan asks of the answer, in words.
fn required(ask: &ProbeAsk) -> String {
    let values = ask
        .json
        .iter()
        .map(|(pointer, value)| format!("{pointer} is {value}"));
    let headers = ask
        .headers
        .iter()
        .map(|(name, value)| format!("header {name} is {value}"));
    let status = format!("status {}", ask.status);
    std::iter::once(status)
        .chain(headers)
        .chain(values)
        .collect::<Vec<_>>()
        .join(", ")
}

fn judge(ask: &ProbeAsk, response: &Response) -> Ruling {
    let status = response.status;
    if status != ask.status {
        return Ruling::bad(Code::ProbeUnfit, format!("it answers with status {status}"));
    }
    if let Some(ruling) = ask
        .headers
        .iter()
        .find_map(|header| other_header(header, response))
    {
        return ruling;
    }
    for (pointer, wanted) in &ask.json {
        match response.values.get(pointer) {
            None => {
                let reason = format!("{pointer} was not looked for");
                return Ruling::open(Code::ContentUnreadable, reason);
            }
            Some(None) => {
                let reason = format!("there is no value at {pointer} of its answer");
                return Ruling::bad(Code::ContentUnfit, reason);
            }
            Some(Some(found)) if !is(found, wanted) => {
                return Ruling::bad(
                    Code::ContentUnfit,
                    format!("{pointer} is {}", shortened(found)),
                );
            }
            Some(Some(_)) => {}
        }
    }
    Ruling::good(format!("it answers: {}", required(ask)))
}

/// What is wrong with a header of the answer.
fn other_header((name, wanted): &(String, String), response: &Response) -> Option<Ruling> {
    match response.headers.get(name) {
        None => {
            let reason = format!("the header {name} was not looked for");
            Some(Ruling::open(Code::ContentUnreadable, reason))
        }
        Some(None) => {
            let reason = format!("its answer has no header {name}");
            Some(Ruling::bad(Code::ContentUnfit, reason))
        }
        Some(Some(found)) if found != wanted => {
            let reason = format!("its header {name} is {}", shortened(found));
            Some(Ruling::bad(Code::ContentUnfit, reason))
        }
        Some(Some(_)) => None,
    }
}

/// Whether a value is what the plan wants: the same JSON, or a string that reads the same.
fn is(found: &str, wanted: &str) -> bool {
    let Ok(found) = serde_json::from_str::<Value>(found) else {
        return false;
    };
    found.as_str() == Some(wanted)
        || serde_json::from_str(wanted).is_ok_and(|wanted: Value| wanted == found)
}

/// The beginning of a value, enough for a reader.
fn shortened(value: &str) -> String {
    const MOST: usize = 200;
    let mut short: String = value.chars().take(MOST).collect();
    if short.len() < value.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::context::Stand;
    use std::collections::BTreeMap;

    use crate::plan::HttpConfig;
    use crate::secret::Secret;
    use crate::units::Duration;

    fn stand(wanted: &str, status: u16, found: Option<&str>) -> Stand {
        let ask = ProbeAsk {
            url: Secret::default(),
            shown_url: "http://h/".into(),
            status: 200,
            json: vec![("/version".into(), wanted.into())],
            headers: Vec::new(),
            http: HttpConfig::default(),
            timeout: Duration::from_secs(10),
        };
        let values = [("/version".to_owned(), found.map(str::to_owned))];
        let response = Response {
            status,
            values: values.into(),
            headers: BTreeMap::new(),
        };
        judge(&ask, &response).stand
    }

    #[test]
    fn a_value_is_met_as_text_or_as_json() {
        for (wanted, found) in [
            ("v1.0.0", "\"v1.0.0\""),
            ("\"v1.0.0\"", "\"v1.0.0\""),
            ("3", "3"),
            ("3", "\"3\""),
            ("true", "true"),
            ("null", "null"),
            ("[1, 2]", "[1,2]"),
        ] {
            assert_eq!(
                stand(wanted, 200, Some(found)),
                Stand::Good,
                "{wanted} {found}"
            );
        }
    }

    #[test]
    fn any_other_answer_is_unmet() {
        for (status, found) in [
            (503, Some("\"v1\"")),
            (302, Some("\"v1\"")),
            (200, Some("\"v2\"")),
            (200, Some("\"v1 \"")),
            (200, Some("null")),
            (200, None),
        ] {
            assert_eq!(stand("v1", status, found), Stand::Bad, "{status} {found:?}");
        }
    }
}
