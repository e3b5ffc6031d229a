//! `http_config:`, as in Prometheus: what `gate` supports, and what it refuses by name.
//!
//! Must not open the files that it names.

mod cloud;
mod headers;
pub(in crate::plan) mod written;

use std::path::PathBuf;

use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{Pairs, Spanned, Text};
use super::super::{Auth, HttpConfig, Oauth2, SecretSource, TlsConfig, TlsVersion};
use super::addresses::{address, secret, setting};
use super::checker::Checker;
use super::given::{self, Given};
use crate::secret::Secret;
use crate::secret::address::without_user_info;
use headers::{headers, is_token, plain};

const SECRET_MANAGER: &str = "`gate` has no secret manager; use the key ending in `_file`";

/// Whether a text can be the name of a header.
pub(in crate::plan) fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token)
}

/// Reads the `http_config` beside an address, where there is one; only one of both may say who asks.
pub(in crate::plan) fn beside(
    checker: &mut Checker<'_>,
    written: Option<&Spanned<written::HttpConfig>>,
    url: Option<&str>,
) -> HttpConfig {
    let Some(written) = written else {
        return HttpConfig::default();
    };
    let http = read(checker, written);
    if http.auth.is_some() && url.is_some_and(|url| without_user_info(url) != url) {
        let message = "user info in the address as well as authentication in `http_config`";
        checker.error(ProblemCode::ConflictingKeys, &written.span, message);
    }
    if let (Some(auth), Some(url)) = (&http.auth, url) {
        cloud::check_address(checker, auth, url, &written.span);
    }
    http
}

/// Reads an `http_config`.
fn read(checker: &mut Checker<'_>, written: &Spanned<written::HttpConfig>) -> HttpConfig {
    let config = &written.value;
    refuse_foreign(checker, config);
    let defaults = HttpConfig::default();
    let proxy_url = config
        .proxy_url
        .as_ref()
        .and_then(|url| address(checker, url));
    let proxy_from_environment = flag(checker, config.proxy_from_environment.as_ref(), false);
    if let (Some(url), true) = (&config.proxy_url, proxy_from_environment) {
        let message = "`proxy_url` together with `proxy_from_environment`";
        checker.error(ProblemCode::ConflictingKeys, &url.span, message);
    }
    flag(checker, config.enable_http2.as_ref(), true);
    HttpConfig {
        auth: auth(checker, config),
        tls: tls(checker, config.tls_config.as_ref()),
        proxy_url: proxy_url.map(Secret::new),
        no_proxy: config.no_proxy.as_ref().map(|text| text.value.clone()),
        proxy_from_environment,
        headers: headers(checker, config.http_headers.as_ref()),
        plain_headers: plain(config.http_headers.as_ref()),
        follow_redirects: flag(
            checker,
            config.follow_redirects.as_ref(),
            defaults.follow_redirects,
        ),
    }
}

fn refuse_foreign(checker: &mut Checker<'_>, config: &written::HttpConfig) {
    let reason = "headers for the proxy's CONNECT cannot be set; put user info into `proxy_url`";
    checker.refuse(
        config.proxy_connect_header.as_ref(),
        "proxy_connect_header",
        reason,
    );
}

fn flag(checker: &mut Checker<'_>, text: Option<&Text>, default: bool) -> bool {
    text.and_then(|text| setting(checker, text, Checker::flag))
        .unwrap_or(default)
}

/// At most one way to authenticate.
fn auth(checker: &mut Checker<'_>, config: &written::HttpConfig) -> Option<Auth> {
    let ways: Vec<&Span> = [
        config.basic_auth.as_ref().map(|auth| &auth.span),
        config.authorization.as_ref().map(|auth| &auth.span),
        config.oauth2.as_ref().map(|auth| &auth.span),
        config.bearer_token.as_ref().map(|token| &token.span),
        config.bearer_token_file.as_ref().map(|file| &file.span),
        config.sigv4.as_ref().map(|auth| &auth.span),
        config.google_iam.as_ref().map(|auth| &auth.span),
        config.azuread.as_ref().map(|auth| &auth.span),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let [first, second, ..] = ways.as_slice() {
        let message = "two ways to authenticate: a request can use only one";
        checker.report(
            Problem::error(ProblemCode::ConflictingKeys, (*second).clone(), message)
                .related((*first).clone(), "the other one")
                .help("keep one of basic_auth, authorization, oauth2, bearer_token, bearer_token_file, sigv4, google_iam, azuread"),
        );
    }
    if let Some(basic) = &config.basic_auth {
        return self::basic(checker, basic);
    }
    if let Some(authorization) = &config.authorization {
        return self::authorization(checker, authorization);
    }
    if let Some(oauth2) = &config.oauth2 {
        return self::oauth2(checker, oauth2);
    }
    if let Some(sigv4) = &config.sigv4 {
        return cloud::sigv4(checker, sigv4);
    }
    if let Some(google_iam) = &config.google_iam {
        return cloud::google_iam(checker, google_iam);
    }
    if let Some(azuread) = &config.azuread {
        return cloud::azuread(checker, azuread);
    }
    let token = config.bearer_token.as_ref();
    let file = config.bearer_token_file.as_ref();
    token_there(checker, token)?;
    either(checker, token, file).map(|credentials| Auth::Header {
        scheme: "Bearer".to_owned(),
        credentials,
    })
}

fn basic(checker: &mut Checker<'_>, written: &Spanned<written::BasicAuth>) -> Option<Auth> {
    let basic = &written.value;
    checker.refuse(basic.username_ref.as_ref(), "username_ref", SECRET_MANAGER);
    checker.refuse(basic.password_ref.as_ref(), "password_ref", SECRET_MANAGER);
    let username = either(
        checker,
        basic.username.as_ref(),
        basic.username_file.as_ref(),
    );
    let password = either(
        checker,
        basic.password.as_ref(),
        basic.password_file.as_ref(),
    );
    let there =
        basic.username.is_some() || basic.username_file.is_some() || basic.username_ref.is_some();
    checker.required(
        there.then_some(&()),
        "username",
        &written.span,
        "`basic_auth`",
    );
    Some(Auth::Basic {
        username: username?,
        password,
    })
}

fn authorization(
    checker: &mut Checker<'_>,
    written: &Spanned<written::Authorization>,
) -> Option<Auth> {
    let authorization = &written.value;
    checker.refuse(
        authorization.credentials_ref.as_ref(),
        "credentials_ref",
        SECRET_MANAGER,
    );
    let scheme = match &authorization.r#type {
        None => "Bearer".to_owned(),
        Some(text) => scheme(checker, text)?,
    };
    let inline = authorization.credentials.as_ref();
    let file = authorization.credentials_file.as_ref();
    let there = inline.is_some() || file.is_some() || authorization.credentials_ref.is_some();
    checker.required(
        there.then_some(&()),
        "credentials",
        &written.span,
        "`authorization`",
    );
    token_there(checker, inline)?;
    Some(Auth::Header {
        scheme,
        credentials: either(checker, inline, file)?,
    })
}

/// A token that is written is not empty: it would be sent as none. `None` where a problem was noted.
fn token_there(checker: &mut Checker<'_>, token: Option<&Text>) -> Option<()> {
    let Some(text) = token else { return Some(()) };
    let value = secret(checker, text)?;
    if value.expose().trim().is_empty() {
        let message = "this token is empty: no server would accept it";
        checker.report(
            Problem::error(ProblemCode::EmptyValue, text.span.clone(), message)
                .help("set the variable that it comes from, or leave the key out"),
        );
        return None;
    }
    Some(())
}

fn scheme(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    if text.value.eq_ignore_ascii_case("basic") {
        let message = "`authorization` of type Basic";
        checker.report(
            Problem::error(ProblemCode::UnsupportedKey, text.span.clone(), message)
                .help("use `basic_auth` with `username` and `password`"),
        );
        return None;
    }
    if text.value.is_empty() || !text.value.chars().all(is_token) {
        checker.error(
            ProblemCode::BadName,
            &text.span,
            "this is not an authorization type",
        );
        return None;
    }
    Some(text.value.clone())
}

fn oauth2(checker: &mut Checker<'_>, written: &Spanned<written::Oauth2>) -> Option<Auth> {
    let oauth2 = &written.value;
    refuse_oauth2(checker, oauth2);
    let what = "`oauth2`";
    let client_id = checker.required(oauth2.client_id.as_ref(), "client_id", &written.span, what);
    let token_url = checker.required(oauth2.token_url.as_ref(), "token_url", &written.span, what);
    let inline = oauth2.client_secret.as_ref();
    let file = oauth2.client_secret_file.as_ref();
    let there = inline.is_some() || file.is_some() || oauth2.client_secret_ref.is_some();
    checker.required(there.then_some(&()), "client_secret", &written.span, what);
    let client_secret = either(checker, inline, file);
    let token_url = token_url.and_then(|url| address(checker, url));
    let client_id = client_id.and_then(|id| secret(checker, id));
    let proxy_url = oauth2
        .proxy_url
        .as_ref()
        .and_then(|url| address(checker, url));
    let tls = tls(checker, oauth2.tls_config.as_ref());
    let endpoint_params = parameters(checker, oauth2.endpoint_params.as_ref());
    Some(Auth::Oauth2(Box::new(Oauth2 {
        client_id: client_id?.expose().to_owned(),
        client_secret: client_secret?,
        token_url: Secret::new(token_url?),
        scopes: oauth2
            .scopes
            .iter()
            .flatten()
            .map(|scope| scope.value.clone())
            .collect(),
        endpoint_params,
        tls,
        proxy_url: proxy_url.map(Secret::new),
    })))
}

fn refuse_oauth2(checker: &mut Checker<'_>, oauth2: &written::Oauth2) {
    checker.refuse(
        oauth2.client_secret_ref.as_ref(),
        "client_secret_ref",
        SECRET_MANAGER,
    );
    let jwt = "only client credentials with a secret are";
    for (key, name) in [
        (&oauth2.client_certificate_key, "client_certificate_key"),
        (
            &oauth2.client_certificate_key_file,
            "client_certificate_key_file",
        ),
        (
            &oauth2.client_certificate_key_ref,
            "client_certificate_key_ref",
        ),
        (
            &oauth2.client_certificate_key_id,
            "client_certificate_key_id",
        ),
        (&oauth2.signature_algorithm, "signature_algorithm"),
        (&oauth2.iss, "iss"),
        (&oauth2.audience, "audience"),
        (&oauth2.claims, "claims"),
    ] {
        checker.refuse(key.as_ref(), name, jwt);
    }
    let proxy = "for the token endpoint only `proxy_url` is";
    checker.refuse(oauth2.no_proxy.as_ref(), "no_proxy", proxy);
    checker.refuse(
        oauth2.proxy_from_environment.as_ref(),
        "proxy_from_environment",
        proxy,
    );
    checker.refuse(
        oauth2.proxy_connect_header.as_ref(),
        "proxy_connect_header",
        proxy,
    );
    let grant = oauth2.grant_type.as_ref();
    checker.refuse(
        grant.filter(|grant| grant.value != "client_credentials"),
        "grant_type",
        jwt,
    );
}

fn parameters(checker: &mut Checker<'_>, pairs: Option<&Pairs<String>>) -> Vec<(String, String)> {
    let pairs = pairs.map_or(&[][..], |pairs| pairs.0.as_slice());
    pairs
        .iter()
        .filter_map(|(name, value)| {
            Some((
                name.value.clone(),
                secret(checker, value)?.expose().to_owned(),
            ))
        })
        .collect()
}

/// An inline secret or the file that holds it, not both.
fn either(
    checker: &mut Checker<'_>,
    inline: Option<&Text>,
    file: Option<&Text>,
) -> Option<SecretSource> {
    match given::either(checker, inline, file)? {
        Given::Value(inline) => secret(checker, inline).map(SecretSource::Inline),
        Given::File(file) => path(checker, file).map(SecretSource::File),
    }
}

pub(in crate::plan) fn path(checker: &mut Checker<'_>, text: &Text) -> Option<PathBuf> {
    setting(checker, text, Checker::filled).map(PathBuf::from)
}

fn tls(checker: &mut Checker<'_>, written: Option<&Spanned<written::TlsConfig>>) -> TlsConfig {
    let Some(Spanned { span, value: tls }) = written else {
        return TlsConfig::default();
    };
    checker.refuse(tls.ca_ref.as_ref(), "ca_ref", SECRET_MANAGER);
    checker.refuse(tls.cert_ref.as_ref(), "cert_ref", SECRET_MANAGER);
    checker.refuse(tls.key_ref.as_ref(), "key_ref", SECRET_MANAGER);
    let has_cert = tls.cert.is_some() || tls.cert_file.is_some();
    let has_key = tls.key.is_some() || tls.key_file.is_some();
    if has_cert != has_key {
        let message = "a client certificate needs its key, and a key its certificate";
        checker.error(ProblemCode::ConflictingKeys, span, message);
    }
    let read = TlsConfig {
        ca: either(checker, tls.ca.as_ref(), tls.ca_file.as_ref()),
        cert: either(checker, tls.cert.as_ref(), tls.cert_file.as_ref()),
        key: either(checker, tls.key.as_ref(), tls.key_file.as_ref()),
        server_name: tls
            .server_name
            .as_ref()
            .and_then(|name| setting(checker, name, Checker::filled)),
        insecure_skip_verify: flag(checker, tls.insecure_skip_verify.as_ref(), false),
        min_version: version(checker, tls.min_version.as_ref()),
        max_version: version(checker, tls.max_version.as_ref()),
    };
    if let (Some(least), Some(most), Some(text)) =
        (read.min_version, read.max_version, &tls.max_version)
        && least > most
    {
        let message = "`max_version` is below `min_version`";
        checker.error(ProblemCode::ConflictingKeys, &text.span, message);
    }
    read
}

fn version(checker: &mut Checker<'_>, text: Option<&Text>) -> Option<TlsVersion> {
    let text = text?;
    if matches!(text.value.as_str(), "TLS10" | "TLS11") {
        let reason = "it is broken; `TLS12` and `TLS13` are";
        checker.refuse(Some(text), &text.value, reason);
        return None;
    }
    let words = [("TLS12", TlsVersion::Tls12), ("TLS13", TlsVersion::Tls13)];
    checker.word(text, "a TLS version", &words)
}
