"""Launches under way, decisions and refusals as they are told, and what happens to hosts and between daemons."""

import csv
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud

KILONOVA = os.path.join(BIN, "kilonova")
NOT_FOUND, DATA_LOSS = 4, 15


class UnderWayTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "3", "--timing", "test")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()

    def test_a_launch_under_way_is_explained_and_traced(self):
        self.cloud.run("fault", "add", "--step", "image_ready", "--delay", "5s", "--count", "1", "--server", "slowly")
        self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "slowly")
        self.cloud.run("wait", "step", "slowly", "block_devices_mapped", "--timeout", "60s")
        endpoint = self.cloud.json("status")["grpc"]  # not by its logs
        explained = self.cloud.run("--endpoint", endpoint, "explain", "slowly").stdout
        self.assertIn("BUILD", explained)
        self.assertIn("driver filter, chose host-0000", explained)
        steps = [s["step"] for s in json.loads(self.cloud.run("--endpoint", endpoint, "trace", "-f", "json", "slowly").stdout)["steps"]]
        self.assertEqual(steps[:9], ["request_accepted", "instance_created", "schedule_cast", "host_selected", "run_cast", "claimed",
                                     "network_requested", "address_allocated", "block_devices_mapped"])
        self.cloud.run("--endpoint", endpoint, "wait", "step", "slowly", "block_devices_mapped", "--timeout", "60s")
        done = self.cloud.run("--endpoint", endpoint, "wait", "step", "slowly", "active", "--timeout", "100ms", check=False)
        self.assertIn("server slowly has not done active", done.stderr)
        done = self.cloud.run("wait", "server", "slowly", "--timeout", "100ms", check=False)
        self.assertRegex(done.stderr, r"slowly \(BUILD on host-0000\d, [a-z_]+\)")
        followed = self.cloud.run("--endpoint", endpoint, "trace", "--follow", "slowly").stdout
        self.assertRegex(followed, r"(?m)^\S+ +13 active +controller-0 on host-0000\d, ")
        self.cloud.run("server", "delete", "--wait", "slowly")

    def test_decisions_are_read_from_logs_too(self):
        self.cloud.create("loggedtoo")
        of_cloud = self.cloud.json("explain", "loggedtoo")
        of_logs = self.cloud.json("explain", "--from-logs", self.cloud.state_dir, "loggedtoo")
        self.assertEqual(of_logs["decisions"], of_cloud["decisions"])
        self.assertEqual((of_logs["server"], of_logs["name"]), (of_cloud["server"], "loggedtoo"))
        done = self.cloud.run("explain", "--from-logs", self.cloud.state_dir, "nobody", check=False)
        self.assertEqual(done.returncode, NOT_FOUND)
        self.cloud.run("server", "delete", "--wait", "loggedtoo")

    def test_decisions_are_exported(self):
        names = ("first", "second")
        servers = [self.cloud.create(name) for name in names]
        with tempfile.TemporaryDirectory() as directory:
            rows, lines = os.path.join(directory, "all.csv"), os.path.join(directory, "two.jsonl")
            done = self.cloud.run("explain", *names, "--export", lines)
            self.assertEqual(done.stdout, f"{lines}: 2 servers, 2 decisions\n")
            with open(lines, encoding="utf-8") as file:
                self.assertEqual([json.loads(line) for line in file], [self.cloud.json("explain", name) for name in names])
            self.cloud.run("explain", "--all", "--export", rows)
            with open(rows, encoding="utf-8", newline="") as file:
                chosen = {row["server"]: row["chosen"] for row in csv.DictReader(file)}
            self.assertLessEqual({server["id"]: server["host"] for server in servers}.items(), chosen.items())
            said = self.cloud.run("explain", *names, "-f", "json").stdout
            self.assertEqual([json.loads(line)["name"] for line in said.splitlines()], list(names))
            for args, code, says in ((("first", "nobody", "--export", lines), NOT_FOUND, "'nobody' not found"),
                                     (("--all", "--export", "all.txt"), 2, "must end in .csv"),
                                     (("--all", "--export", directory + "/none/all.csv"), DATA_LOSS, "cannot be written"),
                                     (names, 2, "--export FILE"), ((), 2, "say which SERVER, or --all")):
                with self.subTest(args):
                    done = self.cloud.run("explain", *args, check=False)
                    self.assertEqual(done.returncode, code, done.stderr)
                    self.assertIn(says, done.stderr)
        self.cloud.run("server", "delete", "--wait", *names)

    def test_a_refusal_says_by_which_resource(self):
        self.cloud.run("flavor", "create", "--ram", "64", "--vcpus", "2000", "--disk", "1", "wide")
        self.cloud.run("quota", "set", "--cores", "-1")
        self.cloud.run("server", "create", "--flavor", "wide", "--image", "cirros", "--wait", "refused", check=False)
        said = "No host has 2000 vcpus free (most free: 64, ratio 16)."
        self.assertIn(said, self.cloud.json("explain", "refused")["decisions"][0]["explanation"])
        self.assertIn(said, self.cloud.json("server", "show", "refused")["fault"]["details"])
        self.assertNotIn("most free", self.cloud.json("server", "show", "refused")["fault"]["message"])
        self.cloud.run("server", "delete", "--wait", "refused")
        self.cloud.run("flavor", "delete", "wide")

    def test_a_replay_on_cores_that_are_given_away_several_times_is_warned_of(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("name,vcpus,ram\na,1,1\n")
            file.flush()
            done = self.cloud.run("replay", "--requests", file.name)
        self.assertIn("gives each core away 16 times (cpu_allocation_ratio)", done.stderr)
        self.assertIn("--cpu-allocation-ratio 1", done.stderr)

    def test_daemons_are_cut_off_from_each_other_until_it_heals(self):
        self.cloud.run("fault", "partition", "compute", "controller")
        self.cloud.run("wait", "host", "host-00000", "--for", "down", "--timeout", "60s")
        self.assertEqual(self.cloud.daemons()["compute-0"]["state"], "running")
        self.cloud.run("fault", "heal")
        self.cloud.run("wait", "host", "host-00000", "--for", "up", "--timeout", "60s")
        self.assertEqual(self.cloud.run("fault", "partition", "compute", "nosuch", check=False).returncode, NOT_FOUND)

    def host_event(self, lines, timeout):
        """The next event of a host, or None."""
        try:
            while True:
                event = json.loads(lines.get(timeout=timeout))
                if event["kind"] == "host":
                    return event
        except queue.Empty:
            return None

    def test_a_host_loses_its_power_and_gets_it_back(self):
        server = self.cloud.create("powerless")
        host, lines = server["host"], queue.Queue()
        follower = subprocess.Popen([KILONOVA, "--state-dir", self.cloud.state_dir, "events", "--follow", "-f", "json", "--all-projects"],
                                    stdout=subprocess.PIPE, text=True)
        reader = threading.Thread(target=lambda: [lines.put(line) for line in follower.stdout])
        reader.start()
        try:
            told = None
            while told is None:  # nothing says when the stream stands, and what happened before is not told
                self.cloud.run("host", "revive", host)
                self.cloud.run("wait", "host", host, "--for", "up", "--timeout", "60s")
                self.cloud.run("host", "crash", host)
                self.cloud.run("wait", "host", host, "--for", "down", "--timeout", "60s")
                told = self.host_event(lines, timeout=1)
        finally:
            follower.kill()
            follower.wait()
            reader.join()
            follower.stdout.close()
        self.assertEqual(told["host"], host)
        self.cloud.run("host", "revive", host)
        self.cloud.run("wait", "host", host, "--for", "up", "--timeout", "60s")
        self.cloud.run("wait", "server", "powerless", "--for", "shutoff", "--timeout", "60s")
        self.assertEqual(self.cloud.run("host", "crash", "nosuch", check=False).returncode, NOT_FOUND)
        self.cloud.run("server", "delete", "--wait", "powerless")


if __name__ == "__main__":
    unittest.main()
