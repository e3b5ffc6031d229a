//! HTTP according to a plan's settings: connections, credentials, redirects, retries, limits, and what went wrong, in words.
//!
//! All HTTP requests are made from here. Must not know what an answer says, nor let a secret into a message.

mod address;
mod basic;
mod client;
mod clock;
mod cloud;
mod credentials;
mod document;
mod fault;
mod issuer;
mod kept;
mod oauth;
mod patience;
mod pool;
mod post;
mod received;
mod redirect;
mod retry;
mod sent;
mod server;
mod settings;
mod tls;
mod unpack;
mod wording;

pub use clock::Clock;
pub(crate) use clock::ClockSeen;
pub use pool::Pool;
pub(crate) use post::Posted;
pub use tls::install_crypto;

pub(crate) use fault::{Again, Fault, again};
pub(crate) use issuer::element;
pub(crate) use received::Received;
pub(crate) use server::{Method, Server};
pub(crate) use settings::{Limit, Settings};
pub(crate) use wording::Wording;
