// Settings: what a cloud has exactly one of.
#pragma once

#include <string>

#include "domain/record.h"

namespace kilonova {

struct Setting {
  static constexpr Record kRecord{"settings", "key", "setting"};
  const std::string& key() const { return name; }

  std::string name;   // "token_signing_key"
  std::string value;  // bytes
  bool operator==(const Setting&) const = default;
};

template <class Io, RowOf<Setting> Row>
void visit(Io& io, Row& row) {
  io(row.name, row.value);
}

}  // namespace kilonova
