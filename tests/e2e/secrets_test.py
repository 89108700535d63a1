"""No secret is written where others read: not into logs, command lines, environments, nor cloud.json."""

import base64
import os
import shutil
import sqlite3
import sys
import tempfile
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud, free_port
from public_client import Client, message


def write(path, text):
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    return path


class SecretsTest(unittest.TestCase):
    """A busy cloud, as talkative as it can be; afterwards every secret is looked for."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.secrets = {"cluster secret": "cluster-0123456789-secret", "admin's password": "admin-pass-7Hq2",
                       "demo's password": "demo-pass-9Zx4", "a new user's password": "new-pass-3Kw8",
                       "a wrong password": "wrong-pass-5Tb1"}
        files = {what: write(f"{cls.directory}/{i}", text) for i, (what, text) in enumerate(cls.secrets.items())}
        port = free_port()
        cls.cloud = Cloud("--hosts", "3", "--log-level", "debug", "--cluster-listen", f"127.0.0.1:{port}",
                          "--cluster-secret-file", files["cluster secret"],
                          "--admin-password-file", files["admin's password"])
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.new_password_file = files["a new user's password"]
        cls.environment = {"KILONOVA_DEMO_PASSWORD": cls.secrets["demo's password"],
                           "OS_PASSWORD": cls.secrets["admin's password"]}
        for log_format in ("human", "json"):
            cls.cloud.run("up", "--grpc-port", str(cls.cloud.port), "--detach", "--log-format", log_format,
                          *cls.cloud.up_args, env=cls.environment)
            cls.use(log_format, port)
            cls.processes = cls.look_at_processes()
            cls.cloud.down()
        cls.add_stored_secrets()

    @classmethod
    def use(cls, name, port):
        secrets, address = cls.secrets, f"127.0.0.1:{cls.cloud.port}"
        Client(address).login("demo", secrets["demo's password"], "demo")
        for i in range(12):  # also over the limit
            cls.fails("Login", user="demo", password=secrets["a wrong password"], project="demo")
        cls.fails("Login", user="nobody", password=secrets["a wrong password"])
        cls.fails("Login", user="x" * 300, password=secrets["a wrong password"])
        admin = Client(address).login("admin", secrets["admin's password"], "admin")
        secrets[f"a token ({name})"] = admin.token
        cls.fails("ListHosts", token=admin.token[:-6] + "AAAAAA")
        secrets[f"a forged token ({name})"] = admin.token[:-6] + "AAAAAA"
        password = secrets["a new user's password"]
        cls.cloud.run("user", "create", "--password-file", cls.new_password_file, name, env=cls.environment)
        cls.fails("CreateUser", token=admin.token, name=name, password=password)
        cls.fails("CreateUser", token=admin.token, name="", password=password)
        admin.ask("GrantRole", user=name, project="demo", role="USER_ROLE_MEMBER")
        secrets[f"a user's token ({name})"] = Client(address).login(name, password, "demo").token
        for kind in ("rsa", "ed25519"):
            made = admin.ask("CreateKeyPair", name=f"{kind}-{name}", type=kind)
            secrets[f"a private {kind} key ({name})"] = made.private_key.splitlines()[2]
        cls.fails("CreateKeyPair", token=admin.token, name="bad", public_key=made.private_key)
        cls.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--key-name", f"rsa-{name}", "--wait",
                      "s-" + name, env=cls.environment)
        # A frame whose proof is wrong, and one that is none.
        hello = dict(protocol_version=3, role=2, index=7, incarnation=1, nonce=b"n" * 32)
        frames = [message("Frame")(hello=hello), message("Frame")(proof=secrets["cluster secret"].encode())]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            connect = channel.stream_stream("/kilonova.v1.Peer/Connect", lambda frame: frame.SerializeToString())
            try:
                for _ in connect(iter(frames), timeout=20):
                    pass
            except grpc.RpcError:
                pass

    @classmethod
    def fails(cls, operation, token=None, **fields):
        client = Client(f"127.0.0.1:{cls.cloud.port}")
        client.token = token
        try:
            client.call(operation, **fields)
        except grpc.RpcError as error:
            cls.told = getattr(cls, "told", []) + [error.details()]
            return
        raise AssertionError(f"{operation} {fields} succeeded")

    @classmethod
    def look_at_processes(cls):
        """Command line and environment of every process of the cloud, by what they are."""
        status = cls.cloud.json("status", env=cls.environment)
        pids = {"supervisor": status["pid"], **{d["name"]: d["pid"] for d in status["daemons"]}}
        seen = {}
        for name, pid in pids.items():
            for file in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{file}", "rb") as opened:
                    seen[f"{name}'s {file}"] = opened.read()
        return seen

    @classmethod
    def add_stored_secrets(cls):
        database = sqlite3.connect(cls.cloud.state_dir + "/db/controller.sqlite")
        database.text_factory = bytes
        for (value,) in database.execute("SELECT password_hash FROM users"):
            cls.secrets[f"a password's hash ({value[-6:]})"] = value.rsplit(b"$", 1)[1]
        for (value,) in database.execute("SELECT value FROM settings WHERE key = 'token_signing_key'"):
            cls.secrets["the signing key"] = value
        database.close()

    def spellings(self, secret):
        raw = secret if isinstance(secret, bytes) else secret.encode()
        return {raw, raw.hex().encode(), base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"=")}

    def assert_clean(self, where, text):
        for what, secret in self.secrets.items():
            for spelling in self.spellings(secret):
                self.assertNotIn(spelling, text, f"{what} is in {where}")

    def test_the_secrets_are_the_right_ones(self):
        self.assertIn("the signing key", self.secrets)
        self.assertGreaterEqual(len([what for what in self.secrets if "hash" in what]), 4)
        self.assertGreaterEqual(len(self.told), 20)

    def test_no_file_but_the_databases_holds_one(self):
        looked_at = 0
        for root, _, files in os.walk(self.cloud.state_dir):
            for name in files:
                path = os.path.join(root, name)
                if "/db" in root or name.startswith("token-"):
                    continue  # the rows, and the command's own cache: 0600 both (doors_test)
                with open(path, "rb") as file:
                    self.assert_clean(path, file.read())
                looked_at += 1
        self.assertGreaterEqual(looked_at, 12)
        for daemon in ("api-0", "controller-0"):
            self.assertIn("req-", self.cloud.log(daemon))

    def test_no_process_shows_one(self):
        self.assertEqual(len(self.processes), 12)
        for where, text in self.processes.items():
            self.assert_clean(where, text)

    def test_no_answer_repeats_one(self):
        for text in self.told:
            self.assert_clean("an answer", text.encode())


if __name__ == "__main__":
    unittest.main()
