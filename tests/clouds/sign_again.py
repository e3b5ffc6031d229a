"""Signs again, with Amazon's own botocore, what came over the wire: one JSON object a line. Says which signatures differ."""

import hashlib
import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

count = 0
for line in open(sys.argv[1], encoding="utf-8"):
    sent = json.loads(line)
    headers = {name.lower(): value for name, value in sent["headers"]}
    signed = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    token = headers.get("x-amz-security-token")
    if token != sent["token"]:
        sys.exit(f"another token in {sent}")
    url = f"http://{headers['host']}{sent['address']}"
    body = sent["body"].encode()
    if headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
        sys.exit(f"another body in {sent}")
    request = AWSRequest(sent["method"], url, {name: headers[name] for name in signed}, body)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials(sent["key"], sent["secret"], token), sent["service"], sent["region"])
    # Only headers that are signed are there: the canonical request must name the same ones.
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    scope = signer.scope(request)
    right = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={';'.join(signed)}, Signature={signature}"
    if headers["authorization"] != right:
        sys.exit(f"{sent}\n{canonical}\nbotocore: {right}\ngate:     {headers['authorization']}")
    count += 1
print(count)
