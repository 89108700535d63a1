// The options that every daemon has. Each is a flag and an environment variable: --state-dir and KILONOVA_STATE_DIR. A
// configuration file (--config, docs/configuration.md) says what neither of them does.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "daemon/step_line.h"
#include "ports/log.h"
#include "rpc/node/tls_files.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kilonova {

struct DaemonOptions {
  explicit DaemonOptions(Role daemon_role) : role(daemon_role) {}

  Role role;
  uint32_t index = 0;      // counts daemons of one role
  std::string config;      // "" = none
  std::string state_dir;   // default: $XDG_STATE_HOME/kilonova
  std::string listen;      // "unix:/path" or "host:port"; default: a socket in the state directory
  std::string advertise;   // what other daemons dial; default: `listen`
  std::string controller;  // default: the controller's socket in the state directory; "" for the controller itself
  std::string log_file;    // "-" = standard error; default: <state dir>/logs/<daemon>.log
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kHuman;
  bool sync_full = false;      // survive power loss, not only kill -9
  std::string secret_file;     // holds the cluster secret; this or TLS is needed off this machine
  TlsFiles cluster_tls;        // between daemons
  std::string metrics_listen;  // "host:port" of GET /metrics; "" = none
  std::string otlp_endpoint;   // "http://host:port": where spans of launch steps are sent; "" = nowhere
  int ready_fd = -1;           // gets the line "ready" once the daemon serves

  // "compute-0"
  std::string name() const { return to_string(PeerId{role, index}); }
};

// Declares them all; the options must outlive the app.
void add_daemon_options(CLI::App& app, DaemonOptions& options);
// Of these, what guards the connections between daemons; `kilonova up` has the same.
void add_cluster_options(CLI::App& app, std::string& secret_file, TlsFiles& tls);

// Declares --otlp-endpoint; `kilonova up` has the same.
CLI::Option* add_otlp_option(CLI::App& app, std::string& endpoint);

// Declares an option that takes seconds, fractions too, above 0. `value` has the default and must outlive the app.
void add_seconds_option(CLI::App& app, const std::string& name, Duration& value, const std::string& description);

// Declares --era, whose only other value than now is bexar (docs/article.md): `of_bexar` sets what that one means.
CLI::Option* add_era_option(CLI::App& app, std::function<void()> of_bexar, const std::string& description);

// The section of a daemon in the configuration file: "controller".
std::string config_section(Role role);

// Parses, reads the configuration file and fills in the defaults. Nothing: go on. Otherwise the exit code: 0 after
// --help or --version, 2 after a wrong use or a wrong file, which standard error then explains. `check` is what the core
// has against the values of its options.
std::optional<int> parse_command_line(CLI::App& app, int argc, const char* const* argv, DaemonOptions& options,
                                      const std::function<Expected<>()>& check = {});

// $KILONOVA_STATE_DIR, or $XDG_STATE_HOME/kilonova, or ~/.local/state/kilonova.
std::string default_state_dir();
// The socket of a daemon of the cloud in this state directory: "unix:<dir>/run/controller-0.sock".
std::string default_listen(const std::string& state_dir, PeerId daemon);

}  // namespace kilonova
