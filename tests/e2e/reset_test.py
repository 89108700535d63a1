"""kilonova reset: a running cloud is what it was on its first start, whatever is under way, and its daemons run on."""

import json
import os
import random
import subprocess
import sys
import threading
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud
from public_client import Client, message

Status = grpc.StatusCode
REQUEST = message("CreateServersRequest")
LISTS = [("project", "list"), ("user", "list"), ("flavor", "list"), ("image", "list"), ("network", "list"), ("keypair", "list"),
         ("aggregate", "list"), ("server", "group", "list"), ("fault", "list"), ("server", "list"), ("quota", "show"),
         ("host", "list")]
CHANGING = ("created_at", "last_seen", "updated_at")


def without_times(value):
    if isinstance(value, dict):
        return {name: without_times(part) for name, part in value.items() if name not in CHANGING}
    return [without_times(part) for part in value] if isinstance(value, list) else value


class ResetTest(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud("--hosts", "5", "--timing", "test")
        self.addCleanup(self.cloud.__exit__)

    def client(self):
        return Client(f"127.0.0.1:{self.cloud.port}").login()

    def everything(self):
        return {" ".join(words): without_times(self.cloud.json(*words)) for words in LISTS}

    def assert_first_state(self, first):
        found = self.cloud.run("check", check=False)
        self.assertEqual(found.returncode, 0, found.stdout)
        self.assertEqual(self.everything(), first)

    def fill(self):
        run = self.cloud.run
        run("flavor", "create", "mine", "--ram", "64")
        run("flavor", "delete", "m1.tiny")
        run("project", "create", "tenant")
        run("user", "create", "somebody", "--password", "a password")
        run("role", "add", "--user", "somebody", "--project", "tenant", "member")
        run("keypair", "create", "key")
        run("network", "create", "inner", "--subnet", "172.16.0.0/16")
        run("quota", "set", "--instances", "3", "admin")
        run("aggregate", "create", "rack")
        run("aggregate", "add", "host", "rack", "host-00001")
        run("server", "group", "create", "--policy", "affinity", "group")
        run("host", "disable", "host-00002")
        run("host", "crash", "host-00003")
        run("fault", "add", "--step", "guest_started", "--count", "1000", "--server", "no-such-server")
        run("fault", "add", "--http", "GET /compute/v2.1/servers", "--status", "503")
        run("server", "create", "--flavor", "m1.small", "--image", "cirros", "--network", "inner", "--wait", "one")
        run("server", "create", "--flavor", "mine", "--image", "cirros", "--network", "private", "--count", "2", "--wait", "two")
        run("server", "stop", "one", "--wait")

    def test_everything_is_as_on_the_first_start(self):
        self.cloud.up()
        first = self.everything()
        daemons = {name: daemon["pid"] for name, daemon in self.cloud.daemons().items()}
        for _ in range(3):
            self.fill()
            self.assertNotEqual(self.everything(), first)
            self.assertGreater(self.cloud.json("reset")["took_us"], 0)
            self.assert_first_state(first)
        self.assertEqual({name: daemon["pid"] for name, daemon in self.cloud.daemons().items()}, daemons)
        self.cloud.create("web")
        self.cloud.down()
        self.cloud.up()
        self.assertEqual([server["name"] for server in self.cloud.json("server", "list")], ["web"])

    def test_launches_under_way_leave_nothing(self):
        self.cloud.up()
        first = self.everything()
        create = ("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "3")
        for _ in range(5):
            self.cloud.run("quota", "set", "--instances", "-1", "--cores", "-1", "--ram", "-1", "admin")
            for step in ("image_ready", "address_allocated", "claimed", "host_selected"):
                self.cloud.run("fault", "add", "--step", step, "--delay", "60s", "--server", step + "*")
                self.cloud.run(*create, step)
                self.cloud.run("wait", "step", step + "-1", "schedule_cast", "--timeout", "30s")
            # And some of every stage; what becomes of these calls nobody knows.
            client = self.client()
            calls = [client.channel.unary_unary("/kilonova.v1.Cloud/CreateServers").future(
                REQUEST(name=f"quick-{i}", image="cirros", flavor="m1.tiny").SerializeToString(),
                metadata=client.metadata(), timeout=30) for i in range(40)]
            self.cloud.run("reset")
            for call in calls:
                call.exception(timeout=60)
            self.cloud.run("reset")  # of creates that came after the first one
            self.assert_first_state(first)

    def test_servers_that_wait_for_a_hand_go(self):
        self.cloud.up_args = ["--hosts", "5", "--timing", "manual"]
        self.cloud.up()
        first = self.everything()
        self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "web")
        self.cloud.run("server", "step", "web")
        self.cloud.run("reset")
        self.assert_first_state(first)

    def test_two_at_once_and_by_an_administrator_that_goes(self):
        self.cloud.up()
        first = self.everything()
        self.cloud.run("user", "create", "boss", "--password", "a password")
        self.cloud.run("role", "add", "--user", "boss", "--project", "admin", "admin")
        boss = Client(f"127.0.0.1:{self.cloud.port}").login("boss", "a password")
        calls = [client.channel.unary_unary("/kilonova.v1.Cloud/ResetCloud").future(
            b"", metadata=client.metadata(), timeout=30) for client in (boss, self.client())]
        outcomes = {call.exception(timeout=60) and call.code() for call in calls}
        # Of two at once, one may come to a cloud that knows its token no more.
        self.assertIn(None, outcomes)
        self.assertLessEqual(outcomes, {None, Status.UNAUTHENTICATED})
        self.assert_first_state(first)
        with self.assertRaises(grpc.RpcError) as error:
            boss.login("boss", "a password")
        self.assertEqual(error.exception.code(), Status.UNAUTHENTICATED)

    def test_wrong_use(self):
        nowhere = self.cloud.run("reset", check=False)
        self.assertEqual(nowhere.returncode, 11, nowhere.stderr)
        self.cloud.up()
        self.cloud.create("web")
        refused = self.cloud.run("--os-username", "demo", "--os-project-name", "demo", "reset", check=False)
        self.assertEqual(refused.returncode, 8, refused.stderr)
        self.assertIn("needs the role admin", refused.stderr)
        self.assertEqual(self.cloud.run("reset", "web", check=False).returncode, 2)
        self.assertEqual([server["name"] for server in self.cloud.json("server", "list")], ["web"])

    def test_tokens_of_before_are_good_for_nothing(self):
        self.cloud.up()
        client = self.client()
        client.ask("ResetCloud")
        with self.assertRaises(grpc.RpcError) as error:
            client.ask("ListServers")
        self.assertEqual(error.exception.code(), Status.UNAUTHENTICATED)
        again = self.client()
        again.ask("ResetCloud", client_token="twice")
        with self.assertRaises(grpc.RpcError):
            again.ask("ListServers")
        again.login().ask("ResetCloud", client_token="twice")
        again.ask("ListServers")  # the same reset: the token is still good

    def test_watchers_hear_that_the_servers_went(self):
        self.cloud.up()
        self.cloud.create("web")
        events = subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", self.cloud.state_dir, "events", "--follow",
                                   "--json", "--since", "1"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(events.wait)
        self.addCleanup(events.stdout.close)
        self.addCleanup(events.kill)
        self.until_told(events, "web", "ACTIVE")
        self.cloud.run("reset")
        self.until_told(events, "web", "DELETED")
        self.cloud.create("after")
        self.until_told(events, "after", "ACTIVE")

    @staticmethod
    def until_told(events, name, status):
        for line in iter(events.stdout.readline, ""):
            event = json.loads(line)
            if event["name"] == name and (event["deleted"] if status == "DELETED" else event["status"] == status):
                return
        raise AssertionError(f"the watch ended before {name} was {status}")

    def test_a_controller_that_dies_meanwhile_ends_it_in_its_next_life(self):
        self.cloud.up()
        first = self.everything()
        self.fill()
        self.cloud.run("fault", "freeze", "network")
        client = self.client()
        with self.assertRaises(grpc.RpcError) as error:
            client.call("ResetCloud", timeout=2)
        self.assertEqual(error.exception.code(), Status.DEADLINE_EXCEEDED)
        refused = self.cloud.run("project", "create", "early", check=False)
        self.assertIn("is being reset", refused.stderr)
        self.cloud.kill("controller-0")
        self.cloud.run("fault", "thaw", "network")
        self.cloud.run_once_served("project", "create", "late")
        self.cloud.run("project", "delete", "late")
        self.assert_first_state(first)

    def test_killed_at_any_moment_it_is_done_or_not(self):
        self.cloud.up()
        first = self.everything()
        rng = random.Random(1)
        for _ in range(6):
            self.fill()
            reset = subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", self.cloud.state_dir, "reset"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            threading.Event().wait(rng.uniform(0, 0.1))
            self.cloud.kill(rng.choice(["controller-0", "network-0", "compute-0"]))
            reset.wait(timeout=120)
            self.cloud.run_once_served("wait", "host", "host-00001", "--for", "up", "--timeout", "60s")
            self.cloud.run_once_served("reset")
            self.assert_first_state(first)


if __name__ == "__main__":
    unittest.main()
