"""up, down, status: processes that come, die, come back, and get in each other's way."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, UNAVAILABLE, Cloud


class SuperviseTest(unittest.TestCase):
    def test_status_has_every_daemon(self):
        with Cloud("--schedulers", "2") as cloud:
            status = cloud.json("status")
            names = sorted(d["name"] for d in status["daemons"])
            self.assertEqual(names, ["api-0", "compute-0", "controller-0", "network-0", "scheduler-0", "scheduler-1"])
            for daemon in status["daemons"]:
                self.assertEqual(daemon["state"], "running")
                self.assertGreater(daemon["pid"], 0)
            self.assertEqual(status["hosts"], {"total": 10, "up": 10})

    def test_a_killed_daemon_is_restarted_and_the_cloud_goes_on(self):
        with Cloud("--hosts", "5") as cloud:
            cloud.create("before")
            for name in ("scheduler-0", "network-0", "compute-0", "controller-0", "api-0"):
                with self.subTest(name=name):
                    old = cloud.kill(name)
                    cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait",
                              "--client-token", name, f"after-{name}") if name not in ("api-0", "controller-0") \
                        else self.create_when_back(cloud, f"after-{name}")
                    daemon = cloud.daemons()[name]
                    self.assertEqual(daemon["state"], "running")
                    self.assertNotEqual(daemon["pid"], old)
                    self.assertEqual(daemon["restarts"], 1)
            self.assertEqual(len(cloud.json("server", "list", "--status", "ACTIVE")), 6)
            with open(cloud.state_dir + "/logs/supervisor.log", encoding="utf-8") as log:
                self.assertIn("was killed by signal 9", log.read())

    def test_a_supervisor_whose_messages_find_a_full_disk_lives_on(self):
        cloud = Cloud("--hosts", "2")
        with open("/dev/full", "w", encoding="utf-8") as full:
            supervisor = subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, "up",
                                           "--grpc-port", str(cloud.port), "--hosts", "2"],
                                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=full)
        try:
            self.create_when_back(cloud, "before")
            cloud.kill("scheduler-0")
            self.create_when_back(cloud, "after")
            self.assertIsNone(supervisor.poll())
            self.assertEqual(cloud.daemons()["scheduler-0"]["restarts"], 1)
        finally:
            cloud.__exit__()
            supervisor.wait(60)

    def create_when_back(self, cloud, name):
        """The door was closed for a moment: a client tries again with its token, and never makes two."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            done = cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait",
                             "--client-token", name, name, check=False)
            if done.returncode == 0:
                return
        self.fail(done.stderr)

    def test_servers_are_there_after_down_and_up(self):
        with Cloud("--hosts", "5") as cloud:
            before = cloud.create("stays")
            cloud.down()
            cloud.up()
            after = cloud.json("server", "show", "stays")
            for field in ("id", "status", "host", "addresses"):
                self.assertEqual(before[field], after[field])
            cloud.create("new")
            self.assertNotEqual(cloud.json("server", "show", "new")["addresses"], after["addresses"])

    def test_everything_killed_at_once_comes_back(self):
        with Cloud("--hosts", "5") as cloud:
            before = cloud.create("stays")
            status = cloud.json("status")
            os.kill(status["pid"], signal.SIGKILL)
            for daemon in status["daemons"]:
                try:
                    os.kill(daemon["pid"], signal.SIGKILL)
                except ProcessLookupError:
                    pass
            cloud.up()
            self.assertEqual(cloud.json("server", "show", "stays")["host"], before["host"])
            cloud.create("new")

    def test_a_second_up_is_refused(self):
        with Cloud() as cloud:
            again = cloud.up(check=False)
            self.assertEqual(again.returncode, 6)
            self.assertIn("already running", again.stderr)
            self.assertIn(str(cloud.json("status")["pid"]), again.stderr)
            cloud.create("unharmed")

    def test_a_port_in_use_is_named(self):
        cloud = Cloud()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", cloud.port))
            taken.listen()
            done = cloud.up(check=False)
        self.assertEqual(done.returncode, 11)
        self.assertIn(str(cloud.port), done.stderr)
        self.assertEqual(cloud.run("status", check=False).returncode, 11)
        cloud.__exit__()

    def test_a_corrupt_database_is_named(self):
        cloud = Cloud()
        os.makedirs(cloud.state_dir + "/db")
        with open(cloud.state_dir + "/db/controller.sqlite", "wb") as file:
            file.write(b"this is no database" * 1000)
        done = cloud.up(check=False)
        self.assertEqual(done.returncode, 11)
        self.assertIn("controller.sqlite", done.stderr)
        cloud.__exit__()

    def test_a_newer_database_is_refused(self):
        with Cloud() as cloud:
            cloud.down()
            database = sqlite3.connect(cloud.state_dir + "/db/controller.sqlite")
            database.execute("PRAGMA user_version = 999")
            database.commit()
            database.close()
            done = cloud.up(check=False)
            self.assertEqual(done.returncode, 11)
            self.assertIn("999", done.stderr)

    def test_down_ends_a_cloud_that_is_still_starting(self):
        cloud = Cloud("--hosts", "200000")
        try:
            up = subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, "up", "--grpc-port",
                                   str(cloud.port), "--http-port", "0", "--detach", *cloud.up_args],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            lock = os.path.join(cloud.state_dir, "lock")
            deadline = time.monotonic() + 60
            while not (os.path.exists(lock) and os.path.getsize(lock)):
                self.assertLess(time.monotonic(), deadline)
            self.assertTrue(cloud.json("down")["was_running"])
            _, words = up.communicate(timeout=60)
            self.assertNotEqual(up.returncode, 0, words)
            self.assertFalse(cloud.json("down")["was_running"])
        finally:
            cloud.__exit__()

    def test_down_signals_the_process_that_up_started_and_no_other(self):
        with Cloud("--hosts", "1") as cloud:
            path = os.path.join(cloud.state_dir, "cloud.json")
            with open(path, encoding="utf-8") as file:
                told = json.load(file)
            bystander = subprocess.Popen(["sleep", "600"])
            try:
                for name in ("lock", "cloud.json"):
                    with open(os.path.join(cloud.state_dir, name), "r+", encoding="utf-8") as file:
                        file.truncate()
                        file.write(f"{bystander.pid} 1\n" if name == "lock" else
                                   json.dumps({**told, "pid": bystander.pid, "start_ticks": 1}))
                done = cloud.run("down", check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("none that `kilonova up` wrote down", done.stderr)
                self.assertIsNone(bystander.poll())
            finally:
                bystander.kill()
                bystander.wait()
                os.kill(told["pid"], signal.SIGTERM)
            while os.path.exists(f"/proc/{told['pid']}"):
                time.sleep(0.05)

    @unittest.skipIf(os.geteuid() != 0, "only root can give a directory away")
    def test_a_state_directory_of_another_user_is_refused(self):
        cloud = Cloud("--hosts", "1")
        precious = cloud.state_dir + "-precious"
        try:
            with open(precious, "w", encoding="utf-8") as file:
                file.write("precious")
            os.mkdir(os.path.join(cloud.state_dir, "logs"))
            os.symlink(precious, os.path.join(cloud.state_dir, "logs", "controller-0.stderr"))
            done = cloud.up(check=False)
            self.assertEqual(done.returncode, 0, done.stderr)  # it is ours: the words are lost, no file is
            cloud.down()
            with open(precious, encoding="utf-8") as file:
                self.assertEqual(file.read(), "precious")
            os.chown(cloud.state_dir, 65534, 65534)
            done = cloud.up(check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("belongs to the user with the number 65534", done.stderr)
            os.chown(cloud.state_dir, 0, 0)
        finally:
            cloud.__exit__()
            os.unlink(precious)

    def test_guests_go_along_with_their_hosts(self):
        with Cloud("--hosts", "8", "--computes", "1") as cloud:
            for i in range(8):
                cloud.create(f"s{i}")
            cloud.down()
            for changed in (("--computes", "2"), ("--computes", "3"), ("--hosts", "12"), ("--computes", "1")):
                with self.subTest(changed=changed):
                    cloud.up_args = []
                    cloud.up(*changed)
                    self.assertEqual(len(cloud.json("server", "list", "--status", "ACTIVE")), 8)
                    # A scheduler may not have heard yet of hosts that moved; who holds what has to be right at once.
                    found = cloud.run("check", check=False).stdout.splitlines()[:-1]
                    self.assertEqual([line for line in found if not line.startswith("view-missing:")], [])
                    cloud.down()

    def test_guests_go_back_with_their_hosts_when_an_up_with_other_numbers_does_not_come_up(self):
        with Cloud("--hosts", "8", "--computes", "2") as cloud:
            for i in range(8):
                cloud.create(f"s{i}")
            cloud.down()
            with socket.socket() as taken:
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                taken.bind(("127.0.0.1", cloud.port))
                taken.listen()
                cloud.up_args = ["--hosts", "8", "--computes", "1"]
                self.assertEqual(cloud.up(check=False).returncode, UNAVAILABLE)
            cloud.up_args = []
            cloud.up()
            self.assertEqual(len(cloud.daemons()), 6, "as it was: two compute processes")
            self.assertIn("clean", cloud.run_once_served("check").stdout)
            self.assertEqual(len(cloud.json("server", "list", "--status", "ACTIVE")), 8)

    def test_hosts_from_a_file(self):
        with Cloud() as cloud:
            cloud.down()
        cloud = Cloud()
        hosts = cloud.state_dir + "/hosts.csv"
        with open(hosts, "w", encoding="utf-8") as file:
            file.write("name,vcpus,ram,disk,zone\nbig,64,262144,1000,east\nsmall,2,2048,50,west\n")
        cloud.up_args = ["--hosts-file", hosts]
        with cloud:
            names = sorted(h["name"] for h in cloud.json("host", "list"))
            self.assertEqual(names, ["big", "small"])
            self.assertEqual(cloud.create("w", "--availability-zone", "west")["host"], "small")

    def test_a_broken_hosts_file_names_the_line(self):
        cloud = Cloud()
        hosts = cloud.state_dir + "/hosts.csv"
        with open(hosts, "w", encoding="utf-8") as file:
            file.write("name,vcpus,ram\na,1,100\nb,many,100\n")
        cloud.up_args = ["--hosts-file", hosts]
        done = cloud.up(check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("many", done.stderr)
        self.assertIn("3", done.stderr)
        cloud.__exit__()

    def test_a_hosts_file_that_is_no_text_names_line_and_column(self):
        cloud = Cloud()
        hosts = cloud.state_dir + "/hosts.csv"
        with open(hosts, "wb") as file:
            file.write(b"name,vcpus,ram\na,1,100\ncaf\xe9,1,100\n")
        cloud.up_args = ["--hosts-file", hosts]
        done = cloud.up(check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("hosts.csv:3: column 'name': the host's name 'caf?'", done.stderr)
        cloud.__exit__()

    def test_a_state_directory_that_is_too_long_is_refused(self):
        done = Cloud(state_dir="/tmp/kn-" + "x" * 100).up(check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("too long", done.stderr)

    def test_down_without_a_cloud_says_so(self):
        cloud = Cloud()
        done = cloud.down()
        self.assertEqual(done.returncode, 0)
        self.assertIn("no cloud is running", done.stdout)
        self.assertEqual(cloud.run("server", "list", check=False).returncode, 11)
        cloud.__exit__()


if __name__ == "__main__":
    unittest.main()
