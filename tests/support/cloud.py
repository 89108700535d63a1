"""A cloud of real processes for a test: started in a directory of its own on a free port, always taken down."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from processes import end_processes_of, processes_of, send

UNAVAILABLE = 11  # exit code: nobody is served just now, and nothing was changed
BIN = os.environ.get("KILONOVA_BIN_DIR", os.path.join(os.path.dirname(__file__), "../../build/bin"))

# Who ends a test by hand (`timeout`, `kill`) ends its clouds: a test that is interrupted leaves its `with` blocks.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def free_ports(count):
    """The first of so many free ones in a row."""
    while True:
        first = free_port()
        try:
            for port in range(first, first + count):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


class Cloud:
    """`with Cloud("--hosts", "20") as cloud:`; every call is the real command."""

    def __init__(self, *up_args, state_dir=None):
        self.up_args = list(up_args)
        self.own_dir = state_dir is None
        # Short: unix socket paths are limited, and test directories are long.
        self.state_dir = state_dir or tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        self.port = free_port()

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end()
        if self.own_dir:
            shutil.rmtree(self.state_dir, ignore_errors=True)

    def run(self, *args, check=True, timeout=120, env=None, input=""):
        """The command with our state directory; its CompletedProcess, text decoded."""
        done = subprocess.run(
            [os.path.join(BIN, "kilonova"), "--state-dir", self.state_dir, *args],
            capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})}, input=input)
        if check and done.returncode != 0:
            raise AssertionError(f"kilonova {' '.join(args)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def run_once_served(self, *args, limit=60, **kwargs):
        """As run(), asked again while nobody is served: daemons look for each other, or a reset is under way."""
        end = time.monotonic() + limit
        while (done := self.run(*args, check=False, **kwargs)).returncode == UNAVAILABLE and time.monotonic() < end:
            pass
        if done.returncode != 0:
            raise AssertionError(f"kilonova {' '.join(args)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def json(self, *args, **kwargs):
        return json.loads(self.run(*args, "--json", **kwargs).stdout)

    def up(self, *more, check=True):
        return self.run("up", "--grpc-port", str(self.port), "--detach", *self.up_args, *more, check=check)

    def down(self):
        return self.run("down", check=False)

    def create(self, name, *more, flavor="m1.tiny"):
        return self.json("server", "create", "--flavor", flavor, "--image", "cirros", "--wait", *more, name)

    def end(self):
        """Nothing of it runs afterwards, whatever became of it: not started wholly, without its supervisor, frozen."""
        for pid in processes_of(self.state_dir):
            send(pid, signal.SIGCONT)
        try:
            self.down()
        except subprocess.TimeoutExpired:
            pass
        finally:
            end_processes_of(self.state_dir)

    def daemons(self):
        return {d["name"]: d for d in self.json("status", check=False)["daemons"]}

    def kill(self, name, how=signal.SIGKILL):
        """Ends the daemon; returns its pid."""
        pid = self.daemons()[name]["pid"]
        os.kill(pid, how)
        return pid

    def await_hosts(self, names, limit=60):
        """Until there are these hosts at least."""
        end = time.monotonic() + limit
        while missing := set(names) - {host["name"] for host in self.json("host", "list")}:
            if time.monotonic() > end:
                raise AssertionError(f"no hosts {sorted(missing)} after {limit} s")
            time.sleep(0.2)

    def log(self, name):
        with open(os.path.join(self.state_dir, "logs", name + ".log"), encoding="utf-8") as file:
            return file.read()
