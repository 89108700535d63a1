"""Fault rules, steps by hand and played events, on real daemons by the real command."""

import http.client
import json
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud


class Http:
    """A client of the OpenStack APIs that sees every answer as it comes, a closed connection included."""

    def __init__(self, cloud):
        self.address = cloud.http
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": "demo", "domain": {"id": "default"}, "password": "kilonova"}}},
            "scope": {"project": {"name": "demo", "domain": {"id": "default"}}}}}
        status, headers, _ = self.ask("POST", "/identity/v3/auth/tokens", body)
        assert status == 201, status
        self.token = headers["X-Subject-Token"]

    token = ""

    def ask(self, method, path, body=None):
        """Status, headers and body; status None for a connection that was closed instead."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {"Content-Type": "application/json", "X-Auth-Token": self.token})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, dict(answer.getheaders()), json.loads(text) if text else None
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return None, {}, None
        finally:
            connection.close()


UNAVAILABLE = 11  # exit code


class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "6", "--timing", "test", "--port", "0")
        cls.cloud.up()
        cls.cloud.http = cls.cloud.json("status")["http"]

    @classmethod
    def tearDownClass(cls):
        cls.cloud.__exit__()

    def tearDown(self):
        self.again("fault", "clear")
        for server in self.cloud.json("server", "list", "--all-projects"):
            self.cloud.run("server", "delete", "--wait", "--all-projects", server["id"])
        self.cloud.run("check")

    def add(self, *args):
        return self.cloud.json("fault", "add", *args)

    def again(self, *args):
        """As somebody does who was told that the controller is away: it was killed on purpose."""
        deadline = time.monotonic() + 60
        while (done := self.cloud.run(*args, check=False)).returncode == UNAVAILABLE and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def rule(self, rule):
        return next(one for one in self.cloud.json("fault", "list") if one["id"] == rule["id"])

    def test_the_third_host_takes_it_and_trace_and_explain_tell_why(self):
        rule = self.add("--step", "guest_started", "--count", "2", "--server", "unlucky")
        server = self.cloud.create("unlucky")
        self.assertEqual(server["attempt"], 3)
        steps = self.cloud.json("trace", "unlucky")["steps"]
        self.assertEqual([s["fault_rule"] for s in steps if s["step"] == "guest_started"], [rule["id"], rule["id"], None])
        self.assertIn(f"struck by fault {rule['id']}", self.cloud.run("trace", "unlucky").stdout)
        logged = self.cloud.json("trace", "--from-logs", self.cloud.state_dir + "/logs", server["id"])["steps"]
        self.assertEqual([s["fault_rule"] for s in logged], [s["fault_rule"] for s in steps])
        self.assertIn(server["host"], self.cloud.run("explain", "unlucky").stdout)
        self.assertEqual((self.rule(rule)["reached"], self.rule(rule)["struck"]), (2, 2))

    def test_a_step_hangs_until_the_rule_is_cleared(self):
        rule = self.add("--step", "image_ready", "--hang")
        self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "held")
        self.cloud.run("wait", "fault", rule["id"], "--timeout", "30s")
        self.assertEqual(self.cloud.json("server", "show", "held")["status"], "BUILD")
        self.cloud.run("fault", "clear", rule["id"])
        self.cloud.run("wait", "server", "held", "--for", "active", "--timeout", "30s")

    def test_counts_are_exact_across_the_controllers_death(self):
        rule = self.add("--step", "guest_started", "--delay", "1s", "--fail", "--count", "1")
        self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "a")
        self.cloud.run("wait", "fault", rule["id"], "--timeout", "30s")
        self.cloud.run("fault", "kill", "controller")
        self.again("wait", "server", "a", "--for", "active", "--timeout", "60s")
        self.cloud.create("b")
        self.assertEqual(self.rule(rule)["struck"], 1)
        self.assertEqual(self.cloud.json("server", "show", "a")["attempt"], 2)

    def test_a_daemon_crashes_in_the_middle_of_a_step(self):
        for step in ("guest_defined", "address_allocated", "schedule_cast"):
            with self.subTest(step):
                rule = self.add("--step", step, "--crash", "--count", "1")
                self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "x-" + step)
                self.again("wait", "server", "x-" + step, "--for", "active", "--timeout", "60s")
                self.assertEqual(self.rule(rule)["struck"], 1)

    def test_lost_messages_are_sent_again(self):
        for what in (["--step", "run_cast", "--drop"], ["--step", "active", "--lose-reply"],
                     ["--step", "network_requested", "--drop"]):
            with self.subTest(what):
                name = "-".join(what).replace("-", "")
                rule = self.add(*what, "--count", "1", "--server", name)
                self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", name)
                self.cloud.run("wait", "server", name, "--for", "active", "--timeout", "60s")
                self.assertEqual(self.rule(rule)["struck"], 1)

    def test_an_action_fails_and_the_next_one_does_not(self):
        self.cloud.create("deaf")
        self.add("--action", "stop", "--count", "1", "--message", "the guest is deaf")
        self.cloud.run("server", "stop", "deaf")
        self.cloud.run("wait", "idle", "--timeout", "30s")
        self.assertEqual(self.cloud.json("server", "show", "deaf")["status"], "ACTIVE")
        events = self.cloud.json("server", "event", "list", "deaf")
        self.assertIn("the guest is deaf", json.dumps(events))
        self.cloud.run("server", "stop", "--wait", "deaf")
        self.assertEqual(self.cloud.json("server", "show", "deaf")["status"], "SHUTOFF")

    def test_actions_that_only_end_a_guest(self):
        self.cloud.create("held")
        rule = self.add("--action", "delete", "--hang", "--server", "held")
        self.cloud.run("server", "delete", "held")
        self.cloud.run("wait", "fault", rule["id"], "--timeout", "30s")
        self.assertEqual(self.cloud.json("server", "show", "held")["task_state"], "deleting")
        self.cloud.run("fault", "clear")
        self.cloud.run("wait", "server", "held", "--for", "deleted", "--timeout", "30s")
        self.cloud.create("crashing")
        rule = self.add("--action", "delete", "--crash", "--count", "1")
        self.again("server", "delete", "--wait", "crashing")
        self.assertEqual(self.rule(rule)["struck"], 1)

        self.cloud.create("stuck")
        self.cloud.run("server", "resize", "--flavor", "m1.small", "--wait", "stuck")
        self.add("--action", "confirm-resize", "--count", "1", "--message", "the old host is stuck")
        self.cloud.run("server", "resize", "confirm", "stuck")
        self.cloud.run("wait", "server", "stuck", "--for", "error", "--timeout", "30s")
        self.assertEqual(self.cloud.json("server", "show", "stuck")["fault"]["message"], "the old host is stuck")

    def test_a_move_fails_where_its_first_host_works(self):
        self.cloud.create("mover")
        rule = self.add("--action", "live-migrate", "--count", "1", "--message", "too much memory to copy")
        self.cloud.run("server", "migrate", "--live-migration", "mover")
        self.cloud.run("wait", "fault", rule["id"], "--timeout", "30s")
        self.cloud.run("wait", "idle", "--timeout", "30s")
        self.assertEqual(self.cloud.json("server", "show", "mover")["status"], "ACTIVE")
        self.assertIn("too much memory to copy", json.dumps(self.cloud.json("server", "event", "list", "mover")))

    def test_requests_over_http(self):
        client = Http(self.cloud)
        rule = self.add("--http", "GET /compute/v2.1/servers", "--status", "503", "--count", "2", "--project", "demo")
        answers = [client.ask("GET", "/compute/v2.1/servers") for _ in range(3)]
        self.assertEqual([status for status, _, _ in answers], [503, 503, 200])
        self.assertEqual(answers[0][2], {"serviceUnavailable": {
            "code": 503, "message": "Injected fault: 503 Service Unavailable."}})
        self.assertEqual((self.rule(rule)["reached"], self.rule(rule)["struck"]), (2, 2))

        self.add("--http", "* /networking/*", "--status", "429", "--retry-after", "7", "--count", "1")
        status, headers, body = client.ask("GET", "/networking/v2.0/networks")
        self.assertEqual((status, headers["Retry-After"]), (429, "7"))
        self.assertIn("NeutronError", body)
        self.add("--http", "* /identity/v3/{what}", "--status", "429", "--count", "1")
        status, headers, body = client.ask("GET", "/identity/v3/projects")
        self.assertEqual((status, body["error"]["code"]), (429, 429))
        self.assertNotIn("Retry-After", headers)

        self.add("--http", "GET /compute/v2.1/flavors", "--drop", "--skip", "1", "--count", "1")
        self.assertEqual([client.ask("GET", "/compute/v2.1/flavors")[0] for _ in range(3)], [200, None, 200])
        keypair = {"keypair": {"name": "lost"}}
        self.add("--http", "POST /compute/v2.1/os-keypairs", "--lose-reply", "--count", "1")
        self.assertEqual(client.ask("POST", "/compute/v2.1/os-keypairs", keypair)[0], None)
        self.assertEqual(client.ask("POST", "/compute/v2.1/os-keypairs", keypair)[0], 409)

    def test_a_slow_request_keeps_nobody_else_waiting(self):
        client = Http(self.cloud)
        rule = self.add("--http", "GET /compute/v2.1/flavors", "--hang")
        answers = []
        slow = threading.Thread(target=lambda: answers.append(client.ask("GET", "/compute/v2.1/flavors")[0]))
        slow.start()
        self.cloud.run("wait", "fault", rule["id"], "--timeout", "30s")
        self.assertEqual(client.ask("GET", "/compute/v2.1/servers")[0], 200)
        self.assertEqual(answers, [])
        self.cloud.run("fault", "clear")
        slow.join()
        self.assertEqual(answers, [200])

    def test_wrong_rules_say_what_would_be_right(self):
        for args, says in ((["--step", "claimed", "--action", "stop"], "one of --step, --action and --http"),
                           ([], "one of --step, --action and --http"),
                           (["--action", "fly"], "must be one of stop, start"),
                           (["--action", "delete"], "a delete that was accepted does not fail"),
                           (["--action", "revert-resize", "--lose-reply"], "no reply of revert-resize can be lost"),
                           (["--step", "claimed", "--drop"], "must be one of request_accepted"),
                           (["--step", "claimed", "--crash"], "give a count"),
                           (["--step", "claimed", "--project", "nope"], "project 'nope' not found"),
                           (["--step", "claimed", "--probability", "2"], "must be above 0"),
                           (["--http", "FETCH /compute/v2.1"], "must be GET"),
                           (["--http", "GET /compute/v2.1", "--status", "200"], "400 to 599")):
            with self.subTest(args):
                done = self.cloud.run("fault", "add", *args, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(says, done.stderr)
        self.assertEqual(self.cloud.json("fault", "list"), [])


class PlayTest(unittest.TestCase):
    def play(self, cloud, text, *args, check=True):
        path = os.path.join(cloud.state_dir, "life.play")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path, cloud.run("play", path, *args, check=check)

    def test_what_a_file_says_happens(self):
        with Cloud("--hosts", "3", "--timing", "test") as cloud:
            for name in ("web-1", "web-2", "web-3"):
                cloud.create(name)
            host = cloud.json("host", "list")[0]["name"]
            _, done = self.play(cloud, f"at 0 stop server web-1\nat 100ms delete server web-2\n"
                                       f"at 0 server web-3 to ERROR, after 200ms ACTIVE\nat 0 host {host} down for 300ms\n")
            self.assertEqual(len(done.stdout.splitlines()), 6)
            self.assertIn("delete server web-2", done.stdout)
            cloud.run("wait", "server", "web-2", "--for", "deleted", "--timeout", "30s")
            cloud.run("wait", "idle", "--timeout", "30s")
            cloud.run("wait", "host", host, "--for", "up", "--timeout", "30s")
            events = [e["event"] for e in map(json.loads, self.play(
                cloud, "at 1h delete server web-1", "--speed", "1000000", "--json")[1].stdout.splitlines())]
            self.assertEqual(events, ["delete server web-1"])

    def test_nothing_is_played_of_a_file_with_a_wrong_line(self):
        with Cloud("--hosts", "1") as cloud:
            cloud.create("web")
            path, done = self.play(cloud, "at 0 delete server web\n\nat soon delete server web\n", check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f"{path}:3: 'soon' is no time", done.stderr)
            self.assertEqual(cloud.json("server", "show", "web")["status"], "ACTIVE")
            _, done = self.play(cloud, "at 0 delete server nope\nat 0 stop server web\n", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("'nope' not found", done.stdout)


class ManualTest(unittest.TestCase):
    def test_a_server_goes_on_when_it_is_told_to(self):
        with Cloud("--hosts", "2", "--timing", "manual") as cloud:
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "web")
            seen = []
            for step, task in (("claimed", "networking"), ("network_requested", "block_device_mapping"),
                               ("block_devices_mapped", "spawning"), ("image_ready", "spawning"),
                               ("guest_defined", "spawning")):
                self.assertEqual(cloud.json("server", "step", "web"), {"steps": [step]})
                deadline = time.monotonic() + 30
                while cloud.json("server", "show", "web")["task_state"] != task:
                    self.assertLess(time.monotonic(), deadline, f"{task} did not come after {step}: {seen}")
                seen.append(step)
            self.assertEqual(cloud.json("server", "step", "web"), {"steps": ["guest_started"]})
            cloud.run("wait", "server", "web", "--for", "active", "--timeout", "30s")
            done = cloud.run("server", "step", "web", check=False)
            self.assertIn("nothing is under way of server 'web'", done.stderr)
            cloud.run("server", "reboot", "web")
            self.assertEqual(cloud.json("server", "step", "--steps", "2", "web"),
                             {"steps": ["reboot: power_off", "reboot: power_on"]})
            cloud.run("wait", "server", "web", "--for", "active", "--timeout", "30s")
            cloud.run("server", "delete", "--wait", "web")
            cloud.run("check")

    def test_another_cloud_waits_for_nobody(self):
        with Cloud("--hosts", "1") as cloud:
            cloud.run("fault", "add", "--step", "claimed", "--hang")
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "web")
            done = cloud.run("server", "step", "web", check=False)
            self.assertIn("--timing manual", done.stderr)


if __name__ == "__main__":
    unittest.main()
