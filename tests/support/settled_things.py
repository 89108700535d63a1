"""Whether networks, images, key pairs, projects and interfaces are there as clients were promised, and those that were deleted are not."""

import collections

from restless_things import CALLS, key_of


def listed_things(client):
    """{kind: rows} of what clients of its project may have made: what a cloud has from the first is everybody's."""
    project = client.ask("Login", **client.credentials)[0].project_id
    found = {}
    for kind, (_, _, operation, _, field) in CALLS.items():
        found[kind] = client.listed(operation, field, key="name" if kind == "key pair" else "id")
    found["network"] = [network for network in found["network"] if network.project_id == project]
    # Projects are nobody's; those that a cloud begins with have no description of theirs.
    found["project"] = [row for row in found["project"] if row.description.startswith("of ")]
    found["image"] = [image for image in found["image"] if image.owner == project and not image.is_public]
    return found


def broken_things(clients, found):
    """What the clients' memory says against listed_things(), as a list of sentences."""
    wrong = []
    rows = {(kind, key_of(kind, row)): row for kind, of_kind in found.items() for row in of_kind}
    things = {(thing.kind, thing.name): thing for thing in clients.everything("things")}
    for thing in things.values():
        row = rows.get((thing.kind, thing.key)) if thing.key else None
        if thing.must_be_there() and row is None:
            wrong.append(f"{thing} ({thing.key}) was acknowledged and is not there")
        if thing.deleted and row is not None:
            wrong.append(f"{thing} ({thing.key}) was deleted and is there")
    for (kind, name), count in collections.Counter((kind, row.name) for kind, of_kind in found.items() for row in of_kind).items():
        thing = things.get((kind, name))
        if thing is None:
            wrong.append(f"nobody asked for {kind} '{name}'")
        elif count > (thing.tries if kind == "image" else 1):
            wrong.append(f"{thing} was asked for {thing.tries} times, and there are {count}")
    for (kind, key), row in rows.items():
        thing = things.get((kind, row.name))
        if thing is None:
            continue
        if thing.acknowledged and kind != "image" and thing.key != key:
            wrong.append(f"{thing} was acknowledged as {thing.key}, and is {key}")
        for field, value in thing.fields.items():
            if getattr(row, field) != value:
                wrong.append(f"{thing} has {field} {getattr(row, field)}, asked for was {value}")
    return wrong


def broken_interfaces(clients, servers):
    """The same of the interfaces that were added to servers which have not lost theirs in ERROR."""
    wrong = []
    well = {server.id: [address.mac for address in server.addresses] for server in servers if server.status != "ERROR"}
    tries, known = clients.everything("attach_tries"), set()
    for interface in clients.everything("interfaces"):
        known.add((interface.server, interface.mac))
        macs = well.get(interface.server)
        if macs is None:
            continue
        if interface.must_be_there() and interface.mac not in macs:
            wrong.append(f"{interface} was acknowledged and is not there")
        if interface.deleted and interface.mac in macs:
            wrong.append(f"{interface} was detached and is there")
    for server, macs in well.items():
        others = [mac for mac in macs if (server, mac) not in known]
        if not 1 <= len(others) <= 1 + tries[server]:
            wrong.append(f"server {server} has {len(others)} interfaces that were not acknowledged when they were attached: one is "
                         f"its own, and {tries[server]} others may be")
    return wrong
