// What the tests of the runtime watch flows with: a log of what happened in which order, and a count of live objects.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kilonova {

using Log = std::vector<std::string>;

// Counts itself in a counter for as long as it lives, wherever it is moved to.
class Alive {
 public:
  explicit Alive(int& count) : count_(&count) { ++*count_; }
  Alive(Alive&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  Alive& operator=(Alive&&) = delete;
  ~Alive() {
    if (count_ != nullptr) --*count_;
  }

 private:
  int* count_;
};

// Writes a line into a log when it dies.
class Farewell {
 public:
  Farewell(Log& log, std::string line) : log_(&log), line_(std::move(line)) {}
  Farewell(Farewell&& other) noexcept : log_(std::exchange(other.log_, nullptr)), line_(std::move(other.line_)) {}
  Farewell& operator=(Farewell&&) = delete;
  ~Farewell() {
    if (log_ != nullptr) log_->push_back(line_);
  }

 private:
  Log* log_;
  std::string line_;
};

}  // namespace kilonova
