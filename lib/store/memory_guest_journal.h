// MemoryGuestJournal: the simulated hypervisors' guests in memory, for tests and the simulation.
#pragma once

#include <string>
#include <utility>

#include "base/keyed_map.h"
#include "ports/guest_journal.h"
#include "store/memory_disk.h"

namespace kilonova {

// What outlives a crash of the compute process: (host, instance) -> the guest.
using MemoryGuestImage = KeyedMap<std::pair<std::string, Uuid>, GuestRecord, PairHash>;

// Every put and erase is in the image when it returns, so a crash loses nothing. Image and disk outlive it.
class MemoryGuestJournal final : public GuestJournal {
 public:
  MemoryGuestJournal(MemoryGuestImage& image, MemoryDisk& disk) : image_(image), disk_(disk) {}

  Expected<std::vector<GuestRecord>> load() override;
  Expected<> put(const GuestRecord& record) override;
  Expected<> erase(const std::string& host, const Uuid& instance) override;
  Expected<std::vector<GuestRecord>> read(const std::string& host, const Uuid& instance, size_t limit) override;

 private:
  MemoryGuestImage& image_;
  MemoryDisk& disk_;
};

}  // namespace kilonova
