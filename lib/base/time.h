// Time without a clock: what cores may hold. The runtime supplies the readings.
// All values are whole microseconds. Instants are steady (timeouts); wall times are for people, tokens and records.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace kilonova {

struct Duration {
  int64_t us = 0;
  auto operator<=>(const Duration&) const = default;
};

constexpr Duration microseconds(int64_t n) { return {n}; }
constexpr Duration milliseconds(int64_t n) { return {n * 1000}; }
constexpr Duration seconds(int64_t n) { return {n * 1'000'000}; }
constexpr Duration operator+(Duration a, Duration b) { return {a.us + b.us}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.us - b.us}; }
constexpr Duration operator*(Duration a, int64_t n) { return {a.us * n}; }

// A reading of a daemon's own steady clock. Never sent to another daemon.
struct Instant {
  int64_t us = 0;
  auto operator<=>(const Instant&) const = default;
};

constexpr Instant operator+(Instant a, Duration d) { return {a.us + d.us}; }
constexpr Instant operator-(Instant a, Duration d) { return {a.us - d.us}; }
constexpr Duration operator-(Instant a, Instant b) { return {a.us - b.us}; }

// Microseconds since the Unix epoch. Zero means "not set".
struct WallTime {
  int64_t us = 0;
  auto operator<=>(const WallTime&) const = default;
};

constexpr WallTime operator+(WallTime a, Duration d) { return {a.us + d.us}; }
constexpr Duration operator-(WallTime a, WallTime b) { return {a.us - b.us}; }

// "2026-11-23T14:05:09.123456Z"; "" for a time that is not set.
std::string to_iso8601(WallTime time);

}  // namespace kilonova
