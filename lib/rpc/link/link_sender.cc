#include "rpc/link/link_sender.h"

#include <algorithm>
#include <utility>

#include "base/sometimes.h"

namespace kilonova {
namespace {

const InstanceReport* progress_of(const Message& message) {
  const auto* report = get_if<InstanceReport>(&message.body);
  return report != nullptr && report->result == BuildResult::kProgress ? report : nullptr;
}

}  // namespace

bool LinkSender::push(Message message) {
  const auto* report = get_if<InstanceReport>(&message.body);
  Entries::iterator* earlier = report != nullptr ? progress_.find(report->placement) : nullptr;
  bool superseding = earlier != nullptr && supersedes(message, (*earlier)->message);
  if (!superseding && entries_.size() >= limit_.messages) return false;
  Entry entry;
  if (!weigh(message, entry) && !superseding) return false;
  // The earlier one leaves and the later one goes to the end, so that it does not overtake what was sent in between.
  if (superseding) {
    KN_SOMETIMES("link: progress that waits is overwritten");
    erase(*earlier);
  }
  bytes_ += entry.bytes;
  ++never_sent_;
  entry.message = std::move(message);
  entries_.push_back(std::move(entry));
  auto added = std::prev(entries_.end());
  if (next_ == entries_.end()) next_ = added;
  if (const InstanceReport* progress = progress_of(added->message))
    progress_.insert_or_assign(progress->placement, added);
  return true;
}

// Weighing is encoding, which the frame does once more: so only where many wait, as for a peer that is away.
bool LinkSender::weigh(const Message& message, Entry& entry) const {
  entry.counts = limit_.weigh != nullptr && entries_.size() >= QueueLimit::kUnweighed;
  if (entry.counts && never_sent_ >= QueueLimit::kUnweighed) entry.bytes = limit_.weigh(message);
  return !entry.counts || (bytes_ < limit_.bytes && entry.bytes <= limit_.bytes - bytes_);
}

void LinkSender::count_bytes(size_t bytes) {
  if (!next_->counts || next_->bytes != 0) return;
  next_->bytes = bytes;
  bytes_ += bytes;
}

bool LinkSender::acknowledge(uint64_t number) {
  if (number > last_number_) return false;
  if (number <= acknowledged_) return true;
  acknowledged_ = number;
  while (!entries_.empty() && entries_.front().number != 0 && entries_.front().number <= number)
    erase(entries_.begin());
  return true;
}

bool LinkSender::resume(uint64_t number) {
  if (!acknowledge(number)) return false;
  if (!entries_.empty() && entries_.front().number != 0)
    KN_SOMETIMES("link: messages are sent again on a new connection");
  next_ = entries_.begin();
  return true;
}

void LinkSender::reset() {
  entries_.clear();
  bytes_ = 0;
  never_sent_ = 0;
  next_ = entries_.end();
  progress_.clear();
  last_number_ = 0;
  acknowledged_ = 0;
}

uint64_t LinkSender::number_next() {
  if (next_->number == 0) {
    forget_progress(next_);
    next_->number = ++last_number_;
    --never_sent_;
  }
  return (next_++)->number;
}

void LinkSender::drop_next() {
  KN_CHECK(next_->number == 0, "a message that has its number can't be left out of the sequence");
  erase(next_);
}

void LinkSender::forget_progress(Entries::iterator entry) {
  const InstanceReport* progress = progress_of(entry->message);
  if (progress == nullptr) return;
  Entries::iterator* indexed = progress_.find(progress->placement);
  if (indexed != nullptr && *indexed == entry) progress_.erase(progress->placement);
}

void LinkSender::erase(Entries::iterator entry) {
  if (entry->number == 0) {
    forget_progress(entry);
    --never_sent_;
  }
  if (entry == next_) ++next_;
  bytes_ -= entry->bytes;
  entries_.erase(entry);
}

}  // namespace kilonova
