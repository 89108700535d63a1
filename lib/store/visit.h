// The fields of every stored struct, said once; those of the small records stand with them (domain/nouns). An Io (TextWriter, TextReader, Binder, ColumnReader, ...) is called with
// the fields in order; for a table's row this is also the order of its columns (migrations.cc). A field added at the end
// needs a migration; one removed or moved does too.
#pragma once

#include "domain/instance.h"
#include "domain/net.h"
#include "domain/record.h"
#include "domain/request_spec.h"
#include "domain/server_properties.h"
#include "ports/controller_store.h"
#include "ports/guest_journal.h"
#include "ports/network_store.h"

namespace kilonova {

// Which numbers an enum may have when it is read.
inline bool is_stored_value(VmState state) { return is_known(state); }
inline bool is_stored_value(TaskState state) { return is_known(state); }
inline bool is_stored_value(PowerState state) { return is_known(state); }
constexpr bool is_stored_value(LockedBy who) { return who <= LockedBy::kAdmin; }
constexpr bool is_stored_value(LaunchStep step) { return step <= LaunchStep::kActive; }
constexpr bool is_stored_value(FaultEffect effect) { return is_known(effect); }
constexpr bool is_stored_value(UserRole role) { return role <= UserRole::kAdmin; }
constexpr bool is_stored_value(MoveKind kind) { return is_known(kind); }
constexpr bool is_stored_value(MoveStage stage) { return is_known(stage); }
constexpr bool is_stored_value(GroupPolicy policy) { return is_known(policy); }
constexpr bool is_stored_value(Role role) { return role >= Role::kController && role <= Role::kClient; }

// ---- parts of rows

template <class Io, RowOf<ImageRef> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.size_bytes);
}

template <class Io, RowOf<SchedulerHints> Row>
void visit(Io& io, Row& row) {
  io(row.group, row.same_host, row.different_host);
}

template <class Io, RowOf<RequestSpec> Row>
void visit(Io& io, Row& row) {
  io(row.project_id, row.user_id, row.flavor, row.image, row.networks, row.key_name, row.availability_zone,
     row.forced_host, row.security_groups, row.hints, row.requested_host);
}

template <class Io, RowOf<Address> Row>
void visit(Io& io, Row& row) {
  io(row.network_id, row.network_name, row.nic, row.ip, row.prefix, row.gateway, row.mac, row.vlan, row.bridge,
     row.lease_expires_at);
}

template <class Io, RowOf<FilterCount> Row>
void visit(Io& io, Row& row) {
  io(row.filter, row.hosts_left);
}

template <class Io, RowOf<WeigherScore> Row>
void visit(Io& io, Row& row) {
  io(row.weigher, row.raw, row.weight, row.multiplier);
}

template <class Io, RowOf<WeighedHost> Row>
void visit(Io& io, Row& row) {
  io(row.host, row.weight, row.scores);
}

template <class Io, RowOf<AllocationRatios> Row>
void visit(Io& io, Row& row) {
  io(row.vcpus, row.memory, row.disk);
}

template <class Io, RowOf<Decision> Row>
void visit(Io& io, Row& row) {
  io(row.epoch, row.attempt, row.scheduler, row.driver, row.hosts_total, row.filters, row.weighed, row.chosen,
     row.alternates, row.from_alternates, row.reason, row.explanation, row.ratios);
}

template <class Io, RowOf<Move> Row>
void visit(Io& io, Row& row) {
  io(row.kind, row.stage, row.migration, row.from, row.old_flavor, row.new_flavor, row.requested_host, row.forced,
     row.auto_confirmed);
}

template <class Io, RowOf<Placement> Row>
void visit(Io& io, Row& row) {
  io(row.epoch, row.step, row.host, row.addresses);
}

// ---- the controller's rows

// What never changes once the row is there.
template <class Io, RowOf<Instance> Row>
void visit_fixed(Io& io, Row& row) {
  io(row.id, row.uuid, row.name, row.hostname, row.reservation_id, row.launch_index, row.spec, row.trace.request_id,
     row.trace.trace_id, row.trace.span_id, row.created_at);
}

// What UpdateInstance writes.
template <class Io, RowOf<Instance> Row>
void visit_state(Io& io, Row& row) {
  io(row.vm_state, row.task_state, row.power_state, row.current.epoch, row.operation, row.attempt, row.current.step,
     row.current.host, row.tried_hosts, row.alternates, row.current.addresses, row.fault.code, row.fault.message,
     row.fault.details, row.fault.created_at, row.updated_at, row.launched_at, row.other, row.last_epoch, row.move,
     row.shelved_image, row.state_since);
}

template <class Io, RowOf<Instance> Row>
void visit(Io& io, Row& row) {
  visit_fixed(io, row);
  visit_state(io, row);
}

// Less the instance: allocations are kept with its row.
template <class Io, RowOf<Allocation> Row>
void visit_amounts(Io& io, Row& row) {
  io(row.epoch, row.host, row.resources.vcpus, row.resources.memory_mb, row.resources.disk_gb);
}

// ---- the network-controller's rows

template <class Io, RowOf<Network> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.project_id, row.shared, row.external, row.cidr.network, row.cidr.prefix, row.gateway,
     row.vlan, row.created_at);
}

template <class Io, RowOf<NetworkDetails> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.details, row.revision, row.updated_at);
}

template <class Io, RowOf<AddressRange> Row>
void visit(Io& io, Row& row) {
  io(row.first, row.last);
}

template <class Io, RowOf<Subnet> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.network_id, row.project_id, row.cidr, row.gateway, row.pools, row.automatic, row.details, row.revision,
     row.created_at, row.updated_at);
}

template <class Io, RowOf<FixedIp> Row>
void visit(Io& io, Row& row) {
  io(row.subnet_id, row.ip);
}

template <class Io, RowOf<Port> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.network_id, row.project_id, row.mac, row.fixed_ips, row.device_id, row.device_owner,
     row.goes_with_device, row.is_asked_for, row.details, row.revision, row.created_at, row.updated_at);
}

template <class Io, RowOf<Lease> Row>
void visit(Io& io, Row& row) {
  io(row.instance, row.address.nic, row.epoch, row.hostname, row.address.network_id, row.address.network_name,
     row.address.ip, row.address.prefix, row.address.gateway, row.address.mac, row.address.vlan, row.address.bridge,
     row.address.lease_expires_at, row.shared_with);
}

template <class Io, RowOf<ReleaseFence> Row>
void visit(Io& io, Row& row) {
  io(row.placement.instance, row.placement.epoch, row.released_at);
}

// ---- the hypervisors' guests

template <class Io, RowOf<GuestRecord> Row>
void visit(Io& io, Row& row) {
  io(row.host, row.placement.instance, row.placement.epoch, row.name, row.resources.vcpus, row.resources.memory_mb,
     row.resources.disk_gb, row.power_state, row.built, row.shares_with);
}

}  // namespace kilonova
