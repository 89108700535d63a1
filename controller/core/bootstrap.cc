#include "controller/core/bootstrap.h"

#include <fmt/format.h>

#include "domain/nouns/image.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"
#include "domain/resources.h"
#include "domain/setting.h"
#include "domain/token_key.h"
#include "domain/user_role.h"

namespace kilonova::controller {
namespace {

// Nova's flavors up to Mitaka, and those of DevStack that clients' own suites look for.
const Flavor kFlavors[] = {
    {"1", "m1.tiny", 1, 512, 1, 0, 0, true},       {"2", "m1.small", 1, 2048, 20, 0, 0, true},
    {"3", "m1.medium", 2, 4096, 40, 0, 0, true},   {"4", "m1.large", 4, 8192, 80, 0, 0, true},
    {"5", "m1.xlarge", 8, 16384, 160, 0, 0, true}, {"42", "m1.nano", 1, 192, 1, 0, 0, true},
    {"84", "m1.micro", 1, 256, 1, 0, 0, true},     {"c1", "cirros256", 1, 256, 1, 0, 0, true},
};

constexpr uint64_t kCirrosBytes = 13'287'936;  // cirros-0.3.5-x86_64-disk.img

}  // namespace

Transaction bootstrap_rows(const ControllerState& state, const BootstrapSecrets& secrets, Random& random,
                           WallTime now) {
  Transaction rows;
  if (!state.of<Project>().empty()) return rows;
  Project admin_project{random_uuid(random), "admin", "Bootstrap project for administering the cloud.", true};
  Project demo_project{random_uuid(random), "demo", "For everyday use.", true};
  User admin{random_uuid(random), "admin", secrets.admin_password_hash, true};
  User demo{random_uuid(random), "demo", secrets.demo_password_hash, true};
  rows.push_back(mutation::Put<Project>{admin_project});
  rows.push_back(mutation::Put<Project>{demo_project});
  rows.push_back(mutation::Put<User>{admin});
  rows.push_back(mutation::Put<User>{demo});
  rows.push_back(mutation::Put<RoleAssignment>{{admin.id, admin_project.id, UserRole::kAdmin}});
  rows.push_back(mutation::Put<RoleAssignment>{{admin.id, demo_project.id, UserRole::kAdmin}});
  rows.push_back(mutation::Put<RoleAssignment>{{demo.id, demo_project.id, UserRole::kMember}});
  for (const Flavor& flavor : kFlavors) rows.push_back(mutation::Put<Flavor>{flavor});
  Image cirros;
  cirros.id = random_uuid(random);
  cirros.name = "cirros";
  cirros.owner = admin_project.id;
  cirros.size_bytes = kCirrosBytes;
  cirros.created_at = now;
  rows.push_back(mutation::Put<Image>{cirros});
  // As DevStack has it: suites look for ^cirros.*-disk$, and for a second project.
  cirros.id = random_uuid(random);
  cirros.name = "cirros-0.6.2-x86_64-disk";
  rows.push_back(mutation::Put<Image>{cirros});
  Project alt_project{random_uuid(random), "alt_demo", "A second one, for tests of what projects see of each other.",
                      true};
  User alt_demo{random_uuid(random), "alt_demo", secrets.demo_password_hash, true};
  rows.push_back(mutation::Put<Project>{alt_project});
  rows.push_back(mutation::Put<User>{alt_demo});
  rows.push_back(mutation::Put<RoleAssignment>{{alt_demo.id, alt_project.id, UserRole::kMember}});
  rows.push_back(mutation::Put<RoleAssignment>{{admin.id, alt_project.id, UserRole::kAdmin}});
  rows.push_back(mutation::Put<Setting>{{std::string(kTokenKeySetting), secrets.token_signing_key}});
  return rows;
}

Expected<std::string> token_signing_key(const ControllerState& state) {
  size_t found = 0;
  for (const Setting& setting : state.of<Setting>()) {
    if (setting.name != kTokenKeySetting) continue;
    if (are_token_keys(setting.value)) return setting.value;
    found = setting.value.size();
  }
  return fail(
      ErrorCode::kDataLoss,
      fmt::format("the cloud's token signing key (setting '{}') is missing or damaged: it has {} bytes, not {}; bring "
                  "the state directory back from a whole export or copy",
                  kTokenKeySetting, found, kTokenKeyBytes));
}

}  // namespace kilonova::controller
