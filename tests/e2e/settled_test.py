"""That the judge of the kill tests sees what it is there for: each broken promise and each disagreement, planted."""

import os
import sys
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from cloud_client import CloudClient
from restless_clients import Asked, RestlessClients
from settled import broken_promises, disagreements


def row(name, uuid, status="ACTIVE", fault="", task=0):
    return types.SimpleNamespace(id=uuid, name=name, status=status, task_state=task, host="h", step="active",
                                 fault=types.SimpleNamespace(message=fault))


class BrokenPromisesTest(unittest.TestCase):
    def setUp(self):
        self.clients = RestlessClients("127.0.0.1:1", seed=0, clients=1)
        self.memory = self.clients.clients[0]
        one = Asked("one", 1, "token")
        one.uuids = ["u1"]
        self.memory.creates = [one, Asked("maybe", 1, "")]

    def expect(self, text, *rows):
        wrong = broken_promises(self.clients, list(rows))
        self.assertTrue(any(text in sentence for sentence in wrong), wrong)

    def test_all_is_well(self):
        self.assertEqual(broken_promises(self.clients, [row("one", "u1")]), [])
        self.assertEqual(broken_promises(self.clients, [row("one", "u1", "ERROR", "no host"), row("maybe", "u2")]), [])

    def test_a_lost_server(self):
        self.expect("was acknowledged and is not there")

    def test_a_server_that_was_deleted(self):
        self.memory.delete_asked = self.memory.deleted = {"u1"}
        self.expect("was deleted and is there", row("one", "u1"))

    def test_servers_that_nobody_asked_for(self):
        self.expect("nobody asked for server two", row("one", "u1"), row("two", "u2"))
        self.expect("asked for once, and there are 2", row("one", "u1"), row("maybe", "u2"), row("maybe", "u3"))
        self.expect("was acknowledged as u1, and is u2", row("one", "u2"))

    def test_servers_that_are_not_done(self):
        for status, fault, task in (("BUILD", "", 1), ("ERROR", "", 0), ("ACTIVE", "", 2), ("SHUTOFF", "", 0)):
            with self.subTest(status=status):
                self.expect("is " + status, row("one", "u1", status, fault, task))


class DisagreementsTest(unittest.TestCase):
    def test_each_is_seen(self):
        with Cloud("--hosts", "3") as cloud:
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "3", "--wait", "web")
            client = CloudClient(f"127.0.0.1:{cloud.port}")
            servers = client.servers()
            self.assertEqual(disagreements(cloud.state_dir, client, servers), [])
            first = " ".join(disagreements(cloud.state_dir, client, servers[1:]))
            for text in ("has addresses None", "expected None", "and 0 rows"):
                self.assertIn(text, first)
            servers[0].epoch += 1
            self.assertIn("expected (2, True)", " ".join(disagreements(cloud.state_dir, client, servers)))
            client.close()


if __name__ == "__main__":
    unittest.main()
