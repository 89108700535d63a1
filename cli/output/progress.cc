#include "cli/output/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "cli/output/table.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr size_t kBarColumns = 30;
constexpr auto kInterval = std::chrono::milliseconds(100);

}  // namespace

std::string bar(size_t eighths) {
  constexpr auto kParts = std::to_array<std::string_view>({"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"});
  static_assert(kParts.size() == 8, "a part for each eighth of a column");
  std::string out;
  for (size_t i = 0; i < eighths / 8; ++i) out += "█";
  out += kParts[eighths % 8];
  return out;
}

Progress::Progress(std::string what, size_t total)
    : what_(std::move(what)),
      total_(total),
      visible_(total > 1 && isatty(STDERR_FILENO) == 1),
      next_draw_(std::chrono::steady_clock::now() + kInterval) {}

Progress::~Progress() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(size_t done) {
  if (!visible_) return;
  auto now = std::chrono::steady_clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + kInterval;
  fmt::print(stderr, "\r{}\x1b[K", line(what_, done, total_));
  std::fflush(stderr);
  drawn_ = true;
}

StatusLine::StatusLine(bool wanted)
    : visible_(wanted && isatty(STDERR_FILENO) == 1), begun_(std::chrono::steady_clock::now()) {}

StatusLine::~StatusLine() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void StatusLine::set(std::string text) {
  if (!visible_) return;
  {
    std::lock_guard lock(mutex_);
    text_ = std::move(text);
  }
  draw();
}

void StatusLine::draw() {
  std::lock_guard lock(mutex_);
  if (!visible_ || text_.empty()) return;
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
  fmt::print(stderr, "\r{}  {:.1f} s\x1b[K", cut_to_width(one_line(text_), std::max<size_t>(page_width(), 20) - 12),
             took.count());
  std::fflush(stderr);
  drawn_ = true;
}

std::string Progress::line(const std::string& what, size_t done, size_t total) {
  done = std::min(done, total);
  size_t eighths = total == 0 ? 0 : done * kBarColumns * 8 / total;
  std::string drawn = bar(eighths);
  size_t columns = (eighths + 7) / 8;
  return fmt::format("{}  [{}{}]  {} %  {} of {}", what, drawn, std::string(kBarColumns - columns, ' '),
                     total == 0 ? 0 : done * 100 / total, done, total);
}

}  // namespace kilonova::cli
