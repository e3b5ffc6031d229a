#!/usr/bin/env bash
# Builds a release twice, in two folders, and tries everything that it consists of. Takes an hour of CPU time at most; needs root, Debian,
# and access to Debian's packages, PyPI and the registry of crates. What is committed is built, not what is in the folder.
#
#   tests/release.sh [OUT]        OUT: a new folder for the release that was tried (default: none is kept)
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
keep=${1:-}
[ -z "$keep" ] || [ ! -e "$keep" ] || { echo "$keep already exists; name a new folder" >&2 && exit 2; }
[ "$(id -u)" = 0 ] || { echo "tests/release.sh needs root: it runs the program in an empty root" >&2 && exit 2; }
mkdir -p target
work=$(mktemp -d "$repository/target/release-test.XXXXXX")
trap 'rm -rf "$work"' EXIT

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
commit=$(git rev-parse HEAD)
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
target=$(rustc -vV | sed -n 's/^host: //p')
stem=rollout-gate-$version-$target
nobody=65532

fails() {
    printf 'FAILED: %s\n' "$1" >&2
    exit 1
}

# same WHAT ONE OTHER: two files of the same bytes.
same() {
    cmp -s "$2" "$3" || fails "$1 differs: $2, $3"
}

# says WHAT EXPECTED TEXT
says() {
    case $3 in *"$2"*) ;; *) fails "$1 should say \"$2\", and says: $3" ;; esac
}

# exits WHAT CODE COMMAND…: prints what the command does.
exits() {
    local what=$1 code=$2 found=0
    shift 2
    "$@" 2>&1 || found=$?
    [ "$found" = "$code" ] || fails "$what exits with $found instead of $code"
}

tools() {
    local missing=() package
    for package in buildah elvish file fish lintian man-db mandoc openssl python3-venv zsh; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        apt-get -qq update
        DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "${missing[@]}" >"$work/apt.log" 2>&1 ||
            fails "Debian's packages cannot be had: $(tail -n 3 "$work/apt.log")"
    fi
    python3 -m venv "$work/tools"
    "$work/tools/bin/pip" install --quiet --disable-pip-version-check --requirement release/tools.txt
    PATH=$work/tools/bin:$PATH
}

# twice: two clones in folders of different length, each with a folder of crates of its own name.
twice() {
    local clone home
    for clone in a another-folder; do
        home=$work/home-of-$clone
        mkdir -p "$home"
        ln -s "${CARGO_HOME:-$HOME/.cargo}/registry" "$home/registry"
        clone=$work/$clone
        git clone --quiet "$repository" "$clone"
        git -C "$clone" checkout --quiet "$commit"
        CARGO_HOME=$home CARGO_TARGET_DIR=$clone/target OUT=$clone/out "$clone/release/build.sh" >/dev/null
    done
    one=$work/a other=$work/another-folder out=$work/a/out
    same "the archive" "$out/$stem.tar.gz" "$other/out/$stem.tar.gz"
    same "the SBOM" "$out/$stem.cdx.json" "$other/out/$stem.cdx.json"
    (cd "$out" && sha256sum --quiet --check SHA256SUMS) || fails "SHA256SUMS is wrong"
    export CARGO_HOME=$work/home-of-a CARGO_TARGET_DIR=$one/target OUT=$out
    exits "a second build over the first" 1 "$one/release/build.sh" >"$work/again"
    says "a second build over the first" "already exists" "$(cat "$work/again")"
}

archive() {
    mkdir "$work/unpacked"
    tar -xzf "$out/$stem.tar.gz" -C "$work/unpacked"
    unpacked=$work/unpacked/$stem
    gate=$unpacked/gate
    local told path
    told=$("$gate" --version)
    [ "$told" = "gate $version (${commit:0:12} $(date -u -d "@$SOURCE_DATE_EPOCH" +%F))" ] || fails "gate --version says $told"
    for path in "$work" "$HOME" "$repository" index.crates.io .cargo/registry .rustup; do
        ! grep -rqaF -- "$path" "$gate" "$unpacked/man" "$unpacked/completions" || fails "$path is in the archive"
    done
    says "the program" "stati" "$(file -b "$gate")"
    ! readelf -d "$gate" | grep -q NEEDED || fails "the program needs libraries"
    ! readelf -l "$gate" | grep -q INTERP || fails "the program needs a loader"
    printf 'archive %s bytes, program %s bytes\n' "$(stat -c %s "$out/$stem.tar.gz")" "$(stat -c %s "$gate")"
    local crate
    for crate in rustls ring serde_json tokio; do
        grep -q "^$crate [0-9]" "$unpacked/THIRD-PARTY.txt" || fails "no licence of $crate"
    done
    grep -q "GNU LESSER GENERAL PUBLIC LICENSE" "$unpacked/THIRD-PARTY.txt" || fails "no licence of the C library"
}

# in_root ROOT WORDS…: the program in an empty root, as nobody.
in_root() {
    local root=$1
    shift
    env -i "$(command -v chroot)" --userspec=$nobody:$nobody "$root" "$@"
}

empty_root() {
    local root=$work/root
    mkdir -p "$root/work"
    cp "$gate" "$root/gate"
    cp rollout-plans/logistics-r1.0.yaml fixtures/logistics-stop-carrier/answers.json.gz "$root/work"
    chown -R $nobody:$nobody "$root/work"
    exits "a replay in an empty root" 4 in_root "$root" /gate check /work/logistics-r1.0.yaml --replay /work/answers.json.gz >"$work/replayed"
    says "a replay in an empty root" "pilot/exit: integration_5xx_rate tripped" "$(cat "$work/replayed")"
    [ -n "$(find "$root/work" -name '*-stop*.json' -user $nobody)" ] || fails "an empty root has no evidence"
}

debian() {
    "$one/release/deb.sh" >/dev/null
    local package again=$work/again-deb
    package=$(find "$out" -name '*.deb')
    mkdir "$again"
    cp "$out/$stem.tar.gz" "$again"
    OUT=$again "$one/release/deb.sh" >/dev/null
    same "the Debian package" "$package" "$(find "$again" -name '*.deb')"
    lintian --allow-root --fail-on error,warning --suppress-tags embedded-library "$package" || fails "lintian is not content"
    dpkg -i "$package" >/dev/null
    same "the installed program" /usr/bin/gate "$gate"
    man --where gate-check >/dev/null || fails "man finds no page of the package"
    bash -c '. /usr/share/bash-completion/completions/gate && complete -p gate' >/dev/null || fails "bash loads no completions"
    dpkg -r rollout-gate >/dev/null
}

wheel() {
    "$one/release/wheel.sh" >/dev/null
    CARGO_HOME=$work/home-of-another-folder CARGO_TARGET_DIR=$other/target OUT=$other/out "$other/release/wheel.sh" >/dev/null
    local wheel
    wheel=$(find "$out" -name '*.whl')
    same "the wheel" "$wheel" "$other/out/${wheel##*/}"
    python3 -m venv "$work/user"
    "$work/user/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
    same "the program of the wheel" "$work/user/bin/gate" "$gate"
    says "the wheel" "manylinux" "${wheel##*/}"
    says "the wheel" "licenses/THIRD-PARTY.txt" "$(python3 -m zipfile --list "$wheel")"
}

# hook CONFIG: pre-commit runs it on a plan that is right, then on one that is not.
hook() {
    local config=$1 plans
    plans=$(mktemp -d "$work/plans.XXXXXX")
    git -C "$plans" init --quiet
    mkdir "$plans/rollout-plans"
    cp rollout-plans/logistics-r1.0.yaml "$plans/rollout-plans/right.yaml"
    printf '%s\n' "$config" >"$plans/.pre-commit-config.yaml"
    git -C "$plans" add --all
    (cd "$plans" && PIP_FIND_LINKS=$out PRE_COMMIT_HOME=$work/pre-commit pre-commit run --all-files) >"$plans/log" 2>&1 ||
        fails "pre-commit: $(cat "$plans/log")"
    says pre-commit Passed "$(cat "$plans/log")"
    echo "stages: []" >>"$plans/rollout-plans/right.yaml"
    exits "pre-commit on a wrong plan" 1 env -C "$plans" "PIP_FIND_LINKS=$out" "PRE_COMMIT_HOME=$work/pre-commit" pre-commit run --all-files >"$plans/log"
    says pre-commit "rollout-plans/right.yaml" "$(cat "$plans/log")"
}

hooks() {
    pre-commit validate-manifest .pre-commit-hooks.yaml
    local local_hook
    # As docs/install.md shows it.
    local_hook=$(sed -n '/^repos:$/,/^```$/p' docs/install.md | sed '/^```$/,$d')
    hook "${local_hook//ROLLOUT_GATE_VERSION/$version}"
    PATH=$unpacked:$PATH hook "repos: [{repo: '$repository', rev: '$commit', hooks: [{id: gate-validate-installed}]}]"
}

image() {
    local image digests again=$work/again-image
    mkdir "$again"
    cp "$out/$stem.tar.gz" "$again"
    digests=("$("$one/release/image.sh" | tail -n 1)" "$(OUT=$again "$one/release/image.sh" | tail -n 1)")
    [ "${digests[0]}" = "${digests[1]}" ] || fails "the image has two digests: ${digests[*]}"
    printf 'image %s\n' "${digests[0]}"
    image=$(find "$out" -name '*.oci.tar')
    mkdir "$work/oci"
    tar -xf "$image" -C "$work/oci"
    python3 tests/release/image.py "$work/oci" "$work/image-root" >"$work/config"
    same "the program of the image" "$work/image-root/usr/bin/gate" "$gate"
    says "the image's user" "65532:65532" "$(cat "$work/config")"
    in_root "$work/image-root" /usr/bin/gate --version >/dev/null || fails "the image does not run"
}

# A server whose authority is in the image's file and whose name is in its hosts file is asked; without the authority it is not.
network() {
    local root=$work/image-root port answer
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=prom.test \
        -addext subjectAltName=DNS:prom.test 2>/dev/null
    python3 tests/release/server.py "$work/cert.pem" "$work/key.pem" >"$work/port" &
    server=$!
    trap 'kill "$server"; rm -rf "$work"' EXIT
    until [ -s "$work/port" ]; do sleep 0.1; done
    port=$(cat "$work/port")
    echo "127.0.0.1 prom.test" >"$root/etc/hosts"
    # Modules of a C library that is not there.
    echo "hosts: resolve" >"$root/etc/nsswitch.conf"
    cat >"$root/work/plan.yaml" <<TEXT
release: test
source: https://prom.test:$port
kpis: { up: { query: up, unit: count } }
stages: [{ name: one, window: 1h, exit: { kpis: { up: "> 0" } } }]
TEXT
    chown -R $nobody:$nobody "$root/work"
    answer=$(exits "an unknown authority" 3 in_root "$root" /usr/bin/gate check /work/plan.yaml --trailing --no-ledger --evidence /work/one)
    says "an unknown authority" certificate "$answer"
    cat "$work/cert.pem" >>"$root/etc/ssl/certs/ca-certificates.crt"
    answer=$(exits "a known authority" 3 in_root "$root" /usr/bin/gate check /work/plan.yaml --trailing --no-ledger --evidence /work/other)
    says "a known authority" 404 "$answer"
    kill "$server"
    trap 'rm -rf "$work"' EXIT
}

shells() {
    local folder=$unpacked/completions found
    bash -n "$folder/gate.bash"
    zsh -n "$folder/_gate"
    found=$(zsh -fc "fpath=($folder \$fpath); autoload -Uz compinit && compinit -u -D && print \${_comps[gate]}")
    [ "$found" = _gate ] || fails "zsh has no completions for gate: $found"
    fish --no-execute "$folder/gate.fish"
    found=$(fish --no-config -c "source $folder/gate.fish; complete -C 'gate check --acc'")
    says "fish" --accept-overrides "$found"
    # Only a terminal has what it assigns to; whether it can be read is told before.
    found=$(elvish -compileonly "$folder/gate.elv" 2>&1 || true)
    case $found in *"Parse error"* | *"parse error"*) fails "elvish: $found" ;; esac
}

manual() {
    local page problems
    for page in "$unpacked"/man/*.1; do
        problems=$(mandoc -T lint -W error "$page") || fails "mandoc: $problems"
        problems=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null)
        [ -z "$problems" ] || fails "man: $problems"
    done
    says "the page of check" "--accept-overrides" "$(man -l "$unpacked/man/gate-check.1" | col -b)"
}

contents() {
    "$work/tools/bin/python" - "$out/$stem.cdx.json" <<'PYTHON'
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

text = open(sys.argv[1]).read()
validator = JsonStrictValidator(SchemaVersion.V1_6)
assert validator.validate_str(text.replace('"library"', '"book"')) is not None, "the validator refuses nothing"
wrong = validator.validate_str(text)
sys.exit(f"the SBOM is wrong: {wrong}" if wrong else 0)
PYTHON
}

workflows() {
    zizmor --offline --quiet .github/workflows || fails "zizmor has findings"
    check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml || fails "a workflow is no workflow"
    sed 's/@[0-9a-f]\{40\}/@v1/' .github/workflows/ci.yml >"$work/ci.yml"
    ! zizmor --offline --quiet "$work/ci.yml" >/dev/null 2>&1 || fails "zizmor refuses nothing"
}

# What the registry would get builds without git, and knows its commit all the same.
crate() {
    (cd "$one" && cargo package --quiet --locked --no-verify)
    local unpacked=$work/crate/rollout-gate-$version
    mkdir "$work/crate"
    tar -xzf "$CARGO_TARGET_DIR/package/rollout-gate-$version.crate" -C "$work/crate"
    [ ! -e "$unpacked/tests" ] || fails "the package holds the tests"
    (cd "$unpacked" && CARGO_TARGET_DIR=$work/crate/target cargo check --quiet --locked --release)
    grep -qx "cargo::rustc-env=GATE_BUILT_COMMIT=$commit" "$work"/crate/target/release/build/rollout-gate-*/output || fails "the package does not know its commit"
    printf 'package %s bytes\n' "$(stat -c %s "$CARGO_TARGET_DIR/package/rollout-gate-$version.crate")"
}

for part in tools twice archive empty_root shells manual contents debian image network wheel hooks workflows crate; do
    begin=$SECONDS
    "$part"
    printf '%s took %s s\n' "$part" $((SECONDS - begin))
done
(cd "$out" && sha256sum --quiet --check SHA256SUMS && cat SHA256SUMS)
[ -z "$keep" ] || cp -r "$out" "$keep"
echo "the release is as it should be"
