"""The public service for tests: the distribution's python3-grpcio and the build's descriptors, nothing generated."""

import collections
import re
import threading
import time

import grpc

from public_client import POOL, SERVICE, message

# An answer of this kind says nothing about what was done, or that it was not done for now: ask again.
# CANCELLED is what gRPC tells a call that comes in the very moment in which a server ends.
AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED,
         grpc.StatusCode.CANCELLED)


def enum_number(name, value):
    return POOL.FindEnumTypeByName("kilonova.v1." + name).values_by_name[value].number


class GaveUp(Exception):
    """No answer within the limit, however often it was asked."""


class CloudClient:
    """One user in one project. Thread-safe; a token is drawn when the first call needs one, and again when it ended."""

    def __init__(self, address, user="admin", password="kilonova", project="admin"):
        self.channel = grpc.insecure_channel(address, options=[
            ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 5000),
            ("grpc.max_reconnect_backoff_ms", 300), ("grpc.use_local_subchannel_pool", 1)])
        self.credentials = dict(user=user, password=password, project=project)
        self.token = None
        self.lock = threading.Lock()
        self.methods = {}
        self.again = collections.Counter()  # why calls were asked again

    def close(self):
        self.channel.close()

    def method(self, operation):
        if operation not in self.methods:
            self.methods[operation] = self.channel.unary_unary(
                f"/{SERVICE}/{operation}", request_serializer=lambda m: m.SerializeToString(),
                response_deserializer=message(operation + "Reply").FromString)
        return self.methods[operation]

    def once(self, operation, timeout=10, **fields):
        """One call; grpc.RpcError as it comes."""
        metadata = ()
        if operation != "Login":
            with self.lock:
                if self.token is None:
                    self.token = self.once("Login", timeout, **self.credentials).token
                metadata = (("authorization", "Bearer " + self.token),)
        return self.method(operation)(message(operation + "Request")(**fields), timeout=timeout, metadata=metadata)

    def ask(self, operation, limit=120, timeout=10, **fields):
        """Asks until there is an answer; returns (reply, how often it was asked). grpc.RpcError for a refusal that stands."""
        end, asked = time.monotonic() + limit, 0
        while True:
            asked += 1
            try:
                return self.once(operation, timeout, **fields), asked
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.UNAUTHENTICATED and operation != "Login" and asked < 50:
                    self.token = None
                elif error.code() not in AGAIN:
                    error.asked = asked
                    raise
                self.count_again(error)
                if time.monotonic() > end:
                    raise GaveUp(f"{operation} {fields}: {error.code().name}: {error.details()}") from error
            time.sleep(min(0.02 * asked, 0.5))

    def count_again(self, error):
        self.again[f"{error.code().name}: {re.sub('[0-9]+', 'N', error.details() or '')[:90]}"] += 1

    def listed(self, operation, what, key="id", **fields):
        """Everything that a list has, over all pages."""
        found, marker = [], ""
        while True:
            page, _ = self.ask(operation, marker=marker, **fields)
            found += getattr(page, what)
            if not page.more:
                return found
            marker = getattr(found[-1], key)

    def servers(self, **fields):
        """Every server."""
        return self.listed("ListServers", "servers", **fields)
