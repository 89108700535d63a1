#include "cli/up/part_guests.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/output/read_file.h"
#include "compute-node/hosts_file.h"
#include "store/file_guest_journal.h"
#include "store/sync_mode.h"

namespace kilonova::up {
namespace {

std::string journal_of(const StateDir& state, uint32_t process) {
  return fmt::format("{}/journal/compute-{}.journal", state.path(), process);
}

// What decides which process carries a host. The configuration file does not say how the journals were parted last: an
// `up` that was killed, or did not come up, has parted them and left the file, or the file as it was.
std::string parts_of(const UpOptions& options) {
  return fmt::format("computes {}, hosts {}\n", options.computes, options.hosts);
}

std::string parted_file(const StateDir& state) { return state.path() + "/journal/parted"; }

bool is_parted(const UpRun& run) {
  // A file of hosts may have changed where its name has not.
  if (!run.options.hosts_file.empty()) return false;
  return cli::read_file(parted_file(run.state)) == parts_of(run.options);
}

Expected<std::map<std::string, uint32_t>> processes_of_hosts(const UpOptions& options) {
  Expected<std::vector<HostInfo>> hosts = options.hosts_file.empty()
                                              ? compute::make_hosts(options.hosts, 0)
                                              : compute::load_hosts_file(options.hosts_file, options.hosts_columns);
  if (!hosts) return std::unexpected(hosts.error());
  std::map<std::string, uint32_t> processes;
  for (uint32_t i = 0; i < options.computes; ++i)
    for (const HostInfo& host : compute::select_part(*hosts, i, options.computes)) processes[host.name] = i;
  return processes;
}

struct Journal {
  std::unique_ptr<FileGuestJournal> file;
  std::vector<GuestRecord> guests;
};

Expected<Journal> open_journal(const StateDir& state, uint32_t process) {
  Journal journal;
  journal.file = std::make_unique<FileGuestJournal>(journal_of(state, process), SyncMode::kFull);
  auto loaded = journal.file->load();
  if (!loaded) return std::unexpected(loaded.error());
  journal.guests = *std::move(loaded);
  return journal;
}

Expected<> move_guests(const UpRun& run) {
  constexpr uint32_t kMostProcesses = 1'000;  // --parts
  std::map<uint32_t, Journal> journals;
  for (uint32_t i = 0; i < kMostProcesses; ++i) {
    if (!std::filesystem::exists(journal_of(run.state, i))) continue;
    auto opened = open_journal(run.state, i);
    if (!opened) return std::unexpected(opened.error());
    journals.emplace(i, *std::move(opened));
  }
  if (journals.empty()) return {};
  auto processes = processes_of_hosts(run.options);
  if (!processes) return std::unexpected(processes.error());
  for (uint32_t i = 0; i < run.options.computes; ++i) {
    if (journals.contains(i)) continue;
    auto opened = open_journal(run.state, i);
    if (!opened) return std::unexpected(opened.error());
    journals.emplace(i, *std::move(opened));
  }
  for (auto& [from, journal] : journals) {
    for (const GuestRecord& guest : journal.guests) {
      auto to = processes->find(guest.host);
      if (to == processes->end() || to->second == from) continue;
      auto moved = journals.at(to->second).file->put(guest);
      if (moved) moved = journal.file->erase(guest.host, guest.placement.instance);
      if (!moved) return moved;
    }
  }
  return {};
}

}  // namespace

Expected<> part_guests(const UpRun& run) {
  if (is_parted(run)) return {};
  // While they are parted no file says how.
  const std::string parted = parted_file(run.state);
  if (auto begun = cli::replace_private_file(parted, parted + ".new", ""); !begun) return begun;
  if (auto moved = move_guests(run); !moved) return moved;
  return cli::replace_private_file(parted, parted + ".new", parts_of(run.options));
}

}  // namespace kilonova::up
