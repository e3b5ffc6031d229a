//! Where a redirect leads, and what may go there.
//!
//! Credentials stay with the first host; a way from https to http is not taken with them.

use reqwest::{StatusCode, Url};

use super::failure::Fault;
use crate::samples::FailureCode;

/// More redirects than this lead nowhere.
pub(super) const MOST: usize = 10;

/// A request on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) url: Url,
    /// POST with the form as body; else GET.
    pub(super) post: bool,
    /// Whether a GET carries the form in its address. A redirect has its own.
    pub(super) with_query: bool,
    /// Whether credentials and custom headers go along.
    pub(super) trusted: bool,
    pub(super) hops: usize,
}

impl Way {
    /// The way after a redirect to `location`.
    pub(super) fn follow(
        &self,
        status: StatusCode,
        location: Option<&str>,
        has_secrets: bool,
    ) -> Result<Self, Fault> {
        let lost = |message: String| Fault::last(FailureCode::SourceNotApi, message);
        let number = status.as_u16();
        let next = location
            .and_then(|location| self.url.join(location).ok())
            .ok_or_else(|| lost(format!("the source answered {number} without a location")))?;
        if self.hops >= MOST {
            return Err(lost(format!(
                "more than {MOST} redirects, the last one to {}",
                shown(&next)
            )));
        }
        if !matches!(next.scheme(), "http" | "https") {
            return Err(lost(format!(
                "redirected to {}, which is no web address",
                shown(&next)
            )));
        }
        let same_host = origin(&next) == origin(&self.url);
        if self.trusted && has_secrets && self.url.scheme() == "https" && next.scheme() == "http" {
            let to = shown(&next);
            return Err(Fault::last(
                FailureCode::SourceTls,
                format!("redirected from https to {to}: credentials do not go there"),
            ));
        }
        // 301 and 302 would lose the body of a POST; the API's own path elsewhere still wants it.
        let keeps = matches!(number, 307 | 308)
            || (matches!(number, 301 | 302) && same_api(&self.url, &next));
        Ok(Self {
            post: self.post && keeps,
            with_query: false,
            trusted: self.trusted && same_host,
            hops: self.hops + 1,
            url: next,
        })
    }
}

fn origin(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

/// Whether both addresses end in the same call, such as `/api/v1/query`.
fn same_api(from: &Url, to: &Url) -> bool {
    let call = from
        .path()
        .find("/api/v1/")
        .and_then(|start| from.path().get(start..));
    call.is_some_and(|call| to.path().trim_end_matches('/').ends_with(call))
}

/// An address without user info, query and fragment.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // An address that takes no user info has none to lose.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str) -> Way {
        let url = Url::parse(url).expect("address");
        Way {
            url,
            post: true,
            with_query: true,
            trusted: true,
            hops: 0,
        }
    }

    fn followed(from: &str, status: u16, to: &str) -> Result<Way, Fault> {
        let status = StatusCode::from_u16(status).expect("status");
        way(from).follow(status, Some(to), true)
    }

    #[test]
    fn credentials_stay_with_the_first_host_port_and_scheme() {
        let from = "https://a.example/api/v1/query";
        let cases = [
            ("/x/api/v1/query", true),
            ("https://a.example:443/y", true),
            ("https://a.example:8443/y", false),
            ("https://b.example/y", false),
        ];
        for (to, trusted) in cases {
            assert_eq!(followed(from, 307, to).expect(to).trusted, trusted, "{to}");
        }
    }

    #[test]
    fn the_way_back_does_not_bring_credentials_back() {
        let away =
            followed("https://a.example/api/v1/query", 307, "https://b.example/").expect("way");
        let back = away
            .follow(StatusCode::FOUND, Some("https://a.example/"), true)
            .expect("way");
        assert!(!back.trusted);
    }

    #[test]
    fn credentials_do_not_leave_tls() {
        let fault = followed("https://a.example/api/v1/query", 302, "http://a.example/")
            .expect_err("refused");
        assert_eq!(fault.code, FailureCode::SourceTls);
    }

    #[test]
    fn a_moved_post_keeps_its_body_only_towards_the_api() {
        let from = "http://a.example/api/v1/query";
        assert!(
            followed(from, 301, "http://a.example/prom/api/v1/query")
                .expect("way")
                .post
        );
        assert!(!followed(from, 302, "/login?next=query").expect("way").post);
        assert!(!followed(from, 303, "/prom/api/v1/query").expect("way").post);
    }

    #[test]
    fn redirects_end() {
        let mut lost = way("http://a.example/");
        lost.hops = MOST;
        assert!(lost.follow(StatusCode::FOUND, Some("/b"), false).is_err());
        assert!(
            way("http://a.example/")
                .follow(StatusCode::FOUND, None, false)
                .is_err()
        );
        assert!(
            way("http://a.example/")
                .follow(StatusCode::FOUND, Some("file:///etc/passwd"), false)
                .is_err()
        );
        assert_eq!(
            shown(&Url::parse("http://u:p@h/x?token=1#y").expect("address")),
            "http://h/x"
        );
    }
}
