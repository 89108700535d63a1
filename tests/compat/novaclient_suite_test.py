"""novaclient's own functional tests."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from client_suites import ClientSuiteTest
from suite import cases_of


class NovaclientSuiteTest(ClientSuiteTest):
    packages = ("novaclient/tests/functional",)
    known_in = "novaclient_known.txt"
    concurrency = 1  # as novaclient runs them itself: some disable hosts that others need


def load_tests(_loader, _tests, _pattern):
    return cases_of(NovaclientSuiteTest)


if __name__ == "__main__":
    unittest.main()
