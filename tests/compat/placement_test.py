"""Placement by clients that are not ours: Debian's `openstack` with osc-placement 4.0, openstacksdk, Tempest's client."""

import os
import sys
import unittest

import openstack
from tempest.lib import auth
from tempest.lib.services.placement import base_placement_client, placement_client, resource_providers_client

sys.path.insert(0, os.path.dirname(__file__))
from stock import StockTest

PROVIDER = "00000000-0000-4000-8000-000000000001"
CONSUMER = "00000000-0000-4000-8000-000000000002"
AGGREGATE = "00000000-0000-4000-8000-000000000003"


class PlacementTest(StockTest):
    def osc(self, *words, version="1.39"):
        return self.openstack("--os-placement-api-version", version, *words, cloud="devstack-admin")

    def osc_does(self, *words, version="1.39", check=True):
        return self.command("--os-placement-api-version", version, *words, cloud="devstack-admin", check=check)

    def connect(self):
        connection = openstack.connect(load_yaml_config=False, load_envvars=False, auth_url=self.base + "/identity",
                                       username="admin", password="kilonova", project_name="admin",
                                       user_domain_id="default", project_domain_id="default", region_name="RegionOne")
        self.addCleanup(connection.close)
        return connection

    def test_hosts_by_the_stock_command(self):
        providers = {one["name"]: one for one in self.osc("resource", "provider", "list")}
        hosts = {one["Hypervisor Hostname"] for one in self.openstack("hypervisor", "list", cloud="devstack-admin")}
        self.assertEqual(set(providers), hosts)
        uuid = next(iter(providers.values()))["uuid"]
        self.assertEqual(self.osc("resource", "provider", "show", uuid)["root_provider_uuid"], uuid)
        inventories = {one["resource_class"]: one for one in self.osc("resource", "provider", "inventory", "list", uuid)}
        self.assertEqual(set(inventories), {"VCPU", "MEMORY_MB", "DISK_GB"})
        self.assertEqual(self.osc("resource", "provider", "inventory", "show", uuid, "VCPU")["total"],
                         inventories["VCPU"]["total"])
        self.assertEqual({one["resource_class"] for one in self.osc("resource", "provider", "usage", "show", uuid)},
                         set(inventories))
        traits = [one["name"] for one in self.osc("resource", "provider", "trait", "list", uuid)]
        self.assertIn("COMPUTE_NODE", traits)
        candidates = self.osc("allocation", "candidate", "list", "--resource", "VCPU=1", "--resource", "MEMORY_MB=512",
                              "--required", "COMPUTE_NODE")
        self.assertEqual({one["resource provider"] for one in candidates}, {one["uuid"] for one in providers.values()})
        refused = self.osc_does("resource", "provider", "inventory", "set", uuid, "--resource",
                                "VCPU:allocation_ratio=2.0", "--amend", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("its inventory of VCPU is its own", refused.stderr)

    def test_ones_own_by_the_stock_command(self):
        self.osc_does("resource", "class", "create", "CUSTOM_BAREMETAL")
        self.assertIn("CUSTOM_BAREMETAL", [one["name"] for one in self.osc("resource", "class", "list")])
        self.osc_does("trait", "create", "CUSTOM_BIG")
        self.assertEqual([one["name"] for one in self.osc("trait", "list", "--name", "startswith:CUSTOM_")],
                         ["CUSTOM_BIG"])
        made = self.osc("resource", "provider", "create", "machine", "--uuid", PROVIDER)
        self.assertEqual((made["uuid"], made["generation"]), (PROVIDER, 0))
        set_to = self.osc("resource", "provider", "inventory", "set", PROVIDER, "--resource", "CUSTOM_BAREMETAL=4",
                          "--resource", "CUSTOM_BAREMETAL:max_unit=1")
        self.assertEqual([(one["resource_class"], one["total"], one["max_unit"]) for one in set_to],
                         [("CUSTOM_BAREMETAL", 4, 1)])
        self.osc_does("resource", "provider", "trait", "set", PROVIDER, "--trait", "CUSTOM_BIG")
        self.osc_does("resource", "provider", "aggregate", "set", PROVIDER, "--aggregate", AGGREGATE, "--generation",
                      "2")
        found = self.osc("resource", "provider", "list", "--member-of", AGGREGATE, "--required", "CUSTOM_BIG",
                         "--resource", "CUSTOM_BAREMETAL=1")
        self.assertEqual([one["uuid"] for one in found], [PROVIDER])
        candidates = self.osc("allocation", "candidate", "list", "--resource", "CUSTOM_BAREMETAL=1")
        self.assertEqual([one["resource provider"] for one in candidates], [PROVIDER])
        self.osc_does("resource", "provider", "allocation", "set", CONSUMER, "--allocation",
                      f"rp={PROVIDER},CUSTOM_BAREMETAL=1", "--project-id", "p", "--user-id", "u", "--consumer-type",
                      "MACHINE")
        taken = self.osc("resource", "provider", "allocation", "show", CONSUMER)
        self.assertEqual([(one["resource_provider"], one["resources"]) for one in taken],
                         [(PROVIDER, {"CUSTOM_BAREMETAL": 1})])
        usage = self.osc("resource", "provider", "usage", "show", PROVIDER)
        self.assertEqual([(one["resource_class"], one["usage"]) for one in usage], [("CUSTOM_BAREMETAL", 1)])
        usage = self.osc("resource", "usage", "show", "p", version="1.9")
        self.assertEqual([(one["resource_class"], one["usage"]) for one in usage], [("CUSTOM_BAREMETAL", 1)])
        self.assertIn("allocations", self.osc_does("resource", "provider", "delete", PROVIDER, check=False).stderr)
        self.osc_does("resource", "provider", "allocation", "delete", CONSUMER)
        self.osc_does("resource", "provider", "delete", PROVIDER)
        self.osc_does("trait", "delete", "CUSTOM_BIG")
        self.osc_does("resource", "class", "delete", "CUSTOM_BAREMETAL")

    def test_versions_and_members(self):
        newest = self.openstack("resource", "provider", "list", cloud="devstack-admin")
        self.assertIn("root_provider_uuid", newest[0])
        first = self.osc("resource", "provider", "list", version="1.0")
        self.assertEqual(set(first[0]), {"uuid", "name", "generation"})
        self.assertIn("Policy does not allow", self.refusal("resource", "provider", "list"))

    def test_the_sdks_proxy(self):
        placement = self.connect().placement
        name = "by-the-sdk"
        made = placement.create_resource_provider(name=name)
        self.assertEqual(placement.find_resource_provider(name).id, made.id)
        self.assertIn(name, [one.name for one in placement.resource_providers()])
        placement.update_resource_provider(made, name="renamed")
        self.assertEqual(placement.get_resource_provider(made.id).name, "renamed")
        placement.delete_resource_provider(made.id)
        self.assertIsNone(placement.find_resource_provider("renamed"))
        placement.create_resource_class(name="CUSTOM_SDK")
        self.assertEqual(placement.get_resource_class("CUSTOM_SDK").name, "CUSTOM_SDK")
        placement.delete_resource_class("CUSTOM_SDK")

    def tempest(self, client):
        credentials = auth.KeystoneV3Credentials(username="admin", password="kilonova", project_name="admin",
                                                 user_domain_id="default", project_domain_id="default")
        provider = auth.KeystoneV3AuthProvider(credentials, self.base + "/identity/v3")
        return client(provider, "placement", "RegionOne")

    def test_tempests_client_sees_a_server(self):
        base_placement_client.PLACEMENT_MICROVERSION = "1.28"
        self.addCleanup(setattr, base_placement_client, "PLACEMENT_MICROVERSION", None)
        placement = self.tempest(placement_client.PlacementClient)
        providers = self.tempest(resource_providers_client.ResourceProvidersClient)
        found = placement.list_allocation_candidates(resources="VCPU:1,MEMORY_MB:512")
        self.assertEqual(len(found["allocation_requests"]), 3)
        server = self.openstack("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "seen")["id"]
        allocations = placement.list_allocations(server)["allocations"]
        self.assertEqual(len(allocations), 1)
        uuid, taken = next(iter(allocations.items()))
        self.assertEqual(taken["resources"], {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1})
        self.assertEqual(providers.show_resource_provider(uuid)["uuid"], uuid)
        self.assertEqual(providers.list_resource_provider_usages(uuid)["usages"]["VCPU"], 1)
        self.assertIn("VCPU", providers.list_resource_provider_inventories(uuid)["inventories"])
        self.assertEqual(providers.list_resource_provider_aggregates(uuid)["aggregates"], [])
        self.command("server", "delete", "--wait", "seen")
        self.assertEqual(placement.list_allocations(server)["allocations"], {})
        self.assertEqual(providers.list_resource_provider_usages(uuid)["usages"]["VCPU"], 0)


if __name__ == "__main__":
    unittest.main()
