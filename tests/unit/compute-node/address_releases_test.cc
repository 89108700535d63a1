#include "compute-node/core/address_releases.h"

#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

TEST(AddressReleases, AConfirmationCoversThatServerUpToThatEpoch) {
  VirtualLoop loop;
  FakeTransport transport(kSelf);
  compute::AddressReleases releases(loop, transport);
  releases.release({uuid_of(1), 1}, {});
  releases.release({uuid_of(1), 3}, {});
  releases.release({uuid_of(1), 5}, {});
  releases.release({uuid_of(2), 1}, {});
  EXPECT_EQ(releases.size(), 4U);
  releases.on_released({{uuid_of(1), 3}});
  EXPECT_EQ(releases.size(), 2U);
  releases.on_released({{uuid_of(3), 9}});
  EXPECT_EQ(releases.size(), 2U);
  releases.on_released({{uuid_of(1), 9}});
  releases.on_released({{uuid_of(2), 1}});
  EXPECT_EQ(releases.size(), 0U);
}

TEST(AddressReleases, AsksAgainOnlyForWhatWaitedLongEnough) {
  VirtualLoop loop;
  FakeTransport transport(kSelf);
  compute::AddressReleases releases(loop, transport);
  releases.release({uuid_of(1), 1}, {});  // refused: the network-controller was never heard of
  EXPECT_EQ(transport.count<ReleaseAddresses>(), 0U);
  loop.run_until(loop.now() + seconds(6));
  releases.release({uuid_of(2), 1}, {});
  loop.run_until(loop.now() + seconds(4));
  struct Nobody : PeerHandler {
    void on_peer_up(const Peer&) override {}
    void on_peer_down(const Peer&) override {}
    void on_message(const Peer&, Message) override {}
  } nobody;
  transport.connect(nobody, kNetwork);
  releases.resend(seconds(10));
  ASSERT_EQ(transport.count<ReleaseAddresses>(), 1U);
  EXPECT_EQ(transport.all<ReleaseAddresses>()[0].placement.instance, uuid_of(1));
  releases.resend({});
  EXPECT_EQ(transport.count<ReleaseAddresses>(), 3U);
}

}  // namespace
}  // namespace kilonova::testing
