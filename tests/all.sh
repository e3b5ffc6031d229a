#!/usr/bin/env bash
# Every test there is: servers, formatting, lints, documentation, tests. Nothing is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/servers/fetch.sh
cargo fmt --check
cargo clippy --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked
# The fast ones, then those that need the servers or take long.
cargo test --locked
cargo test --locked --test integration -- --ignored
