"""The messages of a launch: of one that succeeds at once, and of one whose first host fails."""

from sequence import Event, Heading, Message, draw_sequence

TITLE = "The messages of a launch, and of a reschedule"
DESCRIPTION = (
    "Above, a launch that succeeds at once, with eight messages between daemons: ApiCall, then SelectDestinations and "
    "ApiReply together after the commit, BuildAndRunInstance, AllocateAddresses and its reply, InstanceReport, "
    "ReportAnswer. Below, a launch whose guest does not start on host A: host A releases its addresses and reports "
    "kRescheduled; the controller commits epoch 2 and casts again, with the alternates; the scheduler takes host B, "
    "which builds and reports kActive. What host A still says of epoch 1 is answered kStale.")

# Each lifeline: where it stands, and its name in lines.
LIFELINES = {
    "client": (44, ["client"]),
    "api": (138, ["api-server"]),
    "controller": (262, ["controller"]),
    "scheduler": (424, ["scheduler"]),
    "a": (566, ["compute-node", "of host A"]),
    "b": (688, ["compute-node", "of host B"]),
    "network": (844, ["network-", "controller"]),
}

ROWS = [
    Heading("A launch whose hypervisor takes no time: eight messages between daemons"),
    Message("client", "api", "CreateServers", aside=True),
    Event("api", "checks token, role, form", step="1"),
    Message("api", "controller", "ApiCall", count=1),
    Event("controller", "commits the row: building, epoch 1, attempt 1", step="2", commit=True),
    Message("controller", "api", "ApiReply", count=2),
    Message("api", "client", "the row", aside=True, beside=True),
    Message("controller", "scheduler", "SelectDestinations", count=3, step="3", beside=True),
    Event("scheduler", "selects host A, debits it", step="4"),
    Message("scheduler", "a", "BuildAndRunInstance", count=4, step="5"),
    Event("a", "claims", step="6"),
    Message("a", "network", "AllocateAddresses", count=5, step="7"),
    Message("network", "a", "AllocateAddressesReply", count=6, step="8"),
    Event("a", "builds and starts the guest", step="9–12"),
    Message("a", "controller", "InstanceReport", "kActive", count=7),
    Event("controller", "commits ACTIVE, the allocation, the steps", step="13", commit=True),
    Message("controller", "a", "ReportAnswer", "kAccepted", count=8),
    Message("controller", "api", "WatchEvents", aside=True, beside=True),
    Message("a", "scheduler", "UsageUpdate", aside=True),
    Heading("Steps 1 to 11 as above, but the guest does not start on host A: a second try"),
    Event("a", "guest_started fails; guest and claim go", step="12", colour="red"),
    Message("a", "network", "ReleaseAddresses", "epoch 1"),
    Message("network", "a", "AddressesReleased"),
    Message("a", "controller", "InstanceReport", "kRescheduled, alternates left"),
    Event("controller", "commits epoch 2, attempt 2: epoch 1 is over", commit=True),
    Message("controller", "scheduler", "SelectDestinations", "epoch 2"),
    Message("controller", "a", "ReportAnswer", "kAccepted"),
    Event("scheduler", "the first alternate that still fits: host B"),
    Message("scheduler", "b", "BuildAndRunInstance", "epoch 2", step="5"),
    Event("b", "claims", step="6"),
    Message("b", "network", "AllocateAddresses", step="7"),
    Message("network", "b", "AllocateAddressesReply", step="8"),
    Event("b", "builds, starts", step="9–12"),
    Message("b", "controller", "InstanceReport", "kActive, epoch 2"),
    Event("controller", "commits ACTIVE", step="13", commit=True),
    Message("controller", "b", "ReportAnswer", "kAccepted"),
    Heading("Epoch 1 is over: whatever host A still says of it"),
    Message("a", "controller", "InstanceReport", "epoch 1, late", colour="red"),
    Message("controller", "a", "ReportAnswer", "kStale: A destroys what it has", colour="red"),
]


def draw():
    return draw_sequence(TITLE, DESCRIPTION, LIFELINES, ROWS)
