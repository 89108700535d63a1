#include "network-controller/core/address_pool.h"

#include "base/check.h"

namespace kilonova::network {

AddressPool::AddressPool(Cidr cidr, Ipv4 gateway)
    : first_(cidr.network.value),
      size_(uint32_t{1} << (32 - cidr.prefix)),
      gateway_(offset(gateway)),
      taken_(size_ - 1) {  // without the broadcast address
  KN_CHECK(cidr.prefix >= 8 && cidr.prefix <= 30, "the network was not validated");
  KN_CHECK(gateway_ > 0 && gateway_ < size_ - 1, "the gateway was not validated");
  taken_.take(gateway_);
}

std::optional<Ipv4> AddressPool::allocate() {
  std::optional<uint32_t> free = taken_.next_free(next_);
  if (!free) free = taken_.next_free(1);  // 0 is the network address
  if (!free) return std::nullopt;
  taken_.take(*free);
  next_ = *free + 1;
  return Ipv4{first_ + *free};
}

bool AddressPool::take(Ipv4 address) {
  if (!is_host_address(address) || !taken_.take(offset(address))) return false;
  if (offset(address) >= next_) next_ = offset(address) + 1;
  return true;
}

bool AddressPool::release(Ipv4 address) { return is_host_address(address) && taken_.release(offset(address)); }

bool AddressPool::in_use(Ipv4 address) const { return is_host_address(address) && taken_.taken(offset(address)); }

std::optional<Ipv4> AddressPool::next_in_use(Ipv4 from) const {
  uint32_t start = from.value < first_ ? 0 : offset(from);
  std::optional<uint32_t> index = taken_.next_taken(start);
  if (index && *index == gateway_) index = taken_.next_taken(gateway_ + 1);
  if (!index) return std::nullopt;
  return Ipv4{first_ + *index};
}

bool AddressPool::is_host_address(Ipv4 address) const {
  if (address.value <= first_) return false;
  uint32_t at = offset(address);
  return at < size_ - 1 && at != gateway_;
}

}  // namespace kilonova::network
