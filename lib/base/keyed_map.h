// KeyedMap: for tables of very many rows that are looked up all the time and walked now and then. Finds by hash, where a
// std::map would wait for memory at each of twenty levels; is walked in the order of the keys, so that replay holds.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_map.hpp>
#include <cstddef>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace kilonova {

// For keys of two parts.
struct PairHash {
  template <class First, class Second>
  size_t operator()(const std::pair<First, Second>& key) const noexcept {
    size_t first = std::hash<First>()(key.first);
    return std::hash<Second>()(key.second) ^ (first * 0x9e3779b97f4a7c15ULL + (first >> 29));
  }
};

// The part of std::map's interface that it can keep. Pointers to values stay valid until their erasure. A walk (begin,
// upper_bound) after an insertion or erasure sorts the keys, O(n log n), and ends when one happens; what find gives is no
// place to walk on from.
// One thread, also for reading: a walk from a const map sorts.
template <class Key, class Value, class Hash = std::hash<Key>>
class KeyedMap {
  using Entry = std::pair<const Key, Value>;

  template <bool kConst>
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using reference = std::conditional_t<kConst, const Entry&, Entry&>;
    using pointer = std::conditional_t<kConst, const Entry*, Entry*>;

    Iterator() = default;
    Iterator(Entry* entry, const std::vector<Entry*>* order, size_t place = 0)
        : entry_(entry), order_(order), place_(place) {}
    // NOLINTNEXTLINE(google-explicit-constructor): as std::map's iterators do
    operator Iterator<true>() const { return {entry_, order_, place_}; }

    reference operator*() const { return *entry_; }
    pointer operator->() const { return entry_; }
    Iterator& operator++() {
      entry_ = ++place_ < order_->size() ? (*order_)[place_] : nullptr;
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.entry_ == b.entry_; }

   private:
    friend KeyedMap;
    Entry* entry_ = nullptr;  // nullptr: the end
    const std::vector<Entry*>* order_ = nullptr;
    size_t place_ = 0;
  };

 public:
  using key_type = Key;
  using mapped_type = Value;
  using value_type = Entry;
  using iterator = Iterator<false>;
  using const_iterator = Iterator<true>;

  iterator find(const Key& key) { return {entry(key), nullptr}; }
  const_iterator find(const Key& key) const { return {entry(key), nullptr}; }
  bool contains(const Key& key) const { return map_.contains(key); }
  size_t size() const { return map_.size(); }
  bool empty() const { return map_.empty(); }

  Value& operator[](const Key& key) { return try_emplace(key).first->second; }
  template <class... Arguments>
  std::pair<iterator, bool> try_emplace(const Key& key, Arguments&&... arguments) {
    auto [at, is_new] = map_.try_emplace(key, std::forward<Arguments>(arguments)...);
    if (is_new) sorted_ = false;
    return {{&*at, nullptr}, is_new};
  }
  template <class Given>
  std::pair<iterator, bool> insert_or_assign(const Key& key, Given&& value) {
    auto result = try_emplace(key, std::forward<Given>(value));
    if (!result.second) result.first->second = std::forward<Given>(value);
    return result;
  }
  size_t erase(const Key& key) {
    size_t erased = map_.erase(key);
    if (erased != 0) forget_order();
    return erased;
  }
  void erase(const_iterator at) { erase(Key(at->first)); }
  void clear() {
    map_.clear();
    forget_order();
  }

  // In the order of the keys.
  iterator begin() { return first(); }
  iterator end() { return {}; }
  const_iterator begin() const { return first(); }
  const_iterator end() const { return {}; }
  // The first entry behind the key.
  const_iterator upper_bound(const Key& key) const {
    sort();
    auto behind =
        std::ranges::upper_bound(order_, key, {}, [](const Entry* entry) -> const Key& { return entry->first; });
    if (behind == order_.end()) return {};
    return {*behind, &order_, static_cast<size_t>(behind - order_.begin())};
  }

 private:
  Entry* entry(const Key& key) const {
    auto at = map_.find(key);
    return at == map_.end() ? nullptr : const_cast<Entry*>(&*at);
  }

  iterator first() const {
    sort();
    return {order_.empty() ? nullptr : order_.front(), &order_};
  }

  void sort() const {
    if (sorted_) return;
    order_.clear();
    order_.reserve(map_.size());
    for (const Entry& each : map_) order_.push_back(const_cast<Entry*>(&each));
    std::sort(order_.begin(), order_.end(), [](const Entry* a, const Entry* b) { return a->first < b->first; });
    sorted_ = true;
  }

  void forget_order() {
    sorted_ = false;
    order_.clear();
  }

  boost::unordered_map<Key, Value, Hash> map_;
  mutable std::vector<Entry*> order_;  // all entries by key, while sorted_
  mutable bool sorted_ = false;
};

// As std::erase_if.
template <class Key, class Value, class Hash, class Predicate>
size_t erase_if(KeyedMap<Key, Value, Hash>& map, Predicate predicate) {
  std::vector<Key> keys;
  for (const auto& entry : map)
    if (predicate(entry)) keys.push_back(entry.first);
  for (const Key& key : keys) map.erase(key);
  return keys.size();
}

}  // namespace kilonova
