"""A thousand creates at once where only a hundred fit: into a quota, and onto hosts that several schedulers give away."""

import collections
import os
import signal
import sys
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from cloud_client import CloudClient, message

CALLS, ROOM, SCHEDULERS = 1000, 100, 3


def create_at_once(client, count):
    """All calls are under way together; what became of each, in order: its reply or grpc.RpcError."""
    client.ask("GetCloudStatus")  # a token, before the race
    create = client.method("CreateServers")
    metadata = (("authorization", "Bearer " + client.token),)
    calls = [create.future(message("CreateServersRequest")(name=f"n{i}", flavor="m1.tiny", image="cirros", min_count=1,
                                                           max_count=1), timeout=120, metadata=metadata)
             for i in range(count)]
    return [call.exception() or call.result() for call in calls]


class ContentionTest(unittest.TestCase):
    def client(self, cloud, **credentials):
        client = CloudClient(f"127.0.0.1:{cloud.port}", **credentials)
        self.addCleanup(client.close)
        return client

    def await_building(self, client, count):
        for _ in range(20_000):
            status = client.ask("GetCloudStatus")[0].status
            if status.building == count:
                return status
        self.fail(f"not {count} building, but: {status}")

    def test_a_quota_of_a_hundred(self):
        with Cloud("--hosts", "50") as cloud:
            cloud.run("quota", "set", "demo", "--instances", str(ROOM), "--cores", "-1", "--ram", "-1")
            client = self.client(cloud, user="demo", project="demo")
            outcomes = create_at_once(client, CALLS)
            refusals = [outcome for outcome in outcomes if isinstance(outcome, grpc.RpcError)]
            self.assertEqual(len(outcomes) - len(refusals), ROOM)
            self.assertEqual({(r.code(), r.details().partition(",")[0]) for r in refusals},
                             {(grpc.StatusCode.RESOURCE_EXHAUSTED, "Quota exceeded for instances: Requested 1")})
            self.await_building(client, 0)
            servers = client.servers()
            self.assertEqual(collections.Counter(server.status for server in servers), {"ACTIVE": ROOM})
            acknowledged = {o.servers[0].id for o in outcomes if not isinstance(o, grpc.RpcError)}
            self.assertEqual({server.id for server in servers}, acknowledged)
            self.assertEqual(client.ask("GetQuota")[0].usage.instances, ROOM)

    def test_hosts_with_room_for_a_hundred_and_three_schedulers(self):
        cloud = Cloud("--schedulers", str(SCHEDULERS), "--ram-allocation-ratio", "1")
        hosts = os.path.join(cloud.state_dir, "hosts.csv")
        with open(hosts, "w", encoding="utf-8") as file:
            file.write("name,vcpus,ram,disk\n" + "".join(f"h{i},64,{512 * 10},1000\n" for i in range(10)))
        cloud.up_args += ["--hosts-file", hosts]
        with cloud:
            cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1")
            client = self.client(cloud)
            # The hosts hear of nothing until every scheduler has given all of their room away.
            compute = cloud.kill("compute-0", signal.SIGSTOP)
            outcomes = create_at_once(client, CALLS)
            self.await_building(client, SCHEDULERS * ROOM)
            os.kill(compute, signal.SIGCONT)
            self.assertEqual([o for o in outcomes if isinstance(o, grpc.RpcError)], [])
            status = self.await_building(client, 0)
            self.assertEqual((status.servers, status.active, status.error), (CALLS, ROOM, CALLS - ROOM))
            servers = client.servers()
            placed = collections.Counter(server.host for server in servers if server.status == "ACTIVE")
            self.assertEqual(placed, {f"h{i}": 10 for i in range(10)})
            for server in servers:
                if server.status == "ERROR":
                    self.assertTrue(server.fault.message)
            # Conflicts are counted three times: by the controller, by the servers, which hosts refused them, and by the hosts.
            refused = sum(len(server.tried_hosts) for server in servers)
            self.assertEqual(status.claim_conflicts, refused)
            self.assertEqual(cloud.json("status")["claim_conflicts"], refused)
            self.assertIn(f"; {refused} claims refused by hosts\n", cloud.run("status").stdout)
            cloud.down()  # logs are written out
            claims = [line for line in cloud.log("compute-0").splitlines() if "step=claimed" in line]
            self.assertEqual(refused, sum('fault=""' not in line for line in claims))
            self.assertEqual(ROOM, sum('fault=""' in line for line in claims))
            self.assertGreaterEqual(refused, (SCHEDULERS - 1) * ROOM)
            print(f"{refused} claims were refused", flush=True)


if __name__ == "__main__":
    unittest.main()
