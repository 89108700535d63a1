#include "controller/core/reset_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "controller/core/bootstrap.h"
#include "controller/core/generations.h"
#include "controller/core/hex_words.h"
#include "controller/core/peer_book.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"
#include "domain/setting.h"
#include "domain/watch_event.h"

namespace kilonova::controller {
namespace {

template <class T>
constexpr bool is_put = false;
template <class Row>
constexpr bool is_put<mutation::Put<Row>> = true;

constexpr std::string_view kUnderWay = "under-way";
constexpr std::string_view kDone = "done";

// Nothing where there is none of the name: an id is drawn then.
template <class Row>
const Row* named(const ControllerState& state, std::string_view name) {
  auto found = std::ranges::find(state.of<Row>(), name, &Row::name);
  return found == state.of<Row>().end() ? nullptr : &*found;
}

template <class Row>
Uuid id_of(const ControllerState& state, std::string_view name, Random& random) {
  const Row* row = named<Row>(state, name);
  return row == nullptr ? random_uuid(random) : row->id;
}

// A hash that no password has.
std::string hash_of(const ControllerState& state, std::string_view name) {
  const User* user = named<User>(state, name);
  return user == nullptr ? "none" : user->password_hash;
}

FirstRows guess_first_rows(const ControllerState& state, Random& random) {
  return {.admin_project = id_of<Project>(state, "admin", random),
          .demo_project = id_of<Project>(state, "demo", random),
          .admin = id_of<User>(state, "admin", random),
          .demo = id_of<User>(state, "demo", random),
          .cirros = id_of<Image>(state, "cirros", random),
          .cirros_disk = id_of<Image>(state, "cirros-0.6.2-x86_64-disk", random),
          .alt_project = id_of<Project>(state, "alt_demo", random),
          .alt_demo = id_of<User>(state, "alt_demo", random),
          .admin_password_hash = hash_of(state, "admin"),
          .demo_password_hash = hash_of(state, "demo")};
}

// Who the daemons are, and what watchers were told.
bool stays(const Setting& setting) {
  return setting.name.starts_with(kPeerSettings) || setting.name == kGenerationsSetting;
}
bool stays(const Host&) { return true; }
template <class Row>
bool stays(const Row&) {
  return false;
}

WatchEvent end_of(const Instance& row, uint64_t revision, WallTime now) {
  return {.revision = revision,
          .time = now,
          .project_id = row.spec.project_id,
          .instance = row.uuid,
          .name = row.name,
          .vm_state = row.vm_state,
          .task_state = row.task_state,
          .power_state = row.power_state,
          .host = row.current.host,
          .epoch = row.current.epoch,
          .deleted = true,
          .fault = {}};
}

}  // namespace

std::string to_text(const LastReset& last) {
  return fmt::format("{} {} {}", to_string(last.reset.id), last.under_way ? kUnderWay : kDone, last.reset.client_token);
}

LastReset last_reset_of(std::string_view text) {
  std::vector<std::string_view> words = words_in(text);
  auto id = words.size() < 2 ? std::nullopt : parse_uuid(words[0]);
  if (!id) return {.reset = {}, .under_way = false};
  return {.reset = {*id, std::string(words.size() > 2 ? words[2] : "")}, .under_way = words[1] != kDone};
}

void put_rows(const Transaction& rows, ControllerState& state) {
  for (const Mutation& mutation : rows) {
    visit(
        [&](const auto& change) {
          using Change = std::decay_t<decltype(change)>;
          if constexpr (is_put<Change>) {
            auto& table = state.of<std::decay_t<decltype(change.row)>>();
            auto place =
                std::ranges::lower_bound(table, change.row.key(), {}, [](const auto& row) { return row.key(); });
            if (place != table.end() && place->key() == change.row.key()) {
              *place = change.row;
            } else {
              table.insert(place, change.row);
            }
          }
        },
        mutation);
  }
}

ResetOutcome reset_rows(const ControllerState& state, const CloudReset& reset, std::string token_signing_key,
                        Random& random, WallTime now) {
  ResetOutcome outcome;
  outcome.state.last_instance_id = state.last_instance_id;
  outcome.state.revision = state.revision;
  Transaction& rows = outcome.rows;
  for (const Instance& row : state.instances) {
    rows.push_back(mutation::EraseInstance{row.uuid});
    rows.push_back(mutation::AppendEvent{end_of(row, ++outcome.state.revision, now)});
  }
  for_each_type(StoredRecords{}, [&]<class Row>() {
    for (const Row& row : state.of<Row>()) {
      if (stays(row)) {
        outcome.state.of<Row>().push_back(row);
      } else {
        rows.push_back(mutation::Erase<Row>{row.key()});
      }
    }
  });
  std::optional<FirstRows> first = first_rows_of(state);
  if (!first) first = guess_first_rows(state, random);
  Transaction put = rows_of(*first, std::move(token_signing_key), now);
  put.push_back(mutation::Put<Setting>{{std::string(kResetSetting), to_text(LastReset{reset, true})}});
  // With a generation of their own: the store may have gone back, and nothing been committed since, so that the newest
  // stored one has told other changes by these revisions.
  if (!state.instances.empty()) Generations(state, random.next() | 1).put(put);
  for (Host host : state.of<Host>()) {
    if (host.enabled && !host.forced_down && host.disabled_reason.empty()) continue;
    host.enabled = true;
    host.forced_down = false;
    host.disabled_reason.clear();
    put.push_back(mutation::Put<Host>{std::move(host)});
  }
  put_rows(put, outcome.state);
  std::ranges::move(put, std::back_inserter(rows));
  return outcome;
}

}  // namespace kilonova::controller
