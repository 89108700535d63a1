"""That the judge of the kill tests sees each broken promise about networks, images, key pairs, projects and interfaces, planted."""

import copy
import os
import sys
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from exports import Memory
from restless_clients import RestlessClients
from restless_things import CALLS, Interface, Thing
from rollbacks import ForgivingClients
from settled_things import broken_interfaces, broken_things

FIELDS = {"network": {"cidr": "100.64.0.0/27"}, "image": {"size_bytes": 7}, "key pair": {"public_key": "ssh-ed25519 A"},
          "project": {"description": "of 7"}}
MAC, OWN = "fa:16:3e:00:00:01", "fa:16:3e:00:00:00"


def row(thing, key=None, **changed):
    return types.SimpleNamespace(**{"id": key or thing.key, "name": thing.name, **thing.fields, **changed})


def server(*macs, status="ACTIVE"):
    return types.SimpleNamespace(id="u1", status=status, addresses=[types.SimpleNamespace(mac=mac) for mac in macs])


class HeldTest(unittest.TestCase):
    kinds = RestlessClients

    def setUp(self):
        self.clients = self.kinds("127.0.0.1:1", seed=0, clients=1)
        self.memory = self.clients.clients[0]


class ThingsTest(HeldTest):
    def setUp(self):
        super().setUp()
        for kind in CALLS:
            thing = Thing(kind, f"the {kind}", FIELDS[kind])
            thing.key = thing.name if kind == "key pair" else f"id of {kind}"
            thing.acknowledged, thing.tries = True, 1
            self.memory.things.append(thing)

    def found(self, *more, without=None):
        rows = {kind: [] for kind in CALLS}
        for thing, of_it in [(t, row(t)) for t in self.memory.things if t is not without] + list(more):
            rows[thing.kind].append(of_it)
        return rows

    def test_all_is_well(self):
        self.assertEqual(broken_things(self.clients, self.found()), [])

    def test_a_lost_one(self):
        for thing in self.memory.things:
            with self.subTest(thing=thing.kind):
                self.assertEqual(broken_things(self.clients, self.found(without=thing)),
                                 [f"{thing} ({thing.key}) was acknowledged and is not there"])

    def test_one_that_was_deleted(self):
        for thing in self.memory.things:
            with self.subTest(thing=thing.kind):
                thing.delete_asked = True
                self.assertEqual(broken_things(self.clients, self.found()), [])
                self.assertEqual(broken_things(self.clients, self.found(without=thing)), [])
                thing.deleted = True
                self.assertEqual(broken_things(self.clients, self.found(without=thing)), [])
                self.assertEqual(broken_things(self.clients, self.found()), [f"{thing} ({thing.key}) was deleted and is there"])
                thing.delete_asked = thing.deleted = False

    def test_one_that_nobody_asked_for(self):
        for thing in self.memory.things:
            with self.subTest(thing=thing.kind):
                other = copy.copy(thing)
                other.name = other.key = "another"
                self.assertEqual(broken_things(self.clients, self.found((other, row(other)))),
                                 [f"nobody asked for {thing.kind} 'another'"])

    def test_one_that_is_there_too_often(self):
        for thing in self.memory.things:
            with self.subTest(thing=thing.kind):
                found = self.found((thing, row(thing, "second")))
                self.assertIn(f"{thing} was asked for 1 times, and there are 2", broken_things(self.clients, found))
                thing.tries = 2
                self.assertEqual(broken_things(self.clients, found) == [], thing.kind == "image")

    def test_one_that_is_another(self):
        network = self.memory.things[0]
        self.assertIn("was acknowledged as id of network, and is second",
                      " ".join(broken_things(self.clients, self.found((network, row(network, "second")), without=network))))
        for thing in self.memory.things:
            with self.subTest(thing=thing.kind):
                (field, value), = thing.fields.items()
                self.assertEqual(broken_things(self.clients, self.found((thing, row(thing, **{field: "x"})), without=thing)),
                                 [f"{thing} has {field} x, asked for was {value}"])

    def test_what_an_export_may_have_and_must_have(self):
        network, image, key_pair = self.memory.things[:3]
        key_pair.acknowledged = False
        memory = Memory(self.clients)
        key_pair.acknowledged = True
        network.delete_asked = network.deleted = True
        memory.end()
        for found in (self.found(), self.found(without=network), self.found(without=key_pair)):
            self.assertEqual(broken_things(memory, found), [])
        self.assertIn("was acknowledged and is not there", " ".join(broken_things(memory, self.found(without=image))))
        memory = Memory(self.clients)
        memory.end()
        self.assertIn("was deleted and is there", " ".join(broken_things(memory, self.found())))


class ForgivenTest(HeldTest):
    kinds = ForgivingClients

    def test_what_was_promised_in_a_lost_time_and_nothing_else(self):
        before, then = (Thing("network", name, {}) for name in ("before", "then"))
        for thing, at in ((before, 5), (then, 15)):
            thing.key, thing.acknowledged, thing.touched = thing.name, True, [(at, at + 1)]
            self.memory.things.append(thing)
        self.memory.violations += ["network 'before' was not found", "network 'then' was not found"]
        self.clients.lost = [(10, 20)]
        nothing = {kind: [] for kind in CALLS}
        self.assertEqual(broken_things(self.clients, nothing), ["network 'before' (before) was acknowledged and is not there"])
        self.assertEqual(self.clients.everything("violations"), ["network 'before' was not found"])
        then.deleted = True
        self.assertEqual(broken_things(self.clients, {**nothing, "network": [row(before), row(then)]}), [])

    def test_interfaces_of_servers_that_are_forgiven(self):
        self.memory.interfaces.append(Interface("u1", MAC))
        self.assertNotEqual(broken_interfaces(self.clients, [server(OWN)]), [])
        self.memory.touched["u1"] = [(15, 16)]
        self.clients.lost = [(10, 20)]
        for macs in ((OWN,), (OWN, MAC)):
            self.assertEqual(broken_interfaces(self.clients, [server(*macs)]), [])


class InterfacesTest(HeldTest):
    def setUp(self):
        super().setUp()
        self.interface = Interface("u1", MAC)
        self.memory.interfaces.append(self.interface)

    def test_all_is_well(self):
        self.assertEqual(broken_interfaces(self.clients, [server(OWN, MAC)]), [])
        self.assertEqual(broken_interfaces(self.clients, [server(status="ERROR")]), [])
        self.assertEqual(broken_interfaces(self.clients, []), [], "of a server that is gone")

    def test_a_lost_one_and_one_that_was_detached(self):
        lost = f"{self.interface} was acknowledged and is not there"
        self.assertEqual(broken_interfaces(self.clients, [server(OWN)]), [lost])
        self.interface.delete_asked = True
        self.assertEqual(broken_interfaces(self.clients, [server(OWN)]), [])
        self.assertEqual(broken_interfaces(self.clients, [server(OWN, MAC)]), [])
        self.interface.deleted = True
        self.assertEqual(broken_interfaces(self.clients, [server(OWN, MAC)]), [f"{self.interface} was detached and is there"])

    def test_too_many_and_too_few(self):
        self.assertIn("server u1 has 0 interfaces", broken_interfaces(self.clients, [server(MAC)])[0])
        self.assertIn("server u1 has 2 interfaces", broken_interfaces(self.clients, [server(OWN, MAC, "other")])[0])
        self.memory.attach_tries["u1"] = 1
        self.assertEqual(broken_interfaces(self.clients, [server(OWN, MAC, "other")]), [])

    def test_what_an_export_may_have_and_must_have(self):
        memory = Memory(self.clients)
        self.memory.interfaces.append(Interface("u1", "later"))
        memory.end()
        for macs in ((OWN, MAC), (OWN, MAC, "later")):
            self.assertEqual(broken_interfaces(memory, [server(*macs)]), [])
        self.assertIn("was acknowledged and is not there", broken_interfaces(memory, [server(OWN)])[0])


if __name__ == "__main__":
    unittest.main()
