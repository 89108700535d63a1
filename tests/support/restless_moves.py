"""Servers that a restless client resizes and migrates, cold and live, and what is to be done about them at its end."""

import collections
import random
import time

import grpc

from cloud_client import enum_number

PATIENCE = 300  # seconds, as for servers
FLAVORS = ("m1.tiny", "m1.small")
MOVES = {"ResizeServer": 0.4, "MigrateServer": 0.3, "LiveMigrateServer": 0.3}


class RestlessMoves:
    """Of one client, whose thread calls it. Everything public is to be read after that thread has ended, or copied."""

    def __init__(self, client, seed, number, violations):
        self.client, self.violations = client, violations
        self.random = random.Random(f"{seed}/moves/{number}")
        self.moved = set()                    # servers that were asked to move
        self.accepted = collections.Counter()  # by operation

    def act(self, server):
        """A server that was resized is confirmed or reverted, or moved on, which is refused while it waits."""
        if server in self.moved and self.random.random() < 0.6:
            return self.decide(server)
        operation, = self.random.choices(list(MOVES), MOVES.values())
        fields = {"flavor": self.random.choice(FLAVORS)} if operation == "ResizeServer" else {}
        self.moved.add(server)
        self.ask(operation, server=server, **fields)

    def decide(self, server):
        action = self.random.choice(("CONFIRM_RESIZE", "REVERT_RESIZE"))
        kind = enum_number("ServerActionKind", "SERVER_ACTION_KIND_" + action)
        self.ask("ServerAction", action, server=server, action=kind)

    def ask(self, operation, called="", **fields):
        try:
            self.client.ask(operation, PATIENCE, **fields)
            self.accepted[called or operation] += 1
        except grpc.RpcError as error:
            # It is being built or moved, it waits for no confirmation, or it has this flavor already.
            if error.code() == grpc.StatusCode.NOT_FOUND:
                self.violations.append(f"acknowledged server {fields['server']} was not found when it was to be moved")

    def end(self, mine):
        """No server waits for a confirmation any more. `mine`: those that must be there."""
        begun = time.monotonic()
        for server in self.moved:
            while self.is_under_way(server, mine):
                if time.monotonic() > begun + PATIENCE:
                    self.violations.append(f"server {server} still moves {PATIENCE} s after its client's end")
                    return
                time.sleep(0.2)

    def is_under_way(self, server, mine):
        try:
            row = self.client.ask("GetServer", PATIENCE, server=server)[0].server
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND or server in mine:
                self.violations.append(f"server {server} was asked about after its move: {error.code().name}: {error.details()}")
            return False
        if row.status == "VERIFY_RESIZE" and not row.task_state:
            self.decide(server)
        return bool(row.task_state) or row.status == "VERIFY_RESIZE"


def end_moves(client):
    """For a cloud whose clients are gone: confirms what waits, until nothing moves or waits."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        rows = [row for row in client.servers() if "RESIZE" in row.status or row.status == "MIGRATING"]
        if not rows:
            return
        for row in rows:
            if row.status == "VERIFY_RESIZE" and not row.task_state:
                confirm(client, row.id)
        time.sleep(0.2)


def confirm(client, server):
    kind = enum_number("ServerActionKind", "SERVER_ACTION_KIND_CONFIRM_RESIZE")
    try:
        client.ask("ServerAction", PATIENCE, server=server, action=kind)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.FAILED_PRECONDITION:  # it was told already
            raise
