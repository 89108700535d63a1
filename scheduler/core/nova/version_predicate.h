// Conditions on a version, as an image asks for one of its hypervisor: ">=6.0, <7.2". Python:
// distutils.versionpredicate and StrictVersion.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/core/python_object.h"

namespace kilonova::scheduler::nova {

// "6.0", "7.2.1", "6.0b2": two or three numbers, and perhaps an alpha or beta, which is before the version itself.
struct StrictVersion {
  std::array<int64_t, 3> numbers = {};
  // ('a' or 'b', its number); one that is none comes behind all.
  std::pair<char, int64_t> prerelease = {'z', 0};

  auto operator<=>(const StrictVersion&) const = default;
  static std::optional<StrictVersion> parse(std::string_view text);
};

class VersionPredicate {
 public:
  // Nothing when it is no list of conditions.
  static std::optional<VersionPredicate> parse(std::string_view text);
  // ValueError when `version` is none and there is a condition.
  PythonResult<bool> satisfied_by(std::string_view version) const;

 private:
  struct Condition {
    std::string sign;
    StrictVersion version;
  };
  std::vector<Condition> conditions_;
};

// 6002001 is "6.2.1", 640 is "640". Nova: oslo_utils.versionutils.convert_version_to_str. Of a number above 0.
std::string version_text(int64_t version);

}  // namespace kilonova::scheduler::nova
