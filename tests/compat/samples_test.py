"""What Nova's own API samples show of a cloud, and what kilonova answers at the same microversion: keys and types are the same."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from samples import differences, needs_samples, variants
from stock import StockTest

# sample: what is asked. Names in capitals are the ids of this cloud.
GETS = {
    "flavors/flavor-get-resp": "/flavors/1",
    "flavors/flavors-detail-resp": "/flavors/detail",
    "flavors/flavors-list-resp": "/flavors",
    "flavor-access/flavor-access-list-resp": "/flavors/PRIVATE/os-flavor-access",
    "flavor-extra-specs/flavor-extra-specs-list-resp": "/flavors/PRIVATE/os-extra_specs",
    "images/image-get-resp": "/images/IMAGE",
    "images/images-details-get-resp": "/images/detail",
    "images/images-list-get-resp": "/images",
    "images/image-metadata-get-resp": "/images/IMAGE/metadata",
    "limits/limit-get-resp": "/limits",
    "extension-info/extensions-list-resp": "/extensions",
    "extension-info/extensions-get-resp": "/extensions/os-agents",
    "os-aggregates/aggregates-get-resp": "/os-aggregates/AGGREGATE",
    "os-aggregates/aggregates-list-get-resp": "/os-aggregates",
    "os-attach-interfaces/attach-interfaces-list-resp": "/servers/SERVER/os-interface",
    "os-availability-zone/availability-zone-detail-resp": "/os-availability-zone/detail",
    "os-availability-zone/availability-zone-list-resp": "/os-availability-zone",
    "os-floating-ip-pools/floatingippools-list-resp": "/os-floating-ip-pools",
    "os-hosts/hosts-list-resp": "/os-hosts",
    "os-hosts/host-get-resp": "/os-hosts/host-00001",
    "os-hypervisors/hypervisors-detail-resp": "/os-hypervisors/detail",
    "os-hypervisors/hypervisors-list-resp": "/os-hypervisors",
    "os-hypervisors/hypervisors-show-resp": "/os-hypervisors/HYPERVISOR",
    "os-hypervisors/hypervisors-statistics-resp": "/os-hypervisors/statistics",
    "os-instance-actions/instance-actions-list-resp": "/servers/SERVER/os-instance-actions",
    "os-instance-actions/instance-action-get-resp": "/servers/SERVER/os-instance-actions/REQUEST",
    "os-instance-usage-audit-log/inst-usage-audit-log-index-get-resp": "/os-instance_usage_audit_log",
    "os-keypairs/keypairs-get-resp": "/os-keypairs/sample-key",
    "os-keypairs/keypairs-list-resp": "/os-keypairs",
    "os-migrations/migrations-get": "/os-migrations",
    "os-networks/networks-list-resp": "/os-networks",
    "os-networks/network-show-resp": "/os-networks/NETWORK",
    "os-quota-class-sets/quota-classes-show-get-resp": "/os-quota-class-sets/default",
    "os-quota-sets/quotas-show-defaults-get-resp": "/os-quota-sets/PROJECT/defaults",
    "os-quota-sets/quotas-show-detail-get-resp": "/os-quota-sets/PROJECT/detail",
    "os-quota-sets/quotas-show-get-resp": "/os-quota-sets/PROJECT",
    "os-security-groups/security-groups-list-get-resp": "/os-security-groups",
    "os-security-groups/server-security-groups-list-resp": "/servers/SERVER/os-security-groups",
    "os-server-diagnostics/server-diagnostics-get-resp": "/servers/SERVER/diagnostics",
    "os-server-groups/server-groups-get-resp": "/os-server-groups/GROUP",
    "os-server-groups/server-groups-list-resp": "/os-server-groups",
    "os-server-password/get-password-resp": "/servers/SERVER/os-server-password",
    "os-server-tags/server-tags-index-resp": "/servers/SERVER/tags",
    "os-server-topology/servers-topology-resp": "/servers/SERVER/topology",
    "os-services/services-list-get-resp": "/os-services",
    "os-simple-tenant-usage/simple-tenant-usage-get-detail": "/os-simple-tenant-usage?detailed=1",
    "os-simple-tenant-usage/simple-tenant-usage-get-specific": "/os-simple-tenant-usage/PROJECT",
    "os-simple-tenant-usage/simple-tenant-usage-get": "/os-simple-tenant-usage",
    "server-ips/server-ips-resp": "/servers/SERVER/ips",
    "server-ips/server-ips-network-resp": "/servers/SERVER/ips/private",
    "server-metadata/server-metadata-all-resp": "/servers/SERVER/metadata",
    "servers/server-get-resp": "/servers/SERVER",
    "servers/servers-details-resp": "/servers/detail",
    "servers/servers-list-resp": "/servers?limit=1",
    "versions/v21-version-get-resp": "/",
}


@needs_samples
class SamplesTest(StockTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls("test_answers_have_the_keys_and_types_of_the_samples")

        def made(method, path, body, minor=1):
            answer = test.nova(method, path, minor, body)
            if answer.status >= 300:
                raise AssertionError(f"{method} {path}: {answer.status} {answer.text}")
            return answer.json if answer.text else None

        def first(path, key):
            return test.nova("GET", path, 1).json[key][0]["id"]

        network = test.http("GET", "/networking/v2.0/networks?name=private", token="admin").json["networks"][0]["id"]
        project = test.openstack("token", "issue", cloud="devstack-admin")["project_id"]
        image = first("/images", "images")
        made("POST", "/os-keypairs", {"keypair": {"name": "sample-key"}})
        private = made("POST", "/flavors", {"flavor": {"name": "sample", "ram": 64, "vcpus": 1, "disk": 1, "id": "sample",
                                                       "os-flavor-access:is_public": False}})["flavor"]["id"]
        made("POST", f"/flavors/{private}/action", {"addTenantAccess": {"tenant": project}})
        made("POST", f"/flavors/{private}/os-extra_specs", {"extra_specs": {"key": "value"}})
        group = made("POST", "/os-server-groups", {"server_group": {"name": "g", "policies": ["affinity"]}})["server_group"]["id"]
        aggregate = made("POST", "/os-aggregates", {"aggregate": {"name": "a", "availability_zone": "zone-a"}})["aggregate"]["id"]
        server = made("POST", "/servers", {"server": {
            "name": "sample", "imageRef": image, "flavorRef": "1", "key_name": "sample-key", "networks": [{"uuid": network}],
            "metadata": {"key": "value"}, "tags": ["tag"], "description": "of a sample"},
            "os:scheduler_hints": {"group": group}}, 52)["server"]["id"]
        while made("GET", f"/servers/{server}", None)["server"]["status"] == "BUILD":
            pass
        made("POST", f"/servers/{server}/action", {"migrate": None})
        while made("GET", f"/servers/{server}", None)["server"]["status"] != "VERIFY_RESIZE":
            pass
        test.nova("POST", f"/servers/{server}/action", 1, {"confirmResize": None})
        while made("GET", f"/servers/{server}", None)["server"]["status"] != "ACTIVE":
            pass
        request = test.nova("GET", f"/servers/{server}/os-instance-actions", 1).json["instanceActions"][-1]["request_id"]
        cls.names = {"SERVER": server, "PROJECT": project, "IMAGE": image, "PRIVATE": private, "GROUP": group,
                     "AGGREGATE": str(aggregate), "NETWORK": network, "REQUEST": request}

    def nova(self, method, path, minor, body=None):
        return self.http(method, "/compute/v2.1" + path, body, token="admin",
                         headers={"OpenStack-API-Version": f"compute 2.{minor}"})

    def test_answers_have_the_keys_and_types_of_the_samples(self):
        for sample, path in GETS.items():
            for minor, theirs in variants(sample):
                with self.subTest(sample=sample, version=f"2.{minor}"):
                    hypervisor = self.nova("GET", "/os-hypervisors", minor).json["hypervisors"][0]["id"]
                    names = self.names | {"HYPERVISOR": str(hypervisor)}
                    asked = re.sub("[A-Z]{5,}", lambda word: names[word[0]], path)
                    ours = self.nova("GET", asked, minor)
                    self.assertEqual(ours.status, 200, ours.text)
                    self.assertEqual(differences(ours.json, theirs), [])

    def test_every_sample_that_is_named_is_there(self):
        self.assertEqual([sample for sample in GETS if not variants(sample)], [])


if __name__ == "__main__":
    unittest.main()
