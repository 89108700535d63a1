"""The table of server actions as the program prints it, two ways of asking for each, and servers brought into each state."""

import collections
import http.client
import json
import threading
import time

import grpc

from cloud_client import enum_number

HTTP_OF = {grpc.StatusCode.FAILED_PRECONDITION: 409, grpc.StatusCode.NOT_FOUND: 404,
           grpc.StatusCode.PERMISSION_DENIED: 403}
IMAGE = "cirros"


class Table:
    """`kilonova reference server-actions -f json`."""

    def __init__(self, cloud):
        rows = json.loads(cloud.run("reference", "server-actions", "-f", "json").stdout)
        self.actions = {row["action"]: row for row in rows["actions"]}
        self.vm_states = {row["vm_state"]: row["status"] for row in rows["vm_states"]}
        self.task_states = [task for task in rows["task_states"] if task]

    def allowed(self, action, vm_state, task=""):
        row = self.actions[action]
        return vm_state in row["vm_states"] and (not task or task in row["task_states"])


class Seen(collections.namedtuple("Seen", "id vm_state task has_host launched moves")):
    """What of a server decides which actions it may begin."""

    def refusal(self, row):
        """Nova's words; None where the action may begin."""
        if row["asks_for_host"] and not self.has_host:
            return f"Instance {self.id} is not ready"
        cannot = f"Cannot '{row['method']}' instance {self.id} while it is in "
        if self.vm_state not in row["vm_states"]:
            return cannot + "vm_state " + self.vm_state
        if self.task and (self.moves or self.task not in row["task_states"]):
            return cannot + "task_state " + self.task
        if not self.launched:
            return f"Instance {self.id} is in an invalid state for '{row['method']}'"
        if not self.has_host and self.vm_state != "shelved_offloaded":
            return f"Instance {self.id} is not ready"
        return None


def name_of(kind, number, table):
    """SOFT_DELETE as the table spells it: "soft-delete"."""
    word = kind.values_by_number[number].name.split("_STATE_", 1)[1].lower()
    return next((name for name in table if name.replace("-", "_") == word), "")


class ByGrpc:
    """One user's actions by the public service. `refused` is (HTTP's status of it, words), or None."""

    OPERATIONS = {
        "change-password": ("ChangeServerPassword", {}), "rescue": ("RescueServer", {}),
        "rebuild": ("RebuildServer", {}), "create-image": ("CreateServerImage", {"name": "taken"}),
        "create-backup": ("CreateServerBackup", {"name": "kept", "backup_type": "daily", "rotation": 100}),
        "unshelve": ("UnshelveServer", {}), "resize": ("ResizeServer", {"flavor": "m1.small"}),
        "migrate": ("MigrateServer", {}), "live-migrate": ("LiveMigrateServer", {}), "evacuate": ("EvacuateServer", {}),
    }

    def __init__(self, client, table):
        self.client, self.table = client, table

    def refused(self, action, server):
        kind = "SERVER_ACTION_KIND_" + action.upper().replace("-", "_")
        operation, fields = self.OPERATIONS.get(action) or (
            "ServerAction", {"action": enum_number("ServerActionKind", kind)})
        try:
            self.client.ask(operation, server=server, **fields)
        except grpc.RpcError as error:
            return HTTP_OF.get(error.code(), error.code()), error.details()
        return None

    def shown(self, server):
        return self.client.ask("GetServer", server=server, all_projects=True)[0].server

    def seen(self, server):
        shown = self.shown(server)
        fields = shown.DESCRIPTOR.fields_by_name
        return Seen(shown.id, name_of(fields["vm_state"].enum_type, shown.vm_state, self.table.vm_states),
                    name_of(fields["task_state"].enum_type, shown.task_state, self.table.task_states),
                    bool(shown.host), shown.launched_at_us != 0, False)

    def actions(self, server):
        """Newest first."""
        return self.client.ask("ListInstanceActions", server=server, all_projects=True)[0].actions

    def ended(self, server):
        """(action, whether it is over, whether it failed) of the newest one."""
        newest = self.actions(server)[0]
        return newest.action, newest.finished_at_us != 0, newest.failed


class ByHttp:
    """The same by OpenStack's compute API."""

    BODIES = {
        "stop": {"os-stop": None}, "start": {"os-start": None}, "reboot": {"reboot": {"type": "SOFT"}},
        "reboot-hard": {"reboot": {"type": "HARD"}}, "pause": {"pause": None}, "unpause": {"unpause": None},
        "suspend": {"suspend": None}, "resume": {"resume": None}, "crash-dump": {"trigger_crash_dump": None},
        "change-password": {"changePassword": {"adminPass": "secret"}}, "rescue": {"rescue": {}},
        "unrescue": {"unrescue": None}, "rebuild": None, "create-image": {"createImage": {"name": "taken"}},
        "create-backup": {"createBackup": {"name": "kept", "backup_type": "daily", "rotation": 100}},
        "restore": {"restore": None}, "confirm-resize": {"confirmResize": None},
        "revert-resize": {"revertResize": None}, "shelve": {"shelve": None}, "shelve-offload": {"shelveOffload": None},
        "unshelve": {"unshelve": None}, "resize": None, "migrate": {"migrate": None},
        "live-migrate": {"os-migrateLive": {"host": None, "block_migration": "auto"}}, "evacuate": {"evacuate": {}},
    }
    ACCEPTED = collections.defaultdict(lambda: 202, {"rescue": 200, "evacuate": 200, "confirm-resize": 204})

    def __init__(self, address, user, table):
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.headers = {"Content-Type": "application/json", "OpenStack-API-Version": "compute 2.76"}
        domain = {"id": "default"}
        password = {"user": {"name": user, "domain": domain, "password": "kilonova"}}
        asked = {"auth": {"identity": {"methods": ["password"], "password": password},
                          "scope": {"project": {"name": user, "domain": domain}}}}
        self.headers["X-Auth-Token"] = self.ask("POST", "/identity/v3/auth/tokens", asked)[1]["X-Subject-Token"]
        images = self.get("/image/v2/images")["images"]
        flavors = self.get("/compute/v2.1/flavors")["flavors"]
        self.bodies = self.BODIES | {
            "rebuild": {"rebuild": {"imageRef": next(i["id"] for i in images if i["name"] == IMAGE)}},
            "resize": {"resize": {"flavorRef": next(f["id"] for f in flavors if f["name"] == "m1.small")}}}
        assert self.bodies.keys() == table.actions.keys(), self.bodies.keys() ^ table.actions.keys()

    def close(self):
        self.connection.close()

    def ask(self, method, path, body=None):
        self.connection.request(method, path, json.dumps(body) if body is not None else None, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, dict(answer.getheaders()), json.loads(text) if text else None

    def get(self, path):
        status, _, body = self.ask("GET", path)
        assert status == 200, (path, status, body)
        return body

    def refused(self, action, server):
        status, _, body = self.ask("POST", f"/compute/v2.1/servers/{server}/action", self.bodies[action])
        if status == self.ACCEPTED[action]:
            return None
        (kind, said), = body.items()
        assert said["code"] == status and (status != 409 or kind == "conflictingRequest"), (status, body)
        return status, said["message"]

    def shown(self, server):
        return self.get(f"/compute/v2.1/servers/{server}")["server"]

    def ended(self, server):
        """As ByGrpc.ended, with the events of the action in the order in which they began, and their results."""
        actions = f"/compute/v2.1/servers/{server}/os-instance-actions"
        newest = self.get(actions)["instanceActions"][0]
        events = self.get(actions + "/" + newest["request_id"])["instanceAction"]["events"]
        return newest["action"], [event["event"] for event in reversed(events)], {e["result"] for e in events}


class Events:
    """Follows every committed change: who waits for something is woken by it."""

    def __init__(self, client):
        self.counts, self.changed = collections.Counter(), threading.Condition()
        self.stream = client.watch(all_projects=True, cloud_events=True, timeout=600)
        next(self.stream)  # from here on none is missed
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    def close(self):
        self.stream.cancel()
        self.thread.join()

    def follow(self):
        try:
            for reply in self.stream:
                with self.changed:
                    self.counts.update(event.server_id for event in reply.events)
                    self.counts.update(event.fault_rule for event in reply.cloud_events)
                    self.changed.notify_all()
        except grpc.RpcError:
            pass

    def until(self, condition, key, what, limit=60):
        """`condition` becomes true with a change of `key`: a server's id, or a fault rule's."""
        end = time.monotonic() + limit
        while True:
            seen = self.counts[key]
            if condition():
                return
            with self.changed:
                if not self.changed.wait_for(lambda: self.counts[key] != seen, max(0, end - time.monotonic())):
                    raise AssertionError(f"{what} did not come about")


class Servers:
    """Makes servers and brings them into states, all of a list at the same time. `client` is an administrator's."""

    PATHS = {"active": (), "stopped": ("stop",), "paused": ("pause",), "suspended": ("suspend",),
             "rescued": ("rescue",), "resized": ("resize",), "shelved": ("shelve",),
             "shelved_offloaded": ("shelve", "shelve-offload"), "error": ("to error",), "soft-delete": ("delete",)}

    def __init__(self, way, events):
        self.way, self.client, self.events = way, way.client, events

    def create(self, name, count=1, host="", client=None):
        reply, _ = (client or self.client).ask(
            "CreateServers", name=name, flavor="m1.tiny", image=IMAGE, min_count=count, max_count=count,
            availability_zone="nova:" + host if host else "")
        return [server.id for server in reply.servers]

    def step(self, step, server):
        if step == "to error":
            self.client.ask("ResetServerState", server=server, state=enum_number("VmState", "VM_STATE_ERROR"))
        elif step in ("delete", "force-delete"):
            self.client.ask("DeleteServer", server=server, all_projects=True, force=step == "force-delete")
        else:
            refused = self.way.refused(step, server)
            assert refused is None, (step, refused)

    def wait(self, server, vm_state, task=""):
        def is_so():
            seen = self.way.seen(server)
            return (seen.vm_state, seen.task) == (vm_state, task)
        self.events.until(is_so, server, f"{vm_state} {task} of {server}, which is {self.way.seen(server)},")

    def bring(self, servers):
        """`servers`: {id: vm_state}; they are being created."""
        for server in servers:
            self.wait(server, "active")
        for stage in range(max(len(path) for path in self.PATHS.values())):
            going = {server: state for server, state in servers.items() if len(self.PATHS[state]) > stage}
            for server, state in going.items():
                self.step(self.PATHS[state][stage], server)
            for server, state in going.items():
                last = stage + 1 == len(self.PATHS[state])
                self.wait(server, state if last else "shelved")
