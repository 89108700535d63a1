"""A server's interfaces, addresses and security groups through the stock `openstack` command and plain HTTP."""

import sys
import time
import unittest

from stock import StockTest

ADMIN = "devstack-admin"
COMPUTE = "/compute/v2.1"


class InterfacesTest(StockTest):
    def setUp(self):
        self.command("network", "create", "lan")
        self.command("subnet", "create", "--network", "lan", "--subnet-range", "192.168.7.0/24", "lan4")
        self.addCleanup(self.command, "network", "delete", "lan", check=False)

    def launch(self, name, *words, version="2.1"):
        self.addCleanup(self.command, "server", "delete", "--wait", name, check=False)
        return self.openstack("--os-compute-api-version", version, "server", "create", "--image", "cirros", "--flavor", "m1.tiny", *words, "--wait", name)

    def addresses(self, name):
        return self.openstack("server", "show", name)["addresses"]

    def ports(self, name):
        return {port["ID"]: port["Fixed IP Addresses"] for port in self.openstack("port", "list", "--server", name)}

    def eventually(self, is_so, what):
        """The network-controller follows an answered change within moments."""
        for _ in range(100):
            if is_so():
                return
            time.sleep(0.1)
        self.fail(what)

    def compute(self, method, path, body=None, version="2.1", token="demo"):
        return self.http(method, COMPUTE + path, body, token=token,
                         headers={"X-OpenStack-Nova-API-Version": version})

    def test_a_server_without_a_network(self):
        server = self.launch("bare", "--network", "none", version="2.37")
        self.assertEqual((self.addresses("bare"), self.ports("bare")), ({}, {}))
        self.command("server", "stop", "bare")
        self.cloud.run("wait", "server", "bare", env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
        self.command("server", "migrate", "--wait", server["id"], cloud=ADMIN)
        self.command("server", "resize", "confirm", "bare")
        self.assertEqual(self.addresses("bare"), {})
        self.command("server", "add", "network", "bare", "lan")
        self.assertEqual(list(self.addresses("bare")), ["lan"])
        self.cloud.run("check")
        self.command("server", "delete", "--wait", "bare")
        self.assertEqual(self.openstack("port", "list", "--network", "lan"), [])

    def test_networks_come_and_go(self):
        server = self.launch("web", "--network", "private")
        first = self.addresses("web")["private"]
        self.command("server", "add", "network", "web", "lan")
        self.command("server", "add", "fixed", "ip", "--fixed-ip-address", "192.168.7.77", "web", "lan")
        shown = self.addresses("web")
        self.assertEqual(shown["private"], first)
        self.assertEqual(len(shown["lan"]), 2)
        self.assertIn("192.168.7.77", shown["lan"])
        self.assertEqual(len(self.ports("web")), 3)
        self.cloud.run("check")
        actions = [event["Action"] for event in self.openstack("server", "event", "list", "web")]
        self.assertEqual(actions, ["attach_interface", "attach_interface", "create"])
        answer = self.compute("POST", f"/servers/{server['id']}/os-interface", {"interfaceAttachment": {
            "net_id": self.openstack("network", "show", "lan")["id"], "fixed_ips": [{"ip_address": "192.168.7.77"}]}})
        self.assertEqual(answer.status, 409, answer.text)
        self.cloud.run("server", "migrate", "--live-migration", "--wait", "--all-projects", server["id"])
        self.assertEqual(self.addresses("web"), shown, "what was added moves with it")
        self.command("server", "remove", "network", "web", "lan")
        self.assertEqual(self.addresses("web"), {"private": first})
        self.eventually(lambda: len(self.ports("web")) == 1, "the ports that were made for it are still there")
        self.cloud.run("check")
        self.command("server", "remove", "network", "web", "private")
        self.assertEqual(self.addresses("web"), {})
        self.eventually(lambda: not self.ports("web"), "the port that it had from its launch is still there")
        self.cloud.run("check")
        events = self.compute("GET", f"/servers/{server['id']}/os-instance-actions", version="2.51").json
        request = events["instanceActions"][0]["request_id"]
        shown = self.compute("GET", f"/servers/{server['id']}/os-instance-actions/{request}", version="2.51").json
        self.assertEqual(shown["instanceAction"]["events"][0]["event"], "compute_detach_interface")

    def test_a_port_of_ones_own(self):
        port = self.openstack("port", "create", "--network", "lan", "door")
        self.addCleanup(self.command, "port", "delete", "door", check=False)
        server = self.launch("shop", "--network", "private")
        other = self.launch("other", "--network", "private")
        path = f"/servers/{server['id']}/os-interface"
        answer = self.compute("POST", path, {"interfaceAttachment": {"port_id": port["id"], "tag": "dmz"}}, "2.70")
        self.assertEqual(answer.status, 200, answer.text)
        made = answer.json["interfaceAttachment"]
        self.assertEqual((made["port_id"], made["tag"], made["port_state"]), (port["id"], "dmz", "ACTIVE"))
        shown = self.openstack("port", "show", "door", cloud=ADMIN)
        self.assertEqual((shown["device_id"], shown["status"]), (server["id"], "ACTIVE"))
        self.assertTrue(shown["binding_host_id"])
        listed = self.compute("GET", path, version="2.70").json["interfaceAttachments"]
        self.assertEqual([one["tag"] for one in listed], [None, "dmz"])
        again = self.compute("POST", f"/servers/{other['id']}/os-interface",
                             {"interfaceAttachment": {"port_id": port["id"]}})
        self.assertEqual(again.json, {"conflictingRequest": {"code": 409, "message": f"Port {port['id']} is still in use."}})
        self.assertEqual(self.compute("DELETE", f"{path}/{port['id']}").status, 202)
        self.eventually(lambda: self.openstack("port", "show", "door")["device_id"] == "", "the port is still the server's")
        self.command("server", "add", "port", "other", "door")
        self.command("server", "delete", "--wait", "other")
        self.assertEqual(self.openstack("port", "show", "door")["device_id"], "")
        self.assertEqual(self.compute("DELETE", f"{path}/{port['id']}").status, 404)

    def test_locked_and_suspended_servers_keep_what_they_have(self):
        server = self.launch("kept", "--network", "private")
        path = f"/servers/{server['id']}/os-interface"
        self.compute("POST", f"/servers/{server['id']}/action", {"lock": None})
        refused = self.compute("POST", path, {})
        self.assertEqual((refused.status, refused.json["conflictingRequest"]["message"]),
                         (409, f"Instance {server['id']} is locked"))
        self.compute("POST", f"/servers/{server['id']}/action", {"unlock": None})
        self.command("server", "suspend", "kept")
        self.cloud.run("wait", "server", "kept", env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
        refused = self.compute("POST", path, {})
        self.assertEqual(refused.json["conflictingRequest"]["message"],
                         f"Cannot 'attach_interface' instance {server['id']} while it is in vm_state suspended")

    def test_addresses_by_action(self):
        server = self.launch("many", "--network", "lan")
        network = self.openstack("network", "show", "lan")["id"]
        first = self.addresses("many")["lan"][0]
        action = f"/servers/{server['id']}/action"
        self.assertEqual(self.compute("POST", action, {"addFixedIp": {"networkId": network}}).status, 202)
        two = self.addresses("many")["lan"]
        self.assertEqual((len(two), two[0]), (2, first))
        self.assertEqual(self.compute("POST", action, {"removeFixedIp": {"address": first}}).status, 202)
        self.assertEqual(self.addresses("many")["lan"], two[1:])
        self.cloud.run("check")
        wrong = self.compute("POST", action, {"removeFixedIp": {"address": first}})
        self.assertEqual((wrong.status, wrong.json["badRequest"]["message"]),
                         (400, f"Instance {server['id']} does not have fixed IP '{first}'."))
        self.assertEqual(self.compute("POST", action, {"addFixedIp": {"networkId": network}}, "2.44").status, 404)

    def test_floating_addresses_of_a_server(self):
        self.command("router", "create", "edge")
        self.command("router", "set", "--external-gateway", "public", "edge")
        self.command("router", "add", "subnet", "edge", "lan4")
        server = self.launch("front", "--network", "lan")
        fixed = self.addresses("front")["lan"][0]
        pools = self.compute("GET", "/os-floating-ip-pools").json["floating_ip_pools"]
        self.assertEqual(pools, [{"name": "public"}])
        made = self.compute("POST", "/os-floating-ips", {"pool": "public"}).json["floating_ip"]
        self.assertEqual((made["pool"], made["instance_id"], made["fixed_ip"]), ("public", None, None))
        action = f"/servers/{server['id']}/action"
        added = self.compute("POST", action, {"addFloatingIp": {"address": made["ip"]}})
        self.assertEqual((added.status, added.text), (202, ""))
        shown = self.compute("GET", f"/servers/{server['id']}").json["server"]["addresses"]["lan"]
        self.assertEqual([(one["addr"], one["OS-EXT-IPS:type"]) for one in shown],
                         [(fixed, "fixed"), (made["ip"], "floating")])
        self.assertEqual(self.compute("GET", f"/servers/{server['id']}/ips").json["addresses"]["lan"],
                         [{"addr": fixed, "version": 4}, {"addr": made["ip"], "version": 4}])
        one = self.compute("GET", f"/os-floating-ips/{made['id']}").json["floating_ip"]
        self.assertEqual((one["instance_id"], one["fixed_ip"]), (server["id"], fixed))
        self.assertEqual(self.compute("POST", action, {"removeFloatingIp": {"address": made["ip"]}}).status, 202)
        self.assertEqual(self.compute("POST", action, {"removeFloatingIp": {"address": made["ip"]}}).status, 409)
        self.assertEqual(self.addresses("front")["lan"], [fixed])
        self.command("server", "add", "floating", "ip", "front", made["ip"])
        self.assertEqual(self.addresses("front")["lan"], [fixed, made["ip"]])
        self.command("server", "remove", "floating", "ip", "front", made["ip"])
        self.assertEqual(self.compute("DELETE", f"/os-floating-ips/{made['id']}").status, 202)
        self.assertEqual(self.compute("GET", "/os-floating-ips").json, {"floating_ips": []})
        self.command("server", "delete", "--wait", "front")
        self.command("router", "remove", "subnet", "edge", "lan4")
        self.command("router", "delete", "edge")

    def test_security_groups_of_a_create(self):
        self.command("security", "group", "create", "door")
        self.addCleanup(self.command, "security", "group", "delete", "door", check=False)
        server = self.launch("safe", "--network", "lan", "--security-group", "door", "--security-group", "default")
        shown = self.compute("GET", f"/servers/{server['id']}").json["server"]
        self.assertEqual(shown["security_groups"], [{"name": "door"}, {"name": "default"}])
        groups = self.compute("GET", f"/servers/{server['id']}/os-security-groups").json["security_groups"]
        self.assertEqual([group["name"] for group in groups], ["default", "door"])
        port = self.openstack("port", "list", "--server", "safe")[0]["ID"]
        self.assertEqual(len(self.openstack("port", "show", port)["security_group_ids"]), 2)
        self.command("server", "remove", "security", "group", "safe", "door")
        shown = self.compute("GET", f"/servers/{server['id']}").json["server"]
        self.assertEqual(shown["security_groups"], [{"name": "default"}])
        self.assertIn("No SecurityGroup found for nobody",
                      self.refusal("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--network", "lan",
                                   "--security-group", "nobody", "unsafe"))

    def test_networks_of_nova(self):
        mine = {network["label"]: network for network in self.compute("GET", "/os-networks").json["networks"]}
        self.assertEqual(set(mine), {"lan", "private", "public"})
        self.assertEqual(len(mine["lan"]), 11)
        shown = self.compute("GET", f"/os-networks/{mine['lan']['id']}", token="admin").json["network"]
        self.assertEqual(len(shown), 32)
        tenant = self.compute("GET", f"/os-tenant-networks/{mine['lan']['id']}").json
        self.assertEqual(tenant, {"network": {"id": mine["lan"]["id"], "cidr": "None", "label": "lan"}})
        self.assertEqual(self.compute("GET", "/os-networks", version="2.36").status, 404)
        self.assertEqual(self.compute("POST", "/os-networks", {}).status, 410)

    def test_what_one_user_may_use(self):
        project = self.openstack("project", "show", "demo", cloud=ADMIN)["id"]
        user = self.openstack("user", "show", "demo", cloud=ADMIN)["id"]
        path = f"/os-quota-sets/{project}?user_id={user}"
        self.addCleanup(self.compute, "DELETE", path, token="admin")
        changed = self.compute("PUT", path, {"quota_set": {"cores": 7}}, token="admin")
        self.assertEqual(changed.json["quota_set"]["cores"], 7)
        self.assertNotIn("id", changed.json["quota_set"])
        self.assertEqual(self.compute("GET", path).json["quota_set"]["cores"], 7)
        self.assertEqual(self.compute("GET", f"/os-quota-sets/{project}").json["quota_set"]["cores"], 20)
        detail = self.compute("GET", f"/os-quota-sets/{project}/detail?user_id={user}").json["quota_set"]["cores"]
        self.assertEqual(detail, {"limit": 7, "in_use": 0, "reserved": 0})
        refused = self.compute("PUT", path, {"quota_set": {"cores": 21}}, token="admin")
        self.assertEqual((refused.status, refused.json["badRequest"]["message"]),
                         (400, "Quota limit 21 for cores must be less than or equal to 20."))
        refused = self.compute("PUT", f"/os-quota-sets/{project}", {"quota_set": {"cores": 6}}, token="admin")
        self.assertEqual(refused.json["badRequest"]["message"],
                         "Quota limit 6 for cores must be greater than or equal to already used and reserved 7.")
        self.assertEqual(self.compute("DELETE", path, token="admin").status, 202)
        self.assertEqual(self.compute("GET", path).json["quota_set"]["cores"], 20)

    def test_the_command_of_ones_own(self):
        env = {"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"}
        self.launch("own", "--network", "private")
        self.cloud.run("server", "attach-interface", "own", "--network", "lan", "--fixed-ip", "192.168.7.9", env=env)
        self.assertEqual(self.addresses("own")["lan"], ["192.168.7.9"])
        self.cloud.run("server", "detach-interface", "own", "192.168.7.9", env=env)
        self.assertNotIn("lan", self.addresses("own"))


if __name__ == "__main__":
    unittest.main()
