// Each domain enum and its counterpart on the wire. The numbers are equal, but for ErrorCode, whose zero is a code.
#pragma once

#include <google/protobuf/descriptor.h>

#include "base/error.h"
#include "base/ids.h"
#include "domain/beliefs.h"
#include "domain/launch_steps.h"
#include "domain/messages.h"
#include "domain/move.h"
#include "domain/nouns/server.h"
#include "domain/server_actions.h"
#include "domain/states.h"
#include "domain/user_role.h"
#include "kilonova/v1/beliefs.pb.h"
#include "kilonova/v1/common.pb.h"
#include "kilonova/v1/compute.pb.h"
#include "kilonova/v1/launch.pb.h"

namespace kilonova {
enum class ImageVisibility : uint8_t;
enum class WhichServers : uint8_t;
}

namespace kilonova::rpc {

template <class Enum>
struct EnumWire;

// kOffset: wire number minus domain number. kHasZero: the domain has a value for the wire's zero ("none").
#define KN_ENUM(Domain, Proto, offset, has_zero)                                                     \
  template <>                                                                                        \
  struct EnumWire<Domain> {                                                                          \
    using Wire = v1::Proto;                                                                          \
    static constexpr int kOffset = offset;                                                           \
    static constexpr bool kHasZero = has_zero;                                                       \
    static bool is_known(int n) { return v1::Proto##_IsValid(n) && (n != 0 || has_zero); }           \
    static const google::protobuf::EnumDescriptor* descriptor() { return v1::Proto##_descriptor(); } \
  }

KN_ENUM(ErrorCode, ErrorCode, 1, false);
KN_ENUM(LaunchStep, LaunchStep, 0, true);
KN_ENUM(VmState, VmState, 0, false);
KN_ENUM(TaskState, TaskState, 0, true);
KN_ENUM(PowerState, PowerState, 0, true);
KN_ENUM(UserRole, UserRole, 0, true);
KN_ENUM(Role, Role, 0, false);
KN_ENUM(ServerActionKind, ServerActionKind, 0, false);
KN_ENUM(BuildResult, BuildResult, 0, false);
KN_ENUM(ReportAnswer::Verdict, ReportVerdict, 0, false);
KN_ENUM(BeliefKind, BeliefKind, 0, false);
KN_ENUM(FaultEffect, FaultEffect, 0, true);
KN_ENUM(MoveKind, MoveKind, 0, false);
KN_ENUM(MoveStage, MoveStage, 0, true);
KN_ENUM(GroupPolicy, GroupPolicy, 0, false);
KN_ENUM(LockedBy, LockedBy, 0, true);
KN_ENUM(WhichServers, WhichServers, 0, true);
KN_ENUM(ImageVisibility, ImageVisibility, 0, true);

#undef KN_ENUM

}  // namespace kilonova::rpc
