// MemoryJournal: what the simulated hypervisors remember, for tests. It outlives the core and can refuse.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ports/guest_journal.h"

namespace kilonova::testing {

class MemoryJournal final : public GuestJournal {
 public:
  Expected<std::vector<GuestRecord>> load() override {
    if (refusing_puts) return fail(ErrorCode::kDataLoss, "corrupt");
    std::vector<GuestRecord> result;
    for (const auto& [key, record] : records) result.push_back(record);
    return result;
  }
  Expected<> put(const GuestRecord& record) override {
    if (refusing_puts) return fail(ErrorCode::kUnavailable, "the disk is full");
    records[{record.host, record.placement.instance}] = record;
    return {};
  }
  Expected<> erase(const std::string& host, const Uuid& instance) override {
    if (refusing_erasures) return fail(ErrorCode::kUnavailable, "the disk is full");
    records.erase({host, instance});
    return {};
  }
  Expected<std::vector<GuestRecord>> read(const std::string& host, const Uuid& instance, size_t limit) override {
    std::vector<GuestRecord> result;
    for (auto it = records.upper_bound({host, instance}); it != records.end() && result.size() < limit; ++it)
      result.push_back(it->second);
    return result;
  }

  std::map<std::pair<std::string, Uuid>, GuestRecord> records;
  bool refusing_puts = false;
  bool refusing_erasures = false;
};

}  // namespace kilonova::testing
