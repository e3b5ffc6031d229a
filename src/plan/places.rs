//! Where a plan asks, and as whom, for comparing (T11): its sources, Alertmanagers and probes, and what decides which tenant answers
//! there: plain headers, user names, proxies, parameters. Each as `NAME=ADDRESS`. Must not show what the environment holds, except
//! where a source is, and the host of a probe or an Alertmanager: only a short digest of it, and none of what is named like a
//! credential (T14).

use url::Url;

use super::criteria::{AlertsSource, Ask};
use super::environment::{EnvironmentError, fill, has_placeholder};
use super::{
    Auth, AzureAd, AzureIdentity, Environment, Gate, HttpConfig, Param, Plan, SecretSource, Sigv4,
    Stage,
};
use crate::digest::sha256_hex;
use crate::kind::GateName;
use crate::secret::address::{user_name, without_user_info};
use crate::secret::prose::{is_credential_name, parameters};

/// What a place that only one gate asks is named by: `probe 1 of pilot/entry`.
const OF: &str = " of ";

/// Before the host that the environment leads to: `${API}/health at https://api.example.com (digest 0a1b2c3d4e5f)`.
const AT: &str = " at ";

/// A variable that the environment lacks, as `NAME`.
type Unset = String;

/// A place, and what is there; or the variable that says it, and is not set.
struct Place {
    name: String,
    /// As it is shown and compared.
    shown: Result<String, Unset>,
    /// What is shown where the environment lacks it.
    otherwise: String,
}

/// Every place where the plan asks, with `${NAME}` as the environment has it. What the environment lacks is as written.
#[must_use]
pub fn places(plan: &Plan, environment: &Environment<'_>) -> Vec<String> {
    let places = all(plan, environment).into_iter();
    let told = places.map(|place| {
        let shown = place.shown.unwrap_or(place.otherwise);
        format!("{}={shown}", place.name)
    });
    told.collect()
}

/// The first variable that the environment lacks of those that say where the plan's own sources are and who asks there, and the
/// place that it is needed for; `None` if it has them all.
#[must_use]
pub fn unset(plan: &Plan, environment: &Environment<'_>) -> Option<(String, Unset)> {
    let places = all(plan, environment).into_iter();
    let mut own = places.filter(|place| gate_named(&place.name).is_none());
    own.find_map(|place| Some((place.name, place.shown.err()?)))
}

fn all(plan: &Plan, environment: &Environment<'_>) -> Vec<Place> {
    let release = plan.release.id();
    let seen = Seen {
        release: &release,
        environment,
    };
    let mut places = Vec::new();
    for source in &plan.sources {
        places.push(seen.address(&source.name, &source.shown_url));
        let beside = seen.beside(&source.name, source.url.expose(), &source.http);
        places.extend(beside);
        places.extend(seen.params(&source.name, &source.params));
    }
    for stage in &plan.stages {
        for gate in &stage.gates {
            places.extend(of_gate(stage, gate, &seen));
        }
    }
    places
}

/// The gate that alone asks at such a place; `None` for a source of the plan.
#[must_use]
pub fn gate_of(place: &str) -> Option<GateName> {
    let (name, _) = place.split_once('=')?;
    gate_named(name)
}

fn gate_named(name: &str) -> Option<GateName> {
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

/// Where the environment leads a probe (its place among the probes of its gate, from 1), as scheme, host and port; `None` if the
/// plan itself says where.
#[must_use]
pub fn leads_to<'p>(places: &'p [String], gate: &GateName, probe: usize) -> Option<&'p str> {
    let name = probe_name(gate, probe);
    let named = |place: &'p String| place.strip_prefix(&name)?.strip_prefix('=');
    let (_, led) = places.iter().find_map(named)?.rsplit_once(AT)?;
    led.split(' ').next()
}

fn probe_name(gate: &GateName, probe: usize) -> String {
    format!("probe {probe}{OF}{gate}")
}

fn of_gate(stage: &Stage, gate: &Gate, seen: &Seen<'_>) -> Vec<Place> {
    let (gate_name, mut probes, mut places) = (gate.kind.of(&stage.name), 0, Vec::new());
    for criterion in &gate.criteria {
        let (name, shown, url, http) = match &criterion.ask {
            Ask::Probe(probe) => {
                probes += 1;
                let name = probe_name(&gate_name, probes);
                (name, &probe.shown_url, &probe.url, &probe.http)
            }
            Ask::Alerts(alerts) => match &alerts.source {
                AlertsSource::Source(_) => continue,
                AlertsSource::Alertmanager(manager) => {
                    let name = format!("Alertmanager ({}){OF}{gate_name}", criterion.list);
                    (name, &manager.shown_url, &manager.url, &manager.http)
                }
            },
            Ask::Kpi(_)
            | Ask::Deadline(_)
            | Ask::Checklist { .. }
            | Ask::Confirmation(_)
            | Ask::Approval(_)
            | Ask::Checkpoint(_)
            | Ask::Incidents(_)
            | Ask::Artifact(_)
            | Ask::Outside(_) => continue,
        };
        places.push(seen.hidden_address(&name, shown));
        places.extend(seen.beside(&name, url.expose(), http));
    }
    places
}

/// What is needed to tell what a plan says.
struct Seen<'a> {
    release: &'a str,
    environment: &'a Environment<'a>,
}

impl Seen<'_> {
    fn filled(&self, written: &str) -> Result<String, Unset> {
        fill(written, self.environment).map_err(|error| match error {
            EnvironmentError::Unset(name, _) => name,
            EnvironmentError::Malformed(_) => written.to_owned(),
        })
    }

    /// Of a source: free of user info, the environment filled in where it is not yet.
    fn address(&self, name: &str, written: &str) -> Place {
        let address = self.filled(written).map(|filled| shown(&filled));
        Place {
            name: name.to_owned(),
            shown: address,
            otherwise: shown(written),
        }
    }

    /// As written; what the environment makes of it may hold a secret, and is told apart by a digest. Only the host and port that
    /// it leads to are shown.
    fn hidden_address(&self, name: &str, written: &str) -> Place {
        let filled = self.filled(written);
        let shown = if has_placeholder(written) {
            filled.map(|filled| {
                let digest = self.digest(name, &without_user_info(&filled));
                let origin = origin(&filled).filter(|origin| !written.contains(origin));
                let led = origin.map_or_else(String::new, |origin| format!("{AT}{origin}"));
                format!("{written}{led} ({digest})")
            })
        } else {
            Ok(written.to_owned())
        };
        Place {
            name: name.to_owned(),
            shown,
            otherwise: written.to_owned(),
        }
    }

    /// What goes with the questions to an address and decides who answers: headers, the user's name, the proxy, parameters.
    fn beside(&self, of: &str, url: &str, http: &HttpConfig) -> Vec<Place> {
        let mut places = self.headers(http, of);
        places.extend(self.user(of, url, http));
        if let Some(proxy) = &http.proxy_url {
            let proxy = self.filled(proxy.expose());
            places.push(self.told_apart("proxy", of, proxy.map(|url| shown(&url))));
        }
        let query = self.filled(url).map(|url| parameters(&url));
        match query {
            Ok(None) => {}
            Ok(Some(query)) => places.push(self.told_apart("query", of, Ok(query))),
            // Only what is behind the `?` may be unset here: the address has a place of its own.
            Err(name) if url.contains('?') => places.push(self.told_apart("query", of, Err(name))),
            Err(_) => {}
        }
        places
    }

    /// The headers that are no secrets and are not named like one, each once, by the digests of their values.
    fn headers(&self, http: &HttpConfig, of: &str) -> Vec<Place> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in &http.plain_headers {
            if !names.contains(&name.as_str()) && !is_credential_name(name) {
                names.push(name);
            }
        }
        let header = |name: &str| {
            let same = http.plain_headers.iter().filter(|(other, _)| other == name);
            let values: Result<Vec<String>, _> =
                same.map(|(_, written)| self.filled(written)).collect();
            let value = values.map(|values| values.join("\n"));
            self.told_apart(&format!("header {name}"), of, value)
        };
        names.into_iter().map(header).collect()
    }

    /// Who asks, never the password. A user in a file is not looked at: it is read only once the source is asked.
    fn user(&self, of: &str, url: &str, http: &HttpConfig) -> Option<Place> {
        let name = match &http.auth {
            Some(Auth::Basic {
                username: SecretSource::Inline(name),
                ..
            }) => self.filled(name.expose()),
            Some(Auth::Sigv4(sigv4)) => self.filled(&signer(sigv4)),
            Some(Auth::AzureAd(azure)) => self.filled(&applicant(azure)),
            Some(
                Auth::Basic { .. } | Auth::Header { .. } | Auth::Oauth2(_) | Auth::GoogleIam(_),
            ) => return None,
            None => {
                // The password may be unset where only the name matters; what leads to both is known by its address.
                let written = user_name(url).map(|name| self.filled(&name));
                let filled = self.filled(url).ok();
                let filled = filled.and_then(|url| user_name(&url)).map(Ok);
                filled.or(written)?
            }
        };
        Some(self.told_apart("user", of, name))
    }

    /// What is sent with every question to a source.
    fn params(&self, of: &str, params: &[Param]) -> Vec<Place> {
        let plain = params.iter().filter_map(|param| match &param.value {
            SecretSource::Inline(value) if !is_credential_name(&param.name) => {
                Some((&param.name, value))
            }
            SecretSource::Inline(_) | SecretSource::File(_) => None,
        });
        let place = plain.map(|(name, value)| {
            let name = format!("parameter {}", name.replace('=', "%3D"));
            self.told_apart(&name, of, self.filled(value.expose()))
        });
        place.collect()
    }

    /// By a digest alone.
    fn told_apart(&self, what: &str, of: &str, value: Result<String, Unset>) -> Place {
        let name = format!("{what}{OF}{of}");
        let otherwise = value
            .as_ref()
            .map_or_else(|unset| format!("${{{unset}}}"), |_| String::new());
        Place {
            shown: value.map(|value| self.digest(&name, &value)),
            name,
            otherwise,
        }
    }

    /// Enough to tell values apart. It is that of a release and a place, so that no list of known digests has it.
    fn digest(&self, name: &str, value: &str) -> String {
        let whole = sha256_hex(&["gate place\n", self.release, "\n", name, "\n", value]);
        format!("digest {}", whole.get(..12).unwrap_or(&whole))
    }
}

/// Whose workspaces Amazon shows, as written.
fn signer(sigv4: &Sigv4) -> String {
    let role = sigv4.role.as_ref();
    let parts = [
        sigv4.region.as_deref(),
        Some(sigv4.service.as_str()),
        sigv4.keys.as_ref().map(|(id, _)| id.as_str()),
        sigv4.profile.as_deref(),
        role.map(|role| role.arn.as_str()),
        role.and_then(|role| role.external_id.as_deref()),
    ];
    parts.map(Option::unwrap_or_default).join("\n")
}

/// Who asks Microsoft for a token, and what for, as written.
fn applicant(azure: &AzureAd) -> String {
    let (tenant, client) = match &azure.identity {
        AzureIdentity::Secret {
            tenant_id,
            client_id,
            client_secret: _,
        } => (Some(tenant_id), Some(client_id)),
        AzureIdentity::Workload {
            tenant_id,
            client_id,
            token_file: _,
        } => (tenant_id.as_ref(), client_id.as_ref()),
        AzureIdentity::Managed { client_id } => (None, client_id.as_ref()),
        AzureIdentity::Found { tenant_id } => (tenant_id.as_ref(), None),
    };
    let parts = [tenant, client, azure.scope.as_ref()];
    parts.map(|part| part.map_or("", String::as_str)).join("\n")
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> Option<String> {
    let origin = Url::parse(&without_user_info(address)).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

pub(super) fn shown(address: &str) -> String {
    let address = without_user_info(address);
    address.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::GateKind;
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
    entry: { probes: ['http://${HOST}/up?token=hush&env=x', 'http://127.0.0.1/down'] }
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
                "query of probe 1 of pilot/entry",
                "probe 2 of pilot/entry",
                "Alertmanager (stop) of pilot/exit",
                "user of Alertmanager (stop) of pilot/exit",
            ]
        );
        let shown = staging.join(" ");
        assert!(!shown.contains("hush"), "{shown}");
        // The host that a probe is led to is no secret (L18); what is behind it may be.
        let entry = GateKind::Entry.of("pilot");
        let led = leads_to(&staging, &entry, 1);
        assert_eq!(led, Some("http://staging.example.com"));
        assert_eq!(leads_to(&staging, &entry, 2), None);
        let deeper = places_with("staging", Some("u:hush@staging.example.com:81/hush"));
        assert!(!deeper.concat().contains("hush"), "{deeper:?}");
        let led = leads_to(&deeper, &entry, 1);
        assert_eq!(led, Some("http://staging.example.com:81"));
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
    fn t11_who_asks_a_cloud_is_told_apart_and_never_shown() {
        for config in [
            "{sigv4: {region: '${X}'}}",
            "{sigv4: {role_arn: '${X}'}}",
            "{sigv4: {access_key: '${X}', secret_key: '${PW}'}}",
            "{azuread: {workload_identity: {tenant_id: '${X}'}}}",
            "{azuread: {oauth: {tenant_id: t, client_id: '${X}', client_secret: '${PW}'}}}",
        ] {
            let text = format!(
                "release: r\nsource: {{url: 'https://h', http_config: {config}}}\nkpis: {{e: {{query: up}}}}\nstages: [{{name: pilot, window: 1h, exit: {{kpis: {{e: '< 1'}}}}}}]\n"
            );
            let plan = load(text.as_bytes(), &Options::default())
                .expect(config)
                .plan;
            let with = |value: &str| {
                let environment = |name: &str| (name == "X").then(|| value.to_owned());
                places(&plan, &environment)
            };
            let (one, other) = (with("one-1"), with("other-2"));
            assert_eq!(one.len(), 2, "{one:?}");
            assert!(one[1].starts_with("user of default=digest "), "{one:?}");
            assert!(one != other && one[0] == other[0], "{one:?}");
        }
    }

    #[test]
    fn t11_a_check_asks_at_its_own_places() {
        let all = places_with("a", Some("b"));
        let entry = GateName::try_from("pilot/entry".to_owned()).expect("a gate");
        let own = asked(&all, &[], &[entry]);
        assert_eq!(own, all[2..5]);
        assert_eq!(asked(&all, &["default"], &[]), all[..2]);
        assert_eq!(gate_of(&all[0]), None);
    }
}
