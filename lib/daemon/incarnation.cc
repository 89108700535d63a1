#include "daemon/incarnation.h"

#include <sys/random.h>

#include "base/check.h"

namespace kilonova {

uint64_t system_random() {
  uint64_t number = 0;
  // Up to 256 bytes are never cut short once the kernel's pool is ready, and getrandom waits for that.
  KN_CHECK(getrandom(&number, sizeof number, 0) == sizeof number, "the system gives no random bytes");
  return number;
}

Incarnation draw_incarnation() {
  Incarnation incarnation = 0;
  while (incarnation == 0) incarnation = system_random();
  return incarnation;
}

}  // namespace kilonova
