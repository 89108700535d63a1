#include "rpc/link/link.h"

#include <gtest/gtest.h>

#include "link_messages.h"

namespace kilonova {
namespace {

using testing::numbered;
using testing::progress;
using testing::report;

// The numbers of what is sent in one frame.
std::vector<uint64_t> sent(LinkSender& sender, size_t max_count = 100) {
  std::vector<uint64_t> calls;
  sender.take(max_count, [&](const Message& message) {
    calls.push_back(message.call);
    return LinkSender::Offer::kTaken;
  });
  return calls;
}

using Calls = std::vector<uint64_t>;

TEST(LinkSender, NumbersFromOneInOrder) {
  LinkSender sender(10);
  for (uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(sender.push(numbered(i)));
  auto all = [](const Message&) { return LinkSender::Offer::kTaken; };
  LinkSender::Batch first = sender.take(2, all);
  EXPECT_EQ(first.first_number, 1u);
  EXPECT_EQ(first.count, 2u);
  LinkSender::Batch second = sender.take(2, all);
  EXPECT_EQ(second.first_number, 3u);
  EXPECT_EQ(second.count, 1u);
  LinkSender::Batch none = sender.take(2, all);
  EXPECT_EQ(none.first_number, 0u);
  EXPECT_EQ(none.count, 0u);
}

TEST(LinkSender, RefusesWhatIsOverTheLimitUntilAcknowledged) {
  LinkSender sender(2);
  EXPECT_TRUE(sender.push(numbered(1)));
  EXPECT_TRUE(sender.push(numbered(2)));
  EXPECT_FALSE(sender.push(numbered(3)));
  EXPECT_EQ(sent(sender), (Calls{1, 2}));
  EXPECT_FALSE(sender.push(numbered(3)));  // sent, but perhaps to be sent again
  EXPECT_TRUE(sender.acknowledge(1));
  EXPECT_TRUE(sender.push(numbered(4)));
  EXPECT_EQ(sent(sender), (Calls{4}));
  EXPECT_EQ(sender.size(), 2u);
}

size_t weight_of_call(const Message& message) { return message.call; }

TEST(LinkSender, BeyondItsFirstMessagesItHoldsSoManyBytes) {
  LinkSender sender({.messages = 1000, .bytes = 100, .weigh = weight_of_call});
  for (size_t i = 0; i < QueueLimit::kUnweighed; ++i) ASSERT_TRUE(sender.push(numbered(1'000)));
  EXPECT_FALSE(sender.push(numbered(101)));
  EXPECT_TRUE(sender.push(numbered(60)));
  EXPECT_FALSE(sender.push(numbered(41)));
  EXPECT_TRUE(sender.push(numbered(40)));
  EXPECT_EQ(sender.size(), QueueLimit::kUnweighed + 2);
  sender.take(QueueLimit::kUnweighed + 1, [](const Message&) { return LinkSender::Offer::kTaken; });
  ASSERT_TRUE(sender.acknowledge(QueueLimit::kUnweighed + 1));
  EXPECT_TRUE(sender.push(numbered(1'000))) << "the queue is short again";
  sender.reset();
  for (size_t i = 0; i < QueueLimit::kUnweighed; ++i) ASSERT_TRUE(sender.push(numbered(1'000)));
  EXPECT_TRUE(sender.push(numbered(100)));
}

TEST(LinkSender, WhatWasSentCountsAsItsFrameSaysAndIsNotWeighed) {
  auto not_to_be_weighed = [](const Message&) -> size_t {
    ADD_FAILURE() << "few wait: nothing is to be weighed";
    return 0;
  };
  LinkSender sender({.messages = 1000, .bytes = 100, .weigh = not_to_be_weighed});
  auto send_all = [&sender](size_t bytes_each) {
    sender.take(1000, [bytes_each](const Message&, size_t& bytes) {
      bytes = bytes_each;
      return LinkSender::Offer::kTaken;
    });
  };
  for (size_t i = 0; i < QueueLimit::kUnweighed; ++i) ASSERT_TRUE(sender.push(numbered(i)));
  send_all(1'000);  // of the first ones nothing counts
  ASSERT_TRUE(sender.push(numbered(1)));
  send_all(99);
  ASSERT_TRUE(sender.push(numbered(2)));
  ASSERT_TRUE(sender.push(numbered(3)));
  send_all(60);
  EXPECT_FALSE(sender.push(numbered(4)));
  ASSERT_TRUE(sender.resume(0));
  send_all(60);  // again, which counts once
  ASSERT_TRUE(sender.acknowledge(sender.last_number() - 1));
  EXPECT_TRUE(sender.push(numbered(4)));
  for (size_t i = sender.size(); i < QueueLimit::kUnweighed; ++i) ASSERT_TRUE(sender.push(numbered(i)));
  EXPECT_EQ(sender.size(), QueueLimit::kUnweighed);
}

TEST(LinkSender, AFrameThatIsFullLeavesTheRestInLine) {
  LinkSender sender(10);
  for (uint64_t i = 1; i <= 4; ++i) sender.push(numbered(i));
  int room = 3;
  LinkSender::Batch batch = sender.take(
      10, [&](const Message&) { return room-- > 0 ? LinkSender::Offer::kTaken : LinkSender::Offer::kFrameFull; });
  EXPECT_EQ(batch.count, 3u);
  EXPECT_TRUE(sender.has_unsent());
  EXPECT_EQ(sent(sender), (Calls{4}));
  EXPECT_FALSE(sender.has_unsent());
}

TEST(LinkSender, WhatCanNeverBeSentTakesNoNumber) {
  LinkSender sender(10);
  for (uint64_t i = 1; i <= 3; ++i) sender.push(numbered(i));
  LinkSender::Batch batch = sender.take(10, [&](const Message& message) {
    return message.call == 2 ? LinkSender::Offer::kDropped : LinkSender::Offer::kTaken;
  });
  EXPECT_EQ(batch.count, 2u);
  EXPECT_EQ(sender.last_number(), 2u);
  EXPECT_EQ(sender.size(), 2u);
}

TEST(LinkSender, UnsentProgressIsReplacedAndGoesToTheEnd) {
  LinkSender sender(3);
  sender.push(progress(1, 1));
  sender.push(progress(2, 2));
  sender.push(numbered(3));
  EXPECT_TRUE(sender.push(progress(1, 4)));  // also where the queue is full
  EXPECT_EQ(sender.size(), 3u);
  EXPECT_EQ(sent(sender), (Calls{2, 3, 4}));
}

TEST(LinkSender, TheFirstInLineCanBeReplaced) {
  LinkSender sender(10);
  sender.push(progress(1, 1));
  sender.push(progress(1, 2));
  EXPECT_TRUE(sender.has_unsent());
  EXPECT_EQ(sent(sender), (Calls{2}));
}

TEST(LinkSender, ATerminalResultReplacesProgressAndIsNotReplaced) {
  LinkSender sender(10);
  sender.push(progress(1, 1));
  sender.push(report(1, BuildResult::kActive, 2));
  sender.push(progress(1, 3));
  sender.push(progress(1, 4));
  EXPECT_EQ(sent(sender), (Calls{2, 4}));
}

TEST(LinkSender, SentProgressIsNotTouched) {
  LinkSender sender(10);
  sender.push(progress(1, 1));
  EXPECT_EQ(sent(sender), (Calls{1}));
  sender.push(progress(1, 2));
  sender.push(progress(1, 3));
  EXPECT_EQ(sent(sender), (Calls{3}));
  EXPECT_TRUE(sender.resume(0));
  EXPECT_EQ(sent(sender), (Calls{1, 3}));
}

TEST(LinkSender, ProgressOfOtherPlacementsIsKept) {
  LinkSender sender(10);
  sender.push(progress(1, 1));
  Message later = progress(1, 2);
  get<InstanceReport>(later.body).placement.epoch = 2;
  sender.push(later);
  Message elsewhere = progress(1, 3);
  get<InstanceReport>(elsewhere.body).host = "h2";
  sender.push(elsewhere);
  EXPECT_EQ(sent(sender), (Calls{1, 2, 3}));
}

TEST(LinkSender, ResumeSendsAgainWhatIsMissingWithItsNumbers) {
  LinkSender sender(10);
  for (uint64_t i = 1; i <= 4; ++i) sender.push(numbered(i));
  sent(sender, 3);
  EXPECT_TRUE(sender.resume(1));
  LinkSender::Batch batch = sender.take(10, [](const Message&) { return LinkSender::Offer::kTaken; });
  EXPECT_EQ(batch.first_number, 2u);
  EXPECT_EQ(batch.count, 3u);
  EXPECT_TRUE(sender.acknowledge(4));
  EXPECT_EQ(sender.size(), 0u);
}

TEST(LinkSender, AnAcknowledgementThatComesWhileSendingAgainSkipsAhead) {
  LinkSender sender(10);
  for (uint64_t i = 1; i <= 4; ++i) sender.push(numbered(i));
  sent(sender);
  sender.resume(0);
  EXPECT_TRUE(sender.acknowledge(2));
  EXPECT_EQ(sent(sender), (Calls{3, 4}));
}

TEST(LinkSender, RefusesAcknowledgementsOfWhatWasNotSent) {
  LinkSender sender(10);
  sender.push(numbered(1));
  EXPECT_FALSE(sender.acknowledge(1));
  EXPECT_FALSE(sender.resume(1));
  EXPECT_EQ(sent(sender), (Calls{1}));
  EXPECT_TRUE(sender.acknowledge(1));
  EXPECT_TRUE(sender.acknowledge(0));  // an older one, late
}

TEST(LinkReceiver, AppliesEachNumberOnceInOrder) {
  LinkReceiver receiver;
  EXPECT_EQ(receiver.arrive(2), LinkReceiver::Arrival::kGap);
  EXPECT_EQ(receiver.arrive(1), LinkReceiver::Arrival::kNext);
  EXPECT_EQ(receiver.arrive(1), LinkReceiver::Arrival::kRepeat);
  EXPECT_EQ(receiver.arrive(2), LinkReceiver::Arrival::kNext);
  EXPECT_EQ(receiver.unacknowledged(), 2u);
  EXPECT_EQ(receiver.acknowledge(), 2u);
  EXPECT_EQ(receiver.unacknowledged(), 0u);
}

TEST(Link, ANewIncarnationBeginsAnew) {
  Link link(10);
  link.reset(7);
  link.sender().push(numbered(1));
  EXPECT_EQ(link.next_frame(10)->first_number, 1u);
  link.sender().push(numbered(2));
  link.reset(8);
  EXPECT_EQ(link.peer(), 8u);
  EXPECT_FALSE(link.next_frame(10).has_value());
  link.sender().push(numbered(3));
  std::optional<LinkFrame> frame = link.next_frame(10);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->first_number, 1u);
  EXPECT_EQ(frame->messages.front().call, 3u);
}

TEST(Link, AHandlerCanStopInTheMiddleOfAFrame) {
  Link link(10);
  link.reset(7);
  std::vector<Message> messages{numbered(1), numbered(2), numbered(3)};
  auto receipt = link.receive(1, 0, messages, [](const Message& message) { return message.call != 2; });
  EXPECT_EQ(receipt, Link::Receipt::kStopped);
  EXPECT_EQ(link.receiver().applied(), 2u);
}

TEST(Link, AnAcknowledgementIsAFrameOfItsOwnWhenThereIsNothingElse) {
  Link link(10);
  link.reset(7);
  std::vector<Message> messages{numbered(1)};
  EXPECT_EQ(link.receive(1, 0, messages, [](const Message&) { return true; }), Link::Receipt::kApplied);
  std::optional<LinkFrame> frame = link.next_frame(10);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->ack, 1u);
  EXPECT_TRUE(frame->messages.empty());
  EXPECT_FALSE(link.next_frame(10).has_value());
}

}  // namespace
}  // namespace kilonova
