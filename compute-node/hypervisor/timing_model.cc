#include "compute-node/hypervisor/timing_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kilonova::compute {
namespace {

// Deviation from the median at each twentieth of probability, in thousandths of the spread; the one at 95 % is 1000.
constexpr auto kQuantiles = std::to_array<int64_t>(
    {-700, -500, -420, -360, -310, -260, -210, -160, -110, -55, 0, 60, 120, 190, 270, 360, 460, 580, 750, 1000, 1800});
static_assert(kQuantiles.size() == 21 && kQuantiles[10] == 0 && kQuantiles[19] == 1000, "the median, and the spread");
static_assert(std::ranges::is_sorted(kQuantiles), "deviations grow with the probability");
constexpr uint64_t kDraws = 1 << 20;
constexpr int64_t kMillion = 1'000'000;

// The inverse of the distribution function at draw / kDraws, straight lines between the quantiles.
int64_t deviation(uint64_t draw) {
  uint64_t position = draw * (kQuantiles.size() - 1);
  uint64_t index = position / kDraws;
  auto rest = static_cast<int64_t>(position % kDraws);
  int64_t low = kQuantiles[index];
  int64_t high = kQuantiles[index + 1];
  return low + (high - low) * rest / static_cast<int64_t>(kDraws);
}

Duration scaled(Duration duration, int64_t millionths) {
  return {static_cast<int64_t>(static_cast<__int128>(duration.us) * millionths / kMillion)};
}

}  // namespace

// IBM: Blue Box help, 2017-01-09, one launch of a 618 MB RHEL image, cached, m1.medium: 6.5 s in all. Its spread is not
// published: Rally's Icehouse story (400 boots of cirros: median about 8 s, p90 9.6 s, max 14.1 s) gives some 40 %.
TimingModel TimingModel::realistic() {
  TimingModel model;
  auto set = [&](HostWork work, Duration median, uint32_t spread) {
    model.works_[static_cast<size_t>(work)] = {median, spread};
  };
  set(HostWork::kClaim, milliseconds(130), 40);        // IBM: lock to claim
  set(HostWork::kBlockDevice, milliseconds(740), 40);  // IBM: addresses allocated until the overlay is made
  set(HostWork::kImageSetup, milliseconds(500), 40);   // assumed: the cached image of IBM's launch had none
  set(HostWork::kDefine, milliseconds(1700), 40);      // IBM: network info read, until the domain starts
  set(HostWork::kVifPlug, milliseconds(3590), 40);     // IBM: plugging the virtual interfaces
  set(HostWork::kStart, milliseconds(100), 40);        // IBM: resumed until complete
  set(HostWork::kDestroy, milliseconds(800), 40);      // assumed
  for (const GuestWorkInfo& work : guest_works())
    model.works_[kHostWorks + static_cast<size_t>(work.work)] = {work.realistic, work.spread_percent};
  model.poll_interval_ = milliseconds(500);      // Nova: libvirt driver, _wait_for_boot
  model.image_bytes_per_second_ = 100ULL << 20;  // assumed: about what 1 Gbit/s carries
  return model;
}

Expected<TimingModel> TimingModel::preset(std::string_view name) {
  if (name == "instant") return instant();
  if (name == "realistic") return realistic();
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no timing preset: say instant, realistic, or the path of a file", name));
}

Expected<TimingModel> TimingModel::times(double factor) const {
  if (!(factor >= 0 && factor <= 1000))
    return fail(ErrorCode::kInvalidArgument, fmt::format("time factor {} is not between 0 and 1000", factor));
  TimingModel model = *this;
  int64_t millionths = std::llround(factor * kMillion);
  for (TimingDistribution& work : model.works_) work.median = scaled(work.median, millionths);
  model.poll_interval_ = scaled(poll_interval_, millionths);
  if (millionths == 0) {
    model.image_bytes_per_second_ = 0;
  } else if (image_bytes_per_second_ != 0) {
    // A bandwidth too slow to be a whole number of bytes stays at the least one that takes time.
    auto bandwidth = static_cast<unsigned __int128>(image_bytes_per_second_) * kMillion / millionths;
    model.image_bytes_per_second_ = bandwidth == 0 ? 1 : static_cast<uint64_t>(bandwidth);
  }
  return model;
}

std::string_view TimingModel::key_of(size_t work) {
  static constexpr auto kKeys = std::to_array<std::string_view>(
      {"claim", "block_device", "image_setup", "define", "vif_plug", "start", "destroy"});
  static_assert(kKeys.size() == kHostWorks);
  if (work < kHostWorks) return kKeys[work];
  return work - kHostWorks < guest_works().size() ? guest_works()[work - kHostWorks].name : "";
}

Duration TimingModel::draw(size_t work, Random& random) const {
  const TimingDistribution& distribution = works_[work];
  if (distribution.median.us == 0 || distribution.spread_percent == 0) return distribution.median;
  int64_t percent_thousandths = deviation(random.below(kDraws)) * distribution.spread_percent;
  return {distribution.median.us + distribution.median.us * percent_thousandths / 100'000};
}

Duration TimingModel::image_transfer(uint64_t size_bytes) const {
  if (image_bytes_per_second_ == 0) return {};
  auto us = static_cast<unsigned __int128>(size_bytes) * kMillion / image_bytes_per_second_;
  const unsigned __int128 longest = 86'400ULL * kMillion;  // a size from a hostile peer must not overflow
  return {static_cast<int64_t>(us < longest ? us : longest)};
}

}  // namespace kilonova::compute
