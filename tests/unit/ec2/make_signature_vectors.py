#!/usr/bin/python3
"""Writes signature_vectors.json and signature_v2_vectors.json: requests as botocore signs them. Its result is kept."""

import datetime
import json
import os
import time
import urllib.parse

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

WHEN = datetime.datetime(2026, 11, 30, 7, 15, 0)
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
REQUESTS = [
    ("describe", "POST", "http://127.0.0.1:8774/ec2", "us-east-1", FORM, "Action=DescribeInstances&Version=2016-11-15"),
    ("at-the-articles-path", "POST", "http://127.0.0.1:8773/services/Cloud", "nova", FORM, "Action=DescribeRegions"),
    ("slash-at-the-end", "POST", "http://cloud.example/ec2/", "RegionOne", FORM, "Action=DescribeRegions"),
    ("get", "GET", "http://127.0.0.1:8774/ec2?Version=2016-11-15&Action=DescribeImages&Owner.1=self", "us-east-1", {},
     ""),
    ("encoded-query", "GET", "http://127.0.0.1:8774/ec2?b=%2F%20%C3%A4&a=~._-&b=1&Empty=", "us-east-1", {}, ""),
    ("utf8-body", "POST", "https://cloud.example/ec2", "eu-central-1", FORM,
     "Action=CreateTags&ResourceId.1=i-00000001&Tag.1.Key=Name&Tag.1.Value=%C3%A4%20b%2Bc"),
    ("no-body", "POST", "http://127.0.0.1:8774/ec2", "us-east-1", FORM, ""),
    ("spaces-in-a-header", "POST", "http://127.0.0.1:8774/ec2", "us-east-1", FORM | {"X-Other": "  a   b  "},
     "Action=X"),
]
REQUESTS_V2 = [
    ("run", "http://127.0.0.1:8773/services/Cloud", {"Action": "RunInstances", "ImageId": "ami-1", "MinCount": "1"}),
    ("order", "http://cloud.example/ec2", {"b": "1", "B": "2", "a.10": "x", "a.2": "y", "Empty": ""}),
    ("utf8", "http://cloud.example/ec2/", {"Tag.1.Value": "\u00e4 b+c/~-_.*'", "Action": "CreateTags"}),
]
KEYS = [("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"),
        ("AKID/EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")]


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return WHEN


def signed(name, method, url, region, headers, body, access, secret):
    request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
    auth = botocore.auth.SigV4Auth(Credentials(access, secret), "ec2", region)
    auth.add_auth(request)
    sent = request.prepare()
    del request.headers["Authorization"]  # it signs the others
    canonical = auth.canonical_request(request)
    host = url.split("//")[1].split("/")[0]
    fields = [["Host", host]] + [[key, value if isinstance(value, str) else value.decode()]
                                 for key, value in sent.headers.items()]
    target = "/" + url.split("//")[1].split("/", 1)[1]
    return {"name": f"{name} {access}", "secret": secret, "method": method, "target": target, "headers": fields,
            "body": body, "string_to_sign": auth.string_to_sign(request, canonical)}


def signed_v2(name, url, parameters, access, secret):
    request = AWSRequest(method="POST", url=url, data=dict(parameters))
    auth = botocore.auth.SigV2Auth(Credentials(access, secret))
    auth.add_auth(request)
    host, path = url.split("//")[1].split("/", 1)
    return {"name": f"{name} {access}", "secret": secret, "host": host, "target": "/" + path,
            "body": urllib.parse.urlencode(request.data, quote_via=urllib.parse.quote)}


def write(name, vectors):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w", encoding="utf-8") as file:
        json.dump(vectors, file, indent=1)
        file.write("\n")


def main():
    botocore.auth.datetime.datetime = FixedTime
    now = time.gmtime(WHEN.replace(tzinfo=datetime.timezone.utc).timestamp())
    botocore.auth.time.gmtime = lambda *_: now
    write("signature_vectors.json", [signed(*request, *keys) for keys in KEYS for request in REQUESTS])
    write("signature_v2_vectors.json", [signed_v2(*request, *keys) for keys in KEYS for request in REQUESTS_V2])


if __name__ == "__main__":
    main()
