// What a disk in memory does to the stores on it: how long a commit takes, which commits fail, what a crash keeps.
// Outlives the stores, as their images do. Same thread as they.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace kilonova {

class MemoryDisk {
 public:
  // From the moment a group of commits starts until it is durable; those awaited meanwhile form the next group.
  Duration commit_latency;
  // Asked when a store dies with commits that were not answered: how many of them, in their order, had become durable.
  // May be empty: none.
  std::function<size_t(size_t unanswered)> kept_on_crash;

  // The next transaction fails with this error and leaves nothing; may be said several times.
  void fail_next(Error error) { failures_.push_back(std::move(error)); }
  // Every transaction fails from now on, as on a full disk, until recover().
  void fail_from_now_on(Error error) { standing_failure_ = std::move(error); }
  void recover() { standing_failure_.reset(); }

  bool is_full() const { return standing_failure_.has_value(); }

  // For the stores: the error that the transaction at hand gets, if any.
  std::optional<Error> take_failure() {
    if (standing_failure_ || failures_.empty()) return standing_failure_;
    Error error = std::move(failures_.front());
    failures_.erase(failures_.begin());
    return error;
  }

 private:
  std::vector<Error> failures_;
  std::optional<Error> standing_failure_;
};

}  // namespace kilonova
