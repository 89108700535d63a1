// Nova: servers: lists, one, its end, and what hangs on it.
#include <fmt/format.h>

#include <algorithm>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_create.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/compute/server_query.h"
#include "api-server/front/openstack/compute/server_view.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {
namespace {

struct ServerPage {
  std::vector<Instance> servers;
  PropertiesByServer properties;
  Json next;
};

// Rows of the core's pages that pass, until the page is full. The core's own order.
Task<std::expected<ServerPage, Refusal>> read_in_order(Call& call, ServerQuery query, Page page) {
  ServerPage result;
  query.operation.marker = page.marker;
  bool takes_all = query.filters.empty() && query.property_filters.empty() && query.shown_filters.empty();
  query.operation.limit = takes_all ? std::clamp<uint32_t>(page.limit, 1, kMaxLimit) : kMaxLimit;
  for (bool more = page.limit > 0; more;) {
    auto read = co_await ask(call, query.operation);
    if (!read && read.error().status == 400 && !page.marker.empty())
      co_return refused(400, fmt::format("marker [{}] not found", page.marker));
    if (!read) co_return std::unexpected(std::move(read.error()));
    add_properties(read->properties, result.properties);
    more = read->more && !read->servers.empty();
    if (more) query.operation.marker = to_string(read->servers.back().uuid);
    for (Instance& server : read->servers) {
      if (!query.passes(server, properties_of(result.properties, server.uuid))) continue;
      result.servers.push_back(std::move(server));
      if (result.servers.size() < page.limit) continue;
      more = false;
      break;
    }
  }
  if (page.limit > 0 && result.servers.size() == page.limit)
    result.next = next_link(call, to_string(result.servers.back().uuid));
  co_return result;
}

Task<std::expected<ServerPage, Refusal>> read_sorted(Call& call, ServerQuery query, Page page) {
  auto all = co_await read_in_order(call, query, {.limit = UINT32_MAX, .marker = {}});
  if (!all) co_return std::unexpected(std::move(all.error()));
  query.sort_rows(all->servers);
  auto cut = cut_page(call, page, all->servers, [](const Instance& server) { return to_string(server.uuid); });
  if (!cut) co_return std::unexpected(std::move(cut.error()));
  co_return ServerPage{std::move(cut->rows), std::move(all->properties), std::move(cut->next)};
}

Task<std::expected<ServerPage, Refusal>> read_servers(Call& call) {
  auto page = read_page(call);
  if (!page) co_return std::unexpected(std::move(page.error()));
  auto query = read_server_query(call);
  if (!query) co_return std::unexpected(std::move(query.error()));
  if (query->is_empty) co_return ServerPage{};
  if (query->needs_sorting()) co_return co_await read_sorted(call, std::move(*query), std::move(*page));
  co_return co_await read_in_order(call, std::move(*query), std::move(*page));
}

Task<Answered> list(Call& call) {
  auto page = co_await read_servers(call);
  if (!page) co_return std::unexpected(std::move(page.error()));
  Json servers = Json::array();
  for (const Instance& server : page->servers) servers.push_back(server_brief(server, call));
  co_return page_answer("servers", std::move(servers), std::move(page->next));
}

Task<Answered> list_detail(Call& call) {
  auto page = co_await read_servers(call);
  if (!page) co_return std::unexpected(std::move(page.error()));
  auto facts = co_await facts_of(call, page->servers);
  if (!facts) co_return std::unexpected(std::move(facts.error()));
  Json servers = Json::array();
  for (const Instance& server : page->servers)
    servers.push_back(server_detail(server, properties_of(page->properties, server.uuid), *facts, true, call));
  co_return page_answer("servers", std::move(servers), std::move(page->next));
}

Task<Answered> show(Call& call) {
  auto server = co_await find_whole_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return co_await server_answer(call, std::move(*server));
}

Task<Answered> remove(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto removed = co_await ask(call, DeleteServer{to_string(server->uuid), call.is_admin()});
  if (!removed && removed.error().status == 404) co_return no_server(call.in_path("server"));
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> list_ips(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  std::vector<Instance> one{std::move(*server)};
  ServerNetworks networks = co_await networks_of(call, one);
  co_return Answer{200, {{"addresses", addresses_of(one.front(), networks, false)}}};
}

Task<Answered> show_ips(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  std::vector<Instance> one{std::move(*server)};
  ServerNetworks networks = co_await networks_of(call, one);
  Json addresses = addresses_of(one.front(), networks, false);
  const std::string& label = call.in_path("label");
  const Json* found = member(addresses, label);
  if (found == nullptr) co_return refused(404, "Network label is not found");
  co_return Answer{200, object_of(label, *found)};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/servers", kReader, "os_compute_api:servers:index", &list},
    {kNova, "GET", "/v2.1/servers/detail", kReader, "os_compute_api:servers:detail", &list_detail},
    {kNova, "POST", "/v2.1/servers", UserRole::kMember, "os_compute_api:servers:create", &create_server},
    {kNova, "GET", "/v2.1/servers/{server}", kReader, "os_compute_api:servers:show", &show},
    {kNova, "DELETE", "/v2.1/servers/{server}", UserRole::kMember, "os_compute_api:servers:delete", &remove},
    {kNova, "GET", "/v2.1/servers/{server}/ips", kReader, "os_compute_api:ips:index", &list_ips},
    {kNova, "GET", "/v2.1/servers/{server}/ips/{label}", kReader, "os_compute_api:ips:show", &show_ips},
};

}  // namespace

std::span<const Route> server_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
