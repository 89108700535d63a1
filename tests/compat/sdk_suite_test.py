"""openstacksdk's own functional tests."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from client_suites import ClientSuiteTest
from suite import cases_of


class SdkSuiteTest(ClientSuiteTest):
    packages = tuple(f"openstack/tests/functional/{service}"
                     for service in ("cloud", "compute", "image", "identity", "network", "placement"))
    known_in = "sdk_known.txt"
    concurrency = 1  # some make networks that everybody may use, and others take the only one that there is

    @classmethod
    def prepare(cls):
        super().prepare()
        # What its tests of images upload, which is there where they run from a checkout.
        (cls.workspace / "CONTRIBUTING.rst").write_text("How to contribute.\n")


def load_tests(_loader, _tests, _pattern):
    return cases_of(SdkSuiteTest)


if __name__ == "__main__":
    unittest.main()
