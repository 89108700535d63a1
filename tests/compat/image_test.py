"""Glance: images with bytes, by the stock command, the SDK and plain HTTP."""

import hashlib
import http.client
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from stock import StockTest

OCTETS = {"Content-Type": "application/octet-stream"}
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
BYTES = bytes(range(256)) * 2_000  # 512,000: more than any body that is held


class ImageTest(StockTest):
    up_args = ("--hosts", "1", "--timing", "instant")

    def make(self, **attributes):
        attributes = {"name": self.id().split(".")[-1], "disk_format": "raw", "container_format": "bare"} | attributes
        made = self.http("POST", "/image/v2/images", attributes)
        self.assertEqual(made.status, 201, made.text)
        self.addCleanup(self.http, "DELETE", f"/image/v2/images/{made.json['id']}", token="admin")
        return made.json["id"]

    def upload(self, image, data=BYTES):
        return self.raw(f"/image/v2/images/{image}/file", "PUT", data, **OCTETS)[0]

    def raw(self, path, method="GET", body=None, **headers):
        """Reply and its bytes."""
        connection = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=60)
        connection.request(method, path, body, {"X-Auth-Token": self.token(), "Accept": "*/*", **headers})
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        return reply, data

    def test_what_was_uploaded_is_downloaded(self):
        image = self.make()
        self.assertIsNone(self.http("GET", f"/image/v2/images/{image}").json["size"])
        self.assertEqual(self.raw(f"/image/v2/images/{image}/file")[0].status, 204)
        self.assertEqual(self.upload(image).status, 204)
        shown = self.http("GET", f"/image/v2/images/{image}").json
        self.assertEqual((shown["status"], shown["size"], shown["checksum"], shown["os_hash_value"]),
                         ("active", len(BYTES), hashlib.md5(BYTES).hexdigest(), hashlib.sha512(BYTES).hexdigest()))
        reply, data = self.raw(f"/image/v2/images/{image}/file")
        self.assertEqual((reply.status, reply.headers["Content-MD5"]), (200, shown["checksum"]))
        self.assertEqual(data, BYTES)
        self.assertEqual(self.upload(image).status, 409, "it has its bytes")

    def test_ranges(self):
        image = self.make()
        self.upload(image)
        for asked, part in [("bytes=0-9", BYTES[:10]), ("bytes=511990-", BYTES[511_990:]), ("bytes=-3", BYTES[-3:]),
                            ("bytes=300000-900000", BYTES[300_000:])]:
            reply, data = self.raw(f"/image/v2/images/{image}/file", Range=asked)
            self.assertEqual((reply.status, data), (206, part), asked)
        for asked, status in [("bytes=512000-", 416), ("bytes=9-1", 416), ("lines=1-2", 416), ("bytes=1-2,4-5", 400)]:
            self.assertEqual(self.raw(f"/image/v2/images/{image}/file", Range=asked)[0].status, status, asked)

    def test_a_restart_keeps_the_bytes_and_forgets_those_of_images_that_are_gone(self):
        kept, gone = self.make(), self.make()
        self.upload(kept)
        self.upload(gone)
        self.cloud.run("image", "delete", gone)
        self.cloud.run("down")
        self.cloud.up()
        type(self).base = "http://" + self.cloud.json("status")["http"]
        self.tokens.clear()
        self.assertEqual(self.raw(f"/image/v2/images/{kept}/file")[1], BYTES)
        self.await_files([kept])

    def test_a_reset_leaves_no_bytes(self):
        self.upload(self.make())
        self.cloud.run("reset")
        self.tokens.clear()
        self.await_files([])

    def await_files(self, names):
        deadline = time.monotonic() + 30
        while sorted(os.listdir(f"{self.cloud.state_dir}/images")) != names:
            self.assertLess(time.monotonic(), deadline, "the file of an image that is gone is still there")
            time.sleep(0.05)

    def test_who_may_not_upload_is_refused_and_leaves_nothing(self):
        image = self.make()
        before = set(os.listdir(f"{self.cloud.state_dir}/images"))
        no_format = self.make(disk_format=None)
        self.assertEqual(self.upload(no_format).status, 400)
        self.assertEqual(self.upload("11111111-1111-1111-1111-111111111111").status, 404)
        wrong = self.http("PUT", f"/image/v2/images/{image}/file", {"not": "bytes"})
        self.assertEqual(wrong.status, 415, wrong.text)
        public = self.http("GET", "/image/v2/images?name=cirros").json["images"][0]["id"]
        self.assertEqual(self.upload(public).status, 403)
        self.assertEqual(set(os.listdir(f"{self.cloud.state_dir}/images")), before)

    def test_changes_are_all_or_none(self):
        image = self.make(colour="red")
        change = [{"op": "replace", "path": "/colour", "value": "blue"}, {"op": "replace", "path": "/none", "value": "x"}]
        self.assertEqual(self.http("PATCH", f"/image/v2/images/{image}", change, headers=PATCH).status, 409)
        self.assertEqual(self.http("GET", f"/image/v2/images/{image}").json["colour"], "red")
        for path, value, status in [("/size", 1, 403), ("/visibility", "public", 403), ("/visibility", "secret", 400),
                                    ("/min_ram", -1, 400), ("/min_ram", "1", 400), ("/owner", "x" * 32, 400), ("/tags", "t", 400),
                                    ("colour", "x", 400), ("/a/b", "x", 400), ("/colour", 7, 400), ("/disk_format", "tape", 400),
                                    ("/os_glance_x", "y", 403), ("/protected", "yes", 400), ("/name", ["x"], 400)]:
            change = [{"op": "replace" if path != "/a/b" else "add", "path": path, "value": value}]
            refused = self.http("PATCH", f"/image/v2/images/{image}", change, headers=PATCH)
            self.assertEqual(refused.status, status, (path, refused.text))
        self.assertEqual(self.http("PATCH", f"/image/v2/images/{image}", [], headers=None).status, 415)

    def test_bodies_that_are_no_images(self):
        for body in [[], "x", {"name": 7}, {"id": "x"}, {"min_disk": 1.5}, {"tags": [1]}, {"protected": None}, {"container_format": {}},
                     {"k" * 256: "v"}, {"visibility": 3}, {"kernel_id": "x"}]:
            refused = self.http("POST", "/image/v2/images", body)
            self.assertEqual(refused.status, 400, (body, refused.text))
        self.assertEqual(self.http("POST", "/image/v2/images", {"status": "active"}).status, 403)

    def test_the_stock_command(self):
        path = os.path.join(self.cloud.state_dir, "upload.img")
        with open(path, "wb") as file:
            file.write(BYTES)
        self.command("image", "create", "--disk-format", "raw", "--file", path, "--tag", "one", "--property", "os_distro=none", "stock")
        shown = self.openstack("image", "show", "stock")
        self.assertEqual((shown["status"], shown["size"], shown["tags"]), ("active", len(BYTES), ["one"]))
        self.command("image", "set", "--name", "renamed", "--min-disk", "1", "--tag", "two", "stock")
        self.command("image", "unset", "--tag", "one", "--property", "os_distro", "renamed")
        shown = self.openstack("image", "show", "renamed")
        self.assertEqual((shown["min_disk"], shown["tags"]), (1, ["two"]))
        self.command("image", "save", "--file", path + ".back", "renamed")
        with open(path + ".back", "rb") as file:
            self.assertEqual(file.read(), BYTES)
        project = self.openstack("project", "show", "admin", cloud="devstack-admin")["id"]
        self.command("image", "add", "project", "renamed", project)
        self.assertEqual([row["Status"] for row in self.openstack("image", "member", "list", "renamed")], ["pending"])
        self.command("image", "set", "--accept", shown["id"], cloud="devstack-admin")
        self.command("image", "remove", "project", "renamed", project)
        self.command("image", "set", "--deactivate", "renamed")
        self.assertEqual(self.openstack("image", "show", "renamed")["status"], "deactivated")
        self.assertIn("is not active", self.refusal("server", "create", "--image", "renamed", "--flavor", "m1.tiny",
                                                    "--network", "private", "x"))
        self.command("image", "delete", "renamed")


if __name__ == "__main__":
    unittest.main()
