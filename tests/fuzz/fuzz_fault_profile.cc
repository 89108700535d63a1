// The file of `kilonova sim --faults`.
#include "sim/fault_profile_file.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_fault_profile) {
  using namespace kilonova;
  auto profile = sim::FaultProfileFile::parse(bytes, "my.faults");
  if (!profile) {
    KN_CHECK(profile.error().code == ErrorCode::kInvalidArgument, "a wrong file is an invalid argument");
    KN_CHECK(!profile.error().message.empty(), "a refusal says why");
    return;
  }
  for (uint64_t seed : {0u, 1u, 2u}) (void)profile->draw(seed);
  KN_CHECK(profile->leave_out(profile->keys()).has_value(), "what a file has can be left out");
  KN_CHECK(profile->keys().empty(), "nothing is left");
}
