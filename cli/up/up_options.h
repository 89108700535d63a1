// What `kilonova up` was asked for, and the daemons that follow from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "cli/up/state_dir.h"
#include "daemon/config_file.h"
#include "rpc/node/tls_files.h"

namespace kilonova::up {

// Defaults are the daemons': what the file does not say, they are not told.
struct UpOptions {
  std::string config;                 // the file to take instead of the state directory's
  std::vector<std::string> settings;  // "scheduler.max-cores=8": of any daemon, whether it stands below or not
  uint32_t hosts = 10;
  std::string hosts_file;
  std::string hosts_columns;
  uint32_t computes = 1;
  uint32_t schedulers = 1;
  bool is_bexar =
      false;  // the era: by chance, without another try, and a server that no host takes stays in scheduling
  std::string driver = "filter";
  std::string timing = "instant";
  double time_factor = 1.0;
  uint16_t grpc_port = 8775;  // 0 = run_up() finds one
  std::string grpc_listen;    // "host:port", "" = grpc_port on loopback
  // Of OpenStack's HTTP APIs; 0 = run_up() finds one. None: 8774 beside the default gRPC port, any free one beside
  // another.
  std::optional<uint16_t> http_port;
  std::optional<uint16_t> port;  // of both: this one of OpenStack's, and the next; 0 = run_up() finds them
  std::string http_listen;       // "host:port", "" = http_port on loopback
  TlsFiles tls;                  // of the public port
  std::string cluster_listen;    // "host:port" of the controller, the others behind it; "" = all on unix sockets
  std::string secret_file;       // between daemons
  TlsFiles cluster_tls;          // likewise
  std::string admin_password_file;
  std::string demo_password_file;
  std::vector<std::string>
      controller_variables;  // "KILONOVA_ADMIN_PASSWORD=...": for the controller's environment alone
  std::string sync = "normal";
  std::string store;  // "postgresql://..."; "" = files of SQLite in the state directory
  std::string store_password_file;
  std::string log_level = "info";
  std::string log_format = "human";
  double cpu_ratio = 16.0;
  double ram_ratio = 1.5;
  double disk_ratio = 1.0;
  double cpu_weight = 1.0;
  double ram_weight = 1.0;
  double disk_weight = 1.0;
  std::vector<std::string> enabled_filters;  // of driver `filter`, in this order; none = the scheduler's own
  uint32_t host_subset_size = 1;
  uint32_t max_instances_per_host = 0;
  int64_t max_cores = 16;  // of driver `simple`
  uint32_t max_attempts = 3;
  uint32_t max_unstable = 200'000;
  uint32_t max_lost_casts = 10;
  Duration report_interval = seconds(10);
  Duration service_down_time = seconds(60);
  Duration rpc_response_timeout = seconds(60);
  std::string otlp_endpoint;            // "http://host:port": where all daemons send spans; "" = nowhere
  bool metrics = false;                 // every daemon serves its metrics, on a port of loopback
  std::vector<uint16_t> metrics_ports;  // that run_up() found for them, in the order of daemons_of()
  Duration ttl;                         // the cloud ends by itself after it; 0 = it does not
  bool detach = false;
  bool temporary = false;  // in a state directory of its own, which goes with it
};

struct DaemonSpec {
  std::string name;
  std::vector<std::string> argv;
  std::vector<std::string> variables = {};  // "NAME=value", beside those of this process
  std::string metrics = {};                 // "127.0.0.1:9100": where it serves them; "" = not at all, or on any port
};

// Ports of loopback that nobody listens on just now, so many different ones.
Expected<std::vector<uint16_t>> free_ports(size_t count);
// One of them.
Expected<uint16_t> free_port();
// How many daemons daemons_of() names.
size_t daemon_count(const UpOptions& options);

// Where clients reach the cloud: as asked; and what one on this machine dials.
std::string public_listen(const UpOptions& options);
std::string public_address(const UpOptions& options);
// The same of OpenStack's HTTP APIs. The port was found: it is not "any".
std::string http_listen(const UpOptions& options);
std::string http_address(const UpOptions& options);
// Nobody said a port that must be this one.
bool takes_any_grpc_port(const UpOptions& options);
bool takes_any_http_port(const UpOptions& options);

// What is wrong with the options themselves or the files that they name, before anything is made or started:
// kInvalidArgument, kNotFound for a file that cannot be read.
Expected<> check(const UpOptions& options);

// The controller first: the others need it. The options were checked. What all processes of a kind have alike stands in
// the state directory's configuration file; their command lines say which process each is and where it listens.
// `config`: that file's content.
std::vector<DaemonSpec> daemons_of(const UpOptions& options, const ConfigFile& config, const StateDir& state,
                                   const std::string& binary_dir);

}  // namespace kilonova::up
