#include "http/target.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace kilonova::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Bytes of the character that begins here, 0 where none does.
size_t character_size(std::string_view bytes) {
  auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  uint8_t first = at(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < size) return 0;
  for (size_t i = 1; i < size; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && at(1) < 0xa0) return 0;
  if (first == 0xed && at(1) > 0x9f) return 0;
  if (first == 0xf0 && at(1) < 0x90) return 0;
  if (first == 0xf4 && at(1) > 0x8f) return 0;
  return size;
}

std::optional<std::string> decode_text(std::string_view text, bool plus_is_space) {
  std::optional<std::string> decoded = percent_decode(text, plus_is_space);
  if (decoded && !is_text(*decoded)) return std::nullopt;
  return decoded;
}

bool parse_path(std::string_view raw, Target& target) {
  while (!raw.empty()) {
    raw.remove_prefix(1);  // the slash
    std::string_view segment = raw.substr(0, raw.find('/'));
    raw.remove_prefix(segment.size());
    target.ends_in_slash = segment.empty() && raw.empty() && !target.path.empty();
    if (segment.empty()) continue;
    std::optional<std::string> decoded = decode_text(segment, false);
    if (!decoded) return false;
    target.path.push_back(std::move(*decoded));
  }
  return true;
}

bool parse_query(std::string_view raw, Target& target) {
  while (!raw.empty()) {
    std::string_view pair = raw.substr(0, raw.find('&'));
    raw.remove_prefix(pair.size() == raw.size() ? pair.size() : pair.size() + 1);
    if (pair.empty()) continue;
    std::string_view key = pair.substr(0, pair.find('='));
    std::string_view value = key.size() == pair.size() ? std::string_view() : pair.substr(key.size() + 1);
    std::optional<std::string> decoded_key = decode_text(key, true);
    std::optional<std::string> decoded_value = decode_text(value, true);
    if (!decoded_key || !decoded_value) return false;
    target.query.emplace_back(std::move(*decoded_key), std::move(*decoded_value));
  }
  return true;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return decoded;
}

std::string percent_encode(std::string_view text, std::string_view safe) {
  std::string encoded;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~").find(c) != std::string_view::npos || safe.find(c) != std::string_view::npos;
    if (plain)
      encoded += c;
    else
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<uint8_t>(c));
  }
  return encoded;
}

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t size = character_size(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

std::optional<Target> parse_target(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    size_t path = text.find('/', scheme.size());
    text = path == std::string_view::npos ? std::string_view("/") : text.substr(path);
    break;
  }
  if (!text.starts_with('/')) return std::nullopt;
  text = text.substr(0, text.find('#'));
  Target target;
  target.raw_path = text.substr(0, text.find('?'));
  if (target.raw_path.size() < text.size()) target.raw_query = text.substr(target.raw_path.size() + 1);
  if (!parse_path(target.raw_path, target) || !parse_query(target.raw_query, target)) return std::nullopt;
  return target;
}

}  // namespace kilonova::http
