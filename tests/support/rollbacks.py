"""A cloud of real processes whose stores go back to earlier states, and whose compute processes get doubles, while clients work."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import time

from exports import Export
from kills import START_LIMIT, KilledCloud
from processes import runs, send, words_of
from restless_clients import RestlessClients
from settled import await_clean_check, await_settled, faults_of, too_many_in_error

STORES = {"controller-0": "controller.sqlite", "network-0": "network.sqlite"}
DOUBLE_STAYS = 4  # seconds, from when it has taken the place
# A server whose delete was lost is there again without its guest, and a double has none of the guests that it should have.
ERRORS = {"was lost": 1.0, "No valid host was found": 0.3, "Exceeded maximum number of retries": 0.02,
          "network allocation timed out": 0.05}
UNAVAILABLE = 11  # of the command: the daemons have not found each other again, and nothing was changed
WAIT_LIMIT = 60   # seconds in which a server that is made after a moment must have ended its launch


def errors_explained(moments):
    """For too_many_in_error. A frozen network-controller fails all that clients ask for until its double has its place."""
    silent = any(victim == "network-0" for _, victim, _, _ in moments)
    return {**ERRORS, "network allocation timed out": 0.5} if silent else ERRORS


class ForgivingClients(RestlessClients):
    """Remember when they did what; what was promised in the time that a store lost is nobody's promise any more."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.lost = []  # (from, until), of time.monotonic()

    def was_lost(self, times):
        return any(since <= end and begin <= until for since, until in list(times) for begin, end in self.lost)

    def forgiven(self):
        """Servers that something was asked of, or answered about, in a time that was lost."""
        return {server for client in self.clients for server, times in list(client.touched.items()) if self.was_lost(times)}

    def everything(self, what):
        values = super().everything(what)
        forgiven = self.forgiven()
        if what == "violations":
            names = [*forgiven, *(f"'{t.name}'" for t in super().everything("things") if self.was_lost(t.touched))]
            return [text for text in values if not any(name in text for name in names)]
        if what == "things":
            return [thing.unknown() if self.was_lost(thing.touched) else thing for thing in values]
        if what == "interfaces":
            return [interface.unknown() if interface.server in forgiven else interface for interface in values]
        if what == "creates":
            return [create.without(forgiven) for create in values]
        if what == "deleted":
            return values - forgiven
        if what == "power_asked":
            return values | forgiven
        return values


KINDS = {("controller-0",): 3, ("network-0",): 2, ("controller-0", "network-0"): 2, "double compute": 2, "double network": 1}


def draw_moments(rng, computes, count):
    """Of ten: seven stores go back (the controller's, the network-controller's, both), three processes get a double. One of
    each kind at least, where there are so many moments."""
    drawn = list(KINDS)[:count] + rng.choices(list(KINDS), KINDS.values(), k=max(0, count - len(KINDS)))
    rng.shuffle(drawn)
    moments = []
    for kind in drawn:
        doubled = {"double compute": f"compute-{rng.randrange(computes)}", "double network": "network-0"}.get(kind)
        moments.append(("double" if doubled else kind, doubled, rng.random() * 1.5, rng.random() * 2.5))
    return moments


class RolledBackCloud(KilledCloud):
    def database(self, daemon):
        return os.path.join(self.cloud.state_dir, "db", STORES[daemon])

    def keep(self, daemon):
        """A copy of the daemon's store as it is now."""
        copy = os.path.join(self.directory, daemon + ".kept")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(copy)
        with contextlib.closing(sqlite3.connect(f"file:{self.database(daemon)}?mode=ro", uri=True)) as source:
            with contextlib.closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        return copy

    def go_back(self, daemons, lag):
        """The stores are again as they were `lag` seconds ago, each at a moment of its own; everybody else lives on."""
        begin = time.monotonic()
        kept = {}
        for daemon in daemons:
            kept[daemon] = self.keep(daemon)
            time.sleep(lag / len(daemons))
        return begin, self.put_back(kept)

    def put_back(self, kept):
        """These copies are the stores of their daemons from now on; returns when the daemons could begin anew."""
        daemons = list(kept)
        before, supervisor = self.state()
        send(supervisor, signal.SIGSTOP)
        try:
            for daemon in daemons:
                send(before[daemon], signal.SIGKILL)
            while any(runs(before[daemon]) for daemon in daemons):
                time.sleep(0.01)
            for daemon, copy in kept.items():
                for suffix in ("-wal", "-shm"):
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(self.database(daemon) + suffix)
                os.replace(copy, self.database(daemon))
        finally:
            end = time.monotonic()
            send(supervisor, signal.SIGCONT)
        self.await_restart(before, daemons)
        return end

    def double(self, victim, pause):
        """The process is frozen; a second one of its name, with files of its own, takes its place and works; the first one
        thaws, is sent away and ends. The second one ends, and the supervisor's next one has the name again. A second
        network-controller begins with what the first one had; guests are on their machine, and a second compute process has
        none."""
        pids, _ = self.state()
        directory = os.path.join(self.directory, f"double-{len(self.log)}")
        os.makedirs(os.path.join(directory, "db"))
        begin = time.monotonic()
        send(pids[victim], signal.SIGSTOP)
        try:
            if victim in STORES:
                os.replace(self.keep(victim), os.path.join(directory, "db", STORES[victim]))
            with open(os.path.join(self.directory, "double.out"), "ab") as output:
                second = subprocess.Popen(self.command_of_double(pids[victim], directory), stdout=output, stderr=output,
                                          env={**os.environ, "LD_PRELOAD": ""})
            try:
                self.await_connected(second, os.path.join(directory, "logs", victim + ".log"))
                time.sleep(DOUBLE_STAYS)
                send(pids[victim], signal.SIGCONT)
                self.await_restart(pids, [victim])  # it was told, and has ended by itself
                time.sleep(pause)
                assert second.poll() is None, f"the double of {victim} ended with {second.returncode}"
            finally:
                second.kill()
                second.wait()
        finally:
            send(pids[victim], signal.SIGCONT)
        return begin, time.monotonic()

    @staticmethod
    def await_connected(process, log):
        """The first one's connection must be given up before."""
        end = time.monotonic() + START_LIMIT
        while True:
            with contextlib.suppress(FileNotFoundError), open(log, encoding="utf-8") as file:
                if 'message="peer connected" peer=controller-0' in file.read():
                    return
            assert process.poll() is None, f"it ended with {process.returncode}: {log}"
            assert time.monotonic() < end, f"it found no controller within {START_LIMIT} s: {log}"
            time.sleep(0.05)

    def command_of_double(self, pid, directory):
        words = [word.decode() for word in words_of(pid)[:-1]]
        at = words.index("--ready-fd")
        del words[at:at + 2]
        words[words.index("--state-dir") + 1] = directory
        return words + ["--controller", f"unix:{self.cloud.state_dir}/run/controller-0.sock"]

    def strike_back(self, moment, clients):
        kind, victim, pause, lag = moment
        how = "double of " + victim if kind == "double" else "back: " + " ".join(kind)
        self.say(f"after {pause:.3f} s {how}, {lag:.3f} s")
        time.sleep(pause)
        # Whoever sees what was lost at once is forgiven: nobody knows yet when it ends.
        clients.lost.append((time.monotonic(), float("inf")))
        clients.lost[-1] = self.double(victim, pause) if kind == "double" else self.go_back(kind, lag)
        self.struck[how] = self.struck.get(how, 0) + 1

    def export(self, clients):
        """Of the cloud as it is now; exports_live_on() says what became of it."""
        with Export(self.cloud, clients, os.path.join(self.directory, f"{len(self.exports)}.export")) as export:
            pass
        self.exports.append(export)


def await_new_server(cloud, name):
    """A launch is watched to its end by somebody who begins after the moment; what is wrong, as sentences."""
    end = time.monotonic() + WAIT_LIMIT
    while True:
        done = cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--network", "private", "--wait",
                         "--timeout", f"{WAIT_LIMIT}s", name, check=False)
        if done.returncode != UNAVAILABLE or time.monotonic() > end:
            break
        time.sleep(0.05)
    wrong = [] if done.returncode == 0 else [f"create --wait {name} ended with {done.returncode}: {done.stderr}"]
    cloud.run("server", "delete", "--wait", name, check=False)
    return wrong


def run_rollbacks(seed, moments, up_args, computes=2, clients=6, report=print):
    """One cloud's life, exported after one of its moments and at its end; the exports live on by themselves. Returns its figures;
    AssertionError with the seed, the moments and what is wrong at the end."""
    rng = random.Random(f"{seed}/rollbacks")
    began = time.monotonic()
    with RolledBackCloud(seed, up_args, 1, computes) as cloud_of_test:
        drawn = draw_moments(rng, computes, moments)
        exported_after = rng.randrange(moments)
        cloud = cloud_of_test.cloud
        cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1")
        work = ForgivingClients(f"127.0.0.1:{cloud.port}", seed, clients)
        work.start()
        wrong = []
        try:
            for index, moment in enumerate(drawn):
                cloud_of_test.strike_back(moment, work)
                if index == exported_after:
                    cloud_of_test.export(work)
                wrong += await_new_server(cloud, f"after-{index}")
                if wrong or work.everything("violations"):
                    break
        finally:
            work.end()
        cloud_of_test.say("no more moments")
        ended = time.monotonic()
        if not wrong:
            wrong, servers = await_settled(cloud, work)
            wrong = wrong or await_clean_check(cloud)
            wrong += too_many_in_error(servers, errors_explained(drawn))
        clean = time.monotonic()
        if not wrong:
            cloud_of_test.export(work)
            wrong += cloud_of_test.exports_live_on()
        if wrong:
            raise AssertionError(f"seed {seed}, {cloud.state_dir}:\n" + "\n".join(wrong[:40] + cloud_of_test.log))
        figures = {"seed": seed, **work.figures(), "servers": len(servers), "error": faults_of(servers),
                   "forgiven": len(work.forgiven()), "struck": cloud_of_test.struck, "seconds": round(ended - began),
                   "clean_after": round(clean - ended)}
    assert figures["acknowledged"] >= 5 * moments, figures
    report(json.dumps(figures))
    return figures
