"""Whether a cloud came to rest, with everything that clients were promised, and all its daemons of one mind."""

import collections
import glob
import ipaddress
import json
import re
import sqlite3
import struct
import time
import uuid

from cloud_client import CloudClient
from settled_things import broken_interfaces, broken_things, listed_things

SLOW = 60  # seconds without rest that are worth a line


def broken_promises(clients, servers):
    """What the clients' memory says against the rows, as a list of sentences."""
    wrong = list(clients.everything("violations"))
    rows = {server.id: server for server in servers}
    delete_asked, deleted = clients.everything("delete_asked"), clients.everything("deleted")
    power_asked = clients.everything("power_asked")
    expected_names, refused = {}, {}
    for create in clients.everything("creates"):
        for index, name in enumerate(create.names()):
            if create.refused:
                refused[name] = create.refused
                continue
            expected_names[name] = create.uuids[index] if create.uuids else None
        for server in create.uuids or ():
            if server not in rows and server not in delete_asked:
                wrong.append(f"server {server} ({create.name}) was acknowledged and is not there")
    for server in deleted & rows.keys():
        wrong.append(f"server {server} was deleted and is there: {rows[server].status}")
    for name, count in collections.Counter(server.name for server in servers).items():
        if name in refused:
            wrong.append(f"server {name} is there, and its create was refused: {refused[name]}")
        elif name not in expected_names:
            wrong.append(f"nobody asked for server {name}")
        elif count > 1:
            wrong.append(f"server {name} was asked for once, and there are {count}")
    for server in servers:
        acknowledged = expected_names.get(server.name)
        if acknowledged and acknowledged != server.id:
            wrong.append(f"server {server.name} was acknowledged as {acknowledged}, and is {server.id}")
        well = server.status == "ACTIVE" or (server.status == "ERROR" and server.fault.message) or (
            server.status == "SHUTOFF" and server.id in power_asked)
        if not well or server.task_state:
            wrong.append(f"server {server.name} ({server.id}) is {server.status}, task {server.task_state}, host "
                         f"{server.host}, step {server.step}, fault '{server.fault.message}'")
    return wrong


def faults_of(servers):
    """{message: servers in ERROR with it}; uuids and numbers left out."""
    messages = (re.sub("[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", s.fault.message) for s in servers if s.status == "ERROR")
    return dict(collections.Counter(re.sub("[0-9]+", "N", message) for message in messages))


def too_many_in_error(servers, allowed):
    """ERROR with a fault is an end that nothing was lost by, but no excuse: `allowed` says which faults what was done to the
    cloud explains, as {part of the message: the greatest share of all servers}; one server may be that unlucky always."""
    wrong = []
    for fault, count in faults_of(servers).items():
        share = max((share for part, share in allowed.items() if part in fault), default=None)
        if share is None:
            wrong.append(f"{count} of {len(servers)} servers are in ERROR, and nothing that was done explains it: {fault}")
        elif count > max(1, share * len(servers)):
            wrong.append(f"{count} of {len(servers)} servers are in ERROR, at most {share:.1%} may be: {fault}")
    return wrong


def leases_on_disk(state_dir):
    """[((uuid, epoch), address)] as the network-controller's database has them."""
    database = sqlite3.connect(f"file:{state_dir}/db/network.sqlite?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT instance, epoch, ip FROM leases ORDER BY instance, nic").fetchall()
    finally:
        database.close()
    return [((str(uuid.UUID(bytes=instance)), epoch), str(ipaddress.ip_address(ip))) for instance, epoch, ip in rows]


def guests_on_disk(state_dir):
    """{(host, uuid): (epoch, built)} as the hypervisors' journals have them: lib/store/{journal_file,file_guest_journal}.cc.
    Each journal is for itself: a guest whose host has moved is erased in one and goes on in another."""
    of_all = {}
    for path in glob.glob(f"{state_dir}/journal/*.journal"):
        guests = {}
        with open(path, "rb") as file:
            journal = file.read()
        offset = 8
        while offset + 12 <= len(journal):
            length, = struct.unpack_from("<I", journal, offset)
            fields = journal[offset + 12:offset + 12 + length].decode().split("\t")
            if fields[0] == "put":  # the number of the guest's fields, and the fields
                guests[fields[2], str(uuid.UUID(fields[3]))] = int(fields[4]), fields[10] == "1"
            else:
                guests.pop((fields[1], str(uuid.UUID(fields[2]))), None)
            offset += 12 + length
        of_all |= guests
    return of_all


def disagreements(state_dir, client, servers):
    """Rows against leases, guests and allocations."""
    wrong = []
    held = {(server.id, server.epoch): [a.ip for a in server.addresses] for server in servers if server.addresses}
    leased = collections.defaultdict(list)
    for placement, address in leases_on_disk(state_dir):
        leased[placement].append(address)
    for key in held.keys() | leased.keys():
        if held.get(key) != leased.get(key):
            wrong.append(f"server {key[0]} epoch {key[1]} has addresses {held.get(key)}, leased are {leased.get(key)}")
    addresses = [ip for ips in leased.values() for ip in ips]
    if len(set(addresses)) != len(addresses):
        wrong.append("an address is leased twice")
    expected = {(server.host, server.id): (server.epoch, True) for server in servers if server.host}
    guests = guests_on_disk(state_dir)
    for key in expected.keys() | guests.keys():
        if expected.get(key) != guests.get(key):
            wrong.append(f"host {key[0]} has guest {key[1]} as {guests.get(key)}, expected {expected.get(key)}")
    placed = collections.Counter(server.host for server in servers if server.host)
    hosts, _ = client.ask("ListHosts")
    for host in hosts.hosts:
        if host.instances != placed[host.name]:
            wrong.append(f"host {host.name} has allocations of {host.instances} servers, and {placed[host.name]} rows")
    return wrong


def await_settled(cloud, clients, limit=360):
    """Waits until nothing is wrong any more, at most so many seconds; returns (what is wrong still, the servers).

    `clients`: RestlessClients, or None where only the daemons are compared."""
    client = CloudClient(f"127.0.0.1:{cloud.port}")
    begun = time.monotonic()
    end, slow = begun + limit, begun + SLOW
    try:
        while True:
            servers = client.servers()
            wrong = []
            if clients:
                wrong = broken_promises(clients, servers) + broken_interfaces(clients, servers)
                wrong += broken_things(clients, listed_things(client))
            wrong = wrong or disagreements(cloud.state_dir, client, servers)
            if not wrong or time.monotonic() > end or (clients and clients.everything("violations")):
                return wrong, servers
            if time.monotonic() > slow:
                print(f"not settled after {time.monotonic() - begun:.0f} s: " + "; ".join(wrong[:5]), flush=True)
                slow += SLOW
            time.sleep(0.5)
    finally:
        client.close()


def await_clean_check(cloud, limit=360):
    """Until `kilonova check` finds nothing: what it finds still after so many seconds, as a list of sentences. What daemons tell
    each other only now and then may take its time: host statuses come round every 300 s."""
    begun = time.monotonic()
    slow = begun + SLOW
    while True:
        done = cloud.run("check", "--settle", "60", "--json", check=False)
        if done.returncode == 0:
            return []
        if done.stdout:
            found = json.loads(done.stdout)
            wrong = [f"{d['kind']}: {d['message']}" for d in found["discrepancies"]]
            wrong += [f"in motion: {m['server']}: {m['what']}" for m in found["in_motion"]]
            wrong += [f"silent: {s['daemon']}: {s['reason']}" for s in found["silent"]]
        else:
            wrong = [done.stderr]
        if time.monotonic() > begun + limit:
            return wrong
        if time.monotonic() > slow:
            print(f"check not clean after {time.monotonic() - begun:.0f} s: " + "; ".join(wrong[:5]), flush=True)
            slow += SLOW
        time.sleep(0.5)
