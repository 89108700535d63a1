#include "api-server/front/openstack/identity/domain_configs.h"

#include <fmt/format.h>

#include <utility>

#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"

namespace kilonova::api::openstack {
namespace {

// What Keystone lets a domain set, with its defaults (keystone/conf/identity.py, ldap.py).
const Json& defaults() {
  static const Json all{{"identity", {{"driver", "sql"}, {"list_limit", nullptr}}},
                        {"ldap",
                         {{"url", "ldap://localhost"},
                          {"user", nullptr},
                          {"suffix", "cn=example,cn=com"},
                          {"query_scope", "one"},
                          {"page_size", 0},
                          {"alias_dereferencing", "default"},
                          {"debug_level", nullptr},
                          {"chase_referrals", nullptr},
                          {"user_tree_dn", nullptr},
                          {"user_filter", nullptr},
                          {"user_objectclass", "inetOrgPerson"},
                          {"user_id_attribute", "cn"},
                          {"user_name_attribute", "sn"},
                          {"user_mail_attribute", "mail"},
                          {"user_description_attribute", "description"},
                          {"user_pass_attribute", "userPassword"},
                          {"user_enabled_attribute", "enabled"},
                          {"user_enabled_invert", false},
                          {"user_enabled_mask", 0},
                          {"user_enabled_default", "True"},
                          {"user_attribute_ignore", Json::array({"default_project_id"})},
                          {"user_default_project_id_attribute", nullptr},
                          {"user_enabled_emulation", false},
                          {"user_enabled_emulation_dn", nullptr},
                          {"user_enabled_emulation_use_group_config", false},
                          {"user_additional_attribute_mapping", Json::array()},
                          {"group_tree_dn", nullptr},
                          {"group_filter", nullptr},
                          {"group_objectclass", "groupOfNames"},
                          {"group_id_attribute", "cn"},
                          {"group_name_attribute", "ou"},
                          {"group_members_are_ids", false},
                          {"group_member_attribute", "member"},
                          {"group_desc_attribute", "description"},
                          {"group_attribute_ignore", Json::array()},
                          {"group_additional_attribute_mapping", Json::array()},
                          {"tls_cacertfile", nullptr},
                          {"tls_cacertdir", nullptr},
                          {"use_tls", false},
                          {"tls_req_cert", "demand"},
                          {"use_pool", true},
                          {"pool_size", 10},
                          {"pool_retry_max", 3},
                          {"pool_retry_delay", 0.1},
                          {"pool_connection_timeout", -1},
                          {"pool_connection_lifetime", 600},
                          {"use_auth_pool", true},
                          {"auth_pool_size", 100},
                          {"auth_pool_connection_lifetime", 60}}}};
  return all;
}

constexpr std::string_view kCompliance = "security_compliance";

// May be set, and is never shown.
bool is_secret(std::string_view group, std::string_view option) { return group == "ldap" && option == "password"; }

std::unexpected<Refusal> not_supported(std::string_view why) {
  return refused(403, fmt::format("Invalid domain specific configuration: {}", why));
}

Checked check_group(std::string_view group) {
  if (member(defaults(), group) != nullptr) return {};
  return not_supported(fmt::format("Group {} is not supported for domain specific configurations", group));
}

Checked check_option(std::string_view group, std::string_view option) {
  if (auto known = check_group(group); !known) return known;
  if (is_secret(group, option) || member_at(defaults(), {group, option}) != nullptr) return {};
  return not_supported(
      fmt::format("Option {} in group {} is not supported for domain specific configurations", option, group));
}

// Every group of it with every option; 403 for an empty one.
Checked check_config(const Json& config) {
  if (!config.is_object() || config.empty()) return not_supported("No options specified");
  for (const auto& [group, options] : config.items()) {
    if (auto known = check_group(group); !known) return known;
    if (!options.is_object() || options.empty())
      return not_supported(
          fmt::format("The value of group {} specified in the config should be a dictionary of options", group));
    for (const auto& [option, value] : options.items())
      if (auto known = check_option(group, option); !known) return known;
  }
  return {};
}

// ---- what the path names

Checked check_path(const Call& call) {
  const std::string& group = call.in_path("group");
  const std::string& option = call.in_path("option");
  if (!option.empty()) return check_option(group, option);
  if (!group.empty()) return check_group(group);
  return {};
}

std::unexpected<Refusal> no_config(const Call& call) {
  const std::string& group = call.in_path("group");
  const std::string& option = call.in_path("option");
  std::string what = !option.empty()  ? fmt::format("option {} in group {}", option, group)
                     : !group.empty() ? fmt::format("group {}", group)
                                      : std::string("any options");
  return refused(404,
                 fmt::format("Could not find {} in domain configuration for domain {}.", what, call.in_path("domain")));
}

Json shown(Json config) {
  if (auto ldap = config.find("ldap"); ldap != config.end()) ldap->erase("password");
  return config;
}

// {"config": ...} of what the path names of it; 404 where it has none of that.
Answered part_answer(const Call& call, const Json& config) {
  const std::string& group = call.in_path("group");
  const std::string& option = call.in_path("option");
  if (group.empty()) return Answer{200, {{"config", config}}};
  const Json* part = option.empty() ? member(config, group) : member_at(config, {group, option});
  if (part == nullptr) return no_config(call);
  return Answer{200, {{"config", object_of(option.empty() ? group : option, *part)}}};
}

// The domain's; 404 without the domain. Its revision is 0 where it has none.
Task<std::expected<StoredObject, Refusal>> find_config(Call& call) {
  std::string id = call.in_path("domain");
  auto domain = co_await is_domain(call, id);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (!*domain) co_return could_not_find("domain", id);
  auto found = co_await find_object(call, kDomainConfigs, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (*found) co_return std::move(**found);
  co_return StoredObject{.id = std::move(id)};
}

// ---- routes

Task<Answered> put(Call& call) {
  const Json* wanted = member(call.body, "config");
  if (wanted == nullptr) co_return refused(400, "'config' is a required property");
  auto config = co_await find_config(call);
  if (!config) co_return std::unexpected(std::move(config.error()));
  if (auto known = check_config(*wanted); !known) co_return std::unexpected(std::move(known.error()));
  config->body = *wanted;
  unsigned status = config->revision == 0 ? 201 : 200;
  auto stored = co_await put_object(call, kDomainConfigs, std::move(*config));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{status, {{"config", shown(std::move(stored->body))}}};
}

Task<Answered> show(Call& call) {
  if (call.in_path("group") == kCompliance) {
    if (call.in_path("domain") != kDomainId || !call.in_path("option").empty()) co_return not_authorized(call);
    co_return Answer{
        200, {{"config", {{kCompliance, {{"password_regex", nullptr}, {"password_regex_description", nullptr}}}}}}};
  }
  if (!call.is_admin()) co_return not_authorized(call);
  if (auto known = check_path(call); !known) co_return std::unexpected(std::move(known.error()));
  auto config = co_await find_config(call);
  if (!config) co_return std::unexpected(std::move(config.error()));
  if (config->revision == 0) co_return no_config(call);
  co_return part_answer(call, shown(std::move(config->body)));
}

// What the body changes of it: all of it, of one group, or of one option.
std::expected<Json, Refusal> changes_of(const Call& call) {
  const Json* wanted = member(call.body, "config");
  if (wanted == nullptr) return refused(400, "'config' is a required property");
  const std::string& group = call.in_path("group");
  const std::string& option = call.in_path("option");
  Json changes = *wanted;
  if (!option.empty()) {
    if (!wanted->is_object() || wanted->size() != 1 || member(*wanted, option) == nullptr)
      return not_supported(
          fmt::format("Trying to update option {} in group {}, so that, and only that, option must be "
                      "specified in the config",
                      option, group));
    changes = object_of(group, *wanted);
  } else if (!group.empty() && (!wanted->is_object() || wanted->size() != 1 || member(*wanted, group) == nullptr)) {
    return not_supported(
        fmt::format("Trying to update group {}, so that, and only that, group must be specified in the config", group));
  }
  if (auto known = check_config(changes); !known) return std::unexpected(std::move(known.error()));
  return changes;
}

Task<Answered> update(Call& call) {
  if (auto known = check_path(call); !known) co_return std::unexpected(std::move(known.error()));
  auto config = co_await find_config(call);
  if (!config) co_return std::unexpected(std::move(config.error()));
  auto changes = changes_of(call);
  if (!changes) co_return std::unexpected(std::move(changes.error()));
  // What is named has to be there already.
  if (config->revision == 0) co_return no_config(call);
  if (auto there = part_answer(call, config->body); !there) co_return there;
  for (const auto& [group, options] : changes->items())
    for (const auto& [option, value] : options.items()) config->body[group][option] = value;
  auto stored = co_await put_object(call, kDomainConfigs, std::move(*config));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"config", shown(std::move(stored->body))}}};
}

Task<Answered> remove(Call& call) {
  if (auto known = check_path(call); !known) co_return std::unexpected(std::move(known.error()));
  auto config = co_await find_config(call);
  if (!config) co_return std::unexpected(std::move(config.error()));
  if (config->revision == 0) co_return no_config(call);
  if (auto there = part_answer(call, config->body); !there) co_return there;
  std::string group = call.in_path("group"), option = call.in_path("option");
  if (!option.empty()) config->body[group].erase(option);
  if (option.empty() && !group.empty()) config->body.erase(group);
  // A group without options is none, and a configuration without groups neither.
  if (!group.empty() && config->body.contains(group) && config->body[group].empty()) config->body.erase(group);
  if (!group.empty() && !config->body.empty()) {
    auto stored = co_await put_object(call, kDomainConfigs, std::move(*config));
    if (!stored) co_return std::unexpected(std::move(stored.error()));
    co_return Answer{204, nullptr};
  }
  auto gone = co_await delete_object(call, kDomainConfigs, config->id);
  if (!gone && gone.error().status == 404) co_return no_config(call);
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> show_default(Call& call) {
  if (auto known = check_path(call); !known) co_return std::unexpected(std::move(known.error()));
  co_return part_answer(call, defaults());
}

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kAdmin = UserRole::kAdmin;
constexpr std::string_view kWhole = "/v3/domains/{domain}/config";
constexpr std::string_view kGroup = "/v3/domains/{domain}/config/{group}";
constexpr std::string_view kOption = "/v3/domains/{domain}/config/{group}/{option}";

constexpr Route kRoutes[] = {
    {kKeystone, "PUT", kWhole, kAdmin, "identity:create_domain_config", &put},
    any_token("GET", kWhole, "identity:get_domain_config", &show),
    any_token("GET", kGroup, "identity:get_domain_config", &show),
    any_token("GET", kOption, "identity:get_domain_config", &show),
    {kKeystone, "PATCH", kWhole, kAdmin, "identity:update_domain_config", &update},
    {kKeystone, "PATCH", kGroup, kAdmin, "identity:update_domain_config", &update},
    {kKeystone, "PATCH", kOption, kAdmin, "identity:update_domain_config", &update},
    {kKeystone, "DELETE", kWhole, kAdmin, "identity:delete_domain_config", &remove},
    {kKeystone, "DELETE", kGroup, kAdmin, "identity:delete_domain_config", &remove},
    {kKeystone, "DELETE", kOption, kAdmin, "identity:delete_domain_config", &remove},
    {kKeystone, "GET", "/v3/domains/config/default", kAdmin, "identity:get_domain_config_default", &show_default},
    {kKeystone, "GET", "/v3/domains/config/{group}/default", kAdmin, "identity:get_domain_config_default",
     &show_default},
    {kKeystone, "GET", "/v3/domains/config/{group}/{option}/default", kAdmin, "identity:get_domain_config_default",
     &show_default},
};

}  // namespace

std::span<const Route> domain_config_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
