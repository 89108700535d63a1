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
// StateDir::prepare() and lock(), and of writing.
Expected<> prepare(UpRun& run);

// The run was prepared. `report` hears once whether the cloud came up; then this lives until it is told to stop. Its
// value is the exit code of the process. A cloud that did not come up has the configuration file that it had before.
int supervise(UpRun& run, const Report& report, std::function<void(const std::string&)> say);

// `start` with the run's port, or, where any port will do (--grpc-port 0), with one that is free: again with another
// when it was taken meanwhile.
template <class Start>
auto with_port(const UpRun& run, Start start) -> decltype(start(run)) {
  constexpr int kTries = 5;
  bool any_port = run.options.grpc_listen.empty() && run.options.grpc_port == 0;
  for (int left = kTries;; --left) {
    UpRun one = run;
    if (any_port) {
      auto port = free_port();
      if (!port) return std::unexpected(port.error());
      one.options.grpc_port = *port;
    }
    std::string taken = ":" + std::to_string(one.options.grpc_port);
    auto started = start(std::move(one));
    bool again = any_port && !started && left > 1 && started.error().message.find(taken) != std::string::npos;
    if (!again) return started;
  }
}

// Unlike fmt::print it never throws: a supervisor whose log is on a full disk has other things to do than to die, and
// all daemons with it.
void say(std::FILE* out, const std::string& text);

}  // namespace kilonova::up
