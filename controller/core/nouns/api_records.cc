#include "controller/core/nouns/api_records.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/named_records.h"

namespace kilonova::controller {

const ApiRecord* ApiRecords::find(const std::string& kind, const std::string& id) const {
  const auto& table = world_.records.of<ApiRecord>();
  auto row = table.find({kind, id});
  return row == table.end() ? nullptr : &row->second;
}

Expected<ApiRecordList> ApiRecords::handle(const ListApiRecords& request, const RequestContext&) const {
  ApiRecordList list;
  if (!request.id.empty()) {
    const ApiRecord* row = find(request.kind, request.id);
    if (!row || (!request.owner.empty() && row->owner != request.owner)) return not_found(request.kind, request.id);
    list.records.push_back(*row);
    return list;
  }
  const auto& table = world_.records.of<ApiRecord>();
  for (auto row = table.upper_bound({request.kind, request.marker});
       row != table.end() && row->first.first == request.kind; ++row) {
    if (!request.owner.empty() && row->second.owner != request.owner) continue;
    if (list.records.size() == request.limit) {
      list.more = true;
      break;
    }
    list.records.push_back(row->second);
  }
  return list;
}

bool ApiRecords::is_name_taken(const ApiRecord& wanted) const {
  if (wanted.unique_name.empty()) return false;
  const auto& table = world_.records.of<ApiRecord>();
  for (auto row = table.lower_bound({wanted.kind, ""}); row != table.end() && row->first.first == wanted.kind; ++row)
    if (row->second.unique_name == wanted.unique_name && row->second.id != wanted.id) return true;
  return false;
}

Expected<> ApiRecords::check_room(const ApiRecord& wanted) const {
  if (wanted.owner.empty()) return {};
  const auto& table = world_.records.of<ApiRecord>();
  size_t owned = 0;
  for (auto row = table.lower_bound({wanted.kind, ""}); row != table.end() && row->first.first == wanted.kind; ++row)
    if (row->second.owner == wanted.owner) ++owned;
  if (owned < kRecordsOfOwner) return {};
  return fail(ErrorCode::kQuotaExceeded, fmt::format("{} has {} records of kind {}, as many as it may have: delete one",
                                                     wanted.owner, owned, wanted.kind));
}

Expected<> ApiRecords::check_revision(const ApiRecord& wanted) const {
  const ApiRecord* known = find(wanted.kind, wanted.id);
  if (known == nullptr) return not_found(wanted.kind, wanted.id);
  if (known->revision == wanted.revision) return {};
  return fail(ErrorCode::kConflict, fmt::format("{} '{}' was changed meanwhile: it has revision {}, not {}",
                                                wanted.kind, wanted.id, known->revision, wanted.revision));
}

Expected<> ApiRecords::check_put(const ApiRecord& wanted) const {
  if (wanted.revision == 0 && find(wanted.kind, wanted.id)) return already_exists(wanted.kind, wanted.id);
  if (wanted.revision != 0)
    if (auto same = check_revision(wanted); !same) return same;
  if (is_name_taken(wanted)) return already_exists(wanted.kind, wanted.unique_name);
  if (wanted.revision == 0) return check_room(wanted);
  return {};
}

ApiRecord ApiRecords::row_of(ApiRecord wanted) const {
  const ApiRecord* known = find(wanted.kind, wanted.id);
  wanted.updated_at = world_.loop.wall_now();
  wanted.created_at = known ? known->created_at : wanted.updated_at;
  ++wanted.revision;
  return wanted;
}

Task<Expected<ApiRecordList>> ApiRecords::handle(PutApiRecord request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("api-record " + request.kind);
  ApiRecord wanted{.kind = std::move(request.kind),
                   .id = std::move(request.id),
                   .owner = std::move(request.owner),
                   .unique_name = std::move(request.unique_name),
                   .body = std::move(request.body),
                   .revision = request.revision,
                   .created_at = {},
                   .updated_at = {}};
  if (auto may = check_put(wanted); !may) co_return std::unexpected(may.error());
  ApiRecord row = row_of(std::move(wanted));
  auto committed = co_await put_record<ApiRecord>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ApiRecordList{{std::move(row)}};
}

Task<Expected<ApiRecordList>> ApiRecords::handle(ChangeApiRecords request, RequestContext) {
  std::set<std::string> kinds;
  for (const ApiRecord& record : request.put) kinds.insert(record.kind);
  for (const ApiRecord& record : request.erase) kinds.insert(record.kind);
  // In their order, so that no two wait for each other.
  std::vector<KeyedLock<std::string>::Guard> locks;
  for (const std::string& kind : kinds) locks.push_back(co_await world_.record_locks.acquire("api-record " + kind));
  for (const ApiRecord& record : request.put)
    if (auto may = check_put(record); !may) co_return std::unexpected(may.error());
  for (const ApiRecord& record : request.erase)
    if (auto same = check_revision(record); !same) co_return std::unexpected(same.error());
  ApiRecordList changed;
  Transaction transaction;
  for (ApiRecord& record : request.put) {
    changed.records.push_back(row_of(std::move(record)));
    transaction.push_back(mutation::Put<ApiRecord>{changed.records.back()});
  }
  for (const ApiRecord& record : request.erase) transaction.push_back(mutation::Erase<ApiRecord>{record.key()});
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  auto& table = world_.records.of<ApiRecord>();
  for (const ApiRecord& row : changed.records) table[row.key()] = row;
  for (const ApiRecord& record : request.erase) table.erase(record.key());
  co_return changed;
}

Task<Expected<Empty>> ApiRecords::handle(DeleteApiRecord request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("api-record " + request.kind);
  if (!find(request.kind, request.id)) co_return not_found(request.kind, request.id);
  auto committed = co_await erase_record<ApiRecord>(world_, {request.kind, request.id});
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
