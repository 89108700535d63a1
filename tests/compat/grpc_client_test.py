"""The public service through a gRPC client that is not ours: the distribution's python3-grpcio, with nothing generated."""

import os
import signal
import sys
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from public_client import Client


class GrpcClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "5")
        cls.cloud.up()
        cls.address = f"127.0.0.1:{cls.cloud.port}"

    @classmethod
    def tearDownClass(cls):
        cls.cloud.__exit__()

    def sockets(self):
        run = os.path.join(self.cloud.state_dir, "run")
        return ["unix:" + os.path.join(run, name) for name in sorted(os.listdir(run)) if name.endswith(".sock")]

    def test_health_on_every_daemon(self):
        self.assertEqual(len(self.sockets()), 5)
        for address in self.sockets() + [self.address]:
            with self.subTest(address=address), grpc.insecure_channel(address) as channel:
                check = channel.unary_unary("/grpc.health.v1.Health/Check")
                self.assertEqual(check(b"", timeout=10), b"\x08\x01")  # status: SERVING

    def test_health_is_whether_calls_are_served(self):
        """Also while the controller is stopped, and so connected and silent; for the whole server and for each service."""
        serving, not_serving = b"\x08\x01", b"\x08\x02"
        for service in (b"", b"kilonova.v1.Cloud", b"kilonova.v1.Peer"):
            asked = b"\x0a" + bytes([len(service)]) + service
            with self.subTest(service=service), grpc.insecure_channel(self.address) as channel:
                answers = channel.unary_stream("/grpc.health.v1.Health/Watch")(asked, timeout=120)
                self.assertEqual(next(answers), serving)
                pid = self.cloud.kill("controller-0", signal.SIGSTOP)
                try:
                    self.assertEqual(next(answers), not_serving)
                finally:
                    os.kill(pid, signal.SIGCONT)
                self.assertEqual(next(answers), serving)
                answers.cancel()
        with grpc.insecure_channel(self.address) as channel, self.assertRaises(grpc.RpcError) as error:
            channel.unary_unary("/grpc.health.v1.Health/Check")(b"\x0a\x05ghost", timeout=10)
        self.assertEqual(error.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_text_that_is_not_utf8_is_refused_with_words(self):
        token = Client(self.address).login().token
        with grpc.insecure_channel(self.address) as channel, self.assertRaises(grpc.RpcError) as error:
            channel.unary_unary("/kilonova.v1.Cloud/CreateServers")(
                b"\x0a\x04caf\xe9", timeout=10, metadata=(("authorization", "Bearer " + token),))
        self.assertEqual(error.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(error.exception.details(), "CreateServersRequest: the text of field 'name' is not UTF-8")

    def test_reflection_on_every_daemon(self):
        for address in self.sockets() + [self.address]:
            with self.subTest(address=address), grpc.insecure_channel(address) as channel:
                reflect = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
                reply = next(reflect(iter([b"\x3a\x00"]), timeout=10))  # list_services
                self.assertIn(b"kilonova.v1.", reply)

    def test_launch_watch_delete(self):
        client = Client(self.address).login()
        created = client.call("CreateServers", name="stock", flavor="m1.tiny", image="cirros", min_count=1,
                              max_count=1)[0]
        uuid = created.servers[0].id
        seen = []
        for reply in client.watch(since=created.revision - 1, server=uuid):
            seen += [event.status for event in reply.events]
            if "ACTIVE" in seen:
                break
        self.assertEqual(seen[-1], "ACTIVE")
        self.assertEqual(client.call("GetServer", server="stock")[0].server.status, "ACTIVE")
        client.call("DeleteServer", server=uuid)
        for reply in client.watch(since=created.revision, server=uuid):
            if any(event.deleted for event in reply.events):
                break
        with self.assertRaises(grpc.RpcError) as gone:
            client.call("GetServer", server=uuid)
        self.assertEqual(gone.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_request_id_and_traceparent_reach_every_daemons_log(self):
        client = Client(self.address).login()
        request_id = "req-11111111-2222-4333-8444-555555555555"
        trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
        _, call = client.call("CreateServers", name="followed", flavor="m1.tiny", image="cirros", min_count=1,
                              max_count=1, metadata=(("x-openstack-request-id", request_id),
                                                     ("traceparent", f"00-{trace_id}-00f067aa0ba902b7-01")))
        self.assertIn(("x-openstack-request-id", request_id), [(m.key, m.value) for m in call.initial_metadata()])
        self.cloud.run("server", "delete", "--wait", "followed")
        self.cloud.down()  # logs are written out
        for daemon in ("api-0", "controller-0", "scheduler-0", "compute-0", "network-0"):
            with self.subTest(daemon=daemon):
                log = self.cloud.log(daemon)
                self.assertIn(request_id, log)
                self.assertIn(trace_id, log)
        self.cloud.up()

    def test_refusals_have_the_right_status(self):
        client = Client(self.address)
        server = dict(flavor="m1.tiny", image="cirros", min_count=1, max_count=1)
        with self.assertRaises(grpc.RpcError) as error:
            client.call("ListServers")
        self.assertEqual(error.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        client.token = "not.a.token"
        with self.assertRaises(grpc.RpcError) as error:
            client.call("ListServers")
        self.assertEqual(error.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        with self.assertRaises(grpc.RpcError) as error:
            Client(self.address).login(password="wrong")
        self.assertEqual(error.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        client.login("demo", "kilonova", "demo")
        cases = [
            ("CreateServers", dict(server, name="x", flavor="m9"), grpc.StatusCode.INVALID_ARGUMENT, "m9"),
            ("CreateServers", dict(server, name=""), grpc.StatusCode.INVALID_ARGUMENT, "name"),
            ("CreateServers", dict(server, name="x", min_count=11, max_count=11), None, "Quota exceeded"),
            ("CreateServers", dict(server, name="x", min_count=0, max_count=0), grpc.StatusCode.INVALID_ARGUMENT, "0"),
            ("ListHosts", {}, grpc.StatusCode.PERMISSION_DENIED, "admin"),
            ("CreateFlavor", {}, grpc.StatusCode.PERMISSION_DENIED, "admin"),
            ("GetServer", dict(server="ghost"), grpc.StatusCode.NOT_FOUND, "ghost"),
        ]
        for operation, fields, code, text in cases:
            with self.subTest(operation=operation, fields=fields), self.assertRaises(grpc.RpcError) as error:
                client.call(operation, **fields)
            if code is not None:
                self.assertEqual(error.exception.code(), code, error.exception.details())
            self.assertIn(text, error.exception.details())

    def test_garbage_harms_nobody(self):
        with grpc.insecure_channel(self.address, options=[("grpc.max_send_message_length", -1)]) as channel:
            for payload in (b"\xff" * 64, b"\x0a\xff\xff\xff\xff\x0f", os.urandom(4096), b"\x00" * (20 << 20)):
                with self.assertRaises(grpc.RpcError):
                    channel.unary_unary("/kilonova.v1.Cloud/CreateServers")(payload, timeout=10)
        for address in self.sockets():
            with grpc.insecure_channel(address, options=[("grpc.max_send_message_length", -1)]) as channel:
                for payload in (b"\xff" * 64, os.urandom(4096), b"\x00" * (20 << 20)):
                    with self.assertRaises(grpc.RpcError):
                        for _ in channel.stream_stream("/kilonova.v1.Peer/Connect")(iter([payload]), timeout=5):
                            pass
        self.cloud.create("unharmed")
        self.assertTrue(all(d["state"] == "running" and d["restarts"] == 0 for d in self.cloud.daemons().values()))
        self.cloud.run("server", "delete", "--wait", "unharmed")


if __name__ == "__main__":
    unittest.main()
