"""Real daemons that have no room for logs or sockets, no inodes, no more threads or memory: they say so, go on or end, and recover."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud
from processes import processes_of

DAEMONS = ("network-0", "compute-0", "scheduler-0", "api-0", "controller-0")
FULL = "No space left on device"


def names(cloud):
    return sorted(server["name"] for server in cloud.json("server", "list"))


def create_once_served(cloud, name):
    cloud.run_once_served("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "--client-token", name, name)


def await_daemon(cloud, name, condition, limit=60):
    end = time.monotonic() + limit
    while not condition(daemon := cloud.daemons()[name]):
        if time.monotonic() > end:
            raise AssertionError(f"{name} after {limit} s: {daemon}")
        time.sleep(0.1)
    return daemon


class FullTest(unittest.TestCase):
    """A small file system in place of the state directory or a part of it; only where this process may mount one."""

    def small(self, part, options):
        parent = tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        self.addCleanup(shutil.rmtree, parent)
        self.place = os.path.join(parent, "s", part).rstrip("/")
        os.makedirs(self.place, 0o700)
        os.chmod(os.path.join(parent, "s"), 0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options + ",mode=700", "none", self.place],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("this process may not mount a file system: " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", self.place], check=True)
        return Cloud("--hosts", "3", state_dir=os.path.join(parent, "s"))

    def fill(self):
        """With bytes, and with files."""
        filler = os.path.join(self.place, "filler")
        os.makedirs(filler, exist_ok=True)
        with self.assertRaisesRegex(OSError, FULL), open(os.path.join(filler, "bytes"), "ab", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def fill_inodes(self):
        filler = os.path.join(self.place, "filler")
        os.makedirs(filler, exist_ok=True)
        with self.assertRaisesRegex(OSError, FULL):
            for number in range(len(os.listdir(filler)), 100_000):
                with open(os.path.join(filler, str(number)), "x", encoding="utf-8"):
                    pass

    def empty(self):
        shutil.rmtree(os.path.join(self.place, "filler"))

    def goes_on(self, cloud, fill):
        """Nobody dies of it, and who is killed comes back and serves; returns what there is in the end."""
        cloud.create("before")
        running = {name: daemon["pid"] for name, daemon in cloud.daemons().items()}
        fill()
        cloud.create("full")
        self.assertEqual({name: daemon["pid"] for name, daemon in cloud.daemons().items()}, running)
        expected = ["before", "full"]
        for name in DAEMONS:
            with self.subTest(name):
                old = cloud.kill(name)
                end = time.monotonic() + 60
                while old in processes_of(cloud.state_dir) and time.monotonic() < end:
                    time.sleep(0.01)
                create_once_served(cloud, f"without-{name}")
                expected.append(f"without-{name}")
                fill()
        self.assertEqual(names(cloud), sorted(expected))
        return sorted(expected)

    def test_no_room_for_logs(self):
        with self.small("logs", "size=256k") as cloud:
            expected = self.goes_on(cloud, self.fill)
            cloud.down()
            cloud.up()
            self.assertEqual(names(cloud), expected)
            self.empty()
            logged = cloud.create("logged")["id"]
            cloud.down()
            self.assertIn(logged, cloud.log("controller-0"))

    def test_no_room_for_sockets(self):
        with self.small("run", "size=256k,nr_inodes=24") as cloud:
            expected = self.goes_on(cloud, self.fill_inodes)
            cloud.down()
            self.fill_inodes()
            done = cloud.up(check=False)
            self.assertEqual(done.returncode, 11, done.stdout)
            self.assertRegex(done.stderr, f"controller-0.*{cloud.state_dir}/run/.*{FULL}")
            self.assertEqual(processes_of(cloud.state_dir), [])
            self.empty()
            cloud.up()
            self.assertEqual(names(cloud), expected)

    def test_no_inodes(self):
        with self.small("", "size=16m,nr_inodes=80") as cloud:
            expected = self.goes_on(cloud, self.fill_inodes)
            self.empty()
            # The supervisor has not been able to write down who runs; now it is.
            for name in DAEMONS:
                await_daemon(cloud, name, lambda daemon: daemon["state"] == "running" and daemon["restarts"])
            cloud.down()
            self.fill_inodes()
            done = cloud.up(check=False)
            self.assertEqual(done.returncode, 11, done.stdout)
            self.assertIn(cloud.state_dir, done.stderr)
            self.assertEqual(processes_of(cloud.state_dir), [])
            self.empty()
            cloud.up()
            self.assertEqual(names(cloud), expected)
            cloud.create("last")


class OtherUsersCloud(Cloud):
    """A limit of threads counts those of one user, and does not bind root."""

    USER = 61_000 + os.getpid() % 1000

    def __init__(self, *up_args):
        super().__init__(*up_args)
        os.chown(self.state_dir, self.USER, self.USER)

    def as_user(self, words, **kwargs):
        return subprocess.run(words, capture_output=True, text=True, user=self.USER, group=self.USER, extra_groups=[],
                              cwd="/", env={**os.environ, "HOME": self.state_dir}, check=False, **kwargs)

    def run(self, *args, check=True, timeout=120, env=None, input=""):
        done = self.as_user([os.path.join(BIN, "kilonova"), "--state-dir", self.state_dir, *args], timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"kilonova {' '.join(args)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def limit_threads(self, number):
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        word = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
        for pid in processes_of(self.state_dir):
            done = self.as_user(["prlimit", "--pid", str(pid), f"--nproc={number or word}:"])
            assert done.returncode == 0, done.stderr


@unittest.skipIf(os.geteuid() != 0, "only root can become the user whose threads are limited")
class ThreadsTest(unittest.TestCase):
    def setUp(self):
        self.cloud = OtherUsersCloud("--hosts", "3")
        self.addCleanup(self.cloud.__exit__)
        try:
            done = self.cloud.run("--version", check=False)
        except PermissionError as error:
            self.skipTest(f"another user cannot run the programs: {error}")
        if done.returncode != 0:
            self.skipTest(f"another user cannot run the programs: {done.stderr}")

    def test_no_more_threads(self):
        cloud = self.cloud
        cloud.up()
        cloud.create("before")
        running = {name: daemon["pid"] for name, daemon in cloud.daemons().items()}
        cloud.limit_threads(1)
        for number in range(4):
            cloud.create(f"limited-{number}")
        self.assertEqual({name: daemon["pid"] for name, daemon in cloud.daemons().items()}, running)
        for name in ("network-0", "api-0"):
            cloud.kill(name)
            daemon = await_daemon(cloud, name, lambda daemon: daemon["state"] == "dead")
            self.assertIn("Killed", daemon["last_end"])
        log = os.path.join(cloud.state_dir, "logs/supervisor.log")
        end = time.monotonic() + 60
        while True:
            with open(log, encoding="utf-8") as file:
                text = file.read()
            if all(f"{kind} cannot be started: Resource temporarily unavailable" in text for kind in ("network", "api")):
                break
            self.assertLess(time.monotonic(), end, text)
            time.sleep(0.1)
        cloud.limit_threads(None)
        create_once_served(cloud, "after")
        self.assertEqual(names(cloud), ["after", "before", *(f"limited-{number}" for number in range(4))])

    def test_too_few_threads_to_start(self):
        cloud = self.cloud
        done = cloud.as_user(["prlimit", "--nproc=12:12", os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, "up",
                              "--grpc-port", str(cloud.port), "--hosts", "3", "--detach"], timeout=120)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Resource temporarily unavailable", done.stderr)
        self.assertEqual(processes_of(cloud.state_dir), [])
        cloud.up()
        cloud.create("after")


def address_space_of(pid):
    """Bytes."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmSize:"))


class MemoryTest(unittest.TestCase):
    """A daemon that the system refuses memory ends at once and says why, and what was answered is there afterwards."""

    BATCHES = 30  # of a hundred servers: more than fits into what a daemon has at hand

    def exhaust(self, cloud, name):
        """Returns the names of the servers that somebody was told of."""
        pid = cloud.daemons()[name]["pid"]
        subprocess.run(["prlimit", "--pid", str(pid), f"--as={address_space_of(pid)}:"], check=True)
        told = []
        for number in range(self.BATCHES):
            prefix = f"{name}-{number}"
            done = cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "100", "--wait", prefix,
                             check=False)
            if done.returncode == 0:
                told += [f"{prefix}-{index}" for index in range(1, 101)]
            daemon = cloud.daemons()[name]
            if daemon["restarts"]:
                self.assertIn("the system refused more memory", daemon["last_end"])
                return told
        self.fail(f"{name} took no memory for {self.BATCHES} hundred servers")

    def test_no_more_memory(self):
        with Cloud("--hosts", "1000") as cloud:
            cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1")
            expected = set()
            for name in DAEMONS:
                with self.subTest(name):
                    expected.update(self.exhaust(cloud, name))
                    create_once_served(cloud, f"after-{name}")
                    expected.add(f"after-{name}")
            self.assertLessEqual(expected, set(names(cloud)))
            self.assertIn("clean", cloud.run_once_served("check").stdout)


if __name__ == "__main__":
    unittest.main()
