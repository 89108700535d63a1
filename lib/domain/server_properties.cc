#include "domain/server_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "domain/form_rules.h"
#include "domain/ip_address.h"

namespace kilonova {
// EC2's tags are metadata too, so keys and values are texts of its length; Nova's own pattern of keys is its front's to ask.
Expected<> check_metadata(const std::vector<MetadataItem>& items) {
  std::set<std::string_view> keys;
  for (const MetadataItem& item : items) {
    if (item.key.empty()) return refuse("a metadata key is empty; it needs 1 to 255 characters");
    if (auto good =
            check_all(check_text("the metadata key", item.key), check_text("the metadata value", item.value, 256));
        !good)
      return good;
    keys.insert(item.key);
  }
  if (keys.size() <= kMaxMetadataItems) return {};
  return fail(ErrorCode::kQuotaExceeded, fmt::format("Maximum number of metadata items exceeds {}", kMaxMetadataItems));
}

Expected<> check_metadata_quota(const std::vector<MetadataItem>& items, int64_t limit) {
  std::set<std::string_view> keys;
  for (const MetadataItem& item : items) keys.insert(item.key);
  if (limit < 0 || keys.size() <= static_cast<size_t>(limit)) return {};
  return fail(ErrorCode::kQuotaExceeded, fmt::format("Maximum number of metadata items exceeds {}", limit));
}

Expected<> check_tags(const std::vector<std::string>& tags) {
  for (const std::string& tag : tags) {
    if (auto good = check_name("the tag", tag, kMaxTagLength); !good) return good;
    if (tag.find_first_of("/,") != std::string::npos)
      return refuse(fmt::format("the tag {} must have no '/' and no ','", in_quotes(tag)));
  }
  const std::set<std::string_view> each(tags.begin(), tags.end());
  if (each.size() <= kMaxTags) return {};
  return refuse(fmt::format("{} tags are given; a server has at most {}", each.size(), kMaxTags));
}

Expected<> check_user_data(const std::string& user_data) {
  if (user_data.size() > kMaxUserData)
    return refuse(
        fmt::format("the user data has {} bytes in base64; it must have at most {}", user_data.size(), kMaxUserData));
  // As Python's b64decode reads it, which Nova asks: what is not of the alphabet, as line breaks, is passed over.
  auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  const auto padding = user_data.begin() + static_cast<ptrdiff_t>(std::min(user_data.find('='), user_data.size()));
  const auto digits = std::count_if(user_data.begin(), padding, is_digit);
  const auto pads = std::count(padding, user_data.end(), '=');
  const bool good = digits % 4 == 0 || (digits % 4 == 2 && pads >= 2) || (digits % 4 == 3 && pads >= 1);
  return good ? Expected<>() : refuse("the user data is not base64");
}

bool is_ipv6(const std::string& text) {
  std::optional<IpAddress> address = parse_ip(text);
  return address && address->version == 6;
}

Expected<> check_access(const ServerAccess& access) {
  if (!access.access_ip_v4.empty() && !parse_ipv4(access.access_ip_v4))
    return refuse(fmt::format("the access address {} is no IPv4 address", in_quotes(access.access_ip_v4)));
  if (!access.access_ip_v6.empty() && !is_ipv6(access.access_ip_v6))
    return refuse(fmt::format("the access address {} is no IPv6 address", in_quotes(access.access_ip_v6)));
  if (access.trusted_image_certificates.size() > kMaxTrustedCertificates)
    return refuse(fmt::format("{} trusted image certificates are given; a server has at most {}",
                              access.trusted_image_certificates.size(), kMaxTrustedCertificates));
  for (const std::string& id : access.trusted_image_certificates)
    if (auto good = check_name("the trusted image certificate's id", id); !good) return good;
  return {};
}

void set_access(const ServerAccess& access, ServerProperties& properties) {
  if (access.sets_access_ip_v4) properties.access_ip_v4 = access.access_ip_v4;
  if (access.sets_access_ip_v6) properties.access_ip_v6 = access.access_ip_v6;
  if (access.sets_auto_disk_config) properties.auto_disk_config = access.auto_disk_config;
  if (access.sets_trusted_image_certificates) properties.trusted_image_certificates = access.trusted_image_certificates;
}

}  // namespace kilonova
