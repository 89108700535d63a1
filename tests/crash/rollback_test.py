"""Stores that go back to earlier states and compute processes with doubles, at two hundred seeded moments while clients work.

    python3 tests/crash/rollback_test.py            all of it
    python3 tests/crash/rollback_test.py SEED       the one cloud with this seed
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from rollbacks import run_rollbacks

MOMENTS = 20  # a round
CLOUDS = [(("--hosts", "40"), 2), (("--hosts", "40", "--timing", "realistic", "--time-factor", "0.1"), 2), (("--hosts", "40"), 3)]


def round_of(seed):
    up_args, computes = CLOUDS[seed % len(CLOUDS)]
    return run_rollbacks(seed, MOMENTS, up_args, computes, report=lambda line: print(line, flush=True))


class RollbackTest(unittest.TestCase):
    def test_two_hundred_moments(self):
        for seed in range(300, 310):
            with self.subTest(seed=seed):
                round_of(seed)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].isdigit():
        round_of(int(sys.argv[1]))
    else:
        unittest.main()
