"""A pytest fixture for a cloud, and a test with it. `kilonova` must be in PATH; needs pytest alone."""

import json
import subprocess
import tempfile

import pytest


@pytest.fixture
def kilonova():
    """A cloud of three hosts on a free port; call it as `kilonova("server", "list")` and get what it printed, as objects."""
    with tempfile.TemporaryDirectory(prefix="kn-", dir="/tmp") as state_dir:

        def run(*words):
            done = subprocess.run(["kilonova", "--state-dir", state_dir, "-f", "json", *words], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout) if done.stdout else None

        run("up", "--hosts", "3", "--grpc-port", "0", "--timing", "test", "--ttl", "10m", "--detach")
        yield run
        run("down")


def test_two_hosts_fail_and_the_third_takes_it(kilonova):
    kilonova("fault", "add", "--step", "guest_started", "--count", "2")
    server = kilonova("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "--timeout", "60s", "web")
    assert (server["status"], server["attempt"]) == ("ACTIVE", 3)
    steps = kilonova("trace", "web")["steps"]
    assert len({step["host"] for step in steps if step["step"] == "claimed"}) == 3
    assert kilonova("check")["clean"]
