#include "cli/up/declare_options.h"

#include "cli/output/text.h"
#include "daemon/options.h"

namespace kilonova::up {
namespace {

void add_hosts(CLI::App& command, UpOptions& options) {
  constexpr const char* kGroup = "Hosts";
  CLI::Option* hosts = command.add_option(
      "--hosts", options.hosts, "Number of simulated hosts, each of 64 vCPUs, 256 GiB of memory and 2000 GB of disk");
  hosts->check(CLI::Range(1, 1'000'000))->type_name("N")->group(kGroup);
  command.add_option("--hosts-file", options.hosts_file, "CSV file with one host per line (docs/traces.md)")
      ->type_name("FILE")
      ->excludes(hosts)
      ->group(kGroup);
  command
      .add_option("--hosts-columns", options.hosts_columns,
                  "Its columns, as in name=sn,vcpus=cpu_milli/1000,ram=memory_mib")
      ->type_name("COLUMNS")
      ->group(kGroup);
  command.add_option("--computes", options.computes, "Compute processes that share the hosts")
      ->check(CLI::Range(1, 64))
      ->type_name("N")
      ->group(kGroup);
  CLI::Option* timing = command.add_option(
      "--timing", options.timing,
      "How long hosts take: instant, realistic, manual, a file (docs/timing.md), or test: instant, with "
      "--report-interval 1 --service-down-time 3");
  timing->type_name("NAME|FILE")->group(kGroup);
  command.add_option("--time-factor", options.time_factor, "Multiply every delay of the timing")
      ->check(CLI::Range(0.0, 1000.0))
      ->type_name("FACTOR")
      ->group(kGroup);
}

void add_scheduler(CLI::App& command, UpOptions& options) {
  constexpr const char* kGroup = "Scheduling (docs/scheduling.md)";
  auto add = [&command](const char* name, auto& value, const char* type, const char* description) {
    return command.add_option(name, value, description)->type_name(type)->group(kGroup);
  };
  add("--schedulers", options.schedulers, "N", "Number of schedulers")->check(CLI::Range(1, 16));
  auto of_bexar = [&options] {
    options.is_bexar = true;
    options.driver = "chance";
    options.max_attempts = 1;
  };
  add_era_option(
      command, of_bexar,
      "bexar: Nova's own semantics of 2011 (docs/article.md): hosts are chosen by chance, nobody tries again, "
      "and what no host takes stays in scheduling")
      ->type_name("TEXT")
      ->group(kGroup);
  add("--driver", options.driver, "TEXT", "How hosts are chosen: filter is today's Nova, the others are Nova of 2011")
      ->check(CLI::IsMember({"filter", "chance", "simple", "zone"}));
  add("--enabled-filters", options.enabled_filters, "FILTER,...",
      "Filters of driver filter, in their order, in place of the default ones (docs/scheduling.md)")
      ->delimiter(',');
  add("--cpu-weight-multiplier", options.cpu_weight, "X", "Weight of free vCPUs; a negative one packs");
  add("--ram-weight-multiplier", options.ram_weight, "X", "Weight of free memory; a negative one packs");
  add("--disk-weight-multiplier", options.disk_weight, "X", "Weight of free disk; a negative one packs");
  add("--cpu-allocation-ratio", options.cpu_ratio, "X", "vCPU overcommit ratio");
  add("--ram-allocation-ratio", options.ram_ratio, "X", "Memory overcommit ratio");
  add("--disk-allocation-ratio", options.disk_ratio, "X", "Disk overcommit ratio");
  add("--host-subset-size", options.host_subset_size, "N", "Choose at random among this many of the best hosts")
      ->check(CLI::Range(1, 1'000'000));
  add("--max-instances-per-host", options.max_instances_per_host, "N", "Servers on one host; 0 = no limit");
  add("--max-cores", options.max_cores, "N", "vCPUs of all servers on one host, of driver simple alone");
  add("--max-attempts", options.max_attempts, "N", "Hosts that a launch may try")->check(CLI::Range(1, 100));
  add("--max-unstable", options.max_unstable, "N", "Maximum servers in transition; more creates are refused");
  add("--max-lost-casts", options.max_lost_casts, "N",
      "Times in a row that a launch may vanish before any host has heard of it")
      ->check(CLI::Range(1, 1'000'000));
}

void add_intervals(CLI::App& command, UpOptions& options) {
  constexpr const char* kGroup = "Intervals (docs/testing.md has those for tests)";
  auto add = [&command](const char* name, Duration& value, const char* description) {
    add_seconds_option(command, name, value, description);
    return command.get_option(name)->type_name("SECONDS")->group(kGroup);
  };
  add("--report-interval", options.report_interval, "Time between two reports of a daemon");
  add("--service-down-time", options.service_down_time,
      "A host that was not heard from for this long is down; longer than two report intervals");
  add("--rpc-response-timeout", options.rpc_response_timeout, "How long a call to another daemon may take");
}

// Who may come in, and how.
void add_doors(CLI::App& command, UpOptions& options) {
  constexpr const char* kGroup = "Network and TLS";
  auto add = [&command](const char* name, auto& value, const char* type, const char* description) {
    return command.add_option(name, value, description)->type_name(type)->group(kGroup);
  };
  CLI::Option* port =
      add("--grpc-port", options.grpc_port, "PORT", "Port of the public gRPC service; 0 = any free one");
  port->check(CLI::Range(0, 65'535));
  add("--grpc-listen", options.grpc_listen, "HOST:PORT",
      "Address of the public service, instead of --grpc-port on loopback")
      ->excludes(port);
  CLI::Option* http_port = add("--http-port", options.http_port, "PORT",
                               "Port of OpenStack's HTTP APIs; 0 = any free one; default: 8774 beside the default "
                               "--grpc-port, any free one beside another");
  http_port->check(CLI::Range(0, 65'535));
  add("--http-listen", options.http_listen, "HOST:PORT",
      "Address of OpenStack's HTTP APIs, instead of --http-port on loopback")
      ->excludes(http_port);
  add("--port", options.port, "PORT",
      "--http-port PORT with the gRPC service on the port behind it; 0 = any free ones for both")
      ->check(CLI::Range(0, 65'534))
      ->excludes(http_port)
      ->excludes(command.get_option("--http-listen"));
  add("--tls-certificate", options.tls.certificate, "FILE",
      "TLS for clients: the certificate that they are shown (PEM)");
  add("--tls-key", options.tls.key, "FILE", "Private key of the certificate (PEM)");
  add("--tls-ca", options.tls.ca, "FILE", "Clients too must show a certificate, of this CA (PEM)");
  add("--cluster-listen", options.cluster_listen, "HOST:PORT",
      "Address of the controller, the others on the ports behind it: daemons of other machines can join; default: unix "
      "sockets");
  add_cluster_options(command, options.secret_file, options.cluster_tls);
  for (const char* name : {"--cluster-secret-file", "--cluster-certificate", "--cluster-key", "--cluster-ca"})
    command.get_option(name)->type_name("FILE")->group(kGroup);
  command.get_option("--cluster-peer-name")->type_name("NAME")->group(kGroup);
  add("--admin-password-file", options.admin_password_file, "FILE",
      "Password of user admin (or KILONOVA_ADMIN_PASSWORD), needed beyond loopback");
  add("--demo-password-file", options.demo_password_file, "FILE", "The same for user demo (KILONOVA_DEMO_PASSWORD)");
}

void add_process(CLI::App& command, UpOptions& options) {
  constexpr const char* kGroup = "Processes";
  command.add_flag("--detach", options.detach, "Return when the cloud is up, and leave it running")->group(kGroup);
  command
      .add_flag("--temporary", options.temporary,
                "In a new state directory in /tmp, which is removed when the cloud ends; -f json tells where it is")
      ->group(kGroup);
  command
      .add_option_function<std::string>(
          "--ttl",
          [&options](const std::string& text) {
            auto ttl = cli::parse_duration(text);
            if (!ttl) throw CLI::ValidationError("--ttl", ttl.error().message);
            options.ttl = *ttl;
          },
          "End the cloud after this time (10m, 2h), so that no forgotten test leaves one behind")
      ->type_name("DURATION")
      ->group(kGroup);
  command
      .add_flag("--metrics", options.metrics,
                "Every daemon serves its metrics for Prometheus, on a port of loopback (docs/metrics.md)")
      ->group(kGroup);
  add_otlp_option(command, options.otlp_endpoint)->type_name("URL")->group(kGroup);
  command
      .add_option("--sync", options.sync,
                  "What an answer survives: normal, kill -9 of everything; full, power loss too")
      ->check(CLI::IsMember({"normal", "full"}))
      ->group(kGroup);
  command
      .add_option("--store", options.store,
                  "Where controller and network-controller store: postgresql://USER@HOST:PORT/DATABASE "
                  "(docs/postgresql.md); default: files in the state directory")
      ->type_name("URL")
      ->group(kGroup);
  command.add_option("--store-password-file", options.store_password_file, "Password of --store's user")
      ->type_name("FILE")
      ->group(kGroup);
  command.add_option("--log-level", options.log_level, "Least level that is logged")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->group(kGroup);
  command.add_option("--log-format", options.log_format, "Form of log lines")
      ->check(CLI::IsMember({"human", "json"}))
      ->group(kGroup);
}

void add_config_file(CLI::App& command, UpOptions& options) {
  constexpr const char* kGroup = "Configuration (docs/configuration.md)";
  command
      .add_option("--config", options.config,
                  "Take the options of this file, instead of those that the cloud had when it ran last")
      ->type_name("FILE")
      ->group(kGroup);
  command
      .add_option("--set", options.settings,
                  "Set any option of any daemon, as in scheduler.enabled-weighers=RAMWeigher; may be repeated")
      ->type_name("SECTION.KEY=VALUE")
      ->allow_extra_args(false)
      ->group(kGroup);
}

}  // namespace

void add_up_options(CLI::App& command, UpOptions& options) {
  add_config_file(command, options);
  add_hosts(command, options);
  add_scheduler(command, options);
  add_intervals(command, options);
  add_doors(command, options);
  add_process(command, options);
}

}  // namespace kilonova::up
