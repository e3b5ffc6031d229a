"""Reads envelopes with securesystemslib and statements with in-toto-attestation; ends with an error on anything unsound."""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0.test_result import TestResult
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

envelopes, public = sys.argv[1:]
pem = open(public, "rb").read()
lines = open(envelopes).read().splitlines()
assert len(lines) == 2, lines
for line in lines:
    raw = json.loads(line)
    key = SSlibKey.from_crypto(load_pem_public_key(pem), keyid=raw["signatures"][0]["keyid"])
    envelope = Envelope.from_dict(raw)
    assert list(envelope.verify([key], 1)) == [key.keyid]
    assert envelope.payload_type == "application/vnd.in-toto+json"
    # One changed byte must be found.
    envelope.payload = envelope.payload.replace(b"FAILED", b"PASSED")
    try:
        envelope.verify([key], 1)
    except Exception:
        pass
    else:
        sys.exit("a changed payload was taken for signed")
    body = json.loads(Envelope.from_dict(raw).payload)
    statement = Statement.copy_from_pb(json_format.ParseDict(body, Statement([], "", {}).pb.__class__()))
    statement.validate()
    if body["predicateType"].endswith("test-result/v0.1"):
        pb = TestResult("", []).pb.__class__()
        TestResult.copy_from_pb(json_format.ParseDict(body["predicate"], pb)).validate()
    print(body["predicateType"], "holds for", public)
