//! Questions → observations, inquiries → findings, from servers, files and earlier answers.
//!
//! A source that fails is an observation, never an abort. Must not judge what the samples say.

mod ask;
mod baseline;
mod lookup;
mod number;
mod prometheus;
mod recording;
mod request;
mod seam;

pub use ask::ask;
pub use prometheus::{Catalogue, Held, Span, holds_data, read_answer};
pub use recording::{Exchange, Recording, captured, recorded};
pub use request::{Answered, Progress, Request};
