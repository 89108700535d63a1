#include "api-server/front/ec2/ids.h"

#include <algorithm>
#include <optional>

#include "api-server/front/openstack/digest.h"
#include "domain/ec2_id.h"

namespace kilonova::api::ec2 {
namespace {

constexpr std::string_view kImage = "ami-";
constexpr size_t kDigits = 17, kOldDigits = 8;

}  // namespace

std::string instance_id(const Instance& server) { return ec2_instance_id(server.id); }

bool is_instance_id(std::string_view text) { return row_of_ec2_instance_id(text).has_value(); }

std::string image_id(const Uuid& image) { return long_id(kImage, image); }

bool is_image_id(std::string_view text) { return is_long_id(kImage, text); }

std::string long_id(std::string_view prefix, const Uuid& id) {
  return std::string(prefix) + to_hex(id).substr(0, kDigits);
}

std::string long_id(std::string_view prefix, std::string_view uuid) {
  std::optional<Uuid> id = parse_uuid(uuid);
  return id ? long_id(prefix, *id) : std::string();
}

bool is_well_formed_id(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return (text.size() == kDigits || text.size() == kOldDigits) &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_long_id(std::string_view prefix, std::string_view text) {
  return text.size() == prefix.size() + kDigits && is_well_formed_id(prefix, text);
}

std::string vpc_id(const Uuid& project) { return long_id("vpc-", project); }

std::string association_id(std::string_view floating_ip, std::string_view port, std::string_view address) {
  std::string all;
  for (std::string_view part : {floating_ip, port, address}) (all += part) += ' ';
  return "eipassoc-" + openstack::sha256_hex(all).substr(0, kDigits);
}

std::string route_association_id(std::string_view router, std::string_view subnet) {
  return "rtbassoc-" + openstack::sha256_hex(std::string(router) + " " + std::string(subnet)).substr(0, kDigits);
}

std::string key_pair_id(const Uuid& user, std::string_view name) {
  return "key-" + openstack::sha256_hex(to_hex(user) + std::string(name)).substr(0, kDigits);
}

}  // namespace kilonova::api::ec2
