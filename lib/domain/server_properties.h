// What users say of a server, apart from how it is launched: nova/objects/instance.py display_description, metadata, tags,
// locked_by, user_data, config_drive. A server of which nothing was said has no row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/metadata.h"
#include "domain/record.h"

namespace kilonova {

// The numbers are stored and sent.
enum class LockedBy : uint8_t { kNobody = 0, kOwner = 1, kAdmin = 2 };

struct ServerProperties {
  static constexpr Record kRecord{"server_properties", "instance", "server_properties"};
  const Uuid& key() const { return instance; }

  Uuid instance;
  std::string description;
  std::vector<MetadataItem> metadata;  // by key
  std::vector<std::string> tags;       // ascending, each once
  LockedBy locked_by = LockedBy::kNobody;
  std::string locked_reason;
  std::string user_data;  // base64, as it was given
  bool config_drive = false;
  std::string access_ip_v4;  // where its users reach it, in their own words; "" = none
  std::string access_ip_v6;
  bool auto_disk_config = false;
  std::vector<std::string> trusted_image_certificates = {};  // ids, as they were given
  std::string client_token = {};                             // of the call that made it; "" = none

  bool operator==(const ServerProperties&) const = default;
  // Nothing was said, or nothing is left of it.
  bool empty() const { return *this == ServerProperties{.instance = instance}; }
};

template <class Io, RowOf<ServerProperties> Row>
void visit(Io& io, Row& row) {
  io(row.instance, row.description, row.metadata, row.tags, row.locked_by, row.locked_reason, row.user_data,
     row.config_drive, row.access_ip_v4, row.access_ip_v6, row.auto_disk_config, row.trusted_image_certificates,
     row.client_token);
}

// What is said of it at its creation, at a change or a rebuild: what is not set stays.
struct ServerAccess {
  bool sets_access_ip_v4 = false;
  std::string access_ip_v4;  // "" = none
  bool sets_access_ip_v6 = false;
  std::string access_ip_v6;
  bool sets_auto_disk_config = false;
  bool auto_disk_config = false;
  bool sets_trusted_image_certificates = false;
  std::vector<std::string> trusted_image_certificates = {};

  bool operator==(const ServerAccess&) const = default;
  bool empty() const { return *this == ServerAccess(); }
};
void set_access(const ServerAccess& access, ServerProperties& properties);

// What no quota of metadata items goes beyond; and Nova's limits of tags (nova/objects/instance.py MAX_TAG_COUNT,
// nova/objects/tag.py).
inline constexpr size_t kMaxMetadataItems = 1'000;
inline constexpr size_t kMaxTags = 50;
inline constexpr size_t kMaxTagLength = 60;
inline constexpr size_t kMaxUserData = 65'535;
// nova/api/openstack/compute/schemas/servers.py trusted_certs.
inline constexpr size_t kMaxTrustedCertificates = 50;

// The forms, of what is given. Nova: nova/api/validation/parameter_types.py metadata, tag; user_data must be base64.
Expected<> check_metadata(const std::vector<MetadataItem>& items);
// Nova's quota metadata_items, -1 = unlimited. kQuotaExceeded in Nova's words.
Expected<> check_metadata_quota(const std::vector<MetadataItem>& items, int64_t limit);
Expected<> check_tags(const std::vector<std::string>& tags);
Expected<> check_user_data(const std::string& user_data);
Expected<> check_access(const ServerAccess& access);
// As RFC 4291 writes them.
bool is_ipv6(const std::string& text);

}  // namespace kilonova
