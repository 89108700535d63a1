// What the rooms of all nouns do alike: find one or list them page by page, and refuse in the same words.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "controller/core/controller_world.h"
#include "domain/form_rules.h"

namespace kilonova::controller {

inline std::unexpected<Error> not_found(std::string_view noun, std::string_view name) {
  return fail(ErrorCode::kNotFound, fmt::format("{} '{}' not found", noun, name));
}

inline std::unexpected<Error> already_exists(std::string_view noun, std::string_view name) {
  return fail(ErrorCode::kAlreadyExists, fmt::format("{} '{}' already exists", noun, name));
}

// Where a page goes on: after the key that the marker names, whether or not that row is still there.
inline Expected<> read_marker(std::string_view marker, std::string& key) {
  key = marker;
  return {};
}
inline Expected<> read_marker(std::string_view marker, Uuid& key) {
  std::optional<Uuid> id = parse_uuid(marker);
  if (!id) return refuse(fmt::format("the marker {} must be the id of the last one of the page before", in_quotes(marker)));
  key = *id;
  return {};
}

inline Expected<> read_marker(std::string_view marker, int64_t& key) {
  auto [end, error] = std::from_chars(marker.data(), marker.data() + marker.size(), key);
  if (error == std::errc() && end == marker.data() + marker.size()) return {};
  return refuse(fmt::format("the marker {} must be the id of the last one of the page before", in_quotes(marker)));
}

// Hands `take` the rows that `visible` lets through, in the order of their keys: those after the marker, at most `limit`.
// True when there are more; kInvalidArgument for a marker that is no key.
template <class Table, class Visible, class Take>
Expected<bool> read_page(const Table& table, std::string_view marker, uint32_t limit, Visible visible, Take take) {
  auto it = table.begin();
  if (!marker.empty()) {
    typename Table::key_type key;
    if (auto read = read_marker(marker, key); !read) return std::unexpected(read.error());
    it = table.upper_bound(key);
  }
  for (uint32_t taken = 0; it != table.end(); ++it) {
    if (!visible(it->second)) continue;
    if (taken++ == limit) return true;
    take(it->second);
  }
  return false;
}

// The reply of a List operation: the one that is named, or a page. `rows` is the reply's list.
template <class Reply, class Row, class Table, class Visible>
Expected<Reply> list_records(std::vector<Row> Reply::* rows, const Row* named, std::string_view noun,
                             std::string_view name, const Table& table, std::string_view marker, uint32_t limit,
                             Visible visible) {
  Reply reply;
  if (!name.empty()) {
    if (!named) return not_found(noun, name);
    (reply.*rows).push_back(*named);
    return reply;
  }
  auto more = read_page(table, marker, limit, visible, [&](const Row& row) { (reply.*rows).push_back(row); });
  if (!more) return std::unexpected(more.error());
  reply.more = *more;
  return reply;
}

// Commits one change: for a record that stands alone and is kept elsewhere than in world.records.
inline Task<Expected<>> commit_one(ControllerWorld& world, Mutation mutation) {
  Transaction transaction;
  transaction.push_back(std::move(mutation));
  co_return co_await world.store.commit(std::move(transaction));
}

// A record that stands alone is there as said: in the store first, then in memory. Errors are the store's; memory is as
// it was then.
template <class Row>
Task<Expected<>> put_record(ControllerWorld& world, Row row) {
  auto committed = co_await commit_one(world, mutation::Put<Row>{row});
  if (committed) world.records.of<Row>()[row.key()] = std::move(row);
  co_return committed;
}

// The same for one that is gone, with nothing that goes with it.
template <class Row>
Task<Expected<>> erase_record(ControllerWorld& world, KeyOf<Row> key) {
  auto committed = co_await commit_one(world, mutation::Erase<Row>{key});
  if (committed) world.records.of<Row>().erase(key);
  co_return committed;
}

}  // namespace kilonova::controller
