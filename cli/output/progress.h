// A bar on standard error for long work, drawn only when a person watches.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
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

// A line on standard error that says what goes on and for how long, drawn only when a person watches. Any thread.
class StatusLine {
 public:
  // Invisible when not `wanted`, or standard error is no terminal.
  explicit StatusLine(bool wanted);
  // Wipes the line.
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  bool is_visible() const { return visible_; }
  void set(std::string text);
  // With the seconds since its construction behind it.
  void draw();

 private:
  bool visible_;
  std::chrono::steady_clock::time_point begun_;
  std::mutex mutex_;  // guards what follows
  std::string text_;
  bool drawn_ = false;
};

// `eighths` of columns as block characters.
std::string bar(size_t eighths);

}  // namespace kilonova::cli
