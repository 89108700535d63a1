"""EC2's API by AWS's own clients of Debian, unmodified: what its tests share."""

import datetime
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from unittest import mock

import boto3
import botocore.auth
import botocore.exceptions
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

sys.path.insert(0, os.path.dirname(__file__))
from stock import StockTest

AWS = "/usr/bin/aws"  # Debian's awscli
REGION = "us-east-1"  # any: the signature says it, and that is all


class Ec2Case(StockTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {}

    def key(self, cloud="devstack"):
        """An access key with its secret, of the user of that entry in clouds.yaml."""
        if cloud not in self.keys:
            made = self.openstack("ec2", "credentials", "create", cloud=cloud)
            self.keys[cloud] = (made["access"], made["secret"])
        return self.keys[cloud]

    def client(self, cloud="devstack", key=None, path="/ec2"):
        access, secret = key or self.key(cloud)
        client = boto3.client("ec2", endpoint_url=self.base + path, region_name=REGION, aws_access_key_id=access,
                              aws_secret_access_key=secret, config=Config(retries={"max_attempts": 0}))
        self.addCleanup(client.close)
        return client

    def aws(self, *words):
        access, secret = self.key()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": ""}
        done = subprocess.run([AWS, "ec2", "--endpoint-url", self.base + "/ec2", "--output", "json", *words],
                              capture_output=True, text=True, timeout=120, env=environment)
        self.assertEqual(done.returncode, 0, f"aws ec2 {' '.join(words)}: {done.stderr}{done.stdout}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, code, call, **wanted):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**wanted)
        self.assertEqual(caught.exception.response["Error"]["Code"], code, caught.exception)
        return caught.exception.response

    def post(self, body, ahead=0):
        """A form of our own, signed as botocore signs on a clock that is so many minutes ahead: (status, code)."""
        request = AWSRequest("POST", self.base + "/ec2", data=body,
                             headers={"Content-Type": "application/x-www-form-urlencoded"})
        with mock.patch("botocore.auth.datetime") as clock:
            clock.datetime.utcnow.return_value = datetime.datetime.utcnow() + datetime.timedelta(minutes=ahead)
            botocore.auth.SigV4Auth(Credentials(*self.key()), "ec2", REGION).add_auth(request)
        sent = urllib.request.Request(self.base + "/ec2", data=body.encode(), headers=dict(request.headers.items()))
        try:
            with urllib.request.urlopen(sent, timeout=60) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode()
                return error.code, text.split("<Code>")[1].split("</Code>")[0] if "<Code>" in text else text

    def image(self):
        return self.client().describe_images(Filters=[{"Name": "name", "Values": ["cirros*"]}])["Images"][0]["ImageId"]

    def run_some(self, count=1, client=None, **more):
        client = client or self.client()
        wanted = {"ImageId": self.image(), "InstanceType": "m1.tiny", "MinCount": count, "MaxCount": count} | more
        return client.run_instances(**wanted)

    def run_and_wait(self, count=1, **more):
        """Ids of instances that run; they are terminated when the test is over."""
        ids = [one["InstanceId"] for one in self.run_some(count, **more)["Instances"]]
        self.addCleanup(self.client().terminate_instances, InstanceIds=ids)
        self.wait("instance_running", ids)
        return ids

    def wait(self, what, ids):
        self.client().get_waiter(what).wait(InstanceIds=ids, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def states(self, ids, client=None):
        reservations = (client or self.client()).describe_instances(InstanceIds=ids)["Reservations"]
        return {one["InstanceId"]: one["State"]["Name"] for group in reservations for one in group["Instances"]}

    def instance(self, id):
        return self.client().describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]

    def group(self, name, client=None):
        """The id of a new security group, which goes with the test."""
        client = client or self.client()
        made = client.create_security_group(GroupName=name, Description="of a test")["GroupId"]
        self.addCleanup(client.delete_security_group, GroupId=made)
        return made
