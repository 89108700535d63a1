#include "api-server/front/openstack/identity/ec2_access.h"

#include <utility>

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/identity/token_scope.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

std::string id_of_ec2_credential(std::string_view access) { return sha256_hex(access); }

Task<std::expected<std::optional<Ec2Access>, Refusal>> find_ec2_access(Call& own, std::string access_key) {
  auto found = co_await find_object(own, kCredentials, id_of_ec2_credential(access_key));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return std::nullopt;
  const StoredObject& record = **found;
  std::optional<Json> blob = parse_json(text_at(record.body, "blob"));
  std::optional<Uuid> user = parse_uuid(record.owner);
  std::optional<Uuid> project = parse_uuid(text_at(record.body, "project_id"));
  const bool is_whole = blob && user && project && text_at(record.body, "type") == "ec2" &&
                        parse_uuid(text_at(record.body, "user_id")) == user && text_at(*blob, "access") == access_key &&
                        !text_at(*blob, "secret").empty() && text_at(*blob, "trust_id").empty();
  if (!is_whole) co_return std::nullopt;
  co_return Ec2Access{record.id, record.revision, text_at(*blob, "secret"), *user, *project};
}

Task<std::expected<TokenClaims, Refusal>> claims_of_ec2_access(Call& own, Ec2Access access) {
  Proof proof{.user = access.user, .methods = kByEc2Credential, .generation = own.core.generation_of(access.user)};
  WantedScope wanted{WantedScope::Kind::kProject, {{"id", to_hex(access.project)}}};
  return claims_for(own, std::move(proof), std::move(wanted));
}

}  // namespace kilonova::api::openstack
