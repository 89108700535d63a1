// RunInstances.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/block_devices.h"
#include "api-server/front/ec2/images.h"
#include "api-server/front/ec2/instance_types.h"
#include "api-server/front/ec2/instances.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/launch_networks.h"
#include "api-server/front/ec2/tags.h"
#include "daemon/base64.h"
#include "domain/form_rules.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/key_pair.h"

namespace kilonova::api::ec2 {
namespace {

constexpr std::string_view kDefaultType = "m1.small";  // EC2's, of the time before there were others

Result<void> read_counts(const Parameter& parameters, CreateServers& wanted) {
  // CreateServers says what is too many of a call; here only what is no number of servers.
  auto least = integer_of(parameters, "MinCount", 1, INT32_MAX);
  if (!least) return std::unexpected(std::move(least.error()));
  auto most = integer_of(parameters, "MaxCount", 1, INT32_MAX);
  if (!most) return std::unexpected(std::move(most.error()));
  if (!*least || !*most)
    return refused("MissingParameter",
                   fmt::format("The request must contain the parameter {}", *least ? "MaxCount" : "MinCount"));
  if (**least > **most)
    return refused("InvalidParameterValue",
                   fmt::format("MinCount ({}) is greater than MaxCount ({}).", **least, **most));
  wanted.min_count = static_cast<uint32_t>(**least);
  wanted.max_count = static_cast<uint32_t>(**most);
  return {};
}

Result<void> read_placement(const Parameter& parameters, CreateServers& wanted) {
  const Parameter* placement = parameters.member("Placement");
  if (placement == nullptr) return {};
  for (const auto& [name, parameter] : placement->members)
    if (name != "AvailabilityZone" && !(name == "Tenancy" && parameter.value == "default"))
      return refused("UnsupportedOperation",
                     fmt::format("Placement.{} is not honoured: AvailabilityZone alone is.", in_quotes(name)));
  wanted.availability_zone = placement->text("AvailabilityZone");
  // "zone:host" is an administrator's way to force a host, which EC2 does not know.
  if (wanted.availability_zone.contains(':'))
    return refused("InvalidParameterValue",
                   fmt::format("Invalid availability zone: [{}]", in_quotes(wanted.availability_zone)));
  return {};
}

// Nova's names have 255 characters, and no white space at their ends.
std::string name_of_server(std::string_view tag) {
  constexpr size_t kMost = 255;
  constexpr std::string_view kSpace = " \t\n\r";
  tag.remove_prefix(std::min(tag.find_first_not_of(kSpace), tag.size()));
  tag = tag.substr(0, tag.find_last_not_of(kSpace) + 1);
  size_t end = std::min(tag.size(), kMost);
  while (end < tag.size() && (static_cast<unsigned char>(tag[end]) & 0xc0) == 0x80) --end;  // within a character
  return std::string(tag.substr(0, end));
}

Result<void> read_tags_of_launch(const Parameter& parameters, CreateServers& wanted) {
  auto tags = read_tag_specifications(parameters, "instance", "UnsupportedOperation",
                                      "a launch makes instances and network interfaces here.", "network-interface");
  if (!tags) return std::unexpected(std::move(tags.error()));
  if (auto room = check_tags_of_record(*tags); !room) return room;
  for (const MetadataItem& tag : *tags) put_item(wanted.metadata, tag);
  for (const MetadataItem& tag : wanted.metadata)
    if (tag.key == "Name") wanted.name = name_of_server(tag.value);
  if (wanted.name.empty()) wanted.name = "instance";
  return {};
}

// What would be done if nothing were said is taken: SDKs and tools say it.
Result<void> check_booleans(const Parameter& parameters) {
  for (std::string_view name : {"DisableApiTermination", "DisableApiStop", "EbsOptimized"}) {
    auto value = boolean_of(parameters, name);
    if (!value) return std::unexpected(std::move(value.error()));
    if (*value) return refused("UnsupportedOperation", fmt::format("{} is not honoured: it may be false.", name));
  }
  const std::string shutdown = parameters.text("InstanceInitiatedShutdownBehavior");
  if (!shutdown.empty() && shutdown != "stop")
    return refused("UnsupportedOperation", "InstanceInitiatedShutdownBehavior is not honoured: it may be stop.");
  const Parameter* monitoring = parameters.member("Monitoring");
  if (monitoring != nullptr && monitoring->text("Enabled") != "false")
    return refused("UnsupportedOperation", "Monitoring is not honoured: Monitoring.Enabled may be false.");
  return {};
}

Result<CreateServers> read_launch(const Parameter& parameters) {
  CreateServers wanted;
  wanted.flavor = parameters.text("InstanceType");
  if (wanted.flavor.empty()) wanted.flavor = kDefaultType;
  wanted.key_name = parameters.text("KeyName");
  wanted.client_token = parameters.text("ClientToken");
  wanted.user_data = parameters.text("UserData");
  for (auto* read : {&read_counts, &read_placement, &read_tags_of_launch})
    if (auto done = read(parameters, wanted); !done) return std::unexpected(std::move(done.error()));
  if (auto checked = check_booleans(parameters); !checked) return std::unexpected(std::move(checked.error()));
  if (auto formed = check_user_data(wanted.user_data); !formed)
    return refused("InvalidUserData.Malformed", formed.error().message);
  constexpr size_t kMostUserData = 16'384;  // before its base64
  std::string digits = wanted.user_data;
  std::erase_if(digits, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  const auto raw = from_base64(digits);
  if (!raw) return refused("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
  if (raw->size() > kMostUserData)
    return refused("InvalidParameterValue", fmt::format("User data is limited to {} bytes", kMostUserData));
  return wanted;
}

// Names alone: the operation would take ids too, and has words of its own for what is missing. What the type decides,
// too.
Task<Result<void>> check_references(Ec2Call& call, const CreateServers& wanted) {
  auto type = co_await find_type(call, wanted.flavor, "InvalidParameterValue");
  if (!type) co_return std::unexpected(std::move(type.error()));
  if (auto taken = check_block_devices(call.parameters, *type); !taken) co_return taken;
  if (wanted.key_name.empty()) co_return Result<void>();
  auto keys = co_await ask(call, ListKeyPairs{.name = wanted.key_name});
  if (!keys && (keys.error().code == ErrorCode::kNotFound || keys.error().code == ErrorCode::kInvalidArgument))
    co_return refused("InvalidKeyPair.NotFound",
                      fmt::format("The key pair {} does not exist", in_quotes(wanted.key_name)));
  if (!keys) co_return std::unexpected(refusal_of(keys.error()));
  co_return Result<void>();
}

// The controller's refusals of a launch, where EC2 has a code of its own.
Refusal of_launch(const Error& error) {
  if (error.code == ErrorCode::kConflict && error.message.contains("client token"))
    return {"IdempotentParameterMismatch", error.message};
  if (error.code == ErrorCode::kInvalidArgument && error.message.contains("availability zone"))
    return {"InvalidParameterValue", error.message};
  return refusal_of(error);
}

Task<Result<void>> run_instances(Ec2Call& call, Xml reply) {
  auto wanted = read_launch(call.parameters);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto id = required(call.parameters, "ImageId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto image = co_await find_image(call, *id);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (image->status != "active")
    co_return refused("InvalidAMIID.Unavailable", fmt::format("The image id '[{}]' is no longer available", *id));
  wanted->image = to_string(image->id);
  if (auto there = co_await check_references(call, *wanted); !there) co_return there;
  auto nics = co_await read_networks(call, *wanted);
  if (!nics) co_return std::unexpected(std::move(nics.error()));
  auto made = co_await ask(call, std::move(*wanted));
  if (!made) {
    co_await openstack::drop_ports(call.base, std::move(nics->ports));
    co_return std::unexpected(of_launch(made.error()));
  }
  co_await openstack::give_ports(call.base, std::move(nics->ports), openstack::uuids_of(made->servers));
  auto shown = co_await with_interfaces(call, std::move(made->servers), std::move(made->properties));
  for (ShownInstance& one : shown) {
    one.asked_subnet = call.parameters.text("SubnetId");
    one.asked_address = call.parameters.text("PrivateIpAddress");
  }
  add_reservation(reply, std::move(shown));
  co_return Result<void>();
}

constexpr std::string_view kParameters[] = {
    "ImageId",        "InstanceType",          "MinCount",   "MaxCount",           "KeyName",
    "SecurityGroup",  "SecurityGroupId",       "UserData",   "Placement",          "TagSpecification",
    "ClientToken",    "DisableApiTermination", "SubnetId",   "PrivateIpAddress",   "NetworkInterface",
    "DisableApiStop", "EbsOptimized",          "Monitoring", "BlockDeviceMapping", "InstanceInitiatedShutdownBehavior"};
constexpr std::string_view kKnown[] = {"Ipv6AddressCount",
                                       "Ipv6Address",
                                       "KernelId",
                                       "RamdiskId",
                                       "AdditionalInfo",
                                       "IamInstanceProfile",
                                       "ElasticGpuSpecification",
                                       "ElasticInferenceAccelerator",
                                       "LaunchTemplate",
                                       "InstanceMarketOptions",
                                       "CreditSpecification",
                                       "CpuOptions",
                                       "CapacityReservationSpecification",
                                       "HibernationOptions",
                                       "LicenseSpecification",
                                       "MetadataOptions",
                                       "EnclaveOptions",
                                       "PrivateDnsNameOptions",
                                       "MaintenanceOptions"};

constexpr Action kActions[] = {
    {"RunInstances", UserRole::kMember, &run_instances, kParameters, kKnown},
};

}  // namespace

std::span<const Action> run_instances_actions() { return kActions; }

}  // namespace kilonova::api::ec2
