//! `sigv4`, `google_iam` and `azuread`, with the names that Prometheus gives them. Must not look for credentials, nor open the
//! files that it names.

use url::Url;

use super::super::super::environment::has_placeholder;
use super::super::super::problem::{Problem, ProblemCode, Span};
use super::super::super::spanned::{Spanned, Text};
use super::super::super::{Auth, AzureAd, AzureCloud, AzureIdentity, GoogleIam, Role, Sigv4};
use super::super::addresses::{secret, setting};
use super::super::checker::Checker;
use super::{either, flag, path, written};
use crate::secret::address::is_loopback;

/// What Amazon calls its service of Prometheus.
const SERVICE: &str = "aps";

/// The key of `http_config` that asks a cloud vendor who may ask; `None` for any other way to authenticate.
fn key(auth: &Auth) -> Option<&'static str> {
    match auth {
        Auth::Sigv4(_) => Some("sigv4"),
        Auth::GoogleIam(_) => Some("google_iam"),
        Auth::AzureAd(_) => Some("azuread"),
        Auth::Basic { .. } | Auth::Header { .. } | Auth::Oauth2(_) => None,
    }
}

/// Refuses a vendor's credentials beside an address of plain HTTP on another machine: their own servers have none.
pub(super) fn check_address(checker: &mut Checker<'_>, auth: &Auth, url: &str, span: &Span) {
    let Some(key) = key(auth) else { return };
    let url = Url::parse(url).ok();
    if url.is_some_and(|url| url.scheme() == "http" && !is_loopback(&url)) {
        let message = format!("`{key}` beside an address that begins with `http://`");
        checker.report(
            Problem::error(ProblemCode::ConflictingKeys, span.clone(), message).help(
                "write `https://`: with plain HTTP anybody on the way could ask with these credentials",
            ),
        );
    }
}

/// Amazon's signatures.
pub(super) fn sigv4(checker: &mut Checker<'_>, written: &Spanned<written::Sigv4>) -> Option<Auth> {
    let map = &written.value;
    let region = map
        .region
        .as_ref()
        .map(|text| name(checker, text, "a region"));
    let service = service(checker, map);
    let profile = map.profile.as_ref().map(|text| line(checker, text));
    let keys = keys(checker, written);
    let role = role(checker, written);
    let fips = flag(checker, map.use_fips_sts_endpoint.as_ref(), false);
    Some(Auth::Sigv4(Box::new(Sigv4 {
        region: all(region)?,
        service: service?,
        keys: keys?,
        profile: all(profile)?,
        role: role?,
        fips,
    })))
}

/// What is there, unless there is a problem with it.
#[expect(clippy::option_option, reason = "absent is not wrong")]
fn all<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(value) => value.map(Some),
    }
}

/// `service`, which Prometheus calls `service_name`.
fn service(checker: &mut Checker<'_>, map: &written::Sigv4) -> Option<String> {
    if let (Some(first), Some(second)) = (&map.service, &map.service_name) {
        let message = "`service_name` is another name of `service`";
        checker.report(
            Problem::error(ProblemCode::ConflictingKeys, second.span.clone(), message)
                .related(first.span.clone(), "the other one")
                .help("keep one of them"),
        );
        return None;
    }
    match map.service.as_ref().or(map.service_name.as_ref()) {
        Some(text) => name(checker, text, "a service"),
        None => Some(SERVICE.to_owned()),
    }
}

#[expect(clippy::option_option, reason = "absent is not wrong")]
fn keys(
    checker: &mut Checker<'_>,
    written: &Spanned<written::Sigv4>,
) -> Option<Option<(String, super::SecretSource)>> {
    let map = &written.value;
    let (inline, file) = (map.secret_key.as_ref(), map.secret_key_file.as_ref());
    let has_secret = inline.is_some() || file.is_some();
    if map.access_key.is_some() != has_secret {
        let message = "`access_key` needs its `secret_key`, and `secret_key` its `access_key`";
        let problem = Problem::error(ProblemCode::ConflictingKeys, written.span.clone(), message);
        checker.report(problem.help(
            "write both, or neither: then the environment, profiles and the machine are looked at",
        ));
        return None;
    }
    let Some(id) = &map.access_key else {
        return Some(None);
    };
    if let Some(profile) = &map.profile {
        let message = "`profile` beside `access_key`: only one of them can be used";
        checker.error(ProblemCode::ConflictingKeys, &profile.span, message);
        return None;
    }
    let id = line(checker, id);
    let secret = either(checker, inline, file);
    Some(Some((id?, secret?)))
}

#[expect(clippy::option_option, reason = "absent is not wrong")]
fn role(checker: &mut Checker<'_>, written: &Spanned<written::Sigv4>) -> Option<Option<Role>> {
    let map = &written.value;
    let external_id = map.external_id.as_ref().map(|text| line(checker, text));
    let Some(arn) = &map.role_arn else {
        if let Some(id) = &map.external_id {
            let message = "`external_id` without a `role_arn` that it is for";
            checker.error(ProblemCode::ConflictingKeys, &id.span, message);
            return None;
        }
        return Some(None);
    };
    let arn = fitting(
        checker,
        arn,
        "a role's ARN, such as `arn:aws:iam::123456789012:role/gate`",
        |text| text.starts_with("arn:") && text.chars().all(|c| c.is_ascii_graphic()),
    );
    Some(Some(Role {
        arn: arn?,
        external_id: all(external_id)?,
    }))
}

/// Google's tokens.
pub(super) fn google_iam(
    checker: &mut Checker<'_>,
    written: &Spanned<written::GoogleIam>,
) -> Option<Auth> {
    let file = written.value.credentials_file.as_ref();
    let credentials_file = all(file.map(|file| path(checker, file)))?;
    Some(Auth::GoogleIam(GoogleIam { credentials_file }))
}

/// Microsoft's tokens.
pub(super) fn azuread(
    checker: &mut Checker<'_>,
    written: &Spanned<written::AzureAd>,
) -> Option<Auth> {
    let map = &written.value;
    let words = AzureCloud::ALL.map(|cloud| (cloud.word(), cloud));
    let cloud = map.cloud.as_ref().map(|text| {
        setting(checker, text, |checker, text| {
            checker.word(text, "a cloud of Azure", &words)
        })
    });
    let scope = map.scope.as_ref().map(|text| {
        let what = "a scope, such as `https://prometheus.monitor.azure.com/.default`";
        fitting(checker, text, what, |text| {
            text.ends_with("/.default") && text.chars().all(|c| c.is_ascii_graphic())
        })
    });
    let identity = identity(checker, map);
    Some(Auth::AzureAd(Box::new(AzureAd {
        cloud: all(cloud)?.unwrap_or_default(),
        scope: all(scope)?,
        identity: identity?,
    })))
}

/// Who asks: at most one way.
fn identity(checker: &mut Checker<'_>, map: &written::AzureAd) -> Option<AzureIdentity> {
    let ways = [
        map.oauth.as_ref().map(|way| &way.span),
        map.workload_identity.as_ref().map(|way| &way.span),
        map.managed_identity.as_ref().map(|way| &way.span),
        map.sdk.as_ref().map(|way| &way.span),
    ];
    let ways: Vec<&Span> = ways.into_iter().flatten().collect();
    if let [first, second, ..] = ways.as_slice() {
        let message = "two identities: only one can ask";
        checker.report(
            Problem::error(ProblemCode::ConflictingKeys, (*second).clone(), message)
                .related((*first).clone(), "the other one")
                .help("keep one of oauth, workload_identity, managed_identity, sdk"),
        );
        return None;
    }
    if let Some(way) = &map.oauth {
        return application(checker, way);
    }
    if let Some(way) = &map.workload_identity {
        let way = &way.value;
        let tenant_id = way
            .tenant_id
            .as_ref()
            .map(|text| name(checker, text, TENANT));
        let client_id = way
            .client_id
            .as_ref()
            .map(|text| name(checker, text, CLIENT));
        let token_file = way.token_file_path.as_ref().map(|file| path(checker, file));
        return Some(AzureIdentity::Workload {
            tenant_id: all(tenant_id)?,
            client_id: all(client_id)?,
            token_file: all(token_file)?,
        });
    }
    if let Some(way) = &map.managed_identity {
        let id = way.value.client_id.as_ref();
        let client_id = id.map(|text| name(checker, text, CLIENT));
        return Some(AzureIdentity::Managed {
            client_id: all(client_id)?,
        });
    }
    let sdk = map
        .sdk
        .as_ref()
        .and_then(|sdk| sdk.value.tenant_id.as_ref());
    let tenant_id = sdk.map(|text| name(checker, text, TENANT));
    Some(AzureIdentity::Found {
        tenant_id: all(tenant_id)?,
    })
}

const TENANT: &str = "the id of a tenant";
const CLIENT: &str = "the id of an application or identity";

/// An application with a secret.
fn application(
    checker: &mut Checker<'_>,
    way: &Spanned<written::AzureOauth>,
) -> Option<AzureIdentity> {
    let (span, way, what) = (&way.span, &way.value, "`oauth`");
    let (inline, file) = (way.client_secret.as_ref(), way.client_secret_file.as_ref());
    let there = (inline.is_some() || file.is_some()).then_some(&());
    let client_id = checker.required(way.client_id.as_ref(), "client_id", span, what);
    let tenant_id = checker.required(way.tenant_id.as_ref(), "tenant_id", span, what);
    checker.required(there, "client_secret", span, what);
    let client_id = client_id.and_then(|text| name(checker, text, CLIENT));
    let tenant_id = tenant_id.and_then(|text| name(checker, text, TENANT));
    Some(AzureIdentity::Secret {
        client_secret: either(checker, inline, file)?,
        client_id: client_id?,
        tenant_id: tenant_id?,
    })
}

/// What becomes part of an address: letters, digits, `-` and `.`, such as a region or the id of a tenant.
fn name(checker: &mut Checker<'_>, text: &Text, what: &str) -> Option<String> {
    fitting(checker, text, what, |text| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
    })
}

/// What goes into a request as it is.
fn line(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    fitting(checker, text, "text on one line", |text| {
        !text.chars().any(char::is_control)
    })
}

/// A text that has this form. Without an environment, placeholders stay as written.
fn fitting(
    checker: &mut Checker<'_>,
    text: &Text,
    what: &str,
    fits: fn(&str) -> bool,
) -> Option<String> {
    if has_placeholder(&text.value) && checker.options.environment.is_none() {
        return secret(checker, text).map(|text| text.expose().to_owned());
    }
    setting(checker, text, |checker, text| {
        let value = checker.filled(text)?;
        if fits(&value) {
            return Some(value);
        }
        checker.error(
            ProblemCode::BadName,
            &text.span,
            format!("this is not {what}"),
        );
        None
    })
}
