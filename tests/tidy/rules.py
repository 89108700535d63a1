"""The rules of style that a program can check. Each takes a SourceTree and returns what breaks it, as `path:line: why`."""

import pathlib
import re

from functions import function_bodies, lambda_coroutines

DAEMONS = ("scheduler", "network-controller", "compute-node", "controller", "api-server")
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70

# Files that may be long, each with its reason: tables of data whose parts mean nothing alone.
LONG_FILES = {}


def is_core(file):
    return any(file.is_below(f"{daemon}/core") for daemon in DAEMONS)


# What a seed runs: the cores, what they stand on, and the simulation itself.
DETERMINISTIC = ("lib/base", "lib/runtime", "lib/domain", "lib/ports", "lib/audit", "lib/rpc/link", "sim",
                 "compute-node/hypervisor")
DETERMINISTIC_FILES = re.compile(r"lib/store/(memory_\w+|event_retention)\.(h|cc)$")
# Files among them that no seed runs, or that hide what must not be seen, each with its reason.
NOT_REPLAYED = {
    "lib/runtime/real_loop.h": "the loop of the daemons: a real clock, threads that post",
    "lib/runtime/real_loop.cc": "the same",
    "lib/runtime/connection_owner.h": "the kernel is asked about a connection, which no seed has",
    "lib/runtime/connection_owner.cc": "the same",
    "lib/base/hash_map.h": "hides the order of its hash table: it cannot be walked",
    "lib/base/keyed_map.h": "the same; it is walked in the order of its keys",
}
# System headers that one file may have on top of those that all may have.
MAY_ALSO_INCLUDE = {
    "lib/base/check.cc": ("cstdio", "cstdlib"),             # it says why, and aborts
    "lib/base/sometimes.h": ("atomic",),                    # flags that daemons' threads raise, and no core reads
    "compute-node/hypervisor/load_timing.cc": ("fstream",),  # a file that is read before anything runs
    "sim/fault_profile_file.cc": ("fstream",),               # the same
    "sim/client_history.cc": ("nlohmann/json.hpp",),         # written down, and read by nobody here
    "lib/runtime/file_limit.cc": ("sys/resource.h",),        # asked by what listens, which no seed does
    "lib/runtime/source_address.cc": ("arpa/inet.h", "netinet/in.h"),  # texts of addresses to and from their bytes
}


def is_deterministic(file):
    """Code that a seed must replay to the bit."""
    return (is_core(file) or file.is_below(*DETERMINISTIC) or bool(DETERMINISTIC_FILES.match(file.path))) \
        and file.path not in NOT_REPLAYED


# --- layers ------------------------------------------------------------------------------------------------------------

# What a part may include of the others; None: anything. The first prefix that fits counts.
MAY_INCLUDE = (
    [("lib/base/", ("base/",)), ("lib/runtime/", ("runtime/", "base/")), ("lib/domain/", ("domain/", "base/")),
     ("lib/ports/", ("ports/", "domain/", "runtime/", "base/")), ("lib/audit/", ("audit/", "domain/", "base/")),
     ("lib/http/", ("http/", "runtime/", "base/")), ("lib/metrics/", ("metrics/", "base/")),
     ("lib/otlp/", ("otlp/", "domain/", "base/"))]
    + [(f"{d}/core/", (f"{d}/core/", "ports/", "domain/", "runtime/", "base/")) for d in DAEMONS]
    + [("sim/", None), ("tests/", None), ("bench/", None)]
)
LIBRARIES = ("base/", "runtime/", "domain/", "ports/", "http/", "metrics/", "otlp/", "rpc/", "store/", "daemon/")
OWN = LIBRARIES + ("audit/",) + tuple(f"{d}/" for d in DAEMONS) + ("sim/", "cli/", "bench/", "tests/", "kilonova/")


def include_directions(tree):
    broken = []
    for file in tree.cpp:
        for line, name, quoted in file.includes:
            if quoted and name.startswith(OWN) and not may_include(file, name):
                broken.append(f"{file.path}:{line}: may not include {name}: main -> core -> ports -> domain -> base")
    return broken


def may_include(file, name):
    for prefix, allowed in MAY_INCLUDE:
        if file.path.startswith(prefix):
            return allowed is None or name.startswith(allowed)
    part = file.path.split("/")[0]
    if part in DAEMONS:  # a daemon knows no other's code
        return name.startswith(LIBRARIES + ("kilonova/", f"{part}/"))
    if file.is_below("lib/rpc"):  # its services stand on the cores
        return name.startswith(LIBRARIES + ("kilonova/",)) or "/core/" in name
    if part == "lib":
        return name.startswith(LIBRARIES + ("kilonova/",))
    return True  # cli


def relative_includes(tree):
    return [f"{file.path}:{line}: include by the path from lib/ or the root, not {name}"
            for file in tree.cpp for line, name, quoted in file.includes if quoted and name.startswith(".")]


GRPC = re.compile(r"^(grpc|grpcpp|google/protobuf)/|\.pb\.h$")
GRPC_PLACES = ("lib/rpc", "api-server/front/grpc", "api-server/front/dashboard", "cli", "tests", "bench")


def grpc_includes(tree):
    return [f"{file.path}:{line}: {name}: gRPC and protobuf stay in {', '.join(GRPC_PLACES)}"
            for file in tree.cpp if not file.is_below(*GRPC_PLACES)
            for line, name, _ in file.includes if GRPC.search(name)]


def socket_includes(tree):
    return [f"{file.path}:{line}: {name}: Asio and Beast stay in lib/http"
            for file in tree.cpp if not file.is_below("lib/http", "tests", "bench")
            for line, name, _ in file.includes if re.match(r"boost/(asio|beast)/", name)]


def sql_includes(tree):
    return [f"{file.path}:{line}: {name}: SQL stays in lib/store"
            for file in tree.cpp if not file.is_below("lib/store", "tests", "bench")
            for line, name, _ in file.includes if re.match(r"(sqlite3\.h|pqxx/|libpq|postgresql/)", name)]


def metrics_includes(tree):
    return [f"{file.path}:{line}: {name}: prometheus-cpp stays in lib/metrics"
            for file in tree.cpp if not file.is_below("lib/metrics")
            for line, name, _ in file.includes if name.startswith("prometheus/")]


def core_targets(tree):
    """A core that is declared as an ordinary library escapes the fence of kilonova_core_library."""
    broken = []
    for file in tree.files:
        if file.path.endswith("CMakeLists.txt"):
            for match in re.finditer(r"^\s*(add_library|kilonova_library)\(\s*(\w*_core\w*)", file.text, re.M):
                broken.append(f"{file.path}:{file.line_of(match.start())}: declare {match.group(2)} with kilonova_core_library")
    return broken


# --- determinism -------------------------------------------------------------------------------------------------------

# All else is time, chance, threads, hash order, the system or storage, until somebody adds it here with a good reason.
SYSTEM_INCLUDES = frozenset(
    "algorithm array bit charconv cmath compare concepts coroutine cstddef cstdint cstring deque exception expected functional"
    " initializer_list iterator limits list map memory new numeric optional queue ranges set span sstream stack string"
    " string_view tuple type_traits utility variant vector fmt/format.h fmt/ranges.h".split())
FORBIDDEN_NAME = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|timespec_get|localtime(_r)?"
    r"|random_device|mt19937(_64)?|default_random_engine|minstd_rand0?|uniform_\w+_distribution|std::shuffle|std::sample"
    r"|srand|rand_r|srandom|[delmn]rand48|getrandom|getentropy|arc4random(_\w+)?|(secure_)?getenv|getpid|this_thread"
    r"|unordered_(flat_|node_)?(map|set|multimap|multiset)|boost::(uuids|random|chrono|multi_index|asio)"
    r"|reinterpret_cast\s*<\s*(std::)?u?intptr_t|std::owner_less|type_info|typeid)\b")
C_CALL = re.compile(r"(?<![\w.>])(?<!\w::)(std::)?(time\s*\(\s*(nullptr|NULL|0|&|\{)|(rand|random|clock)\s*\(\s*\))")
# A key that is, or holds, an address: its order and its hash differ from run to run.
ADDRESS = (r"((const\s+)?[\w:]+(\s*<[^<>]*>)?(\s+const)?\s*\*|(std::)?(shared|unique|weak)_ptr\s*<"
           r"|(std::)?(pair|tuple|array|vector)\s*<[^<>]*\*)")
POINTER_KEY = re.compile(rf"\b(std::(multi)?(map|set)|KeyedMap|KeyedSet|HashMap|HashSet|std::(hash|less|greater))\s*<\s*{ADDRESS}")


def deterministic_includes(tree):
    return [f"{file.path}:{line}: <{name}>: time, chance, threads, storage and hash order are injected or absent here"
            for file in tree.cpp if is_deterministic(file)
            for line, name, quoted in file.includes
            if not (quoted and name.startswith(OWN)) and name not in SYSTEM_INCLUDES
            and name not in MAY_ALSO_INCLUDE.get(file.path, ())]


def deterministic_calls(tree):
    return [f"{file.path}:{file.line_of(match.start())}: {match.group(0).strip()}: a seed could not replay this"
            for file in tree.cpp if is_deterministic(file)
            for pattern in (FORBIDDEN_NAME, POINTER_KEY, C_CALL) for match in pattern.finditer(file.code)
            if pattern is not C_CALL or not is_declaration(file.code[: match.start()])]


def is_declaration(before):
    """`Duration clock()` declares a function of that name; `return clock()` calls one."""
    word = re.search(r"(\w+)[>&*]*\s+[&*]*$", before[-80:])
    return bool(word) and word.group(1) not in ("return", "co_return", "else", "do")


# --- shape -------------------------------------------------------------------------------------------------------------

def file_sizes(tree):
    broken = []
    for file in tree.files:
        lines = file.text.count("\n")
        if lines > MAX_FILE_LINES and file.path not in LONG_FILES and not file.path.endswith((".md", ".json", ".txt")):
            broken.append(f"{file.path}:{lines}: {lines} lines ask to be split (at most {MAX_FILE_LINES})")
    return broken


def function_sizes(tree):
    broken = []
    for file in tree.cpp:
        for line, lines, name in function_bodies(file.code):
            if lines > MAX_FUNCTION_LINES:
                broken.append(f"{file.path}:{line}: {name} has {lines} lines (at most {MAX_FUNCTION_LINES})")
    return broken


def capturing_coroutines(tree):
    return [f"{file.path}:{line}: a lambda that captures and suspends outlives its captures: make it a function"
            for file in tree.cpp for line in lambda_coroutines(file.code)]


def pragma_once(tree):
    return [f"{file.path}:1: no #pragma once" for file in tree.headers if not re.search(r"^#pragma once$", file.text, re.M)]


def header_comments(tree):
    return [f"{file.path}:1: a header starts with a comment: what it owns and why it exists"
            for file in tree.headers if not file.text.lstrip().startswith(("//", "/*"))]


def throwing_json(tree):
    """What a client sent may be of any type; an exception in a flow ends the daemon."""
    return [f"{file.path}:{file.line_of(match.start())}: value(key, default) throws at another type: text_at, boolean_at, member"
            for file in tree.cpp if file.is_below("api-server/front")
            for match in re.finditer(r"(\.|->)value\(\"", file.code)]


# path: why what it gets was asked for elsewhere, or came over no wire.
ASKED_ELSEWHERE = {
    "controller/core/dispatch.cc": "the table of operations calls it by the request's type",
    "controller/core/launch_flow.cc": "the table of operations calls it by the request's type",
    "controller/core/client_tokens.h": "of a tuple",
    "cli/output/json_field.h": "of a number that is asked above",
    "scheduler/core/python_object.cc": "of two numbers that are asked above",
    "api-server/front/openstack/json.cc": "a depth that the parser bounds",
    "api-server/front/openstack/place.cc": "by the constants of an enum",
    "lib/rpc/node/dialer.cc": "by a number that was drawn here",
    "lib/http/server.cc": "by a number that was drawn here",
}
OF_ONE_TYPE = re.compile(r"(?<![\w.>])(?:std::)?get<([\w:]+)>\(")


def unasked_wire(tree):
    """What came over a wire may be of any type and of any length: get and at end the daemon where it is another."""
    broken = []
    for file in tree.cpp:
        if file.path in ASKED_ELSEWHERE or file.is_below("tests") or not any(file.is_below(part) for part in (
                "api-server", "cli", "controller", "scheduler", "compute-node", "network-controller", "lib/rpc", "lib/http",
                "lib/ports")):
            continue
        for match in OF_ONE_TYPE.finditer(file.code):
            line = file.line_of(match.start())
            before = "\n".join(file.code.splitlines()[max(0, line - 5):line])
            if f"holds_alternative<{match.group(1)}>" not in before and not match.group(1).startswith("kPosition"):
                broken.append(f"{file.path}:{line}: ask holds_alternative or get_if before {match.group(0)}")
        if any(file.is_below(part) for part in ("api-server/front", "lib/rpc", "lib/http")):
            broken += [f"{file.path}:{file.line_of(match.start())}: at() throws: find it, and say what is missing"
                       for match in re.finditer(r"(\.|->)at\(", file.code)]
    return broken


def using_namespace(tree):
    return [f"{file.path}:{file.line_of(match.start())}: using namespace in a header"
            for file in tree.headers for match in re.finditer(r"\busing\s+namespace\b(?!\s+std::(\w+::)?\w*literals)", file.code)]


UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")


def unfinished_marks(tree):
    return [f"{file.path}:{file.line_of(match.start())}: {match.group(0)}: finish it, or open an issue"
            for file in tree.files if not file.path.endswith("debian-packages.txt")
            for match in UNFINISHED.finditer(file.text)]


SOMETIMES = re.compile(r'\bKN_SOMETIMES\(\s*"([^"]*)"')


def sometimes_names(tree):
    """A branch's name finds it, so that no two have one; and a header's function would be a mark in each of its users."""
    broken, known = [], {}
    for file in tree.cpp:
        if file.is_below("tests"):
            continue
        for match in SOMETIMES.finditer(file.text):
            where, name = f"{file.path}:{file.line_of(match.start())}", match.group(1)
            if name in known:
                broken.append(f"{where}: the branch '{name}' has the name of {known[name]}")
            if file.path.endswith(".h"):
                broken.append(f"{where}: mark branches in a .cc file")
            if not re.match(r"[a-z]+: \w", name):
                broken.append(f"{where}: a branch is called 'part: what is so', not '{name}'")
            known[name] = where
    return broken


SLEEP = re.compile(r"\bthis_thread::sleep_(for|until)\b|\b(usleep|nanosleep|absl::SleepFor)\b|(?<![\w.>])sleep\s*\(\s*\d")


def sleeping_tests(tree):
    return [f"{file.path}:{file.line_of(match.start())}: {match.group(0)}: wait for an event, not for a time"
            for file in tree.cpp if file.is_below("tests") for match in SLEEP.finditer(file.code)]


def compiled_sources(tree):
    """A source file that no CMakeLists.txt above it names is never compiled, and its tests never run."""
    lists = {str(pathlib.PurePosixPath(f.path).parent): f.text for f in tree.files if f.path.endswith("CMakeLists.txt")}
    broken = []
    for file in tree.cpp:
        path = pathlib.PurePosixPath(file.path)
        if path.suffix != ".cc":
            continue
        above = [lists.get(str(parent), "") for parent in path.parents]
        named = any(re.search(rf"(^|[\s(/\"]){re.escape(path.name)}\b", text) for text in above)
        if not named and not any(re.search(r"GLOB[^)]*\*\.cc", text) for text in above):
            broken.append(f"{file.path}:1: no CMakeLists.txt compiles it")
    return broken


# --- packages ----------------------------------------------------------------------------------------------------------

def listed_packages(text):
    """(name, reason) of each line of cmake/debian-packages.txt."""
    return [tuple(line.split(None, 2)[1:]) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def package_table(text):
    rows = "".join(f"| `{name}` | {reason} |\n" for name, reason in listed_packages(text))
    return "| package | why |\n|---|---|\n" + rows
