// kilonova completion, and the hidden `kilonova complete` that its scripts ask: they know nothing themselves, so that
// they are never out of date.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/cli.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/reference/complete.h"

namespace kilonova::cli {
namespace {

constexpr const char* kBash = R"(# kilonova completion bash > /etc/bash_completion.d/kilonova
_kilonova() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <(kilonova complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default 2>/dev/null
}
complete -F _kilonova kilonova
)";

constexpr const char* kZsh = R"(#compdef kilonova
# kilonova completion zsh > "${fpath[1]}/_kilonova"
_kilonova() {
  local -a found
  found=("${(@f)$(kilonova complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then
    compadd -a found
  else
    _files
  fi
}
compdef _kilonova kilonova
)";

constexpr const char* kFish = R"(# kilonova completion fish > ~/.config/fish/completions/kilonova.fish
function __kilonova_complete
  set -l words (commandline -opc) (commandline -ct)
  kilonova complete -- $words[2..-1] 2>/dev/null
end
complete -c kilonova -a '(__kilonova_complete)'
)";

// What the words before the cursor say of the cloud counts for its names too.
void take_settings(Globals& globals, const std::vector<std::string>& words) {
  const std::pair<const char*, Setting*> settings[] = {
      {"--state-dir", &globals.state_dir}, {"--endpoint", &globals.endpoint},
      {"--ca-file", &globals.ca},          {"--os-cacert", &globals.ca},
      {"--os-cert", &globals.certificate}, {"--os-key", &globals.key},
      {"--os-username", &globals.user},    {"--os-project-name", &globals.project},
      {"--os-password", &globals.password}};
  for (size_t i = 0; i + 2 < words.size(); ++i)
    for (const auto& [name, setting] : settings)
      if (words[i] == name) *setting = {words[i + 1], Source::kGiven};
}

template <class Reply>
std::vector<std::string> names_in(const Expected<Reply>& reply, const auto& list) {
  std::vector<std::string> names;
  if (reply)
    for (const auto& one : list(*reply)) names.push_back(one.name());
  return names;
}

// The names that there are of a kind; none when the cloud cannot be asked.
std::vector<std::string> names_of(const std::string& kind, const Globals& globals) {
  using Stub = v1::Cloud::Stub;
  static const std::vector<std::string> kKinds{"SERVER",  "HOST", "FLAVOR", "IMAGE", "NETWORK",
                                               "PROJECT", "USER", "DAEMON", "KEY"};
  if (std::ranges::find(kKinds, kind) == kKinds.end()) return {};
  auto session = Session::open(globals);
  if (!session) return {};
  Session& cloud = **session;
  if (kind == "SERVER") {
    std::vector<std::string> names;
    auto servers = list_servers(cloud, {.limit = 1000});
    if (servers)
      for (const v1::Server& server : *servers) names.push_back(server.name());
    return names;
  }
  if (kind == "HOST")
    return names_in(list_whole(cloud, &Stub::ListHosts, v1::ListHostsRequest()), [](const auto& r) { return r.hosts(); });
  if (kind == "FLAVOR")
    return names_in(list_whole(cloud, &Stub::ListFlavors, v1::ListFlavorsRequest()),
                    [](const auto& r) { return r.flavors(); });
  if (kind == "IMAGE")
    return names_in(list_whole(cloud, &Stub::ListImages, v1::ListImagesRequest()), [](const auto& r) { return r.images(); });
  if (kind == "NETWORK")
    return names_in(list_whole(cloud, &Stub::ListNetworks, v1::ListNetworksRequest()),
                    [](const auto& r) { return r.networks(); });
  if (kind == "PROJECT")
    return names_in(list_whole(cloud, &Stub::ListProjects, v1::ListProjectsRequest()),
                    [](const auto& r) { return r.projects(); });
  if (kind == "USER")
    return names_in(list_whole(cloud, &Stub::ListUsers, v1::ListUsersRequest()), [](const auto& r) { return r.users(); });
  if (kind == "KEY")
    return names_in(list_whole(cloud, &Stub::ListKeyPairs, v1::ListKeyPairsRequest()),
                    [](const auto& r) { return r.key_pairs(); });
  return names_in(cloud.call(&Stub::ListServices, v1::ListServicesRequest()),
                  [](const auto& r) { return r.services(); });
}

Expected<int> print_completions(const CLI::App& root, Globals globals, const std::vector<std::string>& words) {
  if (words.empty()) return 0;
  Completion completion = complete(describe(root), words);
  if (!completion.kind.empty()) {
    take_settings(globals, words);
    completion.words = names_of(completion.kind, globals);
    std::erase_if(completion.words, [&](const std::string& word) { return !word.starts_with(words.back()); });
  }
  for (const std::string& word : completion.words) print("{}\n", one_line(word));
  return 0;
}

}  // namespace

void add_completion(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "completion", "Print the script that completes commands in a shell: bash, zsh, fish");
  const std::pair<const char*, const char*> scripts[] = {{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};
  for (const auto& [shell, script] : scripts) {
    CLI::App* command = noun.add_subcommand(shell, fmt::format("The script for {}", shell));
    run_command(*command, globals, [script = script]() -> Expected<int> {
      print_text(script);
      return 0;
    });
  }
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* hidden = app.add_subcommand("complete", "What may stand in place of the last word");
  hidden->group("");
  hidden->add_option("WORDS", *words, "Behind --: what was typed");
  run_command(*hidden, globals, [&app, &globals, words] { return print_completions(app, globals, *words); });
}

}  // namespace kilonova::cli
