"""Functional suites that others ship with their clients, run unmodified against a cloud: each of their tests is a case here.

What is known to fail stands in a list beside this file, a test and the reason a line. It counts as skipped; once it
passes the list is wrong, and its case fails. What came of them, module by module, is printed at the end, and kept in
suites/ of the build directory.
"""

import collections

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN
from stock import StockTest

LINE = re.compile(r"^\{\d+\} (.+?)(?: \[\d+\.\d+s\])? \.\.\. (ok|FAILED|SKIPPED)(?:: (.*))?$")


def known_failures(name):
    """{test: reason}, of tests/compat/NAME. Lines that begin with # are remarks."""
    known = {}
    for line in (pathlib.Path(__file__).parent / name).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            test, _, reason = line.partition(" ")
            known[test] = reason.strip()
    return known


class SuiteTest(StockTest):
    """One test of a suite. The first of a class brings up its cloud and runs all of them."""

    known_in = ""  # the list's name
    selection = ""  # regular expression of the tests that run
    concurrency = 2
    limit = 1800  # seconds for all

    def __init__(self, name="runTest", test=""):
        super().__init__(name)
        self.test = test

    def id(self):
        return self.test

    def __str__(self):
        return self.test

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workspace = pathlib.Path(cls.cloud.state_dir) / "suite"
        cls.workspace.mkdir()
        cls.prepare()
        cls.known = known_failures(cls.known_in)
        done = subprocess.run(cls.run_command(), cwd=cls.workspace, env=cls.run_environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=cls.limit)
        cls.results, cls.output, cls.came_to = {}, done.stdout, {}
        current, text = None, []
        for line in done.stdout.splitlines():
            match = LINE.match(line)
            if match:
                current, text = re.sub(r"\[.*", "", match[1]), []
                cls.results[current] = (match[2], match[3] or "", text)
            else:
                text.append(line)

    @classmethod
    def tearDownClass(cls):
        report = cls.report()
        directory = pathlib.Path(BIN).parent / "suites"
        directory.mkdir(exist_ok=True)
        (directory / f"{cls.__name__}.txt").write_text(report)
        print(report, flush=True)
        super().tearDownClass()

    @classmethod
    def report(cls):
        """A line for each module: how many were selected, passed, failed, skipped by themselves, and skipped as known."""
        modules = collections.defaultdict(collections.Counter)
        for test in cls.came_to:
            module = test.rsplit(".", 2)[0]
            modules[module].update(["selected", cls.came_to[test]])
            modules["in all"].update(["selected", cls.came_to[test]])
        columns = ("selected", "passed", "failed", "skipped", "known")
        lines = ["".join(f"{column:>9}" for column in columns) + "  module"]
        for module in sorted(modules, key=lambda name: (name == "in all", name)):
            lines.append("".join(f"{modules[module][column]:>9}" for column in columns) + "  " + module)
        return "\n".join(lines) + "\n"

    @classmethod
    def prepare(cls):
        """Writes what the suite needs into cls.workspace."""

    @classmethod
    def run_environment(cls):
        return os.environ

    @classmethod
    def list_tests(cls):
        """The ids of the selected tests; asked before there is a cloud."""
        raise NotImplementedError

    def runTest(self):
        status, reason, text = self.results.get(self.test, ("", "", []))
        if not status:
            group = f"setUpClass ({self.test.rpartition('.')[0]})"
            status, reason, text = self.results.get(group, ("FAILED", "", self.output.splitlines()[-40:]))
        is_known = self.test in self.known
        outcomes = {"ok": "failed" if is_known else "passed", "SKIPPED": "known" if is_known else "skipped"}
        self.came_to[self.test] = outcomes.get(status, "known" if is_known else "failed")
        if is_known:
            if status == "ok":
                self.fail(f"it passes: take it off {self.known_in}")
            self.skipTest(self.known[self.test])
        if status == "SKIPPED":
            self.skipTest(reason)
        if status != "ok":
            self.fail("\n".join(text[-60:]))


def cases_of(suite_class):
    """What load_tests of a file gives back."""
    return unittest.TestSuite(suite_class(test=test) for test in suite_class.list_tests())
