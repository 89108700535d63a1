// CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPair. Fingerprints are those of AWS; Nova's where none is
// known.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "daemon/base64.h"
#include "domain/form_rules.h"
#include "domain/nouns/key_pair.h"

namespace kilonova::api::ec2 {
namespace {

std::string id_of(const KeyPair& key) { return key_pair_id(key.user_id, key.name); }
const char* type_of(const KeyPair& key) { return key.public_key.starts_with("ssh-ed25519") ? "ed25519" : "rsa"; }

const std::string& fingerprint_of(const KeyPair& key) {
  return key.ec2_fingerprint.empty() ? key.fingerprint : key.ec2_fingerprint;
}

constexpr FilterRule<KeyPair> kRules[] = {
    {"key-name", [](const KeyPair& key, std::string_view) -> Texts { return {key.name}; }},
    {"key-pair-id", [](const KeyPair& key, std::string_view) -> Texts { return {id_of(key)}; }},
    {"fingerprint", [](const KeyPair& key, std::string_view) -> Texts { return {fingerprint_of(key)}; }},
    // Nova's record of a key pair has no place for tags.
    {"tag-key", [](const KeyPair&, std::string_view) -> Texts { return {}; }},
    {"tag:", [](const KeyPair&, std::string_view) -> Texts { return {}; }},
};
constexpr std::span<const FilterRule<KeyPair>> kKeyRules(kRules);

std::unexpected<Refusal> no_such_key(std::string_view what, const std::string& named) {
  return refused("InvalidKeyPair.NotFound", fmt::format("The {} {} does not exist", what, in_quotes(named)));
}

Task<Result<void>> make(Ec2Call& call, Xml reply, CreateKeyPair wanted) {
  const std::string name = wanted.name;
  const bool is_generated = wanted.public_key.empty();
  ClientReply made = co_await call.base.core.handle(call.base.meta, ClientRequest{ApiRequest(std::move(wanted)), {}});
  if (!made.result && made.result.error().code == ErrorCode::kAlreadyExists)
    co_return refused("InvalidKeyPair.Duplicate", fmt::format("The keypair {} already exists", in_quotes(name)));
  if (!made.result && made.result.error().code == ErrorCode::kQuotaExceeded)
    co_return refused("ResourceLimitExceeded", made.result.error().message);
  if (!made.result) co_return std::unexpected(refusal_of(made.result.error()));
  const auto* list = get_if<KeyPairList>(&*made.result);
  if (list == nullptr || list->key_pairs.empty())
    co_return refused("InternalError", "a key pair was made and not answered", 500);
  const KeyPair& key = list->key_pairs.front();
  add(reply, "keyName", key.name);
  add(reply, "keyFingerprint", fingerprint_of(key));
  if (is_generated) add(reply, "keyMaterial", made.private_key);
  add(reply, "keyPairId", id_of(key));
  co_return Result<void>();
}

Task<Result<void>> create_key_pair(Ec2Call& call, Xml reply) {
  auto name = required(call.parameters, "KeyName");
  if (!name) co_return std::unexpected(std::move(name.error()));
  std::string type = call.parameters.text("KeyType");
  if (type.empty()) type = "rsa";
  if (type != "rsa" && type != "ed25519")
    co_return refused("InvalidParameterValue", fmt::format("KeyType {} must be rsa or ed25519.", in_quotes(type)));
  const std::string format = call.parameters.text("KeyFormat");
  if (!format.empty() && format != "pem")
    co_return refused("UnsupportedOperation",
                      fmt::format("KeyFormat {} is not honoured: it may be pem.", in_quotes(format)));
  co_return co_await make(call, reply, CreateKeyPair{.name = std::move(*name), .type = std::move(type)});
}

Task<Result<void>> import_key_pair(Ec2Call& call, Xml reply) {
  auto name = required(call.parameters, "KeyName");
  if (!name) co_return std::unexpected(std::move(name.error()));
  auto material = required(call.parameters, "PublicKeyMaterial");
  if (!material) co_return std::unexpected(std::move(material.error()));
  std::optional<std::string> key = from_base64(*material);
  if (!key || key->empty()) co_return refused("InvalidKey.Format", "PublicKeyMaterial must be a public key in base64.");
  while (key->ends_with('\n') || key->ends_with('\r')) key->pop_back();
  auto made = co_await make(call, reply, CreateKeyPair{.name = std::move(*name), .public_key = std::move(*key)});
  if (!made && made.error().code == "InvalidParameterValue") made.error().code = "InvalidKey.Format";
  co_return made;
}

Task<Result<std::vector<KeyPair>>> all_keys(Ec2Call& call) {
  auto keys =
      co_await ask_all(call, ListKeyPairs{}, &KeyPairList::key_pairs, [](const KeyPair& key) { return key.name; });
  if (!keys) co_return std::unexpected(refusal_of(keys.error()));
  co_return std::move(*keys);
}

Task<Result<void>> describe_key_pairs(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kKeyRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto shows_key = boolean_of(call.parameters, "IncludePublicKey");
  if (!shows_key) co_return std::unexpected(std::move(shows_key.error()));
  auto keys = co_await all_keys(call);
  if (!keys) co_return std::unexpected(std::move(keys.error()));
  const Texts names = call.parameters.texts("KeyName"), ids = call.parameters.texts("KeyPairId");
  auto has = [&](const std::string& named, auto text_of) {
    return std::ranges::any_of(*keys, [&](const KeyPair& key) { return text_of(key) == named; });
  };
  for (const std::string& name : names)
    if (!has(name, [](const KeyPair& key) { return key.name; })) co_return no_such_key("key pair", name);
  for (const std::string& id : ids)
    if (!has(id, &id_of)) co_return no_such_key("key pair ID", id);
  Xml set = add(reply, "keySet");
  for (const KeyPair& key : *keys) {
    const bool is_named = std::ranges::find(names, key.name) != names.end() ||
                          std::ranges::find(ids, id_of(key)) != ids.end() || (names.empty() && ids.empty());
    if (!is_named || !passes(key, *filters, kKeyRules)) continue;
    Xml item = add(set, "item");
    add(item, "keyPairId", id_of(key));
    add(item, "keyFingerprint", fingerprint_of(key));
    add(item, "keyName", key.name);
    add(item, "keyType", type_of(key));
    add(item, "tagSet");
    if (*shows_key) add(item, "publicKey", key.public_key);
    add(item, "createTime", key.created_at);
  }
  co_return Result<void>();
}

// As AWS: one that is not there is deleted.
Task<Result<void>> delete_key_pair(Ec2Call& call, Xml reply) {
  std::string name = call.parameters.text("KeyName");
  const std::string id = call.parameters.text("KeyPairId");
  if (name.empty() && id.empty())
    co_return refused("MissingParameter", "The request must contain the parameter KeyName");
  if (name.empty()) {
    auto keys = co_await all_keys(call);
    if (!keys) co_return std::unexpected(std::move(keys.error()));
    for (KeyPair& key : *keys)
      if (id_of(key) == id) name = std::move(key.name);
    if (name.empty()) co_return no_such_key("key pair ID", id);
  }
  auto gone = co_await ask(call, DeleteKeyPair{.name = std::move(name)});
  if (!gone && gone.error().code != ErrorCode::kNotFound) co_return std::unexpected(refusal_of(gone.error()));
  add(reply, "return", true);
  co_return Result<void>();
}

constexpr std::string_view kOfCreate[] = {"KeyName", "KeyType", "KeyFormat"};
constexpr std::string_view kOfImport[] = {"KeyName", "PublicKeyMaterial"};
constexpr std::string_view kOfDescribe[] = {"Filter", "KeyName", "KeyPairId", "IncludePublicKey"};
constexpr std::string_view kOfDelete[] = {"KeyName", "KeyPairId"};
constexpr std::string_view kTags[] = {"TagSpecification"};

constexpr Action kActions[] = {
    {"CreateKeyPair", UserRole::kMember, &create_key_pair, kOfCreate, kTags},
    {"ImportKeyPair", UserRole::kMember, &import_key_pair, kOfImport, kTags},
    {"DescribeKeyPairs", UserRole::kReader, &describe_key_pairs, kOfDescribe},
    {"DeleteKeyPair", UserRole::kMember, &delete_key_pair, kOfDelete},
};

}  // namespace

std::span<const Action> key_pair_actions() { return kActions; }

}  // namespace kilonova::api::ec2
