// kilonova clouds: those that run on this machine, whatever their state directories.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "cli/cli.h"
#include "cli/client/session.h"
#include "cli/output/records.h"
#include "cli/output/text.h"
#include "cli/up/state_dir.h"

namespace kilonova::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const fs::path& command_line) {
  std::ifstream in(command_line, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> words;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\0', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// Every cloud has one controller, whose command line says where it lies.
std::set<std::string> state_dirs() {
  std::set<std::string> found;
  std::error_code error;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc", error)) {
    std::vector<std::string> words = words_of(process.path() / "cmdline");
    if (words.empty() || fs::path(words.front()).filename() != "kilonova-controller") continue;
    auto option = std::ranges::find(words, "--state-dir");
    if (option != words.end() && option + 1 != words.end()) found.insert(*(option + 1));
  }
  return found;
}

Expected<int> list(const Globals& globals) {
  Records records({{"State directory", "state_dir"},
                   {"Endpoint", "endpoint"},
                   {"PID", "pid", Align::kRight},
                   {"Daemons", "daemons", Align::kRight, 1},
                   {"Up for", "", Align::kRight}});
  for (const std::string& directory : state_dirs()) {
    auto cloud = up::StateDir(directory).running();
    if (!cloud || !*cloud) continue;  // somebody else's, or started by hand
    std::string endpoint = ((*cloud)->tls ? "https://" : "") + (*cloud)->grpc;
    Duration age{wall_now().us - (*cloud)->started_at_us};
    records.add({directory, endpoint, std::to_string((*cloud)->supervisor), std::to_string((*cloud)->daemons.size()),
                 fmt::format("{} s", age.us / 1'000'000)},
                Json{{"state_dir", directory},
                     {"endpoint", endpoint},
                     {"http", (*cloud)->http},
                     {"pid", (*cloud)->supervisor},
                     {"daemons", (*cloud)->daemons.size()},
                     {"started_at", to_iso8601(WallTime{(*cloud)->started_at_us})}});
  }
  return print_records(globals.style, records);
}

}  // namespace

void add_clouds(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("clouds", "List the clouds that `up` and `run` have started on this machine");
  command->group("Clouds");
  run_command(*command, globals, [&globals] { return list(globals); });
}

}  // namespace kilonova::cli
