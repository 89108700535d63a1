#include "base/ids.h"

#include <fmt/format.h>

namespace kilonova {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_position(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Uuid random_uuid(Random& random) {
  Uuid uuid;
  uint64_t words[2] = {random.next(), random.next()};
  __builtin_memcpy(uuid.bytes.data(), words, 16);
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

std::string to_hex(const Uuid& uuid) {
  std::string text(32, '0');
  for (size_t i = 0; i < 16; ++i) {
    text[2 * i] = kHexDigits[uuid.bytes[i] >> 4];
    text[2 * i + 1] = kHexDigits[uuid.bytes[i] & 15];
  }
  return text;
}

std::string to_string(const Uuid& uuid) {
  std::string text(36, '-');
  size_t out = 0;
  for (uint8_t byte : uuid.bytes) {
    if (is_dash_position(out)) ++out;
    text[out++] = kHexDigits[byte >> 4];
    text[out++] = kHexDigits[byte & 15];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return std::nullopt;
  Uuid uuid;
  size_t digit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (dashed && is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    uuid.bytes[digit / 2] = static_cast<uint8_t>(uuid.bytes[digit / 2] << 4 | value);
    ++digit;
  }
  return uuid;
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kController: return "controller";
    case Role::kScheduler: return "scheduler";
    case Role::kNetwork: return "network";
    case Role::kCompute: return "compute";
    case Role::kApi: return "api";
    case Role::kClient: return "client";
  }
  return "unknown";
}

std::string to_string(PeerId peer) { return fmt::format("{}-{}", to_string(peer.role), peer.index); }

}  // namespace kilonova
