// What filters of instances and of their interfaces compare.
#include "api-server/front/ec2/instance_filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api-server/front/ec2/interface_filters.h"

namespace kilonova::api::ec2 {
namespace {

const Uuid kProject = parse_uuid("12345678-9abc-def0-0000-000000000001").value();
const Uuid kSubnet = parse_uuid("23456789-abcd-ef01-0000-000000000002").value();

ShownInstance instance() {
  ShownInstance one;
  one.server.id = 42;
  one.server.vm_state = VmState::kActive;
  one.server.spec.project_id = kProject;
  one.server.spec.flavor.name = "m1.tiny";
  ShownInterface interface;
  interface.uuid = "3456789a-bcde-f012-0000-000000000003";
  interface.owner = to_hex(kProject);
  interface.mac = "fa:16:3e:00:00:01";
  interface.description = "front";
  interface.instance = "i-0000002a";
  interface.addresses = {{kSubnet, "10.0.0.2"}, {kSubnet, "10.0.0.3"}, {kSubnet, "fd00::2"}};
  interface.groups = {{"456789ab-cdef-0123-0000-000000000004", "web"}};
  interface.floating["10.0.0.2"] = {"172.24.4.5", "56789abc-def0-1234-0000-000000000005"};
  interface.tags = {{"role", "db"}};
  one.groups = interface.groups;
  one.interfaces.push_back(std::move(interface));
  return one;
}

bool passes(const ShownInstance& one, std::string name, std::string value) {
  return passes(one, {{std::move(name), {std::move(value)}}}, instance_filters());
}

TEST(InstanceFilters, EachOfAnInterfaceComparesWhatTheInterfaceHas) {
  const ShownInstance one = instance();
  for (auto [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"addresses.association.public-ip", "172.24.4.5"},
           {"addresses.association.allocation-id", "eipalloc-56789abcdef012340"},
           {"association.allocation-id", "eipalloc-56789abcdef012340"},
           {"association.association-id", "eipassoc-*"},
           {"association.public-ip", "172.24.4.*"},
           {"addresses.primary", "false"},
           {"addresses.private-ip-address", "10.0.0.3"},
           {"attachment.attachment-id", "eni-attach-3456789abcdef0120"},
           {"attachment.delete-on-termination", "true"},
           {"attachment.device-index", "0"},
           {"attachment.instance-id", "i-0000002a"},
           {"attachment.status", "attached"},
           {"description", "front"},
           {"group-name", "web"},
           {"ipv6-addresses.ipv6-address", "fd00::2"},
           {"mac-address", "fa:16:3e:*"},
           {"network-interface-id", "eni-3456789abcdef0120"},
           {"requester-managed", "false"},
           {"source-dest-check", "true"},
           {"status", "in-use"},
           {"subnet-id", "subnet-23456789abcdef010"},
           {"vpc-id", "vpc-123456789abcdef00"},
       }) {
    EXPECT_TRUE(passes(one, std::string("network-interface.") + name, value)) << name;
    EXPECT_FALSE(passes(one, std::string("network-interface.") + name, "other")) << name;
  }
}

// Each rule can be asked, and of an instance without interfaces none has anything to say of them.
TEST(InstanceFilters, EachHasAnAnswer) {
  const ShownInstance one = instance(), bare = {};
  for (const FilterRule<ShownInstance>& rule : instance_filters()) {
    ASSERT_NE(rule.texts, nullptr) << rule.name;
    (void)rule.texts(one, "key");
    const Texts none = rule.texts(bare, "key");
    if (rule.name.starts_with("network-interface.") && !rule.name.contains("group"))
      EXPECT_TRUE(none.empty()) << rule.name;
  }
}

TEST(InstanceFilters, WhatThereIsNoneOfFitsNothing) {
  const ShownInstance one = instance();
  for (const char* name : {"affinity", "block-device-mapping.volume-id", "capacity-reservation-id", "host-id",
                           "kernel-id", "ramdisk-id", "metadata-options.http-tokens", "placement-group-name",
                           "product-code", "requester-id", "spot-instance-request-id", "iam-instance-profile.arn"}) {
    EXPECT_NE(find_rule(instance_filters(), name), nullptr) << name;
    EXPECT_FALSE(passes(one, name, "*")) << name;
  }
  EXPECT_TRUE(passes(one, "source-dest-check", "true"));
  EXPECT_TRUE(passes(one, "hibernation-options.configured", "false"));
  EXPECT_FALSE(passes(one, "client-token", "*")) << "none was said";
}

TEST(InstanceFilters, OnlyWhatMayFitATerminatedOneAsksForThose) {
  EXPECT_TRUE(may_be_terminated({}));
  EXPECT_TRUE(may_be_terminated({{"instance-state-name", {"running", "terminated"}}}));
  EXPECT_TRUE(may_be_terminated({{"instance-state-code", {"48"}}, {"tag:role", {"db"}}}));
  EXPECT_FALSE(may_be_terminated({{"instance-state-name", {"pending", "running"}}}));
  EXPECT_FALSE(may_be_terminated({{"tag:role", {"db"}}, {"instance-state-code", {"16"}}}));
  EXPECT_FALSE(may_be_terminated({{"vpc-id", {"*"}}}));
  EXPECT_FALSE(may_be_terminated({{"network-interface.status", {"in-use"}}}));
}

TEST(InterfaceFilters, KnowOneThatNobodyHas) {
  ShownInterface free;
  free.uuid = "3456789a-bcde-f012-0000-000000000003";
  free.tags = {{"role", "db"}};
  auto texts = [&](std::string_view name) {
    const FilterRule<ShownInterface>* rule = find_rule(interface_filters(), name);
    return rule == nullptr ? Texts{"no rule"} : rule->texts(free, name.substr(name.find(':') + 1));
  };
  EXPECT_THAT(texts("status"), testing::ElementsAre("available"));
  EXPECT_THAT(texts("attachment.status"), testing::IsEmpty());
  EXPECT_THAT(texts("attachment.instance-id"), testing::IsEmpty());
  EXPECT_THAT(texts("association.public-ip"), testing::IsEmpty());
  EXPECT_THAT(texts("tag:role"), testing::ElementsAre("db"));
  EXPECT_THAT(texts("tag-key"), testing::ElementsAre("role"));
}

}  // namespace
}  // namespace kilonova::api::ec2
