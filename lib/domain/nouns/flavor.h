// Flavors: what a server may take of a host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/form_rules.h"
#include "domain/metadata.h"
#include "domain/operation.h"
#include "domain/record.h"
#include "domain/resources.h"

namespace kilonova {

struct FlavorList {
  std::vector<Flavor> flavors;  // by id
  bool more = false;            // ask again with the last id as marker
  bool operator==(const FlavorList&) const = default;
};

// Show is list with the id or name given; likewise for the other nouns.
struct ListFlavors {
  static constexpr Operation kOperation{"ListFlavors", UserRole::kReader, Effect::kReads};
  using Reply = FlavorList;
  std::string flavor;  // id or name, "" = all
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListFlavors&) const = default;
};

struct CreateFlavor {
  static constexpr Operation kOperation{"CreateFlavor", UserRole::kAdmin, Effect::kChanges};
  using Reply = FlavorList;
  Flavor flavor;  // id "" or "auto" = drawn; extra specs in any order, the last one of a key counts

  Expected<> check() const;
  bool operator==(const CreateFlavor&) const = default;
};

// Changes extra specs, description and access; what has been launched with the flavor keeps those of its launch.
struct SetFlavor {
  static constexpr Operation kOperation{"SetFlavor", UserRole::kAdmin, Effect::kChanges};
  using Reply = FlavorList;
  std::string flavor;
  std::vector<MetadataItem> set;   // put or replaced
  std::vector<std::string> unset;  // keys taken away; one that is not there is kNotFound
  bool sets_description = false;
  std::string description;
  std::string add_project;     // that may use it from now on; "" = none. kAlreadyExists where it may already
  std::string remove_project;  // that may not any more; kNotFound where it might not

  Expected<> check() const;
  bool operator==(const SetFlavor&) const = default;
};

struct DeleteFlavor {
  static constexpr Operation kOperation{"DeleteFlavor", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string flavor;

  Expected<> check() const;
  bool operator==(const DeleteFlavor&) const = default;
};

using FlavorOperations = TypeList<ListFlavors, CreateFlavor, SetFlavor, DeleteFlavor>;

}  // namespace kilonova
