//! The engines of shared records, each against the real thing: what is written is there, once, for everybody; what is not
//! written is said.

pub mod bucket;
mod clones;
mod deeds;
mod emulators;
mod faults;
mod folders;
pub mod git;
mod killed;
mod stores;
mod writers;
