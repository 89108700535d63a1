#!/usr/bin/env python3
"""Writes the pictures of the documents; each is one Python file beside this one, with its words and places as data.

    draw.py           writes all of them
    draw.py --check   names those that are not as they would be written, and fails
"""

import pathlib
import sys

sys.dont_write_bytecode = True  # leave nothing in the source tree

import launch
import placements
import topology

HERE = pathlib.Path(__file__).resolve().parent
DIAGRAMS = (topology, launch, placements)


def pictures():
    """The path of each picture, and what it should hold."""
    return {HERE / f"{diagram.__name__}.svg": diagram.draw().svg() for diagram in DIAGRAMS}


def not_current():
    return [path.name for path, svg in pictures().items() if not path.exists() or path.read_bytes() != svg.encode()]


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    if not arguments:
        for path, svg in pictures().items():
            path.write_bytes(svg.encode())
        return 0
    stale = not_current()
    for name in stale:
        print(f"docs/diagrams/{name} is not current: run python3 docs/diagrams/draw.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
