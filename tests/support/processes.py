"""Processes by what they were started with: for those in the background, of which nobody has a handle."""

import contextlib
import os
import signal
import time


def words_of(pid, what="cmdline"):
    """The words of /proc/PID/cmdline or environ; none of a process that is gone."""
    try:
        with open(f"/proc/{pid}/{what}", "rb") as file:
            return file.read().split(b"\0")
    except OSError:  # gone, or another user's
        return []


def runs(pid):
    """Whether the process is there, and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def send(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def processes_of(state_dir):
    """The pids of the programs of ours that were started with this --state-dir."""
    directory, found = os.fsencode(state_dir), []
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        words = words_of(pid)
        if os.path.basename(words[0] if words else b"").startswith(b"kilonova") and directory in words:
            found.append(pid)
    return [pid for pid in found if runs(pid)]


def end_processes_of(state_dir, limit=60):
    """Kills whatever is left, frozen or not, also what a supervisor starts meanwhile."""
    end = time.monotonic() + limit
    while left := processes_of(state_dir):
        if time.monotonic() > end:
            raise AssertionError(f"processes of {state_dir} are not dead {limit} s after SIGKILL: {left}")
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(0.01)
