//! `signatures:` and `policy:`. Must not check a signature, nor fetch a policy.

use super::super::document::{self, Document};
use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::{Spanned, Text, TextOr};
use super::super::{Policy, Signatures, Stage, Trust};
use crate::names::unmistakable;

/// Reads both.
pub(super) fn read(checker: &mut Checker<'_>, document: &Document, stages: &[Stage]) -> Trust {
    let signatures = document.signatures.as_ref();
    let policy = document.policy.as_ref();
    Trust {
        signatures: signatures.and_then(|written| self::signatures(checker, written, stages)),
        policy: policy.and_then(|written| self::policy(checker, written)),
    }
}

fn signatures(
    checker: &mut Checker<'_>,
    written: &Spanned<TextOr<document::Signatures>>,
    stages: &[Stage],
) -> Option<Signatures> {
    let map = match &written.value {
        TextOr::Text(word) => {
            let words = [("required", true), ("optional", false)];
            let word = written.with(word.clone());
            let required = checker.word(&word, "what `signatures` can be", &words)?;
            return Some(Signatures {
                required,
                roles: Vec::new(),
                allowed: None,
            });
        }
        TextOr::Map(map) => map,
    };
    let required = checker.required(
        map.required.as_ref(),
        "required",
        &written.span,
        "`signatures`",
    );
    let required = required.and_then(|text| checker.flag(text));
    let mut roles = Vec::new();
    for (role, principals) in map.roles.iter().flat_map(|roles| &roles.0) {
        known_role(checker, role, stages);
        let principals = checker.names_of(principals, "the principal");
        for principal in &principals {
            one_script(checker, principal);
        }
        let names = principals.into_iter().map(|text| text.value).collect();
        roles.push((role.value.clone(), names));
    }
    Some(Signatures {
        required: required?,
        roles,
        allowed: map.allowed.as_ref().map(|text| text.value.clone()),
    })
}

/// Letters of several scripts look alike: such a name may be somebody else's.
fn one_script(checker: &mut Checker<'_>, name: &Text) {
    if let Err(reason) = unmistakable(&name.value) {
        let message = format!("`{}` {reason}", name.value);
        checker.report(
            Problem::error(ProblemCode::BadName, name.span.clone(), message)
                .help("write it in one script, or Latin beside Chinese, Japanese or Korean"),
        );
    }
}

fn known_role(checker: &mut Checker<'_>, role: &Text, stages: &[Stage]) {
    let criteria = stages.iter().flat_map(|stage| &stage.gates);
    let criteria = criteria.flat_map(|gate| &gate.criteria);
    let mut roles: Vec<&str> = Vec::new();
    for criterion in criteria {
        if let Some(role) = criterion.ask.role().filter(|role| !roles.contains(role)) {
            roles.push(role);
        }
    }
    if !roles.contains(&role.value.as_str()) {
        checker.unknown_reference(role, "approval in the role", roles.into_iter());
    }
}

fn policy(checker: &mut Checker<'_>, written: &Spanned<document::Policy>) -> Option<Policy> {
    let map = &written.value;
    let mut address = |text: Option<&Text>, key: &str| {
        let text = checker.required(text, key, &written.span, "`policy`")?;
        self::address(checker, text)
    };
    let uri = address(map.uri.as_ref(), "uri");
    let verifier = address(map.verifier.as_ref(), "verifier");
    let resource = address(map.resource.as_ref(), "resource");
    let sha256 = match &map.sha256 {
        Some(text) => Some(checker.digest(text)?),
        None => None,
    };
    Some(Policy {
        uri: uri?,
        sha256,
        verifier: verifier?,
        resource: resource?,
    })
}

/// An address with a scheme (RFC 3986), such as `https://…`, `pkg:oci/…` or `git+ssh://…`.
fn address(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    let scheme = text.value.split_once(':').map_or("", |(scheme, _)| scheme);
    let first = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let blank = |c: char| c.is_whitespace() || c.is_control();
    if first && scheme.chars().all(rest) && !text.value.contains(blank) {
        return Some(text.value.clone());
    }
    let message = "this is not a URI with a scheme";
    let help = "such as https://example.com/release-policy or pkg:oci/shipping";
    checker.report(Problem::error(ProblemCode::BadUrl, text.span.clone(), message).help(help));
    None
}

#[cfg(test)]
mod tests {
    use crate::plan::{Options, Plan, ProblemCode, load};

    const PLAN: &str = "release: r\nstages:\n  - name: s\n    entry: {approvals: [product]}\n";

    fn plan(more: &str) -> Result<Plan, Vec<ProblemCode>> {
        let text = format!("{PLAN}{more}\n");
        match load(text.as_bytes(), &Options::default()) {
            Ok(loaded) => Ok(loaded.plan),
            Err(problems) => Err(problems.iter().map(|problem| problem.code).collect()),
        }
    }

    #[test]
    fn signatures_are_a_word_or_say_who_signs() {
        let trust = |more: &str| plan(more).expect("a plan").trust;
        assert_eq!(trust("").signatures, None);
        let required = trust("signatures: required").signatures.expect("said");
        assert!(required.required && required.roles.is_empty());
        let mapped = trust("signatures: {required: true, roles: {product: [ada@example.com, b]}}");
        let mapped = mapped.signatures.expect("said");
        assert_eq!(mapped.principals("product").map(<[String]>::len), Some(2));
        assert_eq!(mapped.principals("security"), None);
    }

    #[test]
    fn a_role_that_no_gate_asks_for_is_an_error() {
        let found =
            plan("signatures: {required: true, roles: {produkt: ada}}").expect_err("unknown");
        assert_eq!(found, [ProblemCode::UnknownReference]);
        assert_eq!(
            plan("signatures: yes").expect_err("a word"),
            [ProblemCode::UnknownWord]
        );
        assert_eq!(
            plan("signatures: {roles: {product: ada}}").expect_err("a key"),
            [ProblemCode::MissingKey]
        );
    }

    #[test]
    fn a_policy_names_itself_its_verifier_and_what_is_released() {
        let whole = "policy: {uri: 'https://e.com/p', verifier: 'https://e.com/gate', resource: 'pkg:oci/shop'}";
        let policy = plan(whole).expect("a plan").trust.policy.expect("a policy");
        assert_eq!(
            (policy.resource.as_str(), policy.sha256),
            ("pkg:oci/shop", None)
        );
        for (more, code) in [
            (
                "policy: {uri: 'https://e.com/p'}",
                [ProblemCode::MissingKey].as_slice(),
            ),
            (
                "policy: {uri: '/p', verifier: 'https://e.com/g', resource: 'pkg:x'}",
                &[ProblemCode::BadUrl],
            ),
            (
                "policy: {uri: 'https://e.com/p', sha256: abc, verifier: 'https://e.com/g', resource: 'pkg:x'}",
                &[ProblemCode::BadDigest],
            ),
        ] {
            assert_eq!(plan(more).expect_err(more), code, "{more}");
        }
    }
}
