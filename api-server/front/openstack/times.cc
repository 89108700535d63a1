#include "api-server/front/openstack/times.h"

#include <string>

namespace kilonova::api::openstack {
namespace {

constexpr size_t kSeconds = sizeof("2026-01-02T03:04:05") - 1;

Json with_tail(WallTime time, const char* tail) {
  std::string text = to_iso8601(time);
  if (text.empty()) return nullptr;
  return text.substr(0, kSeconds) + tail;
}

}  // namespace

Json time_to_seconds(WallTime time) { return with_tail(time, "Z"); }
Json time_without_zone(WallTime time) { return with_tail(time, ".000000"); }
Json time_of_token(WallTime time) { return with_tail(time, ".000000Z"); }

}  // namespace kilonova::api::openstack
