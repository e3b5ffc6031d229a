#!/usr/bin/env bash
# Builds what is downloaded: an archive with the static program, its pages, completions and licences, and an SBOM beside it.
# The same commit gives the same bytes, wherever it is built (by the same Rust and the same C library).
#
#   release/build.sh        the environment is explained in release/names.sh
set -euo pipefail
# shellcheck source=release/names.sh
. "$(dirname "$0")/names.sh"
needs cc git python3 tar gzip sha256sum

archive=$out/$stem.tar.gz
absent "$archive"
absent "$out/$stem.cdx.json"
mkdir -p "$out"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
folder=$stage/$stem
mkdir -p "$folder/man" "$folder/completions"

# Where /etc/nsswitch.conf names modules (`resolve`, `myhostname`), a static C library loads them, with them the machine's own C library,
# and crashes if that is another version. Without that file it asks /etc/hosts and DNS: the path becomes one that no machine has.
without_modules() {
    [ "$(LC_ALL=C grep -aoF /etc/nsswitch.conf "$1" | wc -l)" = 1 ] || fail "the C library does not name /etc/nsswitch.conf as expected"
    LC_ALL=C sed 's|/etc/nsswitch\.conf|/etc/nsswitch.none|' "$1"
}

build
without_modules "$program" >"$folder/gate"
chmod 755 "$folder/gate"
program=$folder/gate
cp LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "$folder"
"$program" man "$folder/man"
"$program" completions bash >"$folder/completions/gate.bash"
"$program" completions zsh >"$folder/completions/_gate"
"$program" completions fish >"$folder/completions/gate.fish"
"$program" completions powershell >"$folder/completions/gate.ps1"
"$program" completions elvish >"$folder/completions/gate.elv"
python3 release/crates.py licences "$target" >"$folder/THIRD-PARTY.txt"
python3 release/crates.py sbom "$target" >"$stage/sbom"

chmod -R u=rwX,go=rX "$folder"
tar --create --directory "$stage" --format=ustar --sort=name --owner=0 --group=0 --numeric-owner \
    --mtime="@$SOURCE_DATE_EPOCH" "$stem" | gzip -9n >"$stage/archive"
mv "$stage/archive" "$archive"
mv "$stage/sbom" "$out/$stem.cdx.json"
chmod 644 "$archive" "$out/$stem.cdx.json"
sums
printf '%s\n' "$archive" "$out/$stem.cdx.json"
