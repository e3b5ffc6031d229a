"""Reads envelopes with securesystemslib and statements with in-toto-attestation; ends with an error on anything unsound."""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
# The package's message for it holds one level, where the specification has a list: its statement alone is checked.
SUMMARY = "https://slsa.dev/verification_summary/v1"


def unchanged(envelope, key):
    try:
        return list(envelope.verify([key], 1)) == [key.keyid]
    except VerificationError:
        return False


def envelope_of(line):
    return Envelope.from_dict(json.loads(line))


envelopes, public = sys.argv[1:]
with open(public, "rb") as file:
    public_key = load_pem_public_key(file.read())
with open(envelopes) as file:
    lines = file.read().splitlines()
assert [json.loads(envelope_of(line).payload)["predicateType"] for line in lines] == [TEST_RESULT, SUMMARY]
for line in lines:
    raw = json.loads(line)
    key = SSlibKey.from_crypto(public_key, keyid=raw["signatures"][0]["keyid"])
    envelope = envelope_of(line)
    assert unchanged(envelope, key), "the signature does not hold"
    assert envelope.payload_type == "application/vnd.in-toto+json", envelope.payload_type
    body = json.loads(envelope.payload)
    Statement.copy_from_pb(json_format.ParseDict(body, statement_pb2.Statement())).validate()
    if body["predicateType"] == TEST_RESULT:
        # An unknown or misspelt key is an error here.
        json_format.ParseDict(body["predicate"], test_result_pb2.TestResult())
    envelope.payload = envelope.payload.replace(b"FAILED", b"PASSED")
    assert not unchanged(envelope, key), "a changed payload was taken for signed"
    print(body["predicateType"], "holds for", public)
