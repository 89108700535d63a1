#include "cli/up/up_options.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "compute-node/hosts_file.h"
#include "compute-node/hypervisor/load_timing.h"
#include "daemon/loopback.h"
#include "rpc/node/address.h"
#include "rpc/node/tls.h"
#include "scheduler/core/options.h"
#include "store/postgres_address.h"

namespace kilonova::up {

namespace {

std::string absolute(const std::string& file) { return std::filesystem::absolute(file).lexically_normal().string(); }

void add_file(std::vector<std::string>& arguments, const char* option, const std::string& file) {
  if (!file.empty()) arguments.insert(arguments.end(), {option, absolute(file)});
}

// What one on this machine dials to reach who listens so.
std::string dialed(const std::string& listen) {
  for (auto [any, one] : {std::pair("0.0.0.0:", "127.0.0.1:"), std::pair("[::]:", "[::1]:")})
    if (listen.starts_with(any)) return one + listen.substr(std::string_view(any).size());
  return listen;
}

constexpr uint16_t kHttpPort = 8774;

// The daemons that others dial listen on consecutive ports: the controller, the network-controller, the schedulers.
std::string cluster_address(const UpOptions& options, uint32_t offset) {
  size_t colon = options.cluster_listen.rfind(':');
  return fmt::format("{}:{}", options.cluster_listen.substr(0, colon),
                     std::stoul(options.cluster_listen.substr(colon + 1)) + offset);
}

}  // namespace

Expected<std::vector<uint16_t>> free_ports(size_t count) {
  std::vector<int> sockets;  // all at once, so that each has a port of its own
  std::vector<uint16_t> ports;
  while (ports.size() < count) {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) sockets.push_back(fd);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (fd < 0 || ::bind(fd, any, size) != 0 || ::getsockname(fd, any, &size) != 0) break;
    ports.push_back(ntohs(address.sin_port));
  }
  int error = errno;
  for (int fd : sockets) ::close(fd);
  if (ports.size() == count) return ports;
  return fail(ErrorCode::kUnavailable, fmt::format("no free port can be had: {}", std::strerror(error)));
}

Expected<uint16_t> free_port() {
  Expected<std::vector<uint16_t>> ports = free_ports(1);
  if (!ports) return std::unexpected(std::move(ports.error()));
  return ports->front();
}

std::string public_listen(const UpOptions& options) {
  return options.grpc_listen.empty() ? fmt::format("127.0.0.1:{}", options.grpc_port) : options.grpc_listen;
}

std::string http_listen(const UpOptions& options) {
  return options.http_listen.empty() ? fmt::format("127.0.0.1:{}", options.http_port.value_or(kHttpPort))
                                     : options.http_listen;
}

std::string public_address(const UpOptions& options) { return dialed(public_listen(options)); }
std::string http_address(const UpOptions& options) { return dialed(http_listen(options)); }

bool takes_any_grpc_port(const UpOptions& options) { return options.grpc_listen.empty() && options.grpc_port == 0; }

bool takes_any_http_port(const UpOptions& options) {
  if (!options.http_listen.empty()) return false;
  if (options.http_port) return *options.http_port == 0;
  return !options.grpc_listen.empty() || options.grpc_port != UpOptions{}.grpc_port;
}

namespace {

// What the daemons would refuse, too late.
Expected<> check_daemon_options(const UpOptions& options) {
  if (auto timing = compute::load_timing(options.timing, options.time_factor); !timing)
    return std::unexpected(timing.error());
  if (!options.hosts_file.empty()) {
    auto hosts = compute::load_hosts_file(options.hosts_file, options.hosts_columns);
    if (!hosts) return std::unexpected(hosts.error());
  } else if (!options.hosts_columns.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--hosts-columns says which columns --hosts-file has: give both");
  }
  scheduler::SchedulerOptions scheduler{.driver = options.driver,
                                        .cpu_weight_multiplier = options.cpu_weight,
                                        .ram_weight_multiplier = options.ram_weight,
                                        .disk_weight_multiplier = options.disk_weight,
                                        .ratios = {options.cpu_ratio, options.ram_ratio, options.disk_ratio},
                                        .host_subset_size = options.host_subset_size,
                                        .max_attempts = options.max_attempts,
                                        .max_cores = options.max_cores};
  if (!options.enabled_filters.empty()) scheduler.enabled_filters = options.enabled_filters;
  if (auto valid = scheduler::validate(scheduler); !valid) return valid;
  if (options.is_bexar && (options.driver != "chance" || options.max_attempts != 1))
    return fail(ErrorCode::kInvalidArgument,
                "--era bexar means --driver chance and --max-attempts 1: give neither of them, or the same");
  if (options.service_down_time <= options.report_interval)
    return fail(ErrorCode::kInvalidArgument, "--service-down-time must be longer than --report-interval");
  return {};
}

}  // namespace

Expected<> check(const UpOptions& options) {
  if (auto checked = check_daemon_options(options); !checked) return checked;
  auto wrong = [](std::string message) { return fail(ErrorCode::kInvalidArgument, std::move(message)); };
  auto listen = parse_listen_address(public_listen(options));
  if (!listen) return std::unexpected(listen.error());
  auto http = parse_listen_address(http_listen(options));
  if (!http) return std::unexpected(http.error());
  if (http->is_unix()) return wrong("--http-listen needs HOST:PORT: HTTP is not served on unix sockets");
  if (auto tls = load_tls(options.tls, TlsUse::kPublic); !tls) return std::unexpected(tls.error());
  if (auto tls = load_tls(options.cluster_tls, TlsUse::kCluster); !tls) return std::unexpected(tls.error());
  for (auto [what, file] :
       {std::pair("cluster secret", &options.secret_file), std::pair("admin password", &options.admin_password_file),
        std::pair("demo password", &options.demo_password_file),
        std::pair("store password", &options.store_password_file)}) {
    if (file->empty()) continue;
    if (auto secret = read_secret_file(what, *file); !secret) return std::unexpected(secret.error());
  }
  if (!options.store.empty()) {
    if (auto store = postgres_address(options.store); !store) return std::unexpected(store.error());
  }
  if (options.cluster_listen.empty()) return {};
  Expected<ListenAddress> parsed = parse_listen_address(options.cluster_listen);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->is_unix()) return wrong("--cluster-listen needs HOST:PORT: without it, daemons use unix sockets anyway");
  if (parsed->host == "0.0.0.0" || parsed->host == "::")
    return wrong(
        fmt::format("--cluster-listen {} is no address that a daemon of another machine can dial: give this machine's",
                    options.cluster_listen));
  if (std::stoul(parsed->port) + options.schedulers + 1 > 65'535 || std::stoul(parsed->port) == 0)
    return wrong(fmt::format("--cluster-listen {}: the {} ports from there on are not all between 1 and 65535",
                             options.cluster_listen, options.schedulers + 2));
  if (options.secret_file.empty() && options.cluster_tls.empty())
    return wrong(
        fmt::format("--cluster-listen {} can be reached by others: daemons need --cluster-secret-file or "
                    "--cluster-certificate, --cluster-key and --cluster-ca there",
                    options.cluster_listen));
  return {};
}

namespace {

constexpr size_t kOneOfAKind = 3;  // controller, network-controller, api-server

// What the file says of a kind of daemons goes before the ports that were found.
void place_metrics(const UpOptions& options, const ConfigFile& config, std::vector<DaemonSpec>& daemons) {
  for (size_t i = 0; i < daemons.size(); ++i) {
    DaemonSpec& daemon = daemons[i];
    const ConfigEntry* said = config.find(daemon.name.substr(0, daemon.name.rfind('-')), "metrics-listen");
    if (said != nullptr) {
      if (!said->value.ends_with(":0")) daemon.metrics = dialed(said->value);
    } else if (i < options.metrics_ports.size()) {
      daemon.metrics = fmt::format("127.0.0.1:{}", options.metrics_ports[i]);
      daemon.argv.insert(daemon.argv.end(), {"--metrics-listen", daemon.metrics});
    }
  }
}

}  // namespace

size_t daemon_count(const UpOptions& options) { return kOneOfAKind + options.schedulers + options.computes; }

std::vector<DaemonSpec> daemons_of(const UpOptions& options, const ConfigFile& config, const StateDir& state,
                                   const std::string& binary_dir) {
  const bool on_tcp = !options.cluster_listen.empty();
  auto daemon = [&](const std::string& kind, uint32_t index, std::vector<std::string> more) {
    DaemonSpec spec{fmt::format("{}-{}", kind, index),
                    {binary_dir + "/kilonova-" + kind, "--state-dir", state.path(), "--config", state.config_file(),
                     "--index", fmt::to_string(index)}};
    spec.argv.insert(spec.argv.end(), more.begin(), more.end());
    if (on_tcp && kind != "controller") spec.argv.insert(spec.argv.end(), {"--controller", options.cluster_listen});
    return spec;
  };
  auto listening = [&](uint32_t offset) {
    std::vector<std::string> arguments;
    if (on_tcp) arguments = {"--listen", cluster_address(options, offset)};
    return arguments;
  };
  // Passwords are taken on the first start and may be gone at the next: their files are not remembered.
  std::vector<std::string> controller = listening(0);
  add_file(controller, "--admin-password-file", options.admin_password_file);
  add_file(controller, "--demo-password-file", options.demo_password_file);

  std::vector<DaemonSpec> daemons;
  daemons.push_back(daemon("controller", 0, std::move(controller)));
  daemons.back().variables = options.controller_variables;
  daemons.push_back(daemon("network", 0, listening(1)));
  for (uint32_t i = 0; i < options.schedulers; ++i) daemons.push_back(daemon("scheduler", i, listening(2 + i)));
  for (uint32_t i = 0; i < options.computes; ++i)
    daemons.push_back(daemon("compute", i, {"--parts", fmt::to_string(options.computes)}));
  // With port 0 it is another one each time.
  std::vector<std::string> api;
  if (options.http_listen.empty()) api.insert(api.end(), {"--http-listen", http_listen(options)});
  if (options.grpc_listen.empty()) api.insert(api.end(), {"--grpc-listen", public_listen(options)});
  daemons.push_back(daemon("api", 0, std::move(api)));
  place_metrics(options, config, daemons);
  return daemons;
}

}  // namespace kilonova::up
