#include "cli/client/cloud_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <nlohmann/json.hpp>

#include "cli/output/json_field.h"
#include "cli/output/read_file.h"

namespace kilonova::cli {
namespace {

bool is_running(pid_t pid) { return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM); }

}  // namespace

Expected<CloudFile> parse_cloud_file(const std::string& text, const std::string& path) {
  using Json = nlohmann::json;
  auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::kDataLoss, fmt::format("{} is not what `kilonova up` writes: {}", path, why));
  };
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return wrong("no JSON object");
  CloudFile cloud;
  try {
    if (int version = integer_at<int>(json, "version"); version != 1)
      return wrong(fmt::format("version {}, this command knows 1", version));
    cloud.supervisor = integer_at<pid_t>(json, "pid");
    cloud.grpc = json.at("grpc").get<std::string>();
    cloud.tls = json.value("tls", false);
    if (json.contains("http") && json["http"].is_string()) cloud.http = json["http"].get<std::string>();
    for (const Json& daemon : json.at("daemons"))
      cloud.daemons.push_back({daemon.at("name").get<std::string>(), integer_at<pid_t>(daemon, "pid")});
  } catch (const std::exception& error) {
    return wrong(error.what());
  }
  return cloud;
}

Expected<CloudFile> read_cloud_file(const std::string& state_dir) {
  std::string path = state_dir + "/cloud.json";
  auto not_running = [&] {
    return fail(ErrorCode::kUnavailable, fmt::format("no cloud is running in {}: kilonova up", state_dir));
  };
  Expected<std::string> text = read_file(path);
  if (!text) return text.error().code == ErrorCode::kNotFound ? not_running() : std::unexpected(text.error());
  Expected<CloudFile> cloud = parse_cloud_file(*text, path);
  if (cloud && !is_running(cloud->supervisor)) return not_running();
  return cloud;
}

}  // namespace kilonova::cli
