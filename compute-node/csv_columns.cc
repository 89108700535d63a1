#include "compute-node/csv_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ranges>
#include <utility>

#include "base/ascii.h"

namespace kilonova::compute {
namespace {

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Why the item says nothing; empty when it did.
std::string map_column(std::string_view item, std::span<const ColumnField> fields, std::span<Column> columns) {
  size_t equals = item.find('=');
  if (equals == std::string_view::npos) return "say field=column or field=column/divisor";
  auto field = std::ranges::find(fields, trimmed(item.substr(0, equals)), &ColumnField::name);
  if (field == fields.end())
    return fmt::format("the fields are {}", fmt::join(fields | std::views::transform(&ColumnField::name), ", "));
  Column& column = columns[static_cast<size_t>(field - fields.begin())];
  if (!column.header.empty()) return fmt::format("{} is there twice", field->name);
  std::string_view source = item.substr(equals + 1);
  size_t slash = source.rfind('/');
  column.header = trimmed(source.substr(0, slash));
  if (column.header.empty()) return "the column has no name";
  if (slash == std::string_view::npos) return "";
  std::optional<int64_t> divisor = parse_integer(trimmed(source.substr(slash + 1)));
  if (!divisor || *divisor < 1) return "the divisor must be a whole number above 0";
  if (!field->is_number) return "a text cannot be divided";
  column.divisor = *divisor;
  return "";
}

// As one line of a message: what it was given may hold anything.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }, ' ');
  return line;
}

}  // namespace

Expected<> map_columns(std::string_view mapping, std::string_view what, std::span<const ColumnField> fields,
                       std::span<Column> columns) {
  while (!mapping.empty()) {
    size_t comma = mapping.find(',');
    std::string_view item = trimmed(mapping.substr(0, comma));
    mapping = comma == std::string_view::npos ? std::string_view() : mapping.substr(comma + 1);
    if (std::string why = map_column(item, fields, columns); !why.empty())
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} '{}': {}", what, one_line(item), why));
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<double> parse_decimal(std::string_view text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string why_missing(const std::vector<std::string>& header, std::span<const std::string_view> names) {
  if (header.size() == 1)
    for (auto [separator, word] : {std::pair(';', "semicolons"), std::pair('\t', "tabs"), std::pair('|', "bars")})
      if (header.front().find(separator) != std::string::npos)
        return fmt::format("; the columns are separated by {}, they must be separated by commas", word);
  for (const std::string& field : header) {
    const std::string lower = to_lower(std::string(trimmed(field)));
    if (lower != trimmed(field) && std::ranges::find(names, lower) != names.end())
      return fmt::format("; '{}' is there, but the names of columns are in lower case", one_line(trimmed(field)));
  }
  return {};
}

}  // namespace kilonova::compute
