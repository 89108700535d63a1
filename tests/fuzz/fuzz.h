// A fuzz target is a function that takes any bytes and aborts when the code under test does what it must not. It is built
// twice: with libFuzzer (preset fuzz, `./dev fuzz`), and into the unit test that runs every file of its corpus once.
//
//   KN_FUZZ_TARGET(fuzz_token) { ...uses `bytes`... }      // its seeds: tests/fuzz/corpus/fuzz_token/
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace kilonova::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};

// Those linked into this program. Filled before main().
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

struct Registration {
  Registration(std::string_view name, void (*run)(std::string_view)) { targets().push_back({name, run}); }
};

// Takes the bytes up to the first zero (all, if there is none) off the front: for targets of several texts.
inline std::string_view take_text(std::string_view& bytes) {
  std::string_view text = bytes.substr(0, bytes.find('\0'));
  bytes.remove_prefix(text.size() == bytes.size() ? text.size() : text.size() + 1);
  return text;
}

}  // namespace kilonova::fuzz

#ifdef KILONOVA_LIBFUZZER
#define KN_FUZZ_TARGET(name)                                                \
  static void name(std::string_view bytes);                                 \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { \
    name(std::string_view(reinterpret_cast<const char*>(data), size));      \
    return 0;                                                               \
  }                                                                         \
  static void name(std::string_view bytes)
#else
#define KN_FUZZ_TARGET(name)                                                   \
  static void name(std::string_view bytes);                                    \
  static const kilonova::fuzz::Registration name##_registration(#name, &name); \
  static void name(std::string_view bytes)
#endif
