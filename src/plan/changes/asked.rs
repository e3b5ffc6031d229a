//! Whom a gate asks, and with what settings: the part of its plan that can change an answer without a criterion changing.
//! Must not show a credential, nor what comes from the environment or a file.

use super::{Described, millis};
use crate::plan::criteria::{AlertmanagerAsk, AlertsSource, Ask, ProbeAsk};
use crate::plan::{
    Auth, AzureAd, AzureIdentity, Baseline, Gate, HttpConfig, Oauth2, Plan, SecretSource, Sigv4,
    Source, TlsConfig, TlsVersion,
};
use crate::secret::Secret;
use crate::secret::address::without_user_info;

/// Where a source is: without it, the gate does not ask it.
pub(super) const ADDRESS: &str = "address";
/// Stands for what is compared and not shown.
const HIDDEN: &str = "***";

/// The sources that a gate needs, in plan order, each with its settings.
pub(super) fn sources<'p>(
    plan: &'p Plan,
    gate: &Gate,
) -> impl Iterator<Item = (&'p Source, Vec<Described>)> {
    let names: Vec<&str> = gate
        .criteria
        .iter()
        .flat_map(|one| named(&one.ask))
        .collect();
    let needed = plan.sources.iter();
    let needed = needed.filter(move |source| names.contains(&source.name.as_str()));
    needed.map(|source| (source, of_source(source)))
}

/// The sources that a criterion asks.
fn named(ask: &Ask) -> Vec<&str> {
    match ask {
        Ask::Kpi(kpi) => vec![&kpi.kpi.source],
        Ask::Alerts(alerts) => {
            let source = match &alerts.source {
                AlertsSource::Source(name) => Some(name.as_str()),
                AlertsSource::Alertmanager(_) => None,
            };
            source.into_iter().chain(alerts.rules.as_deref()).collect()
        }
        Ask::Deadline(_)
        | Ask::Checklist { .. }
        | Ask::Confirmation(_)
        | Ask::Approval(_)
        | Ask::Checkpoint(_)
        | Ask::Incidents(_)
        | Ask::Artifact(_)
        | Ask::Probe(_)
        | Ask::Outside(_) => Vec::new(),
    }
}

/// The captured baselines that a gate compares with, as written, each once.
#[must_use]
pub fn baseline_files(gate: &Gate) -> Vec<&str> {
    let mut files = Vec::new();
    for ask in gate.criteria.iter().filter_map(|one| one.ask.kpi()) {
        if let Some(Baseline::File(path)) = &ask.baseline
            && !files.contains(&path.as_str())
        {
            files.push(path.as_str());
        }
    }
    files
}

fn of_source(source: &Source) -> Vec<Described> {
    let allows = source.allow_partial;
    let word = if allows { "allow" } else { "deny" };
    let mut parts = vec![
        address(&source.shown_url, &source.url),
        Described::plain("delay", source.delay.to_string()),
        Described::scaled("partial", word.to_owned(), f64::from(u8::from(allows))),
    ];
    let lookback = source.lookback.map(|length| length.to_string());
    parts.extend(lookback.map(|length| Described::plain("lookback", length)));
    parts.extend(source.params.iter().map(|param| {
        let what = format!("param {}", param.name);
        Described::hidden(&what, param.shown.clone(), secret(&param.value))
    }));
    parts.extend(refuses_redirects(&source.http));
    parts.extend(http(&source.http));
    parts
}

/// How what a criterion asks by itself is asked: an Alertmanager or a probe.
pub(super) fn settings(ask: &Ask) -> Vec<Described> {
    match ask {
        Ask::Alerts(alerts) => match &alerts.source {
            AlertsSource::Alertmanager(manager) => of_alertmanager(manager),
            AlertsSource::Source(_) => Vec::new(),
        },
        Ask::Probe(probe) => of_probe(probe),
        Ask::Kpi(_)
        | Ask::Deadline(_)
        | Ask::Checklist { .. }
        | Ask::Confirmation(_)
        | Ask::Approval(_)
        | Ask::Checkpoint(_)
        | Ask::Incidents(_)
        | Ask::Artifact(_)
        | Ask::Outside(_) => Vec::new(),
    }
}

/// Its address is part of its condition, but for credentials.
fn of_alertmanager(manager: &AlertmanagerAsk) -> Vec<Described> {
    let mut parts = beyond(&manager.shown_url, &manager.url);
    parts.extend(refuses_redirects(&manager.http));
    parts.extend(http(&manager.http));
    parts
}

/// Its name is its address, but for credentials and what follows `?`.
fn of_probe(probe: &ProbeAsk) -> Vec<Described> {
    let (text, length) = (probe.timeout.to_string(), millis(probe.timeout));
    let mut parts = vec![Described::scaled("timeout", text, length)];
    parts.extend(beyond(&probe.shown_url, &probe.url));
    parts.push(redirects(&probe.http));
    parts.extend(http(&probe.http));
    parts
}

/// What an address holds beside what is shown of it; nothing where that is all.
fn beyond(shown: &str, url: &Secret) -> Vec<Described> {
    let address = (shown != url.expose()).then(|| address(shown, url));
    address.into_iter().collect()
}

fn address(shown: &str, url: &Secret) -> Described {
    Described::hidden(ADDRESS, shown.to_owned(), url.expose().to_owned())
}

/// What a probe does with a redirect decides what answers it.
fn redirects(config: &HttpConfig) -> Described {
    Described::plain("follow_redirects", config.follow_redirects.to_string())
}

/// The same where nothing is said: redirects are followed.
fn refuses_redirects(config: &HttpConfig) -> Option<Described> {
    (!config.follow_redirects).then(|| redirects(config))
}

/// The settings of requests, redirects aside; those that a plan leaves as they are, are left out.
fn http(config: &HttpConfig) -> Vec<Described> {
    let HttpConfig {
        auth,
        tls,
        proxy_url,
        no_proxy,
        proxy_from_environment,
        headers,
        // They are among the headers.
        plain_headers: _,
        follow_redirects: _,
    } = config;
    let mut parts: Vec<Described> = auth.iter().map(of_auth).collect();
    parts.extend(headers.iter().map(|(name, value)| {
        Described::hidden(&format!("header {name}"), HIDDEN.to_owned(), secret(value))
    }));
    parts.extend(of_tls(tls));
    parts.extend(proxy_url.iter().map(|url| {
        let shown = without_user_info(url.expose());
        Described::hidden("proxy_url", shown, url.expose().to_owned())
    }));
    parts.extend(
        no_proxy
            .clone()
            .map(|hosts| Described::plain("no_proxy", hosts)),
    );
    let from_environment = Described::plain("proxy_from_environment", "true".to_owned());
    parts.extend(proxy_from_environment.then_some(from_environment));
    parts
}

/// Some servers tell by the credentials whose data they show.
fn of_auth(auth: &Auth) -> Described {
    let (kind, compared) = match auth {
        Auth::Basic { username, password } => {
            let password = password.as_ref().map(secret);
            ("basic", format!("{:?}", (secret(username), password)))
        }
        Auth::Header {
            scheme,
            credentials,
        } => (scheme.as_str(), secret(credentials)),
        Auth::Oauth2(oauth2) => ("oauth2", of_oauth2(oauth2)),
        Auth::Sigv4(sigv4) => ("sigv4", of_sigv4(sigv4)),
        Auth::GoogleIam(google) => ("google_iam", format!("{:?}", google.credentials_file)),
        Auth::AzureAd(azure) => ("azuread", of_azure(azure)),
    };
    Described::hidden("authorization", format!("{kind} {HIDDEN}"), compared)
}

fn of_oauth2(oauth2: &Oauth2) -> String {
    let Oauth2 {
        client_id,
        client_secret,
        token_url,
        scopes,
        endpoint_params,
        tls,
        proxy_url,
    } = oauth2;
    let proxy = proxy_url.as_ref().map(Secret::expose);
    let tls = of_tls(tls).map(|tls| tls.compared);
    let who = (client_id, secret(client_secret), token_url.expose());
    format!("{:?}", (who, scopes, endpoint_params, tls, proxy))
}

fn of_sigv4(sigv4: &Sigv4) -> String {
    let Sigv4 {
        region,
        service,
        keys,
        profile,
        role,
        fips,
    } = sigv4;
    let keys = keys.as_ref().map(|(id, key)| (id, secret(key)));
    format!("{:?}", (region, service, keys, profile, role, fips))
}

fn of_azure(azure: &AzureAd) -> String {
    let AzureAd {
        cloud,
        scope,
        identity,
    } = azure;
    let secret = match identity {
        AzureIdentity::Secret { client_secret, .. } => Some(secret(client_secret)),
        AzureIdentity::Workload { .. }
        | AzureIdentity::Managed { .. }
        | AzureIdentity::Found { .. } => None,
    };
    // The identity without its secret, which it does not show.
    format!("{:?}", (cloud, scope, identity, secret))
}

/// As one part; `None` where nothing is set.
fn of_tls(tls: &TlsConfig) -> Option<Described> {
    let TlsConfig {
        ca,
        cert,
        key,
        server_name,
        insecure_skip_verify,
        min_version,
        max_version,
    } = tls;
    let files = [("ca", ca), ("cert", cert), ("key", key)];
    let files = files.map(|(name, file)| file.as_ref().map(|file| (name, secret(file))));
    let files: Vec<(&str, String)> = files.into_iter().flatten().collect();
    let versions = [("min_version", min_version), ("max_version", max_version)];
    let versions =
        versions.map(|(name, version)| version.map(|one| format!("{name} {}", word(one))));
    let name = server_name
        .as_ref()
        .map(|name| format!("server_name {name}"));
    let unchecked = insecure_skip_verify.then(|| "insecure_skip_verify".to_owned());
    let shown = files.iter().map(|(name, _)| format!("{name} {HIDDEN}"));
    let shown = shown
        .chain(name)
        .chain(unchecked)
        .chain(versions.into_iter().flatten());
    let shown: Vec<String> = shown.collect();
    (!shown.is_empty())
        .then(|| Described::hidden("tls_config", shown.join(", "), format!("{files:?}")))
}

fn word(version: TlsVersion) -> &'static str {
    match version {
        TlsVersion::Tls12 => "TLS12",
        TlsVersion::Tls13 => "TLS13",
    }
}

/// What tells one secret of the plan's text from another. Never shown.
fn secret(source: &SecretSource) -> String {
    match source {
        SecretSource::Inline(value) => format!("value {}", value.expose()),
        SecretSource::File(path) => format!("file {}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Effect, changes};
    use crate::plan::{Options, Plan, load};

    fn plan(source: &str, exit: &str) -> Plan {
        let text = format!(
            "release: shop\nsource: {source}\n\
kpis: {{p95: {{query: 'latency', unit: seconds}}}}\n\
stages:\n  - {{name: pilot, window: 4h, exit: {exit}}}\n"
        );
        match load(text.as_bytes(), &Options::default()) {
            Ok(loaded) => loaded.plan,
            Err(problems) => panic!("{text}\n{problems:#?}"),
        }
    }

    fn between(was: &Plan, now: &Plan) -> Vec<(String, Effect)> {
        let exit = "pilot/exit".parse().expect("a gate");
        let said = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let changed = changes(was, now, &exit, 15, "sha").into_iter();
        let shown = changed.map(|one| {
            let (was, now) = (said(one.was), said(one.now));
            (
                format!("{} {}: {was} -> {now}", one.name, one.part),
                one.effect,
            )
        });
        shown.collect()
    }

    const KPI: &str = "{kpis: {p95: 'p95 < 4s'}}";

    fn source(more: &str) -> Plan {
        plan(
            &format!("{{url: 'http://prometheus.example.com:9090'{more}}}"),
            KPI,
        )
    }

    fn secure(more: &str) -> Plan {
        plan(
            &format!("{{url: 'https://prometheus.example.com'{more}}}"),
            KPI,
        )
    }

    #[test]
    fn m16_whatever_a_source_is_asked_with_leaves_a_trace() {
        for (more, said, effect) in [
            (", delay: 10m", "delay: 0s -> 10m", Effect::Changed),
            (", lookback: 1h", "lookback: none -> 1h", Effect::Changed),
            (
                ", partial: allow",
                "partial: deny -> allow",
                Effect::Loosened,
            ),
            (
                ", params: {dedup: 'false'}",
                "param dedup: none -> false",
                Effect::Changed,
            ),
            (
                ", http_config: {http_headers: {X-Scope-OrgID: {values: [acme]}}}",
                "header X-Scope-OrgID: none -> ***",
                Effect::Changed,
            ),
            (
                ", http_config: {authorization: {credentials: hunter2}}",
                "authorization: none -> Bearer ***",
                Effect::Changed,
            ),
            (
                ", http_config: {basic_auth: {username: 1234, password: hunter2}}",
                "authorization: none -> basic ***",
                Effect::Changed,
            ),
            (
                ", http_config: {tls_config: {insecure_skip_verify: true}}",
                "tls_config: none -> insecure_skip_verify",
                Effect::Changed,
            ),
            (
                ", http_config: {proxy_url: 'http://proxy.example.com:3128'}",
                "proxy_url: none -> http://proxy.example.com:3128",
                Effect::Changed,
            ),
            (
                ", http_config: {follow_redirects: false}",
                "follow_redirects: none -> false",
                Effect::Changed,
            ),
        ] {
            let expected = (format!("source default {said}"), effect);
            assert_eq!(between(&source(""), &source(more)), [expected], "{more}");
        }
        let (here, there) = ("http://a.example.com:9090", "http://b.example.com:9090");
        let moved = between(&plan(here, KPI), &plan(there, KPI));
        let said = format!("source default address: {here} -> {there}");
        assert_eq!(moved, [(said, Effect::Changed)]);
        assert_eq!(
            between(&source(", timeout: 5s"), &source(", timeout: 9s")),
            []
        );
    }

    #[test]
    fn m16_a_secret_that_changed_is_said_to_have_changed_and_never_shown() {
        for (was, now) in [
            (
                ", http_config: {http_headers: {X-Scope-OrgID: {values: [acme]}}}",
                ", http_config: {http_headers: {X-Scope-OrgID: {values: [other]}}}",
            ),
            (
                ", http_config: {basic_auth: {username: acme, password: p}}",
                ", http_config: {basic_auth: {username: other, password: p}}",
            ),
            (", params: {tenant: '${A}'}", ", params: {tenant: '${B}'}"),
            (
                ", http_config: {sigv4: {access_key: acme, secret_key: hush}}",
                ", http_config: {sigv4: {access_key: acme, secret_key: other}}",
            ),
            (
                ", http_config: {sigv4: {role_arn: 'arn:acme'}}",
                ", http_config: {sigv4: {role_arn: 'arn:other'}}",
            ),
            (
                ", http_config: {google_iam: {}}",
                ", http_config: {google_iam: {credentials_file: other}}",
            ),
            (
                ", http_config: {azuread: {sdk: {tenant_id: acme}}}",
                ", http_config: {azuread: {sdk: {tenant_id: other}}}",
            ),
            (
                ", http_config: {azuread: {oauth: {client_id: c, tenant_id: t, client_secret: acme}}}",
                ", http_config: {azuread: {oauth: {client_id: c, tenant_id: t, client_secret: other}}}",
            ),
        ] {
            let changed = between(&secure(was), &secure(now));
            let [(said, Effect::Changed)] = changed.as_slice() else {
                panic!("{changed:?}");
            };
            assert!(said.contains("*** -> "), "{said}");
            assert!(!said.contains("acme") && !said.contains("other"), "{said}");
        }
    }

    #[test]
    fn m16_a_source_that_a_gate_does_not_ask_does_not_concern_it() {
        let people = "{confirmations: [lead]}";
        let there = "{url: 'http://b.example.com', delay: 5m}";
        assert_eq!(
            between(&plan("http://a.example.com", people), &plan(there, people)),
            []
        );
    }

    #[test]
    fn m16_how_a_probe_and_an_alertmanager_are_asked_leaves_a_trace() {
        let probe = |rest: &str| {
            let url = "url: 'http://shop.example.com/health";
            plan(
                "http://a.example.com",
                &format!("{{probes: [{{{url}{rest}}}]}}"),
            )
        };
        for (was, now, said, effect) in [
            (
                "'",
                "', timeout: 60s",
                "timeout: 10s -> 1m",
                Effect::Loosened,
            ),
            (
                "?deep=1'",
                "?deep=0'",
                "address: http://shop.example.com/health -> http://shop.example.com/health",
                Effect::Changed,
            ),
            (
                "'",
                "', http_config: {follow_redirects: true}",
                "follow_redirects: false -> true",
                Effect::Changed,
            ),
        ] {
            let said = format!("http://shop.example.com/health {said}");
            assert_eq!(between(&probe(was), &probe(now)), [(said, effect)]);
        }
        let alerts = |rest: &str| {
            let manager = format!("source: {{alertmanager: 'http://m.example.com'{rest}}}");
            let exit = format!("{{no_alerts: {{firing: ['{{a=\"b\"}}'], {manager}}}}}");
            plan("http://a.example.com", &exit)
        };
        let tenant = ", http_config: {http_headers: {X-Scope-OrgID: {values: [acme]}}}";
        let said = "alerts header X-Scope-OrgID: none -> ***".to_owned();
        assert_eq!(
            between(&alerts(""), &alerts(tenant)),
            [(said, Effect::Changed)]
        );
    }
}
