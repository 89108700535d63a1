#include "domain/nouns/api_record.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <tuple>

namespace kilonova {
namespace {

Expected<> check_kind(std::string_view kind) { return check_word("the record's kind", kind, "-_", 64); }

Expected<> check_body(std::string_view body) {
  if (body.size() <= kMaxApiRecordBytes) return {};
  return refuse(fmt::format("the record has {} bytes; it may have at most {}", body.size(), kMaxApiRecordBytes));
}

}  // namespace

Expected<> ListApiRecords::check() const {
  return check_all(check_kind(kind), check_text("the record's id", id), check_text("the record's owner", owner),
                   check_limit(limit));
}

Expected<> PutApiRecord::check() const {
  return check_all(check_kind(kind), check_name("the record's id", id), check_text("the record's owner", owner),
                   check_text("the record's unique name", unique_name, 512), check_body(body));
}

Expected<> DeleteApiRecord::check() const { return check_all(check_kind(kind), check_name("the record's id", id)); }

Expected<> ChangeApiRecords::check() const {
  if (put.size() + erase.size() > kMaxApiRecordsPerChange)
    return refuse(fmt::format("{} records are changed at once; there may be at most {}", put.size() + erase.size(),
                              kMaxApiRecordsPerChange));
  // Kind and whether it is an id or a name, with the text itself.
  std::set<std::tuple<std::string_view, bool, std::string_view>> said;
  auto is_new = [&](const ApiRecord& record, bool is_name, std::string_view text) {
    return said.emplace(record.kind, is_name, text).second;
  };
  for (const ApiRecord& record : put) {
    if (!is_new(record, false, record.id) || (!record.unique_name.empty() && !is_new(record, true, record.unique_name)))
      return refuse(fmt::format("{} '{}' or its unique name is there twice", record.kind, record.id));
    PutApiRecord one{record.kind, record.id, record.owner, record.unique_name, record.body, record.revision};
    if (auto formed = one.check(); !formed) return formed;
  }
  for (const ApiRecord& record : erase) {
    if (!is_new(record, false, record.id)) return refuse(fmt::format("{} '{}' is there twice", record.kind, record.id));
    if (auto formed = DeleteApiRecord{record.kind, record.id}.check(); !formed) return formed;
  }
  return {};
}

}  // namespace kilonova
