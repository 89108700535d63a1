"""A few thousand creates, where two hundred may be under work: a small edition of tests/crash/flood_test.py."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from flood import run_flood


class FloodTest(unittest.TestCase):
    def test_four_thousand(self):
        run_flood(self, 4_000, 64, limit=200, hosts=200,
                  memory={"controller": 128, "network": 96, "scheduler": 96, "compute": 96, "api": 128})


if __name__ == "__main__":
    unittest.main()
