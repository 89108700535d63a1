"""Placement over HTTP: what servers take is seen and vanishes with them; what others write is kept."""

import json
import os
import shutil
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud

PROVIDER = "00000000-0000-4000-8000-000000000001"
CONSUMER = "00000000-0000-4000-8000-000000000002"


class Placement:
    """Asked as an administrator."""

    def __init__(self, cloud):
        self.base = "http://" + cloud.json("status")["http"]
        domain = {"id": "default"}
        user = {"name": "admin", "domain": domain, "password": "kilonova"}
        _, headers, _ = self.send("POST", "/identity/v3/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "admin", "domain": domain}}}}, {})
        self.token = headers["X-Subject-Token"]

    def send(self, method, path, body, headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method,
                                         headers={"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                text = reply.read()
                return reply.status, reply.headers, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def ask(self, method, path, body=None, status=200):
        code, _, answer = self.send(method, "/placement" + path, body, {
            "X-Auth-Token": self.token, "OpenStack-API-Version": "placement 1.39"})
        if code != status:
            raise AssertionError(f"{method} {path} is {code}, not {status}: {answer}")
        return answer


class PlacementTest(unittest.TestCase):
    def test_what_a_server_takes_goes_with_it(self):
        with Cloud("--hosts", "2", "--timing", "test") as cloud:
            placement = Placement(cloud)
            server = cloud.create("one")
            provider = next(one for one in placement.ask("GET", "/resource_providers")["resource_providers"]
                            if one["name"] == server["host"])["uuid"]
            project = server["project_id"].replace("-", "")
            taken = {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}
            consumer = placement.ask("GET", f"/allocations/{server['id']}")
            self.assertEqual(consumer["allocations"][provider]["resources"], taken)
            self.assertEqual(consumer["project_id"], project)
            self.assertEqual(placement.ask("GET", f"/resource_providers/{provider}/usages")["usages"], taken)
            self.assertEqual(list(placement.ask("GET", f"/resource_providers/{provider}/allocations")["allocations"]),
                             [server["id"]])
            usages = f"/usages?project_id={project}"
            self.assertEqual(placement.ask("GET", usages)["usages"], {"unknown": {**taken, "consumer_count": 1}})
            placement.ask("DELETE", f"/allocations/{server['id']}", status=409)
            cloud.run("server", "delete", "--wait", "one")
            self.assertEqual(placement.ask("GET", f"/allocations/{server['id']}"), {"allocations": {}})
            self.assertEqual(set(placement.ask("GET", f"/resource_providers/{provider}/usages")["usages"].values()),
                             {0})
            self.assertEqual(placement.ask("GET", usages)["usages"], {})

    def test_what_others_wrote_survives_restart_and_export(self):
        directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        file = os.path.join(directory, "cloud.export")
        hosts = ("--hosts", "2", "--timing", "test")
        with Cloud(*hosts) as cloud:
            placement = Placement(cloud)
            placement.ask("PUT", "/resource_classes/CUSTOM_SHIP", status=201)
            placement.ask("POST", "/resource_providers", {"name": "harbour", "uuid": PROVIDER})
            placement.ask("POST", f"/resource_providers/{PROVIDER}/inventories",
                          {"resource_class": "CUSTOM_SHIP", "total": 3}, status=201)
            placement.ask("PUT", f"/allocations/{CONSUMER}", {
                "allocations": {PROVIDER: {"resources": {"CUSTOM_SHIP": 2}}}, "project_id": "p", "user_id": "u",
                "consumer_generation": None, "consumer_type": "CAPTAIN"}, status=204)
            written = self.written(placement)
            cloud.down()
            cloud.up()
            self.assertEqual(self.written(Placement(cloud)), written)
            cloud.run("export", file)
        other = Cloud(*hosts, state_dir=os.path.join(directory, "s"))
        other.run("import", file)
        with other:
            self.assertEqual(self.written(Placement(other)), written)

    @staticmethod
    def written(placement):
        return [placement.ask("GET", path) for path in (
            f"/resource_providers/{PROVIDER}", f"/resource_providers/{PROVIDER}/inventories",
            f"/resource_providers/{PROVIDER}/usages", f"/allocations/{CONSUMER}", "/resource_classes/CUSTOM_SHIP")]


if __name__ == "__main__":
    unittest.main()
