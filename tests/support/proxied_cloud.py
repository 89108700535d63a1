"""A cloud whose daemons speak through the fault proxy (tests/tools/proxy): started one by one, on sockets of the test."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from cloud import BIN, free_port
from public_client import BUILD

PROXY = os.path.join(BUILD, "test-tools/fault_proxy")


class ProxiedCloud:
    """`with ProxiedCloud("*>*:* drop=0.2", hosts=40) as cloud:`"""

    def __init__(self, rules, seed=1, hosts=40, schedulers=1, computes=1, report_interval=1, service_down_time=6,
                 rpc_response_timeout=5):
        self.directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")  # short: socket paths are limited
        self.state_dir = self.directory
        self.port = free_port()
        self.seed, self.hosts, self.schedulers, self.computes = seed, hosts, schedulers, computes
        self.report = ["--report-interval", str(report_interval)]
        self.calls = ["--rpc-response-timeout", str(rpc_response_timeout)]
        self.down_time = ["--service-down-time", str(service_down_time)]
        self.processes = {}
        self.write_rules(rules)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, failure, *_):
        self.stop()
        if failure is None:
            shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write_rules(self, rules):
        with open(self.path("rules"), "w", encoding="utf-8") as file:
            file.write(rules + "\n")

    def set_rules(self, rules):
        """They hold when this returns: the proxy says so."""
        self.write_rules(rules)
        taken = self.ask_proxy(signal.SIGHUP)["rules"]
        assert taken == rules + "\n", f"the proxy goes by {taken!r}, not by {rules!r}"

    def counts(self):
        """What the proxy did so far, by direction."""
        return self.ask_proxy(signal.SIGUSR1)["directions"]

    def ask_proxy(self, number):
        if os.path.exists(self.path("counts")):
            os.remove(self.path("counts"))
        self.processes["proxy"].send_signal(number)
        end = time.monotonic() + 60
        while not os.path.exists(self.path("counts")):
            if time.monotonic() > end:
                with open(self.path("proxy.stderr"), encoding="utf-8") as file:
                    raise AssertionError(f"the proxy does not answer signal {number}: {file.read()}")
            time.sleep(0.01)
        with open(self.path("counts"), encoding="utf-8") as file:
            return json.load(file)

    def run(self, *args, check=True, timeout=120):
        """The command on this cloud; its CompletedProcess, text decoded."""
        done = subprocess.run([os.path.join(BIN, "kilonova"), "--state-dir", self.directory, "--endpoint",
                               f"127.0.0.1:{self.port}", *args], capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"kilonova {' '.join(args)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def door(self, name):
        return "unix:" + self.path(f"door-{name}.sock")

    def start(self):
        dialed = ["controller-0", "network-0"] + [f"scheduler-{i}" for i in range(self.schedulers)]
        routes = []
        for name in dialed:
            routes += ["--route", f"{self.door(name)}=unix:{self.path('run/' + name + '.sock')}"]
        self.spawn("proxy", [PROXY, *routes, "--rules", self.path("rules"), "--counts", self.path("counts"), "--seed",
                             str(self.seed)])
        self.await_ready(["proxy"])
        self.daemon("controller-0", *self.report, *self.calls, *self.down_time)
        self.await_ready(["controller-0"])
        behind = ["--controller", self.door("controller-0")]
        self.daemon("network-0", *behind, "--advertise", self.door("network-0"))
        for i in range(self.schedulers):
            self.daemon(f"scheduler-{i}", *behind, *self.report, "--advertise", self.door(f"scheduler-{i}"))
        for i in range(self.computes):
            self.daemon(f"compute-{i}", *behind, *self.report, *self.calls, "--hosts", str(self.hosts), "--parts",
                        str(self.computes))
        self.daemon("api-0", *behind, "--grpc-listen", f"127.0.0.1:{self.port}", "--http-listen",
                    f"127.0.0.1:{free_port()}")
        self.await_ready(list(self.processes))

    def daemon(self, name, *arguments):
        role, index = name.split("-")
        self.spawn(name, [os.path.join(BIN, "kilonova-" + role), "--state-dir", self.directory, "--index", index,
                          "--ready-fd", "1", *arguments])

    def spawn(self, name, command):
        with open(self.path(name + ".stderr"), "wb") as errors:
            self.processes[name] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors,
                                                    stdin=subprocess.DEVNULL, start_new_session=True)

    def await_ready(self, names):
        for name in names:
            process = self.processes[name]
            if process.stdout and not process.stdout.closed:
                line = process.stdout.readline()
                process.stdout.close()
                if line != b"ready\n":
                    with open(self.path(name + ".stderr"), encoding="utf-8") as file:
                        raise AssertionError(f"{name} did not start: {file.read()}")

    def stop(self):
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def check_alive(self):
        for name, process in self.processes.items():
            if process.poll() is not None:
                with open(self.path(name + ".stderr"), encoding="utf-8") as file:
                    raise AssertionError(f"{name} ended with {process.returncode}: {file.read()}")
