// What a cloud has on its first start: projects and users admin, demo and alt_demo (whose password is demo's), flavors
// m1.tiny to m1.xlarge, m1.nano, m1.micro and cirros256, image cirros under two names, a default pool of subnets of each
// IP version.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "ports/controller_store.h"

namespace kilonova::controller {

struct BootstrapSecrets {
  std::string admin_password_hash;
  std::string demo_password_hash;
  std::string token_signing_key;  // 32 bytes
};

// What of the first rows is drawn, hashed or chosen, so that they can be made again (reset_rows.h). Stored as a setting.
struct FirstRows {
  Uuid admin_project;
  Uuid demo_project;
  Uuid admin;
  Uuid demo;
  Uuid cirros;
  Uuid cirros_disk;
  Uuid alt_project;
  Uuid alt_demo;
  std::string admin_password_hash;
  std::string demo_password_hash;
  bool operator==(const FirstRows&) const = default;
};

inline constexpr std::string_view kFirstRowsSetting = "first_rows";

std::string to_text(const FirstRows& rows);
// Nothing where the state has none that can be read: an older kilonova made it.
std::optional<FirstRows> first_rows_of(const ControllerState& state);
// What a cloud begins with, FirstRows' setting too.
Transaction rows_of(const FirstRows& first, std::string token_signing_key, WallTime now);

// The rows of an empty cloud; nothing when it has projects already.
Transaction bootstrap_rows(const ControllerState& state, const BootstrapSecrets& secrets, Random& random, WallTime now);

// The key that tokens are signed with. kDataLoss where the rows have none, or none of kTokenKeyBytes: no controller may
// start on them, as anybody could make tokens that such a key signs.
Expected<std::string> token_signing_key(const ControllerState& state);

}  // namespace kilonova::controller
