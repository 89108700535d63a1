"""An hour of steady work: no process, and not the state directory, holds more at its end than after its first quarter.

    python3 tests/crash/soak_test.py            an hour
    python3 tests/crash/soak_test.py SECONDS    as long as that
"""

import json
import os
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from restless_clients import RestlessClients
from settled import await_clean_check, await_settled
from slopes import Slopes

SECONDS = 3600
SAMPLES = 240
CLIENTS, PAUSE = 10, 0.2
EVENTS_KEPT = 100_000  # controller_store.h: until there are so many, controller and api-server hold more with each


def soak(seconds):
    # What is remembered for a time fills within the first quarter.
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as config:
        retention = max(10, seconds // 12)
        config.write(f"[controller]\nclient-token-lifetime = {retention}\n"
                     f"[network]\nfence-retention = {retention}\n[compute]\nfence-retention = {retention}\n")
        config.flush()
        soak_cloud(seconds, "--config", config.name)


def fill_events(cloud):
    """In small steps: what a burst needs at its peak would hide what is held for ever later."""
    while cloud.json("status")["revision"] < EVENTS_KEPT:
        cloud.run("bench", "launch", "--count", "200", "--clients", "8", "--batch", "5")


def soak_cloud(seconds, *options):
    with Cloud("--hosts", "100", "--schedulers", "2", "--computes", "2", *options) as cloud:
        cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1")
        fill_events(cloud)
        work = RestlessClients(f"127.0.0.1:{cloud.port}", 1, CLIENTS, pause=PAUSE)
        slopes = Slopes(cloud)
        end = time.monotonic() + seconds
        work.start()
        try:
            while time.monotonic() < end and not work.everything("violations"):
                time.sleep(seconds / SAMPLES)
                slopes.take()
        finally:
            work.end()
        print(slopes.table(), flush=True)
        print(json.dumps(work.figures()), flush=True)
        wrong, _ = await_settled(cloud, work)
        wrong += slopes.growing() or await_clean_check(cloud)
        assert not wrong, "\n".join(wrong)


class SoakTest(unittest.TestCase):
    def test_an_hour(self):
        soak(SECONDS)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].isdigit():
        soak(int(sys.argv[1]))
    else:
        unittest.main()
