"""A cloud of real processes whose daemons are killed and frozen at seeded moments while clients work."""

import collections
import json
import os
import random
import shutil
import signal
import tempfile
import time

from cloud import Cloud
from exports import Export
from kill_points import POINTS, POINTS_OF, KillPoints
from operators import draw_operation, options_after, up_and_down, up_twice
from processes import runs, send
from restless_clients import RestlessClients
from restless_moves import MOVES
from settled import await_clean_check, await_settled, faults_of, too_many_in_error

# Short ones, so that what was lost is noticed in seconds.
REPORT_INTERVAL, SERVICE_DOWN_TIME, RPC_RESPONSE_TIMEOUT = 1, 6, 5
TIMEOUTS = ("--report-interval", str(REPORT_INTERVAL), "--service-down-time", str(SERVICE_DOWN_TIME),
            "--rpc-response-timeout", str(RPC_RESPONSE_TIMEOUT))

SERVERS_PER_MOMENT = 5  # acknowledged, and deleted; hundreds on a machine with nothing else to do
START_LIMIT = 120  # seconds; generous, for machines under load
FREEZES = (int(SERVICE_DOWN_TIME * 1.5), 20)  # seconds: hosts are down then; connections are given up as well


class Moment:
    """What happens at one: who, how ("signal", a point of kill_points.py, "all", "freeze", "operate" or "export") and after how
    long a pause. `times`: of a point, which time counts; of a freeze, the seconds. `operation`: operators.py."""

    def __init__(self, victims, how, pause, times=0, operation=None):
        self.victims, self.how, self.pause, self.times, self.operation = victims, how, pause, times, operation

    def __str__(self):
        what = self.operation or " ".join(self.victims)
        return f"after {self.pause:.3f} s {self.how}{f' x{self.times}' if self.times else ''}: {what}"


def draw_moments(rng, daemons, count):
    """The mix: four of ten by a signal, three at a named point, two pairs, and of every twenty one frozen, one all, one
    by an operator (`down`, and `up` with other options), one by a signal while the cloud is exported."""
    moments = []
    for index in range(count):
        pause = rng.random() * 1.5
        kind = index % 20
        if kind == 7:
            moments.append(Moment([rng.choice(daemons)], "freeze", pause, rng.choice(FREEZES)))
        elif kind == 13:
            moments.append(Moment(list(daemons), "all", pause))
        elif kind == 9:
            moments.append(Moment([], "operate", pause, operation=draw_operation(rng)))
        elif kind == 11:
            moments.append(Moment([rng.choice(daemons)], "export", pause))
        elif index % 10 < 4:
            moments.append(Moment([rng.choice(daemons)], "signal", pause))
        elif index % 10 < 8:
            victim = rng.choice(daemons)
            point = rng.choice(POINTS_OF[victim.split("-")[0]])
            moments.append(Moment([victim], point, pause, rng.randrange(1, 40)))
        else:
            moments.append(Moment(rng.sample(daemons, 2), "signal", pause))
    rng.shuffle(moments)
    return moments


class KilledCloud:
    def __init__(self, seed, up_args, schedulers=1, computes=1):
        self.seed = seed
        self.daemons = ["controller-0", "network-0", "api-0"]
        self.daemons += [f"scheduler-{i}" for i in range(schedulers)] + [f"compute-{i}" for i in range(computes)]
        self.directory = tempfile.mkdtemp(prefix="kn-", dir="/tmp")  # short: socket paths are limited
        more = [f"scheduler-{schedulers}", f"compute-{computes}"]
        self.points = KillPoints(os.path.join(self.directory, "kill"), self.daemons + more)
        self.first = {**dict(zip(up_args[::2], up_args[1::2])), "--schedulers": str(schedulers), "--computes": str(computes)}
        self.cloud = Cloud(state_dir=os.path.join(self.directory, "s"))
        self.set_options(self.first)
        self.struck = {}  # how: how often
        self.log = []
        self.clients = None  # whose work an export is held against
        self.exports = []

    def __enter__(self):
        try:
            self.up()
        except BaseException as failure:
            self.__exit__(failure)
            raise
        return self

    def __exit__(self, failure, *_):
        self.cloud.end()
        if failure is None:
            shutil.rmtree(self.directory, ignore_errors=True)

    def set_options(self, options):
        self.cloud.up_args = [*TIMEOUTS, *(word for pair in options.items() for word in pair)]

    def up(self):
        done = self.cloud.run("up", "--grpc-port", str(self.cloud.port), "--detach", *self.cloud.up_args,
                              timeout=START_LIMIT + 60, env=self.points.environment())
        self.check_points()
        return done

    def check_points(self):
        missing = self.points.not_loaded(self.state()[0])
        assert not missing, "; ".join(missing)

    def say(self, text):
        self.log.append(f"{time.strftime('%H:%M:%S')} {text}")

    def state(self):
        """{name: pid} of the daemons, and the supervisor's pid, from the file that the supervisor keeps."""
        with open(os.path.join(self.cloud.state_dir, "cloud.json"), encoding="utf-8") as file:
            state = json.load(file)
        return {d["name"]: d["pid"] for d in state["daemons"]}, state["pid"]

    def await_restart(self, before, victims):
        """Until the supervisor has started them again. They may not serve yet: that is a moment too."""
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            pids, _ = self.state()
            if all(pids[v] != before[v] for v in victims):
                return
            time.sleep(0.02)
        raise AssertionError(f"{' '.join(victims)} not restarted within {START_LIMIT} s")

    def strike(self, moment):
        self.say(str(moment))
        time.sleep(moment.pause)
        there, _ = self.state()  # operators may have taken its victim away: another one of its kind is struck
        moment.victims = [victim if victim in there else victim.split("-")[0] + "-0" for victim in moment.victims]
        if moment.how == "all":
            self.kill_everything()
        elif moment.how == "operate":
            self.operate(moment.operation)
        elif moment.how == "freeze":
            self.freeze(moment.victims[0], moment.times)
        elif moment.how == "signal":
            self.kill(moment.victims)
        elif moment.how == "export":
            with Export(self.cloud, self.clients, os.path.join(self.directory, f"{len(self.exports)}.export")) as export:
                self.kill(moment.victims)
            self.exports.append(export)
        elif not self.strike_at_point(moment):
            return
        self.struck[moment.how] = self.struck.get(moment.how, 0) + 1

    def kill(self, victims):
        before, _ = self.state()
        for victim in victims:
            send(before[victim], signal.SIGKILL)
        self.await_restart(before, victims)

    def strike_at_point(self, moment):
        """False when the daemon does not come to the point in time: it is killed from outside then, and not counted."""
        victim = moment.victims[0]
        before, _ = self.state()
        self.points.arm(victim, moment.how, moment.times)
        end = time.monotonic() + 20
        while not self.points.struck(victim, moment.how) and time.monotonic() < end:
            time.sleep(0.01)
        struck = self.points.struck(victim, moment.how)
        self.points.disarm()
        if not struck:
            self.say(f"{victim} did not come to {moment.how}: killed by a signal")
            send(before[victim], signal.SIGKILL)
            self.struck["signal"] = self.struck.get("signal", 0) + 1
        self.await_restart(before, [victim])
        return struck

    def kill_everything(self):
        pids, supervisor = self.state()
        send(supervisor, signal.SIGSTOP)  # it restarts nobody meanwhile
        for pid in pids.values():
            send(pid, signal.SIGKILL)
        send(supervisor, signal.SIGKILL)
        # On a busy machine a killed process may still hold its state directory for a moment.
        end = time.monotonic() + START_LIMIT
        while any(runs(pid) for pid in (*pids.values(), supervisor)):
            if time.monotonic() > end:
                raise AssertionError(f"not dead {START_LIMIT} s after SIGKILL")
            time.sleep(0.01)
        self.up()

    def operate(self, operation):
        done = self.cloud.down()
        assert done.returncode == 0, f"down: {done.stderr}"
        self.set_options(options_after(operation, self.first))
        if operation["how"] == "early":
            up_and_down(self.cloud, self.points.environment(), operation["after"], START_LIMIT)
        if operation["how"] == "twice":
            up_twice(self.cloud, self.points.environment(), START_LIMIT)
            self.check_points()
        else:
            self.up()

    def exports_live_on(self):
        """Each in a cloud of its own, after this one has ended; what is wrong there, as sentences."""
        self.cloud.end()
        wrong = []
        for number, export in enumerate(self.exports):
            wrong += export.lives_on(os.path.join(self.directory, f"s{number}"), *TIMEOUTS, "--hosts", self.first["--hosts"])
        return wrong

    def freeze(self, victim, seconds):
        """For longer than the others wait for it; then it goes on as if nothing had happened."""
        pids, _ = self.state()
        send(pids[victim], signal.SIGSTOP)
        time.sleep(seconds)
        with open(f"/proc/{pids[victim]}/stat", encoding="utf-8") as file:
            state = file.read().rpartition(") ")[2][0]
        assert state == "T", f"{victim} was to be frozen, and is in state {state}"
        send(pids[victim], signal.SIGCONT)


def too_little_done(moments, struck, figures):
    """What should have struck and did not, as sentences. A daemon may not come to a point in time: a quarter of them at most."""
    drawn = collections.Counter("point" if m.how in POINTS else m.how for m in moments)
    done = collections.Counter()
    for how, times in struck.items():
        done["point" if how in POINTS else how] += times
    least = {**drawn, "point": drawn["point"] * 3 // 4}
    wrong = [f"{done[how]} moments by {how}, at least {times} were drawn" for how, times in least.items()
             if done[how] < times]
    for what in ("acknowledged", "deleted"):
        if figures[what] < SERVERS_PER_MOMENT * len(moments):
            wrong.append(f"{figures[what]} servers were {what} in {len(moments)} moments: the clients hardly worked")
    wrong += [f"no {move} was accepted: the clients hardly worked" for move in MOVES if not figures["moves"].get(move)]
    things = figures["things"]
    for kind, (made, _) in things.items():
        if not made:
            wrong.append(f"no {kind} was acknowledged: the clients hardly worked")
    if not any(deleted for _, deleted in things.values()):
        wrong.append(f"of {', '.join(things)} none was deleted: the clients hardly worked")
    return wrong


def errors_explained(moments):
    """For too_many_in_error. A server may lose three hosts to kills; a daemon that is frozen for longer than others wait fails all
    that would have needed it, which is no more than what clients ask for in that time."""
    frozen = {m.victims[0].split("-")[0]: m.times for m in moments if m.how == "freeze"}
    allowed = {"Exceeded maximum number of retries": 0.02, "network allocation timed out": 0.02}
    # Fewer processes, and launches that take time: one kill meets most of what is being built.
    if any(m.operation and m.operation["computes"] < 0 and m.operation["--timing"] == "realistic" for m in moments):
        allowed["Exceeded maximum number of retries"] = 0.05
    if frozen.get("network", 0) > RPC_RESPONSE_TIMEOUT:
        allowed["network allocation timed out"] = 0.5
    if frozen.get("compute", 0) > SERVICE_DOWN_TIME:
        allowed["No valid host was found"] = 0.3
    return allowed


def run_kills(seed, moments, up_args, schedulers=1, computes=2, clients=6, report=print):
    """One cloud's life. Returns its figures; AssertionError with the seed, the moments and what is wrong at the end."""
    rng = random.Random(f"{seed}/moments")
    began = time.monotonic()
    with KilledCloud(seed, up_args, schedulers, computes) as killed:
        drawn = draw_moments(rng, killed.daemons, moments)
        cloud = killed.cloud
        cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1")
        work = RestlessClients(f"127.0.0.1:{cloud.port}", seed, clients)
        killed.clients = work
        work.start()
        try:
            for moment in drawn:
                killed.strike(moment)
                if work.everything("violations"):
                    break
        finally:
            work.end()
        killed.say("no more kills")
        ended = time.monotonic()
        wrong, servers = await_settled(cloud, work)
        rested = time.monotonic()
        wrong = wrong or await_clean_check(cloud)
        wrong += too_many_in_error(servers, errors_explained(drawn))
        clean = time.monotonic()
        wrong += too_little_done(drawn, killed.struck, work.figures())
        wrong += killed.exports_live_on()
        if wrong:
            raise AssertionError(f"seed {seed}, {cloud.state_dir}:\n" + "\n".join(wrong[:40] + killed.log))
        figures = {"seed": seed, **work.figures(), "servers": len(servers),
                   "error": faults_of(servers), "struck": killed.struck,
                   "refused": {}, "seconds": round(ended - began), "settled_after": round(rested - ended),
                   "clean_after": round(clean - ended)}
        for client in work.clients:
            for text, times in client.refused.items():
                figures["refused"][text] = figures["refused"].get(text, 0) + times
    report(json.dumps(figures))
    return figures
