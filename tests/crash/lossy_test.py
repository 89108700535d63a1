"""Five thousand launches and deletes with a fifth of all messages lost and a fifth repeated, on every stream."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from lossy import run_lossy


class LossyTest(unittest.TestCase):
    def test_a_fifth_lost_and_a_fifth_repeated(self):
        run_lossy(5000, "*>*:* drop=0.2,repeat=0.2", seed=1, threads=128, hosts=100, schedulers=2, computes=2)


if __name__ == "__main__":
    unittest.main()
