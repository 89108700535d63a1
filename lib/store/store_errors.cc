#include "store/store_errors.h"

#include <fmt/format.h>

namespace kilonova {

std::unexpected<Error> instance_missing(const Uuid& uuid) {
  return fail(ErrorCode::kConflict, fmt::format("instance {} is not in the store", to_string(uuid)));
}

std::unexpected<Error> instance_exists(const Uuid& uuid, int64_t id) {
  return fail(ErrorCode::kConflict,
              fmt::format("an instance with uuid {} or id {} is in the store already", to_string(uuid), id));
}

std::unexpected<Error> revision_not_ascending(uint64_t revision, uint64_t newest) {
  return fail(ErrorCode::kConflict,
              fmt::format("event {} does not follow the newest, {}: revisions only ascend", revision, newest));
}

std::unexpected<Error> events_dropped(uint64_t since, uint64_t dropped_through) {
  return fail(
      ErrorCode::kOutOfRange,
      fmt::format("events up to {} were dropped; reading since {} would miss some: list again and read from the "
                  "revision of the list",
                  dropped_through, since));
}

}  // namespace kilonova
