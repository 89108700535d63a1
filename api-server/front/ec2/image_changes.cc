// CreateImage, DeregisterImage, RegisterImage, DescribeImageAttribute.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/images.h"
#include "api-server/front/ec2/instances.h"
#include "api-server/front/ec2/tags.h"
#include "api-server/front/openstack/image/image_record.h"
#include "domain/form_rules.h"
#include "domain/nouns/server_request.h"

namespace kilonova::api::ec2 {
namespace {

using View = std::string_view;

Result<std::string> read_name(const Parameter& parameters) {
  constexpr size_t kLeast = 3, kMost = 128;  // AWS's
  auto name = required(parameters, "Name");
  if (!name) return name;
  if (name->size() >= kLeast && name->size() <= kMost) return name;
  return refused(
      "InvalidAMIName.Malformed",
      fmt::format("AMI names must be between {} and {} characters long: {} is not.", kLeast, kMost, in_quotes(*name)));
}

// The tags, and the description among them: properties of the image.
Result<std::vector<MetadataItem>> read_properties(const Parameter& parameters) {
  auto properties = read_tag_specifications(parameters, "image", "UnsupportedOperation", "an image alone is made.");
  if (!properties) return properties;
  if (const std::string text = parameters.text("Description"); !text.empty())
    put_item(*properties, {"description", text});
  return properties;
}

// The guest goes on while its disk is read, whatever NoReboot says.
Task<Result<void>> create_image(Ec2Call& call, Xml reply) {
  auto name = read_name(call.parameters);
  if (!name) co_return std::unexpected(std::move(name.error()));
  if (auto no_reboot = boolean_of(call.parameters, "NoReboot"); !no_reboot)
    co_return std::unexpected(std::move(no_reboot.error()));
  auto properties = read_properties(call.parameters);
  if (!properties) co_return std::unexpected(std::move(properties.error()));
  auto id = required(call.parameters, "InstanceId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto instance = co_await find_instance(call, std::move(*id));
  if (!instance) co_return std::unexpected(std::move(instance.error()));
  auto one_at_a_time = co_await call.names.acquire(call.project());
  auto images = co_await usable_images(call);
  if (!images) co_return std::unexpected(std::move(images.error()));
  for (const Image& image : *images)
    if (image.name == *name && image.owner == call.project())
      co_return refused("InvalidAMIName.Duplicate",
                        fmt::format("AMI name {} is already in use by AMI {}", in_quotes(*name), image_id(image.id)));
  auto made = co_await ask(call, CreateServerImage{to_string(instance->server.uuid), *name, std::move(*properties)});
  if (!made) co_return std::unexpected(refusal_of(made.error(), "InvalidInstanceID.NotFound"));
  if (made->images.empty()) co_return refused("InternalError", "an image was made and not answered", 500);
  add(reply, "imageId", image_id(made->images.front().id));
  co_return Result<void>();
}

Task<Result<Image>> named_image(Ec2Call& call) {
  auto id = required(call.parameters, "ImageId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  co_return co_await find_image(call, std::move(*id));
}

Task<Result<void>> deregister_image(Ec2Call& call, Xml reply) {
  auto image = co_await named_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (image->owner != call.project())
    co_return refused("AuthFailure", fmt::format("Not authorized for image:{}", image_id(image->id)), 403);
  auto gone = co_await openstack::delete_image(call.base, image->id);
  if (!gone && gone.error().status == 403) co_return refused("OperationNotPermitted", gone.error().message);
  if (!gone) co_return std::unexpected(refusal_of(gone.error(), "InvalidAMIID.NotFound"));
  add(reply, "return", true);
  co_return Result<void>();
}

Task<Result<void>> register_image(Ec2Call&, Xml) {
  co_return refused(
      "UnsupportedOperation",
      "There is no object store here whose manifest could be registered: CreateImage makes an image of an "
      "instance, and Glance's API one of a file.");
}

Task<Result<void>> describe_attribute(Ec2Call& call, Xml reply) {
  auto name = required(call.parameters, "Attribute");
  if (!name) co_return std::unexpected(std::move(name.error()));
  constexpr View kEmpty[] = {"kernel", "ramdisk", "productCodes", "blockDeviceMapping", "sriovNetSupport"};
  const bool is_empty = std::ranges::find(kEmpty, View(*name)) != std::end(kEmpty);
  if (!is_empty && *name != "description" && *name != "launchPermission")
    co_return refused(
        "InvalidParameterValue",
        fmt::format("Value ({}) for parameter attribute is invalid. Unknown attribute.", in_quotes(*name)));
  auto image = co_await named_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  add(reply, "imageId", image_id(image->id));
  if (*name == "description") add(add(reply, "description"), "value", description_of(*image));
  if (is_empty) add(reply, name->c_str());
  if (*name != "launchPermission") co_return Result<void>();
  // Who may launch of it is its owner's to know.
  if (image->owner != call.project())
    co_return refused("AuthFailure", fmt::format("Not authorized for image:{}", image_id(image->id)), 403);
  Xml set = add(reply, "launchPermission");
  if (image->visibility == ImageVisibility::kPublic) add(add(set, "item"), "group", "all");
  if (image->visibility == ImageVisibility::kShared)
    for (const MetadataItem& member : image->members) add(add(set, "item"), "userId", member.key);
  co_return Result<void>();
}

constexpr View kOfCreate[] = {"InstanceId", "Name", "Description", "NoReboot", "TagSpecification"};
constexpr View kKnownOfCreate[] = {"BlockDeviceMapping"};
constexpr View kOfDeregister[] = {"ImageId"};
constexpr View kOfRegister[] = {"ImageLocation",      "Name",           "Description",     "Architecture",
                                "BlockDeviceMapping", "EnaSupport",     "KernelId",        "BillingProduct",
                                "RamdiskId",          "RootDeviceName", "SriovNetSupport", "VirtualizationType",
                                "BootMode",           "TpmSupport",     "UefiData",        "ImdsSupport"};
constexpr View kOfDescribe[] = {"ImageId", "Attribute"};

constexpr Action kActions[] = {
    {"CreateImage", UserRole::kMember, &create_image, kOfCreate, kKnownOfCreate},
    {"DeregisterImage", UserRole::kMember, &deregister_image, kOfDeregister},
    {"RegisterImage", UserRole::kMember, &register_image, kOfRegister},
    {"DescribeImageAttribute", UserRole::kReader, &describe_attribute, kOfDescribe},
};

}  // namespace

std::span<const Action> image_change_actions() { return kActions; }

}  // namespace kilonova::api::ec2
