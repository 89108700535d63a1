// GET /allocation_candidates: its query, microversion by microversion, and how its answer is written.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/openstack/placement_world.h"

namespace kilonova::api::openstack {
namespace {

class PlacementCandidatesTest : public PlacementWorld {};

TEST_F(PlacementCandidatesTest, HostsWithRoomAreShownAsEachVersionHasThem) {
  add_server(1, "h1", {2, 512, 5});
  std::string h1 = uuid_of("h1");
  Json newest = get("/allocation_candidates?resources=VCPU:4,MEMORY_MB:5000&required=COMPUTE_NODE&limit=10");
  EXPECT_EQ(newest["allocation_requests"],
            Json::array({{{"allocations", {{h1, {{"resources", {{"MEMORY_MB", 5000}, {"VCPU", 4}}}}}}},
                          {"mappings", {{"", {h1}}}}}}));
  const Json& summary = newest["provider_summaries"][h1];
  EXPECT_EQ(summary["resources"], (Json{{"DISK_GB", {{"capacity", 100}, {"used", 5}}},
                                        {"MEMORY_MB", {{"capacity", 12288}, {"used", 512}}},
                                        {"VCPU", {{"capacity", 8}, {"used", 2}}}}));
  EXPECT_EQ(summary["root_provider_uuid"], h1);
  EXPECT_EQ(summary["parent_provider_uuid"], nullptr);
  Json oldest = get("/allocation_candidates?resources=VCPU:4,MEMORY_MB:5000", 10);
  EXPECT_EQ(oldest["allocation_requests"],
            Json::array({{{"allocations", Json::array({{{"resource_provider", {{"uuid", h1}}},
                                                        {"resources", {{"MEMORY_MB", 5000}, {"VCPU", 4}}}}})}}}));
  EXPECT_EQ(oldest["provider_summaries"][h1],
            (Json{{"resources",
                   {{"MEMORY_MB", {{"capacity", 12288}, {"used", 512}}}, {"VCPU", {{"capacity", 8}, {"used", 2}}}}}}));
  EXPECT_EQ(get("/allocation_candidates?resources=VCPU:100"),
            (Json{{"allocation_requests", Json::array()}, {"provider_summaries", Json::object()}}));
  EXPECT_EQ(get("/allocation_candidates?resources=VCPU:1&limit=1&limit=9")["allocation_requests"].size(), 1u);
  EXPECT_EQ(get("/allocation_candidates?resources=VCPU:1&in_tree=" + h1)["allocation_requests"].size(), 1u);
  EXPECT_EQ(get("/allocation_candidates?resources=VCPU:1&in_tree=" + to_string(audit_))["allocation_requests"].size(),
            0u);
}

TEST_F(PlacementCandidatesTest, GroupsAreReadWithTheirSuffixes) {
  std::string child = add_provider(10, uuid_of("h1"));
  set_inventories(child, {{"VGPU", {{"total", 2}}}});
  set_traits(child, {"HW_GPU_API_VULKAN"});
  Json found =
      get("/allocation_candidates?resources=VCPU:1&resources_G=VGPU:1&required_G=HW_GPU_API_VULKAN"
          "&group_policy=isolate&root_required=COMPUTE_NODE,!COMPUTE_STATUS_DISABLED");
  ASSERT_EQ(found["allocation_requests"].size(), 1u);
  EXPECT_EQ(found["allocation_requests"][0]["mappings"], (Json{{"", {uuid_of("h1")}}, {"_G", {child}}}));
  EXPECT_EQ(found["provider_summaries"].size(), 2u);
  EXPECT_EQ(get("/allocation_candidates?resources=VCPU:1&resources1=VGPU:1", 28)["allocation_requests"].size(), 0u)
      << "before 1.29 nothing is taken of a tree's parts together";
}

TEST_F(PlacementCandidatesTest, WhatAVersionDoesNotTakeIsRefused) {
  struct Case {
    const char* query;
    int minor;
    const char* code = "";
  };
  for (const Case& wrong :
       {Case{"", 39, "placement.query.missing_value"},
        Case{"", 10},
        Case{"required=COMPUTE_NODE", 35},
        Case{"resources=VCPU:1&limit=1", 15},
        Case{"resources=VCPU:1&limit=0", 39},
        Case{"resources=VCPU:1&limit=x", 39},
        Case{"resources=VCPU:1&required=COMPUTE_NODE", 16},
        Case{"resources=VCPU:1&member_of=00000000-0000-0000-0000-000000000001", 20},
        Case{"resources=VCPU:1&required=!COMPUTE_NODE", 21},
        Case{"resources1=VCPU:1", 24},
        Case{"resources01=VCPU:1", 32},
        Case{"resources_A=VCPU:1", 32},
        Case{"resources1=VCPU:1&resources2=VCPU:1", 39},
        Case{"resources1=VCPU:1&required2=COMPUTE_NODE&group_policy=none", 35},
        Case{"resources1=VCPU:1&required2=COMPUTE_NODE&group_policy=none", 36, "placement.query.bad_value"},
        Case{"resources1=VCPU:1&group_policy=other", 39},
        Case{"resources=VCPU:1&in_tree=x", 39},
        Case{"resources=VCPU:1&in_tree=00000000-0000-0000-0000-000000000001", 30},
        Case{"resources=VCPU:1&root_required=COMPUTE_NODE", 34},
        Case{"resources=VCPU:1&root_required=COMPUTE_NODE&root_required=COMPUTE_NODE", 35,
             "placement.query.duplicate_key"},
        Case{"resources=VCPU:1&root_required=COMPUTE_NODE,!COMPUTE_NODE", 35, "placement.query.bad_value"},
        Case{"resources=VCPU:1&root_required=in:COMPUTE_NODE", 39},
        Case{"resources=VCPU:1&root_required=NO_SUCH", 39},
        Case{"resources=VCPU:1&same_subtree=1", 35},
        Case{"resources=VCPU:1&same_subtree=1", 36, "placement.query.bad_value"},
        Case{"resources1=VCPU:1&same_subtree=1,", 36, "placement.query.bad_value"},
        Case{"resources=VCPU:1&required=COMPUTE_NODE,!COMPUTE_NODE", 39},
        Case{"resources=VCPU:1&required=in:COMPUTE_NODE", 38},
        Case{"resources=NO_SUCH:1", 39},
        Case{"resources=VCPU:1&required=NO_SUCH", 39},
        Case{"resources=VCPU:1&more=1", 39}}) {
    http::Response refused = send("GET", std::string("/allocation_candidates?") + wrong.query, nullptr, wrong.minor);
    EXPECT_EQ(refused.status, 400u) << wrong.query << " " << refused.body;
    if (*wrong.code != '\0') EXPECT_EQ(json(refused)["errors"][0].value("code", ""), wrong.code) << wrong.query;
  }
}

}  // namespace
}  // namespace kilonova::api::openstack
