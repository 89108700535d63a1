#include "api-server/front/ec2/ids.h"

#include <algorithm>

#include "api-server/front/openstack/digest.h"
#include "domain/ec2_id.h"

namespace kilonova::api::ec2 {
namespace {

constexpr std::string_view kImage = "ami-";
constexpr size_t kDigits = 17;

}  // namespace

std::string instance_id(const Instance& server) { return ec2_instance_id(server.id); }

bool is_instance_id(std::string_view text) { return row_of_ec2_instance_id(text).has_value(); }

std::string image_id(const Uuid& image) { return std::string(kImage) + to_hex(image).substr(0, kDigits); }

bool is_image_id(std::string_view text) {
  return text.size() == kImage.size() + kDigits && text.starts_with(kImage) &&
         std::ranges::all_of(text.substr(kImage.size()),
                             [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string key_pair_id(const Uuid& user, std::string_view name) {
  return "key-" + openstack::sha256_hex(to_hex(user) + std::string(name)).substr(0, kDigits);
}

}  // namespace kilonova::api::ec2
