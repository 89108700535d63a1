"""What Nova takes and refuses where clients have met it: queries, filters, sort keys, user data, tags, aggregates."""

import base64
import unittest
import urllib.parse

from stock import StockTest


class ComputeFormsTest(StockTest):
    def nova(self, method, path, body=None, status=200, version="2.93", user="demo"):
        answer = self.http(method, "/compute/v2.1" + path, body, token=user,
                           headers={"OpenStack-API-Version": f"compute {version}"})
        self.assertEqual(answer.status, status, f"{method} {path}: {answer.text}")
        return answer.json if answer.text else None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.image = next(one["id"] for one in cls.cloud.json("image", "list") if one["name"] == "cirros")

    def server(self, name, status=202, version="2.93", **said):
        body = {"server": {"name": name, "flavorRef": "1", "imageRef": self.image, "networks": "none"} | said}
        return self.nova("POST", "/servers", body, status, version)

    def made(self, name, **said):
        id = self.server(name, **said)["server"]["id"]
        self.addCleanup(self.cloud.run, "server", "delete", "--all-projects", "--wait", id)
        self.cloud.run("wait", "server", "--all-projects", id)
        return id

    def names(self, user="demo", version="2.93", **query):
        text = urllib.parse.urlencode(query, doseq=True)
        return sorted(one["name"] for one in self.nova("GET", "/servers?" + text, version=version, user=user)["servers"])

    def test_parameters_that_a_list_does_not_know(self):
        project = next(one["id"] for one in self.cloud.json("project", "list") if one["name"] == "demo")
        for path, user in (("/servers", "demo"), ("/servers/detail", "demo"), ("/flavors", "demo"), ("/flavors/detail", "demo"),
                           ("/os-keypairs", "demo"), ("/limits", "demo"), (f"/os-quota-sets/{project}", "demo"),
                           ("/os-services", "admin"), ("/os-simple-tenant-usage", "admin")):
            refused = self.nova("GET", path + "?bogus=1", None, 400, "2.75", user)
            self.assertIn("Additional properties are not allowed ('bogus' was unexpected)", str(refused))
            self.nova("GET", path + "?bogus=1", version="2.74", user=user)
        self.nova("GET", "/os-hypervisors?bogus=1", None, 400, "2.53", "admin")

    def test_filters_are_patterns_but_for_some(self):
        self.made("alpha", hostname="host-alpha", config_drive=True, description="first one")
        self.made("beta", hostname="host-beta")
        self.assertEqual(self.names(hostname="ALPHA$"), ["alpha"])
        self.assertEqual(self.names(config_drive="True"), ["alpha"])
        self.assertEqual(self.names(power_state="[14]"), ["alpha", "beta"])
        self.assertEqual(self.names(created_at="1999"), [])
        self.assertEqual(self.names(launched_at="20[0-9][0-9]-"), ["alpha", "beta"])
        self.assertEqual(self.names(progress="100"), [])
        self.assertEqual(self.names(vm_state="activ"), [], "this one is compared as it is")
        everywhere = {"user": "admin", "all_tenants": 1}
        self.assertEqual(self.names(description="FIRST", **everywhere), ["alpha"])
        self.assertEqual(self.names(display_name="^b", **everywhere), ["beta"])
        self.assertEqual(self.names(locked_by="admin", **everywhere), [])
        for query in ("key_name=[", "availability_zone=", "hostname=*"):
            self.nova("GET", "/servers?" + query, None, 400)

    def test_what_a_query_may_not_say(self):
        refused = self.nova("GET", "/servers?changes-since=2015-01-01T00:00:00Z&changes-before=2014-01-01T00:00:00Z", None, 400)
        self.assertIn("The value of changes-since must be less than or equal to changes-before.", str(refused))
        self.nova("GET", "/servers?locked=foo", None, 400)
        for query in ("_foo=1", "metadata=x"):
            self.assertIn("Invalid filter field", str(self.nova("GET", "/servers?" + query, None, 400, user="admin")))
        self.nova("GET", "/servers?deleted=foo", user="admin")
        for key in ("id", "vcpus", "memory_mb"):
            self.nova("GET", "/servers?sort_key=" + key, version="2.74")
            self.nova("GET", "/servers?sort_key=" + key, None, 400)

    def test_flavors_are_sorted(self):
        rams = [one["ram"] for one in self.nova("GET", "/flavors/detail?sort_key=memory_mb&sort_dir=desc")["flavors"]]
        self.assertEqual(rams, sorted(rams, reverse=True))
        first = self.nova("GET", "/flavors?sort_key=memory_mb&sort_dir=desc&limit=1")
        self.assertIn("sort_dir=desc", first["flavors_links"][0]["href"])
        second = self.nova("GET", f"/flavors/detail?sort_key=memory_mb&sort_dir=desc&limit=1&marker={first['flavors'][0]['id']}")
        self.assertEqual([one["ram"] for one in second["flavors"]], rams[1:2])
        for query in ("sort_key=ram", "sort_dir=down"):
            self.nova("GET", "/flavors?" + query, None, 400)

    def test_user_data_with_line_breaks(self):
        said = base64.encodebytes(b"#!/bin/sh\n" + b"echo and so on\n" * 20).decode()
        self.assertIn("\n", said.strip())
        self.made("scripted", user_data=said)
        self.server("broken", 400, user_data="abcde")

    def test_one_hostname_for_several(self):
        refused = self.server("several", 400, hostname="ab", min_count=1, max_count=2)
        self.assertIn("Unable to allocate a single hostname to multiple instances", str(refused))

    def test_small_forms(self):
        self.nova("POST", "/os-keypairs", {"keypair": {"name": "none", "public_key": ""}}, 400)
        id = self.made("small", security_groups=[{}])
        self.nova("PUT", f"/servers/{id}/tags/one", None, 201)
        self.nova("PUT", f"/servers/{id}/tags/one", None, 204)
        self.nova("PUT", f"/servers/{id}/tags/two", {"x": 1}, 400)
        self.nova("POST", f"/servers/{id}/action", {"rescue": {}})
        self.cloud.run("wait", "server", "--all-projects", id)
        self.nova("PUT", f"/servers/{id}/tags/one", None, 409)
        self.nova("POST", f"/servers/{id}/os-interface", {"interfaceAttachment": {"tag": "t,1"}}, 400)
        self.nova("GET", "/os-hypervisors/statistics", None, 404, user="admin")
        answer = self.http("GET", "/compute/v2.1/servers", headers={"OpenStack-API-Version": "Compute 2.60"})
        self.assertEqual(answer.headers["OpenStack-API-Version"], "compute 2.60")

    def test_a_host_with_servers_changes_its_aggregate(self):
        id = self.made("staying")
        host = self.nova("GET", "/servers/" + id, user="admin")["server"]["OS-EXT-SRV-ATTR:host"]
        made = self.nova("POST", "/os-aggregates", {"aggregate": {"name": "zoned", "availability_zone": "zone1"}}, user="admin")
        path = f"/os-aggregates/{made['aggregate']['id']}"
        self.nova("POST", path + "/action", {"add_host": {"host": host}}, user="admin")
        self.nova("POST", path + "/action", {"remove_host": {"host": host}}, user="admin")
        self.nova("DELETE", path, user="admin")


if __name__ == "__main__":
    unittest.main()
