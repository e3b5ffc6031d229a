"""Reads envelopes with securesystemslib and statements with in-toto-attestation; ends with an error on anything unsound."""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

# The predicate of each type as its publishers define it: an unknown or misspelt key is an error.
PREDICATES = {
    "https://in-toto.io/attestation/test-result/v0.1": test_result_pb2.TestResult,
    "https://slsa.dev/verification_summary/v1": vsa_pb2.VerificationSummary,
}


def unchanged(envelope, key):
    try:
        return list(envelope.verify([key], 1)) == [key.keyid]
    except VerificationError:
        return False


envelopes, public = sys.argv[1:]
with open(public, "rb") as file:
    public_key = load_pem_public_key(file.read())
with open(envelopes) as file:
    lines = file.read().splitlines()
assert len(lines) == len(PREDICATES), lines
for line in lines:
    raw = json.loads(line)
    key = SSlibKey.from_crypto(public_key, keyid=raw["signatures"][0]["keyid"])
    envelope = Envelope.from_dict(json.loads(line))
    assert unchanged(envelope, key), "the signature does not hold"
    assert envelope.payload_type == "application/vnd.in-toto+json", envelope.payload_type
    body = json.loads(envelope.payload)
    Statement.copy_from_pb(json_format.ParseDict(body, statement_pb2.Statement())).validate()
    # SLSA 1.2 has it; the package knows 1.0.
    body["predicate"].get("verifier", {}).pop("version", None)
    json_format.ParseDict(body["predicate"], PREDICATES[body["predicateType"]]())
    envelope.payload = envelope.payload.replace(b"FAILED", b"PASSED")
    assert not unchanged(envelope, key), "a changed payload was taken for signed"
    print(body["predicateType"], "holds for", public)
