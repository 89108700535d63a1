#include "cli/reference/pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "cli/output/exit_codes.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr size_t kWidth = 80;

std::string paragraph(const std::string& text) {
  std::string out;
  for (const std::string& line : wrapped(text, kWidth)) out += line + "\n";
  return out;
}

std::vector<std::string> groups_of(const std::vector<OptionDoc>& options) {
  std::vector<std::string> groups;
  for (const OptionDoc& option : options)
    if (std::ranges::find(groups, option.group) == groups.end()) groups.push_back(option.group);
  return groups;
}

// "- `--count N`: ...", wrapped with its continuation below the text.
std::string item(const std::string& name, const std::string& text) {
  std::string out;
  for (const std::string& line : wrapped(fmt::format("`{}`: {}", name, text), kWidth - 2))
    out += (out.empty() ? "- " : "  ") + line + "\n";
  return out;
}

void append_options(std::string& out, const CommandDoc& command) {
  for (const OptionDoc& argument : command.arguments) out += item(argument.names.front(), explained(argument));
  if (!command.arguments.empty()) out += "\n";
  for (const std::string& group : groups_of(command.options)) {
    if (group != "Options") out += paragraph(group + ":") + "\n";
    for (const OptionDoc& option : command.options)
      if (option.group == group) out += item(spelled(option), explained(option));
    out += "\n";
  }
}

void append_command(std::string& out, const CommandDoc& command, size_t level) {
  out += fmt::format("{} {}\n\n{}\n```\n", std::string(level, '#'), command.path, paragraph(command.description + "."));
  for (const std::string& line : wrapped(usage_of(command), kWidth)) out += line + "\n";
  out += "```\n\n";
  append_options(out, command);
  for (const CommandDoc& below : command.commands) append_command(out, below, std::min<size_t>(level + 1, 3));
}

// roff takes backslashes, and dots and quotes at the beginning of lines, for its own.
std::string roff(const std::string& text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string page_name(const CommandDoc& command) {
  std::string name = command.path;
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string man_page(const CommandDoc& command) {
  std::string title = page_name(command);
  std::string out = fmt::format(".TH {} 1 \"\" \"kilonova\" \"User commands\"\n.SH NAME\n{} \\- {}\n",
                                roff(to_upper(title)), roff(title), roff(command.description));
  out += fmt::format(".SH SYNOPSIS\n.B {}\n", roff(usage_of(command)));
  auto entry = [&out](const std::string& name, const std::string& text) {
    out += fmt::format(".TP\n.B {}\n{}\n", roff(name), roff(text));
  };
  if (!command.arguments.empty()) out += ".SH ARGUMENTS\n";
  for (const OptionDoc& argument : command.arguments) entry(argument.names.front(), explained(argument));
  if (!command.commands.empty()) out += ".SH COMMANDS\n";
  for (const CommandDoc& below : command.commands) entry(below.name, below.description);
  if (!command.options.empty()) out += ".SH OPTIONS\n";
  for (const std::string& group : groups_of(command.options)) {
    if (group != "Options") out += fmt::format(".SS {}\n", roff(group));
    for (const OptionDoc& option : command.options)
      if (option.group == group) entry(spelled(option), explained(option));
  }
  if (command.path.find(' ') != std::string::npos)
    out += fmt::format(".SH SEE ALSO\n.BR {} (1):\noptions of every command, such as {} and {}\n", roff("kilonova"),
                       roff("-f json"), roff("--state-dir"));
  return out;
}

void append_man_pages(std::vector<std::pair<std::string, std::string>>& pages, const CommandDoc& command) {
  pages.emplace_back(page_name(command) + ".1", man_page(command));
  for (const CommandDoc& below : command.commands) append_man_pages(pages, below);
}

}  // namespace

std::string markdown_page(const CommandDoc& root) {
  std::string out =
      "# The kilonova command\n\n"
      "Made from the declarations of the options (`./dev docs`): it says what `--help`\n"
      "says. Exit codes are in [exit-codes.md](exit-codes.md).\n\n"
      "Options of every command may stand before or behind it. What is given on the\n"
      "command line beats the environment, and the environment beats the default. A\n"
      "given `--state-dir` beats `KILONOVA_ENDPOINT` too: a command never speaks with\n"
      "one cloud and shows another.\n\n";
  append_options(out, root);
  for (const CommandDoc& command : root.commands) append_command(out, command, 2);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string exit_codes_page() {
  std::string out =
      "# Exit codes\n\n"
      "Every command of `kilonova` ends with one of these. With `-f json` an error is an\n"
      "object on a line of standard error:\n\n"
      "```\n"
      "{\"error\":{\"code\":\"not_found\",\"message\":\"...\",\"exit_code\":4}}\n"
      "```\n\n"
      "| exit code | `code` | meaning |\n|---|---|---|\n"
      "| 0 | | done |\n"
      "| 1 | `bad_result` | done, but a server ended in ERROR, a daemon is dead, ... |\n"
      "| 3 | | `check` alone: not all could be checked |\n";
  std::vector<ExitCode> codes(exit_codes().begin(), exit_codes().end());
  std::ranges::sort(codes, {}, &ExitCode::code);
  for (const ExitCode& one : codes)
    out += fmt::format("| {} | `{}` | {} |\n", one.code, error_name(one.error), one.meaning);
  out +=
      "| 125 | | `run` alone: the cloud did not start; 126 and 127: the command did not |\n\n"
      "`run` ends with the exit code of its command otherwise, or with 128 and the\n"
      "number of the signal that ended it. Of several servers, the first that is\n"
      "refused decides.\n";
  return out;
}

std::vector<std::pair<std::string, std::string>> man_pages(const CommandDoc& root) {
  std::vector<std::pair<std::string, std::string>> pages;
  append_man_pages(pages, root);
  return pages;
}

}  // namespace kilonova::cli
