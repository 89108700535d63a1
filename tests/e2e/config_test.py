"""kilonova.conf: remembered, given, set, shown and refused."""

import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud

SOURCE = os.environ.get("KILONOVA_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "../.."))
DAEMONS = ("controller", "scheduler", "network", "compute", "api")


def sections(cloud):
    return cloud.json("config", "show")["sections"]


class ConfigTest(unittest.TestCase):
    def test_a_cloud_that_comes_back_has_its_options(self):
        with Cloud("--hosts", "7", "--driver", "chance", "--set", "compute.max-concurrent-builds=3") as cloud:
            path = os.path.join(cloud.state_dir, "kilonova.conf")
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            before = sections(cloud)
            self.assertEqual(before["compute"], {"max-concurrent-builds": "3", "hosts": "7"})
            self.assertEqual(before["scheduler"], {"driver": "chance"})
            cloud.create("one")
            self.assertIn("chance", cloud.run("explain", "one").stdout)
            cloud.down()
            cloud.up_args = ["--schedulers", "2"]
            cloud.up()
            self.assertEqual(cloud.json("status")["hosts"], {"total": 7, "up": 7})
            self.assertIn("scheduler-1", cloud.daemons())
            self.assertEqual(sections(cloud)["scheduler"], {"driver": "chance"})
            with open(path, encoding="utf-8") as file:
                self.assertEqual(cloud.run("config", "show").stdout, file.read())

    def test_daemons_read_the_file(self):
        with Cloud("--log-format", "json", "--max-lost-casts", "4") as cloud:
            for name in cloud.daemons():
                self.assertTrue(cloud.log(name).startswith("{"), name)
            pid = cloud.daemons()["controller-0"]["pid"]
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                words = file.read().split("\0")
            self.assertIn(os.path.join(cloud.state_dir, "kilonova.conf"), words)
            self.assertNotIn("--max-lost-casts", words)
            self.assertEqual(sections(cloud)["controller"], {"max-lost-casts": "4"})

    def test_a_given_file_is_taken(self):
        with tempfile.TemporaryDirectory() as directory:
            given = os.path.join(directory, "mine.conf")
            with open(given, "w", encoding="utf-8") as file:
                file.write("# of a friend\n[compute]\nhosts = 4\n[scheduler]\nenabled_weighers = RAMWeigher\n")
            with Cloud("--config", given) as cloud:
                self.assertEqual(cloud.json("status")["hosts"]["total"], 4)
                self.assertEqual(sections(cloud)["scheduler"], {"enabled-weighers": "RAMWeigher"})

    def test_a_refused_start_leaves_nothing_behind(self):
        state = os.path.join(tempfile.gettempdir(), f"kn-refused-{os.getpid()}")
        cloud = Cloud(state_dir=state)
        self.addCleanup(cloud.down)
        for more, said in ((("--set", "scheduler.max-coers=4"),
                            "[scheduler] max-coers = 4: kilonova-scheduler has no such option; "
                            "did you mean max-cores?"),
                           (("--set", "scheduler.driver=fastest"), "[scheduler] driver = fastest: "),
                           (("--set", "DEFAULT.log-level=loud"), "[DEFAULT] log-level = loud: "),
                           (("--set", "compute.max-concurrent-builds=few"), "[compute] max-concurrent-builds = few: "),
                           (("--set", "up.schedulers=0"), "[up] schedulers = 0: ")):
            with self.subTest(more=more):
                done = cloud.up(*more, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)
                self.assertIn("kilonova.conf", done.stderr)
                self.assertFalse(os.path.exists(state), done.stderr)

    def test_a_refused_start_leaves_the_options_as_they_were(self):
        with Cloud("--hosts", "3") as cloud:
            cloud.down()
            before = sections(cloud)
            done = cloud.up("--hosts", "5", "--set", "scheduler.max-coers=4", check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(sections(cloud), before)
            cloud.up()
            self.assertEqual(cloud.json("status")["hosts"]["total"], 3)

    def test_a_daemon_says_what_is_wrong_in_one_line(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "x.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write("[DEFAULT]\nreport-interval = 0\n")
            done = subprocess.run([os.path.join(BIN, "kilonova-scheduler"), "--state-dir", directory, "--config", path],
                                  capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, rf"\A{re.escape(path)}:2: \[DEFAULT\] report-interval = 0: [^\n]+\n\Z")
            self.assertEqual(os.listdir(directory), ["x.conf"])

    def test_a_state_directory_without_a_cloud_has_no_file(self):
        with tempfile.TemporaryDirectory() as directory:
            done = Cloud(state_dir=directory).run("config", "show", check=False)
            self.assertEqual(done.returncode, 4)
            self.assertIn("kilonova up", done.stderr)

    def test_what_daemons_share_two_of_them_have(self):
        with open(os.path.join(SOURCE, "lib/daemon/config_options.cc"), encoding="utf-8") as file:
            shared = re.search(r"kShared = .*?\(\{(.*?)\}\)", file.read(), re.S).group(1)
        helps = [subprocess.run([os.path.join(BIN, "kilonova-" + name), "--help"], capture_output=True, text=True,
                                check=True, timeout=30).stdout for name in DAEMONS]
        for key in re.findall(r'"([a-z-]+)"', shared):
            self.assertGreaterEqual(sum(f"--{key} " in text for text in helps), 2, key)


if __name__ == "__main__":
    unittest.main()
