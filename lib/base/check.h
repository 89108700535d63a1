// Invariants. A broken one aborts with a message, in release builds too. It names the file without its directory, so that
// what is compiled does not depend on where the project lies, and all clones share what one has compiled.
#pragma once

namespace kilonova {

[[noreturn]] void check_failed(const char* condition, const char* message, const char* file, int line);

}  // namespace kilonova

#define KN_CHECK(condition, message)                                                        \
  do {                                                                                      \
    if (!(condition)) [[unlikely]]                                                          \
      ::kilonova::check_failed(#condition, message, __FILE_NAME__, __LINE__);               \
  } while (false)
