"""More creates than a cloud can keep up with: what is admitted is built, the rest is refused clearly, memory is bounded."""

import json

from cloud import Cloud
from cloud_client import CloudClient
from settled import await_clean_check


def run_flood(test, count, clients, limit, hosts, memory, report=print, timeout=600):
    """`limit`: of servers under work. `memory`: MiB that a daemon of each kind may have taken at most. Asserts with `test`;
    returns what `kilonova bench flood` says."""
    # Hypervisors that take their time: a cloud that clients outrun.
    with Cloud("--hosts", str(hosts), "--timing", "realistic", "--time-factor", "0.5", "--ram-allocation-ratio", "16",
               "--disk-allocation-ratio", "16", "--max-unstable", str(limit)) as cloud:
        found = cloud.json("bench", "flood", "--count", str(count), "--clients", str(clients), "--keep", timeout=timeout)
        report(json.dumps(found), flush=True)
        test.assertEqual(found["admitted"] + found["refused"], count)
        test.assertGreaterEqual(found["admitted"], limit)
        test.assertGreater(found["refused"], 0)
        for refusal in found["refusals"]:
            test.assertRegex(refusal["reason"], f"^resource exhausted: .* {limit} is the limit: try again later$")
        test.assertEqual((found["active"], found["failed"]), (found["admitted"], 0))
        client = CloudClient(f"127.0.0.1:{cloud.port}")
        status = client.ask("GetCloudStatus", timeout=60)[0].status
        client.close()
        test.assertEqual((status.servers, status.active), (found["admitted"], found["admitted"]))
        taken = {}
        for daemon in found["daemons"]:
            kind = daemon["name"].split("-")[0]
            if kind in memory:
                taken[kind] = max(taken.get(kind, 0), daemon["peak_rss_kb"] / 1024)
        test.assertEqual(taken.keys(), memory.keys())
        for kind, bound in memory.items():
            test.assertLess(taken[kind], bound, kind)
        test.assertTrue(all(daemon["restarts"] == 0 for daemon in cloud.daemons().values()))
        test.assertEqual(await_clean_check(cloud), [])
        return found
