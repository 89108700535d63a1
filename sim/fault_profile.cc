#include "sim/fault_profile.h"

namespace kilonova::sim {
namespace {

FaultProfile network_profile() {
  FaultProfile profile{.name = "network"};
  profile.network.latency_max = milliseconds(20);
  profile.network.lose_frame = 0.005;
  profile.network.repeat_frame = 0.01;
  profile.network.reorder_frame = 0.01;
  profile.network.lose_message = 0.01;
  profile.network.break_connection = 0.001;
  profile.cut = {seconds(60), seconds(90)};
  profile.disconnect = {seconds(30), {}};
  return profile;
}

FaultProfile crash_profile() {
  FaultProfile profile{.name = "crash"};
  profile.kill_controller = {seconds(120), seconds(30)};
  profile.kill_scheduler = {seconds(60), seconds(30)};
  profile.kill_network = {seconds(120), seconds(40)};
  profile.kill_compute = {seconds(60), seconds(120)};
  profile.kill_api = {seconds(120), seconds(20)};
  profile.refusal = {seconds(20), {}};
  return profile;
}

// On in half of the worlds; somewhere between rare and incessant.
Recurring draw(Random& random, Duration every_min, Duration every_max, Duration lasts) {
  if (random.chance(0.5)) return {};
  auto between = [&](Duration low, Duration high) {
    return microseconds(low.us + static_cast<int64_t>(random.below(static_cast<uint64_t>(high.us - low.us + 1))));
  };
  Duration every = between(every_min, every_max);
  return {every, lasts.us == 0 ? Duration{} : between(microseconds(lasts.us / 20), lasts)};
}

double draw_chance(Random& random, double most) { return random.chance(0.5) ? 0 : most * random.uniform(); }

FaultProfile swarm_profile(Random& random) {
  FaultProfile profile{.name = "swarm"};
  profile.network.latency_max = microseconds(100 + static_cast<int64_t>(random.below(50'000)));
  profile.network.lose_frame = draw_chance(random, 0.02);
  profile.network.repeat_frame = draw_chance(random, 0.03);
  profile.network.reorder_frame = draw_chance(random, 0.03);
  profile.network.lose_message = draw_chance(random, 0.04);
  profile.network.repeat_message = draw_chance(random, 0.04);
  profile.network.break_connection = draw_chance(random, 0.005);
  profile.cut = draw(random, seconds(10), seconds(120), seconds(150));
  profile.disconnect = draw(random, seconds(2), seconds(60), {});
  profile.kill_controller = draw(random, seconds(20), seconds(200), seconds(100));
  profile.kill_scheduler = draw(random, seconds(10), seconds(120), seconds(100));
  profile.kill_network = draw(random, seconds(10), seconds(120), seconds(100));
  profile.kill_compute = draw(random, seconds(5), seconds(120), seconds(150));
  profile.kill_api = draw(random, seconds(20), seconds(120), seconds(60));
  profile.full_disk = draw(random, seconds(20), seconds(120), seconds(60));
  profile.refusal = draw(random, seconds(1), seconds(30), {});
  profile.slow_disk = draw(random, seconds(20), seconds(120), seconds(60));
  profile.skew = draw(random, seconds(20), seconds(120), seconds(4000));
  profile.rules = random.chance(0.5);
  return profile;
}

}  // namespace

std::optional<FaultProfile> make_profile(std::string_view name, Random& random) {
  if (name == "none") return FaultProfile{};
  if (name == "network") return network_profile();
  if (name == "crash") return crash_profile();
  if (name == "swarm") return swarm_profile(random);
  return std::nullopt;
}

}  // namespace kilonova::sim
