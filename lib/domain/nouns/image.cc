#include "domain/nouns/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kilonova {
namespace {

// Glance's disk_formats (glance/common/config.py).
constexpr auto kDiskFormats = std::to_array<std::string_view>(
    {"ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"});

}  // namespace

Expected<> ListImages::check() const {
  return check_all(check_text("the image", image), check_limit(limit), check_text("the marker", marker));
}

Expected<> CreateImage::check() const {
  if (std::ranges::find(kDiskFormats, disk_format) == kDiskFormats.end())
    return refuse(fmt::format("disk format {} is unknown; it must be one of {}", in_quotes(disk_format),
                              fmt::join(kDiskFormats, ", ")));
  if (size_bytes > static_cast<uint64_t>(INT64_MAX))
    return refuse(fmt::format("the image's size is {} bytes; at most {} are allowed", size_bytes, INT64_MAX));
  return check_all(check_name("the image's name", name), check_amount("min_disk (GiB)", min_disk_gb, 0),
                   check_amount("min_ram (MiB)", min_ram_mb, 0));
}

// Glance's policy publicize_image.
std::string_view CreateImage::admin_only(const RequestContext&) const { return is_public ? "a public image" : ""; }

Expected<> DeleteImage::check() const { return check_reference("image", image); }

}  // namespace kilonova
