//! Where a redirect leads, and what may go there.
//!
//! Credentials stay with the first host; a redirect from https to http is not followed with them.

use reqwest::{StatusCode, Url};

use super::basic::drop_user_info;
use super::fault::Fault;
use super::wording::Wording;
use crate::samples::FailureCode;

/// Following more redirects than this is pointless.
const MOST: usize = 10;

/// A request and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way<'a> {
    pub(super) url: Url,
    /// What is asked for, below the server's address.
    pub(super) path: &'a str,
    /// POST with the form as body; otherwise GET.
    pub(super) post: bool,
    /// Whether a GET carries the form in its address. A redirect's address has its own.
    pub(super) with_query: bool,
    /// Whether credentials and custom headers go along.
    pub(super) trusted: bool,
    pub(super) hops: usize,
}

impl Way<'_> {
    /// The request after a redirect to `location`.
    pub(super) fn follow(
        &self,
        status: StatusCode,
        location: Option<&str>,
        has_secrets: bool,
        wording: &Wording,
    ) -> Result<Self, Fault> {
        let number = status.as_u16();
        let Some(next) = location.and_then(|location| self.url.join(location).ok()) else {
            let subject = wording.subject;
            return Err(lost(format!(
                "{subject} answered {number} without a location"
            )));
        };
        let to = wording.clean(&shown(&next));
        if self.hops >= MOST {
            return Err(lost(format!(
                "more than {MOST} redirects, the last one to {to}"
            )));
        }
        if !matches!(next.scheme(), "http" | "https") {
            return Err(lost(format!(
                "redirected to {to}, which is not a web address"
            )));
        }
        if self.trusted && has_secrets && self.url.scheme() == "https" && next.scheme() == "http" {
            let message = format!("redirected from https to {to}: credentials do not go there");
            return Err(Fault::last(FailureCode::SourceTls, message));
        }
        // 301 and 302 would lose the body of a POST, which the same call elsewhere still needs.
        let keeps = matches!(number, 307 | 308)
            || (matches!(number, 301 | 302) && ends_in(&next, self.path));
        Ok(Self {
            post: self.post && keeps,
            with_query: false,
            trusted: self.trusted && origin(&next) == origin(&self.url),
            hops: self.hops + 1,
            url: next,
            path: self.path,
        })
    }
}

fn lost(message: String) -> Fault {
    Fault::last(FailureCode::SourceNotApi, message)
}

fn origin(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

/// Whether an address ends in this path.
fn ends_in(url: &Url, path: &str) -> bool {
    let before = url.path().trim_end_matches('/').strip_suffix(path);
    before.is_some_and(|before| before.ends_with('/'))
}

/// An address without user info, query and fragment.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    drop_user_info(&mut url);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str) -> Way<'static> {
        let url = Url::parse(url).expect("address");
        Way {
            url,
            path: "api/v1/query",
            post: true,
            with_query: true,
            trusted: true,
            hops: 0,
        }
    }

    fn followed(from: &str, status: u16, to: &str) -> Result<Way<'static>, Fault> {
        let status = StatusCode::from_u16(status).expect("status");
        way(from).follow(status, Some(to), true, &Wording::new("it"))
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
            .follow(
                StatusCode::FOUND,
                Some("https://a.example/"),
                true,
                &Wording::new("it"),
            )
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
        let message = |hops: usize, to: Option<&str>| {
            let way = Way {
                hops,
                ..way("http://a.example/")
            };
            let next = way.follow(StatusCode::FOUND, to, false, &Wording::new("it"));
            next.expect_err("lost").message
        };
        let many = "more than 10 redirects, the last one to http://a.example/b";
        assert_eq!(message(MOST, Some("/b")), many);
        assert_eq!(message(0, None), "it answered 302 without a location");
        let file = message(0, Some("file:///etc/passwd"));
        assert!(file.ends_with("which is not a web address"), "{file}");
        assert_eq!(
            shown(&Url::parse("http://u:p@h/x?token=1#y").expect("address")),
            "http://h/x"
        );
    }
}
