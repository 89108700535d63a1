"""Networks, images, key pairs, projects and interfaces that a restless client makes and takes away, and what it was promised of them."""

import base64
import collections
import copy
import itertools
import random
import struct
import time

import grpc

PATIENCE = 300  # seconds until an answer, as for servers
MOST = {"network": 3, "image": 5, "key pair": 5, "project": 5}  # of one client; a user has 100 key pairs, a project 100 networks
MOST_CLIENTS = 64  # each has a /16 of 100.64.0.0/10 for its networks
UNKNOWN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
# (what makes it, what takes it away, what lists it, the field of the reply that has one, that of the list)
CALLS = {"network": ("CreateNetwork", "DeleteNetwork", "ListNetworks", "network", "networks"),
         "image": ("CreateImage", "DeleteImage", "ListImages", "image", "images"),
         "key pair": ("CreateKeyPair", "DeleteKeyPair", "ListKeyPairs", "key_pair", "key_pairs"),
         "project": ("CreateProject", "DeleteProject", "ListProjects", "project", "projects")}


class Held:
    """What somebody may hold: what is known of it, and when that was asked about."""

    def __init__(self):
        self.acknowledged = False
        self.delete_asked = False  # may be gone
        self.deleted = False       # must be gone
        self.touched = []          # (when something was asked about it, when that was answered)

    def unknown(self):
        """A copy that knows nothing of what was promised: it may be there or not."""
        other = copy.copy(self)
        other.acknowledged = other.deleted = False
        return other

    def must_be_there(self):
        return self.acknowledged and not self.delete_asked


class Thing(Held):
    def __init__(self, kind, name, fields):
        super().__init__()
        self.kind, self.name, self.fields = kind, name, fields
        self.key = ""   # its id, or the name of a key pair, once it is acknowledged
        self.tries = 0  # so many may have come of it at most, where the name is not unique
        self.refused = ""

    def __str__(self):
        return f"{self.kind} '{self.name}'"


class Interface(Held):
    """One that was added to a server."""

    def __init__(self, server, mac):
        super().__init__()
        self.server, self.mac = server, mac
        self.acknowledged = True

    def __str__(self):
        return f"interface {self.mac} of server {self.server}"


def key_of(kind, row):
    return row.name if kind == "key pair" else row.id


def ssh_key(rng):
    """An ed25519 key of random bytes, in OpenSSH's form: https://www.rfc-editor.org/rfc/rfc8709#section-4"""
    words = (b"ssh-ed25519", rng.randbytes(32))
    return "ssh-ed25519 " + base64.b64encode(b"".join(struct.pack(">I", len(word)) + word for word in words)).decode()


class RestlessThings:
    """Of one client, whose thread calls it. Everything public is to be read after that thread has ended, or copied."""

    def __init__(self, client, seed, number, violations):
        assert number < MOST_CLIENTS, f"client {number} has no addresses left for networks of its own"
        self.client, self.number, self.violations = client, number, violations
        self.random = random.Random(f"{seed}/things/{number}")
        self.things = []
        self.interfaces = []
        self.attach_tries = collections.Counter()  # by server: not acknowledged, and perhaps done
        self.refused = collections.Counter()       # why something was not attached, detached or deleted: how often

    def act(self, servers):
        """`servers`: that are the client's, and that nobody has asked to be deleted. Returns the one that it was about."""
        attached = [i for i in self.interfaces if i.must_be_there() and i.server in servers]
        chance = self.random.random()
        if chance < 0.6:
            # Of each kind one, first: however short the time is.
            missing = set(CALLS) - {thing.kind for thing in self.things}
            self.make_or_delete(self.random.choice(sorted(missing) or list(CALLS)))
        elif servers and (chance < 0.82 or not attached):
            return self.attach(self.random.choice(servers))
        elif attached:
            interface = self.random.choice(attached)
            self.detach(interface)
            return interface.server
        return None

    def mine(self, kind):
        return [thing for thing in self.things if thing.kind == kind and thing.must_be_there()]

    def make_or_delete(self, kind):
        mine = self.mine(kind)
        if len(mine) < MOST[kind] and (not mine or self.random.random() < 0.5):
            self.make(kind)
        else:
            self.delete(self.random.choice(mine))

    def make(self, kind):
        count = len(self.things)
        fields = {"network": {"cidr": f"100.{64 + self.number}.{count // 8 % 256}.{count % 8 * 32}/27"},
                  "image": {"size_bytes": self.random.randrange(1 << 30)},
                  "key pair": {"public_key": ssh_key(self.random)},
                  "project": {"description": f"of {self.random.randrange(1 << 30)}"}}[kind]
        thing = Thing(kind, f"{kind[0]}{self.number}n{count}", fields)
        self.things.append(thing)
        operation, _, _, field, _ = CALLS[kind]
        with touching(thing):
            # Whoever has made it may have died before it said so; an image's name is not unique, and a repeat makes a second one.
            for thing.tries in itertools.count(1):
                try:
                    reply = self.client.once(operation, name=thing.name, **fields)
                    thing.key = key_of(kind, getattr(reply, field))
                    thing.acknowledged = True
                    return
                except grpc.RpcError as error:
                    if error.code() == grpc.StatusCode.ALREADY_EXISTS and thing.tries > 1:
                        self.adopt(thing)
                        return
                    if not self.again(error, thing.touched[-1][0]):
                        thing.refused = f"{error.code().name}: {error.details()}"
                        self.violations.append(f"{thing} was refused: {thing.refused}")
                        return
                time.sleep(min(0.02 * thing.tries, 0.5))

    def again(self, error, since):
        """Whether the call is to be made again: its answer says nothing about what was done."""
        if error.code() == grpc.StatusCode.UNAUTHENTICATED:
            self.client.token = None
        elif error.code() not in UNKNOWN:
            return False
        self.client.count_again(error)
        return time.monotonic() < since + PATIENCE

    def adopt(self, thing):
        _, _, listing, _, field = CALLS[thing.kind]
        name = "name" if thing.kind == "key pair" else thing.kind
        try:
            reply, _ = self.client.ask(listing, PATIENCE, **{name: thing.name})
            thing.key = key_of(thing.kind, getattr(reply, field)[0])
            thing.acknowledged = True
        except grpc.RpcError as error:
            self.violations.append(f"{thing} exists already, and cannot be listed: {error.code().name}: {error.details()}")

    def delete(self, thing):
        _, operation, _, _, _ = CALLS[thing.kind]
        thing.delete_asked = True
        with touching(thing):
            try:
                self.client.ask(operation, PATIENCE, **{"name" if thing.kind == "key pair" else thing.kind: thing.key})
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION and thing.kind == "network":
                    thing.delete_asked = error.asked > 1  # a server has an address of it
                    self.refused[f"{operation}: {error.code().name}"] += 1
                    return
                if error.code() != grpc.StatusCode.NOT_FOUND:
                    self.violations.append(f"delete of {thing} was refused: {error.code().name}: {error.details()}")
                    return
                if error.asked == 1:
                    self.violations.append(f"acknowledged {thing} was not found when it was to be deleted")
            thing.deleted = True

    def attach(self, server):
        """To a network of the client's own, or to everybody's. Made once: a repeat would add another one."""
        network = self.random.choice([thing.key for thing in self.mine("network")] + ["private"] * 3)
        self.attach_tries[server] += 1
        since = time.monotonic()
        try:
            reply = self.client.once("AttachInterface", server=server, network=network)
        except grpc.RpcError as error:
            self.refused[f"AttachInterface: {error.code().name}"] += 1
            if error.code() == grpc.StatusCode.NOT_FOUND:
                named = next((f"{thing}" for thing in self.things if thing.key == network), network)
                self.violations.append(f"server {server} was to be attached to {named}: {error.details()}")
            elif error.code() == grpc.StatusCode.UNAUTHENTICATED:
                self.client.token = None
            return server
        self.attach_tries[server] -= 1
        newest = max(reply.server.addresses, key=lambda address: address.nic)
        interface = Interface(server, newest.mac)
        interface.touched.append((since, time.monotonic()))
        self.interfaces.append(interface)
        return server

    def detach(self, interface):
        interface.delete_asked = True
        with touching(interface):
            try:
                self.client.ask("DetachInterface", PATIENCE, server=interface.server, interface=interface.mac)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:  # something else is under way, or it is in ERROR
                    self.refused[f"DetachInterface: {error.code().name}"] += 1
                    interface.delete_asked = error.asked > 1
                    return
                if error.code() != grpc.StatusCode.NOT_FOUND:
                    self.violations.append(f"{interface} was not detached: {error.code().name}: {error.details()}")
                    return
                if error.asked == 1:
                    self.violations.append(f"acknowledged {interface} was not found when it was to be detached")
            interface.deleted = True


class touching:
    """`with touching(thing):` it is asked about meanwhile."""

    def __init__(self, held):
        self.held = held

    def __enter__(self):
        self.since = time.monotonic()
        self.held.touched.append((self.since, float("inf")))

    def __exit__(self, *_):
        self.held.touched[-1] = (self.since, time.monotonic())
