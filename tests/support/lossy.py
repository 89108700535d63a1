"""Launches and deletes through a cloud that loses and repeats what its daemons say to each other."""

import collections
import json
import threading
import time

import grpc

from cloud_client import CloudClient, GaveUp
from proxied_cloud import ProxiedCloud
from settled import await_clean_check, await_settled

PATIENCE = 1200  # seconds until an answer, and until a phase is over: for machines under load
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
        check(cloud, rules, figures)
        delete_all(cloud, created, threads, figures)
        await_gone(cloud, client, figures)
        figures["messages"] = total(cloud.counts())
        cloud.check_alive()
        client.close()
    figures["seconds"] = round(time.monotonic() - began, 1)
    report(json.dumps(figures), flush=True)
    return figures


def check(cloud, rules, figures):
    """kilonova check asks each daemon once and waits for no repeat, so nothing is lost on its way meanwhile. Debits of lost
    casts end by themselves, after two minutes."""
    began = time.monotonic()
    cloud.set_rules("")
    wrong = await_clean_check(cloud)
    assert not wrong, "\n".join(wrong[:20])
    figures["clean_s"] = round(time.monotonic() - began, 1)
    cloud.set_rules(rules)


def total(counts):
    return {what: sum(direction[what] for direction in counts.values())
            for what in ("passed", "dropped", "repeated", "reordered", "delayed", "frames_dropped", "breaks")}


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
