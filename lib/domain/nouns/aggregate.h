// Host aggregates: groups of hosts with what is said of them, as nova/compute/api.py AggregateAPI has them. An aggregate
// with an availability zone makes it the zone of its hosts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/metadata.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

struct Aggregate {
  static constexpr Record kRecord{"aggregates", "id", "aggregate"};
  int64_t key() const { return id; }

  int64_t id = 0;
  Uuid uuid;
  std::string name;                    // unique
  std::string availability_zone;       // "" = says nothing of its hosts' zone
  std::vector<std::string> hosts;      // by name
  std::vector<MetadataItem> metadata;  // by key
  WallTime created_at;
  WallTime updated_at;
  bool operator==(const Aggregate&) const = default;
};

template <class Io, RowOf<Aggregate> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.uuid, row.name, row.availability_zone, row.hosts, row.metadata, row.created_at, row.updated_at);
}

// As what Nova keeps an aggregate's zone among its metadata; here it has a field of its own.
inline constexpr std::string_view kAvailabilityZoneKey = "availability_zone";

struct AggregateList {
  std::vector<Aggregate> aggregates;  // by id
  bool more = false;
  bool operator==(const AggregateList&) const = default;
};

// `aggregate` is an id or a name.

struct ListAggregates {
  static constexpr Operation kOperation{"ListAggregates", UserRole::kAdmin, Effect::kReads};
  using Reply = AggregateList;
  std::string aggregate;
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListAggregates&) const = default;
};

struct CreateAggregate {
  static constexpr Operation kOperation{"CreateAggregate", UserRole::kAdmin, Effect::kChanges};
  using Reply = AggregateList;
  std::string name;
  std::string availability_zone;  // "" = none

  Expected<> check() const;
  bool operator==(const CreateAggregate&) const = default;
};

struct SetAggregate {
  static constexpr Operation kOperation{"SetAggregate", UserRole::kAdmin, Effect::kChanges};
  using Reply = AggregateList;
  std::string aggregate;
  std::string name;                 // "" = stays
  std::string availability_zone;    // "" = stays
  std::vector<MetadataItem> set;    // put or replaced
  std::vector<std::string> unset;   // keys taken away; "availability_zone" takes the zone away

  Expected<> check() const;
  bool operator==(const SetAggregate&) const = default;
};

struct DeleteAggregate {
  static constexpr Operation kOperation{"DeleteAggregate", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string aggregate;

  Expected<> check() const;
  bool operator==(const DeleteAggregate&) const = default;
};

struct AddAggregateHost {
  static constexpr Operation kOperation{"AddAggregateHost", UserRole::kAdmin, Effect::kChanges};
  using Reply = AggregateList;
  std::string aggregate;
  std::string host;

  Expected<> check() const;
  bool operator==(const AddAggregateHost&) const = default;
};

struct RemoveAggregateHost {
  static constexpr Operation kOperation{"RemoveAggregateHost", UserRole::kAdmin, Effect::kChanges};
  using Reply = AggregateList;
  std::string aggregate;
  std::string host;

  Expected<> check() const;
  bool operator==(const RemoveAggregateHost&) const = default;
};

// Its hosts that are up download the images, those that they have not; nobody waits for it. Nova: nova/conductor/manager.py
// cache_images.
struct CacheAggregateImages {
  static constexpr Operation kOperation{"CacheAggregateImages", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string aggregate;
  std::vector<std::string> images;  // ids or names, at least one and no more than kMaxPageSize

  Expected<> check() const;
  bool operator==(const CacheAggregateImages&) const = default;
};

using AggregateOperations = TypeList<ListAggregates, CreateAggregate, SetAggregate, DeleteAggregate, AddAggregateHost,
                                     RemoveAggregateHost, CacheAggregateImages>;

}  // namespace kilonova
