#include "sim/keepers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/project.h"
#include "sim/record_names.h"

namespace kilonova::sim {
namespace {

constexpr Duration kPauseMin = milliseconds(300);
constexpr Duration kPauseSpread = seconds(20);
constexpr double kDeleted = 0.4;  // of those that are looked at

// Nothing is known of what became of it.
bool is_unknown(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kResourceExhausted: return true;
    default: return error.message.starts_with("injected fault at ");
  }
}

ApiRequest make_request(RecordKind kind, const std::string& name, uint64_t number) {
  switch (kind) {
    case RecordKind::kNetwork: {
      CreateNetwork create;
      create.name = name;
      create.cidr = fmt::format("10.{}.{}.0/24", 100 + number / 250 % 100, number % 250);
      return create;
    }
    case RecordKind::kImage: {
      CreateImage create;
      create.name = name;
      create.size_bytes = 1'000'000 + number;
      return create;
    }
    case RecordKind::kKeyPair: {
      CreateKeyPair create;
      create.name = name;
      return create;
    }
    case RecordKind::kProject: break;
  }
  CreateProject create;
  create.name = name;
  return create;
}

// All of them: there are few.
ApiRequest list_request(RecordKind kind) {
  switch (kind) {
    case RecordKind::kNetwork: return ListNetworks{};
    case RecordKind::kImage: return ListImages{};
    case RecordKind::kKeyPair: return ListKeyPairs{};
    case RecordKind::kProject: break;
  }
  return ListProjects{};
}

ApiRequest delete_request(RecordKind kind, const std::string& id) {
  switch (kind) {
    case RecordKind::kNetwork: return DeleteNetwork{id};
    case RecordKind::kImage: return DeleteImage{id};
    case RecordKind::kKeyPair: {
      DeleteKeyPair remove;
      remove.name = id;
      return remove;
    }
    case RecordKind::kProject: break;
  }
  return DeleteProject{id};
}

}  // namespace

class Keepers::Attempt {
 public:
  Attempt(Keepers* keepers, size_t keeper) : keepers_(keepers), keeper_(keeper) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() {
    // Without an answer: it may be there.
    State& state = keepers_->keepers_[keeper_].state;
    if (!answered_ && state == State::kMake) state = State::kFind;
    keepers_->ask_later(keeper_);
  }
  void answered() { answered_ = true; }

 private:
  Keepers* keepers_;
  size_t keeper_;
  bool answered_ = false;
};

Keepers::Keepers(SimCloud& cloud, RecordChecker& checker, Violations& violations, ClientHistory& history)
    : cloud_(cloud),
      checker_(checker),
      violations_(violations),
      history_(history),
      random_(cloud.options().seed, "clients", "keepers") {
  for (RecordKind kind : kRecordKinds) {
    keepers_.emplace_back().kind = kind;
    begin_next(keepers_.back());
  }
}

void Keepers::start() {
  for (size_t keeper = 0; keeper < keepers_.size(); ++keeper) ask_later(keeper);
}

bool Keepers::finished() const {
  return std::ranges::all_of(keepers_, [](const Keeper& keeper) {
    return keeper.state == State::kMake || keeper.state == State::kLook || keeper.state == State::kMiss;
  });
}

void Keepers::ask_later(size_t keeper) {
  const auto pause = static_cast<int64_t>(random_.below(static_cast<uint64_t>(kPauseSpread.us)));
  cloud_.loop().call_after(kPauseMin + microseconds(pause), [this, keeper] { ask(keeper); });
}

void Keepers::ask(size_t keeper) {
  if (stopped_ && keepers_[keeper].state == State::kMake) return ask_later(keeper);
  if (cloud_.api().core() == nullptr) return ask_later(keeper);
  cloud_.api().clients().spawn(call(this, keeper));
}

ApiRequest Keepers::next_request(Keeper& keeper) {
  switch (keeper.state) {
    case State::kMake: return make_request(keeper.kind, keeper.name, keeper.number);
    case State::kDelete: return delete_request(keeper.kind, keeper.id);
    default: return list_request(keeper.kind);
  }
}

Task<> Keepers::call(Keepers* keepers, size_t index) {
  api::ApiCore* core = keepers->cloud_.api().core();  // this frame dies before it
  Loop& loop = keepers->cloud_.api().loop();
  Attempt attempt(keepers, index);
  Keeper& keeper = keepers->keepers_[index];
  if (keepers->token_.empty()) {
    auto login = co_await core->login({.received = loop.wall_now(), .received_at = loop.now()},
                                      {.user = "admin", .password = "kilonova", .project = "admin"});
    if (login) keepers->token_ = login->token;
    if (!login) attempt.answered();  // nothing was asked
    if (!login) co_return;
  }
  keeper.age = keepers->checker_.age(keeper.kind);
  if (keeper.state == State::kDelete) keepers->checker_.delete_asked(keeper.kind, keeper.id);
  ApiRequest request = next_request(keeper);
  const auto call = keepers->history_.invoked(loop.now(), request, {});
  api::ClientReply reply =
      co_await core->handle({.token = keepers->token_, .received = loop.wall_now(), .received_at = loop.now()},
                            {.request = std::move(request)});
  keepers->history_.answered(call, loop.now(), {}, reply.result);
  attempt.answered();
  keepers->answered(keeper, reply.result);
}

// What is told of an earlier age may be none any more.
void Keepers::answered(Keeper& keeper, const Expected<ApiResponse>& result) {
  if (!result && result.error().code == ErrorCode::kUnauthenticated) token_.clear();
  const bool is_old = keeper.age != checker_.age(keeper.kind);
  if ((!result && is_unknown(result.error())) || is_old) {
    if (keeper.state == State::kMake || is_old) keeper.state = State::kFind;
    return;
  }
  switch (keeper.state) {
    case State::kMake: return made(keeper, result);
    case State::kDelete: return deleted(keeper, result);
    default: break;
  }
  if (!result) return refused(keeper, result.error());
  const std::vector<RecordName> all = names_in(*result);
  if (keeper.state == State::kFind) {
    auto one = std::ranges::find(all, keeper.name, &RecordName::name);
    if (one != all.end()) return found(keeper, one->id);
    keeper.state = State::kMake;
    return;
  }
  looked(keeper, std::ranges::find(all, keeper.id, &RecordName::id) != all.end());
}

void Keepers::made(Keeper& keeper, const Expected<ApiResponse>& result) {
  if (result) {
    const std::vector<RecordName> all = names_in(*result);
    if (all.size() == 1) return found(keeper, all.front().id);
    return violations_.add("workload",
                           fmt::format("one {} was asked for, {} answered", to_string(keeper.kind), all.size()));
  }
  // An earlier call has made it meanwhile.
  if (result.error().code == ErrorCode::kAlreadyExists || result.error().code == ErrorCode::kConflict) {
    keeper.state = State::kFind;
    return;
  }
  refused(keeper, result.error());
}

void Keepers::found(Keeper& keeper, const std::string& id) {
  made_ += 1;
  keeper.id = id;
  keeper.state = State::kLook;
  checker_.create_acknowledged(keeper.kind, id);
}

void Keepers::looked(Keeper& keeper, bool is_there) {
  checker_.looked(keeper.kind, keeper.id, is_there);
  if (keeper.state == State::kMiss || !is_there) return begin_next(keeper);
  if (!stopped_ && random_.chance(kDeleted)) keeper.state = State::kDelete;
}

void Keepers::deleted(Keeper& keeper, const Expected<ApiResponse>& result) {
  if (!result && result.error().code == ErrorCode::kConflict) {  // servers are in it
    keeper.state = State::kLook;
    return;
  }
  if (!result && result.error().code != ErrorCode::kNotFound) return refused(keeper, result.error());
  checker_.delete_acknowledged(keeper.kind, keeper.id);
  keeper.state = State::kMiss;
}

void Keepers::begin_next(Keeper& keeper) {
  keeper.number += 1;
  keeper.name = fmt::format("{}{} {}", kKeptPrefix, to_string(keeper.kind), keeper.number);
  keeper.id.clear();
  keeper.state = State::kMake;
}

void Keepers::refused(const Keeper& keeper, const Error& error) {
  violations_.add("workload", fmt::format("a call for {} was refused: {}", keeper.name, error.message));
}

}  // namespace kilonova::sim
