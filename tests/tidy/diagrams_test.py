#!/usr/bin/env python3
"""The pictures of the documents are as docs/diagrams draws them, can be read by all, and say what the code says."""

import contextlib
import io
import os
import pathlib
import re
import sys
import tempfile
import unittest
from xml.etree import ElementTree

ROOT = pathlib.Path(os.environ.get("KILONOVA_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
DIAGRAMS = ROOT / "docs/diagrams"
sys.dont_write_bytecode = True
sys.path.insert(0, str(DIAGRAMS))

import draw
import launch
import picture
import sequence
import topology

SVG = "{http://www.w3.org/2000/svg}"
# ![words](path) in Markdown.
EMBEDDED = re.compile(r"!\[([^\]]*)\]\(([^)\s]+\.svg)\)")
ROLES = {"kApi": "api-server", "kController": "controller", "kScheduler": "scheduler", "kCompute": "compute-node",
         "kNetwork": "network-controller"}
LIFELINES = {"api": "kApi", "controller": "kController", "scheduler": "kScheduler", "a": "kCompute", "b": "kCompute",
             "network": "kNetwork"}


def embedded_pictures(root):
    """(document, words, picture) of every SVG that a document shows."""
    found = []
    for document in (*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))):
        for words, path in EMBEDDED.findall(document.read_text(encoding="utf-8")):
            found.append((document.name, words, (document.parent / path).resolve()))
    return found


def launch_steps():
    """{number: (name, daemon)} as the code has them."""
    code = (ROOT / "lib/domain/launch_steps.cc").read_text()
    rows = re.findall(r'\{LaunchStep::k\w+, "(\w+)", "[^"]*", Role::(k\w+)\}', code)
    return {number: (name, ROLES[role]) for number, (name, role) in enumerate(rows, 1)}


def message_ways():
    """{message: {(sender's role, receiver's role)}} as the code allows it."""
    code = (ROOT / "lib/domain/messages.cc").read_text()
    ways = {name: (sender, receiver)
            for name, sender, receiver in re.findall(r"Ways (k\w+) = way\(Role::(k\w+), Role::(k\w+)\)", code)}
    rows = re.findall(r'\{"(\w+)", ([k\w| ]+)\}', code)
    return {name: {ways[way] for way in sent.split(" | ")} for name, sent in rows}


class Pictures(unittest.TestCase):
    def test_are_current(self):
        self.assertEqual(draw.not_current(), [], "run python3 docs/diagrams/draw.py")

    def test_are_all_drawn(self):
        self.assertEqual({path.name for path in DIAGRAMS.glob("*.svg")}, {path.name for path in draw.pictures()})

    def test_can_be_read(self):
        for path in draw.pictures():
            with self.subTest(picture=path.name):
                svg = ElementTree.parse(path).getroot()
                self.assertEqual((svg.tag, svg.get("role")), (f"{SVG}svg", "img"))
                self.assertLessEqual(int(svg.get("width")), 900)
                self.assertGreater(len(svg.findtext(f"{SVG}title")), 20)
                self.assertGreater(len(svg.findtext(f"{SVG}desc")), 100)
                self.assertIn("prefers-color-scheme: dark", svg.findtext(f"{SVG}style"))

    def test_stand_in_a_document(self):
        shown = embedded_pictures(ROOT)
        for document, words, path in shown:
            self.assertTrue(path.exists(), f"{document} shows {path}, which is not there")
            self.assertGreater(len(words), 20, f"{document}: say in words what {path.name} shows")
        self.assertLessEqual(set(draw.pictures()), {path for _, _, path in shown}, "no document shows these pictures")


class WhatTheySay(unittest.TestCase):
    def test_steps_are_those_of_the_code(self):
        drawn = {number: (name, daemon) for daemon, row in topology.DAEMONS.items() for number, name in row[5].items()}
        self.assertEqual(len(launch_steps()), 13)
        self.assertEqual(drawn, launch_steps())

    def test_messages_are_sent_so(self):
        ways = message_ways()
        for message in launch.ROWS:
            if isinstance(message, sequence.Message) and "client" not in (message.sender, message.receiver):
                way = LIFELINES[message.sender], LIFELINES[message.receiver]
                self.assertIn(way, ways.get(message.name, ()), message.name)
        for _, step, message, *_ in topology.LAUNCH[1:]:
            self.assertIn(message, ways, f"step {step}")


class ChecksBite(unittest.TestCase):
    def test_a_changed_byte_is_found(self):
        with tempfile.TemporaryDirectory() as directory:
            here, draw.HERE = draw.HERE, pathlib.Path(directory)
            self.addCleanup(setattr, draw, "HERE", here)
            self.assertEqual(len(draw.not_current()), len(draw.DIAGRAMS))
            self.assertEqual(draw.main([]), 0)
            self.assertEqual(draw.main(["--check"]), 0)
            changed = draw.HERE / "topology.svg"
            changed.write_bytes(changed.read_bytes().replace(b"controller", b"contr0ller", 1))
            with contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(draw.main(["--check"]), 1)
            self.assertIn("topology.svg", said.getvalue())

    def test_text_that_would_be_cut_is_refused(self):
        page = picture.Picture(100, 40, "title", "description")
        page.text(10, 20, "fits")
        cut = ((10, "too long for this picture", "start"), (2, "begins before it", "end"), (95, "wide", "middle"))
        for x, words, anchor in cut:
            with self.subTest(text=words), self.assertRaises(ValueError):
                page.text(x, 20, words, anchor=anchor)


if __name__ == "__main__":
    unittest.main()
