//! Amazon's signatures as a server checks them: from what came over the wire, written anew from Amazon's description.

use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, sign};

use super::{header, line};

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), text.as_bytes())
        .as_ref()
        .to_vec()
}

/// Whose signature a request has, as `KEY/REGION/SERVICE`, once it is found to be right for that secret.
pub fn signed_by(request: &str, secret: &str) -> String {
    let authorization = header(request, "authorization").expect("an authorization");
    let rest = authorization
        .strip_prefix("AWS4-HMAC-SHA256 Credential=")
        .expect("a signature");
    let parts: Vec<&str> = rest.split(", ").collect();
    let [scope, signed, signature] = parts.as_slice() else {
        panic!("{authorization}");
    };
    let scope: Vec<&str> = scope.split('/').collect();
    let [key, day, region, service, "aws4_request"] = scope.as_slice() else {
        panic!("{authorization}");
    };
    let names = signed.strip_prefix("SignedHeaders=").expect("names");
    let time = header(request, "x-amz-date").expect("a date");
    assert!(time.starts_with(day), "{time} {day}");
    for (name, value) in request
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": "))
    {
        let is_own = name.to_lowercase().starts_with("x-amz-");
        assert!(
            !is_own || names.split(';').any(|one| one == name),
            "{name}: {value}"
        );
    }
    let canonical = canonical(request, names);
    let string = format!(
        "AWS4-HMAC-SHA256\n{time}\n{day}/{region}/{service}/aws4_request\n{}",
        hex(digest(&SHA256, canonical.as_bytes()).as_ref())
    );
    let mut derived = hmac(format!("AWS4{secret}").as_bytes(), day);
    for part in [*region, *service, "aws4_request"] {
        derived = hmac(&derived, part);
    }
    let right = hex(&hmac(&derived, &string));
    assert_eq!(*signature, format!("Signature={right}"), "{canonical}");
    format!("{key}/{region}/{service}")
}

/// A request as it is signed. Its address is taken as it came: every reserved character must be encoded already.
fn canonical(request: &str, names: &str) -> String {
    let (method, address) = line(request).split_once(' ').expect("a request");
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    for pair in &pairs {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%=".contains(c);
        assert!(pair.chars().all(plain), "{pair} is not encoded");
    }
    let headers = names
        .split(';')
        .map(|name| format!("{name}:{}\n", header(request, name).expect("signed").trim()));
    let headers = headers.collect::<Vec<_>>().concat();
    let body = request.split("\r\n\r\n").nth(1).unwrap_or_default();
    let hash = hex(digest(&SHA256, body.as_bytes()).as_ref());
    assert_eq!(header(request, "x-amz-content-sha256"), Some(hash.as_str()));
    let path = path.replace('%', "%25");
    format!(
        "{method}\n{path}\n{}\n{headers}\n{names}\n{hash}",
        pairs.join("&")
    )
}
