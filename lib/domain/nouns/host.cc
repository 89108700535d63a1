#include "domain/nouns/host.h"

namespace kilonova {

Expected<> ListHosts::check() const {
  return check_all(check_text("the host", host), check_limit(limit), check_text("the marker", marker));
}

Expected<> SetHostEnabled::check() const {
  return check_all(check_reference("host", host), check_text("the reason", reason));
}

Expected<> SetHostForcedDown::check() const { return check_reference("host", host); }

Expected<> SetHostPower::check() const { return check_reference("host", host); }

Expected<> DeleteHost::check() const { return check_reference("host", host); }

}  // namespace kilonova
