#include "domain/ec2_id.h"

#include <fmt/format.h>

#include <charconv>

namespace kilonova {

std::string ec2_instance_id(int64_t row) { return fmt::format("i-{:08x}", row); }

std::optional<int64_t> row_of_ec2_instance_id(std::string_view text) {
  constexpr std::string_view kPrefix = "i-";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  int64_t row = 0;
  auto [end, error] = std::from_chars(text.data() + kPrefix.size(), text.data() + text.size(), row, 16);
  if (error != std::errc() || row <= 0 || ec2_instance_id(row) != text) return std::nullopt;
  return row;
}

}  // namespace kilonova
