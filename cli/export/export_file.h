// The file of `kilonova export` (docs/export-format.md): a cloud as lines of JSON, with a header, and an end that tells
// how many records there are and their checksum. Pure text in, text out.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "store/cloud_image.h"

namespace kilonova::cli {

inline constexpr int kExportVersion = 1;

std::string write_export(const CloudImage& image, WallTime now);

// kDataLoss naming the line for text that is cut off, changed, or not of this form; kConflict for a newer version.
// `name` is the file's, for messages.
Expected<CloudImage> read_export(std::string_view text, const std::string& name);

}  // namespace kilonova::cli
