// An api-server of a simulated cloud, and the clients that use it: they are flows on its loop, and die with it as clients
// whose connection breaks do.
#pragma once

#include <memory>

#include "api-server/core/api_core.h"
#include "runtime/scope.h"
#include "sim/node.h"
#include "sim/sim_crypto.h"

namespace kilonova::sim {

class ApiNode final : public Node {
 public:
  ApiNode(World world, uint32_t index, api::ApiOptions options);

  // nullptr while it is dead.
  api::ApiCore* core() const;
  // Of the living node only.
  Loop& loop() const { return life_as<ApiLife>().loop; }
  Scope& clients() const { return life_as<ApiLife>().clients; }

 private:
  struct ApiLife : Life {
    ApiLife(World& world, PeerId id, Incarnation incarnation, const api::ApiOptions& options);

    SimCrypto crypto;
    api::ApiCore core;
    Scope clients;
  };

  std::unique_ptr<Life> be_born(Incarnation incarnation) override;

  api::ApiOptions options_;
};

}  // namespace kilonova::sim
