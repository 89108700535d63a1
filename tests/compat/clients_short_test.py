"""A part of novaclient's own functional tests, which takes half a minute: the whole of them runs with `long`."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from client_suites import ClientSuiteTest
from suite import cases_of


class NovaclientShortTest(ClientSuiteTest):
    packages = ("novaclient/tests/functional",)
    selection = r"functional\.v2\.(test_flavor_access|test_hypervisors|test_quotas|test_networks|test_server_groups)\."
    known_in = "novaclient_known.txt"
    concurrency = 1


def load_tests(_loader, _tests, _pattern):
    return cases_of(NovaclientShortTest)


if __name__ == "__main__":
    unittest.main()
