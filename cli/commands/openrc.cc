#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "cli/cli.h"
#include "cli/client/cloud_file.h"
#include "cli/client/cloud_place.h"
#include "cli/output/records.h"

namespace kilonova::cli {
namespace {

// For any POSIX shell.
std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

Expected<int> print_openrc(const Globals& globals) {
  Expected<CloudPlace> place = cloud_place(globals);
  if (!place) return std::unexpected(place.error());
  std::vector<std::pair<std::string, std::string>> exports{{"OS_USERNAME", globals.user.value},
                                                           {"OS_PASSWORD", globals.password.value},
                                                           {"OS_PROJECT_NAME", globals.project.value},
                                                           {"KILONOVA_STATE_DIR", place->state_dir}};
  std::string endpoint = (place->https ? "https://" : "") + place->endpoint;
  if (place->endpoint.empty()) {
    Expected<CloudFile> cloud = read_cloud_file(place->state_dir);
    if (!cloud) return std::unexpected(cloud.error());
    endpoint = (cloud->tls ? "https://" : "") + cloud->grpc;
    if (!cloud->http.empty()) {
      exports.emplace_back("OS_AUTH_URL", fmt::format("{}://{}/identity", cloud->tls ? "https" : "http", cloud->http));
      exports.emplace_back("OS_IDENTITY_API_VERSION", "3");
      exports.emplace_back("OS_REGION_NAME", "RegionOne");
      exports.emplace_back("OS_USER_DOMAIN_ID", "default");
      exports.emplace_back("OS_PROJECT_DOMAIN_ID", "default");
    }
  }
  exports.emplace_back("KILONOVA_ENDPOINT", endpoint);
  if (!place->tls.ca.empty()) exports.emplace_back("OS_CACERT", std::filesystem::absolute(place->tls.ca).string());
  if (globals.style.format != Format::kTable) {
    Json json = Json::object();
    for (const auto& [name, value] : exports) json[name] = value;
    return print_object(globals.style, json);
  }
  for (const auto& [name, value] : exports) print("export {}={}\n", name, shell_quoted(value));
  return 0;
}

}  // namespace

void add_openrc(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("openrc", "Print variables for a shell: eval \"$(kilonova openrc)\"");
  run_command(*command, globals, [&globals] { return print_openrc(globals); });
}

}  // namespace kilonova::cli
