"""What a cloud's processes hold while it works: memory, descriptors, threads; files and bytes of its state directory; and how
these grow."""

import os
import statistics
import time

# What a process may hold more in the last quarter of the time than in the second one, of its median: a share, and so much anyway.
ALLOWED = {"rss_kib": (0.05, 4096), "descriptors": (0.0, 8), "threads": (0.0, 1), "files": (0.0, 8)}


def of_process(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        status = dict(line.split(":", 1) for line in file)
    return {"rss_kib": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd"))}


def of_directory(directory):
    count = size = 0
    for path, _, names in os.walk(directory):
        for name in names:
            try:
                size += os.stat(os.path.join(path, name)).st_size
            except FileNotFoundError:
                continue
            count += 1
    return {"files": count, "bytes": size}


class Slopes:
    def __init__(self, cloud):
        self.cloud = cloud
        self.pids = {name: daemon["pid"] for name, daemon in cloud.daemons().items()}
        self.begun = time.monotonic()
        self.samples = {}  # (who, what): [(seconds, value)]

    def take(self):
        now = time.monotonic() - self.begun
        of_all = {name: of_process(pid) for name, pid in self.pids.items()}
        of_all["state directory"] = of_directory(self.cloud.state_dir)
        for who, figures in of_all.items():
            for what, value in figures.items():
                self.samples.setdefault((who, what), []).append((now, value))

    def quarters(self, key):
        """The medians of the second and of the last quarter of the time: the first one fills what has a bound."""
        samples = self.samples[key]
        length = samples[-1][0]
        second = [value for at, value in samples if length / 4 <= at < length / 2]
        last = [value for at, value in samples if at >= length * 3 / 4]
        return statistics.median(second), statistics.median(last)

    def table(self):
        lines = [f"{'who':16} {'what':12} {'2nd quarter':>12} {'last':>12}"]
        for key in sorted(self.samples):
            before, after = self.quarters(key)
            lines.append(f"{key[0]:16} {key[1]:12} {before:12.0f} {after:12.0f}")
        return "\n".join(lines)

    def growing(self):
        """What grew by more than is allowed, as sentences."""
        wrong = []
        for key in sorted(self.samples):
            if key[1] not in ALLOWED:
                continue
            share, anyway = ALLOWED[key[1]]
            before, after = self.quarters(key)
            if after > before + max(share * before, anyway):
                wrong.append(f"{key[0]}: {key[1]} grew from {before:.0f} to {after:.0f}")
        return wrong
