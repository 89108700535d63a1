#include "domain/nouns/host.h"

#include <fmt/format.h>

namespace kilonova {

Expected<> ListHosts::check() const {
  if (hosts.size() > kMaxPageSize)
    return refuse(fmt::format("{} hosts are named; a list takes at most {} names", hosts.size(), kMaxPageSize));
  for (const std::string& name : hosts)
    if (auto reference = check_reference("host", name); !reference) return reference;
  return check_all(check_text("the host", host), check_limit(limit), check_text("the marker", marker));
}

Expected<> SetHostEnabled::check() const {
  return check_all(check_reference("host", host), check_text("the reason", reason));
}

Expected<> SetHostForcedDown::check() const { return check_reference("host", host); }

Expected<> SetHostPower::check() const { return check_reference("host", host); }

Expected<> DeleteHost::check() const { return check_reference("host", host); }

}  // namespace kilonova
