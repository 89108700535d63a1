#include "rpc/convert/public_views.h"

#include <fmt/format.h>

#include "rpc/convert/codecs.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {
namespace {

template <class Views>
void put_texts(const std::vector<std::string>& texts, Views* views) {
  for (const std::string& text : texts) put_text(text, views->Add());
}

void put_fault(const InstanceFault& fault, Audience audience, v1::ServerFault* view) {
  view->set_code(static_cast<uint32_t>(fault.code));
  put_text(fault.message, view->mutable_message());
  if (audience == Audience::kAdmin) put_text(fault.details, view->mutable_details());
  view->set_created_at_us(fault.created_at.us);
}

// Nova keeps a server's faults and shows the last one while its status is ERROR or DELETED
// (nova/api/openstack/compute/views/servers.py).
bool shows_fault(const Instance& instance) {
  const bool shown = instance.vm_state == VmState::kError || instance.vm_state == VmState::kDeleted;
  return shown && !instance.fault.message.empty();
}

// What was asked for.
void put_spec(const RequestSpec& spec, v1::Server* view) {
  encode(spec.flavor, view->mutable_flavor());
  view->mutable_image()->set_id(to_string(spec.image.id));
  put_text(spec.image.name, view->mutable_image()->mutable_name());
  view->mutable_image()->set_size_bytes(spec.image.size_bytes);
  put_text(spec.key_name, view->mutable_key_name());
  put_text(spec.availability_zone, view->mutable_availability_zone());
  view->set_project_id(to_hex(spec.project_id));
  view->set_user_id(to_hex(spec.user_id));
  put_texts(spec.security_groups, view->mutable_security_groups());
}

// What became of it.
void put_state(const Instance& instance, Audience audience, v1::Server* view) {
  put_text(status_name(instance.vm_state, instance.task_state), view->mutable_status());
  view->set_vm_state(to_wire(instance.vm_state));
  view->set_task_state(to_wire(instance.task_state));
  view->set_power_state(to_wire(instance.power_state));
  if (audience == Audience::kAdmin) {
    put_text(instance.host, view->mutable_host());
    put_texts(instance.tried_hosts, view->mutable_tried_hosts());
  }
  for (const Address& address : instance.addresses) to_view(address, view->add_addresses());
  view->set_epoch(instance.epoch);
  view->set_operation(instance.operation);
  view->set_attempt(instance.attempt);
  put_text(to_string(instance.step), view->mutable_step());
}

}  // namespace

void to_view(const Instance& instance, Audience audience, v1::Server* view) {
  view->set_id(to_string(instance.uuid));
  put_text(instance.name, view->mutable_name());
  put_text(instance.hostname, view->mutable_hostname());
  put_text(instance.reservation_id, view->mutable_reservation_id());
  view->set_launch_index(instance.launch_index);
  // Nova's instance_name_template.
  view->set_instance_name(fmt::format("instance-{:08x}", instance.id));
  view->set_request_id("req-" + to_string(instance.trace.request_id));
  view->set_trace_id(to_hex(instance.trace.trace_id));
  view->set_created_at_us(instance.created_at.us);
  view->set_updated_at_us(instance.updated_at.us);
  view->set_launched_at_us(instance.launched_at.us);
  put_spec(instance.spec, view);
  put_state(instance, audience, view);
  if (shows_fault(instance)) put_fault(instance.fault, audience, view->mutable_fault());
}

void to_view(const Address& address, v1::ServerAddress* view) {
  put_text(address.network_name, view->mutable_network());
  view->set_network_id(to_string(address.network_id));
  view->set_nic(address.nic);
  view->set_ip(to_string(address.ip));
  view->set_prefix(address.prefix);
  view->set_gateway(to_string(address.gateway));
  view->set_mac(to_string(address.mac));
  view->set_vlan(address.vlan);
  put_text(address.bridge, view->mutable_bridge());
  view->set_lease_expires_at_us(address.lease_expires_at.us);
}

void to_view(const Image& image, v1::Image* view) {
  view->set_id(to_string(image.id));
  put_text(image.name, view->mutable_name());
  view->set_owner(to_hex(image.owner));
  view->set_is_public(image.is_public);
  view->set_size_bytes(image.size_bytes);
  view->set_min_disk_gb(image.min_disk_gb);
  view->set_min_ram_mb(image.min_ram_mb);
  put_text(image.disk_format, view->mutable_disk_format());
  put_text(image.status, view->mutable_status());
  view->set_created_at_us(image.created_at.us);
}

void to_view(const KeyPair& key_pair, v1::KeyPair* view) {
  put_text(key_pair.name, view->mutable_name());
  view->set_user_id(to_hex(key_pair.user_id));
  put_text(key_pair.type, view->mutable_type());
  put_text(key_pair.public_key, view->mutable_public_key());
  put_text(key_pair.fingerprint, view->mutable_fingerprint());
  view->set_created_at_us(key_pair.created_at.us);
}

void to_view(const Network& network, v1::Network* view) {
  view->set_id(to_string(network.id));
  put_text(network.name, view->mutable_name());
  view->set_project_id(to_hex(network.project_id));
  view->set_shared(network.shared);
  view->set_external(network.external);
  view->set_cidr(to_string(network.cidr));
  view->set_gateway(to_string(network.gateway));
  view->set_vlan(network.vlan);
  view->set_bridge(fmt::format("br{}", network.vlan));
  view->set_created_at_us(network.created_at.us);
}

void to_view(const Lease& lease, v1::Lease* view) {
  view->set_server_id(to_string(lease.instance));
  view->set_epoch(lease.epoch);
  put_text(lease.hostname, view->mutable_hostname());
  to_view(lease.address, view->mutable_address());
}

void to_view(const Project& project, v1::Project* view) {
  view->set_id(to_hex(project.id));
  put_text(project.name, view->mutable_name());
  put_text(project.description, view->mutable_description());
  view->set_enabled(project.enabled);
}

void to_view(const User& user, v1::User* view) {
  view->set_id(to_hex(user.id));
  put_text(user.name, view->mutable_name());
  view->set_enabled(user.enabled);
}

void to_view(const RoleAssignment& assignment, v1::RoleAssignment* view) {
  view->set_user_id(to_hex(assignment.user_id));
  view->set_project_id(to_hex(assignment.project_id));
  view->set_role(to_wire(assignment.role));
}

void to_view(const Quota& quota, v1::Quota* view) {
  view->set_project_id(to_hex(quota.project_id));
  view->set_instances(quota.instances);
  view->set_cores(quota.cores);
  view->set_ram_mb(quota.ram_mb);
}

void to_view(const QuotaUsage& usage, v1::QuotaUsage* view) {
  view->set_instances(usage.instances);
  view->set_cores(usage.cores);
  view->set_ram_mb(usage.ram_mb);
}

void to_view(const HostView& view_of, v1::Host* view) {
  const Host& host = view_of.host;
  view->set_id(host.id);
  put_text(host.name, view->mutable_name());
  put_text(host.zone, view->mutable_zone());
  encode(host.total, view->mutable_total());
  encode(view_of.used, view->mutable_used());
  view->set_instances(view_of.instances);
  view->set_process(to_string(host.process));
  view->set_enabled(host.enabled);
  put_text(host.disabled_reason, view->mutable_disabled_reason());
  view->set_up(view_of.up);
  view->set_last_seen_us(view_of.last_seen.us);
  view->set_created_at_us(host.created_at.us);
}

void to_view(const ServiceView& service, v1::Service* view) {
  view->set_name(to_string(service.peer));
  view->set_role(to_wire(service.peer.role));
  view->set_index(service.peer.index);
  view->set_incarnation(service.incarnation);
  view->set_connected(service.connected);
  view->set_connected_since_us(service.connected_since.us);
  view->set_last_seen_us(service.last_seen.us);
  view->set_hosts(service.hosts);
}

void to_view(const WatchEvent& event, Audience audience, v1::WatchEvent* view) {
  view->set_revision(event.revision);
  view->set_time_us(event.time.us);
  view->set_project_id(to_hex(event.project_id));
  view->set_server_id(to_string(event.instance));
  put_text(event.name, view->mutable_name());
  put_text(status_name(event.vm_state, event.task_state), view->mutable_status());
  view->set_vm_state(to_wire(event.vm_state));
  view->set_task_state(to_wire(event.task_state));
  view->set_power_state(to_wire(event.power_state));
  if (audience == Audience::kAdmin) put_text(event.host, view->mutable_host());
  view->set_epoch(event.epoch);
  view->set_deleted(event.deleted);
  put_text(event.fault, view->mutable_fault());
}

void to_view(const StepRecord& step, Audience audience, v1::StepRecord* view) {
  if (audience == Audience::kAdmin) return encode(step, view);
  StepRecord seen = step;
  seen.host.clear();
  // A claim that is refused says what room the host has left, behind a colon.
  if (step.step == LaunchStep::kClaimed && !step.fault.empty()) seen.fault = step.fault.substr(0, step.fault.find(':'));
  encode(seen, view);
}

void to_view(const Decision& decision, Audience audience, v1::Decision* view) {
  if (audience == Audience::kAdmin) return encode(decision, view);
  Decision seen;
  seen.epoch = decision.epoch;
  seen.attempt = decision.attempt;
  seen.scheduler = decision.scheduler;
  seen.driver = decision.driver;
  seen.from_alternates = decision.from_alternates;
  seen.reason = decision.reason;
  encode(seen, view);
}

}  // namespace kilonova::rpc
