"""What EC2 has of networks, by AWS's own clients of Debian, unmodified."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from ec2 import Ec2Case

ANYWHERE = "0.0.0.0/0"


class Ec2NetworkTest(Ec2Case):
    def group(self, name, client=None):
        """The id of a new security group, which goes with the test."""
        client = client or self.client()
        made = client.create_security_group(GroupName=name, Description="of a test")["GroupId"]
        self.addCleanup(client.delete_security_group, GroupId=made)
        return made

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
        self.refused("InvalidGroup.InUse", client.delete_security_group, GroupId=db)
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
        self.refused("InvalidGroup.InUse", client.delete_security_group, GroupId=web)
        client.terminate_instances(InstanceIds=[id])
        self.wait("instance_terminated", [id])
        client.delete_security_group(GroupId=web)


if __name__ == "__main__":
    unittest.main()
