#!/usr/bin/env python3
"""The repository keeps its own rules (rules.py), one case a rule; and each rule is shown to bite on a planted breach."""

import os
import pathlib
import tempfile
import unittest

import rules
from functions import function_bodies, lambda_coroutines
from source_tree import SourceTree

ROOT = pathlib.Path(os.environ.get("KILONOVA_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])

RULES = {rule.__name__: rule for rule in (
    rules.include_directions, rules.relative_includes, rules.grpc_includes, rules.sql_includes, rules.core_targets,
    rules.deterministic_includes, rules.deterministic_calls, rules.file_sizes, rules.function_sizes,
    rules.capturing_coroutines, rules.pragma_once, rules.header_comments, rules.using_namespace, rules.unfinished_marks,
    rules.sleeping_tests, rules.compiled_sources)}

LONG_FUNCTION = "int f(int x) {\n" + "  ++x;\n" * rules.MAX_FUNCTION_LINES + "  return x;\n}\n"

# rule: [(path, text that breaks it)]
PLANTED = {
    "include_directions": [
        ("lib/base/a.h", '#include "domain/instance.h"\n'),
        ("lib/ports/a.h", '#include "rpc/channel.h"\n'),
        ("scheduler/core/a.cc", '#include "store/store.h"\n'),
        ("scheduler/main.cc", '#include "controller/core/b.h"\n'),
        ("lib/store/a.cc", '#include "controller/core/b.h"\n'),
        ("compute-node/main.cc", '#include "sim/world.h"\n')],
    "relative_includes": [("lib/base/a.cc", '#include "../domain/a.h"\n')],
    "grpc_includes": [
        ("lib/store/a.cc", "#include <grpcpp/grpcpp.h>\n"), ("controller/core/a.cc", '#include "kilonova/v1/a.pb.h"\n')],
    "sql_includes": [("controller/main.cc", "#include <sqlite3.h>\n")],
    "core_targets": [("scheduler/CMakeLists.txt", "add_library(scheduler_core STATIC a.cc)\n")],
    "deterministic_includes": [
        ("scheduler/core/a.h", "#include <chrono>\n"), ("lib/domain/a.h", "#include <unordered_map>\n"),
        ("lib/ports/a.h", "#include <spdlog/spdlog.h>\n"), ("controller/core/a.h", "#include <boost/unordered/unordered_flat_map.hpp>\n")],
    "deterministic_calls": [
        ("scheduler/core/a.cc", "auto t = std::chrono::steady_clock::now();\n"),
        ("scheduler/core/b.cc", "int x = rand();\n"), ("lib/domain/a.cc", "auto t = std::time(nullptr);\n"),
        ("lib/domain/d.cc", "long f() { return time(0); }\n"), ("lib/domain/e.cc", "long f() { g(clock()); }\n"),
        ("lib/domain/b.cc", "std::map<Host*, int> hosts;\n"), ("lib/domain/c.cc", "std::set<const Host*> hosts;\n")],
    "file_sizes": [("lib/base/a.cc", "int x;\n" * (rules.MAX_FILE_LINES + 1))],
    "function_sizes": [
        ("lib/base/a.cc", LONG_FUNCTION),
        ("lib/base/b.cc", LONG_FUNCTION.replace("int f(int x) {", "Widget::Widget(int x)\n    : x_(x), y_{x} {")),
        ("lib/base/c.cc", "namespace n {\nclass C {\n public:\n" + LONG_FUNCTION.replace("{", "const noexcept {", 1) + "};\n}\n"),
        ("lib/base/d.cc", LONG_FUNCTION.replace("int f(int x)", "template <class T>\nTask<Expected<void>> Flow<T>::run(T x)"))],
    "capturing_coroutines": [("controller/core/a.cc", "void f() {\n  spawn([this, id]() -> Task<void> { co_await save(id); }());\n}\n")],
    "pragma_once": [("lib/base/a.h", "// A thing.\nint x;\n")],
    "header_comments": [("lib/base/a.h", "#pragma once\nint x;\n")],
    "using_namespace": [("lib/base/a.h", "using namespace kilonova;\n")],
    "unfinished_marks": [("lib/base/a.cc", "// TO" "DO: later\n"), ("README.md", "FIX" "ME\n")],
    "sleeping_tests": [
        ("tests/unit/a_test.cc", "std::this_thread::sleep_for(x);\n"), ("tests/unit/b_test.cc", "void f() { sleep(1); }\n")],
    "compiled_sources": [("lib/base/a.cc", "int x;\n"), ("lib/base/CMakeLists.txt", "kilonova_library(b SOURCES ba.cc)\n")],
}

# What the rules must not mistake for a breach.
INNOCENT = {
    "scheduler/core/a.cc": '#include "ports/store.h"\n#include "scheduler/core/a.h"\n#include <map>\n'
                           "// steady_clock, rand() and <chrono> in a comment\n"
                           'const char* text = "std::random_device time(nullptr)";\n'
                           "auto t = runtime.time(x) + node->clock() + first_time(y);\n"
                           "struct Reader { WallTime time(); int64_t clock(); };\n"
                           "std::map<std::string, Host*> by_name;\n"
                           "void g() { for (auto& host : hosts) { visit([&](int x) { return x; }); } }\n"
                           "Task<void> f(int x) { co_await g([&](int y) { return y; }); }\n",
    "tests/unit/c_test.cc": "Task<void> f(Loop& loop) { co_await sleep_for(loop, seconds(1)); }\n",
    "tests/unit/CMakeLists.txt": "kilonova_test(c_test SOURCES c_test.cc)\n",
    "scheduler/core/a.h": "// Picks a host.\n#pragma once\nnamespace kilonova {}\n",
    "scheduler/CMakeLists.txt": "kilonova_core_library(scheduler_core SOURCES core/a.cc)\n",
}


def planted_tree(directory, files):
    for path, text in files:
        target = pathlib.Path(directory) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return SourceTree(directory)


class Tidy(unittest.TestCase):
    """The repository itself."""

    tree = SourceTree(ROOT)

    def test_package_table_of_the_readme(self):
        readme = ROOT / "README.md"
        text = readme.read_text() if readme.exists() else ""
        if "| package | why |" not in text:
            self.skipTest("README.md has no package table yet")
        table = rules.package_table((ROOT / "cmake/debian-packages.txt").read_text())
        self.assertIn(table, text, "README.md must show cmake/debian-packages.txt as:\n" + table)


class RulesBite(unittest.TestCase):
    """Each rule on breaches made for it, one by one, and on innocent code."""

    def test_every_rule_has_a_breach(self):
        self.assertEqual(set(PLANTED), set(RULES))

    def test_innocent_code_passes(self):
        with tempfile.TemporaryDirectory() as directory:
            tree = planted_tree(directory, INNOCENT.items())
            for name, rule in RULES.items():
                with self.subTest(rule=name):
                    self.assertEqual(rule(tree), [])

    def test_function_bodies_are_measured(self):
        code = ("struct S {\n  S(int x) : a_{x}, b_(x) {\n    a();\n  }\n  int v = [] { return 1; }();\n};\n"
                "enum class E { kA, kB };\nstd::vector<int> list = {f(1), 2};\n"
                "TEST(A, B) {\n  if (x) {\n  }\n}\nauto g() -> int {\n  return 1;\n}\n")
        self.assertEqual([(name, lines) for _, lines, name in function_bodies(code)], [("S", 3), ("TEST", 4), ("g", 3)])

    def test_a_lambda_in_a_coroutine_is_no_coroutine(self):
        self.assertEqual(lambda_coroutines("auto x = [a](int b) { return [](T t) -> Task<void> { co_return; }; };\n"), [])
        self.assertEqual(lambda_coroutines("auto x = [&]() mutable -> Task<int> {\n  co_return 1;\n};\n"), [1])


def add_cases():
    for name, rule in RULES.items():
        def repository(self, rule=rule):
            broken = rule(self.tree)
            self.assertFalse(broken, "\n" + "\n".join(broken))

        def bites(self, name=name, rule=rule):
            files = PLANTED[name]
            for path, text in files if name != "compiled_sources" else files[:1]:
                with self.subTest(path=path), tempfile.TemporaryDirectory() as directory:
                    context = files[1:] if name == "compiled_sources" else []
                    self.assertTrue(rule(planted_tree(directory, [(path, text), *context])), f"not found in:\n{text}")

        setattr(Tidy, f"test_{name}", repository)
        setattr(RulesBite, f"test_{name}_bites", bites)


add_cases()

if __name__ == "__main__":
    unittest.main()
