#include "api-server/front/openstack/image/image_form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "api-server/front/openstack/image/image_record.h"

namespace kilonova::api::openstack {
namespace {

constexpr auto kContainerFormats =
    std::to_array<std::string_view>({"ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"});
constexpr auto kDiskFormats = std::to_array<std::string_view>(
    {"ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"});
constexpr size_t kMaxText = 255;
constexpr size_t kMaxValue = 65'535;

std::unexpected<Refusal> breaks(const std::string& key, const Json& value, std::string_view why) {
  return breaks_schema("image", fmt::format("{} {}: {}", key, why, python_repr(value)));
}

bool is_text(const Json& value, size_t most) {
  return value.is_string() && value.get_ref<const std::string&>().size() <= most;
}

template <size_t n>
Checked check_format(const std::string& key, const Json& value, const std::array<std::string_view, n>& formats) {
  if (value.is_null()) return {};
  if (value.is_string() && std::ranges::find(formats, value.get_ref<const std::string&>()) != formats.end()) return {};
  return breaks(key, value, fmt::format("must be one of {}, or null, and is not", fmt::join(formats, ", ")));
}

// Once there are bytes, they are of a format.
Checked check_is_queued(const Image& image, const std::string& key, bool is_new) {
  if (is_new || image.status == "queued") return {};
  return refused(403, fmt::format("Attribute {} can be only replaced for a queued image.", key));
}

Checked set_visibility(const Call& call, Image& image, const Json& value) {
  for (ImageVisibility one :
       {ImageVisibility::kPrivate, ImageVisibility::kPublic, ImageVisibility::kShared, ImageVisibility::kCommunity}) {
    if (value != to_string(one)) continue;
    if (one == ImageVisibility::kPublic && image.visibility != one && !call.is_admin())
      return refused(403, "You are not authorized to complete publicize_image action.");
    image.visibility = one;
    return {};
  }
  return breaks("visibility", value, "must be one of community, public, private, shared, and is not");
}

Checked set_owner(const Call& call, Image& image, const Json& value, bool is_new) {
  if (!value.is_null() && !is_text(value, kMaxText)) return breaks("owner", value, "must be a project's id, or null");
  const std::string said = value.is_null() ? std::string() : value.get<std::string>();
  if (is_new && !call.is_admin() && parse_uuid(said) != image.owner)
    return refused(403, fmt::format("You are not permitted to create images owned by '{}'", said));
  std::optional<Uuid> project = value.is_null() ? Uuid{} : parse_uuid(value.get_ref<const std::string&>());
  if (!project) return breaks("owner", value, "must be a project's id of 32 hexadecimal digits");
  if (*project != image.owner && !call.is_admin())
    return refused(403, "Attribute 'owner' can be changed by administrators only.");
  image.owner = *project;
  return {};
}

Checked set_amount(const std::string& key, const Json& value, int64_t& amount) {
  constexpr int64_t kMost = 2'147'483'647;
  if (!value.is_number_integer() || value < 0 || value > kMost)
    return breaks(key, value, fmt::format("must be an integer from 0 to {}", kMost));
  amount = value.get<int64_t>();
  return {};
}

Checked set_tags(Json& details, const Json& value) {
  if (!value.is_array()) return breaks("tags", value, "must be a list of texts");
  Json tags = Json::array();
  for (const Json& tag : value) {
    if (!is_text(tag, kMaxText)) return breaks("tags", tag, "must be texts of at most 255 characters");
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(tag);
  }
  if (tags.size() > kMaxImageTags)
    return refused(413, fmt::format("The limit has been exceeded on the number of allowed image tags. Attempted: {}, "
                                    "Maximum: {}",
                                    tags.size(), kMaxImageTags));
  details["tags"] = std::move(tags);
  return {};
}

Checked set_property(Image& image, const std::string& key, const Json& value) {
  bool is_id = key == "kernel_id" || key == "ramdisk_id";
  if (key.empty() || key.size() > kMaxText) return breaks(key, value, "must have a name of 1 to 255 characters");
  if (is_id && value.is_null()) {
    erase_item(image.properties, key);
    return {};
  }
  if (!is_text(value, kMaxValue)) return breaks(key, value, "must be a text of at most 65535 characters");
  if (is_id && !parse_uuid(value.get_ref<const std::string&>())) return breaks(key, value, "must be a uuid");
  std::vector<MetadataItem> properties = image.properties;
  put_item(properties, {key, value.get<std::string>()});
  if (properties.size() > kMaxImageProperties)
    return refused(413, fmt::format("The limit has been exceeded on the number of allowed image properties. Attempted: "
                                    "{}, Maximum: {}",
                                    properties.size(), kMaxImageProperties));
  image.properties = std::move(properties);
  return {};
}

Checked set_base(const Call& call, Image& image, Json& details, const std::string& key, const Json& value,
                 bool is_new) {
  if (key == "visibility") return set_visibility(call, image, value);
  if (key == "owner") return set_owner(call, image, value, is_new);
  if (key == "min_ram") return set_amount(key, value, image.min_ram_mb);
  if (key == "min_disk") return set_amount(key, value, image.min_disk_gb);
  if (key == "tags") return set_tags(details, value);
  if (key == "name") {
    if (!value.is_null() && !is_text(value, kMaxText)) return breaks(key, value, "must be at most 255 characters");
    image.name = value.is_null() ? "" : value.get<std::string>();
    return {};
  }
  if (key == "protected" || key == "os_hidden") {
    if (!value.is_boolean()) return breaks(key, value, "must be true or false");
    if (key == "protected")
      image.is_protected = value.get<bool>();
    else
      details[key] = value;
    return {};
  }
  if (key == "locations") return refused(403, "It's not allowed to set the locations of an image.");
  if (key == "id") return refused(403, "Attribute 'id' is read-only.");
  Checked formed =
      key == "disk_format" ? check_format(key, value, kDiskFormats) : check_format(key, value, kContainerFormats);
  if (!formed) return formed;
  if (Checked queued = check_is_queued(image, key, is_new); !queued) return queued;
  if (key == "disk_format")
    image.disk_format = value.is_null() ? "" : value.get<std::string>();
  else
    details[key] = value;
  return {};
}

}  // namespace

std::unexpected<Refusal> breaks_schema(std::string_view schema, std::string_view why) {
  return refused(400, fmt::format("Provided object does not match schema '{}': {}", schema, why));
}

Checked set_image_attribute(const Call& call, Image& image, const std::string& key, const Json& value, bool is_new) {
  if (Checked writable = check_writable(key); !writable) return writable;
  if (!is_base_attribute(key)) return set_property(image, key, value);
  Json details = details_of(image);
  if (Checked set = set_base(call, image, details, key, value, is_new); !set) return set;
  set_details(image, details);
  return {};
}

}  // namespace kilonova::api::openstack
