"""Which routes stock clients drove, and in which microversions: from the access logs of the clouds of tests.

    python3 tests/compat/driven.py           docs/routes.md anew: what the tests that ran last drove, and of the others what stood there

Each test class keeps what it drove in driven/ of the build directory. The routes themselves are those of roles_test.cc and of the rows beside
it, which are held to the table of the daemon.
"""

import collections
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs/routes.md"
ROUTES = [ROOT / "tests/unit/openstack" / name for name in ("roles_test.cc", "network_rows.h", "route_row.h")]
SERVICES = {"kIdentity": ("Keystone", "/identity"), "kCompute": ("Nova", "/compute"), "kImage": ("Glance", "/image"),
            "kNetwork": ("Neutron", "/networking"), "kPlacement": ("Placement", "/placement")}
ALIASES = {"/network": "/networking"}
# What stands in the table for a test class.
CLIENTS = {
    "OpenstackClientTest": "openstack", "SdkTest": "SDK", "KeystoneTest": "SDK", "PlacementTest": "osc-placement, SDK",
    "IdentityTest": "HTTP, SDK", "InterfacesTest": "openstack", "NetworkTest": "openstack", "ImageTest": "openstack, HTTP",
    "NetworkSharingTest": "openstack, HTTP", "NetworkFormsTest": "HTTP", "ComputeFormsTest": "HTTP",
    "WireTest": "wire", "SamplesTest": "samples", "SampleChangesTest": "samples",
    "TempestShortTest": "Tempest", "TempestLongTest": "Tempest", "SdkSuiteTest": "SDK's suite",
    "NovaclientShortTest": "novaclient's suite", "NovaclientSuiteTest": "novaclient's suite",
    "OpenstackclientSuiteTest": "openstackclient's suite",
}
LINE = re.compile(r'message="http request" method=(\S+) path=(\S+) route=(\S+) status=(\d+) us=\d+ microversion=("[^"]*"|\S*)')
HEADER = """# Routes, and who drove them

Written by `tests/compat/driven.py` from the access logs of the clouds on which the tests of `tests/compat` ran: a route counts as driven by a client
when it was answered with a status below 400. Microversions are the least and the greatest that were asked for. "HTTP" is a request that a test
wrote itself, "wire" and "samples" are exchanges with the real services and Nova's API samples. What each client's run came to stands in
[compatibility.md](compatibility.md).
"""


def routes():
    """[(service, method, pattern)] in the order of the tables, less those that are answered with 410."""
    text = "".join(file.read_text().partition("kGoneRows[]")[0] for file in ROUTES)
    return re.findall(r'\{(k\w+), "(\w+)", "([^"]+)", k\w+', text)


def driven_in(log):
    """{(root, method, pattern): {minor, ...}} of an api-server's log; of services without microversions no minor."""
    found = collections.defaultdict(set)
    for method, path, route, status, version in LINE.findall(log):
        route, path = route.strip('"'), path.strip('"')  # braces and the like stand in quotes
        if int(status) >= 400 or not route:
            continue
        root = "/" + path.split("/")[1]
        minor = re.search(r"[12]\.(\d+)", version)
        found[ALIASES.get(root, root), method, route].update([int(minor[1])] if minor else [])
    return found


def keep(name, log, directory):
    """What the test class of this name drove, for write()."""
    directory.mkdir(exist_ok=True)
    found = [[*key, sorted(minors)] for key, minors in sorted(driven_in(log).items())]
    (directory / f"{name}.json").write_text(json.dumps(found))


def read_table():
    """{(service's title, method, pattern): ({client, ...}, (least, greatest) or None)} as it stands."""
    known, title = {}, ""
    for line in TABLE.read_text().splitlines() if TABLE.exists() else []:
        if line.startswith("## "):
            title = line[3:]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not cells[1].startswith("`"):
            continue
        minors = re.fullmatch(r"[12]\.(\d+)(?: to [12]\.(\d+))?", cells[2])
        known[title, cells[0], cells[1].strip("`")] = (
            set(filter(None, cells[3].split(", "))), (int(minors[1]), int(minors[2] or minors[1])) if minors else None)
    return known


def write(directory):
    ran = {file.stem: json.loads(file.read_text()) for file in sorted(directory.glob("*.json")) if file.stem in CLIENTS}
    fresh = {client for name in ran for client in CLIENTS[name].split(", ")}
    new = collections.defaultdict(lambda: (set(), set()))
    for name, found in ran.items():
        for root, method, pattern, minors in found:
            clients, seen = new[root, method, pattern]
            clients.update(CLIENTS[name].split(", "))
            seen.update(minors)
    old, lines = read_table(), [HEADER]
    for service, (title, root) in SERVICES.items():
        lines.append(f"## {title}\n\n| method | route | microversions | driven by |\n|---|---|---|---|")
        major = 1 if service == "kPlacement" else 2
        for of, method, pattern in routes():
            if of != service:
                continue
            clients, minors = new[root, method, pattern]
            before, bounds = old.get((title, method, pattern), (set(), None))
            clients = clients | {client for client in before if client not in fresh}
            seen = sorted(minors | set(bounds or ()))
            shown = "" if not seen else f"{major}.{seen[0]}" + (f" to {major}.{seen[-1]}" if seen[-1] != seen[0] else "")
            lines.append(f"| {method} | `{pattern}` | {shown} | {', '.join(sorted(clients))} |")
        lines.append("")
    TABLE.write_text("\n".join(lines).rstrip("\n") + "\n")


if __name__ == "__main__":
    build = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build"
    write(build / "driven")
