"""Nothing runs on that a test has started, however it fails."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import kills
import rollbacks
from cloud import Cloud
from kill_points import KillPoints
from kills import KilledCloud, run_kills
from processes import processes_of
from proxied_cloud import ProxiedCloud
from rollbacks import RolledBackCloud


class Broken(Exception):
    """What this test plants."""


class LeftRunningTest(unittest.TestCase):
    def ended(self, state_dir, seen):
        """`seen`: how many processes of it ran when the failure came: that some are found at all."""
        self.assertGreaterEqual(seen, 5)
        self.assertEqual(processes_of(state_dir), [])

    def test_a_cloud_that_did_not_start_wholly(self):
        cloud, seen = Cloud("--hosts", "2"), []

        def up():
            cloud.run("up", "--grpc-port", str(cloud.port), "--detach", "--hosts", "2")
            seen.extend(processes_of(cloud.state_dir))
            raise Broken

        with mock.patch.object(cloud, "up", up), self.assertRaises(Broken), cloud:
            pass
        self.ended(cloud.state_dir, len(seen))
        self.assertFalse(os.path.exists(cloud.state_dir))

    def test_a_cloud_whose_processes_are_frozen(self):
        seen = []
        with self.assertRaises(Broken), Cloud("--hosts", "2") as cloud:
            seen = processes_of(cloud.state_dir)
            for pid in seen:
                os.kill(pid, signal.SIGSTOP)
            raise Broken
        self.ended(cloud.state_dir, len(seen))

    def test_a_cloud_without_its_supervisor(self):
        with self.assertRaises(Broken), Cloud("--hosts", "2") as cloud:
            os.kill(cloud.json("status")["pid"], signal.SIGKILL)
            raise Broken
        self.assertEqual(processes_of(cloud.state_dir), [])

    def test_a_test_that_is_ended(self):
        text = ("import sys; sys.path.insert(0, sys.argv[1]); from cloud import Cloud\n"
                "with Cloud('--hosts', '2') as cloud: print(cloud.state_dir, flush=True); sys.stdin.read()")
        support = os.path.dirname(kills.__file__)
        with subprocess.Popen([sys.executable, "-B", "-c", text, support], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as test:
            state_dir = test.stdout.readline().strip()
            seen = processes_of(state_dir)
            test.terminate()
            test.wait(60)
        self.ended(state_dir, len(seen))

    def kept(self, state_dirs):
        """Directories of the clouds that kills.py and rollbacks.py make; they leave them after a failure."""
        made = tempfile.mkdtemp

        def make(*args, **kwargs):
            state_dirs.append(os.path.join(made(*args, **kwargs), "s"))
            self.addCleanup(shutil.rmtree, os.path.dirname(state_dirs[-1]), ignore_errors=True)
            return os.path.dirname(state_dirs[-1])

        return mock.patch.object(kills.tempfile, "mkdtemp", make)

    def test_kills_whose_daemons_have_not_mapped_the_library(self):
        dirs, seen = [], []

        def not_loaded(_, pids):
            seen.extend(processes_of(dirs[0]))
            return [f"{name} has not mapped it" for name in pids]

        with self.kept(dirs), mock.patch.object(KillPoints, "not_loaded", not_loaded):
            with self.assertRaisesRegex(AssertionError, "has not mapped"):
                run_kills(seed=1, moments=1, up_args=("--hosts", "2"), computes=1)
        self.ended(dirs[0], len(seen))

    def test_kills_that_break_while_all_is_frozen(self):
        dirs, seen = [], []

        def strike(cloud, _):
            seen.extend(processes_of(dirs[0]))
            os.kill(cloud.state()[1], signal.SIGSTOP)
            raise Broken

        with self.kept(dirs), mock.patch.object(KilledCloud, "strike", strike), self.assertRaises(Broken):
            run_kills(seed=1, moments=1, up_args=("--hosts", "2"), computes=1, clients=1)
        self.ended(dirs[0], len(seen))

    def test_a_double_that_breaks(self):
        dirs, seen = [], []
        with self.kept(dirs), self.assertRaises(Broken):
            with RolledBackCloud(1, ("--hosts", "2"), 1, 1) as cloud:
                seen = processes_of(dirs[0])
                with mock.patch.object(rollbacks.time, "sleep", side_effect=Broken):
                    cloud.double("compute-0", 0)
        self.ended(dirs[0], len(seen))
        self.assertEqual(processes_of(os.path.join(os.path.dirname(dirs[0]), "double-0")), [])

    def test_a_proxied_cloud_that_did_not_start_wholly(self):
        seen, cloud = [], ProxiedCloud("", hosts=2)
        self.addCleanup(shutil.rmtree, cloud.directory, ignore_errors=True)
        await_ready = cloud.await_ready

        def last(names):
            await_ready(names)
            if "api-0" in names:
                seen.extend(processes_of(cloud.state_dir))
                raise Broken

        with mock.patch.object(cloud, "await_ready", last), self.assertRaises(Broken), cloud:
            pass
        self.ended(cloud.state_dir, len(seen))


if __name__ == "__main__":
    unittest.main()
