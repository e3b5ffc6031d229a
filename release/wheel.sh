#!/usr/bin/env bash
# Packs the program for `pip install rollout-gate`, by maturin: the same program as in the archive, to the byte.
#
#   release/wheel.sh        the environment is explained in release/names.sh
set -euo pipefail
# shellcheck source=release/names.sh
. "$(dirname "$0")/names.sh"
needs maturin wheel tar

archive=$out/$stem.tar.gz
[ -e "$archive" ] || fail "$archive is missing; run release/build.sh first"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
build
# A static program needs no C library, so that it runs where the oldest is, and where there is another.
maturin build --locked --profile dist --target "$target" --compatibility manylinux_2_17 --out "$stage" --quiet
made=$(find "$stage" -name '*.whl')
package=$out/${made##*/}
absent "$package"
# With the program as it is in the archive, the licences of all crates, and the SBOM.
wheel unpack --dest "$stage/unpacked" "$made" >/dev/null
about=$(find "$stage/unpacked" -name '*.dist-info')
tar -xzOf "$archive" "$stem/gate" >"$(find "$stage/unpacked" -path '*.data/scripts/gate')"
tar -xzOf "$archive" "$stem/THIRD-PARTY.txt" >"$about/licenses/THIRD-PARTY.txt"
install -D -m 644 "$out/$stem.cdx.json" "$about/sboms/rollout-gate.cdx.json"
mkdir "$stage/packed"
wheel pack --dest-dir "$stage/packed" "${about%/*}" >/dev/null
mv "$stage/packed/${made##*/}" "$package"
chmod 644 "$package"
sums
printf '%s\n' "$package"
