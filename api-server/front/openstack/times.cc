#include "api-server/front/openstack/times.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
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

std::optional<WallTime> parse_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::string copy(text.substr(0, 40));
  int read = 0;
  int fields =
      std::sscanf(copy.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &read);
  if (fields == 3) read = static_cast<int>(copy.size());
  if (fields != 6 && fields != 3) return std::nullopt;
  std::string_view tail = std::string_view(copy).substr(fields == 6 ? static_cast<size_t>(read) : copy.size());
  int64_t fraction_us = 0;
  if (!tail.empty() && tail.front() == '.') {
    const std::string_view digits = tail.substr(1, std::min(tail.find_first_not_of("0123456789", 1), tail.size()) - 1);
    for (size_t i = 0; i < 6; ++i) fraction_us = fraction_us * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    tail.remove_prefix(1 + digits.size());
  }
  bool in_range = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 61 &&
                  year >= 1970 && hour >= 0 && minute >= 0 && second >= 0;
  if (!in_range || (!tail.empty() && tail != "Z" && tail != "+00:00")) return std::nullopt;
  // A 31st of a shorter month is a day of the next one.
  std::chrono::sys_days days = std::chrono::year(year) / month / 1;
  int64_t hours = (days.time_since_epoch().count() + day - 1) * 24 + hour;
  return WallTime{(hours * 3600 + minute * 60 + second) * 1'000'000 + fraction_us};
}

}  // namespace kilonova::api::openstack
