#include "rpc/node/cluster_secret.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "rpc/node/handshake.h"

namespace kilonova {
namespace {

constexpr std::string_view kRoleSecret = "kilonova-role-secret-1:";
constexpr std::array kDaemons{Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute, Role::kApi};
constexpr size_t kKeyDigits = 64;

std::string name_of(Role dialer, Role server) { return fmt::format("{}>{}", to_string(dialer), to_string(server)); }

std::string key_of(std::string_view secret, Role dialer, Role server) {
  const std::string what = "kilonova cluster key 1: " + name_of(dialer, server);
  std::array<unsigned char, EVP_MAX_MD_SIZE> made;
  unsigned int length = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(what.data()), what.size(), made.data(), &length);
  KN_CHECK(done != nullptr, "HMAC-SHA256 failed");
  std::string digits;
  for (unsigned int i = 0; i < length; ++i) digits += fmt::format("{:02x}", made[i]);
  return digits;
}

std::unexpected<Error> damaged(std::string_view why) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("the cluster secret of a role is damaged: {}", why));
}

}  // namespace

Expected<ClusterSecret> ClusterSecret::parse(std::string_view text) {
  ClusterSecret secret;
  if (!text.starts_with(kRoleSecret)) {
    secret.whole_ = text;
    return secret;
  }
  text.remove_prefix(kRoleSecret.size());
  while (!text.empty()) {
    std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return damaged("a key has no name");
    std::string_view key = entry.substr(equals + 1);
    if (key.size() != kKeyDigits) return damaged(fmt::format("a key has {} digits, not {}", key.size(), kKeyDigits));
    bool known = false;
    for (Role dialer : kDaemons)
      for (Role server : kDaemons)
        if (dials(dialer, server) && entry.substr(0, equals) == name_of(dialer, server)) {
          secret.keys_[{dialer, server}] = key;
          known = true;
        }
    if (!known) return damaged(fmt::format("no daemons are connected as '{}'", entry.substr(0, equals)));
  }
  if (secret.keys_.empty()) return damaged("it has no keys");
  return secret;
}

std::optional<std::string> ClusterSecret::key_for(Role dialer, Role server) const {
  if (!whole_.empty()) return key_of(whole_, dialer, server);
  if (keys_.empty()) return "";
  auto key = keys_.find({dialer, server});
  return key == keys_.end() ? std::nullopt : std::optional(key->second);
}

std::string ClusterSecret::for_role(Role role) const {
  KN_CHECK(!whole_.empty(), "a role's secret is made of the whole one");
  std::string text;
  for (Role dialer : kDaemons)
    for (Role server : kDaemons)
      if (dials(dialer, server) && (dialer == role || server == role))
        text +=
            fmt::format("{}{}={}", text.empty() ? "" : ",", name_of(dialer, server), key_of(whole_, dialer, server));
  return std::string(kRoleSecret) + text;
}

bool ClusterSecret::is_for(Role role) const {
  if (keys_.empty()) return true;
  for (Role dialer : kDaemons)
    for (Role server : kDaemons)
      if (dials(dialer, server) && (dialer == role || server == role) && !keys_.contains({dialer, server}))
        return false;
  return true;
}

}  // namespace kilonova
