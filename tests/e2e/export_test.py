"""kilonova export and import: a cloud at work is written to a file, and lives on elsewhere as it was."""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud
from public_client import Client


def sealed(lines):
    """The text of these lines, with the end that belongs to them."""
    text = "".join(lines)
    end = {"end": {"records": len(lines), "sha256": hashlib.sha256(text.encode()).hexdigest()}}
    return text + json.dumps(end) + "\n"


def servers_of(cloud):
    """What must be the same afterwards, by id."""
    fields = ("name", "status", "host", "addresses", "project_id", "launched_at")
    return {s["id"]: {f: s.get(f) for f in fields} for s in cloud.json("server", "list", "--all-projects")}


def place_of(client):
    """The revision and the generation that a watcher has who has heard of everything."""
    reply = next(client.watch())
    return dict(since=reply.revision, generation=reply.generation)


def names_from(client, place, count):
    """The names of servers whose deletes or last states come next, `count` of them."""
    names = []
    for reply in client.watch(stable_only=True, **place):
        names += [event.name for event in reply.events]
        if len(names) >= count:
            return names
    raise AssertionError(f"the watch ended after {names}")


class ExportTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")
        self.file = os.path.join(self.directory, "cloud.export")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def elsewhere(self, *up_args):
        return Cloud(*up_args, state_dir=os.path.join(self.directory, "s"))

    def test_a_cloud_goes_on_elsewhere(self):
        hosts = ("--hosts", "6", "--computes", "2")
        with Cloud(*hosts) as cloud:
            cloud.run("user", "create", "--password", "a secret", "carol")
            cloud.run("role", "add", "--user", "carol", "--project", "demo", "member")
            cloud.run("network", "create", "--subnet", "192.168.0.0/24", "mine")
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--network", "mine", "--count",
                      "4", "--wait", "web")
            cloud.run("server", "stop", "web-2")
            self.assertEqual(cloud.run("check", "--settle", "30", check=False).returncode, 0)
            before = servers_of(cloud)
            trace = cloud.json("trace", "web-1")
            done = cloud.json("export", self.file)
            self.assertEqual((done["servers"], done["hosts"], done["computes"]), (4, 6, 2))
            self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
            cloud.run("server", "delete", "web-1")  # the file has it all the same
        other = self.elsewhere(*hosts)
        self.assertEqual(other.json("import", self.file)["servers"], 4)
        with other:
            done = other.run("check", "--settle", "60", check=False)
            self.assertEqual((done.returncode, done.stdout), (0, "clean: 4 servers on 6 hosts\n"))
            self.assertEqual(servers_of(other), before)
            self.assertEqual(other.json("trace", "web-1"), trace)
            carol = {"OS_USERNAME": "carol", "OS_PASSWORD": "a secret", "OS_PROJECT_NAME": "demo"}
            self.assertEqual(other.run("server", "list", env=carol).returncode, 0)
            other.run("server", "start", "web-2")
            fresh = other.create("fresh", "--network", "mine")
            taken = [address for server in before.values() for address in server["addresses"]]
            self.assertNotIn(fresh["addresses"][0], taken)
            other.run("server", "delete", "web-1", "web-2", "web-3", "web-4", "fresh", "--wait")
            done = other.run("check", "--settle", "60", check=False)
            self.assertEqual((done.returncode, done.stdout), (0, "clean: 0 servers on 6 hosts\n"))

    def test_a_busy_cloud_is_exported_at_one_moment(self):
        with Cloud("--hosts", "20") as cloud:
            with subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, "bench", "launch",
                                   "--count", "2000", "--clients", "8", "--keep"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as bench:
                while cloud.json("status")["servers"]["active"] < 100 and bench.poll() is None:
                    pass
                exported = cloud.json("export", self.file)
                bench.wait()
            self.assertGreaterEqual(exported["servers"], 100)
        other = self.elsewhere("--hosts", "20")
        other.run("import", self.file)
        with other:
            done = other.run("check", "--settle", "60", check=False)
            self.assertEqual((done.returncode, done.stdout), (0, f"clean: {exported['servers']} servers on 20 hosts\n"))
            self.assertEqual(other.json("status")["servers"]["active"], exported["servers"])

    def test_a_watcher_is_told_of_a_gap_where_it_has_heard_of_more_than_the_export(self):
        with Cloud("--hosts", "2") as cloud:
            watcher = Client(f"127.0.0.1:{cloud.port}").login()
            cloud.create("before")
            early = place_of(watcher)
            cloud.create("exported")
            last = place_of(watcher)
            cloud.run("export", self.file)
            cloud.create("lost")
            behind = place_of(watcher)
            self.assertLess(last["since"], behind["since"])
        other = self.elsewhere("--hosts", "2")
        other.run("import", self.file)
        with other:
            watcher = Client(f"127.0.0.1:{other.port}").login()
            # Beyond what was lost, so that its revisions are there again, and are others.
            fresh = [f"fresh-{number}" for number in range(4)]
            for name in fresh:
                other.create(name)
            self.assertGreater(place_of(watcher)["since"], behind["since"])
            for what in (lambda: next(watcher.watch(**behind)), lambda: watcher.ask("ReadEvents", **behind)):
                with self.assertRaises(grpc.RpcError) as refused:
                    what()
                self.assertEqual(refused.exception.code(), grpc.StatusCode.OUT_OF_RANGE)
                self.assertIn("the cloud went back to an earlier state", refused.exception.details())
            self.assertEqual(names_from(watcher, early, 5), ["exported", *fresh])
            self.assertEqual(names_from(watcher, last, 4), fresh)
            now = place_of(watcher)
            other.create("newest")
            self.assertEqual(names_from(watcher, now, 1), ["newest"])

    def test_an_import_takes_over_what_a_killed_one_left_and_nothing_else(self):
        with Cloud("--hosts", "2") as cloud:
            cloud.create("only")
            cloud.run("export", self.file)
        other = self.elsewhere("--hosts", "2")
        half = other.state_dir + ".import"
        os.makedirs(os.path.join(half, "db"))
        foreign = os.path.join(half, "db/controller.sqlite")
        with open(foreign, "w", encoding="utf-8") as file:
            file.write("somebody else's")
        done = other.run("import", self.file, check=False)
        self.assertEqual(done.returncode, 5)
        self.assertIn("is not what an import left: move it away", done.stderr)
        with open(foreign, encoding="utf-8") as file:
            self.assertEqual(file.read(), "somebody else's")
        self.assertFalse(os.path.exists(other.state_dir))
        with open(os.path.join(half, "import.lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # an import that is at work
            done = other.run("import", self.file, check=False)
            self.assertEqual(done.returncode, 6)
            self.assertIn("is in use by", done.stderr)
            self.assertTrue(os.path.exists(foreign))
        other.run("import", self.file)  # one that was killed
        self.assertFalse(os.path.exists(half))
        self.assertEqual(sorted(os.listdir(other.state_dir)), ["db", "journal"])
        with other:
            self.assertEqual(other.json("server", "show", "only")["status"], "ACTIVE")

    def without_sense(self, lines):
        """Whole files that no cloud has written: each with why it is refused."""
        def changed(kind, change):
            out = []
            for line in lines[:-1]:
                record = json.loads(line)
                if kind in record:
                    change(record[kind])
                    line = json.dumps(record) + "\n"
                out.append(line)
            return sealed(out)

        def without(kind):
            return sealed([line for line in lines[:-1] if not line.startswith(f'{{"{kind}"')])

        def placement(**fields):
            return changed("instance", lambda row: row["current"].update(fields))

        return {
            "a revision at the end of numbers": (changed("kilonova_export", lambda h: h.update(revision=2**63 - 1)),
                                                 "the revision is 9223372036854775807; no cloud gets beyond"),
            "events of the future": (changed("event", lambda e: e.update(revision=str(2**40))),
                                     "an event has revision 1099511627776"),
            "an epoch at the end of numbers": (placement(epoch=str(2**64 - 1)), "is 18446744073709551615; no cloud gets"),
            "no epoch": (placement(epoch="0"), "its epoch is 0"),
            "a server of no project": (without("project"), "is not among the projects"),
            "a server without an address": (changed("instance", lambda row: row["current"].pop("addresses")),
                                            "it has no address"),
            "a flavor of less than nothing": (changed("flavor", lambda f: f.update(memory_mb="-512")), "ram (MiB)"),
            "a flavor of more than there is": (changed("flavor", lambda f: f.update(vcpus=str(2**60))), "vcpus"),
        }

    def test_what_an_import_refuses_changes_nothing(self):
        with Cloud("--hosts", "2") as cloud:
            cloud.create("only")
            cloud.run("export", self.file)
            done = cloud.run("export", self.file, check=False)
            self.assertEqual(done.returncode, 5)
            self.assertIn("is there already", done.stderr)
            done = cloud.run("import", self.file, check=False)
            self.assertEqual(done.returncode, 5)
            self.assertIn("is not empty", done.stderr)
        with open(self.file, encoding="utf-8") as file:
            lines = file.readlines()
        at = next(i for i, line in enumerate(lines) if line.startswith('{"instance"'))
        broken = {
            "cut off in a line": ("".join(lines)[:-20], "is cut off in this line"),
            "cut off behind a line": ("".join(lines[:-1]), "its end is missing"),
            "changed": ("".join(lines[:at] + [lines[at].replace("only", "0nly")] + lines[at + 1:]), "its checksum is"),
            "a line less": ("".join(lines[:at] + lines[at + 1:]), "records; the end says"),
            "no JSON": ("".join(lines[:at] + ["nonsense\n"] + lines[at + 1:]), f"line {at + 1}: "),
            "an unknown kind": ("".join(lines[:at] + ['{"what":{}}\n'] + lines[at:]), "'what' is no kind of record"),
            "an unknown field": ("".join(lines[:at] + ['{"instance":{"what":1}}\n'] + lines[at:]), f"line {at + 1}: "),
            "of a newer version": (json.dumps({"kilonova_export": {"version": 2}}) + "\n", "up to 1: use a newer one"),
            "something else": ("{}\n", "line 1: "),
            "empty": ("", "its end is missing"),
            "without the key of tokens": (sealed([line for line in lines[:-1] if "token_signing_key" not in line]),
                                          "no record is a 'setting' token_signing_key of 32 bytes"),
            "a name of a host that nobody can say": (
                sealed([line.replace('"name":"host-00000"', '"name":"host\\u0001"') for line in lines[:-1]]),
                "name 'host?' has a character that cannot be printed"),
            **self.without_sense(lines),
            "longer": ("".join(lines) + "more\n", "goes on behind its end"),
        }
        target = os.path.join(self.directory, "s")
        for what, (text, reason) in broken.items():
            with self.subTest(what):
                path = os.path.join(self.directory, "broken.export")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                done = self.elsewhere().run("import", path, check=False)
                self.assertEqual(done.returncode, 6 if "newer" in what else 15)
                self.assertIn(reason, done.stderr)
                self.assertIn("broken.export, line ", done.stderr)
                self.assertEqual([name for name in os.listdir(self.directory) if name.startswith("s")], [])
        self.assertFalse(os.path.exists(target))
        done = Cloud(state_dir=os.path.join(self.directory, "none")).run("export", self.file + "2", check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("no cloud was ever started", done.stderr)


if __name__ == "__main__":
    unittest.main()
