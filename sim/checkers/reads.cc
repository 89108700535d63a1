#include "sim/checkers/reads.h"

#include <fmt/format.h>

namespace kilonova::sim {

ReadChecker::State ReadChecker::of(const RowState* row) {
  if (row == nullptr) return {};
  return {true, row->vm_state, row->task_state, row->operation};
}

ReadChecker::State ReadChecker::of(const Instance* row) {
  if (row == nullptr) return {};
  return {true, row->vm_state, row->task_state, row->operation};
}

std::string ReadChecker::describe(const State& state) {
  if (!state.there) return "gone";
  return fmt::format("{}/{} operation {}", to_string(state.vm_state), to_string(state.task_state), state.operation);
}

void ReadChecker::note(const Uuid& server, const State& state) {
  std::vector<Version>* known = versions_.find(server);
  if (known == nullptr) {
    servers_.push_back(server);
    versions_.insert(server, {});
    known = versions_.find(server);
  }
  if (known->empty() || known->back().state != state) known->push_back({clock_.now(), state});
}

void ReadChecker::on_row(const Uuid& uuid, const RowState*, const RowState* after) { note(uuid, of(after)); }

void ReadChecker::on_went_back(const WentBack& past) {
  if (past.of != Role::kController) return;
  for (const Uuid& server : servers_) note(server, of(ledger_.row(server)));
}

// A version holds until the moment at which the next one is committed, that moment included.
void ReadChecker::read(Instant asked, const Uuid& server, const Instance* seen) {
  checked_ += 1;
  const State state = of(seen);
  const std::vector<Version>* versions = versions_.find(server);
  if (versions == nullptr) {
    if (seen != nullptr)
      violations_.add("reads", fmt::format("server {} was read and was never committed", to_string(server)));
    return;
  }
  std::string possible;
  bool was_there_before = false;  // before the first version there was nothing
  for (size_t i = versions->size(); i-- > 0;) {
    const Version& version = (*versions)[i];
    if (version.state == state) return;
    possible += (possible.empty() ? "" : ", ") + describe(version.state);
    was_there_before = version.since < asked;
    if (was_there_before) break;
  }
  if (seen == nullptr && !was_there_before) return;
  violations_.add("reads", fmt::format("server {} was read as {}; from {} us to {} us it was {}", to_string(server),
                                       describe(state), asked.us, clock_.now().us, possible));
}

void ReadChecker::showed(const Uuid& project, const Uuid& server) {
  const RowState* row = ledger_.row(server);
  if (row == nullptr || row->project == project) return;
  violations_.add("isolation", fmt::format("server {} of project {} was shown to project {}", to_string(server),
                                           to_string(row->project), to_string(project)));
}

void ReadChecker::said(const Uuid& project, const Uuid& server, std::string_view name, std::string_view text) {
  const RowState* row = ledger_.row(server);
  if (row == nullptr || row->project == project || name.empty() || text.find(name) == std::string_view::npos) return;
  violations_.add("isolation", fmt::format("server {} of project {} was named to project {}: {}", to_string(server),
                                           to_string(row->project), to_string(project), text));
}

void ReadChecker::told(const Uuid& project, std::string_view operation, std::string_view text,
                       const std::vector<std::string_view>& secrets) {
  for (const auto& [uuid, row] : ledger_.rows())
    if (row.project != project && text.find(to_string(uuid)) != std::string_view::npos)
      violations_.add("isolation", fmt::format("the answer to {} of project {} has server {} of project {}", operation,
                                               to_string(project), to_string(uuid), to_string(row.project)));
  for (std::string_view secret : secrets)
    if (text.find(secret) != std::string_view::npos)
      violations_.add("isolation",
                      fmt::format("the answer to {} of project {} has '{}'", operation, to_string(project), secret));
}

void ReadChecker::changed_by_reader(std::string_view operation) {
  violations_.add("isolation", fmt::format("a reader was answered that it had done {}", operation));
}

}  // namespace kilonova::sim
