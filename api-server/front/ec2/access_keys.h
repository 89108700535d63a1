// AccessKeys: who a signed request is from. A key's record is read for each request; the token that it opens is kept
// for a minute, for what a log-in costs.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "api-server/core/token.h"
#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/identity/ec2_access.h"
#include "http/message.h"
#include "http/target.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// Loop thread only.
class AccessKeys {
 public:
  struct Opened {
    std::string token;
    TokenClaims claims;
  };
  // `own`: a call in the api-server's own name; `form`: its parameters. AuthFailure for a key that is none, whose user
  // may do nothing by now, or that did not sign this; the other refusals of signature.h.
  Task<Result<Opened>> open(openstack::Call& own, const Form& form);

 private:
  struct Kept {
    uint64_t revision = 0;  // of the record
    std::string token;
  };
  Task<Result<Opened>> log_in(openstack::Call& own, openstack::Ec2Access access);

  static constexpr size_t kMaxKept = 10'000;
  static constexpr Duration kLifetime = seconds(60);

  std::map<std::string, Kept> kept_;  // by the record's id
};

}  // namespace kilonova::api::ec2
