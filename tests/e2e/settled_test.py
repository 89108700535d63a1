"""That the judge of the kill tests sees what it is there for: each broken promise and each disagreement, planted."""

import os
import shutil
import sqlite3
import sys
import tempfile
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from cloud_client import CloudClient
from exports import Memory
from kill_points import POINTS
from kills import Moment, errors_explained, too_little_done
from lossy import faults_missing
from restless_clients import Asked, RestlessClients
from restless_moves import MOVES
from settled import broken_promises, disagreements, guests_on_disk, too_many_in_error


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

    def test_a_server_whose_create_was_refused(self):
        refused = Asked("no", 2, "token")
        refused.refused = "RESOURCE_EXHAUSTED: quota"
        self.memory.creates.append(refused)
        self.assertEqual(broken_promises(self.clients, [row("one", "u1")]), [])
        self.expect("server no-2 is there, and its create was refused", row("one", "u1"), row("no-2", "u2"))

    def test_what_a_client_met_itself(self):
        self.memory.violations = ["no answer within 300 s"]
        self.expect("no answer within 300 s", row("one", "u1"))

    def test_servers_that_are_not_done(self):
        for status, fault, task in (("BUILD", "", 1), ("ERROR", "", 0), ("ACTIVE", "", 2), ("SHUTOFF", "", 0)):
            with self.subTest(status=status):
                self.expect("is " + status, row("one", "u1", status, fault, task))


    def test_what_an_export_may_have_and_must_have(self):
        memory = Memory(self.clients)
        later = Asked("later", 1, "token")
        self.memory.creates.append(later)
        memory.end()
        later.uuids = ["u2"]
        self.memory.delete_asked = {"u1"}
        wrong = broken_promises(memory, [])
        self.assertEqual(wrong, ["server u1 (one) was acknowledged and is not there"])
        for also in ([], [row("later", "u2")], [row("maybe", "u3")]):
            self.assertEqual(broken_promises(memory, [row("one", "u1"), *also]), [])
        self.memory.delete_asked, self.memory.deleted = {"u1"}, {"u1"}
        memory = Memory(self.clients)
        memory.end()
        self.assertEqual(broken_promises(memory, []), ["server u2 (later) was acknowledged and is not there"])
        self.assertIn("was deleted and is there", " ".join(broken_promises(memory, [row("one", "u1"), row("later", "u2")])))


class ErrorsTest(unittest.TestCase):
    def test_only_what_was_done_explains_them(self):
        def wrong(errors, fault, **frozen):
            moments = [Moment([victim + "-0"], "freeze", 0, seconds) for victim, seconds in frozen.items()]
            servers = [row(str(i), str(i), *(("ERROR", fault) if i < errors else ())) for i in range(100)]
            return " ".join(too_many_in_error(servers, errors_explained(moments)))

        retries = "Exceeded maximum number of retries. Exhausted all hosts available"
        nowhere, silent = "No valid host was found.", "Build aborted: network allocation timed out: no answer within 5 s"
        self.assertEqual(wrong(2, retries), "")
        self.assertIn("3 of 100 servers are in ERROR, at most 2.0% may be", wrong(3, retries, network=20))
        self.assertIn("nothing that was done explains it", wrong(1, nowhere, controller=20, network=20))
        self.assertEqual(wrong(30, nowhere, compute=9), "")
        self.assertIn("31 of 100", wrong(31, nowhere, compute=9))
        self.assertIn("3 of 100", wrong(3, silent, compute=20))
        self.assertEqual(wrong(50, silent, network=9), "")
        self.assertIn("51 of 100", wrong(51, silent, network=9))
        self.assertIn("nothing that was done explains it", wrong(1, "Segmentation fault", compute=20, network=20))


class DoneTest(unittest.TestCase):
    """That a test which harms nobody does not pass."""

    def test_kills(self):
        moments = [Moment(["api-0"], how, 0) for how in ("signal", "signal", "freeze", "all", *POINTS)]
        worked = {"acknowledged": 1000, "deleted": 1000, "things": {"network": (100, 100)}, "moves": dict.fromkeys(MOVES, 1)}
        struck = {"signal": 2, "freeze": 1, "all": 1, **dict.fromkeys(POINTS, 1)}
        self.assertEqual(too_little_done(moments, struck, worked), [])
        for how in ("signal", "freeze", "all"):
            self.assertIn(f"moments by {how}", too_little_done(moments, {**struck, how: 0}, worked)[0])
        without_library = {"signal": 2 + len(POINTS), "freeze": 1, "all": 1}
        self.assertIn("0 moments by point", too_little_done(moments, without_library, worked)[0])
        for numbers, text in (((0, 100), "no network was acknowledged"), ((100, 0), "of network none was deleted")):
            self.assertIn(text, too_little_done(moments, struck, {**worked, "things": {"network": numbers}})[0])
        without = {move: 1 for move in MOVES if move != "LiveMigrateServer"}
        self.assertIn("no LiveMigrateServer was accepted", too_little_done(moments, struck, {**worked, "moves": without})[0])
        for what in ("acknowledged", "deleted"):
            self.assertIn(f"0 servers were {what}", too_little_done(moments, struck, {**worked, what: 0})[0])

    def test_losses(self):
        rules = "*>*:* drop=0.2,break=0.01"
        good = {"passed": 800, "dropped": 200, "frames": 1000, "breaks": 10}
        self.assertEqual(faults_missing(rules, {"a>b": good, "b>a": good}, 10), [])
        self.assertIn("drop=0.2 on b>a: 0", faults_missing(rules, {"a>b": good, "b>a": {**good, "dropped": 0}}, 10)[0])
        self.assertIn("break=0.01 on all streams: 0", faults_missing(rules, {"a>b": {**good, "breaks": 0}}, 10)[0])
        self.assertIn("too few for 300 servers", faults_missing(rules, {"a>b": good}, 300)[0])
        self.assertEqual(len(faults_missing(rules, {}, 10)), 3)


class DisagreementsTest(unittest.TestCase):
    @staticmethod
    def copy_of(state_dir, directory):
        os.mkdir(os.path.join(directory, "db"))
        shutil.copytree(os.path.join(state_dir, "journal"), os.path.join(directory, "journal"))
        copied = sqlite3.connect(os.path.join(directory, "db/network.sqlite"), isolation_level=None)
        source = sqlite3.connect(f"file:{state_dir}/db/network.sqlite?mode=ro", uri=True)
        source.backup(copied)
        source.close()
        return copied

    def test_each_in_the_daemons_files_is_seen(self):
        with Cloud("--hosts", "3") as cloud, tempfile.TemporaryDirectory() as directory:
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "2", "--wait", "web")
            client = CloudClient(f"127.0.0.1:{cloud.port}")
            servers = client.servers()
            leases = self.copy_of(cloud.state_dir, directory)

            def wrong():
                return " ".join(disagreements(directory, client, servers))

            self.assertEqual(wrong(), "")
            for change, text in (("UPDATE leases SET ip = (SELECT min(ip) FROM leases)", "an address is leased twice"),
                                 ("DELETE FROM leases", "leased are None"),
                                 ("UPDATE leases SET epoch = epoch + 1", "epoch 2 has addresses None")):
                with self.subTest(change=change):
                    leases.execute("BEGIN")
                    self.assertGreaterEqual(leases.execute(change).rowcount, 2)
                    leases.execute("COMMIT")
                    self.assertIn(text, wrong())
                    leases.close()
                    shutil.rmtree(directory)
                    os.mkdir(directory)
                    leases = self.copy_of(cloud.state_dir, directory)
            leases.close()
            os.truncate(os.path.join(directory, "journal/compute-0.journal"), 8)
            self.assertIn("as None, expected (1, True)", wrong())
            client.close()

    def test_guests_whose_hosts_have_moved_are_where_they_went(self):
        with Cloud("--hosts", "4") as cloud:
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "4", "--wait", "web")
            cloud.down()
            cloud.up("--computes", "2")
            client = CloudClient(f"127.0.0.1:{cloud.port}")
            servers = client.servers()
            client.close()
            there = f"{cloud.state_dir}/journal/compute-%d.journal"
            with mock.patch("glob.glob", return_value=[there % 1, there % 0]):
                self.assertEqual(sorted(guests_on_disk(cloud.state_dir)), sorted((s.host, s.id) for s in servers))

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
