# shellcheck shell=bash disable=SC2034,SC2094,SC2164
# What all scripts of a release agree on: names, date, flags of the compiler. To be sourced, from any folder.
#
# Of the environment: OUT, where everything goes (default: target/releases/NAME-VERSION); TARGET, for whom it is built (default:
# this machine's kind); SOURCE_DATE_EPOCH (default: the date of the commit); GATE_COMMIT (default: what git says).

fail() {
    printf 'no release was made: %s\n' "$1" >&2
    exit 1
}

needs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || fail "this machine has no $program; install it"
    done
}

needs cargo rustc
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$repository"

# The first `version` of a manifest is the package's.
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
target=${TARGET:-$(rustc -vV | sed -n 's/^host: //p')}
stem=rollout-gate-$version-$target
out=${OUT:-$repository/target/releases/rollout-gate-$version}
case $out in /*) ;; *) fail "OUT is $out; write it from the root, as $PWD/$out" ;; esac

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || true)}
[ -n "$SOURCE_DATE_EPOCH" ] || fail "git does not tell the date of the source; set SOURCE_DATE_EPOCH"

# A new file: what is there already stays.
absent() {
    [ ! -e "$1" ] || fail "$1 already exists; remove it, or set OUT to another folder"
}

# Digests of all that is there so far.
sums() {
    (cd "$out" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort |
        xargs -d '\n' sha256sum >SHA256SUMS)
}

# Below, the program as it is released: linked whole, and with no path of this machine in it.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
target_folder=$(realpath -m "${CARGO_TARGET_DIR:-$repository/target}")

# flags_of_release: exports them. Crates have to be there: the folder of the registry is named after its address.
flags_of_release() {
    local remap=("$repository=/gate" "$target_folder=/target" "$cargo_home=/cargo" "$(rustc --print sysroot)=/rust") folder
    # Later ones win.
    for folder in "$cargo_home"/registry/src/*; do
        remap+=("$folder=/crates" "$(realpath "$folder")=/crates")
    done
    local flags=("-Ctarget-feature=+crt-static") c=""
    for folder in "${remap[@]}"; do
        flags+=("--remap-path-prefix=$folder")
        c+=" -ffile-prefix-map=$folder"
    done
    # Flags with blanks in them, by the one variable that keeps them apart.
    CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}")
    export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
    export CFLAGS="${c# }"
    unset RUSTFLAGS
}

# The program of a release, built unless it is up to date.
program=$target_folder/$target/dist/gate
build() {
    cargo fetch --locked --target "$target"
    flags_of_release
    cargo build --locked --profile dist --target "$target" --bin gate
}
