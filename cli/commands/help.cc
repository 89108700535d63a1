// kilonova help and version.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "base/did_you_mean.h"
#include "cli/cli.h"
#include "cli/output/records.h"
#include "cli/output/table.h"
#include "cli/reference/command_doc.h"
#include "cli/reference/help_page.h"
#include "cli/reference/pages.h"
#include "cli/usage.h"

namespace kilonova::cli {
namespace {

Expected<int> print_help(const CLI::App& root, const std::vector<std::string>& words) {
  CommandDoc doc = describe(root);
  const CommandDoc* at = &doc;
  for (const std::string& word : words) {
    auto found = std::ranges::find(at->commands, word, &CommandDoc::name);
    if (found == at->commands.end()) {
      std::vector<std::string> names;
      for (const CommandDoc& command : at->commands) names.push_back(command.name);
      auto meant = did_you_mean(word, names);
      return fail(ErrorCode::kInvalidArgument, fmt::format("`{}` has no command '{}'{}", at->path, word,
                                                           meant ? "; did you mean " + *meant + "?" : ""));
    }
    at = &*found;
  }
  print_text(help_page(*at, std::clamp<size_t>(page_width(), 40, kHelpWidth)));
  return 0;
}

// What ./dev docs and the tests ask for: the reference as text, and the man pages as files.
void add_reference(CLI::App& app, Globals& globals) {
  CLI::App* hidden = app.add_subcommand("reference", "The reference, made from the declarations of the options");
  hidden->group("");
  auto what = std::make_shared<std::string>();
  auto directory = std::make_shared<std::string>();
  hidden->add_option("PAGE", *what, "What to make")->required()->check(CLI::IsMember({"cli", "exit-codes", "server-actions", "man"}));
  hidden->add_option("DIR", *directory, "Of man: where the pages go");
  run_command(*hidden, globals, [&app, &globals, what, directory]() -> Expected<int> {
    CommandDoc root = describe(app);
    if (*what == "cli") print_text(markdown_page(root));
    if (*what == "exit-codes") print_text(exit_codes_page());
    if (*what == "server-actions")
      print_text(globals.style.format == Format::kJson ? json_line(server_actions_json()) : server_actions_page());
    if (*what != "man") return 0;
    for (const auto& [name, text] : man_pages(root)) {
      std::ofstream out(*directory + "/" + name);
      if (!(out << text).flush())
        return fail(ErrorCode::kUnavailable, fmt::format("{}/{} cannot be written", *directory, name));
    }
    return 0;
  });
}

}  // namespace

void add_help(CLI::App& app, Globals& globals) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* help = app.add_subcommand("help", "Show the help of a command");
  help->add_option("COMMAND", *words, "As in: kilonova help server create");
  run_command(*help, globals, [words, &app] { return print_help(app, *words); });
  add_reference(app, globals);
  CLI::App* version = app.add_subcommand("version", "Show the version of this program");
  run_command(*version, globals, [&globals, &app]() -> Expected<int> {
    std::string text = app.version();
    std::string number = text.substr(text.rfind(' ') + 1);
    if (globals.style.format != Format::kTable) return print_object(globals.style, Json{{"version", number}});
    print("{}\n", globals.style.quiet ? number : text);
    return 0;
  });
}

}  // namespace kilonova::cli
