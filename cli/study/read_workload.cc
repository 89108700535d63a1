#include "cli/study/read_workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "cli/load/replay_plan.h"
#include "cli/output/read_file.h"
#include "cli/output/text.h"
#include "compute-node/csv.h"
#include "compute-node/csv_columns.h"
#include "compute-node/hosts_file.h"

namespace kilonova::cli {
namespace {

constexpr uintmax_t kMaxBytes = 256 << 20;
constexpr int64_t kMaxGpus = 1'000;  // of one host
constexpr double kMaxTime = 1e17;    // microseconds: 3,000 years

template <class... Args>
std::unexpected<Error> wrong(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::kInvalidArgument, fmt::format(format, std::forward<Args>(args)...));
}

// The column of a hosts file that counts GPUs; nothing where it has none. parse_hosts() says what is wrong with the file.
std::optional<std::string> gpu_column(std::string_view text, const std::string& name) {
  const auto header = compute::parse_csv(text.substr(0, text.find('\n')), name);
  if (!header || header->empty()) return std::nullopt;
  for (std::string_view column : {"gpus", "gpu"})
    for (const std::string& field : header->front().fields)
      if (compute::trimmed(field) == column) return std::string(column);
  return std::nullopt;
}

Expected<std::vector<HostInfo>> hosts_of(const StudyFile& file, std::string_view text, const std::string& name) {
  std::string columns = file.hosts_columns;
  if (file.has_gpus && columns.find("disk=") == std::string::npos) {
    const std::optional<std::string> column = gpu_column(text, name);
    if (!column)
      return wrong(
          "{}:1: gpus = yes, and there is no column 'gpus' or 'gpu'; hosts-columns says which one it is, as in "
          "disk=accelerators",
          name);
    columns += fmt::format("{}disk={}", columns.empty() ? "" : ",", *column);
  }
  auto hosts = compute::parse_hosts(text, name, columns);
  if (!hosts) return hosts;
  if (hosts->size() > study::kMaxHosts)
    return wrong("{} has {} hosts; at most {} can be studied", name, hosts->size(), study::kMaxHosts);
  for (HostInfo& host : *hosts) {
    if (!file.has_gpus) break;
    if (host.total.disk_gb > kMaxGpus)
      return wrong("{}: host '{}' has {} GPUs; at most {} can be studied", name, host.name, host.total.disk_gb,
                   kMaxGpus);
    host.total.disk_gb *= 1'000;
  }
  return hosts;
}

// A time of the file as one of the study.
Duration scaled(double us) { return microseconds(std::llround(std::min(us, kMaxTime))); }

study::Request request_of(const ReplayRequest& row, const StudyFile& file, Duration first,
                          std::optional<size_t> place) {
  study::Request request{.amount = {row.vcpus, row.memory_mb, file.has_gpus ? row.gpu_milli : row.disk_gb},
                         .arrival = {},
                         .departure = {}};
  const double since_first = place ? static_cast<double>(*place) * 1e6 : static_cast<double>((row.arrival - first).us);
  request.arrival = scaled(since_first / file.speed);
  if (row.departure && file.departures) {
    const double lifetime = static_cast<double>((*row.departure - row.arrival).us) * file.lifetime_factor;
    request.departure = scaled((since_first + lifetime) / file.speed);
  }
  return request;
}

Expected<std::vector<study::Request>> requests_of(const StudyFile& file, std::string_view text,
                                                  const std::string& name) {
  auto plan = plan_replay(text, name, file.requests_columns, !file.departures);
  if (!plan) return std::unexpected(std::move(plan.error()));
  if (!plan->refused.empty()) return wrong("{}:{}: {}", name, plan->refused.front().line, plan->refused.front().text);
  if (plan->requests.size() > study::kMaxRequests)
    return wrong("{} has {} requests; at most {} can be studied", name, plan->requests.size(), study::kMaxRequests);
  Duration first = plan->requests.front().arrival, last = first;
  for (const ReplayRequest& row : plan->requests) {
    first = std::min(first, row.arrival);
    last = std::max(last, row.arrival);
    if (file.has_gpus && row.gpu_milli < 0)
      return wrong("{}:{}: column 'num_gpu', 'gpu_milli' or 'gpus' is not a number from 0 to 1000", name, row.line);
  }
  std::vector<study::Request> requests;
  requests.reserve(plan->requests.size());
  for (const ReplayRequest& row : plan->requests)
    requests.push_back(request_of(row, file, first, first == last ? std::optional(requests.size()) : std::nullopt));
  return requests;
}

Expected<std::string> read_bounded(const std::string& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > kMaxBytes)
    return wrong("{} has {} bytes; at most {} can be studied", one_line(path), size, kMaxBytes);
  return read_file(path);
}

}  // namespace

Expected<study::Workload> make_workload(const StudyFile& file, std::string_view hosts, const std::string& hosts_name,
                                        std::string_view requests, const std::string& requests_name) {
  auto read_hosts = hosts_of(file, hosts, hosts_name);
  if (!read_hosts) return std::unexpected(std::move(read_hosts.error()));
  auto read_requests = requests_of(file, requests, requests_name);
  if (!read_requests) return std::unexpected(std::move(read_requests.error()));
  return study::Workload{*std::move(read_hosts), *std::move(read_requests)};
}

Expected<study::Workload> read_workload(const StudyFile& file, const std::string& study_path) {
  const std::filesystem::path directory = std::filesystem::path(study_path).parent_path();
  const std::string hosts_path = (directory / file.hosts_file).string();
  const std::string requests_path = (directory / file.requests_file).string();
  auto hosts = read_bounded(hosts_path);
  if (!hosts) return std::unexpected(std::move(hosts.error()));
  auto requests = read_bounded(requests_path);
  if (!requests) return std::unexpected(std::move(requests.error()));
  return make_workload(file, *hosts, one_line(hosts_path), *requests, one_line(requests_path));
}

}  // namespace kilonova::cli
