#include "api-server/front/openstack/paging.h"

#include <fmt/format.h>

#include <charconv>

namespace kilonova::api::openstack {

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range && !text.starts_with('-')) return INT64_MAX;
  if (text.empty() || text.front() == '-' || error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::expected<Page, Refusal> read_page(const Call& call) {
  Page page;
  if (const std::string* marker = call.in_query("marker")) page.marker = *marker;
  const std::string* limit = call.in_query("limit");
  if (limit == nullptr) return page;
  std::optional<int64_t> number = whole_number(*limit);
  if (!number)
    return refused(400, fmt::format("Invalid input for query parameters limit. Value: {}. {} does not match '^[0-9]*$'",
                                    *limit, python_repr(Json(*limit))));
  page.limit = static_cast<uint32_t>(std::min<int64_t>(*number, kMaxLimit));
  return page;
}

Answer page_answer(std::string_view collection, Json items, Json next) {
  Json body = object_of(collection, std::move(items));
  if (!next.is_null()) body[fmt::format("{}_links", collection)] = std::move(next);
  return {200, std::move(body)};
}

}  // namespace kilonova::api::openstack
