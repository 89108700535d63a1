#include "cli/output/color.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace kilonova::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::kGood: return "\x1b[32m";
    case Tone::kBad: return "\x1b[31m";
    case Tone::kBusy: return "\x1b[33m";
    case Tone::kDim: return "\x1b[2m";
    case Tone::kTitle: return "\x1b[1m";
    case Tone::kPlain: break;
  }
  return "";
}

}  // namespace

bool use_color(ColorWhen when, int file_descriptor) {
  if (when != ColorWhen::kAuto) return when == ColorWhen::kAlways;
  return isatty(file_descriptor) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

std::string painted(std::string_view text, Tone tone, bool on) {
  std::string_view escape = escape_of(tone);
  if (!on || escape.empty() || text.empty()) return std::string(text);
  return std::string(escape) + std::string(text) + "\x1b[0m";
}

Tone tone_of_status(std::string_view status) {
  constexpr auto kGood = std::to_array<std::string_view>({"ACTIVE", "up", "running", "connected", "enabled", "clean"});
  constexpr auto kBad =
      std::to_array<std::string_view>({"frozen", "ERROR", "down", "dead", "gone", "disabled", "FAILED"});
  constexpr auto kBusy = std::to_array<std::string_view>({"BUILD", "REBOOT", "HARD_REBOOT"});
  constexpr auto kDim = std::to_array<std::string_view>({"SHUTOFF", "DELETED"});
  auto is_in = [status](const auto& words) { return std::ranges::find(words, status) != words.end(); };
  if (is_in(kGood)) return Tone::kGood;
  if (is_in(kBad)) return Tone::kBad;
  if (is_in(kBusy)) return Tone::kBusy;
  return is_in(kDim) ? Tone::kDim : Tone::kPlain;
}

}  // namespace kilonova::cli
