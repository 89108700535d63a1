"""Pytest fixtures for a cloud of one's own, and tests with them: one cloud for all tests, as on its first start before each.

`kilonova` must be in PATH; needs pytest alone. `cloud` has what `kilonova up` says of itself: "auth_url" and "clouds_yaml" are
for clients of OpenStack.
"""

import json
import os
import subprocess

import pytest


@pytest.fixture(scope="session")
def running_cloud():
    """On free ports, in a directory that goes with it; so are ten at once."""
    up = ["kilonova", "up", "--temporary", "--port", "0", "--hosts", "3", "--timing", "test", "--ttl", "1h", "--json"]
    with subprocess.Popen(up, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()  # one, as soon as the cloud serves
        assert line, "the cloud did not start: standard error says why"
        yield json.loads(line)
        process.terminate()


@pytest.fixture
def cloud(running_cloud):
    subprocess.run(["kilonova", "--state-dir", running_cloud["state_dir"], "reset", "-q"], check=True)
    return running_cloud


def kilonova(cloud, *words):
    done = subprocess.run(["kilonova", "--state-dir", cloud["state_dir"], "--json", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def test_a_server_becomes_active(cloud):
    server = kilonova(cloud, "server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "web")
    assert server["status"] == "ACTIVE"
    kilonova(cloud, "flavor", "create", "mine", "--ram", "64", "--vcpus", "1", "--disk", "1")


def test_nothing_is_left_of_the_test_before(cloud):
    assert kilonova(cloud, "server", "list") == []
    assert "mine" not in [flavor["name"] for flavor in kilonova(cloud, "flavor", "list")]
    assert kilonova(cloud, "check")["clean"]
    assert os.path.exists(cloud["clouds_yaml"])
