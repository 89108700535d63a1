#include "scheduler/core/python_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "scheduler/core/python_values.h"

namespace kilonova::scheduler {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, uint32_t code) {
  auto add = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    add(0xe0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3f));
  } else {
    add(0xf0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3f));
    add(0x80 | ((code >> 6) & 0x3f));
  }
  add(0x80 | (code & 0x3f));
}

bool is_high_surrogate(uint32_t code) { return code >= 0xd800 && code < 0xdc00; }
bool is_low_surrogate(uint32_t code) { return code >= 0xdc00 && code < 0xe000; }

// The length in bytes of the character at `at`; 0 when it is no UTF-8.
size_t utf8_length(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(at), second = byte(at + 1);
  const size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return length;
}

class Reader {
 public:
  Reader(std::string_view text, JsonDialect dialect) : text_(text), dialect_(dialect) {}

  std::expected<PythonValue, JsonError> document() {
    skip_blanks();
    PythonValue value;
    if (!read_value(value, 0)) return std::unexpected(error_);
    skip_blanks();
    if (at_ != text_.size()) {
      refuse("Extra data");
      return std::unexpected(error_);
    }
    return value;
  }

 private:
  bool refuse(std::string message) { return refuse_at(at_, std::move(message)); }
  bool refuse_at(size_t offset, std::string message) {
    error_ = {std::move(message), offset};
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").contains(text_[at_])) ++at_;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool read_value(PythonValue& value, size_t depth) {
    if (depth > kJsonDepth) return refuse(fmt::format("nested more than {} deep", kJsonDepth));
    switch (peek()) {
      case '"': return read_text(value);
      case '[': return read_list(value, depth);
      case '{': return read_dict(value, depth);
      default: break;
    }
    if (peek() == '-' || is_digit(peek())) {
      if (read_number(value)) return true;
      if (!error_.message.empty()) return false;
    }
    return read_word(value);
  }

  bool read_word(PythonValue& value) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (take("null")) return true;
    if (take("true")) return value = PythonValue(true), true;
    if (take("false")) return value = PythonValue(false), true;
    if (take("NaN")) return value = PythonValue(std::numeric_limits<double>::quiet_NaN()), true;
    if (take("Infinity")) return value = PythonValue(kInfinity), true;
    if (take("-Infinity")) return value = PythonValue(-kInfinity), true;
    return refuse("Expecting value");
  }

  // False without an error: what begins here is no number. As Python, it takes the longest number there is: "01" is 0,
  // and extra data behind it.
  bool read_number(PythonValue& value) {
    size_t end = at_;
    auto digits = [&] {
      const size_t first = end;
      while (end < text_.size() && is_digit(text_[end])) ++end;
      return end > first;
    };
    if (text_[end] == '-') ++end;
    if (end < text_.size() && text_[end] == '0') {
      ++end;
    } else if (!digits()) {
      return false;
    }
    bool is_integer = true;
    auto take_part = [&](size_t from) {
      const size_t before = end;
      end = from;
      if (digits()) {
        is_integer = false;
      } else {
        end = before;
      }
    };
    if (end < text_.size() && text_[end] == '.') take_part(end + 1);
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      const bool has_sign = end + 1 < text_.size() && (text_[end + 1] == '+' || text_[end + 1] == '-');
      take_part(end + (has_sign ? 2 : 1));
    }
    const std::string_view number = text_.substr(at_, end - at_);
    if (is_integer) {
      int64_t integer = 0;
      if (std::from_chars(number.data(), number.data() + number.size(), integer).ec == std::errc()) {
        value = PythonValue(integer);
      } else if (dialect_ == JsonDialect::kStrict) {
        return refuse("an integer beyond 64 bits");
      } else {
        is_integer = false;
      }
    }
    if (!is_integer) {
      value = PythonValue(python_float(number).value_or(0));
      if (dialect_ == JsonDialect::kStrict && std::abs(*value.as<double>()) == std::numeric_limits<double>::infinity())
        return refuse("a number too large for a double");
    }
    at_ = end;
    return true;
  }

  bool read_text(PythonValue& value) {
    std::string text;
    if (!read_string(text)) return false;
    value = PythonValue(std::move(text));
    return true;
  }

  bool read_string(std::string& out) {
    const size_t begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (static_cast<unsigned char>(c) < 0x20) return refuse("Invalid control character");
      if (c == '\\') {
        if (!read_escape(out, begin)) return false;
        continue;
      }
      const size_t length = utf8_length(text_, at_);
      if (length == 0) return refuse("a byte that is no UTF-8");
      out += text_.substr(at_, length);
      at_ += length;
    }
    return refuse_at(begin, "Unterminated string starting");
  }

  bool read_escape(std::string& out, size_t begin) {
    static constexpr std::string_view kNames = "\"\\/bfnrt", kCharacters = "\"\\/\b\f\n\r\t";
    if (at_ + 1 >= text_.size()) return refuse_at(begin, "Unterminated string starting");
    const char name = text_[at_ + 1];
    if (name == 'u') return read_code(out);
    const size_t known = kNames.find(name);
    if (known == kNames.npos) return refuse("Invalid \\escape");
    out += kCharacters[known];
    at_ += 2;
    return true;
  }

  std::optional<uint32_t> code_at(size_t at) const {
    uint32_t code = 0;
    if (at + 6 > text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') return std::nullopt;
    const char* first = text_.data() + at + 2;
    auto [end, error] = std::from_chars(first, first + 4, code, 16);
    if (error != std::errc() || end != first + 4) return std::nullopt;
    return code;
  }

  bool read_code(std::string& out) {
    std::optional<uint32_t> code = code_at(at_);
    if (!code) return refuse("Invalid \\uXXXX escape");
    size_t length = 6;
    if (is_high_surrogate(*code)) {
      std::optional<uint32_t> low = code_at(at_ + 6);
      if (low && is_low_surrogate(*low)) {
        code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
        length = 12;
      }
    }
    const bool alone = is_high_surrogate(*code) || is_low_surrogate(*code);
    if (alone && dialect_ == JsonDialect::kStrict) return refuse("half of a surrogate pair");
    append_utf8(out, *code);
    at_ += length;
    return true;
  }

  bool read_list(PythonValue& value, size_t depth) {
    ++at_;
    PythonList list;
    skip_blanks();
    while (list.empty() ? peek() != ']' : peek() == ',') {
      if (!list.empty()) ++at_;
      skip_blanks();
      if (!read_value(list.emplace_back(), depth + 1)) return false;
      skip_blanks();
    }
    if (peek() != ']') return refuse("Expecting ',' delimiter");
    ++at_;
    value = PythonValue(std::move(list));
    return true;
  }

  bool read_dict(PythonValue& value, size_t depth) {
    ++at_;
    PythonDict dict;
    skip_blanks();
    while (dict.items.empty() ? peek() != '}' : peek() == ',') {
      if (!dict.items.empty()) ++at_;
      skip_blanks();
      if (!read_item(dict, depth)) return false;
      skip_blanks();
    }
    if (peek() != '}') return refuse("Expecting ',' delimiter");
    ++at_;
    keep_last(dict);
    value = PythonValue(std::move(dict));
    return true;
  }

  bool read_item(PythonDict& dict, size_t depth) {
    if (peek() != '"') return refuse("Expecting property name enclosed in double quotes");
    PythonItem item;
    if (!read_string(item.key)) return false;
    skip_blanks();
    if (peek() != ':') return refuse("Expecting ':' delimiter");
    ++at_;
    skip_blanks();
    if (!read_value(item.value, depth + 1)) return false;
    dict.items.push_back(std::move(item));
    return true;
  }

  // In one pass over the sorted keys: an object may have very many.
  static void keep_last(PythonDict& dict) {
    std::vector<size_t> order(dict.items.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](size_t i) { return std::pair(std::string_view(dict.items[i].key), i); });
    std::vector<bool> dropped(order.size(), false);
    for (size_t i = 0; i < order.size();) {
      size_t last = i;
      while (last + 1 < order.size() && dict.items[order[last + 1]].key == dict.items[order[i]].key) ++last;
      if (last != i) dict.items[order[i]].value = std::move(dict.items[order[last]].value);
      for (size_t repeated = i + 1; repeated <= last; ++repeated) dropped[order[repeated]] = true;
      i = last + 1;
    }
    size_t place = 0;
    std::erase_if(dict.items, [&](const PythonItem&) { return dropped[place++]; });
  }

  std::string_view text_;
  JsonDialect dialect_;
  size_t at_ = 0;
  JsonError error_;
};

// The code of the character at `at`, which moves behind it. Bytes that are no UTF-8 (a surrogate alone) are read by the
// same rule.
uint32_t take_code(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0xc0) return first;
  const int more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  uint32_t code = first & (0x3fu >> more);
  for (int i = 0; i < more && at < text.size(); ++i)
    code = (code << 6) | (static_cast<unsigned char>(text[at++]) & 0x3f);
  return code;
}

void append_code(std::string& out, uint32_t code) {
  static constexpr std::string_view kNames = "\"\\bfnrt", kCharacters = "\"\\\b\f\n\r\t";
  const size_t named = code < 0x80 ? kCharacters.find(static_cast<char>(code)) : kCharacters.npos;
  if (named != kCharacters.npos) {
    out += '\\';
    out += kNames[named];
  } else if (code >= 0x20 && code < 0x7f) {
    out += static_cast<char>(code);
  } else if (code < 0x10000) {
    out += fmt::format("\\u{:04x}", code);
  } else {
    out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
  }
}

class Writer {
 public:
  Writer(std::string_view comma, std::string_view colon) : comma_(comma), colon_(colon) {}

  void write(const PythonValue& value) {
    if (value.is_none()) {
      out_ += "null";
    } else if (const bool* truth = value.as<bool>()) {
      out_ += *truth ? "true" : "false";
    } else if (const int64_t* integer = value.as<int64_t>()) {
      out_ += fmt::format("{}", *integer);
    } else if (const double* real = value.as<double>()) {
      write_real(*real);
    } else if (const auto* list = value.as<PythonList>()) {
      write_list(*list);
    } else if (const auto* dict = value.as<PythonDict>()) {
      write_dict(*dict);
    } else {
      write_text(python_str(value));
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void write_real(double real) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    out_ += real == kInfinity    ? "Infinity"
            : real == -kInfinity ? "-Infinity"
            : real != real       ? "NaN"
                                 : python_repr(real);
  }
  void write_text(std::string_view text) {
    out_ += '"';
    for (size_t at = 0; at < text.size();) append_code(out_, take_code(text, at));
    out_ += '"';
  }
  void write_list(const PythonList& list) {
    out_ += '[';
    for (size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += comma_;
      write(list[i]);
    }
    out_ += ']';
  }
  void write_dict(const PythonDict& dict) {
    out_ += '{';
    for (size_t i = 0; i < dict.items.size(); ++i) {
      if (i > 0) out_ += comma_;
      write_text(dict.items[i].key);
      out_ += colon_;
      write(dict.items[i].value);
    }
    out_ += '}';
  }

  std::string_view comma_;
  std::string_view colon_;
  std::string out_;
};

}  // namespace

std::expected<PythonValue, JsonError> json_loads(std::string_view text, JsonDialect dialect) {
  return Reader(text, dialect).document();
}

PythonResult<PythonValue> python_json_loads(std::string_view text) {
  auto value = json_loads(text, JsonDialect::kPython);
  if (value) return *std::move(value);
  const std::string_view before = text.substr(0, value.error().offset);
  const auto line = 1 + std::ranges::count(before, '\n');
  const size_t newline = before.rfind('\n');
  const size_t column = newline == before.npos ? before.size() + 1 : before.size() - newline;
  return raise("JSONDecodeError",
               fmt::format("{}: line {} column {} (char {})", value.error().message, line, column, before.size()));
}

std::string json_dumps(const PythonValue& value) {
  Writer writer(", ", ": ");
  writer.write(value);
  return writer.take();
}

std::string json_dumps_compact(const PythonValue& value) {
  Writer writer(",", ":");
  writer.write(value);
  return writer.take();
}

}  // namespace kilonova::scheduler
