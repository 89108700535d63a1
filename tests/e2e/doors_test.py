"""Who gets in, on real processes: TLS, the cluster secret, unix sockets, passwords beyond loopback, guessing them."""

import json
import os
import shutil
import signal
import ssl
import stat
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from certificates import Authority
from cloud import BIN, Cloud, free_port, free_ports
from public_client import Client, message

Status = grpc.StatusCode


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class WithFiles(unittest.TestCase):
    """A directory for what a test class makes, and everything it needs in there."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="kn-doors-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.authority = Authority(cls.directory + "/ca")
        cls.stranger = Authority(cls.directory + "/other-ca")
        cls.certificate, cls.key = cls.authority.sign("cloud")
        cls.secret = write(cls.directory + "/secret", "0123456789abcdef0123456789abcdef\n")

    def daemon(self, kind, *arguments, state_dir=None, **options):
        """A daemon by hand, index 7; an api-server with an HTTP port of its own."""
        if kind == "api" and "--http-listen" not in arguments:
            arguments = (*arguments, "--http-listen", f"127.0.0.1:{free_port()}")
        process = subprocess.Popen(
            [os.path.join(BIN, "kilonova-" + kind), "--state-dir", state_dir or self.directory + "/state", "--index", "7",
             *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def last_words(self, *arguments, **options):
        process = self.daemon(*arguments, **options)
        _, words = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, words)
        return words


class TlsTest(WithFiles):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_port = free_ports(4)
        cls.controller = f"127.0.0.1:{cls.first_port}"
        cls.guards = ["--cluster-secret-file", cls.secret, "--cluster-certificate", cls.certificate, "--cluster-key", cls.key,
                      "--cluster-ca", cls.authority.ca]
        cls.cloud = Cloud("--hosts", "5", "--schedulers", "2", "--tls-certificate", cls.certificate, "--tls-key", cls.key,
                          "--cluster-listen", cls.controller, *cls.guards)
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        cls.address = f"127.0.0.1:{cls.cloud.port}"

    def credentials(self, authority, pair=(None, None)):
        texts = [read(path).encode() if path else None for path in (authority.ca, pair[1], pair[0])]
        return grpc.ssl_channel_credentials(*texts)

    def test_a_launch_through_all_of_it(self):
        self.assertEqual(self.cloud.create("guarded")["status"], "ACTIVE")
        self.cloud.run("server", "delete", "--wait", "guarded")

    def test_the_command_over_tls(self):
        for args, env in ((["--ca-file", self.authority.ca], {}), ([], {"OS_CACERT": self.authority.ca}),
                          (["--ca-file", self.authority.ca, "--endpoint", "https://" + self.address], {}),
                          (["--ca-file", self.authority.ca, "--endpoint", self.address], {})):
            with self.subTest(args=args, env=env):
                self.cloud.run(*args, "flavor", "list", env=env)
        wrong = self.cloud.run("--ca-file", self.stranger.ca, "flavor", "list", check=False)
        self.assertEqual(wrong.returncode, 11)
        self.assertIn(self.address, wrong.stderr)
        self.assertIn("--ca-file", wrong.stderr)
        plain = self.cloud.run("--endpoint", self.address, "flavor", "list", check=False)
        self.assertEqual(plain.returncode, 11)
        self.assertIn(f"https://{self.address}", self.cloud.run("openrc").stdout)

    def test_openstacks_services_over_tls(self):
        address = self.cloud.json("status")["http"]
        trusted, strange = (ssl.create_default_context(cafile=authority.ca) for authority in (self.authority, self.stranger))
        with urllib.request.urlopen(f"https://{address}/identity/v3", context=trusted, timeout=20) as reply:
            self.assertIn(f"https://{address}/identity/v3/", reply.read().decode())
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(f"https://{address}/identity/v3", context=strange, timeout=20)
        with self.assertRaises(OSError):
            urllib.request.urlopen(f"http://{address}/identity/v3", timeout=20)
        self.assertIn(f"OS_AUTH_URL='https://{address}/identity'", self.cloud.run("openrc").stdout)

    def test_the_commands_files(self):
        cases = [(["--ca-file", "/no/such/file"], "/no/such/file"),
                 (["--os-cert", self.certificate], "--os-key"), (["--os-key", self.key], "--os-cert"),
                 (["--ca-file", self.key], "no certificate")]
        for args, text in cases:
            with self.subTest(args=args):
                done = self.cloud.run(*args, "flavor", "list", check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn(text, done.stderr)

    def test_stock_clients_need_the_right_ca(self):
        Client(self.address, self.credentials(self.authority)).login()
        for credentials in (None, self.credentials(self.stranger)):
            with self.assertRaises(grpc.RpcError) as error:
                Client(self.address, credentials).login()
            self.assertEqual(error.exception.code(), Status.UNAVAILABLE)

    def test_a_port_that_asks_clients_for_a_certificate(self):
        port = free_port()
        ready, told = os.pipe()
        self.daemon("api", "--controller", self.controller, *self.guards, "--grpc-listen", f"127.0.0.1:{port}",
                    "--tls-certificate", self.certificate, "--tls-key", self.key, "--tls-ca", self.authority.ca,
                    "--ready-fd", str(told), pass_fds=(told,))
        os.close(told)
        self.assertEqual(os.read(ready, 6), b"ready\n")
        os.close(ready)
        address = f"127.0.0.1:{port}"
        Client(address, self.credentials(self.authority, self.authority.sign("client"))).login()
        for pair in ((None, None), self.stranger.sign("client")):
            with self.assertRaises(grpc.RpcError) as error:
                Client(address, self.credentials(self.authority, pair)).login()
            self.assertEqual(error.exception.code(), Status.UNAVAILABLE)
        certificate, key = self.authority.sign("user")
        endpoint = ["--endpoint", "https://" + address, "--ca-file", self.authority.ca]
        self.cloud.run(*endpoint, "--os-cert", certificate, "--os-key", key, "flavor", "list")
        self.assertEqual(self.cloud.run(*endpoint, "flavor", "list", check=False).returncode, 11)

    def assert_stays_outside(self, seen_in, text, *guards):
        """A scheduler with these guards is never let in; `seen_in` (its own log, or the controller's) says why."""
        directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        process = self.daemon("scheduler", "--controller", self.controller, "--log-file", "-", *guards, state_dir=directory)
        log = ""
        if seen_in == "own":
            while text not in log:
                line = process.stderr.readline() or process.stdout.readline()
                self.assertTrue(line, f"it ended without saying {text!r}: {log}")
                log += line
        else:
            while text not in (log := self.cloud.log("controller-0")):
                self.assertIsNone(process.poll())
            line = next(line for line in log.splitlines() if text in line)
            self.assertIn("127.0.0.1", line, "the refused peer's address")
        process.kill()
        self.assertNotIn("scheduler-7", self.cloud.run("service", "list").stdout)

    def test_a_daemon_with_another_secret_is_refused(self):
        other = write(self.directory + "/other-secret", "fedcba9876543210fedcba9876543210")
        tls = self.guards[2:]
        self.assert_stays_outside("own", "another cluster secret", "--cluster-secret-file", other, *tls)
        self.assert_stays_outside("own", "another cluster secret", *tls)

    def test_a_daemon_without_a_certificate_of_the_cluster_is_refused(self):
        secret = ["--cluster-secret-file", self.secret]
        certificate, key = self.stranger.sign("intruder")
        self.assert_stays_outside("own", "can't connect", *secret)
        self.assert_stays_outside("own", "can't connect", *secret, "--cluster-certificate", certificate, "--cluster-key", key,
                                  "--cluster-ca", self.authority.ca)
        # It believes nobody of this cloud.
        self.assert_stays_outside("own", "can't connect", *secret, "--cluster-certificate", certificate, "--cluster-key", key,
                                  "--cluster-ca", self.stranger.ca)

    def test_one_certificate_for_all_hosts(self):
        certificate, key = self.authority.sign("anywhere", hosts="DNS:kilonova.example")
        guards = ["--cluster-secret-file", self.secret, "--cluster-certificate", certificate, "--cluster-key", key,
                  "--cluster-ca", self.authority.ca]
        # The controller's certificate names 127.0.0.1, not the name this daemon insists on.
        self.assert_stays_outside("own", "can't connect", *guards, "--cluster-peer-name", "kilonova.example")
        process = self.daemon("scheduler", "--controller", self.controller, *guards, "--cluster-peer-name", "localhost",
                              state_dir=self.directory + "/named")
        while "scheduler-7" not in self.cloud.run("service", "list").stdout:
            self.assertIsNone(process.poll())


class SecretTest(WithFiles):
    """The secret alone, without TLS."""

    def test_a_wrong_or_absent_secret_is_refused_and_both_sides_say_so(self):
        other = write(self.directory + "/other-secret", "fedcba9876543210fedcba9876543210")
        first = free_ports(4)
        with Cloud("--hosts", "2", "--cluster-listen", f"127.0.0.1:{first}", "--cluster-secret-file", self.secret) as cloud:
            cloud.create("x")
            self.assertIn("--cluster-secret-file", self.last_words("scheduler", "--controller", f"127.0.0.1:{first}"))
            process = self.daemon("scheduler", "--controller", f"127.0.0.1:{first}", "--log-file", "-",
                                  "--cluster-secret-file", other)
            line = ""
            while "another cluster secret" not in line:
                line = process.stderr.readline() or process.stdout.readline()
                self.assertTrue(line)
            process.kill()
            process.wait()
            self.assertNotIn("scheduler-7", cloud.run("service", "list").stdout)
            # A dialer that has the wrong one finds out first, and never shows what it has. One that goes on regardless:
            hello = dict(protocol_version=3, role=2, index=7, incarnation=1, nonce=b"n" * 32)
            frames = [message("Frame")(hello=hello), message("Frame")(proof=b"p" * 32)]
            with grpc.insecure_channel(f"127.0.0.1:{first}") as channel:
                connect = channel.stream_stream("/kilonova.v1.Peer/Connect", lambda frame: frame.SerializeToString())
                stream = connect(iter(frames), timeout=20)
                with self.assertRaises(grpc.RpcError) as refused:
                    for _ in stream:
                        pass
            self.assertEqual(refused.exception.code(), Status.UNAUTHENTICATED, refused.exception.details())
            cloud.down()
            line = next(line for line in cloud.log("controller-0").splitlines() if "another cluster secret" in line)
            self.assertIn("ipv4:127.0.0.1:", line)

    def test_off_loopback_nobody_starts_without_a_guard(self):
        port = free_port()
        for kind, arguments in (("scheduler", ["--listen", f"0.0.0.0:{port}"]), ("controller", ["--listen", f"0.0.0.0:{port}"]),
                                ("network", ["--listen", f"[::]:{port}"]), ("compute", ["--parts", "8", "--controller", "192.0.2.1:8780"]),
                                ("api", ["--controller", "127.example.com:8780"]),
                                ("compute", ["--parts", "8", "--controller", "127.0.0.1:8780"])):
            with self.subTest(kind=kind):
                words = self.last_words(kind, *arguments,
                                        env={**os.environ, "KILONOVA_ADMIN_PASSWORD": "a", "KILONOVA_DEMO_PASSWORD": "b"})
                for text in ("is no unix socket", "--cluster-secret-file", "--cluster-certificate"):
                    self.assertIn(text, words)
        done = Cloud("--cluster-listen", "192.0.2.1:8780").up(check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--cluster-secret-file", done.stderr)

    def test_secret_files_that_will_not_do(self):
        short = write(self.directory + "/short", "0123\n")
        public = write(self.directory + "/public", "0123456789abcdef", 0o644)
        empty = write(self.directory + "/empty", "\n")
        for file, text in ((short, "at least 16"), (public, "chmod 600"), (empty, "is empty"),
                           ("/no/such/file", "No such file"), (self.directory, "cannot be read")):
            with self.subTest(file=file):
                words = self.last_words("scheduler", "--cluster-secret-file", file)
                self.assertIn(file, words)
                self.assertIn(text, words)


class FilesTest(WithFiles):
    def test_wrong_tls_files_are_named_before_anything_starts(self):
        certificate, key = self.certificate, self.key
        _, other_key = self.authority.sign("other")
        expired, expired_key = self.authority.sign("old", days=-1)
        junk = write(self.directory + "/junk", "-----BEGIN NONSENSE-----\n")
        shown = write(self.directory + "/shown.key", read(key), 0o644)
        cases = [([certificate, None, None], "--tls-key"), ([None, key, None], "--tls-certificate"),
                 ([None, None, self.authority.ca], "--tls-certificate"),
                 (["/no/such.pem", key, None], "/no/such.pem cannot be read: No such file"),
                 ([self.directory, key, None], "cannot be read"),
                 ([junk, key, None], "no certificate"), ([certificate, junk, None], "no private key"),
                 ([certificate, other_key, None], "does not belong to the certificate"),
                 ([certificate, shown, None], "chmod 600"), ([expired, expired_key, None], "expired on"),
                 ([certificate, key, junk], "no certificate")]
        for files, text in cases:
            for prefix, last in (("--tls-", None), ("--cluster-", self.authority.ca)):
                files_here = files[:2] + [files[2] or last]
                args = [part for name, file in zip(("certificate", "key", "ca"), files_here) if file
                        for part in (prefix + name, file)]
                with self.subTest(args=args):
                    cloud = Cloud()
                    done = cloud.up(*args, check=False)
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(text.replace("--tls-", prefix), done.stderr)
                    self.assertEqual(len(done.stderr.splitlines()), 1)
                    self.assertFalse(os.path.exists(cloud.state_dir + "/run"), "nothing was made")
                    words = self.last_words("api" if prefix == "--tls-" else "scheduler", *args,
                                            state_dir=cloud.state_dir)
                    self.assertIn(text.replace("--tls-", prefix), words)
                    cloud.__exit__()


class SocketTest(unittest.TestCase):
    def modes(self, directory):
        return {os.path.join(root, name): stat.S_IMODE(os.lstat(os.path.join(root, name)).st_mode)
                for root, dirs, files in os.walk(directory) for name in dirs + files}

    def test_nobody_else_may_look_in_whatever_the_umask(self):
        parent = tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        self.addCleanup(shutil.rmtree, parent, ignore_errors=True)
        cloud = Cloud(state_dir=parent + "/state")
        before = os.umask(0)
        try:
            cloud.up()
            cloud.create("x")
        finally:
            os.umask(before)
        try:
            self.assertEqual(stat.S_IMODE(os.stat(cloud.state_dir).st_mode), 0o700)
            modes = self.modes(cloud.state_dir)
            sockets = [path for path in modes if path.endswith(".sock")]
            self.assertEqual(len(sockets), 5)
            for path, mode in modes.items():
                if os.path.isdir(path):
                    self.assertEqual(mode, 0o700, path)
                elif path.endswith(".sock") or "/db/" in path or "/journal/" in path or "/token-" in path:
                    self.assertEqual(mode, 0o600, path)
        finally:
            cloud.down()

    def test_directories_that_were_open_are_closed(self):
        with Cloud() as cloud:
            cloud.down()
            os.chmod(cloud.state_dir + "/db", 0o755)
            cloud.up()
            self.assertEqual(stat.S_IMODE(os.stat(cloud.state_dir + "/db").st_mode), 0o700)

    def test_a_socket_in_use_is_not_taken_and_a_stale_one_is(self):
        with Cloud("--hosts", "2") as cloud:
            path = os.path.join(cloud.state_dir, "run/scheduler-0.sock")
            made = os.stat(path).st_ctime_ns
            done = subprocess.run([os.path.join(BIN, "kilonova-scheduler"), "--state-dir", cloud.state_dir],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn(path, done.stderr)
            self.assertIn("in use", done.stderr)
            self.assertEqual(os.stat(path).st_ctime_ns, made)
            cloud.create("unharmed")
            old = cloud.kill("scheduler-0", signal.SIGKILL)
            cloud.create("after")
            self.assertNotEqual(cloud.daemons()["scheduler-0"]["pid"], old)
            self.assertNotEqual(os.stat(path).st_ctime_ns, made)


class PasswordTest(WithFiles):
    def test_beyond_loopback_the_default_password_is_refused(self):
        cloud = Cloud("--hosts", "2")
        self.addCleanup(cloud.__exit__)
        everywhere = f"0.0.0.0:{cloud.port}"
        admin = write(self.directory + "/admin", "of the admin\n")
        demo = write(self.directory + "/demo", "of demo\n")

        def up(*arguments, env=None):
            return cloud.run("up", "--detach", "--hosts", "2", *arguments, check=False, env=env)

        def assert_refused(*arguments):
            done = up("--grpc-listen", everywhere, *arguments)
            self.assertEqual(done.returncode, 11, done.stdout)
            for text in ("default password", "--admin-password-file", "KILONOVA_DEMO_PASSWORD"):
                self.assertIn(text, done.stderr)
            self.assertEqual(cloud.run("status", check=False).returncode, 11)

        assert_refused()
        # A cloud that had the default ones for a while, on loopback.
        cloud.up()
        cloud.run("flavor", "list")
        cloud.down()
        assert_refused()
        assert_refused("--admin-password-file", admin)
        done = up("--grpc-listen", everywhere, "--admin-password-file", admin, env={"KILONOVA_DEMO_PASSWORD": "of demo"})
        self.assertEqual(done.returncode, 0, done.stderr)
        client = Client(f"127.0.0.1:{cloud.port}")
        client.login("admin", "of the admin", "admin")
        client.login("demo", "of demo", "demo")
        client.login("admin", "of the admin", "admin").call("CreateUser", name="careless", password="kilonova")
        client.call("GrantRole", user="careless", project="demo", role="USER_ROLE_MEMBER")
        for user in ("admin", "careless"):
            with self.assertRaises(grpc.RpcError) as error:
                Client(f"127.0.0.1:{cloud.port}").login(user, "kilonova", "demo")
            self.assertEqual(error.exception.code(), Status.PERMISSION_DENIED)
            self.assertIn("OS_PASSWORD", error.exception.details())
        # They stay, also where nobody says them again.
        cloud.down()
        self.assertEqual(up("--grpc-listen", everywhere).returncode, 0)
        client.login("admin", "of the admin", "admin")

    def test_the_address_for_daemons_counts_as_well(self):
        """Clients are served there too, whatever --grpc-listen says."""
        controller = f"127.0.0.1:{free_ports(4)}"
        guards = ["--cluster-secret-file", self.secret]
        cloud = Cloud("--hosts", "2", "--cluster-listen", controller, *guards)
        self.addCleanup(cloud.__exit__)
        cloud.up()
        words = self.last_words("api", "--controller", controller, *guards, "--grpc-listen", f"127.0.0.1:{free_port()}",
                                "--listen", f"0.0.0.0:{free_port()}")
        self.assertIn("default password", words)

    def test_the_controller_alone_is_refused_too(self):
        words = self.last_words("controller", "--listen", f"0.0.0.0:{free_port()}", "--cluster-secret-file", self.secret,
                                state_dir=self.directory + "/alone")
        self.assertIn("default password", words)
        self.assertIn("--admin-password-file", words)

    def test_guesses_are_bounded_and_others_are_not_concerned(self):
        with Cloud("--hosts", "2") as cloud:
            address = f"127.0.0.1:{cloud.port}"

            def log_in(user, password):
                try:
                    Client(address).login(user, password, "demo")
                    return Status.OK, ""
                except grpc.RpcError as error:
                    return error.code(), error.details()

            answers = [log_in("demo", f"guess {i}") for i in range(10)]
            self.assertEqual({code for code, _ in answers}, {Status.UNAUTHENTICATED})
            code, text = log_in("demo", "kilonova")
            while code == Status.OK:  # so slow a machine that a guess was forgotten meanwhile
                log_in("demo", "guess")
                code, text = log_in("demo", "kilonova")
            self.assertEqual(code, Status.RESOURCE_EXHAUSTED)
            self.assertRegex(text, r"too many failed or undecided log-ins of user 'demo'; try again in \d+ s")
            self.assertEqual(log_in("admin", "kilonova"), (Status.OK, ""))
            # Over the socket it is another source.
            Client("unix:" + cloud.state_dir + "/run/api-0.sock").login("demo", "kilonova", "demo")


if __name__ == "__main__":
    unittest.main()
