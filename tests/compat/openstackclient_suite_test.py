"""openstackclient's own functional tests, of the services that there are: each runs the stock command many times."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from client_suites import ClientSuiteTest
from suite import cases_of


class OpenstackclientSuiteTest(ClientSuiteTest):
    packages = tuple(f"openstackclient/tests/functional/{service}"
                     for service in ("common", "compute", "identity/v3", "image/v2", "network"))
    known_in = "openstackclient_known.txt"

    @classmethod
    def run_environment(cls):
        environment = super().run_environment()
        del environment["OS_CLOUD"]  # its tests name their cloud, and one asks what is there without
        return environment


def load_tests(_loader, _tests, _pattern):
    return cases_of(OpenstackclientSuiteTest)


if __name__ == "__main__":
    unittest.main()
