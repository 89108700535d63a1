// Projects: who owns what.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/form_rules.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

struct Project {
  static constexpr Record kRecord{"projects", "id", "project"};
  const Uuid& key() const { return id; }

  Uuid id;
  std::string name;
  std::string description;
  bool enabled = true;
  bool operator==(const Project&) const = default;
};

template <class Io, RowOf<Project> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.description, row.enabled);
}

struct ProjectList {
  std::vector<Project> projects;  // by id
  bool more = false;
  bool operator==(const ProjectList&) const = default;
};

struct ListProjects {
  static constexpr Operation kOperation{"ListProjects", UserRole::kAdmin, Effect::kReads};
  using Reply = ProjectList;
  std::string project;
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListProjects&) const = default;
};

struct CreateProject {
  static constexpr Operation kOperation{"CreateProject", UserRole::kAdmin, Effect::kChanges};
  using Reply = ProjectList;
  std::string name;
  std::string description;

  Expected<> check() const;
  bool operator==(const CreateProject&) const = default;
};

// All of a project but its id, by the api-server for a client: Keystone's update.
struct ReplaceProject {
  static constexpr Operation kOperation{"ReplaceProject", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController, AskedBy::kApiServer};
  using Reply = ProjectList;
  std::string project;  // id
  std::string name;
  std::string description;
  bool enabled = true;

  Expected<> check() const;
  bool operator==(const ReplaceProject&) const = default;
};

struct DeleteProject {
  static constexpr Operation kOperation{"DeleteProject", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string project;

  Expected<> check() const;
  bool operator==(const DeleteProject&) const = default;
};

using ProjectOperations = TypeList<ListProjects, CreateProject, ReplaceProject, DeleteProject>;

}  // namespace kilonova
