"""The bodies of Nova's own API samples, up to 2.93: requests and answers, as Nova has them in doc/api_samples.

They are the folder nova-api-samples of KILONOVA_TEST_DATA (default: ../shared/data); tests that need it are skipped without it."""

import json
import os
import re
import unittest

DATA = os.environ.get("KILONOVA_TEST_DATA", os.path.join(os.path.dirname(__file__), "../../../shared/data"))
SAMPLES = os.path.join(DATA, "nova-api-samples")
NEWEST = 93

# What has keys of its own in every cloud.
OPEN = {"metadata", "meta", "addresses", "extra_specs", "hosts", "properties", "cpu_info", "image", "meta_data", "rules", "log"}
# What a sample has because there was another page, a move under way, or because of who asked.
OPTIONAL = re.compile(r"_links$|^links$|^OS-EXT-SRV-ATTR:|^host_status$")
# Samples of cells that are down: there are none.
LEFT_OUT = {("servers/server-get-resp", 69), ("servers/servers-details-resp", 69), ("servers/servers-list-resp", 69),
            ("os-services/services-list-get-resp", 69),
            # Its keys are those of each hypervisor.
            ("os-server-diagnostics/server-diagnostics-get-resp", 1)}

needs_samples = unittest.skipUnless(
    os.path.isdir(SAMPLES), f"{SAMPLES} is absent: set KILONOVA_TEST_DATA to what holds nova-api-samples")


def version_of(folder):
    return int(folder[3:]) if folder.startswith("v2.") else 1


def variants(sample):
    """(minor version, body) of each form that the sample has, the oldest first."""
    resource, name = sample.split("/")
    found = []
    for folder in sorted(os.listdir(os.path.join(SAMPLES, resource)), key=version_of):
        path = os.path.join(SAMPLES, resource, folder, name + ".json")
        if folder == name + ".json":
            path = os.path.join(SAMPLES, resource, folder)
        elif not folder.startswith("v2."):
            continue
        left_out = (sample, version_of(folder)) in LEFT_OUT
        if os.path.isfile(path) and version_of(folder) <= NEWEST and not left_out:
            with open(path, encoding="utf-8") as file:
                found.append((version_of(folder), json.load(file)))
    return found


def kind(value):
    return {bool: "boolean", int: "number", float: "number", str: "text", dict: "map", list: "list"}.get(type(value), "null")


def differences(ours, theirs, path=""):
    """Keys and types; of lists those of the first element. What is null here or there may be anything."""
    if ours is None or theirs is None:
        return []
    if kind(ours) != kind(theirs):
        return [f"{path} is {kind(ours)}, in the sample {kind(theirs)}"]
    if isinstance(ours, list):
        return differences(ours[0], theirs[0], path + "[]") if ours and theirs else []
    if not isinstance(ours, dict):
        return []
    found = [f"{path}.{key} is missing here" for key in theirs if key not in ours and not OPTIONAL.search(key)]
    found += [f"{path}.{key} is not in the sample" for key in ours if key not in theirs and not OPTIONAL.search(key)]
    for key in ours.keys() & theirs.keys():
        if key not in OPEN:
            found += differences(ours[key], theirs[key], f"{path}.{key}")
    return found
