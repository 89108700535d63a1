"""The daemons, what each has on disk, and the way of a launch through them."""

from picture import Picture

TITLE = "The daemons of a cloud, and the thirteen steps of a launch"
DESCRIPTION = (
    "A client asks the api-server (step 1), which calls the controller; the controller commits the server's row (2) "
    "and casts to a scheduler (3); the scheduler selects a host (4) and casts to its compute-node (5); the compute- "
    "node claims (6), asks the network-controller for addresses (7), which answers (8), builds the guest (9 to 12), "
    "and reports to the controller, which makes the server ACTIVE (13). On disk are a database each of the controller "
    "and the network-controller, and a journal of guests for each compute-node.")

# name: (x, y, width, height, what it does, its steps, what it has on disk, whether a cloud has any number of them)
DAEMONS = {
    "api-server": (190, 36, 160, 92, "token, role, form", {1: "request_accepted"}, "", False),
    "controller": (428, 36, 182, 150, "rows; starts every try",
                   {2: "instance_created", 3: "schedule_cast", 13: "active"}, "db/controller.sqlite", False),
    "scheduler": (732, 36, 142, 92, "filters, weighers", {4: "host_selected", 5: "run_cast"}, "", True),
    "compute-node": (530, 302, 344, 150, "carries many hosts; their hypervisors are simulated",
                     {6: "claimed", 7: "network_requested", 9: "block_devices_mapped", 10: "image_ready",
                      11: "guest_defined", 12: "guest_started"}, "journal/compute-N.journal", True),
    "network-controller": (190, 302, 176, 150, "addresses, leases", {8: "address_allocated"}, "db/network.sqlite",
                           False),
}

# The points of a launch's arrow, its step, its message, and where the name of that stands.
LAUNCH = [
    ([(100, 66), (190, 66)], 1, "CreateServers", (145, 49), "middle"),
    ([(350, 66), (428, 66)], 2, "ApiCall", (389, 49), "middle"),
    ([(610, 66), (732, 66)], 3, "SelectDestinations", (671, 49), "middle"),
    ([(776, 136), (776, 302)], 5, "BuildAndRunInstance", (760, 223), "end"),
    ([(530, 356), (366, 356)], 7, "AllocateAddresses", (448, 339), "middle"),
    ([(366, 394), (530, 394)], 8, "AllocateAddressesReply", (448, 418), "middle"),
    ([(588, 302), (588, 186)], 13, "InstanceReport", (606, 249), "start"),
]
# What else is said between the same daemons; True: both ways.
OTHER = [
    ([(190, 104), (100, 104)], False, ["answer,", "watches"], (145, 120), "middle"),
    ([(428, 104), (350, 104)], False, ["ApiReply,", "WatchEvents"], (389, 120), "middle"),
    ([(732, 104), (610, 104)], False, ["heartbeats,", "NoValidHost"], (671, 120), "middle"),
    ([(850, 302), (850, 136)], False, ["usage"], (842, 262), "end"),
    ([(560, 186), (560, 302)], True, ["heartbeats,", "actions, deletes"], (550, 262), "end"),
    ([(450, 186), (450, 216), (270, 216), (270, 302)], True, ["networks,", "releases"], (280, 262), "start"),
]


def draw():
    picture = Picture(900, 508, TITLE, DESCRIPTION)
    picture.box(20, 46, 80, 78)
    picture.text(60, 82, "client", "bold", anchor="middle")
    picture.text(60, 100, "gRPC", "small", "muted", "middle")
    for points, both, words, (x, y), anchor in OTHER:
        picture.arrow(*points, colour="muted", thin=True, both=both)
        for line, word in enumerate(words):
            picture.text(x, y + 14 * line, word, "small", "muted", anchor)
    for points, step, message, (x, y), anchor in LAUNCH:
        picture.arrow(*points, colour="blue")
        picture.badge(*middle_of(points), str(step))
        picture.text(x, y, message, "small", anchor=anchor)
    for name, daemon in DAEMONS.items():
        draw_daemon(picture, name, *daemon)
    draw_legend(picture, 20, 490)
    return picture


def middle_of(points):
    (x1, y1), (x2, y2) = points
    return (x1 + x2) / 2, (y1 + y2) / 2


def draw_daemon(picture, name, x, y, width, height, does, steps, disk, many):
    for shift in (8, 4) if many else ():
        picture.box(x + shift, y + shift, width, height)
    picture.box(x, y, width, height)
    picture.text(x + 12, y + 20, name, "bold")
    picture.text(x + 12, y + 36, does, "small", "muted")
    brought = {step for _, step, *_ in LAUNCH}
    rows = 3
    for place, (step, label) in enumerate(steps.items()):
        left, top = x + 21 + 188 * (place // rows), y + 56 + 23 * (place % rows)
        picture.badge(left, top, str(step), hollow=step not in brought)
        picture.text(left + 16, top + 4, label, "code")
    if disk:
        picture.disk(x + 14, y + height - 16, disk)


def draw_legend(picture, x, y):
    picture.badge(x + 9, y - 4, "1")
    picture.text(x + 26, y, "a step, and the message that goes with it", "small", "muted")
    picture.badge(x + 302, y - 4, "4", hollow=True)
    picture.text(x + 319, y, "a step inside the daemon", "small", "muted")
    picture.arrow((x + 486, y - 4), (x + 514, y - 4), colour="muted", thin=True)
    picture.text(x + 522, y, "what else they say", "small", "muted")
    picture.disk(x + 655, y - 4, "")
    picture.text(x + 676, y, "on disk", "small", "muted")
    for shift in (4, 0):
        picture.box(x + 752 + shift, y - 13 + shift, 18, 14, radius=3)
    picture.text(x + 782, y, "any number", "small", "muted")
