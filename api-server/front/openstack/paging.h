// Pages: `limit` and `marker` of a query, as Nova reads them (nova/api/openstack/common.py).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/view.h"

namespace kilonova::api::openstack {

inline constexpr uint32_t kMaxLimit = 1000;  // Nova's max_limit

struct Page {
  uint32_t limit = kMaxLimit;
  std::string marker;  // "" = from the beginning
};

// 400, in Nova's words, for a limit that is no number.
std::expected<Page, Refusal> read_page(const Call& call);

// Of digits only; nothing for another text.
std::optional<int64_t> whole_number(std::string_view text);

template <class Row>
struct Cut {
  std::vector<Row> rows;
  Json next;  // the next page's link, null without one
};

// One page of all rows, which stand in their order. 400 for a marker that none of them has.
template <class Row, class IdOf>
std::expected<Cut<Row>, Refusal> cut_page(const Call& call, const Page& page, const std::vector<Row>& rows,
                                          IdOf id_of) {
  auto from = rows.begin();
  if (!page.marker.empty()) {
    from = std::ranges::find_if(rows, [&](const Row& row) { return id_of(row) == page.marker; });
    if (from == rows.end()) return refused(400, "marker [" + page.marker + "] not found");
    ++from;
  }
  auto left = static_cast<size_t>(rows.end() - from);
  Cut<Row> cut;
  cut.rows.assign(from, from + static_cast<ptrdiff_t>(std::min<size_t>(left, page.limit)));
  // A full page has a next one, which may be empty.
  if (!cut.rows.empty() && cut.rows.size() == page.limit) cut.next = next_link(call, id_of(cut.rows.back()));
  return cut;
}

// {collection: items}, with {collection}_links where there is a next page.
Answer page_answer(std::string_view collection, Json items, Json next);

}  // namespace kilonova::api::openstack
