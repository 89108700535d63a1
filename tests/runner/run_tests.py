#!/usr/bin/env python3
"""Runs the tests that CMake declares and counts their cases; `./dev test` calls it.

    run_tests.py --pass NAME=BUILD_DIR[:LABEL,LABEL] ... [SELECTION...]

A SELECTION is a label (unit, sim, crash...), part of a test program's name, or part of a GoogleTest case's name.
Without one everything runs but the labels of OPTIONAL_LABELS. Quiet while all passes; shows the output of what failed; the
last line reads `N passed, N failed, N skipped`, counted in cases. Exit status 1 on a failure and when nothing ran.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

OPTIONAL_LABELS = {"crash", "long"}  # minutes each; run when asked for by one of their labels or by name
SKIPPED_STATUS = 77  # of a test that is neither GoogleTest nor Python
SANITIZER_SLOWNESS = 3  # times the time limit, in passes under a sanitizer
SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]


class Test:
    """One entry of ctest: a program, and the cases of it that were selected."""

    def __init__(self, pass_name, entry):
        properties = {p["name"]: p["value"] for p in entry.get("properties", [])}
        self.pass_name = pass_name
        self.name = entry["name"]
        self.command = entry.get("command", [])
        self.labels = set(properties.get("LABELS", []))
        self.timeout = float(properties.get("TIMEOUT", 120)) * (1 if pass_name == "dev" else SANITIZER_SLOWNESS)
        self.serial = bool(properties.get("RUN_SERIAL", False))
        self.directory = properties.get("WORKING_DIRECTORY", str(SOURCE_DIR))
        self.environment = dict(v.split("=", 1) for v in properties.get("ENVIRONMENT", []))
        self.case_filter = None

    def kind(self):
        return "gtest" if "gtest" in self.labels else "python" if "python" in self.labels else "plain"

    def title(self):
        return self.name if self.pass_name == "dev" else f"{self.name} [{self.pass_name}]"


class Outcome:
    """Cases of one program: names that passed, failed, were skipped; and what to show of the failures."""

    def __init__(self):
        self.passed, self.failed, self.skipped, self.shown = [], [], [], ""


def read_tests(pass_name, build_dir, labels):
    listing = subprocess.run(["ctest", "--test-dir", build_dir, "--show-only=json-v1"], capture_output=True, text=True)
    if listing.returncode != 0:
        sys.exit(f"ctest cannot list the tests of {build_dir}: {listing.stderr.strip()}")
    tests = [Test(pass_name, entry) for entry in json.loads(listing.stdout)["tests"]]
    if labels:
        tests = [t for t in tests if t.labels & labels and f"no-{pass_name}" not in t.labels]
    return tests


def select(tests, selections):
    if not selections:
        return [t for t in tests if not t.labels & OPTIONAL_LABELS]
    chosen = []
    for test in tests:
        if any(s in test.labels for s in selections) or any(s in test.name for s in selections):
            chosen.append(test)
    if chosen:
        return chosen
    pattern = ":".join(f"*{s}*" for s in selections)
    for test in tests:
        if test.kind() == "gtest" and test.command and list_cases(test, pattern):
            test.case_filter = pattern
            chosen.append(test)
    return chosen


def list_cases(test, pattern):
    listing = subprocess.run(test.command + ["--gtest_list_tests", f"--gtest_filter={pattern}"], capture_output=True, text=True)
    return [line for line in listing.stdout.splitlines() if line.startswith("  ")]


def environment_of(test, directory):
    environment = os.environ | test.environment
    environment["TMPDIR"] = directory
    environment["KILONOVA_STATE_DIR"] = f"{directory}/state"  # no test touches the user's own cloud
    environment["GTEST_OUTPUT"] = environment["KILONOVA_CASES"] = f"json:{directory}/cases.json"
    environment["GTEST_COLOR"] = "no"
    environment.setdefault("ASAN_OPTIONS", "detect_stack_use_after_return=1:strict_string_checks=1")
    environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    suppressions = SOURCE_DIR / "tests/tsan.supp"
    environment.setdefault("TSAN_OPTIONS", f"suppressions={suppressions}" if suppressions.exists() else "")
    symbolizer = shutil.which("llvm-symbolizer-19")
    if symbolizer:
        for sanitizer in ("ASAN", "UBSAN", "TSAN"):
            environment.setdefault(f"{sanitizer}_SYMBOLIZER_PATH", symbolizer)
    return environment


class Runner:
    def __init__(self, jobs, log_dir):
        self.jobs, self.log_dir = jobs, log_dir
        self.running, self.lock, self.stopped = {}, threading.Lock(), False
        self.repeat = sys.stderr.isatty()

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in self.running.values():
                kill_group(process.pid)

    def run(self, test):
        """Runs the program in a session and a temporary directory of its own; nothing of either is left, nor of what it put
        into the background."""
        outcome = Outcome()
        if not test.command:
            outcome.failed.append(test.name)
            outcome.shown = "the program was not built"
            return outcome
        directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")  # short: socket paths are limited to 107 bytes
        log = self.log_dir / f"{test.pass_name}-{test.name}.log"
        command = test.command + ([f"--gtest_filter={test.case_filter}"] if test.case_filter else [])
        try:
            with open(log, "wb") as output:
                with self.lock:
                    if self.stopped:
                        return outcome
                    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=test.directory,
                                               stdin=subprocess.DEVNULL, env=environment_of(test, directory),
                                               start_new_session=True)
                    self.running[test.title()] = process
                try:
                    status = process.wait(test.timeout)
                except subprocess.TimeoutExpired:
                    status = None
                kill_group(process.pid)
                process.wait()
                kill_those_of(directory)
            with self.lock:
                del self.running[test.title()]
            text = log.read_text(errors="replace")
            count_cases(test, status, text, pathlib.Path(directory) / "cases.json", outcome)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        return outcome

    def run_all(self, tests, report):
        serial = [t for t in tests if t.serial]
        parallel = [t for t in tests if not t.serial]
        parallel.sort(key=lambda t: -t.timeout)  # the long ones first
        done = 0
        for group, jobs in ((parallel, self.jobs), (serial, 1)):
            with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
                futures = {pool.submit(self.run, test): test for test in group}
                for future in concurrent.futures.as_completed(futures):
                    done += 1
                    report(futures[future], future.result())
                    self.progress(f"[{done}/{len(tests)}] {' '.join(self.running)}")
        self.progress("")

    def progress(self, text):
        if self.repeat:
            sys.stderr.write("\r\033[K" + text[: shutil.get_terminal_size().columns - 1])
            sys.stderr.flush()


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def kill_those_of(directory):
    """Whoever has this directory from environment_of(): a cloud whose test was ended before it could take it down. Twice
    nobody, since a supervisor may be just starting somebody."""
    word, quiet = os.fsencode(f"TMPDIR={directory}"), 0
    while quiet < 2:
        quiet += 1
        for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
            try:
                environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()  # empty of a zombie
                if word in environment.split(b"\0"):
                    os.kill(pid, signal.SIGKILL)
                    quiet = 0
            except OSError:  # gone, or another user's
                continue


def count_cases(test, status, text, result_file, outcome):
    ended = "it ran longer than %g s" % test.timeout if status is None else f"it ended with status {status}"
    if test.kind() == "plain":
        target = outcome.passed if status == 0 else outcome.skipped if status == SKIPPED_STATUS else outcome.failed
        target.append(test.name)
        outcome.shown = "" if status in (0, SKIPPED_STATUS) else f"{tail(text)}\n{ended}"
        return
    if result_file.exists():
        count_reported(json.loads(result_file.read_text()), text, outcome)
        if status != 0 and not outcome.failed:  # a leak found at exit, a crash in a destructor
            outcome.failed.append(f"{test.name} (after its cases)")
            outcome.shown += f"{tail(text)}\n{ended}"
        return
    # The program died before it could report.
    started = re.findall(r"^\[ RUN      \] (\S+)", text, re.M)
    outcome.passed = re.findall(r"^\[       OK \] (\S+) \(", text, re.M)
    outcome.skipped = re.findall(r"^\[  SKIPPED \] (\S+) \(", text, re.M)
    finished = set(outcome.passed) | set(outcome.skipped)
    outcome.failed = [case for case in started if case not in finished] or [test.name]
    outcome.shown = f"{tail(text)}\n{ended}, and its cases after {outcome.failed[-1]} did not run"


def count_reported(report, text, outcome):
    for suite in report.get("testsuites", []):
        for case in suite.get("testsuite", []):
            name = f"{suite['name']}.{case['name']}"
            if case.get("status") == "NOTRUN":
                if name.split(".")[1].startswith("DISABLED_") or ".DISABLED_" in name or name.startswith("DISABLED_"):
                    outcome.skipped.append(name)
            elif case.get("failures"):
                outcome.failed.append(name)
                outcome.shown += output_of(name, case, text)
            elif case.get("result") == "SKIPPED":
                outcome.skipped.append(name)
            else:
                outcome.passed.append(name)


def output_of(name, case, text):
    """What the program printed between the case's start and its end, or else the failures of its report."""
    match = re.search(rf"^\[ RUN      \] {re.escape(name)}\n(.*?)^\[  FAILED  \] {re.escape(name)}", text, re.M | re.S)
    if match:
        return f"--- {name}\n{tail(match.group(1))}\n"
    return f"--- {name}\n" + "\n".join(failure["failure"] for failure in case["failures"]) + "\n"


def tail(text, lines=100):
    kept = text.rstrip().splitlines()
    return "\n".join(([f"... {len(kept) - lines} lines before"] if len(kept) > lines else []) + kept[-lines:])


def parse_pass(value):
    name, _, rest = value.partition("=")
    build_dir, _, labels = rest.partition(":")
    return name, build_dir, set(labels.split(",")) if labels else set()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pass", dest="passes", action="append", required=True, type=parse_pass)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--list", action="store_true", help="only name what would run")
    parser.add_argument("selection", nargs="*")
    arguments = parser.parse_args()

    tests = []
    for name, build_dir, labels in arguments.passes:
        tests += select(read_tests(name, build_dir, labels), arguments.selection)
    if arguments.list:
        print("\n".join(test.title() for test in tests))
        return 0

    log_dir = pathlib.Path(arguments.passes[0][1]).resolve() / "test-logs"
    log_dir.mkdir(exist_ok=True)
    runner = Runner(arguments.jobs, log_dir)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runner.stop())
    counts, failures = {"passed": 0, "failed": 0, "skipped": 0}, []

    def report(test, outcome):
        for what in counts:
            counts[what] += len(getattr(outcome, what))
        if outcome.failed:
            failures.extend(f"{test.title()}: {case}" for case in outcome.failed)
            runner.progress("")
            print(f"=== {test.title()}\n{outcome.shown.rstrip()}\n", flush=True)

    start = time.monotonic()
    runner.run_all(tests, report)
    if failures:
        print("Failed:\n  " + "\n  ".join(failures))
        print(f"Whole outputs: {log_dir}")
    if not any(counts.values()):
        print(f"No test matches: {' '.join(arguments.selection) or 'none is declared'}. See ./dev test --list")
    if runner.repeat:
        print(f"{len(tests)} programs in {time.monotonic() - start:.0f} s")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 130 if runner.stopped else 1 if counts["failed"] or not any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
