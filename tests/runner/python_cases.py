#!/usr/bin/env python3
"""Runs the unittest cases of one file and writes their results as GoogleTest writes its own, for run_tests.py to count.

    python_cases.py FILE.py [CASE...]

$KILONOVA_CASES, as `json:PATH`, says where to; without it the cases only run.
"""

import importlib.util
import json
import os
import pathlib
import sys
import unittest


class Result(unittest.TextTestResult):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.cases = {}

    def record(self, test, result, failure=None):
        case = self.cases.setdefault(test.id(), {"name": test.id().rpartition(".")[2], "status": "RUN", "result": result})
        case["result"] = result
        if failure:
            case.setdefault("failures", []).append({"failure": failure, "type": ""})

    def addSuccess(self, test):
        super().addSuccess(test)
        self.record(test, "COMPLETED")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.record(test, "COMPLETED", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.record(test, "COMPLETED", self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.record(test, "COMPLETED", f"{subtest}\n" + self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.record(test, "SKIPPED")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.record(test, "COMPLETED")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.record(test, "COMPLETED", "it was expected to fail and passed")


def main():
    sys.dont_write_bytecode = True  # leave nothing in the source tree
    path = pathlib.Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{case}*" for case in sys.argv[2:]] or None
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(loader.loadTestsFromModule(module))
    target = os.environ.get("KILONOVA_CASES", "").removeprefix("json:")
    if target:
        report = {"testsuites": [{"name": path.stem, "testsuite": list(result.cases.values())}]}
        pathlib.Path(target).write_text(json.dumps(report))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
