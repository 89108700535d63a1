#include "api-server/front/ec2/access_keys.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/front/ec2/signature.h"
#include "api-server/front/ec2/signature_v2.h"

namespace kilonova::api::ec2 {
namespace {

// The same for an unknown key and for a wrong signature: nobody learns which keys there are.
std::unexpected<Refusal> not_validated() {
  return refused("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
}

Refusal of_keystone(const openstack::Refusal& refusal) {
  if (refusal.status == 401 || refusal.status == 403) return not_validated().error();
  if (refusal.status == 503) return {"Unavailable", refusal.message, 503};
  return {"InternalError", refusal.message, 500};
}

// What a request says of its signature, of the one version or the other.
struct Proof {
  std::optional<Authorization> v4;
  AuthorizationV2 v2;

  const std::string& access_key() const { return v4 ? v4->access_key : v2.access_key; }
  WallTime signed_at() const { return v4 ? v4->signed_at : v2.signed_at; }
  Duration valid_for() const { return v4 ? v4->valid_for : kClockSkew; }
  bool is_made_with(const std::string& secret, const openstack::Call& call, const Form& form) const {
    return v4 ? is_signed_with(call.request, call.target, *v4, secret)
              : is_signed_with_v2(call.request, call.target, form, v2, secret);
  }
};

Result<Proof> read_proof(const http::Request& request, const http::Target& target, const Form& form) {
  if (request.header("Authorization").empty() && says_signature_v2(form)) {
    auto v2 = read_authorization_v2(form);
    if (!v2) return std::unexpected(std::move(v2.error()));
    return Proof{std::nullopt, std::move(*v2)};
  }
  auto v4 = read_authorization(request, target);
  if (!v4) return std::unexpected(std::move(v4.error()));
  return Proof{std::move(*v4), {}};
}

}  // namespace

Task<Result<AccessKeys::Opened>> AccessKeys::open(openstack::Call& own, const Form& form) {
  auto proof = read_proof(own.request, own.target, form);
  if (!proof) co_return std::unexpected(std::move(proof.error()));
  auto access = co_await openstack::find_ec2_access(own, proof->access_key());
  if (!access) co_return std::unexpected(of_keystone(access.error()));
  if (!*access || !proof->is_made_with((*access)->secret, own, form)) co_return not_validated();
  if (auto in_time = check_time(proof->signed_at(), own.loop.wall_now(), proof->valid_for()); !in_time)
    co_return std::unexpected(std::move(in_time.error()));
  if (auto known = kept_.find((*access)->id); known != kept_.end() && known->second.revision == (*access)->revision)
    if (auto claims = own.core.check_token(known->second.token))
      co_return Opened{known->second.token, std::move(*claims)};
  co_return co_await log_in(own, std::move(**access));
}

Task<Result<AccessKeys::Opened>> AccessKeys::log_in(openstack::Call& own, openstack::Ec2Access access) {
  auto claims = co_await openstack::claims_of_ec2_access(own, access);
  if (!claims) co_return std::unexpected(of_keystone(claims.error()));
  claims->expires_at = own.loop.wall_now() + std::min(own.core.token_lifetime(), kLifetime);
  std::string token = own.core.issue(own.meta, *claims);
  // Those of keys that nobody uses any more go with the others.
  if (kept_.size() >= kMaxKept) kept_.clear();
  kept_.insert_or_assign(access.id, Kept{access.revision, token});
  co_return Opened{std::move(token), std::move(*claims)};
}

}  // namespace kilonova::api::ec2
