"""A client that uploads images over HTTP without rest, and remembers which of them it was told are there."""

import hashlib
import http.client
import json
import random
import threading
import time

OCTETS = {"Content-Type": "application/octet-stream"}
MOST_KEPT = 20  # images that were acknowledged; more are deleted
PATIENCE = 120  # seconds until there is an answer at all


class Http:
    """Plain HTTP to one cloud, as one user in one project."""

    def __init__(self, address, user="demo"):
        self.address, self.user, self.token = address, user, None

    def once(self, method, path, body=None, headers=None):
        """(status, headers, bytes); OSError or HTTPException where there is no answer."""
        connection = http.client.HTTPConnection(self.address, timeout=20)
        try:
            known = {"X-Auth-Token": self.token} if self.token else {}
            connection.request(method, path, body, {"Accept": "*/*", **known, **(headers or {})})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            connection.close()

    def ask(self, method, path, body=None):
        """Until there is an answer that is one: of JSON, for what may be asked twice."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.once(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
                if answer[0] != 503 or time.monotonic() > end:
                    return answer
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
            time.sleep(0.02)

    def login(self):
        domain, self.token = {"id": "default"}, None
        status, headers, text = self.ask("POST", "/identity/v3/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {
                "user": {"name": self.user, "domain": domain, "password": "kilonova"}}},
            "scope": {"project": {"name": self.user, "domain": domain}}}})
        assert status == 201, text
        self.token = headers["X-Subject-Token"]
        return self

    def image(self, image):
        """Its row; None where there is none."""
        status, _, text = self.ask("GET", f"/image/v2/images/{image}")
        assert status in (200, 404), text
        return json.loads(text) if status == 200 else None

    def bytes_of(self, image):
        status, _, data = self.ask("GET", f"/image/v2/images/{image}/file")
        assert status in (200, 204), data
        return data


class Uploads(threading.Thread):
    """Everything public is to be read after end()."""

    def __init__(self, address, seed):
        super().__init__(name="uploads", daemon=True)
        self.http, self.random = Http(address), random.Random(f"{seed}/uploads")
        self.stop = threading.Event()
        self.sent = {}             # image: the SHA-512 of what was sent
        self.acknowledged = []     # must be there
        self.deleted = set()       # must be gone
        self.taken = 0             # uploads that were acknowledged
        self.wrong = []

    def run(self):
        try:
            self.http.login()
            while not self.stop.is_set():
                self.upload(self.random.randbytes(self.random.randrange(1, 8_000_000)))
        except Exception as error:  # never to be lost with the thread
            self.wrong.append(f"{type(error).__name__}: {error}")

    def end(self):
        self.stop.set()
        self.join()

    def upload(self, data):
        status, _, text = self.http.ask("POST", "/image/v2/images", {
            "name": f"upload-{len(self.sent)}", "disk_format": "raw", "container_format": "bare"})
        if status != 201:
            self.wrong.append(f"an image was refused: {status} {text}")
            return
        image = json.loads(text)["id"]
        self.sent[image] = hashlib.sha512(data).hexdigest()
        try:
            status, _, text = self.http.once("PUT", f"/image/v2/images/{image}/file", data, OCTETS)
        except (OSError, http.client.HTTPException):
            return
        if status == 204:
            self.taken += 1
            self.acknowledged.append(image)
            if len(self.acknowledged) > MOST_KEPT:
                self.delete(self.acknowledged.pop(self.random.randrange(MOST_KEPT)))
        elif status != 503:
            self.wrong.append(f"an upload was refused: {status} {text}")

    def delete(self, image):
        status, _, text = self.http.ask("DELETE", f"/image/v2/images/{image}")
        if status not in (204, 404):  # asked again where there was no answer
            self.wrong.append(f"a delete was refused: {status} {text}")
        self.deleted.add(image)
        del self.sent[image]

    def broken_promises(self):
        """What is not as it was told, as sentences; what was not answered is there wholly or not at all."""
        wrong = list(self.wrong)
        wrong += [f"image {image} was deleted and is there" for image in self.deleted if self.http.image(image)]
        for image, digest in self.sent.items():
            row = self.http.image(image)
            if row is None:
                wrong.append(f"image {image} was made and is not there")
                continue
            found = hashlib.sha512(self.http.bytes_of(image)).hexdigest() if row["status"] == "active" else None
            if found is None and image in self.acknowledged:
                wrong.append(f"image {image} was uploaded, and is {row['status']}")
            elif found is not None and (found, row["os_hash_value"]) != (digest, digest):
                wrong.append(f"image {image} has other bytes than those that were sent")
        return wrong
