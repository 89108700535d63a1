#include "domain/key_pair_rule.h"

#include <fmt/format.h>

namespace kilonova {

Expected<> check_new_key_pair(std::string_view name, bool is_taken, size_t owned) {
  if (is_taken) return fail(ErrorCode::kAlreadyExists, fmt::format("key pair '{}' already exists", name));
  if (owned >= kKeyPairsPerUser) return fail(ErrorCode::kQuotaExceeded, "Quota exceeded, too many key pairs.");
  return {};
}

}  // namespace kilonova
