// Clients that make networks, images, key pairs and projects, look at them, and delete them, whatever dies. Each asks until it knows: one
// whose answer was lost looks for what it wanted to make, by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "domain/api.h"
#include "runtime/task.h"
#include "sim/checkers/records.h"
#include "sim/client_history.h"
#include "sim/cloud.h"

namespace kilonova::sim {

// Of all that they make, which is the administrator's own.
inline constexpr std::string_view kKeptPrefix = "kept ";

class Keepers {
 public:
  // All outlive it. Destroying it kills the cloud's nodes.
  Keepers(SimCloud& cloud, RecordChecker& checker, Violations& violations, ClientHistory& history);
  Keepers(const Keepers&) = delete;
  ~Keepers() { cloud_.kill_all(); }

  void start();
  // Nobody makes anything more; who waits for an answer goes on until it has it.
  void stop() { stopped_ = true; }
  bool finished() const;
  uint64_t made() const { return made_; }

 private:
  // What a keeper does next.
  enum class State {
    kMake,
    kFind,  // by name: its answer was lost, and it may be there
    kLook,  // it is there
    kDelete,
    kMiss,  // it is gone, and is looked for once more
  };
  struct Keeper {
    RecordKind kind = RecordKind::kNetwork;
    State state = State::kMake;
    uint64_t number = 0;  // of what it has made
    std::string name;
    std::string id;
    uint64_t age = 0;  // of which it knows what it knows
  };
  // Lives in the frame of a call: the next one follows, whatever becomes of it.
  class Attempt;

  void ask_later(size_t keeper);
  void ask(size_t keeper);
  static Task<> call(Keepers* keepers, size_t keeper);
  static ApiRequest next_request(Keeper& keeper);
  void answered(Keeper& keeper, const Expected<ApiResponse>& result);
  void made(Keeper& keeper, const Expected<ApiResponse>& result);
  void found(Keeper& keeper, const std::string& id);
  void looked(Keeper& keeper, bool is_there);
  void deleted(Keeper& keeper, const Expected<ApiResponse>& result);
  void begin_next(Keeper& keeper);
  void refused(const Keeper& keeper, const Error& error);

  SimCloud& cloud_;
  RecordChecker& checker_;
  Violations& violations_;
  ClientHistory& history_;
  Random random_;
  std::vector<Keeper> keepers_;
  std::string token_;
  bool stopped_ = false;
  uint64_t made_ = 0;
};

}  // namespace kilonova::sim
