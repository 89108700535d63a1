"""Daemons killed and frozen at seeded moments while clients work: a short selection of tests/crash/kill_test.py."""

import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from kills import FREEZES, TIMEOUTS, run_kills


class KillTest(unittest.TestCase):
    def test_instant_launches(self):
        run_kills(seed=1, moments=12, up_args=("--hosts", "40"), schedulers=2)

    def test_realistic_launches(self):
        run_kills(seed=2, moments=12, up_args=("--hosts", "40", "--timing", "realistic", "--time-factor", "0.1"))

    def test_a_frozen_controller_blames_nobody_for_its_own_absence(self):
        with Cloud("--hosts", "20", "--computes", "2", *TIMEOUTS) as cloud:
            pid = cloud.kill("controller-0", signal.SIGSTOP)
            time.sleep(FREEZES[1])
            os.kill(pid, signal.SIGCONT)
            # Connections do not last that long: the client does as it is told until they are back.
            deadline = time.monotonic() + 60
            while True:
                created = cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "web", check=False)
                if "try again" not in created.stderr or time.monotonic() > deadline:
                    break
                time.sleep(0.1)
            self.assertEqual(created.returncode, 0, created.stderr)
            self.assertEqual(cloud.json("server", "show", "web")["status"], "ACTIVE")
            cloud.down()  # logs are written out
            self.assertNotIn("compute process is down", cloud.log("controller-0"))


if __name__ == "__main__":
    unittest.main()
