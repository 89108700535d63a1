"""Every row of the table of server actions, in every state that a server can be in, allowed and forbidden, asked of running
daemons by gRPC and by HTTP. The rows are the program's own (`kilonova reference server-actions -f json`); that they are Nova's is
what tests/unit/domain/server_actions_test.cc and tests/unit/controller/transition_table_test.cc hold them to."""

import collections
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from cloud_client import CloudClient, enum_number
from public_client import Client
from server_states import ByGrpc, ByHttp, Events, Servers, Table

Cell = collections.namedtuple("Cell", "server action state way")
# A moment in the middle of an action: the servers that hang there, and the rule that holds them.
Moment = collections.namedtuple("Moment", "place step begin state task servers")
# Moves build on the new host first, and leave their old one then.
LEAVES = {"resize": "move-out", "migrate": "move-out", "live-migrate": "move-out-live"}
# Steps of a launch at which it hangs, and the task that it shows then.
BUILDING = {"schedule_cast": "scheduling", "claimed": "scheduling", "network_requested": "networking",
            "block_devices_mapped": "block_device_mapping", "guest_started": "spawning"}
# Nova's ends of moves, which are over here as soon as they begin.
NO_MOMENT = {"resize_migrated", "resize_confirming"}


class ServerActionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "8", "--port", "0", "--set", "controller.shelved-offload-time=-1",
                          "--set", "controller.reclaim-instance-interval=3600")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        cls.table = Table(cls.cloud)
        address, web = f"127.0.0.1:{cls.cloud.port}", cls.cloud.json("status")["http"]
        cls.client, cls.member = CloudClient(address), CloudClient(address, user="demo", project="demo")
        cls.grpc, cls.http = ByGrpc(cls.client, cls.table), ByHttp(web, "admin", cls.table)
        cls.ways = (cls.grpc, cls.http)
        cls.members_ways = (ByGrpc(cls.member, cls.table), ByHttp(web, "demo", cls.table))
        cls.events = Events(Client(address).login())
        for closed in (cls.events, cls.http, cls.members_ways[1], cls.client, cls.member):
            cls.addClassCleanup(closed.close)
        cls.servers = Servers(cls.grpc, cls.events)
        cls.client.ask("SetQuota", instances=-1, cores=-1, ram_mb=-1)
        # Hosts for servers that are evacuated: nobody else comes there.
        cls.dying = [host.name for host in cls.client.ask("ListHosts")[0].hosts][:2]
        for host in cls.dying:
            cls.client.ask("SetHostEnabled", host=host, enabled=False)

    def add_rule(self, pattern, **fields):
        reply, _ = self.client.ask("AddFault", rule=dict(server_pattern=pattern, **fields))
        return reply.rule.id

    def hang(self, pattern, count, step="", action=""):
        place = dict(step=enum_number("LaunchStep", "LAUNCH_STEP_" + step.upper())) if step else dict(action=action)
        return self.add_rule(pattern, count=count, fails=False, effect=enum_number("FaultEffect", "FAULT_EFFECT_HANG"),
                             **place)

    def wait_struck(self, rule, count):
        def is_struck():
            return any(one.id == rule and one.struck == count for one in self.client.ask("ListFaults")[0].rules)
        self.events.until(is_struck, rule, f"the {count}th strike of rule {rule}")

    def refuse_all(self, server, moves=False):
        """Whatever may not begin now is refused with Nova's words, and changes nothing."""
        seen = self.grpc.seen(server)._replace(moves=moves)
        before = self.grpc.shown(server), self.http.shown(server), self.grpc.actions(server)
        for action, row in self.table.actions.items():
            words = seen.refusal(row)
            for way in self.ways if words else ():
                with self.subTest(action, by=type(way).__name__, vm_state=seen.vm_state, task=seen.task):
                    self.assertEqual(way.refused(action, server), (409, words))
                self.assertEqual(self.grpc.shown(server), before[0], action + " has changed it")
        self.assertEqual((self.http.shown(server), self.grpc.actions(server)), before[1:])
        return seen

    def begin_all(self, cells):
        for cell in cells:
            with self.subTest(cell.action, by=type(cell.way).__name__, state=cell.state):
                self.assertIsNone(cell.way.refused(cell.action, cell.server))

    def end(self, cell):
        """What was begun ends in its row's state, and is recorded."""
        row = self.table.actions[cell.action]
        self.events.until(lambda: self.grpc.ended(cell.server)[:2] == (row["recorded"], True), cell.server,
                          f"the end of {cell}, {self.grpc.ended(cell.server)},")
        self.assertEqual(self.grpc.ended(cell.server), (row["recorded"], True, False))
        seen = self.grpc.seen(cell.server)
        self.assertEqual((seen.vm_state, seen.task), (row["ends"][cell.state], ""))
        if cell.way is self.http:
            self.assertEqual(self.http.shown(cell.server)["status"], self.table.vm_states[seen.vm_state])
            moved = cell.action != "unshelve" or cell.state == "shelved_offloaded"
            events = [event["event"] for event in row["events"] if event["of"] != ("stay" if moved else "move")]
            self.assertEqual(self.http.ended(cell.server), (row["recorded"], events, {"Success"}))

    def end_all(self, cells):
        for cell in cells:
            with self.subTest(cell.action, by=type(cell.way).__name__, state=cell.state):
                self.end(cell)

    def begin_and_end(self, cells, dying):
        """What is evacuated last, when its host is down."""
        leaving = [cell for cell in cells if cell.action == "evacuate"]
        staying = [cell for cell in cells if cell.action != "evacuate"]
        self.begin_all(staying)
        self.client.ask("SetHostForcedDown", host=dying)
        self.begin_all(leaving)
        self.end_all(staying + leaving)

    def test_every_action_in_every_state(self):
        self.assertEqual(self.table.vm_states.keys() - {"building", "deleted"}, Servers.PATHS.keys())
        dying = self.dying[0]
        shared = {self.servers.create(state)[0]: state for state in Servers.PATHS}
        cells = [Cell(self.servers.create(f"{action}-{state}", host=dying if action == "evacuate" else "")[0], action,
                      state, way)
                 for action, row in self.table.actions.items() for state in row["vm_states"] for way in self.ways]
        self.servers.bring(shared | {cell.server: cell.state for cell in cells})
        for server, state in shared.items():
            with self.subTest(state):
                self.assertEqual(self.refuse_all(server).vm_state, state)
        self.begin_and_end(cells, dying)

    def moments(self):
        """(place, launch step of it, how it is begun, state, task) of each moment that a host can be held at."""
        for action, row in self.table.actions.items():
            for state in row["vm_states"]:
                offloaded = action == "unshelve" and state == "shelved_offloaded"
                if row["moves"] or offloaded:
                    if action == "evacuate" or action == "confirm-resize":
                        continue  # the same moment as an unshelving's, on a host that is down; and none
                    arrives = {"stopped": "move-in-off", "paused": "move-in-paused"}.get(state, "move-in")
                    if action != "revert-resize":
                        yield "guest_defined", True, action, state, None
                    for place in filter(None, (LEAVES.get(action), arrives)):
                        yield place, False, action, state, None
                elif row["stages"][0]["task_state"]:
                    for stage in row["stages"]:
                        yield stage["action"], False, action, state, stage["task_state"]
        yield "soft-delete", False, "delete", "active", "soft-deleting"
        yield "delete", False, "force-delete", "active", "deleting"

    def make(self, place, step, begin, state, task, dying):
        """The servers of a moment: one that everything is refused to, and one for each that may begin, {server: Cell}."""
        name = f"at-{place}-of-{begin}-in-{state}."
        servers = {self.servers.create(name)[0]: None}
        for action in self.table.actions if task else ():
            for way in self.ways if self.table.allowed(action, state, task) else ():
                server, = self.servers.create(name + action, host=dying if action == "evacuate" else "")
                servers[server] = Cell(server, action, state, way)
        return Moment(place, step, begin, state, task, servers)

    def test_every_action_while_another_is_under_way(self):
        dying, tasks = self.dying[1], {"": 0}
        moments = [self.make(*moment, dying) for moment in self.moments()]
        self.servers.bring({server: moment.state for moment in moments for server in moment.servers})
        rules = []
        for place, step, begin, state, _, servers in moments:
            where = dict(step=place) if step else dict(action=place)
            rules.append((self.hang(f"at-{place}-of-{begin}-in-{state}.*", len(servers), **where), len(servers)))
            for server in servers:
                self.servers.step(begin, server)
        building = {}
        for step, task in BUILDING.items():
            rules.append((self.hang("building-" + step, 1, step=step), 1))
            building[self.servers.create("building-" + step)[0]] = task
        for rule in rules:
            self.wait_struck(*rule)
        for moment in moments:
            with self.subTest(moment.place, of=moment.begin, state=moment.state):
                seen = self.refuse_all(next(iter(moment.servers)), moves=moment.task is None)
                self.assertEqual((seen.vm_state, seen.task), (moment.state, moment.task or seen.task))
                tasks[seen.task] = tasks.get(seen.task, 0) + 1
        for server, task in building.items():
            self.servers.wait(server, "building", task)
            with self.subTest(task):
                self.assertEqual(self.refuse_all(server).task, task)
            tasks[task] = tasks.get(task, 0) + 1
        self.assertEqual(set(self.table.task_states) - tasks.keys(), NO_MOMENT)
        self.begin_and_end([cell for moment in moments for cell in moment.servers.values() if cell], dying)
        self.client.ask("ClearFaults")

    def test_what_was_never_built_or_is_gone(self):
        self.add_rule("broken", step=enum_number("LaunchStep", "LAUNCH_STEP_CLAIMED"), aborts=True)
        broken, = self.servers.create("broken")
        self.servers.wait(broken, "error")
        self.assertEqual(self.refuse_all(broken)[1:5], ("error", "", False, False))
        self.client.ask("ResetServerState", server=broken, state=enum_number("VmState", "VM_STATE_ACTIVE"))
        self.assertEqual(self.refuse_all(broken)[1:5], ("active", "", False, False))
        self.client.ask("DeleteServer", server=broken, force=True)
        self.client.ask("ClearFaults")
        gone = broken
        self.events.until(lambda: not any(s.id == gone for s in self.client.servers()), gone, "the end of " + gone)
        for action in self.table.actions:
            with self.subTest(action):
                self.assertEqual(self.grpc.refused(action, gone), (404, f"server '{gone}' not found"))
                self.assertEqual(self.http.refused(action, gone), (404, f"Instance {gone} could not be found."))

    def test_a_lock_is_for_members(self):
        for way in self.members_ways:
            server, = self.servers.create("locked", client=self.member)
            self.servers.wait(server, "active")
            self.client.ask("LockServer", server=server, all_projects=True, locked=True)
            for action, row in self.table.actions.items():
                with self.subTest(action, by=type(way).__name__):
                    refused = way.refused(action, server)
                    if row["admin"]:
                        self.assertEqual(refused[0], 403)
                    elif row["ignores_lock"]:
                        self.assertIsNone(refused)
                        self.end(Cell(server, action, "active", way))
                    else:
                        self.assertEqual(refused, (409, f"Instance {server} is locked"))
            self.servers.step("stop", server)  # an administrator's
            self.servers.wait(server, "stopped")


if __name__ == "__main__":
    unittest.main()
