#include "scheduler/core/attributes.h"

#include <algorithm>
#include <utility>

#include "domain/messages.h"

namespace kilonova::scheduler {

Attributes attributes_of(const HostStatus& status) {
  Attributes attributes{.zone = status.zone};
  for (const HostStatus::InAggregate& aggregate : status.aggregates) {
    AggregateAttributes& seen = attributes.aggregates.emplace_back(AggregateAttributes{aggregate.id, {}});
    for (const MetadataItem& item : aggregate.metadata) seen.metadata[item.key] = item.value;
  }
  std::ranges::sort(attributes.aggregates, {}, &AggregateAttributes::id);
  return attributes;
}

const AttributesRef& no_attributes() {
  static const AttributesRef none = std::make_shared<const Attributes>();
  return none;
}

AttributesRef AttributeTable::intern(Attributes attributes) {
  if (attributes.content() == no_attributes()->content()) return no_attributes();
  if (auto known = sets_.find(attributes); known != sets_.end()) return known->set;
  if (sets_.size() >= forget_at_) {
    std::erase_if(sets_, [](const Entry& entry) { return entry.set.use_count() == 1; });
    forget_at_ = std::max<size_t>(64, sets_.size() * 2);
  }
  attributes.number = ++last_number_;
  return sets_.insert({std::make_shared<const Attributes>(std::move(attributes))}).first->set;
}

}  // namespace kilonova::scheduler
