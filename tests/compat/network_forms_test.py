"""What Neutron takes, refuses and makes canonical, where clients have met it: rules of security groups, pages, booleans, revisions."""

import unittest
import urllib.parse

from stock import StockTest


class NetworkFormsTest(StockTest):
    def neutron(self, method, path, body=None, status=200, user="demo", headers=None):
        answer = self.http(method, "/networking/v2.0" + path, body, token=user, headers=headers or {})
        self.assertEqual(answer.status, status, f"{method} {path}: {answer.text}")
        return answer.json if answer.text else None

    def refused(self, method, path, body, status, kind, **more):
        self.assertEqual(self.neutron(method, path, body, status, **more)["NeutronError"]["type"], kind)

    def group(self, name):
        made = self.neutron("POST", "/security-groups", {"security_group": {"name": name}}, 201)["security_group"]
        self.addCleanup(self.neutron, "DELETE", "/security-groups/" + made["id"], None, 204)
        return made["id"]

    def rule(self, group, status=201, **said):
        body = {"security_group_rule": {"security_group_id": group, "direction": "ingress"} | said}
        return self.neutron("POST", "/security-group-rules", body, status)

    def test_rules_that_are_one(self):
        group = self.group("one")
        for prefix, version in (("0.0.0.0/0", "IPv4"), ("::/0", "IPv6")):
            refused = self.rule(group, 409, direction="egress", ethertype=version, remote_ip_prefix=prefix)
            self.assertEqual(refused["NeutronError"]["type"], "SecurityGroupRuleExists")
        self.rule(group, protocol="tcp", port_range_min=80, port_range_max=80)
        self.rule(group, 409, protocol=6, port_range_min=80, port_range_max=80, description="the same")
        six = self.rule(group, ethertype="IPv6", protocol="icmp")["security_group_rule"]
        self.assertEqual(six["protocol"], "ipv6-icmp")
        for same in ("icmpv6", "ipv6-icmp", "58", "1"):
            self.rule(group, 409, ethertype="IPv6", protocol=same)

    def test_rules_as_they_are_stored_and_refused(self):
        group = self.group("stored")
        whole = self.rule(group, protocol="tcp", port_range_min=1, port_range_max=65535)["security_group_rule"]
        self.assertEqual((whole["port_range_min"], whole["port_range_max"]), (None, None))
        for kind, said in (("SecurityGroupInvalidPortValue", {"protocol": "tcp", "port_range_min": 0, "port_range_max": 80}),
                           ("SecurityGroupInvalidProtocolForPort", {"protocol": "gre", "port_range_min": 1, "port_range_max": 2}),
                           ("SecurityGroupRuleInvalidProtocol", {"protocol": "any"}),
                           ("SecurityGroupRuleInvalidProtocol", {"protocol": ""}),
                           ("SecurityGroupEthertypeConflictWithProtocol", {"protocol": "58", "ethertype": "IPv4"})):
            self.assertEqual(self.rule(group, 400, **said)["NeutronError"]["type"], kind, said)

    def test_several_at_once(self):
        group = self.group("several")
        rules = [{"security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": port,
                  "port_range_max": port} for port in (80, 443)]
        made = self.neutron("POST", "/security-group-rules", {"security_group_rules": rules}, 201)["security_group_rules"]
        self.assertEqual([rule["port_range_min"] for rule in made], [80, 443])
        others = [rules[0] | {"port_range_min": 90, "port_range_max": 90}] * 2
        self.refused("POST", "/security-group-rules", {"security_group_rules": others}, 409, "DuplicateSecurityGroupRuleInPost")
        self.refused("POST", "/security-group-rules", {"security_group_rules": [others[0], rules[0]]}, 409, "SecurityGroupRuleExists")
        known = self.neutron("GET", "/security-group-rules?direction=ingress&security_group_id=" + group)["security_group_rules"]
        self.assertEqual(len(known), 2, "all or none")
        groups = {"security_groups": [{"name": "x1"}, {"name": "x2", "description": "two"}]}
        made = self.neutron("POST", "/security-groups", groups, 201)["security_groups"]
        self.assertEqual([(one["name"], len(one["security_group_rules"])) for one in made], [("x1", 2), ("x2", 2)])
        for one in made:
            self.neutron("DELETE", "/security-groups/" + one["id"], None, 204)
        groups["security_groups"].append({"name": "default"})
        self.refused("POST", "/security-groups", groups, 409, "SecurityGroupDefaultAlreadyExists")
        self.assertEqual(self.neutron("GET", "/security-groups?name=x1")["security_groups"], [])

    def test_pages_go_both_ways_and_keep_the_query(self):
        ids = []
        for name in ("pg0", "pg1", "pg2"):
            made = self.neutron("POST", "/networks", {"network": {"name": name}}, 201)["network"]
            self.addCleanup(self.neutron, "DELETE", "/networks/" + made["id"], None, 204)
            ids.append(made["id"])
        query = "&".join(f"id={id}" for id in ids) + "&fields=id&fields=name&sort_key=name&sort_dir=asc&limit=1"
        seen, path = [], "/networks?" + query
        while path:
            page = self.neutron("GET", path)
            seen += [one["name"] for one in page["networks"]]
            self.assertTrue(all(set(one) == {"id", "name"} for one in page["networks"]))
            links = {link["rel"]: link["href"] for link in page["networks_links"]}
            self.assertIn("previous", links)
            if "next" in links:
                asked = urllib.parse.parse_qs(urllib.parse.urlsplit(links["next"]).query)
                self.assertEqual((asked["id"], asked["fields"]), (ids, ["id", "name"]))
            path = "/networks?" + urllib.parse.urlsplit(links["next"]).query if "next" in links else ""
        self.assertEqual(seen, ["pg0", "pg1", "pg2"])
        back = self.neutron("GET", f"/networks?{query}&page_reverse=True&marker={ids[2]}")
        self.assertEqual([one["name"] for one in back["networks"]], ["pg1"])
        back = self.neutron("GET", f"/networks?{query}&page_reverse=True")
        self.assertEqual([one["name"] for one in back["networks"]], ["pg2"])
        self.assertNotIn("networks_links", self.neutron("GET", "/networks?limit=0"))
        self.refused("GET", "/networks?limit=-1", None, 400, "BadRequest")

    def test_booleans(self):
        for said, is_up in (("yes", True), ("off", False), ("T", True), (0, False)):
            made = self.neutron("POST", "/networks", {"network": {"admin_state_up": said}}, 201)["network"]
            self.assertEqual(made["admin_state_up"], is_up)
            self.neutron("DELETE", "/networks/" + made["id"], None, 204)
        self.refused("POST", "/networks", {"network": {"admin_state_up": "maybe"}}, 400, "InvalidInput")
        for query in ("/networks?shared=maybe", "/ports?admin_state_up=", "/subnets?enable_dhcp=2"):
            self.refused("GET", query, None, 400, "InvalidInput")

    def test_a_delete_of_another_revision(self):
        network = self.neutron("POST", "/networks", {"network": {"name": "kept"}}, 201)["network"]
        path = "/networks/" + network["id"]
        self.refused("DELETE", path, None, 412, "RevisionNumberConstraintFailed", headers={"If-Match": "revision_number=99"})
        self.neutron("DELETE", path, None, 204, headers={"If-Match": f"revision_number={network['revision_number']}"})

    def test_addresses_of_ports_and_of_nameservers(self):
        network = self.neutron("POST", "/networks", {"network": {"name": "macs"}}, 201)["network"]
        self.addCleanup(self.neutron, "DELETE", "/networks/" + network["id"], None, 204)
        for said in ("AA-BB-CC-DD-EE-01", "aabb.ccdd.ee01", "AABBCCDDEE01"):
            port = self.neutron("POST", "/ports", {"port": {"network_id": network["id"], "mac_address": said}}, 201)["port"]
            self.assertEqual(port["mac_address"], "aa:bb:cc:dd:ee:01")
            self.neutron("DELETE", "/ports/" + port["id"], None, 204)
        for said in ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "aabbccddee0"):
            self.neutron("POST", "/ports", {"port": {"network_id": network["id"], "mac_address": said}}, 400)
        subnet = {"network_id": network["id"], "ip_version": 4, "cidr": "10.9.0.0/24", "dns_nameservers": ["8.8.8.8"] * 2}
        self.neutron("POST", "/subnets", {"subnet": subnet}, 400)


if __name__ == "__main__":
    unittest.main()
