"""What somebody without a token can make a daemon do, on real processes: neither go deaf, nor grow, nor wait for ever."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud, free_port, free_ports
from public_client import Client, message

Status = grpc.StatusCode
MIB = 1 << 20
# docs/adr/0017: the most that strangers can make a daemon take, beside what it takes anyway.
MOST_MIB = 256


def high_water_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    raise AssertionError(f"no VmHWM of {pid}")


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def raw_call(channel, method, request, metadata=(), timeout=20, compression=None):
    """The status of a call whose request is these bytes."""
    try:
        channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)(
            request, metadata=metadata, timeout=timeout, compression=compression)
        return Status.OK, ""
    except grpc.RpcError as error:
        return error.code(), error.details()


def raw_stream(channel, method, requests, timeout=20):
    """The status that a stream ends with on which these bytes are written; it stays open behind them."""
    over = threading.Event()

    def writes():
        yield from requests
        over.wait(timeout)

    call = channel.stream_stream(method, request_serializer=bytes, response_deserializer=bytes)(writes(), timeout=timeout)
    try:
        for _ in call:
            pass
        return Status.OK, ""
    except grpc.RpcError as error:
        return error.code(), error.details()
    finally:
        over.set()


def at_once(count, function):
    results = [None] * count

    def run(i):
        results[i] = function(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


class LimitedCloud(Cloud):
    """Its daemons may open so many files."""

    files = 1024

    def up(self, *more, check=True):
        done = subprocess.run(
            ["bash", "-c", f'ulimit -n {self.files} && exec "$@"', "up", os.path.join(BIN, "kilonova"), "--state-dir",
             self.state_dir, "up", "--grpc-port", str(self.port), "--detach", *self.up_args, *more],
            capture_output=True, text=True, timeout=120, check=False)
        if check and done.returncode != 0:
            raise AssertionError(done.stderr)
        return done


class DescriptorsTest(unittest.TestCase):
    def hold_and_let_go(self, port, pid):
        """More idle connections than the daemon may have files, all at once; as many as there is room for."""
        held = []
        for _ in range(1100):
            try:
                held.append(connect(port))
            except OSError:
                break
        self.assertGreater(len(held), 600)
        self.assertLess(len(os.listdir(f"/proc/{pid}/fd")), 1000, "the daemon has files to spare")
        for one in held:
            one.close()

    def test_doors_open_again_when_descriptors_were_all_in_use(self):
        with LimitedCloud("--hosts", "2") as cloud:
            ports = (cloud.port, int(cloud.json("status")["http"].rsplit(":", 1)[1]))
            for port in ports:
                with self.subTest(port=port):
                    self.hold_and_let_go(port, cloud.daemons()["api-0"]["pid"])
            Client(f"127.0.0.1:{cloud.port}").login().ask("ListFlavors")
            self.assertEqual(cloud.create("still-served")["status"], "ACTIVE")
            with connect(ports[1]) as http:
                http.sendall(b"GET /identity/v3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                self.assertIn(b"200 OK", http.recv(4096))

    def test_the_controllers_door_opens_again_too(self):
        with tempfile.NamedTemporaryFile("w") as secret:
            secret.write("0123456789abcdef0123456789abcdef\n")
            secret.flush()
            self.check_cluster_door(free_ports(4), secret.name)

    def check_cluster_door(self, port, secret):
        with LimitedCloud("--hosts", "2", "--cluster-listen", f"127.0.0.1:{port}", "--cluster-secret-file", secret) as cloud:
            self.hold_and_let_go(port, cloud.daemons()["controller-0"]["pid"])
            self.assertEqual(cloud.create("still-served")["status"], "ACTIVE")
            # Over that door the other daemons come back.
            old = cloud.kill("compute-0")
            cloud.create("served-again", "--timeout", "120s")
            self.assertNotEqual(cloud.daemons()["compute-0"]["pid"], old)

    def test_a_connection_that_says_nothing_is_closed(self):
        with Cloud("--hosts", "1") as cloud, connect(cloud.port) as silent:
            silent.settimeout(30)
            while silent.recv(4096):  # the server's settings come first
                pass


class Http2(unittest.TestCase):
    """Frames written by hand (RFC 9113)."""

    SETTINGS, PING, GOAWAY = 4, 6, 7
    MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE, ENHANCE_YOUR_CALM = 3, 6, 11

    @staticmethod
    def frame(kind, payload=b"", flags=0):
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + bytes(4) + payload

    @classmethod
    def greet(cls, port):
        connection = connect(port)
        connection.settimeout(60)
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + cls.frame(cls.SETTINGS))
        return connection

    @staticmethod
    def frames(connection):
        """(kind, payload) until the connection ends."""
        with connection.makefile("rb") as file:
            try:
                while len(head := file.read(9)) == 9:
                    yield head[3], file.read(int.from_bytes(head[:3], "big"))
            except ConnectionResetError:
                return

    def test_whoever_does_nothing_but_ping_is_sent_away(self):
        with Cloud("--hosts", "1") as cloud, self.greet(cloud.port) as connection:
            try:
                for number in range(100):
                    connection.sendall(self.frame(self.PING, number.to_bytes(8, "big")))
            except OSError:
                pass  # it is closed already; what was said before can be read
            farewells = [payload for kind, payload in self.frames(connection) if kind == self.GOAWAY]
            self.assertIn(self.ENHANCE_YOUR_CALM, [int.from_bytes(payload[4:8], "big") for payload in farewells])
            self.assertEqual(cloud.create("still-served")["status"], "ACTIVE")

    def test_streams_and_headers_of_a_connection_are_bounded(self):
        with Cloud("--hosts", "1") as cloud, self.greet(cloud.port) as connection:
            kind, payload = next(self.frames(connection))
            self.assertEqual(kind, self.SETTINGS)
            said = {int.from_bytes(payload[i:i + 2], "big"): int.from_bytes(payload[i + 2:i + 6], "big")
                    for i in range(0, len(payload), 6)}
            self.assertEqual(said[self.MAX_CONCURRENT_STREAMS], 1000)
            self.assertLessEqual(said[self.MAX_HEADER_LIST_SIZE], 16 << 10)


class MemoryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peers = free_port()
        cls.secret = f"/tmp/kn-strangers-{os.getpid()}"
        with open(cls.secret, "w", encoding="utf-8") as file:
            file.write("0123456789abcdef0123456789abcdef\n")
        os.chmod(cls.secret, 0o600)
        cls.addClassCleanup(os.unlink, cls.secret)
        cls.cloud = Cloud("--hosts", "2", "--cluster-listen", f"127.0.0.1:{cls.peers}", "--cluster-secret-file", cls.secret)
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        cls.address = f"127.0.0.1:{cls.cloud.port}"
        daemons = cls.cloud.daemons()
        cls.pids = {name: daemons[name]["pid"] for name in ("api-0", "controller-0")}
        cls.before = {name: high_water_mib(pid) for name, pid in cls.pids.items()}
        cls.token = Client(cls.address).login().token

    def channel(self, address=None):
        # A connection of its own, and messages of any size.
        channel = grpc.insecure_channel(address or self.address, options=(
            ("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)))
        self.addCleanup(channel.close)
        return channel

    def check_memory(self):
        for name, pid in self.pids.items():
            self.assertLess(high_water_mib(pid) - self.before[name], MOST_MIB, name)
        Client(self.address).login().ask("ListFlavors")

    def test_requests_without_a_token_are_not_read(self):
        networks = b"\x22\x00" * (8 * MIB)  # 16 MiB of empty names
        for compression in (None, grpc.Compression.Gzip, grpc.Compression.Deflate):
            codes = at_once(8, lambda _, c=compression: raw_call(self.channel(), "/kilonova.v1.Cloud/CreateServers",
                                                                 networks, compression=c)[0])
            self.assertLessEqual(set(codes), {Status.UNAUTHENTICATED, Status.UNIMPLEMENTED, Status.RESOURCE_EXHAUSTED})
        self.check_memory()

    def test_log_ins_are_small(self):
        code, why = raw_call(self.channel(), "/kilonova.v1.Cloud/Login", b"\x0a" + varint(100_000) + b"x" * 100_000)
        self.assertEqual(code, Status.RESOURCE_EXHAUSTED)
        self.assertIn("16384 bytes, not 100004", why)
        code, _ = raw_call(self.channel(), "/kilonova.v1.Cloud/Login", b"\x0a\x01x", compression=grpc.Compression.Gzip)
        self.assertEqual(code, Status.UNIMPLEMENTED)

    def test_elements_are_counted_before_they_are_made(self):
        metadata = (("authorization", "Bearer " + self.token),)
        code, why = raw_call(self.channel(), "/kilonova.v1.Cloud/CreateServers", b"\x5a\x00" * 200_000, metadata)
        self.assertEqual(code, Status.INVALID_ARGUMENT)
        self.assertIn("at most 10000 fields", why)
        code, _ = raw_call(self.channel(), "/kilonova.v1.Cloud/CreateServers", b"\x5a\x00" * MIB, metadata)
        self.assertEqual(code, Status.RESOURCE_EXHAUSTED)
        self.check_memory()

    def test_a_frame_before_its_hello_is_small(self):
        envelopes = b"\x32\x00" * (7 * MIB)
        frame = message("Frame").FromString(b"\x32\x00")
        self.assertEqual(len(frame.messages), 1, "an envelope is field 6")
        for address in (self.address, f"127.0.0.1:{self.peers}"):
            codes = at_once(12, lambda _, a=address: raw_stream(self.channel(a), "/kilonova.v1.Peer/Connect", [envelopes])[0])
            self.assertLessEqual(set(codes), {Status.INVALID_ARGUMENT, Status.PERMISSION_DENIED, Status.RESOURCE_EXHAUSTED,
                                              Status.DEADLINE_EXCEEDED, Status.UNAVAILABLE})
        self.check_memory()

    def test_nothing_waits_for_ever_for_a_stranger(self):
        for method in ("kilonova.v1.Cloud/Login", "grpc.health.v1.Health/Check",
                       "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "kilonova.v1.Peer/Connect"):
            with self.subTest(method=method):
                code, _ = raw_stream(self.channel(), "/" + method, [], timeout=40)
                self.assertNotEqual(code, Status.DEADLINE_EXCEEDED)

    def test_one_address_has_so_many_calls_at_once(self):
        channel = self.channel()
        over = threading.Event()

        def never():
            over.wait(60)
            yield from ()

        calls = [channel.stream_unary("/kilonova.v1.Cloud/Login", request_serializer=bytes, response_deserializer=bytes)
                 .future(never(), timeout=40) for _ in range(80)]
        codes = [call.exception(timeout=60).code() for call in calls[64:]]
        over.set()
        self.assertEqual(set(codes), {Status.RESOURCE_EXHAUSTED})

    def test_bodies_of_strangers_over_http_are_small(self):
        port = int(self.cloud.json("status")["http"].rsplit(":", 1)[1])
        for length in (17 * 1024, 100 * 1024):
            with connect(port) as client:
                client.sendall(b"POST /compute/v2.1/servers HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n{" % length)
                self.assertIn(b" 413 ", client.recv(4096))
        with connect(port) as client:
            client.sendall(b"POST /compute/v2.1/servers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n" +
                           b"x" * 0x5000 + b"\r\n")
            self.assertIn(b" 413 ", client.recv(4096))
        with connect(port) as client:
            client.sendall(b"POST /compute/v2.1/servers HTTP/1.1\r\nHost: a\r\nX-Auth-Token: " + self.token.encode() +
                           b"\r\nContent-Length: 100000\r\n\r\n" + b"{" * 100_000)
            self.assertIn(b" 400 ", client.recv(4096))

    def test_as_many_connections_as_there_may_be_each_with_all_it_may_send(self):
        http = int(self.cloud.json("status")["http"].rsplit(":", 1)[1])
        held = []
        try:
            for port, begin in ((self.cloud.port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])),
                                (http, b"POST /identity/v3/auth/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\n" +
                                 b"X: " + b"x" * 15_000 + b"\r\n\r\n" + b"x" * 16_000)):
                for _ in range(1000):
                    try:
                        one = connect(port)
                        one.sendall(begin)
                        held.append(one)
                    except OSError:
                        break
            time.sleep(2)
            self.check_memory()
        finally:
            for one in held:
                one.close()


if __name__ == "__main__":
    unittest.main()
