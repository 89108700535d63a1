"""A state directory of version 1 comes up under today's daemons, with everything that was in it.

tests/contract/data/state_v1.tar.xz was made by the last kilonova of version 1, whose processes were all killed while eight
servers were building. servers.json in it is what its `server list --json` said just before. It is never made again."""

import json
import os
import sys
import tarfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud

ARCHIVE = os.path.join(os.path.dirname(__file__), "../contract/data/state_v1.tar.xz")
# A zone is that of the host now, and was what had been asked for; what builds is begun again.
CHANGED = {"availability_zone"}


class Version1Test(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud("--hosts", "5", "--computes", "2")
        self.addCleanup(self.cloud.__exit__)
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(self.cloud.state_dir)
        os.chmod(self.cloud.state_dir, 0o700)
        with open(os.path.join(self.cloud.state_dir, "servers.json"), encoding="utf-8") as file:
            self.before = {server["name"]: server for server in json.load(file)}

    def servers(self):
        return {server["name"]: server for server in self.cloud.json("server", "list")}

    def test_nothing_is_lost(self):
        self.cloud.up()
        after = self.servers()
        self.assertEqual(sorted(after), sorted(self.before))
        for name, server in self.before.items():
            with self.subTest(name=name):
                if server["status"] == "BUILD":
                    self.assertEqual(after[name]["status"], "BUILD")
                    self.assertGreaterEqual(after[name]["epoch"], server["epoch"])
                    continue
                # What version 1 did not know has its default.
                self.assertEqual(after[name]["flavor"].pop("properties"), {})
                self.assertEqual(after[name]["flavor"].pop("rxtx_factor"), 1)
                for field in set(server) - CHANGED:
                    self.assertEqual(after[name][field], server[field], field)
        self.assertEqual(self.cloud.run("check").stdout, "clean: 32 servers on 5 hosts, 8 in motion\n")
        self.assertEqual(len(self.cloud.json("explain", "again")["decisions"]), 3)
        self.assertEqual(self.cloud.json("trace", "again")["steps"][-1]["step"], "active")
        self.cloud.run("server", "start", "--wait", "good-1")
        self.cloud.run("server", "delete", "--wait", *self.before)
        self.assertEqual(self.cloud.run("check").stdout, "clean: 0 servers on 5 hosts\n")

    def test_it_is_exported_once_it_has_come_up(self):
        file = os.path.join(self.cloud.state_dir, "export.json")
        done = self.cloud.run("export", file, check=False)
        self.assertIn("the next `kilonova up` brings it up to date", done.stderr)
        self.cloud.up()
        self.assertEqual(self.cloud.json("export", file)["servers"], len(self.before))


if __name__ == "__main__":
    unittest.main()
