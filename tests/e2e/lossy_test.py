"""What daemons say is lost, repeated, late and out of order, and connections break: launches and deletes end all the same.

tests/crash/lossy_test.py does it with thousands.
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from lossy import run_lossy


class LossyTest(unittest.TestCase):
    def test_messages_lost_and_repeated(self):
        run_lossy(150, "*>*:* drop=0.2,repeat=0.2", seed=1, schedulers=2)

    def test_messages_late_and_connections_broken(self):
        run_lossy(150, "*>*:* reorder=0.3,delay=0.2,break=0.01,drop-frame=0.01,repeat-frame=0.05", seed=2, computes=2)


if __name__ == "__main__":
    unittest.main()
