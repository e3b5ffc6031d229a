//! The decisions of people's commands, without files.
