"""What EC2 takes and refuses where clients have met it: tags, ids, filters, images in pages, signed URLs."""

import re
import unittest
import urllib.error
import urllib.request

from ec2 import Ec2Case


class Ec2FormsTest(Ec2Case):
    def test_tags_of_instances_are_awss(self):
        client = self.client()
        tags = {"kubernetes.io/cluster/x": "owned", "Owner@corp": "a+b=c", "Имя": "ё", "long": "v" * 256, "Name": " lead " + "n" * 300}
        tags["Name"] = tags["Name"][:256]
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        id, = self.run_and_wait(TagSpecifications=[{"ResourceType": "instance", "Tags": listed}])
        shown = {tag["Key"]: tag["Value"] for tag in self.instance(id)["Tags"]}
        self.assertEqual(shown, tags)
        client.create_tags(Resources=[id], Tags=[{"Key": "a/b", "Value": "1"}])
        self.assertEqual([one["ResourceId"] for one in client.describe_tags(
            Filters=[{"Name": "key", "Values": ["a/b"]}])["Tags"]], [id])
        many = [{"Key": f"k{i}", "Value": ""} for i in range(45)]
        self.refused("TagLimitExceeded", client.create_tags, Resources=[id], Tags=many)
        for key in ("aws:x", "k" * 129):
            self.refused("InvalidParameterValue", client.create_tags, Resources=[id], Tags=[{"Key": key, "Value": ""}])
            self.refused("InvalidParameterValue", self.run_some,
                         TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": key, "Value": ""}]}])
        # OpenStack's API shows them, and holds to Nova's form of keys.
        server = next(one for one in self.http("GET", "/compute/v2.1/servers/detail").json["servers"]
                      if one["metadata"].get("a/b") == "1")
        refused = self.http("POST", f"/compute/v2.1/servers/{server['id']}/metadata", {"metadata": {"c/d": "1"}})
        self.assertEqual(refused.status, 400)
        self.assertIn("does not match any of the regexes", refused.text)

    def test_ids_of_either_length_are_well_formed(self):
        client = self.client()
        for code, call, wanted in (
                ("InvalidInstanceID.NotFound", client.describe_instances, {"InstanceIds": ["i-0f5d8ccc56c69fae4"]}),
                ("InvalidAMIID.NotFound", client.describe_images, {"ImageIds": ["ami-12345678"]}),
                ("InvalidGroup.NotFound", client.describe_security_groups, {"GroupIds": ["sg-12345678"]}),
                ("InvalidVpcID.NotFound", client.describe_vpcs, {"VpcIds": ["vpc-12345678"]}),
                ("InvalidInstanceID.Malformed", client.describe_instances, {"InstanceIds": ["i-123"]}),
                ("InvalidAMIID.Malformed", client.describe_images, {"ImageIds": ["ami-12345678g"]})):
            self.refused(code, call, **wanted)
        missing = self.refused("InvalidInstanceID.NotFound", client.describe_instances,
                               InstanceIds=["i-0ffffff1", "i-0f5d8ccc56c69fae4"])
        self.assertEqual(missing["Error"]["Message"], "The instance IDs 'i-0f5d8ccc56c69fae4, i-0ffffff1' do not exist")

    def test_a_launch_shows_its_network_at_once(self):
        client = self.client()
        subnet = client.describe_subnets()["Subnets"][0]
        made = self.run_some(SubnetId=subnet["SubnetId"])["Instances"][0]
        self.addCleanup(client.terminate_instances, InstanceIds=[made["InstanceId"]])
        self.assertEqual((made["SubnetId"], made["VpcId"]), (subnet["SubnetId"], subnet["VpcId"]))

    def test_user_data_has_its_limit_before_its_base64(self):
        self.refused("InvalidParameterValue", self.run_some, UserData="x" * 16385)
        made = self.run_some(UserData="x" * 16384)["Instances"][0]
        self.client().terminate_instances(InstanceIds=[made["InstanceId"]])

    def test_images_in_pages_and_by_filters(self):
        client = self.client()
        every = {one["ImageId"] for one in client.describe_images()["Images"]}
        pages, token = [], ""
        while token is not None:
            # Parameters that this botocore does not know, as later ones send them.
            form = "Action=DescribeImages&MaxResults=1" + (f"&NextToken={token}" if token else "")
            status, body = self.post(form)
            self.assertEqual(status, 200, body)
            pages += re.findall("<imageId>(.*?)</imageId>", body)
            token = next(iter(re.findall("<nextToken>(.*?)</nextToken>", body)), None)
        self.assertEqual(pages, sorted(every))
        for name, value, some in (("creation-date", "20*", True), ("root-device-name", "/dev/vda", True),
                                  ("hypervisor", "xen", False), ("block-device-mapping.volume-type", "gp2", False)):
            found = client.describe_images(Filters=[{"Name": name, "Values": [value]}])["Images"]
            self.assertEqual(bool(found), some, name)
        id, = self.run_and_wait()
        image = client.create_image(InstanceId=id, Name="untagged")["ImageId"]
        client.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.addCleanup(client.deregister_image, ImageId=image)
        self.assertFalse(client.describe_images(ImageIds=[image])["Images"][0].get("Tags"))
        client.create_tags(Resources=[image], Tags=[{"Key": "role", "Value": "web"}])
        self.assertEqual(client.describe_images(ImageIds=[image])["Images"][0]["Tags"], [{"Key": "role", "Value": "web"}])
        server = next(one for one in self.http("GET", "/image/v2/images").json["images"] if one["name"] == "untagged")
        self.assertIn("base_image_ref", server, "what Nova says of a snapshot stays")

    def test_every_filter_that_botocore_knows_is_known(self):
        client = self.client()
        model = client.meta.service_model
        for operation in ("DescribeImages", "DescribeInstances", "DescribeInstanceStatus", "DescribeInstanceTypes", "DescribeSubnets",
                          "DescribeSecurityGroups", "DescribeNetworkInterfaces", "DescribeAddresses", "DescribeKeyPairs"):
            text = model.operation_model(operation).input_shape.members["Filters"].documentation
            call = getattr(client, re.sub(r"(?<=.)([A-Z])", r"_\1", operation).lower())
            for name in sorted(set(re.findall(r"<code>([a-z][a-z0-9.-]*)</code> *-", text))):
                call(Filters=[{"Name": name, "Values": ["x"]}])

    def test_a_url_that_was_signed_beforehand(self):
        client = self.client()
        url = client.generate_presigned_url("describe_regions", ExpiresIn=60, HttpMethod="GET")
        with urllib.request.urlopen(url, timeout=60) as reply:
            self.assertIn("<regionName>", reply.read().decode())
        for wrong in (url.replace("DescribeRegions", "DescribeInstances"), re.sub("X-Amz-Expires=60", "X-Amz-Expires=61", url)):
            self.assertNotEqual(wrong, url)
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(wrong, timeout=60)
            self.assertEqual(caught.exception.code, 401)
            caught.exception.close()

    def test_what_is_never_so(self):
        client = self.client()
        id, = self.run_and_wait()
        shown = client.unmonitor_instances(InstanceIds=[id])["InstanceMonitorings"]
        self.assertEqual([(one["InstanceId"], one["Monitoring"]["State"]) for one in shown], [(id, "disabled")])
        self.refused("UnsupportedOperation", client.monitor_instances, InstanceIds=[id])
        self.refused("UnsupportedOperation", client.register_image, Name="x", ImageLocation="bucket/manifest.xml")

    def test_keys_and_groups(self):
        client = self.client()
        self.refused("InvalidKey.Format", client.import_key_pair, KeyName="e", PublicKeyMaterial=b"ecdsa-sha2-nistp256 AAAA x")
        self.refused("InvalidParameterValue", client.create_security_group, GroupName="g", Description="d\u00e9")


if __name__ == "__main__":
    unittest.main()
