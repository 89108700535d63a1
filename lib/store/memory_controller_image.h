// MemoryControllerImage: the controller's durable rows in memory, what outlives a crash of the daemon in a simulation.
// Instances, allocations and launch records are kept as text (codec.h), so that a million servers fit.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/hash_map.h"
#include "base/keyed_map.h"
#include "ports/controller_store.h"

namespace kilonova {

// One table for each record of the list, by key. Client tokens are many, and found by their hash.
template <class Row>
struct MemoryTable {
  using Type = std::map<KeyOf<Row>, Row>;
};
template <>
struct MemoryTable<ClientToken> {
  using Type = KeyedMap<std::pair<Uuid, std::string>, ClientToken, PairHash>;
};
template <class Rows>
struct MemoryTablesOf;
template <class... Rows>
struct MemoryTablesOf<TypeList<Rows...>> {
  using Type = std::tuple<typename MemoryTable<Rows>::Type...>;
};

class MemoryControllerImage {
 public:
  // How many events are kept, at least; they are dropped a chunk at a time (event_retention.h).
  explicit MemoryControllerImage(uint64_t events_kept = kWatchEventsKept) : events_kept_(events_kept) {}
  MemoryControllerImage(const MemoryControllerImage&) = delete;

  // All or nothing. kConflict as ControllerStore::commit says.
  Expected<> apply(const Transaction& transaction);
  // kDataLoss when the image's own text does not read back.
  Expected<ControllerState> state() const;
  Expected<LaunchRecordRows> launch_record(const Uuid& instance) const;
  Expected<std::vector<WatchEvent>> events(uint64_t since, uint32_t limit) const;
  // As if these had ever been committed, in this order, and nothing else: a file that was restored, or that a power
  // loss took back. While no store is over it; observers are not told.
  void go_back_to(std::span<const Transaction> committed);

  // Told of every transaction that has become durable, in their order: how a simulation watches the truth.
  void observe(std::function<void(const Transaction&)> observer) { observer_ = std::move(observer); }
  // Told of every transaction that the disk refused.
  void observe_refusals(std::function<void(const Transaction&)> observer) { refusals_ = std::move(observer); }
  void refused(const Transaction& transaction) const {
    if (refusals_) refusals_(transaction);
  }

  // What a simulation of very many servers does without: steps and decisions are dropped when it is off.
  void keep_launch_records(bool keep) { keep_launch_records_ = keep; }

 private:
  struct InstanceRow {
    const std::string* spec = nullptr;  // one of specs_
    std::string fixed;                  // without the spec
    std::string state;
    std::vector<std::pair<uint64_t, std::string>> allocations;  // by epoch
    std::string record;
  };

  template <class Row>
  typename MemoryTable<Row>::Type& table() {
    return std::get<kPositionIn<Row, StoredRecords>>(records_);
  }
  template <class Row>
  const typename MemoryTable<Row>::Type& table() const {
    return std::get<kPositionIn<Row, StoredRecords>>(records_);
  }

  Expected<> check(const Transaction& transaction) const;
  void apply_one(const Mutation& mutation);
  InstanceRow& row(const Uuid& uuid);
  void insert_instance(const Instance& row);
  void rename_instance(const mutation::RenameInstance& change);
  void respecify_instance(const Uuid& uuid, const RequestSpec& spec);
  const std::string* hold_spec(const RequestSpec& wanted);
  void release_spec(const std::string& held);
  void erase_instance(const Uuid& uuid);
  void erase_allocation(const PlacementId& placement);
  void append_event(const WatchEvent& event);
  Expected<> read_instances(ControllerState& state) const;

  uint64_t events_kept_;
  bool keep_launch_records_ = true;
  std::function<void(const Transaction&)> observer_;
  std::function<void(const Transaction&)> refusals_;

  KeyedMap<int64_t, InstanceRow> instances_;
  HashMap<Uuid, int64_t> instance_ids_;
  std::map<std::string, uint64_t> specs_;  // text of a spec -> instances that share it
  std::deque<WatchEvent> events_;
  uint64_t revision_ = 0;
  uint64_t dropped_through_ = 0;
  int64_t last_instance_id_ = 0;

  MemoryTablesOf<StoredRecords>::Type records_;
};

}  // namespace kilonova
