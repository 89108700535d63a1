#include "store/memory_controller_image.h"

#include <algorithm>

#include "base/check.h"
#include "store/codec.h"
#include "store/event_retention.h"
#include "store/launch_record_codec.h"
#include "store/overloaded.h"
#include "store/store_errors.h"
#include "store/transaction_check.h"
#include "store/visit.h"

namespace kilonova {
namespace {

template <class Map>
void copy_values(const Map& map, auto& values) {
  values.reserve(map.size());
  for (const auto& [key, row] : map) values.push_back(row);
}

// The row's fixed text with its spec apart: all servers of a create call share it.
std::string encode_fixed(const Instance& row) {
  TextWriter writer;
  writer(row.id, row.uuid, row.name, row.hostname, row.reservation_id, row.launch_index, row.trace.request_id,
         row.trace.trace_id, row.trace.span_id, row.created_at);
  return std::move(writer).text();
}

void read_fixed(TextReader& reader, Instance& row) {
  reader(row.id, row.uuid, row.name, row.hostname, row.reservation_id, row.launch_index, row.trace.request_id,
         row.trace.trace_id, row.trace.span_id, row.created_at);
}

std::string encode_state(const Instance& row) {
  TextWriter writer;
  visit_state(writer, row);
  return std::move(writer).text();
}

}  // namespace

Expected<> MemoryControllerImage::apply(const Transaction& transaction) {
  if (auto checked = check(transaction); !checked) return checked;
  for (const Mutation& mutation : transaction) apply_one(mutation);
  if (observer_) observer_(transaction);
  return {};
}

Expected<> MemoryControllerImage::check(const Transaction& transaction) const {
  return check_transaction(transaction, instance_ids_, revision_,
                           [this](int64_t id) { return instances_.contains(id); });
}

void MemoryControllerImage::apply_one(const Mutation& mutation) {
  using namespace mutation;
  visit(Overloaded{
            [&](const InsertInstance& change) { insert_instance(change.row); },
            [&](const UpdateInstance& change) { row(change.row.uuid).state = encode_state(change.row); },
            [&](const RenameInstance& change) { rename_instance(change); },
            [&](const RespecifyInstance& change) { respecify_instance(change.uuid, change.spec); },
            [&](const EraseInstance& change) { erase_instance(change.uuid); },
            [&](const AppendLaunchRecord& change) {
              if (keep_launch_records_) row(change.instance).record += encode_launch_record(change);
            },
            [&](const PutAllocation& change) {
              TextWriter writer;
              visit_amounts(writer, change.row);
              erase_allocation(change.row.key());
              row(change.row.instance).allocations.emplace_back(change.row.epoch, std::move(writer).text());
            },
            [&](const EraseAllocation& change) {
              if (instance_ids_.contains(change.placement.instance)) erase_allocation(change.placement);
            },
            [&](const AppendEvent& change) { append_event(change.event); },
            [&]<class Row>(const Put<Row>& change) { table<Row>()[change.row.key()] = change.row; },
            [&]<class Row>(const Erase<Row>& change) { table<Row>().erase(change.key); },
        },
        mutation);
}

MemoryControllerImage::InstanceRow& MemoryControllerImage::row(const Uuid& uuid) {
  const int64_t* id = instance_ids_.find(uuid);
  KN_CHECK(id != nullptr, "a transaction was applied that its check had to refuse");
  return instances_.find(*id)->second;
}

void MemoryControllerImage::insert_instance(const Instance& row) {
  instances_[row.id] = {.spec = hold_spec(row.spec), .fixed = encode_fixed(row), .state = encode_state(row)};
  instance_ids_.insert(row.uuid, row.id);
  last_instance_id_ = std::max(last_instance_id_, row.id);
}

void MemoryControllerImage::rename_instance(const mutation::RenameInstance& change) {
  InstanceRow& stored = row(change.uuid);
  Instance renamed;
  TextReader fixed(stored.fixed);
  read_fixed(fixed, renamed);
  renamed.name = change.name;
  renamed.hostname = change.hostname;
  stored.fixed = encode_fixed(renamed);
}

const std::string* MemoryControllerImage::hold_spec(const RequestSpec& wanted) {
  auto spec = specs_.try_emplace(encode_text(wanted), 0).first;
  ++spec->second;
  return &spec->first;
}

void MemoryControllerImage::release_spec(const std::string& held) {
  auto spec = specs_.find(held);
  if (--spec->second == 0) specs_.erase(spec);
}

void MemoryControllerImage::respecify_instance(const Uuid& uuid, const RequestSpec& spec) {
  InstanceRow& stored = row(uuid);
  release_spec(*std::exchange(stored.spec, hold_spec(spec)));
}

void MemoryControllerImage::erase_instance(const Uuid& uuid) {
  const int64_t* id = instance_ids_.find(uuid);
  if (id == nullptr) return;
  auto row = instances_.find(*id);
  release_spec(*row->second.spec);
  instances_.erase(row);
  instance_ids_.erase(uuid);
}

void MemoryControllerImage::erase_allocation(const PlacementId& placement) {
  std::erase_if(row(placement.instance).allocations, [&](const auto& kept) { return kept.first == placement.epoch; });
}

void MemoryControllerImage::append_event(const WatchEvent& event) {
  events_.push_back(event);
  revision_ = event.revision;
  if (events_.size() < events_kept_ + kEventTrimChunk) return;
  while (events_.size() > events_kept_) {
    dropped_through_ = events_.front().revision;
    events_.pop_front();
  }
}

Expected<> MemoryControllerImage::read_instances(ControllerState& state) const {
  state.instances.reserve(instances_.size());
  for (const auto& [id, stored] : instances_) {
    Instance& instance = state.instances.emplace_back();
    TextReader fixed(stored.fixed);
    read_fixed(fixed, instance);
    TextReader rest(stored.state);
    visit_state(rest, instance);
    TextReader spec(*stored.spec);
    spec(instance.spec);
    for (const TextReader* reader : {&fixed, &rest, &spec}) {
      if (auto finished = reader->finish(); !finished) return finished;
    }
    for (const auto& [epoch, text] : stored.allocations) {
      Allocation& allocation = state.allocations.emplace_back();
      allocation.instance = instance.uuid;
      TextReader amounts(text);
      visit_amounts(amounts, allocation);
      if (auto finished = amounts.finish(); !finished) return finished;
    }
  }
  std::ranges::sort(state.allocations, {}, &Allocation::key);
  return {};
}

Expected<ControllerState> MemoryControllerImage::state() const {
  ControllerState state;
  if (auto read = read_instances(state); !read) return std::unexpected(read.error());
  for_each_type(StoredRecords{}, [&]<class Row>() { copy_values(table<Row>(), state.of<Row>()); });
  state.revision = revision_;
  state.last_instance_id = last_instance_id_;
  return state;
}

Expected<LaunchRecordRows> MemoryControllerImage::launch_record(const Uuid& instance) const {
  LaunchRecordRows rows;
  const int64_t* id = instance_ids_.find(instance);
  if (id == nullptr) return rows;
  if (auto read = decode_launch_record(instances_.find(*id)->second.record, rows); !read) {
    return std::unexpected(read.error());
  }
  return rows;
}

Expected<std::vector<WatchEvent>> MemoryControllerImage::events(uint64_t since, uint32_t limit) const {
  if (since < dropped_through_) return events_dropped(since, dropped_through_);
  auto first = std::ranges::upper_bound(events_, since, {}, &WatchEvent::revision);
  auto count = std::min<size_t>(limit, static_cast<size_t>(events_.end() - first));
  return std::vector<WatchEvent>(first, first + static_cast<std::ptrdiff_t>(count));
}

void MemoryControllerImage::go_back_to(std::span<const Transaction> committed) {
  instances_.clear();
  instance_ids_.clear();
  specs_.clear();
  events_.clear();
  revision_ = dropped_through_ = 0;
  last_instance_id_ = 0;
  records_ = {};
  for (const Transaction& transaction : committed)
    for (const Mutation& mutation : transaction) apply_one(mutation);
}

}  // namespace kilonova
