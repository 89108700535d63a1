// host and service.
#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

Expected<v1::ListHostsReply> read(Session& session, const std::string& host) {
  v1::ListHostsRequest request;
  request.set_host(host);
  return list_whole(session, &v1::Cloud::Stub::ListHosts, request);
}

std::string used_of(int64_t used, int64_t total) { return fmt::format("{}/{}", used, total); }

Expected<int> list(Session& session, const OutputStyle& style) {
  auto reply = read(session, "");
  if (!reply) return std::unexpected(reply.error());
  Records records({{"Host", "name"},
                   {"Zone", "zone", Align::kLeft, 2},
                   {"State", "", Align::kLeft, 0, CellKind::kStatus},
                   {"Status", "", Align::kLeft, 0, CellKind::kStatus},
                   {"VCPUs", "", Align::kRight},
                   {"RAM MiB", "", Align::kRight},
                   {"Disk GiB", "", Align::kRight, 1},
                   {"Servers", "instances", Align::kRight},
                   {"Process", "process", Align::kLeft, 3}});
  for (const v1::Host& host : reply->hosts())
    records.add(
        {host.name(), host.zone(), host.up() ? "up" : "down", host.enabled() ? "enabled" : "disabled",
         used_of(host.used().vcpus(), host.total().vcpus()), used_of(host.used().memory_mb(), host.total().memory_mb()),
         used_of(host.used().disk_gb(), host.total().disk_gb()), std::to_string(host.instances()), host.process()},
        to_json(host));
  return print_records(style, records);
}

Expected<int> show(Session& session, const std::string& name, const OutputStyle& style) {
  auto reply = read(session, name);
  if (!reply) return std::unexpected(reply.error());
  if (reply->hosts().empty()) return fail(ErrorCode::kNotFound, "host '" + name + "' not found");
  const v1::Host& host = reply->hosts(0);
  FieldTexts fields{{"name", host.name()},
                    {"zone", host.zone()},
                    {"state", host.up() ? "up" : "down"},
                    {"status", host.enabled() ? "enabled" : "disabled"},
                    {"disabled_reason", host.disabled_reason()},
                    {"forced_down", yes_no(host.forced_down())},
                    {"vcpus", used_of(host.used().vcpus(), host.total().vcpus()) + " used"},
                    {"memory_mb", used_of(host.used().memory_mb(), host.total().memory_mb()) + " used"},
                    {"disk_gb", used_of(host.used().disk_gb(), host.total().disk_gb()) + " used"},
                    {"servers", std::to_string(host.instances())},
                    {"process", host.process()},
                    {"last_seen", time_text(host.last_seen_us())},
                    {"created_at", time_text(host.created_at_us())}};
  return print_record(style, fields, to_json(host));
}

Expected<int> set_enabled(Session& session, const std::string& host, bool enabled, const std::string& reason) {
  v1::SetHostEnabledRequest request;
  request.set_host(host);
  request.set_enabled(enabled);
  request.set_reason(reason);
  auto reply = session.call(&v1::Cloud::Stub::SetHostEnabled, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

Expected<int> set_forced_down(Session& session, const std::string& host, bool forced_down) {
  v1::SetHostForcedDownRequest request;
  request.set_host(host);
  request.set_forced_down(forced_down);
  auto reply = session.call(&v1::Cloud::Stub::SetHostForcedDown, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

Expected<int> set_power(Session& session, const std::vector<std::string>& hosts, bool on) {
  for (const std::string& host : hosts) {
    v1::SetHostPowerRequest request;
    request.set_host(host);
    request.set_on(on);
    auto reply = session.call(&v1::Cloud::Stub::SetHostPower, request);
    if (!reply) return std::unexpected(reply.error());
  }
  return 0;
}

Expected<int> delete_hosts(Session& session, const std::vector<std::string>& hosts) {
  for (const std::string& host : hosts) {
    v1::DeleteHostRequest request;
    request.set_host(host);
    auto reply = session.call(&v1::Cloud::Stub::DeleteHost, request);
    if (!reply) return std::unexpected(reply.error());
  }
  return 0;
}

Expected<int> list_services(Session& session, const OutputStyle& style) {
  auto reply = session.call(&v1::Cloud::Stub::ListServices, v1::ListServicesRequest());
  if (!reply) return std::unexpected(reply.error());
  Records records({{"Name", "name"},
                   {"State", "", Align::kLeft, 0, CellKind::kStatus},
                   {"Since", "", Align::kLeft, 1},
                   {"Last seen", "", Align::kLeft},
                   {"Hosts", "hosts", Align::kRight}});
  for (const v1::Service& one : reply->services())
    records.add({one.name(), one.connected() ? "connected" : "gone", time_text(one.connected_since_us()),
                 time_text(one.last_seen_us()), one.role() == v1::ROLE_COMPUTE ? std::to_string(one.hosts()) : "-"},
                to_json(one));
  return print_records(style, records);
}

}  // namespace

void add_host(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(
      app, "host",
      "Simulated hypervisors (admins): list, show, enable, disable, force-down, crash, revive, evacuate, delete");
  CLI::App* list_command = noun.add_subcommand("list", "All hosts, and what is used of each");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.style); });
  auto host = std::make_shared<std::string>();
  auto reason = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One host");
  show_command->add_option("HOST", *host, "Name")->required();
  run_with_session(*show_command, globals,
                   [host, &globals](Session& session) { return show(session, *host, globals.style); });
  CLI::App* enable = noun.add_subcommand("enable", "Let servers be placed on a host again");
  enable->add_option("HOST", *host, "Name")->required();
  run_with_session(*enable, globals, [host](Session& session) { return set_enabled(session, *host, true, ""); });
  CLI::App* disable = noun.add_subcommand("disable", "Place no new server on a host");
  disable->add_option("HOST", *host, "Name")->required();
  disable->add_option("--reason", *reason, "Why, as host show says it");
  run_with_session(*disable, globals,
                   [host, reason](Session& session) { return set_enabled(session, *host, false, *reason); });
  auto up = std::make_shared<bool>(false);
  CLI::App* force_down = noun.add_subcommand("force-down", "Say that a host is down, whatever its process says");
  force_down->add_option("HOST", *host, "Name")->required();
  force_down->add_flag("--unset", *up, "It is as its process says again");
  run_with_session(*force_down, globals,
                   [host, up](Session& session) { return set_forced_down(session, *host, !*up); });
  auto hosts = std::make_shared<std::vector<std::string>>();
  CLI::App* crash =
      noun.add_subcommand("crash", "Take the power from hosts: guests go off, the compute process lives on");
  crash->add_option("HOST", *hosts, "Names")->required();
  run_with_session(*crash, globals, [hosts](Session& session) { return set_power(session, *hosts, false); });
  CLI::App* revive =
      noun.add_subcommand("revive", "Give crashed hosts their power back; their servers are SHUTOFF then");
  revive->add_option("HOST", *hosts, "Names")->required();
  run_with_session(*revive, globals, [hosts](Session& session) { return set_power(session, *hosts, true); });
  CLI::App* remove =
      noun.add_subcommand("delete", "Forget hosts without servers, until their compute process is restarted");
  remove->add_option("HOST", *hosts, "Names")->required();
  run_with_session(*remove, globals, [hosts](Session& session) { return delete_hosts(session, *hosts); });

  auto target = std::make_shared<std::string>();
  auto wait = std::make_shared<bool>(false);
  auto timeout = std::make_shared<Duration>();
  CLI::App* evacuate = noun.add_subcommand("evacuate", "Make the servers of a host that is down anew on other hosts");
  evacuate->add_option("HOST", *host, "Name")->required();
  evacuate->add_option("--target-host", *target, "All of them on this one");
  evacuate->add_flag("--wait", *wait, "Wait until it is done; exit code 1 if a server ends in ERROR");
  add_timeout(*evacuate, *timeout);
  run_with_session(*evacuate, globals, [host, target, wait, timeout, &globals](Session& session) {
    return evacuate_host(session, *host, *target, *wait, *timeout, globals.style);
  });

  CLI::App& service = add_noun(app, "service", "Daemons as the controller sees them (admins): list");
  CLI::App* services = service.add_subcommand("list", "All daemons");
  run_with_session(*services, globals, [&globals](Session& session) { return list_services(session, globals.style); });
}

}  // namespace kilonova::cli
