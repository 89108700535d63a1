// RefusalLog: which refused connections become lines of the log. Whoever is refused decides how often it comes and what
// it claims to be, so neither may decide how much is written: a minute has one line for each machine and kind of refusal,
// and so many in all. What was left out is counted. Loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/time.h"

namespace kilonova {

class RefusalLog {
 public:
  static constexpr Duration kInterval = seconds(60);
  static constexpr size_t kLinesAnInterval = 20;

  // Nothing when no line is to be written; otherwise how many refusals had none since the last line.
  std::optional<uint64_t> admit(std::string machine, ErrorCode kind, Instant now) {
    if (lines_ == 0 || now - began_ >= kInterval) {
      began_ = now;
      lines_ = 0;
      std::erase_if(written_, [&](const auto& entry) { return now - entry.second >= kInterval; });
    }
    auto last = written_.find({machine, kind});
    bool repeated = last != written_.end() && now - last->second < kInterval;
    if (repeated || lines_ == kLinesAnInterval) {
      ++left_out_;
      return std::nullopt;
    }
    ++lines_;
    written_[{std::move(machine), kind}] = now;
    return std::exchange(left_out_, 0);
  }

  // Lines remembered: those of two intervals at most, whoever comes.
  size_t remembered() const { return written_.size(); }

 private:
  std::map<std::pair<std::string, ErrorCode>, Instant> written_;
  Instant began_;  // of the interval that lines_ counts
  size_t lines_ = 0;
  uint64_t left_out_ = 0;
};

}  // namespace kilonova
