"""Stores that go back and processes with doubles while clients work: a short selection of tests/crash/rollback_test.py."""

import os
import sys
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from public_client import Client
from rollbacks import KINDS, RolledBackCloud, await_new_server, run_rollbacks


class RollbackTest(unittest.TestCase):
    def test_each_kind_of_moment(self):
        run_rollbacks(seed=2, moments=len(KINDS), up_args=("--hosts", "40"))

    def test_no_watch_is_deaf_after_the_controllers_store_went_back(self):
        """The api-server has heard of more than the controller knows then."""
        with RolledBackCloud(0, ("--hosts", "4"), 1, 1) as rolled_back:
            cloud = rolled_back.cloud
            client = Client(f"127.0.0.1:{cloud.port}").login()
            cloud.create("kept")
            kept = {"controller-0": rolled_back.keep("controller-0")}
            watch = client.watch(timeout=120)
            quiet = client.watch(timeout=120, server=cloud.json("server", "show", "kept")["id"])
            revision = next(watch).revision
            next(quiet)
            for number in range(3):
                cloud.create(f"lost-{number}")
            while (reply := next(watch)).revision < revision + 3 or reply.events[-1].name != "lost-2":
                pass
            pid = cloud.daemons()["api-0"]["pid"]
            rolled_back.put_back(kept)
            # Nobody keeps what each was told: so also who would have passed what was lost over in silence.
            for stream in (watch, quiet):
                with self.assertRaises(grpc.RpcError) as ended:
                    for _ in stream:
                        pass
                self.assertEqual(ended.exception.code(), grpc.StatusCode.OUT_OF_RANGE, ended.exception.details())
                self.assertIn("the cloud went back to an earlier state", ended.exception.details())
            # And who begins now hears of everything.
            self.assertEqual(await_new_server(cloud, "after"), [])
            self.assertEqual(cloud.daemons()["api-0"]["pid"], pid)
            client.ask("ListServers")


if __name__ == "__main__":
    unittest.main()
