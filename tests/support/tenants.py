"""Projects with a record of each kind, whose names have the project's mark, and the paths that lead to them.

The routes are those of tests/unit/openstack, whose tables hold every route of the program.
"""

import collections
import http.client
import json
import os
import re
import time
import urllib.parse

TABLES = os.path.join(os.path.dirname(__file__), "../unit/openstack")
SERVICES = {"Identity": "/identity", "Compute": "/compute", "Image": "/image", "Network": "/network", "Placement": "/placement"}
DOMAIN = {"id": "default"}
UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
Route = collections.namedtuple("Route", "service pattern method role")
Reply = collections.namedtuple("Reply", "status headers text")


def routes_of(*methods):
    found = set()
    for name in ("roles_test.cc", "network_rows.h", "route_row.h"):
        with open(os.path.join(TABLES, name), encoding="utf-8") as file:
            found.update(Route(service, pattern, method, role) for service, method, pattern, role in
                         re.findall(r'\{k(\w+),\s*"([A-Z]+)",\s*"([^"]+)",\s*k(\w+)', file.read()) if method in methods)
    return sorted(found)


def plain(text):
    """Ids are written with hyphens and without."""
    return UUID.sub(lambda match: match[0].replace("-", ""), text)


class Caller:
    def __init__(self, cloud, user, project):
        self.address = cloud.json("status")["http"]
        self.connection, self.token = None, None
        password = "kilonova" if user == "admin" else "of " + user
        self.auth = {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {"name": user, "domain": DOMAIN, "password": password}}},
            "scope": {"project": {"name": project, "domain": DOMAIN}}}}
        login = self.send("POST", "/identity/v3/auth/tokens", self.auth)
        assert login.status == 201, login
        self.token = login.headers["X-Subject-Token"]
        self.user = json.loads(login.text)["token"]["user"]["id"]
        self.project = json.loads(login.text)["token"]["project"]["id"]

    def send(self, method, path, body=None, version="2.93", headers=()):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=60)
        sent = {"Content-Type": "application/json", "OpenStack-API-Version": "compute " + version}
        if self.token:
            sent |= {"X-Auth-Token": self.token, "X-Subject-Token": self.token}
        sent |= dict(headers)
        text = body if body is None or isinstance(body, bytes) else json.dumps(body)
        words = (method, urllib.parse.quote(path, safe="/?&=:"), text, sent)
        try:
            self.connection.request(*words)
            answer = self.connection.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected):  # it was idle for too long
            self.connection.close()
            self.connection.request(*words)
            answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        if answer.will_close:
            self.connection.close()
        return Reply(answer.status, answer.headers, text)

    def make(self, path, body, method="POST", **kwargs):
        reply = self.send(method, path, body, **kwargs)
        assert reply.status in (200, 201, 202, 204), f"{method} {path}: {reply.status} {reply.text}"
        return json.loads(reply.text) if reply.text.strip().startswith("{") else None


class Tenant:
    """A project with a member and a reader, and a record of every kind; all names have its mark."""

    def __init__(self, cloud, admin, mark):
        self.mark, self.ids = mark, {}
        self.ids["project"] = admin.make("/identity/v3/projects", {"project": {"name": self.name("project")}})["project"]["id"]
        roles = {role["name"]: role["id"] for role in json.loads(admin.send("GET", "/identity/v3/roles").text)["roles"]}
        self.callers = {}
        for role in ("member", "reader", "admin"):
            name = self.name(role)
            user = admin.make("/identity/v3/users", {"user": {"name": name, "password": "of " + name}})["user"]["id"]
            admin.make(f"/identity/v3/projects/{self.ids['project']}/users/{user}/roles/{roles[role]}", None, "PUT")
            self.callers[role] = Caller(cloud, name, self.name("project"))
            self.ids["user of " + role] = user
        self.member, self.ids["user"] = self.callers["member"], self.ids["user of member"]
        self.make_network_records()
        self.make_identity_records(roles)
        self.make_compute_records(admin)

    def name(self, kind):
        return f"{kind}-{self.mark}"

    def keep(self, kind, made):
        self.ids[kind] = made["id"]
        return made["id"]

    def make_network_records(self):
        def make(kind, **fields):
            made = self.member.make(f"/network/v2.0/{kind}s", {kind.replace("-", "_"): {"name": self.name(kind), **fields}})
            return self.keep(kind, made[kind.replace("-", "_")])

        network = make("network")
        subnet = make("subnet", network_id=network, cidr="192.168.77.0/24", ip_version=4)
        group = make("security-group", description=self.name("description"))
        rule = {"security_group_id": group, "direction": "ingress", "protocol": "tcp", "description": self.name("rule")}
        self.keep("rule", self.member.make("/network/v2.0/security-group-rules", {"security_group_rule": rule})[
            "security_group_rule"])
        self.port = make("port", network_id=network, fixed_ips=[{"subnet_id": subnet}], security_groups=[group])
        make("router")
        outside = json.loads(self.member.send("GET", "/network/v2.0/networks?router:external=True").text)["networks"][0]["id"]
        made = self.member.make("/network/v2.0/floatingips", {"floatingip": {"floating_network_id": outside}})
        self.keep("floatingip", made["floatingip"])
        self.floating_address = made["floatingip"]["floating_ip_address"]
        make("address-scope", ip_version=4)
        make("subnetpool", prefixes=["10.77.0.0/16"])
        policy = {"object_type": "network", "object_id": network, "action": "access_as_shared", "target_tenant": self.ids["project"]}
        self.keep("policy", self.member.make("/network/v2.0/rbac-policies", {"rbac_policy": policy})["rbac_policy"])
        self.member.make(f"/network/v2.0/networks/{network}/tags/{self.name('tag')}", None, "PUT")

    def make_identity_records(self, roles):
        member, user = self.member, f"/identity/v3/users/{self.ids['user']}"
        made = member.make(user + "/application_credentials", {"application_credential": {"name": self.name("appcred")}})
        self.keep("application credential", made["application_credential"])
        trust = {"trustor_user_id": self.ids["user"], "trustee_user_id": self.ids["user of reader"],
                 "project_id": self.ids["project"], "impersonation": False, "roles": [{"id": roles["reader"]}]}
        self.keep("trust", member.make("/identity/v3/OS-TRUST/trusts", {"trust": trust})["trust"])
        made = member.make(user + "/credentials/OS-EC2", {"tenant_id": self.ids["project"]})
        self.ids["access"] = made["credential"]["access"]
        credential = {"type": "other", "blob": self.name("blob"), "user_id": self.ids["user"], "project_id": self.ids["project"]}
        self.keep("credential", member.make("/identity/v3/credentials", {"credential": credential})["credential"])

    def make_compute_records(self, admin):
        member = self.member
        self.keep("image", member.make("/image/v2/images", {"name": self.name("image"), "disk_format": "raw",
                                                            "container_format": "bare", "note": self.name("property")}))
        member.make("/compute/v2.1/os-keypairs", {"keypair": {"name": self.name("key"), "type": "ssh", "public_key":
                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqvYPMr0DI6/ANnUWG7MN7mMcAO5nHMqbKMVqbC6S0x"}})
        group = {"name": self.name("group"), "policy": "anti-affinity"}
        self.keep("server group", member.make("/compute/v2.1/os-server-groups", {"server_group": group})["server_group"])
        self.public_image = json.loads(member.send("GET", "/image/v2/images?name=cirros").text)["images"][0]["id"]
        flavor = next(one["id"] for one in json.loads(member.send("GET", "/compute/v2.1/flavors").text)["flavors"]
                      if one["name"] == "m1.tiny")
        server = {"name": self.name("server"), "imageRef": self.public_image, "flavorRef": flavor, "key_name": self.name("key"),
                  "networks": [{"port": self.port}], "metadata": {"k": self.name("value")}, "tags": [self.name("tag")],
                  "description": self.name("description")}
        made = member.make("/compute/v2.1/servers", {"server": server, "os:scheduler_hints": {
            "group": self.ids["server group"]}})["server"]
        path = "/compute/v2.1/servers/" + self.keep("server", made)
        self.await_active(path)
        admin.make(path + "/action", {"migrate": None})
        self.await_status(path, "VERIFY_RESIZE")
        member.make(path + "/action", {"confirmResize": None})
        self.await_active(path)
        actions = json.loads(member.send("GET", path + "/os-instance-actions").text)["instanceActions"]
        self.ids["request"] = actions[0]["request_id"]
        migrations = json.loads(admin.send("GET", "/compute/v2.1/os-migrations?instance_uuid=" + self.ids["server"]).text)
        self.migration = migrations["migrations"][0]["uuid"]

    def await_active(self, path):
        self.await_status(path, "ACTIVE")

    def await_status(self, path, status, limit=120):
        end = time.monotonic() + limit
        while (found := json.loads(self.member.send("GET", path).text)["server"])["status"] != status:
            assert time.monotonic() < end and found["status"] != "ERROR", found
            time.sleep(0.1)

    def words(self):
        """What nobody else may read."""
        return {self.mark, self.migration.replace("-", ""), *(plain(one) for one in self.ids.values())}


# What a first parameter may be; {id} is anything.
FIRST = {"scope": ("address-scope",), "group": ("security-group", "server group"), "name": (), "user": ("user of member", "user of reader")}


class Paths:
    """A route's paths with one tenant's ids in all its places: each first parameter is every id that it may mean, and some
    that it does not."""

    SECOND = {"port": "port", "request": "request", "access": "access", "user": "user of reader", "group": "security-group"}

    def __init__(self, tenant):
        self.tenant = tenant

    def fill(self, parameter):
        tenant = self.tenant
        named = {"key": "k", "tag": tenant.name("tag"), "label": tenant.name("network"), "member": tenant.ids["project"],
                 "migration": tenant.migration, "name": tenant.name("key"), "role": "reader", "domain": "default"}
        return named.get(parameter) or tenant.ids.get(self.SECOND.get(parameter, parameter), "x")

    def of(self, route):
        parameters = re.findall(r"\{(\w+)\}", route.pattern)
        base = SERVICES[route.service] + route.pattern
        if not parameters:
            return [base]
        rest = {parameter: self.fill(parameter) for parameter in parameters[1:]}
        meant = FIRST.get(parameters[0], (parameters[0],))
        firsts = [one for kind, one in self.tenant.ids.items() if kind in (*meant, "project", "user", "server")
                  or parameters[0] == "id"]
        firsts += [self.tenant.name(kind) for kind in ("key", "image", "server")]
        if parameters[0] == "resource":
            firsts = ["networks", "ports", "subnets", "routers", "security-groups", "subnetpools"]
            return [base.format(resource=kind, **{**rest, "id": self.tenant.ids[kind[:-1]]}) for kind in firsts]
        return [base.format(**{parameters[0]: first, **rest}) for first in firsts]

    def queries(self, route):
        """Of lists: those that ask for another project's records by name."""
        if "{" in route.pattern:
            return []
        tenant, base = self.tenant, SERVICES[route.service] + route.pattern
        asked = [("all_tenants", "1"), ("all_projects", "1"), ("project_id", tenant.ids["project"]),
                 ("tenant_id", tenant.ids["project"]), ("owner", tenant.ids["project"]), ("user_id", tenant.ids["user"]),
                 ("visibility", "all"), ("member_status", "all"), ("trustor_user_id", tenant.ids["user"]),
                 ("instance_uuid", tenant.ids["server"]), ("device_id", tenant.ids["server"])]
        asked += [(word, tenant.ids[kind]) for word in ("marker", "id")
                  for kind in ("server", "image", "network", "port", "security-group")]
        asked += [("name", tenant.name(kind)) for kind in ("server", "image", "network", "port", "project", "key", "router")]
        return [f"{base}?{name}={value}" for name, value in asked]
