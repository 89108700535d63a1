#include "domain/nouns/key_pair.h"

#include <fmt/format.h>

namespace kilonova {
namespace {

// Nova's, from microversion 2.92 on.
Expected<> check_key_name(std::string_view name) {
  if (auto word = check_word("the key pair's name", name, " @._-"); !word) return word;
  return check_name("the key pair's name", name);
}

Expected<> check_user(const std::string& user) {
  if (user.empty() || parse_uuid(user)) return {};
  return refuse(fmt::format("the user {} must be given by id", in_quotes(user)));
}

// AWS's limits.
Expected<> check_key_pair_tags(const std::vector<MetadataItem>& tags) {
  if (tags.size() > kMaxKeyPairTags)
    return refuse(fmt::format("{} tags are given; a key pair has at most {}", tags.size(), kMaxKeyPairTags));
  for (const MetadataItem& tag : tags) {
    if (tag.key.empty()) return refuse("a tag of the key pair has no key");
    auto good = check_all(check_text("the tag's key", tag.key, 128), check_text("the tag's value", tag.value, 256));
    if (!good) return good;
  }
  return {};
}

// nova/policies/keypairs.py: admin, or the user itself.
std::string_view others_only(const std::string& user, const RequestContext& context) {
  return user.empty() || parse_uuid(user) == context.user_id ? "" : "a key pair of another user";
}

}  // namespace

Expected<> check_key_name_or_none(std::string_view name) { return name.empty() ? Expected<>{} : check_key_name(name); }

Expected<> ListKeyPairs::check() const {
  return check_all(check_text("the key pair", name), check_limit(limit), check_text("the marker", marker),
                   check_user(user));
}

Expected<> CreateKeyPair::check() const {
  if (auto valid = check_all(check_key_name(name), check_user(user), check_key_pair_tags(tags)); !valid) return valid;
  // The one rule that both halves' types have: what is imported says itself which SSH key it is.
  const bool is_certificate = public_key.starts_with("-----BEGIN CERTIFICATE-----");
  if (type == "x509" && !public_key.empty() && !is_certificate)
    return refuse(
        "Keypair data is invalid: failed to generate X509 fingerprint. Error message: it is no certificate in PEM");
  if (type != "x509" && is_certificate)
    return refuse("Keypair data is invalid: failed to generate fingerprint: it is a certificate, whose type is x509");
  if (!public_key.empty() || type.empty() || type == "ssh" || type == "rsa" || type == "ed25519" || type == "x509")
    return {};
  return refuse(fmt::format("key type {} is unknown; it must be rsa, ed25519 or x509", in_quotes(type)));
}

Expected<> StoreKeyPair::check() const { return check_all(check_key_name(key_pair.name), check_user(user)); }
Expected<> TagKeyPair::check() const { return check_all(check_key_name(name), check_key_pair_tags(set_tags)); }
Expected<> DeleteKeyPair::check() const { return check_all(check_reference("key pair", name), check_user(user)); }

std::string_view ListKeyPairs::admin_only(const RequestContext& context) const { return others_only(user, context); }
std::string_view CreateKeyPair::admin_only(const RequestContext& context) const { return others_only(user, context); }
std::string_view DeleteKeyPair::admin_only(const RequestContext& context) const { return others_only(user, context); }

}  // namespace kilonova
