"""A cloud whose rows are in PostgreSQL: its daemons die, its server crashes, and it is told what is wrong with --store."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from postgres_server import PostgresServer, programs


@unittest.skipUnless(programs(), "postgresql-15 is not installed")
class PostgresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def names(self, cloud):
        return sorted(server["name"] for server in cloud.json("server", "list", "--status", "ACTIVE"))

    def create_once_served(self, cloud, name):
        cloud.run_once_served("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait",
                              "--client-token", name, name)

    def test_servers_outlive_their_daemons_and_the_database_server(self):
        url = self.server.new_database("living")
        with Cloud("--hosts", "5", "--store", url) as cloud:
            expected = []
            for daemon in ("controller-0", "network-0"):
                cloud.create(f"before-{daemon}")
                cloud.kill(daemon)
                self.create_once_served(cloud, f"after-{daemon}")
                expected += [f"after-{daemon}", f"before-{daemon}"]
            self.server.stop()
            self.server.start()
            self.create_once_served(cloud, "crashed")
            expected = sorted([*expected, "crashed"])
            self.assertEqual(self.names(cloud), expected)
            self.assertEqual({daemon["restarts"] for name, daemon in cloud.daemons().items()
                              if name in ("controller-0", "network-0")}, {1}, "the server's crash ended a daemon")
            cloud.run("check")
            cloud.down()
            cloud.up_args = []  # the cloud remembers where its rows are
            cloud.up()
            self.assertEqual(self.names(cloud), expected)
            self.assertFalse(os.path.exists(cloud.state_dir + "/db/controller.sqlite"))
            self.assertEqual(self.server.sql("living", "SELECT count(*) FROM kilonova_controller.instances"),
                             str(len(expected)))

    def test_a_cloud_is_reset(self):
        with Cloud("--hosts", "2", "--store", self.server.new_database("resetting")) as cloud:
            cloud.create("gone")
            cloud.run("reset")
            self.create_once_served(cloud, "new")
            self.assertEqual(self.names(cloud), ["new"])

    def test_a_second_cloud_is_told_who_leads(self):
        url = self.server.new_database("twice")
        with Cloud("--hosts", "2", "--store", url) as first:
            second = Cloud("--hosts", "2", "--store", url)
            try:
                refused = second.up(check=False)
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn("cell cell1 is led already: generation 1 was taken by controller-0, process", refused.stderr)
            finally:
                second.__exit__()
            first.create("unharmed")

    def test_what_is_wrong_with_the_store_is_said(self):
        nowhere = self.server.url("nowhere")
        for store, words in ((nowhere, 'database "nowhere" does not exist'),
                             ("mysql://cloud", '"mysql://cloud" is no URL of PostgreSQL'),
                             ("postgresql://me:hunter2@host/cloud", "holds a password")):
            with self.subTest(store=store):
                cloud = Cloud("--hosts", "2", "--store", store)
                try:
                    refused = cloud.up(check=False)
                    self.assertNotEqual(refused.returncode, 0)
                    self.assertIn(words, refused.stderr)
                    self.assertNotIn("hunter2", refused.stderr)
                finally:
                    cloud.__exit__()

    def test_rows_in_a_file_are_not_left_behind(self):
        with Cloud("--hosts", "2") as cloud:
            cloud.create("kept")
            cloud.down()
            refused = cloud.up("--store", self.server.new_database("empty"), check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("db/controller.sqlite has this cloud's rows", refused.stderr)


if __name__ == "__main__":
    unittest.main()
