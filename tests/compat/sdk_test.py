"""openstacksdk of Debian (0.101), unmodified: its proxies, and its cloud layer that other tools are built on."""

import datetime
import os
import sys
import time
import unittest

import openstack

sys.path.insert(0, os.path.dirname(__file__))
from stock import StockTest


class SdkTest(StockTest):
    def connect(self, user="demo", **more):
        return openstack.connect(load_yaml_config=False, load_envvars=False, auth_url=self.base + "/identity",
                                 username=user, password="kilonova", project_name=user, user_domain_id="default",
                                 project_domain_id="default", region_name="RegionOne", **more)

    def setUp(self):
        self.sdk = self.connect()
        self.addCleanup(self.sdk.close)

    def test_what_there_is(self):
        self.assertEqual({image.name for image in self.sdk.image.images()}, {"cirros", "cirros-0.6.2-x86_64-disk"})
        self.assertEqual(self.sdk.compute.find_flavor("m1.tiny").ram, 512)
        network = self.sdk.network.find_network("private")
        self.assertEqual([subnet.cidr for subnet in self.sdk.network.subnets(network_id=network.id)], ["10.0.0.0/8"])
        self.assertEqual(self.sdk.compute.get_limits().absolute.instances, 10)
        self.assertIsNone(self.sdk.compute.find_server("none"))
        with self.assertRaises(openstack.exceptions.ResourceNotFound):
            self.sdk.compute.get_server("11111111-1111-1111-1111-111111111111")

    def test_life_of_a_server_by_proxies(self):
        compute = self.sdk.compute
        image, flavor = self.sdk.image.find_image("cirros"), compute.find_flavor("m1.tiny")
        network = self.sdk.network.find_network("private")
        server = compute.create_server(name="sdk1", image_id=image.id, flavor_id=flavor.id,
                                       networks=[{"uuid": network.id}])
        server = compute.wait_for_server(server, interval=0.1, wait=60)
        self.assertEqual((server.status, server.vm_state), ("ACTIVE", "active"))
        self.assertEqual([one.name for one in compute.servers(name="^sdk1$")], ["sdk1"])
        ports = list(self.sdk.network.ports(device_id=server.id))
        self.assertEqual([ip["ip_address"] for port in ports for ip in port.fixed_ips],
                         [server.addresses["private"][0]["addr"]])
        self.assertEqual([interface.port_id for interface in compute.server_interfaces(server)], [ports[0].id])
        compute.stop_server(server)
        server = compute.wait_for_server(server, status="SHUTOFF", interval=0.1, wait=60)
        compute.start_server(server)
        server = compute.wait_for_server(server, interval=0.1, wait=60)
        with self.assertRaises(openstack.exceptions.ConflictException):
            compute.unpause_server(server)
        compute.delete_server(server)
        compute.wait_for_delete(server, interval=0.1, wait=60)

    def test_a_server_that_is_gone_is_remembered(self):
        admin = self.connect("admin")
        self.addCleanup(admin.close)
        compute = self.sdk.compute
        begin = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        server = compute.create_server(
            name="sdk-gone", image_id=self.sdk.image.find_image("cirros").id, flavor_id=compute.find_flavor("m1.tiny").id,
            networks=[{"uuid": self.sdk.network.find_network("private").id}])
        server = compute.wait_for_server(server, interval=0.1, wait=60)
        compute.delete_server(server)
        compute.wait_for_delete(server, interval=0.1, wait=60)
        self.assertNotIn(server.id, [one.id for one in compute.servers()])
        changed = {one.id: one for one in compute.servers(changes_since=begin)}
        self.assertEqual((changed[server.id].status, changed[server.id].vm_state), ("DELETED", "deleted"))
        self.assertIsNotNone(changed[server.id].terminated_at)
        gone = admin.compute.get("/servers/detail?deleted=true&all_tenants=1").json()["servers"]
        self.assertIn(server.id, [one["id"] for one in gone])
        actions = compute.get(f"/servers/{server.id}/os-instance-actions", microversion="2.21").json()["instanceActions"]
        self.assertEqual([action["action"] for action in actions], ["delete", "create"])
        self.assertEqual(compute.get(f"/servers/{server.id}/os-instance-actions", microversion="2.20").status_code, 404)
        self.assertEqual(compute.get(f"/servers/{server.id}").status_code, 404)
        project = server.project_id
        usage = admin.compute.get(f"/os-simple-tenant-usage/{project}?start={begin[:-1]}").json()["tenant_usage"]
        of_it = [one for one in usage["server_usages"] if one["instance_id"] == server.id]
        self.assertEqual([one["state"] for one in of_it], ["terminated"])
        self.assertIsNotNone(of_it[0]["ended_at"])
        # A page of the period's servers, whatever there was before.
        time.sleep(1.1)
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        for name in ("page-1", "page-2"):
            self.sdk.create_server(name, image="cirros", flavor="m1.tiny", network="private", wait=True, auto_ip=False,
                                   timeout=60)
        page = admin.compute.get(f"/os-simple-tenant-usage/{project}?start={now}&limit=1", microversion="2.40").json()
        self.assertEqual(len(page["tenant_usage"]["server_usages"]), 1)
        following = admin.compute.get(page["tenant_usage_links"][0]["href"], microversion="2.40").json()["tenant_usage"]
        self.assertEqual({one["name"] for one in page["tenant_usage"]["server_usages"] + following["server_usages"]},
                         {"page-1", "page-2"})
        for name in ("page-1", "page-2"):
            self.assertTrue(self.sdk.delete_server(name, wait=True, timeout=60))

    def test_life_of_a_server_by_the_cloud_layer(self):
        server = self.sdk.create_server("sdk2", image="cirros", flavor="m1.tiny", network="private", wait=True,
                                        auto_ip=False, timeout=60)
        self.assertEqual(server.status, "ACTIVE")
        self.assertEqual(self.sdk.get_server("sdk2").id, server.id)
        self.assertTrue(server.private_v4.startswith("10."))
        self.assertTrue(self.sdk.delete_server("sdk2", wait=True, timeout=60))

    def test_security_groups(self):
        network = self.sdk.network
        group = network.create_security_group(name="web", description="of the shop")
        self.assertEqual({rule["direction"] for rule in group.security_group_rules}, {"egress"})
        rule = network.create_security_group_rule(security_group_id=group.id, direction="ingress", protocol="tcp",
                                                  port_range_min=80, port_range_max=80, remote_ip_prefix="10.1.2.3/8")
        self.assertEqual((rule.remote_ip_prefix, rule.ether_type), ("10.1.2.3/8", "IPv4"))
        with self.assertRaises(openstack.exceptions.ConflictException):
            network.create_security_group_rule(security_group_id=group.id, direction="ingress", protocol="tcp",
                                               port_range_min=80, port_range_max=80, remote_ip_prefix="10.1.2.3/8")
        for wrong in ({"port_range_min": 90, "port_range_max": 80, "protocol": "tcp"}, {"protocol": "warp"},
                      {"port_range_min": 1, "port_range_max": 2}, {"ethertype": "IPv6", "remote_ip_prefix": "10.0.0.0/8"}):
            with self.assertRaises(openstack.exceptions.BadRequestException):
                network.create_security_group_rule(security_group_id=group.id, direction="ingress", **wrong)
        other = network.create_security_group(name="database")
        network.create_security_group_rule(security_group_id=other.id, direction="ingress", remote_group_id=group.id)
        network.delete_security_group_rule(rule)
        self.assertIsNone(network.find_security_group_rule(rule.id))
        network.delete_security_group(group)
        self.assertEqual({rule.direction for rule in network.security_group_rules(security_group_id=other.id)},
                         {"egress"})
        network.delete_security_group(other)
        default = network.find_security_group("default")
        self.assertEqual(len(default.security_group_rules), 4)
        with self.assertRaises(openstack.exceptions.ConflictException):
            network.delete_security_group(default)
        admin = self.connect("admin")
        self.addCleanup(admin.close)
        with self.assertRaises(openstack.exceptions.ResourceNotFound):
            admin.network.get_security_group("11111111-1111-1111-1111-111111111111")

    def test_pages_are_followed(self):
        found = [flavor.name for flavor in self.sdk.compute.flavors(limit=2)]
        self.assertEqual(found, [flavor.name for flavor in self.sdk.compute.flavors()])
        self.assertGreaterEqual(len(found), 5)

    def test_administration(self):
        admin = self.connect("admin")
        self.addCleanup(admin.close)
        self.assertEqual(len(list(admin.compute.hypervisors(details=True))), 3)
        self.assertEqual({service.binary for service in admin.compute.services()},
                         {"nova-compute", "nova-conductor", "nova-scheduler"})
        aggregate = admin.compute.create_aggregate(name="sdk", availability_zone="sdkzone")
        host = next(admin.compute.hypervisors()).name
        self.assertEqual(admin.compute.add_host_to_aggregate(aggregate, host).hosts, [host])
        admin.compute.set_aggregate_metadata(aggregate, {"ssd": "true"})
        self.assertEqual(admin.compute.get_aggregate(aggregate.id).metadata["ssd"], "true")
        admin.compute.remove_host_from_aggregate(aggregate, host)
        admin.compute.delete_aggregate(aggregate)
        flavor = admin.compute.create_flavor(name="sdk.nano", ram=64, vcpus=1, disk=1)
        admin.compute.create_flavor_extra_specs(flavor, {"ssd": "true"})
        self.assertEqual(admin.compute.fetch_flavor_extra_specs(flavor).extra_specs, {"ssd": "true"})
        admin.compute.delete_flavor(flavor)
        self.assertEqual(sorted(project.name for project in admin.identity.projects()), ["admin", "alt_demo", "demo"])
        self.assertEqual(sorted(user.name for user in admin.identity.users()), ["admin", "alt_demo", "demo"])
        self.assertEqual([service.type for service in admin.identity.services(name="nova")], ["compute"])
        with self.assertRaises(openstack.exceptions.HttpException) as refused:
            list(self.sdk.compute.hypervisors())
        self.assertEqual(refused.exception.status_code, 403)

    def test_a_connection_goes_on_after_a_reset(self):
        self.sdk.compute.create_keypair(name="of-before")
        network = self.sdk.network.find_network("private")
        token = self.sdk.auth_token
        self.cloud.run("reset")
        self.tokens.clear()
        self.assertEqual(self.http("GET", "/compute/v2.1/servers", token=token).status, 401)
        self.assertEqual(list(self.sdk.compute.keypairs()), [])
        self.assertEqual(self.sdk.network.find_network("private").id, network.id)
        self.assertNotEqual(self.sdk.auth_token, token)


if __name__ == "__main__":
    unittest.main()
