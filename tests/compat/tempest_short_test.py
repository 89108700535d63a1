"""Tempest: identity and images, which take half a minute."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from suite import cases_of
from tempest_suite import TempestTest


class TempestShortTest(TempestTest):
    selection = r"^tempest\.api\.(identity\.(admin\.)?v3|image\.v2)\."


def load_tests(_loader, _tests, _pattern):
    return cases_of(TempestShortTest)


if __name__ == "__main__":
    unittest.main()
