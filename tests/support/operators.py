"""What operators do to a cloud that clients use: `down`, and `up` with other options, twice at once, or taken back while it starts."""

import os
import subprocess
import time

from cloud import BIN, UNAVAILABLE
from processes import processes_of

CONFLICT = 6  # exit code: a cloud runs already
# How much longer than up's longest way to its end in these tests `down` may come: while it starts, or just then.
EARLY = 1.5


def draw_operation(rng):
    """Options as differences to those at first, and how `up` is asked for."""
    return {"schedulers": rng.choice((-1, 0, 0, 1)), "computes": rng.choice((-1, 0, 1)),
            "--sync": rng.choice(("normal", "full")), "--timing": rng.choice(("instant", "realistic")),
            "how": rng.choice(("once", "twice", "early", "early")), "after": rng.random() * EARLY}


def options_after(operation, first):
    """{option: value} of `up`, from those at first."""
    options = {**first, "--sync": operation["--sync"], "--timing": operation["--timing"], "--time-factor": "0.1"}
    for what in ("schedulers", "computes"):
        options["--" + what] = str(max(1, int(first["--" + what]) + operation[what]))
    return options


def begin_up(cloud, env):
    return subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, "up", "--grpc-port", str(cloud.port),
                             "--detach", *cloud.up_args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **env})


def end_up(process, limit):
    """(exit code, what it said)"""
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, err + out


def up_twice(cloud, env, limit):
    """One of them is the cloud, and the other one is told so."""
    both = [begin_up(cloud, env) for _ in range(2)]
    done = [end_up(process, limit) for process in both]
    assert sorted(code for code, _ in done) == [0, CONFLICT], f"up twice: {done}"
    assert any(words in max(done)[1] for words in ("already running", "is being started")), done


def up_and_down(cloud, env, after, limit):
    """`down` while it starts, or soon after: nothing of the cloud runs when both have ended, and neither says that it does.
    A `down` that comes before `up` has said who it is says so, and is asked again."""
    process = begin_up(cloud, env)
    time.sleep(after)
    said, end = [], time.monotonic() + limit
    while (done := cloud.down()).returncode == UNAVAILABLE and time.monotonic() < end:
        said.append(done.stderr)
    assert done.returncode == 0, f"down {after} s after up began: {done.returncode} {done.stderr}"
    code, text = end_up(process, limit)
    if code == 0 and processes_of(cloud.state_dir):  # `down` came before it had begun
        done = cloud.down()
        assert done.returncode == 0, f"down after up: {done.returncode} {done.stderr}"
    assert code in (0, UNAVAILABLE), f"up, with a down {after} s later: {code} {text}"
    assert processes_of(cloud.state_dir) == [], f"down ({said}, {done.stdout}) left what up ({code} {text}) had started"
