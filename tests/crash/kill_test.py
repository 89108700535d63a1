"""Daemons killed and frozen at two hundred seeded moments while clients work; twice, with other seeds each time.

    python3 tests/crash/kill_test.py            all of it, 200 moments twice
    python3 tests/crash/kill_test.py SEED       the one cloud with this seed

Each round is a cloud of its own. What it prints at its end is what docs/reliability.md reports.
"""

import collections
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from kill_points import POINTS
from kills import run_kills

MOMENTS = 20  # a round
INSTANT = ("--hosts", "40")
REALISTIC = ("--hosts", "40", "--timing", "realistic", "--time-factor", "0.1")

# (up's arguments, schedulers, computes)
CLOUDS = [(INSTANT, 1, 2), (REALISTIC, 1, 2), (INSTANT, 3, 2), (REALISTIC, 2, 3), (INSTANT, 1, 1)]


def round_of(seed):
    up_args, schedulers, computes = CLOUDS[seed % len(CLOUDS)]
    return run_kills(seed, MOMENTS, up_args, schedulers, computes, report=lambda line: print(line, flush=True))


class KillTest(unittest.TestCase):
    def rounds(self, seeds):
        struck = collections.Counter()
        for seed in seeds:
            with self.subTest(seed=seed):
                struck.update(round_of(seed)["struck"])
        self.assertEqual([point for point in POINTS if not struck[point]], [], "points that nobody was struck at")

    def test_two_hundred_moments(self):
        self.rounds(range(100, 110))

    def test_two_hundred_more(self):
        self.rounds(range(200, 210))


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].isdigit():
        round_of(int(sys.argv[1]))
    else:
        unittest.main()
