#!/usr/bin/python3
"""Writes ec2_signature_vectors.json: requests as keystoneclient signs them. Its result is kept."""

import copy
import hashlib
import json
import pathlib

from keystoneclient.contrib.ec2.utils import Ec2Signer

SECRET = "fedcba9876543210fedcba9876543210"
PARAMETERS = {"Action": "RunInstances", "b": "1", "B": "2", "a.10": "x", "a.2": "y", "Empty": "", "Count": 3,
              "Name": "\u00e4 b+c/~-_.*'", "Timestamp": "2026-11-30T07:15:00Z"}
SCOPE = "0123456789abcdef0123456789abcdef/20261130/RegionOne/ec2/aws4_request"
BODY_HASH = hashlib.sha256(b"Action=RunInstances").hexdigest()


def request(verb="POST", path="/services/Cloud", headers=None, **parameters):
    return {"verb": verb, "host": "cloud.example:8773", "path": path, "headers": headers or {}, "body_hash": BODY_HASH,
            "params": PARAMETERS | parameters}


def authorized(signed_headers, verb="POST", **more):
    headers = {"Host": "cloud.example:8773", "X-Amz-Date": "20261130T071500Z", "Content-Type": "  text/plain ",
               "Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE},SignedHeaders={signed_headers},Signature=x"}
    return request(verb, headers=headers | more)


REQUESTS = {
    "version 0": request(SignatureVersion="0"),
    "version 1": request(SignatureVersion="1"),
    "version 2": request(SignatureVersion="2", SignatureMethod="HmacSHA256"),
    "version 2 of a GET": request("GET", "/", SignatureVersion="2"),
    "version 4": authorized("content-type;host;x-amz-date"),
    "version 4 of a GET": authorized("host;x-amz-date", "get"),
    "version 4 without a header that it signs": authorized("host;x-amz-date;x-other"),
    "version 4 in the address": request("GET", **{
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": SCOPE, "X-Amz-SignedHeaders": "host",
        "X-Amz-Date": "20261130T071500Z"}, headers={"host": "cloud.example"}),
}


def main():
    vectors = [{"name": name, "secret": SECRET, "request": one, "signature": Ec2Signer(SECRET).generate(copy.deepcopy(one))}
               for name, one in REQUESTS.items()]
    path = pathlib.Path(__file__).with_name("ec2_signature_vectors.json")
    path.write_text(json.dumps(vectors, indent=1) + "\n")


main()
