"""Which actions of EC2 stock clients drove, beside botocore's list of them: from the access logs of the clouds of tests.

    /usr/bin/python3 tests/compat/driven_ec2.py    docs/ec2-actions.md anew: what the tests that ran last drove

As driven.py, whose files of each test class it reads.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs/ec2-actions.md"
FRONT = ROOT / "api-server/front/ec2"
CLIENTS = {"Ec2Test": "aws, boto3", "Ec2AttributesTest": "boto3", "Ec2FormsTest": "boto3", "Ec2InterfacesTest": "boto3", "Ec2NetworkTest": "boto3"}
HEADER = """# Actions of EC2, and who drove them

Written by `tests/compat/driven_ec2.py` from the access logs of the clouds on which the tests of `tests/compat` ran: an action counts as driven by a
client when it was answered with a status below 400. What each of them does, and does not yet, stands in [ec2.md](ec2.md).
"""


def actions():
    """{name: role}, of the tables in the front."""
    rows = (row for file in sorted(FRONT.glob("*.cc")) for row in re.findall(r'\{"([A-Z]\w+)",\s*UserRole::k(\w+)', file.read_text()))
    return dict(rows)


def known_to_botocore():
    """The operations of its newest model."""
    from botocore.loaders import Loader
    return set(Loader().load_service_model("ec2", "service-2")["operations"])


def driven(directory):
    """{action: {client, ...}}"""
    found = {}
    for name, clients in CLIENTS.items():
        file = directory / f"{name}.json"
        for root, _, route, _ in json.loads(file.read_text()) if file.exists() else []:
            if root in ("/ec2", "/services"):
                found.setdefault(route, set()).update(clients.split(", "))
    return found


def read_table():
    """{action: (role, {client, ...})} as it stands."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \|$", TABLE.read_text(), re.MULTILINE) if TABLE.exists() else []
    return {action: (role, set(filter(None, clients.strip().split(", ")))) for action, role, clients in rows}


def write(directory, operations):
    found, ours = driven(directory), actions()
    lines = [HEADER, f"Of the {len(operations)} operations of botocore's model {len(operations & set(ours))} are answered; any other is `InvalidAction`.\n",
             "| action | role | driven by |\n|---|---|---|"]
    lines += [f"| `{action}` | {role.lower()} | {', '.join(sorted(found.get(action, ())))} |" for action, role in sorted(ours.items())]
    if strange := sorted(set(ours) - operations):
        lines.append(f"\nNot in the model: {', '.join(strange)}.")
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    build = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build"
    write(build / "driven", known_to_botocore())
