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

struct Image {
  static constexpr Record kRecord{"images", "id", "image"};
  const Uuid& key() const { return id; }

  Uuid id;
  std::string name;
  Uuid owner;
  bool is_public = true;
  uint64_t size_bytes = 0;
  int64_t min_disk_gb = 0;
  int64_t min_ram_mb = 0;
  std::string disk_format = "qcow2";
  std::string status = "active";
  WallTime created_at;
  std::vector<MetadataItem> properties = {};  // by key
  Uuid server = {};                           // that it was made of; nil = of none
  int64_t rotation = 0;                       // of a backup: how many of its type are left when it is there
  bool operator==(const Image&) const = default;
};

template <class Io, RowOf<Image> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.owner, row.is_public, row.size_bytes, row.min_disk_gb, row.min_ram_mb, row.disk_format,
     row.status, row.created_at, row.properties, row.server, row.rotation);
}

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
  std::string marker;  // id of the last one of the page before

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

using ImageOperations = TypeList<ListImages, CreateImage, DeleteImage>;

}  // namespace kilonova
