"""The command as programs and tests use it: which cloud, output forms, errors, exit codes, waiting, breaking, and `run`."""

import csv
import io
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud

ROOT = os.environ.get("KILONOVA_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "../.."))
KILONOVA = os.path.join(BIN, "kilonova")
NOT_FOUND, CONFLICT, WRONG_USE, UNAVAILABLE, TOO_LATE, LOST, BAD = 4, 6, 2, 11, 12, 15, 1


def clean_environment(**more):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("KILONOVA_STATE", "KILONOVA_ENDPOINT", "OS_"))}
    return {**env, "PATH": os.path.abspath(BIN) + ":" + env["PATH"], **more}


def kilonova(*words, env=None, **kwargs):
    return subprocess.run([KILONOVA, *words], capture_output=True, text=True, timeout=120, env=env or clean_environment(), **kwargs)


class TwoCloudsTest(unittest.TestCase):
    """What is given on the command line beats what openrc says."""

    @classmethod
    def setUpClass(cls):
        cls.a, cls.b = Cloud("--hosts", "3"), Cloud("--hosts", "5")
        for cloud in (cls.a, cls.b):
            cls.addClassCleanup(cloud.__exit__)
            cloud.up()
        lines = cls.a.run("openrc").stdout
        told = subprocess.run(["bash", "-c", lines + "env -0"], capture_output=True, text=True, env=clean_environment())
        cls.openrc = dict(line.split("=", 1) for line in told.stdout.split("\0") if line)

    def status(self, *words):
        done = kilonova(*words, "-f", "json", "status", env=self.openrc)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_writes_go_to_the_cloud_that_was_given(self):
        create = ("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "-q")
        done = kilonova("--state-dir", self.b.state_dir, *create, "of-b", env=self.openrc)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([s["name"] for s in self.b.json("server", "list")], ["of-b"])
        self.assertEqual(self.a.json("server", "list"), [])
        self.b.run("server", "delete", "--wait", "of-b")

    def test_status_is_of_one_cloud(self):
        for words, hosts, state_dir in (((), 3, self.a.state_dir), (("--state-dir", self.b.state_dir), 5, self.b.state_dir),
                                        (("--endpoint", f"127.0.0.1:{self.b.port}"), 5, None)):
            with self.subTest(words=words):
                status = self.status(*words)
                self.assertEqual(status["hosts"]["total"], hosts)
                self.assertEqual(status["state_dir"], state_dir)
                self.assertIn("compute-0", [daemon["name"] for daemon in status["daemons"]])

    def test_an_endpoint_alone_has_no_processes_to_end(self):
        done = kilonova("--endpoint", f"127.0.0.1:{self.a.port}", "down")
        self.assertEqual(done.returncode, WRONG_USE)
        self.assertIn("--state-dir", done.stderr)

    def test_clouds_lists_both(self):
        found = {cloud["state_dir"]: cloud for cloud in json.loads(kilonova("-f", "json", "clouds").stdout)}
        for cloud in (self.a, self.b):
            self.assertEqual(found[cloud.state_dir]["endpoint"], f"127.0.0.1:{cloud.port}")


class ProgramTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "4", "--timing", "test")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()

    def run_shell(self, line):
        env = clean_environment(KILONOVA_STATE_DIR=self.cloud.state_dir)
        return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=120, env=env)

    def create(self, name, *more):
        return self.cloud.create(name, *more)

    # --- output ----------------------------------------------------------------------------------------------------------

    def test_every_form_of_a_list(self):
        server = self.create("forms")
        run = self.cloud.run
        self.assertEqual(run("server", "list", "-q").stdout, server["id"] + "\n")
        self.assertEqual(run("-f", "value", "-c", "name", "-c", "STATUS", "server", "list").stdout, "forms ACTIVE\n")
        rows = list(csv.reader(io.StringIO(run("server", "list", "-f", "csv").stdout)))
        self.assertEqual(rows[0][:3], ["ID", "Name", "Status"])
        self.assertEqual(rows[1][:3], [server["id"], "forms", "ACTIVE"])
        self.assertIn("- id: ", run("server", "list", "-f", "yaml").stdout)
        self.assertEqual(self.cloud.json("server", "list", "-c", "host"), [{"host": server["host"]}])
        self.assertEqual(run("-f", "value", "-c", "attempt", "server", "show", "forms").stdout, "1\n")
        names = run("-f", "value", "-c", "name", "--sort-column", "memory_mb", "--sort-descending", "flavor", "list").stdout.split()
        names = [name for name in names if name.startswith("m1.")]  # other tests may have left their own
        self.assertEqual((names[0], names[-1]), ("m1.xlarge", "m1.nano"))
        wrong = run("-c", "nope", "server", "list", check=False)
        self.assertEqual(wrong.returncode, WRONG_USE)
        self.assertIn("'nope'", wrong.stderr)
        narrow = run("--fit-width", "server", "list", "--long", env={"COLUMNS": "80"}).stdout
        self.assertLessEqual(max(map(len, narrow.splitlines())), 80)
        self.assertIn("Status", narrow.splitlines()[0])
        run("server", "delete", "--wait", "forms")

    def test_color_is_asked_for_or_not_there(self):
        self.assertIn("\x1b[", self.cloud.run("--color", "always", "host", "list").stdout)
        self.assertNotIn("\x1b[", self.cloud.run("host", "list").stdout)
        self.assertNotIn("\x1b[", self.cloud.run("--color", "never", "host", "list").stdout)

    def test_ids_of_64_bits_are_strings(self):
        for service in self.cloud.json("service", "list"):
            self.assertRegex(service["incarnation"], r"^\d+$")

    def test_output_that_cannot_be_written_is_an_error(self):
        for line in ("kilonova flavor list >/dev/full", "kilonova --json flavor list >/dev/full", "kilonova --help >/dev/full",
                     "kilonova help up >/dev/full", "kilonova flavor list >&-", "kilonova completion bash >/dev/full"):
            with self.subTest(line=line):
                done = self.run_shell(line)
                self.assertEqual(done.returncode, LOST, done.stderr)
                self.assertIn("standard output cannot be written", done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_private_key_is_written_or_there_is_no_key_pair(self):
        for line, code in (("kilonova keypair create lost >/dev/full", LOST),
                           ("kilonova keypair create lost --private-key /no/such/place", UNAVAILABLE),
                           ("kilonova keypair create lost -q", WRONG_USE)):
            with self.subTest(line=line):
                done = self.run_shell(line)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn("private key", done.stderr)
                self.assertEqual(self.cloud.json("keypair", "list"), [])

    # --- errors ----------------------------------------------------------------------------------------------------------

    def test_errors_are_objects_under_json(self):
        for words, code, name in ((("server", "show", "nope"), NOT_FOUND, "not_found"), (("srever",), WRONG_USE, "invalid_argument"),
                                  (("server", "create", "caf\udce9"), WRONG_USE, "invalid_argument")):
            with self.subTest(words=words):
                done = self.cloud.run("--json", *words, check=False)
                self.assertEqual(done.returncode, code)
                self.assertEqual(done.stdout, "")
                error = json.loads(done.stderr)["error"]
                self.assertEqual((error["code"], error["exit_code"]), (name, code))
                self.assertTrue(error["message"])

    def test_text_is_checked_at_the_door(self):
        done = self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "caf\udce9", check=False)
        self.assertEqual(done.returncode, WRONG_USE)
        self.assertEqual(done.stderr, "kilonova: argument 9, 'caf?', is not UTF-8 (byte 0xe9 at position 4)\n")
        done = self.cloud.run("server", "list", env={"OS_USERNAME": "a\x1b[1m"}, check=False)
        self.assertEqual(done.returncode, WRONG_USE)
        self.assertIn("OS_USERNAME", done.stderr)

    def test_an_endpoint_of_another_kind_is_told_what_is_right(self):
        done = kilonova("--endpoint", "http://127.0.0.1:8775", "server", "list")
        self.assertEqual(done.returncode, WRONG_USE)
        self.assertIn("HOST:PORT, or https://HOST:PORT", done.stderr)

    def test_the_cause_of_an_error_is_said(self):
        self.cloud.run("fault", "add", "--step", "guest_started", "--server", "doomed", "--message", "disk on fire")
        done = self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "doomed", check=False)
        self.assertEqual(done.returncode, BAD)
        self.assertIn("disk on fire", done.stderr)
        self.assertIn("kilonova trace doomed", done.stderr)
        self.assertIn("disk on fire", self.cloud.run("-f", "value", "-c", "cause", "server", "show", "doomed").stdout)
        trace = self.cloud.run("--fit-width", "trace", "doomed", env={"COLUMNS": "80"}).stdout
        self.assertRegex(trace, r"-- try 1 of 3 on host-0000\d: FAILED at guest_started: ")
        self.assertIn("disk on fire", re.sub(r"\s+", " ", trace))
        self.assertLessEqual(max(map(len, trace.splitlines())), 80)
        self.cloud.run("fault", "clear")
        self.cloud.run("server", "delete", "--wait", "doomed")

    # --- several servers, waiting, events, logs ----------------------------------------------------------------------------

    def test_actions_take_several_servers(self):
        servers = self.create("several", "--count", "2")
        names = [server["name"] for server in servers]
        stopped = self.cloud.json("server", "stop", "--wait", "--timeout", "60s", *names)
        self.assertEqual([server["status"] for server in stopped], ["SHUTOFF"] * 2)
        done = self.cloud.run("server", "start", "--wait", names[0], "nope", check=False)
        self.assertEqual(done.returncode, NOT_FOUND)
        self.assertEqual(self.cloud.json("server", "show", names[0])["status"], "ACTIVE")
        self.cloud.run("server", "delete", "--wait", *names)

    def test_waiting_has_an_end(self):
        self.create("waited")
        for words in (("server", "waited", "--for", "active"), ("step", "waited", "image_ready"), ("host", "host-00001", "--for", "up"),
                      ("idle",)):
            self.cloud.run("wait", *words, "--timeout", "60s")
        done = self.cloud.run("wait", "server", "waited", "--for", "deleted", "--timeout", "100ms", check=False)
        self.assertEqual(done.returncode, TOO_LATE, done.stderr)
        self.assertIn("waited (ACTIVE on host-0000", done.stderr)
        self.cloud.run("server", "delete", "waited")
        self.cloud.run("wait", "server", "waited", "--for", "deleted", "--timeout", "60s")

    def test_a_fault_that_strikes_ends_a_wait(self):
        rule = self.cloud.json("fault", "add", "--step", "claimed", "--count", "1", "--server", "struck")
        self.create("struck")
        self.cloud.run("wait", "fault", rule["id"], "--timeout", "60s")
        self.cloud.run("fault", "clear", rule["id"])
        self.cloud.run("server", "delete", "--wait", "struck")

    def test_events_of_the_past_and_to_come(self):
        follower = subprocess.Popen([KILONOVA, "--state-dir", self.cloud.state_dir, "events", "--follow", "-f", "json", "--since", "0"],
                                    stdout=subprocess.PIPE, text=True, env=clean_environment())
        try:
            server = self.create("eventful")
            self.cloud.run("server", "delete", "--wait", "eventful")
            heard = []
            for line in follower.stdout:
                event = json.loads(line)
                if event["server"] == server["id"]:
                    heard.append(event)
                    if event["deleted"]:
                        break
        finally:
            follower.kill()
            follower.wait()
            follower.stdout.close()
        self.assertEqual(heard[0]["status"], "BUILD")
        self.assertIn("ACTIVE", [event["status"] for event in heard])
        past = [json.loads(line) for line in self.cloud.run("events", "-f", "json").stdout.splitlines()]
        self.assertEqual([event for event in past if event["server"] == server["id"]], heard)

    def test_logs_are_in_order_of_time_and_find_servers_by_name(self):
        server = self.create("logged")
        lines = self.cloud.run("logs", "--server", "logged").stdout.splitlines()
        self.assertTrue(all(server["id"] in line for line in lines))
        times = [line.split(" ", 1)[0] for line in lines]
        self.assertEqual(times, sorted(times))
        self.assertEqual({re.split(r"\s+", line)[2] for line in self.cloud.run("logs", "scheduler").stdout.splitlines()}, {"scheduler-0"})
        of_logs = self.cloud.json("trace", "--from-logs", self.cloud.state_dir, "logged")
        self.assertEqual(of_logs["steps"], self.cloud.json("trace", "logged")["steps"])
        self.cloud.run("server", "delete", "--wait", "logged")

    def test_traces_and_explanations_of_all(self):
        self.create("all", "--count", "3")
        names = ["all-1", "all-2", "all-3"]  # of other tests, servers may be there
        rows = list(csv.DictReader(io.StringIO(self.cloud.run("trace", "--all", "-f", "csv").stdout)))
        self.assertEqual(sorted(row["name"] for row in rows if row["name"] in names), sorted(names * 13))
        explained = [json.loads(line) for line in self.cloud.run("explain", "--all", "-f", "json").stdout.splitlines()]
        self.assertEqual(sorted(one["name"] for one in explained if one["name"] in names), names)
        rows = list(csv.DictReader(io.StringIO(self.cloud.run("explain", "--all", "-f", "csv").stdout)))
        self.assertEqual({row["driver"] for row in rows}, {"filter"})
        self.cloud.run("server", "delete", "--wait", "all-1", "all-2", "all-3")

    def test_a_trace_is_followed_to_its_end(self):
        self.cloud.run("fault", "add", "--step", "image_ready", "--delay", "300ms", "--count", "1")
        self.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "slow")
        followed = self.cloud.run("trace", "--follow", "slow").stdout
        self.assertRegex(followed, r"(?m)^\d\d:\d\d:\d\d +1 request_accepted")
        self.assertIn("-- try 1 of 1 on host-0000", followed)
        self.assertIn("ACTIVE", followed)
        self.cloud.run("server", "delete", "--wait", "slow")

    def test_sizes_have_units(self):
        self.assertEqual(self.cloud.json("flavor", "create", "--ram", "4G", "--disk", "20G", "sized")["memory_mb"], 4096)
        self.cloud.run("flavor", "delete", "sized")
        self.assertEqual(self.cloud.json("image", "create", "--size", "300M", "sized")["size_bytes"], 300 << 20)
        self.cloud.run("image", "delete", "sized")

    # --- replay ------------------------------------------------------------------------------------------------------------

    def requests(self, text):
        file = tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False, encoding="utf-8")
        self.addCleanup(os.unlink, file.name)
        with file:
            file.write(text)
        return file.name

    def test_a_replay_that_launches_nothing_failed(self):
        huge = self.requests("name,vcpus,ram\na,1000,1\nb,1000,1\n")
        done = self.cloud.run("--json", "replay", "--requests", huge, check=False)
        self.assertEqual(done.returncode, BAD, done.stderr)
        self.assertEqual(json.loads(done.stdout)["launched"], 0)

    def test_a_project_without_a_role_is_said(self):
        self.cloud.run("project", "create", "roleless")
        done = self.cloud.run("replay", "--requests", self.requests("name,vcpus,ram\na,1,1\n"), "--project", "roleless", check=False)
        self.assertEqual(done.returncode, 8)
        self.assertIn("kilonova role add --user admin --project roleless admin", done.stderr)
        self.cloud.run("project", "delete", "roleless")

    def test_a_sequential_replay_repeats(self):
        rows = "".join(f"r{i},{8 + i % 40},{1000 + 100 * i},{i},{i + 7}\n" for i in range(60))
        file = self.requests("name,vcpus,ram,created,deleted\n" + rows)
        outcomes = []
        for _ in range(2):
            report = self.cloud.json("replay", "--requests", file, "--speed", "sequential")
            outcomes.append({key: report[key] for key in ("launched", "refused", "deleted", "peak_servers", "vcpus_launched")})
        self.assertEqual(outcomes[0], outcomes[1])

    # --- daemons, bundle -----------------------------------------------------------------------------------------------------

    def test_daemons_are_killed_frozen_and_thawed(self):
        before = self.cloud.daemons()["scheduler-0"]
        self.cloud.run("fault", "kill", "scheduler")
        self.cloud.create("after-the-kill")
        self.assertNotEqual(self.cloud.daemons()["scheduler-0"]["pid"], before["pid"])
        self.cloud.run("fault", "freeze", "compute-0")
        self.assertEqual(self.cloud.daemons()["compute-0"]["state"], "frozen")
        self.cloud.run("wait", "host", "host-00000", "--for", "down", "--timeout", "60s")
        self.cloud.run("fault", "thaw", "compute-0")
        self.cloud.run("wait", "host", "host-00000", "--for", "up", "--timeout", "60s")
        done = self.cloud.run("fault", "kill", "nosuch", check=False)
        self.assertEqual(done.returncode, NOT_FOUND)
        self.assertIn("compute-0", done.stderr)
        self.cloud.run("server", "delete", "--wait", "after-the-kill")

    def test_a_bundle_tells_what_happened_and_no_secret(self):
        self.create("bundled")
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "b.tar.gz")
            self.cloud.run("bundle", file)
            again = self.cloud.run("bundle", file, check=False)
            self.assertEqual(again.returncode, 5)
            with tarfile.open(file) as bundle:
                names = {name.split("/", 1)[-1] for name in bundle.getnames()}
                texts = {m.name: bundle.extractfile(m).read() for m in bundle.getmembers() if m.isfile()}
        for name in ("status.json", "servers.json", "hosts.json", "events.jsonl", "traces.jsonl", "explanations.jsonl", "check.json",
                     "kilonova.conf", "logs/controller-0.log"):
            self.assertIn(name, names)
        self.assertIn(b"bundled", texts["kilonova-bundle/traces.jsonl"])
        with open(os.path.join(self.cloud.state_dir, "run", "token-admin-admin.json"), encoding="utf-8") as file:
            token = json.load(file)["token"].encode()
        self.assertFalse([name for name, text in texts.items() if token in text])
        self.cloud.run("server", "delete", "--wait", "bundled")

    # --- reference -----------------------------------------------------------------------------------------------------------

    def test_the_pages_of_the_reference_are_current(self):
        for page in ("cli", "exit-codes", "server-actions"):
            with open(os.path.join(ROOT, "docs", page + ".md"), encoding="utf-8") as file:
                self.assertEqual(kilonova("reference", page).stdout, file.read(), f"docs/{page}.md is old: ./dev docs")

    def test_every_help_page_has_80_columns_at_most(self):
        def pages(words):
            page = kilonova(*words, "--help")
            self.assertEqual(page.returncode, 0)
            self.assertLessEqual(max(map(len, page.stdout.splitlines())), 80, page.stdout)
            self.assertEqual(kilonova("help", *words).stdout, page.stdout)
            for command in re.findall(r"(?m)^  ([a-z][a-z-]*)  ", page.stdout):
                pages([*words, command])

        pages([])

    def test_man_pages_are_read_by_man(self):
        with tempfile.TemporaryDirectory() as directory:
            self.assertEqual(kilonova("reference", "man", directory).returncode, 0)
            pages = os.listdir(directory)
            self.assertIn("kilonova-server-create.1", pages)
            if shutil.which("man"):
                shown = subprocess.run(["man", "-l", os.path.join(directory, "kilonova-server.1")], capture_output=True, text=True,
                                       env=clean_environment(MANWIDTH="80", PAGER="cat"))
                self.assertIn("kilonova server", shown.stdout)

    def test_completion_asks_the_cloud(self):
        server = self.create("completed")
        script = self.cloud.run("completion", "bash").stdout
        for words, reply in ((["server", "rebo"], "reboot"), (["--state-dir", self.cloud.state_dir, "server", "show", "com"], "completed"),
                             (["fault", "add", "--step", "guest_s"], "guest_started"), (["up", "--driver", "z"], "zone")):
            line = " ".join(words)
            asked = script + f'\nCOMP_WORDS=(kilonova {line}); COMP_CWORD={len(words)}; _kilonova; echo "${{COMPREPLY[@]}}"'
            self.assertEqual(self.run_shell(asked).stdout, reply + "\n")
        self.cloud.run("server", "delete", "--wait", server["name"])


class UpTest(unittest.TestCase):
    def test_a_refused_up_leaves_nothing_behind(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            for options, text in ((("--timing", "nosuch"), "'nosuch'"), (("--enabled-filters", "Nope"), "'Nope'"),
                                  (("--hosts-file", "/no/such"), "/no/such"), ((), port)):
                with self.subTest(options=options), tempfile.TemporaryDirectory(prefix="kn-", dir="/tmp") as parent:
                    state_dir = os.path.join(parent, "s")
                    done = kilonova("--state-dir", state_dir, "up", "--detach", "--grpc-port", port, *options)
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn(text, done.stderr)
                    self.assertEqual(done.stderr.count("kilonova"), 1, done.stderr)
                    self.assertFalse(os.path.exists(state_dir))

    def test_any_free_port_a_time_limit_and_an_object(self):
        with tempfile.TemporaryDirectory(prefix="kn-", dir="/tmp") as state_dir:
            done = kilonova("--state-dir", state_dir, "--json", "up", "--detach", "--hosts", "3", "--grpc-port", "0", "--ttl", "10s")
            self.assertEqual(done.returncode, 0, done.stderr)
            told = json.loads(done.stdout)
            self.assertEqual((told["state_dir"], told["hosts"], told["tls"]), (state_dir, 3, False))
            with open(os.path.join(state_dir, "cloud.json"), encoding="utf-8") as file:
                pid = json.load(file)["pid"]
            self.assertEqual(kilonova("--endpoint", told["endpoint"], "flavor", "list", "-q").returncode, 0)
            self.assertIsNone(wait_for_end(pid))
            self.assertEqual(kilonova("--state-dir", state_dir, "status").returncode, UNAVAILABLE)


def wait_for_end(pid, seconds=60):
    """None when the process is gone; waits on its end, not on a clock."""
    fd = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([fd], [], [], seconds)
        return None if ready else pid
    finally:
        os.close(fd)


class RunTest(unittest.TestCase):
    def run_in_cloud(self, *command, options=()):
        return kilonova("run", "--hosts", "3", *options, "--", *command)

    def test_the_command_has_a_cloud_and_decides_the_exit_code(self):
        done = self.run_in_cloud("sh", "-c", "kilonova host list -q; echo $KILONOVA_STATE_DIR; exit 7")
        self.assertEqual(done.returncode, 7, done.stderr)
        *hosts, state_dir = done.stdout.split()
        self.assertEqual(hosts, ["host-00000", "host-00001", "host-00002"])
        self.assertFalse(os.path.exists(state_dir))
        self.assertEqual(self.run_in_cloud("true").returncode, 0)
        self.assertEqual(self.run_in_cloud("no-such-command").returncode, 127)
        self.assertEqual(self.run_in_cloud("sh", "-c", "kill -9 $$").returncode, 137)
        self.assertEqual(self.run_in_cloud("true", options=("--timing", "nosuch")).returncode, 125)

    def test_a_failure_leaves_a_bundle(self):
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "b.tar.gz")
            self.assertEqual(self.run_in_cloud("true", options=("--bundle-on-failure", file)).returncode, 0)
            self.assertFalse(os.path.exists(file))
            done = self.run_in_cloud("false", options=("--bundle-on-failure", file))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertTrue(tarfile.is_tarfile(file))

    def test_its_cloud_ends_with_it(self):
        process = subprocess.Popen([KILONOVA, "run", "--hosts", "3", "--", "sh", "-c", "echo $KILONOVA_STATE_DIR; exec sleep 1000"],
                                   stdout=subprocess.PIPE, text=True, env=clean_environment())
        state_dir = process.stdout.readline().strip()
        with open(os.path.join(state_dir, "cloud.json"), encoding="utf-8") as file:
            pids = [daemon["pid"] for daemon in json.load(file)["daemons"]]
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for pid in pids:
            try:
                self.assertIsNone(wait_for_end(pid))
            except ProcessLookupError:
                pass
        shutil.rmtree(state_dir, ignore_errors=True)


if __name__ == "__main__":
    unittest.main()
