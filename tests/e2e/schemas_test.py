"""The JSON of every command is of the form that docs/schemas says, and one quantity has one name and one unit in all of it."""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud

import jsonschema

DOCS = os.path.join(os.path.dirname(__file__), "../../docs")
ROW = re.compile(r"\| `([^`]+)`([^|]*)\| (document|array|lines) \| \[([a-z-]+)\]")

# Commands that print nothing about the cloud with -f json: they change something and are silent, print text of another form (a
# script, log lines, answers in the form of docs/schedule.md), or only wait.
SILENT = {"server lock", "server unlock", "flavor delete", "aggregate delete", "aggregate cache image", "image delete", "keypair delete", "network delete", "project delete",
          "user delete", "role add", "role remove", "token key rotate", "ec2 credentials delete", "host delete", "host enable", "host disable", "host force-down", "host crash", "host revive",
          "server group delete", "server detach-interface", "server remove-fixed-ip", "server restore",  # of a cloud that keeps deleted servers
          "server migration abort", "server migration force-complete",
          "fault clear", "fault partition", "fault heal", "wait server", "wait step", "wait host", "wait fault",
          "wait idle", "logs", "schedule", "completion bash", "completion zsh", "completion fish", "config show",
          "config role-secret", "help", "run", "top"}


def schema(name):
    with open(os.path.join(DOCS, "schemas", name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def table():
    """{command: {(form, schema)}} as the page has it."""
    found = {}
    with open(os.path.join(DOCS, "schemas/README.md"), encoding="utf-8") as file:
        for command, _, form, name in ROW.findall(file.read()):
            found.setdefault(command, set()).add((form, name))
    return found


class Names(unittest.TestCase):
    # What a name with one of these words in it must be: the quantity's one name, with its unit.
    RIGHT = {
        "memory": r"(min_)?memory_mb", "ram": r"ram_allocation_ratio", "mem": None, "swap": r"swap_mb",
        "disk": r"(min_)?disk_gb|disk_format|disk_allocation_ratio", "root": r"root_gb", "ephemeral": r"ephemeral_gb",
        "vcpu": None, "vcpus": r"vcpus(_launched)?", "cores": None, "cpus": None,
        "size": r"size_bytes", "bytes": r"size_bytes|(read|write)_bytes", "rss": r"(peak_)?rss_kb",
        "ms": None, "s": r"launches_per_s|deletes_per_s|retry_after_s", "seconds": None, "sec": None, "duration": r"duration_us", "took": r"took_us",
        "delay": r"delay_us", "uptime": r"uptime_us", "mib": None, "gib": None, "kib": None,
        "timestamp": None, "date": None, "at": r"(created|updated|launched|started|finished|lease_expires)_at|active_at_first_host|at_us",
    }

    def names(self, part):
        if isinstance(part, dict):
            for name in part.get("properties", {}):
                yield name
            for value in part.values():
                yield from self.names(value)
        elif isinstance(part, list):
            for value in part:
                yield from self.names(value)

    def test_one_name_and_unit_for_a_quantity(self):
        for file in sorted(os.listdir(os.path.join(DOCS, "schemas"))):
            if not file.endswith(".json"):
                continue
            for name in self.names(schema(file[:-5])):
                for word in name.split("_"):
                    with self.subTest(file=file, name=name):
                        if word in self.RIGHT:
                            self.assertRegex(name, "^(%s)$" % self.RIGHT[word] if self.RIGHT[word] else "^$")

    def test_every_command_has_a_schema_or_prints_no_json(self):
        with open(os.path.join(DOCS, "cli.md"), encoding="utf-8") as file:
            commands = re.findall(r"^###? kilonova (.+)$", file.read(), re.MULTILINE)
        # A noun alone is no command: it takes a verb.
        nouns = {c.rsplit(" ", 1)[0] for c in commands if " " in c}
        known = set(table())
        for command in commands:
            if command not in nouns:
                self.assertIn(command, known | SILENT)
        self.assertEqual(known & SILENT, set())

    def test_every_schema_is_one(self):
        for file in os.listdir(os.path.join(DOCS, "schemas")):
            if file.endswith(".json"):
                jsonschema.Draft202012Validator.check_schema(schema(file[:-5]))


class Outputs(unittest.TestCase):
    """Runs each command once, on one cloud."""

    def check(self, what, *args, form="document", code=(0,), cloud=None):
        """The output of the command, which must fit the schema that the page names for `what`."""
        done = (cloud or self.cloud).run(*args, "--json", check=False)
        self.assertIn(done.returncode, code, done.stderr)
        names = {name for its_form, name in self.rows[what] if its_form == form}
        self.assertEqual(len(names), 1, f"the page has no {form} of {what}")
        self.seen.add((what, form))
        name = names.pop()
        validator = jsonschema.Draft202012Validator(schema(name))
        if form == "document":
            values = [json.loads(done.stdout)]
        elif form == "array":
            values = json.loads(done.stdout)
            self.assertIsInstance(values, list, what)
        else:
            values = [json.loads(line) for line in (done.stdout or done.stderr).splitlines()]
        for value in values:
            errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(value)]
            self.assertEqual(errors, [], f"{what} is not of schema {name}")
        return values[0] if form == "document" else values

    def servers(self):
        check, create = self.check, ("server", "create", "--flavor", "m1.tiny", "--image", "cirros")
        check("fault add", "fault", "add", "--step", "guest_started", "--count", "1")
        check("server create", *create, "--wait", "web")
        check("server create", *create, "--wait", "--count", "2", "two", form="array")
        check("server list", "server", "list", form="array")
        check("server show", "server", "show", "web")
        for verb in ("pause", "unpause", "suspend", "resume", "stop", "start", "reboot"):
            check("server " + verb, "server", verb, "--wait", "web")
        check("server rescue", "server", "rescue", "--wait", "web")
        check("server unrescue", "server", "unrescue", "--wait", "web")
        check("server rebuild", "server", "rebuild", "--image", "cirros", "--wait", "web")
        check("server image create", "server", "image", "create", "--name", "snap", "--wait", "web")
        check("server backup create", "server", "backup", "create", "--name", "back", "--wait", "web")
        check("server dump create", "server", "dump", "create", "web")
        check("server resize", "server", "resize", "--flavor", "m1.small", "--wait", "web")
        check("server resize revert", "server", "resize", "revert", "--wait", "web")
        self.cloud.run("server", "resize", "--flavor", "m1.small", "--wait", "web")
        check("server resize confirm", "server", "resize", "confirm", "--wait", "web")
        check("server attach-interface", "server", "attach-interface", "web")
        self.cloud.run("wait", "server", "web", "--for", "active")
        check("server group create", "server", "group", "create", "--policy", "anti-affinity", "apart")
        check("server group show", "server", "group", "show", "apart")
        check("server group list", "server", "group", "list", form="array")
        check("server migrate", "server", "migrate", "--live-migration", "--wait", "web")
        check("server migration list", "server", "migration", "list", form="array")
        check("server shelve", "server", "shelve", "--wait", "web")
        check("server unshelve", "server", "unshelve", "--wait", "web")
        check("server show --diagnostics", "server", "show", "--diagnostics", "web")
        check("console log show", "console", "log", "show", "web")
        check("console url show", "console", "url", "show", "web")
        check("server set", "server", "set", "--property", "a=b", "--tag", "t", "--description", "d", "web")
        check("server unset", "server", "unset", "--property", "a", "web")
        listed = check("server event list", "server", "event", "list", "web", form="array")
        check("server event show", "server", "event", "show", "web", listed[0]["request_id"])
        check("server stop", "server", "stop", "--wait", "two-1", "two-2", form="array")
        check("trace", "trace", "web")
        self.assertGreaterEqual(len(check("trace --all", "trace", "--all", form="lines")), 3)
        check("explain", "explain", "web")
        check("explain", "explain", "--all-hosts", "web")
        self.assertGreaterEqual(len(check("explain --all", "explain", "--all", form="lines")), 3)
        self.assertGreater(len(check("events", "events", form="lines")), 5)
        check("fault list", "fault", "list", form="array")
        self.assertTrue(check("network leases", "network", "leases", "private", form="array"))
        check("server delete", "server", "delete", "--wait", "two-1", "two-2")
        dead = []
        for command in (["host", "evacuate"], ["server", "evacuate"]):
            dead.append(self.cloud.json("server", "show", "web")["host"])
            self.cloud.run("host", "crash", dead[-1])
            check(" ".join(command), *command, "--wait", dead[-1] if command[0] == "host" else "web")
        self.cloud.run("host", "revive", *dead)
        check("every error", "server", "show", "nope", form="lines", code=(4,))

    def catalog(self):
        check = self.check
        check("flavor create", "flavor", "create", "--ram", "64", "--vcpus", "1", "--disk", "1", "small")
        check("flavor set", "flavor", "set", "small", "--property", "ssd=yes")
        check("flavor unset", "flavor", "unset", "small", "--property", "ssd")
        check("flavor show", "flavor", "show", "small")
        check("image create", "image", "create", "--size", "1M", "tiny")
        check("image show", "image", "show", "tiny")
        check("ec2 credentials create", "ec2", "credentials", "create")
        access = self.cloud.json("ec2", "credentials", "list")[0]["access"]
        check("ec2 credentials list", "ec2", "credentials", "list", form="array")
        check("ec2 credentials show", "ec2", "credentials", "show", access)
        check("keypair create", "keypair", "create", "key")
        check("keypair show", "keypair", "show", "key")
        check("network create", "network", "create", "--subnet", "10.9.0.0/24", "net")
        check("network show", "network", "show", "net")
        check("aggregate create", "aggregate", "create", "--zone", "east", "rack")
        check("aggregate set", "aggregate", "set", "rack", "--property", "ssd=yes")
        check("aggregate unset", "aggregate", "unset", "rack", "--property", "ssd")
        # One with servers stays in the zone that they were asked for in.
        used = {server["host"] for server in self.cloud.json("server", "list", "--all-projects")}
        free = next(host["name"] for host in self.cloud.json("host", "list") if host["name"] not in used)
        check("aggregate add host", "aggregate", "add", "host", "rack", free)
        check("aggregate show", "aggregate", "show", "rack")
        check("aggregate list", "aggregate", "list", form="array")
        check("aggregate remove host", "aggregate", "remove", "host", "rack", free)
        check("project create", "project", "create", "lab")
        check("project show", "project", "show", "lab")
        check("user create", "user", "create", "--password", "a password", "ann")
        check("quota set", "quota", "set", "--cores", "40", "lab")
        check("quota show", "quota", "show")
        check("host show", "host", "show", "host-00001")
        for noun in ("flavor", "image", "keypair", "network", "project", "user", "host", "service"):
            self.assertTrue(check(noun + " list", noun, "list", form="array"))

    def cloud_itself(self):
        check = self.check
        check("check", "check")
        check("status", "status")
        play = os.path.join(self.cloud.state_dir, "life.play")
        with open(play, "w", encoding="utf-8") as file:
            file.write("at 0 server web to ACTIVE\nat 0 delete server nope\n")
        check("play", "play", play, form="lines", code=(1,))
        with Cloud("--hosts", "1", "--timing", "manual") as by_hand:
            by_hand.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "web")
            check("server step", "server", "step", "web", cloud=by_hand)
        check("openrc", "openrc")
        check("version", "version")
        check("clouds", "clouds", form="array")
        check("bundle", "bundle", os.path.join(self.cloud.state_dir, "b.tar.gz"))
        check("bench launch", "bench", "launch", "--count", "5")
        check("bench flood", "bench", "flood", "--count", "5")
        requests = os.path.join(self.cloud.state_dir, "requests.csv")
        with open(requests, "w", encoding="utf-8") as file:
            file.write("name,vcpus,ram,disk,created,deleted\na,1,64,1,0,\nb,9999,64,1,1,\n")
        check("replay", "replay", "--requests", requests)
        check("study", "study", os.path.join(DOCS, "../examples/template.study"))
        check("sim run", "sim", "run", "--seed", "1", "--trace", "server-1", code=(0, 1))
        check("sim explore", "sim", "explore", "--seeds", "2")
        for verb in ("freeze", "thaw", "kill"):
            check("fault " + verb, "fault", verb, "scheduler")

    def test_every_command(self):
        self.rows, self.seen = table(), set()
        with Cloud("--hosts", "8", "--timing", "test") as self.cloud:
            self.servers()
            self.catalog()
            self.cloud_itself()
            self.check("reset", "reset")
            self.check("down", "down")
            file = os.path.join(self.cloud.state_dir, "cloud.json")
            self.check("export", "export", file)
            with Cloud() as other:
                other.down()
                import shutil
                shutil.rmtree(other.state_dir)
                self.check("import", "import", file, cloud=other)
                self.check("up", "up", "--detach", "--grpc-port", "0", "--hosts", "3", "--metrics", cloud=other)
                self.check("status", "status", cloud=other)
        self.assertEqual({(what, form) for what, rows in self.rows.items() for form, _ in rows}, self.seen)


if __name__ == "__main__":
    unittest.main()
