#!/usr/bin/env bash
# Every test there is: servers, formatting, lints, documentation, tests. Nothing is skipped.
#
#   tests/all.sh [PART]...     default: lint fast servers; hunt: the property tests alone, on many cases never seen before
set -euo pipefail
cd "$(dirname "$0")/.."

lint() {
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked
}

# What `cargo test` runs: it needs no server and no network.
fast() {
    # `hunt` makes many more.
    export PROPTEST_CASES="${PROPTEST_CASES:-64}"
    cargo test --locked -- --skip watch
    # These wait far more than they work.
    cargo test --locked -- --test-threads 6 watch
}

# What `cargo test` ignores: it needs real servers, or takes long.
servers() {
    tests/servers/fetch.sh
    tests/servers/stores.sh
    tests/integrations/fetch.sh
    # What needs data that are not here is a command of its own (docs/benchmarks.md).
    cargo test --locked --test integration -- --ignored --skip backtest::nab --skip bless --skip watch
    cargo test --locked --test integration -- --ignored --test-threads 6 watch
}

# Minutes to hours, by HUNT_CASES; it prints the seed, with which a failure can be had again.
hunt() {
    export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-$(date +%s)}" PROPTEST_CASES="${HUNT_CASES:-20000}"
    # Some properties throw most of their cases away.
    export PROPTEST_MAX_GLOBAL_REJECTS=$((PROPTEST_CASES * 100))
    echo "PROPTEST_RNG_SEED=$PROPTEST_RNG_SEED PROPTEST_CASES=$PROPTEST_CASES"
    local properties
    mapfile -t properties < <(grep -rl 'proptest! {' src --include=*.rs | sed 's|^src/||; s|/mod\.rs$||; s|\.rs$||; s|/|::|g; s|$|::|')
    cargo test --locked --lib -- "${properties[@]}"
}

if [ $# -eq 0 ]; then
    # Where the servers cannot be had it shall be said at once, not after everything else.
    tests/servers/fetch.sh
    tests/servers/stores.sh
    tests/integrations/fetch.sh
    set -- lint fast servers
fi
for part in "$@"; do
    case $part in
    lint | fast | servers | hunt) "$part" ;;
    *)
        echo "unknown part \`$part\`: lint, fast, servers, hunt" >&2
        exit 2
        ;;
    esac
done
