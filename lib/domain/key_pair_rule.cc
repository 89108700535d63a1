#include "domain/key_pair_rule.h"

#include <fmt/format.h>

namespace kilonova {

Expected<> check_new_key_pair(std::string_view name, bool is_taken, size_t owned, int64_t limit) {
  if (is_taken) return fail(ErrorCode::kAlreadyExists, fmt::format("key pair '{}' already exists", name));
  if (limit >= 0 && owned >= static_cast<size_t>(limit))
    return fail(ErrorCode::kQuotaExceeded, "Quota exceeded, too many key pairs.");
  return {};
}

}  // namespace kilonova
