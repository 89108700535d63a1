// What a decoding run knows besides the message: the first failure, where it was, and how much memory may still be used.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova::rpc {

class Decoder {
 public:
  // A list item of two bytes on the wire can be a struct of a kilobyte: without a bound, 16 MiB of garbage would ask for
  // gigabytes.
  static constexpr size_t kMaxListBytes = size_t{256} << 20;

  bool failed() const { return failed_; }

  // Only the first failure counts.
  void fail(std::string reason);
  // Called while the failure travels outwards: the path grows at its front.
  void inside(std::string_view field);
  void inside(std::string_view field, size_t index);

  // False, and failed, when `count` items of `item_size` bytes are more than may be had.
  bool take(size_t count, size_t item_size);

  // kInvalidArgument: "InstanceReport.steps[3].step: 77 is not ...".
  Error error(std::string_view message) const;

 private:
  bool failed_ = false;
  size_t bytes_left_ = kMaxListBytes;
  std::string path_;
  std::string reason_;
};

}  // namespace kilonova::rpc
