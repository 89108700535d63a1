// Starting a cloud, as `kilonova up` and `kilonova run` do it.
#pragma once

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/up/detach.h"
#include "cli/up/state_dir.h"
#include "cli/up/up_options.h"
#include "daemon/config_file.h"

namespace kilonova::up {

struct UpRun {
  StateDir state;
  UpOptions options;
  ConfigFile config;  // merge_config()'s
  std::vector<std::string> command_line;
  std::optional<std::string> earlier_config = {};  // what prepare() wrote over
};

// What can be wrong before anything runs: checks the options, makes the state directory, takes its lock, waits for
// daemons of a supervisor that was killed, and writes the configuration file. Errors are those of check(),
// StateDir::prepare() and lock(), and of writing. SIGTERM is blocked from the lock on, for supervise() to hear it.
Expected<> prepare(UpRun& run);

// Undoes that, in a process that leaves supervise() to its child and has a handler of its own.
void let_stop();

// The run was prepared. `report` hears once whether the cloud came up; then this lives until it is told to stop. Its
// value is the exit code of the process. A cloud that did not come up has the configuration file that it had before.
int supervise(UpRun& run, const Report& report, std::function<void(const std::string&)> say);

// `start` with the run's ports, or, where any port will do (--grpc-port 0, --metrics), with ones that are free: again with others
// when one was taken meanwhile.
template <class Start>
auto with_port(const UpRun& run, Start start) -> decltype(start(run)) {
  constexpr int kTries = 5;
  bool any_grpc = takes_any_grpc_port(run.options), any_http = takes_any_http_port(run.options);
  const bool any_metrics = run.options.metrics;
  for (int left = kTries;; --left) {
    UpRun one = run;
    if (any_grpc) {
      auto port = free_port();
      if (!port) return std::unexpected(port.error());
      one.options.grpc_port = *port;
    }
    if (any_http) {
      auto port = free_port();
      if (!port) return std::unexpected(port.error());
      one.options.http_port = *port;
    }
    if (any_metrics) {
      auto ports = free_ports(daemon_count(one.options));
      if (!ports) return std::unexpected(ports.error());
      one.options.metrics_ports = *std::move(ports);
    }
    std::string grpc = public_listen(one.options), http = http_listen(one.options);
    auto started = start(std::move(one));
    auto names = [&](const std::string& address) {
      return started.error().message.find(address.substr(address.rfind(':'))) != std::string::npos;
    };
    auto names_option = [&](const char* option) { return started.error().message.find(option) != std::string::npos; };
    bool again =
        !started && left > 1 &&
        ((any_grpc && names(grpc)) || (any_http && names(http)) || (any_metrics && names_option("--metrics-listen")));
    if (!again) return started;
  }
}

// Unlike fmt::print it never throws: a supervisor whose log is on a full disk has other things to do than to die, and
// all daemons with it.
void say(std::FILE* out, const std::string& text);

}  // namespace kilonova::up
