#!/usr/bin/env bash
# Packs the archive of release/build.sh for Debian and what descends from it. Twice gives the same bytes.
#
#   release/deb.sh        the environment is explained in release/names.sh
set -euo pipefail
# shellcheck source=release/names.sh
. "$(dirname "$0")/names.sh"
needs dpkg-deb tar gzip

case $target in
x86_64-*) architecture=amd64 ;;
aarch64-*) architecture=arm64 ;;
*) fail "Debian's name for $target is not known here; add it to release/deb.sh" ;;
esac
archive=$out/$stem.tar.gz
package=$out/rollout-gate_${version}_$architecture.deb
[ -e "$archive" ] || fail "$archive is missing; run release/build.sh first"
absent "$package"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/archive" "$stage/package"
tar -xzf "$archive" -C "$stage/archive" --strip-components=1
from=$stage/archive root=$stage/package

# put MODE FILE PATH: a file of the package, with its folders.
put() {
    install -D -m "$1" "$2" "$root/$3"
}

documents=usr/share/doc/rollout-gate
put 755 "$from/gate" usr/bin/gate
put 644 "$from/completions/gate.bash" usr/share/bash-completion/completions/gate
put 644 "$from/completions/_gate" usr/share/zsh/vendor-completions/_gate
put 644 "$from/completions/gate.fish" usr/share/fish/vendor_completions.d/gate.fish
put 644 "$from/README.md" "$documents/README.md"
put 644 "$from/THIRD-PARTY.txt" "$documents/THIRD-PARTY.txt"
put 644 "$from/CHANGELOG.md" "$documents/CHANGELOG.md"
maintainer="The gate maintainers <maintainers@rollout-gate.example>"
printf 'rollout-gate (%s) unstable; urgency=medium\n\n  * What changed is in CHANGELOG.md.gz.\n\n -- %s  %s\n' \
    "$version" "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")" >"$stage/changelog"
put 644 "$stage/changelog" "$documents/changelog"
for page in "$from"/man/*.1; do
    put 644 "$page" "usr/share/man/man1/${page##*/}"
done
find "$root/usr/share/man" "$root/$documents" -type f -exec gzip -9n {} +

{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'
    printf 'Upstream-Name: gate\nSource: https://github.com/rollout-gate/gate\n'
    printf 'Comment: The libraries that are linked into the program, each with its licence, are in THIRD-PARTY.txt.gz beside this file.\n\n'
    printf 'Files: *\nCopyright: 2026 The gate authors\nLicense: Expat or Apache-2.0\n\n'
    printf 'License: Expat\n'
    # The text alone, indented as the format wants it.
    sed -e '1,/^Copyright/d' -e '/./,$!d' LICENSE-MIT | sed -e 's/^$/./' -e 's/^/ /'
    printf '\nLicense: Apache-2.0\n On Debian systems, the text is in /usr/share/common-licenses/Apache-2.0.\n'
} >"$stage/copyright"
put 644 "$stage/copyright" "$documents/copyright"

# One file for every distribution, and for images without one. lintian takes it for a library.
cat >"$stage/overrides" <<'TEXT'
# A program that is linked statically, and may lie at any address: it needs no library.
rollout-gate: shared-library-lacks-prerequisites [usr/bin/gate]
TEXT
put 644 "$stage/overrides" usr/share/lintian/overrides/rollout-gate

mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<TEXT
Package: rollout-gate
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k --apparent-size -s "$root/usr" | cut -f1)
Recommends: ca-certificates, git, openssh-client
Section: devel
Priority: optional
Homepage: https://github.com/rollout-gate/gate
Description: go or no-go between the stages of a rollout
 gate reads a rollout plan, asks Prometheus for its metrics, prints a verdict
 for each gate between two stages, and writes evidence from which the verdict
 can be recomputed later. Missing, late or unreadable data never let a release
 go on.
TEXT
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod -R u=rwX,go=rX "$root"
dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$root" "$stage/made.deb" >/dev/null
mv "$stage/made.deb" "$package"
chmod 644 "$package"
sums
printf '%s\n' "$package"
