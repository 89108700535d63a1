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
        clients[0].terminate_instances(InstanceIds=list(ids))
        self.wait("instance_terminated", list(ids))

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
        client.delete_key_pair(KeyPairId=brought["KeyPairId"])
        client.delete_key_pair(KeyName="brought")
        self.assertNotIn("brought", [key["KeyName"] for key in client.describe_key_pairs()["KeyPairs"]])

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

    # --- attributes ---

    def test_attributes(self):
        client = self.client()
        id, = self.run_and_wait(UserData="#!/bin/sh")

        def shown(attribute):
            return client.describe_instance_attribute(InstanceId=id, Attribute=attribute)

        self.assertEqual(shown("instanceType")["InstanceType"], {"Value": "m1.tiny"})
        self.assertEqual(base64.b64decode(shown("userData")["UserData"]["Value"]), b"#!/bin/sh")
        self.assertEqual(shown("disableApiTermination")["DisableApiTermination"], {"Value": False})
        self.assertEqual(shown("instanceInitiatedShutdownBehavior")["InstanceInitiatedShutdownBehavior"],
                         {"Value": "stop"})
        self.assertEqual(shown("rootDeviceName")["RootDeviceName"], {"Value": "/dev/vda"})
        self.assertEqual([group["GroupName"] for group in shown("groupSet")["Groups"]], ["default"])
        for attribute in ("sourceDestCheck", "ebsOptimized", "kernel", "ramdisk", "productCodes", "blockDeviceMapping"):
            self.assertEqual(shown(attribute)["InstanceId"], id)
        self.assertEqual(self.post(f"Action=DescribeInstanceAttribute&InstanceId={id}&Attribute=colour"),
                         (400, "InvalidParameterValue"))
        self.assertEqual(client.get_password_data(InstanceId=id)["PasswordData"], "")
        monitoring = client.unmonitor_instances(InstanceIds=[id])["InstanceMonitorings"]
        self.assertEqual(monitoring, [{"InstanceId": id, "Monitoring": {"State": "disabled"}}])
        self.refused("UnsupportedOperation", client.monitor_instances, InstanceIds=[id])

    def test_attributes_are_changed_or_refused(self):
        client = self.client()
        id, = self.run_and_wait()
        group = client.create_security_group(GroupName="changed", Description="of a test")["GroupId"]
        client.modify_instance_attribute(InstanceId=id, Groups=[group])
        shown = client.describe_instance_attribute(InstanceId=id, Attribute="groupSet")["Groups"]
        self.assertEqual(shown, [{"GroupId": group, "GroupName": "changed"}])
        self.refused("InvalidGroup.InUse", client.delete_security_group, GroupId=group)
        default = client.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
        client.modify_instance_attribute(InstanceId=id, Groups=[default])
        client.delete_security_group(GroupId=group)
        # What it is already it may be; what would be another thing is refused, and nothing is changed.
        client.modify_instance_attribute(InstanceId=id, InstanceType={"Value": "m1.tiny"})
        client.modify_instance_attribute(InstanceId=id, SourceDestCheck={"Value": True})
        client.modify_instance_attribute(InstanceId=id, DisableApiTermination={"Value": False})
        client.modify_instance_attribute(InstanceId=id, Attribute="ebsOptimized", Value="false")
        for wanted in ({"InstanceType": {"Value": "m1.small"}}, {"SourceDestCheck": {"Value": False}},
                       {"DisableApiTermination": {"Value": True}}, {"UserData": {"Value": b"new"}},
                       {"Kernel": {"Value": "aki-1"}}):
            with self.subTest(wanted):
                self.refused("UnsupportedOperation", client.modify_instance_attribute, InstanceId=id, **wanted)
        self.refused("InvalidParameterCombination", client.modify_instance_attribute, InstanceId=id)
        self.refused("InvalidGroup.NotFound", client.modify_instance_attribute, InstanceId=id,
                     Groups=["sg-00000000000000000"])
        self.refused("InvalidInstanceID.NotFound", self.client("devstack-alt").modify_instance_attribute, InstanceId=id,
                     Groups=[default])

    # --- images, tags and what there is none of ---

    def test_an_image_of_an_instance(self):
        client = self.client()
        id, = self.run_and_wait()
        made = client.create_image(InstanceId=id, Name="golden", Description="of a test", NoReboot=True,
                                   TagSpecifications=[{"ResourceType": "image",
                                                       "Tags": [{"Key": "role", "Value": "web"}]}])["ImageId"]
        client.get_waiter("image_available").wait(ImageIds=[made], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        shown, = client.describe_images(Owners=["self"], Filters=[{"Name": "tag:role", "Values": ["web"]}])["Images"]
        self.assertEqual((shown["ImageId"], shown["Name"], shown["Description"]), (made, "golden", "of a test"))
        self.refused("InvalidAMIName.Duplicate", client.create_image, InstanceId=id, Name="golden")
        self.refused("InvalidAMIName.Malformed", client.create_image, InstanceId=id, Name="x")
        described = client.describe_image_attribute(ImageId=made, Attribute="description")["Description"]
        self.assertEqual(described, {"Value": "of a test"})
        permissions = client.describe_image_attribute(ImageId=made, Attribute="launchPermission")
        self.assertEqual(permissions["LaunchPermissions"], [])
        client.create_tags(Resources=[made], Tags=[{"Key": "stage", "Value": "test"}])
        self.refused("InvalidParameterValue", client.create_tags, Resources=[made],
                     Tags=[{"Key": "size", "Value": "1"}])
        client.delete_tags(Resources=[made], Tags=[{"Key": "role"}])
        shown, = client.describe_images(ImageIds=[made])["Images"]
        tags = {tag["Key"]: tag["Value"] for tag in shown["Tags"]}
        self.assertEqual(tags.get("stage"), "test")
        self.assertNotIn("role", tags)
        again, = self.run_and_wait(ImageId=made)
        client.terminate_instances(InstanceIds=[again])
        for other in ("devstack-alt", "devstack-admin"):
            self.refused("InvalidAMIID.NotFound", self.client(other).deregister_image, ImageId=made)
        client.deregister_image(ImageId=made)
        self.refused("InvalidAMIID.NotFound", client.describe_images, ImageIds=[made])
        self.refused("AuthFailure", client.deregister_image, ImageId=self.image())
        self.refused("UnauthorizedOperation", client.create_tags, Resources=[self.image()],
                     Tags=[{"Key": "a", "Value": "b"}])
        self.refused("UnsupportedOperation", client.register_image, Name="mine", ImageLocation="bucket/manifest")

    def test_tags_of_groups_in_pages(self):
        client = self.client()
        tags = [{"Key": f"key{n}", "Value": str(n)} for n in range(7)]
        group = client.create_security_group(GroupName="tagged", Description="of a test", TagSpecifications=[
            {"ResourceType": "security-group", "Tags": tags}])["GroupId"]
        self.addCleanup(client.delete_security_group, GroupId=group)
        own = [{"Name": "resource-id", "Values": [group]}]
        pages = list(client.get_paginator("describe_tags").paginate(Filters=own, PaginationConfig={"PageSize": 5}))
        self.assertEqual([len(page["Tags"]) for page in pages], [5, 2])
        self.assertEqual({tag["ResourceType"] for page in pages for tag in page["Tags"]}, {"security-group"})
        found = client.describe_security_groups(Filters=[{"Name": "tag:key3", "Values": ["3"]}])["SecurityGroups"]
        self.assertEqual([one["GroupId"] for one in found], [group])
        # A change by Neutron's API leaves them alone.
        self.command("security", "group", "set", "--description", "changed", "tagged")
        client.delete_tags(Resources=[group], Tags=[{"Key": "key0"}, {"Key": "key1", "Value": "none"}])
        self.assertEqual(len(client.describe_tags(Filters=own)["Tags"]), 6)
        self.refused("TagLimitExceeded", client.create_tags, Resources=[group],
                     Tags=[{"Key": f"more{n}", "Value": ""} for n in range(45)])
        self.refused("InvalidParameterValue", client.create_tags, Resources=[group],
                     Tags=[{"Key": "k" * 129, "Value": ""}])
        self.refused("InvalidID", client.create_tags, Resources=["vol-00000000000000000"], Tags=tags)
        self.assertEqual(len(client.describe_tags(Filters=own)["Tags"]), 6)
        self.refused("InvalidParameterValue", client.describe_tags, NextToken="first")
        self.refused("InvalidGroup.NotFound", self.client("devstack-alt").create_tags, Resources=[group], Tags=tags)

    def test_there_are_no_volumes(self):
        client = self.client()
        attached = [{"Name": "attachment.instance-id", "Values": ["i-1"]}]
        self.assertEqual(client.describe_volumes(Filters=attached)["Volumes"], [])
        self.assertEqual(client.describe_snapshots(OwnerIds=["self"])["Snapshots"], [])
        self.refused("InvalidVolume.NotFound", client.describe_volumes, VolumeIds=["vol-00000000000000000"])
        self.refused("InvalidVolumeID.Malformed", client.describe_volumes, VolumeIds=["v"])
        self.refused("InvalidSnapshot.NotFound", client.describe_snapshots, SnapshotIds=["snap-00000000000000000"])
        self.refused("InvalidParameterValue", client.describe_volumes, Filters=[{"Name": "colour", "Values": ["red"]}])


if __name__ == "__main__":
    unittest.main()
