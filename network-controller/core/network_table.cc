#include "network-controller/core/network_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "domain/operation.h"

namespace kilonova::network {
namespace {

std::vector<IpRange> ranges_of(const Subnet& subnet) {
  std::vector<IpRange> ranges;
  for (const AddressRange& pool : subnet.pools) ranges.push_back({*parse_ip(pool.first), *parse_ip(pool.last)});
  std::ranges::sort(ranges, {}, &IpRange::first);
  return ranges;
}

bool is_older(const Subnet& a, const Subnet& b) { return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id); }

}  // namespace

bool may_see(const RequestContext& context, const Network& network) {
  return context.is_admin() || network.shared || network.external || network.project_id == context.project_id;
}

bool may_change(const RequestContext& context, const Network& network) {
  return context.is_admin() || network.project_id == context.project_id;
}

SubnetEntry::SubnetEntry(Subnet subnet)
    : row(std::move(subnet)), network(*parse_ip_network(row.cidr)), pool(network, ranges_of(row)) {}

void SubnetEntry::replace(Subnet changed) {
  row = std::move(changed);
  pool.set_ranges(ranges_of(row));
}

SubnetEntry* NetworkEntry::find(const Uuid& subnet) {
  auto at = std::ranges::find_if(subnets, [&](const auto& entry) { return entry->row.id == subnet; });
  return at == subnets.end() ? nullptr : at->get();
}

SubnetEntry* NetworkEntry::subnet_of(IpAddress address) {
  auto at = std::ranges::find_if(subnets, [&](const auto& entry) { return contains(entry->network, address); });
  return at == subnets.end() ? nullptr : at->get();
}

SubnetEntry& NetworkEntry::insert(Subnet subnet) {
  auto entry = std::make_unique<SubnetEntry>(std::move(subnet));
  auto at =
      std::ranges::upper_bound(subnets, entry, [](const auto& a, const auto& b) { return is_older(a->row, b->row); });
  return **subnets.insert(at, std::move(entry));
}

void NetworkEntry::erase(const Uuid& subnet) {
  std::erase_if(subnets, [&](const auto& entry) { return entry->row.id == subnet; });
}

uint64_t NetworkEntry::used() const {
  uint64_t all = 0;
  for (const auto& entry : subnets) all += entry->pool.used();
  return all;
}

bool NetworkEntry::has_ipv6() const {
  return std::ranges::any_of(subnets, [](const auto& entry) { return entry->network.base.version == 6; });
}

Network NetworkEntry::row_of_subnets(const Subnet* added, const Uuid* left_out) const {
  const Subnet* first = nullptr;
  auto consider = [&](const Subnet& subnet) {
    bool is_ipv4 = parse_ip_network(subnet.cidr)->base.version == 4;
    if (is_ipv4 && (first == nullptr || is_older(subnet, *first))) first = &subnet;
  };
  for (const auto& entry : subnets) {
    bool is_left_out =
        (left_out != nullptr && entry->row.id == *left_out) || (added != nullptr && entry->row.id == added->id);
    if (!is_left_out) consider(entry->row);
  }
  if (added != nullptr) consider(*added);
  Network shown = row;
  shown.cidr = {};
  shown.gateway = {};
  if (first == nullptr) return shown;
  IpNetwork network = *parse_ip_network(first->cidr);
  shown.cidr = {to_ipv4(network.base), network.prefix};
  if (auto gateway = parse_ip(first->gateway)) shown.gateway = to_ipv4(*gateway);
  return shown;
}

NetworkEntry& NetworkTable::insert(Network row) {
  Uuid id = row.id;
  auto [at, inserted] = networks_.try_emplace(id, std::move(row));
  KN_CHECK(inserted, "a network was inserted twice");
  return at->second;
}

NetworkEntry* NetworkTable::network_of(const Uuid& subnet) {
  auto at = std::ranges::find_if(networks_, [&](auto& entry) { return entry.second.find(subnet) != nullptr; });
  return at == networks_.end() ? nullptr : &at->second;
}

NetworkEntry* NetworkTable::find(const Uuid& id) {
  auto at = networks_.find(id);
  return at == networks_.end() ? nullptr : &at->second;
}

const NetworkEntry* NetworkTable::find(const Uuid& id) const {
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

void PortTable::put(Port row) {
  erase(row.id);
  by_mac_.insert_or_assign({row.network_id, row.mac}, row.id);
  if (!row.device_id.empty()) by_device_.emplace(row.device_id, row.id);
  Uuid id = row.id;
  ports_.insert_or_assign(id, std::move(row));
}

void PortTable::erase(const Uuid& id) {
  const Port* before = find(id);
  if (before == nullptr) return;
  by_mac_.erase({before->network_id, before->mac});
  by_device_.erase({before->device_id, id});
  ports_.erase(id);
}

std::vector<Uuid> PortTable::of_device(const std::string& device) const {
  std::vector<Uuid> found;
  for (auto at = by_device_.lower_bound({device, Uuid{}}); at != by_device_.end() && at->first == device; ++at)
    found.push_back(at->second);
  return found;
}

const Port* PortTable::find(const Uuid& id) const {
  auto at = ports_.find(id);
  return at == ports_.end() ? nullptr : &at->second;
}

const Port* PortTable::find(const Uuid& network, Mac mac) const {
  auto at = by_mac_.find({network, mac});
  return at == by_mac_.end() ? nullptr : find(at->second);
}

bool PortTable::has_any_on(const Uuid& network) const {
  auto at = by_mac_.lower_bound({network, Mac{}});
  return at != by_mac_.end() && at->first.first == network;
}

}  // namespace kilonova::network
