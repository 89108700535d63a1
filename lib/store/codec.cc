#include "store/codec.h"

#include <fmt/format.h>

namespace kilonova {
namespace {

bool needs_escape(char c) { return c == '\\' || c == '\t' || c == '\n' || c == '\0'; }

char escape_letter(char c) {
  switch (c) {
    case '\t': return 't';
    case '\n': return 'n';
    case '\0': return '0';
    default: return c;
  }
}

// Nothing for a letter that no escape has.
int unescaped(char letter) {
  switch (letter) {
    case 't': return '\t';
    case 'n': return '\n';
    case '0': return '\0';
    case '\\': return '\\';
    default: return -1;
  }
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

void TextWriter::field(std::string_view text) {
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    text_.append(text, copied, i - copied);
    text_ += '\\';
    text_ += escape_letter(text[i]);
    copied = i + 1;
  }
  text_.append(text, copied);
  text_ += '\t';
}

void TextWriter::field(double value) {
  char digits[40];
  auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  text_.append(digits, end);
  text_ += '\t';
}

void TextWriter::field(const Uuid& uuid) {
  if (!uuid.is_nil()) {
    char digits[32];
    for (size_t i = 0; i < uuid.bytes.size(); ++i) {
      digits[2 * i] = kHexDigits[uuid.bytes[i] >> 4];
      digits[2 * i + 1] = kHexDigits[uuid.bytes[i] & 15];
    }
    text_.append(digits, sizeof(digits));
  }
  text_ += '\t';
}

std::string_view TextReader::next() {
  if (failed_) return {};
  size_t end = rest_.find('\t');
  if (end == std::string_view::npos) {
    wrong(rest_, "a field ended by a tab");
    return {};
  }
  std::string_view raw = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return raw;
}

void TextReader::field(std::string& text) {
  std::string_view raw = next();
  if (failed_) return;
  if (raw.find('\\') == std::string_view::npos) {
    text.assign(raw);
    return;
  }
  std::string plain;
  plain.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      plain += raw[i];
      continue;
    }
    int c = ++i < raw.size() ? unescaped(raw[i]) : -1;
    if (c < 0) return wrong(raw, "one of \\\\ \\t \\n \\0 after each backslash");
    plain += static_cast<char>(c);
  }
  text = std::move(plain);
}

void TextReader::field(bool& value) {
  std::string_view raw = next();
  if (failed_) return;
  if (raw != "0" && raw != "1") return wrong(raw, "0 or 1");
  value = raw == "1";
}

void TextReader::field(double& value) {
  std::string_view raw = next();
  double parsed = 0;
  auto [end, status] = std::from_chars(raw.data(), raw.data() + raw.size(), parsed);
  if (failed_) return;
  if (status != std::errc() || end != raw.data() + raw.size()) return wrong(raw, "a number");
  value = parsed;
}

void TextReader::field(Uuid& uuid) {
  std::string_view raw = next();
  if (failed_) return;
  Uuid parsed;
  bool valid = raw.empty() || raw.size() == 32;
  for (size_t i = 0; valid && i < raw.size(); ++i) {
    int digit = hex_value(raw[i]);
    valid = digit >= 0;
    parsed.bytes[i / 2] = static_cast<uint8_t>(parsed.bytes[i / 2] << 4 | digit);
  }
  if (!valid) return wrong(raw, "32 hexadecimal digits, or none");
  uuid = parsed;
}

void TextReader::wrong(std::string_view found, std::string_view expected) {
  if (failed_) return;
  failed_ = true;
  std::string shown;
  for (char c : found.substr(0, 40)) shown += c >= ' ' && c <= '~' ? c : '?';
  problem_ = fmt::format("byte {} of {}: expected {}, found \"{}\"", size_ - rest_.size(), size_, expected, shown);
}

void TextReader::too_many_fields(size_t written, size_t known) {
  wrong(std::to_string(written), fmt::format("a struct of at most {} fields", known));
}

Expected<> TextReader::finish() const {
  if (failed_) return fail(ErrorCode::kDataLoss, problem_);
  if (rest_.empty()) return {};
  return fail(ErrorCode::kDataLoss, fmt::format("{} bytes are left over after the last field", rest_.size()));
}

}  // namespace kilonova
