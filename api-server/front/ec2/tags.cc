// CreateTags, DeleteTags, DescribeTags.
#include "api-server/front/ec2/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/tagged.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

struct ShownTag {
  std::string id;
  TaggedKind kind;
  MetadataItem tag;
};
using T = ShownTag;

constexpr FilterRule<T> kRules[] = {
    {"key", [](const T& t, std::string_view) -> Texts { return {t.tag.key}; }},
    {"value", [](const T& t, std::string_view) -> Texts { return {t.tag.value}; }},
    {"resource-id", [](const T& t, std::string_view) -> Texts { return {t.id}; }},
    {"resource-type", [](const T& t, std::string_view) -> Texts { return {type_of(t.kind)}; }},
    {"tag:", [](const T& t, std::string_view key) -> Texts { return t.tag.key == key ? Texts{t.tag.value} : Texts{}; }},
};
constexpr std::span<const FilterRule<T>> kTagRules(kRules);

// Found before any of them is changed.
Task<Result<std::vector<Tagged>>> all_named(Ec2Call& call) {
  auto ids = required_list(call.parameters, "ResourceId");
  if (!ids) co_return std::unexpected(std::move(ids.error()));
  std::ranges::sort(*ids);
  ids->erase(std::ranges::unique(*ids).begin(), ids->end());
  std::vector<Tagged> all;
  for (const std::string& id : *ids) {
    auto found = co_await find_tagged(call, id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    all.push_back(std::move(*found));
  }
  co_return all;
}

Task<Result<void>> create_tags(Ec2Call& call, Xml reply) {
  auto tags = read_tags(call.parameters, "Tag");
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  if (tags->empty()) co_return refused("MissingParameter", "The request must contain the parameter Tag");
  auto all = co_await all_named(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (const Tagged& one : *all)
    if (auto room = check_room(one, *tags); !room) co_return room;
  for (Tagged& one : *all)
    if (auto changed = co_await change_tags(call, std::move(one), {}, *tags); !changed) co_return changed;
  add(reply, "return", true);
  co_return Result<void>();
}

// A tag with a value goes only where it has that value; without tags all of them go. One that is not there is gone.
Texts keys_to_unset(const Tagged& one, const Parameter& parameters) {
  const std::vector<const Parameter*> named = parameters.items("Tag");
  Texts keys;
  for (const MetadataItem& tag : one.tags) {
    const bool goes =
        named.empty() || std::ranges::any_of(named, [&](const Parameter* item) {
          return item->text("Key") == tag.key && (!item->has("Value") || item->text("Value") == tag.value);
        });
    if (goes) keys.push_back(tag.key);
  }
  return keys;
}

Task<Result<void>> delete_tags(Ec2Call& call, Xml reply) {
  auto all = co_await all_named(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (Tagged& one : *all) {
    Texts keys = keys_to_unset(one, call.parameters);
    if (keys.empty()) continue;
    if (auto changed = co_await change_tags(call, std::move(one), std::move(keys), {}); !changed) co_return changed;
  }
  add(reply, "return", true);
  co_return Result<void>();
}

// Where a page ends: what its last tag is of, and its key.
std::string place_of(const ShownTag& shown) { return shown.id + ":" + shown.tag.key; }

Task<Result<void>> describe_tags(Ec2Call& call, Xml reply) {
  constexpr int64_t kLeast = 5, kMost = 1'000;
  auto filters = read_filters(call.parameters, kTagRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto most = integer_of(call.parameters, "MaxResults", kLeast, kMost);
  if (!most) co_return std::unexpected(std::move(most.error()));
  const Paging paging{static_cast<size_t>(most->value_or(kMost)), call.parameters.text("NextToken")};
  const std::string of = paging.after.substr(0, paging.after.find(':'));
  if (!paging.after.empty() && !is_id_of_tagged(of))
    co_return refused("InvalidParameterValue", fmt::format("The NextToken {} is invalid", in_quotes(paging.after)));
  auto all = co_await all_tagged(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<ShownTag> shown;
  for (Tagged& one : *all)
    for (MetadataItem& tag : one.tags)
      if (ShownTag row{one.id, one.kind, std::move(tag)}; passes(row, *filters, kTagRules))
        shown.push_back(std::move(row));
  add_page(reply, "tagSet", shown, paging, &place_of, [](Xml item, const ShownTag& row) {
    add(item, "resourceId", row.id);
    add(item, "resourceType", type_of(row.kind));
    add(item, "key", row.tag.key);
    add(item, "value", row.tag.value);
  });
  co_return Result<void>();
}

constexpr std::string_view kChanged[] = {"ResourceId", "Tag"};
constexpr std::string_view kDescribed[] = {"Filter", "MaxResults", "NextToken"};

constexpr Action kActions[] = {
    {"CreateTags", UserRole::kMember, &create_tags, kChanged},
    {"DeleteTags", UserRole::kMember, &delete_tags, kChanged},
    {"DescribeTags", UserRole::kReader, &describe_tags, kDescribed},
};

}  // namespace

Result<std::vector<MetadataItem>> read_tags(const Parameter& parameters, std::string_view name) {
  std::vector<MetadataItem> tags;
  for (const Parameter* item : parameters.items(name)) {
    const std::string key = item->text("Key");
    if (key.empty()) return refused("MissingParameter", fmt::format("Each {} must have a Key.", name));
    if (key.starts_with("aws:"))
      return refused("InvalidParameterValue",
                     fmt::format("Tag keys starting with 'aws:' are reserved for internal use: {}", in_quotes(key)));
    put_item(tags, {key, item->text("Value")});
  }
  return tags;
}

Result<std::vector<MetadataItem>> read_tag_specifications(const Parameter& parameters, std::string_view type,
                                                          std::string code, std::string_view words,
                                                          std::string_view also) {
  std::vector<MetadataItem> all;
  for (const Parameter* item : parameters.items("TagSpecification")) {
    const std::string other = item->text("ResourceType");
    if (!also.empty() && other == also) continue;
    if (other != type)
      return refused(std::move(code), fmt::format("TagSpecification of {}: {}", in_quotes(other), words));
    auto tags = read_tags(*item, "Tag");
    if (!tags) return tags;
    for (const MetadataItem& tag : *tags) put_item(all, tag);
  }
  return all;
}

Result<void> check_tags_of_record(const std::vector<MetadataItem>& tags) {
  constexpr size_t kMostTags = 50, kMostKey = 128, kMostValue = 256;
  if (tags.size() > kMostTags)
    return refused("TagLimitExceeded", fmt::format("There can be at most {} tags.", kMostTags));
  for (const MetadataItem& tag : tags)
    if (tag.key.size() > kMostKey || tag.value.size() > kMostValue)
      return refused("InvalidParameterValue",
                     fmt::format("A tag's key has at most {} bytes and its value {}: {} has more.", kMostKey,
                                 kMostValue, in_quotes(tag.key)));
  return {};
}

std::span<const Action> tag_actions() { return kActions; }

}  // namespace kilonova::api::ec2
