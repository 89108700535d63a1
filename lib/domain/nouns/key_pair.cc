#include "domain/nouns/key_pair.h"

#include <fmt/format.h>


namespace kilonova {
namespace {

// Nova's, from microversion 2.92 on.
Expected<> check_key_name(std::string_view name) {
  if (auto word = check_word("the key pair's name", name, " @._-"); !word) return word;
  return check_name("the key pair's name", name);
}

}  // namespace

Expected<> check_key_name_or_none(std::string_view name) { return name.empty() ? Expected<>{} : check_key_name(name); }

Expected<> ListKeyPairs::check() const {
  return check_all(check_text("the key pair", name), check_limit(limit), check_text("the marker", marker));
}

Expected<> CreateKeyPair::check() const {
  if (auto valid = check_key_name(name); !valid) return valid;
  if (!public_key.empty() || type.empty() || type == "ssh" || type == "rsa" || type == "ed25519") return {};
  return refuse(fmt::format("key type {} is unknown; it must be rsa or ed25519", in_quotes(type)));
}

Expected<> StoreKeyPair::check() const { return check_key_name(key_pair.name); }
Expected<> DeleteKeyPair::check() const { return check_reference("key pair", name); }

}  // namespace kilonova
