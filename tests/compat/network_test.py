"""Neutron through the stock `openstack` command: networks, subnets, ports, routers, floating IPs, and servers on them."""

import sys
import unittest

from stock import StockTest

ADMIN = "devstack-admin"


class NetworkTest(StockTest):
    def test_a_network_with_its_router_and_a_server(self):
        network = self.openstack("network", "create", "--description", "of the shop", "lan")
        self.assertEqual((network["subnets"], network["description"]), ([], "of the shop"))
        subnet = self.openstack("subnet", "create", "--network", "lan", "--subnet-range", "192.168.7.0/28",
                                "--dns-nameserver", "192.168.7.14", "--allocation-pool", "start=192.168.7.4,end=192.168.7.9",
                                "lan4")
        self.assertEqual((subnet["gateway_ip"], subnet["dns_nameservers"]), ("192.168.7.1", ["192.168.7.14"]))
        self.assertIn("overlaps", self.refusal("subnet", "create", "--network", "lan", "--subnet-range", "192.168.7.8/29", "b"))
        self.command("router", "create", "edge")
        self.command("router", "set", "--external-gateway", "public", "edge")
        self.command("router", "add", "subnet", "edge", "lan4")
        port = self.openstack("port", "create", "--network", "lan", "--fixed-ip", "ip-address=192.168.7.12", "door")
        self.assertEqual(port["fixed_ips"], [{"subnet_id": subnet["id"], "ip_address": "192.168.7.12"}])
        self.command("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--port", "door", "--wait", "shop")
        self.assertEqual(self.openstack("server", "show", "shop")["addresses"], {"lan": ["192.168.7.12"]})
        self.assertEqual(self.openstack("port", "show", "door")["status"], "ACTIVE")
        floating = self.openstack("floating", "ip", "create", "public")
        self.command("server", "add", "floating", "ip", "shop", floating["floating_ip_address"])
        shown = self.openstack("floating", "ip", "show", floating["id"])
        self.assertEqual((shown["fixed_ip_address"], shown["port_id"], shown["status"]),
                         ("192.168.7.12", port["id"], "ACTIVE"))
        self.assertIn("409", self.refusal("router", "remove", "subnet", "edge", "lan4"))
        self.command("server", "delete", "--wait", "shop")
        self.assertEqual(self.openstack("port", "show", "door")["device_id"], "")
        self.assertEqual(self.openstack("floating", "ip", "show", floating["id"])["port_id"], port["id"], "the port is still there")
        self.command("port", "delete", "door")
        self.assertIsNone(self.openstack("floating", "ip", "show", floating["id"])["port_id"])
        self.command("floating", "ip", "delete", floating["id"])
        self.assertIn("409", self.refusal("network", "delete", "lan"))
        self.command("router", "remove", "subnet", "edge", "lan4")
        self.command("router", "delete", "edge")
        self.command("network", "delete", "lan")
        self.assertNotIn("lan4", [one["Name"] for one in self.openstack("subnet", "list")])

    def test_address_scopes(self):
        scope = self.openstack("address", "scope", "create", "--ip-version", "4", "inner")
        self.assertEqual((scope["ip_version"], scope["shared"]), (4, False))
        self.assertIn("403", self.refusal("address", "scope", "create", "--share", "everybodys"))
        pool = self.openstack("subnet", "pool", "create", "--pool-prefix", "10.90.0.0/16", "--address-scope", "inner", "p1")
        self.assertEqual(pool["address_scope_id"], scope["id"])
        self.assertIn("unique prefixes", self.refusal("subnet", "pool", "create", "--pool-prefix", "10.90.4.0/24",
                                                      "--address-scope", "inner", "p2"))
        self.assertIn("ip_version is not 4", self.refusal("subnet", "pool", "create", "--pool-prefix", "fd00::/48",
                                                          "--address-scope", "inner", "p6"))
        self.assertIn("409", self.refusal("address", "scope", "delete", "inner"))
        self.command("network", "create", "scoped")
        self.command("subnet", "create", "--network", "scoped", "--subnet-pool", "p1", "--prefix-length", "24", "scoped4")
        self.assertEqual(self.openstack("network", "show", "scoped")["ipv4_address_scope"], scope["id"])
        self.assertEqual([one["Name"] for one in self.openstack("address", "scope", "list", "--ip-version", "4")], ["inner"])
        self.command("network", "delete", "scoped")
        self.command("subnet", "pool", "set", "--no-address-scope", "p1")
        self.command("address", "scope", "set", "--share", "inner", cloud=ADMIN)
        self.assertIn("can't be unshared", self.refusal("address", "scope", "set", "--no-share", "inner", cloud=ADMIN))
        self.command("address", "scope", "delete", "inner")
        self.command("subnet", "pool", "delete", "p1")

    def test_an_address_that_the_user_chooses(self):
        self.command("network", "create", "fixed")
        self.command("subnet", "create", "--network", "fixed", "--subnet-range", "192.168.8.0/28", "fixed4")
        identity = self.openstack("network", "show", "fixed")["id"]
        self.command("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--nic",
                     f"net-id={identity},v4-fixed-ip=192.168.8.13", "--wait", "chosen")
        self.assertEqual(self.openstack("server", "show", "chosen")["addresses"], {"fixed": ["192.168.8.13"]})
        self.assertIn("already in use", self.refusal("server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--nic",
                                                     f"net-id={identity},v4-fixed-ip=192.168.8.13", "again"))
        self.command("server", "delete", "--wait", "chosen")
        self.assertEqual(self.openstack("port", "list", "--network", "fixed"), [])
        self.command("network", "delete", "fixed")

    def test_addresses_of_both_versions(self):
        self.command("network", "create", "both")
        self.command("subnet", "create", "--network", "both", "--subnet-range", "192.168.9.0/28", "four")
        self.command("subnet", "create", "--network", "both", "--ip-version", "6", "--subnet-range", "fd00:9::/64",
                     "--ipv6-ra-mode", "slaac", "--ipv6-address-mode", "slaac", "six")
        port = self.openstack("port", "create", "--network", "both", "--mac-address", "fa:16:3e:12:34:56", "p")
        self.assertEqual({ip["ip_address"].partition(":")[0] for ip in port["fixed_ips"]}, {"192.168.9.2", "fd00"})
        self.assertIn("fd00:9::f816:3eff:fe12:3456", [ip["ip_address"] for ip in port["fixed_ips"]])
        self.command("port", "set", "--name", "q", "--tag", "blue", "p")
        self.assertEqual([one["Name"] for one in self.openstack("port", "list", "--tags", "blue")], ["q"])
        self.command("port", "delete", "q")
        self.command("network", "delete", "both")

    def test_free_addresses_by_version(self):
        def of(*words):
            return {one["Network Name"] for one in self.openstack("ip", "availability", "list", *words, cloud="devstack-admin")}

        self.openstack("network", "create", "six")
        self.addCleanup(self.command, "network", "delete", "six")
        self.openstack("subnet", "create", "--network", "six", "--ip-version", "6", "--subnet-range", "fd00:6::/64", "of-six")
        self.assertIn("private", of())  # the command asks for version 4 by itself
        self.assertNotIn("six", of())
        self.assertEqual(of("--ip-version", "6") & {"six", "private"}, {"six"})

    def test_quotas(self):
        self.command("quota", "set", "--networks", "0", "demo", cloud=ADMIN)
        self.assertIn("Quota exceeded for resources: ['network']", self.refusal("network", "create", "more"))
        self.command("quota", "set", "--networks", "100", "demo", cloud=ADMIN)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
