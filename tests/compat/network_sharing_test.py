"""Neutron's RBAC policies, segments and the prefixes of subnet pools: over plain HTTP, and once each through `openstack`."""

import sys
import unittest

from stock import StockTest

ADMIN = "devstack-admin"


class NetworkSharingTest(StockTest):
    def neutron(self, method, path, body=None, status=200, user="demo"):
        answer = self.http(method, "/networking/v2.0" + path, body, token=user)
        self.assertEqual(answer.status, status, f"{method} {path}: {answer.text}")
        return answer.json if answer.text else None

    def refused(self, method, path, body, status, kind, user="demo"):
        self.assertEqual(self.neutron(method, path, body, status, user)["NeutronError"]["type"], kind)

    def project(self, name):
        return next(one["id"] for one in self.http("GET", "/identity/v3/projects", token="admin").json["projects"]
                    if one["name"] == name)

    def policies(self, user="demo"):
        return {one["id"]: one for one in self.neutron("GET", "/rbac-policies", user=user)["rbac_policies"]}

    def test_a_network_that_a_policy_shares(self):
        demo = self.project("demo")
        network = self.neutron("POST", "/networks", {"network": {"name": "theirs"}}, 201, "admin")["network"]
        subnet = {"network_id": network["id"], "ip_version": 4, "cidr": "192.168.40.0/28"}
        self.neutron("POST", "/subnets", {"subnet": subnet}, 201, "admin")
        path = "/networks/" + network["id"]
        self.neutron("GET", path, status=404)
        wanted = {"object_type": "network", "object_id": network["id"], "action": "access_as_shared", "target_tenant": demo}
        self.refused("POST", "/rbac-policies", {"rbac_policy": wanted}, 404, "ObjectNotFound")
        policy = self.neutron("POST", "/rbac-policies", {"rbac_policy": wanted}, 201, "admin")["rbac_policy"]
        self.assertEqual({key: policy[key] for key in wanted}, wanted)
        self.assertEqual(sorted(policy), sorted([*wanted, "id", "tenant_id", "project_id"]))
        self.refused("POST", "/rbac-policies", {"rbac_policy": wanted}, 409, "DuplicateRbacPolicy", "admin")
        self.assertTrue(self.neutron("GET", path)["network"]["shared"])
        self.assertFalse(self.neutron("GET", path, user="admin")["network"]["shared"])
        self.assertEqual(len(self.neutron("GET", "/subnets?network_id=" + network["id"])["subnets"]), 1)
        self.assertNotIn(policy["id"], self.policies(), "it is its maker's")
        self.command("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--network", network["id"], "--wait",
                     "guest")
        self.assertEqual(list(self.openstack("server", "show", "guest")["addresses"]), ["theirs"])
        self.refused("DELETE", "/rbac-policies/" + policy["id"], None, 409, "RbacPolicyInUse", "admin")
        self.command("server", "delete", "--wait", "guest")
        # Several at once have a port each, also where the quota or a tag has a say.
        self.command("--os-compute-api-version", "2.43", "server", "create", "--image", "cirros", "--flavor", "m1.tiny",
                     "--nic", f"net-id={network['id']},tag=inner", "--min", "3", "--max", "3", "--wait", "crowd")
        ports = self.neutron("GET", "/ports?network_id=" + network["id"], user="admin")["ports"]
        self.assertEqual(len({port["device_id"] for port in ports}), 3)
        self.assertEqual(len({port["fixed_ips"][0]["ip_address"] for port in ports}), 3)
        for number in (1, 2, 3):
            self.command("server", "delete", "--wait", f"crowd-{number}")
        self.assertEqual(self.neutron("GET", "/ports?network_id=" + network["id"], user="admin")["ports"], [])
        changed = self.neutron("PUT", "/rbac-policies/" + policy["id"],
                               {"rbac_policy": {"target_tenant": self.project("admin")}}, user="admin")["rbac_policy"]
        self.assertEqual(changed["id"], policy["id"])
        self.neutron("GET", path, status=404)
        self.neutron("DELETE", "/rbac-policies/" + policy["id"], status=204, user="admin")
        self.refused("GET", "/rbac-policies/" + policy["id"], None, 404, "RbacPolicyNotFound", "admin")
        self.neutron("DELETE", path, status=204, user="admin")

    def test_what_is_shared_with_everybody_has_a_policy(self):
        network = self.neutron("POST", "/networks", {"network": {"name": "all", "shared": True}}, 201, "admin")["network"]
        policy, = [one for one in self.policies("admin").values() if one["object_id"] == network["id"]]
        self.assertEqual((policy["target_tenant"], policy["action"]), ("*", "access_as_shared"))
        self.neutron("DELETE", "/rbac-policies/" + policy["id"], status=204, user="admin")
        self.assertFalse(self.neutron("GET", "/networks/" + network["id"], user="admin")["network"]["shared"])
        self.command("network", "rbac", "create", "--type", "network", "--action", "access_as_external", "--target-all-projects",
                     network["id"], cloud=ADMIN)
        self.assertTrue(self.neutron("GET", "/networks/" + network["id"])["network"]["router:external"])
        self.neutron("DELETE", "/networks/" + network["id"], status=204, user="admin")
        self.assertNotIn(network["id"], [one["object_id"] for one in self.policies("admin").values()])

    def test_a_network_that_is_external_for_one_project(self):
        demo = self.project("demo")
        network = self.neutron("POST", "/networks", {"network": {"name": "gate"}}, 201, "admin")["network"]["id"]
        subnet = {"network_id": network, "ip_version": 4, "cidr": "198.51.100.0/28"}
        self.neutron("POST", "/subnets", {"subnet": subnet}, 201, "admin")
        path = "/networks/" + network
        self.neutron("GET", path, status=404)
        wanted = {"object_type": "network", "object_id": network, "action": "access_as_external", "target_tenant": demo}
        policy = self.neutron("POST", "/rbac-policies", {"rbac_policy": wanted}, 201, "admin")["rbac_policy"]["id"]
        shown = self.neutron("GET", path)["network"]
        self.assertEqual((shown["router:external"], shown["shared"]), (True, False))
        self.assertIn(network, [one["id"] for one in self.neutron("GET", "/networks?router:external=True")["networks"]])
        self.neutron("GET", path, status=404, user="alt_demo")
        refused = self.http("POST", "/compute/v2.1/servers", {"server": {
            "name": "x", "flavorRef": "1", "imageRef": self.openstack("image", "show", "cirros")["id"],
            "networks": [{"uuid": network}]}}, token="demo")
        self.assertEqual((refused.status, refused.json["forbidden"]["message"]),
                         (403, f"It is not allowed to create an interface on external network {network}"))
        router = self.neutron("POST", "/routers", {"router": {"external_gateway_info": {"network_id": network}}}, 201)["router"]
        self.refused("DELETE", "/rbac-policies/" + policy, None, 409, "RbacPolicyInUse", "admin")
        floating = self.neutron("POST", "/floatingips", {"floatingip": {"floating_network_id": network}}, 201)["floatingip"]
        self.assertTrue(floating["floating_ip_address"].startswith("198.51.100."))
        self.neutron("DELETE", "/floatingips/" + floating["id"], status=204)
        self.neutron("DELETE", "/routers/" + router["id"], status=204)
        self.neutron("DELETE", "/rbac-policies/" + policy, status=204, user="admin")
        self.neutron("GET", path, status=404)
        # Whoever says that it is internal says so of every project.
        self.neutron("POST", "/rbac-policies", {"rbac_policy": wanted}, 201, "admin")
        closed = self.neutron("PUT", path, {"network": {"router:external": False}}, user="admin")["network"]
        self.assertFalse(closed["router:external"])
        self.assertEqual([one for one in self.policies("admin").values() if one["object_id"] == network], [])
        self.neutron("DELETE", path, status=204, user="admin")

    def test_wrong_policies(self):
        own = self.neutron("POST", "/networks", {"network": {"name": "own"}}, 201)["network"]["id"]

        def wanted(**more):
            return {"rbac_policy": {"object_type": "network", "object_id": own, "action": "access_as_shared",
                                    "target_tenant": self.project("admin")} | more}
        self.refused("POST", "/rbac-policies", wanted(target_tenant="*"), 403, "PolicyNotAuthorized")
        self.refused("POST", "/rbac-policies", wanted(object_type="router"), 400, "InvalidInput")
        self.refused("POST", "/rbac-policies", wanted(action="own"), 400, "InvalidActionForType")
        self.refused("POST", "/rbac-policies", wanted(object_type="subnetpool"), 404, "ObjectNotFound")
        self.refused("POST", "/rbac-policies", wanted(target_tenant="x"), 400, "HTTPBadRequest")
        self.refused("POST", "/rbac-policies", {"rbac_policy": {}}, 400, "HTTPBadRequest")
        self.assertEqual([one for one in self.policies().values() if one["object_id"] == own], [])
        self.neutron("DELETE", "/networks/" + own, status=204)

    def test_a_subnet_pool_that_a_policy_shares(self):
        pool = self.neutron("POST", "/subnetpools", {"subnetpool": {"name": "p", "prefixes": ["10.95.0.0/16"]}}, 201,
                            "admin")["subnetpool"]["id"]
        self.neutron("GET", "/subnetpools/" + pool, status=404)
        self.command("network", "rbac", "create", "--type", "subnetpool", "--action", "access_as_shared", "--target-project",
                     "demo", pool, cloud=ADMIN)
        self.assertTrue(self.neutron("GET", "/subnetpools/" + pool)["subnetpool"]["shared"])
        self.neutron("DELETE", "/subnetpools/" + pool, status=204, user="admin")

    def test_segments(self):
        network = self.neutron("POST", "/networks", {"network": {"name": "cut"}}, 201, "admin")["network"]
        own, = self.neutron("GET", "/segments?network_id=" + network["id"], user="admin")["segments"]
        self.assertEqual((own["network_type"], own["physical_network"], own["segmentation_id"], own["name"]),
                         (network["provider:network_type"], network["provider:physical_network"],
                          network["provider:segmentation_id"], None))
        self.neutron("GET", "/segments", status=403)
        added = self.openstack("network", "segment", "create", "--network", network["id"], "--network-type", "geneve",
                               "--segment", "2055", "more", cloud=ADMIN)
        self.assertEqual((added["name"], added["segmentation_id"], added["physical_network"]), ("more", 2055, None))
        for segment in (own, added):
            named = self.neutron("PUT", "/segments/" + segment["id"], {"segment": {"description": "d"}}, user="admin")["segment"]
            self.assertEqual((named["id"], named["description"]), (segment["id"], "d"))
        self.refused("DELETE", "/segments/" + own["id"], None, 409, "SegmentInUse", "admin")
        wrong = {"network_id": network["id"], "network_type": "vlan"}
        self.refused("POST", "/segments", {"segment": wrong}, 400, "InvalidInput", "admin")
        self.refused("POST", "/segments", {"segment": wrong | {"network_type": "tin"}}, 400, "InvalidInput", "admin")
        self.neutron("DELETE", "/networks/" + network["id"], status=204, user="admin")
        self.refused("GET", "/segments/" + added["id"], None, 404, "SegmentNotFound", "admin")

    def test_prefixes_of_a_pool(self):
        prefixes = ["10.96.1.0/24", "10.96.0.0/24"]
        made = self.neutron("POST", "/subnetpools", {"subnetpool": {"name": "p", "prefixes": prefixes}}, 201)["subnetpool"]
        self.assertEqual(made["prefixes"], ["10.96.0.0/23"], "as Neutron keeps them")
        path = "/subnetpools/" + made["id"]
        added = self.neutron("PUT", path + "/add_prefixes", {"prefixes": ["10.96.2.0/23"]})
        self.assertEqual(added, {"prefixes": ["10.96.0.0/22"]})
        self.refused("PUT", path + "/add_prefixes", {"prefixes": ["fd00::/48"]}, 400, "PrefixVersionMismatch")
        for wrong in ({}, {"prefixes": []}, {"prefixes": "10.96.0.0/24"}, {"prefixes": ["10.96"]}):
            self.refused("PUT", path + "/remove_prefixes", wrong, 400, "HTTPBadRequest")
        network = self.neutron("POST", "/networks", {"network": {"name": "pooled"}}, 201)["network"]["id"]
        self.neutron("POST", "/subnets", {"subnet": {"network_id": network, "ip_version": 4, "prefixlen": 26,
                                                     "subnetpool_id": made["id"]}}, 201)
        self.refused("PUT", path + "/remove_prefixes", {"prefixes": ["10.96.0.0/28"]}, 400, "IllegalSubnetPoolPrefixUpdate")
        self.assertEqual(self.neutron("PUT", path + "/remove_prefixes", {"prefixes": ["10.96.2.0/24"]}),
                         {"prefixes": ["10.96.0.0/23", "10.96.3.0/24"]})
        self.neutron("DELETE", "/networks/" + network, status=204)
        self.neutron("DELETE", path, status=204)

    def test_flavors_and_their_profiles(self):
        wanted = {"name": "gold", "service_type": "L3_ROUTER_NAT"}
        self.neutron("POST", "/flavors", {"flavor": wanted}, 403)
        flavor = self.neutron("POST", "/flavors", {"flavor": wanted}, 201, "admin")["flavor"]
        self.assertEqual(flavor, wanted | {"id": flavor["id"], "description": "", "enabled": True, "service_profiles": []})
        self.refused("POST", "/flavors", {"flavor": {"name": "no type"}}, 400, "HTTPBadRequest", "admin")
        self.refused("POST", "/service_profiles", {"service_profile": {}}, 400, "ServiceProfileEmpty", "admin")
        self.refused("POST", "/service_profiles", {"service_profile": {"driver": "x"}}, 404, "ServiceProfileDriverNotFound",
                     "admin")
        meta = {"service_profile": {"metainfo": "{}"}}
        profile = self.neutron("POST", "/service_profiles", meta, 201, "admin")["service_profile"]
        path, body = f"/flavors/{flavor['id']}/service_profiles", {"service_profile": {"id": profile["id"]}}
        self.assertEqual(self.neutron("POST", path, body, 201, "admin"), body)
        self.refused("POST", path, body, 409, "FlavorServiceProfileBindingExists", "admin")
        self.assertEqual(self.neutron("GET", "/flavors/" + flavor["id"])["flavor"]["service_profiles"], [profile["id"]])
        self.refused("DELETE", "/service_profiles/" + profile["id"], None, 409, "ServiceProfileInUse", "admin")
        self.neutron("DELETE", f"{path}/{profile['id']}", status=204, user="admin")
        self.refused("DELETE", f"{path}/{profile['id']}", None, 404, "FlavorServiceProfileBindingNotFound", "admin")
        self.neutron("DELETE", "/service_profiles/" + profile["id"], status=204, user="admin")
        self.command("network", "flavor", "set", "--name", "silver", flavor["id"], cloud=ADMIN)
        self.assertEqual([one["name"] for one in self.neutron("GET", "/flavors?name=silver")["flavors"]], ["silver"])
        self.neutron("DELETE", "/flavors/" + flavor["id"], status=204, user="admin")
        self.refused("GET", "/flavors/" + flavor["id"], None, 404, "FlavorNotFound")

    def test_a_floating_ip_of_a_server_on_the_shared_network(self):
        self.command("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--network", "private", "--wait", "shown")
        floating = self.openstack("floating", "ip", "create", "public")
        self.command("server", "add", "floating", "ip", "shown", floating["floating_ip_address"])
        shown = self.neutron("GET", "/floatingips/" + floating["id"])["floatingip"]
        self.assertEqual((shown["status"], shown["router_id"]), ("ACTIVE", None))
        self.assertIn(floating["floating_ip_address"], self.openstack("server", "show", "shown")["addresses"]["private"])
        self.command("server", "delete", "--wait", "shown")
        self.command("floating", "ip", "delete", floating["id"])
        own = self.neutron("POST", "/networks", {"network": {"name": "own"}}, 201)["network"]["id"]
        self.neutron("POST", "/subnets", {"subnet": {"network_id": own, "ip_version": 4, "cidr": "192.168.41.0/28"}}, 201)
        port = self.neutron("POST", "/ports", {"port": {"network_id": own}}, 201)["port"]["id"]
        wanted = {"floating_network_id": self.neutron("GET", "/networks?name=public")["networks"][0]["id"], "port_id": port}
        self.refused("POST", "/floatingips", {"floatingip": wanted}, 404, "ExternalGatewayForFloatingIPNotFound")
        self.neutron("DELETE", "/ports/" + port, status=204)
        self.neutron("DELETE", "/networks/" + own, status=204)

    def test_what_devstack_has_too(self):
        zones = self.neutron("GET", "/availability_zones")["availability_zones"]
        self.assertEqual({(one["name"], one["resource"], one["state"]) for one in zones},
                         {("nova", "network", "available"), ("nova", "router", "available")})
        public, = self.neutron("GET", "/networks?name=public", user="admin")["networks"]
        self.assertEqual([public["provider:" + key] for key in ("network_type", "physical_network", "segmentation_id")],
                         ["flat", "public", None])

    def test_the_default_pool(self):
        wanted = {"name": "main", "prefixes": ["10.97.0.0/16"], "is_default": True, "shared": True}
        first = {pool["ip_version"]: pool["id"] for pool in self.neutron("GET", "/subnetpools?is_default=True")["subnetpools"]}
        self.assertEqual(sorted(first), [4, 6])
        self.refused("POST", "/subnetpools", {"subnetpool": wanted}, 400, "InvalidInput", "admin")
        for id in first.values():
            self.neutron("PUT", "/subnetpools/" + id, {"subnetpool": {"is_default": False}}, user="admin")
            self.addCleanup(self.neutron, "PUT", "/subnetpools/" + id, {"subnetpool": {"is_default": True}}, user="admin")
        pool = self.neutron("POST", "/subnetpools", {"subnetpool": wanted}, 201, "admin")["subnetpool"]["id"]
        second = {"subnetpool": wanted | {"prefixes": ["10.98.0.0/16"]}}
        self.refused("POST", "/subnetpools", second, 400, "InvalidInput", "admin")
        network = self.neutron("POST", "/networks", {"network": {"name": "d"}}, 201)["network"]["id"]
        self.command("subnet", "create", "--network", network, "--use-default-subnet-pool", "--prefix-length", "24", "cut4")
        subnet, = self.neutron("GET", "/subnets?network_id=" + network)["subnets"]
        self.assertEqual((subnet["subnetpool_id"], subnet["cidr"]), (pool, "10.97.0.0/24"))
        of_6 = {"network_id": network, "ip_version": 6, "use_default_subnetpool": True}
        self.refused("POST", "/subnets", {"subnet": of_6}, 400, "BadRequest")
        self.neutron("DELETE", "/networks/" + network, status=204)
        self.neutron("DELETE", "/subnetpools/" + pool, status=204, user="admin")
        self.refused("GET", "/auto-allocated-topology/None?fields=dry-run", None, 409, "AutoAllocationFailure")

    def test_a_topology_that_is_allocated(self):
        alt = self.project("alt_demo")
        self.command("network", "auto", "allocated", "topology", "create", "--check-resources", cloud="devstack-alt")
        checked = self.neutron("GET", "/auto-allocated-topology/None?fields=dry-run", user="alt_demo")
        self.assertEqual(checked["auto_allocated_topology"]["id"], "dry-run=pass")
        self.assertEqual(self.neutron("GET", "/routers", user="alt_demo")["routers"], [])
        made = self.neutron("GET", "/auto-allocated-topology/None", user="alt_demo")["auto_allocated_topology"]
        self.assertEqual(made["tenant_id"], alt)
        again = self.openstack("network", "auto", "allocated", "topology", "create", cloud="devstack-alt")
        self.assertEqual(again["id"], made["id"])
        network = self.neutron("GET", "/networks/" + made["id"], user="alt_demo")["network"]
        self.assertEqual((network["name"], network["project_id"], network["admin_state_up"]),
                         ("auto_allocated_network", alt, True))
        subnets = self.neutron("GET", "/subnets?network_id=" + made["id"], user="alt_demo")["subnets"]
        self.assertEqual({one["name"] for one in subnets}, {"auto_allocated_subnet_v4", "auto_allocated_subnet_v6"})
        router, = self.neutron("GET", "/routers?name=auto_allocated_router", user="alt_demo")["routers"]
        public, = self.neutron("GET", "/networks?name=public")["networks"]
        self.assertEqual(router["external_gateway_info"]["network_id"], public["id"])
        ports = self.neutron("GET", "/ports?device_owner=network:router_interface&device_id=" + router["id"],
                             user="alt_demo")["ports"]
        self.assertEqual({ip["subnet_id"] for port in ports for ip in port["fixed_ips"]}, {one["id"] for one in subnets})
        self.refused("GET", "/auto-allocated-topology/" + alt, None, 403, "NotAuthorized")
        self.refused("GET", "/auto-allocated-topology/None?fields=id", None, 400, "BadRequest")
        self.command("network", "auto", "allocated", "topology", "delete", cloud="devstack-alt")
        self.neutron("GET", "/networks/" + made["id"], status=404, user="alt_demo")
        self.assertEqual(self.neutron("GET", "/routers", user="alt_demo")["routers"], [])
        self.neutron("DELETE", "/auto-allocated-topology/None", status=204, user="alt_demo")

    def test_subnets_that_come_to_a_pool(self):
        network = self.neutron("POST", "/networks", {"network": {"name": "aboard"}}, 201)["network"]["id"]
        for cidr, version in (("10.99.1.0/24", 4), ("fd99::/64", 6)):
            subnet = {"network_id": network, "ip_version": version, "cidr": cidr}
            self.neutron("POST", "/subnets", {"subnet": subnet}, 201)
        pool = self.neutron("POST", "/subnetpools", {"subnetpool": {"name": "a", "prefixes": ["10.99.8.0/24"]}}, 201)[
            "subnetpool"]["id"]
        self.command("network", "onboard", "subnets", "aboard", "a")
        self.assertEqual({one["cidr"]: one["subnetpool_id"] for one in
                          self.neutron("GET", "/subnets?network_id=" + network)["subnets"]},
                         {"10.99.1.0/24": pool, "fd99::/64": None})
        self.assertEqual(self.neutron("GET", "/subnetpools/" + pool)["subnetpool"]["prefixes"],
                         ["10.99.1.0/24", "10.99.8.0/24"])
        path = f"/subnetpools/{pool}/onboard_network_subnets"
        self.refused("PUT", path, {"network_id": network}, 400, "IllegalSubnetPoolUpdate")
        self.refused("PUT", path, {}, 400, "InvalidInput")
        self.refused("PUT", path, {"network_id": pool}, 404, "NetworkNotFound")
        self.neutron("DELETE", "/networks/" + network, status=204)
        self.neutron("DELETE", "/subnetpools/" + pool, status=204)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
