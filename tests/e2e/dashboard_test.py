"""The dashboard over plain HTTP: the page's files, the operations in JSON, and the stream, on real processes."""

import http.client
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


class Stream:
    """A viewer's stream, event by event."""

    def __init__(self, address, token, query=""):
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.connection.request("GET", "/dashboard/v1/events" + query, headers={"X-Auth-Token": token})
        self.response = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def next(self):
        """(event, data) of the next event; ("", None) for the end. Signs of life are left out."""
        event, data = "message", None
        for line in self.response:
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line == "" and data is not None:
                return event, data
        return "", None

    def until(self, found):
        """The first server's event of which this is true."""
        while True:
            event, data = self.next()
            if not event:
                raise AssertionError("the stream has ended")
            for server in data.get("servers", []):
                if found(server):
                    return server


class DashboardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "4", "--http-port", "0")
        cls.cloud.__enter__()
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.address = cls.cloud.json("status")["http"]
        cls.admin, cls.member = cls.log_in("admin"), cls.log_in("demo")

    @classmethod
    def ask(cls, method, target, body=None, token="", headers=None):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection(cls.address, timeout=60)
        headers = dict(headers or {}, **({"X-Auth-Token": token} if token else {}))
        connection.request(method, target, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        try:
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    @classmethod
    def log_in(cls, user):
        domain = {"id": "default"}
        auth = {"identity": {"methods": ["password"], "password": {"user": dict(name=user, domain=domain, password="kilonova")}},
                "scope": {"project": dict(name=user, domain=domain)}}
        status, headers, _ = cls.ask("POST", "/identity/v3/auth/tokens", {"auth": auth}, headers={"Content-Type": "application/json"})
        assert status == 201, status
        return headers["X-Subject-Token"]

    def operation(self, operation, token, /, **fields):
        status, _, body = self.ask("POST", "/dashboard/v1/" + operation, fields, token)
        return status, json.loads(body)

    def create(self, name, token):
        status, reply = self.operation("CreateServers", token, name=name, flavor="m1.tiny", image="cirros")
        self.assertEqual(status, 200, reply)
        return reply["servers"][0]["id"]

    def test_the_demo_names_its_address(self):
        """As the script asks for it, of whom nobody sees what a command in a text has refused."""
        script = (pathlib.Path(__file__).parents[2] / "dev").read_text().splitlines()
        line, = [line for line in script if line.startswith("  http=$(")]
        done = subprocess.run(["bash", "-c", f'bin="{BIN}"\n{line}\necho "$http"'], capture_output=True, text=True, timeout=60,
                              env=os.environ | {"KILONOVA_STATE_DIR": self.cloud.state_dir})
        self.assertEqual((done.stdout.strip(), done.stderr), (self.address, ""))

    def test_the_root_is_the_page_for_browsers_alone(self):
        status, headers, page = self.ask("GET", "/", headers=HTML)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("default-src 'none'; script-src 'self'", headers["Content-Security-Policy"])
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        for accept in ({"Accept": "application/json"}, {}):
            status, headers, body = self.ask("GET", "/", headers=accept)
            self.assertEqual(status, 404)
            self.assertIn("Services are at /identity", json.loads(body)["error"]["message"])
        status, headers, body = self.ask("HEAD", "/", headers=HTML)
        self.assertEqual((status, int(headers["Content-Length"]), body), (200, len(page), b""))

    def test_files_have_tags(self):
        status, headers, body = self.ask("GET", "/dashboard/assets/app.js")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/javascript; charset=utf-8"))
        with open(os.path.join(os.path.dirname(__file__), "../../api-server/front/dashboard/assets/app.js"), "rb") as file:
            self.assertEqual(body, file.read())
        again = self.ask("GET", "/dashboard/assets/app.js", headers={"If-None-Match": headers["ETag"]})
        self.assertEqual((again[0], again[2]), (304, b""))
        self.assertEqual(self.ask("GET", "/dashboard/assets/no.js")[0], 404)
        self.assertEqual(self.ask("GET", "/dashboard/assets/../../../etc/passwd")[0], 404)

    def test_operations_are_those_of_the_api(self):
        for role, token, expected in (("stranger", "no token", 401), ("member", self.member, 403), ("admin", self.admin, 200)):
            with self.subTest(role):
                for name in ("ListHosts", "ListServices", "ListFaults"):
                    self.assertEqual(self.operation(name, token)[0], expected, name)
                self.assertEqual(self.ask("GET", "/dashboard/v1/hosts", token=token)[0], expected)
        server = self.create("mine", self.member)
        self.assertEqual(self.operation("GetServer", self.member, server=server)[1]["server"]["name"], "mine")
        self.assertEqual(self.operation("GetServer", self.admin, server=server)[0], 404)
        self.assertEqual(self.operation("GetServer", self.admin, server=server, all_projects=True)[0], 200)
        status, _, body = self.ask("GET", "/dashboard/v1/hosts", token=self.admin)
        page = json.loads(body)
        self.assertEqual((status, len(page["hosts"]), len(page["hosts"][0])), (200, 4, len(page["columns"])))

    def test_a_stream_tells_of_a_launch(self):
        with Stream(self.address, self.admin, "?all_projects=true&cloud_events=true") as all_of_it, \
                Stream(self.address, self.member) as own:
            self.assertEqual(all_of_it.response.headers["Content-Type"], "text/event-stream")
            self.assertEqual(all_of_it.next()[0], "open")
            self.assertEqual(own.next()[0], "open")
            self.create("theirs", self.admin)
            mine = self.create("streamed", self.member)
            active = all_of_it.until(lambda one: one["id"] == mine and one["status"] == "ACTIVE")
            self.assertTrue(active["host"])
            seen = []
            active = own.until(lambda one: seen.append(one["name"]) or (one["id"] == mine and one["status"] == "ACTIVE"))
            self.assertEqual(active["host"], "", "which host it is on is the administrators'")
            self.assertNotIn("theirs", seen)
        with Stream(self.address, self.member, "?all_projects=true") as refused:
            self.assertEqual(refused.response.status, 403)

    def test_a_stream_ends_with_its_token(self):
        token = self.log_in("demo")
        with Stream(self.address, token) as stream:
            self.assertEqual(stream.next()[0], "open")
            status, _, _ = self.ask("DELETE", "/identity/v3/auth/tokens", token=token, headers={"X-Subject-Token": token})
            self.assertEqual(status, 204)
            event, data = stream.next()
            self.assertEqual((event, data["code"]), ("end", "unauthenticated"))
            self.assertEqual(stream.next(), ("", None))

    def test_a_stream_outlives_the_controller(self):
        with Stream(self.address, self.member) as stream:
            self.assertEqual(stream.next()[0], "open")
            self.cloud.kill("controller-0")
            self.cloud.run_once_served("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "later",
                                       env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
            stream.until(lambda one: one["name"] == "later" and one["status"] == "ACTIVE")


if __name__ == "__main__":
    unittest.main()
