// Why launches failed, counted: messages that differ in names only are one reason.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "cli/output/print.h"

namespace kilonova::cli {

class Failures {
 public:
  // Uuids, and the digits of other words with one, count as the same.
  void add(std::string_view reason) { add(reason, 1); }
  void add(std::string_view reason, size_t count);
  size_t total() const { return total_; }
  const std::map<std::string, size_t>& by_reason() const { return counts_; }

 private:
  std::map<std::string, size_t> counts_;
  size_t total_ = 0;
};

// [{"reason": ..., "count": ...}], most frequent first.
Json failures_json(const Failures& failures);
// A line each, "     12  no valid host was found"; "" for none.
std::string render_failures(const Failures& failures);

}  // namespace kilonova::cli
