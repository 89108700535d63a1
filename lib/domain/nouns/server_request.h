// What is asked of a server that was built, where it takes more words than which server: the others are ServerAction.
// A server is named by id, or by name within the caller's project; administrators act on those of every project.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/metadata.h"
#include "domain/nouns/image.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova {

// Nova's os-resetState: nothing is under way any more, and the server is in this state, whatever is true. One that is
// being built is given up: it has no host then.
struct ResetServerState {
  static constexpr Operation kOperation{"ResetServerState", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  VmState state = VmState::kError;  // kActive or kError

  Expected<> check() const;
  bool operator==(const ResetServerState&) const = default;
};

// Of the guest's administrator. Simulated guests have none, so that the password itself is not asked for.
struct ChangeServerPassword {
  static constexpr Operation kOperation{"ChangeServerPassword", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;

  Expected<> check() const;
  bool operator==(const ChangeServerPassword&) const = default;
};

struct RescueServer {
  static constexpr Operation kOperation{"RescueServer", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  std::string image;  // id or name of what it boots meanwhile; "" = its own

  Expected<> check() const;
  bool operator==(const RescueServer&) const = default;
};

// New disks, of this image, on the host where it is; address and id stay. What is not set stays too.
struct RebuildServer {
  static constexpr Operation kOperation{"RebuildServer", UserRole::kMember, Effect::kChanges};
  using Reply = ServerList;
  std::string server;
  std::string image;  // id or name; "" = the one that it has
  std::string name;   // "" = stays
  bool sets_description = false;
  std::string description;
  bool replaces_metadata = false;
  std::vector<MetadataItem> metadata;
  bool sets_key_name = false;
  std::string key_name;  // "" = none
  bool sets_user_data = false;
  std::string user_data;  // base64
  ServerAccess access;
  std::string hostname;  // "" = stays

  Expected<> check() const;
  bool operator==(const RebuildServer&) const = default;
};

// Answered with the image as it is committed, not yet active.
struct CreateServerImage {
  static constexpr Operation kOperation{"CreateServerImage", UserRole::kMember, Effect::kChanges};
  using Reply = ImageList;
  std::string server;
  std::string name;
  std::vector<MetadataItem> metadata;  // becomes properties of the image

  Expected<> check() const;
  bool operator==(const CreateServerImage&) const = default;
};

// As CreateServerImage; when the image is there, older backups of this type are deleted until `rotation` are left.
struct CreateServerBackup {
  static constexpr Operation kOperation{"CreateServerBackup", UserRole::kMember, Effect::kChanges};
  using Reply = ImageList;
  std::string server;
  std::string name;
  std::string backup_type;  // "daily": any word
  int64_t rotation = 1;
  std::vector<MetadataItem> metadata;

  Expected<> check() const;
  bool operator==(const CreateServerBackup&) const = default;
};

// Lets a server go on by one step, of its launch or of an action, where its host does nothing unless it is told to
// (--timing manual).
struct ServerStep {
  std::string step;  // "guest_started", or "stop: power_off"
  bool operator==(const ServerStep&) const = default;
};

struct StepServer {
  static constexpr Operation kOperation{"StepServer", UserRole::kMember, Effect::kChanges};
  using Reply = ServerStep;
  std::string server;

  Expected<> check() const;
  bool operator==(const StepServer&) const = default;
};

using ServerRequestOperations = TypeList<ResetServerState, ChangeServerPassword, RescueServer, RebuildServer,
                                         CreateServerImage, CreateServerBackup, StepServer>;

}  // namespace kilonova
