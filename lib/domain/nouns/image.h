// Images: what a server's disk is made from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/metadata.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

// Who may use an image (Glance's visibility). Private and public are stored since the first version, as 0 and 1.
enum class ImageVisibility : uint8_t { kPrivate = 0, kPublic = 1, kShared = 2, kCommunity = 3 };
constexpr bool is_stored_value(ImageVisibility visibility) { return visibility <= ImageVisibility::kCommunity; }
std::string_view to_string(ImageVisibility visibility);  // "shared"

struct Image {
  static constexpr Record kRecord{"images", "id", "image"};
  const Uuid& key() const { return id; }

  Uuid id;
  std::string name;
  Uuid owner;
  ImageVisibility visibility = ImageVisibility::kPublic;
  uint64_t size_bytes = 0;
  int64_t min_disk_gb = 0;
  int64_t min_ram_mb = 0;
  std::string disk_format = "qcow2";
  std::string status = "active";
  WallTime created_at;
  std::vector<MetadataItem> properties = {};  // by key
  Uuid server = {};                           // that it was made of; nil = of none
  int64_t rotation = 0;                       // of a backup: how many of its type are left when it is there
  bool is_protected = false;                  // it cannot be deleted
  std::vector<MetadataItem> members = {};  // of a shared one: by project (32 hex digits), pending, accepted, rejected
  std::string details;                     // what only the HTTP front acts upon: a JSON object, or ""
  uint64_t revision = 1;                   // and one more with each change
  WallTime updated_at = {};                // 0 = it never was
  bool operator==(const Image&) const = default;
};

template <class Io, RowOf<Image> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.owner, row.visibility, row.size_bytes, row.min_disk_gb, row.min_ram_mb, row.disk_format,
     row.status, row.created_at, row.properties, row.server, row.rotation, row.is_protected, row.members, row.details,
     row.revision, row.updated_at);
}

// Whether a project may make servers of it: its own, public and community ones, and those shared with it, whatever it
// said of that.
bool may_use(const Image& image, const Uuid& project);
// Whether lists have it: not others' community images, nor shared ones that the project did not accept.
bool is_listed(const Image& image, const Uuid& project);

struct ImageList {
  std::vector<Image> images;  // by id
  bool more = false;
  bool operator==(const ImageList&) const = default;
};

struct ListImages {
  static constexpr Operation kOperation{"ListImages", UserRole::kReader, Effect::kReads};
  using Reply = ImageList;
  std::string image;
  uint32_t limit = kMaxPageSize;
  std::string marker;   // id of the last one of the page before
  bool usable = false;  // also those that the project may use and lists have not

  Expected<> check() const;
  bool operator==(const ListImages&) const = default;
};

struct CreateImage {
  static constexpr Operation kOperation{"CreateImage", UserRole::kMember, Effect::kChanges};
  using Reply = ImageList;
  std::string name;
  uint64_t size_bytes = 0;
  int64_t min_disk_gb = 0;
  int64_t min_ram_mb = 0;
  std::string disk_format = "qcow2";
  bool is_public = false;

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const CreateImage&) const = default;
};

struct DeleteImage {
  static constexpr Operation kOperation{"DeleteImage", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string image;

  Expected<> check() const;
  bool operator==(const DeleteImage&) const = default;
};

// The api-server's own: makes an image (revision 0) or replaces the one of this revision. What it was made of, its
// rotation and its times stay.
struct PutImage {
  static constexpr Operation kOperation{"PutImage", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController,
                                        AskedBy::kApiServer};
  using Reply = ImageList;
  Image image;

  Expected<> check() const;
  bool operator==(const PutImage&) const = default;
};

using ImageOperations = TypeList<ListImages, CreateImage, DeleteImage, PutImage>;

}  // namespace kilonova
