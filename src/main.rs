//! The `gate` binary: arguments → run → exit code, nothing else.

fn main() {}
