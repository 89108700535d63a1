#include "rpc/convert/nouns/servers.h"

#include <fmt/format.h>

#include <map>
#include <ranges>

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(ServerAccess, v1::ServerAccess,
         KN_FIELD(sets_access_ip_v4) KN_FIELD(access_ip_v4) KN_FIELD(sets_access_ip_v6) KN_FIELD(access_ip_v6)
             KN_FIELD(sets_auto_disk_config) KN_FIELD(auto_disk_config) KN_FIELD(sets_trusted_image_certificates)
                 KN_FIELD(trusted_image_certificates))
KN_CODEC(CreateServers, v1::CreateServersRequest,
         KN_FIELD(name) KN_FIELD(flavor) KN_FIELD(image) KN_FIELD(networks) KN_FIELD(key_name)
             KN_FIELD(availability_zone) KN_FIELD(min_count) KN_FIELD(max_count) KN_FIELD(client_token)
                 KN_FIELD(description) KN_FIELD(metadata) KN_FIELD(tags) KN_FIELD(user_data) KN_FIELD(config_drive)
                     KN_FIELD(access) KN_FIELD(server_group) KN_FIELD(same_host) KN_FIELD(different_host)
                         KN_FIELD(hostname) KN_FIELD(security_groups) KN_FIELD(requested_host) KN_FIELD(ids_only))
KN_CODEC(GetServer, v1::GetServerRequest, KN_FIELD(server) KN_FIELD(all_projects))
KN_CODEC(ListServers, v1::ListServersRequest,
         KN_FIELD(all_projects) KN_FIELD(name) KN_FIELD(status) KN_FIELD(host) KN_FIELD(limit) KN_FIELD(marker)
             KN_FIELD(which) KN_TIME(deleted_since))
KN_CODEC(ServerProperties, v1::ServerProperties,
         KN_FIELD(instance) KN_FIELD(description) KN_FIELD(metadata) KN_FIELD(tags) KN_FIELD(locked_by)
             KN_FIELD(locked_reason) KN_FIELD(user_data) KN_FIELD(config_drive) KN_FIELD(access_ip_v4)
                 KN_FIELD(access_ip_v6) KN_FIELD(auto_disk_config) KN_FIELD(trusted_image_certificates)
                     KN_FIELD(client_token))
KN_CODEC(SetServer, v1::SetServerRequest,
         KN_FIELD(server) KN_FIELD(all_projects) KN_FIELD(name) KN_FIELD(description) KN_FIELD(sets_description)
             KN_FIELD(replaces_metadata) KN_FIELD(unset_metadata) KN_FIELD(set_metadata) KN_FIELD(replaces_tags)
                 KN_FIELD(remove_tags) KN_FIELD(add_tags) KN_FIELD(access) KN_FIELD(hostname) KN_FIELD(in_any_state))
KN_CODEC(LockServer, v1::LockServerRequest, KN_FIELD(server) KN_FIELD(all_projects) KN_FIELD(locked) KN_FIELD(reason))
KN_CODEC(DeleteServer, v1::DeleteServerRequest, KN_FIELD(server) KN_FIELD(all_projects) KN_FIELD(force))
KN_CODEC(ServerAction, v1::ServerActionRequest, KN_FIELD(server) KN_FIELD(action))
KN_CODEC(GetLaunchRecord, v1::GetLaunchRecordRequest, KN_FIELD(server) KN_FIELD(all_projects))
KN_CODEC(InstanceActionEvent, v1::InstanceActionEventRecord,
         KN_FIELD(event) KN_TIME(started_at) KN_TIME(finished_at) KN_FIELD(host) KN_FIELD(failed))
KN_CODEC(InstanceAction, v1::InstanceActionRecord,
         KN_FIELD(instance) KN_FIELD(number) KN_FIELD(action) KN_FIELD(request_id) KN_FIELD(user_id)
             KN_FIELD(project_id) KN_TIME(started_at) KN_TIME(finished_at) KN_FIELD(host) KN_FIELD(failed)
                 KN_FIELD(message) KN_FIELD(events))
KN_CODEC(DeletedServer, v1::DeletedServerRecord, KN_FIELD(number) KN_FIELD(row) KN_FIELD(properties) KN_FIELD(actions))
KN_CODEC(ListInstanceActions, v1::ListInstanceActionsRequest, KN_FIELD(server) KN_FIELD(all_projects))
KN_CODEC(ReadEvents, v1::ReadEventsRequest, KN_FIELD(since) KN_FIELD(limit) KN_FIELD(all_projects) KN_FIELD(generation))

KN_CODEC(Empty, v1::Done, )
KN_CODEC(CreateServersReply, v1::CreatedServers,
         KN_FIELD(servers) KN_FIELD(reservation_id) KN_FIELD(revision) KN_FIELD(properties))
KN_CODEC(ServerList, v1::ServerList, KN_FIELD(servers) KN_FIELD(more) KN_FIELD(properties))
KN_CODEC(LaunchRecord, v1::LaunchRecord, KN_FIELD(server) KN_FIELD(steps) KN_FIELD(decisions))
KN_CODEC(InstanceActionList, v1::InstanceActionList, KN_FIELD(actions))
KN_CODEC(EventList, v1::EventList, KN_FIELD(events) KN_FIELD(revision) KN_FIELD(generation))

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
  if (!spec.hints.group.is_nil()) view->set_server_group(to_string(spec.hints.group));
}

// What became of it.
void put_state(const Instance& instance, Audience audience, v1::Server* view) {
  put_text(status_name(instance.vm_state, instance.task_state), view->mutable_status());
  view->set_vm_state(to_wire(instance.vm_state));
  view->set_task_state(to_wire(instance.task_state));
  view->set_power_state(to_wire(instance.power_state));
  if (audience == Audience::kAdmin) {
    put_text(instance.current.host, view->mutable_host());
    put_texts(instance.tried_hosts, view->mutable_tried_hosts());
  }
  for (const Address& address : instance.current.addresses) to_view(address, view->add_addresses());
  view->set_epoch(instance.current.epoch);
  view->set_operation(instance.operation);
  view->set_attempt(instance.attempt);
  put_text(to_string(instance.current.step), view->mutable_step());
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

void to_view(const ServerProperties& properties, Audience audience, v1::Server* view) {
  put_text(properties.description, view->mutable_description());
  for (const MetadataItem& item : properties.metadata) encode(item, view->add_metadata());
  put_texts(properties.tags, view->mutable_tags());
  view->set_locked(properties.locked_by != LockedBy::kNobody);
  put_text(properties.locked_reason, view->mutable_locked_reason());
  view->set_config_drive(properties.config_drive);
  put_text(properties.access_ip_v4, view->mutable_access_ip_v4());
  put_text(properties.access_ip_v6, view->mutable_access_ip_v6());
  view->set_auto_disk_config(properties.auto_disk_config);
  put_texts(properties.trusted_image_certificates, view->mutable_trusted_image_certificates());
  if (audience == Audience::kAdmin) put_text(properties.user_data, view->mutable_user_data());
}

namespace {

// Both lists are in no order that the other knows: servers are few, at most a page.
void add_views(const std::vector<Instance>& servers, const std::vector<ServerProperties>& properties, Audience audience,
               google::protobuf::RepeatedPtrField<v1::Server>* views) {
  std::map<Uuid, const ServerProperties*> by_instance;
  for (const ServerProperties& each : properties) by_instance[each.instance] = &each;
  for (const Instance& server : servers) {
    v1::Server* view = views->Add();
    to_view(server, audience, view);
    if (auto said = by_instance.find(server.uuid); said != by_instance.end()) to_view(*said->second, audience, view);
  }
}

}  // namespace

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
  view->set_step(to_wire(event.step));
  view->set_attempt(event.attempt);
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

bool to_public(const CreateServers::Reply& reply, Audience audience, v1::CreateServersReply* proto) {
  add_views(reply.servers, reply.properties, audience, proto->mutable_servers());
  put_text(reply.reservation_id, proto->mutable_reservation_id());
  proto->set_revision(reply.revision);
  return true;
}

bool to_public(const GetServer::Reply& reply, Audience audience, v1::GetServerReply* proto) {
  if (reply.servers.empty()) return false;
  to_view(reply.servers.front(), audience, proto->mutable_server());
  if (!reply.properties.empty()) to_view(reply.properties.front(), audience, proto->mutable_server());
  return true;
}

bool to_public(const SetServer::Reply& reply, Audience audience, v1::SetServerReply* proto) {
  if (reply.servers.empty()) return false;
  to_view(reply.servers.front(), audience, proto->mutable_server());
  if (!reply.properties.empty()) to_view(reply.properties.front(), audience, proto->mutable_server());
  return true;
}

bool to_public(const ListServers::Reply& reply, Audience audience, v1::ListServersReply* proto) {
  add_views(reply.servers, reply.properties, audience, proto->mutable_servers());
  proto->set_more(reply.more);
  return true;
}

bool to_public(const GetLaunchRecord::Reply& reply, Audience audience, v1::GetLaunchRecordReply* proto) {
  to_view(reply.server, audience, proto->mutable_server());
  auto to_seen = [audience](const auto& value, auto* view) { to_view(value, audience, view); };
  add_all(reply.steps, proto->mutable_steps(), to_seen);
  add_all(reply.decisions, proto->mutable_decisions(), to_seen);
  return true;
}

bool to_public(const ListInstanceActions::Reply& reply, Audience audience, v1::ListInstanceActionsReply* proto) {
  for (const InstanceAction& action : reply.actions) {
    v1::InstanceAction& view = *proto->add_actions();
    put_text(action.action, view.mutable_action());
    view.set_request_id("req-" + to_string(action.request_id));
    view.set_user_id(to_hex(action.user_id));
    view.set_project_id(to_hex(action.project_id));
    view.set_started_at_us(action.started_at.us);
    view.set_finished_at_us(action.finished_at.us);
    view.set_failed(action.failed);
    put_text(action.message, view.mutable_message());
    if (audience == Audience::kAdmin) put_text(action.host, view.mutable_host());
    for (const InstanceActionEvent& event : action.events | std::views::reverse) {
      v1::InstanceActionEvent& shown = *view.add_events();
      put_text(event.event, shown.mutable_event());
      shown.set_started_at_us(event.started_at.us);
      shown.set_finished_at_us(event.finished_at.us);
      shown.set_failed(event.failed);
      if (audience == Audience::kAdmin) put_text(event.host, shown.mutable_host());
    }
  }
  return true;
}

bool to_public(const ReadEvents::Reply& reply, Audience audience, v1::ReadEventsReply* proto) {
  for (const WatchEvent& event : reply.events) to_view(event, audience, proto->add_events());
  proto->set_revision(reply.revision);
  proto->set_generation(reply.generation);
  return true;
}

KN_EMPTY_REPLY(LockServer)
KN_EMPTY_REPLY(DeleteServer)
KN_EMPTY_REPLY(ServerAction)

}  // namespace kilonova::rpc
