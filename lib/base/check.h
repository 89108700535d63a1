// Invariants. A broken one aborts with a message, in release builds too.
#pragma once

namespace kilonova {

[[noreturn]] void check_failed(const char* condition, const char* message, const char* file, int line);

}  // namespace kilonova

#define KN_CHECK(condition, message)                                                        \
  do {                                                                                      \
    if (!(condition)) [[unlikely]]                                                          \
      ::kilonova::check_failed(#condition, message, __FILE__, __LINE__);                    \
  } while (false)
