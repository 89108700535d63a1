"""What EC2 has of networks, by AWS's own clients of Debian, unmodified."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from ec2 import Ec2Case

ANYWHERE = "0.0.0.0/0"


class Ec2NetworkTest(Ec2Case):
    def permissions(self, group):
        shown = self.client().describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        return sorted((one["IpProtocol"], one.get("FromPort"), one.get("ToPort"),
                       sorted([range["CidrIp"] for range in one["IpRanges"]] +
                              [range["CidrIpv6"] for range in one["Ipv6Ranges"]] +
                              [pair["GroupId"] for pair in one["UserIdGroupPairs"]]))
                      for one in shown["IpPermissions"])

    # --- security groups ---

    def test_a_group_by_the_command(self):
        made = self.aws("create-security-group", "--group-name", "ssh", "--description", "by the command")["GroupId"]
        self.assertRegex(made, "^sg-[0-9a-f]{17}$")
        self.aws("authorize-security-group-ingress", "--group-name", "ssh", "--protocol", "tcp", "--port", "22",
                 "--cidr", "10.0.0.7/8")
        self.assertEqual(self.permissions(made), [("tcp", 22, 22, ["10.0.0.0/8"])])
        # The same group everywhere.
        rules = self.openstack("security", "group", "rule", "list", "ssh", "--ingress")
        self.assertEqual([(rule["IP Protocol"], rule["IP Range"], rule["Port Range"]) for rule in rules],
                         [("tcp", "10.0.0.0/8", "22:22")])
        self.aws("revoke-security-group-ingress", "--group-id", made, "--protocol", "tcp", "--port", "22", "--cidr",
                 "10.0.0.0/8")
        self.assertEqual(self.permissions(made), [])
        self.aws("delete-security-group", "--group-name", "ssh")
        self.assertNotIn("ssh", [group["Name"] for group in self.openstack("security", "group", "list")])

    def test_rules(self):
        client, web = self.client(), self.group("web")
        db = self.group("db")
        permissions = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "IpRanges": [{"CidrIp": ANYWHERE}],
                        "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "six"}]},
                       {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": ANYWHERE}]},
                       {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": db}]}]
        made = client.authorize_security_group_ingress(GroupId=web, IpPermissions=permissions)["SecurityGroupRules"]
        self.assertEqual([one["IpProtocol"] for one in made], ["tcp", "tcp", "icmp", "-1"])
        self.assertEqual(made[1]["Description"], "six")
        shown = [("-1", None, None, [db]), ("icmp", 8, -1, [ANYWHERE]), ("tcp", 80, 81, [ANYWHERE, "::/0"])]
        self.assertEqual(self.permissions(web), shown)
        # What is there once stays once, and what is refused in part changes nothing.
        more = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": ANYWHERE}]}
        self.refused("InvalidPermission.Duplicate", client.authorize_security_group_ingress, GroupId=web,
                     IpPermissions=[more, permissions[1]])
        self.refused("InvalidPermission.NotFound", client.revoke_security_group_ingress, GroupId=web,
                     IpPermissions=[permissions[1], more])
        self.refused("InvalidParameterValue", client.authorize_security_group_ingress, GroupId=web, IpPermissions=[
            more, {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "10.0.0.1"}]}])
        self.assertEqual(self.permissions(web), shown)
        self.refused("DependencyViolation", client.delete_security_group, GroupId=db)
        by_id = client.describe_security_group_rules(SecurityGroupRuleIds=[made[3]["SecurityGroupRuleId"]])
        self.assertEqual(by_id["SecurityGroupRules"][0]["ReferencedGroupInfo"]["GroupId"], db)
        client.revoke_security_group_ingress(GroupId=web, SecurityGroupRuleIds=[made[3]["SecurityGroupRuleId"]])
        client.revoke_security_group_ingress(GroupId=web, IpPermissions=permissions[:2])
        self.assertEqual(self.permissions(web), [])
        # Out it may go to anywhere, until that is taken away.
        out = client.describe_security_groups(GroupIds=[web])["SecurityGroups"][0]["IpPermissionsEgress"]
        client.revoke_security_group_egress(GroupId=web, IpPermissions=out)
        client.authorize_security_group_egress(GroupId=web, IpPermissions=[more])
        out = client.describe_security_groups(GroupIds=[web])["SecurityGroups"][0]["IpPermissionsEgress"]
        self.assertEqual([(one["IpProtocol"], one["FromPort"]) for one in out], [("tcp", 443)])

    def test_groups_are_found_and_filtered(self):
        client = self.client()
        ids = sorted(self.group(f"found{n}") for n in range(6))

        def found(**wanted):
            pages = client.get_paginator("describe_security_groups").paginate(**wanted)
            return sorted(one["GroupId"] for page in pages for one in page["SecurityGroups"])

        name = [{"Name": "group-name", "Values": ["found*"]}]
        self.assertEqual(found(Filters=name), ids)
        self.assertEqual(found(Filters=name, PaginationConfig={"PageSize": 5}), ids)
        self.assertEqual(found(GroupNames=["found1", "found2"], GroupIds=ids[:1]),
                         sorted({ids[0]} | set(found(GroupNames=["found1", "found2"]))))
        default, = client.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
        own = [{"Name": "vpc-id", "Values": [default["VpcId"]]}, {"Name": "owner-id", "Values": [default["OwnerId"]]}]
        self.assertLessEqual(set(ids), set(found(Filters=own)))
        self.refused("InvalidParameterValue", client.describe_security_groups,
                     Filters=[{"Name": "colour", "Values": ["red"]}])
        self.refused("InvalidParameterCombination", client.describe_security_groups, GroupIds=ids, MaxResults=5)
        self.refused("InvalidParameterValue", client.describe_security_groups, NextToken="first")
        pages = client.get_paginator("describe_security_group_rules").paginate(
            Filters=[{"Name": "group-id", "Values": ids}], PaginationConfig={"PageSize": 5})
        self.assertEqual(sorted({one["GroupId"] for page in pages for one in page["SecurityGroupRules"]}), ids)

    def test_groups_that_are_refused(self):
        client, web = self.client(), self.group("refusing")
        self.refused("InvalidGroup.Duplicate", client.create_security_group, GroupName="refusing", Description="again")
        self.refused("InvalidGroup.Duplicate", client.create_security_group, GroupName="default", Description="mine")
        self.refused("InvalidGroup.Reserved", client.create_security_group, GroupName="Default", Description="mine")
        self.refused("InvalidParameterValue", client.create_security_group, GroupName="sg-1", Description="an id")
        self.refused("InvalidVpcID.NotFound", client.create_security_group, GroupName="x", Description="x",
                     VpcId="vpc-00000000000000000")
        self.refused("CannotDelete", client.delete_security_group, GroupName="default")
        self.refused("InvalidGroup.NotFound", client.delete_security_group, GroupName="none")
        self.refused("InvalidGroupId.Malformed", client.delete_security_group, GroupId="refusing")
        self.refused("InvalidGroup.NotFound", client.describe_security_groups, GroupIds=["sg-00000000000000000"])
        self.refused("InvalidSecurityGroupRuleId.NotFound", client.describe_security_group_rules,
                     SecurityGroupRuleIds=["sgr-00000000000000000"])
        # Another project's is nobody's, an administrator's own included.
        for other in ("devstack-alt", "devstack-admin"):
            stranger = self.client(other)
            self.refused("InvalidGroup.NotFound", stranger.describe_security_groups, GroupIds=[web])
            self.refused("InvalidGroup.NotFound", stranger.delete_security_group, GroupId=web)
            self.refused("InvalidGroup.NotFound", stranger.authorize_security_group_ingress, GroupId=web,
                         IpProtocol="-1", CidrIp=ANYWHERE)
            self.assertNotIn(web, str(stranger.describe_security_groups()))

    def test_a_group_of_an_instance_stays(self):
        client = self.client()
        web = client.create_security_group(GroupName="kept", Description="by its instance")["GroupId"]
        id, = self.run_and_wait(SecurityGroupIds=[web])
        self.refused("DependencyViolation", client.delete_security_group, GroupId=web)
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        client.delete_security_group(GroupId=web)

    # --- the VPC, its subnets and interfaces ---

    def test_a_project_is_one_vpc(self):
        client = self.client()
        vpc, = client.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        self.assertEqual(self.aws("describe-vpcs", "--vpc-ids", vpc["VpcId"])["Vpcs"][0]["CidrBlock"], vpc["CidrBlock"])
        self.refused("InvalidVpcID.NotFound", client.describe_vpcs, VpcIds=["vpc-00000000000000000"])
        self.refused("InvalidVpcID.Malformed", client.describe_vpcs, VpcIds=["mine"])
        self.refused("InvalidVpcID.NotFound", self.client("devstack-alt").describe_vpcs, VpcIds=[vpc["VpcId"]])
        shown = {one["CidrBlock"] for one in client.describe_subnets(
            Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]}
        self.assertLessEqual({one["Subnet"] for one in self.openstack("subnet", "list", "--network", "private")}, shown)
        self.assertEqual(client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": ["vpc-0*"]},
                                                          {"Name": "cidr-block", "Values": ["none"]}])["Subnets"], [])
        self.refused("InvalidSubnetID.NotFound", client.describe_subnets, SubnetIds=["subnet-00000000000000000"])
        attributes = client.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
        self.assertEqual(attributes[0]["AttributeValues"], [{"AttributeValue": vpc["VpcId"]}])

    def test_where_a_launch_puts_its_instances(self):
        client = self.client()
        self.command("network", "create", "lan")
        for name, cidr in (("lan1", "192.168.41.0/28"), ("lan2", "192.168.42.0/28")):
            self.command("subnet", "create", "--network", "lan", "--subnet-range", cidr, name)
        subnets = {one["CidrBlock"]: one["SubnetId"] for one in client.describe_subnets()["Subnets"]}
        one, other = subnets["192.168.41.0/28"], subnets["192.168.42.0/28"]
        web = self.group("lan-web")
        placed = {"SubnetId": other, "SecurityGroupIds": [web], "ClientToken": "placed"}
        id, = self.run_and_wait(**placed)
        again, = self.run_some(**placed)["Instances"]
        self.assertEqual(again["InstanceId"], id)
        shown = self.instance(id)
        interface, = shown["NetworkInterfaces"]
        self.assertTrue(shown["PrivateIpAddress"].startswith("192.168.42."), shown["PrivateIpAddress"])
        self.assertEqual((shown["SubnetId"], interface["SubnetId"]), (other, other))
        self.assertEqual(shown["SecurityGroups"], [{"GroupId": web, "GroupName": "lan-web"}])
        self.assertEqual(interface["Groups"], shown["SecurityGroups"])
        # One that is made with an address of its own, and one that is there already.
        self.command("port", "create", "--network", "private", "kept")
        kept, = client.describe_network_interfaces(Filters=[{"Name": "status", "Values": ["available"]}])[
            "NetworkInterfaces"]
        wanted = [{"DeviceIndex": 1, "NetworkInterfaceId": kept["NetworkInterfaceId"]},
                  {"DeviceIndex": 0, "SubnetId": one, "PrivateIpAddress": "192.168.41.9", "Groups": [web]}]
        both, = self.run_and_wait(NetworkInterfaces=wanted)
        shown = self.instance(both)
        attached = [(one["Attachment"]["DeviceIndex"], one["PrivateIpAddress"], one["Attachment"]["DeleteOnTermination"])
                    for one in shown["NetworkInterfaces"]]
        self.assertEqual(attached, [(0, "192.168.41.9", True), (1, kept["PrivateIpAddress"], False)])
        self.refused("InvalidNetworkInterface.InUse", self.run_some, NetworkInterfaces=[
            {"DeviceIndex": 0, "NetworkInterfaceId": kept["NetworkInterfaceId"]}])
        self.refused("InvalidIPAddress.InUse", self.run_some, SubnetId=one, PrivateIpAddress="192.168.41.9")
        for name, value, wants in (("subnet-id", other, [id]), ("private-ip-address", "192.168.41.9", [both]),
                                   ("instance.group-name", "lan-web", [id, both]),
                                   ("network-interface.network-interface-id", kept["NetworkInterfaceId"], [both]),
                                   ("instance-lifecycle", "spot", [])):
            found = client.describe_instances(Filters=[{"Name": name, "Values": [value]}])["Reservations"]
            ids = [one["InstanceId"] for group in found for one in group["Instances"]]
            self.assertEqual(sorted(ids), sorted(wants), name)
        attached = client.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": [both]}])
        self.assertEqual({one["NetworkInterfaceId"] for one in attached["NetworkInterfaces"]},
                         {one["NetworkInterfaceId"] for one in shown["NetworkInterfaces"]})
        client.terminate_instances(InstanceIds=[id, both])
        self.wait("instance_terminated", [id, both])
        several = {"SubnetId": other, "ClientToken": "several"}
        ids = self.run_and_wait(count=3, **several)
        self.assertEqual(len(ids), 3)
        self.assertEqual(sorted(one["InstanceId"] for one in self.run_some(count=3, **several)["Instances"]), sorted(ids))
        addresses = {self.instance(id)["PrivateIpAddress"] for id in ids}
        self.assertEqual(len(addresses), 3)
        self.assertTrue(all(address.startswith("192.168.42.") for address in addresses), addresses)
        client.terminate_instances(InstanceIds=ids)
        self.wait("instance_terminated", ids)
        status = client.describe_network_interfaces(NetworkInterfaceIds=[kept["NetworkInterfaceId"]])
        self.assertEqual(status["NetworkInterfaces"][0]["Status"], "available")
        self.command("port", "delete", "kept")
        self.command("network", "delete", "lan")

    def test_each_of_several_instances_has_what_its_interface_is_given(self):
        client = self.client()
        subnet = self.client().describe_subnets(Filters=[{"Name": "ipv6-native", "Values": ["false"]}])["Subnets"][0]
        wanted = {"DeviceIndex": 0, "SubnetId": subnet["SubnetId"], "AssociatePublicIpAddress": True, "Description": "outer"}
        ids = self.run_and_wait(count=3, NetworkInterfaces=[wanted], TagSpecifications=[
            {"ResourceType": "network-interface", "Tags": [{"Key": "of", "Value": "three"}]}])
        interfaces = [interface for id in ids for interface in self.instance(id)["NetworkInterfaces"]]
        self.assertEqual(len({one["Association"]["PublicIp"] for one in interfaces}), 3)
        found = client.describe_network_interfaces(Filters=[{"Name": "tag:of", "Values": ["three"]}])["NetworkInterfaces"]
        self.assertEqual({(one["NetworkInterfaceId"], one["Description"]) for one in found},
                         {(one["NetworkInterfaceId"], "outer") for one in interfaces})
        client.terminate_instances(InstanceIds=ids)
        self.wait("instance_terminated", ids)
        gone = {"Name": "public-ip", "Values": [one["Association"]["PublicIp"] for one in interfaces]}
        self.assertEqual(client.describe_addresses(Filters=[gone])["Addresses"], [])

    def test_places_that_are_none(self):
        before = len(self.client().describe_network_interfaces()["NetworkInterfaces"])
        private = self.client().describe_subnets(Filters=[{"Name": "ipv6-native", "Values": ["false"]}])["Subnets"][0]
        subnet = private["SubnetId"]
        for code, more in (("InvalidSubnetID.Malformed", {"SubnetId": "subnet-1"}),
                           ("InvalidSubnetID.NotFound", {"SubnetId": "subnet-00000000000000000"}),
                           ("InvalidParameterValue", {"SubnetId": subnet, "PrivateIpAddress": "203.0.113.9"}),
                           ("InvalidParameterValue", {"SubnetId": subnet, "PrivateIpAddress": "x"}),
                           ("InvalidParameterCombination", {"SubnetId": subnet, "NetworkInterfaces": [
                               {"DeviceIndex": 0, "SubnetId": subnet}]}),
                           ("MissingParameter", {"NetworkInterfaces": [{"SubnetId": subnet}]}),
                           ("InvalidParameterValue", {"NetworkInterfaces": [{"DeviceIndex": 1, "SubnetId": subnet}]}),
                           ("InvalidParameterValue", {"NetworkInterfaces": [
                               {"DeviceIndex": 0, "SubnetId": subnet}] * 2}),
                           ("InvalidNetworkInterfaceID.NotFound", {"NetworkInterfaces": [
                               {"DeviceIndex": 0, "NetworkInterfaceId": "eni-00000000000000000"}]}),
                           ("InvalidParameterCombination", {"NetworkInterfaces": [
                               {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True},
                               {"DeviceIndex": 1, "SubnetId": subnet}]}),
                           ("InvalidParameterCombination", {"NetworkInterfaces": [
                               {"DeviceIndex": 0, "SubnetId": subnet, "SecondaryPrivateIpAddressCount": 1,
                                "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.8", "Primary": True},
                                                       {"PrivateIpAddress": "10.0.0.9", "Primary": False}]}]}),
                           ("InvalidParameterValue", {"NetworkInterfaces": [
                               {"DeviceIndex": 0, "SubnetId": subnet, "SecondaryPrivateIpAddressCount": 64}]}),
                           ("InvalidParameterValue", {"MaxCount": 1001, "NetworkInterfaces": [
                               {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}]})):
            with self.subTest(more):
                self.refused(code, self.run_some, **more)
        self.refused("InvalidParameterCombination", self.run_some, count=2, SubnetId=subnet,
                     PrivateIpAddress="10.0.0.9")
        self.assertEqual(len(self.client().describe_network_interfaces()["NetworkInterfaces"]), before)

    # --- routers ---

    def test_routers_as_route_tables_and_gateways(self):
        client = self.client()
        vpc = client.describe_vpcs()["Vpcs"][0]["VpcId"]
        in_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
        main, = client.describe_route_tables(Filters=[{"Name": "association.main", "Values": ["true"]}])["RouteTables"]
        # The cloud's own network leads out without a router.
        way_out, = [one["GatewayId"] for one in main["Routes"] if one["DestinationCidrBlock"] == ANYWHERE]
        shown = client.describe_internet_gateways(InternetGatewayIds=[way_out])["InternetGateways"][0]
        self.assertEqual(shown["Attachments"], [{"State": "available", "VpcId": vpc}])
        self.command("network", "create", "routed")
        self.command("subnet", "create", "--network", "routed", "--subnet-range", "192.168.45.0/28", "routed4")
        subnet, = [one["SubnetId"] for one in client.describe_subnets()["Subnets"] if one["CidrBlock"] == "192.168.45.0/28"]
        by_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
        alone, = client.describe_route_tables(Filters=by_subnet)["RouteTables"]
        self.assertEqual([(one["DestinationCidrBlock"], one["GatewayId"]) for one in alone["Routes"]],
                         [("192.168.45.0/28", "local")])
        self.command("router", "create", "ways")
        self.command("router", "set", "--external-gateway", "public", "ways")
        self.command("router", "add", "subnet", "ways", "routed4")
        routed, = client.describe_route_tables(Filters=by_subnet + in_vpc)["RouteTables"]
        self.assertEqual(sorted((one["DestinationCidrBlock"], one["State"]) for one in routed["Routes"]),
                         [(ANYWHERE, "active"), ("192.168.45.0/28", "active")])
        gateway, = [one["GatewayId"] for one in routed["Routes"] if one["DestinationCidrBlock"] == ANYWHERE]
        self.assertEqual(gateway[4:], routed["RouteTableId"][4:])
        self.command("port", "create", "--network", "routed", "--fixed-ip", "ip-address=192.168.45.9", "hop")
        self.command("router", "add", "route", "ways", "--route", "destination=10.99.0.0/16,gateway=192.168.45.9")
        routed = self.aws("describe-route-tables", "--route-table-ids", routed["RouteTableId"])["RouteTables"][0]
        hop, = [one for one in routed["Routes"] if one["DestinationCidrBlock"] == "10.99.0.0/16"]
        self.assertTrue(hop["NetworkInterfaceId"].startswith("eni-"), hop)
        self.assertIn(gateway, [one["InternetGatewayId"] for one in self.aws("describe-internet-gateways")["InternetGateways"]])
        # Each of the two has tags of its own.
        client.create_tags(Resources=[routed["RouteTableId"]], Tags=[{"Key": "Name", "Value": "table"}])
        client.create_tags(Resources=[gateway], Tags=[{"Key": "Name", "Value": "gateway"}])
        by_name = lambda name: [{"Name": "tag:Name", "Values": [name]}]
        self.assertEqual([one["RouteTableId"] for one in client.describe_route_tables(Filters=by_name("table"))["RouteTables"]],
                         [routed["RouteTableId"]])
        self.assertEqual(client.describe_internet_gateways(Filters=by_name("table"))["InternetGateways"], [])
        self.assertEqual(client.describe_internet_gateways(Filters=by_name("gateway"))["InternetGateways"][0]["InternetGatewayId"],
                         gateway)
        self.refused("UnsupportedOperation", client.create_tags, Resources=[main["RouteTableId"]],
                     Tags=[{"Key": "a", "Value": "b"}])
        for other in ("devstack-alt", "devstack-admin"):
            self.refused("InvalidRouteTableID.NotFound", self.client(other).describe_route_tables,
                         RouteTableIds=[routed["RouteTableId"]])
            self.refused("InvalidInternetGatewayID.NotFound", self.client(other).create_tags, Resources=[gateway],
                         Tags=[{"Key": "a", "Value": "b"}])
        self.refused("InvalidRouteTableId.Malformed", client.describe_route_tables, RouteTableIds=["rtb-1"])
        acl, = client.describe_network_acls(Filters=by_subnet + [{"Name": "default", "Values": ["true"]}])["NetworkAcls"]
        self.assertEqual({one["RuleAction"] for one in acl["Entries"]}, {"allow"})
        self.assertIn(subnet, [one["SubnetId"] for one in acl["Associations"]])
        self.refused("InvalidNetworkAclID.NotFound", client.describe_network_acls, NetworkAclIds=["acl-00000000000000000"])
        self.assertEqual(client.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")["EnableDnsSupport"],
                         {"Value": True})
        self.assertEqual(client.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"],
                         {"Value": False})
        self.refused("InvalidVpcID.NotFound", client.describe_vpc_attribute, VpcId="vpc-00000000000000000",
                     Attribute="enableDnsSupport")
        self.command("router", "remove", "route", "ways", "--route", "destination=10.99.0.0/16,gateway=192.168.45.9")
        self.command("port", "delete", "hop")
        self.command("router", "remove", "subnet", "ways", "routed4")
        self.command("router", "delete", "ways")
        self.command("network", "delete", "routed")

    def test_what_there_is_none_of(self):
        client = self.client()
        in_vpc = [{"Name": "vpc-id", "Values": ["vpc-1"]}]
        for answer in (client.describe_nat_gateways(Filters=in_vpc)["NatGateways"],
                       client.describe_dhcp_options()["DhcpOptions"],
                       client.describe_vpc_peering_connections()["VpcPeeringConnections"],
                       client.describe_prefix_lists()["PrefixLists"],
                       client.describe_managed_prefix_lists()["PrefixLists"],
                       client.describe_egress_only_internet_gateways()["EgressOnlyInternetGateways"],
                       client.describe_vpc_endpoints(Filters=in_vpc)["VpcEndpoints"],
                       client.describe_vpn_gateways()["VpnGateways"],
                       client.describe_launch_templates()["LaunchTemplates"],
                       client.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"],
                       client.describe_capacity_reservations()["CapacityReservations"],
                       client.describe_hosts()["Hosts"],
                       client.describe_spot_instance_requests()["SpotInstanceRequests"],
                       client.describe_volume_status()["VolumeStatuses"]):
            self.assertEqual(answer, [])
        self.refused("NatGatewayNotFound", client.describe_nat_gateways, NatGatewayIds=["nat-00000000000000000"])
        self.refused("InvalidDhcpOptionID.NotFound", client.describe_dhcp_options, DhcpOptionsIds=["dopt-00000000000000000"])
        self.refused("InvalidParameterValue", client.describe_nat_gateways, Filters=[{"Name": "colour", "Values": ["red"]}])
        self.assertEqual(client.describe_vpcs()["Vpcs"][0]["DhcpOptionsId"], "default")

    # --- addresses ---

    def test_an_address_leads_to_an_instance(self):
        client = self.client()
        made = self.aws("allocate-address", "--domain", "vpc")
        allocation, public = made["AllocationId"], made["PublicIp"]
        self.assertIn(public, [one["Floating IP Address"] for one in self.openstack("floating", "ip", "list")])
        self.command("network", "create", "served")
        self.command("subnet", "create", "--network", "served", "--subnet-range", "192.168.43.0/28", "served4")
        subnet = client.describe_subnets(Filters=[{"Name": "cidr", "Values": ["192.168.43.0/28"]}])["Subnets"][0][
            "SubnetId"]
        id, = self.run_and_wait(SubnetId=subnet)
        self.refused("Gateway.NotAttached", client.associate_address, AllocationId=allocation, InstanceId=id)
        self.command("router", "create", "edge")
        self.command("router", "set", "--external-gateway", "public", "edge")
        self.command("router", "add", "subnet", "edge", "served4")
        led = client.associate_address(AllocationId=allocation, InstanceId=id)["AssociationId"]
        self.assertEqual(client.associate_address(AllocationId=allocation, InstanceId=id)["AssociationId"], led)
        shown = self.instance(id)
        self.assertEqual(shown["PublicIpAddress"], public)
        self.assertEqual(shown["NetworkInterfaces"][0]["Association"]["PublicIp"], public)
        found = client.describe_instances(Filters=[{"Name": "ip-address", "Values": [public]}])["Reservations"]
        self.assertEqual([one["InstanceId"] for group in found for one in group["Instances"]], [id])
        address, = client.describe_addresses(Filters=[{"Name": "instance-id", "Values": [id]}])["Addresses"]
        self.assertEqual((address["AllocationId"], address["AssociationId"], address["PrivateIpAddress"]),
                         (allocation, led, shown["PrivateIpAddress"]))
        other, = self.run_and_wait(SubnetId=subnet)
        self.refused("Resource.AlreadyAssociated", client.associate_address, AllocationId=allocation, InstanceId=other)
        moved = client.associate_address(AllocationId=allocation, InstanceId=other, AllowReassociation=True)
        self.refused("InvalidAssociationID.NotFound", client.disassociate_address, AssociationId=led)
        client.disassociate_address(AssociationId=moved["AssociationId"])
        self.assertNotIn("PublicIpAddress", self.instance(other))
        # Of a default VPC, one that is in use is released all the same.
        client.associate_address(AllocationId=allocation, InstanceId=other)
        client.release_address(AllocationId=allocation)
        self.assertNotIn("PublicIpAddress", self.instance(other))
        client.terminate_instances(InstanceIds=[id, other])
        self.wait("instance_terminated", [id, other])
        self.command("router", "remove", "subnet", "edge", "served4")
        self.command("router", "delete", "edge")
        self.command("network", "delete", "served")
        self.refused("InvalidAllocationID.NotFound", client.describe_addresses, AllocationIds=[allocation])
        self.refused("InvalidAddress.NotFound", client.describe_addresses, PublicIps=[public])

    def test_addresses_that_are_refused(self):
        client = self.client()
        made = client.allocate_address()
        self.addCleanup(client.release_address, AllocationId=made["AllocationId"])
        self.refused("InvalidAllocationID.NotFound", self.client("devstack-alt").release_address,
                     AllocationId=made["AllocationId"])
        self.refused("InvalidAllocationID.NotFound", self.client("devstack-admin").release_address,
                     AllocationId=made["AllocationId"])
        self.refused("InvalidInstanceID.NotFound", client.associate_address, AllocationId=made["AllocationId"],
                     InstanceId="i-7fffffff")
        self.refused("MissingParameter", client.associate_address, AllocationId=made["AllocationId"])
        self.refused("InvalidParameterCombination", client.release_address, AllocationId=made["AllocationId"],
                     PublicIp=made["PublicIp"])
        self.refused("InvalidAddress.NotFound", client.release_address, PublicIp="203.0.113.77")
        self.refused("InvalidPublicIpv4PoolID.NotFound", client.allocate_address, PublicIpv4Pool="none")
        self.refused("UnsupportedOperation", client.allocate_address, Address="203.0.113.77")


if __name__ == "__main__":
    unittest.main()
