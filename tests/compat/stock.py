"""Stock OpenStack clients against a cloud of a test: Debian's `openstack` command, unmodified, and plain HTTP."""

import json
import os
import pathlib
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import driven
from cloud import BIN, Cloud

OPENSTACK = "/usr/bin/openstack"  # Debian's python3-openstackclient


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body.decode()

    @property
    def json(self):
        return json.loads(self.text)


class StockTest(unittest.TestCase):
    """A cloud for all tests of the class; what a test makes it removes, or leaves under a name of its own."""

    up_args = ("--hosts", "3", "--timing", "test")

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(*cls.up_args, "--set", "api.log-level=debug")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.addClassCleanup(cls.keep_driven)
        cls.cloud.up()
        cls.base = "http://" + cls.cloud.json("status")["http"]
        cls.tokens = {}

    @classmethod
    def keep_driven(cls):
        driven.keep(cls.__name__, cls.cloud.log("api-0"), pathlib.Path(BIN).parent / "driven")

    def environment(self, cloud):
        """With the entry of the clouds.yaml that `up` wrote, or with these OS_* variables."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        if isinstance(cloud, dict):
            return variables | {"OS_AUTH_URL": self.base + "/identity", "OS_IDENTITY_API_VERSION": "3"} | cloud
        return variables | {"OS_CLIENT_CONFIG_FILE": os.path.join(self.cloud.state_dir, "clouds.yaml"), "OS_CLOUD": cloud}

    def command(self, *words, cloud="devstack", check=True):
        """The stock command's CompletedProcess."""
        environment = self.environment(cloud)
        done = subprocess.run([OPENSTACK, *words], capture_output=True, text=True, timeout=120, env=environment)
        if check and done.returncode != 0:
            raise AssertionError(f"openstack {' '.join(words)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def openstack(self, *words, cloud="devstack"):
        """What the stock command prints as JSON."""
        return json.loads(self.command(*words, "-f", "json", cloud=cloud).stdout)

    def refusal(self, *words, cloud="devstack"):
        """The stock command's complaint; it must have one."""
        done = self.command(*words, cloud=cloud, check=False)
        self.assertNotEqual(done.returncode, 0, f"openstack {' '.join(words)} should be refused")
        return done.stderr

    def token(self, user="demo"):
        if user not in self.tokens:
            domain = {"id": "default"}
            body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
                "name": user, "domain": domain, "password": "kilonova"}}},
                "scope": {"project": {"name": user, "domain": domain}}}}
            self.tokens[user] = self.http("POST", "/identity/v3/auth/tokens", body, token=None).headers["X-Subject-Token"]
        return self.tokens[user]

    def http(self, method, path, body=None, token="demo", headers=None, accept="application/json"):
        """`token`: a user's name, None for none."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method,
                                         headers={"Accept": accept, **(headers or {})})
        if data is not None and not request.has_header("Content-type"):
            request.add_header("Content-Type", "application/json")
        if token is not None:
            request.add_header("X-Auth-Token", self.token(token) if token in ("demo", "admin", "alt_demo") else token)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())
