// Texts on a terminal: how wide they are there, cut to a width, times and durations. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace kilonova::cli {

// Control characters and broken UTF-8 as "?", newlines as a space: nothing that a stranger named can drive the
// terminal.
std::string one_line(std::string_view text);

// Columns on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks. The text must be
// one_line's.
size_t display_width(std::string_view text);

// At most `width` columns, with "…" in place of what was cut; whole characters only.
std::string cut_to_width(std::string_view text, size_t width);

// Lines of at most `width` columns (at least 1), broken at blanks; a word that is wider is broken where it must be. At
// least one line.
std::vector<std::string> wrapped(std::string_view text, size_t width);

// Why a text cannot be a name, message or path here: "is not UTF-8 (byte 0xe9 at position 4)", "has a control character
// (0x1b at position 1)"; "" = it can. Positions count bytes from 1.
std::string why_no_text(std::string_view text);

// "0.056 ms", "12.3 s": three digits that count.
std::string format_duration(Duration duration);
// "512 MiB", "12.7 MiB"
std::string format_bytes(uint64_t bytes);
// "2026-11-23 14:05:09", UTC; "-" for a time that is not set.
std::string format_time(WallTime time);

// "250ms", "2s", "1.5m", "1h", "100us". kInvalidArgument for anything else, a negative one included.
Expected<Duration> parse_duration(std::string_view text);

// "4G", "300M", "512MiB", "1.5T", "1000": bytes. K, M, G and T count by 1024, as in KiB. kInvalidArgument for anything
// else.
Expected<uint64_t> parse_size(std::string_view text);

// A whole number of `unit` bytes, or a size: of MiB (1 << 20) "512" and "4G" are 512 and 4096. kInvalidArgument for
// anything else, and for a size that is no whole number of them.
Expected<int64_t> parse_amount(std::string_view text, uint64_t unit);

// A whole number with nothing around it.
std::optional<int64_t> parse_integer(std::string_view text);

// What went wrong, less what Nova says in front of it: "Build of instance UUID was re-scheduled: ", "... aborted: ". It
// may stand there several times, when a failure was passed on.
std::string without_prefix(std::string_view reason);

}  // namespace kilonova::cli
