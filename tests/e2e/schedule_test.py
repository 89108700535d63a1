"""`kilonova schedule`: the examples of docs/schedule.md, what it prints and how it refuses. No cloud runs."""

import json
import os
import re
import subprocess
import tempfile
import unittest

KILONOVA = os.path.join(os.environ["KILONOVA_BIN_DIR"], "kilonova")
SOURCE = os.environ.get("KILONOVA_SOURCE_DIR", ".")
FLAVOR = {"name": "s", "vcpus": 1, "ram": 512, "root": 1}
REQUEST = {"uuid": "i1", "project": "p1", "image": None, "flavor": FLAVOR}
CASE = {"id": "x", "hosts": [{"name": "h1", "free_ram_mb": 1}, {"name": "h2", "free_ram_mb": 2}], "request": REQUEST}


def schedule(*args, lines=(), env=None):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    return subprocess.run([KILONOVA, "schedule", *args], input=text, capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(env or {})})


def fences():
    with open(os.path.join(SOURCE, "docs/schedule.md"), encoding="utf-8") as document:
        return re.findall(r"^```\n(.*?)^```$", document.read(), re.M | re.S)


class ScheduleTest(unittest.TestCase):
    def refused(self, *args, lines=(), code=2):
        done = schedule(*args, lines=lines)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done

    def test_the_examples_of_the_document(self):
        shown = 0
        all_fences = fences()
        for question, answer in zip(all_fences, all_fences[1:]):
            command = re.match(r"\$ kilonova schedule (--\w+) \S+\.jsonl\n", answer)
            if not command or not question.startswith("{"):
                continue
            done = schedule(command.group(1), "-", lines=[json.loads(question)])
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout, answer[command.end():])
            shown += 1
        self.assertEqual(shown, 2)

    def test_an_answer_a_line_in_the_order_of_the_lines(self):
        done = schedule("--cases", "-", "--json", lines=[CASE, "", {**CASE, "options": {"weighers": []}}])
        self.assertEqual(done.returncode, 0, done.stderr)
        first, second = (json.loads(line) for line in done.stdout.splitlines())
        self.assertEqual(first["order"], [1, 0])
        self.assertEqual(first["weight"], [1.0, 0.5])
        self.assertEqual(second, {"filters": [{"f": name} for name in
                                              ("ComputeFilter", "ComputeCapabilitiesFilter", "ImagePropertiesFilter",
                                               "ServerGroupAntiAffinityFilter", "ServerGroupAffinityFilter")],
                                  "left": [0, 1], "weighers": [], "order": [0, 1], "weight": [0.0, 0.0]})

    def test_a_file_and_standard_input_say_the_same(self):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write(json.dumps(CASE))  # no newline at the end
            file.flush()
            for json_lines in ((), ("--json",)):
                self.assertEqual(schedule("--cases", file.name, *json_lines).stdout,
                                 schedule("--cases", "-", *json_lines, lines=[CASE]).stdout)

    def test_text_fits_eighty_columns(self):
        hosts = [{"name": f"host-with-a-name-of-its-own-{i}", "free_ram_mb": i, "vcpus": 20 - i, "free_disk_gb": i * i % 7,
                  "num_io_ops": i % 3, "failed_builds": i % 2, "pci": []} for i in range(20)]
        done = schedule("--cases", "-", "--fit-width", lines=[{**CASE, "hosts": hosts}], env={"COLUMNS": "80"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("and 10 more", done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)

    def test_quiet_prints_names_alone(self):
        none = {**CASE, "hosts": []}
        self.assertEqual(schedule("--cases", "-", "-q", lines=[CASE, none]).stdout, "h2\n-\n")
        steps = [{"uuids": ["i1"], "request": REQUEST}] * 2
        self.assertEqual(schedule("--sequences", "-", "-q", lines=[{"hosts": CASE["hosts"], "steps": steps},
                                                                   {"hosts": [], "steps": steps}]).stdout,
                         "h2\nh1\n-\n-\n")
        self.assertEqual(schedule("--placement", "-", "-q", lines=[{"rps": [], "request": {"resources": {"VCPU": 1}}}]).stdout,
                         "-\n")

    def test_placement(self):
        line = {"rps": [{"name": "r1", "inv": {"VCPU": {"total": 4, "max_unit": 4, "used": 3}}},
                        {"name": "r2", "inv": {"VCPU": {"total": 4, "max_unit": 4}}}],
                "request": {"resources": {"VCPU": 2}}}
        done = schedule("--placement", "-", "--json", lines=[line])
        self.assertEqual((done.stdout, done.returncode), ('{"candidates":[1]}\n', 0))
        self.assertEqual(schedule("--placement", "-", lines=[line]).stdout, "line 1: 1 of 2 providers have room\nr2\n")

    def test_the_service_of_a_host_is_no_dict(self):
        left = lambda extra: json.loads(schedule("--cases", "-", "--json", lines=[
            {**CASE, "request": {**REQUEST, "flavor": {**FLAVOR, "extra": extra}}}]).stdout)["left"]
        self.assertEqual(left({"capabilities:service:disabled": "False"}), [], "Nova's own answer")
        self.assertEqual(left({"capabilities:service:data:disabled": "False"}), [0, 1])

    def test_a_filter_that_raises_is_an_answer(self):
        request = {**REQUEST, "flavor": {**FLAVOR, "extra": {"capabilities:host": ">= 1"}}}
        done = schedule("--cases", "-", "--json", lines=[{**CASE, "request": request}])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["error"],
                         {"in": "ComputeCapabilitiesFilter", "type": "ValueError",
                          "msg": "could not convert string to float: 'h1'"})
        self.assertIn("ComputeCapabilitiesFilter raised ValueError", schedule("--cases", "-", lines=[
            {**CASE, "request": request}]).stdout)

    def test_a_wrong_line_is_named(self):
        done = self.refused("--cases", "-", lines=[CASE, {**CASE, "options": {"filters": ["RamFilter"]}}, CASE])
        self.assertIn("kilonova: standard input line 2: options.filters[0] 'RamFilter' is unknown", done.stderr)
        self.assertTrue(done.stdout.startswith("x: 2 hosts, best h2\n"))
        self.assertIn("line 1: no JSON at byte 2", self.refused("--cases", "-", lines=["{hosts"]).stderr)
        self.assertIn("line 1: hosts[0].vcpus is \"many\"; it must be an integer", self.refused(
            "--sequences", "-", lines=[{"hosts": [{"name": "h", "vcpus": "many"}], "steps": []}]).stderr)
        self.assertIn("line 1: rps is missing", self.refused("--placement", "-", lines=["{}"]).stderr)
        error = json.loads(self.refused("--cases", "-", "--json", lines=["[]"]).stderr)["error"]
        self.assertEqual((error["code"], error["exit_code"]), ("invalid_argument", 2))

    def test_wrong_use(self):
        self.assertIn("--cases, --sequences or --placement", self.refused().stderr)
        self.assertIn("excludes", self.refused("--cases", "a", "--placement", "b").stderr)
        self.assertIn("no other format", self.refused("--cases", "-", "-f", "yaml").stderr)
        self.refused("--cases", "/no/such/file", code=4)

    def test_deep_and_long_lines_are_refused_quickly(self):
        for line in ("[" * 1_000_000, '{"id":' + "[" * 1_000_000 + "]" * 1_000_000 + "}", '{"id":"' + "\\ud800" * 10 + '"}',
                     '{"id":' + "9" * 1_000_000 + "}"):
            self.assertIn("line 1: no JSON at byte", self.refused("--cases", "-", lines=[line]).stderr)


if __name__ == "__main__":
    unittest.main()
