#include "cli/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/did_you_mean.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

// What stands for options and secrets in the environment.
constexpr std::array kVariables{"KILONOVA_STATE_DIR",
                                "KILONOVA_ENDPOINT",
                                "KILONOVA_ADMIN_PASSWORD",
                                "KILONOVA_DEMO_PASSWORD",
                                "KILONOVA_CLUSTER_SECRET_FILE",
                                "KILONOVA_CLUSTER_CERTIFICATE",
                                "KILONOVA_CLUSTER_KEY",
                                "KILONOVA_CLUSTER_CA",
                                "KILONOVA_CLUSTER_PEER_NAME",
                                "OS_CACERT",
                                "OS_CERT",
                                "OS_KEY",
                                "OS_USERNAME",
                                "OS_PASSWORD",
                                "OS_PROJECT_NAME"};

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr))
    if (!command->get_group().empty()) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent())
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string with_suggestion(std::string message, const std::string& word, const std::vector<std::string>& known) {
  if (auto meant = did_you_mean(word, known)) message += fmt::format("; did you mean {}?", *meant);
  return message;
}

std::string unexpected_words(const CLI::App& app) {
  ChosenCommand chosen = chosen_command(app);
  const CLI::App& last = *chosen.app;
  std::vector<std::string> words = app.remaining(true);
  std::erase(words, "--");
  if (words.empty()) return "there are words that it does not take";
  const std::string& first = words.front();
  if (first.starts_with('-')) {
    std::string name = first.substr(0, first.find('='));
    std::vector<std::string> known = option_names(last);
    if (std::ranges::find(known, name) != known.end())
      return fmt::format("'{}' goes behind '{}'", name, chosen.path.substr(app.get_name().size() + 1));
    return with_suggestion(fmt::format("unknown option '{}'", first), name, known);
  }
  if (std::vector<std::string> names = command_names(last); !names.empty())
    return with_suggestion(fmt::format("unknown command '{}'", first), first, names);
  return fmt::format("unexpected argument{} {}", words.size() == 1 ? "" : "s",
                     fmt::format("'{}'", fmt::join(words, "' '")));
}

// "Could not convert: --count = many" is CLI11's.
std::string unconverted(const CLI::App& app, const std::string& message) {
  constexpr std::string_view kBegin = "Could not convert: ";
  size_t equals = message.find(" = ");
  if (!message.starts_with(kBegin) || equals == std::string::npos) return message;
  std::string name = message.substr(kBegin.size(), equals - kBegin.size());
  std::string kind = "a value that it takes";
  for (const CLI::App* at = chosen_command(app).app; at != nullptr; at = at->get_parent()) {
    const CLI::Option* option = at->get_option_no_throw(name);
    if (option == nullptr) continue;
    std::string type = option->get_type_name();
    if (type.starts_with("UINT"))
      kind = "a whole number of at least 0";
    else if (type.starts_with("INT"))
      kind = "a whole number";
    else if (type.starts_with("FLOAT"))
      kind = "a number";
    break;
  }
  return fmt::format("{} '{}' is not {}", name, message.substr(equals + 3), kind);
}

}  // namespace

ChosenCommand chosen_command(const CLI::App& app) {
  ChosenCommand chosen{&app, app.get_name()};
  while (!chosen.app->get_subcommands().empty()) {
    chosen.app = chosen.app->get_subcommands().front();
    chosen.path += " " + chosen.app->get_name();
  }
  return chosen;
}

Expected<> check_words(const CLI::App& app, const std::vector<std::string>& words) {
  std::vector<std::string> commands = command_names(app);
  auto command = std::ranges::find_first_of(words, commands);
  bool runs = command != words.end() && *command == "run";
  for (size_t i = 0; i < words.size() && !(runs && words[i] == "--"); ++i)
    if (std::string why = why_no_text(words[i]); !why.empty())
      return fail(ErrorCode::kInvalidArgument, fmt::format("argument {}, '{}', {}", i + 1, one_line(words[i]), why));
  for (const char* variable : kVariables) {
    const char* value = std::getenv(variable);
    if (value == nullptr) continue;
    // Not its value: it may be a password.
    if (std::string why = why_no_text(value); !why.empty())
      return fail(ErrorCode::kInvalidArgument, fmt::format("what {} says {}", variable, why));
  }
  return {};
}

OutputStyle style_for_errors(const std::vector<std::string>& words) {
  OutputStyle style;
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    std::string value = i + 1 < words.size() ? words[i + 1] : "";
    bool json = words[i] == "--json" || words[i] == "-fjson" || words[i] == "--format=json" || words[i] == "-fyaml" ||
                words[i] == "--format=yaml" ||
                ((words[i] == "-f" || words[i] == "--format") && (value == "json" || value == "yaml"));
    if (json) style.format = Format::kJson;
  }
  return style;
}

std::string usage_message(const CLI::App& app, const CLI::ParseError& wrong) {
  std::string message = one_line(wrong.what());
  if (dynamic_cast<const CLI::ExtrasError*>(&wrong) != nullptr) return unexpected_words(app);
  if (dynamic_cast<const CLI::ConversionError*>(&wrong) != nullptr) return unconverted(app, message);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&wrong) != nullptr && message.ends_with(" missing"))
    return message.substr(0, message.find(':')) + " needs a value";
  return message;
}

std::string missing_command(const CLI::App& app) {
  ChosenCommand last = chosen_command(app);
  return fmt::format("`{}` needs one of: {}", last.path, fmt::join(command_names(*last.app), ", "));
}

}  // namespace kilonova::cli
