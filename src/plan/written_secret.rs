//! Whether a plan's own text holds a credential: if so, its bytes must not be copied to where evidence is read.
//! Must not repeat what it finds.

use super::secrets_in_text::comment;
use super::validate::IN_A_FILE;
use crate::plan::criteria::Criteria;
use crate::plan::document::{Document, Source, Stage};
use crate::plan::environment::without_placeholders;
use crate::plan::parts::http_config::written::{HttpConfig, Oauth2, TlsConfig};
use crate::plan::spanned::{Pairs, Spanned, Text, TextOr};
use crate::secret::prose::{
    credential_in, has_telling_parameter, has_user_info, is_credential_name, is_unmistakable,
};

/// A credential written in the plan itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenSecret {
    /// From 1.
    pub line: usize,
    /// What it is, such as `a password`.
    pub what: &'static str,
}

/// The first credential that is written in a plan rather than read from a file or the environment.
pub fn written_secret(text: &str, document: &Document) -> Option<WrittenSecret> {
    let sources = document.source.iter().map(|source| &source.value);
    let named = document.sources.iter().flat_map(|sources| &sources.value.0);
    let sources = sources.chain(named.map(|(_, source)| &source.value));
    let mut found = Vec::new();
    for source in sources {
        if let TextOr::Map(Source {
            http_config,
            params,
            ..
        }) = source
        {
            found.extend(in_params(params.as_ref()));
            found.extend(
                http_config
                    .iter()
                    .flat_map(|config| in_config(&config.value)),
            );
        }
    }
    let looked_up = criteria(document).flat_map(|list| list.value.http_configs());
    found.extend(looked_up.flat_map(in_config));
    found.extend(in_records(document));
    found.extend(in_notify(document));
    found.retain(|(value, _)| holds(&value.value));
    let places = found.iter().map(|(value, what)| (value.span.start, *what));
    let places = places.chain(in_addresses(document)).chain(in_lines(text));
    let (at, what) = places.min()?;
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    Some(WrittenSecret { line, what })
}

type Found<'a> = (&'a Text, &'static str);

fn in_records(document: &Document) -> Vec<Found<'_>> {
    let Some(TextOr::Map(records)) = document.records.as_ref().map(|one| &one.value) else {
        return Vec::new();
    };
    // The key's id of S3 is no secret.
    let s3 = records.s3.iter().map(|s3| &s3.value.secret_key);
    let gcs = records.gcs.iter().map(|gcs| &gcs.value.service_account);
    let azure = records.azure.iter().map(|azure| &azure.value.access_key);
    let keys = s3.chain(gcs).chain(azure).flatten();
    keys.map(|key| (key, "a key of the place for records"))
        .collect()
}

/// Whoever knows the address of a hook can post there: of Slack always, of another where it has a path that is written out.
fn in_notify(document: &Document) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for entry in document.notify.iter().flat_map(|all| &all.value) {
        let slack = entry.value.slack.iter();
        found.extend(slack.map(|address| (address, "the address of a Slack hook")));
        let webhook = entry.value.webhook.iter();
        let webhook = webhook.filter(|address| has_written_path(&address.value));
        found.extend(webhook.map(|address| (address, "the address of a webhook")));
        let config = entry.value.http_config.iter();
        found.extend(config.flat_map(|config| in_config(&config.value)));
    }
    found
}

/// Whether there is more to an address than whom it leads to, and none of it is from the environment.
fn has_written_path(address: &str) -> bool {
    let (_, rest) = address.split_once("://").unwrap_or(("", address));
    let path = rest.find(['/', '?']).and_then(|at| rest.get(at + 1..));
    path.is_some_and(|path| !path.is_empty() && without_placeholders(path) == path)
}

/// The parameters of a source that are named like credentials, but for the names of files.
fn in_params(params: Option<&Pairs<String>>) -> impl Iterator<Item = Found<'_>> {
    let pairs = params.into_iter().flat_map(|pairs| &pairs.0);
    let secret = pairs
        .filter(|(name, _)| is_credential_name(&name.value) && !name.value.ends_with(IN_A_FILE));
    secret.map(|(_, value)| (value, "a parameter of a source"))
}

fn in_config(config: &HttpConfig) -> Vec<Found<'_>> {
    let basic = config.basic_auth.iter();
    let basic = basic.filter_map(|basic| basic.value.password.as_ref());
    let header = config.authorization.iter();
    let header = header.filter_map(|header| header.value.credentials.as_ref());
    let headers = config.http_headers.iter().flat_map(|headers| &headers.0);
    let headers = headers.flat_map(|(_, header)| {
        let header = &header.value;
        header.values.iter().chain(&header.secrets).flatten()
    });
    let oauth2 = config.oauth2.iter();
    // The access key's id is no secret.
    let sigv4 = config.sigv4.iter();
    let sigv4 = sigv4.filter_map(|sigv4| sigv4.value.secret_key.as_ref());
    let azure = config.azuread.iter();
    let azure = azure.filter_map(|azure| azure.value.oauth.as_ref());
    let azure = azure.filter_map(|oauth| oauth.value.client_secret.as_ref());
    let mut found: Vec<Found> = basic.map(|text| (text, "a password")).collect();
    found.extend(header.map(|text| (text, "credentials")));
    found.extend(config.bearer_token.iter().map(|text| (text, "a token")));
    found.extend(headers.map(|text| (text, "the value of a header")));
    found.extend(in_tls(config.tls_config.as_ref()));
    found.extend(sigv4.map(|text| (text, "a secret key")));
    found.extend(azure.map(|text| (text, "a client secret")));
    found.extend(oauth2.flat_map(|oauth2| in_oauth2(&oauth2.value)));
    found
}

fn in_oauth2(oauth2: &Oauth2) -> Vec<Found<'_>> {
    let secret = oauth2.client_secret.iter();
    let mut found: Vec<Found> = secret.map(|text| (text, "a client secret")).collect();
    let parameters = oauth2.endpoint_params.iter().flat_map(values);
    found.extend(parameters.map(|text| (text, "a parameter of the token endpoint")));
    found.extend(in_tls(oauth2.tls_config.as_ref()));
    found
}

fn values(pairs: &Pairs<String>) -> impl Iterator<Item = &Text> {
    pairs.0.iter().map(|(_, value)| value)
}

fn in_tls(tls: Option<&Spanned<TlsConfig>>) -> Option<Found<'_>> {
    let key = tls?.value.key.as_ref()?;
    Some((key, "a private key"))
}

/// Whether anything is left after everything from the environment is removed.
fn holds(text: &str) -> bool {
    !without_placeholders(text).trim().is_empty()
}

/// Parameters of addresses whose name says that their value is a credential.
fn in_addresses(document: &Document) -> Vec<(usize, &'static str)> {
    let addresses = criteria(document).flat_map(|list| list.value.addresses());
    let hooks = document.notify.iter().flat_map(|all| &all.value);
    let hooks = hooks.filter_map(|entry| entry.value.webhook.as_ref());
    let hooks = hooks.map(|address| (address.value.as_str(), &address.span));
    addresses
        .chain(hooks)
        .filter(|(address, _)| has_telling_parameter(&without_placeholders(address)))
        .map(|(_, span)| (span.start, "a parameter of an address"))
        .collect()
}

/// The lists of all stages, and of `defaults`.
fn criteria(document: &Document) -> impl Iterator<Item = &Spanned<Criteria>> {
    let stages = document.stages.iter().flat_map(|stages| &stages.value);
    let stages = stages.chain(document.defaults.iter());
    stages.flat_map(|stage| lists(&stage.value))
}

fn lists(stage: &Stage) -> impl Iterator<Item = &Spanned<Criteria>> {
    [
        &stage.entry,
        &stage.stop,
        &stage.exit,
        &stage.recovery,
        &stage.watch,
    ]
    .into_iter()
    .flatten()
}

/// User info and telling parameters in addresses, keys and tokens as services issue them, wherever they are; and whatever looks
/// like a credential in comments, where people leave what they have just replaced.
fn in_lines(text: &str) -> Vec<(usize, &'static str)> {
    let mut at = 0;
    let mut places = Vec::new();
    for line in text.split_inclusive('\n') {
        let own = without_placeholders(line);
        places.extend(in_line(line, &own).map(|what| (at, what)));
        at += line.len();
    }
    places
}

/// What a line holds; `own` is the line without what is from the environment.
fn in_line(line: &str, own: &str) -> Option<&'static str> {
    if has_user_info(own) {
        return Some("the user info of an address");
    }
    if has_telling_parameter(own) {
        return Some("a parameter of an address");
    }
    let said = comment(line).map(without_placeholders);
    if said.is_some_and(|said| credential_in(&said).is_some()) {
        return Some("a credential in a comment");
    }
    is_unmistakable(own).then_some("what looks like a credential")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Options, load};

    const PLAN: &str = "release: r\nsource: {url: http://h:9090}\nkpis: {e: {query: up, unit: ratio}}\nstages:\n  - {name: s, window: 1h, exit: {kpis: {e: '< 1%'}}}\n";

    fn found(source: &str) -> Option<(usize, &'static str)> {
        let text = PLAN.replace("{url: http://h:9090}", source);
        let loaded = load(text.as_bytes(), &Options::default()).expect(source);
        loaded.secret.map(|secret| (secret.line, secret.what))
    }

    fn with(config: &str) -> String {
        format!("{{url: 'https://h:9090', http_config: {config}}}")
    }

    #[test]
    fn credentials_written_in_the_plan_are_found() {
        for (config, what) in [
            (
                "{basic_auth: {username: u, password: hunter2}}",
                "a password",
            ),
            (
                "{basic_auth: {username: u, password: '${PW:-hunter2}'}}",
                "a password",
            ),
            (
                "{authorization: {credentials: 'Bearer ${T}'}}",
                "credentials",
            ),
            ("{bearer_token: abc}", "a token"),
            (
                "{http_headers: {X-Key: {secrets: [abc]}}}",
                "the value of a header",
            ),
            (
                "{http_headers: {X-Key: {values: [abc]}}}",
                "the value of a header",
            ),
            ("{tls_config: {cert: c, key: k}}", "a private key"),
            ("{sigv4: {access_key: AKIA, secret_key: s}}", "a secret key"),
            (
                "{azuread: {oauth: {client_id: i, client_secret: s, tenant_id: t}}}",
                "a client secret",
            ),
            (
                "{oauth2: {client_id: i, client_secret: s, token_url: 'http://t'}}",
                "a client secret",
            ),
            (
                "{oauth2: {client_id: i, client_secret_file: f, token_url: 'http://t', endpoint_params: {p: q}}}",
                "a parameter of the token endpoint",
            ),
        ] {
            assert_eq!(found(&with(config)), Some((2, what)), "{config}");
        }
        assert_eq!(
            found("http://u:p@h:9090"),
            Some((2, "the user info of an address"))
        );
        for comment in [
            "# password: old",
            "# - {client_secret: 'old'}",
            "#Authorization: Basic dTpw",
            "# curl -H 'Authorization: Bearer abc.DEF-1' http://h",
            "# Bearer eyJhbGciOi",
            "# export DB_PASSWORD=old",
            "# curl -u ann:old http://h",
            "# tool --api-token old",
            "# ann:old@h:9090",
        ] {
            let source = format!("http://h:9090\n{comment}");
            assert_eq!(
                found(&source),
                Some((3, "a credential in a comment")),
                "{comment}"
            );
            let behind = format!("http://h:9090 {comment}");
            assert_eq!(
                found(&behind),
                Some((2, "a credential in a comment")),
                "{comment}"
            );
        }
        for (address, what) in [
            ("http://u:12/x@h", "the user info of an address"),
            ("http://u:a#b@h", "the user info of an address"),
            ("https://h/hook?token=abc", "a parameter of an address"),
            (
                "https://h/?X-Amz-Signature=abc",
                "a parameter of an address",
            ),
        ] {
            assert_eq!(
                found(&format!("http://h:9090\n# {address}")),
                Some((3, what)),
                "{address}"
            );
        }
    }

    #[test]
    fn references_to_credentials_are_not_credentials() {
        for source in [
            "http://h:9090".to_owned(),
            "http://${U}:${P}@h:9090".to_owned(),
            "http://h:9090 # the key: of it all".to_owned(),
            "http://h:9090 # ask mailto:a@b or git@h:x; bearer of news; see https://h/d/x?orgId=1&from=now".to_owned(),
            "http://h:9090 # password_file: pw; -u root; --user; token".to_owned(),
            "http://h:9090 # PASSWORD=${PW}, password: ${PW}, Bearer ${TOKEN}".to_owned(),
            with("{basic_auth: {username: u, password: '${PW}'}}"),
            with("{basic_auth: {username: u, password_file: pw}}"),
            with("{authorization: {credentials: '${T:-}'}}"),
            with("{tls_config: {ca: PEM, cert: PEM, key_file: k}}"),
        ] {
            assert_eq!(found(&source), None, "{source}");
        }
    }

    #[test]
    fn a_probes_parameters_are_judged_by_name() {
        let probe = |url: &str| {
            let text = PLAN.replace("exit:", &format!("entry: {{probes: ['{url}']}}, exit:"));
            load(text.as_bytes(), &Options::default())
                .expect("a plan")
                .secret
        };
        assert_eq!(probe("https://h/healthz?deep=1"), None);
        let found = probe("https://h/healthz?deep=1&apiKey=abc").expect("found");
        assert_eq!((found.line, found.what), (5, "a parameter of an address"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(\\$\\{|\\}|:-|//|@|:|#|password|\\n|é| ){0,30}") {
            let _ = in_lines(&text);
            let _ = holds(&text);
        }
    }
}
