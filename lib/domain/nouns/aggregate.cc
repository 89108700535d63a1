#include "domain/nouns/aggregate.h"

#include <fmt/format.h>

namespace kilonova {
namespace {

// nova/api/openstack/compute/schemas/aggregates.py; a colon would part a zone from a host in a create.
Expected<> check_zone(std::string_view zone) {
  if (zone.empty()) return {};
  if (zone.find(':') != std::string_view::npos)
    return refuse(fmt::format("the availability zone {} has a ':', which parts a zone from a host", in_quotes(zone)));
  return check_name("the availability zone", zone);
}

Expected<> check_item(const MetadataItem& item) {
  if (item.key == kAvailabilityZoneKey)
    return refuse("the availability zone is set by its own field, not by the metadata key 'availability_zone'");
  return check_all(check_name("the metadata key", item.key), check_text("the metadata value", item.value));
}

}  // namespace

Expected<> ListAggregates::check() const {
  return check_all(check_text("the aggregate", aggregate), check_limit(limit), check_text("the marker", marker));
}

Expected<> CreateAggregate::check() const {
  return check_all(check_name("the aggregate's name", name), check_zone(availability_zone));
}

Expected<> SetAggregate::check() const {
  for (const MetadataItem& item : set)
    if (auto good = check_item(item); !good) return good;
  for (const std::string& key : unset)
    if (auto good = check_name("the metadata key", key); !good) return good;
  return check_all(check_reference("aggregate", aggregate),
                   name.empty() ? Expected<>{} : check_name("the aggregate's name", name),
                   check_zone(availability_zone));
}

Expected<> DeleteAggregate::check() const { return check_reference("aggregate", aggregate); }

Expected<> AddAggregateHost::check() const {
  return check_all(check_reference("aggregate", aggregate), check_reference("host", host));
}

Expected<> RemoveAggregateHost::check() const {
  return check_all(check_reference("aggregate", aggregate), check_reference("host", host));
}

Expected<> CacheAggregateImages::check() const {
  if (images.empty()) return refuse("no image is named: say which are to be cached");
  if (images.size() > kMaxPageSize)
    return refuse(fmt::format("{} images are named; at most {} can be cached at once", images.size(), kMaxPageSize));
  for (const std::string& image : images)
    if (auto good = check_reference("image", image); !good) return good;
  return check_reference("aggregate", aggregate);
}

}  // namespace kilonova
