#!/usr/bin/env python3
"""The pictures of the dashboard in docs/images: a cloud of its own, a minute of launches, and Chromium. Needs a build."""

import os
import pathlib
import struct
import sys
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/support"))
from browser import Browser
from cloud import Cloud

WIDTH, HEIGHT = 1100, 740
SECONDS = 60


def chunks(data):
    at = 8
    while at < len(data):
        size = struct.unpack(">I", data[at:at + 4])[0]
        yield data[at + 4:at + 8], data[at + 8:at + 8 + size]
        at += 12 + size


def smaller(path):
    """The same picture, its pixels compressed as far as it goes."""
    data = path.read_bytes()
    pixels = zlib.decompress(b"".join(body for kind, body in chunks(data) if kind == b"IDAT"))
    out = data[:8]
    for kind, body in chunks(data):
        if kind == b"IHDR":
            parts = [(kind, body), (b"IDAT", zlib.compress(pixels, 9))]
        else:
            parts = [(kind, body)] if kind == b"IEND" else []
        for name, content in parts:
            out += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    if len(out) < len(data):
        path.write_bytes(out)


def busy_cloud(cloud):
    """Launches for a while, some of which fail on their first hosts."""
    cloud.run("quota", "set", "--instances", "-1", "--cores", "-1", "--ram", "-1")
    cloud.run("fault", "add", "--step", "image_ready", "--probability", "0.1", "--message", "the image's checksum is wrong")
    end = time.monotonic() + SECONDS
    for burst in range(1000):
        if time.monotonic() > end:
            return
        cloud.run("server", "create", "--flavor", "m1.large", "--image", "cirros", "--count", str(3 + 5 * (burst % 4)), f"batch{burst}")
        time.sleep(1.5)


def main():
    with Cloud("--hosts-file", str(ROOT / "examples/hosts.csv"), "--http-port", "0", "--timing", "realistic") as cloud, \
            Browser(WIDTH, HEIGHT) as page:
        page.open(f"http://{cloud.json('status')['http']}/")
        page.fill("input[name=user]", "admin")
        page.fill("input[name=password]", "kilonova")
        page.click("button", "Log in")
        page.until_text("Live")
        busy_cloud(cloud)

        def picture(name):
            path = pathlib.Path(__file__).parent / f"dashboard-{name}.png"
            page.screenshot(path)
            smaller(path)
            print(f"{path.relative_to(ROOT)}: {os.path.getsize(path)} bytes")

        picture("launches")
        cloud.run("fault", "clear")
        cloud.run("fault", "add", "--step", "guest_started", "--count", "2", "--message", "disk on fire")
        cloud.create("web2")
        page.run("location.hash = '#/servers'")
        page.fill("input[type=search]", "web2")
        page.click("td a", "web2")
        page.until_text("2 failed")
        picture("waterfall")
        page.run("location.hash = '#/fleet'")
        page.until_text("hosts up")
        page.run("document.querySelector('canvas').focus()")
        for _ in range(18):
            page.key("ArrowRight", 39)
        page.until("document.querySelector('.details h2')")
        picture("fleet")


if __name__ == "__main__":
    main()
