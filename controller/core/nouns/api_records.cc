#include "controller/core/nouns/api_records.h"

#include <fmt/format.h>

#include <utility>

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

bool ApiRecords::is_name_taken(const PutApiRecord& request) const {
  if (request.unique_name.empty()) return false;
  const auto& table = world_.records.of<ApiRecord>();
  for (auto row = table.lower_bound({request.kind, ""}); row != table.end() && row->first.first == request.kind; ++row)
    if (row->second.unique_name == request.unique_name && row->second.id != request.id) return true;
  return false;
}

Task<Expected<ApiRecordList>> ApiRecords::handle(PutApiRecord request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("api-record " + request.kind);
  const ApiRecord* known = find(request.kind, request.id);
  if (request.revision == 0 && known) co_return already_exists(request.kind, request.id);
  if (request.revision != 0 && !known) co_return not_found(request.kind, request.id);
  if (known && known->revision != request.revision)
    co_return fail(ErrorCode::kConflict, fmt::format("{} '{}' was changed meanwhile: it has revision {}, not {}",
                                                     request.kind, request.id, known->revision, request.revision));
  if (is_name_taken(request)) co_return already_exists(request.kind, request.unique_name);
  ApiRecord row;
  row.created_at = known ? known->created_at : world_.loop.wall_now();
  row.updated_at = world_.loop.wall_now();
  row.revision = request.revision + 1;
  row.kind = std::move(request.kind);
  row.id = std::move(request.id);
  row.owner = std::move(request.owner);
  row.unique_name = std::move(request.unique_name);
  row.body = std::move(request.body);
  auto committed = co_await put_record<ApiRecord>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ApiRecordList{{std::move(row)}};
}

Task<Expected<Empty>> ApiRecords::handle(DeleteApiRecord request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("api-record " + request.kind);
  if (!find(request.kind, request.id)) co_return not_found(request.kind, request.id);
  auto committed = co_await erase_record<ApiRecord>(world_, {request.kind, request.id});
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
