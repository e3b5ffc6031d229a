#!/usr/bin/env bash
# What `gate check --attest` writes, read by implementations that have nothing to do with it: the packages securesystemslib
# (DSSE) and in-toto-attestation of PyPI, in an environment of their own below target/. Needs Python 3 with venv, and PyPI
# once; part of no other test. Run after `cargo build`.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=target/attest-venv
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet 'securesystemslib[crypto]==1.3.1' 'in-toto-attestation==0.9.3'
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl genpkey -algorithm ed25519 -out "$work/ed.pem"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/ec.pem"
cat > "$work/plan.yaml" <<'PLAN'
release: {name: shipping, subjects: [{name: registry.example.com/shipping, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]}
policy: {uri: 'https://example.com/policy', verifier: 'https://example.com/gate', resource: 'pkg:oci/shipping'}
stages:
  - name: pilot
    entry: {confirmations: [lead]}
PLAN
for name in ed ec; do
    openssl pkey -in "$work/$name.pem" -pubout -out "$work/$name.pub"
    # HOLD: nobody has confirmed anything.
    target/debug/gate check "$work/plan.yaml" --no-ledger --attest "$work/$name.intoto.json" --attest-key "$work/$name.pem" \
        > "$work/printed" 2>&1 || [ $? -eq 3 ]
    "$venv/bin/python" tests/attest/verify.py "$work/$name.intoto.jsonl" "$work/$name.pub"
done
