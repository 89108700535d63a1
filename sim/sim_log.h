// What the nodes of a simulated cloud say: folded into the digest of the history, and kept for those who look.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ports/log.h"
#include "runtime/loop.h"

namespace kilonova::sim {

// The history of a run in one number: every message that arrives, every step and event that a node logs, every change of a
// row, an allocation, a guest and a lease, every fault, each with its virtual time.
class Digest {
 public:
  void fold(std::string_view text);
  void fold(uint64_t number);
  void fold(const Uuid& uuid);
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325ULL;
};

// One launch step as a node logged it.
struct LoggedStep {
  Uuid instance;
  StepRecord record;
};

// Shared by all nodes of a world; outlives them.
class History {
 public:
  Digest digest;
  const Loop* clock = nullptr;  // the world's; what it has no time for is told without
  // Of what happens now.
  void fold_time() {
    if (clock != nullptr) digest.fold(static_cast<uint64_t>(clock->now().us));
  }
  uint64_t warnings = 0;
  uint64_t errors = 0;
  // Kept only when asked: a million launches have millions of them.
  bool keep_steps = false;
  bool keep_events = false;
  // Told of each step; may be empty.
  std::function<void(const Uuid& instance, const StepRecord& record)> on_step;
  std::vector<LoggedStep> steps;
  std::vector<std::string> events;
};

class SimLog final : public Log {
 public:
  SimLog(History& history, Loop& loop, std::string node) : history_(history), loop_(loop), node_(std::move(node)) {}

  void step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) override;
  // The transcript has the commits that say the same.
  void action(const TraceContext&, const InstanceAction&) override {}
  void event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;

 private:
  History& history_;
  Loop& loop_;
  std::string node_;
};

}  // namespace kilonova::sim
