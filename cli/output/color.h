// Colour on a terminal: what is well, what is not, what is under way. Nothing depends on it alone; every word stays a
// word.
#pragma once

#include <string>
#include <string_view>

namespace kilonova::cli {

enum class ColorWhen { kAuto, kAlways, kNever };
enum class Tone { kPlain, kGood, kBad, kBusy, kDim, kTitle };

// Auto: when the file descriptor is a terminal other than a dumb one, and NO_COLOR (https://no-color.org) says nothing.
bool use_color(ColorWhen when, int file_descriptor);

// The text, between escape sequences when `on`. As wide on a terminal as before.
std::string painted(std::string_view text, Tone tone, bool on);

// Of a server's, host's or daemon's status: "ACTIVE" and "up" are good, "ERROR" and "down" bad, "BUILD" is busy.
Tone tone_of_status(std::string_view status);

}  // namespace kilonova::cli
