"""Nobody who is in one project is told of another's records, or changes them, over HTTP: every route, every reply scanned.

The routes are those of tests/unit/openstack, whose tables hold every route of the program. Names of a project's records have
its mark in them; ids are those that its members were told. Who asks for a record by its id may hear that id again, no more.
"""

import collections
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from foreign_writes import OLD, OLD_REFERENCES, REFERENCES, filled, requests_to
from tenants import SERVICES, UUID, Caller, Paths, Tenant, plain, routes_of

WRITES = ("POST", "PUT", "PATCH", "DELETE")
MARKS = ("vermilion", "viridian", "ultramarine")


def strings_of(value):
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings_of(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings_of(part)]
    return [value] if isinstance(value, str) else []


def told(reply, path, body, words):
    """Those of the words that the reply has and the question had not."""
    text = plain(reply.text + str(reply.headers))
    asked = {word for word in [*re.split("[/?&=]", plain(path)), *map(plain, strings_of(body))] if word}
    for repeated in sorted(asked - {"networks", "name"}, key=len, reverse=True):
        text = text.replace(repeated, "")
    return [word for word in words if word in text]


def foreign_words(tenants, one):
    return set().union(*(tenant.words() for tenant in tenants if tenant is not one))


class ReadsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "4")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        admin = Caller(cls.cloud, "admin", "admin")
        cls.tenants = [Tenant(cls.cloud, admin, mark) for mark in MARKS]
        cls.routes = routes_of("GET")

    def ask(self, caller, path):
        """With a version that has the old proxies of Nova, too."""
        versions = ("2.93", "2.1") if path.startswith("/compute") else ("2.93",)
        for version in versions:
            reply = caller.send("GET", path, version=version)
            self.assertLess(reply.status, 502, (path, reply.text))
            self.assertNotEqual(reply.status, 500, (path, reply.text))
            yield reply

    def told(self, caller, path, words):
        for reply in self.ask(caller, path):
            yield reply.status, told(reply, path, None, words)

    def test_nobody_hears_of_another_projects_records(self):
        self.assertGreater(len(self.routes), 200)
        asked = collections.Counter()
        for number, role in enumerate(("member", "reader", "member")):
            one, other = self.tenants[number], self.tenants[number - 1]
            foreign = foreign_words(self.tenants, one)
            for route in self.routes:
                paths = Paths(other).of(route) + Paths(other).queries(route)
                if number == 0 and "{" in route.pattern:
                    paths += Paths(one).of(route)
                for path in paths:
                    for status, told in self.told(one.callers[role], path, foreign):
                        asked[status] += 1
                        self.assertEqual(told, [], f"GET {path} as a {role} of {one.mark}: {status}")
        self.assertGreater(asked[200], 1000, asked)
        self.assertGreater(asked[404], 1000, asked)

    def test_each_hears_of_its_own(self):
        """What the scan looks for is what replies have."""
        tenant = self.tenants[0]
        unheard = tenant.words() - {plain(tenant.ids["user of reader"]), plain(tenant.ids["user of admin"]),
                                    plain(tenant.migration)}
        for route in self.routes:
            for path in Paths(tenant).of(route):
                for reply in self.ask(tenant.member, path):
                    if reply.status == 200:
                        unheard -= {word for word in unheard if word in plain(reply.text)}
        self.assertEqual(unheard, set())

    def test_an_administrator_hears_of_others_only_where_it_asks_for_them(self):
        one = self.tenants[0]
        foreign = foreign_words(self.tenants, one)
        for path in ("/compute/v2.1/servers", "/compute/v2.1/servers/detail", "/compute/v2.1/os-keypairs",
                     "/compute/v2.1/os-server-groups", "/compute/v2.1/limits"):
            for status, told in self.told(one.callers["admin"], path, foreign):
                self.assertEqual((status, told), (200, []), path)
        every = next(self.ask(one.callers["admin"], "/compute/v2.1/servers?all_tenants=1")).text
        self.assertTrue(all(tenant.ids["server"] in every for tenant in self.tenants))


class WritesTest(unittest.TestCase):
    """Each caller asks for a change of each record of the others' that a route can name."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "4")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        admin = Caller(cls.cloud, "admin", "admin")
        cls.tenants = [Tenant(cls.cloud, admin, mark) for mark in MARKS]
        cls.routes = [route for route in routes_of(*WRITES) if "{" in route.pattern]
        cls.before = None

    def setUp(self):
        if WritesTest.before is None:
            WritesTest.before = [self.unmoved(tenant) for tenant in self.tenants]

    def known_of(self, tenant):
        """{path: text} of all that a project's member is told of its own."""
        paths = [path for route in routes_of("GET") for path in Paths(tenant).of(route)]
        replies = {path: tenant.member.send("GET", path) for path in paths}
        return {path: reply.text for path, reply in replies.items() if reply.status == 200}

    def unmoved(self, tenant):
        """As known_of, without what changes by itself: times of use, what a guest counts."""
        first, second = self.known_of(tenant), self.known_of(tenant)
        kept = {path: text for path, text in first.items() if second.get(path) == text}
        for kind, service in (("server", "compute/v2.1"), ("image", "image/v2"), ("network", "network/v2.0"),
                              ("subnet", "network/v2.0"), ("port", "network/v2.0"), ("router", "network/v2.0"),
                              ("subnetpool", "network/v2.0"), ("security-group", "network/v2.0"),
                              ("floatingip", "network/v2.0"), ("address-scope", "network/v2.0"),
                              ("credential", "identity/v3"), ("trust", "identity/v3/OS-TRUST")):
            self.assertIn(f"/{service}/{kind}s/{tenant.ids[kind]}", kept)
        self.assertGreater(len(kept), len(first) - 20, sorted(first.keys() - kept.keys()))
        return kept

    def check_unchanged(self):
        for tenant, before in zip(self.tenants, self.before):
            after = self.known_of(tenant)
            changed = {path: (text, after.get(path)) for path, text in before.items() if after.get(path) != text}
            self.assertEqual(changed, {}, tenant.mark)

    def send(self, caller, method, path, body, version="2.93", headers=(), foreign=()):
        reply = caller.send(method, path, body, version=version, headers=headers)
        if isinstance(body, bytes):
            body = None
        self.assertEqual(told(reply, path, body, foreign), [], f"{method} {path} {body}: {reply.status}")
        return reply

    def try_every_route(self, caller, one, other, foreign):
        statuses = collections.Counter()
        for route in self.routes:
            for path in Paths(other).of(route):
                for body, headers, version in requests_to(route, one, other):
                    reply = self.send(caller, route.method, path, body, version, headers, foreign)
                    refusals = {403, 404, 410}  # 410: what Nova has no more
                    if not UUID.fullmatch(path[len(SERVICES[route.service] + route.pattern.split("{")[0]):].split("/")[0]):
                        refusals.add(400)  # a name, where only an id can be
                    if route.pattern == "/v3/users/{user}/password":
                        refusals = {401}  # whoever knows the password may; this is a guess
                    self.assertIn(reply.status, refusals, f"{route.method} {path} {body}: {reply.text}")
                    statuses[reply.status] += 1
        return statuses

    def check_strangers(self, role):
        statuses = collections.Counter()
        for number, one in enumerate(self.tenants):
            statuses += self.try_every_route(one.callers[role], one, self.tenants[number - 1], foreign_words(self.tenants, one))
        self.check_unchanged()
        return statuses

    def test_no_member_changes_another_projects_records(self):
        statuses = self.check_strangers("member")
        self.assertGreater(statuses[404], 2000, statuses)
        self.assertGreater(statuses[403], 500, statuses)

    def test_no_reader_changes_another_projects_records(self):
        self.assertGreater(self.check_strangers("reader")[403], 2000)

    def test_nothing_of_ones_own_is_made_of_anothers(self):
        """Whose request names the other's record in its body is told that there is none, in the words of the service."""
        for number, one in enumerate(self.tenants):
            other = self.tenants[number - 1]
            foreign = foreign_words(self.tenants, one)
            for version, requests in (("2.93", REFERENCES), (OLD, OLD_REFERENCES)):
                for method, path, body in requests:
                    path, body = filled(path, one, other), filled(body, one, other)
                    for role, refusals in (("member", {400, 401, 403, 404}), ("reader", {401, 403, 404})):
                        reply = self.send(one.callers[role], method, path, body, version, foreign=foreign)
                        self.assertIn(reply.status, refusals, f"{method} {path} {body}: {reply.text}")
        self.check_unchanged()

    def test_nobody_ends_anothers_token(self):
        one, other = self.tenants[:2]
        for role in ("member", "reader"):
            for method in ("GET", "DELETE"):
                reply = self.send(one.callers[role], method, "/identity/v3/auth/tokens", None,
                                  headers={"X-Subject-Token": other.member.token}, foreign=foreign_words(self.tenants, one))
                self.assertIn(reply.status, (403, 404), reply.text)
        self.assertEqual(other.member.send("GET", "/identity/v3/auth/tokens").status, 200)

    def test_bodies_are_such_as_an_owner_could_send(self):
        """Of each something is asked that is found, and taken apart: it is no nonsense that would be refused to anybody."""
        owner = Tenant(self.cloud, Caller(self.cloud, "admin", "admin"), "umber")
        asked = [(route, *request) for route in self.routes if route.role != "Admin" and route.method != "DELETE"
                 for request in requests_to(route, owner, owner)]
        statuses = collections.defaultdict(set)
        for route, body, headers, version in sorted(asked, key=lambda request: "forceDelete" in str(request[1])):
            for path in Paths(owner).of(route):
                reply = owner.member.send(route.method, path, body, version=version, headers=headers)
                statuses[f"{route.method} {route.pattern} {body}"].add(reply.status)
        nonsense = {words: heard for words, heard in statuses.items() if not heard - {400, 404, 405, 415}
                    # Consoles that the cloud's hosts do not have, and an address that no router leads to.
                    and not re.search("SPICE|RDP|Serial|addFloatingIp", words)}
        self.assertFalse(nonsense, nonsense)


if __name__ == "__main__":
    unittest.main()
