//! Evidence → text for people and programs, a file for each format. Never a clock, never a file handle.

mod escape;

pub use escape::escape;
