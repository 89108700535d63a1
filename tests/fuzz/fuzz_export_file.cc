// The file of `kilonova export`: what is read from one is what is written to the next.
#include "cli/export/export_file.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_export_file) {
  using kilonova::ErrorCode;
  auto image = kilonova::cli::read_export(bytes, "file");
  if (!image) {
    KN_CHECK(image.error().code == ErrorCode::kDataLoss || image.error().code == ErrorCode::kConflict,
             "a wrong file is damage, or a newer one");
    return;
  }
  auto again = kilonova::cli::read_export(kilonova::cli::write_export(*image, kilonova::WallTime{0}), "again");
  KN_CHECK(again && *again == *image, "an export is read as it was written");
}
