#include "cli/output/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/ascii.h"

namespace kilonova::cli {
namespace {

constexpr size_t kUuidLength = 36;

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode 15 (EastAsianWidth.txt W and F, joined where only unassigned characters lie between).
constexpr std::array kWide{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},   Range{0x23F0, 0x23F0},
    Range{0x23F3, 0x23F3},   Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},   Range{0x2648, 0x2653},
    Range{0x26A1, 0x26A1},   Range{0x26BD, 0x26BE},   Range{0x26D4, 0x26D4},   Range{0x2705, 0x2705},
    Range{0x270A, 0x270B},   Range{0x2728, 0x2728},   Range{0x274C, 0x274C},   Range{0x2753, 0x2755},
    Range{0x2795, 0x2797},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};

// Combining marks of the common scripts, joiners and variation selectors.
constexpr std::array kZeroWidth{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A}, Range{0x064B, 0x065F},
    Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},
    Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F},
};

template <size_t N>
consteval bool are_apart(const std::array<Range, N>& ranges) {
  for (size_t i = 0; i < N; ++i)
    if (ranges[i].first > ranges[i].last || (i > 0 && ranges[i - 1].last >= ranges[i].first)) return false;
  return true;
}
static_assert(are_apart(kWide) && are_apart(kZeroWidth), "ranges ascend and do not meet");

template <size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& range) { return range.first <= c && c <= range.last; });
}

size_t width_of(char32_t c) {
  if (is_in(kZeroWidth, c)) return 0;
  return is_in(kWide, c) ? 2 : 1;
}

struct Character {
  char32_t code = 0;
  size_t bytes = 0;  // 0: broken UTF-8
};

Character first_character(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    code = code << 6 | (next & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string one_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    Character c = first_character(text.substr(i));
    if (c.code == '\n' || c.code == '\t')
      out += ' ';
    else if (c.bytes == 0 || is_control(c.code))
      out += '?';
    else
      out += text.substr(i, c.bytes);
    i += std::max<size_t>(c.bytes, 1);
  }
  return out;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    Character c = first_character(text.substr(i));
    width += width_of(c.code);
    i += std::max<size_t>(c.bytes, 1);
  }
  return width;
}

std::string cut_to_width(std::string_view text, size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  size_t used = 0;
  size_t i = 0;
  while (i < text.size()) {
    Character c = first_character(text.substr(i));
    size_t columns = width_of(c.code);
    if (used + columns > width - 1) break;
    used += columns;
    i += std::max<size_t>(c.bytes, 1);
  }
  return std::string(text.substr(0, i)) + "…";
}

std::vector<std::string> wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines(1);
  size_t used = 0;
  for (size_t i = 0; i < text.size();) {
    size_t end = std::min(text.find(' ', i), text.size());
    std::string_view word = text.substr(i, end - i);
    i = std::min(end + 1, text.size());
    if (used > 0 && used + 1 + display_width(word) > width) {
      lines.emplace_back();
      used = 0;
    } else if (used > 0) {
      lines.back() += ' ';
      ++used;
    }
    for (; !word.empty() && display_width(word) > width;) {
      size_t bytes = 0, columns = 0;
      while (columns < width) {
        Character c = first_character(word.substr(bytes));
        if (columns + width_of(c.code) > width && bytes > 0) break;
        columns += width_of(c.code);
        bytes += std::max<size_t>(c.bytes, 1);
      }
      lines.back() += word.substr(0, bytes);
      word.remove_prefix(bytes);
      lines.emplace_back();
    }
    lines.back() += word;
    used += display_width(word);
  }
  if (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string why_no_text(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    Character c = first_character(text.substr(i));
    unsigned byte = static_cast<unsigned char>(text[i]);
    if (c.bytes == 0) return fmt::format("is not UTF-8 (byte 0x{:02x} at position {})", byte, i + 1);
    if (is_control(c.code))
      return fmt::format("has a control character (0x{:02x} at position {})", static_cast<uint32_t>(c.code), i + 1);
    i += c.bytes;
  }
  return {};
}

std::string format_duration(Duration duration) {
  double ms = static_cast<double>(duration.us) / 1000;
  if (std::abs(ms) < 10) return fmt::format("{:.3f} ms", ms);
  if (std::abs(ms) < 100) return fmt::format("{:.2f} ms", ms);
  if (std::abs(ms) < 1000) return fmt::format("{:.1f} ms", ms);
  if (std::abs(ms) < 100'000) return fmt::format("{:.2f} s", ms / 1000);
  return fmt::format("{:.0f} s", ms / 1000);
}

std::string format_bytes(uint64_t bytes) {
  constexpr auto kUnits = std::to_array<std::string_view>({"B", "KiB", "MiB", "GiB", "TiB"});
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  bool whole = amount == std::floor(amount);
  return whole ? fmt::format("{:.0f} {}", amount, kUnits[unit]) : fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string format_time(WallTime time) {
  if (time.us == 0) return "-";
  std::string text = to_iso8601(time).substr(0, 19);
  text[10] = ' ';
  return text;
}

Expected<Duration> parse_duration(std::string_view text) {
  double amount = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
  std::string_view unit =
      error == std::errc() ? text.substr(static_cast<size_t>(end - text.data())) : std::string_view();
  double factor = unit == "us"   ? 1
                  : unit == "ms" ? 1e3
                  : unit == "s"  ? 1e6
                  : unit == "m"  ? 60e6
                  : unit == "h"  ? 3600e6
                                 : 0;
  if (error != std::errc() || factor == 0 || !(amount >= 0) || amount * factor > 9e17)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not a duration: say it like 250ms, 2s or 1m", one_line(text)));
  return Duration{static_cast<int64_t>(std::llround(amount * factor))};
}

Expected<uint64_t> parse_size(std::string_view text) {
  double amount = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
  std::string unit =
      to_upper(std::string(error == std::errc() ? text.substr(static_cast<size_t>(end - text.data())) : "?"));
  constexpr std::string_view kUnits = "KMGT";
  double factor = 1;
  size_t power = unit.empty() ? std::string_view::npos : kUnits.find(unit.front());
  bool known = unit.empty() || unit == "B";
  if (power != std::string_view::npos) {
    known = unit.size() == 1 || unit.substr(1) == "B" || unit.substr(1) == "IB";
    factor = std::pow(1024.0, static_cast<double>(power + 1));
  }
  if (!known || !(amount >= 0) || amount * factor > 9e18)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not a size: say it like 4G, 300M, 512KiB, or in bytes", one_line(text)));
  return static_cast<uint64_t>(std::llround(amount * factor));
}

Expected<int64_t> parse_amount(std::string_view text, uint64_t unit) {
  if (auto number = parse_integer(text)) return *number;
  auto bytes = parse_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes % unit != 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no whole number of {}", one_line(text), format_bytes(unit).substr(2)));
  return static_cast<int64_t>(*bytes / unit);
}

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string without_prefix(std::string_view reason) {
  for (bool again = true; again;) {
    again = false;
    if (!reason.starts_with("Build of instance ")) break;
    for (std::string_view end : {" was re-scheduled: ", " aborted: "}) {
      size_t at = reason.find(end);
      // The uuid and nothing else is between them: a message of somebody's own may begin with the same words.
      if (at != std::string_view("Build of instance ").size() + kUuidLength) continue;
      reason.remove_prefix(at + end.size());
      again = true;
    }
  }
  return std::string(reason);
}

}  // namespace kilonova::cli
