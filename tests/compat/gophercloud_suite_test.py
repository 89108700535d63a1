"""gophercloud's own acceptance tests, as Debian ships them: the SDK of Go that Terraform and Kubernetes come with."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from suite import SuiteTest

GOPATH = "/usr/share/gocode"
SUITE = pathlib.Path(GOPATH, "src/github.com/gophercloud/gophercloud/acceptance/openstack")
EXTENSIONS = "networking/v2/extensions"
PACKAGES = ("compute/v2", "identity/v3", "imageservice/v2", "networking/v2", EXTENSIONS,
            *(f"{EXTENSIONS}/{name}" for name in ("agents", "layer3", "mtu", "networkipavailabilities", "portsbinding",
                                                  "quotas", "rbacpolicies", "subnetpools")), "placement/v1")
BUILT = pathlib.Path(os.environ.get("KILONOVA_BUILD_DIR", "build")) / "suites/gophercloud"
RESULT = re.compile(r"^--- (PASS|FAIL|SKIP): (\w+)")
WORDS = {"PASS": "ok", "FAIL": "FAILED", "SKIP": "SKIPPED"}
HERE = os.path.dirname(os.path.abspath(__file__))


def program_of(package):
    return BUILT / package.replace("/", "_")


def build():
    """A program for each package; built once."""
    BUILT.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": f"{GOPATH}:{BUILT}", "GOFLAGS": "",
                                "GOCACHE": str(BUILT.resolve() / "cache")}
    for package in PACKAGES:
        if not program_of(package).exists():
            subprocess.run(["go", "test", "-c", "-tags", "acceptance", "-o", str(program_of(package).resolve())], check=True,
                           cwd=SUITE / package, env=environment)


def name_of(package, test):
    return f"gophercloud.{package.replace('/', '.')}.{test}"


def tests_of(package):
    listed = subprocess.run([program_of(package), "-test.list", "."], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if line.startswith("Test")]


def run_one(package, test):
    """Prints what came of it in the form that suite.py reads. Each in a process of its own: a panic ends it alone."""
    done = subprocess.run([program_of(package), "-test.v", "-test.timeout", "100s", "-test.run", f"^{test}$"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    came_to = next((match[1] for line in done.stdout.splitlines() if (match := RESULT.match(line)) and match[2] == test),
                   "FAIL")
    reason = done.stdout.splitlines()[1].strip() if came_to == "SKIP" else ""
    print(f"{{0}} {name_of(package, test)} ... {WORDS[came_to]}" + (f": {reason}" if reason else ""), flush=True)
    if came_to == "FAIL":
        print("\n".join(done.stdout.splitlines()[-40:]), flush=True)


class GophercloudSuiteTest(SuiteTest):
    known_in = "gophercloud_known.txt"
    up_args = ("--hosts", "4", "--timing", os.path.join(HERE, "gophercloud.timing"))

    @classmethod
    def list_tests(cls):
        build()
        return sorted(name_of(package, test) for package in PACKAGES for test in tests_of(package))

    @classmethod
    def run_environment(cls):
        ask = cls("run")

        def only(path, key):
            return ask.http("GET", path, token="admin").json[key][0]["id"]
        network = only("/networking/v2.0/networks?name=private", "networks")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        return kept | {"OS_AUTH_URL": cls.base + "/identity/v3", "OS_USERNAME": "admin", "OS_PASSWORD": "kilonova",
                       "OS_PROJECT_NAME": "admin", "OS_DOMAIN_NAME": "Default", "OS_REGION_NAME": "RegionOne",
                       "OS_IMAGE_ID": only("/image/v2/images?name=cirros", "images"), "OS_FLAVOR_ID": "1",
                       "OS_FLAVOR_ID_RESIZE": "2", "OS_POOL_NAME": "public", "OS_NETWORK_NAME": "private",
                       "OS_NETWORK_ID": network,
                       "OS_SUBNET_ID": only("/networking/v2.0/subnets?network_id=" + network, "subnets"),
                       "OS_EXTGW_ID": only("/networking/v2.0/networks?name=public", "networks")}

    @classmethod
    def run_command(cls):
        return [sys.executable, os.path.abspath(__file__), "run", str(BUILT.resolve())]


class NoGo(unittest.TestCase):
    def test_gophercloud(self):
        self.skipTest("it needs golang-go and golang-github-gophercloud-gophercloud-dev")


def load_tests(_loader, _tests, _pattern):
    if shutil.which("go") is None or not SUITE.is_dir():
        return unittest.TestSuite([NoGo("test_gophercloud")])
    return unittest.TestSuite(GophercloudSuiteTest(test=test) for test in GophercloudSuiteTest.list_tests())


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        BUILT = pathlib.Path(sys.argv[2])
        for each in PACKAGES:
            for one in tests_of(each):
                run_one(each, one)
    else:
        unittest.main()
