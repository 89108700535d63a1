"""Recorded exchanges with real Nova, Keystone, Glance, Neutron and Placement (Zed), and what kilonova answers to the same
requests: status, header names, keys and types of the body, and the words of errors are the same.

The recordings are in the folder nova-wire of KILONOVA_TEST_DATA (default: ../shared/data); without it nothing is
compared."""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from stock import StockTest

DATA = os.environ.get("KILONOVA_TEST_DATA", os.path.join(os.path.dirname(__file__), "../../../shared/data"))
WIRE = os.path.join(DATA, "nova-wire")

# Of the proxies and servers in front, and of what goes by another header.
NOT_COMPARED = {"content-length", "date", "connection", "server"}
# Keys whose values are maps with keys of their own, and what this cloud has in another number.
OPEN_MAPS = {"metadata", "addresses", "hosts", "extra_specs"}

# Exchanges that are asked again: their number, what is asked as whom, and keys that may be absent here or there.
#   number: (user, method, path, options)
EXCHANGES = {
    1: (None, "GET", "/identity/", {}),
    2: (None, "GET", "/identity/v3", {}),
    6: ("admin", "GET", "/identity/v3/auth/catalog", {}),
    7: (None, "GET", "/compute/", {}),
    8: ("admin", "GET", "/compute/v2.1/", {}),
    9: (None, "GET", "/compute/v2.1", {}),
    10: ("admin", "GET", "/compute/v2.1/flavors/detail", {}),
    11: ("admin", "GET", "/compute/v2.1/flavors/detail", {}),
    12: ("admin", "GET", "/image/v2/images",
         {"null": {"virtual_size", "checksum", "os_hash_algo", "os_hash_value"}}),
    13: (None, "GET", "/image/versions", {}),
    # External networks alone have is_default; which network comes first is a matter of ids.
    14: ("admin", "GET", "/networking/v2.0/networks", {"null": {"provider:physical_network", "provider:segmentation_id"},
                                                       "optional": {"is_default"}}),
    18: ("demo", "GET", "/compute/v2.1/os-keypairs", {}),
    19: ("demo", "GET", "/compute/v2.1/os-keypairs/wire-key", {}),
    22: ("demo", "GET", "/compute/v2.1/servers/SERVER", {}),
    25: ("demo", "GET", "/compute/v2.1/servers/SERVER", {"null": {"description"}}),
    28: ("demo", "GET", "/compute/v2.1/servers/SERVER", {}),
    29: ("admin", "GET", "/compute/v2.1/servers/SERVER", {}),
    30: ("admin", "GET", "/compute/v2.1/servers/SERVER", {"null": {"description"}}),
    31: ("demo", "GET", "/compute/v2.1/servers?limit=1", {}),
    32: ("demo", "GET", "/compute/v2.1/servers/detail?limit=1", {}),
    33: ("demo", "GET", "/compute/v2.1/servers/detail?limit=1", {"null": {"description"}}),
    38: ("demo", "GET", "/compute/v2.1/servers/SERVER/os-interface", {}),
    39: ("demo", "GET", "/compute/v2.1/servers/SERVER/ips", {}),
    40: ("demo", "GET", "/compute/v2.1/servers/SERVER/metadata", {}),
    43: ("admin", "GET", "/networking/v2.0/ports?device_id=SERVER", {"open": {"binding:vif_details"}}),
    44: ("admin", "GET", "/placement/allocations/SERVER", {"open": {"allocations"}}),
    45: ("admin", "GET", "/placement/allocation_candidates?resources=VCPU:1,MEMORY_MB:64,DISK_GB:1&limit=2",
         {"open": {"allocations", "provider_summaries"}}),
    46: ("admin", "GET", "/compute/v2.1/os-hypervisors/detail", {}),
    47: ("admin", "GET", "/compute/v2.1/os-services", {}),
    48: ("admin", "GET", "/compute/v2.1/os-hypervisors/statistics", {}),
    49: ("admin", "GET", "/compute/v2.1/limits", {}),
    50: ("admin", "GET", "/compute/v2.1/os-quota-sets/PROJECT", {}),
    51: ("admin", "GET", "/compute/v2.1/os-quota-sets/PROJECT/detail", {}),
    52: ("admin", "GET", "/compute/v2.1/os-quota-sets/PROJECT/defaults", {}),
    53: ("admin", "GET", "/compute/v2.1/os-availability-zone", {}),
    54: ("admin", "GET", "/compute/v2.1/os-availability-zone/detail", {}),
    55: ("admin", "GET", "/compute/v2.1/os-server-groups", {}),
    56: ("admin", "GET", "/compute/v2.1/os-aggregates", {}),
    62: ("admin", "GET", "/compute/v2.1/os-hypervisors/detail", {}),
    63: ("admin", "GET", "/compute/v2.1/os-services", {}),
    64: ("admin", "GET", "/compute/v2.1/os-hypervisors?limit=2", {}),
    74: ("demo", "POST", "/compute/v2.1/servers/SERVER/action", {"words": True}),
    76: ("demo", "POST", "/compute/v2.1/servers/SERVER/action", {"words": True}),
    77: ("demo", "POST", "/compute/v2.1/servers/SERVER/action", {"words": True}),
    96: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    97: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    98: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    99: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    100: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    101: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    102: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    103: ("demo", "POST", "/compute/v2.1/servers", {"words": True}),
    104: (None, "GET", "/compute/v2.1/servers", {"words": True}),
    105: ("nonsense", "GET", "/compute/v2.1/servers", {"words": True}),
    106: ("demo", "GET", "/compute/v2.1/os-hypervisors", {"words": True}),
    107: ("demo", "POST", "/compute/v2.1/flavors", {"words": True}),
    108: ("demo", "GET", "/compute/v2.1/servers/11111111-1111-1111-1111-111111111111", {"words": True}),
    109: ("demo", "GET", "/compute/v2.1/no-such-route", {"words": True}),
    110: ("demo", "PATCH", "/compute/v2.1/servers", {"words": True}),
    111: ("demo", "GET", "/compute/v2.1/servers", {"words": True}),
    112: ("demo", "GET", "/compute/v2.1/servers", {"words": True}),
}


class Recorded:
    """An exchange as it was recorded."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            asked, answered = file.read().split("----- response -----\n", 1)
        self.name = os.path.basename(path)
        lines, _, body = asked.partition("\n\n")
        self.headers = dict(line.split(": ", 1) for line in lines.splitlines()[2:])
        self.body = body.strip()
        head, _, text = answered.partition("\n\n")
        self.status = int(head.split()[1])
        self.answer_headers = {line.split(": ", 1)[0].lower() for line in head.splitlines()[1:]}
        self.answer = json.loads(text) if text.strip() else None

    def versions(self):
        return {name: value for name, value in self.headers.items() if name.lower().endswith("api-version")}


def shape(value, options, key=""):
    """Keys and types, of which lists have that of their first element."""
    if key in OPEN_MAPS | options.get("open", set()):
        return "map or list"
    if key in options.get("null", set()):
        return "anything"
    if isinstance(value, dict):
        dropped = options.get("optional", set())
        return {name: shape(inner, options, name) for name, inner in value.items() if name not in dropped}
    if isinstance(value, list):
        return [shape(value[0], options)] if value else []
    return {bool: "boolean", int: "number", float: "number", str: "text"}.get(type(value), "null")


def differences(ours, theirs, path=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{path}.{key} is missing here" for key in theirs if key not in ours]
        found += [f"{path}.{key} is not there" for key in ours if key not in theirs]
        for key in ours.keys() & theirs.keys():
            found += differences(ours[key], theirs[key], f"{path}.{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        return differences(ours[0], theirs[0], path + "[]") if ours and theirs else []
    return [] if ours == theirs else [f"{path} is {ours}, there {theirs}"]


@unittest.skipUnless(os.path.isdir(WIRE), f"{WIRE} is absent: set KILONOVA_TEST_DATA to what holds nova-wire")
class WireTest(StockTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recorded = {int(name[:3]): Recorded(os.path.join(WIRE, name))
                        for name in os.listdir(WIRE) if name.endswith(".http")}
        test = cls("test_exchanges")
        test.command("keypair", "create", "wire-key")
        server = test.openstack("server", "create", "--image", "cirros", "--flavor", "42", "--network", "private",
                                "--key-name", "wire-key", "--wait", "wire")
        network = test.openstack("network", "show", "private")["id"]
        image = test.openstack("image", "show", "cirros")["id"]
        project = test.openstack("token", "issue", cloud="devstack-admin")["project_id"]
        cls.names = {"SERVER": server["id"], "PROJECT": project}
        cls.ids = {"image": image, "network": network}

    def body_of(self, recorded):
        """With the ids of this cloud."""
        if not recorded.body:
            return None
        body = json.loads(recorded.body)
        server = body.get("server", {})
        if recorded.status != 400 or "bad-image" not in recorded.name:
            if isinstance(server, dict) and "imageRef" in server:
                server["imageRef"] = self.ids["image"]
        for network in server.get("networks", []) if isinstance(server, dict) else []:
            if "bad-network" not in recorded.name:
                network["uuid"] = self.ids["network"]
        return body

    def ask(self, number):
        user, method, path, options = EXCHANGES[number]
        recorded = self.recorded[number]
        for name, value in self.names.items():
            path = path.replace(name, value)
        ours = self.http(method, path, self.body_of(recorded), token=user, headers=recorded.versions())
        return recorded, ours, options

    def plain(self, text):
        """Without the ids, which no two clouds share."""
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", json.dumps(text))
        return re.sub(r"http://[^\"]*", "URL", text)

    def test_exchanges(self):
        for number in sorted(EXCHANGES):
            recorded, ours, options = self.ask(number)
            with self.subTest(exchange=recorded.name):
                self.assertEqual(ours.status, recorded.status, ours.text)
                names = {name.lower() for name in ours.headers.keys()} - NOT_COMPARED
                theirs = recorded.answer_headers - NOT_COMPARED
                self.assertEqual(theirs - names, set(), "headers that are missing here")
                self.assertLessEqual(names - theirs, {"x-openstack-request-id", "x-compute-request-id"})
                if options.get("words"):
                    self.assertEqual(self.plain(ours.json), self.plain(recorded.answer))
                else:
                    self.assertEqual(differences(shape(ours.json, options), shape(recorded.answer, options)), [])


if __name__ == "__main__":
    unittest.main()
