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
    rules.include_directions, rules.relative_includes, rules.grpc_includes, rules.socket_includes,
    rules.sql_includes, rules.metrics_includes, rules.core_targets,
    rules.deterministic_includes, rules.deterministic_calls, rules.file_sizes, rules.function_sizes,
    rules.capturing_coroutines, rules.pragma_once, rules.header_comments, rules.throwing_json, rules.unasked_wire,
    rules.using_namespace,
    rules.unfinished_marks, rules.sometimes_names, rules.sleeping_tests, rules.compiled_sources)}

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
    "socket_includes": [("api-server/main.cc", "#include <boost/asio/ip/tcp.hpp>\n")],
    "sql_includes": [("controller/main.cc", "#include <sqlite3.h>\n")],
    "metrics_includes": [("lib/daemon/run_daemon.cc", "#include <prometheus/registry.h>\n")],
    "core_targets": [("scheduler/CMakeLists.txt", "add_library(scheduler_core STATIC a.cc)\n")],
    "deterministic_includes": [
        *((f"{path}/a.h", "#include <chrono>\n") for path in (
            "scheduler/core", "lib/base", "lib/runtime", "lib/domain", "lib/ports", "lib/audit", "lib/rpc/link", "sim",
            "sim/checkers", "sim/network", "compute-node/hypervisor")),
        ("lib/store/memory_a.h", "#include <chrono>\n"), ("lib/base/check.h", "#include <cstdio>\n"),
        ("scheduler/core/b.h", '#include "chrono"\n'),
        *(("lib/domain/a.h", f"#include <{name}>\n") for name in (
            "random", "thread", "mutex", "atomic", "condition_variable", "future", "unordered_map", "unordered_set", "ctime", "time.h",
            "sys/time.h", "sys/random.h", "unistd.h", "cstdlib", "iostream", "fstream", "filesystem", "locale", "typeindex",
            "memory_resource", "execution", "spdlog/spdlog.h", "sqlite3.h", "openssl/rand.h", "nlohmann/json.hpp", "fmt/chrono.h",
            "boost/unordered/unordered_flat_map.hpp", "boost/uuid/random_generator.hpp", "boost/random.hpp",
            "boost/chrono.hpp", "boost/multi_index/hashed_index.hpp", "boost/asio.hpp"))],
    "deterministic_calls": [("lib/domain/a.cc", line + "\n") for line in (
        "auto t = std::chrono::system_clock::now();", "auto t = std::chrono::steady_clock::now();",
        "auto t = std::chrono::high_resolution_clock::now();", "clock_gettime(CLOCK_REALTIME, &t);", "gettimeofday(&t, nullptr);",
        "timespec_get(&t, TIME_UTC);", "auto* t = localtime(&s);", "localtime_r(&s, &t);", "long f() { return time(0); }",
        "auto t = std::time(nullptr);", "auto t = std::time({});", "auto t = time(NULL);", "time(&now);", "long f() { g(clock()); }",
        "std::random_device device;", "std::mt19937 random;", "std::mt19937_64 random;", "std::default_random_engine random;",
        "std::minstd_rand random;", "std::uniform_int_distribution<int> below(0, 9);", "std::shuffle(a, b, random);",
        "std::sample(a, b, c, 1, random);", "int x = rand();", "long x = random();", "srand(1);", "srandom(1);", "int x = rand_r(&s);",
        "double x = drand48();", "long x = lrand48();", "getrandom(p, 8, 0);", "getentropy(p, 8);", "auto x = arc4random();",
        "auto x = arc4random_uniform(9);", 'auto* x = getenv("HOME");', 'auto* x = secure_getenv("HOME");', "auto x = getpid();",
        "std::this_thread::yield();", "std::unordered_map<int, int> m;", "std::unordered_set<int> m;",
        "std::unordered_multimap<int, int> m;", "std::unordered_multiset<int> m;", "boost::unordered_flat_map<int, int> m;",
        "boost::unordered_node_set<int> m;", "boost::uuids::random_generator make;", "boost::random::taus88 random;",
        "boost::chrono::seconds s;", "boost::multi_index::hashed_unique<Name> index;", "boost::asio::io_context loop;",
        "auto x = reinterpret_cast<uintptr_t>(p);", "auto x = reinterpret_cast<std::intptr_t>(p);",
        "std::set<Weak, std::owner_less<Weak>> s;", "auto x = typeid(a).hash_code();", "bool f(const std::type_info& a);",
        "std::map<Host*, int> hosts;", "std::set<const Host*> hosts;", "std::multimap<Host*, int> hosts;",
        "std::multiset<Host const*> hosts;", "std::map<Ref<Host>*, int> hosts;", "std::map<std::shared_ptr<Host>, int> hosts;",
        "std::set<std::unique_ptr<Host>> hosts;", "std::set<weak_ptr<Host>, Less> hosts;", "std::map<std::pair<Host*, int>, int> hosts;",
        "std::map<std::tuple<int, const Host*>, int> hosts;", "std::set<std::vector<Host*>> hosts;", "KeyedMap<Host*, int> hosts;",
        "HashMap<Host*, int> hosts;", "std::hash<Host*> hash;", "std::less<const Host*> less;", "std::greater<Host*> more;")],
    "file_sizes": [("lib/base/a.cc", "int x;\n" * (rules.MAX_FILE_LINES + 1))],
    "function_sizes": [
        ("lib/base/a.cc", LONG_FUNCTION),
        ("lib/base/b.cc", LONG_FUNCTION.replace("int f(int x) {", "Widget::Widget(int x)\n    : x_(x), y_{x} {")),
        ("lib/base/c.cc", "namespace n {\nclass C {\n public:\n" + LONG_FUNCTION.replace("{", "const noexcept {", 1) + "};\n}\n"),
        ("lib/base/d.cc", LONG_FUNCTION.replace("int f(int x)", "template <class T>\nTask<Expected<void>> Flow<T>::run(T x)"))],
    "capturing_coroutines": [("controller/core/a.cc", "void f() {\n  spawn([this, id]() -> Task<void> { co_await save(id); }());\n}\n")],
    "pragma_once": [("lib/base/a.h", "// A thing.\nint x;\n")],
    "unasked_wire": [
        ("controller/core/a.cc", "const ApiReply& f(const Message& m) { return get<ApiReply>(m.body); }\n"),
        ("api-server/core/a.cc", "auto f(Body b) { return std::get<Empty>(std::move(b)); }\n"),
        ("lib/rpc/node/a.cc", "int f(std::vector<int> v, size_t i) { return v.at(i); }\n"),
        ("api-server/front/openstack/a.cc", "int f(const Json& j) { return j.at(0); }\n")],
    "throwing_json": [("api-server/front/openstack/a.cc", f"bool f(const Json& j) {{ return {call}; }}\n")
                      for call in ('j.value("on", true)', 'p->value("on", on)')],
    "header_comments": [("lib/base/a.h", "#pragma once\nint x;\n")],
    "using_namespace": [("lib/base/a.h", "using namespace kilonova;\n")],
    "unfinished_marks": [("lib/base/a.cc", "// TO" "DO: later\n"), ("README.md", "FIX" "ME\n")],
    "sometimes_names": [
        ("lib/base/a.cc", 'void f() { KN_SOMETIMES("link: a"); }\nvoid g() { KN_SOMETIMES("link: a"); }\n'),
        ("lib/base/a.h", 'void f() { KN_SOMETIMES("link: b"); }\n'), ("lib/base/b.cc", 'void f() { KN_SOMETIMES("b"); }\n')],
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
                           "std::map<std::pair<Uuid, std::string>, Host*> by_both;\n"
                           "KeyedMap<Uuid, std::unique_ptr<Host>> owned; Random random(int seed);\n"
                           "auto r = node.random(1) + Random(seed, name).below(9);\n"
                           "void g() { for (auto& host : hosts) { visit([&](int x) { return x; }); } }\n"
                           "Task<void> f(int x) { co_await g([&](int y) { return y; }); }\n",
    "scheduler/core/w.cc": "int f(const Message& m) {\n  if (!holds_alternative<Pong>(m.body)) return 0;\n"
                            "  return get<Pong>(m.body).x;\n}\n",
    "scheduler/main.cc": "#include <chrono>\nauto t = std::chrono::steady_clock::now();\n",
    "lib/runtime/real_loop.h": "// The daemons' loop.\n#pragma once\n#include <thread>\n",
    "api-server/front/a.h": "// A view.\n#pragma once\ninline int f(Field field) { return field.value(row, call); }\n",
    "lib/base/check.cc": "#include <cstdio>\n#include <cstdlib>\n",
    "lib/base/CMakeLists.txt": "kilonova_library(base SOURCES check.cc)\n",
    "tests/unit/c_test.cc": "Task<void> f(Loop& loop) { co_await sleep_for(loop, seconds(1)); }\n",
    "tests/unit/CMakeLists.txt": "kilonova_test(c_test SOURCES c_test.cc)\n",
    "scheduler/core/a.h": "// Picks a host.\n#pragma once\nnamespace kilonova {}\n",
    "scheduler/CMakeLists.txt": "kilonova_core_library(scheduler_core SOURCES core/a.cc core/w.cc)\nkilonova_executable(s SOURCES main.cc)\n",
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

    def test_exceptions_are_files_of_the_tree(self):
        for path in (*rules.NOT_REPLAYED, *rules.MAY_ALSO_INCLUDE, *rules.LONG_FILES, *rules.ASKED_ELSEWHERE):
            self.assertTrue((ROOT / path).exists(), f"{path}: an exception for a file that is gone")

    def test_package_table_of_the_readme(self):
        text = (ROOT / "README.md").read_text()
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
                with self.subTest(path=path, text=text[:80]), tempfile.TemporaryDirectory() as directory:
                    context = files[1:] if name == "compiled_sources" else []
                    self.assertTrue(rule(planted_tree(directory, [(path, text), *context])), f"not found in:\n{text}")

        setattr(Tidy, f"test_{name}", repository)
        setattr(RulesBite, f"test_{name}_bites", bites)


add_cases()

if __name__ == "__main__":
    unittest.main()
