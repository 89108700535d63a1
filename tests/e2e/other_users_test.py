"""Other users of the machine: what is another user's process does not get into a cloud, whatever its files' modes."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from public_client import Client, message

# What another user of the machine runs: it knows nothing of this test's files, which are not that user's to read.
OTHERS_LOGIN = """
import json, sys, urllib.error, urllib.request
import grpc
grpc_port, login, http_address, auth = sys.argv[1:]
channel = grpc.insecure_channel(f"127.0.0.1:{grpc_port}")
call = channel.unary_unary("/kilonova.v1.Cloud/Login")
try:
    call(bytes.fromhex(login), timeout=20)
    print("OK")
except grpc.RpcError as error:
    print(error.code().name, error.details())
try:
    request = urllib.request.Request(f"http://{http_address}/identity/v3/auth/tokens", auth.encode(),
                                     {"Content-Type": "application/json"})
    print(urllib.request.urlopen(request, timeout=20).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
NOBODY = 65534


# The bytes that come through a unix socket before it is closed.
OTHERS_LOOK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(60)
    s.connect(sys.argv[1])
    print(sum(len(data) for data in iter(lambda: s.recv(4096), b"")))
"""


@unittest.skipIf(os.geteuid() != 0, "only root can become another user")
class OtherUsersTest(unittest.TestCase):
    def log_in_as_nobody(self, cloud, password, user="admin"):
        """The lines that a process of another user prints: what gRPC answered, what HTTP answered."""
        login = message("LoginRequest")(user=user, password=password, project="admin").SerializeToString()
        subject = {"name": user, "domain": {"id": "default"}, "password": password}
        auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": subject}},
                         "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}
        done = subprocess.run(["/usr/bin/python3", "-c", OTHERS_LOGIN, str(cloud.port), login.hex(),
                               cloud.json("status")["http"], json.dumps(auth)],
                              user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True, text=True,
                              timeout=60, check=True)
        return done.stdout.splitlines()

    def test_the_default_password_is_no_other_users_of_the_machine(self):
        with Cloud("--hosts", "2") as cloud:
            by_grpc, by_http = self.log_in_as_nobody(cloud, "kilonova")
            self.assertTrue(by_grpc.startswith("PERMISSION_DENIED the default password"), by_grpc)
            self.assertEqual(by_http, "401")
            client = Client(f"127.0.0.1:{cloud.port}").login()
            client.call("CreateUser", name="neighbour", password="chosen")
            client.call("GrantRole", user="neighbour", project="admin", role="USER_ROLE_MEMBER")
            self.assertEqual(self.log_in_as_nobody(cloud, "chosen", "neighbour"), ["OK", "201"])

    def test_an_opened_socket_is_still_no_other_users(self):
        with Cloud("--hosts", "2") as cloud:
            for directory in (cloud.state_dir, cloud.state_dir + "/run"):
                os.chmod(directory, 0o755)
            for name in ("controller-0", "api-0", "network-0"):
                path = f"{cloud.state_dir}/run/{name}.sock"
                os.chmod(path, 0o666)
                with self.subTest(socket=name):
                    done = subprocess.run(["/usr/bin/python3", "-c", OTHERS_LOOK, path], user=NOBODY, group=NOBODY,
                                          extra_groups=[], cwd="/", capture_output=True, text=True, timeout=120)
                    self.assertEqual((done.stdout, done.returncode), ("0\n", 0), done.stderr)
            self.assertIn("another user's process", cloud.log("controller-0"))
            self.assertEqual(cloud.create("still-served")["status"], "ACTIVE")


if __name__ == "__main__":
    unittest.main()
