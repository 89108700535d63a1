"""kilonova check over real daemons: clean clouds are clean, busy ones are not called wrong, and what is planted in the
daemons' own files is found, as far as their recovery does not mend it first."""

import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import unittest
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud
from settled import leases_on_disk

CLEAN, FOUND, NOT_CHECKED = 0, 1, 3


def check(cloud, *args, env=None):
    """Exit code and what `check --json` says."""
    done = cloud.run("check", "--json", *args, check=False, env=env)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def launch(cloud, count, *more):
    cloud.run("quota", "set", "--instances", "-1", "--cores", "-1", "--ram", "-1", "admin")
    cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", str(count), "--wait", *more,
              "s")


class GuestJournal:
    """The file of lib/store/journal_file.h: checked records, their fields ended by tabs (lib/store/codec.h)."""

    def __init__(self, cloud, name="compute-0"):
        self.path = os.path.join(cloud.state_dir, "journal", name + ".journal")

    def guests(self):
        """(host, server) -> the fields of its last record."""
        with open(self.path, "rb") as file:
            data = file.read()
        at, guests = 8, {}
        while at < len(data):
            length = struct.unpack_from("<I", data, at)[0]
            fields = data[at + 12:at + 12 + length].decode().split("\t")[:-1]
            at += 12 + length
            if fields[0] == "put":
                guests[fields[2], fields[3]] = fields[2:]  # behind their number
            else:
                guests.pop((fields[1], fields[2]), None)
        return guests

    def append(self, *fields):
        payload = "".join(field + "\t" for field in fields).encode()
        length = struct.pack("<I", len(payload))
        with open(self.path, "ab") as file:
            file.write(length + struct.pack("<II", zlib.crc32(length), zlib.crc32(payload)) + payload)


class CheckTest(unittest.TestCase):
    def test_a_cloud_at_rest_is_clean_in_one_line(self):
        with Cloud("--hosts", "10", "--computes", "2", "--schedulers", "2") as cloud:
            self.assertEqual(cloud.run("check").stdout, "clean: 0 servers on 10 hosts\n")
            launch(cloud, 30)
            cloud.run("server", "stop", "s-1")
            cloud.run("server", "delete", "s-2", "s-3")
            code, found = check(cloud, "--settle", "30")
            self.assertEqual((code, found["discrepancies"], found["in_motion"], found["silent"]), (CLEAN, [], [], []))
            self.assertTrue(found["clean"] and found["complete"])
            self.assertEqual((found["servers"], found["guests"], found["leases"]), (28, 28, 28))
            self.assertEqual((found["hosts"], found["schedulers"]), (10, 2))
            for name in ("compute-1", "network-0", "scheduler-0", "controller-0"):
                cloud.kill(name)
                code, found = check(cloud, "--settle", "60")
                self.assertEqual((code, found), (CLEAN, found), name)

    def test_a_busy_cloud_is_not_called_wrong(self):
        with Cloud("--hosts", "50", "--computes", "2", "--schedulers", "2") as cloud:
            with subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, "bench", "launch",
                                   "--count", "3000", "--clients", "8"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as bench:
                looks = 0
                while bench.poll() is None:
                    code, found = check(cloud)
                    self.assertEqual((code, found["discrepancies"]), (CLEAN, []))
                    looks += 1
                self.assertEqual(bench.returncode, 0)
                self.assertGreater(looks, 0)
            code, found = check(cloud, "--settle", "60")
            self.assertEqual((code, found["servers"], found["guests"], found["leases"]), (CLEAN, 0, 0, 0))

    def test_servers_under_work_are_counted_and_waited_for_only_when_asked(self):
        with Cloud("--hosts", "2", "--timing", "realistic", "--time-factor", "10") as cloud:
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "slow")
            text = cloud.run("check").stdout
            self.assertEqual(text, "clean: 1 servers on 2 hosts, 1 in motion\n")
            done = cloud.run("check", "--settle", "1", check=False)
            self.assertEqual(done.returncode, FOUND)
            self.assertIn("unsettled: server ", done.stdout)
            self.assertIn("slow is building", done.stdout)

    def test_what_a_stopped_daemon_believes_is_missing_and_said_so(self):
        with Cloud("--hosts", "4", "--computes", "2") as cloud:
            launch(cloud, 4)
            pid = cloud.kill("compute-1", signal.SIGSTOP)
            try:
                code, found = check(cloud)
                self.assertEqual((code, found["discrepancies"]), (NOT_CHECKED, []))
                self.assertFalse(found["complete"])
                self.assertEqual([one["daemon"] for one in found["silent"]], ["compute-1"])
                self.assertIn("compute-1 did not answer", found["silent"][0]["reason"])
            finally:
                os.kill(pid, signal.SIGCONT)
            self.assertEqual(check(cloud, "--settle", "60")[0], CLEAN)

    def test_hosts_that_a_start_left_out_are_down_and_no_discrepancy(self):
        with Cloud("--hosts", "6") as cloud:
            for host in range(6):
                cloud.create(f"s-{host}", "--availability-zone", f"nova:host-{host:05}")
            self.assertEqual(check(cloud, "--settle", "30")[0], CLEAN)
            cloud.down()
            cloud.up_args = ["--hosts", "2"]
            cloud.up()
            code, found = check(cloud, "--settle", "30")
            self.assertEqual((code, found["discrepancies"], found["servers"]), (CLEAN, [], 6))
            cloud.down()
            cloud.up_args = ["--hosts", "6"]
            cloud.up()
            code, found = check(cloud, "--settle", "30")
            self.assertEqual((code, found["discrepancies"], found["guests"]), (CLEAN, [], 6))

    def test_who_cannot_ask_gets_no_answer(self):
        with Cloud("--hosts", "2") as cloud:
            code, error = check(cloud, env={"OS_USERNAME": "demo", "OS_PROJECT_NAME": "demo"})
            self.assertEqual(code, NOT_CHECKED)
            self.assertIn("needs the role admin", error)
            cloud.down()
            code, error = check(cloud)
            self.assertEqual(code, NOT_CHECKED)
            self.assertIn("not checked: ", error)

    def test_what_is_planted_in_the_files_is_found(self):
        with Cloud("--hosts", "4") as cloud:
            launch(cloud, 12)
            servers = {s["name"]: s["id"] for s in cloud.json("server", "list")}
            ids = [servers[f"s-{i}"] for i in range(1, 13)]
            self.assertEqual(check(cloud, "--settle", "30")[0], CLEAN)
            cloud.down()
            self.plant_in_journal(cloud, ids)
            self.plant_in_rows(cloud, ids)
            self.plant_in_leases(cloud, ids)
            cloud.up()
            # Until all daemons have found each other the check is incomplete: that is waited for; what is wrong stays.
            code, found = check(cloud, "--settle", "5")
            self.assertEqual((code, found["silent"]), (FOUND, []))
            by_server = {}
            for one in found["discrepancies"]:
                by_server.setdefault(one["server"], set()).add(one["kind"])
            expected = {ids[1]: {"guest-differs"},
                        ids[4]: {"allocation-missing"}, ids[5]: {"allocation-differs"}, ids[6]: {"allocation-differs"}}
            self.assertEqual(by_server, expected, json.dumps(found["discrepancies"], indent=1))
            # Leases become what the rows say as soon as the two daemons meet.
            leases = {server: ip for (server, _), ip in leases_on_disk(cloud.state_dir)}
            rows = {s["id"]: s["addresses"][0]["ip"] for s in cloud.json("server", "list") if s["status"] != "ERROR"}
            self.assertEqual({server: ip for server, ip in leases.items() if server != ids[0]}, rows)
            # What a row says of its guest's power is what the host says, at once.
            self.assertEqual(cloud.json("server", "show", "s-4")["power_state"], "running")
            # A guest that is in no journal, or found off, is no discrepancy for long: its server is in ERROR, or stopped.
            lost = cloud.json("server", "show", "s-1")
            self.assertEqual(lost["status"], "ERROR")
            self.assertIn("was lost", json.dumps(lost))
            self.assertEqual(cloud.json("server", "show", "s-3")["status"], "SHUTOFF")
            for one in found["discrepancies"]:
                self.assertIn(one["server"], one["message"])
            text = cloud.run("check", check=False).stdout
            self.assertEqual(text.count("\n"), len(found["discrepancies"]) + 1)

    def plant_in_journal(self, cloud, ids):
        journal = GuestJournal(cloud)
        guests = {server: fields for (_, server), fields in journal.guests().items()}
        host, server = guests[ids[0].replace("-", "")][:2]
        journal.append("erase", host, server)
        larger = guests[ids[1].replace("-", "")]
        journal.append("put", str(len(larger)), *larger[:4], "7", *larger[5:])  # vcpus
        stopped = guests[ids[2].replace("-", "")]
        journal.append("put", str(len(stopped)), *stopped[:7], "4", *stopped[8:])  # SHUTDOWN

    def plant_in_rows(self, cloud, ids):
        with sqlite3.connect(os.path.join(cloud.state_dir, "db", "controller.sqlite")) as db:
            row = "(SELECT id FROM instances WHERE uuid = ?)"
            uuid = [bytes.fromhex(one.replace("-", "")) for one in ids]
            db.execute("UPDATE instances SET power_state = 4 WHERE uuid = ?", (uuid[3],))
            db.execute(f"DELETE FROM allocations WHERE instance_id = {row}", (uuid[4],))
            db.execute(f"UPDATE allocations SET memory_mb = 1 WHERE instance_id = {row}", (uuid[5],))
            db.execute(f"UPDATE allocations SET host = 'elsewhere' WHERE instance_id = {row}", (uuid[6],))
        db.close()

    def plant_in_leases(self, cloud, ids):
        with sqlite3.connect(os.path.join(cloud.state_dir, "db", "network.sqlite")) as db:
            uuid = [bytes.fromhex(one.replace("-", "")) for one in ids]
            db.execute("DELETE FROM leases WHERE instance = ?", (uuid[7],))
            db.execute("UPDATE leases SET ip = ip + 1000 WHERE instance = ?", (uuid[8],))
            db.execute("UPDATE leases SET epoch = epoch + 1 WHERE instance = ?", (uuid[9],))
            copy = ("INSERT INTO leases SELECT ?, ?, epoch, hostname, network_id, network_name, ip + ?, prefix, "
                    "gateway, mac + 1000000 + ?, vlan, bridge, expires_at, shared_with FROM leases WHERE instance = ? AND nic = 0")
            db.execute(copy, (uuid[10], 1, 2000, 1, uuid[10]))  # a nic that the server does not have
            db.execute(copy, (bytes(15) + b"\x09", 0, 3000, 2, uuid[10]))  # of a server that nobody knows
        db.close()


if __name__ == "__main__":
    unittest.main()
