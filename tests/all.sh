#!/usr/bin/env bash
# Every test there is: servers, formatting, lints, documentation, tests. Nothing is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/servers/fetch.sh
cargo fmt --check
cargo clippy --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked
cargo test --locked
