"""Real daemons on a disk that is full, read-only, failing or damaged."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud

BUILD = os.environ.get("KILONOVA_BUILD_DIR", os.path.join(os.path.dirname(__file__), "../../build"))
PRELOAD = os.path.join(BUILD, "tests/e2e/disk_faults_preload.so")


class FaultyCloud(Cloud):
    """A cloud whose state directory refuses changes while a fault is set (disk_faults/preload.cc)."""

    def __init__(self, *up_args):
        super().__init__(*up_args)
        self.trigger = tempfile.mktemp(prefix="kn-fault-", dir="/tmp")
        self.fault_env = {"LD_PRELOAD": PRELOAD, "KILONOVA_DISK_FAULT": self.trigger,
                          "KILONOVA_DISK_FAULT_DIR": self.state_dir}

    def up(self, *more, check=True):
        return self.run("up", "--grpc-port", str(self.port), "--detach", *self.up_args, *more, check=check,
                        env=self.fault_env)

    def fail(self, error):
        with open(self.trigger + ".new", "w", encoding="utf-8") as file:
            file.write(error)
        os.rename(self.trigger + ".new", self.trigger)

    def repair(self):
        if os.path.exists(self.trigger):
            os.unlink(self.trigger)

    def __exit__(self, *more):
        self.repair()
        super().__exit__(*more)


def create(cloud, name, *more, **kwargs):
    return cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", *more, name, **kwargs)


def create_when_it_can(cloud, name):
    """As a client does that was told UNAVAILABLE: the same call again, with its token."""
    for _ in range(60):
        done = create(cloud, name, "--wait", "--client-token", name, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.5)
    raise AssertionError(done.stderr)


def names(cloud):
    return sorted(s["name"] for s in cloud.json("server", "list"))


def pids(cloud):
    return {name: d["pid"] for name, d in cloud.daemons().items()}


class RefusingDiskTest(unittest.TestCase):
    def refuse_and_recover(self, error, says):
        with FaultyCloud("--hosts", "5") as cloud:
            cloud.create("before")
            cloud.create("doomed")
            running = pids(cloud)

            cloud.fail(error)
            refused = create(cloud, "refused", check=False)
            self.assertEqual(refused.returncode, 11, refused.stdout)
            self.assertIn(says, refused.stderr)
            self.assertIn("controller.sqlite", refused.stderr)
            self.assertEqual(cloud.run("server", "delete", "doomed", check=False).returncode, 11)
            # What needs no disk goes on, and nobody died of it.
            self.assertEqual(names(cloud), ["before", "doomed"])
            self.assertEqual(cloud.json("server", "show", "doomed")["status"], "ACTIVE")
            self.assertEqual(pids(cloud), running)

            cloud.repair()
            create_when_it_can(cloud, "after")
            cloud.run("server", "delete", "--wait", "doomed")
            self.assertEqual(names(cloud), ["after", "before"])
            self.assertEqual(pids(cloud), running)

            # And all of it was stored.
            cloud.down()
            cloud.up()
            self.assertEqual(names(cloud), ["after", "before"])
            cloud.create("last")

    def test_a_full_disk_refuses_changes_and_ends_nobody(self):
        self.refuse_and_recover("ENOSPC", "full")

    def test_a_read_only_disk_refuses_changes_and_ends_nobody(self):
        self.refuse_and_recover("EROFS", "while writing")

    def test_a_failing_disk_refuses_changes_and_ends_nobody(self):
        self.refuse_and_recover("EIO", "while writing")

    def test_launches_under_way_end_when_there_is_room_again(self):
        with FaultyCloud("--hosts", "5", "--timing", "realistic", "--time-factor", "0.3") as cloud:
            for i in range(6):
                create(cloud, f"s{i}")
            cloud.fail("ENOSPC")
            running = pids(cloud)
            # Long enough for builds to want the disk: claims, addresses, guests, reports.
            time.sleep(2)
            cloud.repair()
            deadline = time.monotonic() + 100
            while True:
                servers = cloud.json("server", "list")
                if all(s["status"] in ("ACTIVE", "ERROR") for s in servers):
                    break
                self.assertLess(time.monotonic(), deadline, servers)
                time.sleep(0.3)
            self.assertEqual(sorted(s["name"] for s in servers), [f"s{i}" for i in range(6)])
            for server in servers:
                if server["status"] == "ERROR":
                    self.assertTrue(cloud.json("server", "show", server["name"])["fault"], server)
            self.assertEqual(pids(cloud), running)
            for server in servers:
                cloud.run("server", "delete", "--wait", server["name"])
            self.assertEqual(names(cloud), [])

    def test_a_daemon_that_must_restart_on_a_full_disk_says_why(self):
        with FaultyCloud("--hosts", "5") as cloud:
            cloud.create("before")
            for name in ("compute-0", "network-0", "controller-0"):
                with self.subTest(name=name):
                    cloud.fail("ENOSPC")
                    old = cloud.kill(name)
                    # It comes back and refuses, or cannot, and then its reason is told.
                    deadline = time.monotonic() + 30
                    while time.monotonic() < deadline:
                        daemon = cloud.daemons()[name]
                        if daemon["last_end"] and (daemon["state"] == "dead" or daemon["pid"] != old):
                            break
                        time.sleep(0.2)
                    self.assertTrue(daemon["last_end"], daemon)
                    cloud.repair()
                    create_when_it_can(cloud, f"after-{name}")
                    # What could not be written down is, as soon as there is room.
                    deadline = time.monotonic() + 30
                    while (daemon := cloud.daemons()[name])["state"] != "running" or not daemon["restarts"]:
                        self.assertLess(time.monotonic(), deadline, daemon)
                        time.sleep(0.2)
            self.assertEqual(names(cloud), ["after-compute-0", "after-controller-0", "after-network-0", "before"])

    def test_up_on_a_read_only_directory_says_so(self):
        with FaultyCloud("--hosts", "2") as cloud:
            cloud.create("before")
            cloud.down()
            cloud.fail("EROFS")
            refused = cloud.up(check=False)
            self.assertEqual(refused.returncode, 11)
            self.assertIn("Read-only file system", refused.stderr)
            self.assertIn(cloud.state_dir, refused.stderr)
            cloud.repair()
            cloud.up()
            self.assertEqual(names(cloud), ["before"])


class SmallDiskTest(unittest.TestCase):
    """A real file system of a few MiB; only where this process may mount one."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", self.directory],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            os.rmdir(self.directory)
            self.skipTest("this process may not mount a file system: " + mounted.stderr.strip())

    def tearDown(self):
        subprocess.run(["umount", "-l", self.directory], check=False)
        os.rmdir(self.directory)

    def test_a_file_system_that_runs_full(self):
        cloud = Cloud("--hosts", "5", state_dir=self.directory)
        with cloud:
            cloud.create("before")
            running = pids(cloud)
            filler = os.path.join(self.directory, "filler")
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * 4096)
                except OSError:
                    pass
            refused = None
            for i in range(50):  # there may be room left in pages that files have already
                refused = create(cloud, f"more-{i}", check=False)
                if refused.returncode != 0:
                    break
            self.assertEqual(refused.returncode, 11)
            self.assertIn("full", refused.stderr)
            self.assertEqual(pids(cloud), running)
            os.unlink(filler)
            create_when_it_can(cloud, "after")
            self.assertEqual(pids(cloud), running)
            before = names(cloud)
            cloud.down()
            cloud.up()
            self.assertEqual(names(cloud), before)


class DamagedFilesTest(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud("--hosts", "3")
        self.cloud.up()
        self.addCleanup(self.cloud.__exit__)
        for name in ("a", "b"):
            self.cloud.create(name)

    def path(self, name):
        return os.path.join(self.cloud.state_dir, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def refused(self, name, *says):
        """`up` names the file, says what to do, and does not touch it."""
        before = self.read(name)
        done = self.cloud.up(check=False)
        self.assertIn(done.returncode, (6, 11, 15), done.stdout)  # of a newer kilonova, or damaged
        for text in (os.path.basename(name), *says):
            self.assertIn(text, done.stderr)
        self.assertEqual(self.read(name), before)

    def recovers(self, name, data):
        self.write(name, data)
        self.cloud.up()
        self.assertEqual(names(self.cloud), ["a", "b"])
        self.cloud.create("c")

    def test_databases_that_were_cut_short(self):
        self.cloud.down()
        for name in ("db/controller.sqlite", "db/network.sqlite"):
            with self.subTest(name=name):
                whole = self.read(name)
                self.write(name, whole[:len(whole) // 2 // 4096 * 4096])
                self.refused(name, "left as it is", "move it away")
                self.write(name, whole)
        self.recovers(name, whole)

    def test_a_database_with_nonsense_inside(self):
        self.cloud.down()
        name = "db/controller.sqlite"
        whole = self.read(name)
        self.write(name, whole[:8192] + os.urandom(4096) + whole[12288:])
        self.refused(name, "left as it is")
        self.recovers(name, whole)

    def test_bits_that_flip_in_databases_that_are_in_use(self):
        """Nobody dies of it: a change is done, or refused with the reason; and the next start names the file."""
        self.cloud.down()  # everything is in the databases then, and not in their logs
        self.cloud.up()
        running = pids(self.cloud)
        for name in ("db/controller.sqlite", "db/network.sqlite"):
            with open(self.path(name), "r+b") as file:
                for page in range(1, os.path.getsize(self.path(name)) // 4096):
                    file.seek(page * 4096)
                    file.write(os.urandom(64))
        for number in range(8):
            done = create(self.cloud, f"n{number}", check=False)
            if done.returncode != 0:
                self.assertRegex(done.stderr, r"(controller|network)\.sqlite.*malformed")
        self.assertEqual(pids(self.cloud), running)
        self.assertEqual(self.cloud.run("server", "show", "a", check=False).returncode, 0)
        self.cloud.down()
        done = self.cloud.up(check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"(controller|network)\.sqlite")

    def flip_a_bit(self, name, byte):
        with open(self.path(name), "r+b") as file:
            file.seek(byte)
            flipped = bytes([file.read(1)[0] ^ 4])
            file.seek(byte)
            file.write(flipped)

    def test_bits_that_flip_in_a_journal_that_is_in_use(self):
        """Guests run on, and so does their process, which only appends; its next life says where the damage is, and waits."""
        running, name = pids(self.cloud), "journal/compute-0.journal"
        self.flip_a_bit(name, 40)
        self.cloud.create("c")
        self.cloud.run("server", "stop", "--wait", "a")
        self.cloud.run("server", "delete", "--wait", "b")
        self.assertEqual(pids(self.cloud), running)
        self.cloud.kill("compute-0")
        deadline = time.monotonic() + 60
        while not re.search(r"compute-0\.journal: the record at byte 8 is corrupt.*move it away",
                            (daemon := self.cloud.daemons()["compute-0"])["last_end"]):
            self.assertLess(time.monotonic(), deadline, daemon)
            time.sleep(0.1)
        damaged = self.read(name)
        self.assertEqual(sorted((s["name"], s["status"]) for s in self.cloud.json("server", "list")),
                         [("a", "SHUTOFF"), ("c", "ACTIVE")])
        self.assertEqual(self.read(name), damaged)
        self.flip_a_bit(name, 40)  # the copy of it that somebody had
        create_when_it_can(self.cloud, "d")
        self.assertEqual(names(self.cloud), ["a", "c", "d"])
        done = self.cloud.run("check", "--settle", "60", check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "clean: 3 servers on 3 hosts\n"))

    def test_a_journal_with_nonsense_inside(self):
        self.cloud.down()
        name = "journal/compute-0.journal"
        whole = self.read(name)
        self.write(name, whole[:40] + b"\xff" + whole[41:])
        self.refused(name, "the record at byte 8 is corrupt", "move it away")
        self.recovers(name, whole)

    def test_a_journal_whose_last_record_is_torn(self):
        status = self.cloud.json("status")
        os.kill(status["pid"], signal.SIGKILL)
        for daemon in status["daemons"]:
            try:
                os.kill(daemon["pid"], signal.SIGKILL)
            except ProcessLookupError:
                pass
        name = "journal/compute-0.journal"
        whole = self.read(name)
        self.write(name, whole + whole[8:30])
        self.cloud.up()
        self.assertIn("cut short; 22 bytes", self.cloud.log("compute-0"))
        self.assertEqual(names(self.cloud), ["a", "b"])
        self.assertEqual(self.cloud.json("server", "show", "a")["status"], "ACTIVE")

    def test_files_of_a_newer_kilonova(self):
        self.cloud.down()
        journal = "journal/compute-0.journal"
        whole = self.read(journal)
        self.write(journal, whole[:7] + b"\x07" + whole[8:])
        self.refused(journal, "version 7", "version 2")
        self.write(journal, whole)
        self.write("cloud.json", b'{"version": 5}')
        self.refused("cloud.json", "version 5", "version 1")
        os.unlink(self.path("cloud.json"))
        # Not whole: it tells of nothing that could still run.
        self.write("cloud.json", b'{"version": 1, "pid"')
        self.cloud.up()
        self.assertEqual(names(self.cloud), ["a", "b"])

    def test_sync_full_keeps_what_it_said(self):
        self.cloud.down()
        self.cloud.up_args += ["--sync", "full"]
        self.cloud.up()
        self.cloud.create("c")
        for daemon in ("controller-0", "network-0", "compute-0"):
            self.cloud.kill(daemon)
        create_when_it_can(self.cloud, "d")
        self.assertEqual(names(self.cloud), ["a", "b", "c", "d"])


if __name__ == "__main__":
    unittest.main()
