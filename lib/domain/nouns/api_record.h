// Records of OpenStack's other services (Keystone, Neutron, Glance) that their own API alone reads and writes, and no
// launch acts upon: a region, a router, a policy. One shape for all kinds, so that a kind is one file of the HTTP front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

struct ApiRecord {
  static constexpr Record kRecord{"api_records", "kind, id", "api-record"};
  std::pair<std::string, std::string> key() const { return {kind, id}; }

  std::string kind;         // "region"
  std::string id;           // unique in its kind
  std::string owner;        // whom it is listed for: an id of a project or user; "" = nobody's
  std::string unique_name;  // no two of a kind have the same; "" = need not be unique
  std::string body;         // JSON of the front that wrote it
  uint64_t revision = 0;    // 1 for a new one, and one more with each change
  WallTime created_at;
  WallTime updated_at;
  bool operator==(const ApiRecord&) const = default;
};

template <class Io, RowOf<ApiRecord> Row>
void visit(Io& io, Row& row) {
  io(row.kind, row.id, row.owner, row.unique_name, row.body, row.revision, row.created_at, row.updated_at);
}

inline constexpr size_t kMaxApiRecordBytes = 256 * 1024;

struct ApiRecordList {
  std::vector<ApiRecord> records;  // by id
  bool more = false;
  bool operator==(const ApiRecordList&) const = default;
};

// All three are the api-server's own: what a client may do is said by the policy of the route.

struct ListApiRecords {
  static constexpr Operation kOperation{"ListApiRecords", UserRole::kAdmin, Effect::kReads, DecidedBy::kController,
                                        AskedBy::kApiServer};
  using Reply = ApiRecordList;
  std::string kind;
  std::string id;     // "" = all
  std::string owner;  // "" = anybody's
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListApiRecords&) const = default;
};

// Makes or replaces one: which, the revision says that its writer knew.
struct PutApiRecord {
  static constexpr Operation kOperation{"PutApiRecord", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController,
                                        AskedBy::kApiServer};
  using Reply = ApiRecordList;
  std::string kind;
  std::string id;
  std::string owner;
  std::string unique_name;
  std::string body;
  uint64_t revision = 0;  // of the one that is replaced; 0 = it is new

  Expected<> check() const;
  bool operator==(const PutApiRecord&) const = default;
};

struct DeleteApiRecord {
  static constexpr Operation kOperation{"DeleteApiRecord", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController,
                                        AskedBy::kApiServer};
  using Reply = Empty;
  std::string kind;
  std::string id;

  Expected<> check() const;
  bool operator==(const DeleteApiRecord&) const = default;
};

inline constexpr size_t kMaxApiRecordsPerChange = 2000;

// Several at once, of any kinds: all of it or none. As with PutApiRecord, each says the revision that its writer knew.
struct ChangeApiRecords {
  static constexpr Operation kOperation{"ChangeApiRecords", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController,
                                        AskedBy::kApiServer};
  using Reply = ApiRecordList;   // what was put, in the order of `put`
  std::vector<ApiRecord> put;    // of revision 0: new ones; whatever their times are
  std::vector<ApiRecord> erase;  // by kind, id and revision

  Expected<> check() const;
  bool operator==(const ChangeApiRecords&) const = default;
};

using ApiRecordOperations = TypeList<ListApiRecords, PutApiRecord, DeleteApiRecord, ChangeApiRecords>;

}  // namespace kilonova
