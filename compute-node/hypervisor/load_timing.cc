#include "compute-node/hypervisor/load_timing.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace kilonova::compute {

Expected<TimingModel> load_timing(const std::string& timing, double time_factor) {
  // Who tells a server to go on by hand waits for no hypervisor.
  Expected<TimingModel> model = TimingModel::preset(timing == "manual" ? "instant" : timing);
  if (!model) {
    std::ifstream file(timing);
    if (!file)
      return fail(
          ErrorCode::kNotFound,
          fmt::format("'{}' is neither a timing preset (instant, realistic, manual) nor a readable file", timing));
    std::ostringstream text;
    text << file.rdbuf();
    model = TimingModel::parse(text.str(), timing);
  }
  if (!model) return model;
  return model->times(time_factor);
}

}  // namespace kilonova::compute
