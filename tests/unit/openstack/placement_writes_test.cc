// What operators and other services write to Placement: it is kept, held to its rules, and never contradicts the cloud.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/openstack/placement_world.h"

namespace kilonova::api::openstack {
namespace {

const std::string kConsumer = "10000000-0000-0000-0000-000000000001", kOther = "10000000-0000-0000-0000-000000000002";

class PlacementWritesTest : public PlacementWorld {
 protected:
  unsigned take(const std::string& consumer, Json body, int minor = 39) {
    return send("PUT", "/allocations/" + consumer, std::move(body), minor).status;
  }
  uint64_t generation(const std::string& provider) {
    return get("/resource_providers/" + provider)["generation"].get<uint64_t>();
  }
  Json used(const std::string& provider) { return get("/resource_providers/" + provider + "/usages")["usages"]; }
};

TEST_F(PlacementWritesTest, ProvidersMakeTrees) {
  std::string a = add_provider(10), b = add_provider(11, a), c = add_provider(12, b);
  EXPECT_EQ(get("/resource_providers/" + c)["root_provider_uuid"], a);
  EXPECT_EQ(get("/resource_providers?in_tree=" + b)["resource_providers"].size(), 3u);
  EXPECT_EQ(refusal(send("POST", "/resource_providers", {{"name", "own10"}})), "409 placement.duplicate_name");
  EXPECT_EQ(refusal(send("POST", "/resource_providers", {{"name", "h1"}})), "409 placement.duplicate_name");
  EXPECT_EQ(send("POST", "/resource_providers", {{"name", "x"}, {"parent_provider_uuid", kConsumer}}).status, 400u);
  http::Response old = send("POST", "/resource_providers", {{"name", "old"}}, 19);
  EXPECT_EQ(old.status, 201u);
  EXPECT_EQ(old.body, "");
  EXPECT_EQ(http::find_header(old.headers, "Content-Type"), nullptr);
  EXPECT_TRUE(
      http::find_header(old.headers, "Location")->starts_with("http://here:8774/placement/resource_providers/"));
  auto move = [&](const std::string& uuid, const char* name, Json parent, int minor) {
    return send("PUT", "/resource_providers/" + uuid, {{"name", name}, {"parent_provider_uuid", std::move(parent)}},
                minor);
  };
  EXPECT_EQ(move(a, "own10", c, 39).status, 400u) << "a circle";
  EXPECT_EQ(move(c, "own12", a, 36).status, 400u);
  EXPECT_EQ(move(c, "own12", nullptr, 36).status, 400u);
  EXPECT_EQ(json(move(c, "other", nullptr, 37))["root_provider_uuid"], c);
  EXPECT_EQ(move(c, "other", uuid_of("h1"), 37).status, 200u);
  EXPECT_EQ(get("/resource_providers/" + c)["root_provider_uuid"], uuid_of("h1"));
  EXPECT_EQ(refusal(send("DELETE", "/resource_providers/" + a)),
            "409 placement.resource_provider.cannot_delete_parent");
  EXPECT_EQ(send("DELETE", "/resource_providers/" + b).status, 204u);
  EXPECT_EQ(send("DELETE", "/resource_providers/" + a).status, 204u);
  EXPECT_EQ(send("DELETE", "/resource_providers/" + a).status, 404u);
}

TEST_F(PlacementWritesTest, InventoriesHaveTheGenerationThatTheirWriterKnew) {
  std::string uuid = add_provider(10), path = "/resource_providers/" + uuid + "/inventories";
  http::Response made = send("POST", path, {{"resource_class", "VCPU"}, {"total", 4}});
  EXPECT_EQ(made.status, 201u) << made.body;
  EXPECT_EQ(json(made)["max_unit"], 2147483647);
  EXPECT_EQ(refusal(send("POST", path, {{"resource_class", "VCPU"}, {"total", 4}})), "409 placement.concurrent_update");
  EXPECT_EQ(send("POST", path, {{"resource_class", "CUSTOM_NO"}, {"total", 4}}).status, 400u);
  Json one{{"total", 8}, {"resource_provider_generation", 1}};
  EXPECT_EQ(json(send("PUT", path + "/VCPU", one))["resource_provider_generation"], 2);
  EXPECT_EQ(refusal(send("PUT", path + "/VCPU", one)), "409 placement.concurrent_update");
  one["resource_provider_generation"] = 2;
  EXPECT_EQ(send("PUT", path + "/DISK_GB", one).status, 400u);
  one["reserved"] = 8;
  EXPECT_EQ(send("PUT", path + "/VCPU", one, 25).status, 400u);
  EXPECT_EQ(send("PUT", path + "/VCPU", one, 26).status, 200u);
  Json all{{"resource_provider_generation", 3}, {"inventories", {{"DISK_GB", {{"total", 10}}}}}};
  EXPECT_EQ(json(send("PUT", path, all))["inventories"].size(), 1u);
  EXPECT_EQ(get(path + "/DISK_GB")["resource_provider_generation"], 4);
  EXPECT_EQ(send("GET", path + "/VCPU").status, 404u);
  for (const Json& wrong : {Json{{"total", 0}}, Json{{"total", "4"}}, Json{{"total", 4}, {"more", 1}},
                            Json{{"total", 4}, {"reserved", -1}}, Json{{"total", 4}, {"allocation_ratio", "x"}},
                            Json{{"total", 2147483648LL}}, Json{{"total", 4}, {"step_size", 0}}, Json::object()}) {
    all = {{"resource_provider_generation", 4}, {"inventories", {{"VCPU", wrong}}}};
    EXPECT_EQ(send("PUT", path, all).status, 400u) << wrong;
  }
  EXPECT_EQ(send("DELETE", path + "/DISK_GB").status, 204u);
  EXPECT_EQ(send("DELETE", path + "/DISK_GB").status, 404u);
  EXPECT_EQ(send("DELETE", path).status, 204u);
  EXPECT_EQ(generation(uuid), 6u);
}

TEST_F(PlacementWritesTest, WhatAHostHasOfItsOwnStays) {
  add_server(1, "h1", {2, 512, 5});
  std::string h1 = uuid_of("h1"), path = "/resource_providers/" + h1;
  Json inventories = get(path + "/inventories")["inventories"], changed = inventories;
  changed["VCPU"]["allocation_ratio"] = 9.5;
  auto put = [&](const Json& wanted) {
    return send("PUT", path + "/inventories",
                {{"resource_provider_generation", generation(h1)}, {"inventories", wanted}})
        .status;
  };
  EXPECT_EQ(put(changed), 409u);
  EXPECT_EQ(put(Json::object()), 409u);
  EXPECT_EQ(send("DELETE", path + "/inventories").status, 409u);
  EXPECT_EQ(send("DELETE", path + "/inventories/VCPU").status, 409u);
  EXPECT_EQ(send("DELETE", path).status, 409u);
  EXPECT_EQ(send("PUT", path, {{"name", "other"}}).status, 409u);
  EXPECT_EQ(send("PUT", path, {{"name", "h1"}}).status, 200u);
  EXPECT_TRUE(records_.empty()) << "nothing of it is written";
  // What it has not of its own can be added.
  inventories["VGPU"] = {{"total", 2}};
  EXPECT_EQ(put(inventories), 200u);
  set_traits(h1, {"HW_CPU_X86_AVX", "COMPUTE_STATUS_DISABLED"});
  Json traits = get(path + "/traits")["traits"];
  EXPECT_NE(std::ranges::find(traits, "HW_CPU_X86_AVX"), traits.end());
  EXPECT_NE(std::ranges::find(traits, "COMPUTE_NODE"), traits.end());
  EXPECT_EQ(std::ranges::find(traits, "COMPUTE_STATUS_DISABLED"), traits.end());
  EXPECT_EQ(generation(h1), 2u);
  // Its three classes are servers', and servers' allocations are the cloud's.
  EXPECT_EQ(take(kConsumer, allocation(h1, {{"VCPU", 1}})), 409u);
  EXPECT_EQ(take(kConsumer, allocation(h1, {{"VGPU", 1}})), 204u);
  EXPECT_EQ(used(h1)["VGPU"], 1);
  std::string server = to_string(servers_[0].uuid);
  EXPECT_EQ(take(server, allocation(h1, {{"VGPU", 1}}, 3)), 409u);
  EXPECT_EQ(send("DELETE", "/allocations/" + server).status, 409u);
  EXPECT_EQ(get("/allocations/" + server)["allocations"].size(), 1u);
}

TEST_F(PlacementWritesTest, AllocationsTakeWhatThereIsAndNoMore) {
  std::string uuid = add_provider(10);
  set_inventories(uuid, {{"VCPU", {{"total", 8}, {"max_unit", 6}, {"step_size", 2}}}});
  EXPECT_EQ(take(kConsumer, allocation(uuid, {{"VCPU", 6}})), 204u);
  EXPECT_EQ(generation(uuid), 2u);
  EXPECT_EQ(get("/allocations/" + kConsumer),
            (Json{{"allocations", {{uuid, {{"generation", 2}, {"resources", {{"VCPU", 6}}}}}}},
                  {"project_id", "p"},
                  {"user_id", "u"},
                  {"consumer_generation", 1},
                  {"consumer_type", "TEST"}}));
  EXPECT_EQ(refusal(send("PUT", "/allocations/" + kOther, allocation(uuid, {{"VCPU", 4}}))),
            "409 placement.undefined_code");
  EXPECT_EQ(take(kOther, allocation(uuid, {{"VCPU", 8}})), 409u);
  EXPECT_EQ(take(kOther, allocation(uuid, {{"VCPU", 1}})), 409u);
  EXPECT_EQ(take(kOther, allocation(uuid, {{"DISK_GB", 1}})), 409u);
  EXPECT_EQ(take(kOther, allocation(uuid, {{"CUSTOM_NO", 1}})), 400u);
  EXPECT_EQ(take(kOther, allocation(kOther, {{"VCPU", 2}})), 400u);
  EXPECT_EQ(take("no-uuid", allocation(uuid, {{"VCPU", 2}})), 400u);
  EXPECT_EQ(get("/allocations/" + kOther)["allocations"], Json::object());
  // Who knew another generation is told to read again.
  EXPECT_EQ(refusal(send("PUT", "/allocations/" + kConsumer, allocation(uuid, {{"VCPU", 2}}))),
            "409 placement.concurrent_update");
  EXPECT_EQ(take(kOther, allocation(uuid, {{"VCPU", 2}}, 0)), 409u);
  EXPECT_EQ(take(kConsumer, allocation(uuid, {{"VCPU", 4}}, 1)), 204u) << "what it had is free for itself";
  EXPECT_EQ(used(uuid)["VCPU"], 4);
  EXPECT_EQ(refusal(send("DELETE", "/resource_providers/" + uuid)), "409 placement.resource_provider.inuse");
  EXPECT_EQ(refusal(send("DELETE", "/resource_providers/" + uuid + "/inventories")), "409 placement.inventory.inuse");
  uint64_t before = generation(uuid);
  EXPECT_EQ(send("DELETE", "/allocations/" + kConsumer).status, 204u);
  EXPECT_EQ(send("DELETE", "/allocations/" + kConsumer).status, 404u);
  EXPECT_EQ(generation(uuid), before);
  EXPECT_EQ(used(uuid)["VCPU"], 0);
}

TEST_F(PlacementWritesTest, EachMicroversionHasItsFormOfAllocations) {
  std::string uuid = add_provider(10);
  set_inventories(uuid, {{"VCPU", {{"total", 8}}}});
  Json old{{"allocations", Json::array({{{"resource_provider", {{"uuid", uuid}}}, {"resources", {{"VCPU", 1}}}}})}};
  EXPECT_EQ(take(kConsumer, old, 7), 204u);
  EXPECT_EQ(take(kConsumer, old, 8), 400u);
  old["project_id"] = old["user_id"] = "p";
  EXPECT_EQ(take(kConsumer, old, 8), 204u);
  EXPECT_EQ(take(kConsumer, old, 7), 400u);
  EXPECT_EQ(take(kConsumer, old, 12), 400u);
  Json body = allocation(uuid, {{"VCPU", 1}});
  EXPECT_EQ(take(kConsumer, body, 12), 400u) << "no generation before 1.28";
  body.erase("consumer_type");
  body.erase("consumer_generation");
  EXPECT_EQ(take(kConsumer, body, 12), 204u);
  EXPECT_EQ(take(kConsumer, body, 28), 400u);
  body["consumer_generation"] = 3;
  EXPECT_EQ(take(kConsumer, body, 28), 204u);
  EXPECT_EQ(get("/allocations/" + kConsumer)["consumer_type"], "unknown");
  body["consumer_generation"] = 4;
  body["mappings"] = {{"", {uuid}}};
  EXPECT_EQ(take(kConsumer, body, 33), 400u);
  EXPECT_EQ(take(kConsumer, body, 34), 204u);
  EXPECT_EQ(take(kConsumer, body, 38), 400u);
  Json nothing{{"allocations", Json::object()}, {"project_id", "p"}, {"user_id", "u"}};
  EXPECT_EQ(take(kConsumer, nothing, 27), 400u);
  nothing["consumer_generation"] = 5;
  EXPECT_EQ(take(kConsumer, nothing, 28), 204u);
  EXPECT_EQ(used(uuid)["VCPU"], 0);
  EXPECT_EQ(records_.count({"placement-consumer", kConsumer}), 0u);
}

TEST_F(PlacementWritesTest, SeveralConsumersChangeTogether) {
  std::string a = add_provider(10), b = add_provider(11);
  set_inventories(a, {{"VCPU", {{"total", 2}}}});
  set_inventories(b, {{"VCPU", {{"total", 2}}}});
  EXPECT_EQ(take(kConsumer, allocation(a, {{"VCPU", 2}})), 204u);
  // A move: what was one's is the other's, and the one is elsewhere.
  Json move{{kConsumer, allocation(b, {{"VCPU", 2}}, 1)}, {kOther, allocation(a, {{"VCPU", 2}})}};
  EXPECT_EQ(send("POST", "/allocations", move).status, 204u);
  EXPECT_EQ(used(a)["VCPU"], 2);
  EXPECT_EQ(used(b)["VCPU"], 2);
  Json back{{kConsumer, allocation(a, {{"VCPU", 1}}, 2)}, {kOther, allocation(a, {{"VCPU", 2}}, 1)}};
  EXPECT_EQ(send("POST", "/allocations", back).status, 409u);
  EXPECT_EQ(used(b)["VCPU"], 2) << "nothing of it was done";
  EXPECT_EQ(send("POST", "/allocations", Json::object()).status, 400u);
}

TEST_F(PlacementWritesTest, ClassesAndTraitsOfOnesOwn) {
  EXPECT_EQ(send("POST", "/resource_classes", {{"name", "CUSTOM_GOLD"}}).status, 201u);
  EXPECT_EQ(send("POST", "/resource_classes", {{"name", "CUSTOM_GOLD"}}).status, 409u);
  EXPECT_EQ(send("POST", "/resource_classes", {{"name", "GOLD"}}).status, 400u);
  EXPECT_EQ(send("PUT", "/resource_classes/CUSTOM_GOLD", {{"name", "CUSTOM_SILVER"}}, 6).status, 200u);
  EXPECT_EQ(send("GET", "/resource_classes/CUSTOM_GOLD").status, 404u);
  EXPECT_EQ(send("PUT", "/resource_classes/CUSTOM_SILVER").status, 204u);
  EXPECT_EQ(send("PUT", "/resource_classes/CUSTOM_TIN").status, 201u);
  EXPECT_EQ(send("PUT", "/resource_classes/VCPU").status, 400u);
  EXPECT_EQ(get("/resource_classes")["resource_classes"].size(), 23u);
  EXPECT_EQ(send("DELETE", "/resource_classes/VCPU").status, 400u);
  EXPECT_EQ(send("PUT", "/traits/CUSTOM_FAST").status, 201u);
  EXPECT_EQ(send("PUT", "/traits/CUSTOM_FAST").status, 204u);
  EXPECT_EQ(send("PUT", "/traits/FAST").status, 400u);
  EXPECT_EQ(send("GET", "/traits/CUSTOM_FAST").status, 204u);
  EXPECT_EQ(send("GET", "/traits/HW_CPU_X86_AVX").status, 204u);
  EXPECT_EQ(send("GET", "/traits/CUSTOM_SLOW").status, 404u);
  EXPECT_EQ(get("/traits?name=startswith:CUSTOM_")["traits"], Json::array({"CUSTOM_FAST"}));
  EXPECT_EQ(get("/traits?name=in:CUSTOM_FAST,HW_CPU_X86_AVX,NO")["traits"].size(), 2u);
  EXPECT_EQ(send("GET", "/traits?name=CUSTOM").status, 400u);
  EXPECT_EQ(send("GET", "/traits?associated=x").status, 400u);
  std::string uuid = add_provider(10);
  set_inventories(uuid, {{"CUSTOM_SILVER", {{"total", 1}}}});
  set_traits(uuid, {"CUSTOM_FAST"});
  Json associated = get("/traits?associated=true&name=startswith:CUSTOM_")["traits"];
  EXPECT_EQ(associated, Json::array({"CUSTOM_FAST"}));
  EXPECT_EQ(send("DELETE", "/resource_classes/CUSTOM_SILVER").status, 409u);
  EXPECT_EQ(send("DELETE", "/traits/CUSTOM_FAST").status, 409u);
  EXPECT_EQ(send("DELETE", "/traits/HW_CPU_X86_AVX").status, 400u);
  EXPECT_EQ(send("DELETE", "/resource_providers/" + uuid + "/traits").status, 204u);
  EXPECT_EQ(send("DELETE", "/traits/CUSTOM_FAST").status, 204u);
  EXPECT_EQ(send("DELETE", "/resource_classes/CUSTOM_TIN").status, 204u);
  EXPECT_EQ(send("DELETE", "/resource_classes/CUSTOM_TIN").status, 404u);
}

TEST_F(PlacementWritesTest, AggregatesHaveTheirGenerationFrom119On) {
  std::string uuid = add_provider(10), path = "/resource_providers/" + uuid + "/aggregates";
  set_aggregates(uuid, {kConsumer});
  EXPECT_EQ(generation(uuid), 0u);
  EXPECT_EQ(get(path, 18), (Json{{"aggregates", {kConsumer}}}));
  Json body{{"aggregates", {kOther}}, {"resource_provider_generation", 0}};
  EXPECT_EQ(json(send("PUT", path, body))["resource_provider_generation"], 1);
  EXPECT_EQ(refusal(send("PUT", path, body)), "409 placement.concurrent_update");
  EXPECT_EQ(send("PUT", path, Json::array({kOther, kOther}), 1).status, 400u);
  EXPECT_EQ(send("PUT", path, Json::array({"x"}), 1).status, 400u);
  EXPECT_EQ(send("PUT", path, Json::array(), 0).status, 404u);
}

TEST_F(PlacementWritesTest, TheReshaperMovesAllocationsWithTheirInventory) {
  std::string root = add_provider(10), child = add_provider(11, root);
  set_inventories(root, {{"VCPU", {{"total", 4}}}, {"VGPU", {{"total", 2}}}});
  EXPECT_EQ(take(kConsumer, allocation(root, {{"VCPU", 1}, {"VGPU", 2}})), 204u);
  Json to = allocation(root, {{"VCPU", 1}}, 1);
  to["allocations"][child] = {{"resources", {{"VGPU", 2}}}};
  Json inventories{{root, {{"resource_provider_generation", 2}, {"inventories", {{"VCPU", {{"total", 4}}}}}}},
                   {child, {{"resource_provider_generation", 0}, {"inventories", {{"VGPU", {{"total", 2}}}}}}}};
  Json without{{"inventories", inventories}, {"allocations", Json::object()}};
  EXPECT_EQ(refusal(send("POST", "/reshaper", without)), "409 placement.inventory.inuse");
  Json stale = {{"inventories", inventories}, {"allocations", {{kConsumer, to}}}};
  stale["inventories"][root]["resource_provider_generation"] = 1;
  EXPECT_EQ(refusal(send("POST", "/reshaper", stale)), "409 placement.concurrent_update");
  Json unknown = {{"inventories", {{kOther, inventories[root]}}}, {"allocations", Json::object()}};
  EXPECT_EQ(refusal(send("POST", "/reshaper", unknown)), "400 placement.resource_provider.not_found");
  EXPECT_EQ(used(root)["VGPU"], 2);
  http::Response done = send("POST", "/reshaper", {{"inventories", inventories}, {"allocations", {{kConsumer, to}}}});
  EXPECT_EQ(done.status, 204u) << done.body;
  EXPECT_EQ(used(root), (Json{{"VCPU", 1}}));
  EXPECT_EQ(used(child), (Json{{"VGPU", 2}}));
  EXPECT_EQ(send("POST", "/reshaper", {{"inventories", Json::object()}, {"allocations", Json::object()}}).status, 400u);
}

}  // namespace
}  // namespace kilonova::api::openstack
