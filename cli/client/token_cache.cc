#include "cli/client/token_cache.h"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/output/json_field.h"
#include "cli/output/read_file.h"

namespace kilonova::cli {
namespace {

using Json = nlohmann::json;

std::string file_of(const TokenOwner& owner) {
  return owner.state_dir + "/run/" + token_file_name(owner.user, owner.project);
}

// Tells a wrong password from the right one without storing either; the token is its salt.
std::string password_mark(const TokenOwner& owner, const std::string& token) {
  std::string text = token + '\0' + owner.password;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace

std::string token_file_name(const std::string& user, const std::string& project) {
  auto escaped = [](const std::string& text) {
    std::string out;
    for (unsigned char c : text) {
      bool harmless =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
      out += harmless ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
    }
    return out;
  };
  return fmt::format("token-{}-{}.json", escaped(user), escaped(project));
}

std::optional<CachedToken> load_token(const TokenOwner& owner, WallTime now) {
  auto text = read_file(file_of(owner));
  return text ? read_token(*text, owner, now) : std::nullopt;
}

std::optional<CachedToken> read_token(const std::string& text, const TokenOwner& owner, WallTime now) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  auto field = [&](const char* name) { return json.value(name, std::string()); };
  try {
    CachedToken token{field("token"), WallTime{integer_at<int64_t>(json, "expires_at_us")}, field("project_id")};
    bool usable = !token.token.empty() && field("endpoint") == owner.endpoint &&
                  field("password_mark") == password_mark(owner, token.token) && token.expires_at > now + seconds(60);
    if (usable) return token;
  } catch (const std::exception&) {
    // A field that is missing or of another type: as good as none.
  }
  return std::nullopt;
}

void store_token(const TokenOwner& owner, const CachedToken& token) {
  Json json{{"endpoint", owner.endpoint},
            {"token", token.token},
            {"expires_at_us", token.expires_at.us},
            {"project_id", token.project_id},
            {"password_mark", password_mark(owner, token.token)}};
  (void)write_private_file(file_of(owner), json.dump() + "\n", SyncMode::kNormal);
}

void forget_token(const TokenOwner& owner) { unlink(file_of(owner).c_str()); }

}  // namespace kilonova::cli
