// No two live servers share an address of a network, or a MAC; nor do two leases.
#pragma once

#include <utility>

#include "base/keyed_map.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class AddressChecker final : public Checker {
 public:
  AddressChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_lease(const Lease* before, const Lease* after) override;
  void on_went_back(const WentBack& past) override;

 private:
  // Who has what: of rows, or of leases.
  struct Holders {
    KeyedMap<std::pair<Uuid, uint32_t>, Uuid, PairHash> addresses;  // (network, ip)
    KeyedMap<uint64_t, Uuid> macs;
  };
  void take(Holders& holders, std::string_view kind, const Uuid& uuid, const Address& address);
  static void give_back(Holders& holders, const Uuid& uuid, const Address& address);

  Violations& violations_;
  const Ledger& ledger_;
  Holders rows_;
  Holders leases_;
};

}  // namespace kilonova::sim
