#include "base/time.h"

#include <fmt/format.h>

namespace kilonova {

std::string to_iso8601(WallTime time) {
  if (time.us == 0) return "";
  int64_t seconds_since_epoch = time.us / 1'000'000;
  int64_t days = seconds_since_epoch / 86'400;
  int64_t second_of_day = seconds_since_epoch % 86'400;
  // Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  int64_t z = days + 719'468;
  int64_t era = z / 146'097;
  int64_t day_of_era = z - era * 146'097;
  int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", year, month, day, second_of_day / 3600,
                     second_of_day / 60 % 60, second_of_day % 60, time.us % 1'000'000);
}

}  // namespace kilonova
