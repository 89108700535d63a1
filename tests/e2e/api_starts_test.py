"""An api-server that dies again and again while it starts, with clients that wait for it: it comes back and serves. It has no
store; files of images and revoked tokens are what it finds when it starts."""

import os
import random
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud_client import CloudClient
from kills import START_LIMIT, KilledCloud
from processes import send
from restless_clients import RestlessClients
from settled import await_clean_check, await_settled
from uploads import OCTETS, Http, Uploads

VICTIM = "api-0"
# Lives of a round: the supervisor waits twice as long before each next one, and begins anew with one that has lasted.
LIVES = 6
ROUNDS = 3


class ApiStartsTest(unittest.TestCase):
    def die_at(self, point, times):
        """The life that begins next dies when it comes to the point for the so-manieth time."""
        before, _ = self.killed.state()
        self.killed.points.arm(VICTIM, point, times)
        end = time.monotonic() + START_LIMIT
        while not self.killed.points.struck(VICTIM, point):
            self.assertLess(time.monotonic(), end, f"{VICTIM} did not come to {point} {times} times")
            time.sleep(0.005)
        self.killed.await_restart(before, [VICTIM])

    def die_after(self, seconds):
        before, _ = self.killed.state()
        time.sleep(seconds)
        send(before[VICTIM], signal.SIGKILL)
        self.killed.await_restart(before, [VICTIM])

    def die_during_an_upload(self):
        end = time.monotonic() + START_LIMIT
        while not any(name.startswith("upload-") for name in os.listdir(self.files)):
            self.assertLess(time.monotonic(), end, f"nothing is uploaded: {self.uploads.wrong}")
        self.die_after(0)

    def serve(self):
        """Whoever asks is answered, and the next uploads are taken."""
        client = CloudClient(f"127.0.0.1:{self.cloud.port}")
        client.ask("GetCloudStatus", limit=START_LIMIT)
        client.close()
        taken, end = self.uploads.taken, time.monotonic() + START_LIMIT
        while self.uploads.taken < taken + 3:
            self.assertLess(time.monotonic(), end, f"no upload was taken any more: {self.uploads.wrong}")
            time.sleep(0.02)

    def test_it_comes_back_with_what_it_had(self):
        with KilledCloud(7, ("--hosts", "20")) as self.killed:
            self.cloud = self.killed.cloud
            self.files = os.path.join(self.cloud.state_dir, "images")
            self.cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1")
            self.die_again_and_again(self.cloud.json("status")["http"])

    def die_again_and_again(self, address):
        rng = random.Random("7/api")
        revoked, good = Http(address).login(), Http(address).login()
        status, _, text = good.once("DELETE", "/identity/v3/auth/tokens", headers={"X-Subject-Token": revoked.token})
        self.assertEqual(status, 204, text)
        work = RestlessClients(f"127.0.0.1:{self.cloud.port}", 7, clients=3)
        self.uploads = Uploads(address, 7)
        work.start()
        self.uploads.start()
        try:
            self.serve()
            for times in range(1, ROUNDS + 1):
                self.die_during_an_upload()
                for life in range(LIVES):
                    how = ("sending", "sent", None)[life % 3]
                    if how:
                        self.die_at(how, 3 * (times - 1) + life // 3 + 1)
                    else:
                        self.die_after(rng.random() * 0.3)
                self.serve()
        finally:
            self.uploads.end()
            work.end()
        wrong, _ = await_settled(self.cloud, work)
        self.assertEqual(wrong + self.uploads.broken_promises(), [])
        self.assertGreater(len(self.uploads.sent), len(self.uploads.acknowledged), "no upload was interrupted")
        self.assertEqual(revoked.ask("GET", "/image/v2/images")[0], 401)
        self.assertEqual(good.ask("GET", "/image/v2/images")[0], 200)
        self.nothing_unfinished()
        self.assertEqual(await_clean_check(self.cloud), [])

    def nothing_unfinished(self):
        """No file but of images, and none of an image that is deleted; one that has no bytes takes them."""
        user = self.uploads.http
        rows = {image: user.image(image)["status"] for image in self.uploads.sent}
        self.assertEqual([name for name in os.listdir(self.files) if name not in rows], [])
        for image, status in rows.items():
            if status == "queued":
                self.assertEqual(user.once("PUT", f"/image/v2/images/{image}/file", b"late", OCTETS)[0], 204)
                self.assertEqual(user.bytes_of(image), b"late")
            self.assertEqual(user.ask("DELETE", f"/image/v2/images/{image}")[0], 204, f"{image} was {status}")
        self.assertEqual(os.listdir(self.files), [])


if __name__ == "__main__":
    unittest.main()
