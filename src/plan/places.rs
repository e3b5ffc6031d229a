//! Where a plan asks, for comparing (T11): its sources, Alertmanagers and probes, and the plain headers that they are sent, each as
//! `NAME=ADDRESS`. Must not show what the environment holds, except where a source is: only a short digest of it.

use super::criteria::{AlertsSource, Ask};
use super::environment::{fill, has_placeholder};
use super::{Environment, Gate, HttpConfig, Plan, Stage};
use crate::digest::sha256_hex;
use crate::kind::GateName;
use crate::secret::address::without_user_info;

/// What a place that only one gate asks is named by: `probe 1 of pilot/entry`.
const OF: &str = " of ";

/// Every place where the plan asks, with `${NAME}` as the environment has it.
#[must_use]
pub fn places(plan: &Plan, environment: &Environment<'_>) -> Vec<String> {
    let mut places = Vec::new();
    for source in &plan.sources {
        places.push(source.at(environment));
        places.extend(headers(&source.http, &source.name, environment));
    }
    for stage in &plan.stages {
        for gate in &stage.gates {
            places.extend(of_gate(stage, gate, environment));
        }
    }
    places
}

/// The gate that alone asks at such a place; `None` for a source of the plan.
#[must_use]
pub fn gate_of(place: &str) -> Option<GateName> {
    let (name, _) = place.split_once('=')?;
    let (_, gate) = name.rsplit_once(OF)?;
    gate.parse().ok()
}

/// The places among these that are asked where certain sources and gates are.
#[must_use]
pub fn asked(places: &[String], sources: &[&str], gates: &[GateName]) -> Vec<String> {
    let is_asked = |place: &&String| {
        let name = place.split_once('=').map_or("", |(name, _)| name);
        let source = name.rsplit_once(OF).map_or(name, |(_, source)| source);
        match gate_of(place) {
            Some(gate) => gates.contains(&gate),
            None => sources.contains(&name) || sources.contains(&source),
        }
    };
    places.iter().filter(is_asked).cloned().collect()
}

fn of_gate(stage: &Stage, gate: &Gate, environment: &Environment<'_>) -> Vec<String> {
    let (gate_name, mut probes, mut places) = (gate.kind.of(&stage.name), 0, Vec::new());
    for criterion in &gate.criteria {
        let (name, address, http) = match &criterion.ask {
            Ask::Probe(probe) => {
                probes += 1;
                let name = format!("probe {probes}{OF}{gate_name}");
                (name, &probe.shown_url, &probe.http)
            }
            Ask::Alerts(alerts) => match &alerts.source {
                AlertsSource::Source(_) => continue,
                AlertsSource::Alertmanager(manager) => {
                    let name = format!("Alertmanager ({}){OF}{gate_name}", criterion.list);
                    (name, &manager.shown_url, &manager.http)
                }
            },
            Ask::Kpi(_)
            | Ask::Deadline(_)
            | Ask::Checklist { .. }
            | Ask::Confirmation(_)
            | Ask::Approval { .. }
            | Ask::Checkpoint(_)
            | Ask::Incidents(_)
            | Ask::Artifact(_)
            | Ask::Outside(_) => continue,
        };
        places.push(format!("{name}={}", address_of(address, environment)));
        places.extend(headers(http, &name, environment));
    }
    places
}

/// As written; what the environment makes of it may hold a secret, and is told apart by a digest.
fn address_of(written: &str, environment: &Environment<'_>) -> String {
    if !has_placeholder(written) {
        return written.to_owned();
    }
    match fill(written, environment) {
        Ok(filled) => format!("{written} ({})", digest(&without_user_info(&filled))),
        Err(_) => written.to_owned(),
    }
}

/// The headers that are no secrets, each once, by the digests of their values.
fn headers(http: &HttpConfig, of: &str, environment: &Environment<'_>) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for (name, _) in &http.plain_headers {
        let same = http.plain_headers.iter().filter(|(other, _)| other == name);
        let values: Result<Vec<String>, _> = same
            .map(|(_, written)| fill(written, environment))
            .collect();
        let value = match values {
            Ok(values) => digest(&values.join("\n")),
            Err(_) => "${…}".to_owned(),
        };
        let place = format!("header {name}{OF}{of}={value}");
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Enough to tell values apart.
fn digest(value: &str) -> String {
    let whole = sha256_hex(&[value]);
    format!("sha256 {}", whole.get(..12).unwrap_or(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Options, load};

    const PLAN: &str = "
release: r
source:
  url: 'http://127.0.0.1:9090'
  http_config: { http_headers: { X-Scope-OrgID: { values: ['${TENANT}'], secrets: [hush] } } }
kpis: { err: { query: x } }
stages:
  - name: pilot
    window: 5m
    entry: { probes: ['http://${HOST}/up?token=hush', 'http://127.0.0.1/down'] }
    stop: { alerts: { firing: ['{severity=\"page\"}'], source: { alertmanager: 'http://u:${PW}@${HOST}:9093' } } }
    exit: { kpis: { err: '< 1' } }
";

    fn places_with(tenant: &'static str, host: Option<&'static str>) -> Vec<String> {
        let loaded = load(PLAN.as_bytes(), &Options::default());
        let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:#?}"));
        let environment = |name: &str| match name {
            "TENANT" => Some(tenant.to_owned()),
            "PW" => Some("hush".to_owned()),
            "HOST" => host.map(str::to_owned),
            _ => None,
        };
        places(&loaded.plan, &environment)
    }

    #[test]
    fn t11_what_the_environment_leads_to_is_told_apart_and_never_shown() {
        let staging = places_with("staging", Some("staging.example.com"));
        let names: Vec<&str> = staging
            .iter()
            .filter_map(|one| one.split('=').next())
            .collect();
        assert_eq!(
            names,
            [
                "default",
                "header X-Scope-OrgID of default",
                "probe 1 of pilot/entry",
                "probe 2 of pilot/entry",
                "Alertmanager (stop) of pilot/exit",
            ]
        );
        let shown = staging.join(" ");
        assert!(
            !shown.contains("hush") && !shown.contains("staging"),
            "{shown}"
        );
        let prod = places_with("prod", Some("staging.example.com"));
        let differing = || {
            staging
                .iter()
                .zip(&prod)
                .filter(|(one, other)| one != other)
        };
        assert_eq!(differing().count(), 1);
        let elsewhere = places_with("staging", Some("example.com"));
        let differing = staging
            .iter()
            .zip(&elsewhere)
            .filter(|(one, other)| one != other);
        assert_eq!(differing.count(), 2, "{elsewhere:?}");
        let unset = places_with("staging", None);
        assert!(unset[2].ends_with("=http://${HOST}/up"), "{unset:?}");
    }

    #[test]
    fn t11_a_check_asks_at_its_own_places() {
        let all = places_with("a", Some("b"));
        let entry = GateName::try_from("pilot/entry".to_owned()).expect("a gate");
        let own = asked(&all, &[], &[entry]);
        assert_eq!(own, all[2..4]);
        assert_eq!(asked(&all, &["default"], &[]), all[..2]);
        assert_eq!(gate_of(&all[0]), None);
    }
}
