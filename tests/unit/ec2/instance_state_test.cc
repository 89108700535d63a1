#include "api-server/front/ec2/instance_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "api-server/front/ec2/ids.h"
#include "domain/states.h"

namespace kilonova::api::ec2 {
namespace {

InstanceState state(VmState vm, TaskState task = TaskState::kNone, bool launched = true) {
  Instance server;
  server.vm_state = vm;
  server.task_state = task;
  if (launched) server.launched_at = {1};
  return state_of(server);
}

TEST(InstanceState, EveryStateOfNovaIsOneOfSix) {
  const InstanceState all[] = {kPending, kRunning, kShuttingDown, kTerminated, kStopping, kStopped};
  for (const VmStateInfo& vm : vm_states())
    for (const TaskStateInfo& task : task_states())
      EXPECT_NE(std::ranges::find(all, state(vm.state, task.task)), std::end(all)) << vm.name << " " << task.name;
}

TEST(InstanceState, ALifeAsWaitersSeeIt) {
  EXPECT_EQ(state(VmState::kBuilding, TaskState::kScheduling, false), kPending);
  EXPECT_EQ(state(VmState::kBuilding, TaskState::kSpawning, false), kPending);
  EXPECT_EQ(state(VmState::kActive), kRunning);
  EXPECT_EQ(state(VmState::kActive, TaskState::kRebooting), kRunning);
  EXPECT_EQ(state(VmState::kActive, TaskState::kPoweringOff), kStopping);
  EXPECT_EQ(state(VmState::kStopped), kStopped);
  EXPECT_EQ(state(VmState::kStopped, TaskState::kPoweringOn), kPending);
  EXPECT_EQ(state(VmState::kActive, TaskState::kDeleting), kShuttingDown);
  EXPECT_EQ(state(VmState::kBuilding, TaskState::kDeleting, false), kShuttingDown);
  EXPECT_EQ(state(VmState::kSoftDelete), kShuttingDown);
  EXPECT_EQ(state(VmState::kDeleted), kTerminated);
}

// As the one whose type EC2 changes is until its resize is confirmed.
TEST(InstanceState, AResizedOneWhoseGuestIsOffIsStopped) {
  EXPECT_EQ(state(VmState::kResized), kRunning);
  Instance server;
  server.vm_state = VmState::kResized;
  server.power_state = PowerState::kShutdown;
  EXPECT_EQ(state_of(server), kStopped);
}

TEST(InstanceState, AFailedLaunchIsTerminatedWithItsReason) {
  Instance server;
  server.vm_state = VmState::kError;
  server.task_state = TaskState::kNone;
  server.fault.message = "No valid host was found. There are not enough hosts available.";
  EXPECT_EQ(state_of(server), kTerminated);
  EXPECT_STREQ(reason_of(server).code, "Server.InsufficientInstanceCapacity");
  server.fault.message = "the hypervisor is full of eels";
  EXPECT_STREQ(reason_of(server).code, "Server.InternalError");
  server.launched_at = {1};
  EXPECT_EQ(state_of(server), kStopped);
  EXPECT_EQ(state_of(server).code, 80u);
}

TEST(Ids, OfImages) {
  const Uuid image = *parse_uuid("0123456789abcdef0123456789abcdef");
  EXPECT_EQ(image_id(image), "ami-0123456789abcdef0");
  EXPECT_TRUE(is_image_id(image_id(image)));
  for (const char* text : {"", "ami-", "ami-0123456789abcdef", "ami-0123456789abcdeg0", "aki-0123456789abcdef0"})
    EXPECT_FALSE(is_image_id(text)) << text;
}

}  // namespace
}  // namespace kilonova::api::ec2
