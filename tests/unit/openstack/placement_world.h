// A front with a few hosts and servers, whose Placement is asked by an administrator.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/openstack/compute/hosts.h"
#include "domain/beliefs.h"
#include "domain/nouns/aggregate.h"
#include "domain/nouns/host.h"
#include "domain/nouns/server.h"
#include "domain/nouns/service.h"
#include "tests/unit/openstack/answering_world.h"

namespace kilonova::api::openstack {

class PlacementWorld : public AnsweringWorld {
 protected:
  PlacementWorld() {
    add_host("h1", {4, 8192, 100});
    add_host("h2", {8, 4096, 50});
  }

  void add_host(std::string name, Resources total) {
    HostView view;
    view.host.id = static_cast<int64_t>(hosts_.size()) + 1;
    view.host.name = std::move(name);
    view.host.total = total;
    view.up = true;
    hosts_.push_back(std::move(view));
  }
  // On a host, with what it takes there.
  const Instance& add_server(uint8_t number, std::string host, Resources amount) {
    Instance server;
    server.id = number;
    server.uuid = Uuid{{number}};
    server.name = "s" + std::to_string(number);
    server.spec.project_id = project_;
    server.spec.user_id = user_;
    server.spec.flavor.vcpus = amount.vcpus;
    server.spec.flavor.memory_mb = amount.memory_mb;
    server.spec.flavor.root_gb = amount.disk_gb;
    server.current.epoch = 3;
    server.current.host = host;
    allocations_.push_back({server.uuid, 3, host, amount});
    for (HostView& view : hosts_)
      if (view.host.name == host) view.used += amount;
    servers_.push_back(std::move(server));
    return servers_.back();
  }
  static std::string uuid_of(const std::string& host) { return hypervisor_uuid(host); }

  // In 1.minor; what it is answered.
  http::Response send(std::string method, std::string path, Json body = nullptr, int minor = 39,
                      UserRole role = UserRole::kAdmin) {
    Reply& reply = ask(role, std::move(method), "/placement" + path, body.is_null() ? "" : to_text(body),
                       {{"OpenStack-API-Version", "placement 1." + std::to_string(minor)}});
    answer_all();
    EXPECT_TRUE(reply.has_value()) << path;
    return reply.value_or(http::Response{});
  }
  Json get(std::string path, int minor = 39) {
    http::Response response = send("GET", path, nullptr, minor);
    EXPECT_EQ(response.status, 200u) << path << " " << response.body;
    return json(response);
  }
  static Json json(const http::Response& response) { return parse_json(response.body).value_or(Json()); }
  // "status code": "409 placement.concurrent_update".
  static std::string refusal(const http::Response& response) {
    const Json error = json(response)["errors"][0];
    return error["status"].dump() + " " + error.value("code", "");
  }
  // A provider of ones own; its uuid ends in the number.
  std::string add_provider(int number, std::string parent = "") {
    std::string uuid = "00000000-0000-0000-0000-0000000000" + std::to_string(number);
    Json body{{"name", "own" + std::to_string(number)}, {"uuid", uuid}};
    if (!parent.empty()) body["parent_provider_uuid"] = parent;
    EXPECT_EQ(send("POST", "/resource_providers", body).status, 200u);
    return uuid;
  }
  void set_inventories(const std::string& uuid, Json inventories) {
    int64_t generation = get("/resource_providers/" + uuid)["generation"].get<int64_t>();
    http::Response set = send("PUT", "/resource_providers/" + uuid + "/inventories",
                              {{"resource_provider_generation", generation}, {"inventories", std::move(inventories)}});
    EXPECT_EQ(set.status, 200u) << set.body;
  }
  void set_traits(const std::string& uuid, Json traits) {
    int64_t generation = get("/resource_providers/" + uuid)["generation"].get<int64_t>();
    http::Response set = send("PUT", "/resource_providers/" + uuid + "/traits",
                              {{"resource_provider_generation", generation}, {"traits", std::move(traits)}});
    EXPECT_EQ(set.status, 200u) << set.body;
  }
  void set_aggregates(const std::string& uuid, Json aggregates) {
    EXPECT_EQ(send("PUT", "/resource_providers/" + uuid + "/aggregates", std::move(aggregates), 18).status, 200u);
  }
  static Json allocation(const std::string& provider, Json resources, Json generation = nullptr) {
    return {{"allocations", {{provider, {{"resources", std::move(resources)}}}}},
            {"project_id", "p"},
            {"user_id", "u"},
            {"consumer_generation", std::move(generation)},
            {"consumer_type", "TEST"}};
  }

  std::vector<HostView> hosts_;
  std::vector<Instance> servers_;
  std::vector<Allocation> allocations_;
  std::vector<Aggregate> aggregates_;

 private:
  Expected<ApiResponse> respond(const ApiRequest& request) override {
    if (get_if<ListHosts>(&request)) return ApiResponse(HostList{.hosts = hosts_});
    if (get_if<ListAggregates>(&request)) return ApiResponse(AggregateList{.aggregates = aggregates_});
    if (get_if<GetCloudStatus>(&request))
      return ApiResponse(
          CloudStatus{.cpu_allocation_ratio = 2, .ram_allocation_ratio = 1.5, .disk_allocation_ratio = 1});
    if (const auto* read = get_if<ReadBeliefs>(&request)) {
      BeliefPage page;
      for (const Allocation& allocation : allocations_)
        if (read->after.empty() || read->after < to_string(allocation.instance) + " 9")
          page.allocations.push_back(allocation);
      return ApiResponse(std::move(page));
    }
    if (const auto* one = get_if<GetServer>(&request)) {
      for (const Instance& server : servers_)
        if (to_string(server.uuid) == one->server) return ApiResponse(ServerList{.servers = {server}});
      return none();
    }
    if (get_if<ListServers>(&request)) return ApiResponse(ServerList{.servers = servers_});
    return respond_of_records(request);
  }
};

}  // namespace kilonova::api::openstack
