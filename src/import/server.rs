//! Where a plan asks: addresses as other tools write them. Must not ask.

use super::draft::{Remarks, Server};

/// What stands for an address that is not known.
pub(super) const UNKNOWN_SERVER: &str = "it is not known here; the plan asks `PROMETHEUS_URL` of the environment, or http://127.0.0.1:9090";
const FALLBACK: &str = "${PROMETHEUS_URL:-http://127.0.0.1:9090}";

/// The server at an address.
pub(super) fn server(address: Option<String>, insecure: bool, remarks: &mut Remarks) -> Server {
    let address = address.map(|address| address.trim().trim_end_matches('/').to_owned());
    let url = match address.filter(|address| !address.is_empty()) {
        None => FALLBACK.to_owned(),
        Some(address) => {
            let is_whole = address.contains("://");
            let url = if is_whole {
                address
            } else {
                format!("http://{address}")
            };
            if url.contains('@') {
                remarks.note(
                    "an address with a credential in it: a plan is no place for one; the plan asks `PROMETHEUS_URL` of the environment".to_owned(),
                );
                FALLBACK.to_owned()
            } else {
                url.replace('$', "$$")
            }
        }
    };
    Server { url, insecure }
}
