#include "daemon/password_hash.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <optional>

#include "daemon/base64.h"

namespace kilonova {
namespace {

constexpr uint64_t kMaxMemoryBytes = 128 << 20;
constexpr uint64_t kMaxParallelism = 16;
constexpr uint64_t kMaxWork = 16 * (1 << 14) * 8;  // sixteen times what a hash of ours costs: half a second
constexpr size_t kHashLength = 32;

// The parts between the dollars, if there are exactly as many.
template <size_t N>
std::optional<std::array<std::string_view, N>> split(std::string_view text) {
  std::array<std::string_view, N> parts;
  for (size_t i = 0; i + 1 < N; ++i) {
    size_t dollar = text.find('$');
    if (dollar == std::string_view::npos) return std::nullopt;
    parts[i] = text.substr(0, dollar);
    text.remove_prefix(dollar + 1);
  }
  parts[N - 1] = text;
  if (text.find('$') != std::string_view::npos) return std::nullopt;
  return parts;
}

bool parse(std::string_view text, uint64_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost, size_t length) {
  if (cost.r == 0 || cost.r > 64 || cost.p == 0 || cost.p > kMaxParallelism || cost.n > kMaxMemoryBytes ||
      cost.n * cost.r * cost.p > kMaxWork)
    return "";
  std::string key(length, '\0');
  int done =
      EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
                     cost.n, cost.r, cost.p, kMaxMemoryBytes, reinterpret_cast<unsigned char*>(key.data()), key.size());
  return done == 1 ? key : std::string();
}

std::string make_password_hash(std::string_view password, std::string_view salt, const ScryptCost& cost) {
  return fmt::format("scrypt${}${}${}${}${}", cost.n, cost.r, cost.p, to_base64(salt),
                     to_base64(scrypt(password, salt, cost, kHashLength)));
}

bool matches_password_hash(std::string_view password, std::string_view hash) {
  auto parts = split<6>(hash);
  ScryptCost cost;
  if (!parts || (*parts)[0] != "scrypt" || !parse((*parts)[1], cost.n) || !parse((*parts)[2], cost.r) ||
      !parse((*parts)[3], cost.p))
    return false;
  std::optional<std::string> salt = from_base64((*parts)[4]);
  std::optional<std::string> wanted = from_base64((*parts)[5]);
  if (!salt || !wanted || wanted->size() != kHashLength) return false;
  std::string found = scrypt(password, *salt, cost, wanted->size());
  return found.size() == wanted->size() && CRYPTO_memcmp(found.data(), wanted->data(), found.size()) == 0;
}

}  // namespace kilonova
