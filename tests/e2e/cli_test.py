"""What the commands print, refuse and answer with: every noun once, as a person or a script uses it."""

import os
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud


class CommandTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "10")
        cls.cloud.up()

    @classmethod
    def tearDownClass(cls):
        cls.cloud.__exit__()

    def refused(self, *args, code):
        """What standard error says, which is one line."""
        done = self.cloud.run(*args, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("kilonova: "), done.stderr)
        return done.stderr

    def test_unknown_things_are_named(self):
        create = ("server", "create", "--image", "cirros", "--flavor", "m1.tiny")
        for args, code, said in ((("server", "create", "--flavor", "nope", "--image", "cirros", "x"), 2, "'nope'"),
                                 (("server", "create", "--flavor", "m1.tiny", "--image", "nope", "x"), 2, "'nope'"),
                                 ((*create, "--network", "nope", "x"), 2, "'nope'"),
                                 ((*create, "--key-name", "nope", "x"), 2, "'nope'"),
                                 ((*create, "--count", "0", "x"), 2, "0"),
                                 ((*create, "--count", "1000000", "x"), 2, "1000000"),
                                 (("server", "show", "nope"), 4, "'nope'"),
                                 (("trace", "nope"), 4, "'nope'"),
                                 (("fault", "add", "--step", "nope"), 2, "guest_started"),
                                 ((*create, "--count", "11", "x"), 9, "uota")):
            with self.subTest(args=args):
                self.assertIn(said, self.refused(*args, code=code))
        self.assertEqual(self.cloud.json("server", "list"), [])

    def test_wrong_use_is_exit_code_2_and_says_what_is_right(self):
        self.assertEqual(self.refused("serve", code=2),
                         "kilonova: unknown command 'serve'; did you mean server? see kilonova --help\n")
        self.assertIn("reboot", self.refused("server", code=2))
        said = self.refused("server", "create", "x", code=2)
        self.assertIn("--flavor", said)
        self.assertIn("kilonova server create --help", said)

    def test_who_may_not_log_in(self):
        self.assertIn("wrong user name", self.refused("--os-password", "nope", "server", "list", code=7))
        self.assertIn("wrong user name", self.refused("--os-username", "nope", "server", "list", code=7))

    def test_no_cloud(self):
        done = subprocess.run([os.path.join(os.environ["KILONOVA_BIN_DIR"], "kilonova"), "--state-dir", "/tmp/no-such-cloud",
                               "server", "list"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 11)
        self.assertEqual(done.stderr, "kilonova: no cloud is running in /tmp/no-such-cloud: kilonova up\n")

    def test_the_token_is_kept_for_its_owner(self):
        self.cloud.run("server", "list")
        path = os.path.join(self.cloud.state_dir, "run", "token-admin-admin.json")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, "r+", encoding="utf-8") as file:
            text = file.read().replace('"token":"', '"token":"x')
            file.seek(0)
            file.write(text)
        self.cloud.run("server", "list")  # a token that is no good is replaced

    def test_a_server_from_create_to_delete(self):
        server = self.cloud.create("life")
        for verb, status in (("stop", "SHUTOFF"), ("start", "ACTIVE"), ("reboot", "ACTIVE")):
            self.assertEqual(self.cloud.json("server", verb, "--wait", "life")["status"], status)
        self.assertIn("life", self.cloud.run("server", "list").stdout)
        self.assertEqual(self.cloud.json("explain", "life")["decisions"][0]["chosen"], server["host"])
        leases = self.cloud.json("network", "leases", "private")
        self.assertEqual([lease["server_id"] for lease in leases], [server["id"]])
        self.cloud.run("server", "delete", "--wait", "life")
        self.refused("server", "show", "life", code=4)

    def test_several_are_a_list_and_a_token_makes_them_once(self):
        again = ("--count", "3", "--client-token", "t1")
        servers = self.cloud.create("many", *again)
        self.assertEqual([s["status"] for s in servers], ["ACTIVE"] * 3)
        repeated = self.cloud.create("many", *again)
        self.assertEqual({s["id"] for s in servers}, {s["id"] for s in repeated})
        self.cloud.run("server", "delete", "--wait", *[s["id"] for s in servers])

    def test_an_aborted_launch_is_exit_code_1_with_its_fault(self):
        self.cloud.run("fault", "add", "--step", "image_ready", "--abort", "--count", "1", "--message", "no bytes")
        done = self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "broken", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no bytes", done.stderr)
        self.assertEqual(self.cloud.json("fault", "list")[0]["struck"], 1)
        self.cloud.run("fault", "clear")
        self.cloud.run("server", "delete", "--wait", "broken")

    def test_the_catalog(self):
        flavor = self.cloud.json("flavor", "create", "--vcpus", "3", "--ram", "1000", "odd")
        self.assertEqual(self.cloud.json("flavor", "show", "odd"), flavor)
        self.cloud.run("flavor", "delete", "odd")
        image = self.cloud.json("image", "create", "--size", "1000", "small")
        self.assertEqual(self.cloud.json("image", "show", "small")["id"], image["id"])
        self.cloud.run("image", "delete", "small")
        network = self.cloud.json("network", "create", "--subnet", "192.168.7.0/24", "net7")
        self.assertEqual(network["gateway"], "192.168.7.1")
        self.cloud.run("network", "delete", "net7")
        key = self.cloud.json("keypair", "create", "--type", "ed25519", "k1")
        self.assertTrue(key["private_key"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----"))
        self.cloud.run("keypair", "delete", "k1")
        key = self.cloud.json("keypair", "create", "--type", "x509", "k2")
        self.assertEqual(key["type"], "x509")
        file = os.path.join(self.cloud.state_dir, "k2.pem")
        with open(file, "w", encoding="utf-8") as pem:
            pem.write(key["public_key"])
        refused = self.cloud.run("keypair", "create", "--public-key", file, "k3", check=False)
        self.assertEqual((refused.returncode, "x509" in refused.stderr), (2, True), refused.stderr)
        brought = self.cloud.json("keypair", "create", "--type", "x509", "--public-key", file, "k3")
        self.assertEqual(brought["fingerprint"], key["fingerprint"])
        for name in ("k2", "k3"):
            self.cloud.run("keypair", "delete", name)

    def test_projects_users_roles_and_quotas(self):
        self.cloud.run("project", "create", "p1")
        self.cloud.run("user", "create", "u1", "--password-file", "-", input="pass-of-u1\nnot this line\n")
        for arguments, reason in (((), "is needed once"), (("--password", "a", "--password-file", "-"), "is needed once"),
                                  (("--password-file", "-"), "no password came"),
                                  (("--password-file", "/no/such"), "/no/such cannot be read")):
            done = self.cloud.run("user", "create", "u2", *arguments, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(reason, done.stderr)
        self.cloud.run("role", "add", "--user", "u1", "--project", "p1", "member")
        self.assertEqual(self.cloud.json("quota", "set", "p1", "--instances", "1")["instances"]["limit"], 1)
        own = ("--os-username", "u1", "--os-password", "pass-of-u1", "--os-project-name", "p1")
        self.assertEqual(self.cloud.json(*own, "server", "list"), [])
        self.refused(*own, "host", "list", code=8)
        self.cloud.run("role", "remove", "--user", "u1", "--project", "p1")
        self.cloud.run("user", "delete", "u1")
        self.cloud.run("project", "delete", "p1")

    def test_hosts_and_services(self):
        self.cloud.run("host", "disable", "--reason", "a test", "host-00003")
        host = self.cloud.json("host", "show", "host-00003")
        self.assertEqual((host["enabled"], host["disabled_reason"]), (False, "a test"))
        self.cloud.run("host", "enable", "host-00003")
        self.assertIn("compute-0", [service["name"] for service in self.cloud.json("service", "list")])

    def test_a_host_is_deleted(self):
        with Cloud("--hosts", "4") as cloud:
            create = ("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait")
            cloud.run(*create, "web")
            busy = cloud.json("server", "show", "web")["host"]
            names = {host["name"] for host in cloud.json("host", "list")}
            refused = cloud.run("host", "delete", busy, check=False)
            self.assertEqual(refused.returncode, 6, refused.stderr)
            self.assertIn("is hosting instances", refused.stderr)
            gone = sorted(names - {busy})
            cloud.run("host", "delete", *gone)
            self.assertEqual([host["name"] for host in cloud.json("host", "list")], [busy])
            self.assertEqual(cloud.run("host", "delete", gone[0], check=False).returncode, 4)
            cloud.run(*create, "--count", "3", "more")
            self.assertEqual({server["host"] for server in cloud.json("server", "list")}, {busy})
            cloud.run("check", "--settle", "60")
            cloud.kill("compute-0")
            cloud.await_hosts(names)
            self.assertEqual({host["name"] for host in cloud.json("host", "list")}, names)
            cloud.run("check", "--settle", "60")

    def test_the_shell_reads_what_is_meant_for_it(self):
        openrc = self.cloud.run("openrc").stdout
        told = subprocess.run(["bash", "-c", openrc + "echo $OS_USERNAME $KILONOVA_STATE_DIR"], capture_output=True, text=True)
        self.assertEqual(told.stdout, f"admin {self.cloud.state_dir}\n")

    def test_a_list_is_whole(self):
        """The service sends a thousand rows at a time."""
        with Cloud("--hosts", "2500") as cloud:
            names = [host["name"] for host in cloud.json("host", "list")]
            self.assertEqual((len(names), len(set(names))), (2500, 2500))
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "3", "--wait", "x")
            self.assertEqual(len(cloud.json("network", "leases", "private")), 3)
            self.assertEqual(len(cloud.json("network", "leases", "--limit", "2", "private")), 2)


if __name__ == "__main__":
    unittest.main()
