#include "cli/trace/log_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/output/read_file.h"
#include "cli/output/text.h"
#include "daemon/escape.h"
#include "daemon/step_line.h"
#include "domain/decision_text.h"

namespace kilonova::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kUuidLength = 36;

// All logs, rotated ones (controller-0.1.log) included, by name.
Expected<std::vector<std::string>> log_files(const std::string& directory) {
  std::error_code error;
  fs::path logs = fs::path(directory) / "logs";
  if (!fs::is_directory(logs, error)) logs = directory;
  std::vector<std::string> files;
  fs::directory_iterator entries(logs, error);
  if (error) return fail(ErrorCode::kNotFound, fmt::format("'{}' cannot be read: {}", logs.string(), error.message()));
  for (const fs::directory_entry& entry : entries)
    if (entry.path().extension() == ".log" && entry.is_regular_file(error)) files.push_back(entry.path().string());
  if (files.empty()) return fail(ErrorCode::kNotFound, fmt::format("there is no log file in '{}'", logs.string()));
  std::ranges::sort(files);
  return files;
}

std::string_view line_around(std::string_view text, size_t position) {
  size_t before = text.rfind('\n', position);
  size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, text.find('\n', position) - begin);
}

// Calls with every line that has the text in it, once a line.
template <class Visit>
void each_line_with(std::string_view text, std::string_view part, Visit visit) {
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at)) {
    std::string_view line = line_around(text, at);
    visit(line);
    at = static_cast<size_t>(line.data() - text.data()) + line.size();
  }
}

std::optional<Uuid> instance_of(std::string_view line) {
  for (std::string_view key : {" instance=", "\"instance\":\""}) {
    size_t at = line.find(key);
    if (at != std::string_view::npos) return parse_uuid(line.substr(at + key.size(), kUuidLength));
  }
  return std::nullopt;
}

}  // namespace

std::vector<StepRecord> find_steps(std::string_view text, const Uuid& instance) {
  std::vector<StepRecord> steps;
  each_line_with(text, to_string(instance), [&](std::string_view line) {
    std::optional<ParsedStep> step = parse_step_line(line);
    if (step && step->instance == instance) steps.push_back(std::move(step->record));
  });
  return steps;
}

std::string find_trace_id(std::string_view text, const Uuid& instance) {
  std::string id;
  each_line_with(text, to_string(instance), [&](std::string_view line) {
    if (!id.empty()) return;
    std::optional<ParsedStep> step = parse_step_line(line);
    if (step && step->instance == instance) id = to_hex(step->trace_id);
  });
  return id;
}

std::vector<Decision> find_decisions(std::string_view text, const Uuid& instance) {
  std::vector<Decision> decisions;
  each_line_with(text, to_string(instance), [&](std::string_view line) {
    if (instance_of(line) != instance) return;
    for (std::string_view key : {" decision=", "\"decision\":"}) {
      size_t at = line.find(key);
      if (at == std::string_view::npos) continue;
      size_t position = at + key.size();
      std::optional<std::string> value = parse_quoted(line, position);
      std::optional<Decision> decision = value ? parse_decision(*value) : std::nullopt;
      if (decision) decisions.push_back(std::move(*decision));
    }
  });
  return decisions;
}

std::optional<Uuid> find_name(std::string_view text, std::string_view name) {
  LineBuffer word, quoted;
  append_word(word, name);
  append_quoted(quoted, name);
  std::optional<Uuid> found;
  auto look_for = [&](const std::string& field, std::string_view ends) {
    each_line_with(text, field, [&](std::string_view line) {
      size_t end = line.find(field) + field.size();
      bool whole = end == line.size() || ends.find(line[end]) != std::string_view::npos;
      if (std::optional<Uuid> instance = whole ? instance_of(line) : std::nullopt) found = instance;
    });
  };
  look_for(" name=" + fmt::to_string(word), " \r");
  look_for("\"name\":" + fmt::to_string(quoted), ",}");
  return found;
}

namespace {

Expected<Uuid> find_instance(const std::string& directory, const std::vector<std::string>& files,
                             const std::string& server) {
  std::optional<Uuid> instance = parse_uuid(server);
  for (size_t i = 0; !instance && i < files.size(); ++i) {
    Expected<std::string> text = read_file(files[i]);
    if (!text) return std::unexpected(text.error());
    instance = find_name(*text, server);
  }
  if (!instance)
    return fail(ErrorCode::kNotFound, fmt::format("no line of the logs in '{}' names a server '{}': give its id",
                                                  directory, one_line(server)));
  return *instance;
}

}  // namespace

Expected<std::string> find_server(const std::string& directory, const std::string& server) {
  Expected<std::vector<std::string>> files = log_files(directory);
  if (!files) return std::unexpected(files.error());
  Expected<Uuid> instance = find_instance(directory, *files, server);
  return instance ? Expected<std::string>(to_string(*instance)) : std::unexpected(instance.error());
}

namespace {

// Calls with the whole text of each log file; one that was rotated away meanwhile is passed over.
template <class Visit>
Expected<> each_text(const std::vector<std::string>& files, Visit visit) {
  for (const std::string& file : files) {
    Expected<std::string> text = read_file(file);
    if (!text && text.error().code == ErrorCode::kNotFound) continue;
    if (!text) return std::unexpected(text.error());
    visit(*text);
  }
  return {};
}

}  // namespace

Expected<LaunchTrace> trace_from_logs(const std::string& directory, const std::string& server) {
  Expected<std::vector<std::string>> files = log_files(directory);
  if (!files) return std::unexpected(files.error());
  Expected<Uuid> instance = find_instance(directory, *files, server);
  if (!instance) return std::unexpected(instance.error());
  const bool by_name = !parse_uuid(server);
  LaunchTrace trace{
      .server = to_string(*instance), .name = by_name ? server : "", .status = {}, .host = {}, .steps = {}};
  Expected<> read = each_text(*files, [&](std::string_view text) {
    for (StepRecord& step : find_steps(text, *instance)) trace.steps.push_back(std::move(step));
    if (trace.trace_id.empty()) trace.trace_id = find_trace_id(text, *instance);
  });
  if (!read) return std::unexpected(read.error());
  if (trace.steps.empty())
    return fail(ErrorCode::kNotFound,
                fmt::format("no line of the logs in '{}' is of a launch of server {}", directory, trace.server));
  sort_steps(trace);
  return trace;
}

Expected<LoggedDecisions> decisions_from_logs(const std::string& directory, const std::string& server) {
  Expected<std::vector<std::string>> files = log_files(directory);
  if (!files) return std::unexpected(files.error());
  Expected<Uuid> instance = find_instance(directory, *files, server);
  if (!instance) return std::unexpected(instance.error());
  LoggedDecisions found{.server = to_string(*instance), .name = parse_uuid(server) ? "" : server, .decisions = {}};
  Expected<> read = each_text(*files, [&](std::string_view text) {
    // A cast that was repeated has a decision again, without its weights: the first one counts.
    for (Decision& decision : find_decisions(text, *instance))
      if (std::ranges::find(found.decisions, decision.epoch, &Decision::epoch) == found.decisions.end())
        found.decisions.push_back(std::move(decision));
  });
  if (!read) return std::unexpected(read.error());
  if (found.decisions.empty())
    return fail(ErrorCode::kNotFound,
                fmt::format("no line of the logs in '{}' is of a scheduling decision about server {}", directory,
                            found.server));
  std::ranges::sort(found.decisions, {}, &Decision::epoch);
  return found;
}

}  // namespace kilonova::cli
