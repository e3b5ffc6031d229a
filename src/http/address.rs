//! The addresses of requests: paths below a server's own, forms as queries. Must not send anything.

use reqwest::Url;

/// The address of a path below the base: the prefix is kept, no slash is doubled. An empty path is the base itself.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if !path.is_empty() {
        let parts = base.path().split('/').filter(|part| !part.is_empty());
        let prefix = parts.fold(String::new(), |prefix, part| prefix + "/" + part);
        url.set_path(&format!("{prefix}/{path}"));
    }
    url
}

/// An address with a form as its query. A blank is `%20`, which all servers read as one, and not `+`, which some do not.
pub(super) fn with_query(mut url: Url, form: &[(&str, &str)]) -> Url {
    url.query_pairs_mut().extend_pairs(form);
    let query = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(query.as_deref());
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_sent_as_percent_20_and_a_plus_as_itself() {
        let url = Url::parse("http://h/p").expect("an address");
        let form = [("query", "a + b"), ("x", "é")];
        let sent = with_query(url, &form);
        assert_eq!(sent.as_str(), "http://h/p?query=a%20%2B%20b&x=%C3%A9");
    }

    #[test]
    fn rule_8_addresses_are_joined_without_doubled_or_trailing_slashes() {
        let cases = [
            ("http://h:9090", "http://h:9090/api/v1/query"),
            ("http://h:9090/", "http://h:9090/api/v1/query"),
            ("http://h/prom/", "http://h/prom/api/v1/query"),
            ("http://h//a///b", "http://h/a/b/api/v1/query"),
        ];
        for (base, joined) in cases {
            let base = Url::parse(base).expect("an address");
            assert_eq!(below(&base, "api/v1/query").as_str(), joined);
            assert_eq!(below(&base, ""), base);
        }
    }
}
