// Which server has an address or a MAC, by the rows of those that have a guest. Where several say so, the one that was
// created first has it. Pure; loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "base/hash_map.h"
#include "domain/net.h"

namespace kilonova::controller {

class AddressIndex {
 public:
  // Row ids. An interface without an IPv4 address has 0.0.0.0, which is nobody's.
  void put(const Address& address, int64_t row);
  void erase(const Address& address, int64_t row);
  // The least other row that is known to have this address or MAC. Two addresses may look alike: its row is to be
  // asked.
  std::optional<int64_t> other_than(int64_t row, const Address& address) const;
  bool is_unique() const { return others_.empty(); }

 private:
  void put_key(uint64_t key, int64_t row);
  void erase_key(uint64_t key, int64_t row);
  std::optional<int64_t> other_of_key(int64_t row, uint64_t key) const;

  HashMap<uint64_t, int64_t> first_;
  std::map<uint64_t, std::set<int64_t>> others_;  // as good as always empty
};

}  // namespace kilonova::controller
