"""The key that tokens are signed with is replaced in a cloud that goes on."""

import os
import sys
import time
import unittest

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud
from public_client import Client
from settled import await_clean_check

UNAVAILABLE = 11  # exit code
Status = grpc.StatusCode


class TokenKeyTest(unittest.TestCase):
    def test_the_key_of_tokens_is_replaced(self):
        with Cloud("--hosts", "2") as cloud:
            address = f"127.0.0.1:{cloud.port}"
            before = Client(address).login()
            cloud.run("token", "key", "rotate")
            before.call("GetCloudStatus")
            after = Client(address).login()
            cloud.run("server", "create", "one", "--flavor", "m1.tiny", "--image", "cirros", "--wait")
            cloud.run("token", "key", "rotate", "--revoke-older")
            for client in (before, after):
                with self.assertRaises(grpc.RpcError) as error:
                    client.call("GetCloudStatus")
                self.assertEqual(error.exception.code(), Status.UNAUTHENTICATED)
            Client(address).login().call("GetCloudStatus")
            # The tickets for addresses are as they were: the controller's next life knows those that hosts hold.
            cloud.kill("controller-0")
            create = ("server", "create", "two", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "--client-token", "two")
            while (done := cloud.run(*create, check=False)).returncode == UNAVAILABLE:
                time.sleep(0.1)
            self.assertEqual(done.returncode, 0, done.stderr)
            cloud.run("server", "delete", "one", "two", "--wait")
            self.assertEqual(await_clean_check(cloud), [])


if __name__ == "__main__":
    unittest.main()
