#include "sim/network_watch.h"

#include "domain/api.h"


namespace kilonova::sim {
namespace {

uint64_t number_of(PeerId id) { return static_cast<uint64_t>(id.role) << 32 | id.index; }

// What a message speaks of, and how much of it there is.
class Folder {
 public:
  explicit Folder(Digest& digest) : digest_(digest) {}

  void operator()(const SelectDestinations& cast) {
    digest_.fold(cast.cast_number);
    for (const PlacementRequest& request : cast.requests) fold(request.placement);
  }
  void operator()(const SelectDestinationsRefused& refused) { fold_all(refused.placements); }
  void operator()(const NoValidHost& none) { fold_all(none.placements); }
  void operator()(const BuildAndRunInstance& run) {
    digest_.fold(run.host);
    fold(run.placement);
  }
  void operator()(const UsageUpdate& update) {
    for (const HostUsage& usage : update.hosts) {
      digest_.fold(usage.version);
      fold_all(usage.settled);
    }
  }
  void operator()(const ComputeHeartbeat& heartbeat) {
    for (const auto& unfinished : heartbeat.unfinished) fold(unfinished.placement);
  }
  void operator()(const RegisterHosts& part) {
    digest_.fold(part.hosts.size());
    for (const GuestInfo& guest : part.guests) fold(guest.placement);
  }
  void operator()(const InstanceReport& report) {
    digest_.fold(static_cast<uint64_t>(report.result) << 8 | static_cast<uint64_t>(report.step));
    fold(report.placement);
  }
  void operator()(const ReportAnswer& answer) {
    digest_.fold(static_cast<uint64_t>(answer.verdict));
    fold(answer.placement);
  }
  void operator()(const ServerActionDone& done) {
    digest_.fold(done.operation);
    fold(done.placement);
  }
  void operator()(const ApplyServerAction& action) {
    digest_.fold(action.operation);
    fold(action.placement);
  }
  void operator()(const AllocateAddressesReply& reply) {
    fold(reply.placement);
    for (const Address& address : reply.addresses) digest_.fold(uint64_t{address.ip.value});
  }
  void operator()(const OwnershipQuery& query) { fold_all(query.held); }
  void operator()(const OwnershipAnswer& answer) { fold_all(answer.orphans); }
  void operator()(const ApiCall& call) { digest_.fold(call.request.index()); }
  void operator()(const ApiReply& reply) {
    digest_.fold(reply.result ? reply.result->index() : 1'000 + static_cast<uint64_t>(reply.result.error().code));
  }
  void operator()(const WatchEvents& events) {
    digest_.fold(events.after);
    digest_.fold(events.events.size());
  }
  template <class Other>
  void operator()(const Other& other) {
    if constexpr (requires { other.placement; }) fold(other.placement);
  }

 private:
  void fold(const PlacementId& placement) {
    digest_.fold(placement.instance);
    digest_.fold(placement.epoch);
  }
  void fold_all(const std::vector<PlacementId>& placements) {
    for (const PlacementId& placement : placements) fold(placement);
  }

  Digest& digest_;
};

}  // namespace

void NetworkWatch::arrives(PeerId from, PeerId to, const Message& message) {
  Digest& digest = history_.digest;
  digest.fold(static_cast<uint64_t>(world_.now().us));
  digest.fold(number_of(from) << 16 ^ number_of(to));
  digest.fold(message.call << 8 | message.body.index());
  visit(Folder(digest), message.body);
  if (next_ != nullptr) next_->arrives(from, to, message);
}

}  // namespace kilonova::sim
