#!/usr/bin/env bash
# Builds the container image from the archive of release/build.sh, as an OCI archive, and prints its digest. Twice gives the same digest.
#
#   release/image.sh        the environment is explained in release/names.sh; CA_FILE: the authorities that the image trusts
#                           (default: this machine's)
set -euo pipefail
# shellcheck source=release/names.sh
. "$(dirname "$0")/names.sh"
needs buildah tar

authorities=${CA_FILE:-/etc/ssl/certs/ca-certificates.crt}
[ -e "$authorities" ] || fail "$authorities is missing; install ca-certificates, or set CA_FILE"
archive=$out/$stem.tar.gz
image=$out/$stem.oci.tar
[ -e "$archive" ] || fail "$archive is missing; run release/build.sh first"
absent "$image"
stage=$(mktemp -d)
storage=(--root "$stage/root" --runroot "$stage/run" --storage-driver vfs)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/context"
tar -xzf "$archive" -C "$stage/context" --strip-components=1
install -m 644 "$authorities" "$stage/context/ca-certificates.crt"

name=rollout-gate:$version
buildah "${storage[@]}" build --isolation chroot --format oci --layers=false --quiet --timestamp "$SOURCE_DATE_EPOCH" \
    --label "org.opencontainers.image.source=https://github.com/rollout-gate/gate" \
    --label "org.opencontainers.image.version=$version" \
    --label "org.opencontainers.image.licenses=MIT OR Apache-2.0" \
    --file release/Dockerfile --tag "$name" "$stage/context" >/dev/null
buildah "${storage[@]}" push --quiet --digestfile "$stage/digest" "$name" "oci-archive:$stage/image:$name"
mv "$stage/image" "$image"
chmod 644 "$image"
sums
printf '%s\n%s\n' "$image" "$(cat "$stage/digest")"
