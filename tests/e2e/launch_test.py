"""A launch through five real processes, as a user of the command sees it."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud

STEPS = ["request_accepted", "instance_created", "schedule_cast", "host_selected", "run_cast", "claimed",
         "network_requested", "address_allocated", "block_devices_mapped", "image_ready", "guest_defined",
         "guest_started", "active"]


class LaunchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "20", "--schedulers", "2", "--computes", "2")
        cls.cloud.up()

    @classmethod
    def tearDownClass(cls):
        cls.cloud.__exit__()

    def test_create_wait_prints_one_object(self):
        server = self.cloud.create("one")
        self.assertEqual(server["name"], "one")
        self.assertEqual(server["status"], "ACTIVE")
        self.assertTrue(server["id"])
        self.assertTrue(server["host"].startswith("host-"))
        self.assertEqual(len(server["addresses"]), 1)
        self.cloud.run("server", "delete", "--wait", "one")

    def test_trace_has_the_thirteen_steps_in_order(self):
        self.cloud.create("traced")
        steps = self.cloud.json("trace", "traced")["steps"]
        self.assertEqual([s["step"] for s in steps], STEPS)
        self.assertEqual([s["number"] for s in steps], list(range(1, 14)))
        for step in steps:
            for field in ("article", "daemon", "host", "epoch", "attempt", "start_us", "duration_us"):
                self.assertIn(field, step)
        starts = [s["start_us"] for s in steps if s["number"] != 8]
        self.assertEqual(starts, sorted(starts))
        self.cloud.run("server", "delete", "--wait", "traced")

    def test_a_trace_from_the_logs_is_the_same(self):
        self.cloud.create("logged")
        of_cloud = self.cloud.json("trace", "logged")
        of_logs = self.cloud.json("trace", "--from-logs", self.cloud.state_dir + "/logs",
                                  self.cloud.json("server", "show", "logged")["id"])
        self.assertEqual(of_cloud["steps"], of_logs["steps"])
        self.cloud.run("server", "delete", "--wait", "logged")

    def test_two_failing_hosts_send_it_to_the_third(self):
        self.cloud.run("fault", "add", "--step", "guest_started", "--count", "2", "--server", "unlucky")
        server = self.cloud.create("unlucky")
        self.assertEqual(server["status"], "ACTIVE")
        steps = self.cloud.json("trace", "unlucky")["steps"]
        hosts = [s["host"] for s in steps if s["step"] == "claimed"]
        self.assertEqual(len(set(hosts)), 3)
        self.assertEqual(hosts[-1], server["host"])
        self.assertEqual([s["attempt"] for s in steps if s["step"] == "guest_started"], [1, 2, 3])
        self.assertEqual(len([s for s in steps if s["fault"]]), 2)
        rules = self.cloud.json("fault", "list")
        self.assertIn('"struck": 2', json.dumps(rules))
        self.cloud.run("fault", "clear")
        self.cloud.run("server", "delete", "--wait", "unlucky")

    def test_a_fault_strikes_at_each_step(self):
        steps = [line["step"] for line in self.cloud.json("trace", self.cloud.create("steps")["id"])["steps"]]
        self.cloud.run("server", "delete", "--wait", "steps")
        self.assertEqual(len(steps), 13)
        for number, step in enumerate(steps, 1):
            name = f"struck-{number}"
            self.cloud.run("fault", "add", "--step", step, "--count", "1", "--server", name, "--message", "on purpose")
            done = self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", name, check=False)
            if number <= 2:
                self.assertNotEqual(done.returncode, 0, step)
                self.assertIn("on purpose", done.stderr)
                self.cloud.create(name)
            else:
                self.assertEqual(done.returncode, 0, step + done.stderr)
                struck = [s["step"] for s in self.cloud.json("trace", name)["steps"] if s["fault"]]
                self.assertEqual(struck, [step])
                self.assertEqual(self.cloud.json("server", "show", name)["attempt"], 2, step)
            self.cloud.run("server", "delete", "--wait", name)
        self.assertEqual({rule["struck"] for rule in self.cloud.json("fault", "list")}, {1})
        self.cloud.run("fault", "clear")
        done = self.cloud.run("fault", "add", "--step", "host_selected", "--host", "host-*", check=False)
        self.assertIn("no host is known before run_cast", done.stderr)
        self.cloud.run("check")

    def test_a_third_failure_is_an_error_with_a_fault(self):
        self.cloud.run("fault", "add", "--step", "guest_started", "--server", "doomed")
        done = self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "doomed",
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Exceeded maximum number of retries", done.stderr + done.stdout)
        self.cloud.run("fault", "clear")
        self.cloud.run("server", "delete", "--wait", "doomed")

    def test_what_users_say_of_a_server(self):
        data = os.path.join(self.cloud.state_dir, "user-data")
        with open(data, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n")
        server = self.cloud.create("said", "--property", "role=web", "--tag", "blue", "--description", "the front", "--user-data", data)
        self.assertEqual((server["properties"], server["tags"], server["description"]), ({"role": "web"}, ["blue"], "the front"))
        server = self.cloud.json("server", "set", "--name", "front", "--property", "role=db", "--property", "a=b", "--tag", "red", "said")
        self.assertEqual((server["name"], server["properties"], server["tags"]),
                         ("front", {"a": "b", "role": "db"}, ["blue", "red"]))
        self.cloud.json("server", "unset", "--property", "a", "--tag", "blue", "--description", "front")
        shown = self.cloud.run("server", "show", "front").stdout
        self.assertIn("role='db'", shown)
        self.assertNotIn("blue", shown)
        self.cloud.run("server", "lock", "--reason", "do not touch", "front")
        self.assertIn("yes: do not touch", self.cloud.run("server", "show", "front").stdout)
        self.cloud.run("server", "suspend", "--wait", "front")
        self.assertEqual(self.cloud.json("server", "show", "front")["status"], "SUSPENDED")
        self.cloud.run("server", "resume", "--wait", "front")
        events = self.cloud.json("server", "event", "list", "front")
        self.assertEqual([event["action"] for event in events], ["resume", "suspend", "lock", "create"])
        self.assertEqual([event["failed"] for event in events], [False] * 4)
        self.assertTrue(all(event["finished_at"] for event in events))
        self.assertEqual(events[-1]["request_id"], server["request_id"])
        self.cloud.run("server", "delete", "--wait", "front")
        self.assertEqual(self.cloud.run("check", "--settle", "20").returncode, 0)

    def test_what_is_asked_of_a_server_in_more_words(self):
        run, asked = self.cloud.run, lambda *args: self.cloud.json("server", *args)
        server = self.cloud.create("busy")
        self.assertEqual(asked("rescue", "--wait", "busy")["status"], "RESCUE")
        self.assertIn("vm_state rescued", run("server", "stop", "busy", check=False).stderr)
        self.assertEqual(asked("unrescue", "--wait", "busy")["status"], "ACTIVE")
        rebuilt = asked("rebuild", "--image", "cirros", "--name", "busier", "--property", "a=b", "--wait", "busy")
        self.assertEqual((rebuilt["status"], rebuilt["name"], rebuilt["properties"], rebuilt["addresses"]),
                         ("ACTIVE", "busier", {"a": "b"}, server["addresses"]))
        image = asked("image", "create", "--name", "snap", "--wait", "busier")
        self.assertEqual((image["status"], image["properties"]["instance_uuid"]), ("active", server["id"]))
        for name in ("one", "two"):
            asked("backup", "create", "--name", name, "--rotate", "1", "--wait", "busier")
        self.assertEqual([image["name"] for image in self.cloud.json("image", "list") if image["properties"].get("image_type") == "backup"],
                         ["two"])
        log = run("console", "log", "show", "busier").stdout
        self.assertIn("use 'sudo' for root.", log)
        self.assertIn(server["addresses"][0]["ip"], log)
        self.assertEqual(len(run("console", "log", "show", "--lines", "3", "busier").stdout.splitlines()), 3)
        self.assertIn("vnc_auto.html", self.cloud.json("console", "url", "show", "busier")["url"])
        self.assertEqual(asked("show", "--diagnostics", "busier")["power_state"], "running")
        run("server", "dump", "create", "busier")
        run("server", "set", "--password", "new", "busier")
        run("wait", "server", "busier")
        self.assertEqual(asked("set", "--state", "error", "busier")["status"], "ERROR")
        self.assertEqual(asked("reboot", "--hard", "--wait", "busier")["status"], "ACTIVE")
        events = [event["action"] for event in self.cloud.json("server", "event", "list", "busier")]
        self.assertEqual(events, ["reboot", "resetState", "changePassword", "trigger_crash_dump", "createBackup",
                                  "createBackup", "createImage", "rebuild", "unrescue", "rescue", "create"])
        run("server", "delete", "--wait", "busier")
        self.assertEqual(run("check", "--settle", "20").returncode, 0)
        run("image", "delete", "snap")
        run("image", "delete", "two")

    def test_deleting_leaves_nothing(self):
        before = self.cloud.json("host", "list")
        self.cloud.create("batch", "--count", "6")
        self.assertEqual(len(self.cloud.json("server", "list", "--name", "batch")), 6)
        names = [f"batch-{i}" for i in range(1, 7)]
        self.cloud.run("server", "delete", "--wait", *names)
        self.assertEqual(self.cloud.json("server", "list", "--name", "batch"), [])
        self.assertEqual([h["used"] for h in self.cloud.json("host", "list")] if "used" in before[0] else [],
                         [h["used"] for h in before] if "used" in before[0] else [])
        self.assertEqual(self.cloud.json("network", "leases", "private"), [])

    def test_power_actions(self):
        self.cloud.create("switch")
        self.cloud.run("server", "stop", "--wait", "switch")
        self.assertEqual(self.cloud.json("server", "show", "switch")["status"], "SHUTOFF")
        self.cloud.run("server", "start", "--wait", "switch")
        self.assertEqual(self.cloud.json("server", "show", "switch")["status"], "ACTIVE")
        again = self.cloud.run("server", "start", "switch", check=False)
        self.assertEqual(again.returncode, 6)
        self.assertIn("vm_state active", again.stderr)
        self.cloud.run("server", "delete", "--wait", "switch")

    def test_long_names_of_several_servers_can_be_named(self):
        self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "2", "--wait", "x" * 255)
        servers = self.cloud.json("server", "list", "--name", "xxx")
        self.assertEqual(sorted(s["name"] for s in servers), ["x" * 253 + "-1", "x" * 253 + "-2"])
        self.assertEqual(len({self.cloud.json("server", "show", s["name"])["hostname"] for s in servers}), 2)
        self.cloud.run("server", "delete", "--wait", *(s["name"] for s in servers))

    def test_an_administrators_server_on_an_external_network(self):
        server = self.cloud.create("outside", "--network", "public")
        self.assertEqual(server["status"], "ACTIVE")
        self.cloud.run("server", "delete", "--wait", "outside")

    def test_a_forced_host_that_fails_says_why(self):
        self.cloud.run("fault", "add", "--step", "guest_started", "--server", "forced", "--message", "its disk is on fire")
        host = self.cloud.json("host", "list")[0]["name"]
        done = self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait",
                              "--availability-zone", "nova:" + host, "forced", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("its disk is on fire", done.stderr + done.stdout)
        self.assertNotIn("Exceeded maximum number of retries", done.stderr + done.stdout)
        self.cloud.run("fault", "clear")
        self.cloud.run("server", "delete", "--wait", "forced")

    def test_wrong_input_names_the_value_and_changes_nothing(self):
        create = ["server", "create", "--flavor", "m1.tiny", "--image", "cirros"]
        cases = [
            (["server", "create", "--flavor", "m9", "--image", "cirros", "x"], 2, "m9"),
            (["server", "create", "--flavor", "m1.tiny", "--image", "nope", "x"], 2, "nope"),
            (create + ["--network", "nonet", "x"], 2, "nonet"),
            (create + ["--key-name", "nokey", "x"], 2, "nokey"),
            (create + ["--count", "0", "x"], None, "is 0"),
            (create + ["--count", "1000000", "x"], None, "1000000"),
            (create + ["--count", "500", "--min-count", "500", "x"], 9, "Quota exceeded"),
            (create + ["--availability-zone", "mars", "x"], 2, "mars"),
            (["server", "show", "ghost"], 4, "ghost"),
            (["server", "delete", "ghost"], 4, "ghost"),
            (["fault", "add", "--step", "lunch"], None, "lunch"),
            (["no-such-command"], 2, "no-such-command"),
        ]
        for args, code, text in cases:
            with self.subTest(args=args):
                done = self.cloud.run(*args, check=False)
                self.assertNotEqual(done.returncode, 0)
                if code is not None:
                    self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(text, done.stderr)
        self.assertEqual(self.cloud.json("server", "list", "--name", "x"), [])
        self.assertTrue(all(d["state"] == "running" for d in self.cloud.daemons().values()))

    def test_a_wrong_password_is_refused(self):
        done = self.cloud.run("server", "list", check=False, env={"OS_PASSWORD": "wrong", "OS_USERNAME": "demo",
                                                                  "OS_PROJECT_NAME": "demo"})
        self.assertEqual(done.returncode, 7)
        self.assertTrue(done.stderr.startswith("kilonova: "), done.stderr)

    def test_another_projects_server_is_not_found(self):
        self.cloud.create("mine")
        demo = {"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"}
        uuid = self.cloud.json("server", "show", "mine")["id"]
        self.assertEqual(self.cloud.json("server", "list", env=demo), [])
        for args in (["server", "show", uuid], ["server", "delete", uuid], ["trace", uuid]):
            done = self.cloud.run(*args, check=False, env=demo)
            self.assertEqual(done.returncode, 4)
            self.assertIn("not found", done.stderr)
        done = self.cloud.run("host", "list", check=False, env=demo)
        self.assertEqual(done.returncode, 8)
        self.cloud.run("server", "delete", "--wait", "mine")


if __name__ == "__main__":
    unittest.main()
