// The file of `--timing`, and a duration as one stands in it.
#include "compute-node/hypervisor/timing_model.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_timing_file) {
  using namespace kilonova;
  (void)compute::parse_timing_duration(bytes);
  auto model = compute::TimingModel::parse(bytes, "timing");
  if (!model) {
    KN_CHECK(model.error().code == ErrorCode::kInvalidArgument, "a wrong file is an invalid argument");
    return;
  }
  for (double factor : {0.0, 1.0, 1e-9, 1e9}) (void)model->times(factor);
}
