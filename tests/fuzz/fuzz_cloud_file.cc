// cloud.json, which `up` writes and every command reads.
#include <string>

#include "cli/client/cloud_file.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_cloud_file) {
  auto cloud = kilonova::cli::parse_cloud_file(std::string(bytes), "cloud.json");
  if (!cloud) KN_CHECK(cloud.error().code == kilonova::ErrorCode::kDataLoss, "a wrong file is damage");
}
