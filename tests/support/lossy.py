"""Launches and deletes through a cloud that loses and repeats what its daemons say to each other."""

import collections
import json
import re
import threading
import time

import grpc

from cloud_client import CloudClient, GaveUp
from proxied_cloud import ProxiedCloud
from settled import await_clean_check, await_settled, too_many_in_error

PATIENCE = 1200  # seconds until an answer, and until a phase is over: for machines under load
# Nothing else may go wrong. The first: about ten in a row. The second: ten tries in a row, each of which takes two messages
# to its host, and one that tells of it in time; with a fifth of all lost that is one server in ten to twenty thousand.
EVERY_QUESTION_LOST = "network allocation timed out"
EVERY_REQUEST_LOST = "in a row its request was lost before any host had heard of it"
CALL = 3         # seconds until a client asks again: calls and answers are lost like everything else


class Phase:
    """`threads` clients work through numbered jobs; what goes wrong is kept."""

    def __init__(self, address, count, job, threads):
        self.address, self.job, self.wrong, self.asked = address, job, [], 0
        self.again = collections.Counter()  # why calls were asked again
        self.numbers, self.lock = iter(range(count)), threading.Lock()
        workers = [threading.Thread(target=self.work, daemon=True) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def work(self):
        client = CloudClient(self.address)
        try:
            while True:
                with self.lock:
                    number = next(self.numbers, None)
                if number is None or self.wrong:
                    return
                asked = self.job(client, number)
                with self.lock:
                    self.asked += asked
        except (grpc.RpcError, GaveUp) as error:
            self.wrong.append(str(error))
        finally:
            with self.lock:
                self.again += client.again
            client.close()


def run_lossy(count, rules, seed, threads=48, report=print, **cloud_options):
    """Creates so many servers, waits for all, deletes all. Returns figures; AssertionError with what is wrong."""
    began = time.monotonic()
    figures = {"count": count, "seed": seed, "rules": rules}
    with ProxiedCloud("", seed, **cloud_options) as cloud:
        client = CloudClient(f"127.0.0.1:{cloud.port}")
        client.ask("SetQuota", instances=-1, cores=-1, ram_mb=-1)
        cloud.set_rules(rules)
        created = create_all(cloud, count, threads, figures)
        await_active(cloud, client, created, figures)
        quiet = check(cloud, rules, figures, "clean_s")
        delete_all(cloud, created, threads, figures)
        await_gone(cloud, client, figures)
        struck = minus(cloud.counts(), quiet)
        check(cloud, rules, figures, "clean_after_deletes_s")
        figures["messages"] = total(struck)
        missing = faults_missing(rules, struck, count)
        assert not missing, "\n".join(missing)
        cloud.check_alive()
        client.close()
    figures["seconds"] = round(time.monotonic() - began, 1)
    report(json.dumps(figures), flush=True)
    return figures


def check(cloud, rules, figures, what):
    """kilonova check asks each daemon once and waits for no repeat, so nothing is lost on its way meanwhile. Debits of lost
    casts end by themselves, after two minutes. Returns what passed the proxy meanwhile: all of it unharmed."""
    began = time.monotonic()
    cloud.set_rules("")
    before = cloud.counts()
    wrong = await_clean_check(cloud)
    assert not wrong, "\n".join(wrong[:20])
    figures[what] = round(time.monotonic() - began, 1)
    quiet = minus(cloud.counts(), before)
    harmed = {kind: n for kind, n in total(quiet).items() if n and kind not in ("passed", "frames")}
    assert not harmed, f"the proxy had no rules, and harmed {harmed}"
    cloud.set_rules(rules)
    return quiet


def minus(counts, earlier):
    return {name: {kind: n - earlier.get(name, {}).get(kind, 0) for kind, n in direction.items()}
            for name, direction in counts.items()}


def total(counts):
    return dict(sum((collections.Counter(direction) for direction in counts.values()), collections.Counter()))


# Of a rule's kind: what counts it, and of how many.
COUNTED_AS = {"drop": ("dropped", ("passed", "dropped")), "repeat": ("repeated", ("passed",)),
              "reorder": ("reordered", ("passed",)), "delay": ("delayed", ("passed",)),
              "break": ("breaks", ("frames",)), "drop-frame": ("frames_dropped", ("frames",)),
              "repeat-frame": ("frames_repeated", ("frames",))}
MESSAGES_OF_A_SERVER = 4  # at least so many between daemons, or the proxy is not between them


def faults_missing(rules, struck, servers):
    """What one rule for all streams should have done and did not, as sentences: a quarter of what is to be expected is asked
    for in all, and some of each common fault on every stream that was busy."""
    asked_for = {kind: float(p) for kind, p in re.findall("([a-z-]+)=([0-9.]+)", rules)}
    missing = []
    messages = sum(total(struck).get(kind, 0) for kind in ("passed", "dropped"))
    if messages < MESSAGES_OF_A_SERVER * servers:
        missing.append(f"{messages} messages passed the proxy: too few for {servers} servers")
    for kind, probability in asked_for.items():
        counted, base = COUNTED_AS[kind]
        for name, counts in {"all streams": total(struck), **struck}.items():
            expected = probability * sum(counts.get(of, 0) for of in base)
            least = max(1, expected / 4) if name == "all streams" or expected >= 40 else 0
            if counts.get(counted, 0) < least:
                missing.append(f"{kind}={probability} on {name}: {counts.get(counted, 0)}, at least {least:.0f} expected")
    return missing


def create_all(cloud, count, threads, figures):
    created = [None] * count

    def create(client, number):
        reply, asked = client.ask("CreateServers", PATIENCE, CALL, name=f"n{number}", flavor="m1.tiny", image="cirros",
                                  min_count=1, max_count=1, client_token=f"token-{number}")
        created[number] = reply.servers[0].id
        return asked

    began = time.monotonic()
    phase = Phase(f"127.0.0.1:{cloud.port}", count, create, threads)
    assert not phase.wrong, phase.wrong[:5]
    assert len(set(created)) == count, "two creates were answered with one server"
    figures["created_s"], figures["create_calls"] = round(time.monotonic() - began, 1), phase.asked
    figures["asked_again"] = dict(phase.again)
    return created


def await_active(cloud, client, created, figures):
    began = time.monotonic()
    while client.ask("GetCloudStatus", PATIENCE, CALL)[0].status.building and time.monotonic() < began + PATIENCE:
        time.sleep(0.2)
    wrong, servers = await_settled(cloud, None, PATIENCE)
    assert not wrong, "\n".join(wrong[:20])
    assert {server.id for server in servers} == set(created), "the servers are not those that were acknowledged"
    others = [f"{s.name} {s.status} {s.fault.message}" for s in servers if s.status != "ACTIVE"]
    figures["active_s"], figures["not_active"] = round(time.monotonic() - began, 1), len(others)
    # A launch whose every try was lost with its messages ends in ERROR and says so; none stays unfinished.
    assert all(s.status == "ACTIVE" or (s.status == "ERROR" and s.fault.message) for s in servers), others[:5]
    wrong = too_many_in_error(servers, {EVERY_QUESTION_LOST: 0.001, EVERY_REQUEST_LOST: 0.001})
    assert not wrong, "\n".join(wrong)


def delete_all(cloud, created, threads, figures):
    def delete(client, number):
        try:
            return client.ask("DeleteServer", PATIENCE, CALL, server=created[number])[1]
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND or error.asked == 1:
                raise
            return error.asked

    began = time.monotonic()
    phase = Phase(f"127.0.0.1:{cloud.port}", len(created), delete, threads)
    assert not phase.wrong, phase.wrong[:5]
    figures["deleted_s"], figures["delete_calls"] = round(time.monotonic() - began, 1), phase.asked


def await_gone(cloud, client, figures):
    began = time.monotonic()
    while client.ask("GetCloudStatus", PATIENCE, CALL)[0].status.servers and time.monotonic() < began + PATIENCE:
        time.sleep(0.2)
    wrong, servers = await_settled(cloud, None, PATIENCE)
    assert not wrong and not servers, "\n".join(wrong[:20] + [f"{s.name} {s.status}" for s in servers[:20]])
    figures["gone_s"] = round(time.monotonic() - began, 1)
