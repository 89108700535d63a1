#!/usr/bin/env python3
"""docs/routes.md has a row for each route of the OpenStack APIs, and what is read of an access log is what stands in it."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/compat"))
import driven
import driven_ec2

LOG = """2026-11-30T09:25:22.1Z DEBUG api-0 message="http request" method=GET path=/compute/v2.1/servers route=/v2.1/servers status=200 us=81 microversion="compute 2.93" request=req-1 client="openstacksdk/0.101.0"
2026-11-30T09:25:22.2Z DEBUG api-0 message="http request" method=GET path=/compute/v2.1/servers route=/v2.1/servers status=200 us=80 microversion="compute 2.1" request=req-2 client=curl
2026-11-30T09:25:22.3Z DEBUG api-0 message="http request" method=DELETE path=/compute/v2.1/servers/x route=/v2.1/servers/{server} status=404 us=80 microversion="compute 2.1" request=req-3 client=curl
2026-11-30T09:25:22.4Z DEBUG api-0 message="http request" method=GET path=/network/v2.0/ports/x route="/v2.0/ports/{port}" status=200 us=80 microversion="" request=req-4 client=curl
2026-11-30T09:25:22.5Z DEBUG api-0 message="http request" method=GET path=/nowhere route="" status=404 us=80 microversion="" request="" client=curl
2026-11-30T09:25:22.6Z INFO api-0 message="ready"
"""


class RoutesTest(unittest.TestCase):
    def test_each_route_has_its_row(self):
        titles = {service: title for service, (title, _) in driven.SERVICES.items()}
        routes = [(titles[service], method, pattern) for service, method, pattern in driven.routes()]
        self.assertGreater(len(routes), 390)
        self.assertEqual(sorted(driven.read_table()), sorted(routes), "docs/routes.md is old: tests/compat/driven.py")

    def test_an_access_log_is_read(self):
        self.assertEqual(driven.driven_in(LOG), {("/compute", "GET", "/v2.1/servers"): {1, 93},
                                                 ("/networking", "GET", "/v2.0/ports/{port}"): set()})

    def test_each_action_of_ec2_has_its_row(self):
        actions = driven_ec2.actions()
        self.assertGreater(len(actions), 40)
        self.assertEqual({action: role for action, (role, _) in driven_ec2.read_table().items()},
                         {action: role.lower() for action, role in actions.items()},
                         "docs/ec2-actions.md is old: tests/compat/driven_ec2.py")

    def test_what_was_driven_of_ec2_is_read(self):
        log = LOG.splitlines()[0].replace("GET path=/compute/v2.1/servers route=/v2.1/servers", "POST path=/ec2 route=RunInstances")
        with tempfile.TemporaryDirectory() as directory:
            directory, table = pathlib.Path(directory), driven_ec2.TABLE
            try:
                driven_ec2.TABLE = directory / "ec2-actions.md"
                driven.keep("Ec2NetworkTest", log, directory / "driven")
                driven_ec2.write(directory / "driven", {"RunInstances", "RunScheduledInstances"})
                rows, text = driven_ec2.read_table(), driven_ec2.TABLE.read_text()
            finally:
                driven_ec2.TABLE = table
        self.assertEqual((rows["RunInstances"], rows["DescribeTags"][1]), (("member", {"boto3"}), set()))
        self.assertIn("Of the 2 operations of botocore's model 1 are answered", text)

    def test_what_others_drove_stays(self):
        with tempfile.TemporaryDirectory() as directory:
            directory, table = pathlib.Path(directory), driven.TABLE
            try:
                driven.TABLE = directory / "routes.md"
                driven.keep("SdkTest", LOG, directory / "driven")
                driven.write(directory / "driven")
                driven.keep("OpenstackClientTest", LOG.replace("2.93", "2.95"), directory / "again")
                driven.write(directory / "again")
                row = driven.read_table()["Nova", "GET", "/v2.1/servers"]
                driven.keep("SdkTest", "", directory / "again")
                driven.write(directory / "again")
                after = driven.read_table()["Nova", "GET", "/v2.1/servers"]
            finally:
                driven.TABLE = table
        self.assertEqual(row, ({"SDK", "openstack"}, (1, 95)))
        self.assertEqual(after[0], {"openstack"})


if __name__ == "__main__":
    unittest.main()
