// CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPair. Fingerprints are those of AWS; Nova's where none is
// known.
#include "api-server/front/ec2/key_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/ec2/tags.h"
#include "daemon/base64.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

const char* type_of(const KeyPair& key) { return key.public_key.starts_with("ssh-ed25519") ? "ed25519" : "rsa"; }

const std::string& fingerprint_of(const KeyPair& key) {
  return key.ec2_fingerprint.empty() ? key.fingerprint : key.ec2_fingerprint;
}

constexpr FilterRule<KeyPair> kRules[] = {
    {"key-name", [](const KeyPair& key, std::string_view) -> Texts { return {key.name}; }},
    {"key-pair-id", [](const KeyPair& key, std::string_view) -> Texts { return {key_pair_id(key)}; }},
    {"fingerprint", [](const KeyPair& key, std::string_view) -> Texts { return {fingerprint_of(key)}; }},
    {"tag-key", [](const KeyPair& key, std::string_view) -> Texts { return keys_of_tags(key.tags); }},
    {"tag:", [](const KeyPair& key, std::string_view tag) -> Texts { return values_of_tag(key.tags, tag); }},
};
constexpr std::span<const FilterRule<KeyPair>> kKeyRules(kRules);

std::unexpected<Refusal> no_such_key(std::string_view what, const std::string& named) {
  return refused("InvalidKeyPair.NotFound", fmt::format("The {} {} does not exist", what, in_quotes(named)));
}

Result<std::vector<MetadataItem>> read_tags_of_key_pair(const Parameter& parameters) {
  auto tags = read_tag_specifications(parameters, "key-pair", "InvalidParameterValue", "a key-pair is made.");
  if (!tags) return tags;
  if (auto room = check_tags_of_record(*tags); !room) return std::unexpected(std::move(room.error()));
  return tags;
}

Task<Result<void>> make(Ec2Call& call, Xml reply, CreateKeyPair wanted) {
  auto tags = read_tags_of_key_pair(call.parameters);
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  wanted.tags = std::move(*tags);
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
  add(reply, "keyPairId", key_pair_id(key));
  add_tag_set(reply, key.tags);
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
  if (key->starts_with("ecdsa-") || key->starts_with("sk-") || key->starts_with("ssh-dss"))
    co_return refused("InvalidKey.Format", "Key is not in valid OpenSSH public key format: it must be RSA or ED25519.");
  auto made = co_await make(call, reply, CreateKeyPair{.name = std::move(*name), .public_key = std::move(*key)});
  if (!made && made.error().code == "InvalidParameterValue") made.error().code = "InvalidKey.Format";
  co_return made;
}

Task<Result<void>> describe_key_pairs(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kKeyRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto shows_key = boolean_of(call.parameters, "IncludePublicKey");
  if (!shows_key) co_return std::unexpected(std::move(shows_key.error()));
  auto keys = co_await all_key_pairs(call);
  if (!keys) co_return std::unexpected(std::move(keys.error()));
  const Texts names = call.parameters.texts("KeyName"), ids = call.parameters.texts("KeyPairId");
  auto has = [&](const std::string& named, auto text_of) {
    return std::ranges::any_of(*keys, [&](const KeyPair& key) { return text_of(key) == named; });
  };
  for (const std::string& name : names)
    if (!has(name, [](const KeyPair& key) { return key.name; })) co_return no_such_key("key pair", name);
  for (const std::string& id : ids)
    if (!has(id, [](const KeyPair& key) { return key_pair_id(key); })) co_return no_such_key("key pair ID", id);
  Xml set = add(reply, "keySet");
  for (const KeyPair& key : *keys) {
    const bool is_named = std::ranges::find(names, key.name) != names.end() ||
                          std::ranges::find(ids, key_pair_id(key)) != ids.end() || (names.empty() && ids.empty());
    if (!is_named || !passes(key, *filters, kKeyRules)) continue;
    Xml item = add(set, "item");
    add(item, "keyPairId", key_pair_id(key));
    add(item, "keyFingerprint", fingerprint_of(key));
    add(item, "keyName", key.name);
    add(item, "keyType", type_of(key));
    add_tag_set(item, key.tags);
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
    auto keys = co_await all_key_pairs(call);
    if (!keys) co_return std::unexpected(std::move(keys.error()));
    for (KeyPair& key : *keys)
      if (key_pair_id(key) == id) name = std::move(key.name);
    if (name.empty()) co_return no_such_key("key pair ID", id);
  }
  auto gone = co_await ask(call, DeleteKeyPair{.name = std::move(name)});
  if (!gone && gone.error().code != ErrorCode::kNotFound) co_return std::unexpected(refusal_of(gone.error()));
  add(reply, "return", true);
  co_return Result<void>();
}

constexpr std::string_view kOfCreate[] = {"KeyName", "KeyType", "KeyFormat", "TagSpecification"};
constexpr std::string_view kOfImport[] = {"KeyName", "PublicKeyMaterial", "TagSpecification"};
constexpr std::string_view kOfDescribe[] = {"Filter", "KeyName", "KeyPairId", "IncludePublicKey"};
constexpr std::string_view kOfDelete[] = {"KeyName", "KeyPairId"};

constexpr Action kActions[] = {
    {"CreateKeyPair", UserRole::kMember, &create_key_pair, kOfCreate},
    {"ImportKeyPair", UserRole::kMember, &import_key_pair, kOfImport},
    {"DescribeKeyPairs", UserRole::kReader, &describe_key_pairs, kOfDescribe},
    {"DeleteKeyPair", UserRole::kMember, &delete_key_pair, kOfDelete},
};

}  // namespace

std::string key_pair_id(const KeyPair& key) { return key_pair_id(key.user_id, key.name); }

Task<Result<std::vector<KeyPair>>> all_key_pairs(Ec2Call& call) {
  auto keys =
      co_await ask_all(call, ListKeyPairs{}, &KeyPairList::key_pairs, [](const KeyPair& key) { return key.name; });
  if (!keys) co_return std::unexpected(refusal_of(keys.error()));
  co_return std::move(*keys);
}

std::span<const Action> key_pair_actions() { return kActions; }

}  // namespace kilonova::api::ec2
