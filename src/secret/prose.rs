//! What looks like a credential in words that people write: comments of plans, reasons, notes, links (T14). If in doubt it is none
//! where an ordinary sentence says as much, and one where a command or a setting does. Must not repeat what it finds.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::address;
use super::commands::{has_password, holds_password, is_stand_in};
use super::issued::is_issued;

/// What was found, in words.
const USER_INFO: &str = "the user info of an address";
const PARAMETER: &str = "a parameter of an address";
const CREDENTIAL: &str = "a credential";
/// What the name of a key, a variable or a parameter contains if its value is a credential.
const TELLING: [&str; 7] = [
    "pass",
    "secret",
    "token",
    "cred",
    "bearer",
    "access_key",
    "signature",
];
/// Keys with such names that hold none: what leads to one, or what the plan says about people's signatures.
const HARMLESS: [&str; 5] = ["_file", "_ref", "_url", "signatures", "signature"];
/// What the name of a query parameter contains, besides what keys of credentials do, if its value is one.
const PARAMETERS: [&str; 3] = ["key", "sig", "auth"];
/// What the name of a setting or a header ends with, if its value is a credential.
const SETTINGS: [&str; 9] = [
    "api_key",
    "apikey",
    "private_key",
    "auth_key",
    "account_key",
    "signing_key",
    "encryption_key",
    "authorization",
    "pwd",
];
/// Words of a language that only seem to name one.
const ORDINARY: [&str; 10] = [
    "compass", "bypass", "passed", "passes", "passing", "passage", "secretar", "credit",
    "accredit", "tokeniz",
];
/// Parameters that hold a credential if what follows is no word or number.
const CODES: [&str; 6] = ["code", "otp", "jwt", "session", "sid", "ticket"];
/// However such a parameter reads, it is one if it is as long as this.
const MIN_CODE: usize = 24;
/// What `user:x` follows.
const LOGINS: [&str; 6] = ["login", "user", "username", "account", "cred", "auth"];
/// What stands before a `:` and is no user.
const NO_USERS: [&str; 6] = ["mailto", "acct", "sip", "xmpp", "pkg", "npm"];
/// Shorter words are not taken for a password, a key or a token that nothing but a word before announces.
const MIN_TOKEN: usize = 6;
/// Base64 as people paste it: with or without padding, and cut anywhere.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whether the name of a key, a variable or a parameter says that its value is a credential.
pub(crate) fn is_telling(name: &str) -> bool {
    let name = plain(name);
    TELLING.iter().any(|part| name.contains(part))
        && !HARMLESS.iter().any(|end| name.ends_with(end))
}

/// Whether a header or a parameter of that name carries a credential.
pub(crate) fn is_credential_name(name: &str) -> bool {
    let plain = plain(name);
    let is_parameter = PARAMETERS.iter().any(|part| plain.contains(part));
    is_parameter || plain.contains("cookie") || is_telling(&plain) || names_a_credential(&plain)
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// What in a text that somebody writes looks like a credential, in words; `None` if nothing does.
pub(crate) fn credential_in(text: &str) -> Option<&'static str> {
    if has_user_info(text) {
        return Some(USER_INFO);
    }
    in_words(text, is_any)
}

/// What in the words of a plan is a credential. A plan is not judged with one in it, so that what an ordinary title may say is
/// none: `password: reset`, `https://h/@team`.
pub(crate) fn credential_in_plan(text: &str) -> Option<&'static str> {
    if text.len() < MIN_TOKEN {
        return None;
    }
    if has_plain_user_info(text) {
        return Some(USER_INFO);
    }
    in_words(text, is_plausible)
}

/// What in a query or a selector is a credential; what looks like an assignment there is a label.
pub(crate) fn credential_in_query(text: &str) -> Option<&'static str> {
    if text.len() < MIN_TOKEN {
        return None;
    }
    if has_plain_user_info(text) {
        return Some(USER_INFO);
    }
    if has_telling_parameter(text) {
        return Some(PARAMETER);
    }
    is_issued(text).then_some(CREDENTIAL)
}

fn in_words(text: &str, is_value: IsValue) -> Option<&'static str> {
    if has_telling_parameter(text) {
        return Some(PARAMETER);
    }
    (is_unmistakable(text) || is_written_out(text, is_value)).then_some(CREDENTIAL)
}

/// Whether what a name of a credential stands before is one.
pub(crate) fn is_named_credential(name: &str, value: &str) -> bool {
    looks_random(value.trim()) && names_a_credential(name)
}

/// Whether a text assigns something that may be a credential, of whatever form.
pub(crate) fn assigns(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    is_assigned_in(&words, is_any)
}

/// Whether an address in a text has user info.
pub(crate) fn has_user_info(text: &str) -> bool {
    let infos = address::user_infos(text).into_iter();
    let mut infos = infos.filter_map(|info| text.get(info));
    infos.any(|info| info.chars().any(|c| c != ':'))
}

/// Whether an address in a text has user info that nobody could mean as a part of its path (`https://h/@team`), as a digest
/// (`oci://h:5000/x@sha256:…`) or as a comment (`//ann@h`).
fn has_plain_user_info(text: &str) -> bool {
    address::user_infos(text).into_iter().any(|place| {
        let (before, rest) = text.split_at_checked(place.start).unwrap_or_default();
        let (info, behind) = rest.split_at_checked(place.len()).unwrap_or_default();
        let host = info.split(['/', '?', '#', '\\']).next().unwrap_or(info);
        let is_address = before.ends_with("://") || info.contains(':');
        let is_pinned = ["@sha256:", "@refs/"]
            .iter()
            .any(|pin| behind.starts_with(pin));
        let is_info = host.len() == info.len() || (host.contains([':', '@']) && !is_pinned);
        is_address && is_info && info.contains(|c| c != ':')
    })
}

/// The parameters of an address that are not named like credentials, one a line; `None` if it has none.
pub(crate) fn parameters(text: &str) -> Option<String> {
    let query = address::queries(text).into_iter().next()?;
    let query = text.get(query)?.split('#').next()?;
    let pairs = query.split(['&', ';']);
    let plain: Vec<&str> = pairs
        .filter(|pair| !pair.is_empty())
        .filter(|pair| !is_credential_name(pair.split('=').next().unwrap_or(pair)))
        .collect();
    (!plain.is_empty()).then(|| plain.join("\n"))
}

/// Whether what follows the `?` or `#` of an address, anywhere in a text, has a parameter that holds a credential.
pub(crate) fn has_telling_parameter(text: &str) -> bool {
    let queries = address::queries(text).into_iter();
    let queries = queries.filter_map(|query| text.get(query));
    let mut pairs = queries.flat_map(|query| query.split(['&', ';', '?', '#']));
    pairs.any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_random = value.len() >= MIN_CODE || looks_random(value);
        let is_code = CODES.contains(&plain(name).as_str()) && is_random;
        (is_credential_name(name) && !value.trim().is_empty()) || is_code
    })
}

/// Whether a text holds what can be nothing but a credential, wherever it stands: a private key, a key, token or webhook as
/// services issue them, `Bearer x`, `Basic x`, `-u user:x`, `mysql -px`.
pub(crate) fn is_unmistakable(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut pairs = words.windows(2).filter_map(pair);
    is_issued(text) || holds_password(&words) || pairs.any(|(word, next)| is_scheme(word, next))
}

/// Whether a text holds a credential with its name or its user: `user:x@host`, `login user:x`, `password: x`.
fn is_written_out(text: &str, is_value: IsValue) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut pairs = words.windows(2).filter_map(pair);
    words.iter().any(|word| is_a_pair(word, is_value))
        || pairs.any(|(word, next)| is_login(word, next))
        || is_assigned_in(&words, is_value)
}

/// `password: x`, `PASSWORD=x`, `X-Api-Key: x`, `Cookie: name=x`, `--token x`, `password = x`, `password is x`.
fn is_assigned_in(words: &[&str], is_value: IsValue) -> bool {
    let mut pairs = words.windows(2).filter_map(pair);
    words.iter().any(|word| is_assigned(word, is_value))
        || pairs.any(|(word, next)| is_given(word, next, is_value))
        || words.windows(3).any(|said| is_said(said, is_value))
}

/// Whether a word, without what surrounds it, may be the value of a credential.
type IsValue = fn(&str) -> bool;

fn is_any(word: &str) -> bool {
    !word.is_empty() && !is_stand_in(word)
}

/// A password that nobody would take for a word: letters and digits, or capitals amid small letters.
fn is_plausible(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let has_letter = word.contains(|c: char| c.is_ascii_lowercase() || c.is_ascii_uppercase());
    let inner = word.chars().skip(1);
    let is_mixed = has_digit || inner.clone().any(|c| c.is_ascii_uppercase());
    word.len() >= MIN_TOKEN
        && has_letter
        && is_mixed
        && !is_stand_in(word)
        && !is_ticket(word)
        && !is_path(word)
        && !word.contains("//")
}

fn pair<'a>(pair: &[&'a str]) -> Option<(&'a str, &'a str)> {
    match pair {
        [word, next] => Some((word, bare(next))),
        _ => None,
    }
}

/// `Bearer x`, `Basic x`.
fn is_scheme(word: &str, next: &str) -> bool {
    match bare(word).to_ascii_lowercase().as_str() {
        "bearer" => looks_random(next),
        "basic" => is_basic(next),
        _ => false,
    }
}

/// `user:password` in Base64, or something that is as random.
fn is_basic(text: &str) -> bool {
    let decoded = LENIENT.decode(text).unwrap_or_default();
    let decoded = String::from_utf8(decoded).unwrap_or_default();
    let is_pair = decoded.contains(':') && decoded.chars().all(|c| !c.is_control());
    let has = |of_kind: fn(&char) -> bool| text.chars().any(|c| of_kind(&c));
    let is_random = looks_random(text)
        && has(char::is_ascii_digit)
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase);
    is_pair || is_random
}

/// `user:x@host`, an address without its scheme.
fn is_a_pair(word: &str, is_value: IsValue) -> bool {
    let pair = word
        .rsplit_once('@')
        // An image by its digest.
        .filter(|(_, host)| !host.starts_with("sha256:"))
        .and_then(|(pair, _)| pair.split_once(':'));
    pair.is_some_and(|(user, password)| {
        !NO_USERS.contains(&user) && !password.starts_with("//") && is_value(password)
    })
}

/// `PASSWORD=x`, `password:x`, `Uid=u;Pwd=x`, `x{password="x"`.
fn is_assigned(word: &str, is_value: IsValue) -> bool {
    word.split(';').any(|part| {
        let parts = part.split_once('=').or_else(|| part.split_once(':'));
        // The parameters of an address are looked at by themselves.
        let parts = parts.filter(|(name, _)| !name.contains("//"));
        parts.is_some_and(|(name, value)| {
            let name = name.rsplit(['{', '(', ',']).next().unwrap_or(name);
            names_a_credential(name) && is_value(bare(value))
        })
    })
}

/// A word that announces a credential, and what follows it.
fn is_given(word: &str, next: &str, is_value: IsValue) -> bool {
    if let Some(name) = word.strip_suffix([':', '=']) {
        let is_cookie = matches!(plain(bare(name)).as_str(), "cookie" | "set_cookie");
        return is_value(next) && (names_a_credential(name) || (is_cookie && next.contains('=')));
    }
    if word.starts_with("--") {
        return is_value(next) && names_a_credential(word);
    }
    looks_random(next) && names_a_credential(word)
}

/// `password = x`, `password -> x`, `password is x`.
fn is_said(words: &[&str], is_value: IsValue) -> bool {
    let [name, between, value] = words else {
        return false;
    };
    let is_value = match *between {
        "=" | ":" | ":=" | "==" => is_value(bare(value)),
        "->" | "=>" | "→" | "is" | "was" | "to" => looks_random(bare(value)),
        _ => false,
    };
    is_value && names_a_credential(name)
}

/// `login user:x`.
fn is_login(word: &str, next: &str) -> bool {
    let is_password = next.split_once(':').is_some_and(|(_, x)| looks_random(x));
    if !is_password || !has_password(next) {
        return false;
    }
    let word = plain(bare(word.trim_end_matches([':', '='])));
    LOGINS.contains(&word.as_str()) || names_a_credential(&word)
}

fn names_a_credential(name: &str) -> bool {
    let name = plain(bare(name));
    if ORDINARY.iter().any(|word| name.contains(word)) {
        return false;
    }
    is_telling(&name) || name == "pw" || SETTINGS.iter().any(|end| name.ends_with(end))
}

/// Whether a word is none of a language, of a version or of a ticket: letters and digits, or capitals amid small letters.
fn looks_random(word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.+/=~".contains(c);
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let inner = word.chars().skip(1);
    let is_mixed = inner.clone().any(|c| c.is_ascii_uppercase())
        && word.contains(|c: char| c.is_ascii_lowercase());
    word.len() >= MIN_TOKEN
        && word.chars().all(is_part)
        && letters >= 2
        && (has_digit || is_mixed)
        && !is_ticket(word)
        && !is_path(word)
}

/// `OPS-1234`.
fn is_ticket(word: &str) -> bool {
    let parts = word.split_once('-');
    parts.is_some_and(|(project, number)| {
        project.chars().all(|c| c.is_ascii_uppercase())
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

fn is_path(word: &str) -> bool {
    word.starts_with(['/', '.', '~']) || (word.contains('/') && word.len() < 20)
}

/// A word without what surrounds it in a plan.
fn bare(word: &str) -> &str {
    word.trim_matches([
        ' ', '-', '#', '{', '}', '[', ']', ',', ';', '"', '\'', '`', '(', ')',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t14_what_people_paste_is_a_credential() {
        for text in [
            "password: old",
            "- {client_secret: 'old'}",
            "curl -H 'Authorization: Bearer abc.DEF-1' http://h",
            "Authorization: Basic dTpw",
            "curl -H 'X-Api-Key: S3CRET'",
            "curl -H \"x-vault-token: S3CRET\" http://h",
            "curl -uadmin:S3CRET http://h",
            "curl --user=admin:S3CRET http://h",
            "curl -u ann:old http://h",
            "curl -u 'ann:old one' http://h",
            "Cookie: session=S3CRET",
            "Set-Cookie: id=S3CRET; Path=/",
            "Authentication Basic YWRtaW46S3CRET",
            "Basic YWRtaW46cHc=",
            "Bearer eyJhbGciOi",
            "pw: S3CRET",
            "password = x",
            "Password : x",
            "the password is S3CRETx9",
            "password -> S3CRETx9",
            "token => S3CRETx9",
            "mysql -pS3CRET -u root",
            "/usr/bin/mysqldump --all -px db",
            "sshpass -p x ssh h",
            "redis-cli -a x ping",
            "Server=h;Uid=u;Pwd=x;",
            "login admin:S3CRETx9",
            "credentials: admin:S3CRETx9",
            "https://hooks.slack.com/services/T000/B000/S3CRETS3CRETS3CRETS3CRET",
            "https://discord.com/api/webhooks/123/S3CRETx9",
            "https://h/x?code=S3CRETx9",
            "https://h/cb?code=4/0AX4XfWhS3CRETS3CRETS3CRET",
            "pwd=S3CRET",
            "dbpwd: x",
            "apikey S3CRET",
            "api_key=S3CRET",
            "api-key: abc",
            "token S3CRET",
            "the token is in place: TOKEN=abc",
            "AWS_SECRET_ACCESS_KEY S3CRET",
            "AWS_SECRET_ACCESS_KEY=abc",
            "export DB_PASSWORD=old",
            "tool --api-token old",
            "tool --password=old",
            "ann:old@h:9090",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "see ghp_0123456789abcdefABCDEF0123456789abcd",
            "glpat-AbCdEfGhIjKlMnOpQrSt",
            "'xoxb-123456789012-abcdef'",
            "key:AKIAIOSFODNN7EXAMPLE",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "sk_live_S3CRET",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "https://u:p@h/1",
            "https://h/hook?token=abc",
            "https://h/#access_token=abc",
            "https://h/?a=b;sig=abc",
        ] {
            assert!(credential_in(text).is_some(), "{text}");
        }
    }

    #[test]
    fn t14_what_people_say_is_none() {
        for text in [
            "the key: of it all",
            "ask mailto:a@b or git@h:x; bearer of news",
            "see https://h/d/x?orgId=1&from=now",
            "https://h/d/abc/errors?var-ns=prod&viewPanel=7#panel-7",
            "password_file: pw; -u root; --user; token",
            "curl -u admin:$PW https://h",
            "curl -u admin:${PW} https://h, PASSWORD=$(pass show x), token: <token>, password: ***",
            "mysql -p -u root",
            "docker run -p8080:80 image",
            "sshpass -p $PW ssh h",
            "the password is in the vault",
            "the token is refreshed",
            "credentials -> vault",
            "login page:1 is slow",
            "user admin:staff may read",
            "see https://hooks.slack.com/services/… and https://api.slack.com/messaging/webhooks",
            "https://h/x?code=404 and https://h/y?session=open",
            "rate(token_requests_total{job=\"x\"}[5m])",
            "npm_registry_requests_total_p99 is up",
            "pkg:npm/foo@1.2.3",
            "rotate the token before Friday",
            "token rotation OPS-1234",
            "token OPS-1234 is done",
            "the token service was slow",
            "token v2.13.0 of the library",
            "Basic Authentication is off",
            "Bearer Tokens are checked by the proxy",
            "basic JavaScript bundle",
            "basic health checks pass",
            "secret store: vault",
            "the secret is in vault",
            "passed all tests",
            "passwords are in /etc/gate/pw1",
            "credentials /run/secrets/db-1",
            "a pass rate of 99.5%",
            "passes: 12, failures: 0 (see the report)",
            "signature: see docs",
            "signatures: required",
            "no API key is needed",
            "api keys live elsewhere",
            "cookie banner was checked",
            "Cookie: banner is shown",
            "primary_key: id",
            "the sort key is time",
            "error budget at 40%, burn 1.2x",
            "p95 < 200ms between 09:00 and 17:00",
            "owner: ann@example.com",
            "Ada Lovelace <ada@example.com> signs",
            "ping @ops:matrix.org",
            "see INC-1, sev1, opened 2026-11-20T14:05:00Z",
            "sha256:0123456789abcdef is the image",
            "registry.example.com/shipping@sha256:9f86",
            "registry.example.com:5000/shipping@sha256:9f86",
            "commit 3bfc51e04eb77bb6385d5ee275c02fe3616eb231",
            "query: sum(rate(x[5m])) by (pod)",
            "level: warn, was error",
            "author: Ann",
            "authority: the release board",
            "the author's key points",
            "keyword=latency",
            "monkey=1",
            "tokenizer v2 was rolled out",
            "compass: north",
            "bypass the cache",
            "glpat- tokens are refused",
            "AKIA keys are refused",
            "sk_live_ is the prefix",
            "npm_config_registry is set",
            "pypi-server runs",
            "SG. is Singapore",
            "use -u for the user",
            "run with --user ops",
            "docker run -u 1000:1000 image",
            "sort -u file",
            "uname -u",
            "ratio 3:2, at 10:30",
            "note: wave-1 waits for wave-0",
            "10% -> 50% -> 100%",
            "https://example.com/OPS-17",
            "BEGIN of the private key rotation",
        ] {
            assert_eq!(credential_in(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(-u|//|@|:|#|=|\\?|password|Bearer|Basic|token|eyJ|\\.|\\n|é| |A1){0,30}") {
            let _ = credential_in(&text);
        }
    }
}
