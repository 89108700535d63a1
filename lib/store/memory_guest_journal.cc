#include "store/memory_guest_journal.h"

#include <utility>

namespace kilonova {

Expected<std::vector<GuestRecord>> MemoryGuestJournal::load() {
  std::vector<GuestRecord> guests;
  guests.reserve(image_.size());
  for (const auto& [key, guest] : image_) guests.push_back(guest);
  return guests;
}

Expected<> MemoryGuestJournal::put(const GuestRecord& record) {
  if (auto failure = disk_.take_failure()) return std::unexpected(std::move(*failure));
  image_[{record.host, record.placement.instance}] = record;
  return {};
}

Expected<> MemoryGuestJournal::erase(const std::string& host, const Uuid& instance) {
  if (auto failure = disk_.take_failure()) return std::unexpected(std::move(*failure));
  image_.erase({host, instance});
  return {};
}

}  // namespace kilonova
