"""The examples do what they say, as they stand."""

import os
import re
import subprocess
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
EXAMPLES = os.path.join(ROOT, "examples")


def environment():
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KILONOVA_", "OS_"))}
    return clean | {"PATH": BIN + os.pathsep + clean["PATH"]}


def run(*words, timeout=300, **kwargs):
    return subprocess.run(words, capture_output=True, text=True, env=environment(), timeout=timeout, check=False, **kwargs)


def step_of_job(name):
    """The commands of one step of the CI job."""
    with open(os.path.join(EXAMPLES, "ci_job.yml"), encoding="utf-8") as file:
        text = file.read()
    block = re.search(rf"- name: {name}\n( +)run: \|\n((?:\1  .*\n)+)", text)
    return re.sub(f"(?m)^{block[1]}  ", "", block[2])


class ExamplesTest(unittest.TestCase):
    def test_two_failures_ten_at_once(self):
        script = os.path.join(EXAMPLES, "two_failures.sh")
        runs = [subprocess.Popen([script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
                for _ in range(10)]
        for one in runs:
            said, _ = one.communicate(timeout=300)
            self.assertEqual(one.returncode, 0, said)

    def test_two_failures_for_pytest(self):
        stand_in = types.ModuleType("pytest")
        stand_in.fixture = lambda function: function
        sys.modules.setdefault("pytest", stand_in)
        sys.path.insert(0, EXAMPLES)
        before, os.environ["PATH"] = os.environ["PATH"], environment()["PATH"]
        try:
            import test_two_failures as example
            fixture = example.kilonova()
            example.test_two_hosts_fail_and_the_third_takes_it(next(fixture))
            self.assertEqual(list(fixture), [])
        finally:
            os.environ["PATH"] = before

    def test_a_cloud_of_ones_own_for_pytest(self):
        stand_in = types.ModuleType("pytest")
        stand_in.fixture = lambda function=None, **_: function or (lambda wrapped: wrapped)
        before, known = os.environ["PATH"], sys.modules.get("pytest")
        os.environ["PATH"], sys.modules["pytest"] = environment()["PATH"], stand_in
        sys.path.insert(0, EXAMPLES)
        try:
            import test_own_cloud as example
            fixture = example.running_cloud()
            running = next(fixture)
            example.test_a_server_becomes_active(example.cloud(running))
            example.test_nothing_is_left_of_the_test_before(example.cloud(running))
            self.assertEqual(list(fixture), [])
            self.assertFalse(os.path.exists(running["state_dir"]), "its directory goes with it")
        finally:
            os.environ["PATH"] = before
            sys.modules.pop("pytest")
            if known:
                sys.modules["pytest"] = known

    def test_a_cloud_of_ones_own_for_a_shell(self):
        script = f""". {EXAMPLES}/own_cloud.sh
kilonova server create --flavor m1.tiny --image cirros --wait web -q
test "$(kilonova -f value -c name server list)" = web
reset_cloud
test -z "$(kilonova -f value -c name server list)"
kilonova check
echo "$KILONOVA_STATE_DIR $OS_AUTH_URL"
"""
        done = run("sh", "-euc", script)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        state_dir, auth_url = done.stdout.splitlines()[-1].split()
        self.assertRegex(auth_url, r"^http://127.0.0.1:\d+/identity$")
        self.assertFalse(os.path.exists(state_dir), "its directory goes with it")

    def test_the_python_client(self):
        done = run("kilonova", "run", "--hosts", "2", "--timing", "test", "--", sys.executable, os.path.join(EXAMPLES, "launch.py"))
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertIn("web is ACTIVE", lines)
        self.assertEqual([int(line.split()[0]) for line in lines if line.endswith(" us")], list(range(1, 14)))

    def test_the_python_client_says_what_the_cloud_refuses(self):
        done = run("kilonova", "run", "--hosts", "2", "--", "sh", "-c", 'kilonova quota set --instances 0 -q && exec "$@"', "sh",
                   sys.executable, os.path.join(EXAMPLES, "launch.py"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("Quota exceeded", done.stderr)

    def test_policies_compared(self):
        runs = [run(os.path.join(EXAMPLES, "compare_policies.sh")) for _ in range(2)]
        self.assertEqual([done.returncode for done in runs], [0, 0], runs[0].stderr + runs[1].stderr)
        self.assertEqual(runs[0].stdout, runs[1].stdout)
        found = re.findall(r"(?m)^(\w+) +(\d+) launched on +(\d+) hosts$", runs[0].stdout)
        hosts = {policy: int(count) for policy, _, count in found}
        self.assertEqual(list(hosts), ["spread", "pack", "simple"])
        self.assertEqual({launched for _, launched, _ in found}, {"120"})
        self.assertLess(hosts["pack"], hosts["spread"])

    def test_the_test_step_of_the_ci_job(self):
        with tempfile.TemporaryDirectory() as directory:
            done = run("bash", "-euo", "pipefail", "-c", step_of_job("test"), cwd=directory)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(os.listdir(directory), [])


if __name__ == "__main__":
    unittest.main()
