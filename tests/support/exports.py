"""Exports of a cloud that is being killed: each lives on elsewhere, with what clients had been promised by then."""

import copy
import json
import os
import subprocess

from cloud import BIN, Cloud
from cloud_client import CloudClient
from restless_clients import Asked
from restless_moves import end_moves
from settled import await_clean_check, await_settled

HELD = ("things", "interfaces")


class Memory:
    """What clients knew when an export began and ended; stands for them in settled.py."""

    def __init__(self, clients):
        self.clients = clients
        self.promised = {create.name for create in clients.everything("creates") if create.uuids or create.refused}
        self.held = {str(held): copy.copy(held) for what in HELD for held in clients.everything(what)}
        self.known = {"deleted": clients.everything("deleted"), "violations": []}

    def end(self):
        """The export is of a moment before this one."""
        self.known |= {what: self.clients.everything(what) for what in ("delete_asked", "power_asked", "attach_tries")}
        self.known |= {what: [self.known_of(held) for held in self.clients.everything(what)] for what in HELD}
        # What was not answered when it began may be in the export or not, whatever is answered later.
        self.known["creates"] = [
            create if create.name in self.promised else Asked(create.name, create.count, create.token)
            for create in self.clients.everything("creates")]

    def known_of(self, held):
        """What is asked to be deleted may be gone, also where it is promised or its deletion is not."""
        before, known = self.held.get(str(held)), copy.copy(held)
        known.acknowledged = before is not None and before.acknowledged
        known.deleted = before is not None and before.deleted
        return known

    def everything(self, what):
        return self.known[what]


class Export:
    """`with Export(...)`: it is made meanwhile."""

    def __init__(self, cloud, clients, path):
        self.memory, self.path = Memory(clients), path
        self.process = subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, "export", "--json",
                                         path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        try:
            out, err = self.process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        if failure is None:
            assert self.process.returncode == 0, f"export ended with {self.process.returncode}: {err}"
            self.computes = json.loads(out)["computes"]
            self.memory.end()

    def lives_on(self, directory, *up_args):
        """Imports it and starts a cloud of it; what is wrong once that has come to rest, as sentences."""
        cloud = Cloud(*up_args, "--computes", str(self.computes), state_dir=directory)
        cloud.run("import", self.path)
        with cloud:
            client = CloudClient(f"127.0.0.1:{cloud.port}")
            end_moves(client)
            client.close()
            wrong, _ = await_settled(cloud, self.memory)
            wrong = wrong or await_clean_check(cloud)
        return [f"{self.path} in {directory}: {text}" for text in wrong]
