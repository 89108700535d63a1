"""Clients that create, stop, start, move (restless_moves.py) and delete servers without rest, and what else there is to be made and taken away
(restless_things.py), and remember what they were promised."""

import collections
import random
import threading
import time

import grpc

from cloud_client import CloudClient, GaveUp, enum_number
from restless_moves import RestlessMoves
from restless_things import CALLS, RestlessThings

MOST_SERVERS = 60  # of one client
THINGS = 0.2  # how many of its calls are about other things than servers
# Whoever answers so has done nothing, and would have answered an earlier try of the same call no better.
REFUSALS = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION,
            grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.PERMISSION_DENIED)
PATIENCE = 300  # seconds until an answer; a cloud that is being killed takes its time on a machine under load


class Asked:
    """One create call, and what is known of its servers."""

    def __init__(self, name, count, token):
        self.name, self.count, self.token = name, count, token
        self.at = time.monotonic()
        self.uuids = None  # acknowledged
        self.refused = ""  # why, where that is certain: then none of its servers is there

    def without(self, servers):
        """Itself; a copy that knows nothing of its servers when one of these is among them."""
        if not self.uuids or not servers.intersection(self.uuids):
            return self
        return Asked(self.name, self.count, self.token)

    def names(self):
        return [self.name] if self.count == 1 else [f"{self.name}-{i}" for i in range(1, self.count + 1)]


class RestlessClient(threading.Thread):
    """One of them. Everything public is to be read after join()."""

    def __init__(self, address, seed, number, stop, limit=None, pause=0):
        super().__init__(name=f"client-{number}", daemon=True)
        self.client = CloudClient(address)
        self.random = random.Random(f"{seed}/client/{number}")
        self.number, self.stop, self.limit, self.pause = number, stop, limit, pause
        self.creates = []
        self.power_asked = set()     # may be SHUTOFF at the end
        self.delete_asked = set()    # may be gone
        self.deleted = set()         # must be gone
        self.mine = []               # acknowledged, no delete asked
        self.violations = []
        self.touched = {}            # acknowledged: [(when something was asked about it, when that was answered)]
        self.refused = {}            # what a create was refused with: how often
        self.other = RestlessThings(self.client, seed, number, self.violations)
        self.moves = RestlessMoves(self.client, seed, number, self.violations)
        self.moves_accepted = self.moves.accepted
        self.things, self.interfaces, self.attach_tries = self.other.things, self.other.interfaces, self.other.attach_tries

    def run(self):
        try:
            while not self.stop.is_set() and (self.limit is None or len(self.creates) < self.limit):
                self.act()
            self.moves.end(self.mine)
        except GaveUp as gave_up:
            self.violations.append(f"{self.name}: no answer within {PATIENCE} s: {gave_up}")
        except Exception as error:  # of the test itself: never to be lost with the thread
            self.violations.append(f"{self.name}: {type(error).__name__}: {error}")
        self.client.close()

    def act(self):
        chance = self.random.random()
        if self.random.random() < THINGS:
            since = time.monotonic()
            server = self.other.act(self.mine)
            if server:
                self.touch(server, since)
        elif not self.mine or (chance < 0.52 and len(self.mine) < MOST_SERVERS):
            self.create()
        elif chance < 0.88:
            self.delete(self.mine.pop(self.random.randrange(len(self.mine))))
        elif chance < 0.94:
            self.move(self.random.choice(self.mine))
        else:
            self.power(self.random.choice(self.mine))
        if self.pause:
            self.stop.wait(self.random.random() * 2 * self.pause)
        elif self.random.random() < 0.3:
            time.sleep(self.random.random() * 0.05)

    def create(self):
        count = self.random.choice((1, 1, 1, 2, 3))
        name = f"c{self.number}n{len(self.creates)}"
        # Without a token nobody can ask again: such a call is made once, and what became of it is found out later.
        asked = Asked(name, count, "" if self.random.random() < 0.15 else f"token-{name}")
        self.creates.append(asked)
        fields = dict(name=name, flavor="m1.tiny", image="cirros", min_count=count, max_count=count,
                      networks=["private"], client_token=asked.token)
        try:
            if asked.token:
                reply, _ = self.client.ask("CreateServers", PATIENCE, **fields)
            else:
                reply = self.client.once("CreateServers", 10, **fields)
        except grpc.RpcError as error:
            if error.code() in REFUSALS:
                asked.refused = f"{error.code().name}: {error.details()}"
            if asked.token or error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                text = f"{error.code().name}: {error.details()}"
                self.refused[text] = self.refused.get(text, 0) + 1
            return
        asked.uuids = [server.id for server in reply.servers]
        if len(asked.uuids) != count:
            self.violations.append(f"create {name} of {count} was answered with {len(asked.uuids)} servers")
        self.mine += asked.uuids
        for uuid in asked.uuids:
            self.touch(uuid, asked.at)

    def touch(self, uuid, since):
        self.touched.setdefault(uuid, []).append((since, time.monotonic()))

    def delete(self, uuid):
        self.delete_asked.add(uuid)
        since = time.monotonic()
        try:
            self.client.ask("DeleteServer", PATIENCE, server=uuid)
            self.deleted.add(uuid)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:
                self.violations.append(f"delete {uuid} was refused: {error.code().name}: {error.details()}")
                return
            if error.asked == 1:
                self.violations.append(f"acknowledged server {uuid} was not found when it was to be deleted")
            self.deleted.add(uuid)
        finally:
            self.touch(uuid, since)

    def power(self, uuid):
        action = self.random.choice(("SERVER_ACTION_KIND_STOP", "SERVER_ACTION_KIND_START", "SERVER_ACTION_KIND_REBOOT"))
        self.power_asked.add(uuid)
        since = time.monotonic()
        try:
            self.client.ask("ServerAction", PATIENCE, server=uuid, action=enum_number("ServerActionKind", action))
        except grpc.RpcError as error:
            # CONFLICT and the like: it is being built, or stopped already.
            if error.code() == grpc.StatusCode.NOT_FOUND:
                self.violations.append(f"acknowledged server {uuid} was not found when it was to be changed")
        finally:
            self.touch(uuid, since)


    def move(self, uuid):
        since = time.monotonic()
        self.moves.act(uuid)
        self.touch(uuid, since)


class RestlessClients:
    def __init__(self, address, seed, clients=6, limit=None, pause=0):
        """`pause`: seconds that each rests between two calls, on average."""
        self.stop = threading.Event()
        self.clients = [RestlessClient(address, seed, n, self.stop, limit, pause) for n in range(clients)]

    def start(self):
        for client in self.clients:
            client.start()

    def end(self):
        """Each finishes what it has begun."""
        self.stop.set()
        self.wait()

    def wait(self):
        for client in self.clients:
            client.join()

    def busy(self):
        return any(client.is_alive() for client in self.clients)

    def everything(self, what):
        """The union, sum or concatenation of one attribute of all."""
        values = [getattr(client, what) for client in self.clients]
        if isinstance(values[0], set):
            return set().union(*values)
        return sum(values, type(values[0])())

    def figures(self):
        creates = self.everything("creates")
        return {"calls": len(creates), "acknowledged": sum(len(c.uuids) for c in creates if c.uuids),
                "unknown": sum(1 for c in creates if c.uuids is None and not c.refused),
                "refused_creates": sum(1 for c in creates if c.refused), "deleted": len(self.everything("deleted")),
                "moves": dict(self.everything("moves_accepted")), "things": self.figures_of_things(),
                "asked_again": dict(sum((client.client.again for client in self.clients), collections.Counter()))}

    def figures_of_things(self):
        """{kind: (acknowledged, deleted)}"""
        kinds = {kind: [t for t in self.everything("things") if t.kind == kind] for kind in CALLS}
        kinds["interface"] = self.everything("interfaces")
        return {kind: (sum(held.acknowledged for held in all_held), sum(held.deleted for held in all_held))
                for kind, all_held in kinds.items()}
