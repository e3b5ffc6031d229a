//! Credentials of the three cloud vendors: found as each vendor's own tools find them, renewed, and put into requests.
//!
//! Must not send a credential to anybody but its vendor and the source, nor show one.

mod amazon;
mod azure;
mod bearer;
mod google;
mod skew;
mod variables;

pub(super) use amazon::{Amazon, Signed};
pub(super) use azure::Azure;
pub(super) use bearer::Bearer;
pub(super) use google::Google;
