#include "rpc/convert/decoder.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova::rpc {

void Decoder::fail(std::string reason) {
  if (failed_) return;
  failed_ = true;
  reason_ = std::move(reason);
}

void Decoder::inside(std::string_view field) { path_ = fmt::format(".{}{}", field, path_); }

void Decoder::inside(std::string_view field, size_t index) { path_ = fmt::format(".{}[{}]{}", field, index, path_); }

bool Decoder::take(size_t count, size_t item_size) {
  if (count > bytes_left_ / item_size) {
    fail(fmt::format("{} items are too many: the lists of one message may take {} MiB", count, kMaxListBytes >> 20));
    return false;
  }
  bytes_left_ -= count * item_size;
  return true;
}

Error Decoder::error(std::string_view message) const {
  return Error{ErrorCode::kInvalidArgument, fmt::format("{}{}: {}", message, path_, reason_)};
}

}  // namespace kilonova::rpc
