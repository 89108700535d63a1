// Branches that only trouble leads to: what is stale, what is said again, what is driven anew. KN_SOMETIMES marks one
// with a name of its own; who explores seeds asks which of them were never reached (docs/simulation.md, "Branches").
// Nothing else reads the marks, so that they decide nothing: a seed replays with them as without.
#pragma once

#include <atomic>
#include <span>
#include <string_view>

namespace kilonova {

// One for each mark in the program, reached or not; any thread may reach it. As big as it is aligned, so that those of
// all object files make one array.
class alignas(32) SometimesBranch {
 public:
  explicit constexpr SometimesBranch(std::string_view name) : name_(name) {}
  SometimesBranch(const SometimesBranch&) = delete;
  SometimesBranch& operator=(const SometimesBranch&) = delete;

  std::string_view name() const { return name_; }
  // Since the program began, or since forget().
  bool was_reached() const { return reached_.load(std::memory_order_relaxed); }
  void reach() {
    if (!was_reached()) reached_.store(true, std::memory_order_relaxed);
  }
  void forget() { reached_.store(false, std::memory_order_relaxed); }

 private:
  std::string_view name_;
  std::atomic<bool> reached_ = false;
};

// Of everything that is linked into this program, in no order that means anything.
std::span<SometimesBranch> sometimes_branches();

}  // namespace kilonova

// A statement, in a function of a .cc file that is no template. The name is unique: "part: what is so".
#define KN_SOMETIMES(name)                                                                                    \
  do {                                                                                                        \
    [[gnu::section("kn_sometimes"), gnu::used]] static constinit ::kilonova::SometimesBranch kn_branch{name}; \
    kn_branch.reach();                                                                                        \
  } while (false)
