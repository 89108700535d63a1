// Users and the roles that they have in projects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/form_rules.h"
#include "domain/nouns/project.h"
#include "domain/operation.h"
#include "domain/record.h"
#include "domain/user_role.h"

namespace kilonova {

struct User {
  static constexpr Record kRecord{"users", "id", "user"};
  const Uuid& key() const { return id; }

  Uuid id;
  std::string name;
  std::string password_hash;  // "scrypt$N$r$p$salt$hash"; never leaves the daemons, never logged
  bool enabled = true;
  bool operator==(const User&) const = default;
};

template <class Io, RowOf<User> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.password_hash, row.enabled);
}

struct RoleAssignment {
  static constexpr Record kRecord{"role_assignments", "user_id, project_id", "role"};
  std::pair<Uuid, Uuid> key() const { return {user_id, project_id}; }

  Uuid user_id;
  Uuid project_id;
  UserRole role = UserRole::kNone;
  bool operator==(const RoleAssignment&) const = default;
};

template <class Io, RowOf<RoleAssignment> Row>
void visit(Io& io, Row& row) {
  io(row.user_id, row.project_id, row.role);
}

struct UserList {
  std::vector<User> users;            // by id, without hashes
  std::vector<RoleAssignment> roles;  // of these users
  bool more = false;
  bool operator==(const UserList&) const = default;
};
struct FoundUser {
  User user;  // with the hash to check against
  Project project;
  UserRole role = UserRole::kNone;
  bool operator==(const FoundUser&) const = default;
};

// What a log-in needs: asked by the api-server itself, before there is a context.
struct FindUser {
  static constexpr Operation kOperation{"FindUser", UserRole::kAdmin, Effect::kReads, DecidedBy::kController, AskedBy::kApiServer};
  using Reply = FoundUser;
  std::string user;
  std::string project;  // "" = the only or first one that the user has a role in

  Expected<> check() const;
  bool operator==(const FindUser&) const = default;
};

struct ListUsers {
  static constexpr Operation kOperation{"ListUsers", UserRole::kAdmin, Effect::kReads};
  using Reply = UserList;
  std::string user;
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListUsers&) const = default;
};

// What a client asks. The api-server makes the hash and asks StoreUser: the password never leaves it.
struct CreateUser {
  static constexpr Operation kOperation{"CreateUser", UserRole::kAdmin, Effect::kChanges, DecidedBy::kApi};
  using Reply = UserList;
  std::string name;
  std::string password;

  Expected<> check() const;
  bool operator==(const CreateUser&) const = default;
};

struct StoreUser {
  static constexpr Operation kOperation{"StoreUser", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController, AskedBy::kApiServer};
  using Reply = UserList;
  std::string name;
  std::string password_hash;

  Expected<> check() const;
  bool operator==(const StoreUser&) const = default;
};

// All of a user but its id, by the api-server for a client: Keystone's update. An empty hash leaves the password.
struct ReplaceUser {
  static constexpr Operation kOperation{"ReplaceUser", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController, AskedBy::kApiServer};
  using Reply = UserList;
  std::string user;  // id
  std::string name;
  std::string password_hash;
  bool enabled = true;

  Expected<> check() const;
  bool operator==(const ReplaceUser&) const = default;
};

struct DeleteUser {
  static constexpr Operation kOperation{"DeleteUser", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string user;

  Expected<> check() const;
  bool operator==(const DeleteUser&) const = default;
};

struct GrantRole {
  static constexpr Operation kOperation{"GrantRole", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string user;
  std::string project;
  UserRole role = UserRole::kNone;  // kNone = revoke

  Expected<> check() const;
  bool operator==(const GrantRole&) const = default;
};

using UserOperations = TypeList<FindUser, ListUsers, CreateUser, StoreUser, ReplaceUser, DeleteUser, GrantRole>;

}  // namespace kilonova
