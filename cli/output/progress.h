// A bar on standard error for long work, drawn only when a person watches.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace kilonova::cli {

class Progress {
 public:
  // Silent when standard error is no terminal, or there is less to do than is worth a bar.
  Progress(std::string what, size_t total);
  // Wipes the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Draws at most every 100 ms.
  void show(size_t done);

  // "launching  [█████▌    ]  55 %  5500 of 10000"; pure.
  static std::string line(const std::string& what, size_t done, size_t total);

 private:
  std::string what_;
  size_t total_;
  bool visible_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_draw_;
};

// `eighths` of columns as block characters.
std::string bar(size_t eighths);

}  // namespace kilonova::cli
