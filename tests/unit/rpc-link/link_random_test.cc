// Two links over a network that loses, repeats and reorders frames, and connections that break: by seed.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.h"
#include "link_messages.h"
#include "rpc/link/link.h"

namespace kilonova {
namespace {

using testing::numbered;
using testing::progress;

class Side {
 public:
  Side() : link(50) { link.reset(1); }

  void send(Random& random) {
    uint64_t number = next_++;
    bool is_progress = random.chance(0.3);
    auto instance = static_cast<uint8_t>(random.below(3));
    if (!link.sender().push(is_progress ? progress(instance, number) : numbered(number))) {
      --next_;
      return;
    }
    if (is_progress) {
      last_progress[instance] = number;
    } else {
      due.push_back(number);
    }
  }

  // False for a gap.
  bool receive(LinkFrame frame) {
    auto receipt = link.receive(frame.first_number, frame.ack, frame.messages, [this](const Message& message) {
      EXPECT_TRUE(got.empty() || got.back() < message.call) << "out of order or twice";
      got.push_back(message.call);
      return true;
    });
    EXPECT_NE(receipt, Link::Receipt::kBadAck);
    return receipt == Link::Receipt::kApplied;
  }

  Link link;
  std::vector<uint64_t> due;  // must arrive
  std::map<uint8_t, uint64_t> last_progress;
  std::vector<uint64_t> got;

 private:
  uint64_t next_ = 1;
};

class LossyLinks {
 public:
  explicit LossyLinks(uint64_t seed) : random_(seed, "links", "network") {}

  void run() {
    for (int round = 0; round < 3000; ++round) {
      for (Side& side : sides_) {
        if (random_.chance(0.5)) side.send(random_);
      }
      emit(0.1);
      deliver();
      if (random_.chance(0.005)) reconnect();
    }
    // The faults cease: what is missing is found by one more connection.
    for (int round = 0; round < 100; ++round) {
      if (round % 20 == 0) reconnect();
      emit(0);
      deliver();
    }
  }

  void check() const {
    for (int from = 0; from < 2; ++from) {
      const Side& sender = sides_[from];
      std::set<uint64_t> got(sides_[1 - from].got.begin(), sides_[1 - from].got.end());
      EXPECT_EQ(got.size(), sides_[1 - from].got.size());
      for (uint64_t number : sender.due) EXPECT_TRUE(got.contains(number)) << number << " never arrived";
      for (const auto& [instance, number] : sender.last_progress) EXPECT_TRUE(got.contains(number)) << "last progress";
      EXPECT_EQ(const_cast<Side&>(sender).link.sender().size(), 0u) << "something stays unacknowledged";
      EXPECT_GT(sender.due.size(), 500u);
    }
  }

 private:
  void emit(double loss) {
    for (int from = 0; from < 2; ++from) {
      std::optional<LinkFrame> frame = sides_[from].link.next_frame(1 + random_.below(5));
      if (!frame || random_.chance(loss)) continue;
      if (loss > 0 && random_.chance(0.1)) wire_[1 - from].push_back(*frame);
      wire_[1 - from].push_back(std::move(*frame));
    }
  }

  void deliver() {
    for (int to = 0; to < 2; ++to) {
      while (!wire_[to].empty() && random_.chance(0.7)) {
        // Mostly the oldest, sometimes any.
        size_t at = random_.chance(0.9) ? 0 : random_.below(wire_[to].size());
        LinkFrame frame = std::move(wire_[to][at]);
        wire_[to].erase(wire_[to].begin() + static_cast<ptrdiff_t>(at));
        if (!sides_[to].receive(std::move(frame))) reconnect();
      }
    }
  }

  // Frames of the last connection may still arrive afterwards, as they may in a network without connections.
  void reconnect() {
    for (int side = 0; side < 2; ++side) {
      ASSERT_TRUE(sides_[side].link.resume(sides_[1 - side].link.receiver().applied()));
    }
  }

  Random random_;
  Side sides_[2];
  std::vector<LinkFrame> wire_[2];
};

TEST(LinkRandom, EverythingArrivesOnceInOrder) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    LossyLinks links(seed);
    links.run();
    links.check();
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace kilonova
