"""Network interfaces of EC2, by AWS's own clients of Debian, unmodified."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from ec2 import Ec2Case


class Ec2InterfacesTest(Ec2Case):
    def test_interfaces_that_a_launch_makes_as_it_says(self):
        """Groups of their own, several addresses, a description, tags, and one that stays."""
        client = self.client()
        self.command("network", "create", "made")
        self.command("subnet", "create", "--network", "made", "--subnet-range", "192.168.44.0/28", "made4")
        subnet, = [one["SubnetId"] for one in client.describe_subnets()["Subnets"] if one["CidrBlock"] == "192.168.44.0/28"]
        front, back = self.group("made-front"), self.group("made-back")
        tags = [{"ResourceType": "network-interface", "Tags": [{"Key": "role", "Value": "edge"}]}]
        launch = {"TagSpecifications": tags, "ClientToken": "made", "NetworkInterfaces": [
            {"DeviceIndex": 0, "SubnetId": subnet, "Groups": [front], "Description": "the front",
             "PrivateIpAddresses": [{"PrivateIpAddress": "192.168.44.9", "Primary": True},
                                    {"PrivateIpAddress": "192.168.44.10", "Primary": False}]},
            {"DeviceIndex": 1, "SubnetId": subnet, "Groups": [back], "SecondaryPrivateIpAddressCount": 2,
             "DeleteOnTermination": False}]}
        id, = self.run_and_wait(**launch)
        self.assertEqual(self.run_some(**launch)["Instances"][0]["InstanceId"], id)
        first, second = self.instance(id)["NetworkInterfaces"]
        self.assertEqual([one["PrivateIpAddress"] for one in first["PrivateIpAddresses"]],
                         ["192.168.44.9", "192.168.44.10"])
        self.assertEqual((first["Description"], [group["GroupId"] for group in first["Groups"]]), ("the front", [front]))
        self.assertEqual(len(second["PrivateIpAddresses"]), 3)
        self.assertEqual([group["GroupId"] for group in second["Groups"]], [back])
        self.assertEqual([one["Attachment"]["DeleteOnTermination"] for one in (first, second)], [True, False])
        by_tag = [{"Name": "tag:role", "Values": ["edge"]}]
        found = client.describe_network_interfaces(Filters=by_tag)["NetworkInterfaces"]
        self.assertEqual({one["NetworkInterfaceId"] for one in found},
                         {first["NetworkInterfaceId"], second["NetworkInterfaceId"]})
        for name, value in (("description", "the front"), ("addresses.private-ip-address", "192.168.44.10"),
                            ("attachment.attachment-id", first["Attachment"]["AttachmentId"]),
                            ("attachment.delete-on-termination", "true"), ("group-id", front)):
            own = [{"Name": name, "Values": [value]}, {"Name": "attachment.instance-id", "Values": [id]}]
            found = client.describe_network_interfaces(Filters=own)["NetworkInterfaces"]
            self.assertEqual([one["NetworkInterfaceId"] for one in found], [first["NetworkInterfaceId"]], name)
            found = client.describe_instances(Filters=[{"Name": "network-interface." + name, "Values": [value]},
                                                       {"Name": "instance-id", "Values": [id]}])["Reservations"]
            self.assertEqual([one["InstanceId"] for group in found for one in group["Instances"]], [id], name)
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        left = client.describe_network_interfaces(Filters=by_tag)["NetworkInterfaces"]
        self.assertEqual([(one["NetworkInterfaceId"], one["Status"]) for one in left],
                         [(second["NetworkInterfaceId"], "available")])
        port, = [one["ID"] for one in self.openstack("port", "list", "--network", "made")]
        self.command("port", "delete", port)
        self.command("network", "delete", "made")

    def test_a_launch_on_an_interface_is_asked_for_again(self):
        client = self.client()
        self.command("port", "create", "--network", "private", "again")
        kept, = client.describe_network_interfaces(Filters=[{"Name": "status", "Values": ["available"]}])[
            "NetworkInterfaces"]
        launch = {"ClientToken": "on-an-interface", "NetworkInterfaces": [
            {"DeviceIndex": 0, "NetworkInterfaceId": kept["NetworkInterfaceId"]}]}
        first = self.run_some(**launch)
        id = first["Instances"][0]["InstanceId"]
        self.wait("instance_running", [id])
        again = self.run_some(**launch)
        self.assertEqual((again["ReservationId"], again["Instances"][0]["InstanceId"]), (first["ReservationId"], id))
        self.refused("InvalidNetworkInterface.InUse", self.run_some, **(launch | {"ClientToken": "another"}))
        self.refused("IdempotentParameterMismatch", self.run_some, **(launch | {"InstanceType": "m1.small"}))
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        self.command("port", "delete", "again")

    def test_interfaces_that_are_made_and_attached(self):
        client = self.client()
        self.command("network", "create", "nics")
        self.command("subnet", "create", "--network", "nics", "--subnet-range", "192.168.48.0/28", "nics4")
        subnet, = [one["SubnetId"] for one in client.describe_subnets()["Subnets"] if one["CidrBlock"] == "192.168.48.0/28"]
        web = self.group("nics-web")
        wanted = {"SubnetId": subnet, "Description": "spare", "Groups": [web], "PrivateIpAddress": "192.168.48.9",
                  "ClientToken": "spare", "TagSpecifications": [{"ResourceType": "network-interface",
                                                                 "Tags": [{"Key": "Name", "Value": "spare"}]}]}
        made = client.create_network_interface(**wanted)["NetworkInterface"]
        eni = made["NetworkInterfaceId"]
        self.assertEqual((made["Status"], made["PrivateIpAddress"], made["SubnetId"], made["Groups"][0]["GroupId"],
                          made["TagSet"]),
                         ("available", "192.168.48.9", subnet, web, [{"Key": "Name", "Value": "spare"}]))
        self.assertEqual(client.create_network_interface(**wanted)["NetworkInterface"]["NetworkInterfaceId"], eni)
        self.refused("IdempotentParameterMismatch", client.create_network_interface,
                     **(wanted | {"Description": "another"}))
        self.refused("InvalidIPAddress.InUse", client.create_network_interface, SubnetId=subnet,
                     PrivateIpAddress="192.168.48.9")
        self.refused("InvalidSubnetID.NotFound", client.create_network_interface, SubnetId="subnet-00000000000000000")
        self.assertEqual(len(self.openstack("port", "list", "--network", "nics")), 1)
        # More addresses, and other attributes.
        more = client.assign_private_ip_addresses(NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount=2)
        more = [one["PrivateIpAddress"] for one in more["AssignedPrivateIpAddresses"]]
        client.assign_private_ip_addresses(NetworkInterfaceId=eni, PrivateIpAddresses=["192.168.48.13"])
        client.unassign_private_ip_addresses(NetworkInterfaceId=eni, PrivateIpAddresses=more)
        self.refused("InvalidParameterValue", client.unassign_private_ip_addresses, NetworkInterfaceId=eni,
                     PrivateIpAddresses=["192.168.48.9"])
        shown, = client.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"]
        self.assertEqual([(one["PrivateIpAddress"], one["Primary"]) for one in shown["PrivateIpAddresses"]],
                         [("192.168.48.9", True), ("192.168.48.13", False)])
        client.modify_network_interface_attribute(NetworkInterfaceId=eni, Description={"Value": "second"})
        client.modify_network_interface_attribute(NetworkInterfaceId=eni, SourceDestCheck={"Value": True})
        self.refused("UnsupportedOperation", client.modify_network_interface_attribute, NetworkInterfaceId=eni,
                     SourceDestCheck={"Value": False})
        self.assertEqual(client.describe_network_interface_attribute(NetworkInterfaceId=eni, Attribute="description")[
            "Description"], {"Value": "second"})
        self.assertEqual(client.describe_network_interface_attribute(NetworkInterfaceId=eni, Attribute="groupSet")[
            "Groups"], [{"GroupId": web, "GroupName": "nics-web"}])
        # To an instance and back.
        id, = self.run_and_wait(SubnetId=subnet)
        self.refused("UnsupportedOperation", client.attach_network_interface, NetworkInterfaceId=eni, InstanceId=id,
                     DeviceIndex=2)
        self.refused("InvalidParameterValue", client.attach_network_interface, NetworkInterfaceId=eni, InstanceId=id,
                     DeviceIndex=0)
        attachment = self.aws("attach-network-interface", "--network-interface-id", eni, "--instance-id", id,
                              "--device-index", "1")["AttachmentId"]
        self.assertEqual([one["NetworkInterfaceId"] for one in self.instance(id)["NetworkInterfaces"]][1], eni)
        shown = client.describe_network_interface_attribute(NetworkInterfaceId=eni, Attribute="attachment")["Attachment"]
        self.assertEqual((shown["AttachmentId"], shown["InstanceId"], shown["DeviceIndex"]), (attachment, id, 1))
        client.modify_network_interface_attribute(NetworkInterfaceId=eni, Attachment={
            "AttachmentId": attachment, "DeleteOnTermination": False})
        self.refused("InvalidNetworkInterface.InUse", client.delete_network_interface, NetworkInterfaceId=eni)
        first = self.instance(id)["NetworkInterfaces"][0]["Attachment"]["AttachmentId"]
        self.refused("OperationNotPermitted", client.detach_network_interface, AttachmentId=first)
        client.detach_network_interface(AttachmentId=attachment)
        client.get_waiter("network_interface_available").wait(NetworkInterfaceIds=[eni],
                                                              WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.refused("InvalidNetworkInterfaceID.NotFound", self.client("devstack-alt").delete_network_interface,
                     NetworkInterfaceId=eni)
        client.delete_network_interface(NetworkInterfaceId=eni)
        self.refused("InvalidNetworkInterfaceID.NotFound", client.delete_network_interface, NetworkInterfaceId=eni)
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        self.command("network", "delete", "nics")

    def test_a_public_address_at_launch(self):
        client = self.client()
        subnet = client.describe_subnets(Filters=[{"Name": "ipv6-native", "Values": ["false"]}])["Subnets"][0]["SubnetId"]
        launch = {"ClientToken": "public", "NetworkInterfaces": [
            {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}]}
        id, = self.run_and_wait(**launch)
        public = self.instance(id)["PublicIpAddress"]
        self.assertEqual(self.run_some(**launch)["Instances"][0]["PublicIpAddress"], public)
        address, = client.describe_addresses(PublicIps=[public])["Addresses"]
        self.assertEqual(address["InstanceId"], id)
        interface, = client.describe_network_interfaces(
            Filters=[{"Name": "association.allocation-id", "Values": [address["AllocationId"]]}])["NetworkInterfaces"]
        self.assertEqual(interface["Association"]["PublicIp"], public)
        # It goes with its instance, whoever ends that.
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        self.refused("InvalidAddress.NotFound", client.describe_addresses, PublicIps=[public])
        self.assertNotIn(public, [one["Floating IP Address"] for one in self.openstack("floating", "ip", "list")])
        # One that is led elsewhere is its user's, and stays.
        id, = self.run_and_wait(**(launch | {"ClientToken": "public2"}))
        public = self.instance(id)["PublicIpAddress"]
        client.disassociate_address(PublicIp=public)
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        client.release_address(PublicIp=public)
        # Where no router leads there, nothing is launched, and nothing is left.
        self.command("network", "create", "inner")
        self.command("subnet", "create", "--network", "inner", "--subnet-range", "192.168.46.0/28", "inner4")
        inner, = [one["SubnetId"] for one in client.describe_subnets()["Subnets"] if one["CidrBlock"] == "192.168.46.0/28"]
        before = [len(client.describe_addresses()["Addresses"]), len(client.describe_network_interfaces()["NetworkInterfaces"])]
        self.refused("Gateway.NotAttached", self.run_some, NetworkInterfaces=[
            {"DeviceIndex": 0, "SubnetId": inner, "AssociatePublicIpAddress": True}])
        self.assertEqual([len(client.describe_addresses()["Addresses"]),
                          len(client.describe_network_interfaces()["NetworkInterfaces"])], before)
        self.command("network", "delete", "inner")

    def test_tags_of_what_neutron_keeps(self):
        client = self.client()
        made = client.allocate_address(TagSpecifications=[{"ResourceType": "elastic-ip",
                                                           "Tags": [{"Key": "team", "Value": "blue"}]}])
        self.addCleanup(client.release_address, AllocationId=made["AllocationId"])
        by_tag = [{"Name": "tag:team", "Values": ["blue"]}]
        found, = client.describe_addresses(Filters=by_tag)["Addresses"]
        self.assertEqual((found["AllocationId"], found["Tags"]), (made["AllocationId"], [{"Key": "team", "Value": "blue"}]))
        self.assertEqual(self.aws("describe-addresses-attribute")["Addresses"][0]["AllocationId"], made["AllocationId"])
        self.command("network", "create", "tagged")
        self.command("subnet", "create", "--network", "tagged", "--subnet-range", "192.168.47.0/28", "tagged4")
        subnet, = [one["SubnetId"] for one in client.describe_subnets()["Subnets"] if one["CidrBlock"] == "192.168.47.0/28"]
        id, = self.run_and_wait(SubnetId=subnet)
        interface = self.instance(id)["NetworkInterfaces"][0]["NetworkInterfaceId"]
        client.create_tags(Resources=[subnet, interface], Tags=[{"Key": "team", "Value": "blue"}])
        types = {tag["ResourceType"]: tag["ResourceId"] for tag in client.describe_tags(
            Filters=[{"Name": "key", "Values": ["team"]}])["Tags"]}
        self.assertEqual(types, {"elastic-ip": made["AllocationId"], "subnet": subnet, "network-interface": interface})
        self.assertEqual([one["SubnetId"] for one in client.describe_subnets(Filters=by_tag)["Subnets"]], [subnet])
        # A change by Neutron's API leaves them alone, and Neutron's own tags are others.
        self.command("subnet", "set", "--tag", "plain", "--description", "changed", "tagged4")
        self.assertEqual(client.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["Tags"], [{"Key": "team", "Value": "blue"}])
        client.delete_tags(Resources=[subnet, interface], Tags=[{"Key": "team"}])
        self.assertEqual(client.describe_subnets(Filters=by_tag)["Subnets"], [])
        private, = {one["SubnetId"] for one in client.describe_subnets(Filters=[{"Name": "ipv6-native", "Values": ["false"]}])[
            "Subnets"]} - {subnet}
        self.refused("UnauthorizedOperation", client.create_tags, Resources=[private], Tags=[{"Key": "a", "Value": "b"}])
        self.refused("InvalidNetworkInterfaceID.NotFound", self.client("devstack-alt").create_tags, Resources=[interface],
                     Tags=[{"Key": "a", "Value": "b"}])
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        self.command("network", "delete", "tagged")


if __name__ == "__main__":
    unittest.main()
