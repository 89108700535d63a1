#!/usr/bin/env python3
"""The runner counts what really ran: also when a program crashes, hangs, leaks at its end, or was never built."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

import run_tests

RUNNER = pathlib.Path(run_tests.__file__)


def entry(name, command, labels=("unit", "gtest"), timeout=20):
    properties = [{"name": "LABELS", "value": list(labels)}, {"name": "TIMEOUT", "value": timeout}]
    return {"name": name, "command": command, "properties": properties}


def gtest_case(name, **more):
    return {"name": name, "status": "RUN", "result": "COMPLETED"} | more


class RunnerCounts(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = pathlib.Path(self.directory.name)
        self.entries = []

    def add_program(self, name, cases=None, text="", status=0, labels=("unit", "gtest"), body="", timeout=20):
        """A program that behaves as a GoogleTest one: prints, reports its cases, ends with a status."""
        script = self.path / f"{name}.py"
        report = json.dumps({"testsuites": [{"name": "S", "testsuite": cases}]}) if cases is not None else None
        script.write_text(textwrap.dedent(f"""\
            import os, pathlib, sys, time
            print({text!r}, end="", flush=True)
            report = {report!r}
            if report: pathlib.Path(os.environ["GTEST_OUTPUT"][5:]).write_text(report)
            {body}
            sys.exit({status})
            """))
        self.entries.append(entry(name, ["/usr/bin/python3", str(script)], labels, timeout))

    def run_all(self, *selection):
        """Runs the real program; a stand-in for ctest lists the entries."""
        listing = self.path / "listing.json"
        listing.write_text(json.dumps({"tests": self.entries}))
        ctest = self.path / "ctest"
        ctest.write_text(f"#!/bin/sh\ncat {listing}\n")
        ctest.chmod(0o755)
        environment = os.environ | {"PATH": f"{self.path}:{os.environ['PATH']}"}
        result = subprocess.run([sys.executable, "-B", RUNNER, "--pass", f"dev={self.path}", *selection], env=environment,
                                capture_output=True, text=True, timeout=60)
        return result.returncode, result.stdout

    def assert_counts(self, result, status, last_line):
        self.assertEqual((result[0], result[1].splitlines()[-1]), (status, last_line), result[1])

    def test_all_pass_quietly(self):
        self.add_program("a", [gtest_case("one"), gtest_case("two"), gtest_case("three", result="SKIPPED")], "noise\n")
        self.assertEqual(self.run_all(), (0, "2 passed, 0 failed, 1 skipped\n"))

    def test_a_failed_case_is_shown(self):
        text = "[ RUN      ] S.bad\nwhy it is bad\n[  FAILED  ] S.bad (0 ms)\n"
        self.add_program("a", [gtest_case("good"), gtest_case("bad", failures=[{"failure": "x"}])], text, status=1)
        result = self.run_all()
        self.assert_counts(result, 1, "1 passed, 1 failed, 0 skipped")
        self.assertIn("why it is bad", result[1])

    def test_a_crash_fails_the_running_case(self):
        text = "[ RUN      ] S.good\n[       OK ] S.good (0 ms)\n[ RUN      ] S.bad\n"
        self.add_program("a", None, text, body="os.abort()")
        self.assert_counts(self.run_all(), 1, "1 passed, 1 failed, 0 skipped")

    def test_a_crash_before_any_case_fails(self):
        self.add_program("a", None, body="os.abort()")
        self.assert_counts(self.run_all(), 1, "0 passed, 1 failed, 0 skipped")

    def test_a_bad_end_after_good_cases_fails(self):
        self.add_program("a", [gtest_case("one")], "leak\n", status=23)
        self.assert_counts(self.run_all(), 1, "1 passed, 1 failed, 0 skipped")

    def test_a_hanging_program_is_ended(self):
        self.add_program("a", None, "[ RUN      ] S.endless\n", body="time.sleep(1000)", timeout=0.5)
        self.assert_counts(self.run_all(), 1, "0 passed, 1 failed, 0 skipped")

    def test_what_a_program_put_into_the_background_ends_with_it(self):
        body = "import subprocess; child = subprocess.Popen(['sleep', '1000'], start_new_session=True, stdout=2); " \
               f"pathlib.Path({str(self.path / 'pid')!r}).write_text(str(child.pid)); time.sleep(%s)"
        for name, seconds, timeout in (("quick", 0, 20), ("hanging", 1000, 3)):
            with self.subTest(name):
                self.entries = []
                self.add_program(name, body=body % seconds, timeout=timeout)
                self.run_all()
                pid = (self.path / "pid").read_text()
                cmdline = pathlib.Path(f"/proc/{pid}/cmdline")  # empty of a zombie
                self.assertFalse(cmdline.exists() and cmdline.read_bytes())
                (self.path / "pid").unlink()

    def test_a_program_that_was_not_built_fails(self):
        self.entries.append({"name": "absent", "properties": [{"name": "LABELS", "value": ["unit", "gtest"]}]})
        self.assert_counts(self.run_all(), 1, "0 passed, 1 failed, 0 skipped")

    def test_other_programs_count_as_one_case(self):
        self.add_program("a", status=0, labels=("e2e",))
        self.add_program("b", status=run_tests.SKIPPED_STATUS, labels=("e2e",))
        self.add_program("c", status=2, labels=("e2e",))
        self.assert_counts(self.run_all(), 1, "1 passed, 1 failed, 1 skipped")

    def test_no_test_is_a_failure(self):
        self.assert_counts(self.run_all(), 1, "0 passed, 0 failed, 0 skipped")
        self.add_program("a", [gtest_case("one")])
        self.assert_counts(self.run_all("nothing-like-it"), 1, "0 passed, 0 failed, 0 skipped")

    def test_optional_labels_run_only_when_named(self):
        self.add_program("a", [gtest_case("one")])
        self.add_program("b", [gtest_case("one"), gtest_case("two")], labels=("crash", "gtest"))
        self.assert_counts(self.run_all(), 0, "1 passed, 0 failed, 0 skipped")
        self.assert_counts(self.run_all("crash"), 0, "2 passed, 0 failed, 0 skipped")

    def test_temporary_files_are_removed_and_the_state_is_apart(self):
        body = "p = pathlib.Path(os.environ['TMPDIR']); (p / 'x').write_text(''); print(p, os.environ['KILONOVA_STATE_DIR'])"
        self.add_program("a", [gtest_case("one")], body=body, status=1)
        directory, state = self.run_all()[1].splitlines()[1].split()
        self.assertTrue(state.startswith(directory))
        self.assertFalse(os.path.exists(directory))


if __name__ == "__main__":
    unittest.main()
