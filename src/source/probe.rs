//! What an address answers to a GET. Must not judge the answer, nor keep more of it than was asked for.

use super::failure::Fault;
use crate::findings::Response;
use crate::plan::ProbeAsk;
use crate::samples::FailureCode;

/// Asks an address.
pub(super) async fn ask(
    _probe: Option<&ProbeAsk>,
    _pointers: &[String],
) -> Result<Response, Fault> {
    Err(Fault::last(
        FailureCode::SourceMisconfigured,
        "this version does not look it up",
    ))
}
