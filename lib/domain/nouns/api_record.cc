#include "domain/nouns/api_record.h"

#include <fmt/format.h>

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

}  // namespace kilonova
