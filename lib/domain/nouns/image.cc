#include "domain/nouns/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kilonova {
namespace {

// Glance's disk_formats (glance/common/config.py).
constexpr auto kDiskFormats = std::to_array<std::string_view>(
    {"ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"});

Expected<> check_size(uint64_t bytes) {
  if (bytes > static_cast<uint64_t>(INT64_MAX))
    return refuse(fmt::format("the image's size is {} bytes; at most {} are allowed", bytes, INT64_MAX));
  return {};
}

const MetadataItem* member_of(const Image& image, const Uuid& project) {
  auto found = std::ranges::lower_bound(image.members, to_hex(project), {}, &MetadataItem::key);
  return found != image.members.end() && found->key == to_hex(project) ? &*found : nullptr;
}

}  // namespace

std::string_view to_string(ImageVisibility visibility) {
  switch (visibility) {
    case ImageVisibility::kPrivate: return "private";
    case ImageVisibility::kPublic: return "public";
    case ImageVisibility::kShared: return "shared";
    case ImageVisibility::kCommunity: return "community";
  }
  return "private";
}

bool may_use(const Image& image, const Uuid& project) {
  switch (image.visibility) {
    case ImageVisibility::kPublic:
    case ImageVisibility::kCommunity: return true;
    case ImageVisibility::kShared: return image.owner == project || member_of(image, project) != nullptr;
    case ImageVisibility::kPrivate: break;
  }
  return image.owner == project;
}

bool is_listed(const Image& image, const Uuid& project) {
  if (image.owner == project || image.visibility == ImageVisibility::kPublic) return true;
  if (image.visibility != ImageVisibility::kShared) return false;
  const MetadataItem* member = member_of(image, project);
  return member != nullptr && member->value == "accepted";
}

Expected<> ListImages::check() const {
  return check_all(check_text("the image", image), check_limit(limit), check_text("the marker", marker));
}

Expected<> CreateImage::check() const {
  if (std::ranges::find(kDiskFormats, disk_format) == kDiskFormats.end())
    return refuse(fmt::format("disk format {} is unknown; it must be one of {}", in_quotes(disk_format),
                              fmt::join(kDiskFormats, ", ")));
  return check_all(check_size(size_bytes), check_name("the image's name", name),
                   check_amount("min_disk (GiB)", min_disk_gb, 0), check_amount("min_ram (MiB)", min_ram_mb, 0));
}

// Glance's policy publicize_image.
std::string_view CreateImage::admin_only(const RequestContext&) const { return is_public ? "a public image" : ""; }

Expected<> DeleteImage::check() const { return check_reference("image", image); }

// Texts are as long as Glance lets them be; the front has said more of them.
Expected<> PutImage::check() const {
  constexpr size_t kMaxDetails = 256 * 1024;
  constexpr size_t kMaxItems = 1'024;
  if (image.details.size() > kMaxDetails || image.properties.size() > kMaxItems || image.members.size() > kMaxItems)
    return refuse(fmt::format("the image has {} bytes of details, {} properties and {} members; at most {}, {} and {}",
                              image.details.size(), image.properties.size(), image.members.size(), kMaxDetails,
                              kMaxItems, kMaxItems));
  return check_all(check_size(image.size_bytes), check_text("the image's name", image.name),
                   check_amount("min_disk (GiB)", image.min_disk_gb, 0),
                   check_amount("min_ram (MiB)", image.min_ram_mb, 0));
}

}  // namespace kilonova
