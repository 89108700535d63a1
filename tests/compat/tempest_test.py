"""Tempest: compute and network, with real transient states: some minutes."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from suite import cases_of
from tempest_suite import TempestTest


class TempestLongTest(TempestTest):
    selection = r"^tempest\.api\.(compute|network)\."
    up_args = ("--hosts", "4", "--timing", os.path.join(os.path.dirname(os.path.abspath(__file__)), "tempest.timing"),
               "--report-interval", "1", "--service-down-time", "3")


def load_tests(_loader, _tests, _pattern):
    return cases_of(TempestLongTest)


if __name__ == "__main__":
    unittest.main()
