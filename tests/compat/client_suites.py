"""The functional suites of Debian's clients: openstacksdk, openstackclient, novaclient; unmodified."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from suite import SuiteTest

TESTS = "/usr/lib/python3/dist-packages"


# Only some of a package can be imported: the rest needs what Debian does not ship.
DISCOVER = """import unittest

def load_tests(loader, tests, pattern):
    suite = unittest.TestSuite()
    for package in {packages!r}:
        suite.addTests(loader.discover({tests!r} + "/" + package, pattern="test*.py", top_level_dir={tests!r}))
    return suite
"""


def write_workspace(directory, packages):
    directory = pathlib.Path(directory)
    (directory / "discover").mkdir()
    (directory / "discover/__init__.py").touch()
    (directory / "discover/test_all.py").write_text(DISCOVER.format(packages=packages, tests=TESTS))
    (directory / ".stestr.conf").write_text("[DEFAULT]\ntest_path=discover\ntop_dir=.\ngroup_regex=([^\\.]+\\.)+\n")
    subprocess.run(["/usr/bin/stestr", "init"], cwd=directory, check=True, capture_output=True)


class ClientSuiteTest(SuiteTest):
    packages = ()  # "openstack/tests/functional/compute"
    up_args = ("--hosts", "4", "--timing", "test")

    @classmethod
    def run_environment(cls):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        return kept | {"HOME": str(cls.workspace), "OS_CLIENT_CONFIG_FILE": f"{cls.cloud.state_dir}/clouds.yaml",
                       "OS_CLOUD": "devstack-admin", "OS_TEST_TIMEOUT": "120", "OPENSTACKSDK_FUNC_TEST_TIMEOUT": "60",
                       "OS_NOVACLIENT_EXEC_DIR": "/usr/bin", "OS_NOVACLIENT_NETWORK": "private",
                       "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default"}

    @classmethod
    def list_tests(cls):
        with tempfile.TemporaryDirectory() as directory:
            write_workspace(directory, cls.packages)
            (pathlib.Path(directory) / "clouds.yaml").write_text(
                "clouds:\n" + "".join(f"  {name}:\n    auth: {{auth_url: 'http://127.0.0.1:1/', username: a, password: a, "
                                      f"project_name: a}}\n    region_name: RegionOne\n"
                                      for name in ("devstack", "devstack-admin", "devstack-alt", "functional_admin")))
            environment = os.environ | {"HOME": directory, "OS_CLIENT_CONFIG_FILE": f"{directory}/clouds.yaml",
                                        "OS_CLOUD": "devstack-admin"}
            done = subprocess.run(["/usr/bin/stestr", "list", *cls.chosen()], cwd=directory, env=environment,
                                  capture_output=True, text=True, timeout=300)
        tests = [re.sub(r"\[.*", "", line) for line in done.stdout.splitlines() if ".tests.functional." in line]
        if not tests:
            raise AssertionError(f"stestr lists no test of {cls.packages}: {done.stderr}{done.stdout}")
        return sorted(tests)

    @classmethod
    def prepare(cls):
        write_workspace(cls.workspace, cls.packages)
        # Where clients look that are run without any variable.
        place = cls.workspace / ".config/openstack"
        place.mkdir(parents=True)
        shutil.copy(f"{cls.cloud.state_dir}/clouds.yaml", place)

    @classmethod
    def run_command(cls):
        return ["/usr/bin/stestr", "run", "--concurrency", str(cls.concurrency), *cls.chosen()]

    @classmethod
    def chosen(cls):
        return [cls.selection] if cls.selection else []
