// Attributes: what a host is, apart from its load: its zone, aggregates and traits. They change when an operator says
// so, so that a few sets of them serve all hosts of a cloud. AttributeTable holds each set once: hosts that are alike
// share it, and filters that look at nothing else are asked once for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace kilonova {
struct HostStatus;
}

namespace kilonova::scheduler {

// A host aggregate, as filters and weighers see it.
struct AggregateAttributes {
  int64_t id = 0;
  std::map<std::string, std::string, std::less<>> metadata;

  auto operator<=>(const AggregateAttributes&) const = default;
};

struct Attributes {
  std::string zone;
  std::vector<AggregateAttributes> aggregates;  // by id
  std::vector<std::string> traits;              // ascending, each once
  // Of a set in a table: its number there, which no other set ever had. Not a part of what is compared.
  uint64_t number = 0;

  auto content() const { return std::tie(zone, aggregates, traits); }
};

// Lives as long as somebody holds it.
using AttributesRef = std::shared_ptr<const Attributes>;

// What the controller says of a host: the one place that knows which fields of the message are attributes.
Attributes attributes_of(const HostStatus& status);
// The empty set, which every table has as its number 0.
const AttributesRef& no_attributes();

// Owned by the HostManager, loop thread only. Nothing here can fail. A set that no host and no index holds any more is
// forgotten, at the latest when the table would double.
class AttributeTable {
 public:
  // The one set of this content.
  AttributesRef intern(Attributes attributes);
  size_t size() const { return sets_.size(); }

 private:
  struct Entry {
    AttributesRef set;
  };
  struct ByContent {
    using is_transparent = void;
    static const Attributes& of(const Entry& entry) { return *entry.set; }
    static const Attributes& of(const Attributes& attributes) { return attributes; }
    bool operator()(const auto& a, const auto& b) const { return of(a).content() < of(b).content(); }
  };

  std::set<Entry, ByContent> sets_;
  uint64_t last_number_ = 0;
  size_t forget_at_ = 64;
};

}  // namespace kilonova::scheduler
