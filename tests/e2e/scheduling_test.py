"""What operators say of hosts and flavors, and where servers go then; what members learn of a refusal."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud

FILTERS = ("UpFilter,EnabledFilter,ComputeFilter,AvailabilityZoneFilter,CapacityFilter,AggregateMultiTenancyIsolation,"
           "AggregateTypeAffinityFilter,AggregateInstanceExtraSpecsFilter")
NOT_ENOUGH = "No valid host was found. There are not enough hosts available."


class SchedulingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "6", "--timing", "test", "--enabled-filters", FILTERS)
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        cls.cloud.run("aggregate", "create", "--property", "ssd=true", "--property", "ram_weight_multiplier=-2.5", "fast")
        cls.cloud.run("aggregate", "add", "host", "fast", "host-00002")
        cls.cloud.run("aggregate", "add", "host", "fast", "host-00004")
        cls.cloud.run("flavor", "create", "--ram", "64", "--property", "ssd=true", "--property", "hw:cpu_policy=shared", "fast")

        project = next(row["id"] for row in cls.cloud.json("project", "list") if row["name"] == "demo")
        for name, said, host in (("demo-alone", f"filter_tenant_id={project}", "host-00001"),
                                 ("large-alone", "instance_type=large,m1.large", "host-00003")):
            cls.cloud.run("aggregate", "create", "--property", said, name)
            cls.cloud.run("aggregate", "add", "host", name, host)

    def launched_on(self, *args):
        servers = self.cloud.json("server", "create", "--image", "cirros", "--wait", *args)
        return {server["host"] for server in (servers if isinstance(servers, list) else [servers])}

    def test_extra_specs_are_met_by_aggregates(self):
        self.assertEqual(self.launched_on("--flavor", "fast", "--count", "4", "quick"), {"host-00002", "host-00004"})
        decision = self.cloud.json("explain", "quick-1")["decisions"][0]
        self.assertEqual(decision["filters"][-1], {"filter": "AggregateInstanceExtraSpecsFilter", "hosts_left": 2})
        self.assertEqual(decision["ratios"], {"cpu_allocation_ratio": 16, "ram_allocation_ratio": 1.5, "disk_allocation_ratio": 1})
        self.assertEqual({score["weigher"]: score["multiplier"] for score in decision["weighed"][0]["scores"]},
                         {"CPUWeigher": 1, "RAMWeigher": -2.5, "DiskWeigher": 1})
        explained = self.cloud.run("explain", "quick-1").stdout
        self.assertIn("multipliers: CPUWeigher 1, RAMWeigher -2.5, DiskWeigher 1", explained)
        self.assertIn("allocation ratios: vcpus 16, memory 1.5, disk 1", explained)

    def test_the_articles_era(self):
        with Cloud("--hosts", "2", "--era", "bexar", "--report-interval", "1", "--service-down-time", "4") as cloud:
            def create(flavor, name, *more):
                return cloud.json("server", "create", "--flavor", flavor, "--image", "cirros", *more, name)

            self.assertEqual(create("m1.tiny", "web", "--wait")["status"], "ACTIVE")
            self.assertEqual(cloud.json("explain", "web")["decisions"][0]["driver"], "chance")
            cloud.run("fault", "add", "--step", "guest_started", "--server", "unlucky", "--count", "1")
            unlucky = cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "unlucky", check=False)
            self.assertEqual(unlucky.returncode, 1, unlucky.stderr)
            self.assertEqual(cloud.json("server", "show", "unlucky")["attempt"], 1)
            cloud.run("host", "crash", "host-00000", "host-00001")
            cloud.run("wait", "host", "host-00000", "host-00001", "--for", "down", "--timeout", "60s")
            create("m1.tiny", "lonely")
            end = time.monotonic() + 60
            while "stays in scheduling" not in cloud.log("controller-0") and time.monotonic() < end:
                time.sleep(0.1)
            lonely = cloud.json("server", "show", "lonely")
            self.assertEqual((lonely["status"], lonely["task_state"]), ("BUILD", "scheduling"))
            cloud.run("server", "delete", "--wait", "lonely")
        wrong = Cloud("--hosts", "2", "--era", "bexar", "--driver", "simple")
        self.addCleanup(wrong.__exit__)
        refused = wrong.run("up", *wrong.up_args, check=False)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("--era bexar means --driver chance", refused.stderr)

    def test_aggregates_name_projects_and_flavors(self):
        def left(flavor, name, **options):
            server = self.cloud.json("server", "create", "--flavor", flavor, "--image", "cirros", "--wait", name, **options)
            filters = self.cloud.json("explain", "--all-projects", server["id"])["decisions"][0]["filters"]
            return [count["hosts_left"] for count in filters
                    if count["filter"] in ("AggregateMultiTenancyIsolation", "AggregateTypeAffinityFilter")]
        self.cloud.run("flavor", "create", "--ram", "64", "--vcpus", "1", "large")
        self.cloud.run("flavor", "create", "--ram", "64", "--vcpus", "1", "other")
        self.assertEqual(left("other", "of-admin"), [5, 4])
        self.assertEqual(left("large", "large-of-admin"), [5, 5])
        member = {"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"}
        self.assertEqual(left("other", "of-demo", env=member), [6, 5])
        self.cloud.run("server", "delete", "--wait", "of-demo", env=member)

    def test_what_is_set_and_unset_counts_at_once(self):
        self.cloud.run("flavor", "create", "--ram", "64", "picky")
        self.assertEqual(self.cloud.json("flavor", "set", "picky", "--property", "ssd=false")["properties"], {"ssd": "false"})
        done = self.cloud.run("server", "create", "--flavor", "picky", "--image", "cirros", "--wait", "none", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("AggregateInstanceExtraSpecsFilter left none", done.stderr)
        self.cloud.run("aggregate", "create", "--property", "ssd=<or> x, false", "slow")
        self.cloud.run("aggregate", "add", "host", "slow", "host-00005")
        self.assertEqual(self.launched_on("--flavor", "picky", "some"), {"host-00005"})
        done = self.cloud.run("flavor", "unset", "picky", "--property", "nope", check=False)
        self.assertIn("has no extra specs with key nope", done.stderr)
        self.assertEqual(self.cloud.json("flavor", "unset", "picky", "--property", "ssd")["properties"], {})
        done = self.cloud.run("flavor", "set", "picky", "--property", "ssd", check=False)
        self.assertIn("'ssd' is not of the form key=value", done.stderr)

    def test_members_learn_no_counts(self):
        member = {"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"}
        self.cloud.run("flavor", "create", "--ram", "64", "--vcpus", "1", "--property", "ssd=never", "never")
        self.cloud.run("server", "create", "--flavor", "never", "--image", "cirros", "--wait", "mine", check=False, env=member)
        fault = self.cloud.json("server", "show", "mine", env=member)["fault"]
        self.assertEqual(fault["message"], NOT_ENOUGH)
        self.assertNotIn("details", fault)
        decision = self.cloud.json("explain", "mine", env=member)["decisions"][0]
        self.assertEqual((decision["reason"], decision["explanation"]), (NOT_ENOUGH, None))
        mine = self.cloud.json("server", "show", "mine", env=member)["id"]
        details = self.cloud.json("server", "show", "--all-projects", mine)["fault"]["details"]
        self.assertEqual(details, NOT_ENOUGH + " Of 6 hosts, AggregateInstanceExtraSpecsFilter left none.")
        status = self.cloud.json("status", env=member)
        self.assertNotIn("hosts", status)
        self.assertNotIn("claim_conflicts", status)
        self.assertEqual(status["servers"], {"total": 1, "active": 0, "building": 0, "error": 1})
        self.assertEqual(self.cloud.json("status")["hosts"], {"total": 6, "up": 6})


if __name__ == "__main__":
    unittest.main()
