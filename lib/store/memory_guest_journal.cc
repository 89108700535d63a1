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

Expected<std::vector<GuestRecord>> MemoryGuestJournal::read(const std::string& host, const Uuid& instance,
                                                            size_t limit) {
  std::vector<GuestRecord> guests;
  for (auto it = image_.upper_bound({host, instance}); it != image_.end() && guests.size() < limit; ++it)
    guests.push_back(it->second);
  return guests;
}

}  // namespace kilonova
