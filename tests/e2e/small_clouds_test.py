"""Many small clouds on one machine: each on free ports, in a directory of its own, told in one line, and gone without a trace."""

import json
import os
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, free_port

KILONOVA = os.path.join(BIN, "kilonova")
UP = [KILONOVA, "up", "--temporary", "--hosts", "2", "--timing", "test", "--json"]


def kilonova(*words):
    return subprocess.run([KILONOVA, *words], capture_output=True, text=True, timeout=120, check=False)


class SmallCloudsTest(unittest.TestCase):
    def test_ten_at_once(self):
        starts = [subprocess.Popen([*UP, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(10)]
        told = []
        for start in starts:
            self.addCleanup(start.__exit__, None, None, None)
            self.addCleanup(start.terminate)
            line = start.stdout.readline()
            if not line:
                self.fail(start.stderr.read())
            told.append(json.loads(line))
        for what in ("state_dir", "grpc", "http"):
            self.assertEqual(len({one[what] for one in told}), 10, what)
        for one in told:
            made = kilonova("--endpoint", one["endpoint"], "server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "web")
            self.assertEqual(made.returncode, 0, made.stderr)
            with urllib.request.urlopen(one["auth_url"] + "/v3", timeout=30) as answer:
                self.assertEqual(answer.status, 200)
            with open(one["clouds_yaml"], encoding="utf-8") as file:
                self.assertIn(one["auth_url"], file.read())
        for start, one in zip(starts, told):
            start.terminate()
            self.assertEqual(start.wait(timeout=60), 0)
            self.assertEqual(start.stdout.read(), "", "one line is all")
            self.assertFalse(os.path.exists(one["state_dir"]))

    def test_a_temporary_cloud_in_the_background_goes_with_down(self):
        done = kilonova(*UP[1:], "--port", "0", "--detach")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(done.stdout.count("\n"), 1)
        self.assertEqual(kilonova("--state-dir", told["state_dir"], "down").returncode, 0)
        self.assertFalse(os.path.exists(told["state_dir"]))

    def test_a_port_is_that_of_openstack_and_grpc_is_behind_it(self):
        port = free_port()
        done = kilonova(*UP[1:], "--port", str(port), "--detach")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.addCleanup(kilonova, "--state-dir", told["state_dir"], "down")
        self.assertEqual((told["http"], told["grpc"]), (f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"))

    def test_what_cannot_be_is_refused(self):
        for words, text in ((["--state-dir", "/tmp/kn-mine", *UP[1:]], "give no --state-dir"),
                            ([*UP[1:], "--port", "0", "--http-port", "1"], "--http-port"),
                            ([*UP[1:], "--port", "65535"], "65535"), ([*UP[1:], "--port", "x"], "x")):
            with self.subTest(words=words):
                done = kilonova(*words, "--detach")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(text, done.stderr)
                self.assertEqual(done.stdout, "")
        self.assertFalse(os.path.exists("/tmp/kn-mine"))


if __name__ == "__main__":
    unittest.main()
