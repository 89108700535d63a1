// A guest journal whose changes the ledger sees.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ports/guest_journal.h"
#include "sim/ledger.h"
#include "store/memory_guest_journal.h"

namespace kilonova::sim {

// The newest changes of a journal, which a power loss may take.
class JournalPast {
 public:
  // The change that is about to be made.
  void remember(const MemoryGuestImage& image, const std::string& host, const Uuid& instance) {
    auto it = image.find({host, instance});
    changes_.push_back({{host, instance}, it == image.end() ? std::nullopt : std::optional(it->second)});
    if (changes_.size() > kRemembered) changes_.pop_front();
  }
  // The change was not made.
  void forget_newest() { changes_.pop_back(); }
  // Undoes so many, newest first; what is there again is off. How many it undid.
  size_t take_back(MemoryGuestImage& image, size_t changes, Ledger* ledger) {
    std::map<Key, std::optional<GuestRecord>> then;
    size_t taken = 0;
    for (; taken < changes && !changes_.empty(); ++taken, changes_.pop_back())
      then[changes_.back().first] = std::move(changes_.back().second);
    for (auto& [key, guest] : then) {
      if (ledger != nullptr) ledger->erase_guest(key.first, key.second);
      image.erase(key);
    }
    for (auto& [key, guest] : then) {
      if (!guest) continue;
      guest->power_state = after_power_loss(guest->power_state);
      if (ledger != nullptr) ledger->put_guest(*guest);
      image.insert_or_assign(key, std::move(*guest));
    }
    return taken;
  }

 private:
  using Key = std::pair<std::string, Uuid>;

  static constexpr size_t kRemembered = 64;

  std::deque<std::pair<Key, std::optional<GuestRecord>>> changes_;
};

class WatchedJournal final : public GuestJournal {
 public:
  using Refused = std::function<void(const GuestRecord&)>;

  // `ledger` may be, or become, nullptr: nobody watches. `refused` is told of each guest that the disk did not take;
  // may be empty.
  WatchedJournal(MemoryGuestImage& image, MemoryDisk& disk, JournalPast& past, Ledger* const& ledger,
                 const Refused& refused)
      : image_(image), journal_(image, disk), past_(past), ledger_(ledger), refused_(refused) {}

  Expected<std::vector<GuestRecord>> load() override { return journal_.load(); }
  Expected<> put(const GuestRecord& record) override {
    past_.remember(image_, record.host, record.placement.instance);
    auto stored = journal_.put(record);
    if (!stored) past_.forget_newest();
    if (stored && ledger_ != nullptr) ledger_->put_guest(record);
    if (!stored && refused_) refused_(record);
    return stored;
  }
  Expected<> erase(const std::string& host, const Uuid& instance) override {
    past_.remember(image_, host, instance);
    auto erased = journal_.erase(host, instance);
    if (!erased) past_.forget_newest();
    if (erased && ledger_ != nullptr) ledger_->erase_guest(host, instance);
    return erased;
  }
  Expected<std::vector<GuestRecord>> read(const std::string& host, const Uuid& instance, size_t limit) override {
    return journal_.read(host, instance, limit);
  }

 private:
  MemoryGuestImage& image_;
  MemoryGuestJournal journal_;
  JournalPast& past_;
  Ledger* const& ledger_;
  const Refused& refused_;
};

}  // namespace kilonova::sim
