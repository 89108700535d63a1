// SourceCounts: how many things of one kind there are at once, or how many bytes, in all and of each source (an address, a
// project): so that none of them keeps the others out. Memory is bounded by the first limit.
#pragma once

#include <cstddef>
#include <map>
#include <utility>

namespace kilonova {

template <class Source>
class SourceCounts {
 public:
  struct Limits {
    size_t all = 0;
    size_t of_source = 0;
  };
  enum class Admission { kTaken, kAllInUse, kSourceInUse };

  explicit SourceCounts(Limits limits) : limits_(limits) {}

  // Counts so many more, unless a limit would be passed.
  Admission take(const Source& source, size_t amount = 1) {
    if (amount > limits_.of_source || of(source) > limits_.of_source - amount) return Admission::kSourceInUse;
    if (amount > limits_.all || all_ > limits_.all - amount) return Admission::kAllInUse;
    if (amount == 0) return Admission::kTaken;
    all_ += amount;
    counts_[source] += amount;
    return Admission::kTaken;
  }
  // Of what was taken.
  void give_back(const Source& source, size_t amount = 1) {
    auto count = counts_.find(source);
    if (count == counts_.end()) return;
    all_ -= amount;
    if ((count->second -= amount) == 0) counts_.erase(count);
  }

  size_t all() const { return all_; }
  size_t of(const Source& source) const {
    auto count = counts_.find(source);
    return count == counts_.end() ? 0 : count->second;
  }
  const Limits& limits() const { return limits_; }

 private:
  Limits limits_;
  size_t all_ = 0;
  std::map<Source, size_t> counts_;  // none of them 0
};

// Gives back when it dies. The counts must outlive it.
template <class Source>
class CountedSource {
 public:
  CountedSource() = default;
  CountedSource(SourceCounts<Source>& counts, Source source, size_t amount = 1)
      : counts_(&counts), source_(std::move(source)), amount_(amount) {}
  CountedSource(CountedSource&& other) noexcept
      : counts_(std::exchange(other.counts_, nullptr)), source_(std::move(other.source_)), amount_(other.amount_) {}
  CountedSource& operator=(CountedSource&& other) noexcept {
    std::swap(counts_, other.counts_);
    std::swap(source_, other.source_);
    std::swap(amount_, other.amount_);
    return *this;
  }
  ~CountedSource() {
    if (counts_ != nullptr) counts_->give_back(source_, amount_);
  }

 private:
  SourceCounts<Source>* counts_ = nullptr;
  Source source_;
  size_t amount_ = 0;
};

}  // namespace kilonova
