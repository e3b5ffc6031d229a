#!/usr/bin/env bash
# Every test there is: servers, formatting, lints, documentation, tests. Nothing is skipped.
#
#   tests/all.sh [PART]...     default: lint fast servers
set -euo pipefail
cd "$(dirname "$0")/.."

lint() {
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked
}

# What `cargo test` runs: it needs no server and no network.
fast() {
    cargo test --locked
}

# What `cargo test` ignores: it needs real servers, or takes long.
servers() {
    tests/servers/fetch.sh
    cargo test --locked --test integration -- --ignored
}

if [ $# -eq 0 ]; then
    # Where the servers cannot be had it shall be said at once, not after everything else.
    tests/servers/fetch.sh
    set -- lint fast servers
fi
for part in "$@"; do
    case $part in
    lint | fast | servers) "$part" ;;
    *)
        echo "unknown part \`$part\`: lint, fast, servers" >&2
        exit 2
        ;;
    esac
done
