// Neutron: flavors of its services and their profiles (extension flavors). They are kept and shown; no service here has
// more than one form that a flavor could choose.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kFlavors = "network-flavor";
constexpr std::string_view kProfiles = "network-service-profile";

constexpr Attribute kFlavorAttributes[] = {
    {"name", Form::kText},
    {"description", Form::kText},
    {"service_type", Form::kText, When::kCreate, true},
    {"enabled", Form::kBoolean},
    {"service_profiles", Form::kList, When::kNever},
    {"id", Form::kText, When::kNever},
};
constexpr ResourceForm kFlavorForm{"flavor", "flavors", kFlavorAttributes};

constexpr Attribute kProfileAttributes[] = {
    {"description", Form::kText},  {"driver", Form::kText},           {"enabled", Form::kBoolean},
    {"metainfo", Form::kLongText}, {"id", Form::kText, When::kNever},
};
constexpr ResourceForm kProfileForm{"service_profile", "service_profiles", kProfileAttributes};

Json profiles_of(const StoredObject& flavor) { return value_or(flavor.body, "service_profiles", Json::array()); }

bool has_profile(const StoredObject& flavor, const std::string& profile) {
  const Json profiles = profiles_of(flavor);
  return std::ranges::find(profiles, Json(profile)) != profiles.end();
}

Json flavor_view(const StoredObject& flavor) {
  return {{"id", flavor.id},
          {"name", value_or(flavor.body, "name", "")},
          {"description", value_or(flavor.body, "description", "")},
          {"service_type", value_or(flavor.body, "service_type", "")},
          {"enabled", value_or(flavor.body, "enabled", true)},
          {"service_profiles", profiles_of(flavor)}};
}

Json profile_view(const StoredObject& profile) {
  return {{"id", profile.id},
          {"description", value_or(profile.body, "description", "")},
          {"driver", value_or(profile.body, "driver", "")},
          {"enabled", value_or(profile.body, "enabled", true)},
          {"metainfo", value_or(profile.body, "metainfo", "")}};
}

Task<std::expected<StoredObject, Refusal>> find_flavor(Call& call) {
  const std::string id = call.in_path("flavor");
  auto found = co_await find_object(call, kFlavors, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return refused(404, fmt::format("Flavor {} could not be found.", id), "FlavorNotFound");
  co_return std::move(**found);
}

Task<std::expected<StoredObject, Refusal>> find_profile(Call& call, std::string id) {
  auto found = co_await find_object(call, kProfiles, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found)
    co_return refused(404, fmt::format("Service Profile {} could not be found.", id), "ServiceProfileNotFound");
  co_return std::move(**found);
}

void merge(const Json& read, StoredObject& object) {
  for (const auto& [key, value] : read.items())
    if (key != "project_id") object.body[key] = value;
}

// ---- flavors

Task<Answered> list_flavors(Call& call) {
  auto all = co_await all_objects(call, kFlavors);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<Json> items;
  for (const StoredObject& flavor : *all) items.push_back(flavor_view(flavor));
  co_return neutron_list(call, "flavors", std::move(items), {"id", "name", "description", "service_type", "enabled"});
}

Task<Answered> show_flavor(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  co_return neutron_item(call, "flavor", flavor_view(*flavor));
}

Task<std::expected<Json, Refusal>> make_flavor(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kFlavorForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  StoredObject flavor{.id = new_dashed_id(call)};
  merge(*read, flavor);
  auto stored = co_await put_object(call, kFlavors, std::move(flavor));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return flavor_view(*stored);
}

Task<Checked> unmake_flavor(Call& call, const std::string& id) { return delete_object(call, kFlavors, id); }

Task<Answered> create_flavor(Call& call) { return create_all(call, kFlavorForm, &make_flavor, &unmake_flavor); }

Task<Answered> update_flavor(Call& call) {
  auto wanted = resource_in_body(call, kFlavorForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  auto read = read_attributes(call, kFlavorForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  merge(*read, *flavor);
  auto stored = co_await put_object(call, kFlavors, std::move(*flavor));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"flavor", flavor_view(*stored)}}};
}

Task<Answered> delete_flavor(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  if (auto gone = co_await delete_object(call, kFlavors, flavor->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

// ---- profiles

Task<Answered> list_profiles(Call& call) {
  auto all = co_await all_objects(call, kProfiles);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<Json> items;
  for (const StoredObject& profile : *all) items.push_back(profile_view(profile));
  co_return neutron_list(call, "service_profiles", std::move(items),
                         {"id", "description", "driver", "enabled", "metainfo"});
}

Task<Answered> show_profile(Call& call) {
  auto profile = co_await find_profile(call, call.in_path("profile"));
  if (!profile) co_return std::unexpected(std::move(profile.error()));
  co_return neutron_item(call, "service_profile", profile_view(*profile));
}

Checked check_profile(const Json& body) {
  const std::string driver = text_at(body, "driver");
  if (!driver.empty())
    return refused(404, fmt::format("Service Profile driver {} could not be found.", driver),
                   "ServiceProfileDriverNotFound");
  if (text_at(body, "metainfo").empty())
    return bad_request("ServiceProfileEmpty", "Empty service profile is not allowed.");
  return {};
}

Task<std::expected<Json, Refusal>> make_profile(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kProfileForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  StoredObject profile{.id = new_dashed_id(call)};
  merge(*read, profile);
  if (Checked good = check_profile(profile.body); !good) co_return std::unexpected(std::move(good.error()));
  auto stored = co_await put_object(call, kProfiles, std::move(profile));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return profile_view(*stored);
}

Task<Checked> unmake_profile(Call& call, const std::string& id) { return delete_object(call, kProfiles, id); }

Task<Answered> create_profile(Call& call) { return create_all(call, kProfileForm, &make_profile, &unmake_profile); }

// 409 while a flavor has it.
Task<Checked> check_unused(Call& call, const std::string& profile) {
  auto flavors = co_await all_objects(call, kFlavors);
  if (!flavors) co_return std::unexpected(std::move(flavors.error()));
  if (std::ranges::any_of(*flavors, [&](const StoredObject& flavor) { return has_profile(flavor, profile); }))
    co_return refused(409, fmt::format("Service Profile {} is used by some service instance.", profile),
                      "ServiceProfileInUse");
  co_return Checked();
}

Task<Answered> update_profile(Call& call) {
  auto wanted = resource_in_body(call, kProfileForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto profile = co_await find_profile(call, call.in_path("profile"));
  if (!profile) co_return std::unexpected(std::move(profile.error()));
  if (auto unused = co_await check_unused(call, profile->id); !unused)
    co_return std::unexpected(std::move(unused.error()));
  auto read = read_attributes(call, kProfileForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  merge(*read, *profile);
  if (Checked good = check_profile(profile->body); !good) co_return std::unexpected(std::move(good.error()));
  auto stored = co_await put_object(call, kProfiles, std::move(*profile));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"service_profile", profile_view(*stored)}}};
}

Task<Answered> delete_profile(Call& call) {
  auto profile = co_await find_profile(call, call.in_path("profile"));
  if (!profile) co_return std::unexpected(std::move(profile.error()));
  if (auto unused = co_await check_unused(call, profile->id); !unused)
    co_return std::unexpected(std::move(unused.error()));
  if (auto gone = co_await delete_object(call, kProfiles, profile->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

// ---- profiles of a flavor

Task<Answered> add_profile(Call& call) {
  auto wanted = resource_in_body(call, kProfileForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  auto profile = co_await find_profile(call, text_at(**wanted, "id"));
  if (!profile) co_return std::unexpected(std::move(profile.error()));
  if (has_profile(*flavor, profile->id))
    co_return refused(409,
                      fmt::format("Service Profile {} is already associated with flavor {}.", profile->id, flavor->id),
                      "FlavorServiceProfileBindingExists");
  Json profiles = profiles_of(*flavor);
  profiles.push_back(profile->id);
  flavor->body["service_profiles"] = std::move(profiles);
  if (auto stored = co_await put_object(call, kFlavors, std::move(*flavor)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  co_return Answer{201, {{"service_profile", {{"id", profile->id}}}}};
}

Task<Answered> take_profile(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  const std::string id = call.in_path("profile");
  if (!has_profile(*flavor, id))
    co_return refused(404, fmt::format("Service Profile {} is not associated with flavor {}.", id, flavor->id),
                      "FlavorServiceProfileBindingNotFound");
  Json kept = Json::array();
  for (Json& one : profiles_of(*flavor))
    if (one != id) kept.push_back(std::move(one));
  flavor->body["service_profiles"] = std::move(kept);
  if (auto stored = co_await put_object(call, kFlavors, std::move(*flavor)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader, kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/flavors", kReader, "get_flavor", &list_flavors},
    {kNeutron, "POST", "/v2.0/flavors", kAdmin, "create_flavor", &create_flavor},
    {kNeutron, "GET", "/v2.0/flavors/{flavor}", kReader, "get_flavor", &show_flavor},
    {kNeutron, "PUT", "/v2.0/flavors/{flavor}", kAdmin, "update_flavor", &update_flavor},
    {kNeutron, "DELETE", "/v2.0/flavors/{flavor}", kAdmin, "delete_flavor", &delete_flavor},
    {kNeutron, "POST", "/v2.0/flavors/{flavor}/service_profiles", kAdmin, "create_flavor_service_profile",
     &add_profile},
    {kNeutron, "DELETE", "/v2.0/flavors/{flavor}/service_profiles/{profile}", kAdmin, "delete_flavor_service_profile",
     &take_profile},
    {kNeutron, "GET", "/v2.0/service_profiles", kAdmin, "get_service_profile", &list_profiles},
    {kNeutron, "POST", "/v2.0/service_profiles", kAdmin, "create_service_profile", &create_profile},
    {kNeutron, "GET", "/v2.0/service_profiles/{profile}", kAdmin, "get_service_profile", &show_profile},
    {kNeutron, "PUT", "/v2.0/service_profiles/{profile}", kAdmin, "update_service_profile", &update_profile},
    {kNeutron, "DELETE", "/v2.0/service_profiles/{profile}", kAdmin, "delete_service_profile", &delete_profile},
};

}  // namespace

std::span<const Route> network_flavor_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
