#include "controller/core/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "controller/core/hex_words.h"
#include "domain/nouns/api_record.h"
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

// As DevStack has them; in the words of the api-server, whose records they are.
constexpr std::string_view kSubnetPools[] = {
    R"({"name":"shared-default-subnetpool-v4","prefixes":["10.0.0.0/22"],"ip_version":4,"default_prefixlen":26,)"
    R"("min_prefixlen":8,"max_prefixlen":32,"shared":true,"is_default":true})",
    R"({"name":"shared-default-subnetpool-v6","prefixes":["fd6b:696c:6f6e::/56"],"ip_version":6,"default_prefixlen":64,)"
    R"("min_prefixlen":64,"max_prefixlen":128,"shared":true,"is_default":true})"};

// The ids of a cloud's pools follow from that of its first project, so that a reset brings the same ones back.
Uuid pool_id(Uuid project, uint8_t number) {
  project.bytes.back() ^= static_cast<uint8_t>(number + 1);
  return project;
}

constexpr uint64_t kCirrosBytes = 13'287'936;  // cirros-0.3.5-x86_64-disk.img

}  // namespace

std::string to_text(const FirstRows& rows) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {}", to_string(rows.admin_project), to_string(rows.demo_project),
                     to_string(rows.admin), to_string(rows.demo), to_string(rows.cirros), to_string(rows.cirros_disk),
                     to_string(rows.alt_project), to_string(rows.alt_demo), rows.admin_password_hash,
                     rows.demo_password_hash);
}

std::optional<FirstRows> first_rows_of(const ControllerState& state) {
  const auto& settings = state.of<Setting>();
  auto setting = std::ranges::find(settings, kFirstRowsSetting, &Setting::name);
  if (setting == settings.end()) return std::nullopt;
  std::vector<std::string_view> words = words_in(setting->value);
  FirstRows rows;
  Uuid* ids[] = {&rows.admin_project, &rows.demo_project, &rows.admin,       &rows.demo,
                 &rows.cirros,        &rows.cirros_disk,  &rows.alt_project, &rows.alt_demo};
  if (words.size() != std::size(ids) + 2) return std::nullopt;
  for (size_t i = 0; i < std::size(ids); ++i) {
    auto id = parse_uuid(words[i]);
    if (!id) return std::nullopt;
    *ids[i] = *id;
  }
  rows.admin_password_hash = words[std::size(ids)];
  rows.demo_password_hash = words[std::size(ids) + 1];
  return rows;
}

Transaction rows_of(const FirstRows& first, std::string token_signing_key, WallTime now) {
  Transaction rows;
  rows.push_back(
      mutation::Put<Project>{{first.admin_project, "admin", "Bootstrap project for administering the cloud.", true}});
  rows.push_back(mutation::Put<Project>{{first.demo_project, "demo", "For everyday use.", true}});
  rows.push_back(mutation::Put<User>{{first.admin, "admin", first.admin_password_hash, true}});
  rows.push_back(mutation::Put<User>{{first.demo, "demo", first.demo_password_hash, true}});
  rows.push_back(mutation::Put<RoleAssignment>{{first.admin, first.admin_project, UserRole::kAdmin}});
  rows.push_back(mutation::Put<RoleAssignment>{{first.admin, first.demo_project, UserRole::kAdmin}});
  rows.push_back(mutation::Put<RoleAssignment>{{first.demo, first.demo_project, UserRole::kMember}});
  for (const Flavor& flavor : kFlavors) rows.push_back(mutation::Put<Flavor>{flavor});
  Image cirros;
  cirros.id = first.cirros;
  cirros.name = "cirros";
  cirros.owner = first.admin_project;
  cirros.size_bytes = kCirrosBytes;
  cirros.created_at = now;
  rows.push_back(mutation::Put<Image>{cirros});
  // As DevStack has it: suites look for ^cirros.*-disk$, and for a second project.
  cirros.id = first.cirros_disk;
  cirros.name = "cirros-0.6.2-x86_64-disk";
  rows.push_back(mutation::Put<Image>{cirros});
  rows.push_back(mutation::Put<Project>{
      {first.alt_project, "alt_demo", "A second one, for tests of what projects see of each other.", true}});
  rows.push_back(mutation::Put<User>{{first.alt_demo, "alt_demo", first.demo_password_hash, true}});
  rows.push_back(mutation::Put<RoleAssignment>{{first.alt_demo, first.alt_project, UserRole::kMember}});
  rows.push_back(mutation::Put<RoleAssignment>{{first.admin, first.alt_project, UserRole::kAdmin}});
  for (uint8_t i = 0; i < std::size(kSubnetPools); ++i)
    rows.push_back(mutation::Put<ApiRecord>{{.kind = "subnetpool",
                                             .id = to_string(pool_id(first.admin_project, i)),
                                             .owner = to_hex(first.admin_project),
                                             .unique_name = "",
                                             .body = std::string(kSubnetPools[i]),
                                             .revision = 1,
                                             .created_at = now,
                                             .updated_at = now}});
  rows.push_back(mutation::Put<Setting>{{std::string(kTokenKeySetting), std::move(token_signing_key)}});
  rows.push_back(mutation::Put<Setting>{{std::string(kFirstRowsSetting), to_text(first)}});
  return rows;
}

Transaction bootstrap_rows(const ControllerState& state, const BootstrapSecrets& secrets, Random& random,
                           WallTime now) {
  if (!state.of<Project>().empty()) return {};
  FirstRows first;
  for (Uuid* id : {&first.admin_project, &first.demo_project, &first.admin, &first.demo, &first.cirros,
                   &first.cirros_disk, &first.alt_project, &first.alt_demo})
    *id = random_uuid(random);
  first.admin_password_hash = secrets.admin_password_hash;
  first.demo_password_hash = secrets.demo_password_hash;
  return rows_of(first, secrets.token_signing_key, now);
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
