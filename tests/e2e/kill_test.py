"""Daemons killed and frozen at seeded moments while clients work: a short selection of tests/crash/kill_test.py."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from kills import run_kills


class KillTest(unittest.TestCase):
    def test_instant_launches(self):
        run_kills(seed=1, moments=12, up_args=("--hosts", "40"), schedulers=2)

    def test_realistic_launches(self):
        run_kills(seed=2, moments=12, up_args=("--hosts", "40", "--timing", "realistic", "--time-factor", "0.1"))


if __name__ == "__main__":
    unittest.main()
