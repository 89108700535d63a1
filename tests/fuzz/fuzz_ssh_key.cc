// A public key that a client brings.
#include "daemon/ssh_key.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_ssh_key) {
  auto fingerprint = kilonova::ssh_fingerprint(bytes);
  if (fingerprint) {
    KN_CHECK(fingerprint->size() == 47, "an MD5 in Nova's form");
  } else {
    KN_CHECK(fingerprint.error().code == kilonova::ErrorCode::kInvalidArgument, "a wrong key is an invalid argument");
  }
}
