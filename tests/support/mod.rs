//! What integration tests, benches and examples share: real servers, and samples for them.
//!
//! Must not judge anything, and must not use the crate under test: it is on the other side.
#![allow(dead_code, reason = "each test uses its own part")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot have what it stands on fails"
)]

pub mod clock;
pub mod exposition;
pub mod faulty;
pub mod kpis;
pub mod live;
pub mod program;
pub mod random;
pub mod scenario;
pub mod sealed;
pub mod servers;
pub mod stores;
pub mod timeless;
pub mod tls;
