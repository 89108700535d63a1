#include "cli/up/start.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "cli/output/read_file.h"
#include "cli/self.h"
#include "cli/up/clouds_yaml.h"
#include "cli/up/part_guests.h"
#include "cli/up/process.h"
#include "cli/up/supervisor.h"
#include "daemon/loopback.h"
#include "daemon/secret_variable.h"
#include "domain/default_password.h"

namespace kilonova::up {
namespace {

// Daemons of a supervisor that was killed are ending by themselves; their files must be free before ours start. Nobody
// holds the lock: a file that is not whole was being written when the machine stopped, and tells of nothing that still
// runs.
Expected<> await_leftovers(const StateDir& state) {
  auto cloud = state.read();
  if (!cloud && cloud.error().code != ErrorCode::kDataLoss) return std::unexpected(cloud.error());
  if (cloud && *cloud) {
    for (const RunningDaemon& daemon : (*cloud)->daemons) {
      if (wait_until_gone(daemon.pid, daemon.start_ticks, 10'000)) continue;
      signal_process(daemon.pid, daemon.start_ticks, SIGKILL);
      wait_until_gone(daemon.pid, daemon.start_ticks, 10'000);
    }
  }
  state.remove_cloud_file();
  return {};
}

Expected<> write_config(UpRun& run) {
  const std::string file = run.state.config_file();
  if (auto earlier = cli::read_file(file)) run.earlier_config = *std::move(earlier);
  if (run.earlier_config == run.config.text()) return {};
  return cli::replace_private_file(file, file + ".new", run.config.text());
}

// A start that is refused leaves the cloud's options as they were.
void restore_config(const UpRun& run) {
  const std::string file = run.state.config_file();
  if (run.earlier_config) {
    (void)cli::replace_private_file(file, file + ".new", *run.earlier_config);
  } else {
    ::unlink(file.c_str());
  }
}

// Everybody's, where nobody chose another one: a password that somebody chose is written nowhere.
std::string shown_password(const std::string& file, const std::optional<std::string>& given, const std::string& earlier,
                           const std::string& user) {
  if (given || !file.empty()) return "";
  return earlier.empty() ? std::string(kDefaultPassword) : password_in(earlier, user);
}

// For stock clients. A cloud whose disk refuses this runs all the same.
void write_clouds_yaml(const UpRun& run, const std::optional<std::string>& admin,
                       const std::optional<std::string>& demo) {
  const UpOptions& options = run.options;
  const std::string file = run.state.clouds_yaml();
  std::string earlier = cli::read_file(file).value_or("");
  CloudsYaml clouds{fmt::format("{}://{}/identity", options.tls.empty() ? "http" : "https", http_address(options)),
                    shown_password(options.admin_password_file, admin, earlier, "admin"),
                    shown_password(options.demo_password_file, demo, earlier, "demo")};
  (void)cli::replace_private_file(file, file + ".new", clouds_yaml(clouds));
}

// For Prometheus, which looks at the file again and again; likewise.
void write_metrics_targets(const StateDir& state, const std::vector<DaemonSpec>& daemons) {
  nlohmann::json targets = nlohmann::json::array();
  for (const DaemonSpec& daemon : daemons)
    if (!daemon.metrics.empty())
      targets.push_back({{"targets", {daemon.metrics}}, {"labels", {{"daemon", daemon.name}}}});
  const std::string file = state.metrics_targets();
  if (targets.empty()) {
    ::unlink(file.c_str());
  } else {
    (void)cli::replace_private_file(file, file + ".new", targets.dump(2) + "\n");
  }
}

void mask_stop(int how) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigprocmask(how, &stop, nullptr);
}

}  // namespace

void let_stop() { mask_stop(SIG_UNBLOCK); }

Expected<> prepare(UpRun& run) {
  if (auto checked = check(run.options); !checked) return checked;
  if (auto prepared = run.state.prepare(); !prepared) return prepared;
  // From the lock on `down` knows whom to tell; the supervisor hears it, says that the cloud did not come up, and why.
  mask_stop(SIG_BLOCK);
  if (auto locked = run.state.lock(); !locked) return locked;
  if (auto free = await_leftovers(run.state); !free) return free;
  auto written = write_config(run);
  if (written) written = part_guests(run);
  if (!written) run.state.unmake();
  return written;
}

int supervise(UpRun& run, const Report& report, std::function<void(const std::string&)> say) {
  (void)take_secret_variable("OS_PASSWORD");  // the command's own affair: no daemon's environment shows it
  std::optional<std::string> admin = take_secret_variable("KILONOVA_ADMIN_PASSWORD");
  std::optional<std::string> demo = take_secret_variable("KILONOVA_DEMO_PASSWORD");
  if (admin) run.options.controller_variables.push_back("KILONOVA_ADMIN_PASSWORD=" + *admin);
  if (demo) run.options.controller_variables.push_back("KILONOVA_DEMO_PASSWORD=" + *demo);
  run.state.say_holder();
  const std::vector<DaemonSpec> daemons = daemons_of(run.options, run.config, run.state, cli::program_dir());
  Supervisor supervisor(run.state, daemons, public_address(run.options), http_address(run.options),
                        !run.options.tls.empty(), run.command_line, std::move(say));
  auto started = supervisor.start();
  // A daemon that was not ready in time has said why in its log alone.
  if (!started && started.error().code != ErrorCode::kDeadlineExceeded) run.state.unmake();
  if (!started) restore_config(run);
  if (started) write_clouds_yaml(run, admin, demo);
  if (started) write_metrics_targets(run.state, daemons);
  report(started);
  if (started) supervisor.run(run.options.ttl);
  std::error_code ignored;
  if (run.options.temporary && started) std::filesystem::remove_all(run.state.path(), ignored);
  return started ? 0 : 1;
}

void say(std::FILE* out, const std::string& text) {
  (void)std::fputs(text.c_str(), out);
  (void)std::fflush(out);
}

}  // namespace kilonova::up
