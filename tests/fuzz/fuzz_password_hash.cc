// A stored password hash, which an import may have brought.
#include <string>

#include "daemon/password_hash.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_password_hash) {
  (void)kilonova::matches_password_hash("kilonova", bytes);
  (void)kilonova::matches_password_hash(bytes, "scrypt$16$1$1$c2FsdA==$");
}
