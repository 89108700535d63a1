#include "grpc_world.h"
#include "transport_contract.h"

namespace kilonova::testing {

INSTANTIATE_TEST_SUITE_P(Grpc, TransportContract,
                         ::testing::Values(WorldKind{"Sockets", [] { return std::make_unique<GrpcWorld>(); }}),
                         world_name);

}  // namespace kilonova::testing
