#include "scheduler/core/nova/pci.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {
namespace {

constexpr std::string_view kPhysicalFunction = "type-PF";
constexpr std::string_view kVdpa = "vdpa";

PythonValue in_lower_case(const PythonValue* value) {
  if (value == nullptr) return {};
  if (const auto* text = value->as<std::string>()) return PythonValue(to_lower(*text));
  return *value;
}

// nova/pci/utils.py pci_device_prop_match, of one spec.
bool matches(const PciPool& pool, const PythonDict& spec) {
  return std::ranges::all_of(spec.items, [&](const PythonItem& wanted) {
    const PythonValue* has = pool.keys.find(wanted.key);
    const auto* wanted_list = wanted.value.as<PythonList>();
    const auto* has_list = has == nullptr ? nullptr : has->as<PythonList>();
    if (wanted_list != nullptr && has_list != nullptr)
      return std::ranges::all_of(*wanted_list, [&](const PythonValue& one) {
        return std::ranges::any_of(*has_list, [&](const PythonValue& other) { return python_equal(one, other); });
      });
    return python_equal(in_lower_case(has), in_lower_case(&wanted.value));
  });
}

bool is_of_type(const PythonDict& keys, std::string_view type) {
  const PythonValue* dev_type = keys.find("dev_type");
  return dev_type != nullptr && python_equal(*dev_type, PythonValue(type));
}

bool is_remote_managed(const PythonDict& keys) {
  const PythonValue* managed = keys.find("remote_managed");
  return managed != nullptr && python_bool_from_string(python_str(*managed));
}

// Physical functions, vdpa and remotely managed devices are for those that ask for them.
bool is_reserved(const PciPool& pool, const PciRequest& request) {
  auto asks = [&](auto asked) { return std::ranges::any_of(request.specs, asked); };
  auto asks_for = [&](std::string_view type) {
    return asks([&](const PythonDict& spec) { return is_of_type(spec, type); });
  };
  return (is_of_type(pool.keys, kPhysicalFunction) && !asks_for(kPhysicalFunction)) ||
         (is_of_type(pool.keys, kVdpa) && !asks_for(kVdpa)) ||
         (is_remote_managed(pool.keys) && !asks(is_remote_managed));
}

bool serves(const PciPool& pool, const PciRequest& request) {
  return std::ranges::any_of(request.specs, [&](const PythonDict& spec) { return matches(pool, spec); }) &&
         !is_reserved(pool, request);
}

}  // namespace

PciStats::PciStats(std::vector<PciPool> pools) {
  auto keys = [](const PciPool& pool) { return pool.keys.items.size(); };
  for (PciPool& pool : pools) pools_.insert(std::ranges::upper_bound(pools_, keys(pool), {}, keys), std::move(pool));
}

int64_t PciStats::devices() const {
  int64_t sum = 0;
  for (const PciPool& pool : pools_) sum += pool.count;
  return sum;
}

bool PciStats::support_requests(std::span<const PciRequest> requests) const {
  return PciStats(*this).apply_requests(requests);
}

bool PciStats::apply_requests(std::span<const PciRequest> requests) {
  return std::ranges::all_of(requests, [&](const PciRequest& request) { return apply_request(request); });
}

bool PciStats::apply_request(const PciRequest& request) {
  int64_t available = 0;
  bool any = false;
  for (const PciPool& pool : pools_) {
    if (!serves(pool, request)) continue;
    available += pool.count;
    any = true;
  }
  if (available < request.count || !any) return false;
  // A pool of which all are taken is gone, and so is an empty one that stood before the last one needed.
  int64_t wanted = request.count;
  for (auto pool = pools_.begin(); pool != pools_.end();) {
    if (!serves(*pool, request)) {
      ++pool;
      continue;
    }
    if (pool->count > wanted) {
      pool->count -= wanted;
      break;
    }
    wanted -= pool->count;
    pool = pools_.erase(pool);
    if (wanted == 0) break;
  }
  return true;
}

}  // namespace kilonova::scheduler::nova
