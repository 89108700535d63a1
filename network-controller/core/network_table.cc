#include "network-controller/core/network_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "domain/operation.h"

namespace kilonova::network {

bool may_see(const RequestContext& context, const Network& network) {
  return context.is_admin() || network.shared || network.external || network.project_id == context.project_id;
}

bool may_change(const RequestContext& context, const Network& network) {
  return context.is_admin() || network.project_id == context.project_id;
}

NetworkEntry& NetworkTable::insert(Network row) {
  Uuid id = row.id;
  AddressPool pool(row.cidr, row.gateway);
  auto [at, inserted] = networks_.try_emplace(id, std::move(row), std::move(pool));
  KN_CHECK(inserted, "a network was inserted twice");
  return at->second;
}

NetworkEntry* NetworkTable::find(const Uuid& id) {
  auto at = networks_.find(id);
  return at == networks_.end() ? nullptr : &at->second;
}

std::vector<Network> NetworkTable::rows() const {
  std::vector<Network> rows;
  for (const auto& [id, entry] : networks_) rows.push_back(entry.row);
  return rows;
}

std::vector<NetworkEntry*> NetworkTable::visible(const RequestContext& context, std::string_view id_or_name) {
  std::optional<Uuid> id = parse_uuid(id_or_name);
  std::vector<NetworkEntry*> found;
  for (auto& [key, entry] : networks_) {
    bool asked = id_or_name.empty() || entry.row.name == id_or_name || (id && *id == key);
    if (asked && may_see(context, entry.row)) found.push_back(&entry);
  }
  std::sort(found.begin(), found.end(), [](const NetworkEntry* a, const NetworkEntry* b) {
    return std::tie(a->row.created_at, a->row.id) < std::tie(b->row.created_at, b->row.id);
  });
  return found;
}

Expected<NetworkEntry*> NetworkTable::resolve(const RequestContext& context, std::string_view id_or_name) {
  if (id_or_name.empty()) return fail(ErrorCode::kInvalidArgument, "a network's id or name is needed");
  std::vector<NetworkEntry*> found = visible(context, id_or_name);
  if (found.empty()) return fail(ErrorCode::kNotFound, fmt::format("Network {} could not be found.", id_or_name));
  if (found.size() > 1)
    return fail(ErrorCode::kConflict,
                fmt::format("{} networks are named '{}'; use the id of one", found.size(), id_or_name));
  return found.front();
}

bool NetworkTable::has_name(const Uuid& project_id, std::string_view name) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const auto& entry) {
    return entry.second.row.project_id == project_id && entry.second.row.name == name;
  });
}

size_t NetworkTable::count_of(const Uuid& project_id) const {
  return static_cast<size_t>(
      std::ranges::count_if(networks_, [&](const auto& entry) { return entry.second.row.project_id == project_id; }));
}

std::optional<uint16_t> NetworkTable::free_vlan(uint16_t first) const {
  std::vector<uint16_t> taken;
  for (const auto& [id, entry] : networks_) taken.push_back(entry.row.vlan);
  std::sort(taken.begin(), taken.end());
  for (uint32_t vlan = first; vlan <= kLastVlan; ++vlan)
    if (!std::binary_search(taken.begin(), taken.end(), static_cast<uint16_t>(vlan)))
      return static_cast<uint16_t>(vlan);
  return std::nullopt;
}

}  // namespace kilonova::network
