#include "cli/reference/help_page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr size_t kColumn = 30;  // where descriptions begin

using Entry = std::pair<std::string, std::string>;

void append_entries(std::string& out, const std::string& title, const std::vector<Entry>& entries, size_t width) {
  if (entries.empty()) return;
  size_t column = 0;
  for (const auto& [name, text] : entries) column = std::max(column, display_width(name) + 4);
  column = std::min(column, kColumn);
  out += "\n" + title + ":\n";
  for (const auto& [name, text] : entries) {
    std::string line = "  " + name;
    if (display_width(line) + 2 > column) {
      for (const std::string& part : wrapped(name, width - 2)) out += "  " + part + "\n";
      line.clear();
    }
    for (const std::string& part : wrapped(text, width - column)) {
      line.resize(std::max(line.size(), column), ' ');
      out += line + part + "\n";
      line.clear();
    }
  }
}

std::vector<std::string> groups_of(const auto& items) {
  std::vector<std::string> groups;
  for (const auto& item : items)
    if (std::ranges::find(groups, item.group) == groups.end()) groups.push_back(item.group);
  return groups;
}

}  // namespace

std::string help_page(const CommandDoc& command, size_t width) {
  std::string out;
  for (const std::string& line : wrapped(command.description, width)) out += line + "\n";
  out += "\n";
  bool first = true;
  for (const std::string& line : wrapped(usage_of(command), width - 7)) {
    out += (std::exchange(first, false) ? "usage: " : "       ") + line + "\n";
  }
  std::vector<Entry> entries;
  for (const OptionDoc& argument : command.arguments) entries.emplace_back(argument.names.front(), explained(argument));
  append_entries(out, "Arguments", entries, width);
  for (const std::string& group : groups_of(command.commands)) {
    entries.clear();
    for (const CommandDoc& one : command.commands)
      if (one.group == group) entries.emplace_back(one.name, one.description);
    append_entries(out, group == "Subcommands" ? "Commands" : group, entries, width);
  }
  for (const std::string& group : groups_of(command.options)) {
    entries.clear();
    for (const OptionDoc& option : command.options)
      if (option.group == group) entries.emplace_back(spelled(option), explained(option));
    append_entries(out, group, entries, width);
  }
  for (size_t begin = 0; begin < command.details.size();) {
    size_t end = std::min(command.details.find('\n', begin), command.details.size());
    out += begin == 0 ? "\n" : "";
    for (const std::string& line : wrapped(command.details.substr(begin, end - begin), width)) out += line + "\n";
    begin = end + 1;
  }
  if (command.path.find(' ') != std::string::npos) {
    out += "\n";
    for (const std::string& line :
         wrapped("Options of every command, such as -f json and --state-dir: kilonova --help", width))
      out += line + "\n";
  }
  return out;
}

}  // namespace kilonova::cli
