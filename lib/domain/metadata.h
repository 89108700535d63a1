// Keys with values: what users say of things in words of their own.
#pragma once

#include <string>

#include "domain/record.h"

namespace kilonova {

struct MetadataItem {
  std::string key;
  std::string value;
  auto operator<=>(const MetadataItem&) const = default;
};

template <class Io, RowOf<MetadataItem> Row>
void visit(Io& io, Row& row) {
  io(row.key, row.value);
}

}  // namespace kilonova
