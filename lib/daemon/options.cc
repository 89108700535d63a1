#include "daemon/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

#include "daemon/config_options.h"
#include "daemon/otlp_endpoint.h"

namespace kilonova {
namespace {

constexpr int kWrongUse = 2;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

std::string default_state_dir() {
  if (std::string dir = environment("KILONOVA_STATE_DIR"); !dir.empty()) return dir;
  if (std::string base = environment("XDG_STATE_HOME"); !base.empty()) return base + "/kilonova";
  std::string home = environment("HOME");
  return (home.empty() ? "/var/lib" : home + "/.local/state") + "/kilonova";
}

std::string default_listen(const std::string& state_dir, PeerId daemon) {
  return "unix:" + state_dir + "/run/" + to_string(daemon) + ".sock";
}

void add_daemon_options(CLI::App& app, DaemonOptions& options) {
  static const std::map<std::string, LogLevel> kLevels{{"debug", LogLevel::kDebug},
                                                       {"info", LogLevel::kInfo},
                                                       {"warning", LogLevel::kWarning},
                                                       {"error", LogLevel::kError}};
  static const std::map<std::string, LogFormat> kFormats{{"human", LogFormat::kHuman}, {"json", LogFormat::kJson}};
  static const std::map<std::string, bool> kSyncs{{"normal", false}, {"full", true}};

  app.add_option("--config", options.config, "File with options (docs/configuration.md); those given here win")
      ->envname("KILONOVA_CONFIG");
  app.add_option("--index", options.index, "Which one of its kind, from 0")->envname("KILONOVA_INDEX");
  app.add_option("--state-dir", options.state_dir, "Directory of sockets, logs and data")
      ->envname("KILONOVA_STATE_DIR")
      ->default_str("$XDG_STATE_HOME/kilonova");
  app.add_option("--listen", options.listen, "Address for other daemons: unix:/path or host:port")
      ->envname("KILONOVA_LISTEN");
  app.add_option("--advertise", options.advertise, "What other daemons dial, when it differs from --listen")
      ->envname("KILONOVA_ADVERTISE");
  if (options.role != Role::kController)
    app.add_option("--controller", options.controller, "Address of the controller: unix:/path or host:port")
        ->envname("KILONOVA_CONTROLLER");
  app.add_option("--log-file", options.log_file, "Log file; - for standard error")->envname("KILONOVA_LOG_FILE");
  app.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->envname("KILONOVA_LOG_LEVEL")
      ->transform(CLI::CheckedTransformer(kLevels, CLI::ignore_case).description(""));
  app.add_option("--log-format", options.log_format, "human or json")
      ->envname("KILONOVA_LOG_FORMAT")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""));
  if (options.role == Role::kController || options.role == Role::kNetwork || options.role == Role::kCompute)
    app.add_option("--sync", options.sync_full, "normal: what is answered survives kill -9; full: power loss too")
        ->envname("KILONOVA_SYNC")
        ->transform(CLI::CheckedTransformer(kSyncs, CLI::ignore_case).description(""));
  add_cluster_options(app, options.secret_file, options.cluster_tls);
  app.add_option("--metrics-listen", options.metrics_listen,
                 "Address of the metrics, HOST:PORT (docs/metrics.md); none by default")
      ->envname("KILONOVA_METRICS_LISTEN");
  add_otlp_option(app, options.otlp_endpoint)->envname("KILONOVA_OTLP_ENDPOINT");
  app.add_option("--ready-fd", options.ready_fd, "Open file descriptor that gets the line 'ready'")
      ->check(CLI::NonNegativeNumber.description(""));
}

CLI::Option* add_otlp_option(CLI::App& app, std::string& endpoint) {
  auto check = [](const std::string& text) {
    auto parsed = OtlpEndpoint::parse(text);
    return parsed || text.empty() ? std::string() : parsed.error().message;
  };
  return app
      .add_option("--otlp-endpoint", endpoint,
                  "Collector of OpenTelemetry that gets launches and actions, http:// or grpc://HOST:PORT "
                  "(docs/tracing.md)")
      ->check(CLI::Validator(check, ""));
}

void add_seconds_option(CLI::App& app, const std::string& name, Duration& value, const std::string& description) {
  auto set = [&value](double given) { value = microseconds(std::llround(given * 1e6)); };
  app.add_option_function<double>(name, set, description)
      ->check(CLI::Range(0.001, 86'400.0).description("SECONDS"))
      ->default_str(fmt::format("{}", static_cast<double>(value.us) / 1e6));
}

CLI::Option* add_era_option(CLI::App& app, std::function<void()> of_bexar, const std::string& description) {
  auto set = [of_bexar = std::move(of_bexar)](const std::string& era) {
    if (era == "bexar") of_bexar();
  };
  return app.add_option_function<std::string>("--era", std::move(set), description)
      ->check(CLI::IsMember({"now", "bexar"}))
      ->default_str("now");
}

void add_cluster_options(CLI::App& app, std::string& secret_file, TlsFiles& tls) {
  app.add_option("--cluster-secret-file", secret_file, "File with the secret that all daemons of a cloud share")
      ->envname("KILONOVA_CLUSTER_SECRET_FILE");
  app.add_option("--cluster-certificate", tls.certificate, "TLS between daemons: what this one shows the others (PEM)")
      ->envname("KILONOVA_CLUSTER_CERTIFICATE");
  app.add_option("--cluster-key", tls.key, "Its private key (PEM)")->envname("KILONOVA_CLUSTER_KEY");
  app.add_option("--cluster-ca", tls.ca,
                 "Whose certificates other daemons have to show: a CA of this cloud alone (PEM)")
      ->envname("KILONOVA_CLUSTER_CA");
  app.add_option("--cluster-peer-name", tls.peer_name, "The name in the others' certificates, if it is not their host")
      ->envname("KILONOVA_CLUSTER_PEER_NAME");
}

std::string config_section(Role role) {
  std::string name = to_string(PeerId{role, 0});
  return name.substr(0, name.rfind('-'));
}

namespace {

// What is wrong on the command line is said before the file is looked at.
Expected<> read_config(CLI::App& app, const DaemonOptions& options, const std::function<Expected<>()>& check) {
  if (check)
    if (Expected<> checked = check(); !checked)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", app.get_name(), checked.error().message));
  if (options.config.empty()) return {};
  Expected<ConfigFile> file = ConfigFile::read(options.config);
  if (!file) return std::unexpected(std::move(file.error()));
  return apply_config(app, *file, config_section(options.role), check);
}

}  // namespace

std::optional<int> parse_command_line(CLI::App& app, int argc, const char* const* argv, DaemonOptions& options,
                                      const std::function<Expected<>()>& check) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? 0 : kWrongUse;
  }
  if (auto read = read_config(app, options, check); !read) {
    (void)std::fputs(fmt::format("{}\n", read.error().message).c_str(), stderr);
    return kWrongUse;
  }
  if (options.state_dir.empty()) options.state_dir = default_state_dir();
  options.state_dir = std::filesystem::absolute(options.state_dir).lexically_normal().string();
  PeerId self{options.role, options.index};
  if (options.listen.empty()) options.listen = default_listen(options.state_dir, self);
  if (options.controller.empty() && options.role != Role::kController)
    options.controller = default_listen(options.state_dir, PeerId{Role::kController, 0});
  if (options.log_file.empty()) options.log_file = options.state_dir + "/logs/" + options.name() + ".log";
  return std::nullopt;
}

}  // namespace kilonova
