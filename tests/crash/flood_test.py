"""Two hundred thousand creates from 64 clients. docs/reliability.md has the bounds, and what was measured."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from flood import run_flood


class FloodTest(unittest.TestCase):
    def test_two_hundred_thousand(self):
        run_flood(self, 200_000, 64, limit=5_000, hosts=2000, timeout=5400,
                  memory={"controller": 768, "network": 256, "scheduler": 128, "compute": 512, "api": 256})


if __name__ == "__main__":
    unittest.main()
