"""The requests of Nova's own API samples that change something, sent as they stand: each is taken at its microversion, and what is
answered has the keys and types of the sample's answer."""

import json
import os
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from samples import differences, needs_samples, variants
from stock import StockTest

# The ids that stand in Nova's samples, and what they are here.
IMAGES = {"70a599e0-31e7-49b7-b260-868f441e862b", "a2459075-d96c-40d5-893e-577ff92e721c", "a440c04b-79fa-479c-bed1-0b816eaec379",
          "da7a211f-1fd1-4b1a-a4d3-1f1a1f7d9c0b"}
NETWORKS = {"3cb9bc59-5699-4588-a4b1-b87f96708bc6", "ff608d40-75e9-48cb-b745-77bb55b5eaf2"}
GROUPS = {"f3d86fe6-4246-4be8-b87c-eb894626c741"}
ZONES = {"us-west", "%(availability_zone)s", "us-east", "london"}
HOSTS = {"openstack-node-01", "host01", "host1", "testHost", "compute", "server_target", "01c0cadef72d47e28a672a76060d492c",
         "b419863b7d814906a68fb31703c0dbd6", "21549b2f665945baaa7101926a00143c", "bf1454b3d71145d49fca2101c56c728d"}


@needs_samples
class SampleChangesTest(StockTest):
    up_args = ("--hosts", "4", "--timing", "test")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls("test_flavors")
        cls.network = test.http("GET", "/networking/v2.0/networks?name=private", token="admin").json["networks"][0]["id"]
        cls.project = test.openstack("token", "issue", cloud="devstack-admin")["project_id"]
        cls.user = test.openstack("token", "issue", cloud="devstack-admin")["user_id"]
        cls.image = test.nova("GET", "/images").json["images"][0]["id"]
        cls.hosts = sorted(h["hypervisor_hostname"] for h in test.nova("GET", "/os-hypervisors").json["hypervisors"])
        cls.group = test.made("POST", "/os-server-groups", {"server_group": {"name": "g", "policies": ["anti-affinity"]}}, 1)[
            "server_group"]["id"]
        test.made("POST", "/os-keypairs", {"keypair": {"name": "new-key"}})
        cls.neighbour = test.server()
        test.cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1", "--key-pairs", "-1")

    def nova(self, method, path, body=None, minor=1):
        return self.http(method, "/compute/v2.1" + path, body, token="admin",
                         headers={"OpenStack-API-Version": f"compute 2.{minor}"})

    def made(self, method, path, body=None, minor=1):
        answer = self.nova(method, path, body, minor)
        self.assertLess(answer.status, 300, f"{method} {path} at 2.{minor}: {answer.text}")
        return answer.json if answer.text else None

    def here(self, value, of=""):
        """The sample's body with ids of this cloud."""
        if isinstance(value, dict):
            return {key: self.here(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.here(inner, of) for inner in value]
        if value in IMAGES:
            return self.image
        if value in NETWORKS:
            return self.network
        if value in GROUPS:
            return self.group
        if value in HOSTS and of in ("host", "hypervisor_hostname"):
            return self.hosts[0]
        if of == "availability_zone" and value in ZONES:
            return "nova"
        if of == "flavorRef":
            return "1"
        if of == "user_id":
            return self.user
        if of in ("same_host", "different_host"):
            return self.neighbour
        return value

    def samples(self, request, response=None):
        """(minor version, request here, the answer's sample) of each version of the request."""
        answers = variants(response) if response else []
        for minor, body in variants(request):
            yield minor, self.here(body), next((theirs for version, theirs in reversed(answers) if version <= minor), None)

    def compared(self, answer, theirs, status):
        self.assertIn(answer.status, status if isinstance(status, tuple) else (status,), answer.text)
        if theirs is not None:
            self.assertEqual(differences(answer.json, theirs), [])
        return answer.json if answer.text else None

    def changes(self, method, path, request, response=None, status=200, prepare=None, clean=None):
        """Sends every version of the request. `prepare`, of the minor version, says what stands for X in the path; `clean` is
        given what was answered, and X."""
        for minor, body, theirs in self.samples(request, response):
            with self.subTest(sample=request, version=f"2.{minor}"):
                of = prepare(minor) if prepare else ""
                made = self.compared(self.nova(method, path.replace("X", str(of)), body, minor), theirs, status)
                if clean:
                    clean(made, of)

    def server(self, minor=1, **fields):
        """A new one that is ACTIVE."""
        body = {"server": {"name": "of-a-sample", "imageRef": self.image, "flavorRef": "1",
                           "networks": [{"uuid": self.network}], **fields}}
        server = self.made("POST", "/servers", body, 1)["server"]["id"]
        self.until(server, "ACTIVE")
        return server

    def until(self, server, *states):
        """No sleep is needed for the states of the timing `test`; asking takes longer."""
        end = time.monotonic() + 60
        while True:
            found = self.made("GET", f"/servers/{server}")["server"]
            if found["status"] in states and not found["OS-EXT-STS:task_state"]:
                return found
            self.assertLess(time.monotonic(), end, found)

    def act(self, server, action, *states, minor=1):
        self.made("POST", f"/servers/{server}/action", action, minor)
        self.until(server, *states)

    def gone(self, made, server):
        self.made("DELETE", f"/servers/{server}")

    def actions(self, request, response=None, status=202, before=(), states=("ACTIVE",), clean=None):
        """Server actions: each version at a server of its own, brought so far by the (action, state) of `before`."""
        def prepare(_):
            server = self.server()
            for action, state in before:
                self.act(server, action, state)
            return server

        def finish(made, server):
            if states:
                self.until(server, *states)
            (clean or self.gone)(made, server)
        self.changes("POST", "/servers/X/action", request, response, status, prepare, finish)

    # ---- flavors, images, keys

    def test_flavors(self):
        def delete(made, _):
            self.made("DELETE", "/flavors/" + made["flavor"]["id"])
        self.changes("POST", "/flavors", "flavor-manage/flavor-create-post-req", "flavor-manage/flavor-create-post-resp", clean=delete)
        self.changes("POST", "/flavors", "flavor-access/flavor-create-req", clean=delete)

        def flavor(_=None):
            return self.made("POST", "/flavors", {"flavor": {"name": "one", "ram": 64, "vcpus": 1, "disk": 1, "id": "one",
                                                             "os-flavor-access:is_public": False}})["flavor"]["id"]

        def delete_one(_, of):
            self.made("DELETE", f"/flavors/{of}")
        self.changes("PUT", "/flavors/X", "flavor-manage/flavor-update-req", "flavor-manage/flavor-update-resp", 200, flavor, delete_one)
        self.changes("POST", "/flavors/X/os-extra_specs", "flavor-extra-specs/flavor-extra-specs-create-req",
                     "flavor-extra-specs/flavor-extra-specs-create-resp", 200, flavor, delete_one)
        one = flavor()
        self.made("POST", f"/flavors/{one}/os-extra_specs", {"extra_specs": {"hw:numa_nodes": "1"}})
        self.changes("PUT", f"/flavors/{one}/os-extra_specs/hw:numa_nodes", "flavor-extra-specs/flavor-extra-specs-update-req",
                     "flavor-extra-specs/flavor-extra-specs-update-resp")
        for minor, theirs in variants("flavor-extra-specs/flavor-extra-specs-get-resp"):
            self.compared(self.nova("GET", f"/flavors/{one}/os-extra_specs/hw:numa_nodes", None, minor), theirs, 200)
        for tenant, action in (("add", "addTenantAccess"), ("remove", "removeTenantAccess")):
            for minor, _, theirs in self.samples(f"flavor-access/flavor-access-{tenant}-tenant-req",
                                                 f"flavor-access/flavor-access-{tenant}-tenant-resp"):
                with self.subTest(action=action, version=f"2.{minor}"):
                    if (tenant, minor) == ("add", 7):
                        self.made("POST", f"/flavors/{one}/action", {"removeTenantAccess": {"tenant": self.project}})
                    self.compared(self.nova("POST", f"/flavors/{one}/action", {action: {"tenant": self.project}}, minor), theirs, 200)
        delete_one(None, one)

    def test_images(self):
        image = f"/images/{self.image}/metadata"
        self.changes("POST", image, "images/image-metadata-post-req", "images/image-metadata-post-resp")
        self.changes("PUT", image + "/auto_disk_config", "images/image-meta-key-put-req", "images/image-meta-key-put-resp")
        for minor, theirs in variants("images/image-meta-key-get"):
            self.compared(self.nova("GET", image + "/kernel_id", None, minor), theirs, 200)
        self.changes("PUT", image, "images/image-metadata-put-req", "images/image-metadata-put-resp")

    def test_key_pairs(self):
        def delete(made, _):
            name = made["keypair"]["name"].replace(" ", "%20")
            self.made("DELETE", f"/os-keypairs/{name}")
        self.changes("POST", "/os-keypairs", "os-keypairs/keypairs-import-post-req", "os-keypairs/keypairs-import-post-resp", (200, 201),
                     clean=delete)
        for minor, body, theirs in self.samples("os-keypairs/keypairs-post-req", "os-keypairs/keypairs-post-resp"):
            with self.subTest(version=f"2.{minor}"):
                if minor >= 92:
                    # Only public keys are taken since then.
                    self.assertEqual(self.nova("POST", "/os-keypairs", body, minor).status, 400)
                else:
                    delete(self.compared(self.nova("POST", "/os-keypairs", body, minor), theirs, (200, 201)), None)

    # ---- what belongs to the cloud

    def test_aggregates(self):
        def aggregate(_=None):
            return self.made("POST", "/os-aggregates", {"aggregate": {"name": "one"}})["aggregate"]["id"]

        def delete(made, of):
            of = of or made["aggregate"]["id"]
            for host in self.made("GET", f"/os-aggregates/{of}")["aggregate"]["hosts"]:
                self.made("POST", f"/os-aggregates/{of}/action", {"remove_host": {"host": host}})
            self.made("DELETE", f"/os-aggregates/{of}")

        def with_host(_):
            made = aggregate()
            self.made("POST", f"/os-aggregates/{made}/action", {"add_host": {"host": self.hosts[0]}})
            return made
        resource = "os-aggregates/aggregate"
        self.changes("POST", "/os-aggregates", f"{resource}-post-req", f"{resource}-post-resp", 200, clean=delete)
        self.changes("PUT", "/os-aggregates/X", f"{resource}-update-post-req", f"{resource}-update-post-resp", 200, aggregate, delete)
        self.changes("POST", "/os-aggregates/X/action", f"{resource}-metadata-post-req", f"{resource}s-metadata-post-resp", 200,
                     aggregate, delete)
        self.changes("POST", "/os-aggregates/X/action", f"{resource}-add-host-post-req", f"{resource}s-add-host-post-resp", 200,
                     aggregate, delete)
        self.changes("POST", "/os-aggregates/X/action", f"{resource}-remove-host-post-req", f"{resource}s-remove-host-post-resp", 200,
                     with_host, delete)

    def test_quotas(self):
        def delete(*_):
            self.made("DELETE", f"/os-quota-sets/{self.project}")
        quotas = f"/os-quota-sets/{self.project}"
        self.changes("PUT", quotas, "os-quota-sets/quotas-update-post-req", "os-quota-sets/quotas-update-post-resp", clean=delete)
        self.changes("PUT", quotas, "os-quota-sets/quotas-update-force-post-req", "os-quota-sets/quotas-update-force-post-resp",
                     clean=delete)
        self.changes("PUT", f"{quotas}?user_id={self.user}", "os-quota-sets/user-quotas-update-post-req",
                     "os-quota-sets/user-quotas-update-post-resp")
        for minor, theirs in variants("os-quota-sets/user-quotas-show-get-resp"):
            with self.subTest(version=f"2.{minor}"):
                self.compared(self.nova("GET", f"{quotas}?user_id={self.user}", None, minor), theirs, 200)
        self.made("DELETE", f"{quotas}?user_id={self.user}")
        before = self.made("GET", "/os-quota-class-sets/default", None, 57)
        self.changes("PUT", "/os-quota-class-sets/default", "os-quota-class-sets/quota-classes-update-post-req",
                     "os-quota-class-sets/quota-classes-update-post-resp")
        before["quota_class_set"].pop("id")
        self.made("PUT", "/os-quota-class-sets/default", before, 57)
        self.cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1", "--key-pairs", "-1")

    def test_services(self):
        def service(minor):
            found = self.made("GET", "/os-services?binary=nova-compute", None, minor)["services"]
            return next(one["id"] for one in found if one["host"] == self.hosts[3])

        def enable(*_):
            self.made("PUT", "/os-services/" + service(53), {"status": "enabled", "forced_down": False}, 53)
        for change, path in (("disable-log", "disable-log-reason"), ("disable", "disable"), ("enable", "enable"),
                             ("force-down", "force-down")):
            request, response = f"os-services/service-{change}-put-req", f"os-services/service-{change}-put-resp"
            for minor, body, theirs in self.samples(request, response):
                with self.subTest(sample=request, version=f"2.{minor}"):
                    if minor < 53:
                        body["host"] = self.hosts[3]
                        answer = self.nova("PUT", f"/os-services/{path}", body, minor)
                    else:
                        answer = self.nova("PUT", "/os-services/" + service(minor), body, minor)
                    self.compared(answer, theirs, 200)
                    enable()

    def test_server_groups(self):
        def delete(made, _):
            self.made("DELETE", "/os-server-groups/" + made["server_group"]["id"])
        for request in ("os-server-groups/server-groups-post", "servers/server-groups-post"):
            self.changes("POST", "/os-server-groups", request + "-req", request + "-resp", clean=delete)

    def test_security_groups(self):
        group = []
        self.changes("POST", "/os-security-groups", "os-security-groups/security-group-post-req",
                     "os-security-groups/security-groups-create-resp", clean=lambda made, _: group.append(made["security_group"]["id"]))
        for minor, theirs in variants("os-security-groups/security-groups-get-resp"):
            self.compared(self.nova("GET", f"/os-security-groups/{group[0]}", None, minor), theirs, 200)
        for minor, body, theirs in self.samples("os-security-groups/security-group-rules-post-req",
                                                "os-security-groups/security-group-rules-post-resp"):
            body["security_group_rule"]["parent_group_id"] = group[0]
            rule = self.compared(self.nova("POST", "/os-security-group-rules", body, minor), theirs, 200)["security_group_rule"]["id"]
            self.made("DELETE", f"/os-security-group-rules/{rule}")
        server = self.server()
        for change in ("add", "remove"):
            for minor, body, _ in self.samples(f"os-security-groups/security-group-{change}-post-req"):
                self.compared(self.nova("POST", f"/servers/{server}/action", json.loads(
                    re.sub('"name": "[^"]*"', '"name": "default"' if change == "remove" else f'"name": "{group[0]}"',
                           json.dumps(body))), minor), None, 202)
        self.gone(None, server)

    def test_floating_ips(self):
        for minor, body, theirs in self.samples("os-floating-ips/floating-ips-create-req", "os-floating-ips/floating-ips-create-resp"):
            made = self.compared(self.nova("POST", "/os-floating-ips", body, minor), theirs, 200)["floating_ip"]
            for sample, path in (("get", "/" + made["id"]), ("list", "")):
                for version, expected in variants(f"os-floating-ips/floating-ips-{sample}-resp"):
                    self.compared(self.nova("GET", "/os-floating-ips" + path, None, version), expected, 200)
            self.made("DELETE", "/os-floating-ips/" + made["id"])
        for minor, theirs in variants("os-floating-ips/floating-ips-list-empty-resp"):
            self.compared(self.nova("GET", "/os-floating-ips", None, minor), theirs, 200)

    def test_external_events(self):
        server = self.server()
        for minor, body, theirs in self.samples("os-server-external-events/event-create-req",
                                                "os-server-external-events/event-create-resp"):
            for event in body["events"]:
                event.update(name="network-changed", server_uuid=server)
            self.compared(self.nova("POST", "/os-server-external-events", body, minor), theirs, 200)
        self.gone(None, server)

    # ---- servers

    def test_servers_are_created(self):
        def delete(made, _):
            self.until(made["server"]["id"], "ACTIVE")
            self.gone(None, made["server"]["id"])
        for minor, body, theirs in self.samples("servers/server-create-req", "servers/server-create-resp"):
            with self.subTest(version=f"2.{minor}"):
                if "block_device_mapping_v2" in body["server"]:  # what boots from a volume needs Cinder
                    self.assertEqual(self.nova("POST", "/servers", body, minor).status, 501)
                    continue
                if minor >= 57:  # mistakes of the samples: these are refused, and wanted, by then
                    body["server"].pop("personality", None)
                    body["server"].setdefault("networks", "auto")
                delete(self.compared(self.nova("POST", "/servers", body, minor), theirs, 202), None)
        for name in ("only-host", "only-node", "host-and-node"):
            self.changes("POST", "/servers", f"servers/server-create-req-with-{name}", "servers/server-create-resp", 202, clean=delete)

    def test_several_servers_are_created(self):
        for name in ("multiple-create-post", "multiple-create-no-resv-post"):
            for minor, body, theirs in self.samples(f"os-multiple-create/{name}-req", f"os-multiple-create/{name}-resp"):
                with self.subTest(sample=name, version=f"2.{minor}"):
                    self.compared(self.nova("POST", "/servers", body, minor), theirs, 202)

    def test_servers_are_changed(self):
        self.changes("PUT", "/servers/X", "servers/server-update-req", "servers/server-update-resp", 200, lambda _: self.server(), self.gone)
        self.changes("PUT", "/servers/X", "servers/server-put-req", "servers/server-put-resp", 200, lambda _: self.server(), self.gone)
        server = self.server()
        metadata = f"/servers/{server}/metadata"
        for method in ("PUT", "POST"):
            self.changes(method, metadata, "server-metadata/server-metadata-all-req", "server-metadata/server-metadata-all-resp")
        self.changes("PUT", metadata + "/foo", "server-metadata/server-metadata-req", "server-metadata/server-metadata-resp")
        for minor, theirs in variants("server-metadata/server-metadata-resp"):
            self.compared(self.nova("GET", metadata + "/foo", None, minor), theirs, 200)
        self.changes("PUT", f"/servers/{server}/tags", "os-server-tags/server-tags-put-all-req", "os-server-tags/server-tags-put-all-resp")
        self.gone(None, server)

    def test_servers_are_rebuilt(self):
        self.actions("servers/server-action-rebuild", "servers/server-action-rebuild-resp")
        self.actions("os-preserve-ephemeral-rebuild/server-action-rebuild-preserve-ephemeral",
                     "os-preserve-ephemeral-rebuild/server-action-rebuild-preserve-ephemeral-resp")

    def test_power(self):
        stopped, paused, suspended = ((({action: None}, state),) for action, state in (
            ("os-stop", "SHUTOFF"), ("pause", "PAUSED"), ("suspend", "SUSPENDED")))
        self.actions("servers/server-action-stop", states=("SHUTOFF",))
        self.actions("servers/server-action-start", before=stopped)
        self.actions("servers/server-action-reboot")
        self.actions("os-pause-server/pause-server", states=("PAUSED",))
        self.actions("os-pause-server/unpause-server", before=paused)
        self.actions("os-suspend-server/server-suspend", states=("SUSPENDED",))
        self.actions("os-suspend-server/server-resume", before=suspended)
        self.actions("servers/server-action-trigger-crash-dump")

    def test_rescue(self):
        rescued = (({"rescue": None}, "RESCUE"),)
        for name in ("rescue-req", "rescue-req-with-image-ref"):
            self.actions(f"os-rescue/server-{name}", "os-rescue/server-rescue", 200, states=("RESCUE",))
        self.actions("os-rescue/server-unrescue-req", before=rescued)

    def test_shelving(self):
        shelved = (({"shelve": None}, "SHELVED_OFFLOADED"),)
        self.actions("os-shelve/os-shelve", states=("SHELVED", "SHELVED_OFFLOADED"))
        for name in ("", "-az", "-az-host", "-host", "-host-and-unpin-az", "-unpin-az"):
            self.actions(f"os-shelve/os-unshelve{name}", before=shelved)

    def test_resizes_and_moves(self):
        resized = (({"resize": {"flavorRef": "2"}}, "VERIFY_RESIZE"),)
        for minor, body, _ in self.samples("servers/server-action-resize"):
            server = self.server()
            body["resize"]["flavorRef"] = "2"
            self.act(server, body, "VERIFY_RESIZE", minor=minor)
            self.gone(None, server)
        self.actions("servers/server-action-confirm-resize", None, 204, before=resized)
        self.actions("servers/server-action-revert-resize", before=resized)
        self.actions("os-migrate-server/migrate-server-null", states=("VERIFY_RESIZE",))
        for name in ("migrate-server", "live-migrate-server"):
            for minor, body, _ in self.samples(f"os-migrate-server/{name}"):
                with self.subTest(sample=name, version=f"2.{minor}"):
                    server = self.server()
                    action = next(iter(body))
                    if body[action] and "host" in body[action]:
                        there = self.made("GET", f"/servers/{server}")["server"]["OS-EXT-SRV-ATTR:host"]
                        body[action]["host"] = next(host for host in self.hosts if host != there)
                    self.act(server, body, "ACTIVE", "VERIFY_RESIZE", minor=minor)
                    self.gone(None, server)

    def test_what_operators_and_users_do(self):
        self.actions("os-admin-actions/admin-actions-reset-server-state")
        self.actions("os-admin-actions/admin-actions-inject-network-info")
        self.actions("os-admin-actions/admin-actions-reset-network", status=410)
        self.actions("os-admin-password/admin-password-change-password")
        for name in ("lock-server", "lock-server-with-reason", "unlock-server"):
            self.actions(f"os-lock-server/{name}", clean=lambda _, server: (
                self.made("POST", f"/servers/{server}/action", {"unlock": None}), self.gone(None, server)))
        self.actions("os-deferred-delete/force-delete-post-req", None, 202, states=(), clean=lambda *_: None)
        self.actions("os-console-output/console-output-post-req", "os-console-output/console-output-post-resp", 200)
        self.actions("servers/server-action-create-image", "servers/server-action-create-image-resp")
        self.actions("os-create-backup/create-backup-req", "os-create-backup/create-backup-resp")
        self.actions("os-remote-consoles/get-vnc-console-post-req", "os-remote-consoles/get-vnc-console-post-resp", 200)
        for kind in ("spice", "serial", "rdp"):  # no hypervisor here has them
            self.actions(f"os-remote-consoles/get-{kind}-console-post-req", status=400)

    def test_consoles_of_their_own_resource(self):
        server = self.server()
        self.changes("POST", f"/servers/{server}/remote-consoles", "os-remote-consoles/create-vnc-console-req",
                     "os-remote-consoles/create-vnc-console-resp")
        self.gone(None, server)

    def test_interfaces(self):
        for minor, body, theirs in self.samples("os-attach-interfaces/attach-interfaces-create-req",
                                                "os-attach-interfaces/attach-interfaces-create-resp"):
            with self.subTest(version=f"2.{minor}"):
                server = self.server()
                port = self.http("POST", "/networking/v2.0/ports", {"port": {"network_id": self.network}}, token="admin").json["port"]["id"]
                body["interfaceAttachment"]["port_id"] = port
                self.compared(self.nova("POST", f"/servers/{server}/os-interface", body, minor), theirs, 200)
                for version, shown in variants("os-attach-interfaces/attach-interfaces-show-resp"):
                    self.compared(self.nova("GET", f"/servers/{server}/os-interface/{port}", None, version), shown, 200)
                self.gone(None, server)
        for minor, body, theirs in self.samples("os-attach-interfaces/attach-interfaces-create-net_id-req",
                                                "os-attach-interfaces/attach-interfaces-create-resp"):
            with self.subTest(version=f"2.{minor}, by network"):
                server = self.server()
                del body["interfaceAttachment"]["fixed_ips"]
                self.compared(self.nova("POST", f"/servers/{server}/os-interface", body, minor), theirs, 200)
                self.gone(None, server)

    def test_hypervisors_by_their_paths(self):
        for sample, path, last in (("search", "/os-hypervisors/host/search", 52), ("with-servers", "/os-hypervisors/host/servers", 52),
                                   ("search", "/os-hypervisors?hypervisor_hostname_pattern=host", 93),
                                   ("with-servers", "/os-hypervisors?with_servers=True", 93),
                                   ("detail-with-servers", "/os-hypervisors/detail?with_servers=True", 93),
                                   ("show-with-servers", "/os-hypervisors/HYPERVISOR?with_servers=True", 93),
                                   ("uptime", "/os-hypervisors/HYPERVISOR/uptime", 87)):
            for minor, theirs in variants(f"os-hypervisors/hypervisors-{sample}-resp"):
                # Before 2.53 by path, since then by query.
                if minor > last or (last == 93 and minor < 53):
                    continue
                with self.subTest(sample=sample, version=f"2.{minor}"):
                    host = self.made("GET", f"/servers/{self.neighbour}")["server"]["OS-EXT-SRV-ATTR:host"]
                    hypervisors = self.made("GET", "/os-hypervisors", None, minor)["hypervisors"]
                    hypervisor = next(one["id"] for one in hypervisors if one["hypervisor_hostname"] == host)
                    asked = path.replace("HYPERVISOR", str(hypervisor)).replace("=host", "=" + host).replace("/host/", f"/{host}/")
                    self.compared(self.nova("GET", asked, None, minor), theirs, 200)


if __name__ == "__main__":
    unittest.main()
