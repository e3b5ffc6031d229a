//! What a plan would have said, for people and programs. Must not count or judge.

mod csv;
mod html;
mod json;
mod strip;
mod text;
mod tuned;
mod tuned_json;
mod words;

pub use csv::csv;
pub use html::html;
pub use json::json;
pub use text::text;
pub use tuned::{ChangedLine, beside_diff, diff, tuned};
pub use tuned_json::tuned_json;
