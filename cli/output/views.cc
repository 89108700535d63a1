#include "cli/output/views.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "cli/output/properties.h"

namespace kilonova::cli {
namespace {

Json time_json(int64_t us) { return us == 0 ? Json(nullptr) : Json(to_iso8601(WallTime{us})); }

Json text_or_null(std::string text) { return text.empty() ? Json(nullptr) : Json(std::move(text)); }

Json to_json(const v1::ServerAddress& address) {
  return {{"network", address.network()}, {"network_id", address.network_id()},
          {"nic", address.nic()},         {"ip", address.ip()},
          {"prefix", address.prefix()},   {"gateway", address.gateway()},
          {"mac", address.mac()},         {"vlan", address.vlan()},
          {"bridge", address.bridge()},   {"lease_expires_at", time_json(address.lease_expires_at_us())}};
}

Json to_json(const v1::Resources& resources) {
  return {{"vcpus", resources.vcpus()}, {"memory_mb", resources.memory_mb()}, {"disk_gb", resources.disk_gb()}};
}

Json fault_json(const v1::Server& server) {
  if (!server.has_fault()) return nullptr;
  const v1::ServerFault& fault = server.fault();
  Json json{{"code", fault.code()}, {"message", fault.message()}, {"created_at", time_json(fault.created_at_us())}};
  if (!fault.details().empty()) json["details"] = fault.details();
  return json;
}

}  // namespace

std::string enum_text(const std::string& name, std::string_view prefix) {
  std::string text = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  if (text == "UNSPECIFIED") return {};
  return to_lower(std::move(text));
}

std::string role_text(v1::UserRole role) { return enum_text(v1::UserRole_Name(role), "USER_ROLE_"); }

std::string addresses_text(const v1::Server& server) {
  std::string text;
  for (const v1::ServerAddress& address : server.addresses())
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", address.network(), address.ip());
  return text;
}

std::string cause_of(const v1::Server& server) {
  std::string cause = without_prefix(server.fault().details());
  // What the message says already is not said again.
  const std::string& message = server.fault().message();
  if (message.ends_with('.') && cause.starts_with(message)) cause.erase(0, std::min(cause.size(), message.size() + 1));
  while (cause.ends_with('.') || cause.ends_with('\n')) cause.pop_back();
  return message.find(cause) == std::string::npos ? cause : std::string();
}

std::string yes_no(bool value) { return value ? "yes" : "no"; }

std::string time_text(int64_t us) { return format_time(WallTime{us}); }

Json to_json(const v1::Server& server) {
  Json addresses = Json::array();
  for (const v1::ServerAddress& address : server.addresses()) addresses.push_back(to_json(address));
  Json json;
  json["id"] = server.id();
  json["name"] = server.name();
  json["status"] = server.status();
  json["task_state"] = text_or_null(enum_text(v1::TaskState_Name(server.task_state()), "TASK_STATE_"));
  json["power_state"] = text_or_null(enum_text(v1::PowerState_Name(server.power_state()), "POWER_STATE_"));
  json["host"] = text_or_null(server.host());
  json["addresses"] = std::move(addresses);
  json["flavor"] = to_json(server.flavor());
  json["image"] = {{"id", server.image().id()}, {"name", server.image().name()}};
  json["key_name"] = text_or_null(server.key_name());
  json["availability_zone"] = text_or_null(server.availability_zone());
  json["created_at"] = time_json(server.created_at_us());
  json["updated_at"] = time_json(server.updated_at_us());
  json["launched_at"] = time_json(server.launched_at_us());
  json["project_id"] = server.project_id();
  json["user_id"] = server.user_id();
  json["fault"] = fault_json(server);
  json["epoch"] = server.epoch();
  json["attempt"] = server.attempt();
  json["step"] = server.step();
  json["hostname"] = server.hostname();
  json["instance_name"] = server.instance_name();
  json["reservation_id"] = server.reservation_id();
  json["launch_index"] = server.launch_index();
  json["request_id"] = server.request_id();
  json["trace_id"] = server.trace_id();
  json["description"] = text_or_null(server.description());
  json["properties"] = properties_json(server.metadata());
  json["tags"] = Json(std::vector<std::string>(server.tags().begin(), server.tags().end()));
  json["locked"] = server.locked();
  json["locked_reason"] = text_or_null(server.locked_reason());
  json["config_drive"] = server.config_drive();
  json["server_group"] = text_or_null(server.server_group());
  json["tried_hosts"] = Json(std::vector<std::string>(server.tried_hosts().begin(), server.tried_hosts().end()));
  json["security_groups"] =
      Json(std::vector<std::string>(server.security_groups().begin(), server.security_groups().end()));
  return json;
}

Json to_json(const v1::Flavor& flavor) {
  return {{"id", flavor.id()},
          {"name", flavor.name()},
          {"vcpus", flavor.has_vcpus() ? flavor.vcpus() : 1},
          {"memory_mb", flavor.memory_mb()},
          {"root_gb", flavor.root_gb()},
          {"ephemeral_gb", flavor.ephemeral_gb()},
          {"swap_mb", flavor.swap_mb()},
          {"is_public", !flavor.has_is_public() || flavor.is_public()},
          {"rxtx_factor", flavor.has_rxtx_factor() ? flavor.rxtx_factor() : 1.0},
          {"properties", properties_json(flavor.extra_specs())}};
}

Json to_json(const v1::Image& image) {
  return {{"id", image.id()},
          {"name", image.name()},
          {"status", image.status()},
          {"size_bytes", image.size_bytes()},
          {"min_disk_gb", image.min_disk_gb()},
          {"min_memory_mb", image.min_ram_mb()},
          {"disk_format", image.disk_format()},
          {"owner", image.owner()},
          {"is_public", image.is_public()},
          {"created_at", time_json(image.created_at_us())},
          {"properties", properties_json(image.properties())}};
}

Json to_json(const v1::Migration& migration) {
  return {{"id", migration.id()},
          {"uuid", migration.uuid()},
          {"server_id", migration.server_id()},
          {"type", migration.type()},
          {"status", migration.status()},
          {"source_compute", migration.source_compute()},
          {"dest_compute", migration.dest_compute().empty() ? Json(nullptr) : Json(migration.dest_compute())},
          {"old_flavor", migration.old_flavor()},
          {"new_flavor", migration.new_flavor()},
          {"user_id", migration.user_id()},
          {"project_id", migration.project_id()},
          {"created_at", time_json(migration.created_at_us())},
          {"updated_at", time_json(migration.updated_at_us())}};
}

Json to_json(const v1::KeyPair& key_pair) {
  return {{"name", key_pair.name()},
          {"type", key_pair.type()},
          {"fingerprint", key_pair.fingerprint()},
          {"public_key", key_pair.public_key()},
          {"user_id", key_pair.user_id()},
          {"created_at", time_json(key_pair.created_at_us())}};
}

Json to_json(const v1::Network& network) {
  return {{"id", network.id()},
          {"name", network.name()},
          {"cidr", network.cidr()},
          {"gateway", network.gateway()},
          {"vlan", network.vlan()},
          {"bridge", network.bridge()},
          {"shared", network.shared()},
          {"external", network.external()},
          {"addresses_used", network.addresses_used()},
          {"project_id", network.project_id()},
          {"created_at", time_json(network.created_at_us())}};
}

Json to_json(const v1::Lease& lease) {
  Json json = to_json(lease.address());
  json["server_id"] = lease.server_id();
  json["hostname"] = lease.hostname();
  json["epoch"] = lease.epoch();
  return json;
}

Json to_json(const v1::Project& project) {
  return {{"id", project.id()},
          {"name", project.name()},
          {"description", project.description()},
          {"enabled", project.enabled()}};
}

Json to_json(const v1::User& user) { return {{"id", user.id()}, {"name", user.name()}, {"enabled", user.enabled()}}; }

Json to_json(const v1::Host& host) {
  return {{"id", host.id()},
          {"name", host.name()},
          {"zone", host.zone()},
          {"up", host.up()},
          {"enabled", host.enabled()},
          {"disabled_reason", text_or_null(host.disabled_reason())},
          {"forced_down", host.forced_down()},
          {"total", to_json(host.total())},
          {"used", to_json(host.used())},
          {"instances", host.instances()},
          {"process", host.process()},
          {"last_seen", time_json(host.last_seen_us())},
          {"created_at", time_json(host.created_at_us())}};
}

Json to_json(const v1::Service& service) {
  return {{"name", service.name()},
          {"role", enum_text(v1::Role_Name(service.role()), "ROLE_")},
          {"index", service.index()},
          {"connected", service.connected()},
          {"connected_since", time_json(service.connected_since_us())},
          {"last_seen", time_json(service.last_seen_us())},
          {"hosts", service.hosts()},
          {"incarnation", std::to_string(service.incarnation())}};
}

Json to_json(const v1::FaultRule& rule) {
  return {
      {"id", std::to_string(rule.id())},
      {"step", text_or_null(enum_text(v1::LaunchStep_Name(rule.step()), "LAUNCH_STEP_"))},
      {"action", text_or_null(rule.action())},
      {"http", text_or_null(rule.http())},
      {"daemon_pattern", text_or_null(rule.daemon_pattern())},
      {"host_pattern", text_or_null(rule.host_pattern())},
      {"server_pattern", text_or_null(rule.server_pattern())},
      {"project_id", text_or_null(rule.project())},
      {"skip", rule.skip()},
      {"count", rule.has_count() ? rule.count() : -1},
      {"probability", static_cast<double>(rule.has_per_million() ? rule.per_million() : 1'000'000) / 1e6},
      {"seed", std::to_string(rule.seed())},
      {"reached", rule.reached()},
      {"struck", rule.struck()},
      {"delay_us", rule.delay_us()},
      {"fails", !rule.has_fails() || rule.fails()},
      {"aborts", rule.aborts()},
      {"effect", text_or_null(enum_text(v1::FaultEffect_Name(rule.effect()), "FAULT_EFFECT_"))},
      {"status", rule.status() == 0 ? Json(nullptr) : Json(rule.status())},
      {"retry_after_s", rule.has_retry_after() && rule.retry_after() >= 0 ? Json(rule.retry_after()) : Json(nullptr)},
      {"message", text_or_null(rule.message())}};
}

Json to_json(const v1::Quota& quota, const v1::QuotaUsage& usage) {
  auto one = [](int64_t limit, int64_t used) { return Json{{"limit", limit}, {"used", used}}; };
  return {{"project_id", quota.project_id()},
          {"instances", one(quota.instances(), usage.instances())},
          {"vcpus", one(quota.cores(), usage.cores())},
          {"memory_mb", one(quota.ram_mb(), usage.ram_mb())},
          {"server_groups", one(quota.server_groups(), usage.server_groups())},
          {"server_group_members", {{"limit", quota.server_group_members()}}},
          {"key_pairs", {{"limit", quota.key_pairs()}}},
          {"metadata_items", {{"limit", quota.metadata_items()}}},
          {"injected_files", {{"limit", quota.injected_files()}}}};
}

}  // namespace kilonova::cli
