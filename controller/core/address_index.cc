#include "controller/core/address_index.h"

#include <algorithm>
#include <utility>

namespace kilonova::controller {
namespace {

// MACs are 48 bits long, and what is made of an address begins with a bit above them.
uint64_t key_of_mac(const Address& address) { return address.mac.value; }
uint64_t key_of_ip(const Address& address) {
  return digest_of(address.network_id, 0, address.ip, Mac{}) | uint64_t{1} << 63;
}

}  // namespace

void AddressIndex::put(const Address& address, int64_t row) {
  if (address.ip != Ipv4{}) put_key(key_of_ip(address), row);
  put_key(key_of_mac(address), row);
}

void AddressIndex::erase(const Address& address, int64_t row) {
  if (address.ip != Ipv4{}) erase_key(key_of_ip(address), row);
  erase_key(key_of_mac(address), row);
}

void AddressIndex::put_key(uint64_t key, int64_t row) {
  if (first_.insert(key, row)) return;
  int64_t& first = first_[key];
  if (first == row) return;
  others_[key].insert(std::max(first, row));
  first = std::min(first, row);
}

void AddressIndex::erase_key(uint64_t key, int64_t row) {
  auto others = others_.find(key);
  int64_t* first = first_.find(key);
  if (first == nullptr) return;
  if (others == others_.end()) {
    if (*first == row) first_.erase(key);
    return;
  }
  if (*first == row) {
    *first = *others->second.begin();
    others->second.erase(others->second.begin());
  } else {
    others->second.erase(row);
  }
  if (others->second.empty()) others_.erase(others);
}

std::optional<int64_t> AddressIndex::other_of_key(int64_t row, uint64_t key) const {
  const int64_t* first = first_.find(key);
  if (first == nullptr) return std::nullopt;
  if (*first != row) return *first;
  auto others = others_.find(key);
  return others == others_.end() ? std::nullopt : std::optional(*others->second.begin());
}

std::optional<int64_t> AddressIndex::other_than(int64_t row, const Address& address) const {
  auto by_ip = address.ip == Ipv4{} ? std::nullopt : other_of_key(row, key_of_ip(address));
  auto by_mac = other_of_key(row, key_of_mac(address));
  if (!by_ip) return by_mac;
  return by_mac ? std::min(*by_ip, *by_mac) : *by_ip;
}

}  // namespace kilonova::controller
