"""What a launch costs, in one run of a few minutes: launches a second and CPU of each daemon by number of clients, one at a time,
batches, deletes, threads; beside what the machine allows in the same run (limits_bench), and the ratio of the two.

    ./dev bench [--json] [--quick]      or: python3 bench/launch_table.py, with the build in build/bin (KILONOVA_BIN_DIR)

Each row has a cloud of its own of 100 hosts, with --timing instant and --sync normal. CPU is what a busy machine blurs least: where
others build or test beside it, look at that, and at ratios.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from cloud import BIN, Cloud

# clients, servers a call, servers
ROWS = [(1, 1, 400), (64, 1, 4000), (128, 1, 5000), (256, 1, 6000), (64, 10, 8000), (64, 100, 12800)]
DELETES = (64, 4000)  # at once (cli/load/bench.h), servers
UP = ("--hosts", "100", "--timing", "instant", "--sync", "normal", "--http-port", "0")
DAEMONS = ("controller", "api", "compute", "scheduler", "network")


def counters(pid):
    """Context switches of all threads, and calls that write to files or sockets."""
    switches = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8") as file:
            switches += sum(int(number) for number in re.findall(r"ctxt_switches:\s+(\d+)", file.read()))
    with open(f"/proc/{pid}/io", encoding="utf-8") as file:
        io = dict(line.split(": ") for line in file.read().splitlines())
    return {"switches": switches, "write_calls": int(io["syscw"]), "written_bytes": int(io["wchar"])}


def added(pids):
    each = [counters(pid) for pid in pids]
    return {name: sum(one[name] for one in each) for name in each[0]}


def warm_up(cloud):
    cloud.json("bench", "launch", "--count", "200", "--clients", "32")


def launches(clients, batch, count):
    with Cloud(*UP) as cloud:
        warm_up(cloud)
        pids = [daemon["pid"] for daemon in cloud.daemons().values()]
        before = added(pids)
        report = cloud.json("bench", "launch", "--count", str(count), "--clients", str(clients), "--batch", str(batch), "--keep",
                            timeout=600)
        after = added(pids)
        done = report["launched"]
        cost = {daemon["name"].rsplit("-", 1)[0]: round(daemon["cpu_us_per_launch"], 1) for daemon in report["daemons"]}
        return {"clients": clients, "batch": batch, "launched": done, "failed": report["failed"],
                "launches_per_s": round(report["launches_per_s"]), "p50_us": report["p50_us"], "p99_us": report["p99_us"],
                "cpu_us_per_launch": {**cost, "all": round(sum(cost.values()), 1)},
                **{f"{name}_per_launch": round((after[name] - before[name]) / done, 2) for name in before}}


def deletes(at_once, count):
    with Cloud(*UP) as cloud:
        warm_up(cloud)
        threads = {name: len(os.listdir(f"/proc/{daemon['pid']}/task")) for name, daemon in cloud.daemons().items()}
        report = cloud.json("bench", "launch", "--count", str(count), "--clients", str(at_once), timeout=600)
        return {"at_once": at_once, "deletes_per_s": round(report["deletes_per_s"])}, threads


def limits(milliseconds):
    done = subprocess.run([os.path.join(BIN, "limits_bench"), str(milliseconds)], check=True, capture_output=True, text=True, timeout=300)
    return {limit.pop("what"): limit for limit in map(json.loads, done.stdout.splitlines())}


def ratios(rows, bounds):
    """What a launch is worth in the machine's own units."""
    alone = next(row for row in rows if row["clients"] == 1)
    busiest = max((row for row in rows if row["batch"] == 1), key=lambda row: row["clients"])
    return {
        "p50 of a launch alone, in unary echoes one at a time": alone["p50_us"] / bounds["unary echo, one at a time"]["us"],
        f"CPU of a launch at {busiest['clients']} clients, in that of unary echoes 64 at once":
            busiest["cpu_us_per_launch"]["all"] / bounds["unary echo, 64 at once"]["cpu_us"],
        f"CPU of the controller at {busiest['clients']} clients, in that of 3 rows that SQLite commits 64 at once":
            busiest["cpu_us_per_launch"]["controller"] / (3 * bounds["SQLite commit of 64 rows"]["cpu_us"] / 64),
        f"bytes written a launch at {busiest['clients']} clients, in pages of 4 KiB": busiest["written_bytes_per_launch"] / 4096,
    }


def printed(report):
    head = ["clients", "a call", "launches/s", "p50 ms", "p99 ms", "CPU us: all", *DAEMONS, "client", "switches", "write calls", "KB written"]
    lines = [head]
    for row in report["launches"]:
        cost = row["cpu_us_per_launch"]
        lines.append([row["clients"], row["batch"], row["launches_per_s"], f"{row['p50_us'] / 1000:.1f}", f"{row['p99_us'] / 1000:.1f}",
                      *(f"{cost[name]:.0f}" for name in ("all", *DAEMONS, "client")), f"{row['switches_per_launch']:.1f}",
                      f"{row['write_calls_per_launch']:.1f}", f"{row['written_bytes_per_launch'] / 1000:.1f}"])
    text = [f"| {' | '.join(str(cell) for cell in line)} |" for line in lines]
    text.insert(1, "|" + "---|" * len(head))
    text += ["", f"deletes: {report['deletes']['deletes_per_s']} a second, {report['deletes']['at_once']} at once",
             "threads: " + ", ".join(f"{name} {count}" for name, count in report["threads"].items()), "",
             "| what the machine allows | us | a second | CPU us |", "|---|---|---|---|"]
    text += [f"| {what} | {limit['us']:.1f} | {limit['per_s']:.0f} | {limit['cpu_us']:.1f} |" for what, limit in report["limits"].items()]
    return "\n".join([*text, "", *(f"{what}: {ratio:.1f}" for what, ratio in report["ratios"].items())])


def main():
    quick = "--quick" in sys.argv[1:]
    unknown = set(sys.argv[1:]) - {"--json", "--quick"}
    if unknown:
        sys.exit(f"unknown: {' '.join(sorted(unknown))}\n\n{__doc__}")
    share = 10 if quick else 1
    report = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cores": os.cpu_count(), "kernel": platform.release()}
    report["limits"] = limits(2000 // share)
    report["launches"] = [launches(clients, batch, max(count // share, clients * batch)) for clients, batch, count in ROWS]
    report["deletes"], report["threads"] = deletes(DELETES[0], DELETES[1] // share)
    report["ratios"] = {what: round(ratio, 2) for what, ratio in ratios(report["launches"], report["limits"]).items()}
    print(json.dumps(report, indent=2) if "--json" in sys.argv[1:] else printed(report))


if __name__ == "__main__":
    main()
