// A hash map without iteration: its order would differ from run to run and break replay.
// What must be walked is kept in an ordered or insertion-ordered container beside it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>
#include <utility>

namespace kilonova {

template <class Key, class Value, class Hash = std::hash<Key>>
class HashMap {
 public:
  Value* find(const Key& key) {
    auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  const Value* find(const Key& key) const {
    auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  bool contains(const Key& key) const { return map_.contains(key); }
  // Pointers to values are valid until the next insertion or erasure.
  Value& operator[](const Key& key) { return map_[key]; }
  // True when the key was new; an existing value is left as it is.
  bool insert(const Key& key, Value value) { return map_.try_emplace(key, std::move(value)).second; }
  void insert_or_assign(const Key& key, Value value) { map_.insert_or_assign(key, std::move(value)); }
  bool erase(const Key& key) { return map_.erase(key) != 0; }
  size_t size() const { return map_.size(); }
  bool empty() const { return map_.empty(); }
  void clear() { map_.clear(); }
  void reserve(size_t n) { map_.reserve(n); }

 private:
  boost::unordered_flat_map<Key, Value, Hash> map_;
};

}  // namespace kilonova
