#include "sim/checkers/addresses.h"

#include <fmt/format.h>

namespace kilonova::sim {
namespace {

// While a server is deleted its addresses may be another's already.
bool is_live(const RowState* row) {
  return row != nullptr && row->task_state != TaskState::kDeleting &&
         !(row->vm_state == VmState::kError && row->host.empty());
}

}  // namespace

void AddressChecker::take(Holders& holders, std::string_view kind, const Uuid& uuid, const Address& address) {
  auto [ip, new_ip] = holders.addresses.try_emplace({address.network_id, address.ip.value}, uuid);
  auto [mac, new_mac] = holders.macs.try_emplace(address.mac.value, uuid);
  if (!new_ip && ip->second != uuid)
    violations_.add("addresses", fmt::format("{}: servers {} and {} share {}", kind, to_string(ip->second),
                                             to_string(uuid), to_string(address.ip)));
  if (!new_mac && mac->second != uuid)
    violations_.add("addresses", fmt::format("{}: servers {} and {} share {}", kind, to_string(mac->second),
                                             to_string(uuid), to_string(address.mac)));
}

void AddressChecker::give_back(Holders& holders, const Uuid& uuid, const Address& address) {
  auto ip = holders.addresses.find({address.network_id, address.ip.value});
  if (ip != holders.addresses.end() && ip->second == uuid) holders.addresses.erase(ip);
  auto mac = holders.macs.find(address.mac.value);
  if (mac != holders.macs.end() && mac->second == uuid) holders.macs.erase(mac);
}

void AddressChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  if (is_live(before))
    for (const Address& address : before->addresses) give_back(rows_, uuid, address);
  if (is_live(after))
    for (const Address& address : after->addresses) take(rows_, "rows", uuid, address);
}

void AddressChecker::on_lease(const Lease* before, const Lease* after) {
  if (before != nullptr) give_back(leases_, before->instance, before->address);
  if (after != nullptr) take(leases_, "leases", after->instance, after->address);
}

void AddressChecker::on_went_back(const WentBack& past) {
  if (past.of == Role::kController) {
    rows_ = {};
    for (const auto& [uuid, row] : ledger_.rows()) on_row(uuid, nullptr, &row);
  } else {
    leases_ = {};
    for (const auto& [key, lease] : ledger_.leases()) on_lease(nullptr, &lease);
  }
}

}  // namespace kilonova::sim
