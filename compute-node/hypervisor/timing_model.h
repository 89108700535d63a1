// TimingModel: how long the work of a simulated host takes. Each duration is a median and a spread, drawn from one
// fixed quantile table with integers only: the same seed gives the same durations on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "domain/server_actions.h"

namespace kilonova::compute {

enum class HostWork : uint8_t {
  kClaim,
  kBlockDevice,  // of each disk
  kImageSetup,   // of each download, besides the transfer
  kDefine,
  kVifPlug,
  kStart,
  kDestroy,
};
inline constexpr size_t kHostWorks = static_cast<size_t>(HostWork::kDestroy) + 1;

struct TimingDistribution {
  Duration median;
  // How far the 95th percentile is above the median, in percent of it: 0 = always the median, at most 140. The shape is
  // skewed to the right, as boot times are: with spread 100, a draw lies between 0.3 and 2.8 medians.
  uint32_t spread_percent = 0;
  bool operator==(const TimingDistribution&) const = default;
};

inline constexpr uint32_t kMaxSpreadPercent = 140;

class TimingModel {
 public:
  // All zero: nothing waits.
  static TimingModel instant() { return {}; }
  // Published figures where there are any; timing_model.cc names the source of each.
  static TimingModel realistic();
  // "instant", "realistic", or the text of a file (see parse). kInvalidArgument otherwise.
  static Expected<TimingModel> preset(std::string_view name);

  // Lines `key = value`, `#` starts a comment. Keys: claim, block_device, image_setup, define, vif_plug, start, destroy, and
  // the work of server actions (domain/server_actions.h: power_off, power_on, ...) with a duration ("0", "250us", "130ms", "1.5s") and an optional spread ("130ms 40%");
  // poll_interval with a duration; image_bandwidth in MiB/s ("100", 0 = no time); `base = realistic` as the first line
  // starts from that preset instead of `instant`. kInvalidArgument names file, line and what would be right.
  static Expected<TimingModel> parse(std::string_view text, std::string_view file_name);

  // All durations times the factor (0 to 1000, in millionths); bandwidth divided by it. kInvalidArgument otherwise.
  Expected<TimingModel> times(double factor) const;

  Duration draw(HostWork work, Random& random) const { return draw(static_cast<size_t>(work), random); }
  Duration draw(GuestWork work, Random& random) const {
    return draw(kHostWorks + static_cast<size_t>(work), random);
  }
  // The transfer alone.
  Duration image_transfer(uint64_t size_bytes) const;
  // How often a starting guest is looked at; 0 = it is noticed at once.
  Duration poll_interval() const { return poll_interval_; }

  bool operator==(const TimingModel&) const = default;

 private:
  static Expected<> apply(TimingModel& model, std::string_view key, std::string_view value);

  Duration draw(size_t work, Random& random) const;
  // The key of a work in a file; "" beyond the last.
  static std::string_view key_of(size_t work);

  // Of each HostWork, then of each GuestWork.
  std::vector<TimingDistribution> works_ = std::vector<TimingDistribution>(kHostWorks + guest_works().size());
  Duration poll_interval_;
  uint64_t image_bytes_per_second_ = 0;  // 0 = no time
};

// "0", "250us", "130ms", "1.5s": not negative, at most a day. kInvalidArgument names the value.
Expected<Duration> parse_timing_duration(std::string_view text);

}  // namespace kilonova::compute
