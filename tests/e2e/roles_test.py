"""Who may do what: every public method, with every kind of caller, on real processes.

The methods come from the service's descriptor. A new one without a row in METHODS fails this test: give it the smallest role
that may call it, and fields with which it succeeds.
"""

import collections
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request
import uuid

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud, free_port
from public_client import POOL, SERVICE, Client, message

NONE, READER, MEMBER, ADMIN = range(4)  # as UserRole
ROLES = {READER: "reader", MEMBER: "member", ADMIN: "admin"}
Status = grpc.StatusCode
REFUSED = (Status.UNAUTHENTICATED, Status.PERMISSION_DENIED)

# role: the smallest that may. fields(world, caller): a call that succeeds. foreign: names of fields that name something of
# the project; a member of another project gets the same answer as for a name that nobody has.
Row = collections.namedtuple("Row", "role fields foreign", defaults=((),))
SERVER = dict(flavor="m1.tiny", image="cirros")


def of_server(world, _):
    return dict(server=world.server_id)


METHODS = {
    "Login": Row(NONE, lambda w, c: dict(user="demo", password="kilonova", project="demo")),
    "CreateServers": Row(MEMBER, lambda w, c: dict(SERVER, name=w.name(), image=w.image_id, networks=[w.network_id]),
                         ("image", "networks")),
    "GetServer": Row(READER, of_server, ("server",)),
    "ListServers": Row(READER, lambda w, c: dict(marker=w.server_id), ("marker",)),
    "SetServer": Row(MEMBER, lambda w, c: dict(server=w.server_id, set_metadata=[dict(key="k", value="v")]), ("server",)),
    "LockServer": Row(MEMBER, lambda w, c: dict(server=w.new_server(), locked=True), ("server",)),
    "DeleteServer": Row(MEMBER, lambda w, c: dict(server=w.new_server()), ("server",)),
    "ServerAction": Row(MEMBER, lambda w, c: dict(server=w.new_server(), action="SERVER_ACTION_KIND_REBOOT"), ("server",)),
    "ResetServerState": Row(ADMIN, lambda w, c: dict(server=w.new_server(), state="VM_STATE_ERROR")),
    "ChangeServerPassword": Row(MEMBER, lambda w, c: dict(server=w.new_server()), ("server",)),
    "RescueServer": Row(MEMBER, lambda w, c: dict(server=w.new_server()), ("server",)),
    "StepServer": Row(MEMBER, lambda w, c: dict(server=w.new_server()), ("server",)),
    "RebuildServer": Row(MEMBER, lambda w, c: dict(server=w.new_server()), ("server",)),
    "CreateServerImage": Row(MEMBER, lambda w, c: dict(server=w.new_server(), name=w.name()), ("server",)),
    "CreateServerBackup": Row(MEMBER, lambda w, c: dict(server=w.new_server(), name=w.name(), backup_type="daily", rotation=1),
                              ("server",)),
    "ResizeServer": Row(MEMBER, lambda w, c: dict(server=w.new_server(), flavor="m1.small"), ("server",)),
    "MigrateServer": Row(ADMIN, lambda w, c: dict(server=w.new_server())),
    "LiveMigrateServer": Row(ADMIN, lambda w, c: dict(server=w.new_server())),
    "EvacuateServer": Row(ADMIN, lambda w, c: dict(server=w.server_of_a_dead_host())),
    "UnshelveServer": Row(MEMBER, lambda w, c: dict(server=w.shelved_server()), ("server",)),
    "AttachInterface": Row(MEMBER, lambda w, c: dict(server=w.new_server(), network=w.network_id), ("server",)),
    "DetachInterface": Row(MEMBER, lambda w, c: w.interface_of(w.new_server()), ("server",)),
    "RemoveFixedIp": Row(MEMBER, lambda w, c: w.server_with_two_addresses(), ("server",)),
    "ListMigrations": Row(ADMIN, lambda w, c: {}),
    "AbortMigration": Row(ADMIN, lambda w, c: w.live_migration()),
    "ForceCompleteMigration": Row(ADMIN, lambda w, c: w.live_migration(running=True)),
    "GetConsoleOutput": Row(MEMBER, of_server, ("server",)),
    "GetConsoleUrl": Row(MEMBER, of_server, ("server",)),
    "GetServerDiagnostics": Row(ADMIN, of_server),
    "GetLaunchRecord": Row(READER, of_server, ("server",)),
    "ListInstanceActions": Row(READER, of_server, ("server",)),
    "ReadEvents": Row(READER, lambda w, c: {}),
    "Watch": Row(READER, lambda w, c: {}),
    "ListFlavors": Row(READER, lambda w, c: {}),
    "CreateFlavor": Row(ADMIN, lambda w, c: dict(flavor=dict(name=w.name(), memory_mb=64))),
    "SetFlavor": Row(ADMIN, lambda w, c: dict(flavor=w.made("CreateFlavor", flavor=dict(name=w.name(), memory_mb=64)),
                                              set=[dict(key="ssd", value="true")])),
    "DeleteFlavor": Row(ADMIN, lambda w, c: dict(flavor=w.made("CreateFlavor", flavor=dict(name=w.name(), memory_mb=64)))),
    "ListImages": Row(READER, lambda w, c: dict(image=w.image_id), ("image",)),
    "CreateImage": Row(MEMBER, lambda w, c: dict(name=w.name(), size_bytes=1)),
    "DeleteImage": Row(MEMBER, lambda w, c: dict(image=w.made("CreateImage", name=w.name(), size_bytes=1)), ("image",)),
    "ListKeyPairs": Row(READER, lambda w, c: {}),
    "CreateKeyPair": Row(MEMBER, lambda w, c: dict(name=w.name(), type="ed25519")),
    "TagKeyPair": Row(MEMBER, lambda w, c: dict(name=w.new_key_pair(c)), ("name",)),
    "DeleteKeyPair": Row(MEMBER, lambda w, c: dict(name=w.new_key_pair(c)), ("name",)),
    "ListNetworks": Row(READER, lambda w, c: dict(network=w.network_id), ("network",)),
    "CreateNetwork": Row(MEMBER, lambda w, c: dict(name=w.name(), cidr="192.168.8.0/24")),
    "DeleteNetwork": Row(MEMBER, lambda w, c: dict(network=w.made("CreateNetwork", name=w.name(), cidr="192.168.9.0/24")),
                         ("network",)),
    "ListLeases": Row(READER, lambda w, c: dict(network=w.network_id), ("network",)),
    "ListProjects": Row(ADMIN, lambda w, c: {}),
    "CreateProject": Row(ADMIN, lambda w, c: dict(name=w.name())),
    "DeleteProject": Row(ADMIN, lambda w, c: dict(project=w.made("CreateProject", name=w.name()))),
    "ListUsers": Row(ADMIN, lambda w, c: {}),
    "CreateUser": Row(ADMIN, lambda w, c: dict(name=w.name(), password="a password")),
    "DeleteUser": Row(ADMIN, lambda w, c: dict(user=w.made("CreateUser", name=w.name(), password="a password"))),
    "GrantRole": Row(ADMIN, lambda w, c: dict(user="demo", project="demo", role="USER_ROLE_MEMBER")),
    "RotateTokenKey": Row(ADMIN, lambda w, c: {}),
    "GetQuota": Row(READER, lambda w, c: dict(project=w.project_id), ("project",)),
    "SetQuota": Row(ADMIN, lambda w, c: dict(project=w.project_id, instances=-1, cores=-1, ram_mb=-1)),
    "ListHosts": Row(ADMIN, lambda w, c: {}),
    "SetHostEnabled": Row(ADMIN, lambda w, c: dict(host=w.host, enabled=True)),
    "SetHostForcedDown": Row(ADMIN, lambda w, c: dict(host=w.host, forced_down=False)),
    "ListServerGroups": Row(READER, lambda w, c: dict(group=w.server_group()), ("group",)),
    "CreateServerGroup": Row(MEMBER, lambda w, c: dict(name=w.name(), policy="GROUP_POLICY_AFFINITY")),
    "DeleteServerGroup": Row(MEMBER, lambda w, c: dict(group=w.server_group()), ("group",)),
    "DeleteHost": Row(ADMIN, lambda w, c: dict(host=w.free_host())),
    "SetHostPower": Row(ADMIN, lambda w, c: dict(host=w.host, on=True)),
    "ListAggregates": Row(ADMIN, lambda w, c: {}),
    "CacheAggregateImages": Row(ADMIN, lambda w, c: dict(aggregate=w.aggregate(), images=[w.image_id])),
    "ReadHostVerdicts": Row(ADMIN, lambda w, c: dict(server=w.new_server(), epoch=1)),
    "CreateAggregate": Row(ADMIN, lambda w, c: dict(name=w.name())),
    "SetAggregate": Row(ADMIN, lambda w, c: dict(aggregate=w.aggregate(), set=[dict(key="k", value="v")])),
    "DeleteAggregate": Row(ADMIN, lambda w, c: dict(aggregate=w.aggregate())),
    "AddAggregateHost": Row(ADMIN, lambda w, c: dict(aggregate=w.aggregate(), host=w.host)),
    "RemoveAggregateHost": Row(ADMIN, lambda w, c: dict(aggregate=w.aggregate(with_host=True), host=w.host)),
    "ListServices": Row(ADMIN, lambda w, c: {}),
    "AddFault": Row(ADMIN, lambda w, c: dict(rule=dict(step="LAUNCH_STEP_CLAIMED", server_pattern="no-such-server"))),
    "ListFaults": Row(ADMIN, lambda w, c: {}),
    "ClearFaults": Row(ADMIN, lambda w, c: {}),
    "GetCloudStatus": Row(READER, lambda w, c: {}),
    "ResetCloud": Row(ADMIN, lambda w, c: dict(client_token="of-this-world")),  # the one that the world began with
    "ReadBeliefs": Row(ADMIN, lambda w, c: dict(kind="BELIEF_KIND_SERVERS")),
}

# Fields that only an admin may set, with a value; beside them the call is as in METHODS.
ADMIN_FIELDS = [("GetServer", dict(all_projects=True)), ("ListServers", dict(all_projects=True)),
                ("ListServers", dict(host="host-00001")), ("DeleteServer", dict(all_projects=True)),
                ("GetLaunchRecord", dict(all_projects=True)), ("ReadEvents", dict(all_projects=True)),
                ("Watch", dict(all_projects=True)), ("CreateServers", dict(availability_zone="nova:host-00001")),
                ("CreateImage", dict(is_public=True)), ("CreateNetwork", dict(shared=True)),
                ("CreateNetwork", dict(external=True))]


def service_methods():
    return [method.name for method in POOL.FindServiceByName(SERVICE).methods]


class World:
    """A project with an object of every kind, its users, and a stranger."""

    def __init__(self, address, http_address):
        self.address = address
        self.http_address = http_address
        self.numbers = itertools.count(1)
        Client(address).login().ask("ResetCloud", client_token="of-this-world")
        self.admin = Client(address).login()
        self.host = self.admin.ask("ListHosts").hosts[0].name
        for project in ("tenant", "elsewhere"):
            self.admin.ask("CreateProject", name=project)
            self.admin.ask("SetQuota", project=project, instances=-1, cores=-1, ram_mb=-1)
        self.project_id = self.admin.ask("ListProjects", project="tenant").projects[0].id
        self.callers = {role: self.new_user("the-" + name, "tenant", role) for role, name in ROLES.items()}
        self.member = self.callers[MEMBER]
        self.stranger = self.new_user("stranger", "elsewhere", MEMBER)
        self.image_id = self.made("CreateImage", name="private", size_bytes=1)
        self.network_id = self.made("CreateNetwork", name="inner", cidr="172.16.0.0/16")
        self.server_id = self.new_server()

    def new_user(self, name, project, role):
        self.admin.ask("CreateUser", name=name, password="of " + name)
        self.admin.ask("GrantRole", user=name, project=project, role=role)
        return Client(self.address).login(name, "of " + name, project)

    def name(self):
        return f"thing-{next(self.numbers)}"

    def made(self, operation, **fields):
        """The id of something new; of the project where it can be."""
        by_member = METHODS[operation].role <= MEMBER
        reply = (self.member if by_member else self.admin).ask(operation, **fields)
        return getattr(reply, operation[len("Create"):].lower()).id

    def server_group(self):
        """The id of a new one, and the quota has room for it."""
        self.admin.ask("SetQuota", project=self.project_id, server_groups=-1)
        made = self.member.ask("CreateServerGroup", name=self.name(), policy="GROUP_POLICY_AFFINITY")
        return str(uuid.UUID(bytes=made.group.id))

    def new_server(self):
        created = self.member.ask("CreateServers", **SERVER, name=self.name(), networks=[self.network_id])
        uuid = created.servers[0].id
        for reply in self.member.watch(since=created.revision, server=uuid, stable_only=True):
            if any(event.status == "ACTIVE" for event in reply.events):
                return uuid
        raise AssertionError("the watch ended before the server was active")

    def free_host(self):
        hosts = self.admin.ask("ListHosts").hosts
        return next(one.name for one in reversed(hosts) if not one.instances and one.name != self.host)

    def server_of_a_dead_host(self):
        uuid = self.new_server()
        host = self.admin.ask("GetServer", server=uuid, all_projects=True).server.host
        self.admin.ask("SetHostPower", host=host, on=False)
        while any(one.name == host and one.up for one in self.admin.ask("ListHosts").hosts):
            pass  # the next heartbeat tells it
        return uuid

    def shelved_server(self):
        uuid = self.new_server()
        revision = self.member.ask("ReadEvents", limit=1).revision
        self.member.ask("ServerAction", server=uuid, action="SERVER_ACTION_KIND_SHELVE")
        for reply in self.member.watch(since=revision, server=uuid, stable_only=True):
            if any(event.status == "SHELVED_OFFLOADED" for event in reply.events):
                return uuid
        raise AssertionError("the watch ended before the server was shelved")

    def live_migration(self, running=False):
        """One that is under way: it takes seconds."""
        uuid = self.new_server()
        self.admin.ask("LiveMigrateServer", server=uuid)
        while True:
            found = self.admin.ask("ListMigrations", server=uuid).migrations[0]
            if not running or found.status == "running":
                return dict(server=uuid, migration=found.id)

    def addresses_of(self, server):
        return self.member.ask("GetServer", server=server).server.addresses

    def interface_of(self, server):
        return dict(server=server, interface=self.addresses_of(server)[0].mac)

    def http(self, path, body, headers=()):
        """OpenStack's HTTP: the answer's headers."""
        request = urllib.request.Request(f"http://{self.http_address}{path}", data=json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", **dict(headers)})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers

    def server_with_two_addresses(self):
        """The second one is of Nova's API: the service has no call for it."""
        server = self.new_server()
        domain = {"id": "default"}
        login = self.http("/identity/v3/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "the-member", "domain": domain, "password": "of the-member"}}},
            "scope": {"project": {"name": "tenant", "domain": domain}}}})
        self.http(f"/compute/v2.1/servers/{server}/action", {"addFixedIp": {"networkId": self.network_id}},
                  {"X-Auth-Token": login["X-Subject-Token"]})
        return dict(server=server, address=self.addresses_of(server)[0].ip)

    def aggregate(self, with_host=False):
        """The name of a new one."""
        name = self.name()
        self.admin.ask("CreateAggregate", name=name)
        if with_host:
            self.admin.ask("AddAggregateHost", aggregate=name, host=self.host)
        return name

    def new_key_pair(self, caller):
        """Key pairs are their user's; who may not have any gets a name of one all the same."""
        owner = caller if caller in (self.callers[MEMBER], self.callers[ADMIN]) else self.member
        name = self.name()
        owner.ask("CreateKeyPair", name=name, type="ed25519")
        return name


def outcome(client, method, fields, metadata=()):
    """The status and its text; a watch has been accepted when its first reply is there."""
    try:
        if method == "Watch":
            stream = client.watch(metadata=metadata, **fields)
            next(stream)
            stream.cancel()
        else:
            client.call(method, metadata=metadata, **fields)
        return Status.OK, ""
    except grpc.RpcError as error:
        return error.code(), error.details()


class RolesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Everything takes no time, but a live migration, so that one can be called off.
        timing = tempfile.NamedTemporaryFile("w", suffix=".timing")
        cls.addClassCleanup(timing.close)
        timing.write("migrate_live = 60s\n")
        timing.flush()
        cls.cloud = Cloud("--hosts", "200", "--timing", timing.name)
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        cls.address = f"127.0.0.1:{cls.cloud.port}"
        cls.world = World(cls.address, cls.cloud.json("status")["http"])

    def assert_refused(self, wanted, client, method, fields=None, metadata=()):
        code, text = outcome(client, method, fields or {}, metadata)
        self.assertEqual(code, wanted, f"{method}: {text}")
        self.assertTrue(text, f"{method} says nothing")

    def test_every_method_has_a_row(self):
        self.assertEqual(sorted(METHODS), sorted(service_methods()))

    def test_nothing_else_is_offered_to_clients(self):
        """Other services on the public port: health and reflection, which tell nothing, and the daemons', which refuses."""
        with grpc.insecure_channel(self.address) as channel:
            reflect = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
            listed = next(reflect(iter([b"\x3a\x00"]), timeout=10))
            self.assertEqual(set(re.findall(rb"[a-z][\w.]*\.[A-Z]\w*", listed)),
                             {b"kilonova.v1.Cloud", b"kilonova.v1.Peer", b"grpc.health.v1.Health",
                              b"grpc.reflection.v1alpha.ServerReflection"})
            hello = message("Frame")(hello=dict(protocol_version=3, role=2, index=7, incarnation=1, nonce=b"n" * 32))
            connect = channel.stream_stream("/kilonova.v1.Peer/Connect", lambda frame: frame.SerializeToString())
            with self.assertRaises(grpc.RpcError) as refused:
                for _ in connect(iter([hello]), timeout=10):
                    pass
            self.assertEqual(refused.exception.code(), Status.PERMISSION_DENIED)

    def test_members_do_not_see_the_fleet(self):
        """Nova: OS-EXT-SRV-ATTR:host is the administrators'."""
        uuid, host = self.world.new_server(), b"host-000"

        def seen(client):
            watched = next(client.watch(since=1))
            return [client.ask("GetServer", server=uuid), client.ask("ListServers"),
                    client.ask("GetLaunchRecord", server=uuid), client.ask("ReadEvents", limit=1000), watched]

        for reply in seen(self.world.callers[ADMIN]):
            self.assertIn(host, reply.SerializeToString(), type(reply))
        for role in (READER, MEMBER):
            for reply in seen(self.world.callers[role]):
                self.assertNotIn(host, reply.SerializeToString(), type(reply))
        record = self.world.member.ask("GetLaunchRecord", server=uuid)
        self.assertEqual([len(record.steps), len(record.decisions)], [13, 1])
        self.assertEqual(len(record.decisions[0].weighed), 0)

    def test_a_quota_below_what_is_used_is_forced_or_refused(self):
        self.world.admin.ask("CreateProject", name="tight")
        user = self.world.new_user("of-tight", "tight", MEMBER)
        limits = dict(project="tight", instances=1, cores=-1, ram_mb=-1)
        for _ in range(2):
            user.ask("CreateServers", **SERVER, name=self.world.name())
        code, text = outcome(self.world.admin, "SetQuota", limits)
        self.assertEqual(code, Status.INVALID_ARGUMENT)
        self.assertIn("Quota limit 1 for instances must be greater than or equal to already used and reserved 2", text)
        self.assertEqual(outcome(self.world.admin, "SetQuota", dict(limits, force=True))[0], Status.OK)
        self.assertEqual(outcome(self.world.admin, "SetQuota", dict(limits, instances=-1))[0], Status.OK)

    def test_without_a_good_token_there_is_only_the_log_in(self):
        good = self.world.callers[ADMIN].token
        forged = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")
        reader = self.world.callers[READER].token
        swapped = good.rsplit(".", 1)[0] + "." + reader.rsplit(".", 1)[1]
        headers = [(), (("authorization", ""),), (("authorization", "Bearer "),), (("authorization", good),),
                   (("authorization", "Basic " + good),), (("authorization", "Bearer garbage"),),
                   (("authorization", "Bearer " + "x" * 5000),), (("authorization", "Bearer " + forged),),
                   (("authorization", "Bearer " + swapped),), (("authorization", "Bearer " + good + good),)]
        nobody = Client(self.address)
        for method, row in METHODS.items():
            for metadata in headers if row.role != NONE else ():
                with self.subTest(method=method, header=str(metadata)[:60]):
                    self.assert_refused(Status.UNAUTHENTICATED, nobody, method, metadata=metadata)

    def test_an_expired_token_is_none(self):
        """Tokens are signed for all api-servers of a cloud; one more gives short ones."""
        port = free_port()
        daemon = subprocess.Popen([os.path.join(BIN, "kilonova-api"), "--state-dir", self.cloud.state_dir, "--index", "1",
                                   "--token-lifetime", "1", "--grpc-listen", f"127.0.0.1:{port}",
                                   "--http-listen", f"127.0.0.1:{free_port()}"])
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        brief = Client(f"127.0.0.1:{port}")
        grpc.channel_ready_future(brief.channel).result(timeout=20)
        while True:  # it may still wait for the controller's key
            try:
                brief.login()
                break
            except grpc.RpcError as error:
                self.assertEqual(error.code(), Status.UNAVAILABLE)
        late = Client(self.address)
        late.token = brief.token
        while outcome(late, "ListProjects", {})[0] == Status.OK:
            pass
        for method, row in METHODS.items():
            if row.role != NONE:
                with self.subTest(method=method):
                    self.assert_refused(Status.UNAUTHENTICATED, late, method)

    def test_each_method_takes_its_role_and_those_above(self):
        for (method, row), (role, caller) in itertools.product(METHODS.items(), self.world.callers.items()):
            with self.subTest(method=method, caller=ROLES[role]):
                fields = row.fields(self.world, caller)
                if role < row.role:
                    self.assert_refused(Status.PERMISSION_DENIED, caller, method, fields)
                    self.assert_refused(Status.PERMISSION_DENIED, caller, method)  # nor is it told what is missing
                elif method == "StepServer":  # it is let in, and this cloud's servers go on by themselves
                    code, text = outcome(caller, method, fields)
                    self.assertEqual(code, Status.FAILED_PRECONDITION)
                    self.assertIn("nothing is under way", text)
                else:
                    self.assertEqual(outcome(caller, method, fields), (Status.OK, ""))

    def test_fields_that_are_for_admins(self):
        for method, more in ADMIN_FIELDS:
            for role in (READER, MEMBER):
                with self.subTest(method=method, field=more, caller=ROLES[role]):
                    caller = self.world.callers[role]
                    fields = {**METHODS[method].fields(self.world, caller), **more}
                    self.assert_refused(Status.PERMISSION_DENIED, caller, method, fields)

    def test_what_another_project_has_is_not_there(self):
        """The same answer as for what nobody has, but for the name itself."""
        nothing = "00000000-0000-4000-8000-000000000000"
        for method, row in METHODS.items():
            for field in row.foreign:
                with self.subTest(method=method, field=field):
                    theirs = row.fields(self.world, self.world.member)
                    # The other fields are of the stranger's own project.
                    fields = {name: value for name, value in theirs.items() if name not in row.foreign or name == field}
                    if method == "CreateServers" and field != "image":
                        fields["image"] = "cirros"
                    is_list = isinstance(fields[field], list)
                    name = fields[field][0] if is_list else fields[field]
                    code, text = outcome(self.world.stranger, method, fields)
                    fields[field] = [nothing] if is_list else nothing
                    wanted, wanted_text = outcome(self.world.stranger, method, fields)
                    self.assertNotEqual(code, Status.OK)
                    self.assertEqual((code, text.replace(name, "X")), (wanted, wanted_text.replace(nothing, "X")))
                    if method not in ("CreateServers", "ListServers", "GetQuota"):
                        self.assertEqual(code, Status.NOT_FOUND, text)

    def test_lists_hold_what_is_ones_own(self):
        world, stranger = self.world, self.world.stranger
        world.new_key_pair(world.member)
        self.assertEqual(list(stranger.ask("ListServers").servers), [])
        self.assertNotIn(world.image_id, [image.id for image in stranger.ask("ListImages").images])
        self.assertNotIn(world.network_id, [network.id for network in stranger.ask("ListNetworks").networks])
        self.assertEqual(list(stranger.ask("ListKeyPairs").key_pairs), [])
        self.assertEqual(list(stranger.ask("ReadEvents").events), [])
        self.assertGreater(len(world.member.ask("ReadEvents").events), 0)
        self.assertEqual(stranger.ask("GetQuota").usage.instances, 0)
        # A watch, from the beginning: the first reply tells how far it has come, and that nothing was for this caller.
        for fields in ({}, {"server": world.server_id}):
            stream = stranger.watch(since=1, **fields)
            self.assertEqual(list(next(stream).events), [])
            stream.cancel()

    def test_an_admin_reaches_other_projects_by_saying_so(self):
        world = self.world
        self.assertEqual(outcome(world.admin, "GetServer", dict(server=world.server_id))[0], Status.NOT_FOUND)
        reached = world.admin.ask("GetServer", server=world.server_id, all_projects=True)
        self.assertEqual(reached.server.id, world.server_id)

    def test_a_private_flavor_is_the_admins(self):
        world = self.world
        name = world.name()
        world.admin.ask("CreateFlavor", flavor=dict(name=name, memory_mb=64, root_gb=1, is_public=False))
        self.assertIn(name, [flavor.name for flavor in world.admin.ask("ListFlavors").flavors])
        self.assertNotIn(name, [flavor.name for flavor in world.member.ask("ListFlavors").flavors])
        self.assertEqual(outcome(world.member, "ListFlavors", dict(flavor=name))[0], Status.NOT_FOUND)
        code, text = outcome(world.member, "CreateServers", dict(SERVER, name="x", flavor=name))
        self.assertEqual(code, Status.INVALID_ARGUMENT, text)

    def test_a_log_in_to_a_project_without_a_role_is_refused(self):
        for user, password, project in (("stranger", "of stranger", "tenant"), ("stranger", "of stranger", "admin"),
                                        ("stranger", "of stranger", "no-such-project"), ("nobody", "x", "tenant")):
            with self.subTest(user=user, project=project):
                code, text = outcome(Client(self.address), "Login", dict(user=user, password=password, project=project))
                self.assertEqual((code, text), (Status.UNAUTHENTICATED, "wrong user name, password or project"))


if __name__ == "__main__":
    unittest.main()
