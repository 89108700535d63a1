"""One server over time: its row's placements, what hosts and network-controller hold of them, and what is stale."""

from picture import Picture

TITLE = "The placements of one server over time, and what is stale"
DESCRIPTION = (
    "A server is created with epoch 1 and built on host A. The try is lost with the host, and the row goes on with "
    "epoch 2 on host B, which becomes ACTIVE. It moves: while host C builds epoch 3, the row has two placements, "
    "current and next, and both share the addresses. The move ends: epoch 3 is the current one, and epoch 2 is over. "
    "A delete takes epoch 4. Whatever speaks of an epoch that no placement of the row has is answered kStale, in five "
    "places that are numbered and explained below.")

# What is committed, and when.
COMMITS = [(132, "create"), (292, "try lost"), (396, "ACTIVE"), (524, "move begins"), (636, "move ends"),
           (738, "delete"), (856, "confirmed")]
LANES = {"row: current": 66, "row: next": 98, "host A": 150, "host B": 188, "host C": 226, "addresses": 278}
HEIGHT = 26

# Lane, from, until, what stands in it, colour: blue is being built, green runs, red is over and still there.
BARS = [
    ("row: current", 132, 292, "epoch 1, on A", "blue"),
    ("row: current", 292, 396, "epoch 2, on B", "blue"),
    ("row: current", 396, 636, "epoch 2, on B", "green"),
    ("row: current", 636, 738, "epoch 3, on C", "green"),
    ("row: current", 738, 856, "epoch 4, deleting", "panel"),
    ("row: next", 524, 636, "epoch 3, on C", "blue"),
    ("host A", 152, 222, "epoch 1", "blue"),
    ("host A", 418, 494, "epoch 1", "red"),
    ("host B", 308, 396, "epoch 2", "blue"),
    ("host B", 396, 636, "epoch 2", "green"),
    ("host B", 636, 690, "", "red"),
    ("host C", 540, 636, "epoch 3", "blue"),
    ("host C", 636, 738, "epoch 3", "green"),
    ("host C", 738, 806, "", "red"),
    ("addresses", 176, 332, "of epoch 1", "panel"),
    ("addresses", 332, 556, "of epoch 2", "panel"),
    ("addresses", 556, 690, "of epochs 2 and 3", "panel"),
    ("addresses", 690, 806, "of epoch 3", "panel"),
]
AWAY = ("host A", 222, 418, "no power")

# Where something is stale; who answers whom, and what it is about.
STALE = [
    ("host A", 292, "controller to A", "kStale, unasked, as the try is given up. A does not hear it."),
    ("addresses", 364, "network-controller to A",
     "An AllocateAddresses of epoch 1, late on its way: refused as stale, as epoch 2 has addresses."),
    ("host A", 494, "controller to A",
     "A is back, and its RegisterHosts names a guest of epoch 1. kStale: A destroys guest and claim."),
    ("host B", 690, "controller to B",
     "Whatever B says of epoch 2 now. kStale: guest and claim go, epoch 3 keeps the addresses."),
    ("host C", 772, "controller to C",
     "Whatever C says of epoch 3 now. kStale; a TerminateInstance of epoch 4 says the same."),
]
NOTES = [
    "Between 'move begins' and 'move ends' reports of both epochs count, each judged by its placement's host and step.",
    "A move that fails drops next: epoch 3 is over, and C is stale. A delete in a move takes an epoch above both.",
]


def draw():
    picture = Picture(900, 522, TITLE, DESCRIPTION)
    for x, label in COMMITS:
        picture.line((x, 44), (x, 312), colour="edge", thin=True, dashed=True)
        picture.dot(x, 44)
        picture.text(x, 30, label, "bold", anchor="middle")
    draw_lanes(picture)
    for lane, start, end, label, colour in BARS:
        draw_bar(picture, LANES[lane], start, end, label, colour)
    draw_stale(picture)
    draw_legend(picture, 20, 504)
    return picture


def draw_lanes(picture):
    picture.text(20, 48, "committed", "small", "muted")
    for name, y in LANES.items():
        picture.text(112, y + HEIGHT / 2 + 4, name, "small", anchor="end")
    lane, start, end, label = AWAY
    y = LANES[lane] + HEIGHT / 2
    picture.line((start, y), (end, y), colour="muted", thin=True, dashed=True)
    picture.text(start + 88, y - 5, label, "small", "muted", halo=True)


def draw_bar(picture, y, start, end, label, colour):
    picture.box(start + 1, y, end - start - 2, HEIGHT, colour, radius=4, dashed=colour == "red")
    if label:
        picture.text((start + end) / 2, y + HEIGHT / 2 + 4, label, "small", anchor="middle")


def draw_stale(picture):
    for number, (lane, x, who, what) in enumerate(STALE, 1):
        picture.badge(x, LANES[lane] + HEIGHT / 2, str(number), "red")
        y = 342 + 22 * (number - 1)
        picture.badge(29, y - 4, str(number), "red")
        picture.text(48, y, who, "bold")
        picture.text(214, y, what, "small")
    for line, note in enumerate(NOTES):
        picture.text(20, 458 + 18 * line, note, "small", "muted")


def draw_legend(picture, x, y):
    bars = ((0, "blue", "is being built"), (130, "green", "runs"), (210, "red", "over, and still there"))
    for left, colour, label in bars:
        picture.box(x + left, y - 11, 24, 14, colour, radius=3, dashed=colour == "red")
        picture.text(x + left + 32, y, label, "small", "muted")
    picture.badge(x + 398, y - 4, "1", "red")
    picture.text(x + 414, y, "somebody is told that it is stale", "small", "muted")
