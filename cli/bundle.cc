#include "cli/bundle.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/client/cloud_place.h"
#include "cli/self.h"

namespace kilonova::cli {
namespace {

namespace fs = std::filesystem;

using Part = std::pair<const char*, std::vector<std::string>>;

const std::vector<Part>& parts() {
  static const std::vector<Part> kParts{
      {"version.txt", {"version"}},
      {"status.json", {"status", "-f", "json"}},
      {"services.json", {"service", "list", "-f", "json"}},
      {"servers.json", {"server", "list", "--all-projects", "-f", "json"}},
      {"hosts.json", {"host", "list", "-f", "json"}},
      {"faults.json", {"fault", "list", "-f", "json"}},
      {"events.jsonl", {"events", "--all-projects", "-f", "json"}},
      {"traces.jsonl", {"trace", "--all", "--all-projects", "-f", "json"}},
      {"explanations.jsonl", {"explain", "--all", "--all-projects", "-f", "json"}},
      {"check.json", {"check", "-f", "json"}},
      {"kilonova.conf", {"config", "show"}},
  };
  return kParts;
}

// A directory that is removed with all that is in it.
class Workspace {
 public:
  Workspace() {
    std::string name = (fs::temp_directory_path() / "kilonova-bundle-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Workspace() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Workspace(const Workspace&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

Expected<> write_bundle(const Globals& globals, const std::string& file) {
  auto place = cloud_place(globals);
  if (!place) return std::unexpected(place.error());
  if (::access(file.c_str(), F_OK) == 0)
    return fail(ErrorCode::kAlreadyExists, fmt::format("{} is there already: a bundle overwrites nothing", file));
  Workspace workspace;
  std::string directory = workspace.path() + "/kilonova-bundle";
  std::error_code error;
  if (workspace.path().empty() || !fs::create_directory(directory, error))
    return fail(ErrorCode::kUnavailable,
                fmt::format("no directory for the bundle can be made: {}", std::strerror(errno)));
  const Environment environment = environment_of(globals);
  for (const auto& [name, words] : parts()) {
    std::vector<std::string> argv{program_dir() + "/kilonova"};
    argv.insert(argv.end(), words.begin(), words.end());
    auto pid = start_program(argv, environment, directory + "/" + name, directory + "/errors.txt");
    if (!pid) return std::unexpected(pid.error());
    end_of_program(*pid);
    if (fs::file_size(directory + "/" + name, error) == 0) fs::remove(directory + "/" + name, error);
  }
  if (place->endpoint.empty() && fs::is_directory(place->state_dir + "/logs", error))
    fs::copy(place->state_dir + "/logs", directory + "/logs", fs::copy_options::recursive, error);
  auto pid = start_program({"tar", "-czf", file, "-C", workspace.path(), "kilonova-bundle"}, {});
  if (!pid) return std::unexpected(pid.error());
  if (int code = end_of_program(*pid); code != 0) {
    fs::remove(file, error);
    return fail(ErrorCode::kUnavailable, fmt::format("{} could not be written: tar ended with {}", file, code));
  }
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, error);
  return {};
}

}  // namespace kilonova::cli
