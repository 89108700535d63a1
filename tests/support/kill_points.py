"""Daemons that end themselves at a named moment: orders for tests/tools/kill_at.cc, which is preloaded into them."""

import mmap
import os
import struct

# In the order of kill_at.cc.
POINTS = ("committed", "guest_started", "journaled", "torn", "sending", "sent")

BUILD = os.environ.get("KILONOVA_BUILD_DIR", os.path.join(os.path.dirname(__file__), "../../build"))
LIBRARY = os.path.abspath(os.path.join(BUILD, "test-tools/kill_at.so"))

# What each kind of daemon can be struck at: schedulers and api-servers write nothing but frames.
POINTS_OF = {
    "controller": ("committed", "torn", "sending", "sent"),
    "network": ("committed", "torn", "sending", "sent"),
    "compute": ("guest_started", "journaled", "torn", "sending", "sent"),
    "scheduler": ("sending", "sent"),
    "api": ("sending", "sent"),
}


class KillPoints:
    def __init__(self, directory, daemons):
        self.directory = directory
        self.orders = {}
        os.makedirs(directory, exist_ok=True)
        for name in daemons:
            with open(os.path.join(directory, name), "w+b") as file:
                file.truncate(8 * len(POINTS))
                self.orders[name] = mmap.mmap(file.fileno(), 8 * len(POINTS))

    def environment(self):
        """For `kilonova up`."""
        return {"LD_PRELOAD": LIBRARY, "KILONOVA_KILL_DIR": self.directory}

    def not_loaded(self, pids):
        """Which of {name: pid} do not have the library, or not their orders: they would never come to a point."""
        missing = []
        for name, pid in pids.items():
            with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
                maps = file.read()
            missing += [f"{name} has not mapped {path}" for path in (LIBRARY, os.path.join(self.directory, name))
                        if path not in maps]
        return missing

    def arm(self, name, point, times):
        """The daemon dies the `times`-th time it comes to the point."""
        struct.pack_into("q", self.orders[name], 8 * POINTS.index(point), times)

    def struck(self, name, point):
        return struct.unpack_from("q", self.orders[name], 8 * POINTS.index(point))[0] == -1

    def disarm(self):
        for orders in self.orders.values():
            orders[:] = bytes(len(orders))
