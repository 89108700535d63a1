"""Debian's `openstack` command (python3-openstackclient 6.0), unmodified, from a token to a server's end."""

import base64
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from stock import OPENSTACK, StockTest

ADMIN = "devstack-admin"


class OpenstackClientTest(StockTest):
    def test_token_and_catalog(self):
        token = self.openstack("token", "issue")
        self.assertEqual({"expires", "id", "project_id", "user_id"}, set(token))
        catalog = {entry["Name"]: entry["Type"] for entry in self.openstack("catalog", "list")}
        self.assertEqual(catalog, {"nova": "compute", "keystone": "identity", "glance": "image", "neutron": "network",
                                   "placement": "placement"})
        self.command("token", "revoke", token["id"])
        by_token = {"OS_AUTH_TYPE": "token", "OS_TOKEN": token["id"], "OS_PROJECT_NAME": "demo",
                    "OS_PROJECT_DOMAIN_ID": "default"}
        self.assertIn("401", self.refusal("flavor", "list", cloud=by_token))
        by_token["OS_TOKEN"] = self.token()
        self.assertEqual(len(self.openstack("flavor", "list", "--min-ram", "8000", cloud=by_token)), 2)

    def test_variables_of_openrc(self):
        script = self.cloud.run("openrc").stdout + f"exec {OPENSTACK} flavor show m1.tiny -f value -c ram\n"
        variables = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        done = subprocess.run(["sh"], input=script, capture_output=True, text=True, timeout=60, env=variables)
        self.assertEqual((done.stdout, done.returncode), ("512\n", 0), done.stderr)

    def test_what_there_is(self):
        self.assertEqual({image["Name"] for image in self.openstack("image", "list")}, {"cirros", "cirros-0.6.2-x86_64-disk"})
        self.assertEqual(self.openstack("image", "show", "cirros")["visibility"], "public")
        self.assertLessEqual({"m1.tiny", "m1.small", "m1.medium", "m1.large", "m1.xlarge"},
                             {flavor["Name"] for flavor in self.openstack("flavor", "list")})
        self.assertEqual(self.openstack("flavor", "show", "m1.small")["ram"], 2048)
        networks = {network["Name"]: network for network in self.openstack("network", "list")}
        self.assertEqual(set(networks), {"private", "public"})
        shown = self.openstack("network", "show", "private")
        self.assertEqual(shown["subnets"], networks["private"]["Subnets"])
        subnet = self.openstack("subnet", "show", shown["subnets"][0])
        self.assertEqual((subnet["cidr"], subnet["network_id"]), ("10.0.0.0/8", shown["id"]))
        # Nova's, and Neutron's for networks and for routers: the command does not say which is which.
        self.assertEqual(self.openstack("availability", "zone", "list"), [{"Zone Name": "nova", "Zone Status": "available"}] * 3)
        self.assertEqual(self.openstack("availability", "zone", "list", "--compute"),
                         [{"Zone Name": "nova", "Zone Status": "available"}])
        self.assertEqual([group["Name"] for group in self.openstack("security", "group", "list")], ["default"])

    def test_life_of_a_server(self):
        key = os.path.join(self.cloud.state_dir, "id_life")
        self.command("keypair", "create", "--private-key", key, "life")
        with open(key, encoding="utf-8") as file:
            self.assertTrue(file.read().startswith("-----BEGIN RSA PRIVATE KEY-----"))
        self.assertEqual([pair["Name"] for pair in self.openstack("keypair", "list")], ["life"])
        created = self.openstack("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--network", "private",
                                 "--key-name", "life", "--wait", "life1")
        self.assertEqual((created["status"], created["key_name"]), ("ACTIVE", "life"))
        self.assertTrue(created["hostId"])
        self.assertNotIn("OS-EXT-SRV-ATTR:host", created, "no member learns where it runs")
        listed = self.openstack("server", "list", "--name", "^life1$")
        self.assertEqual([(server["ID"], server["Image"], server["Flavor"]) for server in listed],
                         [(created["id"], "cirros", "m1.tiny")])
        ports = self.openstack("port", "list", "--server", "life1")
        self.assertIn(listed[0]["Networks"]["private"][0], ports[0]["Fixed IP Addresses"][0]["ip_address"])

        def status():
            return self.openstack("server", "show", "life1")["status"]

        for words, wanted in ((["stop"], "SHUTOFF"), (["start"], "ACTIVE"), (["pause"], "PAUSED"),
                              (["unpause"], "ACTIVE"), (["suspend"], "SUSPENDED"), (["resume"], "ACTIVE")):
            self.command("server", *words, "life1")
            self.cloud.run("wait", "server", "life1", env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
            self.assertEqual(status(), wanted)
        self.command("server", "reboot", "--wait", "life1")
        self.command("server", "reboot", "--hard", "--wait", "life1")
        self.assertIn("while it is in vm_state active", self.refusal("server", "unpause", "life1"))
        self.command("server", "rescue", "life1")
        self.cloud.run("wait", "server", "life1", env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
        self.assertEqual(status(), "RESCUE")
        self.command("server", "unrescue", "life1")
        self.cloud.run("wait", "server", "life1", env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
        self.command("server", "rebuild", "--image", "cirros", "--wait", "life1")
        self.assertEqual(status(), "ACTIVE")
        image = self.openstack("server", "image", "create", "--name", "life1-image", "--wait", "life1")
        self.assertEqual(image["status"], "active")
        self.command("server", "backup", "create", "--name", "life1-backup", "--wait", "life1")
        self.command("image", "delete", "life1-image", "life1-backup")
        self.assertIn("gocubsgo", self.command("console", "log", "show", "--lines", "5", "life1").stdout)
        self.assertIn("token", self.openstack("console", "url", "show", "life1")["url"])
        self.command("--os-compute-api-version", "2.17", "server", "dump", "create", "life1")
        self.assertRegex(self.refusal("server", "set", "--state", "error", "life1"), "os-admin-actions:reset_state")
        self.command("server", "set", "--state", "error", created["id"], cloud=ADMIN)
        self.assertEqual(status(), "ERROR")
        self.command("server", "set", "--state", "active", created["id"], cloud=ADMIN)
        self.command("server", "delete", "--wait", "life1")
        self.assertEqual(self.openstack("server", "list", "--name", "^life1$"), [])
        self.command("keypair", "delete", "life")
        self.assertRegex(self.refusal("server", "show", created["id"]), "No [Ss]erver")

    def test_moves_of_a_server(self):
        created = self.openstack("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--network", "private",
                                 "--wait", "mover")
        self.addCleanup(self.command, "server", "delete", "--wait", "mover", check=False)
        server = created["id"]

        def shown():
            return self.openstack("server", "show", server, cloud=ADMIN)

        def settled(goal="settled"):
            owner = {"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"}
            self.cloud.run("wait", "server", "mover", "--for", goal, env=owner)
            return shown()

        def place(of):
            return of["OS-EXT-SRV-ATTR:host"]

        first = shown()
        self.command("server", "resize", "--flavor", "m1.small", "--wait", "mover")
        resized = shown()
        self.assertEqual((resized["status"], resized["addresses"]), ("VERIFY_RESIZE", first["addresses"]))
        self.assertNotEqual(place(resized), place(first))
        self.assertIn("m1.small", resized["flavor"])
        self.assertIn("while it is in vm_state resized", self.refusal("server", "stop", "mover"))
        self.command("server", "resize", "revert", "mover")
        reverted = settled()
        self.assertEqual((reverted["status"], place(reverted)), ("ACTIVE", place(first)))
        self.assertIn("m1.tiny", reverted["flavor"])

        self.command("server", "migrate", "--wait", server, cloud=ADMIN)
        self.command("server", "resize", "confirm", "mover")
        moved = settled("active")  # while it is being confirmed nothing is said to be under way, as in Nova
        self.assertEqual((moved["status"], moved["addresses"]), ("ACTIVE", first["addresses"]))
        self.assertNotEqual(place(moved), place(first))
        self.assertIn("os-migrate-server:migrate", self.refusal("server", "migrate", "mover"))
        self.command("--os-compute-api-version", "2.30", "server", "migrate", "--live-migration", "--host", place(first),
                     "--wait", server, cloud=ADMIN)
        self.assertEqual((shown()["status"], place(shown())), ("ACTIVE", place(first)))

        self.command("server", "shelve", "mover")
        shelved = settled()
        self.assertEqual((shelved["status"], place(shelved)), ("SHELVED_OFFLOADED", None))
        self.assertEqual([image["Name"] for image in self.openstack("image", "list", "--name", "mover-shelved")],
                         ["mover-shelved"])
        self.command("server", "unshelve", "mover")
        self.assertEqual((settled()["status"], shown()["addresses"]), ("ACTIVE", first["addresses"]))
        self.assertEqual(self.openstack("image", "list", "--name", "mover-shelved"), [])

        rows = self.openstack("--os-compute-api-version", "2.59", "server", "migration", "list", "--server", server,
                              cloud=ADMIN)
        self.assertEqual([(row["Type"], row["Status"]) for row in rows],
                         [("live-migration", "completed"), ("migration", "confirmed"), ("resize", "reverted")])
        events = self.openstack("server", "event", "list", "mover")
        self.assertEqual([event["Action"] for event in events],
                         ["unshelve", "shelve", "live-migration", "confirmResize", "migrate", "revertResize", "resize",
                          "create"])

    def test_what_users_say_of_a_server(self):
        self.command("--os-compute-api-version", "2.52", "server", "create", "--image", "cirros", "--flavor", "m1.tiny",
                     "--network", "private", "--property", "a=1", "--description", "words", "--tag", "blue", "--wait",
                     "said")
        self.addCleanup(self.command, "server", "delete", "--wait", "said2", check=False)

        def shown():
            return self.openstack("--os-compute-api-version", "2.26", "server", "show", "said")

        self.assertEqual((shown()["properties"], shown()["tags"], shown()["description"]),
                         ({"a": "1"}, ["blue"], "words"))
        self.command("--os-compute-api-version", "2.26", "server", "set", "--property", "b=2", "--property", "c=3",
                     "--tag", "green", "--description", "others", "said")
        self.command("--os-compute-api-version", "2.26", "server", "unset", "--property", "a", "--tag", "blue", "said")
        self.assertEqual((shown()["properties"], shown()["tags"], shown()["description"]),
                         ({"b": "2", "c": "3"}, ["green"], "others"))
        self.command("server", "lock", "said")
        self.command("server", "stop", shown()["id"], cloud=ADMIN)
        self.cloud.run("wait", "server", "said", env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
        self.assertIn("is locked", self.refusal("server", "start", "said"))
        self.command("server", "unlock", "said")
        events = self.openstack("server", "event", "list", "said")
        self.assertEqual(sorted(event["Action"] for event in events), ["create", "lock", "stop", "unlock"])
        request = next(event["Request ID"] for event in events if event["Action"] == "stop")
        self.assertEqual(self.openstack("server", "event", "show", "said", request)["action"], "stop")
        self.command("server", "set", "--name", "said2", "said")
        self.assertEqual(self.openstack("server", "list", "--name", "^said2$")[0]["Status"], "SHUTOFF")

    def test_administration(self):
        hosts = self.openstack("hypervisor", "list", cloud=ADMIN)
        self.assertEqual(len(hosts), 3)
        name = hosts[0]["Hypervisor Hostname"]
        self.assertEqual(self.openstack("hypervisor", "stats", "show", cloud=ADMIN)["count"], 3)
        services = self.openstack("compute", "service", "list", cloud=ADMIN)
        self.assertEqual(sorted({service["Binary"] for service in services}),
                         ["nova-compute", "nova-conductor", "nova-scheduler"])
        self.command("compute", "service", "set", "--disable", "--disable-reason", "why", name, "nova-compute", cloud=ADMIN)
        states = {(s["Host"], s["Binary"]): s["Status"] for s in self.openstack("compute", "service", "list", cloud=ADMIN)}
        self.assertEqual(states[name, "nova-compute"], "disabled")
        self.command("compute", "service", "set", "--enable", name, "nova-compute", cloud=ADMIN)
        self.assertEqual(self.openstack("aggregate", "create", "--zone", "east", "racks", cloud=ADMIN)["name"], "racks")
        self.command("aggregate", "add", "host", "racks", name, cloud=ADMIN)
        self.command("aggregate", "set", "--property", "ssd=true", "racks", cloud=ADMIN)
        shown = self.openstack("aggregate", "show", "racks", cloud=ADMIN)
        self.assertEqual((shown["hosts"], shown["properties"]["ssd"]), ([name], "true"))
        zones = {zone["Zone Name"] for zone in self.openstack("availability", "zone", "list")}
        self.assertEqual(zones, {"nova", "east"})
        self.command("--os-compute-api-version", "2.81", "aggregate", "cache", "image", "racks", "cirros", cloud=ADMIN)
        self.command("aggregate", "remove", "host", "racks", name, cloud=ADMIN)
        self.command("aggregate", "delete", "racks", cloud=ADMIN)
        for words in (("hypervisor", "list"), ("compute", "service", "list"), ("aggregate", "list"), ("user", "list")):
            self.assertIn("403", self.refusal(*words), words)

    def test_identity(self):
        self.command("project", "create", "--description", "words", "p1", cloud=ADMIN)
        self.command("user", "create", "--password", "secret", "u1", cloud=ADMIN)
        self.command("role", "add", "--project", "p1", "--user", "u1", "member", cloud=ADMIN)
        assigned = self.openstack("role", "assignment", "list", "--names", "--user", "u1", cloud=ADMIN)
        self.assertEqual([(row["Role"], row["Project"]) for row in assigned], [("member", "p1@Default")])
        login = {"OS_USERNAME": "u1", "OS_PASSWORD": "secret", "OS_PROJECT_NAME": "p1", "OS_USER_DOMAIN_NAME": "Default",
                 "OS_PROJECT_DOMAIN_NAME": "Default"}
        self.assertEqual(self.openstack("server", "list", cloud=login), [])
        self.command("role", "remove", "--project", "p1", "--user", "u1", "member", cloud=ADMIN)
        self.assertIn("401", self.refusal("server", "list", cloud=login))
        self.assertEqual(self.openstack("project", "show", "p1", cloud=ADMIN)["description"], "words")
        self.assertEqual([p["Name"] for p in self.openstack("project", "list", "--my-projects")], ["demo"])
        self.assertEqual(sorted(p["Name"] for p in self.openstack("project", "list", "--user", "admin", cloud=ADMIN)),
                         ["admin", "alt_demo", "demo"])
        self.assertEqual({s["Type"] for s in self.openstack("service", "list", cloud=ADMIN)},
                         {"compute", "identity", "image", "network", "placement"})
        self.assertEqual(len(self.openstack("endpoint", "list", "--service", "nova", cloud=ADMIN)), 3)
        self.assertEqual([role["Name"] for role in self.openstack("role", "list", cloud=ADMIN)],
                         ["reader", "member", "admin"])
        self.command("user", "delete", "u1", cloud=ADMIN)
        self.command("project", "delete", "p1", cloud=ADMIN)
        self.assertNotIn("p1", [project["Name"] for project in self.openstack("project", "list", cloud=ADMIN)])

    def test_quota_and_limits(self):
        self.assertEqual(self.openstack("quota", "show")["cores"], 20)
        self.command("quota", "set", "--cores", "30", "demo", cloud=ADMIN)
        self.assertEqual(self.openstack("quota", "show")["cores"], 30)
        limits = {limit["Name"]: limit["Value"] for limit in self.openstack("limits", "show", "--absolute")}
        self.assertEqual(limits["maxTotalCores"], 30)
        self.command("quota", "set", "--cores", "20", "demo", cloud=ADMIN)

    def test_a_certificate_as_a_key_pair(self):
        # This version of the command drops its --type on the way (it names it key_type, and the SDK sends type).
        def create(name, **more):
            return self.http("POST", "/compute/v2.1/os-keypairs", {"keypair": {"name": name, **more}},
                             headers={"OpenStack-API-Version": "compute 2.2"})

        made = create("windows", type="x509").json["keypair"]
        self.addCleanup(self.command, "keypair", "delete", "windows", check=False)
        self.assertGreater(len(base64.b64decode(made["private_key"], validate=True)), 1000, "a PKCS#12 bundle")
        shown = self.openstack("--os-compute-api-version", "2.2", "keypair", "show", "windows")
        self.assertEqual((shown["type"], len(shown["fingerprint"])), ("x509", 59))
        certificate = self.command("keypair", "show", "--public-key", "windows").stdout
        subject = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=certificate, capture_output=True,
                                 text=True, check=True).stdout
        self.assertIn(shown["user_id"], subject)
        self.addCleanup(self.command, "keypair", "delete", "again", check=False)
        self.assertEqual(create("again", type="x509", public_key=certificate).json["keypair"]["fingerprint"],
                         shown["fingerprint"])
        for kind, key in (("ssh", certificate), ("x509", "ssh-ed25519 AAAA")):
            refused = create("wrong", type=kind, public_key=key)
            self.assertEqual(refused.status, 400)
            self.assertIn("Keypair data is invalid: failed to generate", refused.json["badRequest"]["message"])

    def test_a_quota_class_that_has_no_effect_keeps_what_was_said(self):
        self.command("quota", "set", "--class", "--cores", "77", "small", cloud=ADMIN)
        self.command("quota", "set", "--class", "--ram", "2048", "small", cloud=ADMIN)
        # The command's own `quota show --class` looks for a project of that name.
        shown, of_default = (self.http("GET", f"/compute/v2.1/os-quota-class-sets/{name}", token="admin").json["quota_class_set"]
                             for name in ("small", "default"))
        self.assertEqual((shown["id"], shown["cores"], shown["ram"]), ("small", 77, 2048))
        self.assertEqual(shown["instances"], of_default["instances"])
        self.assertNotEqual(of_default["cores"], 77)

    def test_quotas_of_everything_else(self):
        self.addCleanup(self.command, "quota", "set", "--key-pairs", "100", "--server-groups", "10", "demo", cloud=ADMIN)
        self.command("quota", "set", "--key-pairs", "7", "--server-groups", "3", "demo", cloud=ADMIN)
        shown = self.openstack("quota", "show")
        self.assertEqual((shown["key-pairs"], shown["server-groups"]), (7, 3))
        self.addCleanup(self.command, "quota", "set", "--class", "--cores", "20", "default", cloud=ADMIN)
        self.command("quota", "set", "--class", "--cores", "21", "default", cloud=ADMIN)
        self.assertEqual(self.openstack("quota", "show", "--default", "demo", cloud=ADMIN)["cores"], 21)

    def test_server_groups(self):
        made = self.openstack("server", "group", "create", "--policy", "anti-affinity", "apart")
        self.addCleanup(self.command, "server", "group", "delete", "apart", check=False)
        self.assertEqual((made["name"], made["policy"], made["members"]), ("apart", "anti-affinity", []))
        ids = set()
        for name in ("apart-1", "apart-2"):
            self.addCleanup(self.command, "server", "delete", "--wait", name, check=False)
            ids.add(self.openstack("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--network", "private",
                                   "--hint", f"group={made['id']}", "--wait", name)["id"])
        hosts = {self.openstack("server", "show", server, cloud=ADMIN)["OS-EXT-SRV-ATTR:host"] for server in ids}
        self.assertEqual(len(hosts), 2)
        shown = self.openstack("server", "group", "show", "apart")
        self.assertEqual(set(shown["members"]), ids)
        self.assertEqual([group["Name"] for group in self.openstack("server", "group", "list")], ["apart"])
        self.command("server", "group", "delete", "apart")
        self.assertEqual(self.openstack("server", "group", "list", "--all-projects", cloud=ADMIN), [])
        # Of a name that nobody has the client's own words are about its code; Nova's answer is the empty list above.
        self.assertNotEqual(self.command("server", "group", "show", "apart", check=False).returncode, 0)

    def test_a_host_that_is_forced_down(self):
        host = self.openstack("compute", "service", "list", "--service", "nova-compute", cloud=ADMIN)[0]["Host"]
        self.addCleanup(self.command, "compute", "service", "set", "--up", host, "nova-compute", cloud=ADMIN)
        self.command("compute", "service", "set", "--down", host, "nova-compute", cloud=ADMIN)
        states = {service["Host"]: service["State"] for service in
                  self.openstack("compute", "service", "list", "--service", "nova-compute", cloud=ADMIN)}
        self.assertEqual(states[host], "down")

    def test_a_host_that_is_deleted(self):
        services = self.openstack("compute", "service", "list", "--service", "nova-compute", cloud=ADMIN)
        used = {server["Host"] for server in self.openstack("server", "list", "--all-projects", "--long", cloud=ADMIN)}
        service = next(one for one in reversed(services) if one["Host"] not in used)
        self.command("compute", "service", "delete", service["ID"], cloud=ADMIN)
        left = self.openstack("compute", "service", "list", "--service", "nova-compute", cloud=ADMIN)
        self.assertEqual([one["Host"] for one in left], [one["Host"] for one in services if one is not service])
        self.assertIn("404", self.refusal("compute", "service", "delete", service["ID"], cloud=ADMIN))
        self.assertNotIn(service["Host"], {one["Hypervisor Hostname"] for one in self.openstack("hypervisor", "list", cloud=ADMIN)})
        self.cloud.kill("compute-0")  # its next life registers the host again
        self.cloud.await_hosts([service["Host"]])
        self.cloud.run("wait", "host", service["Host"], "--timeout", "60s")

    def test_flavors(self):
        self.command("flavor", "create", "--id", "nano", "--vcpus", "1", "--ram", "64", "--disk", "1", "m1.small-one",
                     cloud=ADMIN)
        self.command("flavor", "set", "--property", "ssd=true", "--property", "n=1", "m1.small-one", cloud=ADMIN)
        self.command("flavor", "unset", "--property", "n", "m1.small-one", cloud=ADMIN)
        self.assertEqual(self.openstack("flavor", "show", "m1.small-one")["properties"], {"ssd": "true"})
        self.assertEqual(self.openstack("flavor", "show", "m1.small-one")["id"], "nano")
        self.assertIn("403", self.refusal("flavor", "create", "mine"))
        self.command("flavor", "delete", "m1.small-one", cloud=ADMIN)
        self.assertIn("No Flavor found", self.refusal("flavor", "show", "m1.small-one"))

    def test_a_server_without_a_host(self):
        self.command("flavor", "create", "--vcpus", "9000", "--ram", "64", "--disk", "1", "huge", cloud=ADMIN)
        self.command("quota", "set", "--cores", "-1", "admin", cloud=ADMIN)
        self.command("server", "create", "--image", "cirros", "--flavor", "huge", "--network", "private", "--wait",
                     "nowhere", cloud=ADMIN, check=False)
        shown = self.openstack("server", "show", "nowhere", cloud=ADMIN)
        self.assertEqual(shown["status"], "ERROR")
        self.assertIn("No valid host was found", shown["fault"]["message"])
        self.command("server", "delete", "--wait", "nowhere", cloud=ADMIN)


if __name__ == "__main__":
    unittest.main()
