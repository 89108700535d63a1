#include "grpc_world.h"
#include "transport_contract.h"

namespace kilonova::testing {

INSTANTIATE_TEST_SUITE_P(Grpc, TransportContract,
                         ::testing::Values(WorldKind{"OneLoop", [] { return std::make_unique<GrpcWorld>(true); }},
                                           WorldKind{"LoopEach", [] { return std::make_unique<GrpcWorld>(false); }}),
                         world_name);

}  // namespace kilonova::testing
