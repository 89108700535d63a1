#include "cli/reference/command_doc.h"

#include <fmt/format.h>

#include <algorithm>

namespace kilonova::cli {
namespace {

// CLI11 puts what a value is and what it may be into one text: "TEXT:{rsa,ed25519}", "UINT:UINT in [1 - 64]".
void read_type(const std::string& type, OptionDoc& doc) {
  doc.value = type.substr(0, type.find(':'));
  size_t open = type.find(":{"), close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return;
  std::string inside = type.substr(open + 2, close - open - 2);
  for (size_t begin = 0; begin <= inside.size();) {
    size_t end = std::min(inside.find(',', begin), inside.size());
    doc.choices.push_back(inside.substr(begin, end - begin));
    begin = end + 1;
  }
}

std::string range_in(const std::string& type) {
  size_t open = type.find(" in ["), close = type.rfind(']');
  if (open == std::string::npos || close == std::string::npos) return {};
  std::string range = type.substr(open + 5, close - open - 5);
  size_t gap = range.find(" - ");
  return gap == std::string::npos ? std::string() : range.substr(0, gap) + " to " + range.substr(gap + 3);
}

OptionDoc describe_option(const CLI::Option& option) {
  OptionDoc doc;
  for (const std::string& name : option.get_snames()) doc.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) doc.names.push_back("--" + name);
  bool is_flag = option.get_expected_max() == 0;
  if (doc.names.empty()) {
    doc.names.push_back(option.get_name());
    OptionDoc choices;
    read_type(option.get_type_name(), choices);
    doc.choices = choices.choices;
  } else if (!is_flag) {
    read_type(option.get_type_name(), doc);
  }
  doc.description = option.get_description();
  if (std::string range = range_in(option.get_type_name()); !range.empty()) doc.description += " (" + range + ")";
  doc.group = option.get_group();
  doc.required = option.get_required();
  doc.repeated = option.get_expected_max() > 1 || option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  std::string text = option.get_default_str();
  while (text.starts_with('"') && text.ends_with('"') && text.size() > 1) text = text.substr(1, text.size() - 2);
  if (!is_flag && text != "[]" && text != "{}") doc.default_value = text;
  return doc;
}

}  // namespace

CommandDoc describe(const CLI::App& app, const std::string& path) {
  CommandDoc doc;
  doc.name = app.get_name();
  doc.path = path.empty() ? doc.name : path + " " + doc.name;
  doc.description = app.get_description();
  doc.details = app.get_footer();
  doc.group = app.get_group();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty() || option == app.get_help_ptr()) continue;
    (option->nonpositional() ? doc.options : doc.arguments).push_back(describe_option(*option));
  }
  for (const CLI::App* command : app.get_subcommands(nullptr))
    if (!command->get_group().empty()) doc.commands.push_back(describe(*command, doc.path));
  return doc;
}

std::string spelled(const OptionDoc& option) {
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : ", ") + name;
  if (option.value.empty()) return text;
  return fmt::format("{} {}", text,
                     option.choices.empty() ? option.value : fmt::format("{}", fmt::join(option.choices, "|")));
}

std::string usage_of(const CommandDoc& command) {
  std::string usage = command.path;
  if (!command.options.empty()) usage += " [OPTIONS]";
  for (const OptionDoc& argument : command.arguments) {
    std::string name = argument.names.front() + (argument.repeated ? "..." : "");
    usage += " " + (argument.required ? name : "[" + name + "]");
  }
  if (!command.commands.empty()) usage += " COMMAND";
  return usage;
}

std::string explained(const OptionDoc& option) {
  std::string text = option.description;
  if (!option.choices.empty() && option.value.empty()) text += fmt::format(": {}", fmt::join(option.choices, ", "));
  if (option.required) text += " (required)";
  if (option.repeated && !option.value.empty()) text += " (may be repeated)";
  if (!option.default_value.empty()) text += fmt::format(" (default: {})", option.default_value);
  return text;
}

}  // namespace kilonova::cli
