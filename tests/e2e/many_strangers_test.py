"""Strangers from many addresses at once: each has its share of the doors and no more, and all together make no daemon take more
memory than docs/adr/0017 says. The addresses are those of a network namespace, which only root may make."""

import ctypes
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud, free_ports
from processes import runs
from public_client import Client

CLONE_NEWNET = 0x40000000
MOST_MIB = 320  # docs/adr/0017: beside what a daemon takes anyway
ENOUGH_MIB = 3 * MOST_MIB  # of which it is clear that it is too much: the machine is spared the rest
SERVER = "10.77.0.100"
SOURCES = [f"10.77.0.{number}" for number in range(1, 7)]  # four of them may have everything that there is
MIB = 1 << 20
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
ACK, END_HEADERS, INITIAL_WINDOW_SIZE = 1, 4, 4
QUARTER = 1024  # of the connections, with as many files as a daemon wants


def setUpModule():
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root can give a machine more addresses")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise unittest.SkipTest("no network namespace: " + os.strerror(ctypes.get_errno()))
    for words in ("link set lo up", "route add local 10.77.0.0/24 dev lo"):
        done = subprocess.run(["ip", *words.split()], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest(f"ip {words}: {done.stderr.strip()}")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < 4 * 4 * QUARTER:
        raise unittest.SkipTest(f"{hard} files at once are fewer than the doors of a daemon take connections")


def memory_mib(pid, which):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith(which + ":"))


def frame(kind, payload=b"", flags=0, stream=0):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(text):
    """RFC 7541: a string that is not compressed."""
    length = len(text)
    if length < 127:
        return bytes([length]) + text
    length -= 127
    out = b"\x7f"
    while length > 127:
        out += bytes([length & 127 | 128])
        length >>= 7
    return out + bytes([length]) + text


def call(method, stream, more=(), flags=END_HEADERS):
    fields = [(":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "a"), ("te", "trailers"),
              ("content-type", "application/grpc"), *more]
    return frame(HEADERS, b"".join(b"\0" + literal(name.encode()) + literal(value.encode()) for name, value in fields),
                 flags, stream)


def begin_of_message(length, sent):
    """A gRPC message of which so much comes."""
    return b"\0" + length.to_bytes(4, "big") + b"\x0a" + b"x" * (sent - 1)


def connect(port, source, timeout=20):
    return socket.create_connection((SERVER, port), timeout=timeout, source_address=(source, 0))


class Sender:
    """Sends DATA as the windows of the other end let it (RFC 9113)."""

    def __init__(self, connection, stream):
        self.connection, self.stream = connection, stream
        self.windows, self.initial, self.received = {0: 65535, stream: 65535}, 65535, b""
        connection.settimeout(1)

    def send(self, payload, limit=8):
        """As much as it may in so many seconds; returns how much that was."""
        end, sent = time.monotonic() + limit, 0
        while sent < len(payload) and time.monotonic() < end and self.stream in self.windows:
            piece = min(len(payload) - sent, 16384, *self.windows.values())
            if piece > 0:
                self.connection.sendall(frame(DATA, payload[sent:sent + piece], 0, self.stream))
                sent += piece
                self.windows = {number: window - piece for number, window in self.windows.items()}
            if piece <= 0 or sent == len(payload) or sent % (16 * 16384) == 0:
                self.hear()
        return sent

    def hear(self):
        try:
            self.received += self.connection.recv(65536)
        except TimeoutError:
            return
        while len(self.received) >= 9 and len(self.received) >= 9 + (length := int.from_bytes(self.received[:3], "big")):
            head, body, self.received = self.received[:9], self.received[9:9 + length], self.received[9 + length:]
            self.heard(head[3], head[4], int.from_bytes(head[5:9], "big"), body)

    def heard(self, kind, flags, number, body):
        if kind == WINDOW_UPDATE and number in self.windows:
            self.windows[number] += int.from_bytes(body, "big")
        elif kind in (SETTINGS, PING) and not flags & ACK:
            self.connection.sendall(frame(kind, body if kind == PING else b"", ACK))
            for at in range(0, len(body) - 5, 6) if kind == SETTINGS else ():
                name, value = struct.unpack(">HI", body[at:at + 6])
                if name == INITIAL_WINDOW_SIZE:
                    self.windows[self.stream] += value - self.initial
                    self.initial = value
        elif kind == RST_STREAM and number == self.stream:
            del self.windows[self.stream]  # sent away


class ManyStrangersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="kn-", dir="/tmp")
        cls.addClassCleanup(directory.cleanup)
        secret, password = (os.path.join(directory.name, name) for name in ("secret", "password"))
        for path, text in ((secret, "0123456789abcdef0123456789abcdef"), (password, "of admin")):
            with open(path, "w", encoding="utf-8", opener=lambda *a: os.open(*a, 0o600)) as file:
                file.write(text + "\n")
        ports = free_ports(6)
        cls.ports = {"api": ports, "http": ports + 1, "controller": ports + 2, "network": ports + 3}
        cls.cloud = Cloud("--hosts", "2", "--grpc-listen", f"{SERVER}:{ports}", "--http-listen", f"{SERVER}:{ports + 1}",
                          "--cluster-listen", f"{SERVER}:{ports + 2}", "--cluster-secret-file", secret,
                          "--admin-password-file", password)
        cls.addClassCleanup(cls.cloud.__exit__)
        done = cls.cloud.run("up", "--detach", *cls.cloud.up_args, env={"KILONOVA_DEMO_PASSWORD": "of demo"}, check=False)
        assert done.returncode == 0, done.stderr
        daemons = cls.cloud.daemons()
        cls.pids = {name: daemons[name]["pid"] for name in ("api-0", "controller-0", "network-0")}
        cls.log_in()
        cls.before = {}
        for name, pid in cls.pids.items():
            with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
                file.write("5")  # proc(5): VmHWM begins anew
            cls.before[name] = memory_mib(pid, "VmHWM")

    @classmethod
    def log_in(cls):
        """From an address that nobody else uses; asked again while all the calls of strangers are taken."""
        end = time.monotonic() + 60
        while True:
            client = Client(f"{SERVER}:{cls.ports['api']}", options=[("grpc.use_local_subchannel_pool", 1)])
            try:
                client.login("admin", "of admin").ask("ListFlavors")
                return
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE) or \
                        time.monotonic() > end:
                    raise
            finally:
                client.channel.close()

    def setUp(self):
        self.held = []
        self.addCleanup(lambda: [one.close() for one in self.held])

    def too_much(self):
        return any(memory_mib(pid, "VmRSS") - self.before[name] > ENOUGH_MIB for name, pid in self.pids.items())

    def check_memory(self):
        """And nobody has died of it: its memory is that of the process which was there before."""
        self.assertEqual([name for name, pid in self.pids.items() if not runs(pid)], [])
        more = {name: memory_mib(pid, "VmHWM") - self.before[name] for name, pid in self.pids.items()}
        self.assertLess(max(more.values()), MOST_MIB, more)
        for one in self.held:
            one.close()
        self.log_in()

    def hold(self, port, source, begin):
        """False where the door does not open to it, or closes while it speaks."""
        try:
            one = connect(port, source)
            self.held.append(one)
            one.setblocking(False)
            sent = 0
            while sent < len(begin):
                try:
                    sent += one.send(begin[sent:sent + MIB])
                except BlockingIOError:  # its peer has as much as it takes
                    return True
            return True
        except OSError:
            return False

    def hold_all(self, port, count, begin):
        for source in SOURCES:
            for _ in range(count):
                if self.too_much() or not self.hold(port, source, begin):
                    break

    def hold_streams(self, door, method):
        """With all the metadata that they may have; nobody reads what is answered."""
        more = [(f"x-{number}", "x" * 1000) for number in range(7)]
        begin = PREFACE + frame(SETTINGS) + b"".join(call(method, 2 * number + 1, more) for number in range(1000))
        self.hold_all(self.ports[door], 40, begin)

    def test_streams_with_all_the_metadata_they_may_have(self):
        for door, method in (("api", "/kilonova.v1.Cloud/Login"), ("api", "/kilonova.v1.Cloud/CreateServers"),
                             ("api", "/kilonova.v1.Peer/Connect"), ("controller", "/kilonova.v1.Peer/Connect"),
                             ("network", "/kilonova.v1.Peer/Connect")):
            with self.subTest(door=door, method=method):
                self.hold_streams(door, method)
                time.sleep(2)
                self.check_memory()

    def hold_answers(self):
        """Nobody takes them: the windows are 0 from the beginning."""
        closed = frame(SETTINGS, struct.pack(">HI", INITIAL_WINDOW_SIZE, 0))
        asked = b"\x22" + literal(b"kilonova.v1.Cloud")
        body = b"\0" + len(asked).to_bytes(4, "big") + asked
        method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
        begin = PREFACE + closed + b"".join(
            call(method, 2 * number + 1) + frame(DATA, body * 8, 0, 2 * number + 1) for number in range(64))
        self.hold_all(self.ports["api"], 40, begin)
        pipelined = b"GET /identity/v3 HTTP/1.1\r\nHost: a\r\n\r\n" * 5000
        self.hold_all(self.ports["http"], 200, pipelined)

    def test_answers_that_nobody_takes(self):
        self.hold_answers()
        time.sleep(2)
        self.check_memory()

    def hold_bodies(self):
        """As long as they may be, as many as there may be; of each, the last byte is missing."""
        begin = PREFACE + frame(SETTINGS) + b"".join(
            call("/kilonova.v1.Cloud/Login", 2 * number + 1) +
            frame(DATA, begin_of_message(16 << 10, (16 << 10) - 1 - 5), 0, 2 * number + 1) for number in range(3))
        self.hold_all(self.ports["api"], 64, begin)
        request = b"POST /identity/v3/auth/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\nX: " + b"x" * 15_000
        self.hold_all(self.ports["http"], QUARTER + 10, request + b"\r\n\r\n" + b"x" * 16_383)

    def test_bodies_of_which_the_last_byte_is_missing(self):
        self.hold_bodies()
        time.sleep(2)
        self.check_memory()

    def hold_frames(self, door):
        """How many came whole but for their last byte."""
        message, whole = begin_of_message(16 * MIB - 64, 16 * MIB - 65), []

        def send(source):
            try:
                connection = connect(self.ports[door], source)
                self.held.append(connection)
                connection.sendall(PREFACE + frame(SETTINGS) + call("/kilonova.v1.Peer/Connect", 1))
                whole.append(Sender(connection, 1).send(message) == len(message))
            except OSError:
                pass  # its connection was closed

        threads = [threading.Thread(target=send, args=(source,)) for source in SOURCES for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(whole)

    def test_frames_of_which_the_last_byte_is_missing(self):
        """The api-server has no door for daemons but its socket; it sends them away unread."""
        for door, least in (("api", 0), ("controller", 1), ("network", 1)):
            with self.subTest(door=door):
                self.assertGreaterEqual(self.hold_frames(door), least)
                self.check_memory()

    def test_all_of_it_at_once(self):
        self.hold_streams("api", "/kilonova.v1.Cloud/Login")
        self.hold_answers()
        self.hold_bodies()
        for door in ("controller", "network"):
            self.hold_streams(door, "/kilonova.v1.Peer/Connect")
            self.hold_frames(door)
        self.check_memory()

    def test_one_source_at_its_quarter_keeps_no_other_out(self):
        port, http = self.ports["api"], self.ports["http"]
        begins = {port: PREFACE + frame(SETTINGS), http: b"GET /identity/v3 HTTP/1.1\r\nHost: a\r\n"}
        for door, begin in begins.items():
            for _ in range(QUARTER + 100):
                self.hold(door, SOURCES[0], begin)
        # Over gRPC, it gets no more itself.
        with connect(port, SOURCES[0]) as one:
            try:
                one.sendall(begins[port])
                self.assertEqual(one.recv(100), b"")
            except ConnectionResetError:
                pass
        for source in SOURCES[1:3]:
            with connect(port, source) as one:
                one.sendall(begins[port])
                self.assertEqual(one.recv(9)[3], SETTINGS)
            with connect(http, source) as one:
                one.sendall(begins[http] + b"Connection: close\r\n\r\n")
                self.assertIn(b"200 OK", one.recv(4096))
        self.check_memory()


if __name__ == "__main__":
    unittest.main()
