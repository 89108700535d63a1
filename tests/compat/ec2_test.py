"""EC2's API by AWS's own clients of Debian: the command `aws` (2.9) and boto3 (1.26), unmodified."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions

sys.path.insert(0, os.path.dirname(__file__))
from ec2 import Ec2Case


class Ec2Test(Ec2Case):
    # --- the article's example, with today's command ---

    def test_the_article_by_the_command(self):
        key = self.aws("create-key-pair", "--key-name", "article")
        self.assertIn("PRIVATE KEY", key["KeyMaterial"])
        image = self.aws("describe-images", "--filters", "Name=name,Values=cirros*")["Images"][0]["ImageId"]
        made = self.aws("run-instances", "--image-id", image, "--instance-type", "m1.tiny", "--key-name", "article",
                        "--tag-specifications", "ResourceType=instance,Tags=[{Key=Name,Value=bexar}]")
        one = made["Instances"][0]
        id = one["InstanceId"]
        self.assertEqual((one["State"]["Name"], one["KeyName"], one["ImageId"]), ("pending", "article", image))
        self.aws("wait", "instance-running", "--instance-ids", id)
        self.aws("wait", "instance-status-ok", "--instance-ids", id)
        shown = self.aws("describe-instances", "--instance-ids", id)["Reservations"][0]["Instances"][0]
        self.assertTrue(shown["PrivateIpAddress"])
        self.assertEqual(shown["Tags"], [{"Key": "Name", "Value": "bexar"}])
        # The same server everywhere.
        self.assertIn("bexar", [server["Name"] for server in self.openstack("server", "list")])
        self.assertIn("request_accepted", self.cloud.run("trace", "--all-projects", id).stdout)
        self.assertTrue(self.aws("get-console-output", "--instance-id", id, "--latest")["Output"])
        gone = self.aws("terminate-instances", "--instance-ids", id)["TerminatingInstances"][0]
        self.assertEqual(gone["PreviousState"]["Name"], "running")
        self.aws("wait", "instance-terminated", "--instance-ids", id)
        self.aws("delete-key-pair", "--key-name", "article")

    # --- instances ---

    def test_states_as_waiters_see_them(self):
        client = self.client()
        id, = self.run_and_wait()
        changed = client.stop_instances(InstanceIds=[id])["StoppingInstances"][0]
        self.assertEqual(changed["PreviousState"]["Name"], "running")
        self.assertIn(changed["CurrentState"]["Name"], ("stopping", "stopped"))
        self.wait("instance_stopped", [id])
        self.refused("IncorrectInstanceState", client.reboot_instances, InstanceIds=[id])
        again = client.stop_instances(InstanceIds=[id])["StoppingInstances"][0]
        self.assertEqual(again["CurrentState"]["Name"], "stopped")
        client.start_instances(InstanceIds=[id])
        self.wait("instance_running", [id])
        client.reboot_instances(InstanceIds=[id])
        self.wait("instance_status_ok", [id])
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        again = client.terminate_instances(InstanceIds=[id])["TerminatingInstances"][0]
        self.assertEqual(again["CurrentState"]["Name"], "terminated")

    def test_what_others_delete_is_terminated_and_stays_so(self):
        name = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "gone"}]}
        id, = self.run_and_wait(1, TagSpecifications=[name])
        self.command("server", "delete", "--wait", "gone")
        shown = lambda: {one["InstanceId"]: one["State"]["Name"]
                         for reservation in self.client().describe_instances()["Reservations"]
                         for one in reservation["Instances"]}
        self.assertEqual(shown()[id], "terminated")
        before = self.cloud.kill("api-0")
        end = time.monotonic() + 60
        while self.cloud.daemons()["api-0"]["pid"] == before or self.cloud.daemons()["api-0"]["state"] != "running":
            self.assertLess(time.monotonic(), end)
        self.cloud.run_once_served("server", "list")
        self.assertEqual(shown()[id], "terminated")

    def test_a_launch_that_no_host_takes(self):
        self.command("flavor", "create", "--ram", "512", "--vcpus", "1", "--disk", "1000000", "vast",
                     cloud="devstack-admin")
        id = self.run_some(InstanceType="vast")["Instances"][0]["InstanceId"]
        self.addCleanup(self.client().terminate_instances, InstanceIds=[id])
        with self.assertRaisesRegex(botocore.exceptions.WaiterError, "terminal failure state"):
            self.wait("instance_running", [id])
        one = self.client().describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
        self.assertEqual(one["State"]["Name"], "terminated")
        self.assertEqual(one["StateReason"]["Code"], "Server.InsufficientInstanceCapacity")

    def test_filters_and_pages(self):
        ids = sorted(self.run_and_wait(5, TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "web"}]}]))
        client = self.client()

        def found(**wanted):
            pages = client.get_paginator("describe_instances").paginate(**wanted)
            return sorted(one["InstanceId"] for page in pages for group in page["Reservations"]
                          for one in group["Instances"])

        web = [{"Name": "tag:role", "Values": ["w*"]}]
        self.assertEqual(found(Filters=web), ids)
        self.assertEqual(found(Filters=web, PaginationConfig={"PageSize": 2}), ids)
        self.assertIn("NextToken", client.describe_instances(Filters=web, MaxResults=2))
        running = [{"Name": "instance-state-name", "Values": ["running"]}]
        self.assertEqual(found(Filters=web + running), ids)
        self.assertEqual(found(Filters=web + [{"Name": "instance-id", "Values": ids[:2]}]), ids[:2])
        self.assertEqual(found(Filters=[{"Name": "tag:role", "Values": ["db"]}]), [])
        colour = [{"Name": "colour", "Values": ["red"]}]
        self.refused("InvalidParameterValue", client.describe_instances, Filters=colour)
        self.refused("InvalidParameterValue", client.describe_instances, NextToken="first")
        self.refused("InvalidParameterCombination", client.describe_instances, InstanceIds=ids, MaxResults=5)
        status = client.describe_instance_status(InstanceIds=ids)["InstanceStatuses"]
        self.assertEqual({one["InstanceStatus"]["Status"] for one in status}, {"ok"})
        client.create_tags(Resources=ids[:2], Tags=[{"Key": "role", "Value": "db"}, {"Key": "more", "Value": ""}])
        self.assertEqual(found(Filters=[{"Name": "tag:role", "Values": ["db"]}]), ids[:2])
        tags = client.describe_tags(Filters=[{"Name": "key", "Values": ["more"]}])["Tags"]
        self.assertEqual(sorted(tag["ResourceId"] for tag in tags), ids[:2])
        client.delete_tags(Resources=ids, Tags=[{"Key": "more"}, {"Key": "role", "Value": "db"}])
        self.assertEqual(found(Filters=web), ids[2:])

    def test_one_client_token_makes_one_reservation(self):
        clients = [self.client() for _ in range(8)]
        wanted = {"ImageId": self.image(), "InstanceType": "m1.tiny", "MinCount": 1, "MaxCount": 1,
                  "ClientToken": "once"}
        with ThreadPoolExecutor(200) as pool:
            made = list(pool.map(lambda client: client.run_instances(**wanted), clients * 25))
        ids = {one["InstanceId"] for answer in made for one in answer["Instances"]}
        self.assertEqual((len(ids), len({answer["ReservationId"] for answer in made})), (1, 1))
        self.refused("IdempotentParameterMismatch", clients[0].run_instances, **(wanted | {"InstanceType": "m1.small"}))
        self.assertEqual({one["ClientToken"] for answer in made for one in answer["Instances"]}, {"once"})
        clients[0].terminate_instances(InstanceIds=list(ids))
        self.wait("instance_terminated", list(ids))
        once = clients[0].describe_instances(Filters=[{"Name": "client-token", "Values": ["once"]}])["Reservations"]
        self.assertEqual([(one["InstanceId"], one["ClientToken"]) for group in once for one in group["Instances"]],
                         [(list(ids)[0], "once")])

    def test_names_that_many_ask_for_at_once_are_one_s(self):
        clients = [self.client() for _ in range(4)]
        group = {"GroupName": "wanted", "Description": "by many"}

        def ask(client):
            try:
                return client.create_security_group(**group)["GroupId"]
            except botocore.exceptions.ClientError as error:
                return error.response["Error"]["Code"]

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, clients * 4))
        self.assertEqual(sorted(answers)[:15], ["InvalidGroup.Duplicate"] * 15)
        clients[0].delete_security_group(GroupName="wanted")

    def test_a_fault_rule_strikes_its_project_alone(self):
        rule = self.cloud.json("fault", "add", "--http", "* /ec2", "--status", "503", "--count", "1", "--project", "demo")["id"]
        self.client("devstack-admin").describe_regions()
        self.refused("Unavailable", self.client().describe_regions)
        self.client().describe_regions()
        self.assertEqual([one["struck"] for one in self.cloud.json("fault", "list") if one["id"] == rule], [1])
        self.cloud.run("fault", "clear", rule)

    def test_counts(self):
        client, wanted = self.client(), {"ImageId": self.image(), "InstanceType": "m1.tiny"}
        before = {server["ID"] for server in self.openstack("server", "list")}
        self.refused("InvalidParameterValue", client.run_instances, **wanted, MinCount=2, MaxCount=1)
        self.refused("InvalidParameterValue", client.run_instances, **wanted, MinCount=0, MaxCount=1)
        self.refused("InvalidParameterValue", client.run_instances, **wanted, MinCount=1, MaxCount=2**40)
        self.refused("InvalidParameterValue", client.run_instances, **wanted, MinCount=1, MaxCount=2**31 - 1)
        self.refused("InstanceLimitExceeded", client.run_instances, **wanted, MinCount=900, MaxCount=900)
        answer = self.refused("DryRunOperation", client.run_instances, **wanted, MinCount=1, MaxCount=1, DryRun=True)
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 412)
        self.assertLessEqual({server["ID"] for server in self.openstack("server", "list")}, before)

    def test_block_devices_of_a_launch(self):
        client = self.client()
        image = client.describe_images()["Images"][0]
        launch = dict(ImageId=image["ImageId"], InstanceType="m1.small", MinCount=1, MaxCount=1)
        root = {"DeviceName": image["RootDeviceName"], "Ebs": {"VolumeSize": 20, "DeleteOnTermination": True, "VolumeType": "gp3"}}
        store = {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}
        made = client.run_instances(BlockDeviceMappings=[root, store], **launch)["Instances"][0]["InstanceId"]
        self.addCleanup(client.terminate_instances, InstanceIds=[made])
        self.refused("UnsupportedOperation", client.run_instances,
                     BlockDeviceMappings=[{"DeviceName": "/dev/sdc", "Ebs": {"VolumeSize": 1}}], **launch)
        self.refused("InvalidSnapshot.NotFound", client.run_instances,
                     BlockDeviceMappings=[{**root, "Ebs": {"SnapshotId": "snap-00000001"}}], **launch)

    def test_tags_of_an_instance_that_is_pending(self):
        client = self.client()
        rule = self.cloud.json("fault", "add", "--step", "guest_started", "--project", "demo", "--hang")["id"]
        id = self.run_some(1)["Instances"][0]["InstanceId"]
        self.assertEqual(self.states([id]), {id: "pending"})
        client.create_tags(Resources=[id], Tags=[{"Key": "team", "Value": "blue"}, {"Key": "Name", "Value": "early"}])
        client.delete_tags(Resources=[id], Tags=[{"Key": "Name"}])
        tags = client.describe_tags(Filters=[{"Name": "resource-id", "Values": [id]}])["Tags"]
        self.assertEqual([(tag["Key"], tag["Value"]) for tag in tags], [("team", "blue")])
        self.cloud.run("fault", "clear", rule)
        self.wait("instance_running", [id])
        client.terminate_instances(InstanceIds=[id])

    def test_what_a_launch_names_has_to_be_there(self):
        client = self.client()
        wanted = {"ImageId": self.image(), "InstanceType": "m1.tiny", "MinCount": 1, "MaxCount": 1}
        for code, more in (("InvalidAMIID.Malformed", {"ImageId": "cirros"}),
                           ("InvalidAMIID.NotFound", {"ImageId": "ami-00000000000000000"}),
                           ("InvalidKeyPair.NotFound", {"KeyName": "nobody's"}),
                           ("InvalidGroup.NotFound", {"SecurityGroups": ["none"]}),
                           ("InvalidParameterValue", {"InstanceType": "t2.micro"}),
                           ("InvalidParameterValue", {"Placement": {"AvailabilityZone": "mars"}}),
                           ("UnsupportedOperation", {"KernelId": "aki-1"}),
                           ("UnsupportedOperation", {"DisableApiTermination": True})):
            with self.subTest(more):
                self.refused(code, client.run_instances, **(wanted | more))
        ids = self.run_and_wait(SecurityGroups=["default"], UserData="#!/bin/sh\necho hello",
                                DisableApiTermination=False)
        self.assertEqual(len(ids), 1)

    def test_ids_that_are_none(self):
        client = self.client()
        self.refused("InvalidInstanceID.Malformed", client.describe_instances, InstanceIds=["web1"])
        self.refused("InvalidInstanceID.NotFound", client.describe_instances, InstanceIds=["i-7fffffff"])
        id, = self.run_and_wait()
        self.refused("InvalidInstanceID.NotFound", client.stop_instances, InstanceIds=[id, "i-7fffffff"])
        self.assertEqual(self.states([id]), {id: "running"})

    # --- the rest ---

    def openssl(self, text, *words):
        done = subprocess.run(["openssl", *words], input=text.encode(), capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_key_pairs(self):
        client = self.client()
        made = client.create_key_pair(KeyName="made")
        self.addCleanup(client.delete_key_pair, KeyName="made")
        self.assertIn("PRIVATE KEY", made["KeyMaterial"])
        self.refused("InvalidKeyPair.Duplicate", client.create_key_pair, KeyName="made")
        public = client.describe_key_pairs(KeyNames=["made"], IncludePublicKey=True)["KeyPairs"][0]["PublicKey"]
        brought = client.import_key_pair(KeyName="brought", PublicKeyMaterial=public.encode())
        # As https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html says it.
        private = self.openssl(made["KeyMaterial"], "pkcs8", "-topk8", "-nocrypt", "-outform", "DER")
        self.assertEqual(made["KeyFingerprint"], hashlib.sha1(private).digest().hex(":"))
        info = self.openssl(made["KeyMaterial"], "rsa", "-pubout", "-outform", "DER")
        self.assertEqual(brought["KeyFingerprint"], hashlib.md5(info).digest().hex(":"))
        self.assertEqual([key["KeyName"] for key in client.describe_key_pairs(
            Filters=[{"Name": "fingerprint", "Values": [made["KeyFingerprint"]]}])["KeyPairs"]], ["made"])
        short = client.create_key_pair(KeyName="short", KeyType="ed25519")
        self.addCleanup(client.delete_key_pair, KeyName="short")
        blob = client.describe_key_pairs(KeyNames=["short"], IncludePublicKey=True)["KeyPairs"][0]["PublicKey"].split()[1]
        self.assertEqual(short["KeyFingerprint"],
                         base64.b64encode(hashlib.sha256(base64.b64decode(blob)).digest()).decode())
        found = client.describe_key_pairs(KeyPairIds=[brought["KeyPairId"]])["KeyPairs"]
        self.assertEqual([key["KeyName"] for key in found], ["brought"])
        self.refused("InvalidKey.Format", client.import_key_pair, KeyName="bad", PublicKeyMaterial=b"no key")
        self.refused("InvalidKeyPair.NotFound", client.describe_key_pairs, KeyNames=["none"])
        self.tag_key_pairs(client, made["KeyPairId"])
        client.delete_key_pair(KeyPairId=brought["KeyPairId"])
        client.delete_key_pair(KeyName="brought")
        self.assertNotIn("brought", [key["KeyName"] for key in client.describe_key_pairs()["KeyPairs"]])

    def tag_key_pairs(self, client, plain):
        tags = [{"Key": "a/b", "Value": "1"}, {"Key": "c", "Value": ""}]
        tagged = client.create_key_pair(KeyName="tagged", TagSpecifications=[{"ResourceType": "key-pair", "Tags": tags}])
        self.addCleanup(client.delete_key_pair, KeyName="tagged")
        self.assertEqual(tagged["Tags"], tags)

        def named(**filters):
            wanted = [{"Name": name, "Values": [value]} for name, value in filters.items()]
            return [key["KeyName"] for key in client.describe_key_pairs(Filters=wanted)["KeyPairs"]]

        self.assertEqual(named(**{"tag:a/b": "1"}), ["tagged"])
        client.create_tags(Resources=[plain, tagged["KeyPairId"]], Tags=[{"Key": "d", "Value": "4"}])
        self.assertEqual(named(**{"tag-key": "d"}), ["made", "tagged"])
        client.delete_tags(Resources=[tagged["KeyPairId"]], Tags=[{"Key": "c"}, {"Key": "none"}])
        self.assertEqual(client.describe_key_pairs(KeyNames=["tagged"])["KeyPairs"][0]["Tags"],
                         [tags[0], {"Key": "d", "Value": "4"}])
        shown = client.describe_tags(Filters=[{"Name": "resource-type", "Values": ["key-pair"]}])["Tags"]
        self.assertEqual([(tag["ResourceId"], tag["Key"]) for tag in shown],
                         sorted([(plain, "d"), (tagged["KeyPairId"], "a/b"), (tagged["KeyPairId"], "d")]))
        many = [{"Key": f"k{i}", "Value": ""} for i in range(49)]
        self.refused("TagLimitExceeded", client.create_tags, Resources=[tagged["KeyPairId"]], Tags=many)
        self.refused("InvalidKeyPair.NotFound", client.create_tags, Resources=["key-0123456789abcdef0"], Tags=tags)
        self.refused("InvalidParameterValue", client.create_key_pair, KeyName="other",
                     TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])
        self.assertEqual(named(**{"key-name": "other"}), [])

    def test_what_there_is(self):
        client = self.client()
        self.assertEqual([one["RegionName"] for one in client.describe_regions()["Regions"]], ["RegionOne"])
        zone = client.describe_availability_zones()["AvailabilityZones"][0]
        self.assertEqual((zone["ZoneName"], zone["State"]), ("nova", "available"))
        types = {one["InstanceType"]: one for one in client.describe_instance_types()["InstanceTypes"]}
        self.assertEqual(types["m1.tiny"]["MemoryInfo"]["SizeInMiB"], 512)
        self.assertEqual(types["m1.tiny"]["VCpuInfo"]["DefaultVCpus"], 1)
        pages = client.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 5})
        self.assertEqual(sorted(one["InstanceType"] for page in pages for one in page["InstanceTypes"]), sorted(types))
        self.refused("InvalidInstanceType", client.describe_instance_types, InstanceTypes=["t2.micro"])
        offered = client.get_paginator("describe_instance_type_offerings").paginate(PaginationConfig={"PageSize": 5})
        self.assertEqual(sorted(one["InstanceType"] for page in offered for one in page["InstanceTypeOfferings"]),
                         sorted(types))
        in_zone = self.aws("describe-instance-type-offerings", "--location-type", "availability-zone", "--filters",
                           "Name=instance-type,Values=m1.tiny")["InstanceTypeOfferings"]
        self.assertEqual(in_zone, [{"InstanceType": "m1.tiny", "LocationType": "availability-zone", "Location": "nova"}])
        self.assertEqual(client.describe_instance_types(Filters=[{"Name": "bare-metal", "Values": ["true"]}])[
            "InstanceTypes"], [])
        self.assertEqual(client.get_ebs_encryption_by_default()["EbsEncryptionByDefault"], False)
        image = client.describe_images(ImageIds=[self.image()])["Images"][0]
        self.assertEqual((image["State"], image["Public"]), ("available", True))
        attributes = {one["AttributeName"] for one in client.describe_account_attributes()["AccountAttributes"]}
        self.assertIn("max-instances", attributes)
        # The path of the article's time.
        self.assertTrue(self.client(path="/services/Cloud").describe_images()["Images"])

    # --- who may ---

    def test_a_wrong_key_or_signature(self):
        access, secret = self.key()
        for key in ((access, secret + "x"), ("0" * 32, secret), ("nobody", "nothing")):
            answer = self.refused("AuthFailure", self.client(key=key).describe_instances)
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 401)
        unsigned = self.http("POST", "/ec2", b"Action=DescribeInstances", token="demo")
        self.assertIn("MissingAuthenticationToken", unsigned.text)
        self.assertEqual(self.http("DELETE", "/ec2", token=None).status, 405)

    def test_a_clock_that_is_wrong(self):
        for minutes in (-4, 4):
            self.assertEqual(self.post("Action=DescribeRegions", minutes)[0], 200)
        for minutes in (-10, 10):
            self.assertEqual(self.post("Action=DescribeRegions", minutes), (400, "RequestExpired"))

    def test_malformed_requests(self):
        for code, form in (("MalformedQueryString", "Action=DescribeInstances&InstanceId.2=i-00000001"),
                           ("MalformedQueryString", "Action=DescribeInstances&Action=RunInstances"),
                           ("MalformedQueryString", "Action=Describe%ZZ"),
                           ("InvalidAction", "Action=DescribeFpgaImages"), ("InvalidAction", "Action=%3Cx%3E%01"),
                           ("MissingParameter", ""), ("MissingParameter", "Action=RunInstances&MinCount=1&MaxCount=1"),
                           ("UnknownParameter", "Action=DescribeInstances&Instances.1=x"),
                           ("InvalidUserData.Malformed",
                            "Action=RunInstances&MinCount=1&MaxCount=1&ImageId=x&UserData=%25%25"),
                           ("InvalidParameterValue", "Action=DescribeInstances&DryRun=maybe")):
            with self.subTest(form):
                self.assertEqual(self.post(form), (400, code))
        self.assertEqual(self.post("Action=DescribeInstances&" + "x" * 40_000)[0], 413)

    def test_a_credential_is_its_users_in_its_project(self):
        id, = self.run_and_wait()
        for other in ("devstack-alt", "devstack-admin"):
            client = self.client(other)
            self.refused("InvalidInstanceID.NotFound", client.describe_instances, InstanceIds=[id])
            self.refused("InvalidInstanceID.NotFound", client.terminate_instances, InstanceIds=[id])
            self.refused("InvalidInstanceID.NotFound", client.create_tags, Resources=[id],
                         Tags=[{"Key": "a", "Value": "b"}])
            self.refused("InvalidInstanceID.NotFound", client.get_console_output, InstanceId=id)
            self.assertNotIn(id, str(client.describe_instances()))
        self.assertEqual(self.states([id]), {id: "running"})

    def test_roles(self):
        admin = "devstack-admin"
        self.openstack("user", "create", "--password", "look only", "looker", cloud=admin)
        self.command("role", "add", "--user", "looker", "--project", "demo", "reader", cloud=admin)
        me = {"OS_USERNAME": "looker", "OS_PASSWORD": "look only", "OS_PROJECT_NAME": "demo",
              "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default"}
        made = self.openstack("ec2", "credentials", "create", "--user", "looker", "--project", "demo", cloud=admin)
        key = (made["access"], made["secret"])
        client = self.client(key=key)
        client.describe_instances()
        answer = self.refused("UnauthorizedOperation", client.run_instances, ImageId="ami-00000000000000000",
                              MinCount=1, MaxCount=1)
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 403)
        # Another user's name in a credential of one's own opens nothing.
        boss = self.openstack("user", "show", "admin", cloud=admin)["id"]
        credential = next(one for one in self.openstack("credential", "list", cloud=me) if key[0] in str(one))
        self.command("credential", "set", "--user", boss, "--type", "ec2", "--project", "demo", "--data",
                     json.dumps({"access": key[0], "secret": key[1]}), credential["ID"], cloud=admin)
        self.refused("AuthFailure", client.describe_instances)
        made = self.openstack("ec2", "credentials", "create", "--user", "looker", "--project", "demo", cloud=admin)
        client = self.client(key=(made["access"], made["secret"]))
        client.describe_instances()
        self.command("user", "set", "--disable", "looker", cloud=admin)
        self.refused("AuthFailure", client.describe_instances)
        self.command("user", "delete", "looker", cloud=admin)

    def test_a_credential_that_is_deleted_opens_nothing(self):
        made = self.openstack("ec2", "credentials", "create")
        client = self.client(key=(made["access"], made["secret"]))
        client.describe_regions()
        self.command("ec2", "credentials", "delete", made["access"])
        self.refused("AuthFailure", client.describe_regions)

    def test_credentials_by_the_command(self):
        made = self.cloud.json("ec2", "credentials", "create")
        client = self.client(key=(made["access"], made["secret"]))
        client.describe_regions()
        self.assertEqual(self.cloud.json("ec2", "credentials", "show", made["access"]), made)
        self.assertIn(made, self.cloud.json("ec2", "credentials", "list"))
        self.cloud.run("ec2", "credentials", "delete", made["access"])
        self.refused("AuthFailure", client.describe_regions)
        gone = self.cloud.run("ec2", "credentials", "delete", made["access"], check=False)
        self.assertEqual((gone.returncode, gone.stderr), (4, f"kilonova: access key '{made['access']}' not found\n"))
        wrong = self.cloud.run("--os-password", "wrong", "ec2", "credentials", "list", check=False)
        self.assertEqual(wrong.returncode, 7, wrong.stderr)
        blind = self.cloud.run("--endpoint", "127.0.0.1:1", "ec2", "credentials", "list", check=False,
                               env={"OS_AUTH_URL": ""})
        self.assertEqual(blind.returncode, 2, blind.stderr)
        self.assertIn("OS_AUTH_URL", blind.stderr)

    def test_a_console_says_what_it_said_in_base64(self):
        id, = self.run_and_wait()
        _, body = self.post(f"Action=GetConsoleOutput&InstanceId={id}")
        said = base64.b64decode(body.split("<output>")[1].split("</output>")[0]).decode()
        self.assertEqual(self.client().get_console_output(InstanceId=id)["Output"], said)


if __name__ == "__main__":
    unittest.main()
