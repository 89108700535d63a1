// Nova: key pairs, of the token's user or of another.
#include <fmt/format.h>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/key_pair.h"

namespace kilonova::api::openstack {
namespace {

// With what was generated, in the answer to a create alone.
struct Shown {
  KeyPair key;
  std::string private_key;
};
using K = Shown;

std::optional<Json> private_key(const K& k, const Call&) {
  return k.private_key.empty() ? std::nullopt : std::optional<Json>(k.private_key);
}
std::optional<Json> type(const K& k, const Call&) { return k.key.type; }
std::optional<Json> key_name(const K& k, const Call&) { return k.key.name; }
std::optional<Json> public_key(const K& k, const Call&) { return k.key.public_key; }
std::optional<Json> fingerprint(const K& k, const Call&) { return k.key.fingerprint; }
std::optional<Json> user_id(const K& k, const Call&) { return to_hex(k.key.user_id); }

// A number of a row, which key pairs do not have here: the same one for the same user and name.
std::optional<Json> row_id(const K& k, const Call&) {
  uint32_t hash = 2'166'136'261;
  for (char c : to_hex(k.key.user_id) + k.key.name) hash = (hash ^ static_cast<uint8_t>(c)) * 16'777'619;
  return Json(hash & 0x7fffffff);
}

constexpr Field<K> kListed[] = {
    {"name", &key_name}, {"public_key", &public_key}, {"fingerprint", &fingerprint}, {"type", &type, 2}};
constexpr Field<K> kCreated[] = {{"private_key", &private_key}, {"type", &type, 2},
                                 {"name", &key_name},           {"public_key", &public_key},
                                 {"fingerprint", &fingerprint}, {"user_id", &user_id}};
constexpr Field<K> kDetailed[] = {
    {"name", &key_name},
    {"public_key", &public_key},
    {"fingerprint", &fingerprint},
    {"type", &type, 2},
    {"user_id", &user_id},
    {"created_at", [](const K& k, const Call&) -> std::optional<Json> { return time_without_zone(k.key.created_at); }},
    {"deleted", [](const K&, const Call&) -> std::optional<Json> { return false; }},
    {"deleted_at", [](const K&, const Call&) -> std::optional<Json> { return Json(nullptr); }},
    {"id", &row_id},
    {"updated_at", [](const K&, const Call&) -> std::optional<Json> { return Json(nullptr); }},
};

// Whose key pairs: from 2.10 on an admin may name another user. "" = the token's own. `named`: nullptr where none is.
std::expected<std::string, Refusal> read_user(const Call& call, const std::string* named) {
  if (call.minor < 10 || named == nullptr) return "";
  std::optional<Uuid> user = parse_uuid(*named);
  if (user == call.caller.user_id) return "";
  if (!call.is_admin())
    return refused(403, fmt::format("Policy doesn't allow {} to be performed.", call.route->policy));
  // Nova asks nobody whether there is such a user.
  return to_string(user.value_or(Uuid{}));
}

Task<Answered> list(Call& call) {
  auto user = read_user(call, call.in_query("user_id"));
  if (!user) co_return std::unexpected(std::move(user.error()));
  Page page;
  if (call.minor >= 35) {
    auto read = read_page(call);
    if (!read) co_return std::unexpected(std::move(read.error()));
    page = std::move(*read);
  }
  auto keys = co_await ask_all(call, ListKeyPairs{.user = *user}, &KeyPairList::key_pairs,
                               [](const KeyPair& k) { return k.name; });
  if (!keys) co_return std::unexpected(std::move(keys.error()));
  if (call.minor < 35) page.limit = static_cast<uint32_t>(keys->size()) + 1;
  auto cut = cut_page(call, page, *keys, [](const KeyPair& k) { return k.name; });
  if (!cut) co_return refused(400, fmt::format("Marker {} could not be found.", page.marker));
  Json items = Json::array();
  for (const KeyPair& key : cut->rows) items.push_back({{"keypair", view(kListed, K{key, ""}, call)}});
  co_return page_answer("keypairs", std::move(items), std::move(cut->next));
}

std::unexpected<Refusal> no_key_pair(const Call& call, std::string_view name, std::string_view user) {
  std::optional<Uuid> other = parse_uuid(user);
  return refused(404,
                 fmt::format("Keypair {} not found for user {}", name, to_hex(other.value_or(call.caller.user_id))));
}

Task<Answered> show(Call& call) {
  auto user = read_user(call, call.in_query("user_id"));
  if (!user) co_return std::unexpected(std::move(user.error()));
  std::string asked = call.in_path("name");
  auto found = co_await ask(call, ListKeyPairs{.name = asked, .user = *user});
  if (!found && (found.error().status == 404 || found.error().status == 400)) co_return no_key_pair(call, asked, *user);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return Answer{200, {{"keypair", view(kDetailed, K{found->key_pairs.front(), ""}, call)}}};
}

const Rule& create_rule() {
  static const Rule rule = body_of("keypair", object({{"name", name(), true},
                                                      {"public_key", text(), false, 1, 91},
                                                      {"public_key", text(), true, 92},
                                                      {"type", one_of({"ssh", "x509"}), false, 2},
                                                      {"user_id", text(), false, 10}}));
  return rule;
}

Task<Answered> create(Call& call) {
  if (auto wrong = check_schema(create_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "keypair");
  // A key that is said is imported, whatever it is.
  if (const Json* key = member(wanted, "public_key"); key != nullptr && key->get_ref<const std::string&>().empty())
    co_return refused(400, "Keypair data is invalid: failed to generate fingerprint");
  const std::string named = text_at(wanted, "user_id");
  auto user = read_user(call, named.empty() ? nullptr : &named);
  if (!user) co_return std::unexpected(std::move(user.error()));
  const std::string type = text_at(wanted, "type");
  CreateKeyPair operation{text_at(wanted, "name"), type.empty() ? "ssh" : type, text_at(wanted, "public_key"), *user};
  std::string asked = operation.name;
  ClientReply reply = co_await call.core.handle(call.meta, ClientRequest{ApiRequest(std::move(operation)), {}});
  if (!reply.result && reply.result.error().code == ErrorCode::kAlreadyExists)
    co_return refused(409, fmt::format("Key pair '{}' already exists.", asked));
  if (!reply.result) co_return std::unexpected(refusal_of(reply.result.error()));
  auto* made = get_if<KeyPairList>(&*reply.result);
  if (made == nullptr || made->key_pairs.empty()) co_return refused(500, "a key pair was made and not answered");
  Json body{{"keypair", view(kCreated, K{made->key_pairs.front(), reply.private_key}, call)}};
  co_return Answer{call.minor >= 2 ? 201u : 200u, std::move(body)};
}

Task<Answered> remove(Call& call) {
  auto user = read_user(call, call.in_query("user_id"));
  if (!user) co_return std::unexpected(std::move(user.error()));
  std::string asked = call.in_path("name");
  auto removed = co_await ask(call, DeleteKeyPair{asked, *user});
  if (!removed && (removed.error().status == 404 || removed.error().status == 400))
    co_return no_key_pair(call, asked, *user);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{call.minor >= 2 ? 204u : 202u, nullptr};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/v2.1/os-keypairs", UserRole::kReader, "os_compute_api:os-keypairs:index", &list},
    {Service::kCompute, "POST", "/v2.1/os-keypairs", UserRole::kMember, "os_compute_api:os-keypairs:create", &create},
    {Service::kCompute, "GET", "/v2.1/os-keypairs/{name}", UserRole::kReader, "os_compute_api:os-keypairs:show", &show},
    {Service::kCompute, "DELETE", "/v2.1/os-keypairs/{name}", UserRole::kMember, "os_compute_api:os-keypairs:delete",
     &remove},
};

}  // namespace

std::span<const Route> key_pair_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
