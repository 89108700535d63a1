"""Attributes, images and tags of EC2, by AWS's own clients of Debian, unmodified."""

import base64
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from ec2 import Ec2Case


class Ec2AttributesTest(Ec2Case):
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
        self.assertEqual(shown("enclaveOptions")["EnclaveOptions"], {"Enabled": False})
        self.assertEqual(client.describe_instance_credit_specifications()["InstanceCreditSpecifications"], [])
        self.refused("UnsupportedOperation", client.describe_instance_credit_specifications, InstanceIds=[id])
        for name, value, fits in (("source-dest-check", "true", True), ("hibernation-options.configured", "true", False),
                                  ("host-id", "*", False), ("block-device-mapping.volume-id", "*", False)):
            found = client.describe_instances(Filters=[{"Name": "instance-id", "Values": [id]},
                                                       {"Name": name, "Values": [value]}])["Reservations"]
            self.assertEqual(len(found), 1 if fits else 0, name)
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
        self.refused("DependencyViolation", client.delete_security_group, GroupId=group)
        default = client.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
        client.modify_instance_attribute(InstanceId=id, Groups=[default])
        client.delete_security_group(GroupId=group)
        # What it is already it may be; what would be another thing is refused, and nothing is changed.
        client.modify_instance_attribute(InstanceId=id, InstanceType={"Value": "m1.tiny"})
        client.modify_instance_attribute(InstanceId=id, SourceDestCheck={"Value": True})
        client.modify_instance_attribute(InstanceId=id, DisableApiTermination={"Value": False})
        client.modify_instance_attribute(InstanceId=id, Attribute="ebsOptimized", Value="false")
        self.refused("IncorrectInstanceState", client.modify_instance_attribute, InstanceId=id,
                     InstanceType={"Value": "m1.small"})
        for wanted in ({"SourceDestCheck": {"Value": False}},
                       {"DisableApiTermination": {"Value": True}}, {"UserData": {"Value": b"new"}},
                       {"Kernel": {"Value": "aki-1"}}):
            with self.subTest(wanted):
                self.refused("UnsupportedOperation", client.modify_instance_attribute, InstanceId=id, **wanted)
        self.refused("InvalidParameterCombination", client.modify_instance_attribute, InstanceId=id)
        self.refused("InvalidGroup.NotFound", client.modify_instance_attribute, InstanceId=id,
                     Groups=["sg-00000000000000000"])
        self.refused("InvalidInstanceID.NotFound", self.client("devstack-alt").modify_instance_attribute, InstanceId=id,
                     Groups=[default])

    def test_a_stopped_instance_has_another_type(self):
        client = self.client()
        id, = self.run_and_wait()
        client.stop_instances(InstanceIds=[id])
        self.wait("instance_stopped", [id])
        self.refused("InvalidInstanceAttributeValue", client.modify_instance_attribute, InstanceId=id,
                     InstanceType={"Value": "t2.micro"})
        self.aws("modify-instance-attribute", "--instance-id", id, "--instance-type", "Value=m1.small")
        shown = client.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
        self.assertEqual((shown["InstanceType"], shown["State"]["Name"]), ("m1.small", "stopped"))
        client.start_instances(InstanceIds=[id])
        self.wait("instance_running", [id])
        # Where no host takes it, it is as it was.
        client.stop_instances(InstanceIds=[id])
        self.wait("instance_stopped", [id])
        self.command("flavor", "create", "--ram", "512", "--vcpus", "1", "--disk", "1000000", "huge",
                     cloud="devstack-admin")
        self.refused("InsufficientInstanceCapacity", client.modify_instance_attribute, InstanceId=id,
                     InstanceType={"Value": "huge"})
        shown = client.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
        self.assertEqual((shown["InstanceType"], shown["State"]["Name"]), ("m1.small", "stopped"))
        self.command("flavor", "delete", "huge", cloud="devstack-admin")

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
