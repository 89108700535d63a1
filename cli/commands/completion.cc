#include "cli/commands/completion.h"

#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"

namespace kilonova::cli {
namespace {

constexpr std::string_view kScript = R"(# kilonova completion bash > /etc/bash_completion.d/kilonova
_kilonova() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} path="" words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${{COMP_WORDS[i]}}" in
{paths}    esac
  done
  case "$path" in
{words}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ ${{#COMPREPLY[@]}} -eq 0 && $word != -* ]] && compopt -o default
}}
complete -F _kilonova kilonova
)";

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// One case for each command: what may follow it.
void append_command(const CLI::App& app, const std::string& path, const std::string& globals, std::string& paths,
                    std::string& words) {
  std::vector<std::string> here;
  for (const CLI::App* command : app.get_subcommands(nullptr)) here.push_back(command->get_name());
  for (const std::string& name : option_names(app)) here.push_back(name);
  words += fmt::format("    \"{}\") words=\"{} {}\" ;;\n", path, fmt::join(here, " "), globals);
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    std::string below = path + " " + command->get_name();
    paths += fmt::format("      \"{0}\") path=\"{0}\" ;;\n", below);
    append_command(*command, below, globals, paths, words);
  }
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string paths, words;
  std::string globals = fmt::to_string(fmt::join(option_names(app), " "));
  append_command(app, "", globals, paths, words);
  return fmt::format(kScript, fmt::arg("paths", paths), fmt::arg("words", words));
}

void add_completion(CLI::App& app, Globals& globals) {
  CLI::App& noun = *app.add_subcommand("completion", "Scripts that complete commands in a shell: bash");
  noun.require_subcommand(1);
  CLI::App* bash = noun.add_subcommand("bash", "source <(kilonova completion bash)");
  run_command(*bash, globals, [&app]() -> Expected<int> {
    fmt::print("{}", bash_completion(app));
    return 0;
  });
}

}  // namespace kilonova::cli
