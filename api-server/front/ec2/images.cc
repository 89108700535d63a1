// DescribeImages.
#include "api-server/front/ec2/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/block_devices.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/stored_tags.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

const char* state_of(const Image& image) { return image.status == "active" ? "available" : "pending"; }
bool is_public(const Image& image) { return image.visibility == ImageVisibility::kPublic; }

Texts nothing(const Image&, std::string_view) { return {}; }

constexpr FilterRule<Image> kRules[] = {
    {"image-id", [](const Image& image, std::string_view) -> Texts { return {image_id(image.id)}; }},
    {"name", [](const Image& image, std::string_view) -> Texts { return {image.name}; }},
    {"state", [](const Image& image, std::string_view) -> Texts { return {state_of(image)}; }},
    {"is-public", [](const Image& image, std::string_view) -> Texts { return {is_public(image) ? "true" : "false"}; }},
    {"owner-id", [](const Image& image, std::string_view) -> Texts { return {to_hex(image.owner)}; }},
    {"architecture", [](const Image&, std::string_view) -> Texts { return {"x86_64"}; }},
    {"image-type", [](const Image&, std::string_view) -> Texts { return {"machine"}; }},
    {"root-device-type", [](const Image&, std::string_view) -> Texts { return {"instance-store"}; }},
    {"virtualization-type", [](const Image&, std::string_view) -> Texts { return {"hvm"}; }},
    {"creation-date", [](const Image& image, std::string_view) -> Texts { return {to_text(image.created_at)}; }},
    {"description", [](const Image& image, std::string_view) -> Texts { return {description_of(image)}; }},
    {"manifest-location", [](const Image& image, std::string_view) -> Texts { return {image.name}; }},
    {"root-device-name", [](const Image&, std::string_view) -> Texts { return {std::string(kRootDeviceName)}; }},
    {"hypervisor", [](const Image&, std::string_view) -> Texts { return {"kvm"}; }},
    {"ena-support", [](const Image&, std::string_view) -> Texts { return {"false"}; }},
    {"platform-details", [](const Image&, std::string_view) -> Texts { return {"Linux/UNIX"}; }},
    {"usage-operation", [](const Image&, std::string_view) -> Texts { return {"RunInstances"}; }},
    {"tag-key", [](const Image& image, std::string_view) -> Texts { return keys_of_tags(tags_of(image)); }},
    {"tag:", [](const Image& image, std::string_view key) -> Texts { return values_of_tag(tags_of(image), key); }},
    // What no image has here: volumes, kernels, aliases of owners, products, reasons.
    {"block-device-mapping.delete-on-termination", &nothing},
    {"block-device-mapping.device-name", &nothing},
    {"block-device-mapping.encrypted", &nothing},
    {"block-device-mapping.snapshot-id", &nothing},
    {"block-device-mapping.volume-size", &nothing},
    {"block-device-mapping.volume-type", &nothing},
    {"boot-mode", &nothing},
    {"imds-support", &nothing},
    {"kernel-id", &nothing},
    {"owner-alias", &nothing},
    {"platform", &nothing},
    {"product-code", &nothing},
    {"product-code.type", &nothing},
    {"ramdisk-id", &nothing},
    {"source-image-id", &nothing},
    {"source-instance-id", &nothing},
    {"sriov-net-support", &nothing},
    {"state-reason-code", &nothing},
    {"state-reason-message", &nothing},
};
constexpr std::span<const FilterRule<Image>> kImageRules(kRules);

void add_image(Xml item, const Image& image) {
  add(item, "imageId", image_id(image.id));
  add(item, "imageLocation", image.name);
  add(item, "imageState", state_of(image));
  add(item, "imageOwnerId", to_hex(image.owner));
  add(item, "isPublic", is_public(image));
  add(item, "architecture", "x86_64");
  add(item, "imageType", "machine");
  add(item, "name", image.name);
  add(item, "description", description_of(image));
  add(item, "rootDeviceName", kRootDeviceName);
  add(item, "rootDeviceType", "instance-store");
  add(item, "virtualizationType", "hvm");
  add(item, "hypervisor", "kvm");
  add(item, "creationDate", image.created_at);
  add(item, "blockDeviceMapping");
  add_tag_set(item, tags_of(image));
}

// "self", or the project's id. Nobody else's images are told by another name.
bool is_owned(const Image& image, const std::vector<std::string>& owners, const Uuid& self) {
  if (owners.empty()) return true;
  return std::ranges::any_of(owners, [&](const std::string& owner) {
    return owner == "self" ? image.owner == self : owner == to_hex(image.owner);
  });
}

Result<void> check_id(const std::string& id) { return check_id(kImageId, id); }

std::unexpected<Refusal> no_such_image(const std::string& id) {
  return refused("InvalidAMIID.NotFound", fmt::format("The image id '[{}]' does not exist", id));
}

Task<Result<void>> describe_images(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kImageRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  const Texts ids = call.parameters.texts("ImageId");
  auto paging = read_paging(call.parameters, kImageId, 1, "ImageId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  for (const std::string& id : ids)
    if (auto checked = check_id(id); !checked) co_return checked;
  auto images = co_await usable_images(call);
  if (!images) co_return std::unexpected(std::move(images.error()));
  for (const std::string& id : ids)
    if (std::ranges::none_of(*images, [&](const Image& image) { return image_id(image.id) == id; }))
      co_return no_such_image(id);
  const Texts owners = call.parameters.texts("Owner");
  std::erase_if(*images, [&](const Image& image) {
    const bool is_named = std::ranges::find(ids, image_id(image.id)) != ids.end();
    if (ids.empty() ? !is_listed(image, call.project()) : !is_named) return true;
    return !is_owned(image, owners, call.project()) || !passes(image, *filters, kImageRules);
  });
  add_page(reply, "imagesSet", *images, *paging, [](const Image& image) { return image_id(image.id); }, &add_image);
  co_return Result<void>();
}

constexpr std::string_view kParameters[] = {"Filter",          "ImageId",    "Owner",    "IncludeDeprecated",
                                            "IncludeDisabled", "MaxResults", "NextToken"};
constexpr std::string_view kKnown[] = {"ExecutableBy"};

constexpr Action kActions[] = {
    {"DescribeImages", UserRole::kReader, &describe_images, kParameters, kKnown},
};

}  // namespace

// nova/compute/api.py snapshot, and what hosts add; CreateImage's description is no tag either. An underscore at the end: and
// whatever begins so.
bool is_tag_of_image(std::string_view key) {
  constexpr std::string_view kOwn[] = {
      "base_image_ref", "boot_roles", "clean_attempts", "description",        "image_location",
      "image_state",    "image_type", "instance_uuid",  "owner_project_name", "owner_user_name",
      "owner_id",       "user_id",    "kernel_id",      "ramdisk_id",         "hw_",
      "instance_type_"};
  return std::ranges::none_of(
      kOwn, [&](std::string_view own) { return own.ends_with('_') ? key.starts_with(own) : key == own; });
}

std::vector<MetadataItem> tags_of(const Image& image) {
  std::vector<MetadataItem> tags = image.properties;
  std::erase_if(tags, [](const MetadataItem& item) { return !is_tag_of_image(item.key); });
  return tags;
}

// CreateImage keeps it among the properties.
std::string description_of(const Image& image) {
  const Texts said = values_of_tag(image.properties, "description");
  return said.empty() ? image.name : said.front();
}

Task<Result<std::vector<Image>>> usable_images(Ec2Call& call) {
  auto images = co_await ask_all(call, ListImages{.usable = true}, &ImageList::images,
                                 [](const Image& image) { return to_string(image.id); });
  if (!images) co_return std::unexpected(refusal_of(images.error()));
  // An administrator is shown every project's.
  std::erase_if(*images, [&](const Image& image) { return !may_use(image, call.project()); });
  co_return std::move(*images);
}

Task<Result<Image>> find_image(Ec2Call& call, std::string id) {
  if (auto checked = check_id(id); !checked) co_return std::unexpected(std::move(checked.error()));
  auto images = co_await usable_images(call);
  if (!images) co_return std::unexpected(std::move(images.error()));
  for (Image& image : *images)
    if (image_id(image.id) == id) co_return std::move(image);
  co_return no_such_image(id);
}

std::span<const Action> image_actions() { return kActions; }

}  // namespace kilonova::api::ec2
