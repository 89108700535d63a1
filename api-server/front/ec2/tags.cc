// CreateTags, DeleteTags, DescribeTags.
#include "api-server/front/ec2/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instances.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

// One tag of one instance.
struct ShownTag {
  std::string instance;
  MetadataItem tag;
};
using T = ShownTag;

constexpr FilterRule<T> kRules[] = {
    {"key", [](const T& t, std::string_view) -> Texts { return {t.tag.key}; }},
    {"value", [](const T& t, std::string_view) -> Texts { return {t.tag.value}; }},
    {"resource-id", [](const T& t, std::string_view) -> Texts { return {t.instance}; }},
    {"resource-type", [](const T&, std::string_view) -> Texts { return {"instance"}; }},
    {"tag:", [](const T& t, std::string_view key) -> Texts { return t.tag.key == key ? Texts{t.tag.value} : Texts{}; }},
};
constexpr std::span<const FilterRule<T>> kTagRules(kRules);

// Found before any of them is changed.
Task<Result<std::vector<ShownInstance>>> tagged_instances(Ec2Call& call) {
  auto ids = required_list(call.parameters, "ResourceId");
  if (!ids) co_return std::unexpected(std::move(ids.error()));
  for (const std::string& id : *ids)
    if (!is_instance_id(id))
      co_return refused("InvalidID",
                        fmt::format("The ID {} is not valid: instances alone have tags here.", in_quotes(id)));
  co_return co_await find_instances(call, std::move(*ids));
}

Task<Result<void>> create_tags(Ec2Call& call, Xml reply) {
  auto tags = read_tags(call.parameters, "Tag");
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  if (tags->empty()) co_return refused("MissingParameter", "The request must contain the parameter Tag");
  auto instances = co_await tagged_instances(call);
  if (!instances) co_return std::unexpected(std::move(instances.error()));
  for (const ShownInstance& one : *instances) {
    auto set = co_await ask(call, SetServer{.server = to_string(one.server.uuid), .set_metadata = *tags});
    if (!set && set.error().code == ErrorCode::kQuotaExceeded)
      co_return refused("TagLimitExceeded", set.error().message);
    if (!set) co_return std::unexpected(refusal_of(set.error(), "InvalidInstanceID.NotFound"));
  }
  add(reply, "return", true);
  co_return Result<void>();
}

// A tag with a value goes only where it has that value; without tags all of them go. One that is not there is gone.
std::vector<std::string> keys_to_unset(const ShownInstance& one, const Parameter& parameters) {
  const std::vector<const Parameter*> named = parameters.items("Tag");
  std::vector<std::string> keys;
  for (const MetadataItem& tag : one.properties.metadata) {
    const bool goes =
        named.empty() || std::ranges::any_of(named, [&](const Parameter* item) {
          return item->text("Key") == tag.key && (!item->has("Value") || item->text("Value") == tag.value);
        });
    if (goes) keys.push_back(tag.key);
  }
  return keys;
}

Task<Result<void>> delete_tags(Ec2Call& call, Xml reply) {
  auto instances = co_await tagged_instances(call);
  if (!instances) co_return std::unexpected(std::move(instances.error()));
  for (const ShownInstance& one : *instances) {
    std::vector<std::string> keys = keys_to_unset(one, call.parameters);
    if (keys.empty()) continue;
    auto set = co_await ask(call, SetServer{.server = to_string(one.server.uuid), .unset_metadata = std::move(keys)});
    if (!set) co_return std::unexpected(refusal_of(set.error(), "InvalidInstanceID.NotFound"));
  }
  add(reply, "return", true);
  co_return Result<void>();
}

Task<Result<void>> describe_tags(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kTagRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  Xml set = add(reply, "tagSet");
  co_return co_await visit_instances(call, ListServers{}, [&](ShownInstance one) {
    for (MetadataItem& tag : one.properties.metadata) {
      const ShownTag shown{instance_id(one.server), std::move(tag)};
      if (!passes(shown, *filters, kTagRules)) continue;
      Xml item = add(set, "item");
      add(item, "resourceId", shown.instance);
      add(item, "resourceType", "instance");
      add(item, "key", shown.tag.key);
      add(item, "value", shown.tag.value);
    }
    return true;
  });
}

constexpr std::string_view kChanged[] = {"ResourceId", "Tag"};
constexpr std::string_view kDescribed[] = {"Filter"};
constexpr std::string_view kPaging[] = {"MaxResults", "NextToken"};

constexpr Action kActions[] = {
    {"CreateTags", UserRole::kMember, &create_tags, kChanged},
    {"DeleteTags", UserRole::kMember, &delete_tags, kChanged},
    {"DescribeTags", UserRole::kReader, &describe_tags, kDescribed, kPaging},
};

}  // namespace

Result<std::vector<MetadataItem>> read_tags(const Parameter& parameters, std::string_view name) {
  std::vector<MetadataItem> tags;
  for (const Parameter* item : parameters.items(name)) {
    const std::string key = item->text("Key");
    if (key.empty()) return refused("MissingParameter", fmt::format("Each {} must have a Key.", name));
    put_item(tags, {key, item->text("Value")});
  }
  return tags;
}

std::span<const Action> tag_actions() { return kActions; }

}  // namespace kilonova::api::ec2
