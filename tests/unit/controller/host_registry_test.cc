// Which compute process carries a host.
#include "domain/nouns/host.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using HostRegistryTest = ControllerTest;

TEST_F(HostRegistryTest, AHostThatItsProcessNoLongerCarriesIsDown) {
  connect_all();
  transport->connect(*core, kCompute, 2);
  transport->deliver(*core, kCompute, RegisterHosts{{{"h1", "nova", {64, 65'536, 1'000}}}, {}, true});
  settle();
  heartbeat({});
  auto hosts = get<HostList>(*call(ListHosts{})).hosts;
  ASSERT_EQ(hosts.size(), 3u);
  for (const HostView& view : hosts) EXPECT_EQ(view.up, view.host.name == "h1") << view.host.name;
}

// Hosts were divided anew, and who has one now was there before who had it.
TEST_F(HostRegistryTest, AHostThatItsProcessNoLongerCarriesIsAnothers) {
  connect_all();
  const PeerId other{Role::kCompute, 1};
  transport->connect(*core, other, 1);
  auto take_h2 = [&] {
    transport->take<RegisterHostsAnswer>();
    transport->deliver(*core, other, RegisterHosts{{{"h2", "nova", {64, 65'536, 1'000}}}, {}, true});
    settle();
    transport->deliver(*core, other, ComputeHeartbeat{});
    settle();
    return transport->take<RegisterHostsAnswer>().at(0).refused.size();
  };
  EXPECT_EQ(take_h2(), 1u);
  transport->connect(*core, kCompute, 2);
  EXPECT_EQ(take_h2(), 1u) << "it may still say that it has it";
  transport->deliver(*core, kCompute, RegisterHosts{{{"h1", "nova", {64, 65'536, 1'000}}}, {}, true});
  settle();
  EXPECT_EQ(take_h2(), 0u);
  for (const HostView& view : get<HostList>(*call(ListHosts{})).hosts)
    if (view.host.name == "h2") EXPECT_TRUE(view.up && view.host.process == other);
}

}  // namespace
}  // namespace kilonova::controller
