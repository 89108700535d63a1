// A guest journal whose changes the ledger sees.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ports/guest_journal.h"
#include "sim/ledger.h"
#include "store/memory_guest_journal.h"

namespace kilonova::sim {

class WatchedJournal final : public GuestJournal {
 public:
  using Refused = std::function<void(const GuestRecord&)>;

  // `ledger` may be, or become, nullptr: nobody watches. `refused` is told of each guest that the disk did not take;
  // may be empty.
  WatchedJournal(MemoryGuestImage& image, MemoryDisk& disk, Ledger* const& ledger, const Refused& refused)
      : journal_(image, disk), ledger_(ledger), refused_(refused) {}

  Expected<std::vector<GuestRecord>> load() override { return journal_.load(); }
  Expected<> put(const GuestRecord& record) override {
    auto stored = journal_.put(record);
    if (stored && ledger_ != nullptr) ledger_->put_guest(record);
    if (!stored && refused_) refused_(record);
    return stored;
  }
  Expected<> erase(const std::string& host, const Uuid& instance) override {
    auto erased = journal_.erase(host, instance);
    if (erased && ledger_ != nullptr) ledger_->erase_guest(host, instance);
    return erased;
  }
  Expected<std::vector<GuestRecord>> read(const std::string& host, const Uuid& instance, size_t limit) override {
    return journal_.read(host, instance, limit);
  }

 private:
  MemoryGuestJournal journal_;
  Ledger* const& ledger_;
  const Refused& refused_;
};

}  // namespace kilonova::sim
