// Keys with values: what users say of things in words of their own.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "domain/record.h"

namespace kilonova {

struct MetadataItem {
  std::string key;
  std::string value;
  auto operator<=>(const MetadataItem&) const = default;
};

// The lists below are sorted by key, each key once.

// Puts the item in its place, or replaces that of its key.
inline void put_item(std::vector<MetadataItem>& items, const MetadataItem& item) {
  auto at = std::ranges::lower_bound(items, item.key, {}, &MetadataItem::key);
  if (at != items.end() && at->key == item.key) {
    at->value = item.value;
  } else {
    items.insert(at, item);
  }
}

// False when there is no such key.
inline bool erase_item(std::vector<MetadataItem>& items, std::string_view key) {
  return std::erase_if(items, [&](const MetadataItem& item) { return item.key == key; }) > 0;
}

template <class Io, RowOf<MetadataItem> Row>
void visit(Io& io, Row& row) {
  io(row.key, row.value);
}

}  // namespace kilonova
